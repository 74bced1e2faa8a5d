package tokenizer

import (
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"
)

// isolate is a stage that makes runs of characters parts of their own and
// leaves what is between them together.
type isolate struct {
	lead     func(r rune, c class) bool // an optional character before the run; nil for none
	in       func(r rune, c class) bool // what the run consists of
	min, max int                        // characters in a run; 0 means 1 and any number
}

func (p isolate) stage(text string, emit func(string)) {
	from := 0
	for i := 0; i < len(text); {
		end := p.match(text, i)
		if end == i {
			_, _, n := runeAt(text, i)
			i += n
			continue
		}
		if i > from {
			emit(text[from:i])
		}
		emit(text[i:end])
		i, from = end, end
	}
	if from < len(text) {
		emit(text[from:])
	}
}

// match returns the end of a match at text[i:], or i.
func (p isolate) match(text string, i int) int {
	if p.lead != nil {
		if r, c, n := runeAt(text, i); p.lead(r, c) {
			if end := p.run(text, i+n); end > i+n {
				return end
			}
		}
	}
	return p.run(text, i)
}

func (p isolate) run(text string, i int) int {
	end, count := i, 0
	for p.max == 0 || count < p.max {
		r, c, n := runeAt(text, end)
		if n == 0 || !p.in(r, c) {
			break
		}
		end += n
		count++
	}
	if count < p.min {
		return i
	}
	return end
}

// threes makes groups of three, counted from the right, of digit runs. If
// bounded, runs that a letter follows are left as they are.
func threes(digit func(rune, class) bool, bounded bool) stage {
	digits := isolate{in: digit}
	return func(text string, emit func(string)) {
		from := 0
		for i := 0; i < len(text); {
			end := digits.match(text, i)
			r, c, n := runeAt(text, end)
			switch {
			case end == i:
				i += n
				continue
			case bounded && (c&(letter|mark) != 0 || r == '_'):
				i = end
				continue
			case i > from:
				emit(text[from:i])
			}
			left := utf8.RuneCountInString(text[i:end])
			from = i
			for k := range text[i:end] {
				if left%3 == 0 && i+k > from {
					emit(text[from : i+k])
					from = i + k
				}
				left--
			}
			emit(text[from:end])
			i, from = end, end
		}
		if from < len(text) {
			emit(text[from:])
		}
	}
}

// beforeThrees cuts before each group of three digits, counted from the end of a
// run of them: (?=(\d{3})+(?!\d)).
func beforeThrees(text string, emit func(string)) {
	digits := isolate{in: isDecimal}
	from := 0
	for i := 0; i < len(text); {
		end := digits.match(text, i)
		if end == i {
			_, _, n := runeAt(text, i)
			i += n
			continue
		}
		left := utf8.RuneCountInString(text[i:end])
		for k := range text[i:end] {
			if left%3 == 0 && i+k > from {
				emit(text[from : i+k])
				from = i + k
			}
			left--
		}
		i = end
	}
	if from < len(text) {
		emit(text[from:])
	}
}

// pattern makes a stage of a regular expression of our own, whose matches
// become parts.
func pattern(expression string) (stage, error) {
	re, err := compile(expression)
	if err != nil {
		return nil, err
	}
	re.re.MatchTimeout = regexp2.DefaultMatchTimeout // none
	return behave(re.spans, "Isolated"), nil
}
