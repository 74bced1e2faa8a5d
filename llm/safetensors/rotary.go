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
	base := or(global.Theta, or(t.QwenBase, defaultBase(t.ModelType)))
	t.set("rope.freq_base", base)
	if t.arch == "gemma3" || t.ModelType == "olmo3" {
		usual := base
		if t.arch == "gemma3" {
			usual = 10000
		}
		t.set("rope.freq_base_swa", or(local.Theta, usual))
		if local.Kind != "" && local.Kind != "default" {
			t.unsupported("config.json: rotary scaling %q of layers with a sliding window is not supported", shorten(local.Kind))
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
	if t.arch == "phi3" {
		original = or(global.Original, 4096)
		if global.Kind == "yarn" { // what the first files call it
			global.Kind = "longrope"
		}
	}
	switch global.Kind {
	case "", "default", "dynamic": // dynamic NTK begins beyond the context that the model was trained for
	case "linear":
		t.set("rope.scaling.type", "linear")
		t.set("rope.scaling.factor", factor)
	case "yarn":
		t.yarn(global, base, original, dims)
	case "llama3":
		t.llama3(global, base, factor, original, dims)
	case "longrope", "su":
		t.longRope(global, original, dims)
	default:
		t.set("rope.scaling.type", global.Kind) // llm/arch says that it is not supported
	}
}

// defaultBase is transformers' default of rope_theta.
func defaultBase(modelType string) float64 {
	switch modelType {
	case "gemma3", "gemma3_text", "mixtral":
		return 1e6
	case "smollm3":
		return 2e6
	case "olmo3":
		return 5e5
	}
	return 10000
}

// yarn adds YaRN's scaling (Peng et al., 2023).
func (t *translator) yarn(r rope, base float64, original, dims int64) {
	if r.Factor == nil && original > 0 {
		stretch := float64(t.maxPositions()) / float64(original)
		r.Factor = &stretch
	}
	factor := or(r.Factor, 1)
	usual := mscale(factor, 1)
	attention := usual
	switch all := or(r.MScaleAllDim, 0); {
	case r.AttnFactor != nil:
		attention = *r.AttnFactor
	case or(r.MScale, 0) != 0 && all != 0:
		attention = mscale(factor, *r.MScale) / mscale(factor, all)
	}
	t.set("rope.scaling.type", "yarn")
	if !or(r.Truncate, true) {
		// GGUF has only YaRN with limits at whole pairs: what the others come to
		// are divisors.
		t.set("rope.scaling.factor", 1.0)
		t.set("rope.scaling.attn_factor", attention)
		t.untruncated(r, base, factor, original, dims)
		return
	}
	t.set("rope.scaling.factor", factor)
	t.size("rope.scaling.original_context_length", original)
	for _, beta := range []struct {
		key   string
		value float64
	}{{"yarn_beta_fast", or(r.BetaFast, 0)}, {"yarn_beta_slow", or(r.BetaSlow, 0)}} {
		if beta.value != 0 { // which stands for the default
			t.set("rope.scaling."+beta.key, beta.value)
		}
	}
	if attention != usual {
		t.set("rope.scaling.attn_factor", attention/usual)
	}
}

// mscale is how much sharper attention becomes where positions are stretched.
func mscale(factor, by float64) float64 { return 1 + 0.1*by*math.Log(max(1, factor)) }

// untruncated adds YaRN's scaling with limits between pairs.
func (t *translator) untruncated(r rope, base, factor float64, original, dims int64) {
	if !(factor > 0 && base > 1) || original < 1 || dims < 2 || dims > math.MaxUint16 {
		t.fail("config.json: the parameters of YaRN make no sense")
		return
	}
	limit := func(turns *float64, usual float64) float64 { // the pair that turns so often
		n := or(turns, usual)
		if n == 0 {
			n = usual
		}
		return float64(dims) * math.Log(float64(original)/(n*2*math.Pi)) / (2 * math.Log(base))
	}
	low, high := max(0, limit(r.BetaFast, 32)), min(float64(dims-1), limit(r.BetaSlow, 1))
	divisors := make([]float32, dims/2)
	for i := range divisors {
		stretched := min(1, max(0, (float64(i)-low)/max(0.001, high-low)))
		divisors[i] = float32(1 / (stretched/factor + 1 - stretched))
	}
	t.table("rope_freqs.weight", divisors)
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
	if r.AttnFactor == nil && r.Factor != nil && original > 1 {
		usual := math.Sqrt(1 + math.Log(max(1, *r.Factor))/math.Log(float64(original)))
		r.AttnFactor = &usual
	}
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
