//go:build unix

package gguf

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// openFile opens a file for reading. O_NONBLOCK keeps a named pipe that took
// the file's place from making the call wait; a regular file ignores it.
func openFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
}

// mapFile maps the first size bytes of a file, size ≥ 1, read-only.
func mapFile(file *os.File, size int) (data []byte, unmap func() error, err error) {
	data, err = unix.Mmap(int(file.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot map its %d bytes into memory: %w", size, err)
	}
	return data, func() error { return unix.Munmap(data) }, nil
}

// forget takes the pages of a mapping out of the process's memory. They stay
// in the system's cache and come back when they are read. Refusal is harmless.
func forget(data []byte) { _ = unix.Madvise(data, unix.MADV_DONTNEED) }
