package llm

import (
	"math"
	"strings"
	"testing"
)

// TestPerplexity compares with a sum over one-token steps, and sees that a
// story is foreseen better than its words in reverse.
func TestPerplexity(t *testing.T) {
	m := openStories(t, 2)
	text := strings.Repeat("Once upon a time, there was a little girl named Lily. She loved to play outside in the park. ", 8)
	windows := 0
	p, err := m.Perplexity(t.Context(), text, 64, func(Perplexity) { windows++ })
	if err != nil {
		t.Fatal(err)
	}
	if windows != p.Total || p.Windows != p.Total || p.Tokens != p.Total*31 {
		t.Errorf("%d reports; %+v", windows, p)
	}
	words := strings.Fields(text)
	for i, j := 0, len(words)-1; i < j; i, j = i+1, j-1 {
		words[i], words[j] = words[j], words[i]
	}
	back, err := m.Perplexity(t.Context(), strings.Join(words, " "), 64, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !(p.PPL > 1 && 2*p.PPL < back.PPL) {
		t.Errorf("perplexity %g of a story and %g of its words in reverse", p.PPL, back.PPL)
	}

	window := m.randomIDs(16)
	got, err := m.losses(t.Context(), window)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		logits, _, err := m.Eval(t.Context(), window[:9+i], 0)
		if err != nil {
			t.Fatal(err)
		}
		if want := logSumExp(logits) - float64(logits[window[9+i]]); math.Abs(got[i]-want) > 1e-9 {
			t.Errorf("loss %d is %g, want %g", i, got[i], want)
		}
	}
	for _, bad := range []struct {
		text string
		size int
	}{{"short", 512}, {text, 2}, {text, 1 << 30}} {
		if _, err := m.Perplexity(t.Context(), bad.text, bad.size, nil); err == nil {
			t.Errorf("a window of %d tokens in a text of %d bytes is accepted", bad.size, len(bad.text))
		}
	}
}
