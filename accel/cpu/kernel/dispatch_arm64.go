package kernel

import "unsafe"

func quantise(dst []block, row []float32, stride int) {
	n := len(row) / Block
	_ = dst[(n-1)*stride]
	if level == Generic {
		quantiseGeneric(dst, row, stride)
		return
	}
	quantiseNEON((*byte)(unsafe.Pointer(&dst[0])), &row[0], n, stride*blockSize)
}

func sumSquares(x []float32) float32 {
	if level == Generic {
		return sumSquaresGeneric(x)
	}
	return sumSquaresNEON(x)
}

func scaleMul(dst, x, w []float32, s float32) {
	if level == Generic {
		scaleMulGeneric(dst, x, w, s)
		return
	}
	scaleMulNEON(dst, x, w, s)
}

func add(dst, a, b []float32) {
	if level == Generic {
		addGeneric(dst, a, b)
		return
	}
	addNEON(dst, a, b)
}

func scale(x []float32, s float32) {
	if level == Generic {
		scaleGeneric(x, s)
		return
	}
	scaleNEON(x, s)
}

func siluMul(dst, gate, up []float32) {
	if level == Generic {
		siluMulGeneric(dst, gate, up)
		return
	}
	siluMulNEON(dst, gate, up)
}

func geluMul(dst, gate, up []float32) {
	if level == Generic {
		geluMulGeneric(dst, gate, up)
		return
	}
	geluMulNEON(dst, gate, up)
}

func maximum(x []float32) float32 {
	if level == Generic {
		return maximumGeneric(x)
	}
	return maximumNEON(x)
}

func expSum(x []float32, top float32) float32 {
	if level == Generic {
		return expSumGeneric(x, top)
	}
	return expSumNEON(x, top)
}

func index(x []float32, value float32) int {
	first := 0
	if level != Generic {
		first = indexNEON(x, value)
	}
	return first + indexGeneric(x[first:], value)
}

func ropeNeighbours(x, cos, sin []float32) {
	if level != Generic {
		whole := len(cos) &^ 3
		ropeNeighboursNEON(cos, sin, x)
		x, cos, sin = x[2*whole:], cos[whole:], sin[whole:]
	}
	ropeNeighboursGeneric(x, cos, sin)
}

func ropeHalves(x, y, cos, sin []float32) {
	if level == Generic {
		ropeHalvesGeneric(x, y, cos, sin)
		return
	}
	ropeHalvesNEON(x, y, cos, sin)
}

func toHalves(dst []uint16, src []float32) {
	if level != Generic {
		whole := len(src) &^ 3
		toHalvesNEON(dst[:whole], src)
		dst, src = dst[whole:], src[whole:]
	}
	toHalvesGeneric(dst, src)
}

func roundWords(dst []int16, src []float32, factor float32) {
	if level != Generic {
		whole := len(src) &^ 3
		roundWordsNEON(dst[:whole], src, factor)
		dst, src = dst[whole:], src[whole:]
	}
	roundWordsGeneric(dst, src, factor)
}

func fromHalves(dst []float32, src []uint16) {
	if level != Generic {
		whole := len(src) &^ 3
		fromHalvesNEON(dst[:whole], src)
		dst, src = dst[whole:], src[whole:]
	}
	fromHalvesGeneric(dst, src)
}

func readLines(b []byte) uint64 { return readSumNEON(&b[0], len(b)/128) }

func weighted(dst, src []float32, a, b float32) {
	if level == Generic {
		weightedGeneric(dst, src, a, b)
		return
	}
	weightedNEON(dst, src, a, b)
}

func toBF16(dst []uint16, src []float32) { toBF16Generic(dst, src) }
