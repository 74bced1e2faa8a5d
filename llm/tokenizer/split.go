package tokenizer

import "unicode/utf8"

// stage cuts a text into parts and hands them on in order; together they are
// the text.
type stage func(text string, emit func(part string))

// words makes a stage of a function that returns the length of the first word
// of a text that is not empty.
func words(next func(string) int) stage {
	return func(text string, emit func(string)) {
		for len(text) > 0 {
			n := max(1, next(text))
			emit(text[:n])
			text = text[n:]
		}
	}
}

// contraction returns the length of 's, 't, 're, 've, 'm, 'll or 'd at s[i:],
// or 0.
func contraction(s string, i int, anyCase bool) int {
	if i+1 >= len(s) || s[i] != '\'' {
		return 0
	}
	fold := byte(0)
	if anyCase {
		fold = 'a' - 'A'
	}
	switch s[i+1] | fold {
	case 's', 't', 'm', 'd':
		return 2
	}
	if i+2 < len(s) {
		switch [2]byte{s[i+1] | fold, s[i+2] | fold} {
		case [2]byte{'r', 'e'}, [2]byte{'v', 'e'}, [2]byte{'l', 'l'}:
			return 3
		}
	}
	return 0
}

// gpt2 splits as
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// (Radford et al. 2019).
func gpt2(s string) int {
	if n := contraction(s, 0, false); n > 0 {
		return n
	}
	i := 0
	if s[0] == ' ' {
		i = 1
	}
	switch _, c, n := runeAt(s, i); {
	case n == 0: // a lone space
	case c&letter != 0:
		return run(s, i, letter)
	case c&number != 0:
		return run(s, i, number)
	case c&white == 0:
		return runWithout(s, i, white|letter|number)
	}
	return blank(s)
}

// blank returns the length of the white space at the beginning of s, less its
// last character if a word comes after it: \s+(?!\S)|\s+.
func blank(s string) int {
	end := run(s, 0, white)
	if end == len(s) {
		return end
	}
	_, n := utf8.DecodeLastRuneInString(s[:end])
	if end > n {
		return end - n
	}
	return end
}

// style is the family of patterns that began with GPT-4's:
//
//	(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
//	 ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
type style struct {
	contractions bool  // 's and the like are words, or with cased end one
	cased        bool  // a word ends before a capital: GPT-4o's pattern
	word         class // what words consist of: letter, or letter|mark
	digits       int   // most digits of a word; 0 for any number
	tail         string
}

func (p style) next(s string) int {
	if p.contractions && !p.cased {
		if n := contraction(s, 0, true); n > 0 {
			return n
		}
	}
	r, c, n := runeAt(s, 0)
	prefix := 0 // [^\r\n\p{L}\p{N}]?
	if r != '\r' && r != '\n' && c&(letter|number) == 0 {
		prefix = n
	}
	if end := p.letters(s, prefix); end > 0 {
		if p.cased && p.contractions {
			end += contraction(s, end, true)
		}
		return end
	}
	if c&number != 0 {
		return p.number(s)
	}
	i := 0
	if r == ' ' {
		i = 1
	}
	if end := runWithout(s, i, white|number|p.word); end > i {
		return p.skipTail(s, end)
	}
	if c&white == 0 {
		return n
	}
	return lineOrBlank(s)
}

// lineOrBlank returns the length of the white space at the beginning of s up
// to the last line break in it, or as [blank] does: \s*[\r\n]+|\s+(?!\S)|\s+.
func lineOrBlank(s string) int {
	end := run(s, 0, white)
	for i := end - 1; i >= 0; i-- {
		if s[i] == '\r' || s[i] == '\n' {
			return i + 1
		}
	}
	return blank(s)
}

// letters returns the end of a word with the optional character before it, or
// 0 if there is none.
func (p style) letters(s string, prefix int) int {
	if !p.cased {
		if end := run(s, prefix, p.word); end > prefix {
			return end
		}
		return run(s, 0, p.word)
	}
	// [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+ and, only if
	// that is nowhere, the same with + and *.
	if end := casedWord(s, prefix); end > 0 {
		return end
	}
	if prefix > 0 {
		if end := casedWord(s, 0); end > 0 {
			return end
		}
	}
	if end := run(s, prefix, upper); end > prefix {
		return end
	}
	return run(s, 0, upper)
}

// casedWord returns the end of capitals and then at least one small letter,
// or 0. Letters without case and marks are both.
func casedWord(s string, i int) int {
	end := run(s, i, upper)
	if small := run(s, end, lower); small > end {
		return small
	}
	for end > i {
		r, n := utf8.DecodeLastRuneInString(s[i:end])
		if classOf(r)&lower != 0 {
			return end
		}
		end -= n
	}
	return 0
}

func (p style) number(s string) int {
	if p.digits == 0 {
		return run(s, 0, number)
	}
	end := 0
	for range p.digits {
		_, c, n := runeAt(s, end)
		if c&number == 0 {
			break
		}
		end += n
	}
	return end
}

func (p style) skipTail(s string, i int) int {
	for i < len(s) {
		found := false
		for k := range len(p.tail) {
			found = found || p.tail[k] == s[i]
		}
		if !found {
			break
		}
		i++
	}
	return i
}
