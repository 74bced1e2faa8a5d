package app

import (
	"math"
	"testing"
	"time"

	"lumi/llm"
)

func TestNumbers(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{byteSize(-1), "?"},
		{byteSize(999), "999 B"},
		{byteSize(98_500_000), "98 MB"},
		{byteSize(4_920_000_000), "4.9 GB"},
		{speed(0), "–"},
		{speed(-3), "–"},
		{speed(3.14159), "3.14"},
		{speed(71.44), "71.4"},
		{speed(1234.5), "1234"},
		{seconds(120 * time.Millisecond), "0.12 s"},
		{seconds(0), "–"},
		{seconds(90 * time.Second), "1 min 30 s"},
		{plural(1, "{{.N}} tokens"), "1 token"},
		{plural(2, "{{.N}} tokens"), "2 tokens"},
		{plural(0, "{{.N}} tokens"), "0 tokens"},
		{sentence("the file is cut"), "The file is cut."},
		{sentence("a.gguf: no such file"), "a.gguf: no such file."},
		{modelName("/m/SmolLM2-135M.Q4_1.gguf", "Q4_1"), "SmolLM2-135M"},
		{modelName("/m/Q4_1.gguf", "Q4_1"), "Q4_1"},
		{modelName("/m/model.gguf", ""), "model"},
		{cutMiddle("abcdefghijkl", 7), "abcd…kl"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

func TestFooter(t *testing.T) {
	m := message{reason: llm.StopEnd, timings: timings{
		Stats: llm.Stats{Tokens: 214, DecodeTime: 3 * time.Second, FirstToken: 120 * time.Millisecond},
	}}
	if got, want := m.footer(), "214 tokens · 71.0 tok/s · first after 0.12 s"; got != want {
		t.Errorf("footer %q, want %q", got, want)
	}
	m = message{reason: llm.StopUser}
	if got, want := m.footer(), "stopped"; got != want {
		t.Errorf("footer %q, want %q", got, want)
	}
}

func TestMeter(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var m meter
	if m.rate(start) != 0 {
		t.Error("a meter without samples has a speed")
	}
	at := start
	for i := 1; i <= 200; i++ { // 50 tokens/s for four seconds
		m.add(at, i)
		at = at.Add(20 * time.Millisecond)
	}
	last := at.Add(-20 * time.Millisecond)
	if got := m.rate(last); math.Abs(got-50) > 0.01 {
		t.Errorf("rate %v, want 50", got)
	}
	if n := len(m.samples); n > 55 {
		t.Errorf("%d samples are kept for one second of 50", n)
	}
	if got := m.rate(last.Add(9 * time.Second)); got > 6 {
		t.Errorf("nine seconds after the last token the rate is still %v", got)
	}
	m.add(last, 201) // a clock that stands still
	if got := m.rate(last); math.IsInf(got, 0) || math.IsNaN(got) || got < 0 {
		t.Errorf("rate %v", got)
	}
	var slow meter // one token in four seconds
	slow.add(start, 1)
	slow.add(start.Add(4*time.Second), 2)
	if got := slow.rate(start.Add(4 * time.Second)); math.Abs(got-0.25) > 0.001 {
		t.Errorf("slow rate %v, want 0.25", got)
	}
	var back meter // a clock that jumps back
	back.add(start, 1)
	back.add(start.Add(-time.Hour), 2)
	if got := back.rate(start.Add(-time.Hour)); got != 0 {
		t.Errorf("rate %v after a clock that jumped back, want none", got)
	}
}

// The readout tells new prompt tokens from those that the KV cache held.
func TestPromptText(t *testing.T) {
	st := llm.Stats{PromptTokens: 799, Reused: 776, PromptTime: 100 * time.Millisecond, Tokens: 5}
	for _, tc := range []struct {
		state          readoutState
		prompt, reused string
	}{
		{readoutState{}, "–", "–"},
		{readoutState{Running: true, Prefilled: 788, Stats: llm.Stats{PromptTokens: 799, Reused: 776}}, "788 / 799", "776 tokens"},
		{readoutState{Known: true, Stats: st}, "23 new · 230 tok/s", "776 tokens"},
		{readoutState{Known: true, Stats: llm.Stats{PromptTokens: 9}}, "9 new", "0 tokens"},
	} {
		if got := promptText(tc.state); got != tc.prompt {
			t.Errorf("prompt of %+v: %q, want %q", tc.state, got, tc.prompt)
		}
		if got := reusedText(tc.state.Stats); got != tc.reused {
			t.Errorf("re-used of %+v: %q, want %q", tc.state, got, tc.reused)
		}
	}
}
