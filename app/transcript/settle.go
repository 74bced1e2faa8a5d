package transcript

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// maxPending is how far back an opened bold or link is still expected to be
// closed, in bytes.
const maxPending = 300

// settle returns the open chunk of a streaming answer as it will look when the
// markup at its end is complete: emphasis, code spans and links that have not
// been closed are, and a line that is only the beginning of a list item, a
// heading or an underline is left out. Otherwise every bold word would show its
// asterisks first and then jump to the left.
func settle(src []byte) []byte {
	if fenceOf(src) != "" {
		return src
	}
	start := bytes.LastIndexByte(src, '\n') + 1
	if undecided(bytes.TrimSpace(src[start:])) {
		src = src[:start]
	}
	src = slices.Clone(bytes.TrimRight(src, " \t"))
	if i := tableStart(src); i >= 0 {
		return settleTable(src, i)
	}
	s := settler{src: src, from: lastParagraph(src)}
	return s.close()
}

// undecided reports whether the trimmed last line may become anything yet.
func undecided(line []byte) bool {
	if len(line) == 0 {
		return false
	}
	switch c := line[0]; {
	case c == '-' || c == '=' || c == '#' || c == '+' || c == '*' || c == '_' || c == '`' || c == '~' || c == '>':
		rest := bytes.TrimLeft(line, string(c))
		if len(rest) == 0 {
			return true
		}
		return c == '-' && len(rest) < 4 && bytes.HasPrefix(rest, []byte(" [")) && (len(rest) == 2 || bytes.IndexByte([]byte(" xX"), rest[2]) >= 0) ||
			c == '-' && len(rest) == 4 && (bytes.Equal(rest, []byte(" [ ]")) || bytes.EqualFold(rest, []byte(" [x]")))
	case c >= '0' && c <= '9':
		return len(line) <= 3 && len(bytes.Trim(line, "0123456789.)")) == 0
	}
	return false
}

// tableStart returns where a table that the text ends with begins, when it
// lacks its second line; else -1.
func tableStart(src []byte) int {
	second := bytes.LastIndexByte(src, '\n') + 1
	first := second
	if second > 0 && bytes.HasPrefix(src[second:], []byte("|")) {
		first = bytes.LastIndexByte(src[:second-1], '\n') + 1
	}
	switch {
	case !bytes.HasPrefix(src[first:], []byte("|")):
		return -1
	case first > 0 && bytes.HasPrefix(src[bytes.LastIndexByte(src[:first-1], '\n')+1:], []byte("|")):
		return -1 // rows above it: the table is there
	case first < second && bytes.Trim(src[second:], "|:- \t") == nil && bytes.Count(src[second:], []byte("|")) >= bytes.Count(src[first:second], []byte("|")):
		return -1
	}
	return first
}

// settleTable completes the head of a table at byte first.
func settleTable(src []byte, first int) []byte {
	head, _, _ := bytes.Cut(src[first:], []byte("\n"))
	head = bytes.TrimRight(head, " ")
	if len(head) > 1 && head[len(head)-1] == '|' {
		head = head[:len(head)-1]
	}
	out := append(src[:first:first], head...)
	out = append(out, "|\n"...)
	return append(append(out, bytes.Repeat([]byte("|---"), bytes.Count(head, []byte("|")))...), '|')
}

// lastParagraph is where the inline text at the end of src begins.
func lastParagraph(src []byte) int {
	from := max(len(src)-2*maxPending, 0)
	if from > 0 {
		from += bytes.IndexAny(src[from:], " \n") + 1
	}
	if i := bytes.LastIndex(src[from:], []byte("\n\n")); i >= 0 {
		from += i + 2
	}
	for i := len(src) - 1; i > from; i-- { // an item or heading begins anew
		if src[i-1] == '\n' {
			line := bytes.TrimLeft(src[i:], " \t")
			if listMarker(line).ok || line[0] == '#' || line[0] == '>' || line[0] == '|' {
				return len(src) - len(line)
			}
		}
	}
	return from
}

// opener is a mark that waits for its other half.
type opener struct {
	mark byte // '*', '_', '~' or '['
	n    int
	pos  int
}

// settler completes the markup of one paragraph.
type settler struct {
	src   []byte
	from  int
	stack []opener
}

// close returns the text with everything open closed.
func (s *settler) close() []byte {
	i := s.from
	if m := bytes.TrimLeft(s.src[i:], " \t"); listMarker(m).ok {
		i = len(s.src) - len(m) + bytes.IndexByte(m, ' ') + 1
		i = max(i, s.from)
	}
	for i < len(s.src) {
		switch c := s.src[i]; c {
		case '\\', '$':
			next, done := s.math(i)
			if done {
				return s.unwind(s.src[:i])
			}
			i = next
		case '`':
			n := s.run(i)
			end := s.codeEnd(i+n, n)
			if end < 0 {
				return s.unwind(s.closeCode(i, n))
			}
			i = end
		case '*', '_', '~':
			n := s.run(i)
			s.emphasis(i, n)
			i += n
		case '[':
			s.stack = append(s.stack, opener{'[', 1, i})
			i++
		case ']':
			next, done := s.bracket(i)
			if done {
				return s.unwind(s.src)
			}
			i = next
		default:
			i++
		}
	}
	return s.unwind(s.src)
}

// run is the length of the run of equal characters at i.
func (s *settler) run(i int) int {
	n := 1
	for i+n < len(s.src) && s.src[i+n] == s.src[i] {
		n++
	}
	return n
}

// codeEnd returns the end of the code span whose content starts at i, or -1.
func (s *settler) codeEnd(i, n int) int {
	for i < len(s.src) {
		if s.src[i] != '`' {
			i++
			continue
		}
		m := s.run(i)
		if m == n {
			return i + m
		}
		i += m
	}
	return -1
}

// closeCode closes the code span opened by n backticks at i.
func (s *settler) closeCode(i, n int) []byte {
	if i < len(s.src)-maxPending {
		return s.src
	}
	body := bytes.TrimRight(s.src[i+n:], "`")
	if len(body) == 0 {
		return bytes.TrimRight(s.src[:i], " ")
	}
	return append(s.src[:i+n+len(body)], s.src[i:i+n]...)
}

// math passes over the formula that may begin at i. It returns where to go on, or
// that a formula is not complete, which is shown as soon as it is.
func (s *settler) math(i int) (next int, done bool) {
	src := s.src[i:]
	before, _ := utf8.DecodeLastRune(s.src[:i])
	m, ok := mathStart(src, before)
	if ok {
		if n := m.end(src); n > 0 {
			if _, ok := m.shown(string(src[:n])); ok {
				return i + n, false
			}
		} else if !m.money && len(src) < maxPending {
			return 0, true
		}
	}
	switch {
	case src[0] == '$':
		return i + 1, false
	case len(src) == 1: // what it escapes, or opens, is to come
		return 0, true
	}
	return i + 2, false
}

// emphasis opens or closes with the run of n marks at i.
func (s *settler) emphasis(i, n int) {
	mark := s.src[i]
	before, after := byte(' '), byte(' ')
	if i > 0 {
		before = s.src[i-1]
	}
	if i+n < len(s.src) {
		after = s.src[i+n]
	}
	if before > ' ' { // can close
		for k := len(s.stack) - 1; k >= 0 && n > 0; k-- {
			o := &s.stack[k]
			if o.mark != mark {
				continue
			}
			m := min(o.n, n)
			o.n, n = o.n-m, n-m
			if o.n == 0 {
				s.stack = s.stack[:k]
			} else if i+m == len(s.src) { // half of the closing mark: the rest is to come
				o.n += m
				s.src = s.src[:i]
				return
			}
		}
	}
	if n > 0 && after <= ' ' && i+n == len(s.src) && before <= ' ' {
		s.src = bytes.TrimRight(s.src[:i], " ")
		return
	}
	word := before == '_' || before >= '0' && before <= '9' || before|0x20 >= 'a' && before|0x20 <= 'z'
	if n > 0 && after > ' ' && (mark != '_' || !word) && (mark != '~' || n == 2) {
		s.stack = append(s.stack, opener{mark, n, i})
	}
}

// bracket closes a link text at i. It returns where to go on, or that the rest
// is the beginning of an address.
func (s *settler) bracket(i int) (next int, done bool) {
	k := len(s.stack) - 1
	for k >= 0 && s.stack[k].mark != '[' {
		k--
	}
	if k < 0 {
		return i + 1, false
	}
	if i+1 < len(s.src) && s.src[i+1] != '(' {
		s.stack = slices.Delete(s.stack, k, k+1)
		return i + 1, false
	}
	if n := bytes.IndexByte(s.src[i+1:], ')'); n >= 0 {
		s.stack = s.stack[:k]
		return i + 1 + n + 1, false
	}
	if s.stack[k].pos < len(s.src)-2*maxPending {
		return i + 1, false
	}
	s.stack = s.stack[:k]
	s.src = append(s.src[:i+1], "()"...)
	return 0, true
}

// unwind closes what is on the stack.
func (s *settler) unwind(out []byte) []byte {
	out = bytes.TrimRight(out, " \t")
	for k := len(s.stack) - 1; k >= 0; k-- {
		o := s.stack[k]
		if o.pos < len(out)-maxPending {
			continue
		}
		switch {
		case o.mark == '[':
			from := o.pos
			if from > 0 && out[from-1] == '!' {
				from--
			}
			out = slices.Delete(out, from, o.pos+1)
		case o.pos+o.n >= len(out):
			out = bytes.TrimRight(out[:o.pos], " ")
		default:
			out = append(out, bytes.Repeat([]byte{o.mark}, o.n)...)
		}
	}
	return out
}
