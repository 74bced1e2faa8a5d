package gguf

import (
	"errors"
	"os"
	"path/filepath"
)

// Open maps a file into memory and reads its header; tensor data is read from
// disk when it is used. The path must lead to a regular file, through symbolic
// links or not; Open never waits for the other end of a pipe. Errors wrap an
// *Error, and that a *TruncatedError if the file is cut, a *SplitError if
// it is only a part, or ErrNotGGUF.
func Open(path string) (*File, error) {
	m, err := Map(path)
	if err != nil {
		return nil, err
	}
	var f *File
	err = Guard(path, func() (err error) {
		f, err = parse(m.Data, path, os.DirFS(filepath.Dir(path)))
		return err
	})
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	f.maps = []*Mapping{m}
	return f, nil
}
