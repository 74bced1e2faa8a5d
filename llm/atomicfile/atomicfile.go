// Package atomicfile writes files whole or not at all. What is written lies
// beside its place until the disk has all of it; so a crash of the program or
// of the machine leaves the old file or the new one.
package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Private is the mode of files that are their owner's alone, Shared of those
// that others may read.
const (
	Private fs.FileMode = 0o600
	Shared  fs.FileMode = 0o644
)

// Write makes what fill writes the file at path, with the given mode, whatever
// was there before. A link stays one, and its target becomes the new file. The
// folder has to be there. After an error the old file is as it was, and nothing
// is left beside it.
func Write(path string, mode fs.FileMode, fill func(w io.Writer) error) error {
	return write(osDisk{}, path, mode, fill)
}

// WriteBytes is [Write] for what is in memory. It makes the folder if there is
// none, for its owner alone.
func WriteBytes(path string, mode fs.FileMode, data []byte) error {
	return writeBytes(osDisk{}, path, mode, data)
}

func writeBytes(d disk, path string, mode fs.FileMode, data []byte) error {
	if err := d.MkdirAll(filepath.Dir(Target(path))); err != nil {
		return err
	}
	return write(d, path, mode, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Target is the file that a path stands for: where a link leads, or itself.
func Target(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

func write(d disk, path string, mode fs.FileMode, fill func(w io.Writer) error) error {
	path = Target(path)
	dir := filepath.Dir(path)
	f, err := d.Create(dir, "."+filepath.Base(path)+"-*.part")
	if err != nil {
		return err
	}
	if err = fillFile(f, mode, fill); err == nil {
		err = d.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, d.Remove(f.Name()))
	}
	// Without this, a power cut may undo the renaming, which is no reason to
	// say that the file is not saved: the old one would be whole.
	_ = d.SyncDir(dir)
	return nil
}

// fillFile fills and closes f and waits until the disk has it: else a power cut
// could leave the new name with an empty file.
func fillFile(f file, mode fs.FileMode, fill func(w io.Writer) error) error {
	err := fill(f)
	if err == nil {
		err = f.Chmod(mode) // a temporary file is its owner's alone
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// disk is what writing needs of a file system; tests let its operations fail.
type disk interface {
	MkdirAll(dir string) error
	Create(dir, pattern string) (file, error) // a new file of its own name
	Rename(from, to string) error
	Remove(name string) error
	SyncDir(dir string) error // makes a renaming durable
}

// file is what writing needs of a file.
type file interface {
	io.Writer
	Name() string
	Chmod(mode fs.FileMode) error
	Sync() error
	Close() error
}

// osDisk is the real one.
type osDisk struct{}

func (osDisk) MkdirAll(dir string) error                { return os.MkdirAll(dir, 0o700) }
func (osDisk) Create(dir, pattern string) (file, error) { return os.CreateTemp(dir, pattern) }
func (osDisk) Rename(from, to string) error             { return rename(from, to) }
func (osDisk) Remove(name string) error                 { return os.Remove(name) }

func (osDisk) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
