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
		for b := range 8 {
			le.PutUint32(u[320+320*b+256+4*(r&15):], bitPlane((*[32]byte)(s[16:]), b))
		}
	}
}

// bitPlane takes bit b of 32 bytes, one for each column of a block, and
// arranges them as h has them.
func bitPlane(s *[32]byte, b int) uint32 {
	var h uint32
	for v := range 8 {
		h |= le.Uint32(s[4*v:]) >> b & 0x01010101 << v
	}
	return h
}

// packTwos takes two bits, shifted right, of 32 bytes, one for each column of
// a block, and arranges them as q2 has them.
func packTwos(q2 *[128]byte, r int, s *[32]byte, shift int) {
	r &= Rows - 1
	for i := range 2 {
		var w uint32
		for v := range 4 {
			w |= le.Uint32(s[16*i+4*v:]) >> shift & 0x03030303 << (2 * v)
		}
		le.PutUint32(q2[64*i+4*r:], w)
	}
}

func packQ2K(u []byte, _ int, src []byte, stride, rows int) {
	head := (*[384]byte)(u)
	for r := range rows {
		s := (*[84]byte)(src[r*stride:])
		r &= Rows - 1
		le.PutUint32(head[4*r:], math.Float32bits(half(s[80:])))
		le.PutUint32(head[64+4*r:], math.Float32bits(half(s[82:])))
		for b := range 8 {
			le.PutUint16(head[128+32*b+2*r:], le.Uint16(s[2*b:]))
			packTwos((*[128]byte)(u[384+128*b:]), r, (*[32]byte)(s[16+b/4*32:]), b%4*2)
		}
	}
}

func packQ3K(u []byte, _ int, src []byte, stride, rows int) {
	head := (*[320]byte)(u)
	for r := range rows {
		s := (*[110]byte)(src[r*stride:])
		r &= Rows - 1
		le.PutUint32(head[4*r:], math.Float32bits(half(s[108:])))
		// The low nibbles of 16 scales, then two bits more of each.
		scales := (*[12]byte)(s[96:])
		for g := range 16 {
			q := scales[g%8]>>(g/8*4)&15 | scales[8+g%4]>>(g/4*2)&3<<4
			head[64+32*(g/2)+2*r+g%2] = q - 32
		}
		for b := range 8 {
			body := (*[192]byte)(u[320+192*b:])
			packTwos((*[128]byte)(body[:]), r, (*[32]byte)(s[32+b/4*32:]), b%4*2)
			le.PutUint32(body[128+4*r:], bitPlane((*[32]byte)(s[:]), b))
		}
	}
}

func packIQ4XS(u []byte, _ int, src []byte, stride, rows int) {
	head := (*[192]byte)(u)
	for r := range rows {
		s := (*[136]byte)(src[r*stride:])
		r &= Rows - 1
		le.PutUint32(head[4*r:], math.Float32bits(half(s[:])))
		high := le.Uint16(s[2:])
		for b := range 8 {
			head[64+16*b+r] = s[4+b/2]>>(b%2*4)&15 | byte(high>>(2*b))&3<<4 - 32
			putNibbles((*[256]byte)(u[192+256*b:]), r, (*[16]byte)(s[8+16*b:]))
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
	for v := range 4 {
		x, y := le.Uint32(low[4*v:])>>nibble, le.Uint32(low[16+4*v:])>>nibble
		le.PutUint32(body[64*v+4*r:], x&0x0f0f0f0f|y&0x0f0f0f0f<<4)
	}
	packTwos((*[128]byte)(body[256:]), r, high, upper)
}
