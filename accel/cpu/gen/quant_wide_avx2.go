package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// wide reports whether there are registers for the products of a block of all
// 16 rows with four tokens, or of 8 with eight, if the sums of blocks wait in memory.
func (k *quant2) wide() bool { return k.fit() == 8 || k.signs() || k.dots }

// byHalf reports whether there are registers for one half of the rows at a time.
func (k *quant2) byHalf() bool { return k.tokens == 8 && len(k.halves) == 2 }

// wideProduct writes the product of 16 rows with four tokens or eight. With four all
// rows at once need half as many reads of activations as 8 and 8 do, with eight what
// is done with weights before they are multiplied serves twice as many tokens.
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

// flips reports whether signs move to the activations by flipping bits.
func (k *quant2) flips() bool { return k.results != nil && k.signs() }

// flipped is signed for four tokens or eight. VPSIGNB would be a third instruction for
// the units that multiply, on AMD's processors as on Intel's. So activations that
// meet a negative weight have their bits flipped, which any unit can do; what
// that leaves them short of their opposite, 1, adds up to the magnitudes of the
// negative weights, once for all tokens.
func (k *quant2) flipped(q operand.Mem) {
	magnitude, negative := []reg.VecVirtual{k.YMM(), k.YMM()}, []reg.VecVirtual{k.YMM(), k.YMM()}
	for v := range 8 {
		for h, half := range k.halves {
			w := k.w[h]
			k.signedWeights(q.Offset(32*half), v, w)
			k.VPABSB(w, magnitude[h])
			k.VPXOR(k.tmp, k.tmp, k.tmp)
			k.VPCMPGTB(w, k.tmp, w) // -1 where it is negative
			if v == 0 {
				k.VPMADDUBSW(w, magnitude[h], negative[h])
				continue
			}
			k.VPMADDUBSW(w, magnitude[h], k.tmp)
			k.VPADDW(k.tmp, negative[h], negative[h])
		}
		k.signedProducts(v, magnitude, func(h int, p reg.VecVirtual) { k.VPXOR(k.w[h], k.x, p) })
	}
	for h := range k.halves {
		k.VPMADDWD(k.one, negative[h], negative[h])
		for t := range k.tokens {
			k.VPSUBD(negative[h], k.sum[h][t], k.sum[h][t])
		}
	}
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
