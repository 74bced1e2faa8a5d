package arch

import (
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"math"
	"strings"
	"testing"

	"lumi/accel"
)

// metadata is a Metadata in memory.
type metadata map[string]any

func get[T any](m metadata, key, want string) (v T, ok bool, err error) {
	a, ok := m[key]
	if !ok {
		return v, false, nil
	}
	if v, ok = a.(T); !ok {
		return v, true, fmt.Errorf("key %s is %T, want %s", key, a, want)
	}
	return v, true, nil
}

func (m metadata) Uint(key string) (uint64, bool, error)   { return get[uint64](m, key, "integer") }
func (m metadata) Float(key string) (float64, bool, error) { return get[float64](m, key, "number") }
func (m metadata) String(key string) (string, bool, error) { return get[string](m, key, "string") }

func (m metadata) Bool(key string) (bool, bool, error) { return get[bool](m, key, "bool") }
func (m metadata) Bools(key string) ([]bool, bool, error) {
	return get[[]bool](m, key, "array of bool")
}

// tensors is a Weights in memory.
type tensors map[string]accel.Tensor

func (w tensors) Tensor(name string) (accel.Tensor, bool, error) {
	t, ok := w[name]
	return t, ok, nil
}

func (w tensors) Names() iter.Seq[string] { return maps.Keys(w) }

func zeros(name string, rows, cols int) accel.Tensor {
	return accel.Tensor{Name: name, Type: accel.F32, Rows: rows, Cols: cols, Data: make([]byte, 4*rows*cols)}
}

// tiny is a complete Llama of 2 layers, 8 wide, 4 heads sharing 2.
func tiny() (metadata, tensors) {
	m := metadata{
		"general.architecture":                   "llama",
		"llama.block_count":                      uint64(2),
		"llama.embedding_length":                 uint64(8),
		"llama.feed_forward_length":              uint64(12),
		"llama.attention.head_count":             uint64(4),
		"llama.attention.head_count_kv":          uint64(2),
		"llama.context_length":                   uint64(64),
		"llama.attention.layer_norm_rms_epsilon": 1e-5,
	}
	w := tensors{}
	add := func(name string, rows, cols int) { w[name] = zeros(name, rows, cols) }
	add("token_embd.weight", 10, 8)
	add("output_norm.weight", 1, 8)
	for l := range 2 {
		name := func(s string) string { return fmt.Sprintf("blk.%d.%s.weight", l, s) }
		add(name("attn_norm"), 1, 8)
		add(name("attn_q"), 8, 8)
		add(name("attn_k"), 4, 8)
		add(name("attn_v"), 4, 8)
		add(name("attn_output"), 8, 8)
		add(name("ffn_norm"), 1, 8)
		add(name("ffn_gate"), 12, 8)
		add(name("ffn_up"), 12, 8)
		add(name("ffn_down"), 8, 12)
	}
	return m, w
}

func TestBuild(t *testing.T) {
	m, w := tiny()
	f, err := Build(m, w)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Architecture: "llama", Layers: 2, Width: 8, FFN: 12, Heads: 4, KVHeads: 2, HeadDim: 2, Context: 64,
		Vocabulary: 10, Eps: 1e-5, Rope: RopeConfig{Dims: 2, Base: 10000, Factor: 1}, AttnScale: float32(1 / math.Sqrt(2)),
	}
	if f.Config != want {
		t.Errorf("configuration\n%+v, want\n%+v", f.Config, want)
	}
	if n := f.Program.Layers(); n != 2 {
		t.Errorf("%d layers, want 2", n)
	}
	// Tied: the logits use the embedding.
	logits := f.Program.Steps[len(f.Program.Steps)-1].(accel.Logits)
	if name := f.Program.Weights[logits.W].Name; name != "token_embd.weight" {
		t.Errorf("logits use %s, want the embedding", name)
	}
	w["output.weight"] = zeros("output.weight", 10, 8)
	if f, err = Build(m, w); err != nil {
		t.Fatal(err)
	}
	logits = f.Program.Steps[len(f.Program.Steps)-1].(accel.Logits)
	if name := f.Program.Weights[logits.W].Name; name != "output.weight" {
		t.Errorf("logits use %s, want output.weight", name)
	}
}

func TestRotaryTable(t *testing.T) {
	m, w := tiny()
	m["llama.embedding_length"] = uint64(8)
	m["llama.rope.freq_base"] = 500000.0
	m["llama.rope.scaling.type"] = "linear"
	m["llama.rope.scaling.factor"] = 4.0
	freqs := zeros("rope_freqs.weight", 1, 1)
	binary.LittleEndian.PutUint32(freqs.Data, math.Float32bits(8))
	w["rope_freqs.weight"] = freqs
	f, err := Build(m, w)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Program.Tables[0].Freq[0]; got != 1./4/8 {
		t.Errorf("frequency %v, want 1/32", got)
	}
}

// TestBadConfig changes one key at a time.
func TestBadConfig(t *testing.T) {
	for _, c := range []struct {
		key   string
		value any // nil removes the key
		want  string
	}{
		{"general.architecture", nil, "general.architecture is missing"},
		{"general.architecture", "mamba", `architecture "mamba" is not supported; supported: gemma, gemma2,`},
		{"general.architecture", uint64(1), "want string"},
		{"llama.block_count", nil, "llama.block_count is missing"},
		{"llama.block_count", uint64(0), "is 0, want 1 to"},
		{"llama.block_count", uint64(1e9), "want 1 to 1024"},
		{"llama.block_count", "two", "want integer"},
		{"llama.attention.head_count", uint64(0), "want 1 to"},
		{"llama.attention.head_count", uint64(3), "3 attention heads cannot share 2"},
		{"llama.attention.head_count", uint64(6), "width 8 cannot be shared by 6 heads"},
		{"llama.attention.head_count_kv", uint64(3), "4 attention heads cannot share 3"},
		{"llama.attention.value_length", uint64(3), "not supported"},
		{"llama.attention.key_length", uint64(16), "blk.0.attn_q.weight is 8×8, want 64×8"},
		{"llama.embedding_length", uint64(1 << 40), "want 1 to"},
		{"llama.feed_forward_length", uint64(math.MaxUint64), "want 1 to"},
		{"llama.feed_forward_length", uint64(16), "blk.0.ffn_gate.weight is 12×8, want 16×8"},
		{"llama.context_length", uint64(1 << 40), "want 1 to"},
		{"llama.context_length", nil, "llama.context_length is missing"},
		{"llama.attention.layer_norm_rms_epsilon", 0.0, "want a number above 0"},
		{"llama.attention.layer_norm_rms_epsilon", math.NaN(), "want a number above 0"},
		{"llama.attention.layer_norm_rms_epsilon", -1e-5, "want a number above 0"},
		{"llama.attention.layer_norm_rms_epsilon", nil, "is missing"},
		{"llama.rope.freq_base", 0.0, "want a number above 0"},
		{"llama.rope.freq_base", -1e4, "want a number above 0"},
		{"llama.rope.freq_base", math.NaN(), "want a number above 0"},
		{"llama.rope.freq_base", math.Inf(1), "at most"},
		{"llama.rope.dimension_count", uint64(4), "want 1 to 2"},
		{"llama.rope.dimension_count", uint64(1), "want an even number"},
		{"llama.rope.scaling.type", "proportional", `rotary scaling "proportional" is not supported`},
	} {
		m, w := tiny()
		if m[c.key] = c.value; c.value == nil {
			delete(m, c.key)
		}
		_, err := Build(m, w)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %v: error %v, want it to contain %q", c.key, c.value, err, c.want)
		}
	}
}

// TestBadTensors breaks one tensor at a time.
func TestBadTensors(t *testing.T) {
	_, all := tiny()
	for name, tensor := range all {
		m, w := tiny()
		delete(w, name)
		if _, err := Build(m, w); err == nil || !strings.Contains(err.Error(), name+" is missing") {
			t.Errorf("without %s: error %v", name, err)
		}
		if tensor.Rows != tensor.Cols {
			w = maps.Clone(all)
			w[name] = zeros(name, tensor.Cols, tensor.Rows)
			if _, err := Build(m, w); err == nil || !strings.Contains(err.Error(), name+" is ") {
				t.Errorf("transposed %s: error %v", name, err)
			}
		}
	}
	m, w := tiny()
	w["output_norm.weight"] = accel.Tensor{Name: "output_norm.weight", Type: accel.Q8_0, Rows: 1, Cols: 8}
	if _, err := Build(m, w); err == nil || !strings.Contains(err.Error(), "has type Q8_0, want F32") {
		t.Errorf("quantised norm: error %v", err)
	}
	m, _ = tiny()
	if _, err := Build(m, tensors{}); err == nil || !strings.Contains(err.Error(), "and 15 more") {
		t.Errorf("no tensors at all: error %v", err)
	}
}

// FuzzConfig feeds numbers of any size to the configuration.
func FuzzConfig(f *testing.F) {
	f.Add(uint64(2), uint64(8), uint64(12), uint64(4), uint64(2), uint64(2), 1e-5, 1e4)
	f.Add(uint64(math.MaxUint64), uint64(0), uint64(1)<<63, uint64(7), uint64(3), uint64(1)<<32, math.NaN(), math.Inf(-1))
	f.Fuzz(func(t *testing.T, layers, width, ffn, heads, kvHeads, key uint64, eps, base float64) {
		m, w := tiny()
		m["llama.block_count"], m["llama.embedding_length"], m["llama.feed_forward_length"] = layers, width, ffn
		m["llama.attention.head_count"], m["llama.attention.head_count_kv"] = heads, kvHeads
		m["llama.attention.key_length"] = key
		m["llama.attention.layer_norm_rms_epsilon"], m["llama.rope.freq_base"] = eps, base
		if f, err := Build(m, w); err == nil {
			if err := f.Program.Check(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
