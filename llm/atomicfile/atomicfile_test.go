package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// put writes a file alone in a folder and returns its path.
func put(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func wantText(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q, want %q; error %v", path, got, want, err)
	}
}

func wantAlone(t *testing.T, path string) {
	t.Helper()
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("%d files are in the folder of %s, want 1; error %v", len(entries), path, err)
	}
}

func TestFilesAreReplaced(t *testing.T) {
	path := put(t, "old")
	for mode, text := range map[fs.FileMode]string{Shared: "shared", Private: "private"} {
		if err := Write(path, mode, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			t.Fatal(err)
		}
		wantText(t, path, text)
		wantAlone(t, path)
		if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode() != mode {
			t.Errorf("mode %v, want %v; error %v", info.Mode(), mode, err)
		}
	}
	fresh := filepath.Join(filepath.Dir(path), "a", "b", "file")
	if err := WriteBytes(fresh, Private, []byte("new")); err != nil {
		t.Fatal(err)
	}
	wantText(t, fresh, "new")
	if err := WriteBytes(filepath.Join(fresh, "file"), Private, nil); err == nil {
		t.Error("a file was written into a file")
	}
}

func TestLinkStaysALink(t *testing.T) {
	target := put(t, "old")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(target, link); err != nil {
		t.Skipf("skipped: no symbolic links here: %v", err)
	}
	if err := WriteBytes(link, Private, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became a file: %v", err)
	}
	wantText(t, target, "new")
	wantAlone(t, target)
}

func TestErrorOfTheCallerLeavesTheFile(t *testing.T) {
	path := put(t, "old")
	stopped := errors.New("stopped")
	err := Write(path, Shared, func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, stopped)
	})
	if !errors.Is(err, stopped) {
		t.Errorf("error %v, want the caller's", err)
	}
	wantText(t, path, "old")
	wantAlone(t, path)
}

// failing lets the n-th operation fail.
type failing struct {
	osDisk
	n *int
}

type failingFile struct {
	file
	d failing
}

var errFailed = errors.New("the disk failed")

func (d failing) step() error {
	if *d.n--; *d.n == 0 {
		return errFailed
	}
	return nil
}

func (d failing) MkdirAll(dir string) error     { return errors.Join(d.step(), d.osDisk.MkdirAll(dir)) }
func (d failing) SyncDir(dir string) error      { return errors.Join(d.step(), d.osDisk.SyncDir(dir)) }
func (f failingFile) Chmod(m fs.FileMode) error { return errors.Join(f.d.step(), f.file.Chmod(m)) }
func (f failingFile) Sync() error               { return errors.Join(f.d.step(), f.file.Sync()) }
func (f failingFile) Close() error              { return errors.Join(f.d.step(), f.file.Close()) }
func (d failing) Rename(from, to string) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.osDisk.Rename(from, to)
}

func (d failing) Create(dir, pattern string) (file, error) {
	if err := d.step(); err != nil {
		return nil, err
	}
	f, err := d.osDisk.Create(dir, pattern)
	return failingFile{f, d}, err
}

func (f failingFile) Write(data []byte) (int, error) {
	if err := f.d.step(); err != nil {
		n, _ := f.file.Write(data[:len(data)/2]) // as a full disk does
		return n, err
	}
	return f.file.Write(data)
}

// TestEveryFailureLeavesOneWholeFile lets each operation fail once.
func TestEveryFailureLeavesOneWholeFile(t *testing.T) {
	for n := 1; ; n++ {
		path := put(t, "old")
		left := n
		want := "old"
		if err := writeBytes(failing{n: &left}, path, Shared, []byte("the new one")); err == nil {
			want = "the new one"
		} else if !errors.Is(err, errFailed) {
			t.Errorf("operation %d: error %v", n, err)
		}
		wantText(t, path, want)
		wantAlone(t, path)
		if left > 0 { // nothing failed any more
			if n != 9 {
				t.Errorf("writing takes %d operations, want 8", n-1)
			}
			return
		}
	}
}
