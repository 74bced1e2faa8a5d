package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// quad writes the product of four groups of rows with one token. They are read
// side by side: where one stream of memory is slow, four are faster, as each has
// the prefetchers' attention. The sums of blocks wait in y meanwhile.
func (k quant2) quad() {
	signature, doc := "func(w *byte, x *byte, y *float32, blocks, stride, group, ldy", "multiplies 4 groups of 16 rows, group bytes apart and their results ldy bytes, with one token."
	if !k.mixes() {
		signature += ", ahead"
	}
	k.function(k.name+"QuadAVX2", doc, signature+" int)")
	k.tokens, k.halves = 1, []int{0, 1}
	k.args = args{w: k.param("w"), x: k.param("x"), y: k.param("y"), blocks: k.param("blocks"), stride: k.param("stride"), ldy: k.param("ldy")}
	k.group = k.param("group")
	if k.mixes() {
		k.sideBySide()
	} else {
		k.ahead = k.param("ahead")
		k.inTurn()
	}
	k.VZEROUPPER()
	k.RET()
}

// mixes reports whether there are registers for the sums of four groups, which
// are as many as of one with four tokens, and scales that lie close to what they
// scale.
func (k *quant2) mixes() bool { return k.scales == pairs && k.wide() }

// inTurn computes a block of one group after the other.
func (k *quant2) inTurn() {
	k.registers()
	for h := range k.halves {
		k.VXORPS(k.acc[h][0], k.acc[h][0], k.acc[h][0])
	}
	k.four(nil, k.storeSums)
	k.units(k.quadOfPairs, func() { k.superBlocks(k.four, k.sums) })
}

// four repeats body for the four groups, the pointers to weights moving on by a
// group each time and that to results, too, and moves them back.
func (k *quant2) four(weights []reg.GPVirtual, body func()) {
	n := k.GP64()
	k.MOVQ(operand.U32(4), n)
	k.loop(n, func() {
		body()
		for _, p := range weights {
			k.ADDQ(k.group, p)
		}
		k.ADDQ(k.ldy, k.y)
	})
	back := k.GP64()
	k.MOVQ(k.ldy, back)
	k.SHLQ(operand.Imm(2), back)
	k.SUBQ(back, k.y)
	k.MOVQ(k.group, back)
	k.SHLQ(operand.Imm(2), back)
	for _, p := range weights {
		k.SUBQ(back, p)
	}
}

// sums calls body with the sums of one group in registers.
func (k *quant2) sums(body func()) {
	for h := range k.halves {
		k.VMOVUPS(mem(k.y, 32*h), k.acc[h][0])
	}
	body()
	k.storeSums()
}

// storeSums writes the sums of one group.
func (k *quant2) storeSums() {
	for h := range k.halves {
		k.VMOVUPS(k.acc[h][0], mem(k.y, 32*h))
	}
}

// quadOfPairs computes a unit of two blocks of each group and moves on.
func (k *quant2) quadOfPairs() {
	k.four([]reg.GPVirtual{k.wp}, func() {
		k.sums(k.twoBlocks)
		k.SUBQ(k.stride, k.xp)
		k.SUBQ(k.stride, k.xp)
	})
	k.LEAQ(operand.Mem{Base: k.xp, Index: k.stride, Scale: 2}, k.xp)
	k.advance(k.unit(), k.wp)
}

// sideBySide computes the same columns of all four groups before the next ones.
func (k *quant2) sideBySide() {
	k.sum = k.grid()
	for range 3 {
		k.halves = append(k.halves, 0, 1)
		k.sum = append(k.sum, k.grid()[:2]...)
	}
	k.words = k.sum
	k.w, k.x, k.tmp = []reg.VecVirtual{k.YMM()}, k.YMM(), k.YMM()
	k.constants()
	k.pointers()
	s := simd{k.asm, 8}
	rows, results := s.matrix(k.wp, k.group, 4), s.matrix(k.y, k.ldy, 4)
	k.VXORPS(k.tmp, k.tmp, k.tmp)
	for i, half := range k.halves {
		k.VMOVUPS(k.tmp, results.at(i/2, 32*half))
	}
	k.units(func() {
		for b := range 2 {
			k.quadBlock(rows, results, k.head()+b*k.body(), 32*b)
			k.ADDQ(k.stride, k.xp)
		}
		k.advance(k.unit(), rows.first)
	}, nil)
}

// quadBlock adds the products of 32 columns of four groups, whose quants and
// scales are so far into a unit.
func (k *quant2) quadBlock(rows, results matrix, quants, scales int) {
	for step := range 8 {
		k.VPBROADCASTD(k.at(0, 4*step), k.x)
		for i, half := range k.halves {
			q, sum, p := rows.at(i/2, quants+32*half), k.sum[i][0], k.tmp
			if step == 0 {
				p = sum
			}
			k.quadStep(q, step, p)
			if step > 0 {
				k.addSums(p, sum)
			}
		}
	}
	if !k.signs() {
		k.flush(7, operand.Mem{})
		k.zeroPoint(operand.Mem{})
	}
	acc, total, w := k.YMM(), k.YMM(), k.w[0]
	k.VBROADCASTSS(k.at(0, blockScale), k.x)
	if k.min {
		k.VBROADCASTSS(k.at(0, blockTotal), total)
	}
	for i, half := range k.halves {
		s, sum := rows.at(i/2, scales), k.sum[i][0]
		k.VCVTDQ2PS(sum, sum)
		k.blockScale(half, s, w)
		k.VMULPS(k.x, w, w)
		k.VMOVUPS(results.at(i/2, 32*half), acc)
		k.VFMADD231PS(w, sum, acc)
		if k.min {
			k.minima(half, s, w)
			k.addMinima(w, total, acc)
		}
		k.VMOVUPS(acc, results.at(i/2, 32*half))
	}
}

// quadStep writes the products of the weights of a step to p: int32 for signed
// weights, else int16.
func (k *quant2) quadStep(q operand.Mem, step int, p reg.VecVirtual) {
	w := k.w[0]
	if !k.signs() {
		k.unpack(q, step, w)
		k.VPMADDUBSW(k.x, w, p)
		return
	}
	magnitude := k.YMM()
	k.signedWeights(q, step, w)
	k.VPABSB(w, magnitude)
	k.VPSIGNB(w, k.x, p)
	k.VPMADDUBSW(p, magnitude, p)
	k.VPMADDWD(k.one, p, p)
}

// addSums adds what quadStep writes.
func (k *quant2) addSums(p, sum reg.VecVirtual) {
	if k.signs() {
		k.VPADDD(p, sum, sum)
	} else {
		k.VPADDW(p, sum, sum)
	}
}
