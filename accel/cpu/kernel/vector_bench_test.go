package kernel

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkVector reports how many elements a vector operation handles in a
// nanosecond.
func BenchmarkVector(b *testing.B) {
	const n = 1536
	r := rand.New(rand.NewPCG(1, 1))
	x, y, z, dst := randomFloats(r, n), randomFloats(r, n), randomFloats(r, n), make([]float32, n)
	halves := make([]uint16, n)
	acts := NewActs(2, n)
	acts.Reset(2, n, Quantised)
	for _, op := range []struct {
		name string
		do   func()
	}{
		{"Set", func() { acts.Set(1, x) }},
		{"RMSNorm", func() { RMSNorm(dst, x, y, 1e-5) }},
		{"SiLUMul", func() { SiLUMul(dst, x, y) }},
		{"GELUMul", func() { GELUMul(dst, x, y) }},
		{"Softmax", func() { copy(dst, x); Softmax(dst) }},
		{"RopeHalves", func() { Rope(x, y[:n/2], z[:n/2], false) }},
		{"RopeNeighbours", func() { Rope(x, y[:n/2], z[:n/2], true) }},
		{"ToHalves", func() { ToHalves(halves, x) }},
		{"Argmax", func() { Argmax(x) }},
	} {
		b.Run(op.name, func(b *testing.B) {
			benchLevels(b, func(b *testing.B) {
				const turns = 50 // a single one is too short for the clock
				best := bestOf(b, func() {
					for range turns {
						op.do()
					}
				})
				b.ReportMetric(n*turns/best/1e9, "elements/ns")
			})
		})
	}
}
