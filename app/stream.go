package app

import (
	"context"
	"sync"
	"time"

	"lumi/llm"
)

// autosave is how often a growing answer is written to disk, so that at most
// this much of it is lost to a crash.
const autosave = time.Second

// portion is what the window is told about a running answer in one frame.
type portion struct {
	Text      string // what is new since the last portion, as generated
	Thinking  string // what of it is thinking,
	Answer    string // and what is answer
	Thought   thoughts
	Stats     llm.Stats // so far
	Prefilled int       // prompt tokens processed
	Rate      float64   // tokens/s over about the last second, 0 if unknown
}

// stream gathers an answer in the engine's goroutine and hands it on in
// portions, so that a token costs the engine a lock and an append and the
// window does the same work at 20 as at 2,000 tokens per second.
type stream struct {
	now func() time.Time

	mu   sync.Mutex
	text growing
	// thinking and answer are the parts of text that are clear.
	thinking, answer growing
	thought          thoughts
	began            time.Time // the thinking
	last             llm.Event
	meter            meter
	changed          bool
}

// emit takes one event of the engine.
func (s *stream) emit(e llm.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.WriteString(e.Text)
	s.thinking.WriteString(e.Thinking)
	s.answer.WriteString(e.Answer)
	s.think(e)
	if e.Stats.Tokens > s.last.Stats.Tokens {
		s.meter.add(s.now(), e.Stats.Tokens)
	}
	s.last = e
	s.changed = true
}

// take returns what came since the last call; ok is false if nothing did.
func (s *stream) take() (p portion, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.changed {
		return portion{}, false
	}
	s.changed = false
	p = portion{
		Text:      s.text.take(),
		Thinking:  s.thinking.take(),
		Answer:    s.answer.take(),
		Thought:   s.thought,
		Stats:     s.last.Stats,
		Prefilled: s.last.Prefilled,
		Rate:      s.meter.rate(s.now()),
	}
	return p, true
}

// whole returns the answer so far.
func (s *stream) whole() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// reply is what there is of the answer, for when the engine gave none.
func (s *stream) reply() llm.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	return llm.Reply{Text: s.text.String(), Thinking: s.thinking.String(), Answer: s.answer.String(), Stats: s.last.Stats}
}

// measured are the measurements of the thinking so far.
func (s *stream) measured() thoughts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.thought
}

// saveWhileGrowing calls save with the answer so far, about once a second and
// only when it has grown, until ctx is done. It runs beside the pump so that a
// slow disk never holds up the window.
func saveWhileGrowing(ctx context.Context, s *stream, save func(text string)) {
	tick := time.NewTicker(autosave)
	defer tick.Stop()
	saved := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if text := s.whole(); len(text) > saved {
			saved = len(text)
			save(text)
		}
	}
}

// meter measures a speed over about the last second. Older samples are dropped
// one by one, so the value moves smoothly instead of jumping when a window
// closes; at least two samples stay, so that slow models have a speed too.
type meter struct {
	samples []sampleCount
}

type sampleCount struct {
	at     time.Time
	tokens int
}

func (m *meter) add(at time.Time, tokens int) {
	m.samples = append(m.samples, sampleCount{at, tokens})
	old := at.Add(-time.Second)
	drop := 0
	for len(m.samples)-drop > 2 && m.samples[drop+1].at.Before(old) {
		drop++
	}
	m.samples = append(m.samples[:0], m.samples[drop:]...)
}

// rate returns tokens per second. When tokens stop coming the rate falls with
// the time that passes instead of standing still at its last value.
func (m *meter) rate(now time.Time) float64 {
	n := len(m.samples)
	if n < 2 {
		return 0
	}
	first, last := m.samples[0], m.samples[n-1]
	span := last.at.Sub(first.at)
	usual := span / time.Duration(last.tokens-first.tokens)
	if late := now.Sub(last.at); late > 2*usual {
		span += late
	}
	if span <= 0 {
		return 0
	}
	return float64(last.tokens-first.tokens) / span.Seconds()
}
