package arch

import (
	"fmt"
	"math"

	"lumi/accel"
)

// rotary declares the table of rotary frequencies that the file describes.
func (b *builder) rotary(neighbours bool) accel.Rotary {
	r := b.Rope
	t := accel.RotaryTable{Scale: r.AttnFactor, Neighbours: neighbours, Freq: r.frequencies()}
	if r.Scaling == "longrope" {
		t.Limit = r.Original
		t.Long = divide(r.frequencies(), b.divisors("rope_factors_long.weight", len(t.Freq)))
		t.Freq = divide(t.Freq, b.divisors("rope_factors_short.weight", len(t.Freq)))
	} else {
		// Llama 3.1's scaling is stored as divisors.
		t.Freq = divide(t.Freq, b.divisors("rope_freqs.weight", len(t.Freq)))
	}
	if t.Scale == 0 {
		t.Scale = 1
	}
	return b.p.AddTable(t)
}

// localRotary gives layers with a sliding window frequencies of their own,
// which are not scaled.
func (b *builder) localRotary(windowed func(layer int) bool, base float64) func(layer int) accel.Rotary {
	global := b.rotary(false)
	local := b.p.AddTable(accel.RotaryTable{Scale: 1, Freq: RopeConfig{Dims: b.Rope.Dims, Base: base}.frequencies()})
	return func(layer int) accel.Rotary {
		if windowed(layer) {
			return local
		}
		return global
	}
}

// frequencies are base^(−2i/dims) in radians per position, scaled.
func (r RopeConfig) frequencies() []float64 {
	out := make([]float64, r.Dims/2)
	for i := range out {
		out[i] = math.Pow(r.Base, -2*float64(i)/float64(r.Dims))
	}
	switch r.Scaling {
	case "linear": // Chen et al., 2023
		for i := range out {
			out[i] /= r.Factor
		}
	case "yarn":
		r.interpolate(out)
	}
	return out
}

// interpolate is the part of YaRN (Peng et al., 2023) that concerns the
// frequencies: pairs that turn more than BetaFast times within the original
// context keep theirs, those that turn less than BetaSlow times are stretched,
// those between are mixed.
func (r RopeConfig) interpolate(freq []float64) {
	pair := func(turns float64) float64 { // the pair that turns so often
		return float64(r.Dims) * math.Log(float64(r.Original)/(turns*2*math.Pi)) / (2 * math.Log(r.Base))
	}
	low := max(0, math.Floor(pair(r.BetaFast)))
	high := min(float64(r.Dims-1), math.Ceil(pair(r.BetaSlow)))
	for i := range freq {
		stretched := (float64(i) - low) / max(0.001, high-low)
		stretched = min(1, max(0, stretched))
		freq[i] = freq[i]/r.Factor*stretched + freq[i]*(1-stretched)
	}
}

func divide(freq, by []float64) []float64 {
	for i := range freq {
		freq[i] /= by[i]
	}
	return freq
}

// divisors reads n divisors of the frequencies, 1 without the tensor.
func (b *builder) divisors(name string, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	t, ok, err := b.weights.Tensor(name)
	if err != nil || !ok {
		if err != nil {
			b.unusable(err)
		}
		return out
	}
	values := make([]float32, n)
	if t.Rows != 1 || t.Cols != n || t.Type != accel.F32 {
		b.wrong = append(b.wrong, fmt.Sprintf("%s is %d×%d of %s, want 1×%d of F32", name, t.Rows, t.Cols, t.Type, n))
		return out
	}
	if err := accel.Dequantize(t.Type, values, t.Data); err != nil {
		b.wrong = append(b.wrong, name+": "+err.Error())
		return out
	}
	for i, v := range values {
		if !(v > 0) || math.IsInf(float64(v), 0) {
			b.wrong = append(b.wrong, fmt.Sprintf("%s[%d] is %v, want a number above 0", name, i, v))
			return out
		}
		out[i] = float64(v)
	}
	return out
}
