package main

// attendNEON writes attention over float values. Keys lie as packed weights
// do, so the products with unquantised weights serve for the scores.
func attendNEON(a *neon) {
	for _, e := range []element{f16, f32} {
		a.values(e)
	}
}

// values adds up value rows times weights: a strip of columns at a time, whose
// sums stay in registers over all positions.
func (a *neon) values(e element) {
	a.function(e.name+"ValuesNEON", "writes the sums of positions value rows, weighted by n (1, 2 or 4) rows of weights.", "",
		param{"values", "*byte"}, param{"weights", "*float32"}, param{"out", "*float32"}, param{"cols", "int"}, param{"stride", "int"}, param{"ldo", "int"}, param{"positions", "int"}, param{"n", "int"})
	k := &weighingArm{
		neon: a, e: e,
		values: a.param("values"), weights: a.param("weights"), out: a.param("out"), cols: a.param("cols"),
		stride: a.param("stride"), ldo: a.param("ldo"), positions: a.param("positions"),
	}
	a.perCount(a.param("n"), []int{4, 2, 1}, func(n int) {
		if n < 4 { // there are registers for wider strips
			a.scope(func() { k.strip(n, 4/n) })
		}
		a.scope(func() { k.strip(n, 1) })
	})
}

// weighingArm is the code of values.
type weighingArm struct {
	*neon
	e                                                  element
	values, weights, out, cols, stride, ldo, positions gp
}

// strip repeats while at least 16*parts columns are left.
func (k *weighingArm) strip(n, parts int) {
	acc := make([][]vec, n*parts)
	for i := range acc {
		acc[i] = k.vecsOf(4)
	}
	row, weight := k.vecsOf(4), k.vec()
	v, w, count, y := k.gp(), k.gp(), k.gp(), k.gp()
	k.strides(k.cols, 16*parts, func() {
		for _, r := range acc {
			k.zeros(r...)
		}
		k.line("MOVD %s, %s", k.values, v)
		k.line("MOVD %s, %s", k.weights, w)
		k.line("MOVD %s, %s", k.positions, count)
		k.loop(count, func() {
			for p := range parts {
				k.load16(k.e, row, v, 16*p*k.e.size)
				for i := range n {
					k.at(ldrS, weight, w, i*chunkBytes)
					for j, r := range row {
						k.elem(fmlaElem, acc[i*parts+p][j], r, weight, 0)
					}
				}
			}
			k.add(k.stride, v)
			k.advance(4, w)
		})
		k.line("MOVD %s, %s", k.out, y)
		for i := range n {
			for p := range parts {
				k.store16(acc[i*parts+p], y, 64*p)
			}
			if i < n-1 {
				k.add(k.ldo, y)
			}
		}
		k.advance(16*parts*k.e.size, k.values)
		k.advance(64*parts, k.out)
	})
}
