package kernel

// Activations are quantised to int8 with the step, out of eight, that loses
// least: which numbers happen to lie near a multiple of the step is chance, and
// the best of eight draws has a fifth less of squared error than the first. All
// but the first two lines of it is done in integers, so every level arrives at
// the same bits.

// tinyBlock is the magnitude below which the numbers of a block count as zero:
// far below, fixedOne/max|x| is no float32.
const tinyBlock = 0x1p-110

// fixedOne is what the largest magnitude of a block is scaled to: 127 with 8
// binary digits of fraction.
const fixedOne = 127 << 8

// trials are the ratios, in units of 2^-15, by which a block's numbers are
// multiplied before they are rounded: the largest becomes 127, 126, … 120.
var trials = [8]int16{32767, 32510, 32252, 31994, 31736, 31478, 31220, 30962}

// weigh is what a ratio's error counts, a step of it in units of 2^-16 times
// the largest one.
func weigh(ratio int16) uint32 { return 65535 * uint32(trials[len(trials)-1]) / uint32(ratio) }

// quantiseGeneric quantises a row of whole blocks to every stride-th of dst.
func quantiseGeneric(dst []block, row []float32, stride int) {
	for b := 0; b*Block < len(row); b++ {
		dst[b*stride].set((*[Block]float32)(row[b*Block:]))
	}
}

// set quantises x.
func (o *block) set(x *[Block]float32) {
	var top float32
	for _, v := range x {
		top = max(top, v, -v)
	}
	fixed := toFixed(x, top)
	ratio := bestRatio(fixed)
	var sum [2]int32
	var along, square int32
	for i, v := range fixed {
		q := (times(v, ratio) + 128) >> 8
		o.q[i] = int8(q)
		sum[i/16] += q
		along += q * int32(v)
		square += q * q
	}
	// The scale that fits the rounded numbers best, by least squares.
	o.scale = top / fixedOne * (float32(along) / float32(max(square, 1)))
	o.neg = -(sum[0] + sum[1])
	o.total = o.scale * float32(sum[0]+sum[1])
	o.half = [2]int16{int16(-sum[0]), int16(-sum[1])}
}

// toFixed scales the numbers of a block, whose largest magnitude is top, to
// integers up to fixedOne.
func toFixed(x *[Block]float32, top float32) *[Block]int16 {
	var inverse float32
	if top >= tinyBlock {
		inverse = fixedOne / top
	}
	var fixed [Block]int16
	for i, v := range x {
		fixed[i] = int16(max(-1<<15, min(roundEven(float32(v*inverse)), 1<<15-1)))
	}
	return &fixed
}

// bestRatio returns the ratio whose rounded numbers are nearest to fixed, by
// the sum of magnitudes.
func bestRatio(fixed *[Block]int16) int16 {
	best, least := trials[0], ^uint32(0)
	for _, ratio := range trials {
		var sum uint32
		for _, v := range fixed {
			rest := int32(int8(times(v, ratio))) // from the nearest multiple of 256
			sum += uint32(max(rest, -rest))
		}
		if e := sum * weigh(ratio) >> 13; e < least {
			best, least = ratio, e
		}
	}
	return best
}

// times is v times ratio, rounded.
func times(v, ratio int16) int32 { return (int32(v)*int32(ratio) + 1<<14) >> 15 }

// roundEven rounds a float32 below 2²² in magnitude to the nearest integer,
// halves to even, as the vector units do.
func roundEven(x float32) int32 {
	const magic = 3 << 22 // floats of this size have no fraction bits
	return int32(float32(x+magic) - magic)
}
