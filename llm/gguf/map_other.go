//go:build !unix && !windows

package gguf

import (
	"fmt"
	"io"
	"os"
)

func openFile(path string) (*os.File, error) { return os.Open(path) }

// mapFile reads the first size bytes of a file, because the system has no way
// to map it.
func mapFile(file *os.File, size int) (data []byte, unmap func() error, err error) {
	data = make([]byte, size)
	if _, err := io.ReadFull(file, data); err != nil {
		return nil, nil, fmt.Errorf("cannot read its %d bytes: %w", size, err)
	}
	return data, func() error { return nil }, nil
}

// forget does nothing: the system takes pages back by itself when it needs
// them.
func forget([]byte) {}
