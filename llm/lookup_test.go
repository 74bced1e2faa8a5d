package llm

import (
	"slices"
	"testing"
)

func TestLookup(t *testing.T) {
	for _, c := range []struct {
		held, want []int32
		n          int
	}{
		{nil, nil, 4},
		{[]int32{1}, nil, 4},
		{[]int32{1, 2, 3, 4}, nil, 4},
		{[]int32{1, 2, 7, 8, 9, 1, 2}, []int32{7, 8, 9}, 3},
		{[]int32{1, 2, 7, 8, 9, 1, 2}, []int32{7}, 1},
		// The most recent occurrence counts, and a longer one before it.
		{[]int32{1, 2, 5, 1, 2, 6, 1, 2}, []int32{6, 1}, 2},
		{[]int32{3, 1, 2, 5, 1, 2, 6, 3, 1, 2}, []int32{5, 1}, 2},
		{[]int32{4, 4, 4}, []int32{4}, 9},
	} {
		if got := lookup(c.held, c.n); !slices.Equal(got, c.want) {
			t.Errorf("lookup(%v, %d) = %v, want %v", c.held, c.n, got, c.want)
		}
	}
}

// TestLookupChangesNothing demands the same answer with and without guesses,
// greedy and sampled, and that some of them were right.
func TestLookupChangesNothing(t *testing.T) {
	const start = "Lily had a red ball. Lily had a red ball. Lily had a red ball. Lily had"
	m := openStories(t, 2)
	sampled := greedy()
	sampled.Temperature, sampled.Seed, sampled.TopK = 0.8, 5, 40
	for _, s := range []Settings{greedy(), sampled} {
		s.MaxTokens = 200
		want := complete(t, m, start, s)
		for _, n := range []int{1, 3, 10} {
			s.Lookup = n
			got := complete(t, m, start, s)
			if got.Text != want.Text || got.Reason != want.Reason || got.Stats.Tokens != want.Stats.Tokens ||
				got.Stats.ContextUsed != want.Stats.ContextUsed {
				t.Errorf("%d guesses:\n%q (%+v), want\n%q (%+v)", n, got.Text, got.Stats, want.Text, want.Stats)
			}
			if got.Stats.Accepted == 0 || got.Stats.Drafted < got.Stats.Accepted {
				t.Errorf("%d guesses: %d of %d right", n, got.Stats.Accepted, got.Stats.Drafted)
			}
		}
	}
}
