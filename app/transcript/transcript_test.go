package transcript

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"pgregory.net/rapid"
)

func TestSelectionCrossesBlocksAndMessages(t *testing.T) {
	tr, win := window(t, 860, 1500)
	tr.SetMessages(sample)
	drag(tr, find(t, tr, "defer", false), find(t, tr, "Thanks!", true))
	got := tr.SelectedText()
	for _, want := range []string{
		"defer f.Close()\n\tst, _ := f.Stat()\n", "\n}\n\nMeasured on", "tok/s\nstories15M\t58 MB\t0.04 s\t310\n",
		"tensors.\n\nThe model was changed to TinyLlama 1.1B.\n\nThanks!",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the selection lacks %q:\n%s", want, got)
		}
	}
	tr.TypedShortcut(&fyne.ShortcutCopy{Clipboard: fyne.CurrentApp().Clipboard()})
	if c := fyne.CurrentApp().Clipboard().Content(); c != got {
		t.Errorf("clipboard %q", c)
	}
	matches(t, win, "selection.png")
	if c := win.Canvas().Focused(); c != tr {
		t.Errorf("the focus is with %T", c)
	}
}

func TestCopyListsAsWritten(t *testing.T) {
	tr, _ := window(t, 860, 1500)
	tr.SetMessages(sample)
	drag(tr, find(t, tr, "The page", false), find(t, tr, "read the tensors", true))
	want := "The page cache is shared, so a second start is warm.\n2. MAP_PRIVATE keeps the file untouched.\n" +
		"  - nested: advise with madvise\n  - and unmap never at exit\n3. Alignment: start every tensor at 32 bytes.\n" +
		"- [x] read the header\n- [ ] read the tensors"
	if got := tr.SelectedText(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestClicks(t *testing.T) {
	tr, _ := window(t, 860, 1500)
	tr.SetMessages(sample)
	p := find(t, tr, "quantised", false).AddXY(3, 0)
	click(tr, p)
	if s := tr.SelectedText(); s != "" {
		t.Errorf("one click selects %q", s)
	}
	click(tr, p)
	if s := tr.SelectedText(); s != "quantised" {
		t.Errorf("a double click selects %q", s)
	}
	click(tr, p)
	if s := tr.SelectedText(); s != "Yes. Pages are dropped and read again; a smaller quantised file is the better answer." {
		t.Errorf("a triple click selects %q", s)
	}
	tr.mouse.lastPos = fyne.Position{}
	click(tr, find(t, tr, "Pages", false))
	press(tr, find(t, tr, "dropped", true), fyne.KeyModifierShift)
	if s := tr.SelectedText(); s != "Pages are dropped" {
		t.Errorf("a click with Shift selects %q", s)
	}
	tr.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s := tr.SelectedText(); s != "" {
		t.Errorf("Escape leaves %q", s)
	}
}

// Selecting all takes in messages that were never shown.
func TestSelectAll(t *testing.T) {
	tr, _ := window(t, 600, 300)
	tr.SetMessages(chat(40, 700))
	tr.TypedShortcut(&fyne.ShortcutSelectAll{})
	got := tr.SelectedText()
	for _, want := range []string{"Question 0,", "Question 38,", "Section 0"} {
		if !strings.Contains(got, want) {
			t.Errorf("the selection lacks %q", want)
		}
	}
	if n := strings.Count(got, "Section 0"); n != 20 {
		t.Errorf("%d answers of 20 are selected", n)
	}
}

// Streamed text ends in the same layout as text set at once.
func TestStreamingEqualsWhole(t *testing.T) {
	parts := []string{
		"word ", "**bold** ", "*it", "* ", "`code` ", "\n", "\n\n", "- item ", "\n- ", "\n  - ", "1. ", "```", "```go\n", "\n```\n",
		"~~~\n", "> q ", "\n# H\n", "| a | b |\n|---|--:|\n| 1 | 2 |\n", "日本語の文章", "😀👨‍👩‍👧", "[l](http://x.y) ", "\t", "    ",
		"averylongwordwithoutanyplacetobreakitatallsothatitmustbecut", "<b>", "---\n", "- [x] done", "\\", "é", "\r\n", "\x1b[1m", "![a](b)",
	}
	streamed, _ := window(t, 420, 300)
	whole := New()
	win := test.NewTempWindow(t, whole)
	win.Resize(fyne.NewSize(420, 300))
	win.SetPadded(false)
	rapid.Check(t, func(rt *rapid.T) {
		src := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 60).Draw(rt, "parts"), "")
		whole.SetMessages([]Message{{ID: 1, Role: Assistant, Markdown: src}})
		streamed.SetMessages([]Message{{ID: 1, Role: Assistant}})
		for rest := src; rest != ""; {
			n := min(rapid.IntRange(1, 12).Draw(rt, "piece"), len(rest))
			streamed.AppendText(1, rest[:n])
			rest = rest[n:]
		}
		streamed.Finish(1, "")
		whole.ScrollTo(1)
		streamed.ScrollTo(1)
		equalLayout(rt, streamed, whole)
	})
}

func equalLayout(t *rapid.T, got, want *Transcript) {
	if len(got.blocks) != len(want.blocks) {
		t.Fatalf("%d blocks, want %d", len(got.blocks), len(want.blocks))
	}
	for i := range got.blocks {
		a, b := got.ensure(i), want.ensure(i)
		if x, y := outline([]content{a.content}), outline([]content{b.content}); a.kind != code && x != y {
			t.Fatalf("block %d: %s want %s", i, x, y)
		}
		if a.text != b.text || a.h != b.h || len(a.lines) != len(b.lines) {
			t.Fatalf("block %d: %q, %v high, %d lines; want %q, %v, %d", i, a.text, a.h, len(a.lines), b.text, b.h, len(b.lines))
		}
		for k := range a.lines {
			if x, y := a.lines[k], b.lines[k]; x.start != y.start || x.end != y.end || x.w != y.w || x.y != y.y || len(x.frags) != len(y.frags) {
				t.Fatalf("block %d line %d: %+v want %+v", i, k, x, y)
			}
		}
		for y := float32(-5); y < a.h+20; y += 19 { // hit tests stay in the text
			for x := float32(-5); x < 420; x += 67 {
				if o := a.hit(x, y); o < 0 || o > len(a.text) {
					t.Fatalf("a hit at %v,%v gives %d of %d", x, y, o, len(a.text))
				}
			}
		}
	}
}

// While text is streamed, unfinished markup does not show.
func TestStreamingSettles(t *testing.T) {
	tr, _ := window(t, 600, 400)
	tr.Append(Message{ID: 1, Role: Assistant})
	src := "This is **bold** and `code` and [a link](https://example.org/x).\n\nItems:\n- one\n- two"
	for i := range len(src) {
		tr.AppendText(1, src[i:i+1])
		for _, b := range tr.blocks {
			if strings.ContainsAny(b.text, "*`[](") || b.kind == heading {
				t.Errorf("after %q: %q", src[:i+1], b.text)
			}
		}
	}
}

// What is being read stays where it is while the answer below grows.
func TestHeldStill(t *testing.T) {
	tr, _ := window(t, 600, 400)
	tr.SetMessages(append(chat(20, 900), Message{ID: 100, Role: Assistant}))
	told := []bool{}
	tr.OnScroll = func(at bool) { told = append(told, at) }
	tr.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 300)})
	at := tr.shown[0]
	for range 200 {
		tr.AppendText(100, " more words to come")
	}
	if tr.shown[0] != at || tr.AtBottom() {
		t.Errorf("moved from %v to %v", at, tr.shown[0])
	}
	tr.ScrollToBottom()
	if !tr.AtBottom() || fmt.Sprint(told) != "[false true]" {
		t.Errorf("OnScroll was told %v", told)
	}
	if at, size := tr.thumb.Position(), tr.thumb.Size(); at.Y+size.Height < tr.Size().Height-1 {
		t.Errorf("the scroll bar ends at %v of %v", at.Y+size.Height, tr.Size().Height)
	}
	last := tr.shown[len(tr.shown)-1]
	if last.block != len(tr.blocks)-1 {
		t.Errorf("the last block shown is %d of %d", last.block, len(tr.blocks))
	}
}

// Scrolling up and down by the same way ends where it began, although heights
// above were guesses before.
func TestScrollThereAndBack(t *testing.T) {
	tr, _ := window(t, 600, 400)
	tr.SetMessages(chat(60, 900))
	tr.scrollBy(-1000)
	b, y := tr.blocks[tr.shown[0].block], tr.shown[0].y
	for range 100 {
		tr.scrollBy(-70)
	}
	for range 100 {
		tr.scrollBy(70)
	}
	if tr.blocks[tr.shown[0].block] != b || tr.shown[0].y-y > 0.5 || y-tr.shown[0].y > 0.5 {
		t.Errorf("came back to %v, want %v", tr.shown[0], y)
	}
	for range 2000 {
		tr.scrollBy(-70)
	}
	if tr.anchor != 0 || tr.off != 0 {
		t.Errorf("the top is block %d, %v", tr.anchor, tr.off)
	}
	tr.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	tr.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	if tr.anchor != 0 || tr.AtBottom() {
		t.Errorf("Home leads to block %d", tr.anchor)
	}
}

// The wheel scrolls the column wherever the pointer is; sideways it moves the
// code under it.
func TestWheel(t *testing.T) {
	tr, _ := window(t, 600, 500)
	tr.SetMessages(sample)
	tr.ScrollTo(3)
	tr.scrollBy(300)
	p := find(t, tr, "defer", false)
	b, _, _ := tr.contentAt(p)
	tr.Scrolled(&fyne.ScrollEvent{PointEvent: fyne.PointEvent{Position: p}, Scrolled: fyne.NewDelta(-60, 0)})
	if b.hscroll != 60 {
		t.Errorf("the code is scrolled by %v", b.hscroll)
	}
	for turned, want := range map[float32]float32{25: 65, 12: 12} { // a notch of a wheel, and a touchpad
		y := find(t, tr, "defer", false).Y
		tr.Scrolled(&fyne.ScrollEvent{PointEvent: fyne.PointEvent{Position: p}, Scrolled: fyne.NewDelta(0, turned)})
		if got := find(t, tr, "defer", false).Y; got != y+want {
			t.Errorf("%v moves the column by %v, want %v", turned, got-y, want)
		}
	}
}

func TestButtons(t *testing.T) {
	tr, _ := window(t, 860, 1500)
	var copied int64
	tr.OnCopyMessage = func(id int64) { copied = id }
	var acted int64
	tr.Actions = func(Message) []Action {
		return []Action{{Icon: theme.ViewRefreshIcon(), Label: "Regenerate", Run: func(id int64) { acted = id }}}
	}
	tr.SetMessages(sample)
	clipboard := fyne.CurrentApp().Clipboard()
	press := func(b *block, n int) {
		t.Helper()
		for _, p := range tr.shown {
			if tr.blocks[p.block] == b {
				c := b.buttons[n]
				at := fyne.NewPos(tr.left+b.shift()+c.pos.X+c.size.Width/2, p.y+c.pos.Y+c.size.Height/2)
				tr.MouseMoved(mouseEvent(at, 0))
				if tr.Cursor() != desktop.PointerCursor {
					t.Error("no hand over a button")
				}
				if c.icon != nil && tr.overlay.address != c.label {
					t.Errorf("over the button is shown %q, want %q", tr.overlay.address, c.label)
				}
				click(tr, at)
				tr.MouseMoved(mouseEvent(at.AddXY(1, 0), 0))
				if tr.overlay.address != "" {
					t.Errorf("after the click %q stays", tr.overlay.address)
				}
				return
			}
		}
		t.Fatal("the block is not shown")
	}
	last := tr.blocks[len(tr.blocks)-1]
	press(last, 0)
	if got := clipboard.Content(); got != sample[len(sample)-1].Markdown || copied != 6 {
		t.Errorf("copied %q of message %d", got, copied)
	}
	press(last, 1)
	if acted != 6 {
		t.Errorf("the action ran for message %d", acted)
	}
	for _, b := range tr.blocks {
		if b.kind == code {
			press(b, 0)
			if got := clipboard.Content(); got != b.text || !strings.HasPrefix(got, "// open maps") {
				t.Errorf("copied %q", got)
			}
		}
	}
}

func TestLinksOpenOnClickOnly(t *testing.T) {
	tr, win := window(t, 860, 1500)
	var opened []string
	tr.OnLink = func(s string) { opened = append(opened, s) }
	tr.SetMessages(sample)
	p := find(t, tr, "mmap(2)", false).AddXY(8, 0)
	tr.MouseMoved(mouseEvent(p, 0))
	if want := "https://man7.org/linux/man-pages/man2/mmap.2.html"; tr.overlay.address != want {
		t.Errorf("the address shown is %q", tr.overlay.address)
	}
	matches(t, win, "link.png")
	drag(tr, p, p.AddXY(30, 0))
	if len(opened) > 0 {
		t.Errorf("a drag opened %q", opened)
	}
	tr.mouse.lastPos = fyne.Position{}
	click(tr, p)
	if len(opened) != 1 {
		t.Errorf("a click opened %q", opened)
	}
	tr.MouseOut()
	if tr.overlay.address != "" {
		t.Errorf("the address %q stays", tr.overlay.address)
	}
	tr.MouseMoved(mouseEvent(p, 0))
	tr.ReplaceAfter(0, chat(3, 600))
	if tr.overlay.address != "" {
		t.Errorf("the address %q stays where the link was", tr.overlay.address)
	}
}

func TestJumpToNewest(t *testing.T) {
	tr, win := window(t, 600, 400)
	tr.SetMessages(chat(20, 600))
	tr.scrollBy(-500)
	matches(t, win, "jump.png")
	j := tr.overlay.jump
	click(tr, j.pos.AddXY(j.size.Width/2, j.size.Height/2))
	if !tr.AtBottom() {
		t.Error("the button does not lead to the end")
	}
}

// TestTipsCoverNeither: a tip covers neither the line it is about nor the way
// back to the newest message, wherever the pointer is.
func TestTipsCoverNeither(t *testing.T) {
	tr, _ := window(t, 600, 400)
	messages := chat(20, 600)
	for i := range messages {
		messages[i].Markdown = strings.Repeat("[a link](https://example.org/"+strings.Repeat("long/", 20)+") ", 60)
		messages[i].Role = Assistant
	}
	tr.SetMessages(messages)
	covered := 0
	for _, scrolled := range []float32{0, -500} {
		tr.scrollBy(scrolled)
		for y := float32(1); y < 400; y += 7 {
			for x := float32(5); x < 580; x += 40 {
				tr.MouseMoved(mouseEvent(fyne.NewPos(x, y), 0))
				if tr.overlay.address == "" {
					continue
				}
				covered++
				tip := tr.objects[len(tr.objects)-2]
				top, bottom := tip.Position().Y, tip.Position().Y+tip.Size().Height
				if top < y+12 && bottom > y-12 {
					t.Errorf("at %v, %v the tip covers what it is about: %v to %v", x, y, top, bottom)
				}
				if jump := tr.overlay.jump; !tr.stick && bottom > jump.pos.Y && tip.Position().X+tip.Size().Width > jump.pos.X {
					t.Errorf("at %v, %v the tip covers the button: it ends at %v, %v", x, y, tip.Position().X+tip.Size().Width, bottom)
				}
				if top < 0 || bottom > 400 {
					t.Errorf("at %v, %v the tip is not in view: %v to %v", x, y, top, bottom)
				}
			}
		}
	}
	if covered == 0 {
		t.Error("there was no tip")
	}
}

// The buttons below a message as they look under the pointer, and after a
// press.
func TestButtonsLook(t *testing.T) {
	tr, win := window(t, 600, 330)
	tr.Actions = func(m Message) []Action {
		if m.Role != Assistant {
			return []Action{{Icon: theme.DocumentCreateIcon(), Label: "Edit"}}
		}
		return []Action{{Icon: theme.ViewRefreshIcon(), Label: "Regenerate"}, {Label: "2/3"}}
	}
	tr.SetMessages([]Message{
		{ID: 1, Role: User, Author: "You", Markdown: "Question?", Footer: "edited"},
		{ID: 2, Role: User, Markdown: "Another?"},
		{ID: 3, Role: Assistant, Author: "SmolLM2", Markdown: "```\nx\n```"},
	})
	tr.MouseMoved(mouseEvent(find(t, tr, "Question?", false), 0))
	for _, b := range tr.live {
		if b.kind == code {
			b.buttons[0].copied, b.buttons[0].hot = true, true
			b.buttons[0].paint()
		}
		if b.kind == footer && b.msg.id == 3 {
			b.buttons[0].copied = true
			b.buttons[1].hot = true
			b.buttons[0].paint()
			b.buttons[1].paint()
		}
	}
	matches(t, win, "buttons.png")
}

// A button can be pressed while its block grows.
func TestPressWhileStreaming(t *testing.T) {
	tr, _ := window(t, 600, 400)
	tr.Append(Message{ID: 1, Role: Assistant})
	tr.AppendText(1, "```go\nx := 1\n")
	c := tr.blocks[0].buttons[0]
	p := fyne.NewPos(tr.left+c.pos.X+5, tr.shown[0].y+c.pos.Y+5)
	press(tr, p, 0)
	tr.AppendText(1, "y := 2\nz := 3\n")
	tr.MouseUp(mouseEvent(p, 0))
	if got := fyne.CurrentApp().Clipboard().Content(); got != "x := 1\ny := 2\nz := 3" {
		t.Errorf("copied %q", got)
	}
}

// The buttons of a question stand beside its box and take no room.
func TestQuestionButtons(t *testing.T) {
	tr, win := window(t, 600, 330)
	edited := int64(0)
	tr.Actions = func(m Message) []Action {
		if m.Role != User {
			return nil
		}
		return []Action{{Icon: theme.DocumentCreateIcon(), Label: "Edit", Run: func(id int64) { edited = id }}}
	}
	tr.SetMessages([]Message{
		{ID: 1, Role: User, Markdown: "Question?"},
		{ID: 2, Role: Assistant, Author: "SmolLM2", Markdown: "Answer.", Footer: "3 tokens"},
	})
	at := find(t, tr, "Question?", false)
	if at, b := tr.placedAt(at); len(b.buttons) != 2 || !b.buttons[0].hidden() || tr.buttonAt(fyne.NewPos(
		tr.left+b.shift()+b.buttons[0].pos.X+5, at.y+b.buttons[0].pos.Y+5)) != nil {
		t.Fatalf("there are %d buttons, or they show without the pointer", len(b.buttons))
	}
	before := slices.Clone(tr.heights)
	tr.MouseMoved(mouseEvent(at, 0))
	matches(t, win, "question-buttons.png")
	place, b := tr.placedAt(at)
	for i, c := range b.buttons {
		if c.pos.X+c.size.Width > 0 || c.pos.Y < 0 || c.pos.Y+c.size.Height > b.h {
			t.Errorf("%s does not stand beside the box: %v", c.label, c.pos)
		}
		p := fyne.NewPos(tr.left+b.shift()+c.pos.X+5, place.y+c.pos.Y+5)
		if tr.buttonAt(p) != c {
			t.Fatalf("%s is not where it is seen", c.label)
		}
		tr.MouseMoved(mouseEvent(p, 0))
		click(tr, p)
		if got := fyne.CurrentApp().Clipboard().Content(); i == 0 && got != "Question?" {
			t.Errorf("copied %q", got)
		}
	}
	if edited != 1 {
		t.Errorf("message %d is edited, want 1", edited)
	}
	if !slices.Equal(tr.heights, before) {
		t.Errorf("heights %v under the pointer and %v without", tr.heights, before)
	}
	tr.SetFooter(1, "edited")
	if place, b := tr.placedAt(find(t, tr, "Question?", false)); len(b.buttons) > 0 {
		t.Errorf("block %d keeps its buttons beside the footer's", place.block)
	}
}

// What means nothing to the transcript is the window's.
func TestKeysAreHandedOn(t *testing.T) {
	tr, win := window(t, 600, 400)
	tr.SetMessages(sample)
	var keys, runes string
	win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { keys += string(ev.Name) + " " })
	win.Canvas().SetOnTypedRune(func(r rune) { runes += string(r) })
	for _, name := range []fyne.KeyName{fyne.KeyF2, fyne.KeyUp, fyne.KeySpace, fyne.KeyEscape} {
		tr.TypedKey(&fyne.KeyEvent{Name: name})
	}
	for _, r := range "a b" {
		tr.TypedRune(r)
	}
	if keys != "F2 Escape " || runes != "ab" {
		t.Errorf("handed on %q and %q", keys, runes)
	}
}
