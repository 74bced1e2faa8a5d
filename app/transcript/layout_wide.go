package transcript

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxColumns bounds a line of code in bytes; a longer one goes on in the next.
const maxColumns = 4096

// layoutCode lays out one line per source line, from byte start on; wide ones
// are scrolled, not wrapped.
func (b *block) layoutCode(r *ruler, start int, y float32) float32 {
	f := b.face(r, -1)
	cw, pitch := r.width("0", f), b.pitch(r)
	for start <= len(b.text) {
		end, next := len(b.text), len(b.text)+1
		if n := strings.IndexByte(b.text[start:], '\n'); n >= 0 {
			end, next = start+n, start+n+1
		}
		if end-start > maxColumns {
			end = start + maxColumns
			for !utf8.RuneStart(b.text[end]) {
				end--
			}
			next = end
		}
		ln := line{start: start, end: end, y: y, h: pitch}
		var x float32
		for off := start; off < end; {
			s, e := b.spanAt(off, end)
			piece := b.text[off:e]
			if tabs := len(piece) - len(strings.TrimLeft(piece, "\t")); tabs > 0 {
				x = (float32(int(x/cw/4+0.01)) + float32(tabs)) * 4 * cw
				off += tabs
				continue
			}
			if i := strings.IndexByte(piece, '\t'); i >= 0 {
				piece = piece[:i]
			}
			if len(piece) > maxPiece {
				n := maxPiece
				for !utf8.RuneStart(piece[n]) {
					n--
				}
				piece = piece[:n]
			}
			w := cw * float32(len(piece))
			if !ascii(piece) {
				w = r.width(piece, f)
			}
			ln.frags = append(ln.frags, frag{x, w, off, off + len(piece), s})
			x += w
			off += len(piece)
		}
		ln.w = x
		b.lines = append(b.lines, ln)
		y += pitch
		start = next
	}
	return y
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// layoutTable gives each column the width of its widest cell. A table that is
// too wide has its widest columns squeezed, whose cells then wrap; one that
// still does not fit scrolls. Rows that end before byte stale are kept while the
// columns stay as they are.
func (b *block) layoutTable(r *ruler, stale int) float32 {
	cols, natural := b.columns(r, stale)
	kept, i := 0, 0
	var y float32
	if slices.Equal(cols, b.cols) && stale > 0 {
		for kept < len(b.rows) {
			end := i
			for end < len(b.cells) && b.cells[end].row == kept {
				end++
			}
			if end == i || b.cells[end-1].end >= stale {
				break
			}
			y = b.rows[kept].y + b.rows[kept].h
			kept, i = kept+1, end
		}
	}
	lines := 0
	if kept > 0 && kept < len(b.rows) {
		lines = b.rows[kept].line
	} else if kept > 0 {
		lines = len(b.lines)
	}
	b.rows, b.lines, b.keep = b.rows[:kept], b.lines[:lines], min(b.keep, lines)
	for i < len(b.cells) {
		row, bottom := b.cells[i].row, y
		b.rows = append(b.rows, tableRow{line: len(b.lines), y: y})
		var x float32
		for ; i < len(b.cells) && b.cells[i].row == row; i++ {
			c := b.cells[i]
			in := wrapBox{start: c.start, end: c.end, x: x + cellPadX, avail: cols[c.col] - 2*cellPadX, y: y + cellPadY, align: c.align}
			in.fits = natural[i] <= in.avail && !strings.ContainsAny(b.text[c.start:c.end], "\n\t") && !symbolic(b.text[c.start:c.end])
			bottom = max(bottom, b.wrap(r, in)+cellPadY)
			x += cols[c.col]
		}
		b.rows[len(b.rows)-1].h = bottom - y
		y = bottom
	}
	b.cols = cols
	return y
}

// columns are the widths of a table's columns, and those of its cells' text,
// which are measured again from byte stale on.
func (b *block) columns(r *ruler, stale int) (cols, cells []float32) {
	before := b.cellsBefore
	cells = make([]float32, len(b.cells))
	copy(cells, b.cellWidths)
	for i, c := range b.cells {
		for len(cols) <= c.col {
			cols = append(cols, 0)
		}
		if c.end >= stale || i >= len(before) || before[i] != c {
			cells[i] = b.cellWidth(r, c)
		}
		cols[c.col] = max(cols[c.col], ceil(cells[i])+2*cellPadX+1)
	}
	b.cellWidths, b.cellsBefore = cells, b.cells
	var sum float32
	for _, w := range cols {
		sum += w
	}
	if sum <= b.avail {
		return cols, cells
	}
	// Find the width that no column may exceed for the table to fit.
	widths := slices.Sorted(slices.Values(cols))
	rest, limit := b.avail, float32(cellMin)
	for i, w := range widths {
		if share := rest / float32(len(widths)-i); w > share {
			limit = max(share, cellMin)
			break
		}
		rest -= w
	}
	for i := range cols {
		cols[i] = min(cols[i], limit)
	}
	return cols, cells
}

// cellWidth is the width of a cell's text, which may have line breaks.
func (b *block) cellWidth(r *ruler, c cell) (w float32) {
	for from := c.start; from <= c.end; {
		end := c.end
		if n := strings.IndexByte(b.text[from:c.end], '\n'); n >= 0 {
			end = from + n
		}
		w = max(w, b.measure(r, from, end))
		from = end + 1
	}
	return w
}

// tableWidth is the width of all columns.
func (b *block) tableWidth() (w float32) {
	for _, c := range b.cols {
		w += c
	}
	return w
}
