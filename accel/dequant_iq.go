package accel

import "encoding/binary"

// The IQ formats with codebooks: blocks of 256 elements in 32 vectors of 8 or
// 64 of 4, four or eight of which share a small scale s. All products are
// exact in float32, so their order does not matter.

// decodeIQ2_XXS: f16 d; for each 32 elements four bytes, the indices of their
// vectors, and a u32 with four times 7 sign bits and, at the top, 4 bits of
// scale. x = d·(s+½)/4·±entry.
func decodeIQ2_XXS(y []float32, b []byte) {
	d := half(b)
	for g := range 8 {
		q := b[2+g*8:][:8]
		signs := binary.LittleEndian.Uint32(q[4:])
		scale := d * (0.5 + float32(signs>>28)) * 0.25
		for i, index := range q[:4] {
			signed(y[g*32+i*8:], iq2XXSBook[index][:], scale, evenSigns(signs>>(i*7)))
		}
	}
}

// decodeIQ2_XS: f16 d; 32 u16 with 9 bits of index and 7 sign bits; 8 bytes of
// scales, one nibble per 16 elements. x = d·(s+½)/4·±entry.
func decodeIQ2_XS(y []float32, b []byte) {
	d, scales := half(b), b[66:74]
	for v := range 32 {
		q := binary.LittleEndian.Uint16(b[2+v*2:])
		scale := d * (0.5 + float32(nibble(scales, v/2))) * 0.25
		signed(y[v*8:], iq2XSBook[q&511][:], scale, evenSigns(uint32(q>>9)))
	}
}

// nibble returns the i-th half byte of b, the low half first.
func nibble(b []byte, i int) uint8 { return b[i/2] >> (i % 2 * 4) & 15 }

// decodeIQ2_S: f16 d; 32 bytes with the lower bits of the indices; 32 bytes of
// signs; 8 bytes with the upper 2 bits of four indices each; 8 bytes of scales
// as in IQ2_XS. x = d·(s+½)/4·±entry.
func decodeIQ2_S(y []float32, b []byte) {
	d, low, signs, high, scales := half(b), b[2:34], b[34:66], b[66:74], b[74:82]
	for v := range 32 {
		index := int(low[v]) | int(high[v/4]>>(v%4*2)&3)<<8
		scale := d * (0.5 + float32(nibble(scales, v/2))) * 0.25
		signed(y[v*8:], iq2SBook[index][:], scale, signs[v])
	}
}

// decodeIQ3_XXS: f16 d; 64 bytes, the indices of vectors of 4; for each 32
// elements a u32 of signs and scale as in IQ2_XXS. x = d·(s+½)/2·±entry.
func decodeIQ3_XXS(y []float32, b []byte) {
	d, indices := half(b), b[2:66]
	for g := range 8 {
		signs := binary.LittleEndian.Uint32(b[66+g*4:])
		scale := d * (0.5 + float32(signs>>28)) * 0.5
		for i, index := range indices[g*8:][:8] {
			signed(y[g*32+i*4:], iq3XXSBook[index][:], scale, evenSigns(signs>>(i/2*7))>>(i%2*4))
		}
	}
}

// decodeIQ3_S: f16 d; 64 bytes with the lower bits of the indices of vectors of
// 4; 8 bytes with their ninth bits; 32 bytes of signs; 4 bytes of scales, one
// nibble per 32 elements. x = d·(2s+1)·±entry.
func decodeIQ3_S(y []float32, b []byte) {
	d, low, high, signs, scales := half(b), b[2:66], b[66:74], b[74:106], b[106:110]
	for v := range 64 {
		index := int(low[v]) | int(high[v/8]>>(v%8)&1)<<8
		scale := d * float32(1+2*int(nibble(scales, v/8)))
		signed(y[v*4:], iq3SBook[index][:], scale, signs[v/2]>>(v%2*4))
	}
}

// iq1Shift is what IQ1 adds to all elements of a vector, or takes from them.
const iq1Shift = 0.125

// decodeIQ1_S: f16 d; 32 bytes with the lower bits of the indices; for each 32
// elements a u16 with four times the upper 3 bits, 3 bits of scale and the sign
// of the shift. x = d·(2s+1)·(entry ± ⅛).
func decodeIQ1_S(y []float32, b []byte) {
	d, low := half(b), b[2:34]
	for g := range 8 {
		h := int(binary.LittleEndian.Uint16(b[34+g*2:]))
		scale := d * float32(2*(h>>12&7)+1)
		for i, index := range low[g*4:][:4] {
			shifted(y[g*32+i*8:], int(index)|h>>(i*3)&7<<8, scale, h>>15 != 0)
		}
	}
}

// shifted writes an entry of IQ1's codebook.
func shifted(y []float32, index int, scale float32, down bool) {
	shift := float32(iq1Shift)
	if down {
		shift = -shift
	}
	for i, x := range iq1Book[index] {
		y[i] = scale * (x + shift)
	}
}

// decodeIQ1_M: 32 bytes with the lower bits of the indices; 16 bytes with a
// nibble for each: 3 upper bits and the sign of the shift; four u16 with four
// scales of 3 bits each, one per 16 elements, and in their top nibbles the f16
// d, the lowest first. x = d·(2s+1)·(entry ± ⅛).
func decodeIQ1_M(y []float32, b []byte) {
	low, high := b[:32], b[32:48]
	var scales, d uint64
	for i := range 4 {
		word := uint64(binary.LittleEndian.Uint16(b[48+i*2:]))
		scales |= word & 0xfff << (i * 12)
		d |= word >> 12 << (i * 4)
	}
	for v := range 32 {
		h := int(nibble(high, v))
		scale := F16ToF32(uint16(d)) * float32(2*(scales>>(v/2*3)&7)+1)
		shifted(y[v*8:], int(low[v])|h&7<<8, scale, h&8 != 0)
	}
}
