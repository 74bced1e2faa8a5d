package kernel

import "unsafe"

// The vector operations have no kernels for AVX-512 alone (see the generator).
// Empty vectors never reach the assembly: they have no first element.

func quantise(dst []block, row []float32, stride int) {
	n := len(row) / Block
	_ = dst[(n-1)*stride]
	if level == Generic {
		quantiseGeneric(dst, row, stride)
		return
	}
	quantiseAVX2((*byte)(unsafe.Pointer(&dst[0])), &row[0], n, stride*blockSize)
}

func sumSquares(x []float32) float32 {
	if level == Generic || len(x) == 0 {
		return sumSquaresGeneric(x)
	}
	return sumSquaresAVX2(&x[0], len(x))
}

func scaleMul(dst, x, w []float32, s float32) {
	if level == Generic || len(dst) == 0 {
		scaleMulGeneric(dst, x, w, s)
		return
	}
	scaleMulAVX2(&dst[0], &x[0], &w[0], s, len(dst))
}

func add(dst, a, b []float32) {
	if level == Generic || len(dst) == 0 {
		addGeneric(dst, a, b)
		return
	}
	addAVX2(&dst[0], &a[0], &b[0], len(dst))
}

func scale(x []float32, s float32) {
	if level == Generic || len(x) == 0 {
		scaleGeneric(x, s)
		return
	}
	scaleAVX2(&x[0], s, len(x))
}

func siluMul(dst, gate, up []float32) {
	if level == Generic || len(dst) == 0 {
		siluMulGeneric(dst, gate, up)
		return
	}
	siluMulAVX2(&dst[0], &gate[0], &up[0], len(dst))
}

func geluMul(dst, gate, up []float32) {
	if level == Generic || len(dst) == 0 {
		geluMulGeneric(dst, gate, up)
		return
	}
	geluMulAVX2(&dst[0], &gate[0], &up[0], len(dst))
}

func maximum(x []float32) float32 {
	if level == Generic || len(x) == 0 {
		return maximumGeneric(x)
	}
	return maximumAVX2(&x[0], len(x))
}

func expSum(x []float32, top float32) float32 {
	if level == Generic || len(x) == 0 {
		return expSumGeneric(x, top)
	}
	return expSumAVX2(&x[0], top, len(x))
}

func index(x []float32, value float32) int {
	whole := len(x) &^ 7
	if level == Generic || whole == 0 {
		return indexGeneric(x, value)
	}
	if i := indexAVX2(&x[0], value, whole); i < whole {
		return i
	}
	return whole + indexGeneric(x[whole:], value)
}

func ropeNeighbours(x, cos, sin []float32) {
	whole := len(cos) &^ 3
	if level != Generic && whole > 0 {
		ropeNeighboursAVX2(&x[0], &cos[0], &sin[0], whole/4)
		x, cos, sin = x[2*whole:], cos[whole:], sin[whole:]
	}
	ropeNeighboursGeneric(x, cos, sin)
}

func ropeHalves(x, y, cos, sin []float32) {
	if level == Generic || len(cos) == 0 {
		ropeHalvesGeneric(x, y, cos, sin)
		return
	}
	ropeHalvesAVX2(&x[0], &y[0], &cos[0], &sin[0], len(cos))
}

func toHalves(dst []uint16, src []float32) {
	whole := len(src) &^ 7
	if level != Generic && whole > 0 {
		toHalvesAVX2(&dst[0], &src[0], whole/8)
		dst, src = dst[whole:], src[whole:]
	}
	toHalvesGeneric(dst, src)
}

func roundWords(dst []int16, src []float32, factor float32) {
	whole := len(src) &^ 15
	if level != Generic && whole > 0 {
		roundWordsAVX2(&dst[0], &src[0], factor, whole/16)
		dst, src = dst[whole:], src[whole:]
	}
	roundWordsGeneric(dst, src, factor)
}

func fromHalves(dst []float32, src []uint16) {
	whole := len(src) &^ 7
	if level != Generic && whole > 0 {
		fromHalvesAVX2(&dst[0], &src[0], whole/8)
		dst, src = dst[whole:], src[whole:]
	}
	fromHalvesGeneric(dst, src)
}

func toBF16(dst []uint16, src []float32) {
	whole := len(src) &^ 15
	if whole > 0 {
		roundBF16AVX512(&dst[0], &src[0], whole/16)
	}
	toBF16Generic(dst[whole:], src[whole:])
}

// readLines reads whole lines the way that is fastest here.
func readLines(b []byte) uint64 {
	times := len(b) / readStep
	if useQuads() {
		return readSumAVX2(&b[0], times, len(b)/4, readStep/4, 0)
	}
	return readSumAVX2(&b[0], times, readStep/4, readStep, ahead)
}

func weighted(dst, src []float32, a, b float32) {
	if level == Generic || len(dst) == 0 {
		weightedGeneric(dst, src, a, b)
		return
	}
	weightedAVX2(&dst[0], &src[0], a, b, len(dst))
}
