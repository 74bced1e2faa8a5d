package app

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// chatRow shows one line of the list of chats. A row is used for one line after
// another while the list scrolls.
type chatRow struct {
	widget.BaseWidget
	list     *chatList
	line     listLine
	title    *textLine
	found    *markedText // the title of a hit
	snippet  *markedText
	count    *textLine
	dot      *ground
	arrow    *widget.Icon
	more     *pressable
	hovered  bool
	modifier fyne.KeyModifier // held down with the mouse button
	pressed  fyne.Position    // where in the window the mouse button went down
}

var (
	_ fyne.Tappable          = (*chatRow)(nil)
	_ fyne.SecondaryTappable = (*chatRow)(nil)
	_ desktop.Mouseable      = (*chatRow)(nil)
	_ desktop.Hoverable      = (*chatRow)(nil)
	_ fyne.Draggable         = (*chatRow)(nil)
)

func newChatRow(list *chatList) *chatRow {
	r := &chatRow{list: list}
	r.title = newText("", theme.ColorNameForeground, theme.SizeNameText)
	r.found = newMarkedText(1, theme.ColorNameForeground, theme.SizeNameText)
	r.snippet = newMarkedText(snippetLines, colorMuted, theme.SizeNameCaptionText)
	r.count = newCaption("")
	r.count.align = fyne.TextAlignTrailing
	r.dot = newGround(theme.ColorNamePrimary, 4)
	r.arrow = widget.NewIcon(icon("chevron-down"))
	r.more = newPressable(padded(widget.NewIcon(icon("more")), 4, 4), func() {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(r.more)
		r.list.act.menu(r.line, at.AddXY(0, r.more.Size().Height))
	})
	r.more.tip = lang.L("More")
	r.more.onHover = func(bool) { r.Refresh() }
	r.ExtendBaseWidget(r)
	return r
}

// show makes the row that of a line.
func (r *chatRow) show(line listLine) {
	if r.line.key() != line.key() {
		r.hovered = false
	}
	r.line = line
	r.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (r *chatRow) CreateRenderer() fyne.WidgetRenderer {
	back := canvas.NewRectangle(nil)
	back.CornerRadius = 7
	view := &chatRowRenderer{row: r, back: back, objects: []fyne.CanvasObject{
		back, r.title, r.found, r.snippet, r.count, r.dot, r.arrow, r.more,
	}}
	view.Refresh()
	return view
}

// MouseDown implements desktop.Mouseable.
func (r *chatRow) MouseDown(e *desktop.MouseEvent) {
	r.modifier, r.pressed = e.Modifier, e.AbsolutePosition
}

// MouseUp implements desktop.Mouseable.
func (r *chatRow) MouseUp(*desktop.MouseEvent) {}

// Tapped implements fyne.Tappable.
func (r *chatRow) Tapped(*fyne.PointEvent) {
	modifier := r.modifier
	r.modifier = 0
	r.list.tapped(r.line.key(), modifier)
}

// TappedSecondary implements fyne.SecondaryTappable.
func (r *chatRow) TappedSecondary(e *fyne.PointEvent) {
	if r.line.kind != groupLine {
		r.list.act.menu(r.line, e.AbsolutePosition)
	}
}

// MouseIn implements desktop.Hoverable.
func (r *chatRow) MouseIn(*desktop.MouseEvent) { r.setHovered(true) }

// MouseMoved implements desktop.Hoverable.
func (r *chatRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (r *chatRow) MouseOut() { r.setHovered(false) }

func (r *chatRow) setHovered(over bool) {
	r.hovered = over
	r.Refresh()
}

type chatRowRenderer struct {
	row     *chatRow
	back    *canvas.Rectangle
	objects []fyne.CanvasObject
}

func show(o fyne.CanvasObject, visible bool) {
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
}

func (v *chatRowRenderer) Refresh() {
	r := v.row
	line, list := &r.line, r.list
	open := line.isChat() && line.chat.ID == list.open
	chosen := line.isChat() && list.chosen[line.chat.ID]
	cursor := list.focused && list.cursorOn(line.key())
	goal := line.kind == folderHead && list.drag.hits(line.folder.ID)
	v.back.FillColor, v.back.StrokeWidth = nil, 0
	switch {
	case chosen, goal:
		v.back.FillColor = themeColor(theme.ColorNameFocus)
	case open:
		v.back.FillColor = themeColor(theme.ColorNamePressed)
	case r.hovered && line.kind != groupLine:
		v.back.FillColor = themeColor(theme.ColorNameHover)
	}
	if cursor || goal {
		v.back.StrokeColor, v.back.StrokeWidth = themeColor(theme.ColorNamePrimary), 1.5
	}
	r.title.color, r.title.size, r.title.style.Bold = theme.ColorNameForeground, theme.SizeNameText, open
	switch line.kind {
	case groupLine:
		r.title.text, r.title.color, r.title.size, r.title.style.Bold = line.name, colorMuted, theme.SizeNameCaptionText, true
	case folderHead:
		r.title.text, r.title.style.Bold = line.folder.Name, true
		r.count.text = fmt.Sprint(line.count)
		r.arrow.SetResource(icon("chevron-down"))
		if line.folded {
			r.arrow.SetResource(icon("chevron-right"))
		}
	case chatLine:
		r.title.text = line.chat.Title
		if list.drag.drags(line.chat.ID) {
			r.title.color = colorMuted
		}
	case hitLine:
		r.found.set(line.chat.Title, line.hit.Title)
		text, marks := line.hit.Snippet, line.hit.Marks
		r.snippet.set(text, marks)
	}
	renamed := list.rename != nil && list.rename.key == line.key() // the field stands over it
	show(r.title, line.kind != hitLine)
	show(r.found, line.kind == hitLine)
	show(r.snippet, line.kind == hitLine && line.hit.Snippet != "" && !renamed)
	show(r.dot, line.isChat() && line.chat.ID == list.busy)
	show(r.arrow, line.kind == folderHead)
	// A column of dots beside every title would be noise.
	more := line.kind != groupLine && (r.hovered || r.more.hovered || open || cursor)
	show(r.more, more)
	show(r.count, line.kind == folderHead && !more)
	v.Layout(r.Size())
	for _, o := range []fyne.CanvasObject{r.title, r.count, r.dot, v.back} {
		o.Refresh()
	}
	canvas.Refresh(r)
}

const (
	rowMargin    = 10 // left and right of what a row shows
	folderIndent = 18 // of the names of folders and of what is in them
)

func (v *chatRowRenderer) Layout(size fyne.Size) {
	r := v.row
	inset := float32(1) // so that two of them do not touch
	if v.back.StrokeWidth > 0 {
		inset = 2 // the stroke needs room inside the list
	}
	v.back.Move(fyne.NewPos(inset, inset))
	v.back.Resize(size.SubtractWidthHeight(2*inset, 2*inset))
	place := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(max(0, w), h))
	}
	left, right := float32(rowMargin), float32(rowMargin)
	if r.more.Visible() {
		right = 34
	}
	if r.count.Visible() {
		w := r.count.MinSize().Width
		h := r.count.MinSize().Height
		place(r.count, size.Width-right-w, (size.Height-h)/2, w, h)
		right += w + 8
	}
	if r.line.inside {
		left += folderIndent
	}
	if r.dot.Visible() {
		place(r.dot, left, (size.Height-8)/2, 8, 8)
		left += 15
	}
	if r.arrow.Visible() {
		place(r.arrow, left-4, (size.Height-18)/2, 18, 18)
		left += folderIndent
	}
	place(r.more, size.Width-30, (min(size.Height, 40)-26)/2, 26, 26)
	h := r.title.MinSize().Height
	y := (size.Height - h) / 2
	if r.line.kind == groupLine {
		y = size.Height - h - 5
	}
	place(r.title, left, y, size.Width-left-right, h)
	top := float32(hitMargin)
	place(r.found, left, top, size.Width-left-right, r.found.MinSize().Height)
	place(r.snippet, left, top+r.found.MinSize().Height+2, size.Width-left-rowMargin, r.snippet.MinSize().Height)
}

func (v *chatRowRenderer) MinSize() fyne.Size           { return fyne.NewSize(60, chatLineHeight) }
func (v *chatRowRenderer) Objects() []fyne.CanvasObject { return v.objects }
func (v *chatRowRenderer) Destroy()                     {}
