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

// tinyBlock is the magnitude below which a block of activations counts as zero
// (package kernel's constant of that name).
const tinyBlock = 0x1p-110

// scales says where a format keeps its scales.
type scales int

const (
	pairs  scales = iota // [2][16]f16 d, and m if it has minima
	superK               // Q4_K, Q5_K: u8 scales and minima per 32 columns
	superS               // IQ4_XS: i8 scales per 32 columns
	super6               // Q3_K, Q6_K: i8 scales per 16 columns
	super2               // Q2_K: scales and minima of 4 bits per 16 columns
)

// perHalf reports whether each 16 columns have a scale of their own.
func (s scales) perHalf() bool { return s == super6 || s == super2 }

// format is a packed layout as the package comment of kernel describes it.
type format struct {
	name   string
	scales scales
	bits   int // per weight in the main plane: 2, 4 or 8
	high   int // bits per weight in the other plane
	zero   int // log2 of the zero point, 0 if there is none
	min    bool
	table  bool // the weights are indices into the levels of IQ4
}

var formats = []format{
	{name: "q40", bits: 4, zero: 3},
	{name: "q41", bits: 4, min: true},
	{name: "q50", bits: 4, high: 1, zero: 4},
	{name: "q51", bits: 4, high: 1, min: true},
	{name: "q80", bits: 8, zero: 7},
	{name: "q2k", bits: 2, scales: super2},
	{name: "q3k", bits: 2, high: 1, scales: super6, zero: 2},
	{name: "q4k", bits: 4, scales: superK, min: true},
	{name: "q5k", bits: 4, high: 1, scales: superK, min: true},
	{name: "q6k", bits: 4, high: 2, scales: super6, zero: 5},
	{name: "iq4nl", bits: 4, zero: 7, table: true},
	{name: "iq4xs", bits: 4, scales: superS, zero: 7, table: true},
}

// levels are what the nibbles of IQ4_NL and IQ4_XS stand for.
var levels = [16]int8{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}

// levelWords returns the levels plus an offset as little-endian words.
func levelWords(offset int) []uint32 {
	w := make([]uint32, 4)
	for i, l := range levels {
		w[i/4] |= uint32(uint8(int(l)+offset)) << (i % 4 * 8)
	}
	return w
}

// main is the length of a block's main plane.
func (f format) main() int { return 64 * f.bits }

// body is the length of a block's quants.
func (f format) body() int { return f.main() + 64*f.high }

// blockScales is the length of a block's scales in a super-block.
func (f format) blockScales() int {
	if f.scales == superS {
		return 16
	}
	return 32
}

// superScales is the length of a super-block's own scales.
func (f format) superScales() int {
	if f.scales == super2 {
		return 128
	}
	return 64
}

// head is the length of a unit's scales.
func (f format) head() int {
	switch {
	case f.scales != pairs:
		return f.superScales() + 8*f.blockScales()
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

// shiftOfHigh is how far left the bits of the other plane move to get above
// those of the main plane: in step s of 8, which takes columns 4s to 4s+3.
func (f format) shiftOfHigh(s int) int {
	if f.high == 2 {
		return f.bits - 2*(s%4)
	}
	return f.bits - s
}

// highVector is where in the other plane the bits of step s lie.
func (f format) highVector(s int) int {
	if f.high == 2 {
		return f.main() + s/4*64
	}
	return f.main()
}

// highMask has the bits of the other plane set, above those of the main one.
func (f format) highMask() uint32 { return (1<<f.high - 1) << f.bits * 0x01010101 }

// args are the operands of a quantised product, 16 rows times n tokens.
type args struct {
	w, x, y        reg.GPVirtual
	blocks, stride reg.GPVirtual // stride: bytes from a token's block to its next
	ldy            reg.GPVirtual // in bytes
	ahead          reg.GPVirtual // how far ahead of the weights to prefetch, in bytes
}

const quantSignature = "func(w *byte, x *byte, y *float32, blocks, stride, ldy, n, ahead int)"

func (a *asm) quantArgs() args {
	return args{
		w: a.param("w"), x: a.param("x"), y: a.param("y"),
		blocks: a.param("blocks"), stride: a.param("stride"), ldy: a.param("ldy"), ahead: a.param("ahead"),
	}
}
