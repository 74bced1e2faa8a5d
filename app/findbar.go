package app

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"

	"lumi/app/transcript"
)

// findBar is a row above the messages in which a person looks for a text in
// them.
type findBar struct {
	box        *fyne.Container
	field      *findField
	count      *textLine
	transcript *transcript.Transcript
	relayout   func()
	left       func() // the bar is closed
}

func newFindBar(t *transcript.Transcript, keys keyFunc, relayout, left func()) *findBar {
	f := &findBar{transcript: t, relayout: relayout, left: left}
	f.field = &findField{bar: f}
	f.field.keys, f.field.settle = keys, func() {}
	f.field.ExtendBaseWidget(f.field)
	f.field.SetPlaceHolder(lang.L("Find in this chat"))
	f.field.OnChanged = func(text string) { f.found(f.transcript.Find(text)) }
	f.count = newCaption("")
	f.count.align = fyne.TextAlignTrailing
	right := container.NewHBox(container.New(fixedWidth(76), f.count),
		iconButton(theme.MoveUpIcon(), lang.L("Earlier match"), func() { f.step(-1) }),
		iconButton(theme.MoveDownIcon(), lang.L("Later match"), func() { f.step(1) }),
		iconButton(icon("close"), lang.L("Close"), f.close))
	f.box = padded(container.New(column{readingWidth, 16}, container.NewBorder(nil, nil, nil, right, f.field)), 0, 4)
	f.box.Hide()
	return f
}

// open shows the bar, ready to type into.
func (f *findBar) open(focus func(fyne.Focusable)) {
	if f.box.Hidden {
		f.box.Show()
		f.relayout()
	}
	focus(f.field)
	f.field.TypedShortcut(&fyne.ShortcutSelectAll{})
	if f.field.Text != "" {
		f.found(f.transcript.Find(f.field.Text))
	}
}

// close ends the search.
func (f *findBar) close() {
	if f.box.Hidden {
		return
	}
	f.box.Hide()
	f.transcript.Find("")
	f.relayout()
	f.left()
}

// searching reports whether there is something to look for.
func (f *findBar) searching() bool { return !f.box.Hidden && f.field.Text != "" }

// step goes to the next occurrence, or to the one before.
func (f *findBar) step(by int) {
	if f.searching() {
		f.found(f.transcript.FindNext(by))
	}
}

// again looks anew, in another chat.
func (f *findBar) again() {
	if f.searching() {
		f.found(f.transcript.Find(f.field.Text))
	}
}

func (f *findBar) found(number, all int) {
	switch {
	case f.field.Text == "":
		f.count.set("")
	case all == 0:
		f.count.set(lang.L("not found"))
	default:
		f.count.set(fmt.Sprintf("%d/%d", number, all))
	}
}

// findField is the field of the bar: Enter goes on, Shift+Enter back.
type findField struct {
	field
	bar *findBar
}

// TypedKey implements fyne.Focusable.
func (f *findField) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeyEscape:
		f.bar.close()
	case fyne.KeyReturn, fyne.KeyEnter:
		f.bar.step(direction())
	default:
		f.field.TypedKey(key)
	}
}

// direction is back while a Shift key is held down, and on otherwise.
func direction() int {
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok && d.CurrentKeyModifiers()&fyne.KeyModifierShift != 0 {
		return -1
	}
	return 1
}
