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
)

// FormOf returns the form that products with packed weights of type t read.
func FormOf(t accel.Type) Form {
	if floatSize(t) > 0 {
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
	stride             int // of f, in floats
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
func (a *Acts) Memory() int64 { return int64(len(a.q))*int64(blockSize) + 4*int64(len(a.f)) }

// Reset starts a batch of tokens rows with cols columns in the given forms.
// Memory for float rows is taken when they are first asked for.
func (a *Acts) Reset(tokens, cols int, form Form) {
	if tokens > a.maxTokens || cols > a.maxCols {
		panic("kernel: Acts.Reset beyond what NewActs was told")
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
}

// at returns the place of a quantised row's first block; its next ones follow
// every a.lanes. Token t has a.terms rows from a.terms*t on.
func (a *Acts) at(row int) int {
	tile, lane := row/a.lanes, row%a.lanes
	return tile*a.lanes*a.blocks + lane
}

// row returns a token's float32 activations.
func (a *Acts) row(token int) []float32 { return a.f[token*a.stride:][:a.cols] }

// Set stores a row of activations as a token of the batch. Calls for different
// tokens may run at the same time.
func (a *Acts) Set(token int, row []float32) {
	row = row[:a.cols]
	if a.form&Float != 0 {
		copy(a.row(token), row)
	}
	if a.form&Quantised == 0 {
		return
	}
	first := a.at(a.terms * token)
	a.quantise(first, row)
	if a.terms > 1 {
		a.quantiseRest(first, row)
	}
}

// quantise writes a row of activations as blocks from first on.
func (a *Acts) quantise(first int, row []float32) {
	whole := len(row) / Block
	if whole > 0 {
		quantise(a.q[first:], row[:whole*Block], a.lanes)
	}
	for b := whole; b < a.blocks; b++ { // columns that do not fill a block
		var tail [Block]float32
		if b == whole {
			copy(tail[:], row[whole*Block:])
		}
		quantiseGeneric(a.q[first+b*a.lanes:], tail[:], 1)
	}
}

// quantiseRest writes what the blocks from first on lack of a row to the blocks
// next to them.
func (a *Acts) quantiseRest(first int, row []float32) {
	for b := range a.blocks {
		done, rest := &a.q[first+b*a.lanes], [Block]float32{}
		for i, v := range row[min(b*Block, len(row)):min((b+1)*Block, len(row))] {
			rest[i] = v - float32(done.scale*float32(done.q[i])) // two roundings on every processor
		}
		quantise(a.q[first+b*a.lanes+1:], rest[:], 1)
	}
}
