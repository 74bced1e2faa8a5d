package llm

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lumi/accel"
	"lumi/llm/gguf"
	"lumi/llm/tokenizer"
)

const tinyModel = "../app/cli/testdata/stories260K.gguf"

func openGGUF(t *testing.T, path string) *gguf.File {
	t.Helper()
	f, err := gguf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// values are the numbers that a tensor stands for.
func values(t *testing.T, f *gguf.File, x gguf.Tensor) []float32 {
	t.Helper()
	data, err := f.Data(x)
	if err != nil {
		t.Fatal(err)
	}
	v := make([]float32, x.Elements())
	if err := accel.Dequantize(x.Type, v, data); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestConvertFolders demands of the GGUF files made of Hugging Face folders
// the numbers and the sizes that llama.cpp's converter gives.
func TestConvertFolders(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(conformance(t), "models", "*", "model-f32.gguf"))
	if err != nil || len(folders) == 0 {
		t.Fatal("no folders", err)
	}
	for _, path := range folders {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out.gguf")
			if err := Convert(t.Context(), folder, out, "", nil); err != nil {
				t.Fatal(err)
			}
			compareFiles(t, openGGUF(t, out), openGGUF(t, path))
		})
	}
}

// compareFiles compares tensors and the keys of the architecture.
func compareFiles(t *testing.T, got, want *gguf.File) {
	t.Helper()
	for _, x := range want.Tensors {
		y, ok := got.Tensor(x.Name)
		if !ok {
			t.Errorf("%s is missing", x.Name)
			continue
		}
		a, b := values(t, got, y), values(t, want, x)
		if len(a) != len(b) {
			t.Errorf("%s has %d elements, want %d", x.Name, len(a), len(b))
			continue
		}
		for i := range b {
			if math.Abs(float64(a[i]-b[i])) > 1e-6*math.Abs(float64(b[i])) {
				t.Errorf("%s: element %d is %v, want %v", x.Name, i, a[i], b[i])
				break
			}
		}
	}
	for _, y := range got.Tensors {
		if _, ok := want.Tensor(y.Name); !ok && y.Name != "output.weight" {
			t.Errorf("%s is not in the other file", y.Name)
		}
	}
	for _, key := range got.Meta.Keys() {
		if strings.HasPrefix(key, "lumi.") {
			t.Errorf("key %s is no one else's", key)
		}
	}
}

// TestConvertOldFormats makes the same GGUF of all forms of stories260K.
func TestConvertOldFormats(t *testing.T) {
	dir := filepath.Join(conformance(t), "seed", "stories260K")
	want := openGGUF(t, filepath.Join(dir, "stories260K-f32.gguf"))
	for _, name := range []string{"stories260k.lmw", "stories260K.bin", "hf"} {
		out := filepath.Join(t.TempDir(), "out.gguf")
		if err := Convert(t.Context(), filepath.Join(dir, name), out, "", nil); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := openGGUF(t, out)
		compareFiles(t, got, want)
		a, _, _ := got.Meta.Strings("tokenizer.ggml.tokens")
		b, _, _ := want.Meta.Strings("tokenizer.ggml.tokens")
		if len(a) != 512 || strings.Join(a, "\n") != strings.Join(b, "\n") {
			t.Errorf("%s: the vocabularies differ", name)
		}
	}
}

// TestConvertSpareRows: a GGUF file has a token for each row of the embedding, as
// llama.cpp demands, also where the folder's tokenizer has fewer, as Qwen's do.
func TestConvertSpareRows(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "model")
	if err := os.CopyFS(folder, os.DirFS(filepath.Join(conformance(t), "models", "qwen2-bias"))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "tokenizer.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	vocab := file["model"].(map[string]any)["vocab"].(map[string]any)
	for text, id := range vocab {
		if id.(float64) >= 500 {
			delete(vocab, text)
		}
	}
	if data, err = json.Marshal(file); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(path), os.WriteFile(path, data, 0o600)); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out.gguf")
	if err := Convert(t.Context(), folder, out, "", nil); err != nil {
		t.Fatal(err)
	}
	meta := openGGUF(t, out).Meta
	tokens, _, _ := meta.Strings("tokenizer.ggml.tokens")
	types, _, _ := meta.Ints("tokenizer.ggml.token_type")
	if len(tokens) != 512 || len(types) != 512 || tokens[500] != "[PAD500]" || types[511] != int64(tokenizer.Unused) || types[499] != int64(tokenizer.Normal) {
		t.Errorf("%d tokens of %d types, of which %q", len(tokens), len(types), tokens[len(tokens)-13:])
	}
}

// TestConvertTypes converts to every type; rows of 64 and 172 elements take
// the types that fit them.
func TestConvertTypes(t *testing.T) {
	source := openGGUF(t, tinyModel)
	for _, kind := range ConvertTypes() {
		out := filepath.Join(t.TempDir(), "out.gguf")
		var last, total int64
		err := Convert(t.Context(), tinyModel, out, strings.ToLower(kind), func(done, of int64) { last, total = done, of })
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if last == 0 || last != total {
			t.Errorf("%s: progress ended at %d of %d", kind, last, total)
		}
		f := openGGUF(t, out)
		want, _ := findTarget(kind)
		if id, _, _ := f.Meta.Uint("general.file_type"); uint32(id) != want.fileType {
			t.Errorf("%s: file type %d", kind, id)
		}
		worst := 0.0
		for _, x := range source.Tensors {
			y, ok := f.Tensor(x.Name)
			if !ok || len(x.Dims) == 1 && y.Type != accel.F32 {
				t.Errorf("%s: %s is %v", kind, x.Name, y.Type)
			}
			a, b := values(t, source, x), values(t, f, y)
			e, s := 0.0, 0.0
			for i := range a {
				e += float64(a[i]-b[i]) * float64(a[i]-b[i])
				s += float64(a[i]) * float64(a[i])
			}
			worst = max(worst, math.Sqrt(e/s))
		}
		if worst > 0.12 || kind == "Q8_0" && worst > 0.01 {
			t.Errorf("%s: error of %.2g", kind, worst)
		}
	}
}

// TestTargets demands the types that llama-quantize chooses.
func TestTargets(t *testing.T) {
	for _, c := range []struct {
		kind, name string
		cols       int
		model      traits
		want       accel.Type
	}{
		{"Q4_K_M", "blk.0.attn_v.weight", 256, traits{layers: 16}, accel.Q6_K},
		{"Q4_K_M", "blk.2.attn_v.weight", 256, traits{layers: 16}, accel.Q4_K},
		{"Q4_K_M", "blk.4.ffn_down.weight", 256, traits{layers: 16}, accel.Q6_K},
		{"Q4_K_M", "blk.14.ffn_down_exps.weight", 256, traits{layers: 16}, accel.Q6_K},
		{"Q4_K_M", "blk.0.ffn_up.weight", 256, traits{layers: 16}, accel.Q4_K},
		{"Q4_K_M", "blk.0.ffn_down.weight", 96, traits{layers: 16}, accel.Q8_0},
		{"Q4_K_M", "blk.2.attn_q.weight", 96, traits{layers: 16}, accel.Q5_0},
		{"Q4_K_M", "blk.2.attn_q.weight", 172, traits{layers: 16}, accel.F16},
		{"Q4_K_M", "blk.2.attn_qkv.weight", 256, traits{layers: 16}, accel.Q5_K},
		{"Q4_K_M", "blk.2.attn_output.weight", 256, traits{layers: 16, experts: 8}, accel.Q5_K},
		{"Q4_K_M", "blk.2.attn_k.weight", 256, traits{layers: 16, experts: 8}, accel.Q8_0},
		{"Q4_K_M", "blk.2.ffn_gate_inp.weight", 256, traits{layers: 16, experts: 8}, accel.F32},
		{"Q5_K_M", "blk.2.attn_q.weight", 96, traits{layers: 16}, accel.Q5_1},
		{"Q5_K_M", "blk.15.attn_v.weight", 256, traits{layers: 16}, accel.Q6_K},
		{"Q4_0", "output.weight", 256, traits{layers: 16}, accel.Q6_K},
		{"Q4_0", "token_embd.weight", 256, traits{layers: 16}, accel.Q4_0},
		{"Q4_0", "token_embd.weight", 256, traits{layers: 16, tied: true}, accel.Q6_K},
		{"Q8_0", "output.weight", 256, traits{layers: 16}, accel.Q8_0},
		{"F16", "output.weight", 172, traits{layers: 16}, accel.F16},
	} {
		target, err := findTarget(c.kind)
		if err != nil {
			t.Fatal(err)
		}
		if got := target.typeOf(c.name, c.cols, c.model); got != c.want {
			t.Errorf("%s, %s, rows of %d: %v, want %v", c.kind, c.name, c.cols, got, c.want)
		}
	}
}

// A conversion that fails leaves the folder as it was.
func TestConvertFails(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old.gguf")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	model, err := os.ReadFile(tinyModel)
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(dir, "own.gguf")
	if err := os.WriteFile(own, model, 0o600); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name          string
		ctx           context.Context
		in, out, kind string
		want          string
	}{
		{"type", t.Context(), tinyModel, old, "Q3_X", `"Q3_X"`},
		{"name", t.Context(), tinyModel, filepath.Join(dir, "new.bin"), "", "must end in .gguf"},
		{"itself", t.Context(), own, own, "Q8_0", "over itself"},
		{"no model", t.Context(), filepath.Join(dir, "none.gguf"), old, "", "none.gguf"},
		{"damaged", t.Context(), old, filepath.Join(dir, "new.gguf"), "", "old.gguf"},
		{"no folder", t.Context(), tinyModel, filepath.Join(dir, "none", "new.gguf"), "", "none"},
		{"cancelled", cancelled, tinyModel, old, "Q8_0", "context canceled"},
	} {
		err := Convert(c.ctx, c.in, c.out, c.kind, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	if data, err := os.ReadFile(old); err != nil || string(data) != "old" {
		t.Errorf("the old file holds %q, %v", data, err)
	}
	if err := Convert(t.Context(), tinyModel, old, "F16", nil); err != nil {
		t.Fatal(err)
	}
	if err := Convert(cancelled, tinyModel, old, "F16", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	openGGUF(t, old)
}
