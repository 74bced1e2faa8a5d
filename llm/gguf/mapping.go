package gguf

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"runtime/debug"

	"lumi/llm/fault"
)

// Mapping is a file mapped into memory, of whatever format.
type Mapping struct {
	Path string
	// Data is the file's contents, valid until Close. It must not be written
	// to; reading it faults if the file was cut meanwhile (see [Guard]).
	Data  []byte
	unmap func() error // nil for memory that is not mapped
}

// Map maps a regular file into memory, read-only. It never waits for the other
// end of a pipe. Errors wrap an *Error.
func Map(path string) (*Mapping, error) {
	fail := func(err error) (*Mapping, error) {
		if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
			err = pathErr.Err // Error names the path itself
		}
		return nil, &Error{Path: path, Offset: -1, Err: fmt.Errorf("cannot open the model: %w", err)}
	}
	// Asked before opening, because opening a device may already do something.
	info, err := os.Stat(path)
	if err != nil {
		return fail(err)
	}
	if err := checkRegular(info); err != nil {
		return fail(err)
	}
	file, err := openFile(path)
	if err != nil {
		return fail(err)
	}
	defer file.Close() // a mapping outlives its file
	// Asked again, because the path may lead elsewhere by now.
	if info, err = file.Stat(); err != nil {
		return fail(err)
	}
	if err := checkRegular(info); err != nil {
		return fail(err)
	}
	if info.Size() > math.MaxInt {
		return fail(fmt.Errorf("its %d bytes are more than this machine can address", info.Size()))
	}
	m := &Mapping{Path: path}
	if info.Size() == 0 { // an empty file cannot be mapped
		return m, nil
	}
	if m.Data, m.unmap, err = mapFile(file, int(info.Size())); err != nil {
		return fail(err)
	}
	return m, nil
}

// Forget says that what has been read so far will hardly be read again, so
// that it does not count as the process's memory any more. Data stays valid.
func (m *Mapping) Forget() {
	if m.unmap != nil {
		forget(m.Data)
	}
}

// Close gives the mapping back. Closing twice does nothing.
func (m *Mapping) Close() error {
	unmap := m.unmap
	m.unmap, m.Data = nil, nil
	if unmap == nil {
		return nil
	}
	if err := unmap(); err != nil {
		return fmt.Errorf("%s: cannot give the mapping back: %w", quotePath(m.Path), err)
	}
	return nil
}

// checkRegular refuses what cannot be mapped.
func checkRegular(info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return fault.NotModel.Errorf("it is a folder; choose the .gguf file in it")
	case mode&fs.ModeNamedPipe != 0:
		return fault.NotModel.Errorf("it is a named pipe, not a file")
	case mode&fs.ModeDevice != 0:
		return fault.NotModel.Errorf("it is a device, not a file")
	case mode&fs.ModeSocket != 0:
		return fault.NotModel.Errorf("it is a socket, not a file")
	}
	return fault.NotModel.Errorf("it is not a regular file")
}

// Guard runs read, which reads mapped memory, and turns the fault that happens
// if the file shrinks meanwhile into an *Error.
func Guard(path string, read func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		// Only a fault at an address has this method; all else is a bug.
		if _, fault := r.(interface{ Addr() uintptr }); !fault {
			panic(r)
		}
		err = &Error{Path: path, Offset: -1, Err: ErrChanged}
	}()
	return read()
}
