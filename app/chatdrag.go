package app

import (
	"math"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
)

// dragStart is how far the mouse has to move for a drag: a hand that clicks is
// never quite still.
const dragStart = 6

// dragging is a press of the mouse on a chat that may become a drag into a
// folder or out of it.
type dragging struct {
	line  listLine
	chats []int64 // nil until the mouse has moved far enough
	goal  int64   // the folder under the pointer, 0 for none
	moves bool    // dropping them there would change something
	shape *fyne.Container
	where *textLine
}

// drags reports whether a chat is being dragged.
func (d *dragging) drags(chat int64) bool { return d != nil && slices.Contains(d.chats, chat) }

// hits reports whether chats would be dropped into a folder.
func (d *dragging) hits(folder int64) bool { return d != nil && d.moves && d.goal == folder }

// Dragged implements fyne.Draggable.
func (r *chatRow) Dragged(e *fyne.DragEvent) {
	l := r.list
	if l.drag == nil {
		l.drag = &dragging{line: r.line}
	}
	moved := e.AbsolutePosition.Subtract(r.pressed)
	if l.drag.chats == nil && math.Hypot(float64(moved.X), float64(moved.Y)) < dragStart {
		return
	}
	l.dragTo(e.AbsolutePosition.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(l)))
}

// DragEnd implements fyne.Draggable.
func (r *chatRow) DragEnd() {
	d := r.list.drag
	if d == nil {
		return
	}
	r.list.drag = nil
	r.list.over.RemoveAll()
	r.list.showRows()
	switch {
	case d.chats == nil: // it was a click after all
		modifier := r.modifier
		r.modifier = 0
		r.list.tapped(d.line.key(), modifier)
	case d.moves:
		r.list.act.move(d.goal, d.chats)
	}
}

// cancelDrag gives up a drag and reports whether there was one. Its press of the
// mouse goes on and drags nothing.
func (l *chatList) cancelDrag() bool {
	if l.drag == nil || len(l.drag.chats) == 0 {
		return false
	}
	l.drag.chats, l.drag.moves = []int64{}, false
	l.over.RemoveAll()
	l.showRows()
	return true
}

// dragTo moves what is dragged to a place in the list.
func (l *chatList) dragTo(at fyne.Position) {
	d := l.drag
	if d.chats == nil {
		d.chats = []int64{} // nothing to drag
		if d.line.kind == chatLine {
			d.chats = slices.DeleteFunc(l.picked(d.line.chat.ID), isTemporary)
		}
		if len(d.chats) > 0 {
			l.over.Add(d.makeShape())
		}
	}
	if len(d.chats) == 0 {
		return
	}
	l.scrollAt(at.Y)
	d.goal, d.moves = l.goalAt(at)
	d.where.set(l.folderName(d))
	size := d.shape.MinSize()
	d.shape.Resize(size)
	d.shape.Move(fyne.NewPos(
		max(0, min(at.X+10, l.Size().Width-size.Width)),
		max(0, min(at.Y+12, l.Size().Height-size.Height))))
	l.showRows()
	l.over.Refresh()
}

// scrollAt scrolls on while something is dragged along an edge of the list.
func (l *chatList) scrollAt(y float32) {
	switch height := l.scroll.Size().Height; {
	case y < chatLineHeight/2:
		l.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: 12}})
	case y > height-chatLineHeight/2:
		l.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: -12}})
	}
}

// goalAt is the folder at a place in the list, 0 for none, and whether the
// dragged chats would come to lie elsewhere by being dropped there.
func (l *chatList) goalAt(at fyne.Position) (folder int64, moves bool) {
	if at.X < 0 || at.X > l.Size().Width || at.Y < 0 || at.Y > l.Size().Height {
		return 0, false
	}
	if i := l.lineAt(at.Y + l.scroll.Offset.Y); i >= 0 {
		switch line := &l.lines[i]; {
		case line.kind == folderHead:
			folder = line.folder.ID
		case line.inside:
			folder = line.chat.Folder
		}
	}
	for i := range l.lines {
		if line := &l.lines[i]; line.isChat() && l.drag.drags(line.chat.ID) && line.chat.Folder != folder {
			return folder, true
		}
	}
	return folder, false
}

// lineAt is the line at a height of the list's content, -1 if there is none.
func (l *chatList) lineAt(y float32) int {
	i, found := slices.BinarySearch(l.tops, y)
	if !found {
		i--
	}
	if i >= len(l.lines) {
		return -1
	}
	return i
}

// folderName says where what is dragged would come to lie.
func (l *chatList) folderName(d *dragging) string {
	if !d.moves {
		return ""
	}
	if i := l.find(lineKey{folder: true, id: d.goal}); i >= 0 {
		return "→ " + cutAtWord(l.lines[i].folder.Name, 24)
	}
	return "→ " + lang.L("No folder")
}

// makeShape is what is shown beside the pointer.
func (d *dragging) makeShape() *fyne.Container {
	what := newText(cutAtWord(d.line.chat.Title, 24), theme.ColorNameForeground, theme.SizeNameText)
	if len(d.chats) > 1 {
		what.text = plural(len(d.chats), "{{.N}} chats")
	}
	what.fits = true
	d.where = newText("", theme.ColorNamePrimary, theme.SizeNameCaptionText)
	d.where.fits = true
	d.shape = container.NewStack(newGround(colorNotice, 8), padded(container.New(&stackedRow{gap: 2}, what, d.where), 10, 5))
	return d.shape
}
