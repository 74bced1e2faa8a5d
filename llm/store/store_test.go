package store

import (
	"bytes"
	"cmp"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lumi/accel"
	"lumi/llm/gguf"
)

// model is the smallest file that passes for a model of an architecture.
func model(t *testing.T, arch string, more ...gguf.KV) []byte {
	t.Helper()
	var b bytes.Buffer
	meta := append([]gguf.KV{{Key: "general.architecture", Value: arch}}, more...)
	tensors := []gguf.TensorData{{
		Name: "token_embd.weight", Type: accel.F32, Dims: []uint64{8},
		Write: func(w io.Writer) error { _, err := w.Write(make([]byte, 32)); return err },
	}}
	if err := gguf.Write(&b, meta, tensors); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func put(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestScan(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	good := model(t, "llama")
	put(t, filepath.Join(dir, "b.gguf"), good)
	put(t, filepath.Join(dir, "publisher", "model", "A.GGUF"), good)
	put(t, filepath.Join(dir, "cut.gguf"), good[:len(good)-1])
	put(t, filepath.Join(dir, "page.gguf"), []byte("<html>not here</html>"))
	put(t, filepath.Join(dir, "strange.gguf"), model(t, "mamba"))
	put(t, filepath.Join(dir, "mmproj-b.gguf"), good)
	put(t, filepath.Join(dir, "big-00002-of-00003.gguf"),
		model(t, "llama", gguf.KV{Key: "split.no", Value: uint16(1)}, gguf.KV{Key: "split.count", Value: uint16(3)}))
	put(t, filepath.Join(dir, "readme.txt"), good)
	put(t, filepath.Join(dir, ".hidden", "x.gguf"), good)
	put(t, filepath.Join(dir, "1", "2", "3", "4", "5", "6", "deep.gguf"), good)
	put(t, filepath.Join(other, "c.gguf"), good)
	// A folder is one model, whatever its weights are spread over.
	put(t, filepath.Join(dir, "org", "Net-1.5", "config.json"), []byte(`{"architectures":["NoSuchForCausalLM"],"model_type":"nosuch"}`))
	put(t, filepath.Join(dir, "org", "Net-1.5", "model-00001-of-00002.safetensors"), make([]byte, 100))
	put(t, filepath.Join(dir, "org", "Net-1.5", "model-00002-of-00002.safetensors"), make([]byte, 50))
	put(t, filepath.Join(dir, "org", "Net-1.5", "pytorch_model.bin"), []byte("PK\x03\x04"))
	put(t, filepath.Join(dir, "vision", "config.json"), []byte(`{}`)) // no weights
	put(t, filepath.Join(dir, "loose", "x.safetensors"), make([]byte, 100))
	put(t, filepath.Join(dir, "other.bin"), []byte("anything"))
	put(t, filepath.Join(dir, "old.lmw"), []byte("lumi"))
	if err := os.Symlink(filepath.Join(dir, "b.gguf"), filepath.Join(other, "same.gguf")); err != nil {
		t.Logf("no symbolic links here: %v", err)
	}
	if err := os.Symlink(filepath.Join(dir, "gone.gguf"), filepath.Join(other, "dangling.gguf")); err != nil {
		t.Logf("no symbolic links here: %v", err)
	}

	found := Scan(t.Context(), dir, other, filepath.Join(dir, "missing"), "", dir)
	want := map[string]string{ // name → part of the problem
		"A": "", "b": "", "c": "",
		"cut":     "1 bytes missing",
		"big":     "missing beside it: big-00001-of-00003.gguf, big-00003-of-00003.gguf",
		"page":    "HTML",
		"strange": `architecture "mamba" is not supported`,
		"Net-1.5": "the folder holds neither", "old": "file is cut",
	}
	var names []string
	for _, f := range found {
		names = append(names, f.Name)
		problem, ok := want[f.Name]
		if f.Name == "Net-1.5" && f.Size != 150 {
			t.Errorf("the folder's weights have %d bytes, want 150", f.Size)
		}
		switch {
		case !ok:
			t.Errorf("%s is listed", f.Path)
		case problem == "":
			if f.Problem != nil || f.Architecture != "llama" || f.Quantisation != "F32" || f.Parameters != 8 {
				t.Errorf("%+v", f)
			}
		case f.Problem == nil || !strings.Contains(f.Problem.Error(), problem) || strings.Contains(f.Problem.Error(), dir):
			t.Errorf("%s: problem %q, want %q and no path", f.Name, f.Problem, problem)
		}
	}
	if got := strings.Join(names, " "); got != "A b big c cut Net-1.5 old page strange" {
		t.Errorf("found %q", got)
	}
}

// TestScanSeed finds llama2.c's model and not its tokenizer, which has the same
// ending.
func TestScanSeed(t *testing.T) {
	root := cmp.Or(os.Getenv("LUMI_CONFORMANCE"), "../../../shared/conformance")
	dir := filepath.Join(root, "seed")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("skipped: no conformance data")
	}
	kinds := map[string]int{}
	for _, f := range Scan(t.Context(), dir) {
		if f.Problem != nil || f.Architecture != "llama" || f.Size == 0 {
			t.Errorf("%+v", f)
		}
		kinds[filepath.Ext(f.Path)]++
	}
	if kinds[".bin"] != 1 || kinds[".lmw"] == 0 || kinds[""] == 0 {
		t.Errorf("found %v", kinds)
	}
}

func TestName(t *testing.T) {
	for path, want := range map[string]string{
		"/m/a.Q4_1.gguf": "a.Q4_1", "/m/a.LMW": "a", "/m/Qwen2.5-0.5B": "Qwen2.5-0.5B", "/m/model.safetensors": "model",
		"/m/big-00001-of-00003.gguf": "big", "/m/a-00004-of-00003.gguf": "a-00004-of-00003",
	} {
		if got := Name(path); got != want {
			t.Errorf("Name(%q) = %q, want %q", path, got, want)
		}
	}
}

// parts writes a model in three parts of 100, 200 and 300 bytes and returns the
// paths.
func parts(t *testing.T, dir string) (paths []string) {
	t.Helper()
	for i, name := range []string{"big-00001-of-00003.gguf", "big-00002-of-00003.gguf", "big-00003-of-00003.gguf"} {
		paths = append(paths, filepath.Join(dir, name))
		put(t, paths[i], make([]byte, 100*(i+1)))
	}
	return paths
}

// TestSplitModelIsListedOnce gives a model in parts one row, with the size of
// all parts that are there.
func TestSplitModelIsListedOnce(t *testing.T) {
	for _, c := range []struct {
		gone   []int
		listed int // the part whose path is the model's
		size   int64
	}{
		{nil, 0, 600},
		{[]int{0}, 1, 500},
		{[]int{0, 1}, 2, 300},
	} {
		dir := t.TempDir()
		paths := parts(t, dir)
		for _, i := range c.gone {
			if err := os.Remove(paths[i]); err != nil {
				t.Fatal(err)
			}
		}
		found := Scan(t.Context(), dir)
		if len(found) != 1 || found[0].Path != paths[c.listed] || found[0].Size != c.size || found[0].Name != "big" || found[0].Problem == nil {
			t.Errorf("without parts %v: found %+v, want part %d with %d bytes", c.gone, found, c.listed+1, c.size)
		}
	}
}
