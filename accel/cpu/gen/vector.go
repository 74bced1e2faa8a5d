package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vectors writes the operations on float32 vectors. They wait for memory or
// are a small part of the work, so AVX2 serves all machines.
func vectors(a *asm) {
	v := &vector{asm: a}
	v.tail = a.constant("tailMask", 64, append(repeat(8, ^uint32(0)), repeat(8, 0)...)...)
	v.minusInf = a.constant("minusInf", 32, bits(float32(math.Inf(-1))))
	v.one = a.constant("one", 32, bits(1))
	v.makeExp()
	v.elementwise()
	v.activations()
	v.reductions()
	v.rope()
	v.halves()
	v.quantise()
	v.readSum()
}

func bits(f float32) uint32 { return math.Float32bits(f) }

func repeat(n int, v uint32) []uint32 {
	r := make([]uint32, n)
	for i := range r {
		r[i] = v
	}
	return r
}

// vector is the file of vector operations.
type vector struct {
	*asm
	tail, minusInf, one operand.Mem
	exp                 struct {
		lowest, highest, log2e, upper, lower, bias operand.Mem
		c                                          [5]operand.Mem // of r⁶ down to r²
	}
}

// each calls body for the n elements at the pointers, 8 at a time. body gets
// them in registers, which are filled up with fill (zero if nil) behind the
// end, and returns what is written to out, if anything. n and the pointers
// are changed.
func (v *vector) each(n reg.GPVirtual, in []reg.GPVirtual, fill *operand.Mem, out []reg.GPVirtual, body func(x []reg.VecVirtual) []reg.VecVirtual) {
	x := make([]reg.VecVirtual, len(in))
	for i := range x {
		x[i] = v.YMM()
	}
	i, rest := v.GP64(), v.label("rest")
	done := v.label("done")
	at := func(p reg.GPVirtual) operand.Mem { return operand.Mem{Base: p, Index: i, Scale: 4} }
	again := v.label("loop")
	v.XORQ(i, i)
	v.SUBQ(operand.U8(8), n)
	v.JLT(operand.LabelRef(rest))
	v.Label(again)
	for j, p := range in {
		v.VMOVUPS(at(p), x[j])
	}
	for j, y := range body(x) {
		v.VMOVUPS(y, at(out[j]))
	}
	v.ADDQ(operand.U8(8), i)
	v.CMPQ(i, n)
	v.JLE(operand.LabelRef(again))
	v.Label(rest)
	v.ADDQ(operand.U8(8), n) // elements again
	v.SUBQ(i, n)
	v.JZ(operand.LabelRef(done))
	mask, table := v.YMM(), v.GP64()
	v.LEAQ(v.constantAt(v.tail, 32), table)
	v.NEGQ(n)
	v.VMOVUPS(operand.Mem{Base: table, Index: n, Scale: 4}, mask)
	for j, p := range in {
		v.VMASKMOVPS(at(p), mask, x[j])
		if fill != nil {
			f := v.YMM()
			v.VMOVUPS(*fill, f)
			v.VBLENDVPS(mask, x[j], f, x[j])
		}
	}
	for j, y := range body(x) {
		v.VMASKMOVPS(y, mask, at(out[j]))
	}
	v.Label(done)
}

// constantAt is an address within a constant.
func (v *vector) constantAt(m operand.Mem, disp int) operand.Mem {
	m.Disp += disp
	return m
}

// begin starts a function and loads its parameters.
func (v *vector) begin(name, doc, signature string, params ...string) []reg.GPVirtual {
	v.function(name+"AVX2", doc, signature)
	var regs []reg.GPVirtual
	for _, p := range params {
		regs = append(regs, v.param(p))
	}
	return regs
}

// broadcast reads a float32 parameter to all elements of a register.
func (v *vector) broadcast(name string) reg.VecVirtual {
	c, err := v.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	r := v.YMM()
	v.VBROADCASTSS(c.Addr, r)
	return r
}

// end leaves the function.
func (v *vector) end() {
	v.VZEROUPPER()
	v.RET()
}

// result returns the first element of r. It must not be moved by an
// instruction without V, which is slow between those with V.
func (v *vector) result(r reg.VecVirtual) {
	c, err := v.ReturnIndex(0).Resolve()
	if err != nil {
		panic(err)
	}
	v.VMOVSS(r.AsX(), c.Addr)
	v.end()
}

func (v *vector) elementwise() {
	p := v.begin("scaleMul", "writes x*s*w to dst.", "func(dst, x, w *float32, s float32, n int)", "dst", "x", "w", "n")
	s := v.broadcast("s")
	v.each(p[3], p[1:3], nil, p[:1], func(x []reg.VecVirtual) []reg.VecVirtual {
		v.VMULPS(s, x[0], x[0])
		v.VMULPS(x[1], x[0], x[0])
		return x[:1]
	})
	v.end()

	p = v.begin("add", "writes a + b to dst.", "func(dst, a, b *float32, n int)", "dst", "a", "b", "n")
	v.each(p[3], p[1:3], nil, p[:1], func(x []reg.VecVirtual) []reg.VecVirtual {
		v.VADDPS(x[1], x[0], x[0])
		return x[:1]
	})
	v.end()

	p = v.begin("scale", "multiplies x by s.", "func(x *float32, s float32, n int)", "x", "n")
	s = v.broadcast("s")
	v.each(p[1], p[:1], nil, p[:1], func(x []reg.VecVirtual) []reg.VecVirtual {
		v.VMULPS(s, x[0], x[0])
		return x
	})
	v.end()

	p = v.begin("weighted", "writes a*dst + b*src to dst.", "func(dst, src *float32, a, b float32, n int)", "dst", "src", "n")
	a, b := v.broadcast("a"), v.broadcast("b")
	v.each(p[2], p[:2], nil, p[:1], func(x []reg.VecVirtual) []reg.VecVirtual {
		v.VMULPS(b, x[1], x[1])
		v.VFMADD213PS(x[1], a, x[0])
		return x[:1]
	})
	v.end()
}

// makeExp defines the constants of the exponential function, which package
// kernel explains (expf).
func (v *vector) makeExp() {
	e := &v.exp
	for _, c := range []struct {
		m    *operand.Mem
		name string
		bits uint32
	}{
		{&e.lowest, "expMin", bits(-87.33654)},
		{&e.highest, "expMax", bits(89)},
		{&e.log2e, "log2e", bits(1.44269504)},
		{&e.upper, "ln2Upper", bits(0.693359375)},
		{&e.lower, "ln2Lower", bits(-2.12194440e-4)},
		{&e.bias, "expBias", 127},
		{&e.c[0], "expC6", bits(0.0013926184)},
		{&e.c[1], "expC5", bits(0.008363179)},
		{&e.c[2], "expC4", bits(0.041666555)},
		{&e.c[3], "expC3", bits(0.16666577)},
		{&e.c[4], "expC2", bits(0.5)},
	} {
		*c.m = v.constant(c.name, 32, c.bits)
	}
}

// expOf replaces x by its exponential; below the normal range it is 0.
func (v *vector) expOf(x reg.VecVirtual) {
	e := &v.exp
	live, n, p, t := v.YMM(), v.YMM(), v.YMM(), v.YMM()
	v.VMOVUPS(e.lowest, t)
	v.VCMPPS(operand.U8(5), t, x, live) // not x < lowest, so NaN stays NaN
	v.VMAXPS(x, t, x)
	v.VMOVUPS(e.highest, t)
	v.VMINPS(x, t, x)
	v.VMULPS(e.log2e, x, n)
	v.VROUNDPS(operand.U8(0), n, n)
	v.VFNMADD231PS(e.upper, n, x)
	v.VFNMADD231PS(e.lower, n, x)
	v.VMOVUPS(e.c[0], p)
	for _, c := range e.c[1:] {
		v.VFMADD213PS(c, x, p)
	}
	v.VFMADD213PS(v.one, x, p)
	v.VFMADD213PS(v.one, x, p)
	v.VCVTPS2DQ(n, n)
	v.VPSRAD(operand.U8(1), n, t)
	v.VPSUBD(t, n, n)
	for _, half := range []reg.VecVirtual{t, n} { // 2^128 is no float32
		v.VPADDD(e.bias, half, half)
		v.VPSLLD(operand.U8(23), half, half)
		v.VMULPS(half, p, p)
	}
	v.VANDPS(live, p, x)
}

// activations writes act(gate)*up, both being gate*σ(z)*up for some z.
func (v *vector) activations() {
	sign := v.constant("signBit", 32, 1<<31)
	linear, cubic := v.constant("geluLinear", 32, bits(-1.5957691216057308)), v.constant("geluCubic", 32, bits(-1.5957691216057308*0.044715))
	for _, f := range []struct {
		name  string
		minus func(x, z reg.VecVirtual) // z = -z(x)
	}{
		{"siluMul", func(x, z reg.VecVirtual) { v.VXORPS(sign, x, z) }},
		{"geluMul", func(x, z reg.VecVirtual) {
			c := v.YMM()
			v.VMULPS(x, x, z)
			v.VMOVUPS(cubic, c)
			v.VFMADD213PS(linear, c, z)
			v.VMULPS(x, z, z)
		}},
	} {
		p := v.begin(f.name, "writes the activation of gate times up to dst.", "func(dst, gate, up *float32, n int)", "dst", "gate", "up", "n")
		v.each(p[3], p[1:3], nil, p[:1], func(x []reg.VecVirtual) []reg.VecVirtual {
			z := v.YMM()
			f.minus(x[0], z)
			v.expOf(z)
			v.VADDPS(v.one, z, z)
			v.VDIVPS(z, x[0], x[0])
			v.VMULPS(x[1], x[0], x[0])
			return x[:1]
		})
		v.end()
	}
}

// fold combines the 8 elements of acc to one, in halves.
func (v *vector) fold(acc reg.VecVirtual, op func(x, y, z operand.Op)) {
	x, t := acc.AsX(), v.XMM()
	v.VEXTRACTF128(operand.U8(1), acc, t)
	op(t, x, x)
	v.VPERMILPS(operand.U8(0x0e), x, t)
	op(t, x, x)
	v.VPERMILPS(operand.U8(0x01), x, t)
	op(t, x, x)
}

func (v *vector) reductions() {
	add := func(x, y, z operand.Op) { v.VADDPS(x, y, z) }
	greatest := func(x, y, z operand.Op) { v.VMAXPS(x, y, z) }

	p := v.begin("sumSquares", "returns the sum of squares.", "func(x *float32, n int) float32", "x", "n")
	acc := v.YMM()
	v.VXORPS(acc, acc, acc)
	v.each(p[1], p[:1], nil, nil, func(x []reg.VecVirtual) []reg.VecVirtual {
		v.VFMADD231PS(x[0], x[0], acc)
		return nil
	})
	v.fold(acc, add)
	v.result(acc)

	p = v.begin("maximum", "returns the largest value.", "func(x *float32, n int) float32", "x", "n")
	acc = v.YMM()
	v.VMOVUPS(v.minusInf, acc)
	v.each(p[1], p[:1], &v.minusInf, nil, func(x []reg.VecVirtual) []reg.VecVirtual {
		v.VMAXPS(acc, x[0], acc) // acc if x is no number
		return nil
	})
	v.fold(acc, greatest)
	v.result(acc)

	p = v.begin("expSum", "replaces x by exp(x - top) and returns the sum.", "func(x *float32, top float32, n int) float32", "x", "n")
	top := v.broadcast("top")
	acc = v.YMM()
	v.VXORPS(acc, acc, acc)
	v.each(p[1], p[:1], &v.minusInf, p[:1], func(x []reg.VecVirtual) []reg.VecVirtual {
		v.VSUBPS(top, x[0], x[0])
		v.expOf(x[0])
		v.VADDPS(x[0], acc, acc)
		return x
	})
	v.fold(acc, add)
	v.result(acc)

	v.index()
}

// index finds a value in a vector.
func (v *vector) index() {
	p := v.begin("index", "returns where value first occurs in the n (a multiple of 8) elements of x, n if nowhere.",
		"func(x *float32, value float32, n int) int", "x", "n")
	value, t, hit := v.broadcast("value"), v.YMM(), v.GP32()
	i, again, found := v.GP64(), v.label("loop"), v.label("found")
	v.XORQ(i, i)
	v.Label(again)
	v.VCMPPS(operand.U8(0), operand.Mem{Base: p[0], Index: i, Scale: 4}, value, t)
	v.VMOVMSKPS(t, hit)
	v.TESTL(hit, hit)
	v.JNZ(operand.LabelRef(found))
	v.ADDQ(operand.U8(8), i)
	v.CMPQ(i, p[1])
	v.JLT(operand.LabelRef(again))
	v.Store(p[1], v.ReturnIndex(0))
	v.end()
	v.Label(found)
	v.BSFL(hit, hit)
	v.ADDQ(hit.As64(), i)
	v.Store(i, v.ReturnIndex(0))
	v.end()
}

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

// quantise writes the quantisation of activations to int8.
func (v *vector) quantise() {
	magnitude := v.constant("magnitude", 32, 1<<31-1)
	limit, tiny := v.constant("most", 4, bits(127)), v.constant("tiny", 4, bits(tinyBlock))
	ones8, ones := v.constant("ones8", 32, 0x01010101), v.constant("ones16", 32, 0x00010001)
	order := v.constant("unpack", 32, 0, 4, 1, 5, 2, 6, 3, 7)
	p := v.begin("quantise", "quantises blocks of 32 to blocks stride bytes apart.", "func(dst *byte, x *float32, blocks, stride int)", "dst", "x", "blocks", "stride")
	dst, src := p[0], p[1]
	v.loop(p[2], func() {
		x := []reg.VecVirtual{v.YMM(), v.YMM(), v.YMM(), v.YMM()}
		top, t := v.YMM(), v.YMM()
		v.VXORPS(top, top, top)
		for i := range x {
			v.VMOVUPS(mem(src, 32*i), x[i])
			v.VANDPS(magnitude, x[i], t)
			v.VPMAXSD(top, t, top) // as integers: what is no number is the greatest
		}
		v.fold(top, func(x, y, z operand.Op) { v.VPMAXSD(x, y, z) })
		most, scale, inverse, live := v.XMM(), v.XMM(), v.YMM(), v.XMM()
		v.VMOVSS(limit, most)
		v.VDIVSS(most, top.AsX(), scale)
		v.VDIVSS(top.AsX(), most, inverse.AsX())
		v.VMOVSS(tiny, live)
		v.VCMPSS(operand.U8(2), top.AsX(), live, live) // tiny ≤ top
		v.VANDPS(live, inverse.AsX(), inverse.AsX())
		v.VBROADCASTSS(inverse.AsX(), inverse)
		for i := range x {
			v.VMULPS(inverse, x[i], x[i])
			v.VCVTPS2DQ(x[i], x[i])
		}
		v.VPACKSSDW(x[1], x[0], x[0])
		v.VPACKSSDW(x[3], x[2], x[2])
		v.VPACKSSWB(x[2], x[0], x[0])
		v.VMOVDQU(order, t)
		v.VPERMD(x[0], t, x[0])
		v.VMOVDQU(x[0], mem(dst, 0))
		v.VMOVSS(scale, mem(dst, blockScale))
		v.sums(dst, x[0], scale, ones8, ones)
		v.advance(128, src)
		v.ADDQ(p[3], dst)
	})
	v.end()
}

// sums stores the sums of the 32 int8 in q as a block of activations has them.
func (v *vector) sums(dst reg.GPVirtual, q reg.VecVirtual, scale reg.VecVirtual, ones8, ones operand.Mem) {
	s, u := v.YMM(), v.XMM()
	v.VMOVDQU(ones8, s)
	v.VPMADDUBSW(q, s, s)
	v.VPMADDWD(ones, s, s) // sums of 4
	v.VPHADDD(s, s, s)
	v.VPHADDD(s, s, s) // of 16, in each half
	v.VEXTRACTI128(operand.U8(1), s, u)
	lo, hi, total := v.GP32(), v.GP32(), v.GP32()
	v.VMOVD(s.AsX(), lo)
	v.VMOVD(u, hi)
	v.LEAL(operand.Mem{Base: lo, Index: hi, Scale: 1}, total)
	v.VPADDD(u, s.AsX(), u)
	v.VCVTDQ2PS(u, u)
	v.VMULSS(scale, u, u)
	v.VMOVSS(u, mem(dst, blockTotal))
	for _, r := range []reg.GPVirtual{lo, hi, total} {
		v.NEGL(r)
	}
	v.MOVL(total, mem(dst, blockNeg))
	v.MOVW(lo.As16(), mem(dst, blockHalf))
	v.MOVW(hi.As16(), mem(dst, blockHalf+2))
}

// readSum writes the loop that measures the memory.
func (v *vector) readSum() {
	p := v.begin("readSum", "adds up the 64-bit words of lines of 128 bytes.", "func(b *byte, lines, ahead int) uint64", "b", "lines", "ahead")
	acc := []reg.VecVirtual{v.YMM(), v.YMM(), v.YMM(), v.YMM()}
	for _, r := range acc {
		v.VPXOR(r, r, r)
	}
	v.loop(p[1], func() {
		v.readAhead(p[2], mem(p[0], 0), 128)
		for i, r := range acc {
			v.VPADDQ(mem(p[0], 32*i), r, r)
		}
		v.advance(128, p[0])
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
