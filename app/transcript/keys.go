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

// TypedKey scrolls; Escape clears the selection.
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
	}
}

// TypedRune is for Fyne: there is nothing to type into.
func (t *Transcript) TypedRune(rune) {}

// FocusGained is for Fyne.
func (t *Transcript) FocusGained() {}

// FocusLost is for Fyne. The selection stays: the app's menu can copy it.
func (t *Transcript) FocusLost() {}
