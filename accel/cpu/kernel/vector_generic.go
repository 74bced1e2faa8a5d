package kernel

import (
	"math"

	"lumi/accel"
)

func sumSquaresGeneric(x []float32) float32 {
	var lane [8]float32
	i := 0
	for ; i+8 <= len(x); i += 8 {
		for j := range lane {
			lane[j] += x[i+j] * x[i+j]
		}
	}
	for j, v := range x[i:] {
		lane[j] += v * v
	}
	return (lane[0] + lane[4] + (lane[2] + lane[6])) + (lane[1] + lane[5] + (lane[3] + lane[7]))
}

func scaleMulGeneric(dst, x, w []float32, s float32) {
	for i, v := range x {
		dst[i] = v * s * w[i]
	}
}

func addGeneric(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v + b[i]
	}
}

func scaleGeneric(x []float32, s float32) {
	for i := range x {
		x[i] *= s
	}
}

func siluMulGeneric(dst, gate, up []float32) {
	for i, v := range gate {
		dst[i] = v / (1 + expf(-v)) * up[i]
	}
}

// Constants of GELU's tanh form, 0.5*x*(1+tanh(√(2/π)*(x+0.044715x³))), which
// equals x*σ(2√(2/π)*(x+0.044715x³)).
const (
	geluLinear = 1.5957691216057308 // 2√(2/π)
	geluCubic  = geluLinear * 0.044715
)

func geluMulGeneric(dst, gate, up []float32) {
	for i, v := range gate {
		dst[i] = v / (1 + expf(-v*(geluLinear+geluCubic*(v*v)))) * up[i]
	}
}

func maximumGeneric(x []float32) float32 {
	top := float32(math.Inf(-1))
	for _, v := range x {
		if v > top {
			top = v
		}
	}
	return top
}

// indexGeneric returns where value first occurs in x, len(x) if nowhere.
func indexGeneric(x []float32, value float32) int {
	for i, v := range x {
		if v == value {
			return i
		}
	}
	return len(x)
}

func expSumGeneric(x []float32, top float32) float32 {
	var lane [8]float32
	for i, v := range x {
		e := expf(v - top)
		x[i] = e
		lane[i%8] += e
	}
	return (lane[0] + lane[4] + (lane[2] + lane[6])) + (lane[1] + lane[5] + (lane[3] + lane[7]))
}

// The exponential function: x = n*ln 2 + r with |r| ≤ ln 2/2, exp(x) = 2^n *
// p(r). ln 2 is split so that n times its upper part is exact, and p is the
// minimax polynomial of degree 6 with p(0) = p'(0) = 1 (relative error 1e-8).
const (
	expMin   = -87.33654 // exp of less is not a normal float32: 0
	expMax   = 88.72283  // exp of more is above every float32
	log2e    = 1.44269504088896341
	ln2Upper = 0.693359375
	ln2Lower = -2.12194440e-4
	expC2    = 0.5
	expC3    = 0.16666577
	expC4    = 0.041666555
	expC5    = 0.008363179
	expC6    = 0.0013926184
)

// expf is exp(x) to about 2 units in the last place; results below the normal
// float32 range are 0.
func expf(x float32) float32 {
	switch {
	case x < expMin:
		return 0
	case x > expMax:
		return float32(math.Inf(1))
	case x != x:
		return x
	}
	n := roundEven(x * log2e)
	r := x - float32(n)*ln2Upper - float32(n)*ln2Lower
	p := float32(expC6)
	p = p*r + expC5
	p = p*r + expC4
	p = p*r + expC3
	p = p*r + expC2
	p = p*r + 1
	p = p*r + 1
	// In two steps, as 2^128 is no float32.
	return p * math.Float32frombits(uint32(n>>1+127)<<23) * math.Float32frombits(uint32(n-n>>1+127)<<23)
}

func ropeNeighboursGeneric(x, cos, sin []float32) {
	for i, c := range cos {
		a, b, s := x[2*i], x[2*i+1], sin[i]
		x[2*i], x[2*i+1] = a*c-b*s, b*c+a*s
	}
}

func ropeHalvesGeneric(x, y, cos, sin []float32) {
	for i, c := range cos {
		a, b, s := x[i], y[i], sin[i]
		x[i], y[i] = a*c-b*s, b*c+a*s
	}
}

func toHalvesGeneric(dst []uint16, src []float32) {
	for i, v := range src {
		dst[i] = ToHalf(v)
	}
}

// roundWordsGeneric writes src * factor, rounded to the nearest integer, ties to
// even, to dst.
func roundWordsGeneric(dst []int16, src []float32, factor float32) {
	for i, v := range src {
		dst[i] = int16(math.RoundToEven(float64(v * factor)))
	}
}

func fromHalvesGeneric(dst []float32, src []uint16) {
	for i, v := range src {
		dst[i] = FromHalf(v)
	}
}

func toBF16Generic(dst []uint16, src []float32) {
	for i, v := range src {
		dst[i] = accel.F32ToBF16(v)
	}
}

func readSumGeneric(b []byte) uint64 {
	var sum uint64
	for ; len(b) >= 8; b = b[8:] {
		sum += le.Uint64(b)
	}
	return sum
}
