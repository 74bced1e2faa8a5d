package transcript

import (
	"slices"
	"strings"
)

// attr is a set of inline attributes of text.
type attr uint8

const (
	bold attr = 1 << iota
	italic
	mono
	strike
	link
)

// span gives the byte range [start,end) of a block's text one look.
type span struct {
	start, end int
	attr       attr
	tone       tone   // of source code
	href       string // of a link
	source     string // of a formula that is shown in another form
}

// kind tells how a block is laid out.
type kind uint8

const (
	paragraph kind = iota
	heading
	code
	table
	rule
	header // who wrote a message: the line above it; never selected
	footer // what is known of a message, and its buttons; never selected
	fold   // what is known of a message's thinking, and whether it shows; never selected
)

// furniture reports whether blocks of the kind are no text of the message.
func (k kind) furniture() bool { return k == header || k == footer || k == fold }

// joint is what stands between a block and the one before it in copied text.
type joint uint8

const (
	apart joint = iota // an empty line
	below              // a line break
	glued              // nothing: they are one text, cut for its size
)

// align is the horizontal alignment of a table cell.
type align uint8

const (
	alignLeft align = iota
	alignCentre
	alignRight
)

// cell is one cell of a table: a byte range of the block's text.
type cell struct {
	row, col, start, end int
	align                align
}

// content is a parsed block. Its text is exactly what is selected and, but for
// formulas, copied; all offsets are bytes of it and never of the markdown.
type content struct {
	kind   kind
	level  int    // of a heading, 1 to 6
	quote  int    // depth of block quotes
	indent int    // depth of lists
	marker string // of a list item, on its first block
	joint  joint
	lang   string // of code
	open   bool   // code whose closing fence has not arrived
	text   string
	spans  []span
	cells  []cell
}

// alike reports whether one can become the other by a change of text only.
func (c *content) alike(o *content) bool {
	return c.kind == o.kind && c.level == o.level && c.quote == o.quote && c.indent == o.indent &&
		c.marker == o.marker && c.lang == o.lang && c.joint == o.joint
}

// differsAt returns the first byte from which on o looks different, or -1 when
// it does not.
func (c *content) differsAt(o *content) int {
	p, n := 0, min(len(c.text), len(o.text))
	for p < n && c.text[p] == o.text[p] {
		p++
	}
	for i := range max(len(c.spans), len(o.spans)) {
		if i < len(c.spans) && i < len(o.spans) && c.spans[i] == o.spans[i] {
			continue
		}
		if i < len(c.spans) {
			p = min(p, c.spans[i].start)
		}
		if i < len(o.spans) {
			p = min(p, o.spans[i].start)
		}
		break
	}
	if p == len(c.text) && p == len(o.text) && c.open == o.open && slices.Equal(c.cells, o.cells) {
		return -1
	}
	return p
}

// builder is a block that is being parsed.
type builder struct {
	content
	buf []byte // its text so far
}

// add appends text with a look.
func (b *builder) add(s string, a attr, href string) {
	if s == "" {
		return
	}
	start := len(b.buf)
	b.buf = append(b.buf, s...)
	if a == 0 {
		return
	}
	if n := len(b.spans); n > 0 {
		if l := &b.spans[n-1]; l.end == start && l.attr == a && l.href == href && l.source == "" {
			l.end = len(b.buf)
			return
		}
	}
	b.spans = append(b.spans, span{start: start, end: len(b.buf), attr: a, href: href})
}

// addMath appends what is shown for a formula.
func (b *builder) addMath(shown, source string, a attr, href string) {
	if shown == source {
		b.add(shown, a, href)
		return
	}
	start := len(b.buf)
	b.buf = append(b.buf, shown...)
	b.spans = append(b.spans, span{start: start, end: len(b.buf), attr: a, href: href, source: source})
}

// copied is what text[from:to] is copied as: a formula that is in it as a whole
// is copied as it was written.
func (c *content) copied(from, to int) string {
	var sb strings.Builder
	for _, s := range c.spans {
		if s.source != "" && s.start >= from && s.end <= to {
			sb.WriteString(c.text[from:s.start])
			sb.WriteString(s.source)
			from = s.end
		}
	}
	sb.WriteString(c.text[from:to])
	return sb.String()
}
