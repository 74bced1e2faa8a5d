package sample

import (
	"cmp"
	"math"
)

// Candidate is one token that may come next.
type Candidate struct {
	ID    int32
	Logit float32 // after bias, penalties and what else changed it
	P     float32 // probability among the candidates that are left
}

// before is the total order of candidates: more likely first, equal ones by
// id. Because no two candidates are equal in it, "the k best" is one definite
// set whatever the order the candidates come in.
func before(a, b Candidate) bool {
	return a.Logit > b.Logit || a.Logit == b.Logit && a.ID < b.ID
}

func compare(a, b Candidate) int {
	if c := cmp.Compare(b.Logit, a.Logit); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// best returns the first candidate in order; c is not empty.
func best(c []Candidate) Candidate {
	first := c[0]
	for _, x := range c[1:] {
		if before(x, first) {
			first = x
		}
	}
	return first
}

// shortlist is top-k while the candidates come in: it collects those that
// beat the k-th best known so far, and only when twice k have gathered are
// they cut back by selection. After the first few hundred almost none beats
// the bar, so a vocabulary costs one comparison per token.
type shortlist struct {
	c    []Candidate // memory for all candidates
	n    int         // collected
	k    int
	room int       // cut back at this many
	bar  Candidate // the worst of the k best; the least of all before there are k
	full bool      // there are k
}

// newShortlist keeps the k best, all when k is 0. memory has room for every
// candidate that will be added.
func newShortlist(memory []Candidate, k int) shortlist {
	k = min(k, len(memory))
	s := shortlist{c: memory, k: k, room: k + max(k, 64), bar: Candidate{Logit: -math.MaxFloat32}}
	if k <= 0 || s.room > len(memory) {
		s.room = len(memory) + 1 // never reached
	}
	return s
}

// least is the logit below which a token need not be added.
func (s *shortlist) least() float32 { return s.bar.Logit }

func (s *shortlist) add(x Candidate) {
	if s.full && !before(x, s.bar) {
		return
	}
	s.c[s.n] = x
	if s.n++; s.n == s.room {
		selectBest(s.c[:s.n], s.k)
		s.n, s.full = s.k, true
		s.bar = worst(s.c[:s.n])
	}
}

// result is what was kept, in no particular order.
func (s *shortlist) result() []Candidate {
	if s.k > 0 && s.n > s.k {
		selectBest(s.c[:s.n], s.k)
		s.n = s.k
	}
	return s.c[:s.n]
}

func worst(c []Candidate) Candidate {
	last := c[0]
	for _, x := range c[1:] {
		if before(last, x) {
			last = x
		}
	}
	return last
}

// selectBest moves the k best candidates to the front (Hoare's selection).
func selectBest(c []Candidate, k int) {
	low, high := 0, len(c)
	var pivots pivots
	for high-low > 1 {
		mid := low + partition(c[low:high], pivots.next(high-low))
		switch {
		case mid == k || mid == k-1:
			return
		case mid > k:
			high = mid
		default:
			low = mid + 1
		}
	}
}

// partition moves the candidates before c[pivot] to the front and returns
// where the pivot itself ended up.
func partition(c []Candidate, pivot int) int {
	last := len(c) - 1
	c[pivot], c[last] = c[last], c[pivot]
	p, n := c[last], 0
	for i := range c[:last] {
		if before(c[i], p) {
			c[i], c[n] = c[n], c[i]
			n++
		}
	}
	c[n], c[last] = c[last], c[n]
	return n
}

// pivots chooses pivots in an order that looks random but repeats, so that no
// arrangement of logits found in practice is slow and results stay the same.
type pivots uint32

func (p *pivots) next(n int) int {
	*p = *p*1664525 + 1013904223 // Numerical Recipes' linear congruence
	return int(uint64(*p) * uint64(n) >> 32)
}
