package app

import (
	"fyne.io/fyne/v2"

	"lumi/app/transcript"
)

// editItem is an item of the Edit menu.
func (w *window) editItem(name string, shortcut fyne.Shortcut) *fyne.MenuItem {
	item := fyne.NewMenuItem(name, func() { w.edit(shortcut) })
	item.Shortcut = shortcut
	return item
}

// edit applies a shortcut to the field that has the focus, or to the messages.
// What is pasted elsewhere than in a field goes into the message that is being
// written; what is undone there is the last deletion or move of chats and the
// like. An empty message gives that way only while a notice offers it: else its
// own text comes back.
func (w *window) edit(shortcut fyne.Shortcut) {
	focused, writing := w.win.Canvas().Focused().(fyne.Shortcutable)
	if _, reading := focused.(*transcript.Transcript); reading {
		writing = false
	}
	switch shortcut.(type) {
	case *fyne.ShortcutUndo:
		if w.c.CanUndo() && (!writing || w.c.offersUndo() && focused == fyne.Shortcutable(w.composer.field) && w.composer.field.Text == "") {
			w.c.Undo()
			return
		}
	case *fyne.ShortcutPaste:
		if !writing {
			w.writeMessage()
			focused, writing = w.composer.field, true
		}
	}
	shortcut = w.withClipboard(shortcut)
	if writing {
		focused.TypedShortcut(shortcut)
	} else {
		w.chat.transcript.TypedShortcut(shortcut)
	}
}

func (w *window) withClipboard(s fyne.Shortcut) fyne.Shortcut {
	switch s.(type) {
	case *fyne.ShortcutCopy:
		return &fyne.ShortcutCopy{Clipboard: w.app.Clipboard()}
	case *fyne.ShortcutCut:
		return &fyne.ShortcutCut{Clipboard: w.app.Clipboard()}
	case *fyne.ShortcutPaste:
		return &fyne.ShortcutPaste{Clipboard: w.app.Clipboard()}
	}
	return s
}
