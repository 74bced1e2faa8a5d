package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"lumi/accel"
	"lumi/llm/arch"
	"lumi/llm/fault"
	"lumi/llm/gguf"
)

// architectures are GGUF's names of the model types. Those of models whose
// rotary pairs GGUF stores side by side are marked.
var architectures = map[string]struct {
	name    string
	reorder bool
}{
	"gemma":       {"gemma", false},
	"gemma2":      {"gemma2", false},
	"gemma3":      {"gemma3", false},
	"gemma3_text": {"gemma3", false},
	"granite":     {"granite", true},
	"llama":       {"llama", true},
	"mistral":     {"llama", true},
	"mixtral":     {"llama", true},
	"olmo2":       {"olmo2", false},
	"olmo3":       {"olmo2", false},
	"phi3":        {"phi3", false},
	"qwen":        {"qwen", false},
	"qwen2":       {"qwen2", false},
	"qwen3":       {"qwen3", false},
	"qwen3_moe":   {"qwen3moe", false},
	"smollm3":     {"smollm3", true},
}

// translator collects a model's metadata and tensors in GGUF's terms, and the
// first error.
type translator struct {
	*config
	arch  string
	meta  []gguf.KV
	parts []gguf.Part
	// scales are those of 8-bit weights, by the weight's name.
	scales map[string]tensor
	err    error
}

func (t *translator) fail(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf(format, args...)
	}
}

// unsupported is fail for a model that may well be sound.
func (t *translator) unsupported(format string, args ...any) {
	t.fail("%w", fault.Unsupported.Errorf(format, args...))
}

// set adds a key below the architecture's name.
func (t *translator) set(key string, value any) {
	t.meta = append(t.meta, gguf.KV{Key: t.arch + "." + key, Value: value})
}

// size adds an integer, whose range is the architecture's to check.
func (t *translator) size(key string, n int64) {
	if n < 0 || n > math.MaxUint32 {
		t.fail("config.json: %s cannot be %d", key, n)
		return
	}
	t.set(key, uint32(n))
}

// number adds a number if there is one.
func (t *translator) number(key string, v *float64) {
	if v != nil {
		t.set(key, *v)
	}
}

// translate gives the model's metadata and tensors in GGUF's terms.
func (c *config) translate(tensors []tensor) ([]gguf.KV, []gguf.Part, error) {
	t := &translator{config: c}
	kind, known := architectures[c.ModelType]
	if t.arch = kind.name; !known {
		// The sentence about it is llm/arch's. What its tensors are called is not
		// known, so they keep their names.
		t.arch = c.ModelType
	}
	name := filepath.Base(c.path)
	if full, err := filepath.Abs(c.path); err == nil {
		name = filepath.Base(full)
	}
	t.meta = append(t.meta, gguf.KV{Key: "general.architecture", Value: t.arch}, gguf.KV{Key: "general.name", Value: name})
	if known {
		if kind.reorder {
			t.meta = append(t.meta, gguf.KV{Key: arch.RotateHalves, Value: true})
		}
		t.sizes()
		t.rotary()
		t.windows()
		t.numbers()
	}
	t.findScales(tensors)
	for _, x := range tensors {
		name, wanted := x.name, true
		if known {
			name, wanted = t.translateName(x.name)
		}
		if wanted {
			t.add(name, x)
		}
	}
	return t.meta, t.parts, t.err
}

// headDim is the width of a head.
func (c *config) headDim() int64 {
	switch {
	case c.HeadDim != nil:
		return *c.HeadDim
	case c.QwenHead != nil:
		return *c.QwenHead
	case strings.HasPrefix(c.ModelType, "gemma"):
		return 256 // transformers' default
	case c.Heads > 0:
		return c.Hidden / c.Heads
	}
	return 0
}

func (c *config) maxPositions() int64 {
	if c.MaxPositions == 0 {
		return or(c.QwenContext, 0)
	}
	return c.MaxPositions
}

// sizes adds the sizes and what all architectures have.
func (t *translator) sizes() {
	gelu := strings.HasPrefix(t.Activation, "gelu")
	if gemma := strings.HasPrefix(t.arch, "gemma"); t.Activation != "" && (gelu != gemma || !gelu && t.Activation != "silu") {
		t.unsupported("config.json: the activation %q is not supported", shorten(t.Activation))
	}
	t.size("block_count", t.Layers)
	t.size("context_length", t.maxPositions())
	t.size("embedding_length", t.Hidden)
	t.size("feed_forward_length", t.Intermediate)
	t.size("attention.head_count", t.Heads)
	t.size("attention.head_count_kv", or(t.KVHeads, t.Heads))
	t.size("attention.key_length", t.headDim())
	t.size("attention.value_length", t.headDim())
	t.size("vocab_size", t.Vocabulary)
	t.set("attention.layer_norm_rms_epsilon", or(t.QwenEps, t.Eps))
	n := or(t.LocalExperts, or(t.Experts, 0))
	if n == 0 {
		return
	}
	t.size("expert_count", n)
	t.size("expert_used_count", or(t.Used, 0))
	t.size("expert_feed_forward_length", t.expertFFN())
	if t.Normalise != nil && t.arch == "qwen3moe" {
		t.set("expert_weights_norm", *t.Normalise)
	}
}

func (c *config) expertFFN() int64 { return or(c.ExpertFFN, c.Intermediate) }

// windows adds the sliding window and the layers that have it.
func (t *translator) windows() {
	if or(t.BothDirections, false) {
		t.unsupported("config.json: attention in both directions is not supported")
	}
	window := or(t.Window, 0)
	if t.UseWindow != nil && !*t.UseWindow {
		window = 0
	}
	if strings.HasPrefix(t.ModelType, "qwen") && t.UseWindow == nil {
		window = 0 // has to be asked for
	}
	if window == 0 {
		return
	}
	t.size("attention.sliding_window", window)
	if t.Layers < 1 || t.Layers > math.MaxUint16 {
		return // a number that llm/arch refuses
	}
	windowed := make([]bool, t.Layers)
	switch every := or(t.WindowEvery, or(t.WindowEveryToo, 0)); {
	case t.LayerTypes != nil:
		if len(t.LayerTypes) != len(windowed) {
			t.fail("config.json: layer_types has %d values, want %d", len(t.LayerTypes), len(windowed))
			return
		}
		for i, kind := range t.LayerTypes {
			if windowed[i] = kind == "sliding_attention"; !windowed[i] && kind != "full_attention" {
				t.unsupported("config.json: layers of the type %q are not supported", shorten(kind))
			}
		}
	case every > 0:
		for i := range windowed {
			windowed[i] = (int64(i)+1)%every != 0
		}
	case t.ModelType == "qwen2" || t.ModelType == "qwen3":
		for i := range windowed {
			windowed[i] = int64(i) >= or(t.WindowFrom, 28)
		}
	default:
		return // the architecture's own pattern, or all layers
	}
	t.set("attention.sliding_window_pattern", windowed)
}

// numbers adds the multipliers and bounds that some families have.
func (t *translator) numbers() {
	t.number("attn_logit_softcapping", t.ScoreCap)
	t.number("final_logit_softcapping", t.LogitCap)
	t.number("attention.scale", t.Attention)
	t.number("embedding_scale", t.Embedding)
	t.number("residual_scale", t.Residual)
	t.number("logit_scale", t.Logits)
	if t.arch == "gemma2" || t.arch == "gemma3" {
		t.set("attention.scale", 1/math.Sqrt(or(t.QueryScalar, 256)))
	}
	if t.arch != "smollm3" || t.Layers < 1 || t.Layers > math.MaxUint16 {
		return
	}
	rotates := make([]bool, t.Layers)
	every := or(t.NoRopeEvery, 4)
	for i := range rotates {
		if rotates[i] = every < 1 || (int64(i)+1)%every != 0; len(t.NoRopeLayers) == len(rotates) {
			rotates[i] = t.NoRopeLayers[i] != 0
		}
	}
	t.set("rope.layers", rotates)
}

// add adds a tensor under GGUF's name.
func (t *translator) add(name string, x tensor) {
	if name == "output.weight" && or(t.Tied, false) {
		return
	}
	if x.dtype == fp8Type {
		t.fp8(name, x)
		return
	}
	typ, ok := dtypes[x.dtype]
	if !ok {
		t.unsupported("tensor %s in %s has the type %s; F32, F16 and BF16 are supported", shorten(x.name), filepath.Base(x.path), x.dtype)
		return
	}
	if slices.Contains(x.shape, 0) || len(x.shape) == 0 || len(x.shape) > 3 {
		t.fail("tensor %s in %s has the shape %d", shorten(x.name), filepath.Base(x.path), x.shape)
		return
	}
	switch {
	case strings.HasSuffix(name, fusedGateUp):
		t.split(x, typ, strings.TrimSuffix(name, fusedGateUp), "ffn_gate", "ffn_up")
		return
	case strings.HasSuffix(name, fusedDown):
		t.split(x, typ, strings.TrimSuffix(name, fusedDown), "ffn_down")
		return
	}
	data := x.data
	if strings.HasPrefix(t.ModelType, "gemma") && strings.HasSuffix(name, "norm.weight") {
		data, typ = plusOne(typ, data), accel.F32
	}
	dims := slices.Clone(x.shape)
	slices.Reverse(dims)
	t.parts = append(t.parts, gguf.Part{Name: name, Type: typ, Dims: dims, Data: data})
}

// split adds the matrices of all experts that lie in one tensor, [expert][row]
// [column], those of an expert one after the other.
func (t *translator) split(x tensor, typ accel.Type, prefix string, names ...string) {
	if len(x.shape) != 3 || x.shape[1]%uint64(len(names)) != 0 || x.shape[0] > maxTensors {
		t.fail("tensor %s in %s has the shape %d", shorten(x.name), filepath.Base(x.path), x.shape)
		return
	}
	rows := x.shape[1] / uint64(len(names))
	size := len(x.data) / int(x.shape[0]) / len(names)
	for i := range int(x.shape[0]) * len(names) {
		t.parts = append(t.parts, gguf.Part{
			Name: fmt.Sprintf("%s%s.%d.weight", prefix, names[i%len(names)], i/len(names)),
			Type: typ, Dims: []uint64{x.shape[2], rows}, Data: x.data[i*size : (i+1)*size : (i+1)*size],
		})
	}
}

// plusOne makes the float32 weights of a norm that the model adds 1 to.
func plusOne(typ accel.Type, data []byte) []byte {
	_, size := typ.Block()
	values := make([]float32, len(data)/size)
	if err := accel.Dequantize(typ, values, data); err != nil {
		return data // a length that does not fit, which Assemble refuses
	}
	for i := range values {
		values[i]++
	}
	return floats(values)
}

func floats(values []float32) []byte {
	out := make([]byte, 0, 4*len(values))
	for _, v := range values {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	return out
}
