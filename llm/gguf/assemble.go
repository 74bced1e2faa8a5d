package gguf

import (
	"fmt"

	"lumi/accel"
	"lumi/llm/fault"
)

// Part is one tensor of an assembled File. Its bytes lie in a mapped file or
// in memory of their own.
type Part struct {
	Name string
	Type accel.Type
	Dims []uint64 // 1 to 4 sizes; the first is that of a row
	Data []byte
	// Make makes the data anew each time they are asked for, where no file
	// holds them as they are needed; Data is nil then.
	Make func() []byte
}

// bytes returns the part's data.
func (p Part) bytes() []byte {
	if p.Make != nil {
		return p.Make()
	}
	return p.Data
}

// Assemble makes the File that a model of another format would be as GGUF, so
// that whatever reads GGUF reads that format too. The tensors' Offset is −1,
// because they lie in no file of this format. The File closes the given
// mappings, in which the tensors lie; when Assemble fails they stay the
// caller's. Size becomes the mappings' together.
func Assemble(path string, meta []KV, parts []Part, maps ...*Mapping) (*File, error) {
	f := &File{Path: path, Alignment: defaultAlignment, maps: maps}
	fail := func(err error) (*File, error) { return nil, &Error{Path: path, Offset: -1, Err: err} }
	for _, m := range maps {
		f.Size += int64(len(m.Data))
	}
	// The checks of a file's header, made by the writer and the reader of one.
	head, err := encodeMeta(meta)
	if err != nil {
		return fail(err)
	}
	p := &parser{cursor: cursor{path: path, data: head}, file: f}
	keys, _, err := p.header()
	if err == nil {
		err = p.metadata(keys)
	}
	if err != nil {
		return nil, err
	}
	f.Version = 0 // that of the header just made says nothing of the file
	f.index = make(map[string]int, len(parts))
	for _, t := range parts {
		size, err := measure(t.Type, t.Dims)
		if err == nil {
			err = checkName("tensor", t.Name)
		}
		_, double := f.index[t.Name]
		switch {
		case err != nil:
			return fail(fmt.Errorf("tensor %s: %w", shorten(t.Name), err))
		case double:
			return fail(fmt.Errorf("tensor %s occurs twice", shorten(t.Name)))
		case !t.Type.Known():
			return fail(fault.Unsupported.Errorf("tensor %s has the %v", shorten(t.Name), t.Type))
		case t.Make == nil && size != int64(len(t.Data)):
			return fail(fmt.Errorf("tensor %s has %d bytes of data, want %d", shorten(t.Name), len(t.Data), size))
		}
		f.index[t.Name] = len(f.Tensors)
		f.Tensors = append(f.Tensors, Tensor{t.Name, t.Type, t.Dims, -1, size})
		f.parts = append(f.parts, t)
	}
	return f, nil
}
