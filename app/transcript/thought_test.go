package transcript

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// pressButton clicks a button of a block that is shown.
func pressButton(t *testing.T, tr *Transcript, b *block, n int) {
	t.Helper()
	for _, p := range tr.shown {
		if tr.blocks[p.block] == b {
			c := b.buttons[n]
			click(tr, fyne.NewPos(tr.left+b.shift()+c.pos.X+c.size.Width/2, p.y+c.pos.Y+c.size.Height/2))
			return
		}
	}
	t.Fatal("the block is not shown")
}

// blockOf returns the first block of that kind in a message, nil if none.
func (t *Transcript) blockOf(id int64, k kind) *block {
	m := t.byID[id]
	for _, b := range t.blocks[m.start : m.start+m.count] {
		if b.kind == k {
			return b
		}
	}
	return nil
}

func TestThinkingFolds(t *testing.T) {
	tr, _ := window(t, 600, 600)
	tr.SetMessages([]Message{{ID: 1, Role: User, Markdown: "Why?"}})
	tr.Append(Message{ID: 2, Role: Assistant, Author: "Thinker"})
	tr.SetThinkingNote(2, "Thinking…")
	if tr.blockOf(2, fold) != nil {
		t.Error("there is a fold without thinking")
	}
	tr.AppendThinking(2, "Let me see,\n\nwell")
	tr.AppendThinking(2, " *then*.")
	if !tr.shownText("well *then*.") || !tr.shownText("Thinking…") {
		t.Error("what is being thought does not show")
	}
	tr.SetThinkingNote(2, "Thought for 2 s")
	tr.AppendText(2, "Because of **this**.")
	if tr.shownText("well") || !tr.shownText("Because of this.") || !tr.shownText("Thought for 2 s") {
		t.Error("with the answer, the thinking does not fold")
	}
	tr.Finish(2, "done")
	pressButton(t, tr, tr.blockOf(2, fold), 0)
	if !tr.shownText("well *then*.") || !tr.shownText("Because of this.") {
		t.Error("a click does not unfold the thinking")
	}
	tr.SelectAll()
	if got, want := tr.SelectedText(), "Why?\n\nLet me see,\n\nwell *then*.\n\nBecause of this."; got != want {
		t.Errorf("selected %q, want %q", got, want)
	}
	pressButton(t, tr, tr.blockOf(2, fold), 0)
	if tr.shownText("well") {
		t.Error("a second click does not fold it")
	}
	if got := tr.byID[2].public(); got.Thinking != "Let me see,\n\nwell *then*." || got.Markdown != "Because of **this**." {
		t.Errorf("the message is %+v", got)
	}
}

// A person who has folded the thinking away while it comes is not shown it
// again.
func TestThinkingStaysFolded(t *testing.T) {
	tr, _ := window(t, 600, 600)
	tr.Append(Message{ID: 2, Role: Assistant})
	tr.AppendThinking(2, "one ")
	pressButton(t, tr, tr.blockOf(2, fold), 0)
	tr.AppendThinking(2, "two ")
	if tr.shownText("one") {
		t.Error("it unfolds by itself")
	}
	pressButton(t, tr, tr.blockOf(2, fold), 0)
	tr.AppendText(2, "answer")
	if !tr.shownText("one two") {
		t.Error("it folds by itself")
	}
}

func TestVersionsAndAttachments(t *testing.T) {
	tr, win := window(t, 700, 420)
	step := map[int64]int{}
	tr.OnVersion = func(id int64, by int) { step[id] += by }
	tr.Actions = func(m Message) []Action {
		return []Action{{Icon: theme.DocumentCreateIcon(), Label: "Edit"}, {Label: "With another model", MenuOnly: true}}
	}
	tr.SetMessages([]Message{
		{ID: 1, Role: User, Markdown: "What do these do?", Attached: []string{"main.go · 3 kB", "Pasted text · 12 kB"}, Version: 2, Versions: 3},
		{
			ID: 2, Role: Assistant, Author: "Thinker", Thinking: "Let me see. " + strings.Repeat("It is long. ", 20), ThinkingNote: "Thought for 3.20 s · 214 tokens",
			Markdown: "They wait.", Footer: "12 tokens · 71 tok/s", Details: "temperature 0.7 · seed 7", Version: 1, Versions: 2,
		},
	})
	pressButton(t, tr, tr.blockOf(2, fold), 0)
	tr.MouseMoved(mouseEvent(fyne.NewPos(tr.left+20, tr.shown[len(tr.shown)-1].y+14), 0))
	if tr.overlay.address != "temperature 0.7 · seed 7" {
		t.Errorf("over the footer is shown %q", tr.overlay.address)
	}
	matches(t, win, "versions.png")
	pressButton(t, tr, tr.blockOf(1, footer), 2) // behind Copy and Edit
	pressButton(t, tr, tr.blockOf(2, footer), 2)
	pressButton(t, tr, tr.blockOf(2, footer), 1) // says which one it is, and does nothing
	if step[1] != -1 || step[2] != 1 {
		t.Errorf("the steps are %v", step)
	}
	if n := len(tr.blockOf(2, footer).buttons); n != 5 {
		t.Errorf("%d buttons, want three for the versions, one to copy and one to edit", n)
	}
	if n := len(tr.actionItems(tr.byID[2])); n != 3 {
		t.Errorf("%d items of the menu, want a line and two actions", n)
	}

	tr.SetVersions(1, 0, 1)
	if b := tr.blockOf(1, footer); !b.bare() {
		t.Error("a message without versions keeps the row for them")
	}
}

// TestReplaceAfter changes the end of a chat and keeps in place what is above.
func TestReplaceAfter(t *testing.T) {
	tr, _ := window(t, 600, 400)
	messages := chat(40, 900)
	tr.SetMessages(messages)
	tr.ScrollTo(messages[20].ID)
	tr.scrollBy(-200)
	y := find(t, tr, "Question 20,", false).Y
	fresh := []Message{{ID: 100, Role: User, Markdown: "Another question"}, {ID: 101, Role: Assistant, Markdown: "Another answer"}}
	tr.ReplaceAfter(messages[20].ID, fresh)
	if got := find(t, tr, "Question 20,", false).Y; got != y {
		t.Errorf("what was read has moved by %v", got-y)
	}
	tr.SelectAll()
	if got := tr.SelectedText(); !strings.HasSuffix(got, "Question 20, and a little more of it?\n\nAnother question\n\nAnother answer") {
		t.Errorf("the chat ends with %q", got[max(0, len(got)-200):])
	}
	if tr.ReplaceAfter(101, nil); len(tr.msgs) != 23 {
		t.Errorf("%d messages after nothing was replaced by nothing", len(tr.msgs))
	}
	if tr.ReplaceAfter(0, fresh); len(tr.msgs) != 2 || !tr.shownText("Another answer") {
		t.Errorf("%d messages after all were replaced", len(tr.msgs))
	}
	tr.AppendText(101, " goes on")
	if !tr.shownText("Another answer goes on") {
		t.Error("a replaced message cannot grow")
	}
}

// TestReplaceAfterWithTheSame replaces a long answer by another version of the
// same text: what is read stays in view, and the end if that was.
func TestReplaceAfterWithTheSame(t *testing.T) {
	tr, _ := window(t, 600, 400)
	text := strings.Repeat("Lorem ipsum dolor sit amet.\n\n", 60)
	tr.SetMessages([]Message{
		{ID: 1, Role: User, Markdown: "Question"},
		{ID: 2, Role: Assistant, Author: "A", Markdown: text, Version: 2, Versions: 2},
	})
	tr.ReplaceAfter(1, []Message{{ID: 3, Role: Assistant, Author: "A", Markdown: text}})
	if !tr.AtBottom() {
		t.Error("the end was in view and is not any more")
	}
	tr.scrollBy(-500)
	before := tr.Above()
	tr.ReplaceAfter(1, []Message{{ID: 4, Role: Assistant, Author: "A", Markdown: text}})
	if got := tr.Above(); got < before-1 || got > before+1 || tr.AtBottom() {
		t.Errorf("%v is above what is in view, and it was %v", got, before)
	}
	tr.ReplaceAfter(1, []Message{{ID: 5, Role: Assistant, Author: "A", Markdown: "Other. " + text}})
	if got := tr.Above(); got > 100 {
		t.Errorf("another answer does not begin in view: %v is above", got)
	}
}

// TestFootButtonsFit: however narrow the column and long the footer, the buttons
// stay in it, and what was left out comes back with the room.
func TestFootButtonsFit(t *testing.T) {
	tr, win := window(t, 900, 500)
	tr.Actions = func(Message) (list []Action) {
		for _, name := range []string{"Edit", "Again", "Continue", "Delete"} {
			list = append(list, Action{Label: name, Icon: theme.DeleteIcon(), Run: func(int64) {}})
		}
		return list
	}
	const long = "limite de tokens atteinte · 2500 tokens · 37,2 tok/s · premier en 0,24 s"
	tr.SetMessages([]Message{{
		ID: 1, Role: Assistant, Author: "SmolLM2", Markdown: "Answer.", Footer: long, Details: "seed 7", Version: 2, Versions: 3,
	}})
	for _, width := range []float32{900, 500, 420, 380, 900} {
		win.Resize(fyne.NewSize(width, 500))
		b := tr.blockOf(1, footer)
		for _, c := range b.buttons {
			if end := c.pos.X + c.size.Width; end > b.left+b.avail+buttonInset {
				t.Errorf("in %v the button %q ends at %v, the column at %v", width, c.label, end, b.avail)
			}
		}
		if n := len(b.buttons); n < 5 || width >= 500 && n != 8 {
			t.Errorf("in %v there are %d buttons", width, n)
		}
		if whole := b.lines[0].end == len(long); whole != (width == 900) {
			t.Errorf("in %v all of the text is shown: %v", width, whole)
		}
		if got := long[:b.lines[0].end] + " · " + b.leftOut(); width != 900 && got != long+" · " {
			t.Errorf("in %v the text and what is left out are %q", width, got)
		}
	}
}
