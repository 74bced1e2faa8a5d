package app

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
)

// messageField is a text field in which Enter sends and Shift+Enter starts a
// new line. It is as tall as its text, up to maxComposerRows.
type messageField struct {
	entry
	onEnter func()
	onFocus func(gained bool)
	onLong  func(text string) (taken bool) // a long text is pasted
	onGrow  func()                         // the field wants another height
	keys    keyFunc
	focused bool
	shift   bool // a shift key is held down
	rows    int
}

func newMessageField() *messageField {
	f := &messageField{rows: 1, onGrow: func() {}}
	f.ExtendBaseWidget(f)
	f.MultiLine = true
	f.Wrapping = fyne.TextWrapWord
	f.SetMinRowsVisible(1)
	return f
}

// AcceptsTab lets the Tab key move on to the next widget: a message hardly
// ever needs a tab, and the window must be usable without a mouse.
func (f *messageField) AcceptsTab() bool { return false }

// KeyDown implements desktop.Keyable.
func (f *messageField) KeyDown(key *fyne.KeyEvent) {
	if isShift(key.Name) {
		f.shift = true
	}
	f.Entry.KeyDown(key)
}

// KeyUp implements desktop.Keyable.
func (f *messageField) KeyUp(key *fyne.KeyEvent) {
	if isShift(key.Name) {
		f.shift = false
	}
	f.Entry.KeyUp(key)
}

// TypedKey implements fyne.Focusable.
func (f *messageField) TypedKey(key *fyne.KeyEvent) {
	if (key.Name == fyne.KeyReturn || key.Name == fyne.KeyEnter) && !f.shift {
		f.onEnter()
		return
	}
	if f.keys(key) {
		return
	}
	f.Entry.TypedKey(key)
	f.grow()
}

// TypedRune implements fyne.Focusable.
func (f *messageField) TypedRune(r rune) {
	f.Entry.TypedRune(r)
	f.grow()
}

// TypedShortcut implements fyne.Shortcutable: paste, cut, undo and the like.
func (f *messageField) TypedShortcut(s fyne.Shortcut) {
	if paste, ok := s.(*fyne.ShortcutPaste); ok && paste.Clipboard != nil {
		if text := paste.Clipboard.Content(); len(text) > longText && f.onLong(text) {
			return
		}
	}
	f.Entry.TypedShortcut(s)
	f.grow()
}

// SetText replaces the text.
func (f *messageField) SetText(text string) {
	f.Entry.SetText(text)
	f.grow()
}

// FocusGained implements fyne.Focusable.
func (f *messageField) FocusGained() {
	f.focused, f.shift = true, false
	f.Entry.FocusGained()
	f.onFocus(true)
}

// FocusLost implements fyne.Focusable.
func (f *messageField) FocusLost() {
	f.focused, f.shift = false, false
	f.Entry.FocusLost()
	f.onFocus(false)
}

// Resize implements fyne.CanvasObject.
func (f *messageField) Resize(size fyne.Size) {
	f.Entry.Resize(size)
	f.grow()
}

// grow fits the height to the text.
func (f *messageField) grow() {
	th := f.Theme()
	inner := f.Size().Width - 2*(th.Size(theme.SizeNameInnerPadding)+th.Size(theme.SizeNameInputBorder))
	rows := wrappedRows(f.Text, inner, maxComposerRows, func(s string) float32 {
		return fyne.MeasureText(s, th.Size(theme.SizeNameText), f.TextStyle).Width
	})
	if rows != f.rows {
		f.rows = rows
		f.SetMinRowsVisible(rows)
		f.onGrow()
	}
}

func isShift(name fyne.KeyName) bool {
	return name == "LeftShift" || name == "RightShift"
}

// wrappedRows counts the rows that text takes in the given width when wrapped
// at words, from 1 to most. It looks at no more of the text than it must: a
// pasted book costs as much as a long paragraph.
func wrappedRows(text string, width float32, most int, measure func(string) float32) int {
	if width <= 0 {
		return 1
	}
	rows := 0
	for line := range strings.SplitSeq(text, "\n") {
		rows++
		var used float32
		for word := range strings.SplitAfterSeq(line, " ") {
			if rows >= most {
				return most
			}
			w := wordWidth(word, width*float32(most), measure)
			if used > 0 && used+w > width {
				rows++
				used = 0
			}
			for w > width { // a word longer than a row is broken
				rows++
				w -= width
			}
			used += w
		}
	}
	return min(rows, most)
}

// wordWidth measures a word, but never much more of it than limit.
func wordWidth(word string, limit float32, measure func(string) float32) float32 {
	const piece = 256
	var w float32
	for len(word) > piece && w < limit {
		w += measure(word[:piece])
		word = word[piece:]
	}
	return w + measure(word[:min(len(word), piece)])
}

// field is an entry that reports when writing is over and hands on the keys that
// belong to the window.
type field struct {
	entry
	keys    keyFunc
	settle  func()
	focused bool
	whole   bool // reached with the keyboard, all of its text is selected
	pressed bool // the mouse is what gives it the focus
}

// keyFunc takes a key and reports whether it was one of the window's.
type keyFunc func(key *fyne.KeyEvent) bool

func newField(keys keyFunc, settle func()) *field {
	f := &field{keys: keys, settle: settle}
	f.ExtendBaseWidget(f)
	f.OnSubmitted = func(string) { settle() }
	return f
}

// newTextArea returns a field for a longer text.
func newTextArea(keys keyFunc, settle func()) *field {
	f := &field{keys: keys, settle: settle}
	f.ExtendBaseWidget(f)
	f.MultiLine = true
	f.Wrapping = fyne.TextWrapWord
	return f
}

// AcceptsTab lets the Tab key move on to the next widget.
func (f *field) AcceptsTab() bool { return false }

// TypedKey implements fyne.Focusable.
func (f *field) TypedKey(key *fyne.KeyEvent) {
	if !f.keys(key) {
		f.Entry.TypedKey(key)
	}
}

// FocusGained implements fyne.Focusable.
func (f *field) FocusGained() {
	f.focused = true
	f.Entry.FocusGained()
	if f.whole && !f.pressed {
		f.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}

// MouseDown implements desktop.Mouseable.
func (f *field) MouseDown(e *desktop.MouseEvent) {
	f.pressed = true
	f.Entry.MouseDown(e)
	f.pressed = false
}

// FocusLost implements fyne.Focusable.
func (f *field) FocusLost() {
	f.focused = false
	f.Entry.FocusLost()
	f.settle()
}
