package transcript

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// maxChunk bounds a chunk, in bytes, so that neither parsing nor layout of what
// is still growing can take long, whatever a model writes.
const maxChunk = 16 << 10

// chunk is a stretch of markdown that is parsed by itself.
type chunk struct {
	src []byte
	// item is the marker of the list item that the chunk starts with, if it
	// does. Its number is counted on from the items before: people and models
	// number all their items 1.
	item  marker
	glued bool // cut off from the chunk before it for its size only
}

// splitter cuts a growing markdown text into chunks. A chunk ends at a blank
// line outside fences and list items, before the next list item, or with its
// fence, and never changes after that; where the cuts are depends on the text
// only and not on the pieces it comes in.
type splitter struct {
	src     []byte
	open    int    // start of the open chunk
	scanned int    // start of the first line not looked at yet
	fence   string // fence that the open chunk is inside of
	blank   bool   // the last line was blank
	nested  bool   // the open chunk starts with a list item or is indented: indented lines belong to it
	glued   bool   // the open chunk continues one that grew too large
	item    marker // of the open chunk
	last    marker // of the chunk before
}

// feed appends clean text and returns the chunks that it closed. The rest is
// openChunk.
func (sp *splitter) feed(s string) []chunk {
	sp.src = append(sp.src, s...)
	var closed []chunk
	cut := func(at int, glued bool) {
		if c := (chunk{sp.src[sp.open:at], sp.item, sp.glued}); len(bytes.TrimSpace(c.src)) > 0 {
			closed = append(closed, c)
		}
		sp.open, sp.nested, sp.glued, sp.last, sp.item = at, false, glued, sp.item, marker{}
	}
	for {
		n := bytes.IndexByte(sp.src[sp.scanned:], '\n')
		end := sp.scanned + n + 1
		if n < 0 {
			end = len(sp.src)
		}
		for sp.fence == "" && end-sp.open > maxChunk {
			at := sp.open + breakBefore(sp.src[sp.open:end], maxChunk)
			cut(at, true)
			sp.scanned = max(sp.scanned, at)
		}
		if n < 0 {
			return closed
		}
		sp.line(sp.scanned, end, cut)
		sp.scanned = end
	}
}

// line takes the complete line src[start:end] into account.
func (sp *splitter) line(start, end int, cut func(at int, glued bool)) {
	line := sp.src[start:end]
	trim := bytes.TrimSpace(line)
	if sp.fence != "" {
		if closesFence(string(trim), sp.fence) {
			sp.fence = ""
			if !sp.nested {
				cut(end, false)
			}
		}
		sp.blank = false
		return
	}
	if len(trim) == 0 {
		sp.blank = true
		return
	}
	indented := line[0] == '\t' || bytes.HasPrefix(line, []byte("  "))
	inner := sp.nested && indented
	item := listMarker(line)
	// As in CommonMark, a paragraph is only interrupted by an ordered list
	// that starts with one: "in\n2024. Then" is not a list.
	item.ok = item.ok && (item.delim == 0 || item.number == 1 || sp.nested || sp.blank || start == sp.open)
	fence := fenceOf(line)
	if start > sp.open && (fence != "" && !inner || item.ok || sp.blank && !inner) {
		cut(start, false)
	}
	if start == sp.open {
		sp.nested = item.ok || line[0] == '\t' || bytes.HasPrefix(line, []byte("    "))
		if item.ok {
			sp.item = item
			if item.delim != 0 && item.delim == sp.last.delim {
				sp.item.number = sp.last.number + 1
			}
		}
	}
	if inner {
		fence = fenceOf(trim)
	}
	sp.fence, sp.blank = fence, false
}

// openChunk is the text behind the last closed chunk.
func (sp *splitter) openChunk() chunk {
	return chunk{sp.src[sp.open:], sp.item, sp.glued}
}

// breakBefore finds the best place to cut s at or before limit: behind a line,
// else behind a word, else between two characters.
func breakBefore(s []byte, limit int) int {
	if i := bytes.LastIndexByte(s[:limit], '\n'); i > 0 {
		return i + 1
	}
	if i := bytes.LastIndexByte(s[:limit], ' '); i > 0 {
		return i + 1
	}
	for limit > 1 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return limit
}

// fenceOf returns the opening code fence that line starts with, or "".
func fenceOf(line []byte) string {
	l := bytes.TrimLeft(line, " ")
	if len(line)-len(l) > 3 {
		return ""
	}
	for _, c := range []byte("`~") {
		n := len(l) - len(bytes.TrimLeft(l, string(c)))
		if n < 3 {
			continue
		}
		info, _, _ := bytes.Cut(l[n:], []byte("\n"))
		if c == '`' && bytes.IndexByte(info, '`') >= 0 {
			return "" // a code span
		}
		return strings.Repeat(string(c), n)
	}
	return ""
}

// closesFence reports whether the trimmed line ends code opened by fence.
func closesFence(line, fence string) bool {
	return len(line) >= len(fence) && strings.Trim(line, fence[:1]) == ""
}

// marker is what starts a list item.
type marker struct {
	ok     bool
	delim  byte // '.' or ')' of an ordered item, 0 for a bullet
	number int
}

// listMarker returns the list marker at the very start of a line.
func listMarker(l []byte) marker {
	n, number := 0, 0
	for ; n < len(l) && n < 9 && l[n] >= '0' && l[n] <= '9'; n++ {
		number = number*10 + int(l[n]-'0')
	}
	switch {
	case n+1 >= len(l) || l[n+1] != ' ' && l[n+1] != '\t':
	case n > 0 && (l[n] == '.' || l[n] == ')'):
		return marker{true, l[n], number}
	case n == 0 && (l[0] == '-' || l[0] == '*' || l[0] == '+'):
		return marker{ok: true}
	}
	return marker{}
}
