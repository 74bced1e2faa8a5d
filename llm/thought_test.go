package llm

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSplitThought(t *testing.T) {
	for _, c := range []struct{ text, thinking, answer string }{
		{"", "", ""},
		{"Hello", "", "Hello"},
		{" \n Hello", "", " \n Hello"},
		{"<think>\nhm, <b>\n</think>\n\nYes.", "hm, <b>", "Yes."},
		{"\n<think>hm</think>Yes </think> no", "hm", "Yes </think> no"},
		{"<think>\n\n</think>\n\nYes.", "", "Yes."},
		{"<think>cut sh", "cut sh", ""},
		{"<think>cut sh </thi", "cut sh </thi", ""},
		{"<think> ", "", ""},
		{"<thin", "", "<thin"},
		{"<thinking>a</think>b</thinking>c", "a</think>b", "c"},
		{"[THINK]a[/THINK]b", "a", "b"},
		{"I say <think> loud", "", "I say <think> loud"},
		{"begun in the prompt\n</think>\nYes.", "begun in the prompt", "Yes."},
	} {
		if thinking, answer := SplitThought(c.text); thinking != c.thinking || answer != c.answer {
			t.Errorf("%q: %q, %q, want %q, %q", c.text, thinking, answer, c.thinking, c.answer)
		}
	}
}

// TestThoughtInPieces cuts texts anywhere: the parts must not change, also
// where the prompt has begun the thinking.
func TestThoughtInPieces(t *testing.T) {
	push := func(t *Thought, pieces ...string) (thinking, answer string) {
		for _, p := range pieces {
			a, b := t.Push(p)
			thinking, answer = thinking+a, answer+b
		}
		a, b := t.Flush()
		return thinking + a, answer + b
	}
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"<think>", "</think>", "</thinking>", "<thin", "k>", "</", "\n", " ", "é", "x", "[THINK]", "[/THINK]"})).Draw(t, "parts")
		prompt := rapid.SampledFrom([]string{"", "<|im_start|>assistant\n<think>\n"}).Draw(t, "prompt")
		text := strings.Join(parts, "")
		thinking, answer := push(NewThought(prompt), text)
		var pieces []string
		for rest := text; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "cut")
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		if a, b := push(NewThought(prompt), pieces...); a != thinking || b != answer {
			t.Fatalf("%q: %q, %q, want %q, %q", pieces, a, b, thinking, answer)
		}
	})
	if thinking, answer := push(NewThought("<think>\n"), "a\n</thi", "nk>\n", "b"); thinking != "a" || answer != "b" {
		t.Errorf("begun in the prompt: %q, %q", thinking, answer)
	}
}
