package safetensors

import (
	"math"

	"lumi/accel"
	"lumi/llm/gguf"
)

// rotary adds the rotary embedding, as transformers' modeling_rope_utils.py
// reads it.
func (t *translator) rotary() {
	global, local, err := t.ropes()
	if err != nil {
		t.fail("%w", err)
		return
	}
	base := or(global.Theta, or(t.QwenBase, defaultBase(t.arch)))
	t.set("rope.freq_base", base)
	if t.arch == "gemma3" {
		t.set("rope.freq_base_swa", or(local.Theta, 10000))
		if local.Kind != "" && local.Kind != "default" {
			t.fail("config.json: rotary scaling %q of layers with a sliding window is not supported", shorten(local.Kind))
		}
	}
	share := or(global.PartialRotary, 1)
	if !(share > 0 && share <= 1) {
		t.fail("config.json: partial_rotary_factor is %v, want a number above 0 and at most 1", share)
		return
	}
	dims := int64(float64(t.headDim()) * share)
	t.size("rope.dimension_count", dims)
	factor := or(global.Factor, 1)
	original := or(global.Original, t.maxPositions())
	switch global.Kind {
	case "", "default":
	case "linear":
		t.set("rope.scaling.type", "linear")
		t.set("rope.scaling.factor", factor)
	case "yarn":
		if !or(global.Truncate, true) {
			t.fail("config.json: YaRN without truncation is not supported")
		}
		if global.Factor == nil && original > 0 {
			factor = float64(t.maxPositions()) / float64(original)
		}
		t.set("rope.scaling.type", "yarn")
		t.set("rope.scaling.factor", factor)
		t.size("rope.scaling.original_context_length", original)
		t.number("rope.scaling.yarn_beta_fast", global.BetaFast)
		t.number("rope.scaling.yarn_beta_slow", global.BetaSlow)
		usual := 1 + 0.1*math.Log(max(1, factor))
		switch {
		case global.AttnFactor != nil:
			t.set("rope.scaling.attn_factor", *global.AttnFactor/usual)
		case global.MScale != nil && factor > 1:
			t.fail("config.json: YaRN with mscale is not supported")
		}
	case "llama3":
		t.llama3(global, base, factor, original, dims)
	case "longrope", "su":
		t.longRope(global, original, dims)
	default:
		t.set("rope.scaling.type", global.Kind) // llm/arch says that it is not supported
	}
}

// defaultBase is transformers' default of rope_theta.
func defaultBase(arch string) float64 {
	switch arch {
	case "gemma3":
		return 1e6
	case "smollm3":
		return 2e6
	}
	return 10000
}

// llama3 adds Llama 3.1's scaling as divisors of the frequencies, as GGUF has
// it: long waves are stretched, short ones kept, those between mixed.
func (t *translator) llama3(r rope, base, factor float64, original, dims int64) {
	low, high := or(r.LowFreq, 1), or(r.HighFreq, 4)
	if !(factor > 0 && low > 0 && high > low && base > 0) || original < 1 || dims < 2 || dims > math.MaxUint16 {
		t.fail("config.json: the parameters of Llama 3's rotary scaling make no sense")
		return
	}
	divisors := make([]float32, dims/2)
	for i := range divisors {
		wave := 2 * math.Pi * math.Pow(base, 2*float64(i)/float64(dims))
		keep := (float64(original)/wave - low) / (high - low)
		keep = min(1, max(0, keep))
		divisors[i] = float32(1 / ((1-keep)/factor + keep))
	}
	t.table("rope_freqs.weight", divisors)
}

// longRope adds both sets of long-RoPE's divisors.
func (t *translator) longRope(r rope, original, dims int64) {
	if n := int(dims / 2); len(r.Long) != n || len(r.Short) != n {
		t.fail("config.json: long-RoPE has %d and %d factors, want %d", len(r.Short), len(r.Long), dims/2)
		return
	}
	t.set("rope.scaling.type", "longrope")
	t.size("rope.scaling.original_context_length", original)
	t.number("rope.scaling.attn_factor", r.AttnFactor)
	t.table("rope_factors_long.weight", narrow(r.Long))
	t.table("rope_factors_short.weight", narrow(r.Short))
}

func narrow(values []float64) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(v)
	}
	return out
}

// table adds a tensor that no file holds.
func (t *translator) table(name string, values []float32) {
	t.parts = append(t.parts, gguf.Part{Name: name, Type: accel.F32, Dims: []uint64{uint64(len(values))}, Data: floats(values)})
}
