package transcript

import (
	"regexp"
	"slices"

	"fyne.io/fyne/v2"
)

// search is what a person looks for in the chat.
type search struct {
	pattern *regexp.Regexp // nil for nothing
	at      *block         // of the occurrence that is looked at, nil for none
	off     int            // where it begins there
	// unfolded is the message whose thinking is shown for what was found in it.
	unfolded *message
}

// mark is a range of a block's text that was found.
type mark struct {
	start, end int
	current    bool
}

// occurrence is a place where the text was found.
type occurrence struct {
	spot
	end int
	// folded says that the text is thinking that is folded away: spot is the
	// line that stands for it, and part counts the blocks that would follow.
	folded bool
	part   int
}

func (s *search) forget() { s.at, s.off, s.unfolded = nil, 0, nil }

// marksIn are the occurrences in a block.
func (s *search) marksIn(b *block) (marks []mark) {
	if s.pattern == nil || b.kind.furniture() {
		return nil
	}
	for _, r := range s.pattern.FindAllStringIndex(b.text, -1) {
		marks = append(marks, mark{r[0], r[1], s.at == b && s.off == r[0]})
	}
	return marks
}

// foldedIn are the occurrences in the thinking that is folded away behind block
// i.
func (s *search) foldedIn(b *block, i int) (out []occurrence) {
	if b.kind != fold || b.msg.thought.open {
		return nil
	}
	for part, c := range plainText(b.msg.thought.text, true) {
		for _, r := range s.pattern.FindAllStringIndex(c.text, -1) {
			out = append(out, occurrence{spot{i, r[0]}, r[1], true, part})
		}
	}
	return out
}

// Find marks all occurrences of text, whatever their case, and goes to the
// first one that is not above what is shown. It returns the number of that one,
// counted from 1, and how many there are: twice 0 if there is none. Thinking that
// is folded away shows for as long as an occurrence in it is looked at. An empty
// text ends the search.
func (t *Transcript) Find(text string) (number, all int) {
	t.foldFound()
	t.search = search{}
	if text == "" {
		t.show()
		return 0, 0
	}
	t.search.pattern = regexp.MustCompile("(?i)" + regexp.QuoteMeta(text))
	places := t.places()
	if len(places) == 0 {
		t.show()
		return 0, 0
	}
	at, _ := slices.BinarySearchFunc(places, t.anchor, func(p occurrence, anchor int) int { return p.block - anchor })
	return t.look(places, at%len(places))
}

// FindNext goes so many occurrences on, or back, and around at the ends. It
// returns what [Transcript.Find] does.
func (t *Transcript) FindNext(by int) (number, all int) {
	if t.search.pattern == nil {
		return 0, 0
	}
	places := t.places()
	if len(places) == 0 {
		t.foldFound()
		t.search.forget()
		t.show()
		return 0, 0
	}
	at := slices.IndexFunc(places, func(p occurrence) bool {
		return t.blocks[p.block] == t.search.at && p.off == t.search.off
	})
	if at < 0 { // it has gone with its text
		at = min(0, -by)
	}
	n := len(places)
	return t.look(places, ((at+by)%n+n)%n)
}

// places lists all occurrences in the order of the chat.
func (t *Transcript) places() (out []occurrence) {
	parsed := false
	for _, m := range t.msgs {
		if m.pending {
			t.parse(m)
			parsed = true
		}
	}
	if parsed {
		t.show() // the blocks that are shown have other indices now
	}
	for i, b := range t.blocks {
		for _, m := range t.search.marksIn(b) {
			out = append(out, occurrence{spot: spot{i, m.start}, end: m.end})
		}
		out = append(out, t.search.foldedIn(b, i)...)
	}
	return out
}

// look brings one of the places into view, a third down from the top unless it
// shows already.
func (t *Transcript) look(places []occurrence, at int) (number, all int) {
	p := places[at]
	p.block = t.unfoldFor(p)
	if t.style() {
		b := t.ensure(p.block)
		t.search.at, t.search.off = b, p.off
		_, y := b.origin()
		for i := range b.lines {
			if l := &b.lines[i]; p.off >= l.start && p.off <= l.end {
				y += l.y
				break
			}
		}
		if top, shown := t.topOf(p.block); !shown || top+y < 0 || top+y > t.Size().Height-60 {
			t.stick, t.anchor, t.off = false, p.block, y-round(t.Size().Height/3)
		}
		t.show()
		b.reveal(p)
	}
	return at + 1, len(places)
}

// unfoldFor shows the thinking that an occurrence is folded away in, folds away
// what an earlier one has shown, and returns the block of the occurrence.
func (t *Transcript) unfoldFor(p occurrence) (block int) {
	b := t.blocks[p.block]
	if b.msg != t.search.unfolded {
		t.foldFound()
	}
	if p.folded {
		b.msg.thought.open = true
		t.search.unfolded = b.msg
		t.showThought(b.msg)
		return slices.Index(t.blocks, b) + 1 + p.part
	}
	return slices.Index(t.blocks, b)
}

// foldFound folds the thinking away that was shown for what was found in it,
// unless a person has folded or unfolded it since.
func (t *Transcript) foldFound() {
	m := t.search.unfolded
	t.search.unfolded = nil
	if m != nil && t.byID[m.id] == m {
		m.thought.open = false
		t.showThought(m)
	}
}

// topOf is where a visible block begins.
func (t *Transcript) topOf(block int) (y float32, shown bool) {
	for _, p := range t.shown {
		if p.block == block {
			return p.y, true
		}
	}
	return 0, false
}

// reveal scrolls a block sideways until a place in it can be seen.
func (b *block) reveal(p occurrence) {
	if b.view == nil || !b.sideways() || b.overhang() == 0 {
		return
	}
	for i := range b.lines {
		l := &b.lines[i]
		if p.off < l.start || p.off > l.end {
			continue
		}
		_, _, w, _ := b.window()
		if x := b.xAt(l, p.off); x < b.hscroll || b.xAt(l, min(p.end, l.end)) > b.hscroll+w {
			b.slide(x - w/3 - b.hscroll)
		}
		return
	}
}

// marked paints an occurrence, as far as its lines have objects.
func (b *block) marked(m mark, p *palette) (out []fyne.CanvasObject) {
	c := p.found
	if m.current {
		c = p.current
	}
	for i := b.view.lo; i < b.view.hi; i++ {
		l := &b.lines[i]
		from, to := max(m.start, l.start), min(m.end, l.end)
		if from >= to {
			continue
		}
		if x1, x2 := b.xAt(l, from), b.xAt(l, to); x2 > x1 {
			out = append(out, box(c, x1-1, l.y+2, x2-x1+2, l.h-4, 3))
		}
	}
	return out
}
