package history

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestSystemReason opens histories that the system does not let be written: what
// it says is told, not that the database cannot open them.
func TestSystemReason(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none", "chats.db")
	db, conn, err := connect(t.Context(), missing, readWrite)
	if err == nil {
		t.Fatal("a history in no folder is opened", errors.Join(conn.Close(), db.Close()))
	}
	if why := systemReason(missing, err); !errors.Is(why, fs.ErrNotExist) {
		t.Errorf("no folder: %v", why)
	}
	if os.Geteuid() == 0 {
		t.Skip("skipped: this user may write everything")
	}
	for name, forbid := range map[string]func(path string) error{
		"reading": func(path string) error { return os.Chmod(path, 0) },
		"writing": func(path string) error { return os.Chmod(path, 0o400) },
		"folder":  func(path string) error { return os.Chmod(filepath.Dir(path), 0o500) },
	} {
		path := newPath(t)
		if err := openSound(t, path).Close(); err != nil {
			t.Fatal(err)
		}
		if err := forbid(path); err != nil {
			t.Fatal(err)
		}
		s, notices, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(notices) != 1 || !errors.Is(notices[0], fs.ErrPermission) {
			t.Errorf("%s: %q", name, notices)
		}
		if err := errors.Join(s.Close(), os.Chmod(filepath.Dir(path), 0o700)); err != nil {
			t.Fatal(err)
		}
	}
}
