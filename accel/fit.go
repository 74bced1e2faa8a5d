package accel

import "math"

// Searches for the scales of a group of weights. Each tries some scales near
// the one that just spans the group: for the whole steps that a candidate gives
// it finds the best scale by least squares and judges it by the error that is
// left. Sums are kept in float64.

// fitScale returns the scale d for which x ≈ d·q with whole q in [lo, hi],
// lo < 0 < hi.
func fitScale(x []float32, lo, hi int) float32 {
	extreme, square := float32(0), 0.0
	for _, v := range x {
		if abs(v) > abs(extreme) {
			extreme = v
		}
		square += float64(v) * float64(v)
	}
	if extreme == 0 {
		return 0
	}
	best, gain := extreme/float32(lo), math.Inf(-1)
	try := func(d float32) float32 {
		inverse := 1 / d
		xq, qq := 0.0, 0.0
		for _, v := range x {
			q := float64(nearest(v*inverse, float32(lo), float32(hi)))
			xq += float64(v) * q
			qq += q * q
		}
		if qq == 0 {
			return d
		}
		fit := float32(xq / qq)
		// The error is Σx² − (Σxq)²/Σq².
		if g := xq * xq / qq; g > gain && fit != 0 {
			best, gain = fit, g
		}
		return fit
	}
	// The extreme at either end of the steps, or somewhat within or beyond.
	for _, end := range [2]int{lo, hi} {
		for _, beyond := range [...]float32{0, -0.8, -0.5, -0.2, 0.2, 0.5, 0.8, 1.4} {
			at := float32(end) + beyond
			if end < 0 {
				at = float32(end) - beyond
			}
			try(extreme / at)
		}
	}
	for range 2 {
		if try(best) == best {
			break
		}
	}
	return best
}

func abs(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ (1 << 31)) }

// fitRange returns the scale d ≥ 0 and the lowest value m for which
// x ≈ d·q + m with whole q in [0, top]. With belowZero m is at most 0.
func fitRange(x []float32, top int, belowZero bool) (d, m float32) {
	low, high := x[0], x[0]
	sx, xx, n := 0.0, 0.0, float64(len(x))
	for _, v := range x {
		low, high = min(low, v), max(high, v)
		sx += float64(v)
		xx += float64(v) * float64(v)
	}
	if belowZero {
		low, high = min(low, 0), max(high, 0)
	}
	if high == low {
		return 0, low
	}
	least := math.Inf(1)
	try := func(scale, from float32) {
		inverse := 1 / scale
		sq, qq, xq := 0.0, 0.0, 0.0
		for _, v := range x {
			q := float64(nearest((v-from)*inverse, 0, float32(top)))
			sq += q
			qq += q * q
			xq += q * float64(v)
		}
		det := n*qq - sq*sq
		if det <= 0 || qq == 0 {
			return
		}
		a, b := (n*xq-sx*sq)/det, (qq*sx-sq*xq)/det
		if belowZero && b > 0 {
			a, b = xq/qq, 0
		}
		if err := xx + a*a*qq + n*b*b + 2*a*b*sq - 2*a*xq - 2*b*sx; err < least && a > 0 {
			least, d, m = err, float32(a), float32(b)
		}
	}
	span := high - low
	d, m = span/float32(top), low
	for i := -10; i <= 14; i += 2 {
		try(span/(float32(top)+float32(i)/10), low)
	}
	for range 4 {
		before := least
		if try(d, m); !(least < before) {
			break
		}
	}
	return d, m
}
