package llm

import "testing"

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
