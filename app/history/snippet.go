package history

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// fold returns the runes of a text without difference of case.
func fold(text string) []rune {
	runes := []rune(text)
	for i, r := range runes {
		runes[i] = unicode.ToLower(r)
	}
	return runes
}

// maxMarks is how many places of one text are marked.
const maxMarks = 200

// match returns where the terms are in text, in order and without overlaps, and
// how good that is; nil if one of them is not there.
func match(text string, terms [][]rune) (marks []Range, score int) {
	whole := true
	for _, term := range terms {
		places, asWord := places(text, term)
		if len(places) == 0 {
			return nil, 0
		}
		marks = append(marks, places...)
		whole = whole && asWord
	}
	slices.SortFunc(marks, func(a, b Range) int { return a.Start - b.Start })
	apart := marks[:1]
	for _, m := range marks[1:] {
		if last := &apart[len(apart)-1]; m.Start <= last.End {
			last.End = max(last.End, m.End)
			continue
		}
		apart = append(apart, m)
	}
	score = min(len(apart), 9)
	if whole {
		score += 10
	}
	return apart, score
}

// places returns where term is in text, and whether it is a word of its own
// somewhere.
func places(text string, term []rune) (found []Range, asWord bool) {
	before := ' '
	for at := 0; at < len(text) && len(found) < maxMarks; {
		r, size := utf8.DecodeRuneInString(text[at:])
		if unicode.ToLower(r) == term[0] {
			if end := endOf(text, at, term); end > 0 {
				after, _ := utf8.DecodeRuneInString(text[end:])
				asWord = asWord || !isWord(before) && (end == len(text) || !isWord(after))
				found = append(found, Range{at, end})
				before, _ = utf8.DecodeLastRuneInString(text[:end])
				at = end
				continue
			}
		}
		before = r
		at += size
	}
	return found, asWord
}

// endOf returns where term ends in text if it begins at the given place, else 0.
func endOf(text string, at int, term []rune) int {
	for _, want := range term {
		r, size := utf8.DecodeRuneInString(text[at:])
		if size == 0 || unicode.ToLower(r) != want {
			return 0
		}
		at += size
	}
	return at
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// A snippet shows so many characters before the first mark and in all.
const (
	snippetBefore = 40
	snippetLength = 160
)

// snippet returns the part of text around its first mark on one line, with an
// ellipsis where it is cut, and where the marks are in it.
func snippet(text string, marks []Range) (line string, within []Range) {
	start := marks[0].Start
	for n := 0; n < snippetBefore && start > 0; n++ {
		_, size := utf8.DecodeLastRuneInString(text[:start])
		start -= size
	}
	var b strings.Builder
	if start > 0 {
		b.WriteString("…")
		// Rather begin with a word.
		if space := strings.IndexFunc(text[start:marks[0].Start], unicode.IsSpace); space >= 0 {
			start += space
		}
	}
	space := true // nothing or a space comes before
	at, n := start, 0
	for ; at < len(text) && n < snippetLength; n++ {
		r, size := utf8.DecodeRuneInString(text[at:])
		if len(marks) > 0 && at == marks[0].Start {
			within = append(within, Range{Start: b.Len()})
		}
		at += size
		switch blank := unicode.IsSpace(r) || unicode.IsControl(r); {
		case !blank:
			b.WriteRune(r)
			space = false
		case !space:
			b.WriteByte(' ')
			space = true
		}
		if len(marks) > 0 && at >= marks[0].End {
			within[len(within)-1].End = b.Len()
			marks = marks[1:]
		}
	}
	line = b.String()
	if last := len(within) - 1; last >= 0 && within[last].End == 0 {
		within[last].End = len(line) // a very long word
	}
	if at < len(text) {
		line += "…"
	}
	return line, within
}
