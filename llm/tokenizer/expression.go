package tokenizer

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dlclark/regexp2/v2"

	"lumi/llm/fault"
)

// knownPattern is a pattern that is written out in Go.
type knownPattern struct {
	cut stage
	pre string // its name in tokenizer.ggml.pre
}

// knownPatterns are those of published models; each matches all of any text.
var knownPatterns = map[string]knownPattern{
	gpt2Pattern:    {gpt2Words, "gpt-2"},
	gpt4Pattern:    {gpt4Words, "dbrx"}, // with ignore_merges llama-bpe
	cl100kPattern:  {gpt4Words, "dbrx"},
	qwenPattern:    {qwenWords, "qwen2"},
	bailingPattern: {qwenWords, "bailingmoe"},
	gpt4oPattern:   {gpt4oWords, "gpt-4o"},
	tekkenPattern:  {words(style{cased: true, word: letter, digits: 1, tail: "\r\n/"}.next), "tekken"},
	markedPattern:  {words(style{contractions: true, word: letter | mark, digits: 1, tail: "\r\n"}.next), "qwen35"},
}

const (
	gpt2Pattern = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	gpt4Pattern = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	qwenPattern = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	// The same two as tiktoken writes them.
	cl100kPattern  = `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+`
	bailingPattern = `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+`
	// Qwen 3.5 counts marks as letters.
	markedPattern = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

	capitals     = `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
	smalls       = `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
	contractedBy = `(?i:'s|'t|'re|'ve|'m|'ll|'d)?`
	gpt4oPattern = `[^\r\n\p{L}\p{N}]?` + capitals + `*` + smalls + `+` + contractedBy + `|[^\r\n\p{L}\p{N}]?` + capitals + `+` + smalls + `*` + contractedBy +
		`|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	tekkenPattern = `[^\r\n\p{L}\p{N}]?` + capitals + `*` + smalls + `+|[^\r\n\p{L}\p{N}]?` + capitals + `+` + smalls + `*` +
		`|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

const (
	maxExpression = 64 << 10 // bytes
	// maxMatch bounds the search for one match of an expression from a file:
	// some never end.
	maxMatch = 3 * time.Second
)

// regex is a regular expression of a tokenizer.json. Once a search took too
// long it matches nothing any more.
type regex struct {
	re   *regexp2.Regexp
	slow atomic.Bool
}

func compile(source string) (re *regex, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the pattern %.80q cannot be used: %v", source, p)
		}
	}()
	if len(source) > maxExpression {
		return nil, fmt.Errorf("a pattern of %d bytes is longer than the %d allowed", len(source), maxExpression)
	}
	if strings.Contains(source, "&&") {
		return nil, fault.Unsupported.Errorf("the pattern %.80q cuts character classes with &&, which is not supported", source)
	}
	r, err := regexp2.Compile(possessive(source))
	if err != nil {
		return nil, fmt.Errorf("the pattern %.80q cannot be used: %w", source, err)
	}
	r.MatchTimeout = maxMatch
	return &regex{re: r}, nil
}

// spans is where the expression matches. It sees bytes that are no UTF-8 as
// U+FFFD. What is left when a search takes too long counts as not matched.
func (x *regex) spans(text string, span func(from, to int, match bool)) {
	pos, from := 0, 0 // byte offsets
	k := 0            // characters before pos
	advance := func(to int) {
		for ; k < to; k++ {
			_, _, n := runeAt(text, pos)
			pos += n
		}
	}
	var m *regexp2.Match
	var err error
	if !x.slow.Load() {
		m, err = x.re.FindRunesMatch([]rune(text))
	}
	for ; m != nil && err == nil; m, err = x.re.FindNextMatch(m) {
		advance(m.RuneIndex)
		if pos > from {
			span(from, pos, false)
		}
		from = pos
		advance(m.RuneIndex + m.RuneLength)
		span(from, pos, true)
		from = pos
	}
	if err != nil {
		x.slow.Store(true)
	}
	if from < len(text) {
		span(from, len(text), false)
	}
}

// possessive writes possessive quantifiers, a++, as the atomic groups that they
// stand for, (?>a+): regexp2 knows only those.
func possessive(source string) string {
	var b strings.Builder
	atom := -1       // where the last atom begins in b
	var groups []int // where open groups begin in b
	for i := 0; i < len(source); {
		switch c := source[i]; c {
		case '\\':
			n := escapeLength(source[i:])
			atom = b.Len()
			b.WriteString(source[i : i+n])
			i += n
		case '[':
			n := classLength(source[i:])
			atom = b.Len()
			b.WriteString(source[i : i+n])
			i += n
		case '(':
			groups = append(groups, b.Len())
			atom = -1
			b.WriteByte(c)
			i++
		case ')':
			if n := len(groups); n > 0 {
				atom, groups = groups[n-1], groups[:n-1]
			}
			b.WriteByte(c)
			i++
		case '?', '*', '+':
			b.WriteByte(c)
			i++
			if i < len(source) && source[i] == '+' && atom >= 0 {
				whole := b.String()
				b.Reset()
				b.WriteString(whole[:atom] + "(?>" + whole[atom:] + ")")
				i++
			}
			if i < len(source) && source[i] == '?' {
				b.WriteByte('?')
				i++
			}
		case '|':
			atom = -1
			b.WriteByte(c)
			i++
		default:
			if c&0xc0 != 0x80 && c != '{' && (atom < 0 || !inBraces(source, i)) {
				atom = b.Len()
			}
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// inBraces reports whether source[i] is inside of a counted quantifier, {1,3}.
func inBraces(source string, i int) bool {
	open := strings.LastIndexByte(source[:i], '{')
	if open < 0 || strings.IndexByte(source[open:i], '}') >= 0 {
		return false
	}
	return strings.Trim(source[open+1:i], "0123456789,") == "" && strings.IndexByte("0123456789,}", source[i]) >= 0
}

// escapeLength is the length of an escape such as \s, \p{L} or A.
func escapeLength(s string) int {
	switch {
	case len(s) < 2:
		return len(s)
	case s[1] == 'p' || s[1] == 'P' || s[1] == 'x':
		if len(s) > 2 && s[2] == '{' {
			if end := strings.IndexByte(s, '}'); end > 0 {
				return end + 1
			}
		}
	}
	return 2
}

// classLength is the length of a character class, [^\s[a-z]].
func classLength(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}
