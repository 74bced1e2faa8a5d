package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

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
		v.exp(x[0])
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
