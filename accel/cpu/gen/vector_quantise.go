package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// What package kernel says of quantising (quantise.go).
const (
	fixedOne = 127 << 8
	trials   = 8
	oneLess  = 258
)

// weigh is what the error of a trial counts.
func weigh(trial int) uint32 { return 65535 * (127 - trials + 1) / uint32(127-trial) }

// both is v in both halves of a word.
func both(v uint32) uint32 { return v | v<<16 }

// quantiser writes the quantisation of activations to int8. Its steps depend on
// each other, from the largest magnitude to the scale, so each step is a loop
// of its own over several blocks: their work fills the time that one waits.
type quantiser struct {
	*vector
	blocks  reg.GPVirtual // of this round
	frame   operand.Mem   // what the steps leave for the next ones
	oneLess operand.Mem
}

// The frame has a record for each block of a round: its numbers as int16, what
// a unit of them stands for, and the best trial.
const (
	quantiseRound = 8
	recordScale   = 64
	recordTrial   = 68
	recordSize    = 72
)

func (v *vector) quantise() {
	p := v.begin("quantise", "quantises blocks of 32 to blocks stride bytes apart.", "func(dst *byte, x *float32, blocks, stride int)", "dst", "x", "blocks", "stride")
	dst, src, left, stride := p[0], p[1], p[2], p[3]
	q := &quantiser{vector: v, blocks: v.GP64(), frame: v.AllocLocal(quantiseRound * recordSize), oneLess: v.constant("oneLess", 32, both(oneLess))}
	again := v.label("round")
	v.Label(again)
	v.MOVQ(operand.U32(quantiseRound), q.blocks)
	v.CMPQ(left, q.blocks)
	v.CMOVQLT(left, q.blocks)
	q.toFixed(src)
	q.choose()
	q.store(dst, stride)
	v.SUBQ(q.blocks, left)
	v.JNZ(operand.LabelRef(again))
	v.end()
}

// each calls do for the records of a round.
func (q *quantiser) each(do func(record reg.GPVirtual)) {
	record, count := q.GP64(), q.GP64()
	q.LEAQ(q.frame, record)
	q.MOVQ(q.blocks, count)
	q.loop(count, func() {
		do(record)
		q.advance(recordSize, record)
	})
}

// keep defines a constant and loads it to a register.
func (q *quantiser) keep(name string, pattern ...uint32) reg.VecVirtual {
	return q.load(q.constant(name, 32, pattern...))
}

// load loads a constant to a register.
func (q *quantiser) load(m operand.Mem) reg.VecVirtual {
	r := q.YMM()
	q.VMOVDQU(m, r)
	return r
}

// toFixed reads blocks of 32 numbers and scales them to int16. Within the
// halves of the registers they lie in the order that packing leaves.
func (q *quantiser) toFixed(src reg.GPVirtual) {
	magnitude := q.keep("magnitude", 1<<31-1)
	one, tiny := q.keep("fixedOne", bits(fixedOne)).AsX(), q.keep("tiny", bits(tinyBlock)).AsX()
	x, top, t := []reg.VecVirtual{q.YMM(), q.YMM(), q.YMM(), q.YMM()}, q.YMM(), q.YMM()
	scale, inverse, live := q.XMM(), q.YMM(), q.XMM()
	q.each(func(record reg.GPVirtual) {
		q.VXORPS(top, top, top)
		for i := range x {
			q.VMOVUPS(mem(src, 32*i), x[i])
			q.VANDPS(magnitude, x[i], t)
			q.VPMAXSD(top, t, top) // as integers: what is no number is the greatest
		}
		q.fold(top, func(x, y, z operand.Op) { q.VPMAXSD(x, y, z) })
		q.VDIVSS(one, top.AsX(), scale)
		q.VMOVSS(scale, mem(record, recordScale))
		q.VDIVSS(top.AsX(), one, inverse.AsX())
		q.VCMPSS(operand.U8(2), top.AsX(), tiny, live) // tiny ≤ top
		q.VANDPS(live, inverse.AsX(), inverse.AsX())
		q.VBROADCASTSS(inverse.AsX(), inverse)
		for i := range x {
			q.VMULPS(inverse, x[i], x[i])
			q.VCVTPS2DQ(x[i], x[i])
		}
		for i := 0; i < 4; i += 2 {
			q.VPACKSSDW(x[i+1], x[i], x[i])
			q.VMOVDQU(x[i], mem(record, 16*i))
		}
		q.advance(128, src)
	})
}

// choose finds the trials with the least error.
func (q *quantiser) choose() {
	low, oneLess, zero := q.keep("lowBytes", both(0xff)), q.load(q.oneLess), q.YMM()
	q.VPXOR(zero, zero, zero)
	var pattern []uint32
	for i := 0; i < trials; i += 2 {
		pattern = append(pattern, weigh(i)|weigh(i+1)<<16)
	}
	weights := q.constant("weights", 16, pattern...)
	rest, less, t := q.YMM(), q.YMM(), q.YMM()
	index := q.GP32()
	q.each(func(record reg.GPVirtual) {
		q.VMOVDQU(mem(record, 0), rest)
		q.VMOVDQU(mem(record, 32), t)
		q.lowBytes(rest, t, low, oneLess, less)
		// The sums of one trial are four numbers of 64 bits; packed, those of
		// all trials are words of one register.
		sum := func() reg.VecVirtual {
			s := q.YMM()
			q.VPABSB(rest, s)
			q.VPSADBW(zero, s, s)
			q.VPSUBB(less, rest, rest)
			return s
		}
		pack := func(a, b reg.VecVirtual) reg.VecVirtual {
			q.VPACKUSDW(b, a, a)
			return a
		}
		var fours [2]reg.VecVirtual
		for i := range fours {
			first := pack(sum(), sum())
			fours[i] = pack(first, pack(sum(), sum()))
		}
		q.VPHADDW(fours[1], fours[0], fours[0])
		sums, upper := fours[0].AsX(), q.XMM()
		q.VEXTRACTI128(operand.U8(1), fours[0], upper)
		q.VPADDW(upper, sums, sums)
		q.VPSLLW(operand.U8(3), sums, sums)
		q.VPMULHUW(weights, sums, sums)
		q.VPHMINPOSUW(sums, sums)
		q.VPEXTRW(operand.U8(1), sums, index)
		q.MOVL(index, mem(record, recordTrial))
	})
}

// lowBytes packs the lower bytes of the words in a and b into a, and those of
// their oneLess-th parts, by which they are less in the next trial, into less.
func (q *quantiser) lowBytes(a, b, low, oneLess, less reg.VecVirtual) {
	t := q.YMM()
	q.VPMULHRSW(oneLess, a, less)
	q.VPMULHRSW(oneLess, b, t)
	for _, r := range []reg.VecVirtual{a, b, less, t} {
		q.VPAND(low, r, r)
	}
	q.VPACKUSWB(b, a, a)
	q.VPACKUSWB(t, less, less)
}

// store rounds the numbers and writes them, with the scale that fits them best,
// as blocks of activations.
func (q *quantiser) store(dst, stride reg.GPVirtual) {
	half, oneLess, order := q.keep("halfStep", both(128)), q.load(q.oneLess), q.keep("unpack", 0, 4, 1, 5, 2, 6, 3, 7)
	ones8, ones, atLeast := q.keep("ones8", 0x01010101), q.keep("ones16", 0x00010001), q.constant("atLeast", 16, 1, 0, 0, 0)
	trial, scale := q.YMM(), q.XMM()
	var x, along, square [2]reg.VecVirtual
	for i := range x {
		x[i], along[i], square[i] = q.YMM(), q.YMM(), q.YMM()
	}
	q.each(func(record reg.GPVirtual) {
		q.VPBROADCASTW(mem(record, recordTrial), trial)
		for i, r := range x {
			q.VMOVDQU(mem(record, 32*i), along[i])
			q.VPMULHRSW(oneLess, along[i], r)
			q.VPMULLW(trial, r, r)
			q.VPSUBW(r, along[i], r)
			q.VPADDW(half, r, r)
			q.VPSRAW(operand.U8(8), r, r)
			q.VPMADDWD(r, along[i], along[i])
			q.VPMADDWD(r, r, square[i])
		}
		q.VPADDD(along[1], along[0], along[0])
		q.VPADDD(square[1], square[0], square[0])
		q.VPHADDD(along[0], square[0], square[0])
		sums, upper := square[0].AsX(), q.XMM()
		q.VEXTRACTI128(operand.U8(1), square[0], upper)
		q.VPADDD(upper, sums, sums)
		q.VPHADDD(sums, sums, sums) // of squares, and along
		q.VPMAXSD(atLeast, sums, sums)
		q.VCVTDQ2PS(sums, sums)
		q.VMOVSHDUP(sums, upper)
		q.VDIVSS(sums, upper, upper)
		q.VMULSS(mem(record, recordScale), upper, scale)

		q.VPACKSSWB(x[1], x[0], x[0])
		q.VPERMD(x[0], order, x[0])
		q.VMOVDQU(x[0], mem(dst, 0))
		q.VMOVSS(scale, mem(dst, blockScale))
		q.sums(dst, x[0], scale, ones8, ones)
		q.ADDQ(stride, dst)
	})
}

// sums stores the sums of the 32 int8 in q as a block of activations has them.
func (v *vector) sums(dst reg.GPVirtual, q, scale, ones8, ones reg.VecVirtual) {
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
