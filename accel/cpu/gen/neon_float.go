package main

// floatNEON writes the products with unquantised weights.
func floatNEON(a *neon) {
	for _, e := range []element{f16, bf16, f32} {
		a.floatTile(e)
		a.floatQuad(e)
	}
}

// load16 reads 16 elements to 4 registers of float32.
func (a *neon) load16(e element, row []vec, base gp, offset int) {
	if e == f32 {
		for i, r := range row {
			a.at(ldrQ, r, base, offset+16*i)
		}
		return
	}
	for i := 0; i < 4; i += 2 {
		a.at(ldrQ, row[i+1], base, offset+8*i)
		a.op(fcvtl, row[i], row[i+1])
		a.op(fcvtl2, row[i+1], row[i+1])
	}
}

// neonReader loads weights of one type.
type neonReader struct {
	*neon
	element
	rows [][]vec // of each column that lies side by side, 4 registers of float32
	mask vec     // of the odd column's bits, for pairs of BF16
}

func (a *neon) reader(e element) neonReader {
	r := neonReader{neon: a, element: e}
	for range e.cols {
		r.rows = append(r.rows, a.vecsOf(4))
	}
	if e == bf16 {
		r.mask = a.words(0xffff0000)
	}
	return r
}

// columns reads 16 rows of the columns that lie side by side.
func (r neonReader) columns(base gp, offset int) {
	if r.element != bf16 {
		r.load16(r.element, r.rows[0], base, offset)
		return
	}
	for i, odd := range r.rows[1] {
		r.at(ldrQ, odd, base, offset+16*i)
		r.shift(shlS, r.rows[0][i], odd, 16)
		r.op(and, odd, odd, r.mask)
	}
}

// sums returns cleared registers for the sums of 16 rows, n times.
func (a *neon) sums(n int) [][]vec {
	acc := make([][]vec, n)
	for i := range acc {
		acc[i] = a.vecsOf(4)
		a.zeros(acc[i]...)
	}
	return acc
}

// columns repeats body for all steps: for four columns at a time, whose
// activations it finds in the elements of registers, then for one step.
func (a *neon) columns(e element, steps gp, body func(load access, steps int)) {
	rest, least := a.copyOf(steps), ldrS
	if e.cols == 2 {
		least = ldrD
	}
	a.strides(rest, 4/e.cols, func() { body(ldrQ, 4/e.cols) })
	a.loop(rest, func() { body(least, 1) })
}

// floatTile multiplies 16 rows with several tokens.
func (a *neon) floatTile(e element) {
	a.function(e.name+"NEON", "multiplies 16 rows with n (1, 2 or 4) tokens.", "",
		param{"w", "*byte"}, param{"x", "*float32"}, param{"y", "*float32"}, param{"steps", "int"}, param{"stride", "int"}, param{"ldy", "int"}, param{"n", "int"})
	w, x, y := a.param("w"), a.param("x"), a.param("y")
	count, stride, ldy := a.param("steps"), a.param("stride"), a.param("ldy")
	a.perCount(a.param("n"), []int{4, 2, 1}, func(n int) {
		acc, xs, read := a.sums(n), a.vecsOf(n), a.reader(e)
		at := []gp{x}
		for t := 1; t < n; t++ {
			at = append(at, a.gp())
			a.line("ADD %s, %s, %s", stride, at[t-1], at[t])
		}
		a.columns(e, count, func(load access, steps int) {
			for t, v := range xs {
				a.at(load, v, at[t], 0)
			}
			for s := range steps {
				read.columns(w, e.bytes()*s)
				for c, row := range read.rows {
					for t := range xs {
						for i, r := range row {
							a.elem(fmlaElem, acc[t][i], r, xs[t], vec(e.cols*s+c))
						}
					}
				}
			}
			a.advance(e.bytes()*steps, w)
			a.advance(4*e.cols*steps, at...)
		})
		for t := range acc {
			a.store16(acc[t], y, 0)
			if t < n-1 {
				a.add(ldy, y)
			}
		}
	})
}

// store16 writes 16 float32.
func (a *neon) store16(row []vec, base gp, offset int) {
	for i, r := range row {
		a.at(strQ, r, base, offset+16*i)
	}
}

// floatQuad multiplies 4 groups of 16 rows with one token: one group's sums
// would wait for each other.
func (a *neon) floatQuad(e element) {
	a.function(e.name+"QuadNEON", "multiplies 4 groups of 16 rows, group bytes apart, with one token.", "",
		param{"w", "*byte"}, param{"x", "*float32"}, param{"y", "*float32"}, param{"steps", "int"}, param{"group", "int"})
	ws, x, y, count, group := []gp{a.param("w")}, a.param("x"), a.param("y"), a.param("steps"), a.param("group")
	for g := 1; g < 4; g++ {
		ws = append(ws, a.gp())
		a.line("ADD %s, %s, %s", group, ws[g-1], ws[g])
	}
	acc, xs, read := a.sums(4), a.vec(), a.reader(e)
	a.columns(e, count, func(load access, steps int) {
		a.at(load, xs, x, 0)
		for s := range steps {
			for g, w := range ws {
				read.columns(w, e.bytes()*s)
				for c, row := range read.rows {
					for i, r := range row {
						a.elem(fmlaElem, acc[g][i], r, xs, vec(e.cols*s+c))
					}
				}
			}
		}
		a.advance(e.bytes()*steps, ws...)
		a.advance(4*e.cols*steps, x)
	})
	for g := range acc {
		a.store16(acc[g], y, 64*g)
	}
	a.line("RET")
}
