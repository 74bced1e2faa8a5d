package app

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"lumi/app/history"
)

// sidebar lists the chats, grouped by day.
type sidebar struct {
	box    *fyne.Container
	search *field
	list   *list
	empty  *textLine
	do     sidebarActions
	chats  []history.Chat
	open   int64
	busy   int64
	lines  []sidebarLine
}

// sidebarActions are what a person can do in the list of chats.
type sidebarActions struct {
	newChat  func()
	open     func(id int64)
	menu     func(chat history.Chat, at fyne.Position)
	settings func(at fyne.Position)
	keys     keyFunc
	now      func() time.Time
}

// sidebarLine is one line of the list: a chat, or the name of a group.
type sidebarLine struct {
	group string
	chat  history.Chat
}

const (
	chatLineHeight  = 32
	groupLineHeight = 34
)

func newSidebar(do sidebarActions) *sidebar {
	s := &sidebar{do: do}
	fresh := newButton(lang.L("New chat"), icon("compose"), do.newChat)
	fresh.Alignment = widget.ButtonAlignLeading
	s.search = newField(do.keys, func() {})
	s.search.SetPlaceHolder(lang.L("Find a chat"))
	s.search.OnChanged = func(string) { s.arrange() }
	s.empty = newText("", colorMuted, theme.SizeNameCaptionText)
	s.list = &list{}
	s.list.Length = func() int { return len(s.lines) }
	s.list.CreateItem = func() fyne.CanvasObject { return newChatLine() }
	s.list.UpdateItem = func(id widget.ListItemID, o fyne.CanvasObject) { s.fill(o.(*chatLine), s.lines[id]) }
	s.list.ExtendBaseWidget(s.list)
	s.list.HideSeparators = true
	// A row opens its chat itself; the list's own selection is for the keyboard.
	s.list.OnSelected = func(id widget.ListItemID) {
		s.list.Unselect(id)
		if line := s.lines[id]; line.group == "" {
			do.open(line.chat.ID)
		}
	}
	top := container.New(&stackedRow{gap: 8}, fresh, s.search)
	var gear *button
	gear = quietButton(lang.L("Settings"), theme.SettingsIcon(), func() {
		do.settings(fyne.CurrentApp().Driver().AbsolutePositionForObject(gear))
	})
	gear.Alignment = widget.ButtonAlignLeading
	s.box = container.NewStack(
		newGround(colorSidebar, 0),
		container.NewBorder(padded(top, 10, 10), padded(gear, 8, 6), nil, nil,
			container.NewStack(padded(s.list, 6, 0), padded(container.NewVBox(s.empty), 18, 8))))
	return s
}

// show displays the chats and marks the open one and the one being written to.
func (s *sidebar) show(chats []history.Chat, open, busy int64) {
	s.chats, s.open, s.busy = chats, open, busy
	s.arrange()
}

// arrange puts the chats that match the search into their groups.
func (s *sidebar) arrange() {
	wanted := strings.ToLower(strings.TrimSpace(s.search.Text))
	now, group := s.do.now(), ""
	s.lines = s.lines[:0]
	for _, chat := range s.chats {
		if wanted != "" && !strings.Contains(strings.ToLower(chat.Title), wanted) {
			continue
		}
		if g := dayGroup(chat.Updated, now); g != group {
			group = g
			s.lines = append(s.lines, sidebarLine{group: g})
		}
		s.lines = append(s.lines, sidebarLine{chat: chat})
	}
	for i, line := range s.lines {
		if line.group != "" {
			s.list.SetItemHeight(i, groupLineHeight)
		} else {
			s.list.SetItemHeight(i, chatLineHeight)
		}
	}
	switch {
	case len(s.lines) > 0:
		s.empty.set("")
	case wanted != "":
		s.empty.set(lang.L("No chat has this in its title."))
	default:
		s.empty.set(lang.L("Your chats will be listed here."))
	}
	s.list.Refresh()
}

func (s *sidebar) fill(row *chatLine, line sidebarLine) {
	if line.group != "" {
		row.showGroup(lang.L(line.group))
		return
	}
	chat := line.chat
	row.showChat(chat.Title, chat.ID == s.open, chat.ID == s.busy,
		func() { s.do.open(chat.ID) },
		func(at fyne.Position) { s.do.menu(chat, at) })
}

// chatLine is one line of the list of chats.
type chatLine struct {
	widget.BaseWidget
	press *pressable
	title *textLine
	dot   *ground
	more  *pressable
	group *textLine
	menu  func(at fyne.Position)
}

func newChatLine() *chatLine {
	l := &chatLine{}
	l.ExtendBaseWidget(l)
	l.title = newText("", theme.ColorNameForeground, theme.SizeNameText)
	l.group = newText("", colorMuted, theme.SizeNameCaptionText)
	l.group.style.Bold = true
	l.dot = newGround(theme.ColorNamePrimary, 4)
	l.more = newPressable(padded(widget.NewIcon(icon("more")), 4, 4), func() {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(l.more)
		l.menu(at.AddXY(0, l.more.Size().Height))
	})
	l.more.onHover = func(bool) { l.showMore() }
	l.press = newPressable(container.New(&chatLineLayout{}, l.title, l.dot, l.more), nil)
	l.press.onHover = func(bool) { l.showMore() }
	return l
}

func (l *chatLine) showGroup(name string) {
	l.press.Hide()
	l.group.Show()
	l.group.set(name)
}

func (l *chatLine) showChat(title string, open, busy bool, press func(), menu func(fyne.Position)) {
	l.group.Hide()
	l.press.Show()
	l.title.style.Bold = open
	l.title.text = title
	l.title.Refresh()
	l.menu = menu
	l.press.onPress, l.press.onSecondary = press, menu
	l.press.selected = open
	if busy {
		l.dot.Show()
	} else {
		l.dot.Hide()
	}
	l.showMore()
	l.press.Refresh()
}

// showMore shows the menu's button only where it is wanted: a column of dots
// beside every title would be noise.
func (l *chatLine) showMore() {
	if l.press.hovered || l.press.selected || l.more.hovered {
		l.more.Show()
	} else {
		l.more.Hide()
	}
}

// CreateRenderer implements fyne.Widget.
func (l *chatLine) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewStack(l.press, container.New(&groupLayout{}, l.group)))
}

// chatLineLayout places title, dot and menu button of a chat's line.
type chatLineLayout struct{}

// Layout implements fyne.Layout.
func (*chatLineLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	title, dot, more := objects[0], objects[1], objects[2]
	left, right := float32(10), float32(34)
	if dot.Visible() {
		dot.Move(fyne.NewPos(10, (size.Height-8)/2))
		dot.Resize(fyne.NewSquareSize(8))
		left = 25
	}
	h := title.MinSize().Height
	title.Move(fyne.NewPos(left, (size.Height-h)/2))
	title.Resize(fyne.NewSize(max(0, size.Width-left-right), h))
	more.Move(fyne.NewPos(size.Width-30, (size.Height-26)/2))
	more.Resize(fyne.NewSquareSize(26))
}

// MinSize implements fyne.Layout.
func (*chatLineLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(60, chatLineHeight)
}

// groupLayout puts the name of a group at the bottom of its line.
type groupLayout struct{}

// Layout implements fyne.Layout.
func (*groupLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	h := objects[0].MinSize().Height
	objects[0].Move(fyne.NewPos(10, size.Height-h-5))
	objects[0].Resize(fyne.NewSize(size.Width-20, h))
}

// MinSize implements fyne.Layout.
func (*groupLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }
