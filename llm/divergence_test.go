package llm

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"lumi/accel"
	"lumi/accel/cpu"
	"lumi/llm/arch"
	"lumi/llm/gguf"
)

// BenchmarkDivergence measures what is lost by rounding activations: for each
// quantised model of the conformance data the mean Kullback-Leibler divergence
// of the next token's probabilities, in thousandths, from those that the same
// weights in float32 give, and the root mean square of the logits' difference
// in units of their standard deviation.
func BenchmarkDivergence(b *testing.B) {
	for _, name := range quantisedModels(b) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				loss := measureDivergence(b, name, 64)
				b.ReportMetric(1000*loss.kl/loss.n, "KL/1000")
				b.ReportMetric(loss.rms(), "sd")
			}
		})
	}
}

// TestDivergence demands that rounding activations moves the logits of
// quantised models by no more than it should, 0.0224 to 0.0240 standard
// deviations; without the search of the steps it is 0.025 and more.
func TestDivergence(t *testing.T) {
	for _, name := range quantisedModels(t) {
		t.Run(name, func(t *testing.T) {
			limit := 0.0246
			if strings.HasSuffix(name, "f16") {
				limit = 1e-5 // of activations that are not rounded
			}
			if loss := measureDivergence(t, name, 16); !(loss.rms() <= limit) {
				t.Errorf("logits are off by %.5f standard deviations, want at most %g", loss.rms(), limit)
			}
		})
	}
}

// quantisedModels are the types that the conformance data has models of.
func quantisedModels(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(conformance(t), "quantised", "*.gguf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no models: %v", err)
	}
	for i, path := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "model-"), ".gguf")
	}
	return files
}

// measureDivergence runs windows of 64 random ids with the model of a type and
// with its weights in float32, and compares the logits after every id.
func measureDivergence(t testing.TB, name string, windows int) divergence {
	t.Helper()
	path := filepath.Join(conformance(t), "quantised", "model-"+name+".gguf")
	kv := accel.F32
	m := openWith(t, path, Options{KV: &kv, Threads: 2, ByID: true, Precision: PrecisionFast})
	exact := openUnrounded(t, path)
	var loss divergence
	r := rand.New(rand.NewPCG(1, 1))
	for range windows {
		ids := make([]int32, 64)
		for i := range ids {
			ids[i] = int32(r.IntN(m.info.Vocabulary))
		}
		loss.add(allLogits(t, m.session, ids), allLogits(t, exact, ids), m.info.Vocabulary)
	}
	return loss
}

// openUnrounded opens a model with its weights in float32, which are multiplied
// with activations as they are.
func openUnrounded(t testing.TB, path string) accel.Session {
	t.Helper()
	file, err := gguf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	forward, err := arch.Build(file.Meta, ggufWeights{file})
	if err != nil {
		t.Fatal(err)
	}
	for i := range forward.Program.Weights {
		widenWeight(t, &forward.Program.Weights[i])
	}
	model, err := cpu.New(2).Load(t.Context(), forward.Program, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := model.NewSession(accel.SessionOptions{Context: 512, KV: accel.F32})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, closer := range []interface{ Close() error }{s, model, file} {
			if err := closer.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return s
}

// widenWeight turns a weight into float32.
func widenWeight(t testing.TB, w *accel.Tensor) {
	t.Helper()
	values := make([]float32, w.Rows*w.Cols)
	if err := accel.Dequantize(w.Type, values, w.Data); err != nil {
		t.Fatal(err)
	}
	w.Type, w.Data = accel.F32, nil
	for _, v := range values {
		w.Data = binary.LittleEndian.AppendUint32(w.Data, math.Float32bits(v))
	}
}

// allLogits runs ids as a new sequence and returns the logits after each.
func allLogits(t testing.TB, s accel.Session, ids []int32) []float32 {
	t.Helper()
	if err := s.Truncate(0); err != nil {
		t.Fatal(err)
	}
	logits, err := s.Forward(t.Context(), ids, accel.WantAll)
	if err != nil {
		t.Fatal(err)
	}
	return logits
}

// divergence adds up how far n rows of logits are from others: the divergence
// of the probabilities, and the squares of the logits' differences in units of
// their variance.
type divergence struct{ n, kl, square float64 }

func (d divergence) rms() float64 { return math.Sqrt(d.square / d.n) }

// add compares rows of logits.
func (d *divergence) add(got, want []float32, vocabulary int) {
	for ; len(want) > 0; got, want = got[vocabulary:], want[vocabulary:] {
		g, w := got[:vocabulary], want[:vocabulary]
		logG, logW := logSumExp(g), logSumExp(w)
		var mean, square, diff float64
		n := float64(vocabulary)
		for i, v := range w {
			p, q := float64(v)-logW, float64(g[i])-logG
			d.kl += math.Exp(p) * (p - q)
			mean += float64(v) / n
			square += float64(v) * float64(v) / n
			diff += (float64(g[i]) - float64(v)) * (float64(g[i]) - float64(v)) / n
		}
		d.square += diff / (square - mean*mean)
		d.n++
	}
}
