package transcript

import (
	"sort"
	"strings"
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
	footGap     = 8   // between the text of a footer and its buttons
	buttonInset = 6   // between the edge of a button and its icon
	lineFactor  = 1.55
	radius      = 9
)

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
		box := wrapBox{end: b.footEnd(g.ruler), avail: b.avail, y: (g.ruler.footHeight() - b.pitch(g.ruler)) / 2}
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

// footEnd is where the text of a footer ends that leaves room for the buttons
// beside it: its last parts are left out, and shown with the details.
func (b *block) footEnd(r *ruler) int {
	_, buttons := b.buttonWidths(r)
	end := len(b.text)
	for b.measure(r, 0, end) > b.avail-buttons-footGap+buttonInset {
		cut := strings.LastIndex(b.text[:end], " · ")
		if cut < 0 {
			break
		}
		end = cut
	}
	return end
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
