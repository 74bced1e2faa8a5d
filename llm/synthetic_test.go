package llm

import (
	"bytes"
	"math"
	"testing"

	"lumi/llm/gguf"
)

// TestSynthetic opens a small shape in every type: it must run and give sane
// logits, and its file must be the same each time.
func TestSynthetic(t *testing.T) {
	shapes["test"] = shape{256, 512, 2, 4, 2, 64, 300, 1e4, false}
	shapes["test-tied"] = shape{256, 512, 2, 4, 2, 64, 300, 1e4, true}
	defer delete(shapes, "test")
	defer delete(shapes, "test-tied")
	for _, spec := range []string{
		"test:F32", "test:F16", "test:BF16", "test:Q8_0", "test:Q4_0", "test:Q4_1", "test:Q4_K", "test:Q6_K",
		"test:Q4_K_M", "TEST-tied:q4_k_m",
	} {
		s, err := ParseSynthetic(spec)
		if err != nil {
			t.Fatal(err)
		}
		var one, two bytes.Buffer
		if err := s.Write(&one); err != nil {
			t.Fatal(err)
		}
		if err := s.Write(&two); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Errorf("%s: another file the second time, %v", spec, err)
		}
		if _, err := gguf.Parse(one.Bytes(), spec); err != nil {
			t.Errorf("%s: %v", spec, err)
		}
		m, err := s.Open(t.Context(), Options{Context: 64}, nil)
		if err != nil {
			t.Fatal(err)
		}
		logits, _, err := m.Eval(t.Context(), m.randomIDs(20), 2)
		if err != nil {
			t.Fatal(err)
		}
		var square float64
		for _, l := range logits {
			square += float64(l) * float64(l) / float64(len(logits))
		}
		if sd := math.Sqrt(square); !(sd > 0.1 && sd < 10) {
			t.Errorf("%s: logits of size %g", spec, sd)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, spec := range []string{"", "gpt-5:Q4_0", "tinyllama-1.1b", "tinyllama-1.1b:Q9_9"} {
		if _, err := ParseSynthetic(spec); err == nil {
			t.Errorf("%q is accepted", spec)
		}
	}
}
