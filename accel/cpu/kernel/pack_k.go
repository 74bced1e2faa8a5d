package kernel

import "math"

// packScalesK packs what Q4_K and Q5_K have in common: the scales of the
// super-block and the 6-bit scales and minima of its blocks, widened to bytes.
func packScalesK(u *[320]byte, r int, s *[16]byte) {
	r &= Rows - 1
	le.PutUint16(u[2*r:], le.Uint16(s[:]))
	le.PutUint16(u[32+2*r:], le.Uint16(s[2:]))
	q := (*[12]byte)(s[4:])
	for j := range 4 {
		lo, hi := (*[32]byte)(u[64+32*j:]), (*[32]byte)(u[64+32*(j+4):])
		lo[r], lo[16+r] = q[j]&63, q[j+4]&63
		hi[r], hi[16+r] = q[j+8]&15|q[j]>>6<<4, q[j+8]>>4|q[j+4]>>6<<4
	}
}

// packNibblesK packs the nibbles of two blocks of Q4_K or Q5_K, which share 32
// bytes: one block in the low and one in the high halves.
func packNibblesK(even, odd *[256]byte, r int, q *[32]byte) {
	const low = 0x0f0f0f0f
	r &= Rows - 1
	for v := range 4 {
		a, b := le.Uint32(q[4*v:]), le.Uint32(q[16+4*v:])
		le.PutUint32(even[64*v+4*r:], a&low|b&low<<4)
		le.PutUint32(odd[64*v+4*r:], a>>4&low|b&(low<<4))
	}
}

func packQ4K(u []byte, _ int, src []byte, stride, rows int) {
	head := (*[320]byte)(u)
	for r := range rows {
		s := (*[144]byte)(src[r*stride:])
		packScalesK(head, r, (*[16]byte)(s[:]))
		for p := range 4 {
			body := u[320+512*p:][:512]
			packNibblesK((*[256]byte)(body), (*[256]byte)(body[256:]), r, (*[32]byte)(s[16+32*p:]))
		}
	}
}

func packQ5K(u []byte, _ int, src []byte, stride, rows int) {
	head := (*[320]byte)(u)
	for r := range rows {
		s := (*[176]byte)(src[r*stride:])
		packScalesK(head, r, (*[16]byte)(s[:]))
		for p := range 4 {
			body := u[320+640*p:][:640]
			packNibblesK((*[256]byte)(body), (*[256]byte)(body[320:]), r, (*[32]byte)(s[48+32*p:]))
		}
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
}

func packQ6K(u []byte, _ int, src []byte, stride, rows int) {
	head := (*[320]byte)(u)
	for r := range rows {
		s := (*[210]byte)(src[r*stride:])
		r &= Rows - 1
		le.PutUint32(head[4*r:], math.Float32bits(half(s[208:])))
		for b := range 8 {
			le.PutUint16(head[64+32*b+2*r:], le.Uint16(s[192+2*b:]))
		}
		for b := range 8 { // four blocks share 64 bytes of nibbles and 32 of high bits
			low, high := (*[32]byte)(s[b/4*64+b%2*32:]), (*[32]byte)(s[128+b/4*32:])
			packSix((*[384]byte)(u[320+384*b:]), r, low, high, b%4/2*4, b%4*2)
		}
	}
}

// packSix packs a block of Q6_K, whose weights have their low nibble and their
// upper two bits at the given shifts.
func packSix(body *[384]byte, r int, low, high *[32]byte, nibble, upper int) {
	r &= Rows - 1
	var h [2]uint32
	for v := range 4 {
		x, y := le.Uint32(low[4*v:])>>nibble, le.Uint32(low[16+4*v:])>>nibble
		le.PutUint32(body[64*v+4*r:], x&0x0f0f0f0f|y&0x0f0f0f0f<<4)
		h[0] |= le.Uint32(high[4*v:]) >> upper & 0x03030303 << (2 * v)
		h[1] |= le.Uint32(high[16+4*v:]) >> upper & 0x03030303 << (2 * v)
	}
	le.PutUint32(body[256+4*r:], h[0])
	le.PutUint32(body[320+4*r:], h[1])
}
