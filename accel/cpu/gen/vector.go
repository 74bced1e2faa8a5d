package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vectors writes the operations on float32 vectors. Most wait for memory or are
// a small part of the work, so AVX2 serves all machines.
func vectors(a *asm) {
	v := &vector{asm: a}
	v.tail = a.constant("tailMask", 64, append(repeat(8, ^uint32(0)), repeat(8, 0)...)...)
	v.minusInf = a.constant("minusInf", 32, bits(float32(math.Inf(-1))))
	v.powers = simd{a, 8}.makePowers()
	v.elementwise()
	v.activations()
	v.reductions()
	v.rope()
	v.halves()
	v.roundWords()
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
	*powers
	tail, minusInf operand.Mem
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

// result returns the first element of r.
func (v *vector) result(r reg.VecVirtual) {
	v.give(0, r)
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
