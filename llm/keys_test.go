package llm

import (
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lumi/llm/gguf"
)

// The kinds of values that a key may take, by the Go types of package gguf.
var (
	unsignedKinds = []string{"uint8", "uint16", "uint32", "uint64"}
	floatKinds    = []string{"float32", "float64"}
	boolKinds     = []string{"bool"}
	stringKinds   = []string{"string"}
	textsKinds    = []string{"strings"}
	intsKinds     = []string{"ints"}
	floatsKinds   = []string{"floats"}
)

// valuesOfKinds holds a value of every type that a file can have; whole numbers
// are n.
func valuesOfKinds(n uint64) map[string]any {
	return map[string]any{
		"uint8": uint8(n), "int8": int8(n), "uint16": uint16(n), "int16": int16(n),
		"uint32": uint32(n), "int32": int32(n), "uint64": n, "int64": int64(n),
		"float32": float32(n), "float64": float64(n), "bool": true, "string": "x",
		"strings": []string{"x"}, "ints": []int32{1}, "floats": []float32{1},
	}
}

// TestKeysTimesTypes gives every key that is read a value of every type: each
// that does not fit is an error that names the file, the key and the type.
// Whole numbers of any width do for a size.
func TestKeysTimesTypes(t *testing.T) {
	data, err := os.ReadFile(stories(t))
	if err != nil {
		t.Fatal(err)
	}
	file, err := gguf.Parse(data, "stories")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "wrong type.gguf")
	for _, c := range []struct {
		key  string
		fits []string
	}{
		{"general.architecture", stringKinds},
		{"llama.block_count", unsignedKinds},
		{"llama.embedding_length", unsignedKinds},
		{"llama.feed_forward_length", unsignedKinds},
		{"llama.attention.head_count", unsignedKinds},
		{"llama.attention.head_count_kv", unsignedKinds},
		{"llama.attention.sliding_window", unsignedKinds},
		{"llama.attention.scale", floatKinds},
		{"llama.expert_count", unsignedKinds},
		{"lumi.rotate_halves", boolKinds},
		{"llama.attention.key_length", unsignedKinds},
		{"llama.attention.value_length", unsignedKinds},
		{"llama.attention.layer_norm_rms_epsilon", floatKinds},
		{"llama.context_length", unsignedKinds},
		{"llama.rope.dimension_count", unsignedKinds},
		{"llama.rope.freq_base", floatKinds},
		{"llama.rope.scale_linear", floatKinds},
		{"llama.rope.scaling.type", stringKinds},
		{"llama.rope.scaling.factor", floatKinds},
		{"tokenizer.ggml.model", stringKinds},
		{"tokenizer.ggml.pre", stringKinds},
		{"tokenizer.ggml.tokens", textsKinds},
		{"tokenizer.ggml.merges", textsKinds},
		{"tokenizer.ggml.scores", floatsKinds},
		{"tokenizer.ggml.token_type", intsKinds},
		{"tokenizer.ggml.bos_token_id", unsignedKinds},
		{"tokenizer.ggml.eos_token_id", unsignedKinds},
		{"tokenizer.ggml.eot_token_id", unsignedKinds},
		{"tokenizer.ggml.eom_token_id", unsignedKinds},
		{"tokenizer.ggml.unknown_token_id", unsignedKinds},
		{"tokenizer.ggml.padding_token_id", unsignedKinds},
		{"tokenizer.ggml.add_bos_token", boolKinds},
		{"tokenizer.ggml.add_eos_token", boolKinds},
		{"tokenizer.ggml.add_space_prefix", boolKinds},
	} {
		n, known, err := file.Meta.Uint(c.key)
		known = known && err == nil
		for kind, value := range valuesOfKinds(n) {
			fits := slices.Contains(c.fits, kind)
			tooNarrow := kind == "uint8" && n > math.MaxUint8
			if fits && (!known || tooNarrow) {
				continue // the value, not the type, would be at fault
			}
			writeChanged(t, path, file, c.key, value)
			m, err := Open(t.Context(), path, Options{Threads: 1, Context: 8}, nil)
			switch {
			case err == nil:
				if !fits {
					t.Errorf("%s as %s was opened", c.key, kind)
				}
				if err := m.Close(); err != nil {
					t.Error(err)
				}
			case fits:
				t.Errorf("%s as %s: %v", c.key, kind, err)
			case !strings.HasPrefix(err.Error(), path) || !strings.Contains(err.Error(), "key "+c.key+" is "):
				t.Errorf("%s as %s: error %q, want the file, the key and what it is", c.key, kind, err)
			}
		}
	}
}

// writeChanged writes a copy of a model with one key set.
func writeChanged(t *testing.T, path string, file *gguf.File, key string, value any) {
	t.Helper()
	meta := []gguf.KV{{Key: key, Value: value}}
	for k, v := range file.Meta.All() {
		if k != key {
			meta = append(meta, gguf.KV{Key: k, Value: v})
		}
	}
	var tensors []gguf.TensorData
	for _, tensor := range file.Tensors {
		data, err := file.Data(tensor)
		if err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, gguf.TensorData{
			Name: tensor.Name, Type: tensor.Type, Dims: tensor.Dims,
			Write: func(w io.Writer) error { _, err := w.Write(data); return err },
		})
	}
	var b bytes.Buffer
	if err := gguf.Write(&b, meta, tensors); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
