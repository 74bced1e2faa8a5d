package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// softWeights turns a row of scores into weights. Position i is always added to sum
// i%16, so that where a row begins does not change the bits.
func (s simd) softWeights() {
	s.function("softWeights"+s.suffix(),
		"replaces groups*16 scores by exp(score - top), top being the largest, and returns the sum of these, too.",
		"func(scores *float32, groups int) (top, sum float32)")
	scores, groups := s.param("scores"), s.param("groups")
	w := &weights{simd: s, parts: 16 / s.lanes}
	w.constants()
	x, tops := s.vectors(w.parts), s.vectors(w.parts)
	for _, top := range tops {
		s.VMOVUPS(w.minusInf, top)
	}
	w.rows(scores, groups, x, func() {
		for i, top := range tops {
			s.VMAXPS(top, x[i], top) // top if x is no number
		}
	})
	top := w.fold(tops, func(x, y, z operand.Op) { s.VMAXPS(x, y, z) })
	s.give(0, top)
	s.VBROADCASTSS(top.AsX(), tops[0])

	sums := s.zeros(1, w.parts)[0]
	w.rows(scores, groups, x, func() {
		w.exp(x, tops[0])
		for i, sum := range sums {
			s.VADDPS(x[i], sum, sum)
		}
	}, x...)
	s.give(1, w.fold(sums, func(x, y, z operand.Op) { s.VADDPS(x, y, z) }))
	s.VZEROUPPER()
	s.RET()
}

// weights is the code of softWeights.
type weights struct {
	simd
	parts                                        int // registers for 16 scores
	minusInf, lowest, log2e, upper, lower, magic operand.Mem
	series                                       []operand.Mem // from r⁶ down to r⁰
}

func (w *weights) constants() {
	c := func(name string, f float32) operand.Mem { return w.constant(name, 64, bits(f)) }
	w.minusInf = c("minusInf", float32(math.Inf(-1)))
	w.lowest, w.log2e = c("expMin", expMin), c("log2e", log2e)
	w.upper, w.lower = c("ln2Upper", ln2Upper), c("ln2Lower", ln2Lower)
	// Added to a small number it leaves that, rounded to an integer, plus the
	// bias of an exponent in the low bits.
	w.magic = c("magic", 3<<22+127)
	for i, f := range append(expSeries[:], 1) {
		w.series = append(w.series, c(fmt.Sprintf("expC%d", 6-i), f))
	}
	w.series = append(w.series, w.series[len(w.series)-1])
}

// rows calls body for every 16 scores, which are in x, and writes out, if
// anything, in their place.
func (w *weights) rows(scores, groups reg.GPVirtual, x []reg.VecVirtual, body func(), out ...reg.VecVirtual) {
	p, count := w.GP64(), w.GP64()
	w.MOVQ(scores, p)
	w.MOVQ(groups, count)
	w.loop(count, func() {
		for i, r := range x {
			w.VMOVUPS(mem(p, 4*w.lanes*i), r)
		}
		body()
		for i, r := range out {
			w.VMOVUPS(r, mem(p, 4*w.lanes*i))
		}
		w.advance(64, p)
	})
}

// exp replaces every x by exp(x - top), computed as package kernel's expf does.
// As no x is above top, one scale will do. Below the normal range it is 0.
func (w *weights) exp(x []reg.VecVirtual, top reg.VecVirtual) {
	n, p, scale := w.vectors(len(x)), w.vectors(len(x)), w.vectors(len(x))
	live := make([]reg.Register, len(x))
	for i, x := range x {
		w.VSUBPS(top, x, x)
		w.VMOVUPS(w.lowest, p[i])
		live[i] = w.notBelow(p[i], x)
		w.VMAXPS(x, p[i], x) // x if that is no number
		w.VMOVUPS(w.magic, scale[i])
		w.VFMADD231PS(w.log2e, x, scale[i])
		w.VSUBPS(w.magic, scale[i], n[i])
		w.VFNMADD231PS(w.upper, n[i], x)
		w.VFNMADD231PS(w.lower, n[i], x)
		w.VMOVUPS(w.series[0], p[i])
		w.VPSLLD(operand.U8(23), scale[i], scale[i])
	}
	for _, c := range w.series[1:] {
		for i, x := range x {
			w.VFMADD213PS(c, x, p[i])
		}
	}
	for i, x := range x {
		w.scaled(p[i], scale[i], live[i], x)
	}
}

// notBelow marks the lanes in which x is not less than low, no number included.
func (w *weights) notBelow(low, x reg.VecVirtual) reg.Register {
	const notLess = 5
	if w.lanes == 16 {
		k := w.K()
		w.VCMPPS(operand.U8(notLess), low, x, k)
		return k
	}
	y := w.YMM()
	w.VCMPPS(operand.U8(notLess), low, x, y)
	return y
}

// scaled stores p times scale where live says so, and 0 elsewhere.
func (w *weights) scaled(p, scale reg.VecVirtual, live reg.Register, to reg.VecVirtual) {
	if w.lanes == 16 {
		w.VMULPS_Z(scale, p, live, to)
		return
	}
	w.VMULPS(scale, p, to)
	w.VANDPS(live, to, to)
}

// fold combines the 16 elements of x to the first one.
func (w *weights) fold(x []reg.VecVirtual, op func(x, y, z operand.Op)) reg.VecVirtual {
	low := w.YMM()
	if w.lanes == 16 {
		high := w.YMM()
		w.VEXTRACTF64X4(operand.U8(1), x[0], high)
		op(high, x[0].AsY(), low)
	} else {
		op(x[1], x[0], low)
	}
	w.asm.fold(low, op)
	return low
}
