package gguf

import (
	"errors"
)

// Open maps a file into memory and reads its header; tensor data is read from
// disk when it is used. The path must lead to a regular file, through symbolic
// links or not; Open never waits for the other end of a pipe. Of a model that
// was split into several files any part may be named: all that lie beside it
// become one File, whose tensors' Offset is −1. Errors wrap an *Error, and that
// a *TruncatedError if a file is cut, a *SplitError if parts are missing, or
// ErrNotGGUF.
func Open(path string) (*File, error) {
	f, err := openPart(path)
	if err != nil || f.of <= 1 {
		return f, err
	}
	whole, err := openParts(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return whole, nil
}

// openPart opens one file, which may be a part of a split model.
func openPart(path string) (*File, error) {
	m, err := Map(path)
	if err != nil {
		return nil, err
	}
	var f *File
	err = Guard(path, func() (err error) {
		f, err = parse(m.Data, path)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	f.maps = []*Mapping{m}
	return f, nil
}
