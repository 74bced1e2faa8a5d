package kernel

import (
	"math"

	"lumi/accel"
)

// wideBlock is one block of a group, unpacked for portable code: the weight
// (r, c) is d[r]*s[r][c/16]*(q-zero) + m[r] - dm[r]*sm[r][c/16], where q is
// byte c%4 of q[c/4][r].
type wideBlock struct {
	q        [8][Rows]uint32
	zero     int32
	wide     bool // q needs more than 6 bits
	s, sm    [Rows][2]int8
	d, m, dm [Rows]float32
	min      bool // m is in use
	halfMin  bool // dm and sm are
}

// iq4Levels are what the nibbles of IQ4_NL and IQ4_XS stand for, plus 128.
var iq4Levels = [16]uint8{1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241}

// unpack reads block b of a unit. The products of scales are rounded as the
// package comment says.
func (o *wideBlock) unpack(t accel.Type, l layout, unit []byte, b int) {
	o.scales(t, unit, b)
	o.quants(t, (unit)[l.head+b*l.body:][:l.body])
}

// scales reads the scales and minima of block b.
func (o *wideBlock) scales(t accel.Type, unit []byte, b int) {
	o.min, o.halfMin = false, false
	for r := range o.s {
		o.s[r] = [2]int8{1, 1}
	}
	switch t {
	case accel.Q4_1, accel.Q5_1:
		o.min = true
		for r := range Rows {
			o.d[r], o.m[r] = half(unit[32*b+2*r:]), half(unit[64+32*b+2*r:])
		}
	case accel.Q4_0, accel.Q5_0, accel.Q8_0, accel.IQ4_NL:
		for r := range Rows {
			o.d[r] = half(unit[32*b+2*r:])
		}
	case accel.Q4_K, accel.Q5_K:
		o.min = true
		for r := range Rows {
			o.d[r] = half(unit[2*r:]) * float32(unit[64+32*b+r])
			o.m[r] = -(half(unit[32+2*r:]) * float32(unit[64+32*b+16+r]))
		}
	case accel.IQ4_XS:
		for r := range Rows {
			o.d[r] = single(unit[4*r:]) * float32(int8(unit[64+16*b+r]))
		}
	case accel.Q3_K, accel.Q6_K:
		for r := range Rows {
			o.d[r] = single(unit[4*r:])
			o.s[r] = [2]int8{int8(unit[64+32*b+2*r]), int8(unit[64+32*b+2*r+1])}
		}
	case accel.Q2_K:
		o.halfMin = true
		for r := range Rows {
			o.d[r], o.dm[r] = single(unit[4*r:]), single(unit[64+4*r:])
			s0, s1 := unit[128+32*b+2*r], unit[128+32*b+2*r+1]
			o.s[r] = [2]int8{int8(s0 & 15), int8(s1 & 15)}
			o.sm[r] = [2]int8{int8(s0 >> 4), int8(s1 >> 4)}
		}
	}
}

// quants reads the 32 columns of 16 rows, four columns at a time.
func (o *wideBlock) quants(t accel.Type, body []byte) {
	o.zero, o.wide = 0, false
	switch t {
	case accel.Q3_K:
		o.zero = 4
	case accel.Q4_0:
		o.zero = 8
	case accel.Q5_0:
		o.zero = 16
	case accel.Q6_K:
		o.zero = 32
	case accel.Q8_0, accel.IQ4_NL, accel.IQ4_XS:
		o.zero, o.wide = 128, true
	}
	for s := range o.q {
		row := &o.q[s]
		switch t {
		case accel.Q8_0:
			for r := range row {
				row[r] = le.Uint32(body[64*s+4*r:]) ^ 0x80808080
			}
		case accel.Q2_K, accel.Q3_K:
			plane(row, body[s/4*64:], 2*(s%4), 0x03030303, 0)
		default:
			plane(row, body[s%4*64:], s/4*4, 0x0f0f0f0f, 0)
		}
		switch t {
		case accel.Q3_K:
			plane(row, body[128:], s, 0x01010101, 2)
		case accel.Q5_0, accel.Q5_1, accel.Q5_K:
			plane(row, body[256:], s, 0x01010101, 4)
		case accel.Q6_K:
			plane(row, body[256+s/4*64:], 2*(s%4), 0x03030303, 4)
		case accel.IQ4_NL, accel.IQ4_XS:
			for r, w := range row {
				row[r] = uint32(iq4Levels[w&15]) | uint32(iq4Levels[w>>8&15])<<8 |
					uint32(iq4Levels[w>>16&15])<<16 | uint32(iq4Levels[w>>24])<<24
			}
		}
	}
}

// plane takes some bits of a vector of 16 rows, down by right and masked, and
// puts them at bit up of row: all of it if up is 0, else together with what is
// there.
func plane(row *[Rows]uint32, vector []byte, right int, mask uint32, up int) {
	v := (*[64]byte)(vector)
	for r := range row {
		w := le.Uint32(v[4*r:]) >> right & mask
		if up > 0 {
			w = row[r] | w<<up
		}
		row[r] = w
	}
}

// unpackFloats reads column c of a group of unquantised rows.
func unpackFloats(t accel.Type, col *[Rows]float32, data []byte, c int) {
	switch t {
	case accel.F32:
		v := (*[4 * Rows]byte)(data[c*Rows*4:])
		for r := range col {
			col[r] = single(v[4*r:])
		}
	case accel.F16:
		v := (*[2 * Rows]byte)(data[c*Rows*2:])
		for r := range col {
			col[r] = half(v[2*r:])
		}
	case accel.BF16:
		v := (*[4 * Rows]byte)(data[c/2*Rows*4:])
		for r := range col {
			col[r] = math.Float32frombits(uint32(le.Uint16(v[4*r+c%2*2:])) << 16)
		}
	}
}

// half reads a little-endian IEEE binary16.
func half(b []byte) float32 { return FromHalf(le.Uint16(b)) }

// single reads a little-endian float32.
func single(b []byte) float32 { return math.Float32frombits(le.Uint32(b)) }
