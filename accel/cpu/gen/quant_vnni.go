package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// quantVNNI writes the quantised products for AVX2 with AVX-VNNI: VPDPBUSD adds
// four columns of 8 rows at a time to sums of 32 bits, so nothing can overflow and
// weights need no signs. The rest is as for AVX2 alone. Formats with a scale for each
// 16 columns gain nothing: their scales multiply sums of 16 bits there, two at a time.
func quantVNNI(a *asm) {
	c := constantsAVX2(a, 128)
	c.top = a.constant("top8", 32, 0x80808080)
	for _, f := range formats {
		if !f.scales.perHalf() {
			k := quant2{asm: a, format: f, constants2: c, dots: true}
			k.tile()
		}
	}
}

// constantsOfDots chooses where constants are.
func (k *quant2) constantsOfDots() {
	if k.bits == 8 {
		k.mask = k.top
	}
	k.mask = k.inRegister(k.mask)
	if k.format.table {
		k.table = k.inRegister(k.levels)
	}
}

// dotted adds the products of a block: step s of 8 takes columns 4s to 4s+3.
func (k *quant2) dotted(q operand.Mem) {
	k.beginSums()
	for s := range 8 {
		for h, half := range k.halves {
			k.dotWeights(q.Offset(32*half), s, k.w[h])
		}
		for t := range k.tokens {
			k.VPBROADCASTD(k.at(t, 4*s), k.x)
			for h := range k.halves {
				k.dot("VPDPBUSD", k.x, k.w[h], k.sum[h][t])
			}
		}
	}
}

// beginSums sets the sums of a block to what takes off the weights' zero point.
func (k *quant2) beginSums() {
	if k.zero == 0 {
		k.each(func(h, t int) { k.VPXOR(k.sum[h][t], k.sum[h][t], k.sum[h][t]) })
		return
	}
	for t := range k.tokens {
		k.VPBROADCASTD(k.at(t, blockNeg), k.x)
		first := k.sum[0][t]
		k.VPSLLD(operand.Imm(uint64(k.zero)), k.x, first)
		for h := 1; h < len(k.halves); h++ {
			k.VMOVDQA(first, k.sum[h][t])
		}
	}
}

// dotWeights loads the weights of a step as bytes from 0 up.
func (k *quant2) dotWeights(q operand.Mem, s int, w reg.VecVirtual) {
	if k.bits == 8 {
		k.VPXOR(q.Offset(64*s), k.mask, w)
		return
	}
	k.unpack(q, s, w)
	if k.format.table {
		k.VPSHUFB(w, k.table, w)
	}
}
