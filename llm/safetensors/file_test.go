package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"lumi/llm/gguf"
)

// file builds a safetensors file of a header and so many bytes of data.
func file(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

// one is the header's entry of a tensor.
func one(name, dtype, shape string, from, to int64) string {
	return fmt.Sprintf(`"%s":{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}`, name, dtype, shape, from, to)
}

func object(entries ...string) string { return "{" + strings.Join(entries, ",") + "}" }

func TestParse(t *testing.T) {
	data := file(object(
		`"__metadata__":{"format":"pt"}`,
		one("b", "BF16", "[2,3]", 8, 20), one("a", "F32", "[2]", 0, 8), one("none", "F32", "[0,4]", 20, 20),
		one("scalar", "I64", "[]", 20, 28),
	)+"   ", 28)
	for i := range 28 {
		data[len(data)-28+i] = byte(i)
	}
	got, err := parse("f", data)
	if err != nil || len(got) != 4 {
		t.Fatalf("%d tensors, %v", len(got), err)
	}
	for i, want := range []struct {
		name  string
		first byte
		bytes int
	}{{"a", 0, 8}, {"b", 8, 12}, {"none", 0, 0}, {"scalar", 20, 8}} {
		g := got[i]
		if g.name != want.name || len(g.data) != want.bytes || len(g.data) > 0 && g.data[0] != want.first {
			t.Errorf("tensor %d is %s with %d bytes, want %+v", i, g.name, len(g.data), want)
		}
	}
}

func TestDamagedFiles(t *testing.T) {
	a := one("a", "F32", "[2]", 0, 8)
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "file is cut"},
		{"no length", []byte{1, 2, 3}, "file is cut"},
		{"huge header", append(binary.LittleEndian.AppendUint64(nil, 1<<63), 0), "claims a header of 9223372036854775808 bytes"},
		{"header too long", append(binary.LittleEndian.AppendUint64(nil, 100_000_001), make([]byte, 99)...), "at most 100000000"},
		{"cut in the header", file(object(a), 0)[:20], "file is cut"},
		{"no JSON", file("xyz", 8), "no JSON object"},
		{"an array", file("[]", 8), "no JSON object"},
		{"half an object", file(`{"a":`, 8), "tensor a is damaged"},
		{"no end", file("{"+a, 8), "the header is damaged"},
		{"a number for an entry", file(`{"a":1}`, 8), "tensor a is damaged"},
		{"no offsets", file(`{"a":{"dtype":"F32","shape":[2]}}`, 8), "no place in the data"},
		{"three offsets for a number", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":"x"}}`, 8), "tensor a is damaged"},
		{"twice", file(object(a, one("a", "F32", "[2]", 8, 16)), 16), "tensor a occurs twice"},
		{"metadata twice", file(`{"__metadata__":{},"__metadata__":{}}`, 0), "__metadata__ occurs twice"},
		{"cut data", file(object(a), 7), "file is cut"},
		{"beyond the end", file(object(one("a", "F32", "[2]", 4, 12)), 8), "file is cut"},
		{"negative", file(object(one("a", "F32", "[2]", -8, 0)), 8), "lies at bytes -8 to 0"},
		{"backwards", file(object(one("a", "F32", "[2]", 8, 0)), 8), "lies at bytes 8 to 0"},
		{"too few bytes", file(object(one("a", "F32", "[3]", 0, 8)), 8), "8 bytes of data, want 12"},
		{"overlap", file(object(a, one("b", "F32", "[2]", 4, 12)), 16), "tensor b overlaps"},
		{"the same bytes", file(object(a, one("b", "F32", "[2]", 0, 8)), 16), "tensor b overlaps"},
		{"unknown type", file(object(one("a", "Q9", "[2]", 0, 8)), 8), "its type Q9 is unknown"},
		{"overflow", file(object(one("a", "F32", "[4294967296,4294967296,4]", 0, 8)), 8), "larger than any file"},
		{"a negative size", file(object(one("a", "F32", "[-2]", 0, 8)), 8), "is damaged"},
		{"half bytes", file(object(one("a", "F4", "[1]", 0, 1)), 8), "whole bytes"},
		{"many dimensions", file(object(one("a", "F32", "[1,1,1,1,1,1,1,1,2]", 0, 8)), 8), "9 dimensions"},
	} {
		_, err := parse("file", c.data)
		if e := (*gguf.Error)(nil); err == nil || !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want it to contain %q", c.name, err, c.want)
		}
	}
}

// FuzzParse checks that no input crashes the parser, and that tensors lie
// within the file and have the size that they claim.
func FuzzParse(f *testing.F) {
	f.Add(file(object(one("a", "F32", "[2]", 0, 8), one("b", "BF16", "[2,2]", 8, 16)), 16))
	f.Add(file(object(one("a", "F4", "[3]", 0, 8)), 8))
	f.Add(file(`{"__metadata__":{"a":[[[]]]}}`, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		tensors, err := parse("fuzz", data)
		if err != nil {
			if e := (*gguf.Error)(nil); !errors.As(err, &e) {
				t.Errorf("%v is a %T, want *gguf.Error", err, err)
			}
			return
		}
		total := 0
		for _, x := range tensors {
			total += len(x.data)
		}
		if total > len(data) {
			t.Errorf("%d bytes of tensors in a file of %d", total, len(data))
		}
	})
}

// FuzzConfig checks that no configuration crashes the translation.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(`{"model_type":"llama","num_hidden_layers":2,"hidden_size":8,"num_attention_heads":2,"rope_scaling":{"type":"linear","factor":2}}`))
	f.Add([]byte(`{"model_type":"gemma3","text_config":{"num_hidden_layers":7,"sliding_window":5,"layer_types":["full_attention"]}}`))
	f.Add([]byte(`{"model_type":"phi3","num_attention_heads":2,"head_dim":4,"rope_parameters":{"rope_type":"longrope","long_factor":[1,2],"short_factor":[1,1]}}`))
	f.Add([]byte(`{"model_type":"smollm3","num_hidden_layers":65535,"no_rope_layers":[1],"head_dim":4,"rope_parameters":{"rope_type":"llama3","factor":8,"original_max_position_embeddings":64}}`))
	f.Add([]byte(`{"model_type":"qwen2","head_dim":4,"rope_scaling":{"type":"yarn","truncate":false,"factor":4,"original_max_position_embeddings":64,"mscale":1,"mscale_all_dim":2}}`))
	f.Add([]byte(`{"model_type":"olmo3","quantization_config":{"quant_method":"fp8","weight_block_size":[2,2]},"rope_parameters":{"sliding_attention":{}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := parseConfig(data)
		if err != nil {
			return
		}
		meta, parts, err := c.translate([]tensor{
			{name: "model.layers.0.mlp.experts.gate_up_proj", dtype: "F32", shape: []uint64{2, 2, 3}, data: make([]byte, 48)},
			{name: "lm_head.weight", dtype: fp8Type, shape: []uint64{3, 5}, data: make([]byte, 15)},
			{name: "lm_head.weight_scale_inv", dtype: "F32", shape: []uint64{2, 3}, data: make([]byte, 24)},
		})
		if err != nil {
			return
		}
		for _, p := range parts {
			if p.Make != nil && len(p.Make()) != 30 {
				t.Errorf("%s has %d bytes, want 30", p.Name, len(p.Make()))
			}
		}
		if _, err := gguf.Assemble("fuzz", meta, parts); err != nil {
			if e := (*gguf.Error)(nil); !errors.As(err, &e) {
				t.Errorf("%v is a %T, want *gguf.Error", err, err)
			}
		}
	})
}
