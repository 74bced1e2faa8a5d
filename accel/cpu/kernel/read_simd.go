//go:build amd64 || arm64

package kernel

// readStep is what readLines reads at a time: four lines.
const readStep = 256

func readSum(b []byte) uint64 {
	// A piece keeps the garbage collector waiting for less than 0.1 ms.
	const piece = 1 << 20
	var sum uint64
	for level != Generic && len(b) >= readStep {
		n := min(len(b), piece) / readStep * readStep
		sum += readLines(b[:n])
		b = b[n:]
	}
	return sum + readSumGeneric(b)
}
