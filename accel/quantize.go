package accel

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Quantize writes the numbers of src to dst in a type's format, the nearest
// that a search of the blocks' scales finds: the measure is the sum of squared
// differences. len(src), a whole number of t's blocks, elements are encoded; the
// same numbers always give the same bytes.
//
// It is an error if the type cannot be encoded (see [Type.Encodable]), if src is
// not a whole number of blocks or dst too short, and if a number is not finite
// or too large for the format.
func Quantize(t Type, dst []byte, src []float32) error {
	encode := encoder(t)
	if encode == nil {
		return fmt.Errorf("weights cannot be converted to %v", t)
	}
	need, err := t.RowBytes(len(src))
	if err != nil {
		return err
	}
	if len(dst) < need {
		return fmt.Errorf("%d elements of type %v need %d bytes, there are %d", len(src), t, need, len(dst))
	}
	largest := largestOf(t)
	for i, x := range src {
		if a := math.Abs(float64(x)); !(a <= largest) {
			return fmt.Errorf("element %d is %v, which %v cannot hold", i, x, t)
		}
	}
	cols, bytes := t.Block()
	for len(src) > 0 {
		encode(dst[:bytes:bytes], src[:cols:cols])
		src, dst = src[cols:], dst[bytes:]
	}
	return nil
}

// Encodable reports whether [Quantize] supports the type.
func (t Type) Encodable() bool { return encoder(t) != nil }

// largestOf is the largest absolute value that the type's blocks can hold
// whatever their other elements are.
func largestOf(t Type) float64 {
	switch t {
	case F32:
		return math.MaxFloat32
	case BF16:
		return 3.3895313e38
	}
	return 65504 // of the half-precision number itself, or of a scale
}

// encoder returns the function that encodes one block of t, or nil.
func encoder(t Type) func(b []byte, x []float32) {
	switch t {
	case F32:
		return func(b []byte, x []float32) { binary.LittleEndian.PutUint32(b, math.Float32bits(x[0])) }
	case F16:
		return func(b []byte, x []float32) { binary.LittleEndian.PutUint16(b, F32ToF16(x[0])) }
	case BF16:
		return func(b []byte, x []float32) { binary.LittleEndian.PutUint16(b, F32ToBF16(x[0])) }
	case Q8_0:
		return encodeQ8_0
	case Q4_0:
		return encodeQ4_0
	case Q4_1:
		return encodeQ4_1
	case Q5_0:
		return encodeQ5_0
	case Q5_1:
		return encodeQ5_1
	case Q4_K:
		return encodeQ4_K
	case Q5_K:
		return encodeQ5_K
	case Q6_K:
		return encodeQ6_K
	}
	return nil
}

// putHalf stores v as a half-precision number and returns what that became.
func putHalf(b []byte, v float32) float32 {
	h := F32ToF16(v)
	binary.LittleEndian.PutUint16(b, h)
	return F16ToF32(h)
}

// steps writes x in whole steps of d from zero, within [lo, hi].
func steps(q []int, x []float32, d float32, lo, hi int) {
	inverse := reciprocal(d)
	for i, v := range x {
		q[i] = int(nearest(v*inverse, float32(lo), float32(hi)))
	}
}

// reciprocal is 1/d, or 0 for a scale of 0, for which all steps are equal.
func reciprocal(d float32) float32 {
	if d == 0 {
		return 0
	}
	return 1 / d
}

// rounding is added and taken away again to round to a whole number: beyond
// 2²³ float32 has no others.
const rounding = 3 << 22

// nearest rounds v to a whole number within [lo, hi], halves to even numbers.
// A v that is not a number becomes hi.
func nearest(v, lo, hi float32) float32 {
	if !(v < hi) {
		return hi
	}
	if v < lo {
		return lo
	}
	return float32(v+rounding) - rounding
}

func encodeQ8_0(b []byte, x []float32) {
	var q [32]int
	steps(q[:], x, putHalf(b, fitScale(x, -127, 127)), -127, 127)
	for i, v := range q {
		b[2+i] = byte(int8(v))
	}
}

func encodeQ4_0(b []byte, x []float32) {
	var q [32]int
	steps(q[:], x, putHalf(b, fitScale(x, -8, 7)), -8, 7)
	for i := range 16 {
		b[2+i] = byte(q[i]+8) | byte(q[i+16]+8)<<4
	}
}

func encodeQ5_0(b []byte, x []float32) {
	var q [32]int
	steps(q[:], x, putHalf(b, fitScale(x, -16, 15)), -16, 15)
	for i := range q {
		q[i] += 16
	}
	putFive(b[2:], q[:])
}

// putFive writes 32 numbers of 5 bits: their fifth bits, then nibbles.
func putFive(b []byte, q []int) {
	var high uint32
	for i, v := range q {
		high |= uint32(v>>4) << i
	}
	binary.LittleEndian.PutUint32(b, high)
	for i := range 16 {
		b[4+i] = byte(q[i]&15) | byte(q[i+16]&15)<<4
	}
}

func encodeQ4_1(b []byte, x []float32) {
	var q [32]int
	fitOneMinimum(b, x, q[:], 15)
	for i := range 16 {
		b[4+i] = byte(q[i]) | byte(q[i+16])<<4
	}
}

func encodeQ5_1(b []byte, x []float32) {
	var q [32]int
	fitOneMinimum(b, x, q[:], 31)
	putFive(b[4:], q[:])
}

// fitOneMinimum stores scale and minimum of x and writes the steps to q.
func fitOneMinimum(b []byte, x []float32, q []int, top int) {
	scale, low := fitRange(x, top, false)
	d, m := putHalf(b, scale), putHalf(b[2:], low)
	stepsFrom(q, x, d, m, top)
}

// stepsFrom writes x in whole steps of d from low, within [0, top].
func stepsFrom(q []int, x []float32, d, low float32, top int) {
	inverse := reciprocal(d)
	for i, v := range x {
		q[i] = int(nearest((v-low)*inverse, 0, float32(top)))
	}
}
