package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"lumi/accel"
)

// TestWords: words are the nearest integers, and sums of their products fit in 32
// bits, whatever the row is.
func TestWords(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 5))
		for n := 1; n <= 300; n++ {
			x := randomFloats(r, n)
			switch n % 4 {
			case 1: // nearly all of the length in one element
				x[r.IntN(n)] *= 1e4
			case 2: // the same everywhere
				x = slices.Repeat([]float32{-0.7}, n)
			}
			q := make([]int16, n)
			scale := words(q, x)
			var squares int64
			for i, v := range q {
				if e := math.Abs(float64(x[i])/float64(scale) - float64(v)); !(e <= 0.51) {
					t.Fatalf("%d elements: %v is %d times %v", n, x[i], v, scale)
				}
				squares += int64(v) * int64(v)
			}
			if squares > math.MaxInt32 {
				t.Fatalf("%d elements: squares add up to %d", n, squares)
			}
		}
		q := []int16{7, 7}
		if scale := words(q, make([]float32, 2)); scale != 0 || q[0] != 0 || q[1] != 0 {
			t.Errorf("zeros are %d times %v", q, scale)
		}
		for _, v := range []float32{float32(math.NaN()), float32(math.Inf(-1)), math.MaxFloat32} {
			if scale := words(q, []float32{1, v}); scale == scale {
				t.Errorf("the scale of a row with %v is %v", v, scale)
			}
		}
	})
}

// TestScoresOfWords: with keys and queries of words, scores are off by less than
// with keys in binary16 and queries that are not rounded, also where one column is
// much larger than all others.
func TestScoresOfWords(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for _, outlier := range []float32{1, 30} {
		for _, dim := range []int{32, 64, 128, 256} {
			t.Run(fmt.Sprintf("%d/%v", dim, outlier), func(t *testing.T) {
				c := Cache{accel.F16, dim}
				q, k := make([]float32, dim), make([]float32, dim)
				var words, halves float64 // squared errors
				for range 5000 {
					for i := range q {
						q[i], k[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
					}
					k[3] *= outlier
					exact := product(stored(Cache{accel.F32, dim}, q), stored(Cache{accel.F32, dim}, k))
					words += square(product(multiplied(c, q), multiplied(c, k)) - exact)
					halves += square(product(stored(Cache{accel.F32, dim}, q), stored(c, k)) - exact)
				}
				if words > halves {
					t.Errorf("off by %.2f times what binary16 is", math.Sqrt(words/halves))
				}
			})
		}
	}
}

func product(a, b []float64) (sum float64) {
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

func square(x float64) float64 { return x * x }
