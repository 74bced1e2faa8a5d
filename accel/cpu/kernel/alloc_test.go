package kernel

import (
	"math/rand/v2"
	"testing"

	"lumi/accel"
)

// TestNoAllocation demands that nothing on a token's way takes memory.
func TestNoAllocation(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const rows, cols, tokens = 40, 256, 5
	row, out, halves := randomFloats(r, cols), make([]float32, tokens*rows), make([]uint16, cols)
	check := func(t *testing.T, name string, do func()) {
		t.Helper()
		if n := testing.AllocsPerRun(10, do); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
	eachLevel(t, func(t *testing.T) {
		for _, typ := range packedTypes {
			w := pack(typ, randomWeights(r, typ, rows, cols), rows, cols)
			x := newActs(randomFloats(r, tokens*cols), tokens, cols, typ)
			check(t, "MatMul of "+typ.String(), func() { MatMul(w, x, out, rows, 0, Groups(rows), 0, tokens) })
			p := NewPreciseActs(tokens, cols)
			check(t, "precise Acts for "+typ.String(), func() {
				p.Reset(tokens, cols, w.Form())
				p.Set(1, row)
				MatMul(w, p, out, rows, 0, Groups(rows), 0, tokens)
			})
			check(t, "Acts for "+typ.String(), func() { x.Reset(tokens, cols, w.Form()); x.Set(1, row) })
		}
		for _, typ := range []accel.Type{accel.F16, accel.F32, accel.Q8_0} {
			h := newHistory(r, Cache{typ, 64}, 70)
			p, q, a := NewPartial(3, 64), NewPartial(3, 64), NewAttention(64)
			lo, hi := []int32{0, 3, 60}, []int32{70, 10, 61}
			check(t, "attention over "+typ.String(), func() {
				h.StoreKey(h.keys[0], 5, row[:64])
				h.StoreValue(h.values[0], 5, row[:64])
				h.Attend(p, a, row[:192], 1, h.keys[0], h.values[0], lo, hi)
				q.Merge(p, 3)
				q.Result(out, 1)
			})
		}
		check(t, "a vector operation", func() {
			RMSNorm(out[:cols/2], row[:cols/2], row[cols/2:], 1e-5)
			Add(out[:99], row, row)
			SiLUMul(out[:99], row, row)
			GELUMul(out[:99], row, row)
			Rope(out[:64], row[:32], row[32:64], true)
			Rope(out[:64], row[:32], row[32:64], false)
			ToHalves(halves, row)
			FromHalves(out[:77], halves)
			Softmax(out[:99])
			Argmax(out)
		})
	})
}
