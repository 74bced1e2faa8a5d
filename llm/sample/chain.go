// Package sample picks the next token from a model's logits.
//
// A [Chain] runs these stages in llama.cpp's order, so that settings people
// know from there mean the same here; [Settings].Samplers changes the order:
//
//	bias → penalties → DRY → top-nσ → top-k → typical → top-p → min-p → XTC → temperature → draw
//
// The stages before the temperature therefore see the distribution at
// temperature 1: a high temperature spreads the choice among the tokens they
// left, it does not bring back what they removed. A temperature of 0 takes the
// most likely token after the penalties. Mirostat takes the place of the
// stages that cut the choice.
package sample

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
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

// Constraint rules tokens out by what the answer must look like.
type Constraint interface {
	// Allows reports whether the token may come next. It is asked for one
	// token in most cases: the one that was picked.
	Allows(id int32) bool
	// Mask has a bit, id%64 of word id/64, for every token that may come
	// next. It is asked for when the token that was picked may not. The caller
	// does not change it and does not keep it.
	Mask() []uint64
}

// Chain is a sampler for one conversation. All memory is allocated by [New];
// picking allocates nothing. It is not safe for concurrent use.
type Chain struct {
	given Settings // as they were set
	set   Settings // clamped
	plan  plan
	seed  uint64 // in use, never 0
	pcg   rand.PCG
	all   []Candidate // scratch, one per token of the vocabulary
	last  []Candidate // front part of all: what the last Pick drew from
	ring  []int32     // latest tokens; the newest is at (next-1) mod len
	next  int
	count int      // tokens in the ring
	mark  []uint32 // per token: the round that last noted something
	notes []note   // per token, valid where mark is the round's
	noted []int32  // the tokens of this round
	round uint32
	mu    float64 // mirostat's largest surprise, in bits; NaN before the first token
	rule  Constraint

	bias     []Bias
	breakers []uint64 // a bit per token that ends a sequence for DRY
	recent   []int32  // DRY's scratch: the window, newest first
	matches  []int32  // DRY's scratch: length of the repetition at each place
}

// note is what the history says about a token.
type note struct {
	count  int32   // occurrences in the penalties' window
	repeat int32   // tokens before it that would be repeated with it (DRY)
	logit  float32 // after bias and the penalties at the head of the chain
	held   float32 // its logit while a stage puts something else in its place
}

// New returns a chain for a vocabulary of this many tokens, with the
// [Defaults] and a fresh seed.
func New(vocab int) *Chain {
	vocab = max(vocab, 0)
	c := &Chain{
		all:      make([]Candidate, vocab),
		ring:     make([]int32, MaxWindow),
		mark:     make([]uint32, vocab),
		notes:    make([]note, vocab),
		noted:    make([]int32, 0, vocab),
		breakers: make([]uint64, (vocab+63)/64),
		recent:   make([]int32, MaxWindow),
		matches:  make([]int32, MaxWindow),
	}
	c.use(Defaults())
	c.Reset(0)
	return c
}

// Set changes the settings from the next token on, clamped into their ranges.
// The random generator goes on where it is unless the seed differs from the
// one set before.
func (c *Chain) Set(s Settings) {
	if s == c.given {
		return
	}
	reseed := s.Seed != c.set.Seed
	c.use(s)
	if reseed {
		c.reseed(s.Seed)
	}
}

func (c *Chain) use(s Settings) {
	c.given, c.set = s, s.Clamp()
	c.plan = c.set.plan()
}

// SetBias changes what is added to logits. Later values for the same token add
// up; ids outside the vocabulary are ignored.
func (c *Chain) SetBias(bias []Bias) { c.bias = bias }

// SetBreakers changes the tokens at which DRY takes a repeated sequence to end.
func (c *Chain) SetBreakers(ids []int32) {
	clear(c.breakers)
	for _, id := range ids {
		if id >= 0 && int(id) < len(c.mark) {
			c.breakers[id/64] |= 1 << (id % 64)
		}
	}
}

// Constrain rules tokens out from now on; nil allows all.
func (c *Chain) Constrain(rule Constraint) { c.rule = rule }

// Reset forgets the history and restarts the random generator from seed;
// 0 draws a fresh one. Bias, breakers and constraint stay.
func (c *Chain) Reset(seed uint64) {
	c.given.Seed, c.set.Seed = seed, seed
	c.next, c.count = 0, 0
	c.last = nil
	c.mu = math.NaN()
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

// Accept adds a token to the history that the penalties look at.
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
//
// Under a constraint the token is first picked without it. Only if the
// constraint refuses that token are all tokens checked and another one picked
// from what is allowed, as llama.cpp does it: masks are dear, and a model that
// has understood its task rarely needs one.
func (c *Chain) Pick(logits []float32) (id int32, err error) {
	c.last = nil
	if len(logits) != len(c.all) {
		return 0, fmt.Errorf("%w: %d logits for %d tokens", ErrLength, len(logits), len(c.all))
	}
	c.note(logits)
	x, surprise, err := c.pick(logits, nil)
	if err == nil && c.rule != nil && !c.rule.Allows(x.ID) {
		x, surprise, err = c.pick(logits, c.rule.Mask())
	}
	if err != nil {
		c.last = nil
		return 0, err
	}
	if c.set.Mirostat != 0 && c.plan.k != 1 {
		c.mu -= float64(c.set.MirostatEta) * (surprise - float64(c.set.MirostatTau))
	}
	return x.ID, nil
}

// pick runs the stages once, over the tokens of the mask if there is one. The
// surprise, in bits, is mirostat's.
func (c *Chain) pick(logits []float32, mask []uint64) (x Candidate, surprise float64, err error) {
	p := &c.plan
	left, err := c.candidates(logits, mask, p.k)
	if err != nil {
		return Candidate{}, 0, err
	}
	if p.k == 1 {
		left[0].P = 1
		c.last = left
		return left[0], 0, nil
	}
	for _, st := range p.tail.list() {
		left = c.run(st, left)
	}
	softmax(left, p.final)
	if c.set.Mirostat != 0 {
		if math.IsNaN(c.mu) {
			c.mu = 2 * float64(c.set.MirostatTau)
		}
		left = cutSurprise(left, c.mu)
	}
	c.last = left
	x = draw(left, c.uniform())
	if c.set.Mirostat != 0 {
		surprise = surpriseOf(x)
		softmax(left, p.final) // what was drawn by, for Last
	}
	return x, surprise, nil
}

// uniform draws a number in [0, 1).
func (c *Chain) uniform() float64 {
	const ulp = 1.0 / (1 << 53)
	return float64(c.pcg.Uint64()>>11) * ulp
}

// run applies one stage to the candidates.
func (c *Chain) run(st stage, left []Candidate) []Candidate {
	s := &c.set
	switch st {
	case penalties, dry:
		for i, x := range left {
			if c.mark[x.ID] == c.round {
				left[i].Logit = finite(c.penalise(st, x.Logit, &c.notes[x.ID]))
			}
		}
	case topNSigmaStage:
		return topNSigma(left, s.TopNSigma)
	case topKStage:
		if s.TopK < len(left) {
			selectBest(left, s.TopK)
			left = left[:s.TopK]
		}
	case typicalStage:
		softmax(left, 1)
		return c.typical(left, s.Typical)
	case topPStage:
		softmax(left, 1)
		return topP(left, s.TopP)
	case minPStage:
		return minP(left, s.MinP)
	case xtcStage:
		// The number is drawn whether or not there are two top choices, so that
		// a seed's later numbers do not depend on that.
		if c.uniform() < float64(s.XTCProbability) {
			softmax(left, 1)
			return xtc(left, s.XTCThreshold)
		}
	case temperatureStage:
		return temper(left, s.dynamic(left))
	}
	return left
}

// candidates lists the k best of the possible tokens, all when k is 0, by
// their logits after bias and the penalties at the head of the chain.
func (c *Chain) candidates(logits []float32, mask []uint64, k int) ([]Candidate, error) {
	list := newShortlist(c.all, k)
	var err error
	if mask != nil {
		err = c.readMasked(&list, logits, mask)
	} else {
		err = c.read(&list, logits)
	}
	if err != nil {
		return nil, err
	}
	if list.n == 0 {
		return nil, ErrNoToken
	}
	return list.result(), nil
}

func (c *Chain) read(list *shortlist, logits []float32) error {
	mark, round, bar := c.mark[:len(logits)], c.round, list.least()
	slices.Sort(c.noted)
	noted := c.noted
	for i := 0; i < len(logits); {
		end := min(i+run, len(logits))
		for len(noted) > 0 && int(noted[0]) < i {
			noted = noted[1:]
		}
		if end-i == run && (len(noted) == 0 || int(noted[0]) >= end) && below((*[run]float32)(logits[i:end]), bar) {
			i = end
			continue
		}
		for ; i < end; i++ {
			l := logits[i]
			if l-l != 0 { // NaN or infinite: one test for the three rare cases
				if l < 0 {
					continue
				}
				return impossible(i, l)
			}
			if mark[i] == round {
				if l = c.notes[i].logit; l-l != 0 {
					continue // ruled out by its bias
				}
			}
			if l >= bar {
				list.add(Candidate{ID: int32(i), Logit: l})
				bar = list.least()
			}
		}
	}
	return nil
}

// run is how many logits are looked at together.
const run = 16

// below reports that none of the logits reaches the bar, which is so for most of a
// large vocabulary. NaN is not below anything.
func below(l *[run]float32, bar float32) bool {
	return l[0] < bar && l[1] < bar && l[2] < bar && l[3] < bar && l[4] < bar && l[5] < bar && l[6] < bar && l[7] < bar &&
		l[8] < bar && l[9] < bar && l[10] < bar && l[11] < bar && l[12] < bar && l[13] < bar && l[14] < bar && l[15] < bar
}

// readMasked is read for the tokens of a mask.
func (c *Chain) readMasked(list *shortlist, logits []float32, mask []uint64) error {
	for w, word := range mask {
		for ; word != 0; word &= word - 1 {
			i := w*64 + bits.TrailingZeros64(word)
			if i >= len(logits) {
				return nil
			}
			l := logits[i]
			if l-l != 0 && !(l < 0) {
				return impossible(i, l)
			}
			if c.mark[i] == c.round {
				l = c.notes[i].logit
			}
			if l-l == 0 && l >= list.least() {
				list.add(Candidate{ID: int32(i), Logit: l})
			}
		}
	}
	return nil
}

// impossible is the error for a logit that is NaN or +Inf.
func impossible(token int, logit float32) error {
	if logit > 0 {
		return fmt.Errorf("%w (token %d)", ErrInf, token)
	}
	return fmt.Errorf("%w (token %d)", ErrNaN, token)
}

// Last returns what the last Pick drew from, most likely first, with the
// probabilities it drew by; it is empty after an error. The slice is valid
// until the next call of a method.
func (c *Chain) Last() []Candidate {
	slices.SortFunc(c.last, compare)
	return c.last
}
