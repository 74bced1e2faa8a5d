package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
)

// page takes the place of the chat: a title, a button that closes it, and
// content that scrolls below.
type page struct {
	box    *fyne.Container
	scroll *scroller
	close  *button
	first  fyne.Focusable // gets the focus when the page opens
}

// pageWidth is how wide the content of a page gets.
const pageWidth = 720

func newPage(title string, content fyne.CanvasObject, closing func()) *page {
	name := newText(title, theme.ColorNameForeground, theme.SizeNameHeadingText)
	name.style.Bold = true
	p := &page{close: quietButton(lang.L("Close"), icon("close"), closing)}
	p.scroll = newScroller(container.New(column{pageWidth, 20}, padded(content, 0, 8)))
	top := padded(container.New(column{pageWidth, 20},
		container.NewBorder(nil, nil, nil, container.NewCenter(p.close), name)), 0, 10)
	p.box = container.NewBorder(top, nil, nil, nil, p.scroll)
	p.box.Hide()
	return p
}

// openPage shows a page in place of the messages and the composer.
func (w *window) openPage(p *page) {
	if w.page != nil {
		w.page.box.Hide()
	}
	w.page = p
	w.chat.reading.Hide()
	w.chat.foot.Hide()
	p.box.Show()
	w.chat.relayout()
	w.win.Canvas().Focus(p.first)
}

// closePage shows the chat again and reports whether there was a page.
func (w *window) closePage() bool {
	if w.page == nil {
		return false
	}
	w.page.box.Hide()
	w.page = nil
	w.chat.reading.Show()
	w.chat.foot.Show()
	w.chat.relayout()
	w.win.Canvas().Focus(w.composer.field)
	return true
}

// writeMessage shows the chat and lets the person write.
func (w *window) writeMessage() {
	w.closePage()
	w.win.Canvas().Focus(w.composer.field)
}
