package transcript

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/go-text/typesetting/segmenter"
)

// Distances in Fyne units.
const (
	columnMax   = 760 // widest column of text
	sideMargin  = 28
	bubblePad   = 14
	bubbleShare = 0.85 // of the column
	codePad     = 14
	indentStep  = 26
	quoteStep   = 18
	cellPadX    = 12
	cellPadY    = 7
	foldIndent  = 22  // for the mark before a line that folds
	cellMin     = 110 // columns of a table are not squeezed below
	chipPad     = 4   // on both sides of inline code
	lineFactor  = 1.55
	radius      = 9
)

// maxPiece bounds the text of one canvas object in bytes: a texture has limits.
const maxPiece = 256

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

// layout breaks the text into lines, from the first stale line on.
func (b *block) layout(g *geometry, prev *block) {
	b.top = b.gap(prev)
	b.left = float32(b.indent)*indentStep + float32(b.quote)*quoteStep
	if b.kind == fold {
		b.left = foldIndent
	}
	b.left = min(b.left, g.column/2)
	b.avail = g.column - b.left
	if b.inBubble() {
		b.avail = round(g.column*bubbleShare) - b.left - 2*bubblePad
	}
	if b.laidFor != g {
		b.stale = 0
	}
	b.laidFor = g
	if b.kind == code && !b.coloured && (!b.open || !b.msg.live) {
		// The code is complete: colour it, once.
		b.spans, b.coloured, b.stale = highlight(b.lang, b.text), true, 0
	}
	keep, stale := 0, b.stale
	if b.kind == table {
		keep = len(b.lines)
	} else if b.stale > 0 { // the last line that ends before it may take up a word
		keep = max(sort.Search(len(b.lines), func(i int) bool { return b.lines[i].end >= b.stale })-1, 0)
	}
	start, y := 0, float32(0)
	if keep < len(b.lines) && keep > 0 {
		start, y = b.lines[keep].start, b.lines[keep].y
	}
	b.lines, b.keep, b.stale = b.lines[:min(keep, len(b.lines))], min(keep, b.keep), len(b.text)
	switch b.kind {
	case rule:
		y = 1
	case footer:
		box := wrapBox{end: len(b.text), avail: b.avail, y: (g.ruler.footHeight() - b.pitch(g.ruler)) / 2}
		if b.msg.boxed() {
			box.align = alignRight
		}
		b.wrap(g.ruler, box)
		if y = g.ruler.footHeight(); b.bare() {
			y = 0
		}
	case code:
		y = b.layoutCode(g.ruler, start, y)
	case table:
		y = b.layoutTable(g.ruler, stale)
	default:
		box := wrapBox{start: start, end: len(b.text), avail: b.avail, y: y}
		if b.kind == header && b.msg.boxed() {
			box.align = alignRight
		} else if b.msg.role == Notice {
			box.align = alignCentre
		}
		y = b.wrap(g.ruler, box)
	}
	b.natural = 0
	for i := range b.lines {
		b.natural = max(b.natural, b.lines[i].x+b.lines[i].w)
	}
	b.contentH = y
	if b.kind == code {
		b.contentH += g.ruler.codeHead() + 2*codePad - 4
	}
	if b.kind == table {
		b.natural = b.tableWidth()
		if b.natural > b.avail {
			b.contentH += 10 // for the scroll bar
		}
	}
	if b.inBubble() && b.first {
		b.top += bubblePad - 4
	}
	b.h, b.known = b.top+b.contentH, true
	if b.inBubble() && b.last {
		b.h += bubblePad - 4
	}
}

// gap is the space above the block.
func (b *block) gap(prev *block) float32 {
	switch {
	case prev == nil:
		return 16
	case b.joint == glued || b.bare():
		return 0
	case b.kind == footer:
		return 4
	case prev.msg != b.msg:
		return 20
	case prev.kind == header:
		return 5
	case prev.kind == fold:
		return 8
	case b.kind == heading:
		return 22
	case b.joint == below && b.indent == 0:
		return 0
	case b.indent > 0 && prev.indent > 0:
		return 5
	case prev.kind == heading:
		return 9
	case b.kind == rule || prev.kind == rule:
		return 20
	}
	return 13
}

// wrapBox is where a stretch of text goes.
type wrapBox struct {
	start, end int
	x, avail   float32
	y          float32
	align      align
	fits       bool // known to be one line without tabulators
}

// wrapper lays out lines of words.
type wrapper struct {
	b     *block
	r     *ruler
	box   wrapBox
	pitch float32
	ln    line
	x     float32
	apart bool // the next piece starts a new fragment
}

// wrap lays out a stretch of text and returns the y below it. Break
// opportunities are those of Unicode UAX 14, so that CJK text wraps too; a word
// wider than the box is cut between graphemes.
func (b *block) wrap(r *ruler, box wrapBox) float32 {
	w := &wrapper{b: b, r: r, box: box, pitch: b.pitch(r)}
	w.ln = line{start: box.start, end: box.start, x: box.x, y: box.y, h: w.pitch}
	if box.fits {
		w.put(box.start, box.end)
		w.flush(box.end)
		return w.box.y
	}
	var seg segmenter.Segmenter
	seg.InitWithString(b.text[box.start:box.end])
	at := box.start
	for it := seg.LineIterator(); it.Next(); {
		next := at
		for _, c := range it.Line().Text {
			next += utf8.RuneLen(c)
		}
		w.word(at, next)
		at = next
	}
	w.flush(box.end)
	return w.box.y
}

// word places text[at:next], a word and the blanks behind it.
func (w *wrapper) word(at, next int) {
	text := w.b.text
	end := at + len(strings.TrimRight(text[at:next], " \n\t\u200b"))
	wide := end-at > 4*maxPiece // not worth measuring
	if !wide {
		width := w.b.measure(w.r, at, end)
		wide = width > w.box.avail
		if w.x > 0 && w.x+width > w.box.avail {
			w.flush(at)
		}
	}
	if wide {
		w.cut(at, end)
	} else {
		w.put(at, end)
	}
	blanks := strings.TrimRight(text[end:next], "\n")
	for len(blanks) > 0 {
		n := len(blanks) - len(strings.TrimLeft(blanks, "\t"))
		if n > 0 {
			w.x = w.tab(w.x, n)
			w.apart = true
		} else if n = strings.IndexByte(blanks, '\t'); n < 0 {
			n = len(blanks)
			w.x += w.b.measure(w.r, end, end+n)
		} else {
			w.x += w.b.measure(w.r, end, end+n)
		}
		blanks, end = blanks[n:], end+n
	}
	if strings.HasSuffix(text[at:next], "\n") {
		w.flush(next)
	}
}

// tab returns x moved on by n tabulators.
func (w *wrapper) tab(x float32, n int) float32 {
	step := 4 * w.r.width(" ", w.b.face(w.r, -1))
	return (float32(int(x/step+0.01)) + float32(n)) * step
}

// cut places a word that is wider than the box.
func (w *wrapper) cut(at, end int) {
	var seg segmenter.Segmenter
	seg.InitWithString(w.b.text[at:end])
	from, x := at, w.x
	for it := seg.GraphemeIterator(); it.Next(); {
		next := at
		for _, c := range it.Grapheme().Text {
			next += utf8.RuneLen(c)
		}
		n := w.b.measure(w.r, at, next)
		if x > 0 && x+n > w.box.avail || at-from > maxPiece {
			w.put(from, at)
			if x+n > w.box.avail {
				w.flush(at)
				x = 0
			}
			w.apart = true
			from = at
		}
		x += n
		at = next
	}
	w.put(from, end)
}

// put places text[from:to] on the line.
func (w *wrapper) put(from, to int) {
	for from < to {
		s, e := w.b.spanAt(from, to)
		w.x += w.b.chip(s, from, true)
		width := w.r.width(w.b.text[from:e], w.b.face(w.r, s))
		if n := len(w.ln.frags); n > 0 && w.ln.frags[n-1].span == s && !w.apart {
			f := &w.ln.frags[n-1]
			f.w, f.end = w.box.x+w.x+width-f.x, e
		} else {
			w.ln.frags = append(w.ln.frags, frag{w.box.x + w.x, width, from, e, s})
		}
		w.x += width + w.b.chip(s, e, false)
		from, w.ln.end, w.apart = e, e, false
	}
}

// flush ends the line; the next one starts at byte next.
func (w *wrapper) flush(next int) {
	if n := len(w.ln.frags); n > 0 {
		w.ln.w = w.ln.frags[n-1].x + w.ln.frags[n-1].w - w.box.x
	}
	var shift float32
	switch w.box.align {
	case alignRight:
		shift = w.box.avail - w.ln.w
	case alignCentre:
		shift = (w.box.avail - w.ln.w) / 2
	}
	if shift > 0 {
		w.ln.x += shift
		for i := range w.ln.frags {
			w.ln.frags[i].x += shift
		}
	}
	w.b.lines = append(w.b.lines, w.ln)
	w.box.y += w.pitch
	w.ln, w.x, w.apart = line{start: next, end: next, x: w.box.x, y: w.box.y, h: w.pitch}, 0, false
}
