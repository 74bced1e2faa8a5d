package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
)

// Save writes s to path: the whole of it or, after an error, nothing. A crash
// of the program or of the machine leaves the old file or the new one. What
// [Load] did not understand is written back with the rest.
func Save(path string, s Settings) error {
	return save(osDisk{}, path, s)
}

func save(d disk, path string, s Settings) error {
	data, err := encode(s)
	if err != nil {
		return fmt.Errorf("saving the settings: %w", err)
	}
	if err := replace(d, path, data); err != nil {
		return fmt.Errorf("saving the settings to %s; the file is unchanged: %w", path, err)
	}
	return nil
}

// Replace writes data to the file at path as [Save] does: the whole of it or,
// after an error, nothing. It makes the folder if there is none.
func Replace(path string, data []byte) error { return replace(osDisk{}, path, data) }

func replace(d disk, path string, data []byte) error {
	// A link, as people have whose settings live in a repository, stays one.
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	dir := filepath.Dir(path)
	if err := d.MkdirAll(dir); err != nil {
		return err
	}
	f, err := d.Create(dir)
	if err != nil {
		return err
	}
	if err := write(f, data); err != nil {
		return errors.Join(err, d.Remove(f.Name()))
	}
	if err := d.Rename(f.Name(), path); err != nil {
		return errors.Join(err, d.Remove(f.Name()))
	}
	// Without this, a power cut may undo the renaming, which is no reason to
	// say that the settings are not saved: the old ones would be whole.
	_ = d.SyncDir(dir)
	return nil
}

// write fills and closes f and waits until the disk has it: else a power cut
// could leave the new name with an empty file.
func write(f file, data []byte) error {
	_, err := f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// encode returns s as indented JSON, together with what it does not know.
func encode(s Settings) ([]byte, error) {
	sampling, err := merged(s.Sampling, s.othersSampling)
	if err != nil {
		return nil, err
	}
	values, err := merged(s, s.others)
	if err != nil {
		return nil, err
	}
	if values["sampling"], err = json.Marshal(sampling); err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(values, "", "  ")
	return append(data, '\n'), err
}

// merged returns the JSON object of v with the others added to it.
func merged(v any, others map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	values := maps.Clone(others)
	return values, json.Unmarshal(data, &values)
}

// disk is what saving needs of a file system; tests let its operations fail.
type disk interface {
	MkdirAll(dir string) error
	Create(dir string) (file, error) // a new file of its own name
	Rename(from, to string) error
	Remove(name string) error
	SyncDir(dir string) error // makes a renaming durable
}

// file is what saving needs of a file.
type file interface {
	Name() string
	Write([]byte) (int, error)
	Sync() error
	Close() error
}

// osDisk is the real one.
type osDisk struct{}

func (osDisk) MkdirAll(dir string) error       { return os.MkdirAll(dir, 0o700) }
func (osDisk) Create(dir string) (file, error) { return os.CreateTemp(dir, ".settings-*.json") }
func (osDisk) Rename(from, to string) error    { return os.Rename(from, to) }
func (osDisk) Remove(name string) error        { return os.Remove(name) }

func (osDisk) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
