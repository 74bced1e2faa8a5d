package kernel

import (
	"unsafe"

	"lumi/accel"
)

// Form says what a matrix product needs of the activations.
type Form uint8

// The forms; a set of activations may carry both.
const (
	Quantised Form = 1 << iota // int8 per 32 columns
	Float                      // float32
	Rounded                    // bfloat16
)

// Form returns the form that products with w read.
func (w *Packed) Form() Form { return formOf(w.Type, w.Rows*w.Cols) }

// formOf is the form for a number of weights of type t.
func formOf(t accel.Type, weights int) Form {
	switch {
	case t == accel.BF16 && level == AVX512 && weights >= dotsFrom:
		return Rounded
	case floatSize(t) > 0:
		return Float
	}
	return Quantised
}

// lanes is how many tokens of a batch lie side by side in Acts.
const lanes = 8

// block is one token's activations in 32 columns.
type block struct {
	q     [Block]int8
	scale float32  // da
	total float32  // da * Σq
	neg   int32    // -Σq
	half  [2]int16 // -Σq of columns 0..15 and 16..31
}

const blockSize = int(unsafe.Sizeof(block{})) // 48

// Acts are the activations of a batch in the forms that MatMul reads.
// Quantised ones are stored per tile of 8 tokens, block after block, so that
// one pointer and constant offsets reach all tokens of a tile; a single token
// is stored densely. Precise ones have two rows side by side for every token:
// its numbers and, quantised again, what quantising has left of them.
type Acts struct {
	tokens, cols int
	terms        int // quantised rows per token
	blocks       int // per token, padded to whole units of any layout
	lanes        int
	form         Form

	maxTokens, maxCols int
	q                  []block
	f                  []float32
	r                  []uint16 // bfloat16
	stride             int      // of f and r, in numbers
}

// padBlocks is the number of blocks that kernels may read for cols columns:
// up to the end of a unit, which is at most 256 columns wide and at least 64.
func padBlocks(cols int) int { return (cols + 2*Block - 1) / (2 * Block) * 2 }

// floatStride pads rows by a cache line so that the rows of a batch do not all
// fall into the same cache sets.
func floatStride(cols int) int { return (cols+15)/16*16 + 16 }

// NewActs returns activations with room for maxTokens rows of maxCols columns.
func NewActs(maxTokens, maxCols int) *Acts { return makeActs(maxTokens, maxCols, 1) }

// NewPreciseActs returns activations that keep about 16 bits where others keep
// 8; a product with them takes the time of one with twice as many tokens.
func NewPreciseActs(maxTokens, maxCols int) *Acts { return makeActs(maxTokens, maxCols, 2) }

func makeActs(maxTokens, maxCols, terms int) *Acts {
	a := &Acts{maxTokens: maxTokens, maxCols: maxCols, terms: terms}
	rows := terms
	if maxTokens > 1 {
		rows = (terms*maxTokens + lanes - 1) / lanes * lanes
	}
	a.q = make([]block, rows*padBlocks(maxCols))
	return a
}

// Memory is the number of bytes that the activations occupy.
func (a *Acts) Memory() int64 {
	return int64(len(a.q))*int64(blockSize) + 4*int64(len(a.f)) + 2*int64(len(a.r))
}

// Reset starts a batch of tokens rows with cols columns in the given forms.
// Memory for rows that are not quantised is taken when they are first asked for.
func (a *Acts) Reset(tokens, cols int, form Form) {
	if tokens > a.maxTokens || cols > a.maxCols {
		panic("kernel: Acts.Reset beyond what NewActs was told")
	}
	if a.terms > 1 && form&Rounded != 0 {
		form = form&^Rounded | Float
	}
	a.tokens, a.cols, a.form = tokens, cols, form
	a.blocks = padBlocks(cols)
	a.lanes = lanes
	if tokens == 1 {
		a.lanes = a.terms
	}
	a.stride = floatStride(cols)
	if form&Float != 0 && a.f == nil {
		a.f = make([]float32, a.maxTokens*floatStride(a.maxCols))
	}
	if form&Rounded != 0 && a.r == nil {
		a.r = make([]uint16, a.maxTokens*floatStride(a.maxCols))
	}
}

// of is the form in which a product with w reads the activations: precise ones
// are never rounded to bfloat16.
func (a *Acts) of(w *Packed) Form {
	if form := w.Form(); form != Rounded || a.terms == 1 {
		return form
	}
	return Float
}

// at returns the place of a quantised row's first block; its next ones follow
// every a.lanes. Token t has a.terms rows from a.terms*t on.
func (a *Acts) at(row int) int {
	tile, lane := row/a.lanes, row%a.lanes
	return tile*a.lanes*a.blocks + lane
}

// row returns a token's float32 activations. A zero follows them, for a column
// that pairs up the last one.
func (a *Acts) row(token int) []float32 { return a.f[token*a.stride:][:a.cols] }

// rounded returns a token's bfloat16 activations, which a zero follows, too.
func (a *Acts) rounded(token int) []uint16 { return a.r[token*a.stride:][:a.cols] }

// rows returns where the activations of a token in a form begin, which is not
// the quantised one, and how many bytes further on the next token's do.
func (a *Acts) rows(form Form, token int) (first *float32, stride int) {
	if form == Rounded {
		return (*float32)(unsafe.Pointer(&a.r[token*a.stride])), 2 * a.stride
	}
	return &a.f[token*a.stride], 4 * a.stride
}

// Set stores a row of activations as a token of the batch. Calls for different
// tokens may run at the same time.
func (a *Acts) Set(token int, row []float32) { a.SetPart(token, row, 0, a.cols) }

// SetPart stores columns from up to end of a row of activations: from is a
// multiple of Block, and so is end if it is not the last one. Calls for different
// columns may run at the same time, too.
func (a *Acts) SetPart(token int, row []float32, from, end int) {
	row = row[:a.cols]
	if a.form&Float != 0 {
		copy(a.row(token)[from:end], row[from:end])
		if end == a.cols {
			a.f[token*a.stride+end] = 0
		}
	}
	if a.form&Rounded != 0 {
		toBF16(a.rounded(token)[from:end], row[from:end])
		if end == a.cols {
			a.r[token*a.stride+end] = 0
		}
	}
	if a.form&Quantised == 0 {
		return
	}
	first, b0, b1 := a.at(a.terms*token), from/Block, end/Block
	if end == a.cols {
		b1 = a.blocks
	}
	a.quantise(first, row, b0, b1)
	if a.terms > 1 {
		a.quantiseRest(first, row, b0, b1)
	}
}

// quantise writes blocks b0 up to b1 of a row, whose first block is at first.
func (a *Acts) quantise(first int, row []float32, b0, b1 int) {
	whole := min(b1, len(row)/Block)
	if b0 < whole {
		quantise(a.q[first+b0*a.lanes:], row[b0*Block:whole*Block], a.lanes)
	}
	for b := max(b0, whole); b < b1; b++ { // columns that do not fill a block
		var tail [Block]float32
		if b == whole {
			copy(tail[:], row[whole*Block:])
		}
		quantiseGeneric(a.q[first+b*a.lanes:], tail[:], 1)
	}
}

// quantiseRest writes what blocks b0 up to b1 lack of a row to the blocks next to
// them.
func (a *Acts) quantiseRest(first int, row []float32, b0, b1 int) {
	for b := b0; b < b1; b++ {
		done, rest := &a.q[first+b*a.lanes], [Block]float32{}
		for i, v := range row[min(b*Block, len(row)):min((b+1)*Block, len(row))] {
			rest[i] = v - float32(done.scale*float32(done.q[i])) // two roundings on every processor
		}
		quantise(a.q[first+b*a.lanes+1:], rest[:], 1)
	}
}
