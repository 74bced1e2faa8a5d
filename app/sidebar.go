package app

import (
	"maps"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"lumi/app/history"
)

// sidebar lists the chats: temporary ones, pinned ones, folders, then by day; or
// those that a search has found.
type sidebar struct {
	box      *fyne.Container
	search   *searchField
	list     *chatList
	empty    *textLine
	chosen   *fyne.Container // what can be done with several chosen chats
	number   *textLine
	transfer *fyne.Container // an import or export that is going on
	progress *textLine
	gauge    *gauge
	do       sidebarActions
	folded   map[int64]bool
	chats    sidebarChats
	find     finding
	reveal   int64 // the chat to bring into view once it is listed, 0 for none
}

// sidebarChats are the lists that the side bar shows.
type sidebarChats struct {
	version          int // changes with the lists
	chats, temporary []history.Chat
	folders          []history.Folder
	open, busy       int64
}

// sidebarActions are what a person can do in the list of chats.
type sidebarActions struct {
	newChat      func()
	open         func(chat, message int64)
	search       func(query string)
	menu         func(line listLine, at fyne.Position)
	chosenMenu   func(at fyne.Position)
	rename       func(line listLine, name string)
	delete       func(chats []int64)
	move         func(folder int64, chats []int64)
	folded       func() // other folders are folded now
	stopTransfer func()
	settings     func(at fyne.Position)
	keys         keyFunc
	now          func() time.Time
}

func newSidebar(do sidebarActions) *sidebar {
	s := &sidebar{do: do, folded: map[int64]bool{}, chats: sidebarChats{version: -1}}
	fresh := newButton(lang.L("New chat"), icon("compose"), do.newChat)
	fresh.Alignment = widget.ButtonAlignLeading
	s.search = newSearchField(s)
	s.empty = newText("", colorMuted, theme.SizeNameCaptionText)
	s.list = newChatList(listActions{
		open: s.enter, fold: s.fold, menu: do.menu, rename: do.rename, delete: do.delete,
		move: do.move, chosen: s.showChosen, keys: do.keys, now: time.Now,
	})
	top := container.New(&stackedRow{gap: 8}, fresh, s.search)
	var gear *button
	gear = quietButton(lang.L("Settings"), theme.SettingsIcon(), func() {
		do.settings(fyne.CurrentApp().Driver().AbsolutePositionForObject(gear))
	})
	gear.Alignment = widget.ButtonAlignLeading
	foot := container.New(&stackedRow{}, s.chosenBar(), s.transferBar(), padded(gear, 8, 6))
	s.box = container.NewStack(
		newFlat(colorSidebar),
		container.NewBorder(padded(top, 10, 10), foot, nil, nil,
			container.NewStack(padded(s.list, 6, 0), padded(container.NewVBox(s.empty), 18, 8))))
	return s
}

// chosenBar says how many chats are chosen and offers what can be done.
func (s *sidebar) chosenBar() *fyne.Container {
	s.number = newText("", theme.ColorNameForeground, theme.SizeNameText)
	var more *button
	more = iconButton(icon("more"), lang.L("More"), func() {
		s.do.chosenMenu(fyne.CurrentApp().Driver().AbsolutePositionForObject(more))
	})
	bar := container.NewBorder(nil, nil, nil, container.NewHBox(
		iconButton(theme.DeleteIcon(), lang.L("Delete"), func() { s.do.delete(s.list.allChosen()) }), more,
		iconButton(icon("close"), lang.L("Choose none"), s.list.chooseNone)), container.New(middle{}, s.number))
	s.chosen = padded(container.NewStack(newGround(colorNotice, 8), padded(bar, 8, 2)), 8, 2)
	s.chosen.Hide()
	return s.chosen
}

func (s *sidebar) showChosen(n int) {
	// One chosen chat is marked in the list; that is enough.
	if visible := n > 1; visible != s.chosen.Visible() {
		show(s.chosen, visible)
		s.box.Refresh()
	}
	s.number.set(lang.L("{{.N}} chosen", map[string]any{"N": n}))
}

// transferBar shows how far an import or export is.
func (s *sidebar) transferBar() *fyne.Container {
	s.progress = newText("", theme.ColorNameForeground, theme.SizeNameCaptionText)
	s.gauge = newGauge(60, 5)
	s.gauge.calm = true
	bar := container.NewBorder(nil, nil, nil, iconButton(icon("close"), lang.L("Cancel"), s.do.stopTransfer),
		container.New(middle{}, container.New(&stackedRow{gap: 4}, s.progress, s.gauge)))
	s.transfer = padded(container.NewStack(newGround(colorNotice, 8), padded(bar, 8, 2)), 8, 2)
	s.transfer.Hide()
	return s.transfer
}

func (s *sidebar) showTransfer(t *transfer) {
	if t != nil {
		name := map[string]any{"Name": t.Name}
		doing := lang.L("Reading {{.Name}}", name)
		if t.Export {
			doing = lang.L("Writing {{.Name}}", name)
		}
		s.progress.set(doing)
		s.gauge.set(t.Share())
	}
	if visible := t != nil; visible != s.transfer.Visible() {
		show(s.transfer, visible)
		s.box.Refresh()
	}
}

// show displays the chats and marks the open one and the one being written to.
func (s *sidebar) show(chats sidebarChats) {
	changed := chats.version != s.chats.version
	if chats.open != s.chats.open {
		s.reveal = chats.open
	}
	s.chats = chats
	s.list.mark(chats.open, chats.busy)
	if s.find.Query != "" {
		return
	}
	if changed {
		s.arrange()
	}
	if i := s.list.find(lineKey{id: s.reveal}); i >= 0 {
		s.list.scrollTo(i)
		s.reveal = 0
	}
}

// showFound displays what a search has found.
func (s *sidebar) showFound(f finding) {
	was := s.find.Query
	s.find = f
	if f.Query == "" || f.Done {
		s.arrange()
		if f.Query != was {
			s.list.scroll.ScrollToTop()
			s.list.cursor = 0
			s.list.showRows()
		}
	}
}

// arrange lists what there is to show.
func (s *sidebar) arrange() {
	var none string
	if s.find.Query != "" {
		s.list.setLines(hitLines(s.find.Hits))
		none = lang.L("No chat contains this.")
	} else {
		c := &s.chats
		s.list.setLines(linesOf(c.temporary, c.chats, c.folders, s.folded, s.do.now()))
		none = lang.L("Your chats will be listed here.")
	}
	if len(s.list.lines) > 0 {
		none = ""
	}
	s.empty.set(none)
}

// enter opens the chat of a line, at what was found in it.
func (s *sidebar) enter(line listLine) {
	var message int64
	if line.kind == hitLine {
		message = line.hit.Message
	}
	s.do.open(line.chat.ID, message)
}

// fold hides or shows what is in a folder.
func (s *sidebar) fold(folder int64) {
	s.folded[folder] = !s.folded[folder]
	maps.DeleteFunc(s.folded, func(id int64, folded bool) bool {
		return !folded || !slices.ContainsFunc(s.chats.folders, func(f history.Folder) bool { return f.ID == id })
	})
	s.arrange()
	s.do.folded()
}

// foldedFolders are the IDs of the folders that are folded.
func (s *sidebar) foldedFolders() []int64 { return slices.Sorted(maps.Keys(s.folded)) }

// setFolded folds folders, which need not be listed yet.
func (s *sidebar) setFolded(folders []int64) {
	for _, id := range folders {
		s.folded[id] = true
	}
}

// beginRename lets a person write a new name into the line of a chat or folder.
func (s *sidebar) beginRename(key lineKey) {
	if s.list.find(key) < 0 { // it is folded away or not found
		s.search.SetText("")
		s.unfoldFor(key)
		s.arrange()
	}
	s.list.beginRename(key)
}

// unfoldFor shows the chat of a line that is folded away.
func (s *sidebar) unfoldFor(key lineKey) {
	for _, chat := range s.chats.chats {
		if !key.folder && chat.ID == key.id && s.folded[chat.Folder] {
			s.fold(chat.Folder)
		}
	}
}

// searchField is the field above the list.
type searchField struct{ field }

func newSearchField(s *sidebar) *searchField {
	f := &searchField{}
	f.settle = func() {}
	f.keys = func(key *fyne.KeyEvent) bool {
		switch key.Name {
		case fyne.KeyEscape:
			if f.Text == "" {
				return s.do.keys(key)
			}
			f.SetText("")
		case fyne.KeyDown:
			s.list.takeFocus()
		case fyne.KeyReturn, fyne.KeyEnter:
			for i := range s.list.lines {
				if line := s.list.lines[i]; line.kind == hitLine {
					s.list.cursor = i
					s.enter(line)
					break
				}
			}
		default:
			return s.do.keys(key)
		}
		return true
	}
	f.ExtendBaseWidget(f)
	f.SetPlaceHolder(lang.L("Find a chat"))
	f.OnChanged = func(text string) { s.do.search(strings.TrimSpace(text)) }
	return f
}
