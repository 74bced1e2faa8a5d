package transcript

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"pgregory.net/rapid"
)

// texts are the messages as the blocks have them.
func texts(tr *Transcript) string {
	tr.SelectAll()
	return tr.SelectedText()
}

func TestEditing(t *testing.T) {
	tr, _ := window(t, 600, 400)
	tr.Append(Message{ID: 1, Role: User, Author: "You", Markdown: "one"})
	tr.Append(Message{ID: 2, Role: Assistant, Markdown: "two\n\n**2**"})
	tr.Append(Message{ID: 3, Role: Notice, Markdown: "three"})
	steps := []struct {
		do   func()
		want string
	}{
		{func() {}, "one\n\ntwo\n\n2\n\nthree"},
		{func() { tr.SetText(2, "- a\n- b") }, "one\n\na\n- b\n\nthree"},
		{func() { tr.AppendText(2, "c\n\nd") }, "one\n\na\n- bc\n\nd\n\nthree"},
		{func() { tr.SetText(1, "*one*\n\nmore") }, "*one*\n\nmore\n\na\n- bc\n\nd\n\nthree"},
		{func() { tr.Append(Message{ID: 3, Role: Notice, Markdown: "again"}) }, "*one*\n\nmore\n\na\n- bc\n\nd\n\nagain"},
		{func() { tr.Remove(2); tr.Remove(77); tr.AppendText(77, "x"); tr.Finish(77, "") }, "*one*\n\nmore\n\nagain"},
		{func() { tr.Clear() }, ""},
		{func() { tr.Append(Message{ID: 2, Role: Assistant, Markdown: "new"}) }, "new"},
	}
	for i, s := range steps {
		s.do()
		got := texts(tr)
		if strings.HasPrefix(s.want, "one\n\na") || strings.HasPrefix(s.want, "*one*\n\nmore\n\na\n") {
			got = strings.Replace(got, "\n- a", "\na", 1) // a list that is not copied from its start has its marker
		}
		if got != s.want {
			t.Errorf("step %d: %q, want %q", i, got, s.want)
		}
	}
}

func TestFooter(t *testing.T) {
	tr, _ := window(t, 600, 400)
	tr.Append(Message{ID: 1, Role: Assistant, Markdown: "a"})
	tr.AppendText(1, "b \xe6\x97")
	tr.Finish(1, "3 tokens")
	last := tr.blocks[len(tr.blocks)-1]
	if last.kind != footer || last.text != "3 tokens" {
		t.Errorf("the footer is %q", last.text)
	}
	if got := texts(tr); got != "ab \uFFFD\uFFFD" { // one for each byte that is no character
		t.Errorf("the text is %q", got)
	}
	tr.SetFooter(1, "stopped\x1b")
	if last.text != "stopped\uFFFD" {
		t.Errorf("the footer is %q", last.text)
	}
}

// The selection stays on its text when messages before it change.
func TestSelectionFollowsItsText(t *testing.T) {
	tr, _ := window(t, 600, 900)
	tr.SetMessages([]Message{
		{ID: 1, Role: Assistant, Markdown: "first"}, {ID: 2, Role: Assistant, Markdown: "find me here"}, {ID: 3, Role: Assistant, Markdown: "last"},
	})
	drag(tr, find(t, tr, "me", false), find(t, tr, "here", true))
	tr.SetText(1, "a\n\nb\n\nc")
	tr.AppendText(3, "\n\nmore")
	if got := tr.SelectedText(); got != "me here" {
		t.Errorf("the selection is %q", got)
	}
	tr.Remove(2)
	if got := tr.SelectedText(); got != "" {
		t.Errorf("the selection is %q", got)
	}
}

// Any order of changes leaves a list of blocks that agrees with the messages.
func TestAnyChange(t *testing.T) {
	tr, _ := window(t, 500, 300)
	rapid.Check(t, func(rt *rapid.T) {
		tr.Clear()
		id := func() int64 { return rapid.Int64Range(1, 6).Draw(rt, "id") }
		md := func() string {
			return rapid.SampledFrom([]string{"", "a", "\n\n", "# h", "- x\n- y\n", "```go\nx\n```\n", "|a|\n|-|\n|b|\n", strings.Repeat("word ", 80)}).Draw(rt, "text")
		}
		role := func() string {
			return rapid.SampledFrom([]string{User, Assistant, System, Notice}).Draw(rt, "role")
		}
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			switch rapid.IntRange(0, 8).Draw(rt, "step") {
			case 0:
				tr.Append(Message{ID: id(), Role: role(), Author: "A", Markdown: md()})
			case 1, 2:
				tr.AppendText(id(), md())
			case 3:
				tr.SetText(id(), md())
			case 4:
				tr.Remove(id())
			case 5:
				tr.Finish(id(), md())
			case 6:
				tr.scrollBy(float32(rapid.IntRange(-300, 300).Draw(rt, "dy")))
			case 7:
				tr.SelectAll()
			case 8:
				ms := make([]Message, 6)
				for i := range ms {
					ms[i] = Message{ID: int64(i + 1), Role: role(), Markdown: md()}
				}
				tr.SetMessages(ms)
			}
			consistent(rt, tr)
		}
	})
}

func consistent(t *rapid.T, tr *Transcript) {
	at := 0
	for _, m := range tr.msgs {
		if m.start != at || m.count < m.head+m.n || tr.byID[m.id] != m {
			t.Fatalf("message %d: %d blocks from %d on, want from %d", m.id, m.count, m.start, at)
		}
		for i := range m.count {
			if tr.blocks[at+i].msg != m {
				t.Fatalf("block %d is of message %d, want %d", at+i, tr.blocks[at+i].msg.id, m.id)
			}
		}
		at += m.count
	}
	if at != len(tr.blocks) || at != len(tr.heights) || len(tr.byID) != len(tr.msgs) {
		t.Fatalf("%d blocks, %d heights, %d in messages", len(tr.blocks), len(tr.heights), at)
	}
	for _, p := range tr.shown {
		if tr.blocks[p.block].view == nil {
			t.Fatalf("block %d has no objects", p.block)
		}
	}
	if at > 0 && len(tr.shown) == 0 {
		t.Fatal("nothing is shown")
	}
}

// A hostile answer is shown, in pieces and at once, with few objects, in time.
func TestHostileAnswerShows(t *testing.T) {
	tr, win := window(t, 600, 400)
	for name, src := range map[string]string{
		"no space":  strings.Repeat("x", 1<<20),
		"code line": "```\n" + strings.Repeat("y", 1<<20) + "\n```",
		"list":      strings.Repeat("- ", 10_000) + "end",
		"lines":     strings.Repeat("\n", 100_000),
		"combining": strings.Repeat("e\u0301\u0301\u0301", 5000),
	} {
		for _, role := range []string{Assistant, User} {
			tr.SetMessages([]Message{{ID: 1, Role: role, Markdown: src}})
			tr.AppendText(1, src[:100])
			win.Canvas().Capture()
			objects := 0
			for _, b := range tr.live {
				objects += len(b.view.inner.Objects)
			}
			if objects > 5000 {
				t.Errorf("%s as %s: %d objects", name, role, objects)
			}
		}
	}
}

// The text size, the theme and the width are followed.
func TestFollowsTheme(t *testing.T) {
	tr, win := window(t, 700, 500)
	tr.SetMessages(sample)
	if tr.palette != &lightPalette {
		t.Error("not the light palette")
	}
	before := tr.geometry.ruler.body
	fyne.CurrentApp().Settings().SetTheme(newTheme(theme.VariantDark, 21))
	waitFor(t, func() bool { return tr.palette == &darkPalette && tr.geometry.ruler.body > before })
	win.Resize(fyne.NewSize(400, 500))
	if tr.geometry.column != 400-2*sideMargin {
		t.Errorf("the column is %v wide", tr.geometry.column)
	}
}

// waitFor waits for what Fyne does later.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for range 200 {
		if done() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("it did not happen")
}

func TestContextMenu(t *testing.T) {
	tr, win := window(t, 860, 1500)
	tr.SetMessages(sample)
	clipboard := fyne.CurrentApp().Clipboard()
	choose := func(at fyne.Position, label string) {
		t.Helper()
		for _, item := range tr.menuAt(at).Items {
			if item.Label == label && !item.Disabled {
				item.Action()
				return
			}
		}
		t.Errorf("no %q in the menu", label)
	}
	p := find(t, tr, "quantised", false)
	for _, c := range []struct {
		at          fyne.Position
		label, want string
	}{
		{p, "Copy block", "Yes. Pages are dropped and read again; a smaller quantised file is the better answer."},
		{p, "Copy message", sample[len(sample)-1].Markdown},
		{find(t, tr, "mmap(2)", false).AddXY(3, 0), "Copy link address", "https://man7.org/linux/man-pages/man2/mmap.2.html"},
	} {
		choose(c.at, c.label)
		if got := clipboard.Content(); got != c.want {
			t.Errorf("%s copied %q", c.label, got)
		}
	}
	choose(find(t, tr, "Thanks", false), "Select message")
	choose(p, "Copy")
	if got := clipboard.Content(); got != "Thanks!" {
		t.Errorf("copied %q", got)
	}
	tr.TappedSecondary(&fyne.PointEvent{Position: p})
	if win.Canvas().Overlays().Top() == nil {
		t.Error("a secondary tap opens no menu")
	}
}
