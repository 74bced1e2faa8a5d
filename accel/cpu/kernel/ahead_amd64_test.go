package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAhead demands the same bits with and without prefetching, whatever this
// processor does by itself.
func TestAhead(t *testing.T) {
	before := ahead
	defer func() { ahead = before }()
	eachLevel(t, func(t *testing.T) {
		for _, typ := range packedTypes {
			const rows, cols, tokens = 70, 512, 11
			r := rand.New(rand.NewPCG(1, uint64(typ)))
			w := pack(typ, randomWeights(r, typ, rows, cols), rows, cols)
			x := newActs(randomFloats(r, tokens*cols), tokens, cols, typ)
			var y [2][2 * tokens * rows]float32
			for i, bytes := range []int{0, 4096} {
				ahead = bytes
				MatMul(w, x, y[i][:], rows, 0, Groups(rows), 0, tokens)
				MatMul(w, x, y[i][tokens*rows:], rows, 0, Groups(rows), 0, 1)
			}
			if !slices.Equal(y[0][:], y[1][:]) {
				t.Errorf("%s: prefetching changes the product", typ)
			}
		}
	})
}

func TestDistance(t *testing.T) {
	for name, want := range map[string]int{"GenuineIntel": 4096, "AuthenticAMD": 0} {
		b := []byte(name)
		if got := distance(maker(le.Uint32(b), le.Uint32(b[4:]), le.Uint32(b[8:]))); got != want {
			t.Errorf("%s: %d bytes, want %d", name, got, want)
		}
	}
}
