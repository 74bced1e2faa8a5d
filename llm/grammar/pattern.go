package grammar

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// pattern writes a string that a regular expression matches, as it stands
// between the quotes of a JSON string. The expression is read as Go's regexp
// reads it, which agrees with JavaScript's for what is supported here:
// characters with \uXXXX, classes, groups, alternatives and repetitions, and ^ and $ at
// the ends.
func (w *writer) pattern(v value, path string) (string, error) {
	text, ok := v.v.(string)
	if !ok {
		return "", &SchemaError{path, "has a pattern that is no text"}
	}
	re, err := syntax.Parse(goEscapes(text), syntax.Perl)
	if err != nil {
		return "", &SchemaError{path, fmt.Sprintf("has the pattern %q, which cannot be read: %v", text, err)}
	}
	parts := []*syntax.Regexp{re}
	if re.Op == syntax.OpConcat {
		parts = re.Sub
	}
	before, after := times(w.lib("char"), 0, -1), times(w.lib("char"), 0, -1)
	if len(parts) > 0 && parts[0].Op == syntax.OpBeginText {
		before, parts = "", parts[1:]
	}
	if n := len(parts); n > 0 && parts[n-1].Op == syntax.OpEndText {
		after, parts = "", parts[:n-1]
	}
	list := []string{`"\""`, before}
	for _, p := range parts {
		x, err := expression(p)
		if err != nil {
			return "", &SchemaError{path, fmt.Sprintf("has the pattern %q with %v, which is not supported", text, err)}
		}
		list = append(list, x)
	}
	list = append(list, after, `"\""`)
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " "), nil
}

// escapes are those of an expression, whole ones, so that \\u is not taken
// for the beginning of \uXXXX.
var escapes = regexp.MustCompile(`(?s)\\(?:u[0-9a-fA-F]{4}|.)`)

// goEscapes writes \uXXXX as Go has it, \x{XXXX}.
func goEscapes(text string) string {
	return escapes.ReplaceAllStringFunc(text, func(e string) string {
		if len(e) < len(`\u0000`) || e[1] != 'u' {
			return e
		}
		return `\x{` + e[2:] + `}`
	})
}

func expression(re *syntax.Regexp) (string, error) {
	if re.Flags&syntax.FoldCase != 0 {
		return "", fmt.Errorf("a match in upper and lower case (?i)")
	}
	sub := make([]string, len(re.Sub))
	for i, s := range re.Sub {
		var err error
		if sub[i], err = expression(s); err != nil {
			return "", err
		}
	}
	switch re.Op {
	case syntax.OpEmptyMatch:
		return `""`, nil
	case syntax.OpLiteral:
		var b strings.Builder
		for _, r := range re.Rune {
			b.WriteString(escaped(r))
		}
		return quote(b.String()), nil
	case syntax.OpCharClass:
		var list []span
		for i := 0; i < len(re.Rune); i += 2 {
			list = append(list, span{re.Rune[i], re.Rune[i+1]})
		}
		return stringClass(list)
	case syntax.OpAnyCharNotNL:
		return stringClass([]span{{0, '\n' - 1}, {'\n' + 1, utf8.MaxRune}})
	case syntax.OpAnyChar:
		return stringClass([]span{{0, utf8.MaxRune}})
	case syntax.OpCapture:
		return "(" + sub[0] + ")", nil
	case syntax.OpConcat:
		return "(" + strings.Join(sub, " ") + ")", nil
	case syntax.OpAlternate:
		return either(sub), nil
	case syntax.OpStar:
		return sub[0] + "*", nil
	case syntax.OpPlus:
		return sub[0] + "+", nil
	case syntax.OpQuest:
		return sub[0] + "?", nil
	case syntax.OpRepeat:
		return times("("+sub[0]+")", re.Min, re.Max), nil
	}
	return "", fmt.Errorf("%q in the middle", re.String())
}

// stringClass writes a class of characters as they stand in a JSON string:
// quotes, backslashes and control characters by their escapes.
func stringClass(list []span) (string, error) {
	var plain []span
	var alternatives []string
	for _, s := range normal(list) {
		for r := s.low; r <= s.high; r++ {
			if r >= 0x20 && r != '"' && r != '\\' {
				end := s.high
				for _, stop := range []rune{'"', '\\'} {
					if r < stop {
						end = min(end, stop-1)
					}
				}
				plain = append(plain, span{r, end})
				r = end
				continue
			}
			alternatives = append(alternatives, quote(escaped(r)))
		}
	}
	if plain = withoutSurrogates(plain); len(plain) > 0 {
		alternatives = append([]string{classOf(plain)}, alternatives...)
	}
	if len(alternatives) == 0 {
		return "", fmt.Errorf("a class without characters")
	}
	return either(alternatives), nil
}

// escaped is a character as it stands in a JSON string.
func escaped(r rune) string {
	switch {
	case r == '"' || r == '\\':
		return `\` + string(r)
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x20:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return string(r)
}

// withoutSurrogates takes out what no text can hold.
func withoutSurrogates(list []span) []span {
	var out []span
	for _, s := range list {
		if s.low < surrogateLow {
			out = append(out, span{s.low, min(s.high, surrogateLow-1)})
		}
		if s.high > surrogateHigh {
			out = append(out, span{max(s.low, surrogateHigh+1), s.high})
		}
	}
	return out
}
