package kernel

import (
	"math"
	"slices"
	"testing"
)

// FuzzPrecise compares products with precise activations with float64 ones of
// the numbers as they were, and demands the same bits of any part.
func FuzzPrecise(f *testing.F) {
	for i := range packedTypes {
		f.Add(uint8(i), uint8(15+i), uint16(96+256*(i%2)), uint8(i), uint64(i))
	}
	f.Fuzz(func(t *testing.T, kind, rows uint8, cols uint16, tokens uint8, seed uint64) {
		typ := packedTypes[int(kind)%len(packedTypes)]
		per, _ := typ.Block()
		r, n, m := 1+int(rows)%70, 1+int(tokens)%18, per*(1+int(cols)%512/per)
		draw := newSource(seed, 0)
		src, x := randomWeights(draw.Rand, typ, r, m), draw.numbers(n*m)
		w := pack(typ, src, r, m)
		given := NewActs(n, m)
		given.Reset(n, m, Float)
		for i := range n {
			given.Set(i, x[i*m:(i+1)*m])
		}
		want, tolerance := reference(typ, src, given, r, m)
		addMagnitudes(tolerance, w, given)
		eachLevel(t, func(t *testing.T) {
			a := NewPreciseActs(n, m)
			a.Reset(n, m, w.Form())
			for i := range n {
				a.Set(i, x[i*m:(i+1)*m])
			}
			y, part := make([]float32, n*r), make([]float32, n*r)
			MatMul(w, a, y, r, 0, Groups(r), 0, n)
			for k, v := range y {
				// A block's error is relative to the largest of its numbers.
				if e := math.Abs(float64(v) - want[k]); !(e <= 1e-4*tolerance[k]+1e-6) {
					t.Fatalf("row %d, token %d: %v, want %v", k%r, k/r, v, want[k])
				}
			}
			alone := NewPreciseActs(1, m)
			for i := range n {
				for g := range Groups(r) {
					MatMul(w, a, part, r, g, g+1, i, i+1)
				}
				if alone.Reset(1, m, w.Form()); !slices.Equal(part[i*r:(i+1)*r], y[i*r:(i+1)*r]) {
					t.Fatalf("token %d in parts has other bits", i)
				}
				alone.Set(0, x[i*m:(i+1)*m])
				MatMul(w, alone, part, r, 0, Groups(r), 0, 1)
				if !slices.Equal(part[:r], y[i*r:(i+1)*r]) {
					t.Fatalf("token %d in a batch of one has other bits", i)
				}
			}
		})
	})
}
