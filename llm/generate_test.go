package llm

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEventsAddUpToTheReply(t *testing.T) {
	m := openStories(t, 2)
	var text, answer strings.Builder
	events := 0
	r, err := m.Complete(t.Context(), "Once upon a time", greedy, func(e Event) {
		text.WriteString(e.Text)
		answer.WriteString(e.Answer)
		events++
	})
	if err != nil {
		t.Fatal(err)
	}
	if text.String() != r.Text {
		t.Errorf("events give %q, the reply %q", text.String(), r.Text)
	}
	if answer.String() != r.Text || r.Answer != r.Text || r.Thinking != "" {
		t.Errorf("the answer is %q and %q, the thinking %q, want all of %q to be answer", answer.String(), r.Answer, r.Thinking, r.Text)
	}
	if r.Reason != StopLength && r.Reason != StopEnd {
		t.Errorf("reason %q", r.Reason)
	}
	s := r.Stats
	if s.Tokens == 0 || events < s.Tokens || s.Rate() <= 0 || s.PromptRate() <= 0 || s.FirstToken <= 0 ||
		s.ContextUsed < s.PromptTokens || s.ContextSize != m.Info().Context {
		t.Errorf("statistics do not add up: %+v with %d events", s, events)
	}
}

func TestReasons(t *testing.T) {
	m := openStories(t, 2)
	run := func(change func(*Settings)) Reply {
		t.Helper()
		s := greedy()
		change(&s)
		return complete(t, m, "Once upon a time", s)
	}
	whole := run(func(s *Settings) { s.MaxTokens = 60 })
	if whole.Reason != StopLength || whole.Stats.Tokens != 60 {
		t.Errorf("60 tokens: reason %q after %d tokens", whole.Reason, whole.Stats.Tokens)
	}
	// A stop text that crosses token borders, cut exactly.
	at := len(whole.Text) / 2
	stop := whole.Text[at : at+7]
	cut := run(func(s *Settings) { s.MaxTokens, s.Stop = 60, []string{stop} })
	if want, _, _ := strings.Cut(whole.Text, stop); cut.Text != want || cut.Reason != StopText {
		t.Errorf("stop text %q: %q for %q, want %q", stop, cut.Reason, cut.Text, want)
	}
	if r := run(func(s *Settings) { s.MaxTokens = 0 }); r.Reason != StopEnd && r.Reason != StopContext {
		t.Errorf("no limit: reason %q", r.Reason)
	}
}

func TestContextFull(t *testing.T) {
	m, err := Open(t.Context(), stories(t), Options{Context: 32}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s := greedy()
	s.MaxTokens = 0
	r := complete(t, m, "Once upon a time", s)
	if r.Reason != StopContext {
		t.Errorf("reason %q after %d tokens in a context of 32", r.Reason, r.Stats.Tokens)
	}
	_, err = m.Complete(t.Context(), strings.Repeat("Once upon a time ", 20), greedy, nil)
	if long := (*PromptTooLongError)(nil); !errors.As(err, &long) || long.Context != 32 {
		t.Errorf("long prompt: error %v", err)
	}
}

func TestSettingsCountFromNextToken(t *testing.T) {
	m := openStories(t, 2)
	n := 0
	set := func() Settings { s := greedy(); s.MaxTokens = n; return s }
	n = 1000
	r, err := m.Complete(t.Context(), "Once upon a time", set, func(e Event) {
		if e.Stats.Tokens == 10 {
			n = 11
		}
	})
	if err != nil || r.Stats.Tokens != 11 {
		t.Errorf("%d tokens, %v; the limit was lowered to 11 at the tenth", r.Stats.Tokens, err)
	}
}

// TestStop cancels at many places; what was generated is kept.
func TestStop(t *testing.T) {
	m := openStories(t, 2)
	for at := range 30 {
		ctx, cancel := context.WithCancel(t.Context())
		var text strings.Builder
		r, err := m.Complete(ctx, "Once upon a time", greedy, func(e Event) {
			text.WriteString(e.Text)
			if e.Stats.Tokens == at {
				cancel()
			}
		})
		cancel()
		if err != nil || r.Reason != StopUser || r.Text != text.String() {
			t.Fatalf("cancelled at token %d: %q, reason %q, %v", at, r.Text, r.Reason, err)
		}
	}
	if r := complete(t, m, "Once upon a time", greedy()); r.Reason == StopUser {
		t.Error("the next answer is stopped too")
	}
}

func TestCloseAndOpenErrors(t *testing.T) {
	m := openStories(t, 1)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Complete(t.Context(), "x", greedy, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("closed model: %v", err)
	}
	if _, err := Open(t.Context(), "no/such.gguf", Options{}, nil); err == nil || !strings.Contains(err.Error(), "no/such.gguf") {
		t.Errorf("missing file: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, stories(t), Options{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled load: %v", err)
	}
}

// TestAnswersTakeTurns starts two answers at once on one model.
func TestAnswersTakeTurns(t *testing.T) {
	m := openStories(t, 2)
	want := complete(t, m, "Once upon a time", greedy()).Text
	results := make(chan string, 2)
	for range 2 {
		go func() {
			r, err := m.Complete(t.Context(), "Once upon a time", greedy, nil)
			if err != nil {
				r.Text = err.Error()
			}
			results <- r.Text
		}()
	}
	for range 2 {
		select {
		case got := <-results:
			if got != want {
				t.Errorf("%q, want %q", got, want)
			}
		case <-time.After(time.Minute):
			t.Fatal("an answer did not come")
		}
	}
}

func TestStopperHoldsBack(t *testing.T) {
	const text = "one two STOP three"
	for split := range text {
		s := newStopper([]string{"STOP", "STOMP", ""})
		shown := s.push(text[:split])
		shown += s.push(text[split:])
		tail, whole := s.rest("")
		if shown+tail != "one two " || whole != "one two " || !s.stopped {
			t.Errorf("split at %d: shown %q, whole %q", split, shown+tail, whole)
		}
	}
	s := newStopper([]string{"STOP"})
	if got := s.push("a STO"); got != "a " {
		t.Errorf("shown %q while a stop text may come", got)
	}
	if tail, whole := s.rest(""); tail != "STO" || whole != "a STO" {
		t.Errorf("end: %q, %q", tail, whole)
	}
}
