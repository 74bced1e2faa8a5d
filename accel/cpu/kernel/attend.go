package kernel

import (
	"math"

	"lumi/accel"
)

// Chunk is the number of positions whose keys and values are stored and read
// together. Attention over a long context is computed chunk by chunk, by any
// workers, and merged in the order of positions.
const Chunk = 256

// queries is how many queries a pass over a chunk serves.
const queries = 8

// Cache describes how the keys and values of one head are stored: in chunks of
// 256 positions, keys transposed so that 16 positions are summed side by side,
// values row by row.
//
//	keys    F32       [16][Dim][16]f32
//	        F16       [16]{[16]f32 scale, [Dim/2][16][2]i16}
//	        Q8_0      [16][Dim/32]{[16]f32 scale, [32][16]i8}
//	values  F32, F16  [256][Dim]
//	        Q8_0      [256]{[Dim]i8, [Dim/32]f32 scale}
//
// Dim is rounded up to a multiple of 16 (32 for Q8_0), the rest being zero.
//
// Keys of 16 bits are words, as are the queries that they are multiplied with
// (see words): their products are exact, two of them take one instruction, and a
// score is off by less than with keys in binary16.
type Cache struct {
	Type accel.Type // F32, F16 or Q8_0
	Dim  int        // of a head
}

// CacheType reports whether keys and values can be stored as type t.
func CacheType(t accel.Type) bool {
	return t == accel.F32 || t == accel.F16 || t == accel.Q8_0
}

// width is Dim rounded up.
func (c Cache) width() int {
	if c.Type == accel.Q8_0 {
		return (c.Dim + 31) / 32 * 32
	}
	return (c.Dim + 15) / 16 * 16
}

// valueStride is the length of a value row in bytes.
func (c Cache) valueStride() int {
	switch c.Type {
	case accel.F32:
		return 4 * c.width()
	case accel.F16:
		return 2 * c.width()
	}
	return c.width() + c.width()/32*4
}

// keyGroup is the length of the keys of 16 positions in bytes.
func (c Cache) keyGroup() int {
	if c.Type == accel.F16 {
		return 16*4 + 16*c.valueStride()
	}
	return 16 * c.valueStride()
}

// KeyBytes is the length of a chunk of keys.
func (c Cache) KeyBytes() int { return Chunk / 16 * c.keyGroup() }

// ValueBytes is the length of a chunk of values.
func (c Cache) ValueBytes() int { return Chunk * c.valueStride() }

// Attention is a worker's memory for Cache.Attend.
type Attention struct {
	// SoftCap bounds the scores as function SoftCap does; 0 leaves them.
	SoftCap float32
	// Also is memory that will be read next. If it is as long as the keys of the
	// chunk, it is fetched while they are multiplied, which leaves memory idle.
	Also []byte

	q       []float32 // [queries][width]: scaled queries
	words   []int16   // [queries][width]: queries for keys of 16 bits
	factors []float32 // [queries]: of the products with words
	scores  []float32 // [queries][Chunk]
}

// NewAttention returns memory for heads of up to dim columns.
func NewAttention(dim int) *Attention {
	w := Cache{accel.Q8_0, dim}.width()
	return &Attention{
		q:       make([]float32, queries*w),
		words:   make([]int16, queries*w),
		factors: make([]float32, queries),
		scores:  make([]float32, queries*Chunk),
	}
}

// Partial is the attention of some queries over part of the positions, not yet
// divided by the sum of weights.
type Partial struct {
	out      []float32 // [n][width]
	max, sum []float32
	width    int
	dim      int
}

// NewPartial returns a Partial for n queries of heads with dim columns.
func NewPartial(n, dim int) *Partial {
	w := Cache{accel.Q8_0, dim}.width()
	p := &Partial{out: make([]float32, n*w), max: make([]float32, n), sum: make([]float32, n), width: w, dim: dim}
	p.Reset()
	return p
}

// Reset makes p the attention over no position.
func (p *Partial) Reset() {
	for i := range p.max {
		p.max[i] = float32(math.Inf(-1))
	}
	clear(p.sum)
	clear(p.out)
}

// Merge adds the attention of the first n queries over the positions of o.
func (p *Partial) Merge(o *Partial, n int) {
	for i := range n {
		if o.sum[i] == 0 {
			continue
		}
		dst, src := p.out[i*p.width:][:p.width], o.out[i*o.width:][:p.width]
		if p.sum[i] == 0 {
			copy(dst, src)
			p.max[i], p.sum[i] = o.max[i], o.sum[i]
			continue
		}
		a, b := float32(1), float32(1) // the weight of whichever has the larger maximum
		if p.max[i] < o.max[i] {
			a = expf(p.max[i] - o.max[i])
			p.max[i] = o.max[i]
		} else {
			b = expf(o.max[i] - p.max[i])
		}
		weighted(dst, src, a, b)
		p.sum[i] = a*p.sum[i] + b*o.sum[i]
	}
}

// Result writes the attention of query i, its Dim columns, to dst.
func (p *Partial) Result(dst []float32, i int) {
	copy(dst, p.out[i*p.width:][:p.dim])
	if p.sum[i] > 0 {
		Scale(dst[:p.dim], 1/p.sum[i])
	}
}

// Attend computes, for each of n queries with Dim columns that lie one after
// the other in q, softmax(scale * q·k) weighted values over the positions
// lo[i] up to hi[i] of a chunk. All positions from the smallest lo to the
// largest hi must have been stored. The results of a query do not depend on
// the others of the call.
func (c Cache) Attend(p *Partial, a *Attention, q []float32, scale float32, keys, values []byte, lo, hi []int32) {
	keys, values = keys[:c.KeyBytes()], values[:c.ValueBytes()]
	for i := 0; i < len(lo); i += queries {
		n := min(queries, len(lo)-i)
		c.attendTile(p, i, a, q[i*c.Dim:][:n*c.Dim], scale, keys, values, lo[i:i+n], hi[i:i+n])
	}
}

func (c Cache) attendTile(p *Partial, first int, a *Attention, q []float32, scale float32, keys, values []byte, lo, hi []int32) {
	w, n := c.width(), len(lo)
	for i := range n {
		c.setQuery(a, i, q[i*c.Dim:][:c.Dim], scale)
	}
	from, to := int32(Chunk), int32(0)
	for i := range n {
		if lo[i] < hi[i] {
			from, to = min(from, lo[i]), max(to, hi[i])
		}
	}
	if from >= to {
		for i := range n {
			p.sum[first+i] = 0
		}
		return
	}
	g0, g1 := int(from)/16, (int(to)+15)/16
	c.scores(a, keys, w, n, g0, g1)
	for i := range n {
		s := a.scores[i*Chunk:][:16*g1]
		if a.SoftCap != 0 && lo[i] < hi[i] {
			SoftCap(s[lo[i]:hi[i]], a.SoftCap)
		}
		p.max[first+i], p.sum[first+i] = weights(s, g0, int(lo[i]), int(hi[i]))
	}
	c.values(p.out[first*p.width:], p.width, a, values, w, n, int(from), int(to))
}

// setQuery makes q, times scale, query i of a tile.
func (c Cache) setQuery(a *Attention, i int, q []float32, scale float32) {
	w := c.width()
	if c.Type == accel.F16 {
		row := a.words[i*w:][:w]
		clear(row[len(q):])
		a.factors[i] = scale * words(row[:len(q)], q)
		return
	}
	row := a.q[i*w:][:w]
	clear(row[copy(row, q):])
	Scale(row, scale)
}

// words rounds x to integers, x / scale; both have the same number of elements.
func words(dst []int16, x []float32) (scale float32) {
	scale, inverse := wordScale(x)
	roundWords(dst, x, inverse)
	return scale
}

// wordScale returns the scale that gives x the length 2^15 - 1 as a vector, and its
// inverse. Then no element takes more than 16 bits and, by the inequality of Cauchy
// and Schwarz, no sum of products of such a row and another one more than 31. The
// scale is NaN if the length of x is not finite.
func wordScale(x []float32) (scale, inverse float32) {
	const most = 1<<15 - 1
	length := float32(math.Sqrt(float64(sumSquares(x))))
	if length == 0 || length > math.MaxFloat32 {
		return 0 * length, 0
	}
	return length / most, most / length
}

// weights turns the scores of positions lo up to hi into exp(score - max) and
// those of all others from 16*g0 on into 0.
func weights(s []float32, g0, lo, hi int) (top, sum float32) {
	if lo >= hi {
		clear(s[16*g0:])
		return float32(math.Inf(-1)), 0
	}
	minus := float32(math.Inf(-1))
	for j := 16 * g0; j < lo; j++ {
		s[j] = minus
	}
	for j := hi; j < len(s); j++ {
		s[j] = minus
	}
	return softWeights(s[16*g0:])
}
