package sample_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"lumi/llm/sample"
)

// TestBestOfLargeVocabulary compares the k best with a plain sort: with logits
// that are equal, ruled out or raised by a bias anywhere in the vocabulary.
func TestBestOfLargeVocabulary(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		n, k := 1+r.IntN(3000), 2+r.IntN(60)
		logits := make([]float32, n)
		for i := range logits {
			logits[i] = float32(r.IntN(500)) / 10
			if r.IntN(50) == 0 {
				logits[i] = negInf
			}
		}
		want := slices.Clone(logits)
		var bias []sample.Bias
		for range r.IntN(20) {
			b := sample.Bias{Token: int32(r.IntN(n)), Value: float32(r.IntN(400))/10 - 10}
			if r.IntN(5) == 0 {
				b.Value = sample.Never
				want[b.Token] = negInf
			}
			bias = append(bias, b)
			want[b.Token] += b.Value
		}
		var ids []int32
		for i, l := range want {
			if l > negInf {
				ids = append(ids, int32(i))
			}
		}
		slices.SortStableFunc(ids, func(a, b int32) int {
			switch {
			case want[a] > want[b]:
				return -1
			case want[a] < want[b]:
				return 1
			}
			return 0
		})
		ids = ids[:min(k, len(ids))]
		slices.Sort(ids)

		c := sample.New(n)
		s := off()
		s.TopK = k
		c.Set(s)
		c.SetBias(bias)
		_, err := c.Pick(logits)
		if len(ids) == 0 {
			if !errors.Is(err, sample.ErrNoToken) {
				t.Fatalf("no token is possible: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := kept(c); !slices.Equal(got, ids) {
			t.Fatalf("%d tokens, top-k %d, bias %v: %v, want %v", n, k, bias, got, ids)
		}
	}
}

// TestBadLogitAnywhere checks that no logit is overlooked.
func TestBadLogitAnywhere(t *testing.T) {
	const n = 1000
	for _, k := range []int{1, 5, 0} {
		c := sample.New(n)
		s := off()
		s.TopK = k
		c.Set(s)
		for i := range n {
			for _, bad := range []struct {
				logit float32
				want  error
			}{{nan, sample.ErrNaN}, {inf, sample.ErrInf}} {
				logits := randomLogits(n)
				logits[i] = bad.logit
				if _, err := c.Pick(logits); !errors.Is(err, bad.want) || !strings.Contains(err.Error(), fmt.Sprintf("token %d)", i)) {
					t.Fatalf("token %d: %v, want %v", i, err, bad.want)
				}
			}
		}
	}
}
