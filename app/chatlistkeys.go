package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

var (
	_ fyne.Focusable    = (*chatList)(nil)
	_ fyne.Shortcutable = (*chatList)(nil)
	_ desktop.Keyable   = (*chatList)(nil)
)

// FocusGained implements fyne.Focusable.
func (l *chatList) FocusGained() {
	l.focused = true
	if l.cursor < len(l.lines) && l.lines[l.cursor].kind == groupLine {
		l.moveTo(l.cursor, 1)
	}
	l.showRows()
}

// FocusLost implements fyne.Focusable.
func (l *chatList) FocusLost() {
	l.focused, l.shift = false, false
	l.showRows()
}

// KeyDown implements desktop.Keyable.
func (l *chatList) KeyDown(key *fyne.KeyEvent) { l.shift = l.shift || isShift(key.Name) }

// KeyUp implements desktop.Keyable.
func (l *chatList) KeyUp(key *fyne.KeyEvent) { l.shift = l.shift && !isShift(key.Name) }

// TypedRune implements fyne.Focusable.
func (l *chatList) TypedRune(r rune) { handRune(l, r) }

// TypedShortcut implements fyne.Shortcutable.
func (l *chatList) TypedShortcut(s fyne.Shortcut) {
	if _, ok := s.(*fyne.ShortcutSelectAll); ok {
		l.chooseAll()
	}
}

// TypedKey implements fyne.Focusable.
func (l *chatList) TypedKey(key *fyne.KeyEvent) {
	if len(l.lines) == 0 {
		handKey(l, key)
		return
	}
	line := l.lines[l.cursor]
	switch key.Name {
	case fyne.KeyUp:
		l.moveTo(l.cursor-1, -1)
	case fyne.KeyDown:
		l.moveTo(l.cursor+1, 1)
	case fyne.KeyHome:
		l.moveTo(0, 1)
	case fyne.KeyEnd:
		l.moveTo(len(l.lines)-1, -1)
	case fyne.KeyPageUp, fyne.KeyPageDown:
		page := max(1, int(l.scroll.Size().Height/chatLineHeight)-1)
		if key.Name == fyne.KeyPageUp {
			l.moveTo(max(0, l.cursor-page), -1)
		} else {
			l.moveTo(min(len(l.lines)-1, l.cursor+page), 1)
		}
	case fyne.KeyLeft, fyne.KeyRight:
		if line.kind == folderHead && line.folded == (key.Name == fyne.KeyRight) {
			l.act.fold(line.folder.ID)
		}
	case fyne.KeySpace:
		if line.isChat() {
			l.anchor = l.cursor
			l.choose(line.chat.ID, !l.chosen[line.chat.ID])
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		l.enter(line)
	case fyne.KeyDelete:
		l.deleteChosen()
	case fyne.KeyF2:
		l.beginRename(line.key())
	case desktop.KeyMenu:
		l.openMenu()
	case fyne.KeyEscape:
		if len(l.chosen) > 0 {
			l.chooseNone()
			return
		}
		handKey(l, key)
	default: // Backspace too: it must never delete a chat
		handKey(l, key)
	}
}

// moveTo puts the cursor on a line, or the next one in the direction of step
// that is no heading. With Shift, all up to it are chosen.
func (l *chatList) moveTo(i, step int) {
	for i >= 0 && i < len(l.lines) && l.lines[i].kind == groupLine {
		i += step
	}
	if i < 0 || i >= len(l.lines) {
		return
	}
	if l.shift {
		l.chooseTo(i)
	} else {
		l.cursor, l.anchor = i, i
	}
	l.scrollTo(i)
	l.showRows()
}

// openMenu shows the menu of the line with the cursor below it.
func (l *chatList) openMenu() {
	line := l.lines[l.cursor]
	row := l.rows[l.cursor]
	if line.kind == groupLine || row == nil {
		return
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(row)
	l.act.menu(line, at.AddXY(24, row.Size().Height))
}

func (l *chatList) choose(chat int64, on bool) {
	if on {
		l.chosen[chat] = true
	} else {
		delete(l.chosen, chat)
	}
	l.chosenChanged()
}

// chooseOpened begins a choice with the open chat if it was opened by the click
// before: it is marked already, and whoever goes on with Ctrl from there means it
// too, as in a list of files. Later, or after a choice has begun, it stays out.
func (l *chatList) chooseOpened(before lineKey) {
	i := l.find(before)
	if i < 0 || len(l.chosen) > 0 {
		return
	}
	if line := &l.lines[i]; line.isChat() && line.chat.ID == l.open && l.last != before {
		l.chosen[line.chat.ID] = true
	}
}

// chooseTo chooses all chats from the anchor to a line, and puts the cursor there.
func (l *chatList) chooseTo(i int) {
	clear(l.chosen)
	anchor := min(l.anchor, len(l.lines)-1)
	for j := min(anchor, i); j <= max(anchor, i); j++ {
		if line := &l.lines[j]; line.isChat() {
			l.chosen[line.chat.ID] = true
		}
	}
	l.cursor = i
	l.chosenChanged()
}

func (l *chatList) chooseAll() {
	for i := range l.lines {
		if line := &l.lines[i]; line.isChat() {
			l.chosen[line.chat.ID] = true
		}
	}
	l.chosenChanged()
}

func (l *chatList) chooseNone() {
	if len(l.chosen) > 0 {
		clear(l.chosen)
		l.chosenChanged()
	}
}

func (l *chatList) chosenChanged() {
	l.act.chosen(len(l.chosen))
	l.showRows()
}

// picked are the chosen chats in the order of the list if that chat is one of
// them, or else it alone.
func (l *chatList) picked(chat int64) []int64 {
	if !l.chosen[chat] {
		return []int64{chat}
	}
	return l.allChosen()
}

func (l *chatList) allChosen() (chats []int64) {
	for i := range l.lines {
		if line := &l.lines[i]; line.isChat() && l.chosen[line.chat.ID] {
			chats = append(chats, line.chat.ID)
		}
	}
	return chats
}

// deleteChosen deletes the chosen chats or, if there are none, the one with the
// cursor.
func (l *chatList) deleteChosen() {
	chats := l.allChosen()
	if line := &l.lines[l.cursor]; len(chats) == 0 && line.isChat() {
		chats = []int64{line.chat.ID}
	}
	if len(chats) > 0 {
		// The cursor stays where it is, on what comes next.
		next := l.cursor
		for next < len(l.lines)-1 && (!l.lines[next].isChat() || l.chosen[l.lines[next].chat.ID] || l.lines[next].chat.ID == chats[0]) {
			next++
		}
		l.cursor = next
		l.act.delete(chats)
	}
}
