package transcript

import (
	"strings"
	"unicode/utf8"
)

// cleaner turns the pieces of a streamed text into text that is safe to show.
// Tokens may be single bytes, so a character that is not complete yet is held
// back, and so is a carriage return, which may be half a line end.
type cleaner struct{ held string }

// feed returns what can be shown of s and of what was held back before it.
func (c *cleaner) feed(s string) string {
	s, c.held = c.held+s, ""
	for n := 1; n < utf8.UTFMax && n <= len(s); n++ {
		if i := len(s) - n; utf8.RuneStart(s[i]) {
			if !utf8.FullRuneInString(s[i:]) || s[i] == '\r' {
				s, c.held = s[:i], s[i:]
			}
			break
		}
	}
	return clean(s)
}

// flush returns what is held back at the end of the text.
func (c *cleaner) flush() string {
	s := clean(c.held)
	c.held = ""
	return s
}

// clean makes line ends newlines and neutralises what would let a text look
// different from what it says: control characters (terminal escapes begin with
// one) and the bidirectional overrides and isolates become U+FFFD, invisible
// marks and tag characters go. Bytes that are not UTF-8 become U+FFFD, too.
func clean(s string) string {
	if harmless(s) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == '\r' || r == '\u2028' || r == '\u2029':
			b.WriteByte('\n')
		case r == '\n' || r == '\t':
			b.WriteRune(r)
		case r < ' ' || r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			b.WriteRune(utf8.RuneError)
		case r == 0x200e || r == 0x200f || r == 0x061c || r == 0xfeff || r >= 0xe0000 && r <= 0xe007f:
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// harmless reports whether clean has nothing to do; most text is ASCII.
func harmless(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
