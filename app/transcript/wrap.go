package transcript

import (
	"strings"
	"unicode/utf8"

	"github.com/go-text/typesetting/segmenter"
)

// maxPiece bounds the text of one canvas object in bytes: a texture has limits.
const maxPiece = 256

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
	lone := symbolic(text[at:end])
	w.apart = w.apart || lone
	if wide {
		w.cut(at, end)
	} else {
		w.put(at, end)
	}
	w.apart = w.apart || lone
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

// symbolic reports whether s has arrows or signs of mathematics in it. Most fonts
// lack some; those that stand in have blanks of other widths, so that a word with
// such a sign is painted by itself, where it was measured to be.
func symbolic(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x2100 && r < 0x2c00 })
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
