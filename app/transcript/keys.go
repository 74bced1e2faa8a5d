package transcript

import "fyne.io/fyne/v2"

// lineStep is how far an arrow key scrolls.
const lineStep = 46

// TypedShortcut handles copying and selecting all.
func (t *Transcript) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutCopy:
		clipboard := s.Clipboard
		if clipboard == nil {
			clipboard = fyne.CurrentApp().Clipboard()
		}
		t.Copy(clipboard)
	case *fyne.ShortcutSelectAll:
		t.SelectAll()
	}
}

// TypedKey scrolls; Escape clears the selection. Keys that mean nothing here,
// and Escape too, are the window's.
func (t *Transcript) TypedKey(ev *fyne.KeyEvent) {
	page := t.Size().Height * 0.9
	switch ev.Name {
	case fyne.KeyPageUp:
		t.scrollBy(-page)
	case fyne.KeyPageDown, fyne.KeySpace:
		t.scrollBy(page)
	case fyne.KeyUp:
		t.scrollBy(-lineStep)
	case fyne.KeyDown:
		t.scrollBy(lineStep)
	case fyne.KeyHome:
		t.scrollTo(0)
	case fyne.KeyEnd:
		t.ScrollToBottom()
	case fyne.KeyEscape:
		t.sel.clear()
		t.show()
		t.hand(ev)
	default:
		t.hand(ev)
	}
}

// hand gives a key to the window.
func (t *Transcript) hand(ev *fyne.KeyEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(ev)
	}
}

// TypedRune gives what is typed to the window: there is nothing to type into
// here. A blank has scrolled already.
func (t *Transcript) TypedRune(r rune) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); r != ' ' && c != nil && c.OnTypedRune() != nil {
		c.OnTypedRune()(r)
	}
}

// FocusGained is for Fyne.
func (t *Transcript) FocusGained() {}

// FocusLost is for Fyne. The selection stays: the app's menu can copy it.
func (t *Transcript) FocusLost() {}
