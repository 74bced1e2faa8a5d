package kernel

import "math"

// The operations on float32 vectors. Operands that the comments give the same
// length must have it; they may be the same slice, but not overlap otherwise.

// RMSNorm writes x / sqrt(mean(x²) + eps) * weight to dst; all have the same
// length.
func RMSNorm(dst, x, weight []float32, eps float32) {
	x, weight = x[:len(dst)], weight[:len(dst)]
	if len(dst) == 0 {
		return
	}
	s := float32(1 / math.Sqrt(float64(sumSquares(x)/float32(len(x))+eps)))
	scaleMul(dst, x, weight, s)
}

// Add writes a + b to dst; all have the same length.
func Add(dst, a, b []float32) { add(dst, a[:len(dst)], b[:len(dst)]) }

// Scale multiplies x by s.
func Scale(x []float32, s float32) { scale(x, s) }

// SiLUMul writes gate * σ(gate) * up to dst; all have the same length.
func SiLUMul(dst, gate, up []float32) { siluMul(dst, gate[:len(dst)], up[:len(dst)]) }

// GELUMul writes GELU(gate) * up to dst, with the tanh approximation of
// Hendrycks and Gimpel (2016); all have the same length.
func GELUMul(dst, gate, up []float32) { geluMul(dst, gate[:len(dst)], up[:len(dst)]) }

// SoftCap replaces every x by limit·tanh(x/limit). It is computed value by value in
// Go, so that the bits of a result do not depend on its place in x.
func SoftCap(x []float32, limit float32) {
	for i, v := range x {
		x[i] = limit - 2*limit/(expf(2*v/limit)+1)
	}
}

// Max returns the largest value of x, -Inf if x is empty. NaNs are skipped.
func Max(x []float32) float32 { return maximum(x) }

// ExpSum replaces every x by exp(x - max) and returns their sum. No x may be more
// than 88 above max.
func ExpSum(x []float32, max float32) float32 { return expSum(x, max) }

// Softmax turns x into probabilities.
func Softmax(x []float32) {
	if len(x) > 0 {
		Scale(x, 1/ExpSum(x, Max(x)))
	}
}

// Argmax returns the index of the largest value of x, the first of several
// equal ones, and 0 if there is none. NaNs are skipped.
func Argmax(x []float32) int {
	if i := index(x, Max(x)); i < len(x) {
		return i
	}
	return 0
}

// Rope rotates the pairs of one head, x[:2*len(cos)], by the angles whose
// cosines and sines are given (Su et al., 2021). A pair is columns (2i, 2i+1)
// if neighbours is set, otherwise (i, i+len(cos)).
func Rope(x, cos, sin []float32, neighbours bool) {
	n := len(cos)
	x, sin = x[:2*n], sin[:n]
	if neighbours {
		ropeNeighbours(x, cos, sin)
		return
	}
	ropeHalves(x[:n], x[n:], cos, sin)
}

// ToHalves converts src to binary16, rounding to nearest even; both have the
// same length.
func ToHalves(dst []uint16, src []float32) { toHalves(dst, src[:len(dst)]) }

// FromHalves converts src from binary16; both have the same length.
func FromHalves(dst []float32, src []uint16) { fromHalves(dst, src[:len(dst)]) }

// ReadSum adds up all whole 64-bit words of b. It does nothing but read, as
// fast as the machine can, to measure the memory's bandwidth.
func ReadSum(b []byte) uint64 { return readSum(b) }
