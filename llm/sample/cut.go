package sample

import (
	"math"
	"slices"
)

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
	return atLeast(c, float64(best(c).Logit)+math.Log(float64(p)))
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

// topNSigma keeps the candidates whose logit is at least the best one's less n
// standard deviations of all candidates' logits (Tang et al., "Top-nσ: Not All
// Logits Are You Need", arXiv:2411.07641, algorithm 1).
func topNSigma(c []Candidate, n float32) []Candidate {
	sum := 0.0
	for _, x := range c {
		sum += float64(x.Logit)
	}
	mean, squares := sum/float64(len(c)), 0.0
	for _, x := range c {
		d := float64(x.Logit) - mean
		squares += d * d
	}
	return atLeast(c, float64(best(c).Logit)-float64(n)*math.Sqrt(squares/float64(len(c))))
}

// atLeast keeps the candidates with this logit or more.
func atLeast(c []Candidate, bar float64) []Candidate {
	n := 0
	for _, x := range c {
		if float64(x.Logit) >= bar {
			c[n] = x
			n++
		}
	}
	return c[:n]
}

// typical keeps the smallest set of candidates with a mass of at least p whose
// surprise −ln P is nearest to the entropy of all (Meister et al., "Locally
// Typical Sampling", arXiv:2202.00666, section 4). P is set.
//
// As ln P = l − ln Σe^l, that distance is the one of the logit l from one
// point. Nearest to a point is what topP can select once the distances,
// negative, stand in the logits' place.
func (c *Chain) typical(list []Candidate, p float32) []Candidate {
	b := best(list)
	point := float64(b.Logit) - math.Log(float64(b.P)) - entropy(list)
	for i, x := range list {
		c.notes[x.ID].held = x.Logit
		list[i].Logit = float32(-math.Abs(float64(x.Logit) - point))
	}
	kept := topP(list, p)
	for i, x := range kept {
		kept[i].Logit = c.notes[x.ID].held
	}
	return kept
}

// entropy is that of the probabilities P, in nats.
func entropy(c []Candidate) float64 {
	h := 0.0
	for _, x := range c {
		if x.P > 0 {
			h -= float64(x.P) * math.Log(float64(x.P))
		}
	}
	return h
}

// xtc removes all candidates with a probability P of at least the threshold
// but the least likely of them, if there are several (p-e-w, "Exclude Top
// Choices", text-generation-webui pull request 6335).
func xtc(c []Candidate, threshold float32) []Candidate {
	var keep Candidate
	top := 0
	for _, x := range c {
		if x.P >= threshold {
			if top == 0 || before(keep, x) {
				keep = x
			}
			top++
		}
	}
	if top < 2 {
		return c
	}
	n := 0
	for _, x := range c {
		if x.P < threshold || x.ID == keep.ID {
			c[n] = x
			n++
		}
	}
	return c[:n]
}

// dynamic is the temperature for these candidates. With a range it follows the
// entropy H of their distribution: with n candidates, and low and high the
// temperature less and plus the range, it is
// low + (high − low)·(H / ln n)^exponent
// (kalomaze's "Dynamic Temperature", in the form that llama.cpp has it).
func (s *Settings) dynamic(c []Candidate) float32 {
	if s.DynatempRange == 0 || len(c) < 2 {
		return s.Temperature
	}
	low, high := max(0, s.Temperature-s.DynatempRange), s.Temperature+s.DynatempRange
	softmax(c, 1)
	share := min(entropy(c)/math.Log(float64(len(c))), 1)
	return low + (high-low)*float32(math.Pow(share, float64(s.DynatempExponent)))
}

// temper divides the logits by the temperature. One near 0, which would make
// all of them infinite, leaves only the best.
func temper(c []Candidate, temperature float32) []Candidate {
	if temperature < 1e-6 {
		c[0] = best(c)
		return c[:1]
	}
	for i := range c {
		c[i].Logit = finite(c[i].Logit / temperature)
	}
	return c
}

// surpriseOf is −log2 P, in bits.
func surpriseOf(x Candidate) float64 { return -math.Log2(float64(x.P)) }

// cutSurprise keeps the candidates whose surprise is at most mu bits, never
// less than the best: the truncation of mirostat 2 (Basu et al., "Mirostat: A
// Neural Text Decoding Algorithm that Directly Controls Perplexity",
// arXiv:2007.14966, algorithm 2). The surprise that mu is then corrected by is
// that of the token under the model's own distribution, as in the paper;
// llama.cpp takes it after the cut.
func cutSurprise(c []Candidate, mu float64) []Candidate {
	first, n := best(c), 0
	for _, x := range c {
		if surpriseOf(x) <= mu {
			c[n] = x
			n++
		}
	}
	if n == 0 {
		c[0], n = first, 1
	}
	return c[:n]
}
