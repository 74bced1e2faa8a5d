package sample_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"lumi/llm/sample"
)

// after are the logits after the stages, by token; NaN for those cut off.
func after(t interface{ Fatal(...any) }, c *sample.Chain, logits []float32) []float32 {
	if _, err := c.Pick(logits); err != nil {
		t.Fatal(err)
	}
	got := make([]float32, len(logits))
	for i := range got {
		got[i] = nan
	}
	for _, x := range c.Last() {
		got[x.ID] = x.Logit
	}
	return got
}

func near(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool {
		return x != x && y != y || math.Abs(float64(x-y)) < 1e-4
	})
}

// TestPenalties has logits worked out by hand.
func TestPenalties(t *testing.T) {
	ones := []float32{1, 1, 1, 1, 1}
	for _, tc := range []struct {
		name    string
		edit    func(*sample.Settings)
		history []int32
		breaks  []int32
		bias    []sample.Bias
		want    []float32
	}{
		{"presence", func(s *sample.Settings) { s.PresencePenalty = 0.5 }, []int32{0, 0, 1}, nil, nil, []float32{.5, .5, 1, 1, 1}},
		{"frequency", func(s *sample.Settings) { s.FrequencyPenalty = 0.5 }, []int32{0, 0, 1}, nil, nil, []float32{0, .5, 1, 1, 1}},
		{"all three", func(s *sample.Settings) {
			s.RepeatPenalty, s.PresencePenalty, s.FrequencyPenalty = 2, 0.25, 0.5
		}, []int32{0, 0, 1}, nil, nil, []float32{-.75, -.25, 1, 1, 1}},
		{"window", func(s *sample.Settings) { s.FrequencyPenalty, s.RepeatWindow = 0.5, 2 }, []int32{0, 0, 1}, nil, nil, []float32{.5, .5, 1, 1, 1}},
		{"negative raises", func(s *sample.Settings) { s.PresencePenalty = -1 }, []int32{4}, nil, nil, []float32{1, 1, 1, 1, 2}},
		{"bias", func(*sample.Settings) {}, nil, nil, []sample.Bias{{1, 2}, {2, -3}, {1, 1}, {9, 5}, {-1, 5}}, []float32{1, 4, -2, 1, 1}},
		{"bias rules out", func(*sample.Settings) {}, nil, nil, []sample.Bias{{1, sample.Never}, {1, 5}}, []float32{1, nan, 1, 1, 1}},
		{"bias before the penalty", func(s *sample.Settings) { s.RepeatPenalty = 2 }, []int32{1}, nil, []sample.Bias{{1, 3}}, []float32{1, 2, 1, 1, 1}},

		// "0 1 2 0 1": with a 2, three tokens would be repeated. Two stand already,
		// as many as are allowed: the penalty is 0.8·1.75⁰.
		{"DRY", dry(2), []int32{0, 1, 2, 0, 1}, nil, nil, []float32{1, 1, .2, 1, 1}},
		{"DRY, too short", dry(3), []int32{0, 1, 2, 0, 1}, nil, nil, ones},
		// "0 1 2 0 1 2": 0 would prolong a repetition of three: 0.8·1.75¹ = 1.4.
		{"DRY, one longer", dry(2), []int32{0, 1, 2, 0, 1, 2}, nil, nil, []float32{-.4, 1, 1, 1, 1}},
		// "0 0 0 0": s[1:] repeats three tokens, which may overlap.
		{"DRY, overlapping", dry(2), []int32{0, 0, 0, 0}, nil, nil, []float32{-.4, 1, 1, 1, 1}},
		// The longest repetition before a token counts: 2 after "0 1" and after "1".
		{"DRY, longest", dry(1), []int32{0, 1, 2, 3, 1, 2, 0, 1}, nil, nil, []float32{1, 1, -.4, 1, 1}},
		{"DRY, breaker between", dry(2), []int32{0, 1, 2, 0, 1}, []int32{0}, nil, ones},
		{"DRY, breaker next", dry(2), []int32{0, 1, 2, 0, 1}, []int32{2}, nil, ones},
		{"DRY, breaker further back", dry(2), []int32{3, 0, 1, 2, 3, 0, 1}, []int32{3}, nil, []float32{1, 1, .2, 1, 1}},
		{"DRY, window", func(s *sample.Settings) { dry(2)(s); s.DRYWindow = 4 }, []int32{0, 1, 2, 0, 1}, nil, nil, ones},
		{"DRY after top-k", func(s *sample.Settings) {
			dry(2)(s)
			s.TopK, s.Samplers = 3, "top_k;dry"
		}, []int32{0, 1, 2, 0, 1}, nil, nil, []float32{1, 1, .2, nan, nan}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := off()
			s.RepeatWindow = 64
			tc.edit(&s)
			c := sample.New(len(ones))
			c.Set(s)
			c.SetBias(tc.bias)
			c.SetBreakers(tc.breaks)
			for _, id := range tc.history {
				c.Accept(id)
			}
			for range 2 { // a second pick starts afresh
				if got := after(t, c, ones); !near(got, tc.want) {
					t.Errorf("logits %v, want %v", got, tc.want)
				}
			}
		})
	}
}

func dry(allowed int) func(*sample.Settings) {
	return func(s *sample.Settings) { s.DRYMultiplier, s.DRYAllowedLength = 0.8, allowed }
}

// TestDRYAsDefined compares with the definition carried out word for word.
func TestDRYAsDefined(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const vocab = 4
		history := rapid.SliceOfN(rapid.Int32Range(0, vocab-1), 0, 40).Draw(t, "history")
		breaks := rapid.SliceOfN(rapid.Int32Range(0, vocab-1), 0, 1).Draw(t, "breakers")
		s := off()
		dry(rapid.IntRange(1, 4).Draw(t, "allowed"))(&s)
		s.DRYWindow = rapid.IntRange(0, 45).Draw(t, "window")
		c := sample.New(vocab)
		c.Set(s)
		c.SetBreakers(breaks)
		for _, id := range history {
			c.Accept(id)
		}
		got := after(t, c, make([]float32, vocab))

		if s.DRYWindow > 0 && len(history) > s.DRYWindow {
			history = history[len(history)-s.DRYWindow:]
		}
		want, longest := make([]float32, vocab), make([]int, vocab)
		for i := range history {
			n := 0
			for i-1-n >= 0 && history[i-1-n] == history[len(history)-1-n] && !slices.Contains(breaks, history[i-1-n]) {
				n++
			}
			if !slices.Contains(breaks, history[i]) {
				longest[history[i]] = max(longest[history[i]], n)
			}
		}
		for id, n := range longest {
			if n >= s.DRYAllowedLength {
				want[id] = -0.8 * float32(math.Pow(1.75, float64(n-s.DRYAllowedLength)))
			}
		}
		if !slices.EqualFunc(got, want, func(a, b float32) bool {
			return math.Abs(float64(a-b)) <= 1e-4*math.Max(1, math.Abs(float64(b)))
		}) {
			t.Fatalf("history %v, breakers %v: %v, want %v", history, breaks, got, want)
		}
	})
}

// evens allows the tokens with an even id.
type evens int

func (evens) Allows(id int32) bool { return id%2 == 0 }

func (n evens) Mask() []uint64 { return evenMask[:(n+63)/64] }

var evenMask = func() (m [2048]uint64) {
	for i := range m {
		m[i] = 0x5555555555555555
	}
	return m
}()

func TestConstraint(t *testing.T) {
	logits := randomLogits(500)
	for _, temperature := range []float32{0, 1} {
		s := sample.Defaults()
		s.Temperature = temperature
		c := sample.New(len(logits))
		c.Set(s)
		c.Constrain(evens(len(logits)))
		free := sample.New(len(logits))
		free.Set(s)
		differ := 0
		for range 200 {
			id := pick(t, c, logits)
			if id%2 != 0 {
				t.Fatalf("token %d is not allowed", id)
			}
			if pick(t, free, logits) != id {
				differ++
			}
			c.Accept(id)
			free.Accept(id)
		}
		if differ == 0 {
			t.Error("the constraint changed nothing")
		}
	}
	c := sample.New(2)
	c.Constrain(evens(2))
	if _, err := c.Pick([]float32{negInf, 1}); err != sample.ErrNoToken {
		t.Errorf("error %v, want ErrNoToken", err)
	}
	if _, err := c.Pick([]float32{0, nan}); err == nil {
		t.Error("NaN was not noticed")
	}
}
