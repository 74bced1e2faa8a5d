package app

import (
	"slices"
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

// TestUndoOutlivesNotice undoes what later notices have been told over.
func TestUndoOutlivesNotice(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1000, 700))
	var undone []string
	gone := func(what string) {
		s.tell(say("The preset “{{.Name}}” is deleted.", fields{"Name": what}), undo(func() { undone = append(undone, what) }))
	}
	field := s.w.composer.field
	press := func(focus fyne.Focusable) {
		if focus == nil {
			s.w.win.Canvas().Unfocus()
		} else {
			s.w.win.Canvas().Focus(focus)
		}
		s.w.edit(&fyne.ShortcutUndo{})
	}

	gone("A")
	s.tell(say("The table is copied."), action{})
	s.tell(say("Nothing is left out of the prompt."), action{})
	if got := s.w.banner.text.Text; got != "The preset “A” is deleted. Nothing is left out of the prompt." || !s.w.banner.action.Visible() {
		t.Errorf("the banner says %q, its action is visible: %v", got, s.w.banner.action.Visible())
	}
	press(field)
	if !slices.Equal(undone, []string{"A"}) || s.notice != nil {
		t.Errorf("undone is %q, and the notice is %+v", undone, s.notice)
	}

	gone("B")
	s.tell(say("An answer is still being written."), action{say("Stop it"), s.Stop})
	press(field)
	if len(undone) != 1 {
		t.Error("the undo of the message that is written undoes what no notice offers")
	}
	press(nil)
	if !slices.Equal(undone, []string{"A", "B"}) || s.notice == nil {
		t.Errorf("undone is %q, and the notice, which offers something else, is %+v", undone, s.notice)
	}

	gone("C")
	gone("D")
	s.Dismiss()
	press(s.w.chat.transcript)
	press(nil)
	if !slices.Equal(undone, []string{"A", "B", "D"}) {
		t.Errorf("undone is %q, and the last can be undone once", undone)
	}
}

func TestAuthorIsNoPath(t *testing.T) {
	for _, model := range []string{"/models/Tiny-Q4_1.gguf", "Tiny-Q4_1"} {
		if got := shown(message{Role: llm.Assistant, Author: model}).Author; strings.ContainsAny(got, "/\\") || !strings.HasPrefix(got, "Tiny") {
			t.Errorf("%s is named %q", model, got)
		}
	}
}
