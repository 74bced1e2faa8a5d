//go:build unix

package app

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// takeLock locks the file at path until what it returns is closed, or returns
// errLocked. The file stays: two programs could hold locks of two files of that
// name if it were removed.
func takeLock(path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errLocked
	}
	return nil, errors.Join(err, f.Close())
}
