package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// wide reports whether there are registers for the products of a block of all
// 16 rows with four tokens, if the sums of blocks wait in memory.
func (k *quant2) wide() bool { return k.fit() == 8 || k.signs() }

// wideProduct writes the product of 16 rows with four tokens. All rows at once
// need half as many reads of activations as 8 and 8 do.
func (k *quant2) wideProduct() {
	k.words = k.grid()
	k.sum = k.words
	k.w, k.x, k.tmp = []reg.VecVirtual{k.YMM(), k.YMM()}, k.YMM(), k.YMM()
	m := simd{k.asm, 8}.matrix(k.y, k.ldy, k.tokens)
	k.results = &m
	k.constants()
	k.pointers()
	k.VXORPS(k.tmp, k.tmp, k.tmp)
	k.each(func(h, t int) { k.VMOVUPS(k.tmp, m.at(t, 32*k.halves[h])) })
	k.units(k.pairOfBlocks, k.superBlock)
}

// addToResults adds the products of a block, which are in sum and the scales in
// w, to the results.
func (k *quant2) addToResults(s operand.Mem) {
	var minima []reg.VecVirtual
	if k.min {
		for _, half := range k.halves {
			m := k.YMM()
			k.minima(half, s, m)
			minima = append(minima, m)
		}
	}
	for t := range k.tokens {
		k.VBROADCASTSS(k.at(t, blockScale), k.x)
		for h, half := range k.halves {
			k.VMULPS(k.x, k.w[h], k.tmp)
			k.VFMADD213PS(k.results.at(t, 32*half), k.tmp, k.sum[h][t])
		}
		if k.min {
			k.VBROADCASTSS(k.at(t, blockTotal), k.x)
		}
		for h, half := range k.halves {
			if k.min {
				k.addMinima(minima[h], k.x, k.sum[h][t])
			}
			k.VMOVUPS(k.sum[h][t], k.results.at(t, 32*half))
		}
	}
}
