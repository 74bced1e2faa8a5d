package sample

import (
	"cmp"
	"math"
	"slices"
)

// Candidate is one token that may come next.
type Candidate struct {
	ID    int32
	Logit float32 // after the repetition penalty
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

// penalise lowers a logit whose token occurred: positive ones are divided by
// the penalty, negative ones multiplied, so both move down (Keskar et al.,
// "CTRL", arXiv:1909.05858, section 4.1, with the sign case that formula
// lacks).
func penalise(logit, penalty float32) float32 {
	if logit > 0 {
		logit /= penalty
	} else {
		logit *= penalty
	}
	return min(max(logit, -math.MaxFloat32), math.MaxFloat32)
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
	bar  Candidate // the worst of the k best
	full bool      // there is a bar
}

// newShortlist keeps the k best, all when k is 0. memory has room for every
// candidate that will be added.
func newShortlist(memory []Candidate, k int) shortlist {
	k = min(k, len(memory))
	s := shortlist{c: memory, k: k, room: k + max(k, 64)}
	if k <= 0 || s.room > len(memory) {
		s.room = len(memory) + 1 // never reached
	}
	return s
}

// below tells, cheaply, that a token with this logit need not be added.
func (s *shortlist) below(logit float32) bool { return s.full && logit < s.bar.Logit }

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

// topP keeps the nucleus: the shortest run of best candidates whose
// probabilities P sum to at least p, never less than one (Holtzman et al.,
// arXiv:1904.09751). It narrows the border down by partitioning, so that the
// cost is linear even when no top-k came before.
func topP(c []Candidate, p float32) []Candidate {
	if p >= 1 {
		return c
	}
	need := float64(p)
	low, high := 0, len(c)
	var pivots pivots
	for high-low > 32 {
		mid := low + partition(c[low:high], pivots.next(high-low))
		mass := 0.0
		for _, x := range c[low:mid] {
			mass += float64(x.P)
		}
		if mass >= need {
			high = mid
			continue
		}
		// The pivot belongs to the nucleus when what is before it is not enough.
		need -= mass + float64(c[mid].P)
		if low = mid + 1; need <= 0 {
			return c[:low]
		}
	}
	slices.SortFunc(c[low:high], compare)
	for low < high {
		need -= float64(c[low].P)
		if low++; need <= 0 {
			break
		}
	}
	return c[:max(low, 1)]
}

// minP keeps the candidates whose probability is at least p times the best
// one's. The softmax turns that ratio into a distance between logits.
func minP(c []Candidate, p float32) []Candidate {
	if p <= 0 {
		return c
	}
	bar := float64(best(c).Logit) + math.Log(float64(p))
	n := 0
	for _, x := range c {
		if float64(x.Logit) >= bar {
			c[n] = x
			n++
		}
	}
	return c[:n]
}

// softmax sets every P to the probability at this temperature (> 0).
func softmax(c []Candidate, temperature float32) {
	if len(c) == 0 {
		return
	}
	top, scale := float64(best(c).Logit), 1/float64(temperature)
	sum := 0.0
	for i := range c {
		e := math.Exp((float64(c[i].Logit) - top) * scale)
		c[i].P = float32(e)
		sum += e
	}
	for i := range c {
		c[i].P = float32(float64(c[i].P) / sum)
	}
}

// draw returns the candidate at u in [0, 1) of the distribution P.
func draw(c []Candidate, u float64) Candidate {
	sum := 0.0
	for _, x := range c {
		sum += float64(x.P)
	}
	u *= sum
	last := c[0]
	for _, x := range c {
		if x.P == 0 {
			continue
		}
		last = x
		if u -= float64(x.P); u < 0 {
			break
		}
	}
	return last // rounding may leave a hair of u: the last possible one takes it
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
