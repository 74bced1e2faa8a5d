package accel

import "math"

// F16ToF32 widens an IEEE 754 half-precision number, given as its 16 bits.
// Every half-precision number, subnormal ones included, is exact in float32; a
// NaN keeps its sign and payload and becomes quiet.
func F16ToF32(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exp := uint32(h>>10) & 0x1f
	frac := uint32(h & 0x3ff)
	switch exp {
	case 0: // zero or subnormal: frac × 2⁻²⁴
		f := float32(frac) * 0x1p-24
		return math.Float32frombits(sign | math.Float32bits(f))
	case 0x1f: // infinity or NaN
		if frac != 0 {
			frac |= 0x200
		}
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}

// F32ToF16 rounds f to the nearest half-precision number, ties to even, and
// returns its 16 bits. Numbers of 65520 and more become infinite, a NaN stays a
// NaN.
func F32ToF16(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b>>16) & 0x8000
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000: // NaN
		return sign | 0x7e00 | uint16(b>>13)&0x1ff
	case b >= 0x477ff000: // 65520 or more
		return sign | 0x7c00
	case b < 0x38800000: // less than 2⁻¹⁴, the smallest normal number
		// Adding 0.5 makes the float unit round to multiples of 2⁻²⁴, which
		// is a subnormal's step, and leaves the result in the low bits.
		r := math.Float32bits(math.Float32frombits(b) + 0.5)
		return sign | uint16(r-math.Float32bits(0.5))
	}
	// Round the 13 bits that go away: half a step, and one less if the bit that
	// stays is even. A carry runs into the exponent, as it should.
	b += 0xfff + b>>13&1
	return sign | uint16((b-(127-15)<<23)>>13)
}

// BF16ToF32 widens a bfloat16 number, given as its 16 bits: the upper half of
// a float32.
func BF16ToF32(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }

// F32ToBF16 rounds f to the nearest bfloat16 number, ties to even, and returns
// its 16 bits. A NaN stays a NaN and becomes quiet.
func F32ToBF16(f float32) uint16 {
	b := math.Float32bits(f)
	if b&0x7fffffff > 0x7f800000 {
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}
