package accel

import "math"

// The K formats with minima: 8 groups of 32 elements, whose scales
// and minima have 6 bits each.
const (
	kGroups    = 8
	kGroupCols = 32
	kTop       = 63 // the largest scale and minimum
)

// minimaBlock is a block of Q4_K or Q5_K while it is fitted.
type minimaBlock struct {
	top            int // the largest q
	scales, minima [kGroups]int
	d, dmin        float32 // as stored
	q              [kGroups * kGroupCols]int
}

// fitMinima finds a block for x: first each group by itself, then the common
// scales, then the groups' whole scales and minima again, by turns.
func fitMinima(x []float32, top int) *minimaBlock {
	var scales, minima [kGroups]float32
	var largest, lowest float32
	for g := range kGroups {
		d, m := fitRange(x[g*kGroupCols:][:kGroupCols], top, true)
		scales[g], minima[g] = d, -m
		largest, lowest = max(largest, d), max(lowest, -m)
	}
	b := &minimaBlock{top: top}
	b.setCommon(largest/kTop, lowest/kTop)
	for g := range kGroups {
		b.choose(x, g, b.whole(scales[g], b.d), b.whole(minima[g], b.dmin))
	}
	best := *b
	for least := b.err(x); ; {
		b.refit(x)
		for g := range kGroups {
			b.choose(x, g, b.scales[g], b.minima[g])
		}
		err := b.err(x)
		if !(err < 0.999*least) { // not worth another turn
			return &best
		}
		best, least = *b, err
	}
}

// setCommon sets the common scales, rounded as they are stored.
func (b *minimaBlock) setCommon(d, dmin float32) {
	b.d, b.dmin = F16ToF32(F32ToF16(d)), F16ToF32(F32ToF16(dmin))
}

// whole is a group's scale or minimum as a multiple of the common one.
func (b *minimaBlock) whole(v, common float32) int {
	if common == 0 {
		return 0
	}
	return int(nearest(v/common, 0, kTop))
}

// choose takes the best of the scales and minima around the given ones for a
// group, and the steps that go with them.
func (b *minimaBlock) choose(x []float32, g, scale, minimum int) {
	x = x[g*kGroupCols:][:kGroupCols]
	least := math.Inf(1)
	for s := max(0, scale-1); s <= min(kTop, scale+1); s++ {
		for m := max(0, minimum-1); m <= min(kTop, minimum+1); m++ {
			d, low := float32(b.d*float32(s)), -float32(b.dmin*float32(m))
			if err := rangeError(x, d, low, b.top); err < least {
				least, b.scales[g], b.minima[g] = err, s, m
			}
		}
	}
	d, low := float32(b.d*float32(b.scales[g])), -float32(b.dmin*float32(b.minima[g]))
	stepsFrom(b.q[g*kGroupCols:][:kGroupCols], x, d, low, b.top)
}

// rangeError is the sum of squared errors of x in steps of d from low.
func rangeError(x []float32, d, low float32, top int) float64 {
	inverse := reciprocal(d)
	sum := float32(0)
	for _, v := range x {
		v -= low
		e := v - float32(d*nearest(v*inverse, 0, float32(top)))
		sum += float32(e * e)
	}
	return float64(sum)
}

// err is the block's sum of squared errors.
func (b *minimaBlock) err(x []float32) float64 {
	sum := 0.0
	for i, v := range x {
		g := i / kGroupCols
		y := float32(float32(b.d*float32(b.scales[g]))*float32(b.q[i])) - float32(b.dmin*float32(b.minima[g]))
		e := float64(v - y)
		sum += e * e
	}
	return sum
}

// refit finds the common scales for the whole numbers as they are, by least
// squares: x ≈ d·a − dmin·m with a = scale·q.
func (b *minimaBlock) refit(x []float32) {
	var aa, am, mm, ax, mx float64
	for i, v := range x {
		g := i / kGroupCols
		a, m := float64(b.scales[g]*b.q[i]), float64(b.minima[g])
		aa += a * a
		am += a * m
		mm += m * m
		ax += a * float64(v)
		mx += m * float64(v)
	}
	det := aa*mm - am*am
	switch {
	case det > 0:
		d, dmin := (ax*mm-mx*am)/det, (ax*am-mx*aa)/det
		if d > 0 && dmin >= 0 {
			b.setCommon(float32(d), float32(dmin))
		}
	case aa > 0 && ax > 0:
		b.setCommon(float32(ax/aa), b.dmin)
	}
}

// put writes the part that Q4_K and Q5_K share: the common scales, and 12 bytes
// as scaleMinK4 reads them.
func (b *minimaBlock) put(to []byte) {
	putHalf(to, b.d)
	putHalf(to[2:], b.dmin)
	packed := to[4:16]
	clear(packed)
	for g := range kGroups {
		s, m := byte(b.scales[g]), byte(b.minima[g])
		if g < 4 {
			packed[g] |= s
			packed[g+4] |= m
			continue
		}
		packed[g+4] = s&15 | m<<4
		packed[g-4] |= s >> 4 << 6
		packed[g] |= m >> 4 << 6
	}
}

func encodeQ4_K(to []byte, x []float32) {
	b := fitMinima(x, 15)
	b.put(to)
	for i := range 128 {
		at := i/32*64 + i%32
		to[16+i] = byte(b.q[at]) | byte(b.q[at+32])<<4
	}
}

func encodeQ5_K(to []byte, x []float32) {
	b := fitMinima(x, 31)
	b.put(to)
	high := to[16:48]
	clear(high)
	for i := range 128 {
		at := i/32*64 + i%32
		to[48+i] = byte(b.q[at]&15) | byte(b.q[at+32]&15)<<4
	}
	for i, q := range b.q {
		high[i%32] |= byte(q>>4) << (i / 32)
	}
}

// encodeQ6_K: 16 groups of 16 elements with scales of 8 bits and one common
// scale. First each group by itself, then the common scale, by turns with the
// groups' whole scales.
func encodeQ6_K(to []byte, x []float32) {
	const groups, cols = 16, 16
	var fits [groups]float32
	extreme := float32(0)
	for g := range fits {
		fits[g] = fitScale(x[g*cols:][:cols], -32, 31)
		if abs(fits[g]) > abs(extreme) {
			extreme = fits[g]
		}
	}
	var now sixBlock
	now.d = F16ToF32(F32ToF16(extreme / -128))
	for g, fit := range fits {
		scale := 0
		if now.d != 0 {
			scale = int(nearest(fit/now.d, -128, 127))
		}
		now.choose(x, g, scale)
	}
	best := now
	for least := now.err(x); ; {
		now.refit(x)
		for g, scale := range now.scales {
			now.choose(x, g, scale)
		}
		err := now.err(x)
		if !(err < 0.999*least) {
			break
		}
		best, least = now, err
	}
	best.put(to)
}

// sixBlock is a block of Q6_K while it is fitted.
type sixBlock struct {
	d      float32 // as stored
	scales [16]int
	q      [256]int
}

// choose takes the best of the scales around the given one for a group.
func (b *sixBlock) choose(x []float32, g, scale int) {
	x, least := x[g*16:][:16], math.Inf(1)
	var q [16]int
	for s := max(-128, scale-1); s <= min(127, scale+1); s++ {
		d := float32(b.d * float32(s))
		steps(q[:], x, d, -32, 31)
		sum := 0.0
		for i, v := range x {
			e := float64(v - float32(d*float32(q[i])))
			sum += e * e
		}
		if sum < least {
			least, b.scales[g] = sum, s
			copy(b.q[g*16:], q[:])
		}
	}
}

func (b *sixBlock) err(x []float32) float64 {
	sum := 0.0
	for i, v := range x {
		e := float64(v - float32(float32(b.d*float32(b.scales[i/16]))*float32(b.q[i])))
		sum += e * e
	}
	return sum
}

// refit finds the common scale for the whole numbers as they are.
func (b *sixBlock) refit(x []float32) {
	xa, aa := 0.0, 0.0
	for i, v := range x {
		a := float64(b.scales[i/16] * b.q[i])
		xa += a * float64(v)
		aa += a * a
	}
	if aa > 0 {
		b.d = F16ToF32(F32ToF16(float32(xa / aa)))
	}
}

func (b *sixBlock) put(to []byte) {
	low, high := to[:128], to[128:192]
	clear(to[:192])
	for i, q := range b.q {
		h, j := i/128, i%128
		q += 32
		low[h*64+j%64] |= byte(q&15) << (j / 64 * 4)
		high[h*32+j%32] |= byte(q>>4) << (j / 32 * 2)
	}
	for g, s := range b.scales {
		to[192+g] = byte(int8(s))
	}
	putHalf(to[208:], b.d)
}
