package llm

import (
	"fmt"
	"iter"
	"strings"

	"lumi/accel"
	"lumi/llm/fault"
	"lumi/llm/gguf"
)

// ggufWeights hands out the tensors of a GGUF file in place.
type ggufWeights struct{ file *gguf.File }

// Tensor implements arch.Weights.
func (w ggufWeights) Tensor(name string) (accel.Tensor, bool, error) {
	t, ok := w.file.Tensor(name)
	if !ok {
		return accel.Tensor{}, false, nil
	}
	if len(t.Dims) > 3 {
		return accel.Tensor{}, true, fmt.Errorf("%s has %d dimensions, want at most 3", name, len(t.Dims))
	}
	if !t.Type.Known() {
		return accel.Tensor{}, true, fault.Unsupported.Errorf("%s has the %s", name, t.Type)
	}
	out := accel.Tensor{Name: name, Type: t.Type, Rows: 1, Cols: int(t.Dims[0])}
	for _, d := range t.Dims[1:] { // stacked matrices count as one
		out.Rows *= int(d)
	}
	data, err := w.file.Data(t)
	out.Data = data
	return out, true, err
}

// Names implements arch.Weights.
func (w ggufWeights) Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, t := range w.file.Tensors {
			if !yield(t.Name) {
				return
			}
		}
	}
}

// quantisation is the type that most weights of a file have, by bytes, and the
// totals of the file.
func quantisation(file *gguf.File) (name string, bytes, parameters int64) {
	share := map[accel.Type]int64{}
	var best accel.Type
	for _, t := range file.Tensors {
		n := int64(1)
		for _, d := range t.Dims {
			n *= int64(d)
		}
		parameters += n
		bytes += int64(t.Size)
		share[t.Type] += int64(t.Size)
		if share[t.Type] > share[best] {
			best = t.Type
		}
	}
	name = best.String()
	if id, ok, err := file.Meta.Uint("general.file_type"); ok && err == nil {
		if mixed, ok := fileTypes[id]; ok && holds(share, mixed) {
			name = mixed
		}
	}
	return name, bytes, parameters
}

// holds reports whether there are weights of the type that a mixture is named
// after. They need not be the most: a small model's embedding, kept in a larger
// type, can outweigh all else.
func holds(share map[accel.Type]int64, mixed string) bool {
	for t := range share {
		if strings.HasPrefix(mixed, t.String()) {
			return true
		}
	}
	return false
}

// fileTypes are the values of general.file_type that name a mixture of types.
var fileTypes = map[uint64]string{
	10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S",
	15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 21: "Q2_K_S",
}
