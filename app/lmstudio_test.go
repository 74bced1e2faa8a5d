package app

import (
	"path/filepath"
	"testing"
)

// TestImportedAnswersShowHowTheyWereMade opens a chat that LM Studio has
// written.
func TestImportedAnswersShowHowTheyWereMade(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	file := filepath.Join("history", "testdata", "import", "1700000000000.conversation.json")
	if _, err := b.History.Import(t.Context(), file, nil); err != nil {
		t.Fatal(err)
	}
	b.readChats(func() {})
	b.quiet()
	b.OpenChat(b.chats[0].ID)
	b.quiet()
	b.SwitchLast(-1)
	b.quiet()
	m := b.chat.messages[1]
	if want := "ended at max tokens · 101 tokens · 20.0 tok/s · first after 0.25 s"; m.footer() != want {
		t.Errorf("footer %q, want %q", m.footer(), want)
	}
	if want := "Temperature 0.5 · Top-k 40 · Top-p 0.9 · Min-p 0.05 · Repetition penalty 1"; m.details() != want {
		t.Errorf("details %q, want %q", m.details(), want)
	}
}
