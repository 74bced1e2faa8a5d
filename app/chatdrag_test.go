package app

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"github.com/google/go-cmp/cmp"

	"lumi/app/history"
	"lumi/app/settings"
)

// dragLine drags a line to the middle of another one, in steps as a mouse does,
// and calls look before the button is let go.
func (l *chatList) dragLine(from, to int, modifier fyne.KeyModifier, look func()) {
	centre := func(i int) fyne.Position {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(l.scroll)
		return at.AddXY(60, (l.tops[i]+l.tops[i+1])/2-l.scroll.Offset.Y)
	}
	row, start, end := l.rows[from], centre(from), centre(to)
	row.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{AbsolutePosition: start}, Modifier: modifier})
	for step := range 5 {
		at := start.AddXY(0, (end.Y-start.Y)*float32(step)/4)
		row.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{AbsolutePosition: at}})
	}
	look()
	row.MouseUp(nil)
	row.DragEnd()
}

func TestDragIsGivenUp(t *testing.T) {
	b := newListBench(t, []listLine{
		{kind: folderHead, folder: history.Folder{ID: 5, Name: "Work"}},
		{kind: chatLine, chat: history.Chat{ID: 1, Title: "Chat"}},
	})
	if b.cancelDrag() {
		t.Error("there was nothing to give up")
	}
	b.dragLine(1, 0, 0, func() {
		if !b.cancelDrag() || b.cancelDrag() {
			t.Error("a drag is not given up once")
		}
		b.rows[1].Dragged(&fyne.DragEvent{}) // the hand moves on
		if len(b.over.Objects) > 0 {
			t.Error("what was dragged is still shown")
		}
	})
	if done := b.done(); done != nil {
		t.Errorf("after it was given up: %v", done)
	}
}

func TestChatsAreDragged(t *testing.T) {
	chat := func(id, folder int64) history.Chat { return history.Chat{ID: id, Title: "Chat", Folder: folder} }
	lines := []listLine{
		{kind: folderHead, folder: history.Folder{ID: 5, Name: "Work"}, count: 1},
		{kind: chatLine, chat: chat(1, 5), inside: true},
		{kind: folderHead, folder: history.Folder{ID: 6, Name: "Home"}, folded: true},
		{name: "Today"},
		{kind: chatLine, chat: chat(2, 0)},
		{kind: chatLine, chat: chat(3, 0)},
		{kind: chatLine, chat: chat(history.TemporaryIDs+1, 0)},
		{kind: hitLine, chat: chat(4, 0), hit: &history.Hit{}},
	}
	for name, c := range map[string]struct {
		from, to int
		chosen   []int64
		where    string
		want     []string
	}{
		"onto a folder":             {4, 2, nil, "→ Home", []string{"move [2] to 6"}},
		"onto a chat in a folder":   {4, 1, nil, "→ Work", []string{"move [2] to 5"}},
		"out of a folder":           {1, 3, nil, "→ No folder", []string{"move [1] to 0"}},
		"several":                   {5, 0, []int64{2, 3}, "→ Work", []string{"move [2 3] to 5"}},
		"one beside the chosen":     {4, 0, []int64{1, 3}, "→ Work", []string{"move [2] to 5"}},
		"some are there already":    {1, 0, []int64{1, 2}, "→ Work", []string{"move [1 2] to 5"}},
		"where it is":               {1, 0, nil, "", nil},
		"among those in no folder":  {4, 5, nil, "", nil},
		"a temporary one":           {6, 0, nil, "", nil},
		"a folder":                  {0, 2, nil, "", nil},
		"what a search has found":   {7, 0, nil, "", nil},
		"a hand that is not steady": {4, 4, nil, "", []string{"open Chat"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newListBench(t, lines)
			b.clock = time.Unix(1, 0)
			for _, id := range c.chosen {
				b.choose(id, true)
			}
			b.dragLine(c.from, c.to, 0, func() {
				where := ""
				if b.drag.where != nil {
					where = b.drag.where.text
				}
				if where != c.where {
					t.Errorf("it says %q, want %q", where, c.where)
				}
				for _, line := range []int{0, 2} {
					id := b.lines[line].folder.ID
					if got, want := b.drag.hits(id), c.where == "→ "+b.lines[line].folder.Name; got != want {
						t.Errorf("folder %d is the goal: %v, want %v", id, got, want)
					}
				}
			})
			if diff := cmp.Diff(c.want, b.done()); diff != "" {
				t.Errorf("done (-want +got):\n%s", diff)
			}
			if b.drag != nil || len(b.over.Objects) > 0 {
				t.Error("something is still dragged")
			}
		})
	}
}

// TestDraggingScrolls drags a chat along the lower and the upper edge.
func TestDraggingScrolls(t *testing.T) {
	b := newListBench(t, manyLines(100))
	b.dragLine(3, 3, 0, func() {
		b.drag.chats = nil
		for range 5 {
			b.dragTo(fyne.NewPos(60, b.Size().Height-2))
		}
		if b.scroll.Offset.Y < 30 {
			t.Errorf("at the lower edge it scrolls to %v", b.scroll.Offset.Y)
		}
		for range 9 {
			b.dragTo(fyne.NewPos(60, 2))
		}
		if b.scroll.Offset.Y != 0 {
			t.Errorf("at the upper edge it scrolls to %v", b.scroll.Offset.Y)
		}
		b.dragTo(fyne.NewPos(600, 40))
		if b.drag.moves {
			t.Error("a chat can be dropped outside of the list")
		}
	})
}

// TestFoldedFoldersAreRemembered folds folders and makes the window anew.
func TestFoldedFoldersAreRemembered(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
	s.library()
	s.drain()
	first, second := s.folders[0].ID, s.folders[1].ID
	told := 0
	s.w.sidebar.do.folded = func() { told++ }
	s.w.sidebar.fold(first)
	s.w.sidebar.fold(second)
	s.w.sidebar.setFolded([]int64{99}) // of a folder that is gone
	s.w.sidebar.fold(second)
	if diff := cmp.Diff([]int64{first}, s.w.sidebar.foldedFolders()); diff != "" || told != 3 {
		t.Errorf("folded, told %d times (-want +got):\n%s", told, diff)
	}
	prefs := settings.Default()
	prefs.FoldedFolders = s.w.sidebar.foldedFolders()
	w := newWindow(s.w.app, s.controller, windowDeps{Look: s.w.look, Prefs: prefs, Changed: func(*window) {}})
	defer w.win.Close()
	if i := w.sidebar.list.find(lineKey{folder: true, id: first}); i < 0 || !w.sidebar.list.lines[i].folded {
		t.Error("the folder is not folded in another window")
	}
	// Renaming a chat shows it, and leaves other folders as they are.
	var inside int64
	for _, chat := range s.chats {
		if chat.Folder == first {
			inside = chat.ID
		}
	}
	w.sidebar.fold(second)
	w.sidebar.beginRename(lineKey{id: inside})
	if diff := cmp.Diff([]int64{second}, w.sidebar.foldedFolders()); diff != "" || w.sidebar.list.rename == nil {
		t.Errorf("folded (-want +got):\n%s", diff)
	}
}
