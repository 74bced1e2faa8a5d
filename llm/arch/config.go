package arch

import (
	"fmt"
	"math"
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
}

// RopeConfig describes the rotary position embedding.
type RopeConfig struct {
	Dims    int // rotated columns of a head
	Base    float64
	Scaling string  // "", "linear"
	Factor  float64 // context stretch of the scaling
}

// Ranges that no real model leaves; they keep sizes computed from a hostile
// file within bounds.
const (
	maxLayers = 1024
	maxWidth  = 1 << 17
	maxFFN    = 1 << 20
	maxHeads  = 4096
	maxCtx    = 1 << 27
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

func readConfig(arch string, meta Metadata) (Config, error) {
	r := &reader{meta: meta, prefix: arch + "."}
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
		r.fail("keys of %d and values of %d columns are not supported", c.HeadDim, v)
	}
	if _, given, _ := meta.Uint(arch + ".attention.key_length"); !given && c.Width%c.Heads != 0 {
		r.fail("width %d cannot be shared by %d heads", c.Width, c.Heads)
	}
	c.Rope = readRope(r, c.HeadDim)
	return c, r.err
}

func readRope(r *reader, headDim int) RopeConfig {
	rope := RopeConfig{
		Dims:   r.size("rope.dimension_count", headDim, headDim),
		Base:   r.float("rope.freq_base", 10000, 1e15),
		Factor: 1,
	}
	if rope.Dims%2 != 0 {
		r.fail("key %srope.dimension_count is %d, want an even number", r.prefix, rope.Dims)
	}
	kind, _, err := r.meta.String(r.prefix + "rope.scaling.type")
	if err != nil {
		r.fail("%w", err)
	}
	switch kind {
	case "", "none":
		// Files of before 2023's autumn give only the linear factor.
		if f := r.float("rope.scale_linear", 1, 1e6); f != 1 {
			rope.Scaling, rope.Factor = "linear", f
		}
	case "linear":
		rope.Scaling, rope.Factor = kind, r.float("rope.scaling.factor", 1, 1e6)
	default:
		r.fail("rotary scaling %q is not supported", kind)
	}
	return rope
}
