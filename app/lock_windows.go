package app

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// sharingViolation is the error of a file that another program has for itself.
const sharingViolation syscall.Errno = 32

// takeLock opens the file at path for this program alone until what it returns
// is closed, or returns errLocked.
func takeLock(path string) (io.Closer, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return nil, errLocked
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(h), path), nil
}
