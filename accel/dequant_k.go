package accel

import "encoding/binary"

// The K formats: blocks of 256 elements in 8 or 16 groups, each group with a
// small integer scale (and minimum) of its own, and f16 scales of those.

// decodeQ2_K: u8 scales[16], low nibble the scale, high nibble the minimum of
// 16 elements; 64 bytes of 2-bit q; f16 d, dmin.
// Byte i of each 32 holds elements i, i+32, i+64, i+96 of a half block.
// x = d·scale·q − dmin·minimum.
func decodeQ2_K(y []float32, b []byte) {
	scales, qs := b[:16], b[16:80]
	d, dmin := half(b[80:]), half(b[82:])
	for i := range y {
		s := scales[i/16]
		q := qs[i/128*32+i%32] >> (i % 128 / 32 * 2) & 3
		y[i] = float32(float32(d*float32(s&15))*float32(q)) - float32(dmin*float32(s>>4))
	}
}

// decodeQ3_K: 32 bytes with the third bit of each element, one bit plane per 32
// elements; 64 bytes with the lower 2 bits as in Q2_K; 12 bytes with sixteen
// 6-bit scales; f16 d. x = d·(scale−32)·(q−4).
func decodeQ3_K(y []float32, b []byte) {
	high, qs, scales, d := b[:32], b[32:96], b[96:108], half(b[108:])
	for i := range y {
		// Scale g: 4 low bits in nibble g/8 of byte g%8, 2 high bits in byte 8+g%4.
		g := i / 16
		s := scales[g%8]>>(g/8*4)&15 | scales[8+g%4]>>(g/4*2)&3<<4
		q := qs[i/128*32+i%32]>>(i%128/32*2)&3 | high[i%32]>>(i/32)&1<<2
		y[i] = float32(d*float32(int(s)-32)) * float32(int(q)-4)
	}
}

// scaleMinK4 unpacks scale and minimum of group g of Q4_K and Q5_K, 6 bits
// each, from 12 bytes: the first four groups lie in the low 6 bits of bytes 0–3
// and 4–7; the others have 4 low bits in bytes 8–11 and 2 high bits in what
// the first four left over.
func scaleMinK4(b []byte, g int) (scale, minimum uint8) {
	if g < 4 {
		return b[g] & 63, b[g+4] & 63
	}
	return b[g+4]&15 | b[g-4]>>6<<4, b[g+4]>>4 | b[g]>>6<<4
}

// decodeQ4_K: f16 d, dmin; 12 bytes of scales and minima for 8 groups of 32;
// 128 bytes of nibbles: of each 32 bytes the low nibbles are one group and the
// high nibbles the next. x = d·scale·q − dmin·minimum.
func decodeQ4_K(y []float32, b []byte) {
	d, dmin, scales, qs := half(b), half(b[2:]), b[4:16], b[16:144]
	for g := range 8 {
		s, m := scaleMinK4(scales, g)
		ds, dm := float32(d*float32(s)), float32(dmin*float32(m))
		for i, q := range qs[g/2*32:][:32] {
			y[g*32+i] = float32(ds*float32(q>>(g%2*4)&15)) - dm
		}
	}
}

// decodeQ5_K: f16 d, dmin; 12 bytes of scales and minima as in Q4_K; 32 bytes
// with the fifth bit of each element, one bit plane per group; 128 bytes of
// nibbles as in Q4_K. x = d·scale·q − dmin·minimum.
func decodeQ5_K(y []float32, b []byte) {
	d, dmin, scales, high, qs := half(b), half(b[2:]), b[4:16], b[16:48], b[48:176]
	for g := range 8 {
		s, m := scaleMinK4(scales, g)
		ds, dm := float32(d*float32(s)), float32(dmin*float32(m))
		for i, q := range qs[g/2*32:][:32] {
			q = q>>(g%2*4)&15 | high[i]>>g&1<<4
			y[g*32+i] = float32(ds*float32(q)) - dm
		}
	}
}

// decodeQ6_K: 128 bytes with the lower 4 bits, 64 bytes with the upper 2 bits;
// int8 scales[16], one per 16 elements; f16 d. In each half block of 128, the
// elements i and i+64 share a byte of the lower bits, and i, i+32, i+64, i+96
// one of the upper bits. x = d·scale·(q−32).
func decodeQ6_K(y []float32, b []byte) {
	low, high, scales, d := b[:128], b[128:192], b[192:208], half(b[208:])
	for i := range y {
		h, j := i/128, i%128
		q := low[h*64+j%64]>>(j/64*4)&15 | high[h*32+j%32]>>(j/32*2)&3<<4
		y[i] = float32(d*float32(int8(scales[i/16]))) * float32(int(q)-32)
	}
}

// decodeIQ4_XS: f16 d; u16 with the upper 2 bits and 4 bytes with the lower
// 4 bits of 8 scales; 128 bytes of nibbles, 16 for each group of 32, ordered as
// in Q4_0. x = d·(scale−32)·level[q].
func decodeIQ4_XS(y []float32, b []byte) {
	d, high, low, qs := half(b), binary.LittleEndian.Uint16(b[2:]), b[4:8], b[8:136]
	for g := range 8 {
		s := int(low[g/2]>>(g%2*4)&15) | int(high>>(g*2)&3)<<4
		ds := float32(d * float32(s-32))
		for i, q := range qs[g*16:][:16] {
			y[g*32+i] = ds * iq4Values[q&15]
			y[g*32+i+16] = ds * iq4Values[q>>4]
		}
	}
}

// pow3 are the powers of three that bring a ternary digit to the front.
var pow3 = [5]uint8{1, 3, 9, 27, 81}

// trit returns digit n, less one, of a byte that holds ternary digits as a
// fixed-point fraction: times 3ⁿ modulo 256 shifts out the digits before it,
// and the whole part of three times the rest is the digit.
func trit(b uint8, n int) float32 {
	return float32(int(uint16(b*pow3[n])*3>>8) - 1)
}

// decodeTQ1_0: 48 bytes of five ternary digits, 4 bytes of four; f16 d. The
// bytes 0–31 hold elements 0–159, one digit place after the other, bytes 32–47
// elements 160–239 and the last four the rest. x = d·(q−1).
func decodeTQ1_0(y []float32, b []byte) {
	d := half(b[52:])
	for _, part := range []struct{ from, to, digits int }{{0, 32, 5}, {32, 48, 5}, {48, 52, 4}} {
		for n := range part.digits {
			for _, q := range b[part.from:part.to] {
				y[0] = d * trit(q, n)
				y = y[1:]
			}
		}
	}
}

// decodeTQ2_0: 64 bytes of 2-bit q, ordered as in Q2_K; f16 d. x = d·(q−1).
func decodeTQ2_0(y []float32, b []byte) {
	d := half(b[64:])
	for i := range y {
		q := b[i/128*32+i%32] >> (i % 128 / 32 * 2) & 3
		y[i] = d * float32(int(q)-1)
	}
}
