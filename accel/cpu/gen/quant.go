package main

import "github.com/mmcloughlin/avo/reg"

// Offsets in a block of activations (type block of package kernel).
const (
	blockSize  = 48
	blockScale = 32
	blockTotal = 36
	blockNeg   = 40
	blockHalf  = 44
)

// scales says where a format keeps its scales.
type scales int

const (
	pairs  scales = iota // [2][16]f16 d, and m if it has minima
	superK               // Q4_K, Q5_K
	super6               // Q6_K
)

// format is a packed layout as the package comment of kernel describes it.
type format struct {
	name   string
	scales scales
	min    bool
	zero   int // log2 of the zero point, 0 if there is none
	high   int // bits per weight beyond the nibble
	bytes  bool
}

var formats = []format{
	{name: "q40", zero: 3},
	{name: "q41", min: true},
	{name: "q50", zero: 4, high: 1},
	{name: "q51", min: true, high: 1},
	{name: "q80", zero: 7, bytes: true},
	{name: "q4k", scales: superK, min: true},
	{name: "q5k", scales: superK, min: true, high: 1},
	{name: "q6k", scales: super6, zero: 5, high: 2},
}

// body is the length of a block's quants.
func (f format) body() int {
	if f.bytes {
		return 512
	}
	return 256 + 64*f.high
}

// head is the length of a unit's scales.
func (f format) head() int {
	switch {
	case f.scales != pairs:
		return 64 + 256
	case f.min:
		return 128
	}
	return 64
}

// perUnit is the number of blocks in a unit.
func (f format) perUnit() int {
	if f.scales == pairs {
		return 2
	}
	return 8
}

func (f format) unit() int { return f.head() + f.perUnit()*f.body() }

// args are the operands of a quantised product, 16 rows times n tokens.
type args struct {
	w, x, y        reg.GPVirtual
	blocks, stride reg.GPVirtual // stride: bytes from a token's block to its next
	ldy            reg.GPVirtual // in bytes
}

// No product prefetches weights: it was measured to slow down reading, on
// small pages and on huge ones, as the weights are one stream that the
// processor follows by itself.
const quantSignature = "func(w *byte, x *byte, y *float32, blocks, stride, ldy, n int)"

func (a *asm) quantArgs() args {
	return args{
		w: a.param("w"), x: a.param("x"), y: a.param("y"),
		blocks: a.param("blocks"), stride: a.param("stride"), ldy: a.param("ldy"),
	}
}
