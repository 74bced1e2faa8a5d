package app

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"lumi/app/settings"
	"lumi/llm"
)

// TestEditing uses the Edit menu while a field, the messages or nothing has the
// focus.
func TestEditing(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1000, 700))
	w, canvas := s.w, s.w.win.Canvas()
	field := w.composer.field
	canvas.Focus(w.chat.transcript)
	w.app.Clipboard().SetContent("pasted")
	w.edit(&fyne.ShortcutPaste{})
	if field.Text != "pasted" || canvas.Focused() != field {
		t.Errorf("what is pasted beside the fields makes the message %q", field.Text)
	}
	w.edit(&fyne.ShortcutSelectAll{})
	w.edit(&fyne.ShortcutCut{})
	if got := w.app.Clipboard().Content(); field.Text != "" || got != "pasted" {
		t.Errorf("cut leaves %q and takes %q", field.Text, got)
	}
	w.edit(&fyne.ShortcutUndo{})
	if field.Text != "pasted" {
		t.Errorf("undone, the message is %q", field.Text)
	}
	undone := 0
	s.tell(say("The message is deleted."), action{say("Undo"), func() { undone++ }})
	w.edit(&fyne.ShortcutUndo{}) // takes back what was typed
	if undone != 0 || s.notice == nil {
		t.Error("the message has the focus, and something deleted comes back")
	}
	field.SetText("")
	w.edit(&fyne.ShortcutUndo{})
	if undone != 1 || s.notice != nil {
		t.Errorf("a deletion is undone %d times", undone)
	}
}

func TestAuthorIsNoPath(t *testing.T) {
	for _, model := range []string{"/models/Tiny-Q4_1.gguf", "Tiny-Q4_1"} {
		if got := shown(message{Role: llm.Assistant, Author: model}).Author; strings.ContainsAny(got, "/\\") || !strings.HasPrefix(got, "Tiny") {
			t.Errorf("%s is named %q", model, got)
		}
	}
}
