package app

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"

	"lumi/app/history"
	"lumi/app/settings"
)

// listBench is a list of chats in a window, and what a person did in it.
type listBench struct {
	*chatList
	w       fyne.Window
	did     []string
	clock   time.Time
	handled []fyne.KeyName
}

func (b *listBench) do(format string, args ...any) {
	b.did = append(b.did, fmt.Sprintf(format, args...))
}

// done are the things done since the last call.
func (b *listBench) done() []string {
	did := b.did
	b.did = nil
	return did
}

func newListBench(t *testing.T, lines []listLine) *listBench {
	t.Helper()
	themedApp(t)
	b := &listBench{}
	b.chatList = newChatList(listActions{
		open:   func(line listLine) { b.do("open %s", line.chat.Title) },
		fold:   func(folder int64) { b.do("fold %d", folder) },
		menu:   func(line listLine, _ fyne.Position) { b.do("menu %s%s", line.chat.Title, line.folder.Name) },
		rename: func(line listLine, name string) { b.do("rename %s%s to %s", line.chat.Title, line.folder.Name, name) },
		delete: func(chats []int64) { b.do("delete %v", chats) },
		move:   func(folder int64, chats []int64) { b.do("move %v to %d", chats, folder) },
		chosen: func(int) {},
		keys:   func(*fyne.KeyEvent) bool { return false },
		now:    func() time.Time { return b.clock },
	})
	b.w = test.NewTempWindow(t, b.chatList)
	b.w.Canvas().SetOnTypedKey(func(key *fyne.KeyEvent) { b.handled = append(b.handled, key.Name) })
	b.w.Resize(fyne.NewSize(250, 400))
	b.setLines(lines)
	return b
}

// manyLines are n chats below a heading.
func manyLines(n int) []listLine {
	lines := []listLine{{name: "Today"}}
	for i := range n {
		lines = append(lines, listLine{kind: chatLine, chat: history.Chat{ID: int64(i + 1), Title: fmt.Sprintf("Chat %d", i+1)}})
	}
	return lines
}

func TestListIsVirtual(t *testing.T) {
	b := newListBench(t, manyLines(10_000))
	most := 0
	for y := float32(0); y < b.tops[len(b.lines)]; y += 1777 {
		b.scroll.ScrollToOffset(fyne.NewPos(0, y))
		b.place()
		most = max(most, len(b.rows)+len(b.spare))
		for i, row := range b.rows {
			if row.line.key() != b.lines[i].key() || row.Position().Y != b.tops[i] {
				t.Fatalf("at %v, row %d shows %q at %v", y, i, row.line.chat.Title, row.Position().Y)
			}
		}
		if len(b.rows) < 11 || len(b.body.Objects) != len(b.rows) {
			t.Fatalf("at %v there are %d rows and %d objects", y, len(b.rows), len(b.body.Objects))
		}
	}
	if most > 30 {
		t.Errorf("%d rows were made for a list that shows twelve", most)
	}
	b.w.Canvas().Focus(b)
	press(b, fyne.KeyEnd)
	if b.cursor != 10_000 || b.rows[10_000] == nil {
		t.Errorf("End leads to line %d", b.cursor)
	}
	b.setLines(manyLines(3)) // shorter than what is scrolled away
	if len(b.rows) != 4 || b.scroll.Offset.Y != 0 {
		t.Errorf("a short list has %d rows at %v", len(b.rows), b.scroll.Offset.Y)
	}
}

func TestHigherListShowsMoreLines(t *testing.T) {
	b := newListBench(t, manyLines(100))
	before := len(b.rows)
	b.w.Resize(fyne.NewSize(250, 800))
	if len(b.rows) < 2*before-1 || len(b.body.Objects) != len(b.rows) {
		t.Errorf("at twice the height %d rows became %d, and %d objects", before, len(b.rows), len(b.body.Objects))
	}
}

func TestListKeys(t *testing.T) {
	lines := append([]listLine{{kind: folderHead, folder: history.Folder{ID: 5, Name: "Folder"}, folded: true}}, manyLines(4)...)
	b := newListBench(t, lines)
	b.w.Canvas().Focus(b)
	press(b, fyne.KeyRight)
	press(b, fyne.KeyLeft) // it is folded already
	press(b, fyne.KeyReturn)
	press(b, fyne.KeyDown) // over the heading
	press(b, fyne.KeyReturn)
	press(b, desktop.KeyMenu)
	press(b, fyne.KeyBackspace)
	press(b, fyne.KeyDelete)
	if diff := cmp.Diff([]string{"fold 5", "fold 5", "open Chat 1", "menu Chat 1", "delete [1]"}, b.done()); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]fyne.KeyName{fyne.KeyBackspace}, b.handled); diff != "" {
		t.Errorf("handed on (-want +got):\n%s", diff)
	}
	press(b, fyne.KeyHome)
	press(b, fyne.KeyDown)
	b.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	press(b, fyne.KeyDown)
	press(b, fyne.KeyDown)
	b.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	press(b, fyne.KeyDelete)
	press(b, fyne.KeyEscape)
	press(b, fyne.KeyEnd)
	press(b, fyne.KeySpace)
	b.TypedShortcut(&fyne.ShortcutSelectAll{})
	press(b, fyne.KeyDelete)
	if diff := cmp.Diff([]string{"delete [1 2 3]", "delete [1 2 3 4]"}, b.done()); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
	b.setLines(manyLines(2)) // what is gone is no longer chosen
	if diff := cmp.Diff([]int64{1, 2}, b.allChosen()); diff != "" {
		t.Errorf("chosen (-want +got):\n%s", diff)
	}
	press(b, fyne.KeyEscape)
	press(b, fyne.KeyEscape) // nothing is chosen: it is the window's
	if len(b.chosen) != 0 || b.handled[len(b.handled)-1] != fyne.KeyEscape {
		t.Errorf("Escape leaves %v and hands on %v", b.chosen, b.handled)
	}
	b.setLines(nil)
	for _, key := range []fyne.KeyName{fyne.KeyDown, fyne.KeyReturn, fyne.KeyDelete, fyne.KeyF2, fyne.KeyEnd} {
		press(b, key)
	}
	if did := b.done(); did != nil {
		t.Errorf("in an empty list: %q", did)
	}
}

func TestListClicks(t *testing.T) {
	b := newListBench(t, manyLines(6))
	click := func(i int, modifier fyne.KeyModifier) {
		b.clock = b.clock.Add(time.Second)
		row := b.rows[i]
		row.MouseDown(&desktop.MouseEvent{Modifier: modifier})
		test.Tap(row)
	}
	click(2, 0)
	click(4, fyne.KeyModifierControl)
	click(6, fyne.KeyModifierControl)
	if diff := cmp.Diff([]int64{4, 6}, b.picked(6)); diff != "" {
		t.Errorf("chosen with Ctrl (-want +got):\n%s", diff)
	}
	click(2, 0)
	b.mark(2, 0)
	click(4, fyne.KeyModifierControl)
	if diff := cmp.Diff([]int64{2, 4}, b.allChosen()); diff != "" {
		t.Errorf("chosen with Ctrl after the open chat (-want +got):\n%s", diff)
	}
	click(2, fyne.KeyModifierControl)
	click(6, fyne.KeyModifierControl)
	if diff := cmp.Diff([]int64{4, 6}, b.allChosen()); diff != "" {
		t.Errorf("after the open chat is taken out (-want +got):\n%s", diff)
	}
	if got := b.picked(1); len(got) != 1 || got[0] != 1 {
		t.Errorf("a menu of another chat is for %v", got)
	}
	if b.w.Canvas().Focused() != b.chatList {
		t.Error("after choosing, the list does not have the focus, so Delete would not work")
	}
	click(4, fyne.KeyModifierControl)
	click(2, fyne.KeyModifierShift)
	if diff := cmp.Diff([]int64{2, 3, 4}, b.allChosen()); diff != "" {
		t.Errorf("chosen with Shift (-want +got):\n%s", diff)
	}
	click(3, 0)
	click(0, 0) // a heading
	test.TapSecondary(b.rows[0])
	test.TapSecondary(b.rows[1])
	if len(b.chosen) != 0 {
		t.Errorf("a plain click leaves %v chosen", b.chosen)
	}
	if diff := cmp.Diff([]string{"open Chat 2", "open Chat 2", "open Chat 3", "menu Chat 1"}, b.done()); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
}

func TestRenameInPlace(t *testing.T) {
	lines := append([]listLine{{kind: folderHead, folder: history.Folder{ID: 5, Name: "Folder"}}}, manyLines(4)...)
	b := newListBench(t, lines)
	write := func(text string, end fyne.KeyName) {
		t.Helper()
		if b.rename == nil || b.w.Canvas().Focused() != b.rename.field {
			t.Fatal("there is no field to write in")
		}
		f := b.rename.field
		f.SetText(text)
		press(f, end)
		if b.rename != nil || len(b.body.Objects) != len(b.rows) {
			t.Error("the field stays")
		}
	}
	test.Tap(b.rows[2])
	test.Tap(b.rows[2]) // at once: a double click
	write("New name", fyne.KeyReturn)
	press(b, fyne.KeyF2)
	write("Not taken", fyne.KeyEscape)
	press(b, fyne.KeyHome)
	press(b, fyne.KeyF2)
	write("Other", fyne.KeyReturn)
	b.beginRename(b.lines[3].key())
	write("  ", fyne.KeyReturn) // no name
	b.beginRename(b.lines[3].key())
	b.rename.field.SetText("Left")
	b.w.Canvas().Unfocus()
	if diff := cmp.Diff([]string{"open Chat 1", "rename Chat 1 to New name", "rename Folder to Other", "rename Chat 2 to Left"}, b.done()); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
	b.beginRename(b.lines[5].key())
	b.setLines(manyLines(2))
	if b.rename != nil {
		t.Error("a chat that is gone is still being renamed")
	}
}

func TestBreakText(t *testing.T) {
	one := func(rune) float32 { return 1 }
	for _, tc := range []struct {
		text  string
		width float32
		most  int
		want  []string
	}{
		{"", 5, 2, nil},
		{"abc", 5, 2, []string{"abc"}},
		{"one two three", 8, 2, []string{"one two ", "three"}},
		{"one two three four", 8, 2, []string{"one two ", "three f"}},
		{"天空为什么是蓝色的", 4, 2, []string{"天空为什", "么是蓝"}},
		{"unbreakable", 4, 3, []string{"unbr", "eaka", "ble"}},
		{"ab", 0.5, 2, []string{"a", "b"}},
	} {
		var got []string
		for _, r := range breakText(tc.text, tc.width, tc.most, one) {
			got = append(got, tc.text[r.Start:r.End])
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%q in %v (-want +got):\n%s", tc.text, tc.width, diff)
		}
	}
	parts := markedParts("one two", history.Range{Start: 2, End: 6}, []history.Range{{Start: 0, End: 1}, {Start: 1, End: 3}, {Start: 5, End: 99}})
	if diff := cmp.Diff([]history.Range{{Start: 2, End: 3}, {Start: 5, End: 6}}, parts); diff != "" {
		t.Errorf("marked parts (-want +got):\n%s", diff)
	}
}

// TestSearchByHand finds a chat with the keyboard alone.
func TestSearchByHand(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
	s.library()
	s.w.findChat()
	field := s.w.sidebar.search
	if s.w.win.Canvas().Focused() != field {
		t.Fatal("the search field does not have the focus")
	}
	test.Type(field, "northern")
	s.until("found", func() bool { return s.find.Done && s.find.Query == "northern" })
	press(field, fyne.KeyReturn)
	s.until("it is open", func() bool { return s.chat.Title == "Holiday in Norway" && len(s.chat.messages) == 1 })
	if s.w.win.Canvas().Focused() != s.w.composer.field {
		t.Error("after opening a chat, the composer does not have the focus")
	}
	s.w.findChat()
	press(field, fyne.KeyEscape)
	if field.Text != "" || s.find.Query != "" || len(s.w.sidebar.list.lines) < 5 {
		t.Errorf("Escape leaves %q and %d lines", field.Text, len(s.w.sidebar.list.lines))
	}
	press(field, fyne.KeyDown)
	if s.w.win.Canvas().Focused() != s.w.sidebar.list {
		t.Error("the arrow does not lead into the list")
	}
	s.w.renameOpen()
	if s.w.sidebar.list.rename == nil {
		t.Error("the open chat is not being renamed")
	}
	test.Type(field, "xyzzy")
	s.until("found nothing", func() bool { return s.find.Done && s.find.Query == "xyzzy" })
	if s.w.sidebar.empty.text == "" || s.w.sidebar.list.rename != nil {
		t.Error("nothing says that nothing was found")
	}
}

// TestMenus opens every menu of the list and does what is in it.
func TestMenus(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
	s.library()
	list := s.w.sidebar.list
	labels := func(items []*fyne.MenuItem) (out []string) {
		for _, item := range items {
			out = append(out, item.Label)
		}
		return out
	}
	chat := func(title string) history.Chat { return list.lines[list.find(list.keyOf(title))].chat }
	want := []string{"Rename…", "Pin", "Move to a folder", "Duplicate", "Export", "", "Delete"}
	if diff := cmp.Diff(want, labels(s.w.chatItems(chat("Apple cake")))); diff != "" {
		t.Errorf("a chat's menu (-want +got):\n%s", diff)
	}
	move := s.w.moveItem(chat("Apple cake").Folder, chat("Apple cake").ID).ChildMenu.Items
	if diff := cmp.Diff([]string{"No folder", "Recipes", "Work", "", "New folder…"}, labels(move)); diff != "" || !move[1].Checked {
		t.Errorf("the folders (-want +got):\n%s", diff)
	}
	move[4].Action()
	s.until("the new folder is being named", func() bool { return list.rename != nil })
	list.rename.field.SetText("Cakes")
	press(list.rename.field, fyne.KeyReturn)
	s.until("it is named", func() bool { return s.folders[0].Name == "Cakes" })
	for _, c := range s.w.commands() {
		if c.name == "New folder…" {
			c.run()
		}
	}
	s.until("a folder of no chats is being named", func() bool { return list.rename != nil && len(s.folders) == 4 })
	list.endRename(false)
	s.w.lineMenu(list.lines[list.find(lineKey{folder: true, id: s.folders[0].ID})], fyne.NewPos(50, 50))
	if s.w.win.Canvas().Overlays().Top() == nil {
		t.Error("a folder has no menu")
	}
	list.chooseAll()
	if !s.w.sidebar.chosen.Visible() {
		t.Error("nothing says that several chats are chosen")
	}
	want = []string{"Pin", "Unpin", "Move to a folder", "Export as JSON…", "", "Delete"}
	items := s.w.chosenItems(list.allChosen())
	if diff := cmp.Diff(want, labels(items)); diff != "" {
		t.Errorf("the menu of several chats (-want +got):\n%s", diff)
	}
	items[len(items)-1].Action()
	s.until("all are deleted", func() bool { return len(s.chats) == 0 && s.notice != nil })
	if s.w.sidebar.chosen.Visible() {
		t.Error("deleted chats are still chosen")
	}
}

func TestOpenedChatComesIntoView(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1000, 700))
	var chats []history.Chat
	for i := range 200 {
		chats = append(chats, history.Chat{ID: int64(i + 1), Title: "Chat"})
	}
	side := s.w.sidebar
	side.show(sidebarChats{version: 1, chats: chats, open: 1})
	side.show(sidebarChats{version: 1, chats: chats, open: 150})
	if side.list.scroll.Offset.Y == 0 {
		t.Error("an opened chat stays out of view")
	}
	side.list.scroll.ScrollToTop()
	side.show(sidebarChats{version: 2, chats: chats, open: 150})
	if at := side.list.scroll.Offset.Y; at != 0 {
		t.Errorf("the list moves to %v while nothing is opened", at)
	}
	side.list.scroll.ScrollToBottom()
	side.show(sidebarChats{version: 2, chats: chats, open: 201}) // not listed yet
	chats = append([]history.Chat{{ID: 201, Title: "New", Updated: s.w.now()}}, chats...)
	side.show(sidebarChats{version: 3, chats: chats, open: 201})
	if at := side.list.scroll.Offset.Y; at != 0 {
		t.Errorf("a new chat is begun and the list shows what is at %v", at)
	}
}
