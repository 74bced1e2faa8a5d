package transcript

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// shownText reports whether a text is in view.
func (t *Transcript) shownText(s string) bool {
	for _, p := range t.shown {
		b := t.blocks[p.block]
		off := strings.Index(b.text, s)
		if off < 0 {
			continue
		}
		for _, l := range b.lines {
			if _, y := b.origin(); off >= l.start && off <= l.end {
				y += p.y + l.y
				return y >= 0 && y+l.h <= t.Size().Height
			}
		}
	}
	return false
}

func TestFind(t *testing.T) {
	tr, _ := window(t, 600, 400)
	messages := chat(200, 1500)
	messages[21].Markdown += "\n\nThe **Nee**DLE is here.\n"
	messages[150].Markdown = "Is there a needle?"
	messages[151].Markdown = "```\n" + strings.Repeat("x ", 400) + "needle\n```"
	tr.SetMessages(messages)
	if n, all := tr.Find("haystack"); n != 0 || all != 0 {
		t.Errorf("%d of %d occurrences of what is not there", n, all)
	}
	if n, all := tr.Find("needle"); n != 1 || all != 3 || tr.AtBottom() {
		t.Errorf("from the end on, %d of %d occurrences", n, all)
	}
	for i, want := range []struct {
		by, n int
		text  string
	}{{0, 1, "NeeDLE is"}, {1, 2, "a needle?"}, {1, 3, "needle"}, {1, 1, "NeeDLE is"}, {-1, 3, "needle"}, {-1, 2, "a needle?"}} {
		if n, all := tr.FindNext(want.by); n != want.n || all != 3 || !tr.shownText(want.text) {
			t.Errorf("step %d: %d of %d, want %d; %q in view: %v", i, n, all, want.n, want.text, tr.shownText(want.text))
		}
	}
	tr.FindNext(1)
	if b := tr.search.at; b.hscroll == 0 {
		t.Error("code is not scrolled to what was found in it")
	}
	// What has gone is not looked at any more.
	tr.Remove(messages[151].ID)
	if n, all := tr.FindNext(1); n != 1 || all != 2 {
		t.Errorf("after a message has gone, %d of %d", n, all)
	}
	tr.ScrollTo(messages[100].ID)
	if n, _ := tr.Find("needle"); n != 2 {
		t.Errorf("from the middle on, occurrence %d is the first", n)
	}
	if n, all := tr.Find(""); n != 0 || all != 0 || tr.search.pattern != nil {
		t.Error("the search does not end")
	}
}

func TestFindLook(t *testing.T) {
	for name, variant := range map[string]fyne.ThemeVariant{"found-light.png": theme.VariantLight, "found-dark.png": theme.VariantDark} {
		tr, win := window(t, 700, 500)
		fyne.CurrentApp().Settings().SetTheme(newTheme(variant, 0))
		tr.SetMessages(sample[:3])
		tr.Find("t")
		tr.FindNext(40)
		matches(t, win, name)
	}
}

// TestFindInFoldedThinking finds what is folded away, and shows it for as long
// as it is looked at.
func TestFindInFoldedThinking(t *testing.T) {
	tr, _ := window(t, 600, 400)
	messages := chat(40, 300)
	messages[11].Thinking = strings.Repeat("straw ", 2000) + "a needle"
	messages[15].Markdown = "no needle"
	messages[21].Thinking = "needle and needle"
	tr.SetMessages(messages)
	open := func(i int) bool { return tr.byID[messages[i].ID].thought.open }
	tr.ScrollTo(messages[0].ID)
	if n, all := tr.Find("needle"); n != 1 || all != 4 || !open(11) || !tr.shownText("a needle") {
		t.Fatalf("%d of %d, unfolded: %v", n, all, open(11))
	}
	if n, _ := tr.FindNext(1); n != 2 || open(11) || !tr.shownText("no needle") {
		t.Errorf("occurrence %d is looked at, the thinking before is shown: %v", n, open(11))
	}
	for n := 3; n <= 4; n++ {
		if got, all := tr.FindNext(1); got != n || all != 4 || !open(21) || !tr.shownText("needle and needle") {
			t.Errorf("%d of %d, want %d", got, all, n)
		}
	}
	tr.toggle(tr.byID[messages[21].ID])
	tr.toggle(tr.byID[messages[21].ID])
	if n, _ := tr.FindNext(1); n != 1 || !open(21) || !open(11) {
		t.Errorf("occurrence %d is looked at; what a person has unfolded shows: %v", n, open(21))
	}
	tr.Find("")
	if open(11) || !open(21) {
		t.Error("the end of the search leaves open what it has opened, or closes what it has not")
	}
	tr.Find("needle")
	tr.Remove(messages[11].ID)
	if n, all := tr.FindNext(1); n == 0 || all != 3 {
		t.Errorf("without the message that was looked at, %d of %d", n, all)
	}
}
