package llm

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// stored is a tensor of a safetensors file.
type stored struct {
	Dtype   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
	data    []byte
}

// readStored reads a folder's configuration and all its tensors.
func readStored(t *testing.T, dir string) (config map[string]any, tensors map[string]stored) {
	t.Helper()
	decode := func(data []byte, to any) {
		if err := json.Unmarshal(data, to); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	decode(data, &config)
	files, _ := filepath.Glob(filepath.Join(dir, "*.safetensors"))
	tensors = map[string]stored{}
	for _, file := range files {
		if data, err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
		body := 8 + int(binary.LittleEndian.Uint64(data))
		var header map[string]json.RawMessage
		decode(data[8:body], &header)
		delete(header, "__metadata__")
		for name, entry := range header {
			var s stored
			decode(entry, &s)
			s.data = data[body+s.Offsets[0] : body+s.Offsets[1]]
			tensors[name] = s
		}
	}
	return config, tensors
}

// writeStored writes a folder with one file.
func writeStored(t *testing.T, config map[string]any, tensors map[string]stored) string {
	t.Helper()
	dir := t.TempDir()
	var body []byte
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		s := tensors[name]
		s.Offsets = [2]int{len(body), len(body) + len(s.data)}
		body = append(body, s.data...)
		tensors[name] = s
	}
	header, err := json.Marshal(tensors)
	if err != nil {
		t.Fatal(err)
	}
	conf, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	file := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), append(header, body...)...)
	for name, data := range map[string][]byte{"config.json": conf, "model.safetensors": file} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// stack puts tensors one after the other along their first dimension.
func stack(parts ...stored) stored {
	out := stored{Dtype: parts[0].Dtype, Shape: slices.Clone(parts[0].Shape)}
	out.Shape[0] = 0
	for _, p := range parts {
		out.Shape[0] += p.Shape[0]
		out.data = append(out.data, p.data...)
	}
	return out
}

// TestFirstQwen rewrites a reference model of Llama 2's kind, which is what the
// first Qwen is but for names, fused weights and biases, as that.
func TestFirstQwen(t *testing.T) {
	dir := filepath.Join(conformance(t), "models", "llama2-mha")
	config, from := readStored(t, dir)
	to := map[string]stored{
		"lm_head.weight":          from["lm_head.weight"],
		"transformer.wte.weight":  from["model.embed_tokens.weight"],
		"transformer.ln_f.weight": from["model.norm.weight"],
	}
	layers := int(config["num_hidden_layers"].(float64))
	width := int(config["hidden_size"].(float64))
	for l := range layers {
		old := func(part string) stored { return from[fmt.Sprintf("model.layers.%d.%s.weight", l, part)] }
		put := func(part string, s stored) { to[fmt.Sprintf("transformer.h.%d.%s", l, part)] = s }
		put("ln_1.weight", old("input_layernorm"))
		put("attn.c_attn.weight", stack(old("self_attn.q_proj"), old("self_attn.k_proj"), old("self_attn.v_proj")))
		put("attn.c_attn.bias", stored{Dtype: "F32", Shape: []int{3 * width}, data: make([]byte, 12*width)})
		put("attn.c_proj.weight", old("self_attn.o_proj"))
		put("ln_2.weight", old("post_attention_layernorm"))
		put("mlp.w1.weight", old("mlp.up_proj"))
		put("mlp.w2.weight", old("mlp.gate_proj"))
		put("mlp.c_proj.weight", old("mlp.down_proj"))
	}
	folder := writeStored(t, map[string]any{
		"model_type": "qwen", "hidden_size": width, "num_hidden_layers": layers, "vocab_size": config["vocab_size"],
		"num_attention_heads": config["num_attention_heads"], "kv_channels": config["head_dim"],
		"intermediate_size": 2 * config["intermediate_size"].(float64), "seq_length": 512,
		"layer_norm_epsilon": config["rms_norm_eps"], "rotary_emb_base": 10000, "tie_word_embeddings": false,
	}, to)
	checkCases(t, openExact(t, folder, 2), readReference(t, filepath.Join(dir, "reference.json")), 1e-3, 0.02)
}

// TestFusedExperts rewrites a reference model with the weights of all experts
// of a layer in one tensor.
func TestFusedExperts(t *testing.T) {
	dir := filepath.Join(conformance(t), "models", "qwen3-moe")
	config, tensors := readStored(t, dir)
	experts := int(config["num_local_experts"].(float64))
	for l := range int(config["num_hidden_layers"].(float64)) {
		var gateUp, down []stored
		for e := range experts {
			take := func(part string) stored {
				name := fmt.Sprintf("model.layers.%d.mlp.experts.%d.%s.weight", l, e, part)
				s := tensors[name]
				delete(tensors, name)
				return s
			}
			gateUp = append(gateUp, take("gate_proj"), take("up_proj"))
			down = append(down, take("down_proj"))
		}
		for part, list := range map[string][]stored{"gate_up_proj": gateUp, "down_proj": down} {
			s := stack(list...)
			s.Shape = []int{experts, s.Shape[0] / experts, s.Shape[1]}
			tensors[fmt.Sprintf("model.layers.%d.mlp.experts.%s", l, part)] = s
		}
	}
	folder := writeStored(t, config, tensors)
	checkCases(t, openExact(t, folder, 2), readReference(t, filepath.Join(dir, "reference.json")), 1e-3, 0.02)
}

// TestOldConfigurations opens reference models with their configuration in the
// style of transformers 4.
func TestOldConfigurations(t *testing.T) {
	for name, change := range map[string]map[string]any{
		"gemma3-text": {
			"rope_theta": 1e6, "rope_local_base_freq": 1e4, "layer_types": nil, "_sliding_window_pattern": nil, "sliding_window_pattern": 6,
		},
		"qwen2-yarn": {
			"rope_theta":   1e6,
			"rope_scaling": map[string]any{"type": "yarn", "factor": 4, "original_max_position_embeddings": 64},
		},
		"llama3-gqa-ropescaled": {
			"rope_theta": 5e5,
			"rope_scaling": map[string]any{
				"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 64,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(conformance(t), "models", name)
			config, tensors := readStored(t, dir)
			delete(config, "rope_parameters")
			maps.Copy(config, change)
			folder := writeStored(t, config, tensors)
			checkCases(t, openExact(t, folder, 2), readReference(t, filepath.Join(dir, "reference.json")), 1e-3, 0.02)
		})
	}
}

// TestWithoutTokenizer demands that a model without one runs ids, and says why
// it does nothing else.
func TestWithoutTokenizer(t *testing.T) {
	dir := filepath.Join(conformance(t), "models", "llama2-mha")
	config, tensors := readStored(t, dir)
	folder := writeStored(t, config, tensors)
	if m, err := Open(t.Context(), folder, Options{}, nil); err == nil || !strings.Contains(err.Error(), "tokenizer") {
		t.Errorf("without a tokenizer: %v, %v", m, err)
	}
	m := openExact(t, folder, 1)
	for what, call := range map[string]func() error{
		"Complete": func() error { _, err := m.Complete(t.Context(), "a", DefaultSettings, nil); return err },
		"Reply": func() error {
			_, err := m.Reply(t.Context(), []Message{{User, "a"}}, DefaultSettings, nil)
			return err
		},
		"Count":      func() error { _, err := m.Count([]Message{{User, "a"}}); return err },
		"Perplexity": func() error { _, err := m.Perplexity(t.Context(), "a", 8, nil); return err },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), "no tokenizer") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if m.Tokenizer() != nil || m.Piece(1) != "" {
		t.Error("there is a tokenizer after all")
	}
}

// TestLongRope follows a sequence across the length at which the frequencies
// change: every length must give what the whole sequence gives at once.
func TestLongRope(t *testing.T) {
	dir := filepath.Join(conformance(t), "models", "phi3-longrope")
	ref := readReference(t, filepath.Join(dir, "reference.json"))
	ids := ref.Cases[len(ref.Cases)-1].Prompt[:70] // 64 is the limit
	m, fresh := openExact(t, dir, 2), openExact(t, dir, 2)
	_, greedy, err := m.Eval(t.Context(), ids[:60], 9)
	if err != nil {
		t.Fatal(err)
	}
	for n := range greedy {
		logits, _, err := fresh.Eval(t.Context(), append(slices.Clone(ids[:60]), greedy[:n]...), 0)
		if err != nil {
			t.Fatal(err)
		}
		best := 0
		for i, v := range logits {
			if v > logits[best] {
				best = i
			}
		}
		if int32(best) != greedy[n] {
			t.Errorf("token %d is %d in a running sequence and %d in a new one", 60+n, greedy[n], best)
		}
	}
}

// TestFolderErrorsNameTheFileOnce damages a folder's tokenizer: each way to use
// the model says so, and which file it is, without saying it twice.
func TestFolderErrorsNameTheFileOnce(t *testing.T) {
	original := filepath.Join(conformance(t), "models", "llama3-gqa-ropescaled")
	const name = "tokenizer.json"
	for _, damage := range []string{"missing", "cut"} {
		dir := t.TempDir()
		for _, file := range []string{"config.json", "model.safetensors", name} {
			data, err := os.ReadFile(filepath.Join(original, file))
			if err != nil {
				t.Fatal(err)
			}
			if file == name {
				if damage == "missing" {
					continue
				}
				data = data[:len(data)/2]
			}
			if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, openErr := Open(t.Context(), dir, Options{}, nil)
		_, tokenizerErr := ModelTokenizer(dir)
		_, _, templateErr := OpenTemplate(dir)
		for _, err := range []error{openErr, tokenizerErr, templateErr} {
			if err == nil || strings.Count(err.Error(), dir) != 1 || !strings.Contains(err.Error(), name) {
				t.Errorf("tokenizer %s: error %v, want one that names the folder once and %s", damage, err, name)
			}
		}
	}
}
