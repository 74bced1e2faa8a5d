package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rope writes the rotations of pairs.
func (v *vector) rope() {
	p := v.begin("ropeHalves", "rotates pairs (x, y).", "func(x, y, cos, sin *float32, n int)", "x", "y", "cos", "sin", "n")
	v.each(p[4], p[:4], nil, p[:2], func(x []reg.VecVirtual) []reg.VecVirtual {
		a, b, c, s, t, u := x[0], x[1], x[2], x[3], v.YMM(), v.YMM()
		v.VMULPS(s, b, t)
		v.VMULPS(s, a, u)
		v.VFMSUB213PS(t, c, a) // a*c - b*s
		v.VFMADD213PS(u, c, b) // b*c + a*s
		return x[:2]
	})
	v.end()

	twice := v.constant("twice", 32, 0, 0, 1, 1, 2, 2, 3, 3)
	p = v.begin("ropeNeighbours", "rotates pairs of neighbours, 4 at a time.", "func(x, cos, sin *float32, fours int)", "x", "cos", "sin", "fours")
	order := v.YMM()
	v.VMOVDQU(twice, order)
	x, y, c, s := v.YMM(), v.YMM(), v.YMM(), v.YMM()
	v.loop(p[3], func() {
		v.VMOVUPS(mem(p[0], 0), x)
		v.VMOVUPS(mem(p[1], 0), c.AsX())
		v.VMOVUPS(mem(p[2], 0), s.AsX())
		v.VPERMPS(c, order, c)
		v.VPERMPS(s, order, s)
		v.VPERMILPS(operand.U8(0xb1), x, y) // partners
		v.VMULPS(s, y, y)
		v.VFMADDSUB213PS(y, c, x) // x*c - y*s, x*c + y*s
		v.VMOVUPS(x, mem(p[0], 0))
		v.advance(32, p[0])
		v.advance(16, p[1])
		v.advance(16, p[2])
	})
	v.end()
}

// halves writes the conversions from and to binary16.
func (v *vector) halves() {
	p := v.begin("toHalves", "converts 8 times eights numbers to binary16.", "func(dst *uint16, src *float32, eights int)", "dst", "src", "eights")
	x := v.YMM()
	v.loop(p[2], func() {
		v.VMOVUPS(mem(p[1], 0), x)
		v.VCVTPS2PH(operand.U8(0), x, x.AsX())
		v.VMOVUPS(x.AsX(), mem(p[0], 0))
		v.advance(32, p[1])
		v.advance(16, p[0])
	})
	v.end()

	p = v.begin("fromHalves", "converts 8 times eights numbers from binary16.", "func(dst *float32, src *uint16, eights int)", "dst", "src", "eights")
	x = v.YMM()
	v.loop(p[2], func() {
		v.VCVTPH2PS(mem(p[1], 0), x)
		v.VMOVUPS(x, mem(p[0], 0))
		v.advance(16, p[1])
		v.advance(32, p[0])
	})
	v.end()
}

// roundWords writes the rounding to 16-bit integers.
func (v *vector) roundWords() {
	p := v.begin("roundWords", "rounds 16 times sixteens numbers times factor to integers.", "func(dst *int16, src *float32, factor float32, sixteens int)", "dst", "src", "sixteens")
	factor, x, y := v.broadcast("factor"), v.YMM(), v.YMM()
	v.loop(p[2], func() {
		v.VMULPS(mem(p[1], 0), factor, x)
		v.VMULPS(mem(p[1], 32), factor, y)
		v.VCVTPS2DQ(x, x)
		v.VCVTPS2DQ(y, y)
		v.VPACKSSDW(y, x, x)
		v.VPERMQ(operand.U8(0xd8), x, x)
		v.VMOVDQU(x, mem(p[0], 0))
		v.advance(64, p[1])
		v.advance(32, p[0])
	})
	v.end()
}

// readSum writes the loop that measures the memory: four lines at a time.
func (v *vector) readSum() {
	p := v.begin("readSum", "adds up the 64-bit words of four cache lines, apart bytes from each other, and then of those step bytes further on, times over.",
		"func(b *byte, times, apart, step, ahead int) uint64", "b", "times", "apart", "step", "ahead")
	acc := []reg.VecVirtual{v.YMM(), v.YMM(), v.YMM(), v.YMM()}
	for _, r := range acc {
		v.VPXOR(r, r, r)
	}
	lines := simd{v.asm, 8}.matrix(p[0], p[2], 4)
	v.loop(p[1], func() {
		v.ifAhead(p[4], func() {
			far := lines
			far.first = v.GP64()
			v.LEAQ(operand.Mem{Base: lines.first, Index: p[4], Scale: 1}, far.first)
			for i := range 4 {
				v.prefetch(far.at(i, 0), cacheLine)
			}
		})
		for i := range 8 {
			r := acc[i%4]
			v.VPADDQ(lines.at(i/2, i%2*32), r, r)
		}
		v.ADDQ(p[3], lines.first)
	})
	v.VPADDQ(acc[1], acc[0], acc[0])
	v.VPADDQ(acc[3], acc[2], acc[2])
	v.VPADDQ(acc[2], acc[0], acc[0])
	x, t := acc[0].AsX(), v.XMM()
	v.VEXTRACTI128(operand.U8(1), acc[0], t)
	v.VPADDQ(t, x, x)
	v.VPSRLDQ(operand.U8(8), x, t)
	v.VPADDQ(t, x, x)
	sum := v.GP64()
	v.VMOVQ(x, sum)
	v.Store(sum, v.ReturnIndex(0))
	v.end()
}
