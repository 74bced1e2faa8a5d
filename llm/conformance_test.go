package llm

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lumi/accel"
)

// conformance is the folder of the reference data; the test is skipped where
// there is none.
func conformance(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("LUMI_CONFORMANCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "conformance")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("skipped: no conformance data")
	}
	return dir
}

// reference is what Hugging Face's software computes in float64.
type reference struct {
	Cases []struct {
		Prompt []int32
		Logits []float64
		Greedy []int32
		Gaps   []float64 `json:"top2_gap"` // between the two best logits at each step
	}
}

func readReference(t testing.TB, path string) reference {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Cases) == 0 || len(r.Cases[0].Greedy) == 0 || len(r.Cases[0].Gaps) == 0 {
		t.Fatalf("%s holds no cases", path)
	}
	return r
}

// openExact opens a model with a float32 KV cache.
func openExact(t testing.TB, path string, threads int) *Model {
	t.Helper()
	kv := accel.F32
	return openWith(t, path, Options{KV: &kv, Threads: threads, ByID: true})
}

// openWith opens a model for the time of a test.
func openWith(t testing.TB, path string, o Options) *Model {
	t.Helper()
	m, err := Open(t.Context(), path, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// worst is the largest difference in units of want's standard deviation.
func worst(got []float32, want []float64) float64 {
	var mean, square, diff float64
	n := float64(len(want))
	for i, w := range want {
		mean += w / n
		square += w * w / n
		if d := math.Abs(float64(got[i]) - w); !(d <= diff) {
			diff = d // also when d is NaN
		}
	}
	return diff / math.Sqrt(square-mean*mean)
}

// checkCases compares logits and greedy tokens with the reference: logits
// within limit standard deviations, tokens up to the first near-tie.
func checkCases(t *testing.T, m *Model, ref reference, limit, tie float64) {
	t.Helper()
	for _, c := range ref.Cases {
		logits, greedy, err := m.Eval(t.Context(), c.Prompt, len(c.Greedy))
		if err != nil {
			t.Fatal(err)
		}
		if d := worst(logits, c.Logits); !(d <= limit) {
			t.Errorf("prompt of %d tokens: logits are off by %.2g standard deviations, want at most %g", len(c.Prompt), d, limit)
		}
		for i, want := range c.Greedy {
			if c.Gaps[i] < tie {
				break
			}
			if greedy[i] != want {
				t.Errorf("prompt of %d tokens: token %d is %d, want %d (gap %.2g)", len(c.Prompt), i, greedy[i], want, c.Gaps[i])
				break
			}
		}
	}
}

// TestReferenceModels demands the reference's logits and tokens of every
// architecture, from a GGUF file and from Hugging Face's folder alike.
func TestReferenceModels(t *testing.T) {
	references, err := filepath.Glob(filepath.Join(conformance(t), "models", "*", "reference.json"))
	if err != nil || len(references) == 0 {
		t.Fatalf("no references: %v", err)
	}
	for _, path := range references {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			checkCases(t, openExact(t, folder, 2), readReference(t, path), 1e-3, 0.02)
		})
		file := filepath.Join(folder, "model-f32.gguf")
		if _, err := os.Stat(file); err != nil {
			continue // some models come as a folder only
		}
		t.Run(filepath.Base(folder)+".gguf", func(t *testing.T) {
			checkCases(t, openExact(t, file, 2), readReference(t, path), 1e-3, 0.02)
		})
	}
}

// TestStoriesFolder demands the same of a real model, trained on stories.
func TestStoriesFolder(t *testing.T) {
	dir := filepath.Join(conformance(t), "seed", "stories260K")
	checkCases(t, openExact(t, filepath.Join(dir, "hf"), 2), readReference(t, filepath.Join(dir, "reference.json")), 1e-3, 0.02)
}

// TestQuantisedModels demands of quantised models what TestReferenceModels
// demands of others, as a person opens them: the models are small, so their
// activations keep 16 bits.
func TestQuantisedModels(t *testing.T) {
	dir := filepath.Join(conformance(t), "quantised")
	for _, name := range quantisedModels(t) {
		t.Run(name, func(t *testing.T) {
			m := openExact(t, filepath.Join(dir, "model-"+name+".gguf"), 2)
			checkCases(t, m, readReference(t, filepath.Join(dir, "reference-"+name+".json")), 1e-3, 0.02)
		})
	}
}

// TestFastModels compares with the reference when activations are rounded to 8
// bits (TestDivergence): two logits of this random model, whose standard
// deviation is 6, move by 0.2 (RMS) against each other, so steps with a gap
// below 0.5 may part.
func TestFastModels(t *testing.T) {
	dir, kv := filepath.Join(conformance(t), "quantised"), accel.F32
	for _, name := range quantisedModels(t) {
		limit := 0.14
		if strings.HasSuffix(name, "f16") {
			limit = 1e-3 // of activations that are not rounded
		}
		t.Run(name, func(t *testing.T) {
			m := openWith(t, filepath.Join(dir, "model-"+name+".gguf"), Options{KV: &kv, Threads: 2, ByID: true, Precision: PrecisionFast})
			checkCases(t, m, readReference(t, filepath.Join(dir, "reference-"+name+".json")), limit, 0.5)
		})
	}
}
