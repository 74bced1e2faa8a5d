package app

import (
	"slices"
	"sort"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// chatList is the list of chats. Only the lines in view have widgets, and their
// heights are summed once per change, so that its length costs nothing while it
// scrolls.
type chatList struct {
	widget.BaseWidget
	act    listActions
	lines  []listLine
	tops   []float32 // where each line begins, and where the last one ends
	open   int64     // the chat that is shown
	busy   int64     // the chat that is being answered
	chosen map[int64]bool
	cursor int // the line that keys work on
	anchor int // the line that a range of chosen ones begins at

	scroll  *scroller
	body    *fyne.Container
	rows    map[int]*chatRow // those in view
	spare   []*chatRow
	rename  *renaming       // nil if nothing is being renamed
	drag    *dragging       // nil if no mouse button is held down on a moving pointer
	over    *fyne.Container // the shape of what is dragged
	stale   bool            // the body does not hold what it should
	focused bool
	shift   bool // a shift key is held down
	last    lineKey
	lastAt  time.Time // when last was pressed, to tell a double click
}

// listActions are what a person can do in the list.
type listActions struct {
	open   func(line listLine)
	fold   func(folder int64)
	menu   func(line listLine, at fyne.Position)
	rename func(line listLine, name string)
	delete func(chats []int64)
	move   func(folder int64, chats []int64)
	chosen func(chats int) // how many are chosen now
	keys   keyFunc
	now    func() time.Time
}

const (
	chatLineHeight  = 34
	groupLineHeight = 34
	snippetLines    = 2
	hitMargin       = 5 // above and below what a line of a search shows
	doubleClick     = 400 * time.Millisecond
)

func newChatList(act listActions) *chatList {
	l := &chatList{act: act, chosen: map[int64]bool{}, rows: map[int]*chatRow{}, tops: []float32{0}}
	l.over = container.NewWithoutLayout()
	l.body = container.New(listBody{l})
	l.scroll = newScroller(l.body)
	l.scroll.OnScrolled = func(fyne.Position) { l.place() }
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer implements fyne.Widget.
func (l *chatList) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewStack(l.scroll, l.over))
}

// Resize implements fyne.Widget. A list that only became higher shows more
// lines, although its body has the size that it had.
func (l *chatList) Resize(size fyne.Size) {
	l.BaseWidget.Resize(size)
	l.place()
}

// listBody gives the list's lines their places.
type listBody struct{ list *chatList }

// Layout implements fyne.Layout.
func (b listBody) Layout([]fyne.CanvasObject, fyne.Size) { b.list.place() }

// MinSize implements fyne.Layout.
func (b listBody) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, b.list.tops[len(b.list.lines)])
}

// Refresh implements fyne.Widget. It also follows a changed size of text.
func (l *chatList) Refresh() {
	l.measure()
	l.scroll.Refresh()
	l.showRows()
}

func (l *chatList) measure() {
	text := l.Theme().Size(theme.SizeNameText)
	caption := l.Theme().Size(theme.SizeNameCaptionText)
	line := func(size float32) float32 { return fyne.MeasureText("M", size, fyne.TextStyle{}).Height }
	chat := max(chatLineHeight, line(text)+8)
	group := max(groupLineHeight, line(caption)+10)
	title := line(text) + 2*hitMargin
	snippet := snippetLines*line(caption) + 2
	l.tops = slices.Grow(l.tops[:0], len(l.lines)+1)
	var y float32
	for i := range l.lines {
		l.tops = append(l.tops, y)
		switch line := &l.lines[i]; {
		case line.kind == groupLine:
			y += group
		case line.kind != hitLine:
			y += chat
		case line.hit.Snippet == "":
			y += title
		default:
			y += title + snippet
		}
	}
	l.tops = append(l.tops, y)
}

// setLines replaces the lines. The cursor and what is chosen stay with their
// chats.
func (l *chatList) setLines(lines []listLine) {
	var at lineKey
	if l.cursor < len(l.lines) {
		at = l.lines[l.cursor].key()
	}
	l.lines = lines
	if l.cursor = l.find(at); l.cursor < 0 {
		l.cursor = 0
	}
	l.anchor = l.cursor
	if len(l.chosen) > 0 {
		there := map[int64]bool{}
		for i := range lines {
			if line := &lines[i]; line.isChat() && l.chosen[line.chat.ID] {
				there[line.chat.ID] = true
			}
		}
		l.chosen = there
		l.act.chosen(len(there))
	}
	if l.rename != nil && l.find(l.rename.key) < 0 {
		l.endRename(false)
	}
	l.Refresh()
}

// find returns the index of a line, -1 if it is not there.
func (l *chatList) find(key lineKey) int {
	if key == (lineKey{}) {
		return -1
	}
	for i := range l.lines { // lines are large: none is copied
		if l.lines[i].key() == key {
			return i
		}
	}
	return -1
}

func (l *chatList) cursorOn(key lineKey) bool {
	return l.cursor < len(l.lines) && key != lineKey{} && l.lines[l.cursor].key() == key
}

// mark shows which chat is open and which is being answered.
func (l *chatList) mark(open, busy int64) {
	if l.open == open && l.busy == busy {
		return
	}
	l.open, l.busy = open, busy
	l.showRows()
}

// showRows brings the rows in view up to date.
func (l *chatList) showRows() {
	l.place()
	for i, row := range l.rows {
		row.show(l.lines[i])
	}
}

// place gives the lines in view a row each.
func (l *chatList) place() {
	top := l.scroll.Offset.Y
	bottom := top + l.scroll.Size().Height
	first := max(0, sort.Search(len(l.lines), func(i int) bool { return l.tops[i+1] > top }))
	last := sort.Search(len(l.lines), func(i int) bool { return l.tops[i] >= bottom })
	changed := l.stale
	l.stale = false
	for i, row := range l.rows {
		if i < first || i >= last {
			l.spare = append(l.spare, row)
			delete(l.rows, i)
			changed = true
		}
	}
	width := l.scroll.Size().Width
	for i := first; i < last; i++ {
		row := l.rows[i]
		size := fyne.NewSize(width, l.tops[i+1]-l.tops[i])
		if row == nil {
			if n := len(l.spare); n > 0 {
				row, l.spare = l.spare[n-1], l.spare[:n-1]
			} else {
				row = newChatRow(l)
			}
			l.rows[i], changed = row, true
			row.Resize(size)
			row.show(l.lines[i])
		}
		row.Resize(size)
		row.Move(fyne.NewPos(0, l.tops[i]))
	}
	if l.rename != nil {
		l.placeRename(width)
	}
	if changed {
		l.body.Objects = l.body.Objects[:0]
		for i := first; i < last; i++ {
			l.body.Objects = append(l.body.Objects, l.rows[i])
		}
		if l.rename != nil {
			l.body.Objects = append(l.body.Objects, l.rename.field)
		}
		canvas.Refresh(l.body)
	}
}

// scrollTo brings a line into view.
func (l *chatList) scrollTo(i int) {
	if i < 0 || i >= len(l.lines) {
		return
	}
	y := l.scroll.Offset.Y
	top := l.tops[i]
	if i > 0 && l.lines[i-1].kind == groupLine {
		top = l.tops[i-1] // with its heading
	}
	switch height := l.scroll.Size().Height; {
	case top < y:
		y = top
	case l.tops[i+1] > y+height:
		y = l.tops[i+1] - height
	default:
		return
	}
	l.scroll.ScrollToOffset(fyne.NewPos(0, y))
	l.place()
}

// tapped does what a click on a line means with the keys held down.
func (l *chatList) tapped(key lineKey, modifier fyne.KeyModifier) {
	i := l.find(key)
	if i < 0 {
		return
	}
	line := l.lines[i]
	again := l.last == key && l.act.now().Sub(l.lastAt) < doubleClick && modifier == 0
	before := l.last
	l.last, l.lastAt = key, l.act.now()
	switch {
	case again:
		l.last = lineKey{}
		if line.kind == folderHead {
			l.act.fold(line.folder.ID) // the first click has folded it
		}
		l.beginRename(key)
	case modifier&fyne.KeyModifierShortcutDefault != 0 && line.isChat():
		l.takeFocus()
		l.chooseOpened(before)
		l.cursor, l.anchor = i, i
		l.choose(line.chat.ID, !l.chosen[line.chat.ID])
	case modifier&fyne.KeyModifierShift != 0 && line.isChat():
		l.takeFocus()
		l.chooseTo(i)
	default:
		l.cursor, l.anchor = i, i
		l.chooseNone()
		l.enter(line)
	}
}

// enter opens a chat or folds a folder.
func (l *chatList) enter(line listLine) {
	if line.kind == folderHead {
		l.act.fold(line.folder.ID)
	} else if line.isChat() {
		l.act.open(line)
	}
}

func (l *chatList) takeFocus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
		c.Focus(l)
	}
}
