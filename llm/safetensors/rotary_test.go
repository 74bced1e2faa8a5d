package safetensors

import (
	"encoding/json"
	"iter"
	"maps"
	"math"
	"os"
	"testing"

	"lumi/accel"
	"lumi/llm/arch"
)

// rotaryCase is a configuration with what transformers 5.23's
// modeling_rope_utils.py makes of it: the frequencies, those of long sequences
// where they are others, and what sine and cosine are multiplied by.
type rotaryCase struct {
	Name        string         `json:"name"`
	Config      map[string]any `json:"config"`
	Frequencies []float64      `json:"frequencies"`
	Long        []float64      `json:"long"`
	Scale       float64        `json:"scale"`
}

// zeroWeights is a model of one layer without a number in it.
type zeroWeights map[string]accel.Tensor

func (w zeroWeights) Tensor(name string) (accel.Tensor, bool, error) {
	t, ok := w[name]
	return t, ok, nil
}

func (w zeroWeights) Names() iter.Seq[string] { return maps.Keys(w) }

// add enters a tensor of rows × cols.
func (w zeroWeights) add(name string, rows, cols int) {
	w[name] = accel.Tensor{Name: name, Type: accel.F32, Rows: rows, Cols: cols, Data: make([]byte, 4*rows*cols)}
}

// rotaryTable builds the model of a configuration and returns its table.
func rotaryTable(t *testing.T, config map[string]any) accel.RotaryTable {
	t.Helper()
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	f := metaOf(t, string(text))
	w := zeroWeights{}
	w.add("token_embd.weight", 4, 32)
	w.add("output_norm.weight", 1, 32)
	for name, shape := range map[string][2]int{
		"attn_norm": {1, 32}, "attn_q": {32, 32}, "attn_k": {32, 32}, "attn_v": {32, 32}, "attn_output": {32, 32},
		"ffn_norm": {1, 32}, "ffn_gate": {8, 32}, "ffn_up": {8, 32}, "ffn_down": {32, 8},
	} {
		w.add("blk.0."+name+".weight", shape[0], shape[1])
	}
	for _, x := range f.Tensors {
		data, err := f.Data(x)
		if err != nil {
			t.Fatal(err)
		}
		w[x.Name] = accel.Tensor{Name: x.Name, Type: x.Type, Rows: 1, Cols: int(x.Dims[0]), Data: data}
	}
	forward, err := arch.Build(f.Meta, w)
	if err != nil {
		t.Fatal(err)
	}
	return forward.Program.Tables[0]
}

// newStyle writes a configuration as transformers 5 does.
func newStyle(config map[string]any) map[string]any {
	out := maps.Clone(config)
	params := maps.Clone(config["rope_scaling"].(map[string]any))
	delete(out, "rope_scaling")
	if theta, ok := out["rope_theta"]; ok {
		params["rope_theta"] = theta
		delete(out, "rope_theta")
	}
	if kind, ok := params["type"]; ok {
		params["rope_type"] = kind
	}
	out["rope_parameters"] = params
	return out
}

// TestRotary compares with the reference, for both ways to write a
// configuration.
func TestRotary(t *testing.T) {
	data, err := os.ReadFile("testdata/rope.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []rotaryCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	near := func(got, want []float64) bool {
		for i := range want {
			// Divisors are float32.
			if len(got) != len(want) || math.Abs(got[i]-want[i]) > 1e-7*want[i] {
				return false
			}
		}
		return true
	}
	for _, c := range cases {
		outside := maps.Clone(c.Config)
		scaling := maps.Clone(c.Config["rope_scaling"].(map[string]any))
		if share, ok := scaling["partial_rotary_factor"]; ok {
			outside["partial_rotary_factor"] = share
			delete(scaling, "partial_rotary_factor")
		}
		outside["rope_scaling"] = scaling
		for style, config := range map[string]map[string]any{"4": c.Config, "5": newStyle(c.Config), "4, the share outside": outside} {
			table := rotaryTable(t, config)
			if !near(table.Freq, c.Frequencies) || math.Abs(table.Scale-c.Scale) > 1e-7 {
				t.Errorf("%s, style %s: frequencies %v times %v, want %v times %v", c.Name, style, table.Freq, table.Scale, c.Frequencies, c.Scale)
			}
			if c.Long != nil && (!near(table.Long, c.Long) || table.Limit != 64) {
				t.Errorf("%s, style %s: beyond %d tokens %v, want beyond 64 %v", c.Name, style, table.Limit, table.Long, c.Long)
			}
		}
	}
	if len(cases) < 20 {
		t.Errorf("only %d cases", len(cases))
	}
}

// TestRotaryDefaults: what a configuration leaves out.
func TestRotaryDefaults(t *testing.T) {
	for _, c := range []struct {
		config, key string
		want        any
	}{
		{`{"model_type":"llama","head_dim":16,"rope_scaling":null}`, "llama.rope.freq_base", 1e4},
		{`{"model_type":"mixtral","head_dim":16}`, "llama.rope.freq_base", 1e6},
		{`{"model_type":"smollm3","head_dim":16}`, "smollm3.rope.freq_base", 2e6},
		{`{"model_type":"olmo3","head_dim":16}`, "olmo2.rope.freq_base", 5e5},
		{`{"model_type":"olmo3","head_dim":16,"rope_theta":7.0}`, "olmo2.rope.freq_base_swa", 7.},
		{`{"model_type":"olmo3","head_dim":16,"rope_theta":7.0,"rope_parameters":{"sliding_attention":{"rope_theta":9.0}}}`, "olmo2.rope.freq_base_swa", 9.},
		{`{"model_type":"gemma3_text"}`, "gemma3.rope.freq_base", 1e6},
		{`{"model_type":"gemma3_text"}`, "gemma3.rope.freq_base_swa", 1e4},
		{`{"model_type":"phi3","head_dim":4,"rope_scaling":{"type":"su","long_factor":[1,2],"short_factor":[1,2]}}`, "phi3.rope.scaling.original_context_length", uint64(4096)},
		{`{"model_type":"phi3","head_dim":4,"rope_scaling":{"type":"yarn","long_factor":[1,2],"short_factor":[1,2]}}`, "phi3.rope.scaling.type", "longrope"},
		{`{"model_type":"llama","head_dim":16,"rope_parameters":{"rope_theta":5.0},"rope_scaling":{"type":"linear","factor":3}}`, "llama.rope.scaling.factor", 3.},
		{`{"model_type":"llama","head_dim":16,"rope_parameters":{"rope_theta":5.0},"rope_scaling":{}}`, "llama.rope.freq_base", 5.},
	} {
		f := metaOf(t, c.config)
		var got any
		switch c.want.(type) {
		case float64:
			got, _, _ = f.Meta.Float(c.key)
		case string:
			got, _, _ = f.Meta.String(c.key)
		default:
			got, _, _ = f.Meta.Uint(c.key)
		}
		if got != c.want {
			t.Errorf("%s: %s is %v, want %v", c.config, c.key, got, c.want)
		}
	}
}
