package llm

import (
	"context"
	"errors"
	"strings"
	"time"

	"lumi/accel"
	"lumi/llm/grammar"
	"lumi/llm/sample"
	"lumi/llm/tokenizer"
)

// prefillStep is how many prompt tokens are processed between two progress
// events.
const prefillStep = 256

// generation is one running answer.
type generation struct {
	m        *Model
	study    Study
	uniform  *sample.Uniform // instead of the chain, if the study asks for it
	settings func() Settings
	emit     func(Event)
	start    time.Time
	stats    Stats
	out      *stopper
	decoder  *tokenizer.Decoder
	thought  *Thought
	thinking strings.Builder
	answer   strings.Builder
	guess    guesses
	form     *grammar.Matcher // what the answer is held to, nil for nothing
	breakers []string         // those that the chain has, nil before it has any
}

// generate prefills ids, as far as the KV cache does not hold them already,
// and continues them. The texts of stops end the answer, like those of the
// settings; prompt is the text of ids and ends with begun, what there is of the
// answer already. The caller holds the model.
func (m *Model) generate(ctx context.Context, prompt, begun string, ids []int32, stops []string, study Study, settings func() Settings, emit func(Event)) (Reply, error) {
	g := &generation{m: m, study: study, settings: settings, emit: emit, start: time.Now(), thought: NewThought(strings.TrimSuffix(prompt, begun))}
	g.thought.Push(begun)
	if g.emit == nil {
		g.emit = func(Event) {}
	}
	g.stats.ContextSize = m.info.Context
	g.stats.PromptTokens = len(ids)
	if len(ids) >= m.info.Context {
		return Reply{}, &PromptTooLongError{len(ids), m.info.Context}
	}
	if len(ids) == 0 {
		return Reply{}, errors.New("the prompt is empty: there is nothing to continue")
	}
	first := settings()
	g.out = newStopper(append(append([]string(nil), first.Stop...), stops...))
	g.decoder = m.tok.NewDecoder(true)
	m.chain.Reset(first.Seed)
	seed := m.chain.Seed()
	if study.Uniform {
		g.uniform = sample.NewUniform(m.info.Vocabulary, seed)
	}
	if err := g.hold(first); err != nil {
		return Reply{}, err
	}

	logits, err := g.prefill(ctx, ids)
	reason := StopUser
	if err == nil {
		reason, err = g.decode(ctx, logits)
	}
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		reason, err = StopUser, nil
	}
	if drop := g.dropGuesses(); err == nil {
		err = drop
	}
	g.stats.ContextUsed = m.session.Len()
	tail, whole := g.out.rest(g.decoder.Flush())
	if tail != "" {
		g.say(tail)
	}
	if thinking, answer := g.thought.Flush(); thinking+answer != "" {
		g.part(Event{Thinking: thinking, Answer: answer, Stats: g.stats, Prefilled: g.stats.PromptTokens})
	}
	if g.out.stopped {
		reason = StopText
	}
	return Reply{
		Text: whole, Thinking: g.thinking.String(), Answer: g.answer.String(),
		Reason: reason, Seed: seed, Stats: g.stats,
	}, err
}

// say reports new text of the answer.
func (g *generation) say(text string) {
	thinking, answer := g.thought.Push(text)
	g.part(Event{Text: text, Thinking: thinking, Answer: answer, Stats: g.stats, Prefilled: g.stats.PromptTokens})
}

// part reports an event and gathers its parts of the answer.
func (g *generation) part(e Event) {
	g.thinking.WriteString(e.Thinking)
	g.answer.WriteString(e.Answer)
	g.emit(e)
}

// prefill brings the KV cache to ids and returns the last one's logits.
func (g *generation) prefill(ctx context.Context, ids []int32) ([]float32, error) {
	m := g.m
	// The last token is always run, because its logits are not kept.
	keep := min(commonPrefix(m.held, ids), len(ids)-1)
	step := prefillStep
	switch {
	case m.unmasked: // every token looks at all others, so they go together
		keep, step = 0, len(ids)
	case g.study.NoCache:
		keep = 0
	}
	if g.study.OneByOne {
		step = 1
	}
	if err := m.session.Truncate(keep); err != nil {
		return nil, err
	}
	m.held = m.held[:keep]
	g.stats.Reused = keep
	for _, id := range ids[:keep] {
		m.chain.Accept(id)
	}
	var logits []float32
	for at := keep; at < len(ids); {
		end := min(len(ids), at+step)
		want := accel.WantNone
		if end == len(ids) {
			want = accel.WantLast
		}
		var err error
		if logits, err = m.forward(ctx, ids[at:end], want); err != nil {
			return nil, err
		}
		for _, id := range ids[at:end] {
			m.chain.Accept(id)
		}
		at = end
		g.stats.PromptTime = time.Since(g.start)
		g.stats.ContextUsed = m.session.Len()
		g.emit(Event{Stats: g.stats, Prefilled: at})
	}
	return logits, nil
}

// decode generates tokens until one of the reasons to end appears.
func (g *generation) decode(ctx context.Context, logits []float32) (string, error) {
	m := g.m
	var firstAt time.Time
	for {
		set := g.settings()
		g.apply(set)
		id, err := g.pick(logits, set.Settings)
		if err != nil {
			return "", m.located(ctx, g.unpickable(err))
		}
		if m.tok.IsEOG(id) {
			return StopEnd, nil
		}
		g.stats.Tokens++
		if firstAt.IsZero() {
			firstAt = time.Now()
			g.stats.FirstToken = firstAt.Sub(g.start)
		}
		g.stats.DecodeTime = time.Since(firstAt)
		g.stats.ContextUsed = g.used()
		g.say(g.out.push(g.decoded(id)))
		if g.out.stopped {
			return StopText, nil
		}
		if finished, err := g.accept(id); finished || err != nil {
			return StopEnd, err
		}
		if set.MaxTokens > 0 && g.stats.Tokens >= set.MaxTokens {
			return StopLength, nil
		}
		if g.full() {
			return StopLength, nil
		}
		if g.used() >= m.info.Context {
			return StopContext, nil
		}
		m.chain.Accept(id)
		if logits, err = g.next(ctx, id, set.Lookup); err != nil {
			return StopUser, err
		}
	}
}

// used is the number of tokens in the KV cache that are no guesses.
func (g *generation) used() int { return g.m.session.Len() - len(g.guess.tokens) }

// forward runs tokens and keeps account of what the KV cache holds.
func (m *Model) forward(ctx context.Context, ids []int32, want accel.Want) ([]float32, error) {
	logits, err := m.session.Forward(ctx, ids, want)
	if err != nil {
		if errors.Is(err, accel.ErrFault) {
			return nil, &FileError{m.info.Path, err}
		}
		return nil, err
	}
	m.held = append(m.held, ids...)
	return logits, nil
}

func commonPrefix(a, b []int32) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// Eval runs ids as they are and returns the logits of the last one and the
// next n ids at temperature 0. Nothing is added, and nothing ends early.
func (m *Model) Eval(ctx context.Context, ids []int32, n int) (logits []float32, greedy []int32, err error) {
	if err := m.take(ctx); err != nil {
		return nil, nil, err
	}
	defer m.giveBack()
	if err := m.rewind(); err != nil {
		return nil, nil, err
	}
	if len(ids)+n > m.info.Context {
		return nil, nil, &PromptTooLongError{len(ids) + n, m.info.Context}
	}
	m.chain.Set(sample.Settings{TopP: 1, RepeatPenalty: 1}) // temperature 0
	m.chain.SetBias(nil)
	m.chain.Constrain(nil)
	last, err := m.forward(ctx, ids, accel.WantLast)
	if err != nil {
		return nil, nil, err
	}
	logits = append([]float32(nil), last...)
	for range n {
		id, err := m.chain.Pick(last)
		if err != nil {
			return logits, greedy, m.located(ctx, err)
		}
		greedy = append(greedy, id)
		m.batch = append(m.batch[:0], id)
		if last, err = m.forward(ctx, m.batch, accel.WantLast); err != nil {
			return logits, greedy, err
		}
	}
	return logits, greedy, nil
}
