package kernel

import (
	"encoding/binary"
	"math"

	"lumi/accel"
)

var le = binary.LittleEndian

// packGroup repacks up to 16 rows of stride bytes each. Rows that are missing
// and columns that do not fill a unit become zero.
func packGroup(t accel.Type, dst, src []byte, stride, rows int) {
	cols, bytes := t.Block()
	cols *= stride / bytes
	l, quantised := layoutOf(t)
	if rows < Rows || quantised && cols%(l.blocks*Block) != 0 {
		clear(dst)
	}
	switch t {
	case accel.F32:
		packWords(dst, src, stride, rows)
	case accel.F16, accel.BF16:
		packHalves(dst, src, stride, rows)
	case accel.Q4_0:
		packPairs(dst, src, stride, rows, l, 18, packQ40)
	case accel.Q4_1:
		packPairs(dst, src, stride, rows, l, 20, packQ41)
	case accel.Q5_0:
		packPairs(dst, src, stride, rows, l, 22, packQ50)
	case accel.Q5_1:
		packPairs(dst, src, stride, rows, l, 24, packQ51)
	case accel.Q8_0:
		packPairs(dst, src, stride, rows, l, 34, packQ80)
	case accel.Q4_K:
		packSupers(dst, src, stride, rows, l, 144, packQ4K)
	case accel.Q5_K:
		packSupers(dst, src, stride, rows, l, 176, packQ5K)
	case accel.Q6_K:
		packSupers(dst, src, stride, rows, l, 210, packQ6K)
	}
}

// packWords transposes 4-byte weights to [cols][16].
func packWords(dst, src []byte, stride, rows int) {
	for r := range rows {
		row := src[r*stride:][:stride]
		for c := 0; c+4 <= len(row); c += 4 {
			le.PutUint32(dst[c*Rows+4*r:], le.Uint32(row[c:]))
		}
	}
}

// packHalves transposes 2-byte weights to [cols][16].
func packHalves(dst, src []byte, stride, rows int) {
	for c := 0; c < stride; c += 2 {
		out := dst[c*Rows:][:2*Rows]
		for r := range rows {
			le.PutUint16(out[2*r:], le.Uint16(src[r*stride+c:]))
		}
	}
}

// packPairs packs types whose units are two blocks of their own: pack gets the
// unit, the block's index in it, the row and the source block.
func packPairs(dst, src []byte, stride, rows int, l layout, size int, pack func(unit []byte, b, r int, s []byte)) {
	unit := l.unit()
	for b := 0; b*size < stride; b++ {
		u := dst[b/2*unit:][:unit]
		for r := range rows {
			pack(u, b&1, r, src[r*stride+b*size:][:size])
		}
	}
}

// packSupers packs types whose units are super-blocks of 256 columns.
func packSupers(dst, src []byte, stride, rows int, l layout, size int, pack func(unit []byte, r int, s []byte)) {
	unit := l.unit()
	for b := 0; b*size < stride; b++ {
		u := dst[b*unit:][:unit]
		for r := range rows {
			pack(u, r, src[r*stride+b*size:][:size])
		}
	}
}

// putNibbles copies the 16 bytes of a block of nibbles, whose halves already
// are the first and the last 16 columns.
func putNibbles(body []byte, r int, q []byte) {
	_, _ = body[255], q[15]
	lo, hi := le.Uint64(q), le.Uint64(q[8:])
	le.PutUint32(body[4*r:], uint32(lo))
	le.PutUint32(body[64+4*r:], uint32(lo>>32))
	le.PutUint32(body[128+4*r:], uint32(hi))
	le.PutUint32(body[192+4*r:], uint32(hi>>32))
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

func packQ40(u []byte, b, r int, s []byte) {
	le.PutUint16(u[32*b+2*r:], le.Uint16(s))
	putNibbles(u[64+256*b:], r, s[2:])
}

func packQ41(u []byte, b, r int, s []byte) {
	le.PutUint16(u[32*b+2*r:], le.Uint16(s))
	le.PutUint16(u[64+32*b+2*r:], le.Uint16(s[2:]))
	putNibbles(u[128+256*b:], r, s[4:])
}

func packQ50(u []byte, b, r int, s []byte) {
	le.PutUint16(u[32*b+2*r:], le.Uint16(s))
	body := u[64+320*b:]
	putNibbles(body, r, s[6:])
	le.PutUint32(body[256+4*r:], fifthBits(le.Uint32(s[2:])))
}

func packQ51(u []byte, b, r int, s []byte) {
	le.PutUint16(u[32*b+2*r:], le.Uint16(s))
	le.PutUint16(u[64+32*b+2*r:], le.Uint16(s[2:]))
	body := u[128+320*b:]
	putNibbles(body, r, s[8:])
	le.PutUint32(body[256+4*r:], fifthBits(le.Uint32(s[4:])))
}

func packQ80(u []byte, b, r int, s []byte) {
	le.PutUint16(u[32*b+2*r:], le.Uint16(s))
	body := u[64+512*b:][:512]
	_ = s[33]
	for v := range 4 {
		x := le.Uint64(s[2+8*v:])
		le.PutUint32(body[128*v+4*r:], uint32(x))
		le.PutUint32(body[128*v+64+4*r:], uint32(x>>32))
	}
}

// packScalesK packs what Q4_K and Q5_K have in common: the scales of the
// super-block and the 6-bit scales and minima of its blocks, widened to bytes.
func packScalesK(u []byte, r int, s []byte) {
	le.PutUint16(u[2*r:], le.Uint16(s))
	le.PutUint16(u[32+2*r:], le.Uint16(s[2:]))
	q := s[4:16]
	for j := range 4 {
		lo, hi := u[64+32*j:][:32], u[64+32*(j+4):][:32]
		lo[r], lo[16+r] = q[j]&63, q[j+4]&63
		hi[r], hi[16+r] = q[j+8]&15|q[j]>>6<<4, q[j+8]>>4|q[j+4]>>6<<4
	}
}

// packNibblesK packs the nibbles of a super-block of Q4_K or Q5_K: 32 bytes
// hold two blocks, one in the low and one in the high halves.
func packNibblesK(u []byte, r, head, body int, qs []byte) {
	const low = 0x0f0f0f0f
	for p := range 4 {
		q := qs[32*p:][:32]
		even, odd := u[head+2*p*body:][:256], u[head+(2*p+1)*body:][:256]
		for v := range 4 {
			a, b := le.Uint32(q[4*v:]), le.Uint32(q[16+4*v:])
			le.PutUint32(even[64*v+4*r:], a&low|b&low<<4)
			le.PutUint32(odd[64*v+4*r:], a>>4&low|b&(low<<4))
		}
	}
}

func packQ4K(u []byte, r int, s []byte) {
	packScalesK(u, r, s)
	packNibblesK(u, r, 320, 256, s[16:])
}

func packQ5K(u []byte, r int, s []byte) {
	packScalesK(u, r, s)
	packNibblesK(u, r, 320, 320, s[48:])
	var high [8]uint32 // of columns 4v … 4v+3 of all blocks, block b at bit b
	for v := range high {
		high[v] = le.Uint32(s[16+4*v:])
	}
	for b := range 8 {
		var h uint32
		for v, w := range high {
			h |= w >> b & 0x01010101 << v
		}
		le.PutUint32(u[320+320*b+256+4*r:], h)
	}
}

func packQ6K(u []byte, r int, s []byte) {
	le.PutUint32(u[4*r:], math.Float32bits(half(s[208:])))
	for b := range 8 {
		u[64+32*b+2*r], u[64+32*b+2*r+1] = s[192+2*b], s[192+2*b+1]
	}
	for b := range 8 { // four blocks share 64 bytes of nibbles and 32 of high bits
		low, high := s[b/4*64+b%2*32:][:32], s[128+b/4*32:][:32]
		shift := b % 4 / 2 * 4
		body := u[320+384*b:][:384]
		var h [2]uint32
		for v := range 4 {
			x, y := le.Uint32(low[4*v:])>>shift, le.Uint32(low[16+4*v:])>>shift
			le.PutUint32(body[64*v+4*r:], x&0x0f0f0f0f|y&0x0f0f0f0f<<4)
			for i := range h {
				h[i] |= le.Uint32(high[16*i+4*v:]) >> (b % 4 * 2) & 0x03030303 << (2 * v)
			}
		}
		le.PutUint32(body[256+4*r:], h[0])
		le.PutUint32(body[320+4*r:], h[1])
	}
}
