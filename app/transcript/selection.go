package transcript

import (
	"strings"

	"fyne.io/fyne/v2"
)

// spot is a place in the transcript: a byte of the text of a block.
type spot struct{ block, off int }

func (a spot) before(b spot) bool { return a.block < b.block || a.block == b.block && a.off < b.off }

// unit is what a drag extends a selection by.
type unit int

const (
	byGrapheme unit = iota + 1
	byWord
	byBlock
)

// selection is the selected range.
type selection struct {
	t        *Transcript
	from, to spot // ordered
	// base is what the first click selected: a place, a word or a block.
	base [2]spot
	unit unit
}

func (s *selection) clear() { s.from, s.to, s.base = spot{}, spot{}, [2]spot{} }

func (s *selection) empty() bool { return !s.from.before(s.to) }

// within gives the selected bytes of block i.
func (s *selection) within(i int) (from, to int) {
	b := s.t.blocks[i]
	if s.empty() || i < s.from.block || i > s.to.block || b.kind.furniture() {
		return 0, 0
	}
	if to = len(b.text); i == s.to.block {
		to = min(s.to.off, to)
	}
	if i == s.from.block {
		from = min(s.from.off, to)
	}
	return from, to
}

// unitAt widens a spot to the word or block around it.
func (s *selection) unitAt(p spot) [2]spot {
	b := s.t.blocks[p.block]
	switch s.unit {
	case byWord:
		from, to := b.word(min(p.off, len(b.text)))
		return [2]spot{{p.block, from}, {p.block, to}}
	case byBlock:
		return [2]spot{{p.block, 0}, {p.block, len(b.text)}}
	}
	return [2]spot{p, p}
}

// extend selects from the base to p.
func (s *selection) extend(p spot) {
	u := s.unitAt(p)
	s.from, s.to = s.base[0], s.base[1]
	if u[0].before(s.from) {
		s.from = u[0]
	}
	if s.to.before(u[1]) {
		s.to = u[1]
	}
	s.t.show()
}

// moved keeps the selection on its text when blocks were replaced; one whose
// text went away goes with it.
func (s *selection) moved(at, removed, change int) {
	if removed > 0 && s.to.block >= at && s.from.block < at+removed {
		s.clear()
		return
	}
	for _, p := range []*spot{&s.from, &s.to, &s.base[0], &s.base[1]} {
		if p.block >= at+removed {
			p.block += change
		}
	}
}

// SelectedText is the selection as plain text: blocks apart by an empty line,
// list items by a line break; code exactly as it was written; table cells
// apart by tabs.
func (t *Transcript) SelectedText() string {
	var sb strings.Builder
	var prev *block
	parsed := false
	for i := t.sel.from.block; i <= t.sel.to.block && i < len(t.blocks); i++ {
		if m := t.blocks[i].msg; m.pending {
			t.parse(m)
			parsed = true
		}
		b := t.blocks[i]
		from, to := t.sel.within(i)
		if from == to {
			continue
		}
		if prev != nil {
			switch {
			case prev.msg != b.msg || b.joint == apart || b.indent > 0 && prev.indent == 0:
				sb.WriteString("\n\n")
			case b.joint == below:
				sb.WriteString("\n")
			}
		}
		if b.marker != "" && from == 0 && prev != nil {
			sb.WriteString(strings.Repeat("  ", b.indent-1) + plainMarker.Replace(b.marker) + " ")
		}
		sb.WriteString(b.copied(from, to))
		prev = b
	}
	if parsed {
		t.show() // the blocks that are shown have other indices now
	}
	return sb.String()
}

// plainMarker writes list markers as markdown does.
var plainMarker = strings.NewReplacer("•", "-", "☐", "- [ ]", "☑", "- [x]")

// SelectAll selects the text of all messages.
func (t *Transcript) SelectAll() {
	if n := len(t.blocks); n > 0 {
		t.selectBlocks(0, n)
	}
}

// selectBlocks selects the blocks [from,to).
func (t *Transcript) selectBlocks(from, to int) {
	t.sel.from, t.sel.to = spot{from, 0}, spot{to - 1, len(t.blocks[to-1].text)}
	t.sel.base, t.sel.unit = [2]spot{t.sel.from, t.sel.from}, byGrapheme
	t.show()
}

// Copy puts the selection on the clipboard; without one it leaves the
// clipboard alone.
func (t *Transcript) Copy(clipboard fyne.Clipboard) {
	if s := t.SelectedText(); s != "" {
		clipboard.SetContent(s)
	}
}
