package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// eachReading runs a test at each level, with one and with four streams.
func eachReading(t *testing.T, run func(*testing.T)) {
	before := quads
	defer func() { quads = before }()
	for _, quads = range []bool{false, true} {
		eachLevel(t, run)
	}
}

// TestReading demands the same bits however memory is read: with and without
// prefetching, and four groups of rows at a time or one after the other,
// whatever this processor does by itself.
func TestReading(t *testing.T) {
	distance, four := ahead, quads
	defer func() { ahead, quads = distance, four }()
	eachLevel(t, func(t *testing.T) {
		for _, typ := range packedTypes {
			const rows, cols, tokens = 150, 512, 11 // two times four groups, one, and an edge
			r := rand.New(rand.NewPCG(1, uint64(typ)))
			w := pack(typ, randomWeights(r, typ, rows, cols), rows, cols)
			x := newActs(randomFloats(r, tokens*cols), tokens, cols, typ)
			var y [4][2 * tokens * rows]float32
			for i := range y {
				ahead, quads = i%2*4096, i/2 == 1
				MatMul(w, x, y[i][:], rows, 0, Groups(rows), 0, tokens)
				for token := range tokens {
					MatMul(w, x, y[i][tokens*rows:], rows, 0, Groups(rows), token, token+1)
				}
				if !slices.Equal(y[0][:], y[i][:]) {
					t.Errorf("%s: prefetching %d bytes ahead, four groups at a time: %v; the product is another one", typ, ahead, quads)
				}
			}
			if !slices.Equal(y[0][:tokens*rows], y[0][tokens*rows:]) {
				t.Errorf("%s: a token alone has another product", typ)
			}
		}
	})
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		maker string
		best  Level
		bytes int
	}{{"GenuineIntel", AVX512, 4096}, {"GenuineIntel", AVX2, 4096}, {"AuthenticAMD", AVX512, 0}, {"AuthenticAMD", AVX2, 512}} {
		b := []byte(c.maker)
		if got := distance(maker(le.Uint32(b), le.Uint32(b[4:]), le.Uint32(b[8:])), c.best); got != c.bytes {
			t.Errorf("%s, %v: %d bytes, want %d", c.maker, c.best, got, c.bytes)
		}
	}
}
