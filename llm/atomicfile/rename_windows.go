package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// errSharing is ERROR_SHARING_VIOLATION: another program has the file open.
const errSharing = syscall.Errno(32)

// rename tries again for a while where another program, such as one that looks
// for viruses, has one of the files open: that is over soon.
func rename(from, to string) error {
	const tries, pause = 10, 50 * time.Millisecond
	var err error
	for range tries {
		err = os.Rename(from, to)
		if !errors.Is(err, fs.ErrPermission) && !errors.Is(err, errSharing) {
			return err
		}
		time.Sleep(pause)
	}
	return err
}
