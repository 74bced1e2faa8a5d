package gguf

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
)

// Open maps a file into memory and reads its header; tensor data is read from
// disk when it is used. The path must lead to a regular file, through symbolic
// links or not; Open never waits for the other end of a pipe. Errors wrap an
// *Error, and that a *TruncatedError if the file is cut, a *SplitError if
// it is only a part, or ErrNotGGUF.
func Open(path string) (*File, error) {
	fail := func(err error) (*File, error) {
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
	if info.Size() == 0 { // an empty file cannot be mapped
		return Parse(nil, path)
	}
	data, unmap, err := mapFile(file, int(info.Size()))
	if err != nil {
		return fail(err)
	}
	var f *File
	err = guard(path, func() (err error) {
		f, err = parse(data, path, os.DirFS(filepath.Dir(path)))
		return err
	})
	if err != nil {
		if unmapErr := unmap(); unmapErr != nil {
			err = errors.Join(err, unmapErr)
		}
		return nil, err
	}
	f.unmap = unmap
	return f, nil
}

// checkRegular refuses what cannot be mapped.
func checkRegular(info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return errors.New("it is a folder; choose the .gguf file in it")
	case mode&fs.ModeNamedPipe != 0:
		return errors.New("it is a named pipe, not a file")
	case mode&fs.ModeDevice != 0:
		return errors.New("it is a device, not a file")
	case mode&fs.ModeSocket != 0:
		return errors.New("it is a socket, not a file")
	}
	return errors.New("it is not a regular file")
}

// guard runs read, which reads mapped memory, and turns the fault that happens
// if the file shrinks meanwhile into an error.
func guard(path string, read func() error) (err error) {
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
