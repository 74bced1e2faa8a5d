package app

import (
	"strings"

	"fyne.io/fyne/v2"
)

// renaming is a chat or folder whose name is being written in its line.
type renaming struct {
	key   lineKey
	line  listLine
	field *field
}

// beginRename puts a field with the name of a chat or folder over its line.
func (l *chatList) beginRename(key lineKey) {
	i := l.find(key)
	if i < 0 {
		return
	}
	l.endRename(true)
	l.cursor, l.anchor = i, i
	l.scrollTo(i)
	line := l.lines[i]
	r := &renaming{key: key, line: line}
	r.field = newField(func(e *fyne.KeyEvent) bool {
		switch e.Name {
		case fyne.KeyEscape:
			l.endRename(false)
			l.takeFocus()
			return true
		case fyne.KeyF2:
			return true
		}
		return l.act.keys(e)
	}, func() {
		if l.rename == r {
			l.endRename(true)
		}
	})
	r.field.OnSubmitted = func(string) {
		l.endRename(true)
		l.takeFocus()
	}
	name := line.chat.Title
	if line.kind == folderHead {
		name = line.folder.Name
	}
	r.field.SetText(name)
	l.rename, l.stale = r, true
	l.showRows()
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
		c.Focus(r.field)
	}
	r.field.TypedShortcut(&fyne.ShortcutSelectAll{})
}

// endRename takes the field away and, if asked to, takes over what was written.
func (l *chatList) endRename(keep bool) {
	r := l.rename
	if r == nil {
		return
	}
	l.rename, l.stale = nil, true
	name := strings.TrimSpace(r.field.Text)
	old := r.line.chat.Title
	if r.line.kind == folderHead {
		old = r.line.folder.Name
	}
	if keep && name != "" && name != old {
		l.act.rename(r.line, name)
	}
	l.showRows()
}

// placeRename puts the field over its line.
func (l *chatList) placeRename(width float32) {
	i := l.find(l.rename.key)
	if i < 0 {
		return
	}
	left := float32(2)
	if l.lines[i].kind == folderHead {
		left = 22
	}
	f := l.rename.field
	h := f.MinSize().Height
	y := l.tops[i] + (chatLineHeight-h)/2
	f.Move(fyne.NewPos(left, y))
	f.Resize(fyne.NewSize(width-left-2, h))
}
