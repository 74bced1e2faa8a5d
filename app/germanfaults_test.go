package app

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"lumi/accel"
	"lumi/app/history"
	"lumi/app/settings"
	"lumi/llm"
	"lumi/llm/gguf"
)

// germanBecause is a German text with what fills its place {{.Why}}, a detail behind
// it.
func germanBecause(german func(string) string, text, why string) string {
	return strings.Replace(german(text), "{{.Why}}", german(why)+" ({{.Detail}})", 1)
}

// onHistory runs statements on a history as another program would.
func onHistory(t *testing.T, path, statements string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // closed twice at worst
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
	return db
}

// TestLockedHistoryInGerman renames a chat while another program is writing.
func TestLockedHistoryInGerman(t *testing.T) {
	german := speakGerman(t)
	b := newBench(t, "")
	defer b.end()
	b.use(newFakeEngine("Antwort"))
	b.ask("Frage")
	db := onHistory(t, b.path, "BEGIN IMMEDIATE")
	b.RenameChat(b.chat.ID, "anders")
	b.until("the fault is told", func() bool { return b.notice != nil })
	checkGerman(t, "locked", told(b.notice.Text),
		germanBecause(german, "The chat could not be renamed: {{.Why}}", "another program is using the chat history; end it and try again"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestFullDiskInGerman saves messages to a full disk, and opens a history on one.
func TestFullDiskInGerman(t *testing.T) {
	german := speakGerman(t)
	b := newBench(t, "")
	defer b.end()
	b.History = &fullDisk{History: b.store, full: true}
	b.use(newFakeEngine("Antwort"))
	b.ask("Frage")
	if b.notice == nil {
		t.Fatal("nothing is told")
	}
	checkGerman(t, "saving", told(b.notice.Text),
		germanBecause(german, "The last messages are not saved: {{.Why}}", "the disk is full; free some space and try again"))
	checkGerman(t, "opening", told(reported(&history.FullError{Path: b.path})),
		german("The disk with the chat history {{.Path}} is full: free some space, or nothing new is saved."))
	checkGerman(t, "exporting", told(reported(&fs.PathError{Op: "write", Path: "chats.json", Err: syscall.ENOSPC})),
		"chats.json: "+german("the disk is full; free some space and try again"))
}

// TestNewerHistoryInGerman opens a history of a newer version and writes to it.
func TestNewerHistoryInGerman(t *testing.T) {
	german := speakGerman(t)
	b := newBench(t, "")
	defer b.end()
	b.use(newFakeEngine("Antwort"))
	path := filepath.Join(t.TempDir(), "chats.db")
	old, faults, err := history.Open(path)
	if err != nil || len(faults) > 0 {
		t.Fatalf("%v, %q", err, faults)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	if err := onHistory(t, path, "PRAGMA user_version = 50").Close(); err != nil {
		t.Fatal(err)
	}
	newer, faults, err := history.Open(path)
	if err != nil || len(faults) != 1 {
		t.Fatalf("%v, %q, want one fault", err, faults)
	}
	defer newer.Close()
	checkGerman(t, "opening", told(reported(faults[0])),
		german("The chat history {{.Path}} was written by a newer version of Lumi. It can be read only; update Lumi to add to it."))
	b.History = newer
	b.ask("Frage")
	if b.notice == nil {
		t.Fatal("nothing is told")
	}
	checkGerman(t, "saving", told(b.notice.Text), germanBecause(german, "The last messages are not saved: {{.Why}}", "the chat history can only be read"))
}

// TestNoPermissionInGerman is about files that may not be read or written. The
// errors are those of the system; who runs the tests may be allowed all.
func TestNoPermissionInGerman(t *testing.T) {
	german := speakGerman(t)
	denied := func(path string) error { return &fs.PathError{Op: "open", Path: path, Err: syscall.EACCES} }
	missing := german("Lumi may not do this: the permission is missing")
	unwritable := strings.Replace(german("The chat history {{.Path}} cannot be written, so chats are lost when Lumi ends: {{.Why}}."), "{{.Why}}", missing, 1)
	checkGerman(t, "settings", told(unreadSettings(&settings.FileError{Path: "/settings.json", Err: denied("/settings.json"), Aside: "/settings.json.bad"}).parts[0]),
		strings.Replace(german("The settings file {{.Path}} cannot be read, so the defaults are used: {{.Why}}."), "{{.Why}}", missing, 1))
	checkGerman(t, "history", told(reported(&history.UnwritableError{Path: "/data/chats.db", Err: denied("/data/chats.db")})), unwritable)
	checkGerman(t, "history with chats", told(reported(&history.UnwritableError{Path: "/data/chats.db", Chats: 2, Err: denied("/data/chats.db")})),
		unwritable+" "+german("The chats that are in it can be read."))

	b := newBench(t, "")
	defer b.end()
	b.load = func(_ context.Context, path string, _ func(done, total int64)) (Engine, error) {
		return nil, &gguf.Error{Path: path, Offset: -1, Err: syscall.EACCES}
	}
	b.Load("/models/m.gguf")
	b.until("the load has failed", func() bool { return b.notice != nil })
	checkGerman(t, "model", told(b.notice.Text), strings.Replace(german("{{.Name}} could not be loaded: {{.Why}}"), "{{.Why}}", missing, 1))
}

// TestMissingPartInGerman loads one part of a model whose others are not there.
func TestMissingPartInGerman(t *testing.T) {
	german := speakGerman(t)
	var part bytes.Buffer
	err := gguf.Write(&part, []gguf.KV{
		{Key: "general.architecture", Value: "llama"},
		{Key: "split.no", Value: uint16(0)},
		{Key: "split.count", Value: uint16(3)},
		{Key: "split.tensors.count", Value: int32(3)},
	}, []gguf.TensorData{{Name: "a", Type: accel.F32, Dims: []uint64{4}, Write: func(w io.Writer) error {
		_, err := w.Write(make([]byte, 16))
		return err
	}}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m-00001-of-00003.gguf")
	if err := os.WriteFile(path, part.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, "")
	defer b.end()
	b.load = func(ctx context.Context, path string, progress func(done, total int64)) (Engine, error) {
		return llm.Open(ctx, path, llm.Options{}, progress)
	}
	b.Load(path)
	b.until("the load has failed", func() bool { return b.notice != nil })
	checkGerman(t, "missing part", told(b.notice.Text), germanBecause(german, "{{.Name}} could not be loaded: {{.Why}}",
		"it is one part of a model, and the others do not lie beside it; fetch them into the same folder"))
}
