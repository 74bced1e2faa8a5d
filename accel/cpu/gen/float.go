package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func floatAVX2(a *asm)   { floats(simd{a, 8}) }
func floatAVX512(a *asm) { floats(simd{a, 16}) }

// bf16AVX512 writes the products of BF16 weights with activations that are
// rounded to bfloat16, for processors that multiply such pairs at full speed.
func bf16AVX512(a *asm) {
	s := simd{a, 16}
	s.floatTile(pair)
	s.floatQuad(pair)
	s.round()
}

// round writes the rounding of activations.
func (s simd) round() {
	s.function("roundBF16AVX512", "rounds 16 times n numbers to bfloat16, to nearest even, tiny ones to zero.",
		"func(dst *uint16, src *float32, n int)")
	dst, src, n := s.param("dst"), s.param("src"), s.param("n")
	x := s.ZMM()
	s.loop(n, func() {
		s.VMOVUPS(mem(src, 0), x)
		s.toBfloats(x, x.AsY())
		s.VMOVUPS(x.AsY(), mem(dst, 0))
		s.advance(64, src)
		s.advance(32, dst)
	})
	s.VZEROUPPER()
	s.RET()
}

// floats writes the products with unquantised weights.
func floats(s simd) {
	for _, e := range []element{f16, bf16, f32} {
		s.floatTile(e)
		s.floatQuad(e)
	}
}

// reader loads weights of one type.
type reader struct {
	simd
	element
	mask reg.VecVirtual // of the odd column's bits, for pairs of BF16
}

func (s simd) reader(e element) reader {
	r := reader{simd: s, element: e}
	if e == bf16 {
		r.mask = s.splat(0xffff0000)
	}
	return r
}

// columns loads as many columns as lie side by side, of one register of rows.
func (r reader) columns(m operand.Mem, row []reg.VecVirtual) {
	if r.element != bf16 {
		r.load(r.element, m, row[0])
		return
	}
	r.VMOVUPS(m, row[1])
	r.VPSLLD(operand.Imm(16), row[1], row[0])
	r.and(r.mask, row[1], row[1])
}

// addTo adds the products of a column with the activation at m.
func (r reader) addTo(acc []reg.VecVirtual, m operand.Mem, column []reg.VecVirtual, tmp reg.VecVirtual) {
	if r.element == pair {
		r.dotPairs(m, column[0], acc[0])
		return
	}
	r.addProducts(m, column, acc, tmp)
}

// add adds w times x to acc.
func (r reader) add(x, w, acc reg.VecVirtual) {
	if r.element == pair {
		r.dotPairs(x, w, acc)
		return
	}
	r.VFMADD231PS(x, w, acc)
}

// floatTile multiplies 16 rows with several tokens.
func (s simd) floatTile(e element) {
	most := s.lanes / 2
	s.function(e.name+s.suffix(), "multiplies 16 rows with n (1, 2, 4 or, with AVX-512, 8) tokens.",
		"func(w *byte, x, y *float32, steps, stride, ldy, n, ahead int)")
	w, x, y := s.param("w"), s.param("x"), s.param("y")
	count, stride, ldy, ahead := s.param("steps"), s.param("stride"), s.param("ldy"), s.param("ahead")
	s.upTo(most, s.param("n"), []int{8, 4, 2, 1}, func(n int) {
		parts := 16 / s.lanes
		acc, rows, tmp := s.zeros(n, parts), s.grid(parts, e.cols), s.vector()
		read, xs := s.reader(e), s.matrix(x, stride, n)
		s.unrolled(count, func(step int) {
			for p, row := range rows {
				read.columns(mem(w, e.bytes()*step+e.bytes()/parts*p), row)
			}
			for c := range e.cols {
				for t := range n {
					read.addTo(acc[t], xs.at(t, 4*(e.cols*step+c)), column(rows, c), tmp)
				}
			}
		}, func(steps int) {
			if steps > 1 {
				s.readAhead(ahead, mem(w, 0), e.bytes()*steps)
			}
			s.advance(e.bytes()*steps, w)
			s.advanceRows(xs, 4*e.cols*steps)
		})
		s.eachRow(y, ldy, acc, s.storeRow)
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

// loadRow reads what storeRow writes.
func (s simd) loadRow(y reg.GPVirtual, row []reg.VecVirtual) {
	for p, r := range row {
		s.VMOVUPS(mem(y, 4*s.lanes*p), r)
	}
}

// eachRow calls do with the place of every row of results, which begin stride
// bytes apart at y, and with its registers.
func (s simd) eachRow(y, stride reg.GPVirtual, rows [][]reg.VecVirtual, do func(y reg.GPVirtual, row []reg.VecVirtual)) {
	at := s.GP64()
	s.MOVQ(y, at)
	for i, row := range rows {
		do(at, row)
		if i < len(rows)-1 {
			s.ADDQ(stride, at)
		}
	}
}

// floatQuad multiplies 4 groups of 16 rows with one token: one group's sums
// would wait for each other.
func (s simd) floatQuad(e element) {
	s.function(e.name+"Quad"+s.suffix(), "multiplies 4 groups of 16 rows, group bytes apart, with one token.",
		"func(w *byte, x, y *float32, steps, group, ahead int)")
	w, x, y := s.param("w"), s.param("x"), s.param("y")
	count, group, ahead := s.param("steps"), s.param("group"), s.param("ahead")
	parts := 16 / s.lanes
	acc, row, value := s.zeros(4, parts), s.vectors(e.cols), s.vectors(e.cols)
	read := s.reader(e)
	ws := s.matrix(w, group, 4)
	far := ws // what is read ahead
	far.first = s.GP64()
	s.LEAQ(operand.Mem{Base: w, Index: ahead, Scale: 1}, far.first)
	s.unrolled(count, func(step int) {
		for c, v := range value {
			s.VBROADCASTSS(mem(x, 4*(e.cols*step+c)), v)
		}
		for g := range acc {
			for p, sum := range acc[g] {
				read.columns(ws.at(g, e.bytes()*step+e.bytes()/parts*p), row)
				for c, v := range value {
					read.add(v, row[c], sum)
				}
			}
		}
	}, func(steps int) {
		bytes := e.bytes() * steps
		if steps > 1 {
			s.ifAhead(ahead, func() {
				for g := range acc {
					s.prefetch(far.at(g, 0), bytes)
				}
			})
		}
		s.advanceRows(ws, bytes)
		s.advanceRows(far, bytes)
		s.advance(4*e.cols*steps, x)
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
