package app

import (
	"strings"
	"unicode"
)

// fuzzy says how well a text answers what was typed: every word of the query
// must be found in the text, in any order. Letters may be left out, but less
// matters more: a word found whole, at the start of a word of the text, is best.
// ok is false if a word is not there at all.
func fuzzy(query, text string) (score int, ok bool) {
	runes := []rune(strings.ToLower(text))
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		s, found := fuzzyWord([]rune(word), runes)
		if !found {
			return 0, false
		}
		score += s
	}
	return score - len(runes)/8, true // of equals, the shorter says it better
}

// The points that a match is worth.
const (
	pointsLetter = 4  // for each letter
	pointsNext   = 6  // it follows the letter before
	pointsStart  = 8  // it begins a word
	pointsGap    = -2 // for each letter that is left out, up to five
)

// fuzzyWord finds the best way to lay the letters of word into text, in their
// order: best[i] is the score of the letters so far with the last one at i.
func fuzzyWord(word, text []rune) (score int, ok bool) {
	const none = -1 << 30
	before := make([]int, len(text))
	for n, letter := range word {
		best := make([]int, len(text))
		reach := none // of the letters before, with the gap up to here
		ok = false
		for i, r := range text {
			best[i] = none
			from := 0
			if n > 0 {
				from = reach
				if i > 0 && before[i-1] != none {
					from = max(from, before[i-1]+pointsNext)
				}
			}
			if r == letter && from > none/2 {
				best[i] = from + pointsLetter
				if startsWord(text, i) {
					best[i] += pointsStart
				}
				ok = true
			}
			if n > 0 {
				reach = max(reach+pointsGap, before[i]+5*pointsGap)
			}
		}
		if !ok {
			return 0, false
		}
		before = best
	}
	score = none
	for _, s := range before {
		score = max(score, s)
	}
	return score, ok
}

func startsWord(text []rune, i int) bool {
	return i == 0 || !unicode.IsLetter(text[i-1]) && !unicode.IsDigit(text[i-1])
}
