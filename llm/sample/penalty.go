package sample

import "math"

// note works out, for the tokens that bias or history concern, what that does
// to their logits.
func (c *Chain) note(logits []float32) {
	if c.round++; c.round == 0 { // wrapped: marks of old rounds would count again
		clear(c.mark)
		c.round = 1
	}
	c.noted = c.noted[:0]
	for _, b := range c.bias {
		if b.Token >= 0 && int(b.Token) < len(c.mark) {
			c.noteOf(b.Token, logits)
		}
	}
	// Bias comes first, so that it can be added before the penalties' notes.
	for _, b := range c.bias {
		if b.Token >= 0 && int(b.Token) < len(c.mark) {
			n := &c.notes[b.Token]
			n.logit = addBias(n.logit, b.Value)
		}
	}
	if c.set.active(penalties) {
		for i := 1; i <= min(c.count, c.set.RepeatWindow); i++ {
			c.noteOf(c.latest(i), logits).count++
		}
	}
	if c.set.active(dry) {
		c.noteRepeats(logits)
	}
	for _, st := range c.plan.head.list() {
		for _, id := range c.noted {
			n := &c.notes[id]
			if n.logit-n.logit == 0 {
				n.logit = finite(c.penalise(st, n.logit, n))
			}
		}
	}
}

// noteOf is the token's note of this round.
func (c *Chain) noteOf(id int32, logits []float32) *note {
	n := &c.notes[id]
	if c.mark[id] != c.round {
		c.mark[id] = c.round
		c.noted = append(c.noted, id)
		*n = note{logit: logits[id]}
	}
	return n
}

// latest is the i-th token of the history counted from the newest, which is 1.
func (c *Chain) latest(i int) int32 {
	at := c.next - i
	if at < 0 {
		at += len(c.ring)
	}
	return c.ring[at]
}

// addBias adds to a logit that may be no number; −Inf rules the token out.
func addBias(logit, bias float32) float32 {
	switch {
	case logit-logit != 0 || bias != bias:
		return logit
	case bias <= Never:
		return float32(math.Inf(-1))
	}
	return finite(logit + bias)
}

func finite(logit float32) float32 {
	return min(max(logit, -math.MaxFloat32), math.MaxFloat32)
}

// penalise lowers the logit of a token that occurred.
func (c *Chain) penalise(st stage, logit float32, n *note) float32 {
	s := &c.set
	switch {
	case st == penalties && n.count > 0:
		logit = finite(repeated(logit, s.RepeatPenalty))
		return logit - s.PresencePenalty - float32(n.count)*s.FrequencyPenalty
	case st == dry && n.repeat > 0:
		return logit - dryPenalty(int(n.repeat), s.DRYAllowedLength, s.DRYMultiplier, s.DRYBase)
	}
	return logit
}

// repeated divides positive logits by the penalty and multiplies negative
// ones, so that both move down (Keskar et al., "CTRL", arXiv:1909.05858,
// section 4.1, with the sign case that formula lacks). The presence and
// frequency penalties are then subtracted, as in OpenAI's API reference: one
// once, the other for every occurrence.
func repeated(logit, penalty float32) float32 {
	if logit > 0 {
		return logit / penalty
	}
	return logit * penalty
}

// dryPenalty is multiplier·base^(length − allowed) for a token that would
// prolong a repetition of length tokens, 0 for one shorter than allowed
// (p-e-w, "DRY: A modern repetition penalty", text-generation-webui pull
// request 5677).
func dryPenalty(length, allowed int, multiplier, base float32) float32 {
	if length < allowed {
		return 0
	}
	p := float64(multiplier) * math.Pow(float64(base), float64(length-allowed))
	return float32(min(p, math.MaxFloat32))
}

// noteRepeats notes for every token how long a repetition it would prolong:
// the longest end of the history that stands earlier in the history with that
// token after it. Neither the repetition nor the token may be a breaker.
//
// With the history written newest first as s, the repetition whose newest
// token is s[k] is as long as the longest common prefix of s and s[k:], which
// the Z-algorithm finds for all k in linear time (Gusfield, "Algorithms on
// Strings, Trees, and Sequences", section 1.4).
func (c *Chain) noteRepeats(logits []float32) {
	n := c.count
	if c.set.DRYWindow > 0 {
		n = min(n, c.set.DRYWindow)
	}
	s := c.recent[:n]
	limit := -1 // where the first breaker is
	for i := range s {
		s[i] = c.latest(i + 1)
		if limit < 0 && c.breaks(s[i]) {
			limit = i
		}
	}
	if limit < 0 {
		limit = n
	}
	if limit < c.set.DRYAllowedLength {
		return
	}
	z := c.matches[:n]
	left, right := 0, 0 // s[left:right] is the match that reaches furthest
	for k := 1; k < n; k++ {
		length := 0
		if k < right {
			length = min(int(z[k-left]), right-k)
		}
		for k+length < n && s[length] == s[k+length] {
			length++
		}
		if k+length > right {
			left, right = k, k+length
		}
		z[k] = int32(length)
		if length = min(length, limit); length >= c.set.DRYAllowedLength && !c.breaks(s[k-1]) {
			t := c.noteOf(s[k-1], logits)
			t.repeat = max(t.repeat, int32(length))
		}
	}
}

// breaks reports whether a token ends a sequence.
func (c *Chain) breaks(id int32) bool { return c.breakers[id/64]>>(id%64)&1 != 0 }
