package gguf

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

func openFile(path string) (*os.File, error) { return os.Open(path) }

// mapFile maps the first size bytes of a file, size ≥ 1, read-only.
func mapFile(file *os.File, size int) (data []byte, unmap func() error, err error) {
	mapping, err := windows.CreateFileMapping(windows.Handle(file.Fd()), nil, windows.PAGE_READONLY,
		uint32(uint64(size)>>32), uint32(size), nil)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot map its %d bytes into memory: %w", size, err)
	}
	defer windows.CloseHandle(mapping) // a view keeps its mapping
	addr, err := windows.MapViewOfFile(mapping, windows.FILE_MAP_READ, 0, 0, uintptr(size))
	if err != nil {
		return nil, nil, fmt.Errorf("cannot map its %d bytes into memory: %w", size, err)
	}
	// The address comes from the system, not from Go's heap, so that turning it
	// into a pointer is safe; it is read as one because vet cannot know that.
	view := *(*unsafe.Pointer)(unsafe.Pointer(&addr))
	return unsafe.Slice((*byte)(view), size), func() error { return windows.UnmapViewOfFile(addr) }, nil
}

// forget does nothing: the system takes pages back by itself when it needs
// them.
func forget([]byte) {}
