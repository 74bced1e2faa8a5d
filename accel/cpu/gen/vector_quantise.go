package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// fixedOne is what the largest magnitude of a block becomes, trials are the
// ratios that are tried (package kernel's quantise.go).
const fixedOne = 127 << 8

var trials = [8]uint32{32767, 32510, 32252, 31994, 31736, 31478, 31220, 30962}

// weigh is what a ratio's error counts.
func weigh(ratio uint32) uint32 { return 65535 * trials[len(trials)-1] / ratio }

// both is v in both halves of a word.
func both(v uint32) uint32 { return v | v<<16 }

// trialWords are the trials, 16 times each, one after the other.
func trialWords() []uint32 {
	var words []uint32
	for _, r := range trials {
		words = append(words, repeat(8, both(r))...)
	}
	return words
}

// trialWeights are what the errors of the trials count.
func trialWeights() []uint32 {
	var words []uint32
	for i := 0; i < len(trials); i += 2 {
		words = append(words, weigh(trials[i])|weigh(trials[i+1])<<16)
	}
	return words
}

// quantiser writes the quantisation of activations to int8.
type quantiser struct {
	*vector
	trials, weights, low, half, atLeast operand.Mem
	ones8, ones, order, magnitude       operand.Mem
	one, tiny                           operand.Mem
}

func (v *vector) quantise() {
	q := &quantiser{
		vector:    v,
		trials:    v.constant("trials", 256, trialWords()...),
		weights:   v.constant("weights", 16, trialWeights()...),
		low:       v.constant("lowBytes", 32, both(0xff)),
		half:      v.constant("halfStep", 32, both(128)),
		atLeast:   v.constant("atLeast", 16, 1, 0, 0, 0),
		ones8:     v.constant("ones8", 32, 0x01010101),
		ones:      v.constant("ones16", 32, 0x00010001),
		order:     v.constant("unpack", 32, 0, 4, 1, 5, 2, 6, 3, 7),
		magnitude: v.constant("magnitude", 32, 1<<31-1),
		one:       v.constant("fixedOne", 4, bits(fixedOne)),
		tiny:      v.constant("tiny", 4, bits(tinyBlock)),
	}
	p := v.begin("quantise", "quantises blocks of 32 to blocks stride bytes apart.", "func(dst *byte, x *float32, blocks, stride int)", "dst", "x", "blocks", "stride")
	table := v.GP64()
	v.LEAQ(q.trials, table)
	v.loop(p[2], func() {
		fixed, scale := q.toFixed(p[1])
		ratio := q.bestRatio(fixed, table)
		q.store(p[0], fixed, ratio, scale)
		v.advance(128, p[1])
		v.ADDQ(p[3], p[0])
	})
	v.end()
}

// toFixed reads 32 numbers and scales them to int16, and returns what one of
// their units stands for. Within the halves of the registers they lie in the
// order that packing leaves.
func (q *quantiser) toFixed(src reg.GPVirtual) (fixed [2]reg.VecVirtual, scale reg.VecVirtual) {
	x := []reg.VecVirtual{q.YMM(), q.YMM(), q.YMM(), q.YMM()}
	top, t := q.YMM(), q.YMM()
	q.VXORPS(top, top, top)
	for i := range x {
		q.VMOVUPS(mem(src, 32*i), x[i])
		q.VANDPS(q.magnitude, x[i], t)
		q.VPMAXSD(top, t, top) // as integers: what is no number is the greatest
	}
	q.fold(top, func(x, y, z operand.Op) { q.VPMAXSD(x, y, z) })
	one, inverse, live := q.XMM(), q.YMM(), q.XMM()
	scale = q.XMM()
	q.VMOVSS(q.one, one)
	q.VDIVSS(one, top.AsX(), scale)
	q.VDIVSS(top.AsX(), one, inverse.AsX())
	q.VMOVSS(q.tiny, live)
	q.VCMPSS(operand.U8(2), top.AsX(), live, live) // tiny ≤ top
	q.VANDPS(live, inverse.AsX(), inverse.AsX())
	q.VBROADCASTSS(inverse.AsX(), inverse)
	for i := range x {
		q.VMULPS(inverse, x[i], x[i])
		q.VCVTPS2DQ(x[i], x[i])
	}
	q.VPACKSSDW(x[1], x[0], x[0])
	q.VPACKSSDW(x[3], x[2], x[2])
	return [2]reg.VecVirtual{x[0], x[2]}, scale
}

// bestRatio returns the trial that leaves least, 16 times.
func (q *quantiser) bestRatio(fixed [2]reg.VecVirtual, table reg.GPVirtual) reg.VecVirtual {
	low, zero := q.YMM(), q.YMM()
	q.VMOVDQU(q.low, low)
	q.VPXOR(zero, zero, zero)
	// The sums of one trial are four numbers of 64 bits; packed, those of all
	// trials are words of one register.
	rests := func(trial int) reg.VecVirtual {
		a, b := q.YMM(), q.YMM()
		q.VPMULHRSW(mem(table, 32*trial), fixed[0], a)
		q.VPMULHRSW(mem(table, 32*trial), fixed[1], b)
		q.VPAND(low, a, a)
		q.VPAND(low, b, b)
		q.VPACKUSWB(b, a, a)
		q.VPABSB(a, a)
		q.VPSADBW(zero, a, a)
		return a
	}
	pack := func(a, b reg.VecVirtual) reg.VecVirtual {
		q.VPACKUSDW(b, a, a)
		return a
	}
	var fours [2]reg.VecVirtual
	for i := range fours {
		first := pack(rests(4*i), rests(4*i+1))
		fours[i] = pack(first, pack(rests(4*i+2), rests(4*i+3)))
	}
	sums, upper := fours[0], q.XMM()
	q.VPHADDW(fours[1], fours[0], sums)
	q.VEXTRACTI128(operand.U8(1), sums, upper)
	x := sums.AsX()
	q.VPADDW(upper, x, x)
	q.VPSLLW(operand.U8(3), x, x)
	q.VPMULHUW(q.weights, x, x)
	q.VPHMINPOSUW(x, x)
	index, ratio := q.GP32(), q.YMM()
	q.VPEXTRW(operand.U8(1), x, index)
	q.SHLL(operand.U8(5), index)
	q.VMOVDQU(operand.Mem{Base: table, Index: index.As64(), Scale: 1}, ratio)
	return ratio
}

// store rounds the numbers times ratio and writes them, with the scale that
// fits them best, as a block of activations.
func (q *quantiser) store(dst reg.GPVirtual, fixed [2]reg.VecVirtual, ratio, scale reg.VecVirtual) {
	half, rounded := q.YMM(), [2]reg.VecVirtual{q.YMM(), q.YMM()}
	q.VMOVDQU(q.half, half)
	var along, square [2]reg.VecVirtual
	for i, r := range rounded {
		along[i], square[i] = q.YMM(), q.YMM()
		q.VPMULHRSW(ratio, fixed[i], r)
		q.VPADDW(half, r, r)
		q.VPSRAW(operand.U8(8), r, r)
		q.VPMADDWD(r, fixed[i], along[i])
		q.VPMADDWD(r, r, square[i])
	}
	q.VPADDD(along[1], along[0], along[0])
	q.VPADDD(square[1], square[0], square[0])
	sums, upper := along[0], q.XMM()
	q.VPHADDD(along[0], square[0], sums) // of squares, then along
	q.VEXTRACTI128(operand.U8(1), sums, upper)
	x := sums.AsX()
	q.VPADDD(upper, x, x)
	q.VPHADDD(x, x, x)
	q.VPMAXSD(q.atLeast, x, x)
	q.VCVTDQ2PS(x, x)
	q.VMOVSHDUP(x, upper)
	q.VDIVSS(x, upper, upper)
	q.VMULSS(upper, scale, scale)

	bytes, order := rounded[0], q.YMM()
	q.VPACKSSWB(rounded[1], rounded[0], bytes)
	q.VMOVDQU(q.order, order)
	q.VPERMD(bytes, order, bytes)
	q.VMOVDQU(bytes, mem(dst, 0))
	q.VMOVSS(scale, mem(dst, blockScale))
	q.sums(dst, bytes, scale, q.ones8, q.ones)
}

// sums stores the sums of the 32 int8 in q as a block of activations has them.
func (v *vector) sums(dst reg.GPVirtual, q, scale reg.VecVirtual, ones8, ones operand.Mem) {
	s, u := v.YMM(), v.XMM()
	v.VMOVDQU(ones8, s)
	v.VPMADDUBSW(q, s, s)
	v.VPMADDWD(ones, s, s) // sums of 4
	v.VPHADDD(s, s, s)
	v.VPHADDD(s, s, s) // of 16, in each half
	v.VEXTRACTI128(operand.U8(1), s, u)
	lo, hi, total := v.GP32(), v.GP32(), v.GP32()
	v.VMOVD(s.AsX(), lo)
	v.VMOVD(u, hi)
	v.LEAL(operand.Mem{Base: lo, Index: hi, Scale: 1}, total)
	v.VPADDD(u, s.AsX(), u)
	v.VCVTDQ2PS(u, u)
	v.VMULSS(scale, u, u)
	v.VMOVSS(u, mem(dst, blockTotal))
	for _, r := range []reg.GPVirtual{lo, hi, total} {
		v.NEGL(r)
	}
	v.MOVL(total, mem(dst, blockNeg))
	v.MOVW(lo.As16(), mem(dst, blockHalf))
	v.MOVW(hi.As16(), mem(dst, blockHalf+2))
}
