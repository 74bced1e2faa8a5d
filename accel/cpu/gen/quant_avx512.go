package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// quantAVX512 writes the quantised products: 16 rows fill one register of
// int32 sums, VPDPBUSD adds four columns of all of them at a time, and the
// activations come as broadcast memory operands.
func quantAVX512(a *asm) {
	table := a.constant("levels512", 16, levelWords(128)...)
	for _, f := range formats {
		a.function(f.name+"AVX512", "multiplies 16 rows with n (1, 2, 4 or 8) tokens.", quantSignature)
		p := a.quantArgs()
		n := a.param("n")
		a.upTo(8, n, []int{8, 4, 2, 1}, func(tokens int) {
			k := &quant512{asm: a, format: f, args: p, tokens: tokens, levels: table}
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
	levels operand.Mem // of IQ4, plus 128

	acc, sum       []reg.VecVirtual // float32 and int32 sums per token
	other          []reg.VecVirtual // int32 sums of the second 16 columns, then of minima
	low, high      reg.VecVirtual   // weights at hand
	mask, maskHigh reg.VecVirtual
	table          reg.VecVirtual
	d, m           reg.VecVirtual // scales and minima of the block
	super, superM  reg.VecVirtual // of the super-block
	scale          reg.GPVirtual  // where a super-block's block scales lie
	tmp            reg.VecVirtual
	lines          []reg.VecVirtual // of the block's quants, if they are in registers
}

func (k *quant512) vectors(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = k.ZMM()
	}
	return v
}

func (k *quant512) splat(v uint32) reg.VecVirtual { return simd{k.asm, 16}.splat(v) }

func (k *quant512) product() {
	k.acc, k.sum = k.vectors(k.tokens), k.vectors(k.tokens)
	if k.scales.perHalf() {
		k.other = k.vectors(k.tokens)
	}
	k.low, k.high, k.tmp = k.ZMM(), k.ZMM(), k.ZMM()
	k.d, k.m, k.super, k.superM = k.ZMM(), k.ZMM(), k.ZMM(), k.ZMM()
	if k.bits == 8 {
		k.mask = k.splat(0x80808080)
	} else {
		k.mask = k.splat((1<<k.bits - 1) * 0x01010101)
	}
	if k.format.high > 0 {
		k.maskHigh = k.splat(k.highMask())
	}
	if k.format.table {
		k.table = k.ZMM()
		k.VBROADCASTI32X4(k.levels, k.table)
	}
	for _, r := range k.acc {
		k.VXORPS(r, r, r)
	}
	if k.scales == pairs {
		k.SHRQ(operand.Imm(1), k.blocks)
		k.loop(k.blocks, func() {
			k.readAhead(k.ahead, mem(k.w, 0), k.head())
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

// superBlock computes the 8 blocks of a unit of a super-block type.
func (k *quant512) superBlock() {
	switch k.scales {
	case superK:
		k.VCVTPH2PS(mem(k.w, 0), k.super)
		k.VCVTPH2PS(mem(k.w, 32), k.superM)
	case superS:
		k.VMOVUPS(mem(k.w, 0), k.super)
	case super6:
		k.VMOVUPS(mem(k.w, 0), k.d)
	case super2:
		k.VMOVUPS(mem(k.w, 0), k.d)
		k.VMOVUPS(mem(k.w, 64), k.m)
	}
	k.readAhead(k.ahead, mem(k.w, 0), k.head())
	k.scale = k.GP64()
	quants, count := k.GP64(), k.GP64()
	k.LEAQ(mem(k.w, k.superScales()), k.scale)
	k.LEAQ(mem(k.w, k.head()), quants)
	k.MOVQ(operand.U32(8), count)
	k.loop(count, func() {
		switch k.scales {
		case superK:
			k.VPMOVZXBD(mem(k.scale, 16), k.m)
			k.VCVTDQ2PS(k.m, k.m)
			k.VMULPS(k.superM, k.m, k.m)
			k.VPMOVZXBD(mem(k.scale, 0), k.d)
			k.VCVTDQ2PS(k.d, k.d)
			k.VMULPS(k.super, k.d, k.d)
		case superS:
			k.VPMOVSXBD(mem(k.scale, 0), k.d)
			k.VCVTDQ2PS(k.d, k.d)
			k.VMULPS(k.super, k.d, k.d)
		}
		k.block(mem(quants, 0))
		k.advance(k.blockScales(), k.scale)
		k.advance(k.body(), quants)
	})
	k.MOVQ(quants, k.w)
}

// at is the activation field of token t at an offset.
func (k *quant512) at(t, offset int) operand.Mem { return mem(k.x, t*blockSize+offset) }

// block adds the products of 32 columns.
func (k *quant512) block(q operand.Mem) {
	for t, c := range k.sum {
		if k.zero > 0 && !k.scales.perHalf() {
			k.VPSLLD_BCST(operand.Imm(uint64(k.zero)), k.at(t, blockNeg), c)
		} else {
			k.VPXORD(c, c, c)
		}
	}
	second := k.sum
	if k.scales.perHalf() {
		second = k.other
		for _, c := range second {
			k.VPXORD(c, c, c)
		}
	}
	if k.bits == 8 {
		for v := range 8 {
			k.readAheadPart(q, v, 8)
			k.VPXORD(q.Offset(64*v), k.mask, k.low)
			k.columns(k.low, k.sum, 4*v)
		}
	} else {
		if k.tokens <= 4 && k.format.high > 0 {
			k.readLines(q)
		}
		for v := range 4 {
			k.readAheadPart(q, v, 4)
			k.unpack(q, v)
			k.columns(k.low, k.sum, 4*v)
			k.columns(k.high, second, 16+4*v)
		}
	}
	if k.scales.perHalf() {
		k.scaleHalves()
	}
	for t, c := range k.sum {
		k.VCVTDQ2PS(c, c)
		k.VMULPS_BCST(k.at(t, blockScale), k.d, k.tmp)
		k.VFMADD231PS(k.tmp, c, k.acc[t])
		switch {
		case k.scales == superK:
			k.VFNMADD231PS_BCST(k.at(t, blockTotal), k.m, k.acc[t])
		case k.scales == super2:
			k.VCVTDQ2PS(k.other[t], k.other[t])
			k.VMULPS_BCST(k.at(t, blockScale), k.m, k.tmp)
			k.VFMADD231PS(k.tmp, k.other[t], k.acc[t])
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

// unpack reads columns 4v… (low) and 16+4v… (high).
func (k *quant512) unpack(q operand.Mem, v int) {
	if k.bits == 4 {
		k.VMOVDQU32(k.line(q, 64*v), k.high)
		k.VPANDD(k.mask, k.high, k.low)
		k.VPSRLW(operand.Imm(4), k.high, k.high)
		k.VPANDD(k.mask, k.high, k.high)
	} else {
		for i, w := range []reg.VecVirtual{k.low, k.high} {
			k.shifted(k.line(q, 64*i), -2*v, w)
			k.VPANDD(k.mask, w, w)
		}
	}
	for i, w := range []reg.VecVirtual{k.low, k.high} {
		if s := v + 4*i; k.format.high > 0 {
			k.shifted(k.line(q, k.highVector(s)), k.shiftOfHigh(s), k.tmp)
			k.VPTERNLOGD(operand.Imm(0xf8), k.maskHigh, k.tmp, w) // w | tmp&mask
		}
		if k.format.table {
			k.VPSHUFB(w, k.table, w)
		}
	}
}

// readAheadPart prefetches what falls to one of a block's steps. Asked for all of
// a block's lines at a time, a core waits for room for the last of them.
func (k *quant512) readAheadPart(q operand.Mem, step, steps int) {
	lines := k.body() / 64
	first, end := step*lines/steps, (step+1)*lines/steps
	if first < end {
		k.readAhead(k.ahead, q.Offset(64*first), 64*(end-first))
	}
}

// readLines loads a block's quants from their beginning to their end. The two
// planes are needed by turns, and a processor that is asked for their lines by
// turns does not see that it could fetch ahead: Zen 4 reads formats with two
// planes up to 1.4 times as fast this way.
func (k *quant512) readLines(q operand.Mem) {
	k.lines = k.vectors(k.body() / 64)
	for i, r := range k.lines {
		k.VMOVDQU32(q.Offset(64*i), r)
	}
}

// line is a line of quants: in a register, or in memory.
func (k *quant512) line(q operand.Mem, at int) operand.Op {
	if k.lines != nil {
		return k.lines[at/64]
	}
	return q.Offset(at)
}

// shifted reads a vector and shifts its words left (right if negative).
func (k *quant512) shifted(m operand.Op, left int, w reg.VecVirtual) {
	switch {
	case left > 0:
		k.VPSLLW(operand.Imm(uint64(left)), m, w)
	case left < 0:
		k.VPSRLW(operand.Imm(uint64(-left)), m, w)
	default:
		k.VMOVDQU32(m, w)
	}
}

// scaleHalves multiplies the sums of each 16 columns with their integer
// scales, adds them, and takes off the zero point by the sums of activations;
// the sums of minima of Q2_K go to other.
func (k *quant512) scaleHalves() {
	s0, s1, pair := k.low, k.high, k.tmp // which are free now
	k.VPMOVSXBW(mem(k.scale, 0), pair)
	if k.scales == super2 {
		k.VPSLLD(operand.Imm(28), pair, s0)
		k.VPSRLD(operand.Imm(28), s0, s0)
		k.VPSLLD(operand.Imm(12), pair, s1)
		k.VPSRLD(operand.Imm(28), s1, s1)
		k.VPSLLW(operand.Imm(8), pair, pair)
		k.VPSRLW(operand.Imm(12), pair, pair)
	} else {
		k.VPSLLD(operand.Imm(16), pair, s0)
		k.VPSRAD(operand.Imm(16), s0, s0)
		k.VPSRAD(operand.Imm(16), pair, s1)
		k.VPSLLW(operand.Imm(uint64(k.zero)), pair, pair)
	}
	for t, c := range k.sum {
		o := k.other[t]
		k.VPMULLD(s0, c, c)
		k.VPMULLD(s1, o, o)
		if k.scales == super2 {
			k.VPADDD(o, c, c)
			k.VPXORD(o, o, o)
			k.dot("VPDPWSSD", k.at(t, blockHalf), pair, o)
			continue
		}
		k.dot("VPDPWSSD", k.at(t, blockHalf), pair, c)
		k.VPADDD(o, c, c)
	}
}
