package cli

import (
	"math"
	"strings"
	"testing"
	"time"

	"lumi/llm"
	"lumi/llm/store"
)

func TestPrintableKeepsTheTerminalSafe(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"plain\ttext\n", "plain\ttext\n"},
		{"\x1b[31mred\x1b]0;title\a", "[31mred]0;title"},
		{"over\rwritten\b", "overwritten"},
		{"\u202eright to left\u2066", "right to left"},
		{"c1 \u009b31m", "c1 31m"},
		{"👩\u200d🚀 你好 é", "👩\u200d🚀 你好 é"},
	} {
		if got := printable(test.text); got != test.want {
			t.Errorf("printable(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func TestAnswerEndsItsLine(t *testing.T) {
	for _, test := range []struct {
		pieces []string
		want   string
	}{
		{nil, ""},
		{[]string{"a", "b"}, "ab\n"},
		{[]string{"a", "", "\n"}, "a\n"},
		{[]string{"\x1b[2J"}, "\x1b[2J\n"}, // a file gets every byte
	} {
		var b strings.Builder
		out := newAnswerWriter(&b)
		for _, p := range test.pieces {
			out.write(p)
		}
		out.end()
		if b.String() != test.want {
			t.Errorf("%q is written as %q, want %q", test.pieces, b.String(), test.want)
		}
	}
}

func TestAnswerKeepsTheFirstError(t *testing.T) {
	out := newAnswerWriter(brokenPipe{})
	out.write("a")
	out.write("b")
	out.end()
	if out.err != errPipe {
		t.Errorf("the error is %v, want %v", out.err, errPipe)
	}
}

func TestStatsLine(t *testing.T) {
	reply := llm.Reply{Reason: llm.StopContext, Stats: llm.Stats{
		PromptTokens: 30, Reused: 10, PromptTime: 100 * time.Millisecond,
		Tokens: 11, DecodeTime: 500 * time.Millisecond, FirstToken: 120 * time.Millisecond,
		ContextUsed: 41, ContextSize: 2048, Drafted: 12, Accepted: 7,
	}}
	want := "[11 tokens · 20.0 tok/s · prompt 30 tokens, 10 of them reused, 200.0 tok/s · first after 120 ms · 7 of 12 guesses right · context 41/2048] cut: the context is full"
	if got := statsLine(reply); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	want = "[0 tokens · prompt 0 tokens · context 0/0]"
	if got := statsLine(llm.Reply{Reason: llm.StopEnd}); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSizes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.00 KiB", 98362432: "93.81 MiB", 3822063616: "3.56 GiB",
		math.MaxInt64: "8.00 EiB",
	} {
		if got := bytesText(n); got != want {
			t.Errorf("bytesText(%d) = %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int64]string{7: "7", 260032: "260.03 K", 134515008: "134.52 M", 6738415616: "6.74 B"} {
		if got := countText(n); got != want {
			t.Errorf("countText(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestMeanStddev(t *testing.T) {
	for _, test := range []struct {
		values       []float64
		mean, stddev float64
	}{
		{nil, 0, 0},
		{[]float64{3}, 3, 0},
		{[]float64{2, 4, 4, 4, 5, 5, 7, 9}, 5, math.Sqrt(32.0 / 7)},
	} {
		mean, stddev := meanStddev(test.values)
		if math.Abs(mean-test.mean) > 1e-12 || math.Abs(stddev-test.stddev) > 1e-12 {
			t.Errorf("meanStddev(%v) = %v, %v, want %v, %v", test.values, mean, stddev, test.mean, test.stddev)
		}
	}
}

func TestPickPrefersTheClosestName(t *testing.T) {
	found := []store.Found{
		{Name: "Qwen2.5-0.5B", Path: "a/Qwen2.5-0.5B.gguf"},
		{Name: "Qwen2.5-0.5B-Coder", Path: "a/Qwen2.5-0.5B-Coder.gguf"},
		{Name: "SmolLM2-135M-Instruct.Q4_1", Path: "b/SmolLM2-135M-Instruct.Q4_1.gguf"},
	}
	for _, test := range []struct{ name, want, err string }{
		{"qwen2.5-0.5b", "a/Qwen2.5-0.5B.gguf", ""}, // the exact name, though it begins another's
		{"SMOL", "b/SmolLM2-135M-Instruct.Q4_1.gguf", ""},
		{"q4_1", "b/SmolLM2-135M-Instruct.Q4_1.gguf", ""},
		{"coder", "a/Qwen2.5-0.5B-Coder.gguf", ""},
		{"qwen", "", "could be any of these models"},
		{"llama", "", "no installed model"},
	} {
		got, err := pick(test.name, found)
		if got != test.want {
			t.Errorf("pick(%q) = %q, want %q", test.name, got, test.want)
		}
		if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("pick(%q) fails with %v, want %q", test.name, err, test.err)
		}
	}
	if _, err := pick("llama", nil); err == nil || !strings.Contains(err.Error(), "no model is installed") {
		t.Errorf("with no models pick fails with %v", err)
	}
}
