package history

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestNewerVersionIsOpenedForReading(t *testing.T) {
	data, want := sample(t)
	data = version(data, uint32(schemaVersion+1))
	path := put(t, data)
	s, notices := openAny(t, path)
	wantNotice(t, notices, "newer version of Lumi")
	if got := readable(t, s); len(got) != len(want) {
		t.Errorf("%d of %d messages can be read", len(got), len(want))
	}
	for name, err := range map[string]error{
		"new chat": second(s.NewChat(t.Context(), Chat{})),
		"append":   second(s.Append(t.Context(), Message{ChatID: 1, Role: User, Content: "x"})),
		"delete":   s.Delete(t.Context(), 1),
		"purge":    second(s.Purge(t.Context(), 0)),
	} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: %v, want ErrReadOnly", name, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if string(must(os.ReadFile(path))) != string(data) {
		t.Error("the newer file was changed")
	}
}

// TestPlacesThatCannotHoldAHistory has cases that stop even an administrator.
func TestPlacesThatCannotHoldAHistory(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{
		"folder is a file":  filepath.Join(file, "chats.db"),
		"file is a folder":  dir,
		"NUL in the name":   filepath.Join(dir, "a\x00b", "chats.db"),
		"name is too long":  filepath.Join(dir, strings.Repeat("n", 300), "chats.db"),
		"folder below file": filepath.Join(file, "data", "chats.db"),
	}
	if runtime.GOOS == "linux" {
		cases["a device"] = "/dev/full"
		cases["a folder of the kernel"] = "/proc/lumi/chats.db"
	}
	for name, path := range cases {
		t.Run(name, func(t *testing.T) {
			s, notices := openAny(t, path)
			wantNotice(t, notices, "chats are lost when Lumi ends")
			wantUsable(t, s)
		})
	}
}

func TestLogWithoutIndexAndFileWithoutLog(t *testing.T) {
	// A store that is not closed has everything new in the log.
	ctx, path := t.Context(), newPath(t)
	s := openSound(t, path)
	chat := must(s.NewChat(ctx, Chat{Title: "kept"})).ID
	must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: "in the log"}))
	copied := func(suffixes ...string) string {
		dir := t.TempDir()
		for _, suffix := range append(suffixes, "") {
			data := must(os.ReadFile(path + suffix))
			if err := os.WriteFile(filepath.Join(dir, "chats.db"+suffix), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return filepath.Join(dir, "chats.db")
	}
	wantTexts(t, openSound(t, copied("-wal")), chat, "in the log")
	wantTexts(t, openSound(t, copied("-wal", "-shm")), chat, "in the log")
	s, _ = openAny(t, copied()) // what was in the log is gone
	wantUsable(t, s)
}

// TestLogOfALostFileIsKept: SQLite would delete it.
func TestLogOfALostFileIsKept(t *testing.T) {
	path := newPath(t)
	s := openSound(t, path)
	must(s.NewChat(t.Context(), Chat{Title: "in the log"}))
	log := must(os.ReadFile(path + "-wal"))
	lost := filepath.Join(t.TempDir(), "chats.db")
	if err := os.WriteFile(lost+"-wal", log, 0o600); err != nil {
		t.Fatal(err)
	}
	openSound(t, lost)
	found := must(filepath.Glob(filepath.Join(filepath.Dir(lost), "chats.damaged-*.db-wal")))
	if len(found) != 1 || string(must(os.ReadFile(found[0]))) != string(log) {
		t.Errorf("the log is kept as %q, want one unchanged file", found)
	}
}

// TestKilledRescue starts from every state a killed rescue can leave.
func TestKilledRescue(t *testing.T) {
	data, want := sample(t)
	damaged := version(data, 0)
	write := func(path string, data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, leave := range map[string]func(path string){
		"while rescuing": func(path string) {
			write(path, damaged)
			write(path+rescuedSuffix, data[:8192])
			write(path+rescuedSuffix+"-journal", []byte("unfinished"))
		},
		"before setting aside": func(path string) {
			write(path, damaged)
			write(path+rescuedSuffix, data)
		},
		"before setting the log aside": func(path string) {
			write(path+"-wal", []byte("log of the damaged file"))
			write(path+rescuedSuffix, data)
		},
		"before the last step": func(path string) { write(path+rescuedSuffix, data) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "chats.db")
			leave(path)
			s, _ := openAny(t, path)
			if got := readable(t, s); len(got) != len(want) {
				t.Errorf("%d of %d messages are left", len(got), len(want))
			}
			if exists(path + rescuedSuffix) {
				t.Error("the intermediate file is left")
			}
		})
	}
}

// TestMigrationIsAllOrNothing adds a version that fails half-way and then one
// that works.
func TestMigrationIsAllOrNothing(t *testing.T) {
	data, want := sample(t)
	path := put(t, data)
	published, known := migrations, schemaVersion
	t.Cleanup(func() { migrations, schemaVersion = published, known })
	become := func(next string) {
		migrations = append(append([]string{}, published...), next)
		schemaVersion = len(migrations)
	}

	become("ALTER TABLE chats ADD COLUMN pinned INTEGER; INSERT INTO chats (id) SELECT id FROM chats")
	s, notices := openAny(t, path)
	wantNotice(t, notices, "chats are lost when Lumi ends. The chats that are in it can be read.")
	if got := readable(t, s); len(got) != len(want) {
		t.Errorf("after a failed migration %d of %d messages can be read", len(got), len(want))
	}

	become("ALTER TABLE chats ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0")
	for range 2 { // the second time there is nothing to do
		s := openSound(t, path)
		if got := readable(t, s); len(got) != len(want) {
			t.Errorf("after the migration %d of %d messages are left", len(got), len(want))
		}
		if n := must(number(t.Context(), s.conn, "SELECT sum(pinned) FROM chats")); n != 0 {
			t.Errorf("the new column sums to %d", n)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSettingAsideNeverOverwrites(t *testing.T) {
	path, now := filepath.Join(t.TempDir(), "chats.db"), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, want := range []string{"chats.damaged-2026-01-02-030405.db", "chats.damaged-2026-01-02-030405-2.db"} {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		aside := must(setAside(path, now))
		if got := string(must(os.ReadFile(aside))); filepath.Base(aside) != want || got != want {
			t.Errorf("set aside as %s with %q, want %s", aside, got, want)
		}
	}
}
