package kernel

// Activations are quantised to int8 with the step, out of eight, that loses
// least: which numbers happen to lie near a multiple of the step is chance, and
// the best of eight draws, with a scale fitted to it, has a fifth less of squared
// error than the first. The numbers are scaled to integers before the search and
// the sums are integers, so every level arrives at the same bits.

// tinyBlock is the magnitude below which the numbers of a block count as zero:
// far below, fixedOne/max|x| is no float32.
const tinyBlock = 0x1p-110

const (
	// fixedOne is what the largest magnitude of a block is scaled to: 127 with
	// 8 binary digits of fraction.
	fixedOne = 127 << 8
	// trials is how many steps are tried: with the n-th the largest magnitude
	// becomes 127-n.
	trials = 8
	// oneLess is 1/127 in units of 2^-15.
	oneLess = 258
)

// weigh is what the error of a trial counts: the length of its step in units of
// 2^-16 times the longest one.
func weigh(trial int) uint32 { return 65535 * (127 - trials + 1) / uint32(127-trial) }

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
	fixed, less := toFixed(x, top)
	trial := bestTrial(fixed, less)
	var sum [2]int32
	var along, square int32
	for i, v := range fixed {
		q := (int32(v) - int32(trial)*int32(less[i]) + 128) >> 8
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
// integers up to fixedOne, and tells by how much each is less in the next trial.
func toFixed(x *[Block]float32, top float32) (fixed, less *[Block]int16) {
	var inverse float32
	if top >= tinyBlock {
		inverse = fixedOne / top
	}
	fixed, less = new([Block]int16), new([Block]int16)
	for i, v := range x {
		n := max(-1<<15, min(roundEven(float32(v*inverse)), 1<<15-1))
		fixed[i], less[i] = int16(n), int16((n*oneLess+1<<14)>>15)
	}
	return fixed, less
}

// bestTrial returns the trial with the least error, which is the sum of the
// distances from whole steps times the step. The distances are the lower bytes.
func bestTrial(fixed, less *[Block]int16) int {
	best, least := 0, ^uint32(0)
	var rest [Block]int8
	for i, v := range fixed {
		rest[i] = int8(v)
	}
	for trial := range trials {
		var sum uint32
		for i, r := range rest {
			sum += uint32(max(int32(r), -int32(r)))
			rest[i] = r - int8(less[i])
		}
		if e := sum * weigh(trial) >> 13; e < least {
			best, least = trial, e
		}
	}
	return best
}

// roundEven rounds a float32 below 2²² in magnitude to the nearest integer,
// halves to even, as the vector units do.
func roundEven(x float32) int32 {
	const magic = 3 << 22 // floats of this size have no fraction bits
	return int32(float32(x+magic) - magic)
}
