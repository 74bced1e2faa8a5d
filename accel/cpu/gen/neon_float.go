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
		if e == f16 {
			a.op(fcvtl, row[i], row[i+1])
			a.op(fcvtl2, row[i+1], row[i+1])
		} else {
			a.op(shll, row[i], row[i+1])
			a.op(shll2, row[i+1], row[i+1])
		}
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

// columns repeats body for all columns: four at a time, whose activations it
// finds in the elements of registers, then one at a time.
func (a *neon) columns(cols gp, body func(load access, step int)) {
	rest := a.copyOf(cols)
	a.strides(rest, 4, func() { body(ldrQ, 4) })
	a.loop(rest, func() { body(ldrS, 1) })
}

// floatTile multiplies 16 rows with several tokens.
func (a *neon) floatTile(e element) {
	a.function(e.name+"NEON", "multiplies 16 rows with n (1, 2 or 4) tokens.", "",
		param{"w", "*byte"}, param{"x", "*float32"}, param{"y", "*float32"}, param{"cols", "int"}, param{"stride", "int"}, param{"ldy", "int"}, param{"n", "int"})
	w, x, y := a.param("w"), a.param("x"), a.param("y")
	cols, stride, ldy := a.param("cols"), a.param("stride"), a.param("ldy")
	a.perCount(a.param("n"), []int{4, 2, 1}, func(n int) {
		acc, xs, row := a.sums(n), a.vecsOf(n), a.vecsOf(4)
		at := []gp{x}
		for t := 1; t < n; t++ {
			at = append(at, a.gp())
			a.line("ADD %s, %s, %s", stride, at[t-1], at[t])
		}
		a.columns(cols, func(load access, steps int) {
			for t, v := range xs {
				a.at(load, v, at[t], 0)
			}
			for s := range steps {
				a.load16(e, row, w, 16*e.size*s)
				for t := range xs {
					for i, r := range row {
						a.elem(fmlaElem, acc[t][i], r, xs[t], vec(s))
					}
				}
			}
			a.advance(16*e.size*steps, w)
			a.advance(4*steps, at...)
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
		param{"w", "*byte"}, param{"x", "*float32"}, param{"y", "*float32"}, param{"cols", "int"}, param{"group", "int"})
	ws, x, y, cols, group := []gp{a.param("w")}, a.param("x"), a.param("y"), a.param("cols"), a.param("group")
	for g := 1; g < 4; g++ {
		ws = append(ws, a.gp())
		a.line("ADD %s, %s, %s", group, ws[g-1], ws[g])
	}
	acc, xs, row := a.sums(4), a.vec(), a.vecsOf(4)
	a.columns(cols, func(load access, steps int) {
		a.at(load, xs, x, 0)
		for s := range steps {
			for g, w := range ws {
				a.load16(e, row, w, 16*e.size*s)
				for i, r := range row {
					a.elem(fmlaElem, acc[g][i], r, xs, vec(s))
				}
			}
		}
		a.advance(16*e.size*steps, ws...)
		a.advance(4*steps, x)
	})
	for g := range acc {
		a.store16(acc[g], y, 64*g)
	}
	a.line("RET")
}
