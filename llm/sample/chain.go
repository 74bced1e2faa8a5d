// Package sample picks the next token from a model's logits.
//
// A [Chain] runs these stages in llama.cpp's order, so that settings people
// know from there mean the same here:
//
//	repetition penalty → top-k → top-p → min-p → temperature → draw
//
// Top-p and min-p therefore see the distribution at temperature 1: a high
// temperature spreads the choice among the tokens they left, it does not bring
// back what they removed.
package sample

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Errors of [Chain.Pick]. They tell of logits no token can be picked from.
var (
	ErrNaN     = errors.New("the model produced NaN (not a number) instead of probabilities")
	ErrInf     = errors.New("the model produced an infinite logit instead of probabilities")
	ErrNoToken = errors.New("the model ruled out every token")
	ErrLength  = errors.New("the model's logits do not fit its vocabulary")
)

// Chain is a sampler for one conversation. All memory is allocated by [New];
// picking allocates nothing. It is not safe for concurrent use.
type Chain struct {
	set   Settings // clamped
	seed  uint64   // in use, never 0
	pcg   rand.PCG
	all   []Candidate // scratch, one per token of the vocabulary
	last  []Candidate // front part of all: what the last Pick drew from
	ring  []int32     // latest tokens; the newest is at (next-1) mod len
	next  int
	count int      // tokens in the ring
	mark  []uint32 // per token: the round that last penalised it
	round uint32
}

// New returns a chain for a vocabulary of this many tokens, with the
// [Defaults] and a fresh seed.
func New(vocab int) *Chain {
	vocab = max(vocab, 0)
	c := &Chain{
		set:  Defaults(),
		all:  make([]Candidate, vocab),
		ring: make([]int32, MaxWindow),
		mark: make([]uint32, vocab),
	}
	c.Reset(0)
	return c
}

// Set changes the settings from the next token on, clamped into their ranges.
// The random generator goes on where it is unless the seed differs from the
// one set before.
func (c *Chain) Set(s Settings) {
	reseed := s.Seed != c.set.Seed
	c.set = s.Clamp()
	if reseed {
		c.reseed(s.Seed)
	}
}

// Reset forgets the history and restarts the random generator from seed;
// 0 draws a fresh one.
func (c *Chain) Reset(seed uint64) {
	c.set.Seed = seed
	c.next, c.count = 0, 0
	c.last = nil
	c.reseed(seed)
}

func (c *Chain) reseed(seed uint64) {
	if seed == 0 {
		// 32 bits are plenty to tell runs apart and short enough to copy.
		seed = uint64(rand.Uint32N(1<<32-1)) + 1
	}
	c.seed = seed
	// The second half of the generator's state is the golden ratio's fraction:
	// any constant does, and it keeps small seeds from giving a sparse state.
	c.pcg.Seed(seed, 0x9e3779b97f4a7c15)
}

// Seed is the seed in use, also when it was drawn.
func (c *Chain) Seed() uint64 { return c.seed }

// Accept adds a token to the history that the repetition penalty looks at.
// The caller passes the prompt's tokens too. Ids outside the vocabulary are
// ignored.
func (c *Chain) Accept(id int32) {
	if id < 0 || int(id) >= len(c.mark) {
		return
	}
	c.ring[c.next] = id
	c.next = (c.next + 1) % len(c.ring)
	c.count = min(c.count+1, len(c.ring))
}

// Pick chooses the next token from logits, one per token of the vocabulary,
// which it does not change. It does not add the token to the history. A logit
// of −Inf rules its token out; NaN and +Inf are errors ([ErrNaN], [ErrInf]),
// as are logits that rule out every token ([ErrNoToken]).
func (c *Chain) Pick(logits []float32) (id int32, err error) {
	c.last = nil
	k := c.set.TopK
	if c.set.Temperature == 0 {
		k = 1 // greedy
	}
	left, err := c.candidates(logits, k)
	if err != nil {
		return 0, err
	}
	if k == 1 {
		left[0].P = 1
		c.last = left
		return left[0].ID, nil
	}
	if c.set.TopP < 1 {
		softmax(left, 1)
		left = topP(left, c.set.TopP)
	}
	left = minP(left, c.set.MinP)
	softmax(left, c.set.Temperature)
	c.last = left
	const ulp = 1.0 / (1 << 53)
	return draw(left, float64(c.pcg.Uint64()>>11)*ulp).ID, nil
}

// candidates lists the k best of the possible tokens, all when k is 0, by
// their penalised logits.
func (c *Chain) candidates(logits []float32, k int) ([]Candidate, error) {
	if len(logits) != len(c.all) {
		return nil, fmt.Errorf("%w: %d logits for %d tokens", ErrLength, len(logits), len(c.all))
	}
	c.markRecent()
	list := newShortlist(c.all, k)
	mark := c.mark[:len(logits)]
	for i, l := range logits {
		if l-l != 0 { // NaN or infinite: one test for the three rare cases
			switch {
			case l < 0:
				continue
			case l > 0:
				return nil, fmt.Errorf("%w (token %d)", ErrInf, i)
			default:
				return nil, fmt.Errorf("%w (token %d)", ErrNaN, i)
			}
		}
		if mark[i] == c.round {
			l = penalise(l, c.set.RepeatPenalty)
		}
		if !list.below(l) {
			list.add(Candidate{ID: int32(i), Logit: l})
		}
	}
	if list.n == 0 {
		return nil, ErrNoToken
	}
	return list.result(), nil
}

// markRecent marks the tokens of the window with a new round number, so that
// a token is penalised once however often it occurred.
func (c *Chain) markRecent() {
	if c.round++; c.round == 0 { // wrapped: marks of old rounds would count again
		clear(c.mark)
		c.round = 1
	}
	if c.set.RepeatPenalty == 1 {
		return
	}
	for i := 1; i <= min(c.count, c.set.RepeatWindow); i++ {
		c.mark[c.ring[(c.next-i+len(c.ring))%len(c.ring)]] = c.round
	}
}

// Last returns what the last Pick drew from, most likely first, with the
// probabilities it drew by; it is empty after an error. The slice is valid
// until the next call of a method.
func (c *Chain) Last() []Candidate {
	slices.SortFunc(c.last, compare)
	return c.last
}
