package sample

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Uniform is the sampler of Lumi's first version, a numpy program: it takes the
// most likely tokens until their probabilities sum to top-p, and picks one of
// them with equal chances, by Python's random numbers. At temperature 0 it
// takes the most likely token and draws nothing. It has no other settings.
type Uniform struct {
	random mersenne
	all    []Candidate
	last   []Candidate
}

// NewUniform returns a sampler for a vocabulary of the given size, seeded as
// Python's random.seed(seed) does.
func NewUniform(vocab int, seed uint64) *Uniform {
	u := &Uniform{all: make([]Candidate, vocab)}
	u.random.seed(seed)
	return u
}

// Pick chooses the next token from logits, one per token of the vocabulary.
// Logits that are not numbers, or infinite, are errors as for [Chain.Pick].
func (u *Uniform) Pick(logits []float32, s Settings) (int32, error) {
	u.last = nil
	if len(logits) != len(u.all) || len(logits) == 0 {
		return 0, fmt.Errorf("%w: %d logits for %d tokens", ErrLength, len(logits), len(u.all))
	}
	s = s.Clamp()
	for i, l := range logits {
		switch {
		case l != l:
			return 0, fmt.Errorf("%w (token %d)", ErrNaN, i)
		case math.IsInf(float64(l), 1):
			return 0, fmt.Errorf("%w (token %d)", ErrInf, i)
		}
		u.all[i] = Candidate{ID: int32(i), Logit: l}
	}
	slices.SortStableFunc(u.all, func(a, b Candidate) int { return cmp.Compare(b.Logit, a.Logit) })
	best := u.all[0].Logit
	if math.IsInf(float64(best), -1) {
		return 0, ErrNoToken
	}
	if s.Temperature == 0 {
		u.all[0].P = 1
		u.last = u.all[:1]
		return u.last[0].ID, nil
	}
	odds := func(c Candidate) float64 { return math.Exp(float64(c.Logit-best) / float64(s.Temperature)) }
	total := 0.0
	for _, c := range u.all {
		total += odds(c)
	}
	n, sum := 0, 0.0
	for ; n < len(u.all) && (n == 0 || sum < float64(s.TopP)); n++ {
		p := odds(u.all[n]) / total
		u.all[n].P = float32(p)
		sum += p
	}
	u.last = u.all[:n]
	return u.last[u.random.below(n)].ID, nil
}

// Last returns what the last Pick chose from, most likely first, with the
// model's probabilities; they are equally likely to be picked. It is empty
// after an error and valid until the next Pick.
func (u *Uniform) Last() []Candidate { return u.last }
