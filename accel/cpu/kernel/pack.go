package kernel

import (
	"encoding/binary"

	"lumi/accel"
)

var le = binary.LittleEndian

// packGroup repacks up to 16 rows of stride bytes each. Rows that are missing
// and columns that do not fill a unit become zero.
func packGroup(t accel.Type, dst, src []byte, stride, rows int) {
	cols, bytes := t.Block()
	cols *= stride / bytes
	l, quantised := layoutOf(t)
	if rows < Rows || quantised && cols%(l.blocks*Block) != 0 || !quantised && cols%floatCols(t) != 0 {
		clear(dst)
	}
	switch t {
	case accel.F32:
		packWords(dst, src, stride, stride, rows)
	case accel.F16:
		packHalves(dst, src, stride, rows)
	case accel.BF16:
		packPairs(dst, src, stride, rows)
	case accel.Q4_0, accel.IQ4_NL:
		packBlocks(dst, src, stride, rows, l, 18, packQ40)
	case accel.Q4_1:
		packBlocks(dst, src, stride, rows, l, 20, packQ41)
	case accel.Q5_0:
		packBlocks(dst, src, stride, rows, l, 22, packQ50)
	case accel.Q5_1:
		packBlocks(dst, src, stride, rows, l, 24, packQ51)
	case accel.Q8_0:
		packBlocks(dst, src, stride, rows, l, 34, packQ80)
	case accel.Q2_K:
		packBlocks(dst, src, stride, rows, l, 84, packQ2K)
	case accel.Q3_K:
		packBlocks(dst, src, stride, rows, l, 110, packQ3K)
	case accel.Q4_K:
		packBlocks(dst, src, stride, rows, l, 144, packQ4K)
	case accel.Q5_K:
		packBlocks(dst, src, stride, rows, l, 176, packQ5K)
	case accel.Q6_K:
		packBlocks(dst, src, stride, rows, l, 210, packQ6K)
	case accel.IQ4_XS:
		packBlocks(dst, src, stride, rows, l, 136, packIQ4XS)
	}
}

// line is how many bytes of a row are transposed at a time.
const line = 64

// packWords transposes the first 4-byte words of rows, width bytes of each, to
// [words][16].
func packWords(dst, src []byte, stride, width, rows int) {
	for from := 0; from < width; from += line {
		out, row := dst[from*Rows:], src[from:]
		if from+line > width {
			for i := 0; i < rows*(width-from); i += 4 { // less than a line
				r, c := i/(width-from), i%(width-from)
				le.PutUint32(out[c*Rows+4*r:], le.Uint32(row[r*stride+c:]))
			}
			return
		}
		tile := (*[line * Rows]byte)(out)
		for r := range rows {
			in := (*[line]byte)(row[r*stride:])
			r &= Rows - 1
			for c := range line / 4 {
				le.PutUint32(tile[4*Rows*c+4*r:], le.Uint32(in[4*c:]))
			}
		}
	}
}

// packHalves transposes 2-byte weights to [cols][16].
func packHalves(dst, src []byte, stride, rows int) {
	for from := 0; from < stride; from += line {
		out, row := dst[from*Rows:], src[from:]
		if from+line > stride {
			for i := 0; i < rows*(stride-from); i += 2 { // less than a line
				r, c := i/(stride-from), i%(stride-from)
				le.PutUint16(out[c*Rows+2*r:], le.Uint16(row[r*stride+c:]))
			}
			return
		}
		tile := (*[line * Rows]byte)(out)
		for r := range rows {
			in := (*[line]byte)(row[r*stride:])
			r &= Rows - 1
			for c := range line / 2 {
				le.PutUint16(tile[2*Rows*c+2*r:], le.Uint16(in[2*c:]))
			}
		}
	}
}

// packPairs transposes 2-byte weights to [pairs of cols][16][2].
func packPairs(dst, src []byte, stride, rows int) {
	whole := stride &^ 3
	packWords(dst, src, stride, whole, rows)
	if whole == stride {
		return
	}
	for r := range rows { // a last column alone
		le.PutUint16(dst[whole*Rows+4*r:], le.Uint16(src[r*stride+whole:]))
	}
}

// packBlocks calls pack for every block (super-block for the K-quants) of size
// bytes. pack gets the unit, the block's index in it, and the blocks of all
// rows, which lie stride bytes apart.
func packBlocks(dst, src []byte, stride, rows int, l layout, size int, pack func(unit []byte, b int, s []byte, stride, rows int)) {
	per := 2
	if l.blocks > 2 { // a super-block fills the unit
		per = 1
	}
	for b := 0; b*size < stride; b++ {
		pack(dst[b/per*l.unit():][:l.unit()], b%per, src[b*size:], stride, rows)
	}
}

// putNibbles copies the 16 bytes of a block of nibbles, whose halves already
// are the first and the last 16 columns.
func putNibbles(body *[256]byte, r int, q *[16]byte) {
	r &= Rows - 1
	le.PutUint32(body[4*r:], le.Uint32(q[0:]))
	le.PutUint32(body[64+4*r:], le.Uint32(q[4:]))
	le.PutUint32(body[128+4*r:], le.Uint32(q[8:]))
	le.PutUint32(body[192+4*r:], le.Uint32(q[12:]))
}

// fifthBits turns the 32 fifth bits of a block, column c at bit c, into the
// four bytes of h.
func fifthBits(h uint32) uint32 {
	var out uint32
	for j := range 4 {
		x := h >> j & 0x11111111 // columns j, 4+j, … at bits 0, 4, …
		x = (x | x>>3) & 0x03030303
		x = (x | x>>6) & 0x000f000f
		x = (x | x>>12) & 0xff
		out |= x << (8 * j)
	}
	return out
}

func packQ40(u []byte, b int, src []byte, stride, rows int) {
	d, body := (*[32]byte)(u[32*b:]), (*[256]byte)(u[64+256*b:])
	for r := range rows {
		s := (*[18]byte)(src[r*stride:])
		le.PutUint16(d[2*(r&15):], le.Uint16(s[:]))
		putNibbles(body, r, (*[16]byte)(s[2:]))
	}
}

func packQ41(u []byte, b int, src []byte, stride, rows int) {
	d, m, body := (*[32]byte)(u[32*b:]), (*[32]byte)(u[64+32*b:]), (*[256]byte)(u[128+256*b:])
	for r := range rows {
		s := (*[20]byte)(src[r*stride:])
		le.PutUint16(d[2*(r&15):], le.Uint16(s[:]))
		le.PutUint16(m[2*(r&15):], le.Uint16(s[2:]))
		putNibbles(body, r, (*[16]byte)(s[4:]))
	}
}

func packQ50(u []byte, b int, src []byte, stride, rows int) {
	d, body, h := (*[32]byte)(u[32*b:]), (*[256]byte)(u[64+320*b:]), (*[64]byte)(u[64+320*b+256:])
	for r := range rows {
		s := (*[22]byte)(src[r*stride:])
		le.PutUint16(d[2*(r&15):], le.Uint16(s[:]))
		putNibbles(body, r, (*[16]byte)(s[6:]))
		le.PutUint32(h[4*(r&15):], fifthBits(le.Uint32(s[2:])))
	}
}

func packQ51(u []byte, b int, src []byte, stride, rows int) {
	d, m := (*[32]byte)(u[32*b:]), (*[32]byte)(u[64+32*b:])
	body, h := (*[256]byte)(u[128+320*b:]), (*[64]byte)(u[128+320*b+256:])
	for r := range rows {
		s := (*[24]byte)(src[r*stride:])
		le.PutUint16(d[2*(r&15):], le.Uint16(s[:]))
		le.PutUint16(m[2*(r&15):], le.Uint16(s[2:]))
		putNibbles(body, r, (*[16]byte)(s[8:]))
		le.PutUint32(h[4*(r&15):], fifthBits(le.Uint32(s[4:])))
	}
}

func packQ80(u []byte, b int, src []byte, stride, rows int) {
	d, body := (*[32]byte)(u[32*b:]), (*[512]byte)(u[64+512*b:])
	for r := range rows {
		s := (*[34]byte)(src[r*stride:])
		r &= Rows - 1
		le.PutUint16(d[2*r:], le.Uint16(s[:]))
		for v := range 8 {
			le.PutUint32(body[64*v+4*r:], le.Uint32(s[2+4*v:]))
		}
	}
}
