package main

import "math"

// vectorNEON writes the operations on float32 vectors.
func vectorNEON(a *neon) {
	v := &vectorArm{neon: a}
	v.elementwise()
	v.activations()
	v.reductions()
	v.index()
	v.rope()
	v.halves()
	v.roundWords()
	v.quantise()
	v.readSum()
}

// vectorArm is the file of vector operations.
type vectorArm struct{ *neon }

// slices makes parameters of type []float32.
func slices(names ...string) []param {
	p := make([]param, len(names))
	for i, n := range names {
		p[i] = param{n, "[]float32"}
	}
	return p
}

// operands loads the addresses of slices and the length of the first.
func (v *vectorArm) operands(names ...string) (at []gp, n gp) {
	for _, name := range names {
		at = append(at, v.param(name))
	}
	return at, v.param("len(" + names[0] + ")")
}

// each calls body for n elements at the pointers: 4 at a time in registers,
// then one at a time in their first element. It returns what is written to
// out, if anything. n and the pointers are changed.
func (v *vectorArm) each(n gp, in, out []gp, body func(x []vec, single bool) []vec) {
	x := v.vecsOf(len(in))
	step := func(load, store access, size int) {
		for i, p := range in {
			v.at(load, x[i], p, 0)
		}
		v.scope(func() {
			for i, y := range body(x, size == 1) {
				v.at(store, y, out[i], 0)
			}
		})
		moved := map[gp]bool{}
		for _, p := range append(append([]gp{}, in...), out...) {
			if !moved[p] {
				moved[p] = true
				v.advance(4*size, p)
			}
		}
	}
	v.strides(n, 4, func() { step(ldrQ, strQ, 4) })
	v.loop(n, func() { step(ldrS, strS, 1) })
}

func (v *vectorArm) elementwise() {
	v.function("scaleMulNEON", "writes x*s*w to dst.", "", append(slices("dst", "x", "w"), param{"s", "float32"})...)
	p, n := v.operands("dst", "x", "w")
	s := v.floatParam("s")
	v.each(n, p[1:], p[:1], func(x []vec, _ bool) []vec {
		v.op(fmul, x[0], x[0], s)
		v.op(fmul, x[0], x[0], x[1])
		return x[:1]
	})
	v.line("RET")

	v.function("addNEON", "writes a + b to dst.", "", slices("dst", "a", "b")...)
	p, n = v.operands("dst", "a", "b")
	v.each(n, p[1:], p[:1], func(x []vec, _ bool) []vec {
		v.op(fadd, x[0], x[0], x[1])
		return x[:1]
	})
	v.line("RET")

	v.function("scaleNEON", "multiplies x by s.", "", append(slices("x"), param{"s", "float32"})...)
	p, n = v.operands("x")
	s = v.floatParam("s")
	v.each(n, p, p, func(x []vec, _ bool) []vec {
		v.op(fmul, x[0], x[0], s)
		return x
	})
	v.line("RET")

	v.function("weightedNEON", "writes a*dst + b*src to dst.", "", append(slices("dst", "src"), param{"a", "float32"}, param{"b", "float32"})...)
	p, n = v.operands("dst", "src")
	a, b := v.floatParam("a"), v.floatParam("b")
	v.each(n, p, p[:1], func(x []vec, _ bool) []vec {
		v.op(fmul, x[1], x[1], b)
		v.op(fmla, x[1], x[0], a)
		return x[1:]
	})
	v.line("RET")
}

// expArm are the constants of the exponential function, which package kernel
// explains (expf).
type expArm struct {
	lowest, highest, log2e, upper, lower, bias, one vec
	c                                               [5]vec // of r⁶ down to r²
}

func (v *vectorArm) expConstants() *expArm {
	return &expArm{
		lowest: v.floats(-87.33654), highest: v.floats(89), log2e: v.floats(1.44269504),
		upper: v.floats(0.693359375), lower: v.floats(-2.12194440e-4), bias: v.words(127), one: v.floats(1),
		c: [5]vec{v.floats(0.0013926184), v.floats(0.008363179), v.floats(0.041666555), v.floats(0.16666577), v.floats(0.5)},
	}
}

// exp replaces x by its exponential; below the normal range it is 0.
func (v *vectorArm) exp(e *expArm, x vec) {
	v.scope(func() {
		dead, n, p, q := v.vec(), v.vec(), v.vec(), v.vec()
		v.op(fcmgt, dead, e.lowest, x) // no NaN is
		v.op(fmax, x, x, e.lowest)
		v.op(fmin, x, x, e.highest)
		v.op(fmul, n, x, e.log2e)
		v.op(frintn, n, n)
		v.op(fmls, x, n, e.upper)
		v.op(fmls, x, n, e.lower)
		v.op(mov, p, e.c[0], e.c[0])
		for _, c := range append(e.c[1:], e.one, e.one) {
			v.op(mov, q, c, c)
			v.op(fmla, q, p, x)
			p, q = q, p
		}
		v.op(fcvtns, n, n)
		v.shift(sshrS, q, n, 1)
		v.op(subS, n, n, q)
		for _, half := range []vec{q, n} { // 2^128 is no float32
			v.op(addS, half, half, e.bias)
			v.shift(shlS, half, half, 23)
			v.op(fmul, p, p, half)
		}
		v.op(bic, x, p, dead)
	})
}

// activations writes act(gate)*up, both being gate*σ(z)*up for some z.
func (v *vectorArm) activations() {
	for _, name := range []string{"siluMul", "geluMul"} {
		v.function(name+"NEON", "writes the activation of gate times up to dst.", "", slices("dst", "gate", "up")...)
		p, n := v.operands("dst", "gate", "up")
		e := v.expConstants()
		var linear, cubic vec
		if name == "geluMul" {
			linear, cubic = v.floats(-1.5957691216057308), v.floats(-1.5957691216057308*0.044715)
		}
		v.each(n, p[1:], p[:1], func(x []vec, _ bool) []vec {
			z := v.vec() // -z
			if name == "geluMul" {
				square := v.vec()
				v.op(fmul, square, x[0], x[0])
				v.op(mov, z, linear, linear)
				v.op(fmla, z, square, cubic)
				v.op(fmul, z, z, x[0])
			} else {
				v.op(fneg, z, x[0])
			}
			v.exp(e, z)
			v.op(fadd, z, z, e.one)
			v.op(fdiv, x[0], x[0], z)
			v.op(fmul, x[0], x[0], x[1])
			return x[:1]
		})
		v.line("RET")
	}
}

// total returns the sum of the elements of acc, and of last if it is not acc.
func (v *vectorArm) total(acc, last vec) {
	v.op(faddp, acc, acc, acc)
	v.op(faddp, acc, acc, acc)
	if last != acc {
		v.line("FADDS F%d, F%d, F%d", last, acc, acc)
	}
	v.result(acc)
}

// result returns the first element of r.
func (v *vectorArm) result(r vec) {
	v.line("FMOVS F%d, %s", r, v.params["result"])
	v.line("RET")
}

func (v *vectorArm) reductions() {
	v.function("sumSquaresNEON", "returns the sum of squares.", "float32", slices("x")...)
	p, n := v.operands("x")
	acc := v.vec()
	v.zeros(acc)
	v.each(n, p, nil, func(x []vec, _ bool) []vec {
		v.op(fmla, acc, x[0], x[0]) // a single number has zeros beside it
		return nil
	})
	v.total(acc, acc)

	v.function("maximumNEON", "returns the largest value.", "float32", slices("x")...)
	p, n = v.operands("x")
	acc = v.floats(float32(math.Inf(-1)))
	v.each(n, p, nil, func(x []vec, single bool) []vec {
		if single {
			v.elem(dupElem, x[0], x[0], 0)
		}
		greater := v.vec() // no NaN is
		v.op(fcmgt, greater, x[0], acc)
		v.op(bit, acc, x[0], greater)
		return nil
	})
	v.op(fmaxv, acc, acc)
	v.result(acc)

	v.function("expSumNEON", "replaces x by exp(x - top) and returns the sum.", "float32", append(slices("x"), param{"top", "float32"})...)
	p, n = v.operands("x")
	top, e := v.floatParam("top"), v.expConstants()
	acc, last := v.vec(), v.vec()
	v.zeros(acc, last)
	v.each(n, p, p, func(x []vec, single bool) []vec {
		v.op(fsub, x[0], x[0], top)
		v.exp(e, x[0])
		if single {
			v.line("FADDS F%d, F%d, F%d", x[0], last, last)
		} else {
			v.op(fadd, acc, acc, x[0])
		}
		return x
	})
	v.total(acc, last)
}

// index finds four elements of a vector that hold a value.
func (v *vectorArm) index() {
	v.function("indexNEON", "returns how many elements, in fours, lie before the first four of x that hold value, or before the last few.", "int",
		append(slices("x"), param{"value", "float32"})...)
	p, n := v.operands("x")
	value, x, at, hit, done := v.floatParam("value"), v.vec(), v.gp(), v.gp(), v.label("found")
	v.line("MOVD $0, %s", at)
	v.strides(n, 4, func() {
		v.at(ldrQ, x, p[0], 0)
		v.op(fcmeq, x, x, value)
		v.op(umaxv, x, x)
		v.line("FMOVS F%d, %s", x, hit)
		v.line("CBNZW %s, %s", hit, done)
		v.advance(16, p[0])
		v.advance(4, at)
	})
	v.place(done)
	v.line("MOVD %s, %s", at, v.params["result"])
	v.line("RET")
}

// turn rotates pairs (x, y); t and u are free.
func (v *vectorArm) turn(x, y, cos, sin vec) (vec, vec) {
	t, u := v.vec(), v.vec()
	v.op(fmul, t, y, sin)
	v.op(fmul, u, x, sin)
	v.op(fneg, t, t)
	v.op(fmla, t, x, cos) // x*cos - y*sin
	v.op(fmla, u, y, cos) // y*cos + x*sin
	return t, u
}

// rope writes the rotations of pairs.
func (v *vectorArm) rope() {
	v.function("ropeHalvesNEON", "rotates pairs (x, y).", "", slices("x", "y", "cos", "sin")...)
	p, n := v.operands("x", "y", "cos", "sin")
	v.each(n, p, p[:2], func(x []vec, _ bool) []vec {
		t, u := v.turn(x[0], x[1], x[2], x[3])
		return []vec{t, u}
	})
	v.line("RET")

	v.function("ropeNeighboursNEON", "rotates pairs of neighbours, 4 at a time as long as there are.", "", slices("cos", "sin", "x")...)
	p, n = v.operands("cos", "sin", "x")
	lo, hi, cos, sin := v.vec(), v.vec(), v.vec(), v.vec()
	x, y := v.vec(), v.vec()
	v.strides(n, 4, func() {
		v.at(ldrQ, cos, p[0], 0)
		v.at(ldrQ, sin, p[1], 0)
		v.at(ldrQ, lo, p[2], 0)
		v.at(ldrQ, hi, p[2], 16)
		v.op(uzp1, x, lo, hi)
		v.op(uzp2, y, lo, hi)
		v.scope(func() {
			t, u := v.turn(x, y, cos, sin)
			v.op(zip1, lo, t, u)
			v.op(zip2, hi, t, u)
		})
		v.at(strQ, lo, p[2], 0)
		v.at(strQ, hi, p[2], 16)
		v.advance(16, p[0], p[1])
		v.advance(32, p[2])
	})
	v.line("RET")
}

// halves writes the conversions from and to binary16.
func (v *vectorArm) halves() {
	v.function("toHalvesNEON", "converts numbers to binary16, 4 at a time as long as there are.", "", param{"dst", "[]uint16"}, param{"src", "[]float32"})
	p, n := v.operands("dst", "src")
	x := v.vec()
	v.strides(n, 4, func() {
		v.at(ldrQ, x, p[1], 0)
		v.op(fcvtn, x, x)
		v.at(strD, x, p[0], 0)
		v.advance(16, p[1])
		v.advance(8, p[0])
	})
	v.line("RET")

	v.function("fromHalvesNEON", "converts numbers from binary16, 4 at a time as long as there are.", "", param{"dst", "[]float32"}, param{"src", "[]uint16"})
	p, n = v.operands("dst", "src")
	x = v.vec()
	v.strides(n, 4, func() {
		v.at(ldrD, x, p[1], 0)
		v.op(fcvtl, x, x)
		v.at(strQ, x, p[0], 0)
		v.advance(8, p[1])
		v.advance(16, p[0])
	})
	v.line("RET")
}

// roundWords writes the rounding to 16-bit integers.
func (v *vectorArm) roundWords() {
	v.function("roundWordsNEON", "rounds numbers times factor to integers, 4 at a time as long as there are.", "", param{"dst", "[]int16"}, param{"src", "[]float32"}, param{"factor", "float32"})
	p, n := v.operands("dst", "src")
	factor, x := v.floatParam("factor"), v.vec()
	v.strides(n, 4, func() {
		v.at(ldrQ, x, p[1], 0)
		v.op(fmul, x, x, factor)
		v.op(fcvtns, x, x)
		v.op(sqxtnH, x, x)
		v.at(strD, x, p[0], 0)
		v.advance(16, p[1])
		v.advance(8, p[0])
	})
	v.line("RET")
}

// readSum writes the loop that measures the memory.
func (v *vectorArm) readSum() {
	v.function("readSumNEON", "adds up the 64-bit words of lines of 128 bytes.", "uint64", param{"b", "*byte"}, param{"lines", "int"})
	b, lines := v.param("b"), v.param("lines")
	acc, x := v.vecsOf(4), v.vecsOf(8)
	v.zeros(acc...)
	v.loop(lines, func() {
		for i, r := range x {
			v.at(ldrQ, r, b, 16*i)
		}
		for i, r := range x {
			v.op(addD, acc[i%4], acc[i%4], r)
		}
		v.advance(128, b)
	})
	v.op(addD, acc[0], acc[0], acc[1])
	v.op(addD, acc[2], acc[2], acc[3])
	v.op(addD, acc[0], acc[0], acc[2])
	v.op(addpD, acc[0], acc[0])
	sum := v.gp()
	v.line("FMOVD F%d, %s", acc[0], sum)
	v.line("MOVD %s, %s", sum, v.params["result"])
	v.line("RET")
}
