package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// chunkBytes is the length of a row of scores: 256 float32.
const chunkBytes = 4 * 256

// ahead is how far ahead keys and values are prefetched: the processor's own
// prefetcher stops at the end of every page of 4 KiB, and at eight queries per
// key starting anew takes it as long as the page is computed with.
const (
	ahead     = 4096
	cacheLine = 64
)

func attendAVX2(a *asm)   { attend(simd{a, 8}) }
func attendAVX512(a *asm) { attend(simd{a, 16}) }

func attend(s simd) {
	for _, e := range []element{word, f32, i8} {
		s.scores(e)
	}
	for _, e := range []element{f16, f32, i8} {
		s.values(e)
	}
	s.softWeights()
}

// most is the number of queries that are served together.
func (s simd) most() int { return s.lanes / 2 }

var counts = []int{8, 7, 6, 5, 4, 3, 2, 1}

// keyScales is the number of bytes that the scales of 16 keys take: of words for
// all columns, of int8 for every 32.
const keyScales = 64

// keyBlock is the number of bytes per 32 columns of 16 keys of int8.
const keyBlock = keyScales + 32*16

// scores multiplies keys with queries: 16 positions lie side by side, so no
// sum crosses a register. Few queries are computed for several groups of
// positions at a time to keep the units busy.
func (s simd) scores(e element) {
	signature := "func(keys *byte, q, scores *float32, cols, groups, n, also int)"
	if e == word {
		signature = "func(keys *byte, q *int16, factors, scores *float32, cols, groups, n, also int)"
	}
	s.function(e.name+"Scores"+s.suffix(),
		fmt.Sprintf("writes the products of groups*16 keys with n (1 to %d) queries of cols columns, and fetches what lies also bytes further on.", s.most()),
		signature)
	keys, q, out := s.param("keys"), s.param("q"), s.param("scores")
	cols, groups, also := s.param("cols"), s.param("groups"), s.param("also")
	var factors reg.GPVirtual
	stride, size := s.GP64(), s.GP64() // of a query and of a group of keys
	s.MOVQ(cols, stride)
	switch e {
	case i8:
		s.MOVQ(cols, size)
		s.SHRQ(operand.Imm(5), size)
		s.IMUL3Q(operand.U32(keyBlock), size, size)
	case word:
		factors = s.param("factors")
		s.SHRQ(operand.Imm(1), cols) // pairs from here on
		s.IMUL3Q(operand.U32(e.bytes()), cols, size)
		s.ADDQ(operand.U8(keyScales), size)
	default:
		s.IMUL3Q(operand.U32(e.bytes()), cols, size)
	}
	s.SHLQ(operand.Imm(uint64(2/e.cols)), stride)
	s.upTo(s.most(), s.param("n"), counts, func(n int) {
		side := s.side(e, n)
		for ; side > 0; side /= 2 {
			k := &scoring{simd: s, e: e, n: n, side: side, keys: keys, q: q, factors: factors, out: out, cols: cols, groups: groups, stride: stride, size: size, also: also}
			k.pass()
		}
		s.VZEROUPPER()
		s.RET()
	})
}

// side is how many groups of positions are computed at a time with n queries.
func (s simd) side(e element, n int) int {
	sums := s.lanes / 2
	if e == word && s.lanes == 16 {
		sums = 16 // pairs take longer, and twice as many can be begun
	}
	switch {
	case sums >= 4*n:
		return 4
	case sums >= 2*n:
		return 2
	}
	return 1
}

// scoring is one loop of scores: n queries times side groups of positions.
type scoring struct {
	simd
	e                                        element
	n, side                                  int
	keys, q, out, cols, groups, stride, size reg.GPVirtual
	also, factors                            reg.GPVirtual
}

// pass repeats while at least side groups are left.
func (k *scoring) pass() {
	again, done := k.label("groups"), k.label("done")
	k.Label(again)
	k.CMPQ(k.groups, operand.Imm(uint64(k.side)))
	k.JLT(operand.LabelRef(done))
	parts := 16 / k.lanes
	acc, row, tmp := k.zeros(k.n, k.side*parts), k.vectors(k.side*parts), k.vector()
	if k.lanes == 8 { // one register per group must do
		row = k.vectors(parts)
	}
	qs := k.matrix(k.q, k.stride, k.n)
	ks := k.matrix(k.keys, k.size, k.side)
	count := k.GP64()
	k.MOVQ(k.cols, count)
	column := func(step int) { k.column(acc, row, tmp, ks, qs, step) }
	if k.e == i8 {
		k.SHRQ(operand.Imm(5), count)
		k.loop(count, func() { k.quantised(acc, row, tmp, ks, qs) })
	} else {
		if k.e == word {
			k.advanceRows(ks, keyScales)
		}
		k.unrolled(count, column, func(steps int) {
			k.advanceRows(ks, k.e.bytes()*steps)
			k.advanceRows(qs, 4*steps)
		})
	}
	if k.e == word {
		k.scale(acc, row, tmp)
	}
	for i := range k.n {
		for p, r := range acc[i] {
			k.VMOVUPS(r, mem(k.out, i*chunkBytes+4*k.lanes*p))
		}
	}
	k.advance(64*k.side, k.out)
	for range k.side {
		k.ADDQ(k.size, k.keys)
	}
	k.SUBQ(operand.Imm(uint64(k.side)), k.groups)
	k.JMP(operand.LabelRef(again))
	k.Label(done)
}

// scale turns sums of integers into scores: times the scales of the keys, which lie
// before them, and the factor of the query.
func (k *scoring) scale(acc [][]reg.VecVirtual, row []reg.VecVirtual, tmp reg.VecVirtual) {
	parts := 16 / k.lanes
	keys := k.GP64()
	k.MOVQ(k.keys, keys)
	for g := range k.side {
		for p := range parts {
			k.VMOVUPS(mem(keys, 4*k.lanes*p), row[p])
		}
		for i := range k.n {
			k.VBROADCASTSS(mem(k.factors, 4*i), tmp)
			for p := range parts {
				r := acc[i][g*parts+p]
				k.VCVTDQ2PS(r, r)
				k.VMULPS(row[p], r, r)
				k.VMULPS(tmp, r, r)
			}
		}
		k.ADDQ(k.size, keys)
	}
}

// addWords adds the products of pairs of words: of those in w with the pair at m.
func (k *scoring) addWords(m operand.Mem, w, acc []reg.VecVirtual, tmp reg.VecVirtual) {
	if k.lanes == 16 && len(w) == 1 {
		k.dot("VPDPWSSD", m, w[0], acc[0])
		return
	}
	k.VPBROADCASTD(m, tmp)
	for i := range w {
		if k.lanes == 16 {
			k.dot("VPDPWSSD", tmp, w[i], acc[i])
			continue
		}
		products := k.vector()
		k.VPMADDWD(tmp, w[i], products)
		k.VPADDD(products, acc[i], acc[i])
	}
}

// quantised adds the products of 32 columns of int8 keys.
func (k *scoring) quantised(acc [][]reg.VecVirtual, row []reg.VecVirtual, tmp reg.VecVirtual, ks, qs matrix) {
	at := ks
	at.first = k.GP64()
	k.MOVQ(ks.first, at.first)
	count := k.GP64()
	k.MOVQ(operand.U32(32), count)
	k.loop(count, func() {
		parts := 16 / k.lanes
		for g := range k.side {
			w := row[:parts]
			if k.lanes == 16 {
				w = row[g*parts:][:parts]
			}
			for p, r := range w {
				k.load(i8, at.at(g, 64+k.lanes*p), r)
				k.VMULPS(ks.at(g, 4*k.lanes*p), r, r)
			}
			for i := range k.n {
				k.addProducts(qs.at(i, 0), w, acc[i][g*parts:][:parts], tmp)
			}
		}
		k.advance(16, at.first)
		k.advanceRows(qs, 4)
	})
	k.advance(keyBlock, ks.first)
}

// column adds the products of one column.
func (k *scoring) column(acc [][]reg.VecVirtual, row []reg.VecVirtual, tmp reg.VecVirtual, ks, qs matrix, step int) {
	parts, size := 16/k.lanes, k.e.bytes()
	add := k.addProducts
	if k.e == word {
		add = k.addWords
	}
	if at := size * step; at%cacheLine == 0 {
		for g := range k.side {
			k.PREFETCHT0(ks.at(g, at+ahead))
		}
		also := ks.at(0, at)
		also.Index, also.Scale = k.also, 1
		k.PREFETCHT1(also)
	}
	if k.lanes == 8 {
		for g := range k.side {
			for p, r := range row {
				k.load(k.e, ks.at(g, size*step+size/parts*p), r)
			}
			for i := range k.n {
				add(qs.at(i, 4*step), row, acc[i][g*parts:][:parts], tmp)
			}
		}
		return
	}
	for g, r := range row {
		k.load(k.e, ks.at(g, size*step), r)
	}
	for i := range k.n {
		add(qs.at(i, 4*step), row, acc[i], tmp)
	}
}

// values adds value rows times weights to sums: a strip of columns at a time, whose
// sums stay in registers over all positions.
func (s simd) values(e element) {
	s.function(e.name+"Values"+s.suffix(),
		"adds positions value rows, weighted by n (1 to 4) rows of weights, to out.",
		"func(values *byte, weights, out *float32, cols, stride, ldo, positions, n int)")
	k := &weighing{
		simd: s, e: e,
		values: s.param("values"), weights: s.param("weights"), out: s.param("out"), cols: s.param("cols"),
		stride: s.param("stride"), ldo: s.param("ldo"), positions: s.param("positions"), scales: s.GP64(),
	}
	if e == i8 {
		s.LEAQ(operand.Mem{Base: k.values, Index: k.cols, Scale: 1}, k.scales)
	}
	s.upTo(4, s.param("n"), counts, func(n int) {
		k.n = n
		for _, c := range k.strips() {
			k.strip(c)
		}
		s.VZEROUPPER()
		s.RET()
	})
}

// weighing is the code of values.
type weighing struct {
	simd
	e                                                          element
	n                                                          int
	values, weights, out, cols, stride, ldo, positions, scales reg.GPVirtual
}

// strips are the widths of strips in registers, wide ones first; the last one
// divides every width that occurs: 32 columns of int8, else 16.
func (k *weighing) strips() []int {
	switch {
	case k.lanes == 8 && k.n > 2:
		return []int{2}
	case k.lanes == 8, k.e == i8:
		return []int{4, 2}
	}
	return []int{4, 1}
}

// strip repeats while at least c registers of columns are left.
func (k *weighing) strip(c int) {
	again, done := k.label("strip"), k.label("done")
	k.Label(again)
	k.CMPQ(k.cols, operand.U8(c*k.lanes))
	k.JLT(operand.LabelRef(done))
	acc, tmp := k.grid(k.n, c), k.vector()
	k.eachRow(k.out, k.ldo, acc, k.loadRow)
	v, w, scale, count := k.GP64(), k.GP64(), k.GP64(), k.GP64()
	k.MOVQ(k.values, v)
	k.MOVQ(k.weights, w)
	k.MOVQ(k.positions, count)
	if k.e == i8 {
		k.MOVQ(k.scales, scale)
	}
	row := k.vectors(c)
	k.loop(count, func() {
		for at := 0; at < c*k.lanes*k.e.size; at += cacheLine {
			k.PREFETCHT0(mem(v, at+ahead))
		}
		for i, r := range row {
			k.load(k.e, mem(v, i*k.lanes*k.e.size), r)
			if k.e == i8 {
				if i*k.lanes%32 == 0 {
					k.VBROADCASTSS(mem(scale, i*k.lanes/32*4), tmp)
				}
				k.VMULPS(tmp, r, r)
			}
		}
		for i := range k.n {
			k.addProducts(mem(w, i*chunkBytes), row, acc[i], tmp)
		}
		k.ADDQ(k.stride, v)
		if k.e == i8 {
			k.ADDQ(k.stride, scale)
		}
		k.advance(4, w)
	})
	k.eachRow(k.out, k.ldo, acc, k.storeRow)
	k.advance(c*k.lanes*k.e.size, k.values)
	k.advance(4*c*k.lanes, k.out)
	if k.e == i8 {
		k.nextScale(c)
	}
	k.SUBQ(operand.U8(c*k.lanes), k.cols)
	k.JMP(operand.LabelRef(again))
	k.Label(done)
}

// nextScale moves on to the scale of the columns that follow the strip.
func (k *weighing) nextScale(c int) {
	if n := c * k.lanes / 32; n > 0 {
		k.advance(4*n, k.scales)
		return
	}
	same := k.label("same") // half a block: the scale changes every other time
	k.TESTQ(operand.U32(16), k.cols)
	k.JZ(operand.LabelRef(same))
	k.advance(4, k.scales)
	k.Label(same)
}
