package gguf

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"lumi/accel"
)

// conformance returns a file or folder of the conformance data: below
// $LUMI_CONFORMANCE, or below shared/conformance beside the repository.
func conformance(t testing.TB, path ...string) string {
	t.Helper()
	dir := os.Getenv("LUMI_CONFORMANCE")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			if root == filepath.Dir(root) {
				t.Skip("skipped: no conformance data")
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared", "conformance")
	}
	path = append([]string{dir}, path...)
	found := filepath.Join(path...)
	if _, err := os.Stat(found); err != nil {
		t.Skip("skipped: no conformance data")
	}
	return found
}

func open(t testing.TB, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func numbers(t testing.TB, f *File, tensor Tensor) []float32 {
	t.Helper()
	data, err := f.Data(tensor)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, tensor.Elements())
	if err := accel.Dequantize(tensor.Type, x, data); err != nil {
		t.Fatalf("tensor %s: %v", tensor.Name, err)
	}
	return x
}

// The same random weights, stored in one type after the other by llama.cpp,
// must come back within what the type loses. The bounds are the root mean
// square of the error relative to that of the weights; a wrong scale, order or
// sign of even a few elements of a block goes far beyond them.
func TestQuantisedWeightsComeBack(t *testing.T) {
	exact := open(t, conformance(t, "models", "llama-256-for-quants", "model-f32.gguf"))
	for _, test := range []struct {
		file  string
		typ   accel.Type
		bound float64
	}{
		{"bf16", accel.BF16, 0.0018},
		{"f16", accel.F16, 0.0003},
		{"q8_0", accel.Q8_0, 0.0056},
		{"q6_k", accel.Q6_K, 0.0184},
		{"q5_k_s", accel.Q5_K, 0.0375},
		{"q5_1", accel.Q5_1, 0.0391},
		{"q5_0", accel.Q5_0, 0.0443},
		{"q4_k_s", accel.Q4_K, 0.0739},
		{"iq4_xs", accel.IQ4_XS, 0.0791},
		{"iq4_nl", accel.IQ4_NL, 0.0786},
		{"q4_1", accel.Q4_1, 0.081},
		{"q4_0", accel.Q4_0, 0.0888},
		{"q3_k_s", accel.Q3_K, 0.156},
		{"q2_k", accel.Q2_K, 0.307},
	} {
		t.Run(test.file, func(t *testing.T) {
			f := open(t, conformance(t, "quantised", "model-"+test.file+".gguf"))
			used := 0
			for _, tensor := range f.Tensors {
				want, ok := exact.Tensor(tensor.Name)
				if !ok || want.Elements() != tensor.Elements() {
					t.Fatalf("tensor %s is not in both files", tensor.Name)
				}
				x, y := numbers(t, exact, want), numbers(t, f, tensor)
				var lost, all float64
				for i := range x {
					d := float64(x[i]) - float64(y[i])
					lost += d * d
					all += float64(x[i]) * float64(x[i])
				}
				bound := test.bound
				if tensor.Type == accel.F32 {
					bound = 0
				}
				if e := math.Sqrt(lost / all); !(e <= bound) {
					t.Errorf("tensor %s of type %v: relative error %.5f, want at most %v", tensor.Name, tensor.Type, e, bound)
				}
				if tensor.Type == test.typ {
					used++
				}
			}
			if used == 0 {
				t.Errorf("no tensor has type %v", test.typ)
			}
		})
	}
}

func TestModelsAndVocabulariesOpen(t *testing.T) {
	dir := conformance(t)
	var paths []string
	for _, pattern := range []string{"models/*/model-f32.gguf", "quantised/*.gguf", "vocab/*.gguf"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("no files match %s: %v", pattern, err)
		}
		paths = append(paths, found...)
	}
	for _, path := range paths {
		f := open(t, path)
		if f.Trailing != 0 || f.Alignment != 32 {
			t.Errorf("%s: %d bytes after the end, alignment %d", path, f.Trailing, f.Alignment)
		}
		arch, ok, err := f.Meta.String("general.architecture")
		if !ok || err != nil || arch == "" {
			t.Errorf("%s: architecture %q, %v, %v", path, arch, ok, err)
		}
		// Every tensor's data is aligned and inside the file.
		for _, tensor := range f.Tensors {
			if b, err := f.Data(tensor); err != nil || int64(len(b)) != tensor.Size || tensor.Offset%32 != 0 {
				t.Errorf("%s: tensor %+v has %d bytes, %v", path, tensor, len(b), err)
			}
		}
	}
}

func TestVocabularyOfAFile(t *testing.T) {
	f := open(t, conformance(t, "vocab", "ggml-vocab-llama-bpe.gguf"))
	tokens, _, err := f.Meta.Strings("tokenizer.ggml.tokens")
	if err != nil {
		t.Fatal(err)
	}
	kinds, _, err := f.Meta.Ints("tokenizer.ggml.token_type")
	if err != nil {
		t.Fatal(err)
	}
	merges, _, err := f.Meta.Strings("tokenizer.ggml.merges")
	if err != nil {
		t.Fatal(err)
	}
	if len(tokens) != 128256 || len(kinds) != len(tokens) || len(merges) != 280147 {
		t.Fatalf("%d tokens, %d kinds, %d merges", len(tokens), len(kinds), len(merges))
	}
	if tokens[0] != "!" || tokens[128000] != "<|begin_of_text|>" || kinds[0] != 1 || kinds[128000] != 3 || merges[0] != "Ġ Ġ" {
		t.Errorf("tokens %q and %q of kinds %d and %d, merge %q", tokens[0], tokens[128000], kinds[0], kinds[128000], merges[0])
	}
}

// BenchmarkVocabulary opens a file with 128,256 tokens and 280,147 merges and
// reads both.
func BenchmarkVocabulary(b *testing.B) {
	path := conformance(b, "vocab", "ggml-vocab-llama-bpe.gguf")
	for b.Loop() {
		f, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		tokens, _, err := f.Meta.Strings("tokenizer.ggml.tokens")
		if err != nil || len(tokens) == 0 {
			b.Fatal(err)
		}
		merges, _, err := f.Meta.Strings("tokenizer.ggml.merges")
		if err != nil || len(merges) == 0 {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	path := conformance(b, "vocab", "ggml-vocab-llama-bpe.gguf")
	for b.Loop() {
		f, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
