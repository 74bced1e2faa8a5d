package prompt

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// guard returns the messages with every special text in them broken up, and
// the rune that does it, 0 when there was nothing to do.
//
// The guard stands inside the special texts only, so that a template that
// trims a message or looks at its ends sees what it would see otherwise. One
// case needs care: templates look for texts such as "</think>" in what the
// model itself said, to leave its thoughts out. When such a text is also a
// control token, it stays whole in the assistant's messages, where it means
// what the model meant by it; in anyone else's it is broken up all the same.
// A template that deletes text from the middle of a message could still join
// two harmless halves; none in use deletes from a user's message.
func (t *Template) guard(messages []Message, special []string) ([]Message, rune) {
	special = slices.DeleteFunc(slices.Clone(special), func(s string) bool {
		return utf8.RuneCountInString(s) < 2 // one character cannot be broken up
	})
	own := slices.DeleteFunc(slices.Clone(special), func(s string) bool { return t.sought[s] })
	guard := t.freeRune(messages)
	g := string(guard)
	out := slices.Clone(messages)
	changed := false
	for i, m := range out {
		texts := special
		if m.Role == "assistant" {
			texts = own
		}
		out[i].Content = breakUp(m.Content, texts, g)
		out[i].Role = breakUp(m.Role, special, g)
		changed = changed || out[i] != m
	}
	if !changed {
		return messages, 0
	}
	return out, guard
}

// freeRune is the first noncharacter of U+FDD0…U+FDEF that occurs nowhere.
// Were all 32 used up, the last is taken and its uses are lost to the guard.
func (t *Template) freeRune(messages []Message) rune {
	for r := rune(0xFDD0); r < 0xFDEF; r++ {
		used := strings.ContainsRune(t.source, r) || slices.ContainsFunc(messages, func(m Message) bool {
			return strings.ContainsRune(m.Content, r) || strings.ContainsRune(m.Role, r)
		})
		if !used {
			return r
		}
	}
	return 0xFDEF
}

// breakUp puts g behind the first character of every special text in s,
// overlapping ones included.
func breakUp(s string, special []string, g string) string {
	var first [256]bool // bytes that a special text begins with
	found := false
	for _, x := range special {
		first[x[0]] = true
		found = found || strings.Contains(s, x)
	}
	if !found {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		_, n := utf8.DecodeRuneInString(s[i:])
		b.WriteString(s[i : i+n])
		if first[s[i]] && slices.ContainsFunc(special, func(x string) bool { return strings.HasPrefix(s[i:], x) }) {
			b.WriteString(g)
		}
		i += n
	}
	return b.String()
}
