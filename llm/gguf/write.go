package gguf

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"lumi/accel"
)

// KV is one entry of the metadata to be written.
type KV struct {
	Key string
	// Value is of one of the Go types that the format has a type for — the
	// integers of given width, float32, float64, bool, string — or a slice of
	// one, or a Value from another file's metadata, which is copied as it is.
	Value any
}

// TensorData is one tensor to be written.
type TensorData struct {
	Name string
	Type accel.Type
	Dims []uint64 // the first is the length of a row
	// Write writes the tensor's data, exactly as many bytes as type and
	// dimensions make. It is called once, when the tensor's turn comes, so that
	// a file may be larger than memory.
	Write func(io.Writer) error
}

// Write writes a file of version 3. The metadata may set general.alignment.
// What Parse would refuse, such as a name used twice, is an error before
// anything is written; so is a tensor of unknown type.
func Write(w io.Writer, meta []KV, tensors []TensorData) error {
	align, err := alignmentOf(meta)
	if err != nil {
		return err
	}
	head, err := encodeMeta(meta)
	if err != nil {
		return err
	}
	head, sizes, err := encodeDirectory(head, tensors, align)
	if err != nil {
		return err
	}
	out := &counter{w: bufio.NewWriterSize(w, 1<<20)}
	if _, err := out.Write(head); err != nil {
		return fmt.Errorf("cannot write the header: %w", err)
	}
	for i, t := range tensors {
		if err := out.pad(align); err != nil {
			return fmt.Errorf("cannot write tensor %s: %w", t.Name, err)
		}
		start := out.n
		if err := t.Write(out); err != nil {
			return fmt.Errorf("cannot write tensor %s: %w", t.Name, err)
		}
		if n := out.n - start; n != sizes[i] {
			return fmt.Errorf("tensor %s was written with %d bytes, want %d", t.Name, n, sizes[i])
		}
	}
	if err := errors.Join(out.pad(align), out.w.Flush()); err != nil {
		return fmt.Errorf("cannot write the end of the file: %w", err)
	}
	return nil
}

// counter counts the bytes that it passes on.
type counter struct {
	w *bufio.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// pad writes zeros up to the next multiple of align.
func (c *counter) pad(align int) error {
	_, err := c.Write(make([]byte, (align-int(c.n%int64(align)))%align))
	return err
}

// alignmentOf returns the alignment that the metadata sets.
func alignmentOf(meta []KV) (int, error) {
	for _, kv := range meta {
		if kv.Key != alignmentKey {
			continue
		}
		v, err := valueOf(kv.Value)
		if err != nil {
			return 0, fmt.Errorf("key %s: %w", kv.Key, err)
		}
		one := Meta{keys: []string{kv.Key}, values: []Value{v}, index: map[string]int{kv.Key: 0}}
		align, _, err := one.Uint(kv.Key)
		if err == nil {
			err = checkAlignment(align)
		}
		return int(align), err
	}
	return defaultAlignment, nil
}

// encodeMeta returns the header up to the end of the metadata, with a tensor
// count of 0.
func encodeMeta(meta []KV) ([]byte, error) {
	if len(meta) > maxKeys {
		return nil, fmt.Errorf("%d metadata keys are more than the limit of %d", len(meta), maxKeys)
	}
	b := append([]byte(nil), magic...)
	b = binary.LittleEndian.AppendUint32(b, 3)
	b = binary.LittleEndian.AppendUint64(b, 0)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(meta)))
	seen := make(map[string]bool, len(meta))
	for _, kv := range meta {
		if err := checkName("key", kv.Key); err != nil {
			return nil, err
		}
		v, err := valueOf(kv.Value)
		switch {
		case err != nil:
			return nil, fmt.Errorf("key %s: %w", shorten(kv.Key), err)
		case len(kv.Key) > maxKeyBytes:
			return nil, fmt.Errorf("key %s is longer than the limit of %d bytes", shorten(kv.Key), maxKeyBytes)
		case seen[kv.Key]:
			return nil, fmt.Errorf("key %s occurs twice", shorten(kv.Key))
		}
		seen[kv.Key] = true
		b = appendText(b, kv.Key)
		b = binary.LittleEndian.AppendUint32(b, uint32(v.typ))
		if v.typ == Array {
			b = binary.LittleEndian.AppendUint32(b, uint32(v.elem))
			b = binary.LittleEndian.AppendUint64(b, uint64(v.n))
		}
		b = append(b, v.raw...)
	}
	return b, nil
}

// tensorCountAt is where the header has the number of tensors.
const tensorCountAt = 8

// encodeDirectory completes the header and returns it with the tensors' sizes
// in bytes.
func encodeDirectory(b []byte, tensors []TensorData, align int) ([]byte, []int64, error) {
	if len(tensors) > maxTensors {
		return nil, nil, fmt.Errorf("%d tensors are more than the limit of %d", len(tensors), maxTensors)
	}
	binary.LittleEndian.PutUint64(b[tensorCountAt:], uint64(len(tensors)))
	sizes := make([]int64, len(tensors))
	seen := make(map[string]bool, len(tensors))
	offset := uint64(0)
	for i, t := range tensors {
		if err := checkName("tensor", t.Name); err != nil {
			return nil, nil, err
		}
		var err error
		sizes[i], err = measure(t.Type, t.Dims)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("tensor %s: %w", t.Name, err)
		case len(t.Name) > maxNameBytes:
			return nil, nil, fmt.Errorf("tensor %s has a name longer than %d bytes", shorten(t.Name), maxNameBytes)
		case seen[t.Name]:
			return nil, nil, fmt.Errorf("tensor %s occurs twice", t.Name)
		case !t.Type.Known():
			return nil, nil, fmt.Errorf("tensor %s has the %v", t.Name, t.Type)
		}
		seen[t.Name] = true
		b = appendText(b, t.Name)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(t.Dims)))
		for _, d := range t.Dims {
			b = binary.LittleEndian.AppendUint64(b, d)
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(t.Type))
		b = binary.LittleEndian.AppendUint64(b, offset)
		end, fits := addOK(offset, uint64(sizes[i]))
		up, ok := alignUp(end, uint64(align))
		if !fits || !ok || up > math.MaxInt64 {
			return nil, nil, fmt.Errorf("tensor %s: %w", t.Name, errTooLarge)
		}
		offset = up
	}
	return b, sizes, nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint64(b, uint64(len(s))), s...)
}

// valueOf encodes a Go value.
func valueOf(x any) (Value, error) {
	switch x := x.(type) {
	case Value:
		if x.n == 0 && x.typ != Array {
			return Value{}, errors.New("the zero Value cannot be written")
		}
		return x, nil
	case string:
		return Value{typ: String, elem: String, n: 1, raw: string(appendText(nil, x))}, checkText(x)
	case []string:
		var raw []byte
		for _, s := range x {
			if err := checkText(s); err != nil {
				return Value{}, err
			}
			raw = appendText(raw, s)
		}
		return Value{typ: Array, elem: String, n: len(x), raw: string(raw)}, nil
	}
	elem, n, array := kindOf(x)
	if n < 0 {
		return Value{}, fmt.Errorf("a value of Go type %T has no type in the format", x)
	}
	raw, err := binary.Append(nil, binary.LittleEndian, x)
	if err != nil {
		return Value{}, err
	}
	v := Value{typ: elem, elem: elem, n: n, raw: string(raw)}
	if array {
		v.typ = Array
	}
	return v, nil
}

func checkText(s string) error {
	if len(s) > maxString {
		return fmt.Errorf("a string of %d bytes is longer than the limit of %d", len(s), maxString)
	}
	return nil
}

// kindOf returns the element type and number of elements of a value of fixed
// size; n is −1 for other Go types.
func kindOf(x any) (elem ValueType, n int, array bool) {
	switch x := x.(type) {
	case uint8:
		return Uint8, 1, false
	case int8:
		return Int8, 1, false
	case uint16:
		return Uint16, 1, false
	case int16:
		return Int16, 1, false
	case uint32:
		return Uint32, 1, false
	case int32:
		return Int32, 1, false
	case uint64:
		return Uint64, 1, false
	case int64:
		return Int64, 1, false
	case float32:
		return Float32, 1, false
	case float64:
		return Float64, 1, false
	case bool:
		return Bool, 1, false
	case []uint8:
		return Uint8, len(x), true
	case []int8:
		return Int8, len(x), true
	case []uint16:
		return Uint16, len(x), true
	case []int16:
		return Int16, len(x), true
	case []uint32:
		return Uint32, len(x), true
	case []int32:
		return Int32, len(x), true
	case []uint64:
		return Uint64, len(x), true
	case []int64:
		return Int64, len(x), true
	case []float32:
		return Float32, len(x), true
	case []float64:
		return Float64, len(x), true
	case []bool:
		return Bool, len(x), true
	}
	return 0, -1, false
}
