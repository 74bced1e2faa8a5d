package transcript

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
)

// thought is what a model thought before it answered: a line that says so, and
// the text below it while that is unfolded.
type thought struct {
	text, note string
	clean      cleaner
	open       bool
	chosen     bool // a person has folded or unfolded it
	count      int  // of its blocks
}

// AppendThinking adds a piece of what a model thinks before it answers. It shows
// until the answer begins, unless a person folds it away before. An unknown id
// is ignored.
func (t *Transcript) AppendThinking(id int64, chunk string) {
	m := t.byID[id]
	if m == nil || chunk == "" || m.plain() {
		return
	}
	m.live = true
	m.thought.text += m.thought.clean.feed(chunk)
	if !m.thought.chosen {
		m.thought.open = true
	}
	t.showThought(m)
	t.show()
}

// SetThinkingNote changes the line above the thinking.
func (t *Transcript) SetThinkingNote(id int64, note string) {
	if m := t.byID[id]; m != nil && m.thought.note != clean(note) {
		m.thought.note = clean(note)
		t.showThought(m)
		t.show()
	}
}

// answers folds the thinking away once there is an answer to read.
func (t *Transcript) answers(m *message) {
	if m.thought.open && !m.thought.chosen {
		m.thought.open = false
		t.showThought(m)
	}
}

// toggle folds or unfolds the thinking.
func (t *Transcript) toggle(m *message) {
	m.thought.open, m.thought.chosen = !m.thought.open, true
	if t.search.unfolded == m { // it is the person's choice now
		t.search.unfolded = nil
	}
	if m.thought.open {
		t.stick = false // it is to be read from its beginning
	}
	t.showThought(m)
	t.show()
}

// showThought brings the blocks of the thinking up to date.
func (t *Transcript) showThought(m *message) {
	var fresh []content
	if m.thought.text != "" {
		fresh = append(fresh, content{kind: fold, text: m.thought.note})
		if m.thought.open {
			fresh = append(fresh, plainText(m.thought.text, true)...)
		}
	}
	at := m.start + m.head - m.thought.count
	t.put(m, at, m.thought.count, fresh)
	if len(fresh) > 0 { // the mark depends on what is below
		t.blocks[at].view, t.blocks[at].buttons = nil, nil
	}
	m.head += len(fresh) - m.thought.count
	m.thought.count = len(fresh)
}

// foldButton is the mark before the line, which folds; all of the line does.
func (b *block) foldButton(t *Transcript) []fyne.CanvasObject {
	icon, label := theme.MenuExpandIcon(), lang.L("Show the thinking")
	if b.msg.thought.open {
		icon, label = theme.MenuDropDownIcon(), lang.L("Hide the thinking")
	}
	if b.buttons == nil {
		b.buttons = []*button{{label: label, icon: icon, run: func() { t.toggle(b.msg) }}}
	}
	c := b.buttons[0]
	out := c.place(t.palette, b.laidFor.ruler.body, 0, b.top-3, b.left+b.natural+8, b.contentH+6)
	c.image.Move(fyne.NewPos(1, c.image.Position().Y))
	return out
}
