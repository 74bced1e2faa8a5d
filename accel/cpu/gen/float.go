package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func floatAVX2(a *asm)   { floats(simd{a, 8}) }
func floatAVX512(a *asm) { floats(simd{a, 16}) }

// floats writes the products with unquantised weights.
func floats(s simd) {
	for _, e := range []element{f16, bf16, f32} {
		s.floatTile(e)
		s.floatQuad(e)
	}
}

// floatTile multiplies 16 rows with several tokens.
func (s simd) floatTile(e element) {
	most := s.lanes / 2
	s.function(e.name+s.suffix(), "multiplies 16 rows with n (1, 2, 4 or, with AVX-512, 8) tokens.",
		"func(w *byte, x, y *float32, cols, stride, ldy, n, ahead int)")
	w, x, y := s.param("w"), s.param("x"), s.param("y")
	cols, stride, ldy, ahead := s.param("cols"), s.param("stride"), s.param("ldy"), s.param("ahead")
	s.upTo(most, s.param("n"), []int{8, 4, 2, 1}, func(n int) {
		parts := 16 / s.lanes
		acc, row, tmp := s.zeros(n, parts), s.vectors(parts), s.vector()
		xs := s.matrix(x, stride, n)
		s.unrolled(cols, func(step int) {
			for p, r := range row {
				s.load(e, mem(w, (16*step+s.lanes*p)*e.size), r)
			}
			for t := range n {
				s.addProducts(xs.at(t, 4*step), row, acc[t], tmp)
			}
		}, func(steps int) {
			bytes := 16 * e.size * steps
			if steps > 1 {
				s.readAhead(ahead, mem(w, 0), bytes)
			}
			s.advance(bytes, w)
			s.advanceRows(xs, 4*steps)
		})
		for t := range acc {
			s.storeRow(y, acc[t])
			if t < n-1 {
				s.ADDQ(ldy, y)
			}
		}
		s.VZEROUPPER()
		s.RET()
	})
}

// storeRow writes registers one after the other.
func (s simd) storeRow(y reg.GPVirtual, row []reg.VecVirtual) {
	for p, r := range row {
		s.VMOVUPS(r, mem(y, 4*s.lanes*p))
	}
}

// floatQuad multiplies 4 groups of 16 rows with one token: one group's sums
// would wait for each other.
func (s simd) floatQuad(e element) {
	s.function(e.name+"Quad"+s.suffix(), "multiplies 4 groups of 16 rows, group bytes apart, with one token.",
		"func(w *byte, x, y *float32, cols, group, ahead int)")
	w, x, y := s.param("w"), s.param("x"), s.param("y")
	cols, group, ahead := s.param("cols"), s.param("group"), s.param("ahead")
	parts := 16 / s.lanes
	acc, row, tmp := s.zeros(4, parts), s.vector(), s.vector()
	ws := s.matrix(w, group, 4)
	far := ws // what is read ahead
	far.first = s.GP64()
	s.LEAQ(operand.Mem{Base: w, Index: ahead, Scale: 1}, far.first)
	s.unrolled(cols, func(step int) {
		s.VBROADCASTSS(mem(x, 4*step), tmp)
		for g := range acc {
			for p, sum := range acc[g] {
				s.load(e, ws.at(g, (16*step+s.lanes*p)*e.size), row)
				s.VFMADD231PS(tmp, row, sum)
			}
		}
	}, func(steps int) {
		bytes := 16 * e.size * steps
		if steps > 1 {
			s.ifAhead(ahead, func() {
				for g := range acc {
					s.prefetch(far.at(g, 0), bytes)
				}
			})
		}
		s.advanceRows(ws, bytes)
		s.advanceRows(far, bytes)
		s.advance(4*steps, x)
	})
	for g := range acc {
		s.storeRow(y, acc[g])
		if g < 3 {
			s.advance(64, y)
		}
	}
	s.VZEROUPPER()
	s.RET()
}
