package llm

import (
	"context"
	"slices"

	"lumi/accel"
)

// Prompt lookup (Saxena, 2023) guesses the next tokens by what followed the
// latest tokens the last time they occurred, in the prompt or in the answer.
// The guesses are run together with the token that is known; those that the
// sampler then picks itself cost no further pass. Since results do not depend
// on how tokens are batched, the answer is the same with and without it.

// lookupSizes are the numbers of latest tokens that are looked for.
var lookupSizes = [...]int{4, 3, 2}

// lookup returns up to n tokens that followed the most recent earlier
// occurrence of the end of held, as a part of held.
func lookup(held []int32, n int) []int32 {
	for _, size := range lookupSizes {
		if len(held) <= size {
			continue
		}
		end := held[len(held)-size:]
		for at := len(held) - size - 1; at >= 0; at-- {
			if slices.Equal(held[at:at+size], end) {
				after := held[at+size:]
				return after[:min(n, len(after))]
			}
		}
	}
	return nil
}

// guesses are tokens that the KV cache holds on trial.
type guesses struct {
	tokens []int32   // not yet confirmed, in order
	logits []float32 // after each of them, one row each
}

// next returns the logits after id, the token just picked. It runs id, with
// guesses of what follows when the settings ask for them, unless id was
// guessed right.
func (g *generation) next(ctx context.Context, id int32, draft int) ([]float32, error) {
	if g.study.NoCache {
		return g.repeat(ctx, id)
	}
	m, vocab := g.m, g.m.info.Vocabulary
	if len(g.guess.tokens) > 0 && g.guess.tokens[0] == id {
		logits := g.guess.logits[:vocab]
		g.guess.tokens, g.guess.logits = g.guess.tokens[1:], g.guess.logits[vocab:]
		g.stats.Accepted++
		return logits, nil
	}
	if err := g.dropGuesses(); err != nil {
		return nil, err
	}
	m.batch = append(m.batch[:0], id)
	if draft = min(draft, m.room()-1); draft > 0 {
		m.batch = append(m.batch, lookup(append(m.held, id), draft)...)
	}
	if len(m.batch) == 1 {
		return m.forward(ctx, m.batch, accel.WantLast)
	}
	logits, err := m.forward(ctx, m.batch, accel.WantAll)
	if err != nil {
		return nil, err
	}
	g.guess = guesses{m.batch[1:], logits[vocab:]}
	g.stats.Drafted += len(g.guess.tokens)
	return logits[:vocab], nil
}

// room is how many tokens can be run together now with the results that they
// have one by one.
func (m *Model) room() int {
	n := m.session.Len()
	if n < m.shortLimit { // beyond, all of the sequence has other angles
		return min(m.shortLimit, m.info.Context) - n
	}
	return m.info.Context - n
}

// dropGuesses takes what was guessed wrong out of the KV cache.
func (g *generation) dropGuesses() error {
	m := g.m
	keep := len(m.held) - len(g.guess.tokens)
	g.guess = guesses{}
	m.held = m.held[:keep]
	return m.session.Truncate(keep)
}
