package kernel

import "math"

// FromHalf converts an IEEE 754 binary16 number, exactly.
func FromHalf(h uint16) float32 {
	sign, magnitude := uint32(h&0x8000)<<16, uint32(h&0x7fff)<<13
	if h&0x7c00 == 0x7c00 { // infinity, or NaN, which vector units make quiet
		if magnitude &= 1<<23 - 1; magnitude != 0 {
			magnitude |= 1 << 22
		}
		return math.Float32frombits(sign | 0xff<<23 | magnitude)
	}
	// The exponents' biases differ by 112; subnormals come right by themselves.
	return math.Float32frombits(sign | math.Float32bits(math.Float32frombits(magnitude)*0x1p112))
}

// ToHalf converts to IEEE 754 binary16, rounding to nearest, halves to even.
func ToHalf(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b >> 16 & 0x8000)
	b &= 1<<31 - 1
	switch {
	case b > 0xff<<23: // NaN, kept quiet
		return sign | 0x7e00 | uint16(b>>13&0x1ff)
	case b >= 0x477ff000: // 65520 and above round to infinity
		return sign | 0x7c00
	case b < 0x38800000: // below 2^-14: a subnormal or zero
		// Adding 0.5 leaves the fraction's 24th bit in the last place, rounded.
		return sign | uint16(math.Float32bits(math.Float32frombits(b)+0.5)-math.Float32bits(0.5))
	}
	b += 0xfff + b>>13&1 // round to even at bit 13
	return sign | uint16((b-112<<23)>>13)
}
