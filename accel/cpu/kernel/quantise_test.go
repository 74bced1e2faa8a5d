package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestQuantise(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(8, 8))
		const cols = 160
		x := randomFloats(r, cols)
		clear(x[32:64])
		x[70] = -500
		for _, tokens := range []int{1, 3, 11} {
			a := NewActs(tokens, cols)
			a.Reset(tokens, cols, Quantised)
			for i := range tokens {
				a.Set(i, x)
				for b := range cols / Block {
					checkBlock(t, a.q[a.at(i)+b*a.lanes], x[b*Block:][:Block])
				}
			}
		}
	})
}

// checkBlock checks a quantised block of finite numbers: its bits are portable
// Go's, its error is that of rounding, and its sums are those of its numbers.
func checkBlock(t *testing.T, b block, x []float32) {
	t.Helper()
	var want block
	want.set((*[Block]float32)(x))
	if b != want {
		t.Errorf("%v became %v, in portable Go %v", x, b, want)
	}
	var top float32
	var square float64
	var sum [2]int32
	for i, v := range x {
		top = max(top, v, -v)
		e := float64(b.scale)*float64(b.q[i]) - float64(v)
		square += e * e
		sum[i/16] += int32(b.q[i])
	}
	limit := max(float64(top)/120*0.52, tinyBlock) // a little over half of the longest step
	if !(square <= Block*limit*limit) {
		t.Errorf("%v became %v times %v", x, b.q, b.scale)
	}
	if b.neg != -sum[0]-sum[1] || b.half != [2]int16{int16(-sum[0]), int16(-sum[1])} || b.total != b.scale*float32(sum[0]+sum[1]) {
		t.Errorf("sums %d %d %v, want %d", b.neg, b.half, b.total, sum)
	}
}

// TestQuantiseSearches demands what the search of the step is worth: at least a
// sixth of the squared error that the step max|x|/127 has.
func TestQuantiseSearches(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	var plain, searched float64
	for range 2000 {
		x := randomFloats(r, Block)
		var b block
		b.set((*[Block]float32)(x))
		step := float64(max(slices.Max(x), -slices.Min(x))) / 127
		for i, v := range x {
			e := float64(b.scale)*float64(b.q[i]) - float64(v)
			searched += e * e / (step * step)
			e = float64(v)/step - math.RoundToEven(float64(v)/step)
			plain += e * e
		}
	}
	t.Logf("squared error of the search: %.3f of that without", searched/plain)
	if searched > plain*5/6 {
		t.Errorf("the squared error is %.3f of that without a search", searched/plain)
	}
}

// TestQuantiseKeepsNaN checks that a number that is none spoils its block at
// every place of it: dropped, it would make a damaged model answer nonsense.
func TestQuantiseKeepsNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for at := range Block {
			for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				row := make([]float32, Block)
				for i := range row {
					row[i] = float32(i) - 7
				}
				row[at] = float32(bad)
				b := make([]block, 1)
				quantise(b, row, 1)
				if s := b[0].scale; s-s == 0 {
					t.Errorf("%v in column %d: the scale is %v", bad, at, s)
				}
			}
		}
	})
}
