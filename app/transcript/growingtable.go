package transcript

import "bytes"

// growingTable is the table that a streaming answer ends with, up to its last
// complete row. Its rows are parsed as they come and not all of them with each
// piece of text: the rows of a table do not depend on each other, only on its
// head.
type growingTable struct {
	start  int     // of the table in the message's text
	parsed int     // end of the last row in rows
	head   []byte  // the two lines that make it a table
	rows   content // parsed; empty while there is no table
	count  int     // of the rows, with the head
}

// grow parses the open chunk, which starts at byte start of src, if it is
// nothing but a table. Text that has not ended yet is settled.
func (g *growingTable) grow(src []byte, start int) (all content, ok bool) {
	if g.rows.text == "" || g.start != start {
		if !g.begin(src, start) {
			return content{}, false
		}
	}
	end := bytes.LastIndexByte(src, '\n') + 1
	if !onlyRows(src[g.parsed:]) {
		return content{}, false
	}
	if end > g.parsed {
		rows, count, ok := g.with(src[g.parsed:end])
		if !ok {
			return content{}, false
		}
		g.rows, g.count, g.parsed = rows, count, end
	}
	if end == len(src) {
		return g.rows, true
	}
	all, _, ok = g.with(settle(append(bytes.Clone(g.head), src[end:]...))[len(g.head):])
	return all, ok
}

// begin looks for the head of a table at byte start.
func (g *growingTable) begin(src []byte, start int) bool {
	*g = growingTable{}
	first := bytes.IndexByte(src[start:], '\n')
	if first < 0 || !onlyRows(src[start:]) {
		return false
	}
	second := bytes.IndexByte(src[start+first+1:], '\n')
	if second < 0 {
		return false
	}
	parsed := start + first + 1 + second + 1
	out := parseChunk(chunk{src: src[start:parsed]})
	if len(out) != 1 || out[0].kind != table {
		return false
	}
	*g = growingTable{start: start, parsed: parsed, head: src[start:parsed:parsed], rows: out[0], count: 1}
	return true
}

// onlyRows reports whether all lines of src start as rows of a table do, which
// nothing else in markdown does.
func onlyRows(src []byte) bool {
	for len(src) > 0 {
		if src[0] != '|' {
			return false
		}
		n := bytes.IndexByte(src, '\n')
		if n < 0 {
			return true
		}
		src = src[n+1:]
	}
	return true
}

// with returns the table with more rows, and how many it has then.
func (g *growingTable) with(src []byte) (all content, count int, ok bool) {
	if len(src) == 0 {
		return g.rows, g.count, true
	}
	out := parseChunk(chunk{src: append(bytes.Clone(g.head), src...)})
	if len(out) != 1 || !out[0].alike(&g.rows) {
		return content{}, 0, false
	}
	more, from := out[0], 0 // from its second row on
	for from < len(more.cells) && more.cells[from].row == 0 {
		from++
	}
	all, count = g.rows, g.count
	if from == len(more.cells) {
		return all, count, true
	}
	cut := more.cells[from].start - 1 // with the line break before the row
	shift := len(all.text) - cut
	all.text += more.text[cut:]
	all.cells = append([]cell(nil), all.cells...)
	for _, c := range more.cells[from:] {
		count = max(count, g.count+c.row)
		c.row, c.start, c.end = g.count+c.row-1, c.start+shift, c.end+shift
		all.cells = append(all.cells, c)
	}
	all.spans = append([]span(nil), all.spans...)
	for _, s := range more.spans {
		if s.start > cut {
			s.start, s.end = s.start+shift, s.end+shift
			all.spans = append(all.spans, s)
		}
	}
	return all, count, true
}
