package kernel

import (
	"encoding/binary"
	"math"

	"lumi/accel"
)

// wideBlock is one block of a group, unpacked: weight (r, c) is
// d[r]*s[r][c/16]*q[r][c] + m[r].
type wideBlock struct {
	q      [Rows][Block]int8
	s      [Rows][2]int8
	d, m   [Rows]float32
	hasMin bool
}

// unpack reads block b of a unit. The products of scales are rounded as the
// package comment says.
func (o *wideBlock) unpack(t accel.Type, l layout, unit []byte, b int) {
	body := unit[l.head+b*l.body:][:l.body]
	o.hasMin = false
	for r := range Rows {
		o.s[r] = [2]int8{1, 1}
	}
	switch t {
	case accel.Q4_1, accel.Q5_1:
		o.hasMin = true
		for r := range Rows {
			o.m[r] = half(unit[64+32*b+2*r:])
		}
		fallthrough
	case accel.Q4_0, accel.Q5_0, accel.Q8_0:
		for r := range Rows {
			o.d[r] = half(unit[32*b+2*r:])
		}
	case accel.Q4_K, accel.Q5_K:
		o.hasMin = true
		for r := range Rows {
			o.d[r] = half(unit[2*r:]) * float32(unit[64+32*b+r])
			o.m[r] = -(half(unit[32+2*r:]) * float32(unit[64+32*b+16+r]))
		}
	case accel.Q6_K:
		for r := range Rows {
			o.d[r] = math.Float32frombits(binary.LittleEndian.Uint32(unit[4*r:]))
			o.s[r] = [2]int8{int8(unit[64+32*b+2*r]), int8(unit[64+32*b+2*r+1])}
		}
	}
	o.quants(t, body)
}

// quants reads the 32 columns of 16 rows and takes off the zero point.
func (o *wideBlock) quants(t accel.Type, body []byte) {
	var zero int8
	switch t {
	case accel.Q4_0:
		zero = 8
	case accel.Q5_0:
		zero = 16
	case accel.Q6_K:
		zero = 32
	}
	for r := range Rows {
		for c := range Block {
			v, j := c%16/4, c%4 // vector and byte of this column
			if t == accel.Q8_0 {
				o.q[r][c] = int8(body[c/4*64+4*r+j])
				continue
			}
			q := body[64*v+4*r+j] >> (c / 16 * 4) & 15
			switch t {
			case accel.Q5_0, accel.Q5_1, accel.Q5_K:
				q |= body[256+4*r+j] >> (c / 4) & 1 << 4
			case accel.Q6_K:
				q |= body[256+c/16*64+4*r+j] >> (2 * v) & 3 << 4
			}
			o.q[r][c] = int8(q) - zero
		}
	}
}

// unpackFloats reads column c of a group of unquantised rows.
func unpackFloats(t accel.Type, col *[Rows]float32, data []byte, c int) {
	switch t {
	case accel.F32:
		for r := range col {
			col[r] = math.Float32frombits(binary.LittleEndian.Uint32(data[(c*Rows+r)*4:]))
		}
	case accel.F16:
		for r := range col {
			col[r] = half(data[(c*Rows+r)*2:])
		}
	case accel.BF16:
		for r := range col {
			col[r] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(data[(c*Rows+r)*2:])) << 16)
		}
	}
}

// half reads a little-endian IEEE binary16.
func half(b []byte) float32 { return FromHalf(binary.LittleEndian.Uint16(b)) }
