package tokenizer

import (
	"strings"
	"unicode"
)

// spans cuts a text into what is matched and what lies between, in order and
// without gaps. An empty match parts what stands on both sides of it.
type spans func(text string, span func(from, to int, match bool))

// behave makes a stage of spans, by Hugging Face's names for what becomes of
// the matches.
func behave(s spans, behavior string) stage {
	switch behavior {
	case "Removed":
		return func(text string, emit func(string)) {
			s(text, func(from, to int, match bool) {
				if !match && to > from {
					emit(text[from:to])
				}
			})
		}
	case "MergedWithPrevious": // each match to the part before it; of matches in a row the first
		return merge(s, func(was, is bool) bool { return is && !was })
	case "MergedWithNext": // each match to the part behind it; of matches in a row the last
		return merge(s, func(was, is bool) bool { return was && !is })
	case "Contiguous":
		return merge(s, func(was, is bool) bool { return was == is })
	}
	return func(text string, emit func(string)) { // Isolated
		s(text, func(from, to int, _ bool) {
			if to > from {
				emit(text[from:to])
			}
		})
	}
}

// merge makes one part of neighbours that join; was and is say which of them
// are matches.
func merge(s spans, join func(was, is bool) bool) stage {
	return func(text string, emit func(string)) {
		start, end := 0, 0
		var was bool
		s(text, func(from, to int, is bool) {
			if to == from {
				if end > start {
					emit(text[start:end])
				}
				start, end = from, from
				return
			}
			if end > start && join(was, is) {
				end, was = to, is
				return
			}
			if end > start {
				emit(text[start:end])
			}
			start, end, was = from, to, is
		})
		if end > start {
			emit(text[start:end])
		}
	}
}

func inverted(s spans, invert bool) spans {
	if !invert {
		return s
	}
	return func(text string, span func(int, int, bool)) {
		s(text, func(from, to int, match bool) { span(from, to, !match) })
	}
}

// charSpans matches single characters.
func charSpans(is func(rune, class) bool) spans {
	return func(text string, span func(int, int, bool)) {
		from := 0
		for i := 0; i < len(text); {
			r, c, n := runeAt(text, i)
			if is(r, c) {
				if i > from {
					span(from, i, false)
				}
				span(i, i+n, true)
				from = i + n
			}
			i += n
		}
		if from < len(text) {
			span(from, len(text), false)
		}
	}
}

// textSpans matches a text.
func textSpans(what string) spans {
	return func(text string, span func(int, int, bool)) {
		from := 0
		for {
			at := strings.Index(text[from:], what)
			if at < 0 {
				break
			}
			at += from
			if at > from {
				span(from, at, false)
			}
			span(at, at+len(what), true)
			from = at + len(what)
		}
		if from < len(text) {
			span(from, len(text), false)
		}
	}
}

// wordsAndSigns keeps \w+ and [^\w\s]+ and drops what is between.
func wordsAndSigns(text string, emit func(string)) {
	kind := func(i int) (k, n int) {
		r, c, n := runeAt(text, i)
		switch {
		case isWord(r, c):
			return 1, n
		case c&white != 0:
			return 0, n
		}
		return 2, n
	}
	for i := 0; i < len(text); {
		k, n := kind(i)
		end := i + n
		for end < len(text) {
			next, n := kind(end)
			if next != k {
				break
			}
			end += n
		}
		if k != 0 {
			emit(text[i:end])
		}
		i = end
	}
}

func isWhite(_ rune, c class) bool { return c&white != 0 }

// isWord reports whether \w matches the character (UTS #18, annex C).
func isWord(r rune, c class) bool {
	return c&(letter|mark) != 0 ||
		unicode.In(r, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic, unicode.Join_Control)
}

// isPunctuation counts all of ASCII's signs as punctuation.
func isPunctuation(r rune, c class) bool {
	if r < 0x80 {
		return r > ' ' && r < 0x7f && c&(letter|number) == 0
	}
	return c&punctuation != 0
}

// inLetters makes a step of one that sees byte-level letters.
func inLetters(s step) step {
	if s.cut == nil {
		return s
	}
	cut := s.cut
	s.cut = func(text string, emit func(string)) {
		var part []byte
		cut(letters(text), func(p string) {
			part = appendBytes(part[:0], p)
			emit(string(part))
		})
	}
	return s
}
