package grammar

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// The surrogates are no characters and have no UTF-8.
const surrogateLow, surrogateHigh = 0xd800, 0xdfff

// normal sorts ranges and joins those that touch.
func normal(list []span) []span {
	slices.SortFunc(list, func(a, b span) int { return cmp.Compare(a.low, b.low) })
	out := list[:0]
	for _, s := range list {
		if n := len(out); n > 0 && s.low <= out[n-1].high+1 {
			out[n-1].high = max(out[n-1].high, s.high)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// others are the characters outside normal ranges.
func others(list []span) []span {
	var out []span
	next := rune(0)
	for _, s := range list {
		if s.low > next {
			out = append(out, span{next, s.low - 1})
		}
		next = s.high + 1
	}
	if next <= utf8.MaxRune {
		out = append(out, span{next, utf8.MaxRune})
	}
	return out
}

// byteSpan is a range of bytes, both ends included.
type byteSpan struct{ low, high byte }

// utf8Sequences writes ranges of characters as sequences of byte ranges: a
// text is a character of the ranges if it is one byte of each range of one
// sequence (as in Thompson's grep; see Cox, "Regular Expression Matching in
// the Wild", 2010).
func utf8Sequences(list []span) [][]byteSpan {
	var out [][]byteSpan
	for _, s := range list {
		low, high := s.low, s.high
		if low < surrogateLow && high > surrogateHigh {
			out = appendSequences(out, low, surrogateLow-1)
			low = surrogateHigh + 1
		}
		if low >= surrogateLow && low <= surrogateHigh {
			low = surrogateHigh + 1
		}
		if high >= surrogateLow && high <= surrogateHigh {
			high = surrogateLow - 1
		}
		if low <= high {
			out = appendSequences(out, low, high)
		}
	}
	return out
}

func appendSequences(out [][]byteSpan, low, high rune) [][]byteSpan {
	// Within one sequence all characters have the same length.
	for _, end := range []rune{0x7f, 0x7ff, 0xffff} {
		if low <= end && high > end {
			return appendSequences(appendSequences(out, low, end), end+1, high)
		}
	}
	// And a byte takes all its values or those before it are fixed.
	for bits := 6; bits <= 18 && high > 0x7f; bits += 6 {
		mask := rune(1)<<bits - 1
		if low&^mask == high&^mask {
			break
		}
		if low&mask != 0 {
			return appendSequences(appendSequences(out, low, low|mask), (low|mask)+1, high)
		}
		if high&mask != mask {
			return appendSequences(appendSequences(out, low, high&^mask-1), high&^mask, high)
		}
	}
	a, b := utf8.AppendRune(nil, low), utf8.AppendRune(nil, high)
	sequence := make([]byteSpan, len(a))
	for i := range a {
		sequence[i] = byteSpan{a[i], b[i]}
	}
	return append(out, sequence)
}
