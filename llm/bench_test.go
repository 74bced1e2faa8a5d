package llm

import (
	"math"
	"testing"
	"time"
)

// TestBenchProgress checks that the progress only rises, ends at 1, and gives
// each test its half.
func TestBenchProgress(t *testing.T) {
	m := small(t)
	for _, o := range []BenchOptions{{Prompt: 8, Gen: 4, Repeat: 2}, {Prompt: 8}, {Gen: 4, Repeat: 1, Depth: 2}} {
		var shares []float64
		halves := 0
		o.Progress = func(share float64) {
			if share < 0 || share > 1 || len(shares) > 0 && share <= shares[len(shares)-1] {
				t.Errorf("%+v: %v follows %v", o, share, shares)
			}
			shares = append(shares, share)
		}
		_, err := m.Bench(t.Context(), o, func(BenchResult) {
			halves++
			if want := 0.5 * float64(halves); o.Prompt*o.Gen > 0 && shares[len(shares)-1] != want {
				t.Errorf("after test %d the progress is %v, want %v", halves, shares[len(shares)-1], want)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		rounds := max(1, o.Repeat) + 1
		want := o.Gen * rounds
		if o.Prompt > 0 {
			want += rounds
		}
		if len(shares) != want || shares[len(shares)-1] != 1 {
			t.Errorf("prompt %d, gen %d: %d steps up to %v, want %d up to 1", o.Prompt, o.Gen, len(shares), shares[len(shares)-1], want)
		}
	}
}

// TestBenchReads checks that every sample of decoding comes with the speed of the
// loop that only reads, if that is asked for, and that prompts never do.
func TestBenchReads(t *testing.T) {
	m := small(t)
	for _, reads := range []bool{false, true} {
		results, err := m.Bench(t.Context(), BenchOptions{Prompt: 4, Gen: 9, Repeat: 3, Reads: reads}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, ok := results[0].WeightSpeed(); ok {
			t.Error("a prompt's test has the speed of weights")
		}
		r := results[1]
		decoding, loop, share, ok := r.WeightSpeed()
		if ok != reads || reads && (len(r.Reads) != len(r.Samples) || r.TokenBytes == 0) {
			t.Fatalf("reads %t: %+v", reads, r)
		}
		if reads && !(decoding > 0 && loop > 0 && share > 0) {
			t.Errorf("%g of %g, %g", decoding, loop, share)
		}
	}
}

func TestWeightSpeed(t *testing.T) {
	r := BenchResult{
		Gen: 10, TokenBytes: 300, Samples: []time.Duration{time.Second, 2 * time.Second, 3 * time.Second},
		Reads: []float64{4000, 3000, 5000},
	}
	decoding, loop, share, ok := r.WeightSpeed()
	if !ok || decoding != 1500 || loop != 4000 || math.Abs(share-0.5) > 1e-9 {
		t.Errorf("%g of %g, %g, %t; want 1500 of 4000, 0.5", decoding, loop, share, ok)
	}
}
