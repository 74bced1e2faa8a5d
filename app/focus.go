package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// What has the focus gets all keys, so each widget gives the window those that
// it does not use itself: Escape stops an answer wherever the focus is.

// handKey gives the window a key that o, which has the focus, has no use for.
func handKey(o fyne.CanvasObject, key *fyne.KeyEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(key)
	}
}

// listKey gives a key to inner, Fyne's part of o, if it moves through a list or
// chooses from it, as Enter does too, and any other key to the window.
func listKey(o fyne.CanvasObject, inner fyne.Focusable, key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeyUp, fyne.KeyDown, fyne.KeySpace:
		inner.TypedKey(key)
	case fyne.KeyReturn, fyne.KeyEnter:
		inner.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	default:
		handKey(o, key)
	}
}

// handRune gives the window a character that was typed while o had the focus.
// A blank presses buttons and is not handed on.
func handRune(o fyne.CanvasObject, r rune) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); r != ' ' && c != nil && c.OnTypedRune() != nil {
		c.OnTypedRune()(r)
	}
}

// button is Fyne's button; Enter presses it too.
type button struct {
	widget.Button
	tip   string // says what the button does if no text on it does
	stays bool   // pressed with a key, it keeps the focus, which Fyne takes from it
}

func newButton(text string, icon fyne.Resource, press func()) *button {
	b := &button{}
	b.Text, b.Icon, b.OnTapped = text, icon, press
	b.ExtendBaseWidget(b)
	return b
}

// quietButton returns a button that shows no ground until the pointer is over it.
func quietButton(text string, icon fyne.Resource, press func()) *button {
	b := newButton(text, icon, press)
	b.Importance = widget.LowImportance
	return b
}

// iconButton returns a quiet button without text; the tip says what it does
// while the pointer rests on it.
func iconButton(icon fyne.Resource, tip string, press func()) *button {
	b := quietButton("", icon, press)
	b.tip = tip
	return b
}

// MouseIn implements desktop.Hoverable.
func (b *button) MouseIn(e *desktop.MouseEvent) {
	b.Button.MouseIn(e)
	pointAt(b, b.tip)
}

// MouseOut implements desktop.Hoverable.
func (b *button) MouseOut() {
	b.Button.MouseOut()
	pointAt(b, "")
}

// Tapped implements fyne.Tappable.
func (b *button) Tapped(e *fyne.PointEvent) {
	pointAt(b, "") // before the button can go away
	b.Button.Tapped(e)
}

// TypedKey implements fyne.Focusable.
func (b *button) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		b.Tapped(nil)
		if c := fyne.CurrentApp().Driver().CanvasForObject(b); b.stays && c != nil {
			c.Focus(b)
		}
	default:
		handKey(b, key)
	}
}

// TypedRune implements fyne.Focusable.
func (b *button) TypedRune(r rune) { handRune(b, r) }

// slider is Fyne's slider.
type slider struct {
	widget.Slider
	onRune func(r rune) bool // takes a character that is typed, if it is for the slider's field
}

func newSlider(least, most, step float64) *slider {
	s := &slider{}
	s.Min, s.Max, s.Step = least, most, step
	s.ExtendBaseWidget(s)
	return s
}

// TypedKey implements fyne.Focusable.
func (s *slider) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeyLeft, fyne.KeyRight:
		s.Slider.TypedKey(key)
	default:
		handKey(s, key)
	}
}

// TypedRune implements fyne.Focusable.
func (s *slider) TypedRune(r rune) {
	if s.onRune == nil || !s.onRune(r) {
		handRune(s, r)
	}
}

// list is Fyne's list; Enter chooses too.
type list struct{ widget.List }

// TypedKey implements fyne.Focusable.
func (l *list) TypedKey(key *fyne.KeyEvent) {
	listKey(l, &l.List, key)
}

// TypedRune implements fyne.Focusable.
func (l *list) TypedRune(r rune) { handRune(l, r) }
