package main

// quantise writes the quantisation of activations to int8.
func (v *vectorArm) quantise() {
	v.function("quantiseNEON", "quantises blocks of 32 to blocks stride bytes apart.", "",
		param{"dst", "*byte"}, param{"x", "*float32"}, param{"blocks", "int"}, param{"stride", "int"})
	dst, src, blocks, stride := v.param("dst"), v.param("x"), v.param("blocks"), v.param("stride")
	q := &quantiserArm{vectorArm: v, one: v.floats(fixedOne), tiny: v.floats(tinyBlock), atLeast: v.words(1), half: v.words(both(128)), oneLess: v.words(both(oneLess))}
	scale := v.vec()
	v.loop(blocks, func() {
		v.scope(func() {
			fixed := q.toFixed(src, scale)
			less := q.vecsOf(4)
			for i, r := range less {
				q.op(sqrdmulh, r, fixed[i], q.oneLess)
			}
			trial := q.bestTrial(fixed, less)
			q.store(dst, fixed, less, trial, scale)
		})
		v.advance(128, src)
		v.add(stride, dst)
	})
	v.line("RET")
}

// quantiserArm has what is the same for all blocks.
type quantiserArm struct {
	*vectorArm
	one, tiny, atLeast, half, oneLess vec
}

// toFixed reads 32 numbers and scales them to int16; scale becomes what one of
// their units stands for.
func (q *quantiserArm) toFixed(src gp, scale vec) []vec {
	fixed := q.vecsOf(4)
	q.scope(func() {
		x, top, t, inverse := append(fixed, q.vecsOf(4)...), q.vec(), q.vec(), q.vec()
		q.zeros(top)
		for i, r := range x {
			q.at(ldrQ, r, src, 16*i)
			q.op(fabs, t, r)
			q.op(fmax, top, top, t) // no number if t is none
		}
		q.op(fmaxv, top, top)
		q.line("FDIVS F%d, F%d, F%d", q.one, top, scale)
		q.line("FDIVS F%d, F%d, F%d", top, q.one, inverse)
		q.op(fcmgt, t, q.tiny, top)
		q.op(bic, inverse, inverse, t)
		for _, r := range x {
			q.elem(fmulElem, r, r, inverse, 0)
			q.op(fcvtns, r, r)
		}
		for i, r := range fixed {
			q.op(sqxtnH, r, x[2*i])
			q.op(sqxtn2H, r, x[2*i+1])
		}
	})
	return fixed
}

// bestTrial returns the trial with the least error, in all words of a register.
func (q *quantiserArm) bestTrial(fixed, less []vec) vec {
	trial := q.vec()
	q.scope(func() {
		rest, step, sum := q.lowBytes(fixed), q.lowBytes(less), q.vecsOf(2)
		least, best, e, t := q.gp(), q.gp(), q.gp(), q.gp()
		for n := range trials {
			for i, r := range rest {
				q.op(absB, sum[i], r)
				q.op(uaddlv, sum[i], sum[i])
				q.op(subB, r, r, step[i])
			}
			q.op(addS, sum[0], sum[0], sum[1])
			q.line("FMOVS F%d, %s", sum[0], e)
			q.line("MOVD $%d, %s", weigh(n), t)
			q.line("MUL %s, %s, %s", t, e, e)
			q.line("LSR $13, %s, %s", e, e)
			q.line("MOVD $%d, %s", n, t)
			if n == 0 {
				q.line("MOVD %s, %s", t, best)
				q.line("MOVD %s, %s", e, least)
				continue
			}
			q.line("CMP %s, %s", least, e)
			q.line("CSEL LO, %s, %s, %s", t, best, best)
			q.line("CSEL LO, %s, %s, %s", e, least, least)
		}
		q.word(0x4e020c00|uint32(best)<<5|uint32(trial), "dup v%d.8h, w%d", int(trial), int(best))
	})
	return trial
}

// lowBytes returns the lower bytes of 32 words.
func (q *quantiserArm) lowBytes(words []vec) []vec {
	b := q.vecsOf(2)
	for i, r := range b {
		q.op(xtnB, r, words[2*i])
		q.op(xtn2B, r, words[2*i+1])
	}
	return b
}

// store rounds the numbers and writes them, with the scale that fits them best,
// as a block of activations.
func (q *quantiserArm) store(dst gp, fixed, less []vec, trial, scale vec) {
	along, square, r := q.vec(), q.vec(), q.vecsOf(4)
	q.zeros(along, square)
	for i, r := range r {
		q.op(addH, r, fixed[i], q.half)
		q.op(mlsH, r, less[i], trial)
		q.shift(sshrH, r, r, 8)
		q.op(smlalV, along, fixed[i], r)
		q.op(smlal2V, along, fixed[i], r)
		q.op(smlalV, square, r, r)
		q.op(smlal2V, square, r, r)
	}
	q.op(addv, along, along)
	q.op(addv, square, square)
	q.op(smaxS, square, square, q.atLeast)
	q.op(scvtf, along, along)
	q.op(scvtf, square, square)
	q.line("FDIVS F%d, F%d, F%d", square, along, along)
	q.line("FMULS F%d, F%d, F%d", along, scale, scale)
	q.line("FMOVS F%d, %d(%s)", scale, blockScale, dst)
	q.narrow(r, dst, scale)
}

// narrow stores 32 words and their sums as a block of activations has them.
func (v *vectorArm) narrow(x []vec, dst gp, scale vec) {
	sums := []gp{v.gp(), v.gp()}
	for half, r := range [][]vec{x[:2], x[2:]} {
		v.op(sqxtnB, r[0], r[0])
		v.op(sqxtn2B, r[0], r[1])
		v.at(strQ, r[0], dst, 16*half)
		v.op(saddlv, r[0], r[0])
		v.line("FMOVS F%d, %s", r[0], sums[half])
		v.line("MOVH %s, %s", sums[half], sums[half])
	}
	total, minus, f := v.gp(), v.gp(), x[1]
	v.line("ADD %s, %s, %s", sums[0], sums[1], total)
	v.line("SCVTFWS %s, F%d", total, f)
	v.line("FMULS F%d, F%d, F%d", scale, f, f)
	v.line("FMOVS F%d, %d(%s)", f, blockTotal, dst)
	v.line("NEG %s, %s", total, minus)
	v.line("MOVW %s, %d(%s)", minus, blockNeg, dst)
	for half, sum := range sums {
		v.line("NEG %s, %s", sum, minus)
		v.line("MOVH %s, %d(%s)", minus, blockHalf+2*half, dst)
	}
}
