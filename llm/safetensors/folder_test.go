package safetensors

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lumi/llm/arch"
	"lumi/llm/gguf"
)

const llamaConfig = `{"model_type": "llama", "num_hidden_layers": 2, "hidden_size": 8, "num_attention_heads": 2,
	"num_key_value_heads": 1, "intermediate_size": 12, "max_position_embeddings": 64, "vocab_size": 4, "rms_norm_eps": 1e-5}`

// folder writes files and returns their folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tiny model")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// embedding is a file with one tensor that every model has.
func embedding(name string) string {
	return string(file(object(one(name, "F32", "[4,8]", 0, 128)), 128))
}

func open(t *testing.T, dir string) *gguf.File {
	t.Helper()
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestOpenSharded(t *testing.T) {
	dir := folder(t, map[string]string{
		configName: llamaConfig,
		indexName: `{"weight_map":{"model.embed_tokens.weight":"model-00001-of-00002.safetensors",
			"lm_head.weight":"model-00002-of-00002.safetensors"}}`,
		"model-00001-of-00002.safetensors": embedding("model.embed_tokens.weight"),
		"model-00002-of-00002.safetensors": embedding("lm_head.weight"),
	})
	for _, path := range []string{dir, filepath.Join(dir, "model-00002-of-00002.safetensors")} {
		f := open(t, path)
		if len(f.Tensors) != 2 || f.Path != dir {
			t.Errorf("%s: %d tensors under %s", path, len(f.Tensors), f.Path)
		}
		x, ok := f.Tensor("output.weight")
		if !ok || len(x.Dims) != 2 || x.Dims[0] != 8 || x.Dims[1] != 4 {
			t.Errorf("output.weight is %+v", x)
		}
		if name, _, _ := f.Meta.String("general.name"); name != "tiny model" {
			t.Errorf("the model is called %q", name)
		}
	}
}

func TestBadFolders(t *testing.T) {
	weights := embedding("model.embed_tokens.weight")
	const part = "model-00001-of-00002.safetensors"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"nothing", nil, configName},
		{"no weights", map[string]string{configName: llamaConfig}, "neither model.safetensors nor"},
		{"missing shards", map[string]string{
			configName: llamaConfig, part: weights,
			indexName: `{"weight_map":{"a":"` + part + `","b":"model-00002-of-00002.safetensors"}}`,
		}, "of the model's 2 files these are missing: model-00002-of-00002.safetensors"},
		{"a shard elsewhere", map[string]string{
			configName: llamaConfig, indexName: `{"weight_map":{"a":"../secret.safetensors"}}`,
		}, "no .safetensors file of the folder"},
		{"a shard of another kind", map[string]string{
			configName: llamaConfig, indexName: `{"weight_map":{"a":"a.bin"}}`,
		}, "no .safetensors file of the folder"},
		{"an empty index", map[string]string{configName: llamaConfig, indexName: `{}`}, "names 0 files"},
		{"a damaged index", map[string]string{configName: llamaConfig, indexName: `{`}, "index is damaged"},
		{"a tensor in two shards", map[string]string{
			configName: llamaConfig, part: weights, "b.safetensors": weights,
			indexName: `{"weight_map":{"a":"` + part + `","b":"b.safetensors"}}`,
		}, "token_embd.weight occurs twice"},
		{"a cut file", map[string]string{configName: llamaConfig, singleName: weights[:100]}, "model.safetensors: at byte 100: file is cut"},
		{"a damaged configuration", map[string]string{configName: "{", singleName: weights}, "config.json: it is not a model's configuration"},
		{"no model type", map[string]string{configName: "{}", singleName: weights}, "model_type is missing"},
		{"quantised", map[string]string{
			configName: `{"model_type":"llama","quantization_config":{"quant_method":"gptq"}}`, singleName: weights,
		}, "the method GPTQ, which is not supported; fetch a GGUF file of this model"},
		{"a type that cannot be used", map[string]string{
			configName: llamaConfig, singleName: string(file(object(one("lm_head.weight", "F8_E4M3", "[4,8]", 0, 32)), 32)),
		}, "lm_head.weight in model.safetensors has the type F8_E4M3 but no scale"},
		{"another type that cannot be used", map[string]string{
			configName: llamaConfig, singleName: string(file(object(one("lm_head.weight", "F8_E5M2", "[4,8]", 0, 32)), 32)),
		}, "lm_head.weight in model.safetensors has the type F8_E5M2"},
		{"a scalar", map[string]string{
			configName: llamaConfig, singleName: string(file(object(one("lm_head.weight", "F32", "[]", 0, 4)), 4)),
		}, "has the shape []"},
	} {
		dir := folder(t, c.files)
		_, err := Open(dir)
		if e := (*gguf.Error)(nil); err == nil || !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: error %v, want it to contain the folder and %q", c.name, err, c.want)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "absent")); err == nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent folder: %v", err)
	}
}

// TestQuantisedFolders: the refusal names the method.
func TestQuantisedFolders(t *testing.T) {
	for config, want := range map[string]string{
		`{"model_type":"llama","quantization_config":{"quant_method":"compressed-tensors","format":"pack-quantized"}}`:     "by the method compressed-tensors,",
		`{"model_type":"llama","compression_config":{"quant_method":"sparseml"}}`:                                          "by the method compressed-tensors,",
		`{"model_type":"llama","quantization_config":{"quant_method":"awq","bits":4}}`:                                     "by the method AWQ,",
		`{"model_type":"llama","quantization_config":{"quant_method":"fp8","weight_block_size":[128,128]}}`:                "",
		`{"model_type":"llama","quantization_config":{"quant_method":"compressed-tensors","format":"float-quantized"}}`:    "",
		`{"model_type":"llama","quantization_config":{"load_in_4bit":true,"bnb_4bit_quant_type":"nf4"}}`:                   "by the method bitsandbytes,",
		`{"model_type":"llama","quantization_config":{"quant_method":"squeeze"}}`:                                          `by the method "squeeze",`,
		`{"model_type":"llama","quantization_config":{}}`:                                                                  "by a method that has no name,",
		`{"model_type":"llama","quantization_config":7}`:                                                                   "by a method that has no name,",
		`{"model_type":"gemma3","quantization_config":{"quant_method":"gptq"},"text_config":{"model_type":"gemma3_text"}}`: "by the method GPTQ,",
		`{"model_type":"llama","quantization_config":null}`:                                                                "",
	} {
		_, err := parseConfig([]byte(config))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", config, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "GGUF")):
			t.Errorf("%s: %v, want %q", config, err, want)
		}
	}
}

// metaOf translates a configuration without tensors.
func metaOf(t *testing.T, json string) *gguf.File {
	t.Helper()
	c, err := parseConfig([]byte(json))
	if err != nil {
		t.Fatal(err)
	}
	meta, parts, err := c.translate(nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := gguf.Assemble("test", meta, parts)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestUnknownArchitecture opens a model of a kind that is not known: it can be
// looked at, under its own names, and whoever builds it names the kind.
func TestUnknownArchitecture(t *testing.T) {
	const before, after = "model.layers.0.post_attention_layernorm.weight", "model.layers.0.pre_feedforward_layernorm.weight"
	header := object(one(before, "F32", "[2]", 0, 8), one(after, "F32", "[2]", 8, 16))
	f := open(t, folder(t, map[string]string{configName: `{"model_type":"wobble"}`, singleName: string(file(header, 16))}))
	if name, _, _ := f.Meta.String("general.architecture"); name != "wobble" {
		t.Errorf("architecture %q", name)
	}
	for _, name := range []string{before, after} {
		if _, ok := f.Tensor(name); !ok {
			t.Errorf("tensor %s is missing", name)
		}
	}
}

// TestConfigStyles checks that transformers 4's way to write a configuration
// and that of 5 say the same.
func TestConfigStyles(t *testing.T) {
	for _, c := range []struct{ name, four, five string }{
		{
			"llama 3", `{"model_type":"llama","head_dim":8,"rope_theta":5e5,"rope_scaling":{"rope_type":"llama3","factor":8,
				"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":64}}`,
			`{"model_type":"llama","head_dim":8,"rope_parameters":{"rope_theta":5e5,"rope_type":"llama3","factor":8,
				"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":64}}`,
		},
		{
			"linear", `{"model_type":"llama","head_dim":8,"rope_scaling":{"type":"linear","factor":4}}`,
			`{"model_type":"llama","head_dim":8,"rope_parameters":{"rope_theta":10000,"rope_type":"linear","factor":4}}`,
		},
		{
			"yarn", `{"model_type":"qwen2","head_dim":8,"max_position_embeddings":256,"rope_theta":1e6,
				"rope_scaling":{"type":"yarn","factor":4,"original_max_position_embeddings":64}}`,
			`{"model_type":"qwen2","head_dim":8,"max_position_embeddings":256,
				"rope_parameters":{"rope_theta":1e6,"rope_type":"yarn","factor":4,"original_max_position_embeddings":64}}`,
		},
		{
			"gemma 3", `{"model_type":"gemma3_text","num_hidden_layers":3,"rope_theta":1e6,"rope_local_base_freq":1e4,
				"sliding_window":16,"sliding_window_pattern":2,"rope_scaling":{"rope_type":"linear","factor":8}}`,
			`{"model_type":"gemma3_text","num_hidden_layers":3,"sliding_window":16,
				"layer_types":["sliding_attention","full_attention","sliding_attention"],
				"rope_parameters":{"full_attention":{"rope_theta":1e6,"rope_type":"linear","factor":8},
					"sliding_attention":{"rope_theta":1e4,"rope_type":"default"}}}`,
		},
		{
			"long-RoPE", `{"model_type":"phi3","head_dim":4,"max_position_embeddings":64,"original_max_position_embeddings":16,
				"rope_scaling":{"type":"su","long_factor":[1,2],"short_factor":[1,1.5]},"partial_rotary_factor":1}`,
			`{"model_type":"phi3","head_dim":4,"max_position_embeddings":64,"rope_parameters":{"rope_type":"longrope","rope_theta":1e4,
				"original_max_position_embeddings":16,"long_factor":[1,2],"short_factor":[1,1.5],"partial_rotary_factor":1}}`,
		},
		{
			"a part of a model that sees", `{"model_type":"gemma3","text_config":{"model_type":"gemma3_text","hidden_size":2560}}`,
			`{"model_type":"gemma3_text","hidden_size":2560,"num_attention_heads":8,"num_key_value_heads":4,"head_dim":256,
				"max_position_embeddings":131072,"vocab_size":262208,"rms_norm_eps":1e-6}`,
		},
	} {
		four, five := metaOf(t, c.four), metaOf(t, c.five)
		keys := four.Meta.Keys()
		if n := len(five.Meta.Keys()); n != len(keys) {
			t.Errorf("%s: %d and %d keys", c.name, len(keys), n)
		}
		for _, key := range keys {
			a, _ := four.Meta.Get(key)
			b, ok := five.Meta.Get(key)
			if !ok || a.String() != b.String() {
				t.Errorf("%s: %s is %s and %s", c.name, key, a, b)
			}
		}
		if len(four.Tensors) != len(five.Tensors) {
			t.Errorf("%s: %d and %d tables", c.name, len(four.Tensors), len(five.Tensors))
		}
	}
}

func TestWindows(t *testing.T) {
	for _, c := range []struct{ name, json, window, pattern string }{
		{"mistral", `{"model_type":"mistral","num_hidden_layers":2,"sliding_window":24}`, "24", ""},
		{"mistral without", `{"model_type":"mistral","num_hidden_layers":2,"sliding_window":null}`, "", ""},
		{"qwen unasked", `{"model_type":"qwen2","num_hidden_layers":2,"sliding_window":24}`, "", ""},
		{"qwen off", `{"model_type":"qwen2","num_hidden_layers":2,"sliding_window":24,"use_sliding_window":false}`, "", ""},
		{
			"qwen", `{"model_type":"qwen2","num_hidden_layers":3,"sliding_window":24,"use_sliding_window":true,"max_window_layers":1}`,
			"24", "[false, true, true]",
		},
		{
			"types", `{"model_type":"gemma2","num_hidden_layers":2,"sliding_window":5,"layer_types":["full_attention","sliding_attention"]}`,
			"5", "[false, true]",
		},
		{"gemma 3 of old", `{"model_type":"gemma3_text","num_hidden_layers":3,"sliding_window":5,"_sliding_window_pattern":3}`, "5", "[true, true, false]"},
	} {
		f := metaOf(t, c.json)
		kind, _, _ := f.Meta.String("general.architecture")
		window, _ := f.Meta.Get(kind + ".attention.sliding_window")
		pattern, _ := f.Meta.Get(kind + ".attention.sliding_window_pattern")
		if window.String() != c.window || pattern.String() != c.pattern {
			t.Errorf("%s: window %q, pattern %q; want %q, %q", c.name, window, pattern, c.window, c.pattern)
		}
	}
}

func TestConfigRefuses(t *testing.T) {
	for _, c := range []struct{ json, want string }{
		{`{"model_type":"llama","num_hidden_layers":-1}`, "block_count cannot be -1"},
		{`{"model_type":"llama","hidden_act":"relu"}`, `activation "relu"`},
		{`{"model_type":"llama","hidden_act":"gelu"}`, `activation "gelu"`},
		{`{"model_type":"gemma","hidden_act":"silu"}`, `activation "silu"`},
		{`{"model_type":"gemma3_text","use_bidirectional_attention":true}`, "both directions"},
		{`{"model_type":"qwen3","num_hidden_layers":1,"use_sliding_window":true,"sliding_window":4,"layer_types":["chunked"]}`, `type "chunked"`},
		{`{"model_type":"qwen3","num_hidden_layers":2,"use_sliding_window":true,"sliding_window":4,"layer_types":["full_attention"]}`, "1 values, want 2"},
		{`{"model_type":"llama","partial_rotary_factor":2}`, "partial_rotary_factor is 2"},
		{`{"model_type":"llama","rope_parameters":7}`, "parameters are damaged"},
		{`{"model_type":"llama","head_dim":8,"rope_parameters":{"rope_type":"llama3","factor":-1}}`, "make no sense"},
		{`{"model_type":"phi3","head_dim":8,"rope_parameters":{"rope_type":"longrope","long_factor":[1]}}`, "0 and 1 factors, want 4"},
		{`{"model_type":"llama","rope_scaling":7}`, "parameters are damaged"},
		{`{"model_type":"qwen2","rope_parameters":{"rope_type":"yarn","factor":-2,"truncate":false}}`, "YaRN make no sense"},
		{`{"model_type":"gemma3_text","rope_parameters":{"sliding_attention":{"rope_type":"linear","factor":2}}}`, `"linear" of layers with a sliding window`},
	} {
		config, err := parseConfig([]byte(c.json))
		if err == nil {
			_, _, err = config.translate(nil)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want it to contain %q", c.json, err, c.want)
		}
	}
}

// TestNormsOfGemma checks the 1 that Gemma adds to the weights of its norms.
func TestNormsOfGemma(t *testing.T) {
	data := []byte(embedding("model.norm.weight"))
	copy(data[len(data)-128:], []byte{0, 0, 0, 0x3f}) // 0.5
	dir := folder(t, map[string]string{configName: `{"model_type":"gemma2"}`, singleName: string(data)})
	f := open(t, dir)
	x, _ := f.Tensor("output_norm.weight")
	got, err := f.Data(x)
	if err != nil || len(got) != 128 || string(got[:4]) != string(floats([]float32{1.5})) || string(got[4:8]) != string(floats([]float32{1})) {
		t.Errorf("norm %v, %v", got, err)
	}
}

// TestRowOrder checks that a folder says how its rows lie where GGUF has them
// otherwise.
func TestRowOrder(t *testing.T) {
	for kind, want := range map[string]bool{"llama": true, "mistral": true, "granite": true, "smollm3": true, "qwen2": false, "olmo2": false} {
		got, _, err := metaOf(t, `{"model_type":"`+kind+`"}`).Meta.Bool(arch.RotateHalves)
		if got != want || err != nil {
			t.Errorf("%s: %v, %v", kind, got, err)
		}
	}
}

// TestLlama3Divisors checks both ends of the scaling.
func TestLlama3Divisors(t *testing.T) {
	f := metaOf(t, `{"model_type":"llama","head_dim":64,"rope_parameters":{"rope_theta":5e5,"rope_type":"llama3","factor":8,
		"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":8192}}`)
	x, _ := f.Tensor("rope_freqs.weight")
	data, err := f.Data(x)
	if err != nil || len(data) != 128 {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
	if string(data[:4]) != string(floats([]float32{1})) || string(data[124:]) != string(floats([]float32{8})) {
		t.Errorf("the first and last divisors are % x and % x, want 1 and 8 (% x)", data[:4], data[124:], math.Float32bits(8))
	}
}

func TestUnknownTypeKeepsItsName(t *testing.T) {
	f := metaOf(t, `{"model_type":"mamba"}`)
	if name, _, _ := f.Meta.String("general.architecture"); name != "mamba" {
		t.Errorf("architecture %q", name)
	}
}
