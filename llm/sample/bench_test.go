package sample_test

import (
	"testing"

	"lumi/llm/sample"
)

func BenchmarkPick(b *testing.B) {
	for _, bc := range []struct {
		name  string
		vocab int
		set   sample.Settings
	}{
		{"default/50k", 50_000, sample.Defaults()},
		{"default/128k", 128_000, sample.Defaults()},
		{"greedy/50k", 50_000, sample.Settings{RepeatPenalty: 1}},
		{"top-p only/50k", 50_000, sample.Settings{Temperature: 0.8, TopP: 0.95, RepeatPenalty: 1}},
		{"typical only/50k", 50_000, sample.Settings{Temperature: 0.8, TopP: 1, RepeatPenalty: 1, Typical: 0.9}},
		{"top-nsigma/50k", 50_000, sample.Settings{Temperature: 0.8, TopK: 40, TopP: 1, RepeatPenalty: 1, TopNSigma: 2}},
		{"top-k 5000/50k", 50_000, sample.Settings{Temperature: 0.8, TopK: 5000, TopP: 1, RepeatPenalty: 1}},
	} {
		b.Run(bc.name, func(b *testing.B) {
			logits := randomLogits(bc.vocab)
			c := sample.New(bc.vocab)
			c.Set(bc.set)
			for b.Loop() {
				if _, err := c.Pick(logits); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
