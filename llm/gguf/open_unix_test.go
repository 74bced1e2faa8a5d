//go:build unix

package gguf

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestOpenNeverWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe.gguf")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("skipped: no named pipe can be made here:", err)
	}
	link := path + ".link"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, link} {
		done := make(chan error, 1)
		go func() {
			_, err := Open(path)
			done <- err
		}()
		select {
		case err := <-done:
			if err == nil || !strings.Contains(err.Error(), "named pipe") {
				t.Errorf("error %v, want one that says it is a pipe", err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("Open waits for the pipe's other end")
		}
	}
	// Also if the pipe takes the file's place after it was looked at.
	done := make(chan error, 1)
	go func() {
		file, err := openFile(path)
		if err == nil {
			err = file.Close()
		}
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("openFile waits for the pipe's other end")
	}
}

func TestOpenFollowsLinks(t *testing.T) {
	path := write(t, "model.gguf", sample(t))
	dir := t.TempDir()
	link, dangling := filepath.Join(dir, "link.gguf"), filepath.Join(dir, "dangling.gguf")
	if err := errors.Join(os.Symlink(path, link), os.Symlink(filepath.Join(dir, "none"), dangling)); err != nil {
		t.Fatal(err)
	}
	f, err := Open(link)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Open(dangling); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("dangling link: %v", err)
	}
}

// A file that is cut while its header is read faults in the mapping.
func TestFileCutWhileRead(t *testing.T) {
	path := write(t, "model.gguf", sample(t))
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	size := len(sample(t))
	data, unmap, err := mapFile(file, size)
	if err != nil {
		t.Fatal(err)
	}
	defer unmap()
	if err := file.Truncate(0); err != nil {
		t.Fatal(err)
	}
	err = Guard(path, func() error {
		_, err := Parse(data, path)
		return err
	})
	var e *Error
	if !errors.Is(err, ErrChanged) || !errors.As(err, &e) || e.Path != path {
		t.Errorf("error %v, want ErrChanged with the path", err)
	}
}
