package main

import (
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
	w := weights{s.makePowers()}
	minusInf := s.constant("minusInf", 64, bits(float32(math.Inf(-1))))
	parts := 16 / s.lanes
	x, tops := s.vectors(parts), s.vectors(parts)
	for _, top := range tops {
		s.VMOVUPS(minusInf, top)
	}
	w.rows(scores, groups, x, func() {
		for i, top := range tops {
			s.VMAXPS(top, x[i], top) // top if x is no number
		}
	})
	top := w.fold(tops, func(x, y, z operand.Op) { s.VMAXPS(x, y, z) })
	s.give(0, top)
	s.VBROADCASTSS(top.AsX(), tops[0])

	sums := s.zeros(1, parts)[0]
	w.rows(scores, groups, x, func() {
		for _, r := range x {
			s.VSUBPS(tops[0], r, r)
		}
		w.exp(x...)
		for i, sum := range sums {
			s.VADDPS(x[i], sum, sum)
		}
	}, x...)
	s.give(1, w.fold(sums, func(x, y, z operand.Op) { s.VADDPS(x, y, z) }))
	s.VZEROUPPER()
	s.RET()
}

// weights is the code of softWeights.
type weights struct{ *powers }

// rows calls body for every 16 scores, which are in x, and writes out, if
// anything, in their place.
func (w weights) rows(scores, groups reg.GPVirtual, x []reg.VecVirtual, body func(), out ...reg.VecVirtual) {
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

// fold combines the 16 elements of x to the first one.
func (w weights) fold(x []reg.VecVirtual, op func(x, y, z operand.Op)) reg.VecVirtual {
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
