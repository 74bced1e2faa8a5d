package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"strconv"

	"lumi/accel"
	"lumi/llm/fault"
	"lumi/llm/gguf"
)

// Limits on what a file may claim.
const (
	maxHeader  = 100_000_000 // bytes; the format's own limit
	maxTensors = 1 << 18     // in all files of a model
	maxDims    = 8
)

// dtypes are the types that tensors are used in. Others may occur in a file as
// long as the model does without those tensors.
var dtypes = map[string]accel.Type{"F32": accel.F32, "F16": accel.F16, "BF16": accel.BF16}

// bitsOf are the sizes of the format's types.
var bitsOf = map[string]uint64{
	"BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
	"I16": 16, "U16": 16, "F16": 16, "BF16": 16,
	"I32": 32, "U32": 32, "F32": 32,
	"I64": 64, "U64": 64, "F64": 64, "C64": 64,
	"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
}

// tensor is one tensor of a file.
type tensor struct {
	name  string
	dtype string
	shape []uint64 // rows first
	data  []byte   // in the mapping
	path  string   // of its file
}

// entry is a tensor as the header describes it.
type entry struct {
	Dtype   string    `json:"dtype"`
	Shape   []uint64  `json:"shape"`
	Offsets *[2]int64 `json:"data_offsets"`
}

// parse reads the header of a file. The tensors' data point into data.
func parse(path string, data []byte) ([]tensor, error) {
	fail := func(at int64, format string, args ...any) ([]tensor, error) {
		return nil, &gguf.Error{Path: path, Offset: at, Err: fmt.Errorf(format, args...)}
	}
	if len(data) < 8 {
		return fail(0, "%w", &gguf.TruncatedError{Need: 8, Have: int64(len(data)), AtLeast: true})
	}
	length := binary.LittleEndian.Uint64(data)
	switch {
	case length > maxHeader:
		return fail(0, "%w", fault.NotModel.Errorf("not a safetensors file: it claims a header of %d bytes, at most %d are possible", length, maxHeader))
	case length > uint64(len(data)-8):
		return fail(0, "%w", &gguf.TruncatedError{Need: 8 + int64(length), Have: int64(len(data)), AtLeast: true})
	}
	header, body := data[8:8+length], data[8+length:]
	tensors, err := parseHeader(header)
	if err != nil {
		return fail(8, "%w", err)
	}
	var out []tensor
	end := int64(0)
	for _, t := range tensors {
		size, err := t.size()
		if err != nil {
			return fail(8, "tensor %s: %w", shorten(t.name), err)
		}
		from, to := t.Offsets[0], t.Offsets[1]
		if from < 0 || to < from {
			return fail(8, "tensor %s lies at bytes %d to %d of the data", shorten(t.name), from, to)
		}
		if uint64(to-from) != size {
			return fail(8, "tensor %s has %d bytes of data, want %d", shorten(t.name), to-from, size)
		}
		if from < end {
			return fail(8, "tensor %s overlaps with the one before it", shorten(t.name))
		}
		end = to
		if to > int64(len(body)) {
			last := tensors[len(tensors)-1].Offsets[1] // they are sorted
			return fail(int64(len(data)), "%w", &gguf.TruncatedError{Need: 8 + int64(length) + last, Have: int64(len(data)), AtLeast: true})
		}
		out = append(out, tensor{t.name, t.Dtype, t.Shape, body[from:to:to], path})
	}
	return out, nil
}

// named is an entry with its name.
type named struct {
	name string
	entry
}

// parseHeader reads the header's JSON and returns the tensors in the order of
// their offsets. It does so entry by entry, because encoding/json would accept
// a name twice.
func parseHeader(header []byte) ([]named, error) {
	d := json.NewDecoder(bytes.NewReader(header))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, fault.NotModel.Errorf("not a safetensors file: its header is no JSON object")
	}
	var out []named
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("the header is damaged: %w", err)
		}
		name, _ := key.(string) // keys of an object are strings
		switch {
		case seen[name]:
			return nil, fmt.Errorf("tensor %s occurs twice", shorten(name))
		case len(out) == maxTensors:
			return nil, fmt.Errorf("there are more than %d tensors", maxTensors)
		}
		seen[name] = true
		if name == "__metadata__" {
			var ignored json.RawMessage
			if err := d.Decode(&ignored); err != nil {
				return nil, fmt.Errorf("the header is damaged: %w", err)
			}
			continue
		}
		n := named{name: name}
		if err := d.Decode(&n.entry); err != nil {
			return nil, fmt.Errorf("the header's entry of tensor %s is damaged: %w", shorten(name), err)
		}
		if n.Offsets == nil {
			return nil, fmt.Errorf("tensor %s has no place in the data", shorten(name))
		}
		out = append(out, n)
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("the header is damaged: %w", err)
	}
	slices.SortStableFunc(out, func(a, b named) int {
		return cmp.Or(cmp.Compare(a.Offsets[0], b.Offsets[0]), cmp.Compare(a.Offsets[1], b.Offsets[1]))
	})
	return out, nil
}

// size is the number of bytes that type and shape make.
func (e entry) size() (uint64, error) {
	n, ok := bitsOf[e.Dtype]
	if !ok {
		return 0, fault.Unsupported.Errorf("its type %s is unknown", shorten(e.Dtype))
	}
	if len(e.Shape) > maxDims {
		return 0, fmt.Errorf("it has %d dimensions, at most %d are possible", len(e.Shape), maxDims)
	}
	for _, d := range e.Shape {
		high, low := bits.Mul64(n, d)
		if high != 0 {
			return 0, fmt.Errorf("its shape %d is larger than any file", e.Shape)
		}
		n = low
	}
	if n%8 != 0 {
		return 0, fmt.Errorf("its shape %d does not fill whole bytes", e.Shape)
	}
	return n / 8, nil
}

// shorten keeps a hostile name from filling a message.
func shorten(s string) string {
	if len(s) > 80 {
		s = s[:80] + "…"
	}
	if q := strconv.Quote(s); q != `"`+s+`"` {
		return q // control characters, line breaks
	}
	return s
}
