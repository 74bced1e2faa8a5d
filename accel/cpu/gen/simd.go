package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// simd writes code that differs between AVX2 and AVX-512 in little more than
// the width of registers.
type simd struct {
	*asm
	lanes int // float32 values in a register: 8 or 16
}

func (s simd) suffix() string {
	if s.lanes == 8 {
		return "AVX2"
	}
	return "AVX512"
}

func (s simd) vector() reg.VecVirtual {
	if s.lanes == 8 {
		return s.YMM()
	}
	return s.ZMM()
}

func (s simd) vectors(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = s.vector()
	}
	return v
}

// grid returns rows of registers.
func (s simd) grid(rows, cols int) [][]reg.VecVirtual {
	g := make([][]reg.VecVirtual, rows)
	for i := range g {
		g[i] = s.vectors(cols)
	}
	return g
}

// column is one register of each row.
func column(g [][]reg.VecVirtual, i int) []reg.VecVirtual {
	c := make([]reg.VecVirtual, len(g))
	for row := range g {
		c[row] = g[row][i]
	}
	return c
}

// zeros returns a grid of cleared registers.
func (s simd) zeros(rows, cols int) [][]reg.VecVirtual {
	g := s.grid(rows, cols)
	for _, row := range g {
		for _, r := range row {
			s.VXORPS(r, r, r)
		}
	}
	return g
}

// splat returns a register with v in all lanes.
func (s simd) splat(v uint32) reg.VecVirtual {
	g, r := s.GP32(), s.vector()
	s.MOVL(operand.U32(v), g)
	if s.lanes == 16 {
		s.VPBROADCASTD(g, r)
		return r
	}
	low := s.XMM()
	s.VMOVD(g, low)
	s.VPBROADCASTD(low, r)
	return r
}

// and stores the bits that a and b share.
func (s simd) and(a, b, to reg.VecVirtual) {
	if s.lanes == 16 {
		s.VPANDD(a, b, to)
		return
	}
	s.VPAND(a, b, to)
}

// addProducts adds w[i] times the float32 at m to acc[i].
func (s simd) addProducts(m operand.Mem, w, acc []reg.VecVirtual, tmp reg.VecVirtual) {
	if s.lanes == 16 && len(w) == 1 {
		s.VFMADD231PS_BCST(m, w[0], acc[0])
		return
	}
	s.VBROADCASTSS(m, tmp)
	for i := range w {
		s.VFMADD231PS(tmp, w[i], acc[i])
	}
}

// element is a type of numbers in memory, which are computed with as float32
// but for pairs and words.
type element struct {
	name string
	size int
	cols int // that lie side by side in a packed row
}

// bytes is the size of 16 rows of columns that lie side by side.
func (e element) bytes() int { return 16 * e.size * e.cols }

var (
	f32  = element{"f32", 4, 1}
	f16  = element{"f16", 2, 1}
	bf16 = element{"bf16", 2, 2}
	i8   = element{"q8", 1, 1}
	word = element{"word", 2, 2} // int16, multiplied in pairs

	pair = element{"bf16Pair", 4, 1} // two bfloat16, multiplied as such
)

// load reads a register of elements.
func (s simd) load(e element, m operand.Mem, v reg.VecVirtual) {
	switch e {
	case f32, pair, word:
		s.VMOVUPS(m, v)
	case f16:
		s.VCVTPH2PS(m, v)
	case i8:
		s.VPMOVSXBD(m, v)
		s.VCVTDQ2PS(v, v)
	}
}

// matrix addresses the rows of a matrix in memory with few registers.
type matrix struct {
	first, fifth    reg.GPVirtual // rows 0 and 4
	stride, stride3 reg.GPVirtual // in bytes, once and three times
}

func (s simd) matrix(base, stride reg.GPVirtual, rows int) matrix {
	m := matrix{first: s.GP64(), stride: stride}
	s.MOVQ(base, m.first)
	if rows > 3 {
		m.stride3 = s.GP64()
		s.LEAQ(operand.Mem{Base: stride, Index: stride, Scale: 2}, m.stride3)
	}
	if rows > 4 {
		m.fifth = s.GP64()
		s.LEAQ(operand.Mem{Base: base, Index: stride, Scale: 4}, m.fifth)
	}
	return m
}

// at is the address disp bytes into a row.
func (m matrix) at(row, disp int) operand.Mem {
	base := m.first
	if row >= 4 {
		base = m.fifth
	}
	switch row % 4 {
	case 0:
		return mem(base, disp)
	case 3:
		return operand.Mem{Base: base, Index: m.stride3, Scale: 1, Disp: disp}
	}
	return operand.Mem{Base: base, Index: m.stride, Scale: uint8(row % 4), Disp: disp}
}

// advanceRows moves the matrix's rows on by n bytes.
func (s simd) advanceRows(m matrix, n int) {
	s.advance(n, m.first)
	if m.fifth != nil {
		s.advance(n, m.fifth)
	}
}

// upTo writes code for every number from most down to 1 and jumps to the one
// that n holds.
func (a *asm) upTo(most int, n reg.GPVirtual, numbers []int, write func(int)) {
	for _, i := range numbers {
		if i > most {
			continue
		}
		if i == 1 {
			write(1)
			continue
		}
		next := a.label("fewer")
		a.CMPQ(n, operand.Imm(uint64(i)))
		a.JNE(operand.LabelRef(next))
		write(i)
		a.Label(next)
	}
}

// unrolled repeats body for count steps, four at a time: body gets the step's
// number among the four, and move is told how many steps have been done.
func (a *asm) unrolled(count reg.GPVirtual, body func(step int), move func(steps int)) {
	const times = 4
	rest := a.GP64()
	a.MOVQ(count, rest)
	a.ANDQ(operand.Imm(times-1), rest)
	single, done := a.label("single"), a.label("done")
	a.SHRQ(operand.Imm(2), count)
	a.JZ(operand.LabelRef(single))
	a.loop(count, func() {
		for i := range times {
			body(i)
		}
		move(times)
	})
	a.Label(single)
	a.TESTQ(rest, rest)
	a.JZ(operand.LabelRef(done))
	a.loop(rest, func() {
		body(0)
		move(1)
	})
	a.Label(done)
}

// readAhead prefetches as many bytes as there are at m, ahead bytes further on;
// without a distance it does nothing.
func (a *asm) readAhead(ahead reg.GPVirtual, m operand.Mem, n int) {
	m.Index, m.Scale = ahead, 1
	a.ifAhead(ahead, func() { a.prefetch(m, n) })
}

// ifAhead writes code that runs if weights are to be prefetched: if there is a
// distance for it.
func (a *asm) ifAhead(ahead reg.GPVirtual, code func()) {
	skip := a.label("near")
	a.TESTQ(ahead, ahead)
	a.JZ(operand.LabelRef(skip))
	code()
	a.Label(skip)
}

// prefetch asks for the lines of n bytes: for the first-level cache, which has
// room for few requests at a time, or for the second-level one.
func (a *asm) prefetch(m operand.Mem, n int) {
	for i := 0; i < n; i += 64 {
		if a.wide {
			a.PREFETCHT1(m.Offset(i))
		} else {
			a.PREFETCHT0(m.Offset(i))
		}
	}
}

// fold combines the 8 elements of acc to one, in halves.
func (a *asm) fold(acc reg.VecVirtual, op func(x, y, z operand.Op)) {
	x, t := acc.AsX(), a.XMM()
	a.VEXTRACTF128(operand.U8(1), acc, t)
	op(t, x, x)
	a.VPERMILPS(operand.U8(0x0e), x, t)
	op(t, x, x)
	a.VPERMILPS(operand.U8(0x01), x, t)
	op(t, x, x)
}

// give stores the first element of r as a result of the function. It must not
// be moved by an instruction without V, which is slow between those with V.
func (a *asm) give(i int, r reg.VecVirtual) {
	c, err := a.ReturnIndex(i).Resolve()
	if err != nil {
		panic(err)
	}
	a.VMOVSS(r.AsX(), c.Addr)
}
