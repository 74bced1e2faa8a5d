package accel

import (
	_ "embed"
	"encoding/binary"
	"math/bits"
	"sync"
)

// The IQ1, IQ2 and IQ3 formats store short vectors of weights as indices into
// codebooks that are part of the format. Read as numbers whose digits are the
// vector's elements, the first the lowest, a codebook's entries ascend.
// codebooks.bin holds the differences from one to the next as unsigned
// varints, for all codebooks in the order of the variables below.
//
//go:embed codebooks.bin
var codebookDeltas []byte

// The codebooks of 8 elements, and those of 4. Signs are stored apart except
// for IQ1's, whose elements are −1, 0 and 1.
var (
	iq2XXSBook, iq2XSBook, iq2SBook [][8]float32
	iq3XXSBook, iq3SBook            [][4]float32
	iq1Book                         [][8]float32
)

// loadCodebooks fills the codebooks. They are read when a file needs them.
var loadCodebooks = sync.OnceFunc(func() {
	deltas := codebookDeltas
	iq2 := []float32{8, 25, 43}
	deltas = readCodebook(deltas, 256, iq2, func(v []float32) { iq2XXSBook = append(iq2XXSBook, [8]float32(v)) })
	deltas = readCodebook(deltas, 512, iq2, func(v []float32) { iq2XSBook = append(iq2XSBook, [8]float32(v)) })
	deltas = readCodebook(deltas, 1024, iq2, func(v []float32) { iq2SBook = append(iq2SBook, [8]float32(v)) })
	deltas = readCodebook(deltas, 256, []float32{4, 12, 20, 28, 36, 44, 52, 62},
		func(v []float32) { iq3XXSBook = append(iq3XXSBook, [4]float32(v)) })
	deltas = readCodebook(deltas, 512, []float32{1, 3, 5, 7, 9, 11, 13, 15},
		func(v []float32) { iq3SBook = append(iq3SBook, [4]float32(v)) })
	readCodebook(deltas, 2048, []float32{-1, 0, 1}, func(v []float32) { iq1Book = append(iq1Book, [8]float32(v)) })
})

// readCodebook reads n entries and returns the deltas behind them. An entry
// has up to 8 digits, which stand for the given levels.
func readCodebook(deltas []byte, n int, levels []float32, add func([]float32)) []byte {
	code, base := uint64(0), uint64(len(levels))
	for range n {
		delta, size := binary.Uvarint(deltas)
		deltas = deltas[size:]
		code += delta
		var v [8]float32
		rest := code
		for i := range v {
			v[i] = levels[rest%base]
			rest /= base
		}
		add(v[:])
	}
	return deltas
}

// evenSigns completes 7 sign bits with an eighth that makes their number even.
func evenSigns(s uint32) uint8 {
	s &= 127
	return uint8(s | uint32(bits.OnesCount32(s)&1)<<7)
}

// signed writes scale·v to y, negated where the bit of signs is set.
func signed(y, v []float32, scale float32, signs uint8) {
	for i, x := range v {
		x *= scale
		if signs>>i&1 != 0 {
			x = -x
		}
		y[i] = x
	}
}
