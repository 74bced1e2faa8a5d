package accel

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Dequantize writes the numbers that src stands for to dst. It is the scalar
// reference that says what each format means: len(dst) elements, a whole number
// of t's blocks, are read from the start of src.
//
// Each format is described where it is decoded; the layouts are those of ggml's
// block structures. Float32 arithmetic is done in the order that ggml documents
// by its own reference, without fused multiply-add, so that every machine gives
// the same bits.
//
// It is an error if the type cannot be decoded, if len(dst) is not a whole
// number of blocks, or if src is too short.
func Dequantize(t Type, dst []float32, src []byte) error {
	decode := decoder(t)
	if decode == nil {
		return fmt.Errorf("%v is not a supported type", t)
	}
	need, err := t.RowBytes(len(dst))
	if err != nil {
		return err
	}
	if len(src) < need {
		return fmt.Errorf("%d elements of type %v need %d bytes, there are %d", len(dst), t, need, len(src))
	}
	cols, bytes := t.Block()
	for len(dst) > 0 {
		decode(dst[:cols:cols], src[:bytes:bytes])
		dst, src = dst[cols:], src[bytes:]
	}
	return nil
}

// Decodable reports whether [Dequantize] supports the type.
func (t Type) Decodable() bool { return decoder(t) != nil }

// decoder returns the function that decodes one block of t, or nil.
func decoder(t Type) func(y []float32, b []byte) {
	switch t {
	case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S:
		loadCodebooks()
	}
	switch t {
	case F32:
		return func(y []float32, b []byte) { y[0] = math.Float32frombits(binary.LittleEndian.Uint32(b)) }
	case F16:
		return func(y []float32, b []byte) { y[0] = half(b) }
	case BF16:
		return func(y []float32, b []byte) { y[0] = BF16ToF32(binary.LittleEndian.Uint16(b)) }
	case Q8_0:
		return decodeQ8_0
	case Q4_0:
		return decodeQ4_0
	case Q4_1:
		return decodeQ4_1
	case Q5_0:
		return decodeQ5_0
	case Q5_1:
		return decodeQ5_1
	case Q2_K:
		return decodeQ2_K
	case Q3_K:
		return decodeQ3_K
	case Q4_K:
		return decodeQ4_K
	case Q5_K:
		return decodeQ5_K
	case Q6_K:
		return decodeQ6_K
	case IQ1_S:
		return decodeIQ1_S
	case IQ1_M:
		return decodeIQ1_M
	case IQ2_XXS:
		return decodeIQ2_XXS
	case IQ2_XS:
		return decodeIQ2_XS
	case IQ2_S:
		return decodeIQ2_S
	case IQ3_XXS:
		return decodeIQ3_XXS
	case IQ3_S:
		return decodeIQ3_S
	case IQ4_NL:
		return decodeIQ4_NL
	case IQ4_XS:
		return decodeIQ4_XS
	case MXFP4:
		return decodeMXFP4
	case TQ1_0:
		return decodeTQ1_0
	case TQ2_0:
		return decodeTQ2_0
	}
	return nil
}

// half reads the half-precision number at the start of b.
func half(b []byte) float32 { return F16ToF32(binary.LittleEndian.Uint16(b)) }

// decodeQ8_0: f16 d; int8 q[32]. x = d·q.
func decodeQ8_0(y []float32, b []byte) {
	d := half(b)
	for i, q := range b[2:] {
		y[i] = d * float32(int8(q))
	}
}

// decodeQ4_0: f16 d; 16 bytes of nibbles. The low nibbles are the first 16
// elements, the high nibbles the last 16. x = d·(q−8).
func decodeQ4_0(y []float32, b []byte) {
	d := half(b)
	for i, q := range b[2:] {
		y[i] = d * float32(int(q&15)-8)
		y[i+16] = d * float32(int(q>>4)-8)
	}
}

// decodeQ4_1: f16 d, m; 16 bytes of nibbles as in Q4_0. x = d·q + m.
func decodeQ4_1(y []float32, b []byte) {
	d, m := half(b), half(b[2:])
	for i, q := range b[4:] {
		y[i] = float32(d*float32(q&15)) + m
		y[i+16] = float32(d*float32(q>>4)) + m
	}
}

// decodeQ5_0: f16 d; u32 with the fifth bit of each element; 16 bytes of
// nibbles as in Q4_0. x = d·(q−16).
func decodeQ5_0(y []float32, b []byte) {
	d, high := half(b), binary.LittleEndian.Uint32(b[2:])
	for i, q := range b[6:] {
		y[i] = d * float32(int(uint32(q&15)|high>>i&1<<4)-16)
		y[i+16] = d * float32(int(uint32(q>>4)|high>>(i+16)&1<<4)-16)
	}
}

// decodeQ5_1: f16 d, m; u32 with the fifth bit of each element; 16 bytes of
// nibbles as in Q4_0. x = d·q + m.
func decodeQ5_1(y []float32, b []byte) {
	d, m, high := half(b), half(b[2:]), binary.LittleEndian.Uint32(b[4:])
	for i, q := range b[8:] {
		y[i] = float32(d*float32(uint32(q&15)|high>>i&1<<4)) + m
		y[i+16] = float32(d*float32(uint32(q>>4)|high>>(i+16)&1<<4)) + m
	}
}

// iq4Values are the 16 levels of IQ4_NL and IQ4_XS: dense around zero, where
// most weights lie.
var iq4Values = [16]float32{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}

// decodeIQ4_NL: f16 d; 16 bytes of nibbles as in Q4_0. x = d·level[q].
func decodeIQ4_NL(y []float32, b []byte) {
	d := half(b)
	for i, q := range b[2:] {
		y[i] = d * iq4Values[q&15]
		y[i+16] = d * iq4Values[q>>4]
	}
}

// e2m1 are the values of a 4-bit float with 2 bits of exponent and 1 of
// fraction (OCP Microscaling Formats, version 1.0, table 5).
var e2m1 = [16]float64{0, 0.5, 1, 1.5, 2, 3, 4, 6, math.Copysign(0, -1), -0.5, -1, -1.5, -2, -3, -4, -6}

// decodeMXFP4: u8 exponent e; 16 bytes of 4-bit floats, in the order of Q4_0's
// nibbles. x = 2^(e−127)·q.
func decodeMXFP4(y []float32, b []byte) {
	e := int(b[0]) - 127
	for i, q := range b[1:] {
		y[i] = float32(math.Ldexp(e2m1[q&15], e))
		y[i+16] = float32(math.Ldexp(e2m1[q>>4], e))
	}
}
