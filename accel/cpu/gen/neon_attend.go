package main

// attendNEON writes attention over float values. Keys of float32 lie as packed
// weights do, so the products with unquantised weights serve for their scores.
func attendNEON(a *neon) {
	a.wordScores()
	for _, e := range []element{f16, f32} {
		a.values(e)
	}
}

// wordScores multiplies 16 keys with queries, both words. A register of keys holds
// pairs of columns, which are parted first.
func (a *neon) wordScores() {
	a.function("wordScoresNEON", "writes the products of 16 keys with n (1, 2 or 4) queries of 8*eights columns.", "",
		param{"keys", "*byte"}, param{"q", "*int16"}, param{"factors", "*float32"}, param{"scores", "*float32"}, param{"eights", "int"}, param{"stride", "int"}, param{"ldo", "int"}, param{"n", "int"})
	keys, q, factors, out := a.param("keys"), a.param("q"), a.param("factors"), a.param("scores")
	eights, stride, ldo := a.param("eights"), a.param("stride"), a.param("ldo")
	a.perCount(a.param("n"), []int{4, 2, 1}, func(n int) {
		qs, acc, pairs, cols := a.vecsOf(n), a.sums(n), a.vecsOf(4), a.vecsOf(4)
		at := []gp{q}
		for i := 1; i < n; i++ {
			at = append(at, a.gp())
			a.line("ADD %s, %s, %s", stride, at[i-1], at[i])
		}
		k := a.gp()
		a.line("ADD $%d, %s, %s", keyScales, keys, k)
		a.loop(eights, func() {
			for i, v := range qs {
				a.at(ldrQ, v, at[i], 0)
			}
			for p := range 4 {
				for i, r := range pairs {
					a.at(ldrQ, r, k, word.bytes()*p+16*i)
				}
				for half := range 2 { // 8 positions
					a.op(uzp1H, cols[half], pairs[2*half], pairs[2*half+1])
					a.op(uzp2H, cols[2+half], pairs[2*half], pairs[2*half+1])
				}
				for i, v := range qs {
					for j, col := range cols {
						a.elem(smlal, acc[i][j%2*2], col, v, vec(2*p+j/2))
						a.elem(smlal2, acc[i][j%2*2+1], col, v, vec(2*p+j/2))
					}
				}
			}
			a.advance(4*word.bytes(), k)
			a.advance(16, at...)
		})
		for i, r := range pairs {
			a.at(ldrQ, r, keys, 16*i)
		}
		for i, sums := range acc {
			a.at(ldrS, qs[0], factors, 4*i)
			for j, r := range sums {
				a.op(scvtf, r, r)
				a.op(fmul, r, r, pairs[j])
				a.elem(fmulElem, r, r, qs[0], 0)
			}
			a.store16(sums, out, 0)
			if i < n-1 {
				a.add(ldo, out)
			}
		}
	})
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
