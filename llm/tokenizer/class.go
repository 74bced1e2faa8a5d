package tokenizer

import (
	"unicode"
	"unicode/utf8"
)

// class holds what the pre-tokenizers ask about a character, as Unicode's
// general categories (UAX #44, §5.7.1) and White_Space.
type class uint8

const (
	letter      class = 1 << iota // L
	number                        // N
	white                         // White_Space
	mark                          // M
	upper                         // Lu, Lt, Lm, Lo, M: what a word begins with
	lower                         // Ll, Lm, Lo, M: what it goes on with
	punctuation                   // P
	symbolic                      // S
)

var classTables = []struct {
	table *unicode.RangeTable
	class class
}{
	{unicode.L, letter},
	{unicode.N, number},
	{unicode.White_Space, white},
	{unicode.M, mark | upper | lower},
	{unicode.Lu, upper},
	{unicode.Lt, upper},
	{unicode.Ll, lower},
	{unicode.Lm, upper | lower},
	{unicode.Lo, upper | lower},
	{unicode.P, punctuation},
	{unicode.S, symbolic},
}

// lowClasses has the classes of the Basic Multilingual Plane, so that the
// common characters need no search.
var lowClasses = func() *[1 << 16]class {
	classes := new([1 << 16]class)
	for _, t := range classTables {
		for _, r := range t.table.R16 {
			for c := int(r.Lo); c <= int(r.Hi); c += int(r.Stride) {
				classes[c] |= t.class
			}
		}
	}
	return classes
}()

func classOf(r rune) class {
	if uint32(r) < uint32(len(lowClasses)) {
		return lowClasses[r]
	}
	var c class
	for _, t := range classTables {
		if unicode.Is(t.table, r) {
			c |= t.class
		}
	}
	return c
}

// runeAt returns the character at s[i:], its class and its length. A byte that is
// no UTF-8 counts as U+FFFD; at the end of s the length is 0 and the class 0.
func runeAt(s string, i int) (rune, class, int) {
	if i >= len(s) {
		return 0, 0, 0
	}
	if c := s[i]; c < utf8.RuneSelf {
		return rune(c), lowClasses[c], 1
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	return r, classOf(r), n
}

// run returns the end of the run of characters from s[i:] on that have one of
// the classes in any.
func run(s string, i int, any class) int {
	for {
		_, c, n := runeAt(s, i)
		if c&any == 0 {
			return i
		}
		i += n
	}
}

// runWithout returns the end of the run of characters that have none of the
// classes in not.
func runWithout(s string, i int, not class) int {
	for {
		_, c, n := runeAt(s, i)
		if n == 0 || c&not != 0 {
			return i
		}
		i += n
	}
}
