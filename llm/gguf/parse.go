package gguf

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"lumi/accel"
)

const magic = "GGUF"

// The least that an entry takes in the file, bytes: a key of one letter with a
// value of one byte, a name of one letter with one dimension.
const (
	minKeyEntry    = 8 + 1 + 4 + 1
	minTensorEntry = 8 + 1 + 4 + 8 + 4 + 8
)

// Parse reads a GGUF file that lies in memory; the File's Data points into
// data. The name stands for the path in errors. A part of a split model is an
// error that wraps a *SplitError.
func Parse(data []byte, name string) (*File, error) {
	f, err := parse(data, name)
	if err == nil && f.of > 1 {
		err = &Error{Path: name, Offset: -1, Err: &SplitError{f.part, f.of, "the others are needed, too"}}
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// parse reads a file that may be a part of a split model.
func parse(data []byte, path string) (*File, error) {
	p := &parser{
		cursor: cursor{path: path, data: data},
		file:   &File{Path: path, Size: int64(len(data)), data: data},
	}
	keys, tensors, err := p.header()
	if err != nil {
		return nil, err
	}
	if err := p.metadata(keys); err != nil {
		return nil, err
	}
	if err := p.settings(); err != nil {
		return nil, err
	}
	if err := p.directory(tensors); err != nil {
		return nil, err
	}
	if err := p.place(); err != nil {
		return nil, err
	}
	return p.file, nil
}

type parser struct {
	cursor
	file     *File
	keyAt    []int // where each key's entry starts
	tensorAt []int // where each tensor's entry starts
}

// header reads magic, version and the two counts.
func (p *parser) header() (keys, tensors int, err error) {
	if !bytes.HasPrefix(p.data, []byte(magic)) {
		return 0, 0, &Error{Path: p.path, Offset: 0, Err: foreign(p.data)}
	}
	p.pos = len(magic)
	at := p.pos
	version, err := p.uint32()
	if err != nil {
		return 0, 0, err
	}
	switch {
	case version == 2 || version == 3:
	case version == 1:
		return 0, 0, p.fail(at, "version 1 of GGUF, with its 32-bit counts, was replaced in 2023; convert the original model again")
	case version != 0 && version&0xffff == 0:
		return 0, 0, p.fail(at, "file is big-endian (its version reads as %#08x); convert the original model again for little-endian machines", version)
	case version > 3:
		return 0, 0, p.fail(at, "version %d of GGUF is newer than this program, which reads 2 and 3", version)
	default:
		return 0, 0, p.fail(at, "there is no version %d of GGUF; the file is damaged", version)
	}
	p.file.Version = int(version)
	if tensors, err = p.count("tensors", maxTensors); err != nil {
		return 0, 0, err
	}
	if keys, err = p.count("metadata keys", maxKeys); err != nil {
		return 0, 0, err
	}
	if err := p.need(uint64(keys*minKeyEntry+tensors*minTensorEntry), 1); err != nil {
		return 0, 0, err
	}
	return keys, tensors, nil
}

func (p *parser) count(what string, limit uint64) (int, error) {
	at := p.pos
	n, err := p.uint64()
	if err != nil {
		return 0, err
	}
	if n > limit {
		return 0, p.fail(at, "%d %s are more than the limit of %d", n, what, limit)
	}
	return int(n), nil
}

// metadata reads n keys and their values. Values are first noted by place and
// length; then all are cut from one copy of their bytes.
func (p *parser) metadata(n int) error {
	m := &Meta{index: make(map[string]int, n)}
	start := p.pos
	places := make([][2]int, 0, n)
	p.keyAt = make([]int, 0, n)
	for range n {
		at := p.pos
		b, err := p.text("a key", maxKeyBytes)
		if err != nil {
			return err
		}
		key := string(b)
		if err := checkName("key", key); err != nil {
			return p.fail(at, "%w", err)
		}
		if _, double := m.index[key]; double {
			return p.fail(at, "key %s occurs twice", shorten(key))
		}
		label := shorten(key)
		v, err := p.value(label)
		if err != nil {
			return err
		}
		from := p.pos
		if err := p.elements(label, v); err != nil {
			return err
		}
		if p.pos-start > maxMetadata {
			return p.fail(at, "metadata is longer than the limit of %d bytes", maxMetadata)
		}
		m.index[key] = len(m.keys)
		m.keys, m.values = append(m.keys, key), append(m.values, v)
		places, p.keyAt = append(places, [2]int{from, p.pos}), append(p.keyAt, at)
	}
	raw := string(p.data[start:p.pos])
	for i, place := range places {
		m.values[i].raw = raw[place[0]-start : place[1]-start]
	}
	p.file.Meta = m
	return nil
}

// value reads the type of a value and, for an array, its element type and
// length.
func (p *parser) value(key string) (Value, error) {
	at := p.pos
	t, err := p.uint32()
	if err != nil {
		return Value{}, err
	}
	v := Value{typ: ValueType(t), elem: ValueType(t), n: 1}
	if v.typ == Array {
		if t, err = p.uint32(); err != nil {
			return Value{}, err
		}
		n, err := p.uint64()
		if err != nil {
			return Value{}, err
		}
		v.elem = ValueType(t)
		if v.elem == Array {
			return Value{}, p.fail(at, "key %s is an array of arrays, which no model needs", key)
		}
		if n > math.MaxInt32 {
			return Value{}, p.fail(at, "key %s is an array of %d elements, more than the limit of %d", key, n, math.MaxInt32)
		}
		v.n = int(n)
	}
	if !v.elem.known() {
		return Value{}, p.fail(at, "key %s has a value of %v", key, v.elem)
	}
	return v, nil
}

// elements passes over the elements of a value and checks that they are whole.
func (p *parser) elements(key string, v Value) error {
	if v.elem != String {
		size := uint64(valueTypes[v.elem].size)
		if err := p.need(uint64(v.n), size); err != nil {
			return err
		}
		at := p.pos
		b, err := p.take(uint64(v.n) * size)
		if err != nil {
			return err
		}
		if v.elem == Bool {
			if i := bytes.IndexFunc(b, func(r rune) bool { return r > 1 }); i >= 0 {
				return p.fail(at+i, "key %s has the truth value %d, want 0 or 1", key, b[i])
			}
		}
		return nil
	}
	if err := p.need(uint64(v.n), 8); err != nil {
		return err
	}
	what := "a string of key " + key
	for range v.n {
		if _, err := p.text(what, maxString); err != nil {
			return err
		}
	}
	return nil
}

// settings reads the keys that concern the file itself.
func (p *parser) settings() error {
	f := p.file
	align, ok, err := f.Meta.Uint(alignmentKey)
	if !ok {
		align = defaultAlignment
	} else if err == nil {
		err = checkAlignment(align)
	}
	if err != nil {
		return p.fail(p.keyAt[f.Meta.index[alignmentKey]], "%w", err)
	}
	f.Alignment = int(align)
	if f.part, f.of, err = readSplit(f.Meta); err != nil {
		return p.fail(p.keyAt[f.Meta.index[splitCountKey]], "%w", err)
	}
	return nil
}

// directory reads n entries; their offsets are still relative to the data.
func (p *parser) directory(n int) error {
	f := p.file
	f.Tensors = make([]Tensor, 0, n)
	f.index = make(map[string]int, n)
	p.tensorAt = make([]int, 0, n)
	for range n {
		at := p.pos
		t, err := p.entry()
		if err != nil {
			return err
		}
		if _, double := f.index[t.Name]; double {
			return p.fail(at, "tensor %s occurs twice", t.Name)
		}
		f.index[t.Name] = len(f.Tensors)
		f.Tensors, p.tensorAt = append(f.Tensors, t), append(p.tensorAt, at)
	}
	return nil
}

// entry reads one entry of the directory.
func (p *parser) entry() (Tensor, error) {
	at := p.pos
	name, err := p.text("a tensor's name", maxNameBytes)
	if err != nil {
		return Tensor{}, err
	}
	t := Tensor{Name: string(name)}
	if err := checkName("tensor", t.Name); err != nil {
		return Tensor{}, p.fail(at, "%w", err)
	}
	dims, err := p.uint32()
	if err != nil {
		return Tensor{}, err
	}
	if err := checkDims(uint64(dims)); err != nil {
		return Tensor{}, p.fail(at, "tensor %s: %w", t.Name, err)
	}
	t.Dims = make([]uint64, dims)
	for i := range t.Dims {
		if t.Dims[i], err = p.uint64(); err != nil {
			return Tensor{}, err
		}
	}
	id, err := p.uint32()
	if err != nil {
		return Tensor{}, err
	}
	t.Type = accel.Type(id)
	if t.Size, err = measure(t.Type, t.Dims); err != nil {
		return Tensor{}, p.fail(at, "tensor %s: %w", t.Name, err)
	}
	offset, err := p.uint64()
	if err != nil {
		return Tensor{}, err
	}
	if offset%uint64(p.file.Alignment) != 0 {
		return Tensor{}, p.fail(at, "tensor %s starts at byte %d of the data, not at a multiple of %d", t.Name, offset, p.file.Alignment)
	}
	if end, ok := addOK(offset, uint64(t.Size)); !ok || end > math.MaxInt64 {
		return Tensor{}, p.fail(at, "tensor %s starts at byte %d of the data, which is beyond any file's end", t.Name, offset)
	}
	t.Offset = int64(offset)
	return t, nil
}

// place makes the offsets absolute, and checks that the tensors lie one after
// the other and within the file.
func (p *parser) place() error {
	f := p.file
	align := uint64(f.Alignment)
	start, _ := alignUp(uint64(p.pos), align) // a position in memory is far from overflow
	end := uint64(p.pos)
	known := true // whether the end of the last tensor is
	for i := range f.Tensors {
		t := &f.Tensors[i]
		offset := start + uint64(t.Offset) // both are below 2⁶³
		if offset < end {
			return p.fail(p.tensorAt[i], "tensor %s starts at byte %d, before the end of %s at byte %d",
				t.Name, offset, f.Tensors[i-1].Name, end)
		}
		// A tensor of unknown type takes at least one byte.
		known = t.Type.Known()
		end = offset + uint64(t.Size)
		if !known {
			end++
		}
		if end > math.MaxInt64 {
			return p.fail(p.tensorAt[i], "tensor %s ends beyond any file's end", t.Name)
		}
		t.Offset = int64(offset)
	}
	if end > uint64(f.Size) {
		return p.fail(len(p.data), "%w", &TruncatedError{Need: int64(end), Have: f.Size, AtLeast: !known})
	}
	if padded, ok := alignUp(end, align); known && ok && padded < uint64(f.Size) {
		f.Trailing = f.Size - int64(padded)
	}
	return nil
}

// checkName checks a key or a tensor's name; what says which.
func checkName(what, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("a %s has no name", what)
	case !utf8.ValidString(name):
		return fmt.Errorf("%s %q is not valid UTF-8", what, shorten(name))
	case strings.ContainsFunc(name, unicode.IsControl): // NUL among them
		return fmt.Errorf("%s %q contains a control character", what, shorten(name))
	}
	return nil
}

// shorten keeps a hostile name from filling a message.
func shorten(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

// checkAlignment checks the value of the alignment key.
func checkAlignment(align uint64) error {
	if align < minAlignment || align > maxAlignment || align&(align-1) != 0 {
		return fmt.Errorf("key %s is %d, want a power of two from %d to %d", alignmentKey, align, minAlignment, maxAlignment)
	}
	return nil
}

// checkDims checks a tensor's number of dimensions.
func checkDims(n uint64) error {
	if n < 1 || n > maxDims {
		return fmt.Errorf("it has %d dimensions, want 1 to %d", n, maxDims)
	}
	return nil
}

var errTooLarge = errors.New("its dimensions are larger than any file")

// measure checks a tensor's dimensions and returns its size in bytes, 0 if the
// type is unknown.
func measure(t accel.Type, dims []uint64) (int64, error) {
	if err := checkDims(uint64(len(dims))); err != nil {
		return 0, err
	}
	elements := uint64(1)
	for _, d := range dims {
		var ok bool
		if d == 0 {
			return 0, fmt.Errorf("its dimensions are %d, want none of them 0", dims)
		}
		if elements, ok = mulOK(elements, d); !ok || elements > math.MaxInt64 {
			return 0, fmt.Errorf("%w: %d", errTooLarge, dims)
		}
	}
	cols, size := t.Block()
	if cols == 0 {
		return 0, nil
	}
	if dims[0]%uint64(cols) != 0 {
		return 0, fmt.Errorf("its rows of %d elements are not a whole number of %v blocks of %d", dims[0], t, cols)
	}
	bytes, ok := mulOK(elements/uint64(cols), uint64(size))
	if !ok || bytes > math.MaxInt64 {
		return 0, fmt.Errorf("%w: %d of type %v", errTooLarge, dims, t)
	}
	return int64(bytes), nil
}
