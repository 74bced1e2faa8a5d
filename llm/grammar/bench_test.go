package grammar

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkMask is what it costs to find the allowed tokens of a large
// vocabulary in a state that was not met before, and to build its tree.
func BenchmarkMask(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	pieces := make([]string, 150_000)
	for i := range pieces {
		for range 1 + random.IntN(8) {
			pieces[i] += string(rune('a' + int(random.ExpFloat64()*5)%26))
		}
	}
	text, err := FromSchema(`{"properties": {"a": {"type": "string"}}, "required": ["a"]}`)
	if err != nil {
		b.Fatal(err)
	}
	g, err := Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	m := newMatcher(b, g, nil, append([]string{`{"a":"`}, pieces...)...)
	b.Run("in a string", func(b *testing.B) {
		m.Reset()
		m.Accept(0)
		for b.Loop() {
			clear(m.forms[0].masks)
			m.Mask()
		}
	})
	b.Run("at a bracket", func(b *testing.B) {
		m.Reset()
		for b.Loop() {
			clear(m.forms[0].masks)
			m.Mask()
		}
	})
	b.Run("one token", func(b *testing.B) {
		m.Reset()
		m.Accept(0)
		for b.Loop() {
			m.Allows(77)
		}
	})
	b.Run("vocabulary", func(b *testing.B) {
		for b.Loop() {
			newMatcher(b, g, nil, pieces...)
		}
	})
}
