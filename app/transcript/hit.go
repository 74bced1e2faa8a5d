package transcript

import (
	"sort"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"github.com/go-text/typesetting/segmenter"
)

// xAt returns the x of byte off in line l, for the edges of a selection.
func (b *block) xAt(l *line, off int) float32 {
	for _, f := range l.frags {
		if off <= f.start {
			return f.x
		}
		if off < f.end {
			return f.x + b.reach(f, off)
		}
	}
	return l.x + l.w
}

// reach is the width of f up to byte off.
func (b *block) reach(f frag, off int) float32 {
	fc := b.face(b.laidFor.ruler, f.span)
	return fyne.MeasureText(b.text[f.start:off], fc.size, fc.style).Width
}

// lineRange returns the lines [lo,hi) that may show between the heights y1 and
// y2 of the content.
func (b *block) lineRange(y1, y2 float32) (lo, hi int) {
	if b.kind == table { // the lines of a row stand side by side
		first := sort.Search(len(b.rows), func(i int) bool { return b.rows[i].y+b.rows[i].h > y1 })
		end := sort.Search(len(b.rows), func(i int) bool { return b.rows[i].y > y2 })
		lo, hi = len(b.lines), len(b.lines)
		if first < len(b.rows) {
			lo = b.rows[first].line
		}
		if end < len(b.rows) {
			hi = b.rows[end].line
		}
		return min(lo, hi), hi
	}
	lo = sort.Search(len(b.lines), func(i int) bool { return b.lines[i].y+b.lines[i].h > y1 })
	hi = sort.Search(len(b.lines), func(i int) bool { return b.lines[i].y > y2 })
	return min(lo, hi), hi
}

// hit returns the byte offset nearest to a point in the content, always
// between two graphemes.
func (b *block) hit(x, y float32) int {
	if b.kind.furniture() || len(b.lines) == 0 {
		return 0
	}
	if y < 0 && b.kind != table {
		return 0
	}
	lo, hi := b.lineRange(y, y)
	if lo >= hi {
		lo, hi = max(min(lo, len(b.lines))-1, 0), min(lo+1, len(b.lines))
	}
	best, dist := &b.lines[lo], float32(1e9)
	for i := lo; i < hi; i++ {
		l := &b.lines[i]
		if d := 100*max(l.y-y, y-l.y-l.h, 0) + max(l.x-x, x-l.x-l.w, 0); d < dist {
			best, dist = l, d
		}
	}
	for _, f := range best.frags {
		if x < f.x {
			return f.start
		}
		if x < f.x+f.w {
			return b.hitFrag(f, x-f.x)
		}
	}
	return best.end
}

// hitFrag returns the grapheme border of f that is nearest to x.
func (b *block) hitFrag(f frag, x float32) int {
	var seg segmenter.Segmenter
	seg.InitWithString(b.text[f.start:f.end])
	stops := []int{f.start}
	for it := seg.GraphemeIterator(); it.Next(); {
		n := stops[len(stops)-1]
		for _, r := range it.Grapheme().Text {
			n += utf8.RuneLen(r)
		}
		stops = append(stops, n)
	}
	i := sort.Search(len(stops)-1, func(i int) bool { return b.reach(f, stops[i+1]) > x })
	if i == len(stops)-1 {
		return f.end
	}
	if l, r := b.reach(f, stops[i]), b.reach(f, stops[i+1]); x > (l+r)/2 {
		i++
	}
	return stops[i]
}

// word returns the word around off (UAX 29), for double clicks.
func (b *block) word(off int) (start, end int) {
	lo := strings.LastIndexByte(b.text[:off], '\n') + 1
	hi := len(b.text)
	if n := strings.IndexByte(b.text[off:], '\n'); n >= 0 {
		hi = off + n
	}
	for off-lo > maxPiece && off < hi { // a word ends somewhere
		if n := strings.IndexByte(b.text[lo:off], ' '); n >= 0 {
			lo += n + 1
			continue
		}
		break
	}
	var seg segmenter.Segmenter
	seg.InitWithString(b.text[lo:hi])
	at, runes := lo, 0
	for it := seg.WordIterator(); it.Next(); {
		w := it.Word()
		for _, r := range b.text[at:hi] { // what lies between two words
			if runes >= w.Offset {
				break
			}
			at += utf8.RuneLen(r)
			runes++
		}
		end := at + len(string(w.Text))
		if off >= at && off < end {
			return at, end
		}
		at, runes = end, runes+len(w.Text)
		if at > off {
			break
		}
	}
	if off >= hi {
		return off, off
	}
	_, n := utf8.DecodeRuneInString(b.text[off:])
	return off, off + n
}

// linkAt returns the address of the link at a point in the content.
func (b *block) linkAt(x, y float32) string {
	lo, hi := b.lineRange(y, y)
	for i := lo; i < hi; i++ {
		l := &b.lines[i]
		if y < l.y || y >= l.y+l.h {
			continue
		}
		for _, f := range l.frags {
			if f.span >= 0 && b.spans[f.span].href != "" && x >= f.x && x < f.x+f.w {
				return b.spans[f.span].href
			}
		}
	}
	return ""
}
