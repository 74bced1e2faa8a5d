// Package gguf reads and writes GGUF, the file format in which llama.cpp and
// its relatives keep language models: a header, metadata as typed keys, a
// directory of tensors and, aligned, the tensors' data.
//
// [Open] maps a file into memory and checks all that its header says against
// the file's size before it believes it; tensors are then used in place. A
// hostile file gives an error that names the place, never a crash, and makes
// the package allocate no more than a small multiple of the header's size.
//
// The format is described in ggml's docs/gguf.md. Versions 2 and 3, which
// share one layout, are read; version 3 is written.
package gguf

import (
	"errors"
	"fmt"

	"lumi/accel"
	"lumi/llm/fault"
)

// Limits on what a file may claim. No known model comes near them.
const (
	maxKeys      = 1 << 16
	maxTensors   = 1 << 16
	maxKeyBytes  = 1<<16 - 1 // the format's own limit
	maxNameBytes = 64        // of a tensor; the format's own limit
	maxDims      = 4         // the format's own limit
	maxString    = 64 << 20  // bytes
	maxMetadata  = 1 << 30   // bytes
	minAlignment = 8
	maxAlignment = 4096
)

// The key of the alignment of tensor data in bytes, and its value in files
// without it.
const (
	alignmentKey     = "general.alignment"
	defaultAlignment = 32
)

// File is an open GGUF file. It may be used by several goroutines at once,
// except for Close.
type File struct {
	Path      string // as given to Open, or the name given to Parse
	Version   int    // of the format: 2 or 3; 0 for an assembled File of another format
	Alignment int    // of tensor data, bytes
	Meta      *Meta
	Tensors   []Tensor // in the order of the file, which is also that of their offsets
	Size      int64    // of the file, bytes
	Trailing  int64    // bytes after the last tensor and its padding

	part, of int // which part of a split model this is, from 1, and of how many; of is 0 or 1 for a whole one

	data   []byte
	parts  []Part         // by Tensors, instead of data in an assembled File
	index  map[string]int // name → Tensors
	maps   []*Mapping
	closed bool
}

// Tensor is one entry of a file's directory.
type Tensor struct {
	Name string
	Type accel.Type
	Dims []uint64 // 1 to 4 sizes; the first is that of a row, whose elements are neighbours
	// Offset is where the data starts, in bytes from the start of the file (−1
	// in an assembled File or one of several parts), and Size its length in bytes. The size of a tensor of unknown type
	// (accel.Type.Known) cannot be told and is 0.
	Offset, Size int64
}

// Elements returns the number of elements.
func (t Tensor) Elements() int64 {
	n := int64(1)
	for _, d := range t.Dims {
		n *= int64(d) // the product was checked when the directory was read
	}
	return n
}

// Tensor finds a tensor by name.
func (f *File) Tensor(name string) (Tensor, bool) {
	i, ok := f.index[name]
	if !ok {
		return Tensor{}, false
	}
	return f.Tensors[i], true
}

// Data returns the bytes of one of the file's tensors, in place: they are
// valid until Close, must not be written to, and reading them faults if the
// file was cut after it was opened (see [runtime/debug.SetPanicOnFault]).
// It is an error if the tensor's type is unknown or the file is closed.
func (f *File) Data(t Tensor) ([]byte, error) {
	switch {
	case f.closed:
		return nil, fmt.Errorf("%s: tensor %s: the file is closed", quotePath(f.Path), t.Name)
	case !t.Type.Known():
		return nil, fault.Unsupported.Errorf("%s: tensor %s is stored as %v, a format this program cannot read", quotePath(f.Path), t.Name, t.Type)
	case f.parts != nil:
		if i, ok := f.index[t.Name]; ok {
			return f.parts[i].bytes(), nil
		}
		return nil, fmt.Errorf("%s: tensor %s is not in the model", quotePath(f.Path), t.Name)
	case t.Offset < 0 || t.Size < 0 || t.Offset > int64(len(f.data)) || t.Size > int64(len(f.data))-t.Offset:
		return nil, fmt.Errorf("%s: tensor %s does not lie within the file", quotePath(f.Path), t.Name)
	}
	return f.data[t.Offset : t.Offset+t.Size : t.Offset+t.Size], nil
}

// Forget says that what has been read so far will hardly be read again, so
// that it does not count as the process's memory any more. Data stays valid.
func (f *File) Forget() {
	for _, m := range f.maps {
		m.Forget()
	}
}

// Close gives the mapping back. The metadata and the directory stay usable,
// slices that Data returned do not. Closing twice is an error.
func (f *File) Close() error {
	if f.closed {
		return fmt.Errorf("%s: the file is closed already", quotePath(f.Path))
	}
	f.closed, f.data, f.parts = true, nil, nil
	var errs []error
	for _, m := range f.maps {
		errs = append(errs, m.Close())
	}
	return errors.Join(errs...)
}
