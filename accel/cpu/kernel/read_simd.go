//go:build amd64 || arm64

package kernel

func readSum(b []byte) uint64 {
	// A piece keeps the garbage collector waiting for less than 0.1 ms.
	const step, piece = 128, 1 << 20
	var sum uint64
	for level != Generic && len(b) >= step {
		n := min(len(b), piece) / step * step
		sum += readLines(&b[0], n/step)
		b = b[n:]
	}
	return sum + readSumGeneric(b)
}
