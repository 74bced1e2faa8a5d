package kernel

import (
	"math"

	"lumi/accel"
)

// wideBlock is one block of a group, unpacked: weight (r, c) is
// d[r]*s[r][c/16]*q[r][c] + m[r] - dm[r]*sm[r][c/16].
type wideBlock struct {
	q        [Rows][Block]int8
	s, sm    [Rows][2]int8
	d, m, dm [Rows]float32
	min      bool // m is in use
	halfMin  bool // dm and sm are
}

// iq4Levels are what the nibbles of IQ4_NL and IQ4_XS stand for.
var iq4Levels = [16]int8{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}

// unpack reads block b of a unit. The products of scales are rounded as the
// package comment says.
func (o *wideBlock) unpack(t accel.Type, l layout, unit []byte, b int) {
	o.min, o.halfMin = false, false
	for r := range Rows {
		o.s[r] = [2]int8{1, 1}
		switch t {
		case accel.Q4_1, accel.Q5_1:
			o.min = true
			o.m[r] = half(unit[64+32*b+2*r:])
			fallthrough
		case accel.Q4_0, accel.Q5_0, accel.Q8_0, accel.IQ4_NL:
			o.d[r] = half(unit[32*b+2*r:])
		case accel.Q4_K, accel.Q5_K:
			o.min = true
			o.d[r] = half(unit[2*r:]) * float32(unit[64+32*b+r])
			o.m[r] = -(half(unit[32+2*r:]) * float32(unit[64+32*b+16+r]))
		case accel.IQ4_XS:
			o.d[r] = single(unit[4*r:]) * float32(int8(unit[64+16*b+r]))
		case accel.Q3_K, accel.Q6_K:
			o.d[r] = single(unit[4*r:])
			o.s[r] = [2]int8{int8(unit[64+32*b+2*r]), int8(unit[64+32*b+2*r+1])}
		case accel.Q2_K:
			o.halfMin = true
			o.d[r], o.dm[r] = single(unit[4*r:]), single(unit[64+4*r:])
			s0, s1 := unit[128+32*b+2*r], unit[128+32*b+2*r+1]
			o.s[r] = [2]int8{int8(s0 & 15), int8(s1 & 15)}
			o.sm[r] = [2]int8{int8(s0 >> 4), int8(s1 >> 4)}
		}
	}
	body := unit[l.head+b*l.body:][:l.body]
	for r := range Rows {
		for c := range Block {
			o.q[r][c] = quant(t, body, r, c)
		}
	}
}

// quant reads the weight of row r and column c of a block, its zero point
// taken off.
func quant(t accel.Type, body []byte, r, c int) int8 {
	v, j := c%16/4, 4*r+c%4 // vector of a half block, and place in vectors
	nibble := func() byte { return body[64*v+j] >> (c / 16 * 4) & 15 }
	two := func(at int) byte { return body[at+c/16*64+j] >> (2 * v) & 3 }
	one := func(at int) byte { return body[at+j] >> (c / 4) & 1 }
	switch t {
	case accel.Q2_K:
		return int8(two(0))
	case accel.Q3_K:
		return int8(two(0)|one(128)<<2) - 4
	case accel.Q4_0:
		return int8(nibble()) - 8
	case accel.Q5_0:
		return int8(nibble()|one(256)<<4) - 16
	case accel.Q5_1, accel.Q5_K:
		return int8(nibble() | one(256)<<4)
	case accel.Q6_K:
		return int8(nibble()|two(256)<<4) - 32
	case accel.Q8_0:
		return int8(body[c/4*64+j])
	case accel.IQ4_NL, accel.IQ4_XS:
		return iq4Levels[nibble()]
	}
	return int8(nibble()) // Q4_1, Q4_K
}

// unpackFloats reads column c of a group of unquantised rows.
func unpackFloats(t accel.Type, col *[Rows]float32, data []byte, c int) {
	switch t {
	case accel.F32:
		for r := range col {
			col[r] = single(data[(c*Rows+r)*4:])
		}
	case accel.F16:
		for r := range col {
			col[r] = half(data[(c*Rows+r)*2:])
		}
	case accel.BF16:
		for r := range col {
			col[r] = math.Float32frombits(uint32(le.Uint16(data[(c*Rows+r)*2:])) << 16)
		}
	}
}

// half reads a little-endian IEEE binary16.
func half(b []byte) float32 { return FromHalf(le.Uint16(b)) }

// single reads a little-endian float32.
func single(b []byte) float32 { return math.Float32frombits(le.Uint32(b)) }
