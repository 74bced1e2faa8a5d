package llm

import (
	"path/filepath"
	"slices"
	"testing"

	"lumi/accel"
)

// TestPrecision checks which models get how much, and the names.
func TestPrecision(t *testing.T) {
	for _, c := range []struct {
		asked      Precision
		parameters int64
		want       Precision
	}{
		{PrecisionAuto, smallModel - 1, PrecisionHigh},
		{PrecisionAuto, smallModel, PrecisionFast},
		{PrecisionFast, 1, PrecisionFast},
		{PrecisionHigh, 8e9, PrecisionHigh},
	} {
		if got := c.asked.of(c.parameters); got != c.want {
			t.Errorf("%v of %d parameters is %v, want %v", c.asked, c.parameters, got, c.want)
		}
	}
	for _, p := range Precisions {
		text, err := p.MarshalText()
		var back Precision
		if err != nil || back.UnmarshalText(text) != nil || back != p {
			t.Errorf("%v is written %q and read back as %v", p, text, back)
		}
	}
	if err := new(Precision).UnmarshalText([]byte("exact")); err == nil {
		t.Error("a word that is none of the choices is taken")
	}
}

// TestPrecisionInForce checks that what is asked for is what the session does:
// other logits, and said in Info.
func TestPrecisionInForce(t *testing.T) {
	kv := accel.F32
	path := filepath.Join(conformance(t), "quantised", "model-q4_0.gguf")
	logits := map[Precision][]float32{}
	for _, p := range Precisions {
		m := openWith(t, path, Options{KV: &kv, Threads: 1, ByID: true, Precision: p})
		if want := p.of(m.Info().Parameters); m.Info().Precision != want {
			t.Errorf("%v: the model says %v, want %v", p, m.Info().Precision, want)
		}
		got, _, err := m.Eval(t.Context(), []int32{1, 5, 9}, 1)
		if err != nil {
			t.Fatal(err)
		}
		logits[p] = slices.Clone(got)
	}
	if !slices.Equal(logits[PrecisionAuto], logits[PrecisionHigh]) || slices.Equal(logits[PrecisionAuto], logits[PrecisionFast]) {
		t.Error("a small model is not computed with high precision by default, or the precision changes nothing")
	}
}
