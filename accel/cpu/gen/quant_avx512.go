package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// quantAVX512 writes the quantised products: 16 rows fill one register of
// int32 sums, VPDPBUSD adds four columns of all of them at a time, and the
// activations come as broadcast memory operands.
func quantAVX512(a *asm) {
	for _, f := range formats {
		a.function(f.name+"AVX512", "multiplies 16 rows with n (1, 2, 4 or 8) tokens.", quantSignature)
		p := a.quantArgs()
		n := a.param("n")
		a.upTo(8, n, []int{8, 4, 2, 1}, func(tokens int) {
			k := &quant512{asm: a, format: f, args: p, tokens: tokens}
			k.product()
			a.VZEROUPPER()
			a.RET()
		})
	}
}

// quant512 is one product being written.
type quant512 struct {
	*asm
	format
	args
	tokens int

	acc, sum       []reg.VecVirtual // float32 and int32 sums per token
	low, high      reg.VecVirtual   // weights at hand
	mask, maskHigh reg.VecVirtual
	d, m           reg.VecVirtual // scales and minima of the block
	super, superM  reg.VecVirtual // of the super-block
	scale          reg.GPVirtual  // where a K-quant's block scales lie
	tmp            reg.VecVirtual
}

func (k *quant512) vectors(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = k.ZMM()
	}
	return v
}

func (k *quant512) splat(v uint32) reg.VecVirtual {
	g, z := k.GP32(), k.ZMM()
	k.MOVL(operand.U32(v), g)
	k.VPBROADCASTD(g, z)
	return z
}

func (k *quant512) product() {
	k.acc, k.sum = k.vectors(k.tokens), k.vectors(k.tokens)
	k.low, k.high, k.tmp = k.ZMM(), k.ZMM(), k.ZMM()
	k.d, k.m, k.super, k.superM = k.ZMM(), k.ZMM(), k.ZMM(), k.ZMM()
	if k.bytes {
		k.mask = k.splat(0x80808080)
	} else {
		k.mask = k.splat(0x0f0f0f0f)
	}
	switch k.format.high {
	case 1:
		k.maskHigh = k.splat(0x10101010)
	case 2:
		k.maskHigh = k.splat(0x30303030)
	}
	for _, r := range k.acc {
		k.VXORPS(r, r, r)
	}
	if k.scales == pairs {
		k.SHRQ(operand.Imm(1), k.blocks)
		k.loop(k.blocks, func() {
			for b := range 2 {
				k.VCVTPH2PS(mem(k.w, 32*b), k.d)
				if k.min {
					k.VCVTPH2PS(mem(k.w, 64+32*b), k.m)
				}
				k.block(mem(k.w, k.head()+b*k.body()))
			}
			k.advance(k.unit(), k.w)
		})
	} else {
		k.SHRQ(operand.Imm(3), k.blocks)
		k.loop(k.blocks, k.superBlock)
	}
	for t, r := range k.acc {
		k.VMOVUPS(r, mem(k.y, 0))
		if t < k.tokens-1 {
			k.ADDQ(k.ldy, k.y)
		}
	}
}

// superBlock computes the 8 blocks of a unit of a K-quant.
func (k *quant512) superBlock() {
	if k.scales == super6 {
		k.VMOVUPS(mem(k.w, 0), k.d)
	} else {
		k.VCVTPH2PS(mem(k.w, 0), k.super)
		k.VCVTPH2PS(mem(k.w, 32), k.superM)
	}
	k.scale = k.GP64()
	quants, count := k.GP64(), k.GP64()
	k.LEAQ(mem(k.w, 64), k.scale)
	k.LEAQ(mem(k.w, k.head()), quants)
	k.MOVQ(operand.U32(8), count)
	k.loop(count, func() {
		if k.scales == superK {
			k.VPMOVZXBD(mem(k.scale, 0), k.d)
			k.VPMOVZXBD(mem(k.scale, 16), k.m)
			k.VCVTDQ2PS(k.d, k.d)
			k.VCVTDQ2PS(k.m, k.m)
			k.VMULPS(k.super, k.d, k.d)
			k.VMULPS(k.superM, k.m, k.m)
		}
		k.block(mem(quants, 0))
		k.advance(32, k.scale)
		k.advance(k.body(), quants)
	})
	k.MOVQ(quants, k.w)
}

// at is the activation field of token t at an offset.
func (k *quant512) at(t, offset int) operand.Mem { return mem(k.x, t*blockSize+offset) }

// block adds the products of 32 columns.
func (k *quant512) block(q operand.Mem) {
	for t, c := range k.sum {
		if k.zero > 0 && k.scales != super6 {
			k.VPSLLD_BCST(operand.Imm(uint64(k.zero)), k.at(t, blockNeg), c)
		} else {
			k.VPXORD(c, c, c)
		}
	}
	switch {
	case k.bytes:
		for v := range 8 {
			k.VPXORD(q.Offset(64*v), k.mask, k.low)
			k.columns(k.low, k.sum, 4*v)
		}
	case k.scales == super6:
		k.sixBits(q)
	default:
		for v := range 4 {
			k.nibbles(q, v)
			k.columns(k.low, k.sum, 4*v)
			k.columns(k.high, k.sum, 16+4*v)
		}
	}
	for t, c := range k.sum {
		k.VCVTDQ2PS(c, c)
		k.VMULPS_BCST(k.at(t, blockScale), k.d, k.tmp)
		k.VFMADD231PS(k.tmp, c, k.acc[t])
		switch {
		case k.scales == superK:
			k.VFNMADD231PS_BCST(k.at(t, blockTotal), k.m, k.acc[t])
		case k.min:
			k.VFMADD231PS_BCST(k.at(t, blockTotal), k.m, k.acc[t])
		}
	}
	k.ADDQ(k.stride, k.x)
}

// columns adds the products of weight vector w with columns c to c+3.
func (k *quant512) columns(w reg.VecVirtual, sum []reg.VecVirtual, c int) {
	for t := range sum {
		k.dot("VPDPBUSD", k.at(t, c), w, sum[t])
	}
}

// nibbles unpacks vector v to columns 4v… (low) and 16+4v… (high).
func (k *quant512) nibbles(q operand.Mem, v int) {
	k.VMOVDQU32(q.Offset(64*v), k.high)
	k.VPANDD(k.mask, k.high, k.low)
	k.VPSRLW(operand.Imm(4), k.high, k.high)
	k.VPANDD(k.mask, k.high, k.high)
	if k.format.high == 1 {
		k.highBits(q.Offset(256), 4-v, k.low)
		k.highBits(q.Offset(256), -v, k.high)
	}
}

// highBits puts the bits of h, shifted left, into w under the mask of high
// bits.
func (k *quant512) highBits(h operand.Mem, left int, w reg.VecVirtual) {
	switch {
	case left > 0:
		k.VPSLLW(operand.Imm(uint64(left)), h, k.tmp)
	case left < 0:
		k.VPSRLW(operand.Imm(uint64(-left)), h, k.tmp)
	default:
		k.VMOVDQU32(h, k.tmp)
	}
	k.VPTERNLOGD(operand.Imm(0xf8), k.maskHigh, k.tmp, w) // w | tmp&mask
}

// sixBits adds the products of a block of Q6_K, whose halves have integer
// scales of their own, and takes off the zero point by the halves' sums.
func (k *quant512) sixBits(q operand.Mem) {
	other := k.vectors(k.tokens)
	for _, c := range other {
		k.VPXORD(c, c, c)
	}
	for v := range 4 {
		k.nibbles(q, v)
		k.highBits(q.Offset(256), 4-2*v, k.low)
		k.highBits(q.Offset(320), 4-2*v, k.high)
		k.columns(k.low, k.sum, 4*v)
		k.columns(k.high, other, 16+4*v)
	}
	s0, s1, pair := k.low, k.high, k.tmp // which are free now
	k.VPMOVSXBW(mem(k.scale, 0), pair)
	k.VPSLLD(operand.Imm(16), pair, s0)
	k.VPSRAD(operand.Imm(16), s0, s0)
	k.VPSRAD(operand.Imm(16), pair, s1)
	k.VPSLLW(operand.Imm(5), pair, pair)
	for t, c := range k.sum {
		k.VPMULLD(s0, c, c)
		k.VPMULLD(s1, other[t], other[t])
		k.dot("VPDPWSSD", k.at(t, blockHalf), pair, c)
		k.VPADDD(other[t], c, c)
	}
}
