package main

// quantNEON writes the quantised products: SDOT adds, in every element of 32
// bits, four products of a row of weights with the same four activations. A
// register holds 4 rows; the 16 rows of a group are computed one register
// after the other within a block, so that 4 tokens find room.
func quantNEON(a *neon) {
	for _, f := range formats {
		a.function(f.name+"NEON", "multiplies 16 rows with n (1, 2 or 4) tokens.", "",
			param{"w", "*byte"}, param{"x", "*byte"}, param{"y", "*float32"}, param{"blocks", "int"}, param{"stride", "int"}, param{"ldy", "int"}, param{"n", "int"})
		k := &quantArm{
			neon: a, format: f,
			w: a.param("w"), x: a.param("x"), y: a.param("y"),
			blocks: a.param("blocks"), stride: a.param("stride"), ldy: a.param("ldy"),
		}
		a.perCount(a.param("n"), []int{4, 2, 1}, k.product)
	}
}

// quantArm is one product being written.
type quantArm struct {
	*neon
	format
	w, x, y        gp
	blocks, stride gp
	ldy            gp

	q, s gp // quants and scales of the block

	acts          []vec   // [token] activations, at last scale, total and sums
	dot, sum      []vec   // [token] sums of products, and those times integer scales
	acc           [][]vec // [register of rows][token] float32
	weights, tmp  vec
	mask          vec // bits of the plane that needs masking
	point, levels vec // the zero point, the levels of IQ4
}

func (k *quantArm) product(tokens int) {
	k.acts, k.dot = k.vecsOf(tokens), k.vecsOf(tokens)
	k.sum = k.dot
	if k.scales.perHalf() {
		k.sum = k.vecsOf(tokens)
	}
	k.acc = make([][]vec, 4)
	for r := range k.acc {
		k.acc[r] = k.vecsOf(tokens)
		k.zeros(k.acc[r]...)
	}
	k.weights, k.tmp = k.vec(), k.vec()
	k.constants()
	k.q, k.s = k.gp(), k.gp()
	rest, count := k.copyOf(k.blocks), k.gp()
	k.strides(rest, k.perUnit(), func() {
		k.line("ADD $%d, %s, %s", k.head(), k.w, k.q)
		k.line("MOVD %s, %s", k.w, k.s)
		if k.scales != pairs {
			k.advance(k.superScales(), k.s)
		}
		k.line("MOVD $%d, %s", k.perUnit(), count)
		k.loop(count, func() {
			for r := range k.acc {
				k.block(r)
			}
			k.add(k.stride, k.x)
			k.advance(k.body(), k.q)
			k.advance(k.blockScales(), k.s)
		})
		k.line("MOVD %s, %s", k.q, k.w)
	})
	for t := range tokens {
		for r := range k.acc {
			k.at(strQ, k.acc[r][t], k.y, 16*r)
		}
		if t < tokens-1 {
			k.add(k.ldy, k.y)
		}
	}
}

// constants loads what the format needs.
func (k *quantArm) constants() {
	switch {
	case k.high > 0:
		k.mask = k.vec()
		k.bytesOf(k.mask, 1<<k.high-1)
	case k.bits < 8:
		k.mask = k.vec()
		k.bytesOf(k.mask, 1<<k.bits-1)
	}
	if k.table {
		k.levels = k.vec()
		w := levelWords(0)
		k.scope(func() {
			lo, hi := k.gp(), k.gp()
			k.line("MOVD $0x%08x%08x, %s", w[1], w[0], lo)
			k.line("MOVD $0x%08x%08x, %s", w[3], w[2], hi)
			k.line("VMOV %s, V%d.D[0]", lo, k.levels)
			k.line("VMOV %s, V%d.D[1]", hi, k.levels)
		})
	} else if k.zeroPoint() > 0 {
		p := uint32(k.zeroPoint())
		if k.scales.perHalf() { // as two numbers of 16 bits
			p |= p << 16
		}
		k.point = k.words(p)
	}
}

// zeroPoint is the zero point, 0 if the weights are signed or have none.
func (k *quantArm) zeroPoint() int {
	if k.format.zero == 0 || k.table || k.bits == 8 {
		return 0
	}
	return 1 << k.format.zero
}

// block adds the products of 32 columns of 4 rows.
func (k *quantArm) block(r int) {
	k.zeros(k.dot...)
	for s := range 8 {
		if s%4 == 0 {
			for t, v := range k.acts {
				k.at(ldrQ, v, k.x, t*blockSize+4*s)
			}
		}
		k.unpack(r, s)
		for t, v := range k.acts {
			k.elem(sdot, k.dot[t], k.weights, v, vec(s%4))
		}
		if k.scales.perHalf() && s%4 == 3 {
			k.half(r, s/4)
		}
	}
	if !k.scales.perHalf() {
		k.loadSums()
	}
	if k.zeroPoint() > 0 && !k.scales.perHalf() {
		for t, v := range k.acts {
			k.elem(mlaElem, k.dot[t], k.point, v, sumNeg)
		}
	}
	k.blockScale(r)
	for t, v := range k.acts {
		k.op(scvtf, k.sum[t], k.sum[t])
		k.elem(fmulElem, k.tmp, k.weights, v, sumScale)
		k.op(fmla, k.acc[r][t], k.sum[t], k.tmp)
	}
	switch {
	case k.scales == super2:
		k.minimaOfHalves(r)
	case k.min:
		k.minimum(r)
	}
}

// The elements that hold what a block of activations says after its numbers:
// of 32 bits, and of 16 bits for the sums of halves.
const (
	sumScale = 0
	sumTotal = 1
	sumNeg   = 2
	sumHalf  = 6
)

// loadSums replaces the activations by their scale and sums.
func (k *quantArm) loadSums() {
	for t, v := range k.acts {
		k.at(ldrQ, v, k.x, t*blockSize+blockScale)
	}
}

// unpack reads columns 4s to 4s+3 of 4 rows.
func (k *quantArm) unpack(r, s int) {
	w := k.weights
	vector, right := s, 0
	switch k.bits {
	case 4:
		vector, right = s%4, s/4*4
	case 2:
		vector, right = s/4, 2*(s%4)
	}
	k.at(ldrQ, w, k.q, 64*vector+16*r)
	if right > 0 {
		k.shift(ushrB, w, w, right)
	}
	switch {
	case k.high > 0: // the upper bits are put above the lower ones, on what is there
		k.at(ldrQ, k.tmp, k.q, k.highVector(s)+16*r)
		if right := k.bits - k.shiftOfHigh(s); right > 0 {
			k.shift(ushrB, k.tmp, k.tmp, right)
			if right+k.high < 8 {
				k.op(and, k.tmp, k.tmp, k.mask)
			}
		} else {
			k.op(and, k.tmp, k.tmp, k.mask)
		}
		k.shift(sliB, w, k.tmp, k.bits)
	case right+k.bits < 8:
		k.op(and, w, w, k.mask)
	}
	if k.table {
		k.op(tbl, w, k.levels, w)
	}
}

// half adds the sums of 16 columns, times their integer scales, to the sums of
// the block.
func (k *quantArm) half(r, half int) {
	k.loadSums()
	if k.zeroPoint() > 0 {
		for t, v := range k.acts {
			k.elem(smlal, k.dot[t], k.point, v, vec(sumHalf+half))
		}
	}
	if k.scales == super2 {
		k.nibbles(r, 4*half)
	} else {
		k.at(ldrD, k.weights, k.s, 8*r)
		k.shift(sshllB, k.weights, k.weights, 0)
		if half == 0 {
			k.shift(shlS, k.weights, k.weights, 16)
		}
		k.shift(sshrS, k.weights, k.weights, 16)
	}
	for t, dot := range k.dot {
		if half == 0 {
			k.op(mul, k.sum[t], dot, k.weights)
		} else {
			k.op(mla, k.sum[t], dot, k.weights)
		}
	}
	if half == 0 {
		k.zeros(k.dot...)
	}
}

// nibbles loads the nibbles of Q2_K's scale bytes for 4 rows: 0 is the first
// half's scale, 1 its minimum, 4 and 5 are those of the second half.
func (k *quantArm) nibbles(r, which int) {
	k.at(ldrD, k.weights, k.s, 8*r)
	k.shift(ushllB, k.weights, k.weights, 0)
	k.shift(shlS, k.weights, k.weights, 28-4*which)
	k.shift(ushrS, k.weights, k.weights, 28)
}

// blockScale loads the scales of 4 rows to weights.
func (k *quantArm) blockScale(r int) {
	w := k.weights
	switch k.scales {
	case pairs:
		k.at(ldrD, w, k.s, 8*r)
		k.op(fcvtl, w, w)
	case superK:
		k.at(ldrS, w, k.s, 4*r)
		k.timesHalf(w, 8*r)
	case superS:
		k.at(ldrS, w, k.s, 4*r)
		k.shift(sshllB, w, w, 0)
		k.shift(sshllH, w, w, 0)
		k.op(scvtf, w, w)
		k.at(ldrQ, k.tmp, k.w, 16*r)
		k.op(fmul, w, w, k.tmp)
	case super6, super2:
		k.at(ldrQ, w, k.w, 16*r)
	}
}

// timesHalf multiplies four bytes by the binary16 numbers at an offset of the
// unit.
func (k *quantArm) timesHalf(w vec, offset int) {
	k.shift(ushllB, w, w, 0)
	k.shift(ushllH, w, w, 0)
	k.op(ucvtf, w, w)
	k.at(ldrD, k.tmp, k.w, offset)
	k.op(fcvtl, k.tmp, k.tmp)
	k.op(fmul, w, w, k.tmp)
}

// minimum adds the minima times the sums of activations.
func (k *quantArm) minimum(r int) {
	w, product := k.weights, fmlaElem
	if k.scales == superK {
		k.at(ldrS, w, k.s, 16+4*r)
		k.timesHalf(w, 32+8*r)
		product = fmlsElem
	} else {
		k.at(ldrD, w, k.s, 64+8*r)
		k.op(fcvtl, w, w)
	}
	for t, v := range k.acts {
		k.elem(product, k.acc[r][t], w, v, sumTotal)
	}
}

// minimaOfHalves adds the minima of Q2_K, which each 16 columns have, times
// the sums of activations: in integers, then times both scales.
func (k *quantArm) minimaOfHalves(r int) {
	for half, product := range []instruction{smull, smlal} {
		k.nibbles(r, 4*half+1)
		k.op(xtn, k.weights, k.weights)
		for t, v := range k.acts {
			k.elem(product, k.dot[t], k.weights, v, vec(sumHalf+half))
		}
	}
	k.at(ldrQ, k.weights, k.w, 64+16*r)
	for t, v := range k.acts {
		k.op(scvtf, k.dot[t], k.dot[t])
		k.elem(fmulElem, k.tmp, k.weights, v, sumScale)
		k.op(fmla, k.acc[r][t], k.dot[t], k.tmp)
	}
}
