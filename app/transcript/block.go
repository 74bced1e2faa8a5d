package transcript

import "sort"

// frag is a piece of one line in one look; a line is a range of the text with
// its box. Coordinates are relative to the block's content.
type frag struct {
	x, w       float32
	start, end int
	span       int // index into spans, -1 for plain
}

type line struct {
	x, y, w, h float32
	start, end int // end leaves out the trailing blanks
	frags      []frag
}

// tableRow is where a row of a table stands.
type tableRow struct {
	line int // its first line
	y, h float32
}

// block is content with its layout. Everything before byte stale is still laid
// out correctly.
type block struct {
	content
	msg         *message
	first, last bool // of the message's content
	lines       []line
	rows        []tableRow
	cols        []float32 // widths of a table's columns
	cellWidths  []float32 // of the texts of a table's cells,
	cellsBefore []cell    // when it had these
	top, h      float32   // space above; whole height with it
	left, avail float32   // content box in the column
	contentH    float32
	natural     float32 // of the widest line
	known       bool    // h is measured, not guessed
	stale       int
	laidFor     *geometry
	keep        int // lines[:keep] are as they were last painted
	coloured    bool
	hscroll     float32
	view        *view
	buttons     []*button // outlive the view: one may be pressed while text arrives
}

// geometry is what all layout depends on besides the text. A new one makes all
// layout stale.
type geometry struct {
	column float32 // width
	ruler  *ruler
}

// update takes over the new state of a streamed block and notes where it
// begins to differ.
func (b *block) update(n content) {
	p := 0
	if b.coloured {
		b.spans = nil
	} else if p = b.differsAt(&n); p < 0 {
		return
	}
	b.content, b.known, b.coloured = n, false, false
	b.stale = min(b.stale, p)
}

// headingSize is the size of a heading in parts of running text.
var headingSize = [...]float32{1, 1.5, 1.3, 1.14, 1.05, 1, 1}

// face returns the font of span s, -1 for the block's own.
func (b *block) face(r *ruler, s int) face {
	f := face{size: r.body}
	switch b.kind {
	case heading:
		f.size *= headingSize[b.level]
		f.style.Bold = true
	case code:
		f.size -= 1.5
		f.style.Monospace = true
		return f
	case header:
		f.size -= 2
		f.style.Bold = true
	case footer:
		f.size -= 3
	case fold:
		f.size -= 2
	case paragraph:
		if b.msg.aside() {
			f.size -= 2
		}
	}
	if s >= 0 {
		a := b.spans[s].attr
		f.style.Bold = f.style.Bold || a&bold != 0
		f.style.Italic = a&italic != 0
		f.style.Strikethrough = a&strike != 0
		if a&mono != 0 {
			f.style.Monospace = true
			f.size -= 1.5
		}
	}
	return f
}

// spanAt returns the index of the span at byte off (-1: plain) and where that
// stretch ends.
func (b *block) spanAt(off, limit int) (index, end int) {
	i := sort.Search(len(b.spans), func(i int) bool { return b.spans[i].end > off })
	if i == len(b.spans) {
		return -1, limit
	}
	if s := b.spans[i]; off < s.start {
		return -1, min(limit, s.start)
	}
	return i, min(limit, b.spans[i].end)
}

// chip is the room beside inline code at byte off, the start or end of its span.
func (b *block) chip(s, off int, start bool) float32 {
	if s < 0 || b.spans[s].attr&mono == 0 || start && off != b.spans[s].start || !start && off != b.spans[s].end {
		return 0
	}
	return chipPad
}

func (b *block) measure(r *ruler, start, end int) (w float32) {
	for start < end {
		s, e := b.spanAt(start, end)
		w += b.chip(s, start, true) + r.width(b.text[start:e], b.face(r, s)) + b.chip(s, e, false)
		start = e
	}
	return w
}

// pitch is the distance of two lines.
func (b *block) pitch(r *ruler) float32 {
	f := lineFactor
	switch b.kind {
	case heading:
		f = 1.35
	case code:
		f = 1.5
	}
	return round(b.face(r, -1).size * float32(f))
}

// codeHead is the height of the bar above code.
func (r *ruler) codeHead() float32 { return round(r.body + 19) }

// footHeight is the height of the line below a message.
func (r *ruler) footHeight() float32 { return round(r.body + 13) }

// sideways reports whether the block scrolls by itself when it is too wide.
func (b *block) sideways() bool { return b.kind == code || b.kind == table }

// bare reports whether the block is the footer of a person's message that says
// nothing: it takes no room, and the buttons stand beside the box.
func (b *block) bare() bool {
	return b.kind == footer && b.msg.boxed() && b.text == "" && b.msg.versions < 2
}

// hasFootButtons reports whether the block shows the buttons of its message.
func (b *block) hasFootButtons() bool {
	if b.msg.boxed() && b.msg.footer == "" && b.msg.versions < 2 {
		return b.inBubble() && b.last
	}
	return b.kind == footer
}

// inBubble reports whether the block stands in the box of a person's message.
func (b *block) inBubble() bool { return b.msg.boxed() && !b.kind.furniture() }
