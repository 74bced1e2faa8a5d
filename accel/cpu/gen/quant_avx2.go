package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// quantAVX2 writes the quantised products for AVX2, where 16 rows fill two
// registers: VPMADDUBSW adds the products of two columns as int16, which are
// added to each other as long as they cannot overflow. One token is computed
// for all 16 rows at a time, as memory delivers them. Where the sums of a block leave
// registers so are four, and eight for 8 rows and then the other 8; others are
// computed for 8 rows, too, two or four at a time.
func quantAVX2(a *asm) {
	c := constantsAVX2(a, 0)
	c.ones = a.constant("ones16", 32, 0x00010001)
	c.dup = [2]operand.Mem{
		a.constant("first16", 32, 0x01000100, 0x05040504, 0x09080908, 0x0d0c0d0c),
		a.constant("second16", 32, 0x03020302, 0x07060706, 0x0b0a0b0a, 0x0f0e0f0e),
	}
	for _, f := range formats {
		k := quant2{asm: a, format: f, constants2: c}
		k.tile()
		k.quad()
	}
}

// constantsAVX2 defines the constants that products with and without AVX-VNNI need. The
// levels of IQ4 have an offset added.
func constantsAVX2(a *asm, offset int) constants2 {
	c := constants2{
		lower:  map[int]operand.Op{4: a.constant("low4", 32, 0x0f0f0f0f), 2: a.constant("low2", 32, 0x03030303)},
		upper:  map[uint32]operand.Mem{},
		levels: a.constant("levels", 32, levelWords(offset)...),
	}
	for i, f := range formats {
		if _, ok := c.upper[f.highMask()]; !ok && f.high > 0 {
			c.upper[f.highMask()] = a.constant(fmt.Sprintf("high%d", i), 32, f.highMask())
		}
	}
	return c
}

// tile writes the product of one group of rows.
func (k quant2) tile() {
	suffix := "AVX2"
	if k.dots {
		suffix = "VNNI"
	}
	most, which := 4, "1, 2 or 4"
	if k.wide() {
		most, which = 8, "1, 2, 4 or 8"
	}
	k.function(k.name+suffix, "multiplies 16 rows with n ("+which+") tokens.", quantSignature)
	k.args = k.quantArgs()
	n := k.param("n")
	k.upTo(most, n, []int{8, 4, 2, 1}, func(tokens int) {
		passes := [][]int{{0}, {1}}
		if tokens == 1 || tokens >= 4 && k.wide() {
			passes = [][]int{{0, 1}}
		}
		for _, halves := range passes {
			pass := k
			pass.tokens, pass.halves = tokens, halves
			if len(halves) == 2 && tokens >= 4 {
				pass.wideProduct()
			} else {
				pass.product()
			}
		}
		k.VZEROUPPER()
		k.RET()
	})
}

// constants2 are operands in memory, as registers are scarce.
type constants2 struct {
	ones   operand.Op
	lower  map[int]operand.Op     // masks of the main plane by its bits
	upper  map[uint32]operand.Mem // of the other plane, by themselves
	dup    [2]operand.Mem         // shuffles that double the first or second int16 of each pair
	levels operand.Mem
	top    operand.Op // the upper bits of bytes
}

// quant2 is one product being written: some halves of the rows times tokens.
type quant2 struct {
	*asm
	format
	args
	constants2
	tokens int
	halves []int // of the rows
	dots   bool  // there is VPDPBUSD

	wp, xp, scale, quants reg.GPVirtual      // read positions
	group                 reg.GPVirtual      // bytes between groups of rows, for four of them
	acc, words, sum       [][]reg.VecVirtual // [half][token] float32, int16, int32 sums
	w                     []reg.VecVirtual   // [half] weights at hand
	x, tmp                reg.VecVirtual
	mask, one             operand.Op // low and ones for this format
	results               *matrix    // where the sums of blocks wait, if not in acc
	table                 reg.VecVirtual
}

func (k *quant2) grid() [][]reg.VecVirtual {
	g := make([][]reg.VecVirtual, len(k.halves))
	for h := range g {
		for range k.tokens {
			g[h] = append(g[h], k.YMM())
		}
	}
	return g
}

// each calls do for all halves and tokens.
func (k *quant2) each(do func(h, t int)) {
	for h := range k.halves {
		for t := range k.tokens {
			do(h, t)
		}
	}
}

// fit is how many products of two columns int16 holds: 2·(2^bits-1)·127 each.
// With a scale for each 16 columns the sums of the two halves stay apart.
func (k *quant2) fit() int {
	if k.scales.perHalf() {
		return min(4, 128>>(k.bits+k.high))
	}
	return min(8, 128>>(k.bits+k.high))
}

// signs reports whether the weights are signed bytes when they are multiplied.
func (k *quant2) signs() bool { return k.bits == 8 || k.format.table }

// registers chooses what is kept in them.
func (k *quant2) registers() {
	k.acc, k.words = k.grid(), k.grid()
	k.sum = k.words
	if k.fit() < 8 && !k.dots {
		k.sum = k.grid()
	}
	for range k.halves {
		k.w = append(k.w, k.YMM())
	}
	k.x, k.tmp = k.YMM(), k.YMM()
	k.constants()
	k.pointers()
}

// constants chooses where constants are.
func (k *quant2) constants() {
	k.mask, k.one = k.lower[k.bits], k.ones
	if k.dots {
		k.constantsOfDots()
		return
	}
	if k.flips() {
		return
	}
	if k.fit() == 8 || k.signs() { // there are registers left
		k.one = k.inRegister(k.one)
		if k.bits < 8 {
			k.mask = k.inRegister(k.mask)
		}
	}
	if k.format.table {
		k.table = k.inRegister(k.levels)
	}
}

// pointers sets where reading begins.
func (k *quant2) pointers() {
	k.wp, k.xp = k.GP64(), k.GP64()
	k.MOVQ(k.args.w, k.wp)
	k.MOVQ(k.args.x, k.xp)
	if k.scales != pairs {
		k.scale, k.quants = k.GP64(), k.GP64()
	}
}

func (k *quant2) product() {
	k.registers()
	k.each(func(h, t int) { k.VXORPS(k.acc[h][t], k.acc[h][t], k.acc[h][t]) })
	k.units(k.pairOfBlocks, k.superBlock)
	for h, half := range k.halves {
		y := k.GP64()
		k.MOVQ(k.y, y)
		for t, r := range k.acc[h] {
			k.VMOVUPS(r, mem(y, 32*half))
			if t < k.tokens-1 {
				k.ADDQ(k.ldy, y)
			}
		}
	}
}

// units repeats what computes a unit.
func (k *quant2) units(pair, super func()) {
	count := k.GP64()
	k.MOVQ(k.blocks, count)
	if k.scales == pairs {
		k.SHRQ(operand.Imm(1), count)
		k.loop(count, pair)
	} else {
		k.SHRQ(operand.Imm(3), count)
		k.loop(count, super)
	}
}

// pairOfBlocks computes a unit of two blocks and moves on.
func (k *quant2) pairOfBlocks() {
	k.twoBlocks()
	k.advance(k.unit(), k.wp)
}

// twoBlocks computes a unit of two blocks.
func (k *quant2) twoBlocks() {
	k.readAhead(k.ahead, mem(k.wp, 0), k.unit())
	for b := range 2 {
		k.block(mem(k.wp, k.head()+b*k.body()), mem(k.wp, 32*b))
		k.ADDQ(k.stride, k.xp)
	}
}

// inRegister loads a constant.
func (k *quant2) inRegister(m operand.Op) reg.VecVirtual {
	r := k.YMM()
	k.VMOVDQU(m, r)
	return r
}

// superBlock computes the 8 blocks of a unit of a super-block type.
func (k *quant2) superBlock() {
	k.superBlocks(func(_ []reg.GPVirtual, body func()) { body() }, func(body func()) { body() })
}

// superBlocks computes such a unit of every group of rows and moves on: groups
// repeats its body for each, moving the pointers to weights, and sums provides
// for the sums of one.
func (k *quant2) superBlocks(groups func(weights []reg.GPVirtual, body func()), sums func(body func())) {
	groups([]reg.GPVirtual{k.wp}, func() { k.readAhead(k.ahead, mem(k.wp, 0), k.head()) })
	k.LEAQ(mem(k.wp, k.superScales()), k.scale)
	k.LEAQ(mem(k.wp, k.head()), k.quants)
	count := k.GP64()
	k.MOVQ(operand.U32(8), count)
	k.loop(count, func() {
		groups([]reg.GPVirtual{k.wp, k.scale, k.quants}, func() {
			k.readAhead(k.ahead, mem(k.quants, 0), k.body())
			sums(func() { k.block(mem(k.quants, 0), mem(k.scale, 0)) })
		})
		k.ADDQ(k.stride, k.xp)
		k.advance(k.blockScales(), k.scale)
		k.advance(k.body(), k.quants)
	})
	k.MOVQ(k.quants, k.wp)
}

// at is the activation field of token t at an offset.
func (k *quant2) at(t, offset int) operand.Mem { return mem(k.xp, t*blockSize+offset) }

// block adds the products of 32 columns: q are their quants, s their scales.
func (k *quant2) block(q, s operand.Mem) {
	if k.byHalf() {
		for _, half := range k.halves {
			one := *k
			one.halves = []int{half}
			one.block(q, s)
		}
		return
	}
	if k.dots {
		k.dotted(q)
	} else if k.flips() {
		k.flipped(q)
	} else if k.signs() {
		k.signed(q)
	} else {
		k.unsigned(q, s)
		k.zeroPoint(s)
	}
	k.each(func(h, t int) { k.VCVTDQ2PS(k.sum[h][t], k.sum[h][t]) })
	for h, half := range k.halves {
		k.blockScale(half, s, k.w[h])
	}
	if k.results != nil {
		k.addToResults(s)
		return
	}
	for t := range k.tokens {
		k.VBROADCASTSS(k.at(t, blockScale), k.x)
		for h := range k.halves {
			k.VMULPS(k.x, k.w[h], k.tmp)
			k.VFMADD231PS(k.tmp, k.sum[h][t], k.acc[h][t])
		}
	}
	switch {
	case k.scales == super2:
		k.minimaOfHalves(s)
	case k.min:
		k.minimum(s)
	}
}

// blockScale loads the scales of a half's rows to w.
func (k *quant2) blockScale(half int, s operand.Mem, w reg.VecVirtual) {
	switch k.scales {
	case pairs:
		k.VCVTPH2PS(s.Offset(16*half), w)
	case superK:
		k.VPMOVZXBD(s.Offset(8*half), w)
		k.VCVTDQ2PS(w, w)
		k.VCVTPH2PS(mem(k.wp, 16*half), k.tmp)
		k.VMULPS(k.tmp, w, w)
	case superS:
		k.VPMOVSXBD(s.Offset(8*half), w)
		k.VCVTDQ2PS(w, w)
		k.VMULPS(mem(k.wp, 32*half), w, w)
	case super6, super2:
		k.VMOVUPS(mem(k.wp, 32*half), w)
	}
}

// minima loads the minima of a half's rows to w.
func (k *quant2) minima(half int, s operand.Mem, w reg.VecVirtual) {
	if k.scales != superK {
		k.VCVTPH2PS(s.Offset(64+16*half), w)
		return
	}
	k.VPMOVZXBD(s.Offset(16+8*half), w)
	k.VCVTDQ2PS(w, w)
	k.VCVTPH2PS(mem(k.wp, 32+16*half), k.tmp)
	k.VMULPS(k.tmp, w, w)
}

// addMinima adds the minima w times the sums of activations, which Q4_K and
// Q5_K take off.
func (k *quant2) addMinima(w, total, acc reg.VecVirtual) {
	if k.scales == superK {
		k.VFNMADD231PS(total, w, acc)
	} else {
		k.VFMADD231PS(total, w, acc)
	}
}

// minimum adds the minima times the sums of activations.
func (k *quant2) minimum(s operand.Mem) {
	for h, half := range k.halves {
		k.minima(half, s, k.w[h])
	}
	for t := range k.tokens {
		k.VBROADCASTSS(k.at(t, blockTotal), k.x)
		for h := range k.halves {
			k.addMinima(k.w[h], k.x, k.acc[h][t])
		}
	}
}

// minimaOfHalves adds the minima of Q2_K, which each 16 columns have, times
// the sums of activations: in integers, then times both scales.
func (k *quant2) minimaOfHalves(s operand.Mem) {
	for h, half := range k.halves {
		k.VPMOVZXBW(s.Offset(16*half), k.w[h])
		k.VPSRLW(operand.Imm(4), k.w[h], k.w[h])
		for t := range k.tokens {
			k.VPBROADCASTD(k.at(t, blockHalf), k.x)
			k.VPMADDWD(k.w[h], k.x, k.x)
			k.VCVTDQ2PS(k.x, k.x)
			k.VBROADCASTSS(k.at(t, blockScale), k.tmp)
			k.VMULPS(mem(k.wp, 64+32*half), k.tmp, k.tmp)
			k.VFMADD231PS(k.tmp, k.x, k.acc[h][t])
		}
	}
}

// signed adds the products of a block of int8 weights: the weights' signs move
// to the activations, as VPMADDUBSW wants one operand unsigned. Two products
// of 128·127 just fit in int16.
func (k *quant2) signed(q operand.Mem) {
	magnitude := make([]reg.VecVirtual, len(k.halves))
	for h := range magnitude {
		magnitude[h] = k.YMM()
	}
	for v := range 8 {
		for h, half := range k.halves {
			k.signedWeights(q.Offset(32*half), v, k.w[h])
			k.VPABSB(k.w[h], magnitude[h])
		}
		k.signedProducts(v, magnitude, func(h int, p reg.VecVirtual) { k.VPSIGNB(k.w[h], k.x, p) })
	}
}

// signedProducts adds the products of the weights of step v, whose signs turn
// moves to the activations in x, writing these to p.
func (k *quant2) signedProducts(v int, magnitude []reg.VecVirtual, turn func(h int, p reg.VecVirtual)) {
	for t := range k.tokens {
		k.VPBROADCASTD(k.at(t, 4*v), k.x)
		for h := range k.halves {
			p := k.tmp
			if v == 0 {
				p = k.sum[h][t]
			}
			turn(h, p)
			k.VPMADDUBSW(p, magnitude[h], p)
			k.VPMADDWD(k.one, p, p)
			if v > 0 {
				k.VPADDD(p, k.sum[h][t], k.sum[h][t])
			}
		}
	}
}

// signedWeights loads the weights of step s as int8.
func (k *quant2) signedWeights(q operand.Mem, s int, w reg.VecVirtual) {
	if k.bits == 8 {
		k.VMOVDQU(q.Offset(64*s), w)
		return
	}
	k.unpack(q, s, w)
	table := k.table
	if k.flips() {
		table = k.tmp
		k.VMOVDQU(k.levels, table)
	}
	k.VPSHUFB(w, table, w)
}

// unsigned adds the products of a block of weights from 0 up: step s of 8
// takes columns 4s to 4s+3.
func (k *quant2) unsigned(q, scale operand.Mem) {
	fit := k.fit()
	for s := range 8 {
		for h, half := range k.halves {
			k.unpack(q.Offset(32*half), s, k.w[h])
		}
		for t := range k.tokens {
			k.VPBROADCASTD(k.at(t, 4*s), k.x)
			for h := range k.halves {
				if s%fit == 0 {
					k.VPMADDUBSW(k.x, k.w[h], k.words[h][t])
					continue
				}
				k.VPMADDUBSW(k.x, k.w[h], k.tmp)
				k.VPADDW(k.tmp, k.words[h][t], k.words[h][t])
			}
		}
		if s%fit == fit-1 {
			k.flush(s, scale)
		}
	}
}

// unpack reads the weights of step s to w.
func (k *quant2) unpack(q operand.Mem, s int, w reg.VecVirtual) {
	if k.bits == 4 {
		k.shifted(q.Offset(64*(s%4)), -s/4*4, w)
	} else {
		k.shifted(q.Offset(64*(s/4)), -2*(s%4), w)
	}
	k.VPAND(k.mask, w, w)
	if k.high > 0 {
		k.shifted(q.Offset(k.highVector(s)), k.shiftOfHigh(s), k.tmp)
		k.VPAND(k.upper[k.highMask()], k.tmp, k.tmp)
		k.VPOR(k.tmp, w, w)
	}
}

// shifted reads a vector and shifts its words left (right if negative).
func (k *quant2) shifted(m operand.Mem, left int, w reg.VecVirtual) {
	k.VMOVDQU(m, w)
	if left > 0 {
		k.VPSLLW(operand.Imm(uint64(left)), w, w)
	} else if left < 0 {
		k.VPSRLW(operand.Imm(uint64(-left)), w, w)
	}
}

// flush adds the int16 sums to the int32 sums after step s, times the integer
// scale that Q6_K has for each 16 columns.
func (k *quant2) flush(s int, scale operand.Mem) {
	for h, half := range k.halves {
		factor := k.one
		if k.scales.perHalf() {
			if k.scales == super2 {
				k.VPMOVZXBW(scale.Offset(16*half), k.w[h])
				k.VPAND(k.lower[4], k.w[h], k.w[h])
			} else {
				k.VPMOVSXBW(scale.Offset(16*half), k.w[h])
			}
			k.VPSHUFB(k.dup[s/4], k.w[h], k.w[h])
			factor = k.w[h]
		}
		for t := range k.tokens {
			words, sum := k.words[h][t], k.sum[h][t]
			if s < k.fit() {
				k.VPMADDWD(factor, words, sum)
				continue
			}
			k.VPMADDWD(factor, words, words)
			k.VPADDD(words, sum, sum)
		}
	}
}

// zeroPoint takes off what the weights' zero point has added.
func (k *quant2) zeroPoint(s operand.Mem) {
	switch {
	case k.scales == super6:
		for h, half := range k.halves {
			k.VPMOVSXBW(s.Offset(16*half), k.w[h])
			for t := range k.tokens {
				k.VPBROADCASTD(k.at(t, blockHalf), k.x)
				k.VPMADDWD(k.w[h], k.x, k.x)
				k.VPSLLD(operand.Imm(uint64(k.zero)), k.x, k.x)
				k.VPADDD(k.x, k.sum[h][t], k.sum[h][t])
			}
		}
	case k.zero > 0:
		for t := range k.tokens {
			k.VPBROADCASTD(k.at(t, blockNeg), k.x)
			k.VPSLLD(operand.Imm(uint64(k.zero)), k.x, k.x)
			for h := range k.halves {
				k.VPADDD(k.x, k.sum[h][t], k.sum[h][t])
			}
		}
	}
}
