package prompt

import (
	"fmt"
	"strings"
	"unicode"
)

// kind tells the tokens inside a tag apart.
type kind int

const (
	kindEnd kind = iota
	kindName
	kindNumber
	kindString
	kindOp
)

type token struct {
	kind kind
	text string // decoded for strings
}

func (t token) is(k kind, text string) bool { return t.kind == k && t.text == text }

// scanTag splits the inside of a tag into tokens. closer is "%}" or "}}"; it
// returns the offset behind it and the whitespace mark, '-', '+' or 0, in
// front of it. A closer inside a string or inside braces does not count.
func scanTag(s, closer string) (tokens []token, mark byte, n int, err error) {
	depth := 0
	for n < len(s) {
		c := s[n]
		if depth == 0 {
			if strings.HasPrefix(s[n:], closer) {
				return tokens, 0, n + 2, nil
			}
			if (c == '-' || c == '+') && strings.HasPrefix(s[n+1:], closer) {
				return tokens, c, n + 3, nil
			}
		}
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			n++
			continue
		case c == '\'' || c == '"':
			text, size, err := scanString(s[n:])
			if err != nil {
				return nil, 0, 0, err
			}
			tokens = append(tokens, token{kindString, text})
			n += size
			continue
		case '0' <= c && c <= '9':
			end := n
			for end < len(s) && (isDigit(s[end]) || s[end] == '.' && end+1 < len(s) && isDigit(s[end+1])) {
				end++
			}
			tokens = append(tokens, token{kindNumber, s[n:end]})
			n = end
			continue
		case isLetter(c):
			end := n
			for end < len(s) && (isLetter(s[end]) || isDigit(s[end])) {
				end++
			}
			tokens = append(tokens, token{kindName, s[n:end]})
			n = end
			continue
		}
		op := s[n : n+1]
		if n+1 < len(s) {
			switch two := s[n : n+2]; two {
			case "**", "//", "==", "!=", "<=", ">=":
				op = two
			}
		}
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		if !strings.Contains("+-*/%~<>=!|.,:()[]{}", op[:1]) || op == "!" {
			return nil, 0, 0, fmt.Errorf("unexpected character %q", []rune(s[n:])[0])
		}
		tokens = append(tokens, token{kindOp, op})
		n += len(op)
	}
	return nil, 0, 0, fmt.Errorf("a tag is not closed by %s", closer)
}

// scanString decodes the string literal that s starts with.
func scanString(s string) (text string, size int, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == s[0]:
			return b.String(), i + 1, nil
		case c == '\\' && i+1 < len(s):
			i++
			switch s[i] {
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			case 'r':
				b.WriteByte('\r')
			case '\\', '\'', '"':
				b.WriteByte(s[i])
			case 'x', 'u', 'U':
				digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[i]]
				var r rune
				if i+digits >= len(s) {
					return "", 0, fmt.Errorf("a string's escape is cut off")
				}
				if _, err := fmt.Sscanf(s[i+1:i+1+digits], "%x", &r); err != nil {
					return "", 0, fmt.Errorf("a string has a bad escape: %w", err)
				}
				b.WriteRune(r)
				i += digits
			default:
				b.WriteByte('\\')
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", 0, fmt.Errorf("a string is not closed")
}

// quote writes a string literal the template library reads back exactly.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// trimIndent removes blanks from the last line of s when nothing else is on
// it (lstrip_blocks); fresh says that s starts a line.
func trimIndent(s string, fresh bool) string {
	line := strings.LastIndexByte(s, '\n') + 1
	if line == 0 && !fresh || strings.TrimSpace(s[line:]) != "" {
		return s
	}
	return s[:line]
}

func trimRight(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) }
