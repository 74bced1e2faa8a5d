package arch

import (
	"fmt"
	"math"

	"lumi/llm/fault"
)

// Config holds the sizes of a model, checked to be sane.
type Config struct {
	Architecture string
	Layers       int
	Width        int // embedding length
	FFN          int // feed-forward length
	Heads        int // query heads
	KVHeads      int // key/value heads, a divisor of Heads
	HeadDim      int
	Context      int // tokens the model was trained for
	Vocabulary   int
	Eps          float32 // of the RMS norms
	Rope         RopeConfig
	AttnScale    float32 // of the scores; 1/√HeadDim unless the file says otherwise
	Window       int     // positions that layers with a sliding window look at; 0 if none has one
	Experts      int     // in each mixture of experts; 0 if there is none
	ExpertsUsed  int     // for each token
	ExpertFFN    int     // feed-forward length of one expert
}

// RopeConfig describes the rotary position embedding.
type RopeConfig struct {
	Dims    int // rotated columns of a head
	Base    float64
	Scaling string  // "", "linear", "yarn" or "longrope"
	Factor  float64 // context stretch of linear and yarn
	// Original is the context that yarn and longrope stretch, and AttnFactor
	// what they multiply sine and cosine by.
	Original           int
	AttnFactor         float64
	BetaFast, BetaSlow float64 // yarn's limits, in turns per original context
}

// Ranges that no real model leaves; they keep sizes computed from a hostile
// file within bounds.
const (
	maxLayers = 1024
	maxWidth  = 1 << 17
	maxFFN    = 1 << 20
	maxHeads  = 4096
	maxCtx    = 1 << 27

	maxExperts = 4096
)

// reader reads checked values below the architecture's prefix and keeps the
// first error.
type reader struct {
	meta   Metadata
	prefix string
	err    error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// unsupported is fail for a model that may well be sound.
func (r *reader) unsupported(format string, args ...any) {
	r.fail("%w", fault.Unsupported.Errorf(format, args...))
}

// size reads an integer in 1…limit; def is used when the key is absent, and
// def 0 makes the key compulsory.
func (r *reader) size(key string, def, limit int) int {
	key = r.prefix + key
	v, ok, err := r.meta.Uint(key)
	switch {
	case err != nil:
		r.fail("%w", err)
	case !ok && def == 0:
		r.fail("key %s is missing", key)
	case !ok:
		return def
	case v < 1 || v > uint64(limit):
		r.fail("key %s is %d, want 1 to %d", key, v, limit)
	default:
		return int(v)
	}
	return 1
}

// float reads a finite number above zero and at most limit.
func (r *reader) float(key string, def, limit float64) float64 {
	key = r.prefix + key
	v, ok, err := r.meta.Float(key)
	switch {
	case err != nil:
		r.fail("%w", err)
	case !ok && def == 0:
		r.fail("key %s is missing", key)
	case !ok:
		return def
	case math.IsNaN(v) || v <= 0 || v > limit:
		r.fail("key %s is %v, want a number above 0 and at most %g", key, v, limit)
	default:
		return v
	}
	return 1
}

// factor reads a multiplier, 0 when the key is absent or says 0, which stands
// for none.
func (r *reader) factor(key string) float32 {
	if v, ok, err := r.meta.Float(r.prefix + key); !ok || err == nil && v == 0 {
		return 0
	}
	return float32(r.float(key, 0, 1e6))
}

// text reads a string, empty when the key is absent.
func (r *reader) text(key string) string {
	v, _, err := r.meta.String(r.prefix + key)
	if err != nil {
		r.fail("%w", err)
	}
	return v
}

// flag reads a truth value of any key.
func (r *reader) flag(key string, def bool) bool {
	v, ok, err := r.meta.Bool(key)
	if err != nil {
		r.fail("%w", err)
	}
	if !ok {
		return def
	}
	return v
}

// flags reads one truth value per layer, nil when the key is absent.
func (r *reader) flags(key string, layers int) []bool {
	key = r.prefix + key
	v, ok, err := r.meta.Bools(key)
	switch {
	case err != nil:
		r.fail("%w", err)
	case ok && len(v) != layers:
		r.fail("key %s has %d values, want %d", key, len(v), layers)
	case ok:
		return v
	}
	return nil
}

// given says whether the file has the key.
func (r *reader) given(key string) bool {
	_, ok, _ := r.meta.Float(r.prefix + key) // present also where the type is wrong
	return ok
}

func readConfig(r *reader, arch string) Config {
	c := Config{
		Architecture: arch,
		Layers:       r.size("block_count", 0, maxLayers),
		Width:        r.size("embedding_length", 0, maxWidth),
		FFN:          r.size("feed_forward_length", 0, maxFFN),
		Heads:        r.size("attention.head_count", 0, maxHeads),
		Context:      r.size("context_length", 0, maxCtx),
		Eps:          float32(r.float("attention.layer_norm_rms_epsilon", 0, 1)),
	}
	c.KVHeads = r.size("attention.head_count_kv", c.Heads, maxHeads)
	if c.Heads%c.KVHeads != 0 {
		r.fail("%d attention heads cannot share %d key/value heads", c.Heads, c.KVHeads)
	}
	c.HeadDim = r.size("attention.key_length", max(1, c.Width/c.Heads), maxWidth)
	if v := r.size("attention.value_length", c.HeadDim, maxWidth); v != c.HeadDim {
		r.unsupported("keys of %d and values of %d columns are not supported", c.HeadDim, v)
	}
	if !r.given("attention.key_length") && c.Width%c.Heads != 0 {
		r.fail("width %d cannot be shared by %d heads", c.Width, c.Heads)
	}
	c.Rope = readRope(r, c)
	if c.AttnScale = r.factor("attention.scale"); c.AttnScale == 0 {
		c.AttnScale = float32(1 / math.Sqrt(float64(c.HeadDim)))
	}
	// Files of Phi-4 say that there is no window by a window of 0.
	if n, _, err := r.meta.Uint(r.prefix + "attention.sliding_window"); err != nil || n > 0 {
		c.Window = r.size("attention.sliding_window", 0, maxCtx)
	}
	if n, given, err := r.meta.Uint(r.prefix + "expert_count"); err != nil {
		r.fail("%w", err)
	} else if given && n > 0 {
		c.Experts = r.size("expert_count", 0, maxExperts)
		c.ExpertsUsed = r.size("expert_used_count", 0, c.Experts)
		usual := c.FFN
		if arch == "qwen3moe" { // whose first files count the experts of a token together
			usual = max(1, c.FFN/c.ExpertsUsed)
		}
		c.ExpertFFN = r.size("expert_feed_forward_length", usual, maxFFN)
	}
	return c
}

// dynamic is the scaling that changes nothing up to the context that the model
// was trained for, beyond which no sequence goes here.
const dynamic = "dynamic"

func readRope(r *reader, c Config) RopeConfig {
	rope := RopeConfig{
		Dims:   r.size("rope.dimension_count", c.HeadDim, c.HeadDim),
		Base:   r.float("rope.freq_base", 10000, 1e15),
		Factor: 1,
	}
	if rope.Dims%2 != 0 {
		r.fail("key %srope.dimension_count is %d, want an even number", r.prefix, rope.Dims)
	}
	kind := r.text("rope.scaling.type")
	switch kind {
	case "none", "default", dynamic:
	case "", "linear":
		// Files of before 2023's autumn have another key for the factor, and
		// none for the type.
		old := r.float("rope.scale_linear", 1, 1e6)
		if f := r.float("rope.scaling.factor", old, 1e6); f != 1 {
			rope.Scaling, rope.Factor = "linear", f
		}
	case "yarn":
		readYarn(r, c, &rope)
	case "longrope":
		readLongRope(r, c, &rope)
	default:
		r.unsupported("rotary scaling %q is not supported", kind)
	}
	if kind != "longrope" && c.Architecture == "phi3" && r.given("rope.scaling.attn_factor") {
		// Phi-3's files tell long-RoPE by this key alone.
		readLongRope(r, c, &rope)
	}
	return rope
}

// readYarn reads the settings of YaRN (Peng et al., 2023).
func readYarn(r *reader, c Config, rope *RopeConfig) {
	rope.Scaling, rope.Factor = "yarn", r.float("rope.scaling.factor", 0, 1e6)
	rope.Original = r.size("rope.scaling.original_context_length", c.Context, maxCtx)
	rope.BetaFast = r.float("rope.scaling.yarn_beta_fast", 32, 1e6)
	rope.BetaSlow = r.float("rope.scaling.yarn_beta_slow", 1, 1e6)
	// Sharper attention makes up for the stretched positions.
	sharper := func(by float64) float64 { return 1 + 0.1*by*math.Log(max(1, rope.Factor)) }
	usual := sharper(1)
	if r.given("rope.scaling.yarn_log_multiplier") {
		usual /= sharper(r.float("rope.scaling.yarn_log_multiplier", 0, 1e6))
	}
	rope.AttnFactor = r.float("rope.scaling.attn_factor", 1, 1e6) * r.float("rope.scaling.yarn_attn_factor", usual, 1e6)
}

// readLongRope reads the settings of long-RoPE (Ding et al., 2024).
func readLongRope(r *reader, c Config, rope *RopeConfig) {
	rope.Scaling = "longrope"
	rope.Original = r.size("rope.scaling.original_context_length", c.Context, maxCtx)
	scale := 1.0
	if stretch := float64(c.Context) / float64(rope.Original); stretch > 1 && rope.Original > 1 {
		scale = math.Sqrt(1 + math.Log(stretch)/math.Log(float64(rope.Original)))
	}
	rope.AttnFactor = r.float("rope.scaling.attn_factor", scale, 1e6)
}
