package lmw

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The shape of a tiny model of llama2.c: width 4, feed-forward length 6, two
// layers, two heads that share one key/value head, four tokens, a context of 3.
const (
	tinyLayers  = 4*4*2 + 2*4*2 + 6*4*3 + 4*2 // elements per layer
	tinyShared  = 4*4 + 2*tinyLayers + 4      // with embedding and last norm
	tinyAngles  = 2 * 3 * 1
	tinyVersion = 256 // bytes before the tensors of version 1
)

// version0 is a file in the first form.
func version0(vocabulary int32, elements int) []byte {
	w := &builder{}
	w.u32(4, 6, 2, 2, 1, uint32(vocabulary), 3)
	for i := range elements {
		w.f32(float32(i))
	}
	return w.b
}

// version1 is a file in the second form.
func version1(version uint32, shared byte, elements int) []byte {
	w := &builder{b: []byte(llama2cMagic)}
	w.u32(version, 4, 6, 2, 2, 1, 4, 3)
	w.b = append(w.b, shared)
	w.b = append(w.b, make([]byte, tinyVersion-len(w.b))...)
	for i := range elements {
		w.f32(float32(i))
	}
	return w.b
}

// tinyTokenizer is a tokenizer.bin for four tokens.
func tinyTokenizer() []byte {
	w := &builder{}
	w.u32(7)
	for _, s := range []string{"<unk>", "\n<s>\n", "\n</s>\n", "a"} {
		w.f32(0)
		w.u32(uint32(len(s)))
		w.b = append(w.b, s...)
	}
	return w.b
}

func TestLlama2C(t *testing.T) {
	for _, c := range []struct {
		name   string
		data   []byte
		output bool
		first  map[string]float32 // first element of a tensor
	}{
		{"shared", version0(4, tinyShared+tinyAngles), false, map[string]float32{
			"token_embd.weight": 0, "blk.0.attn_norm.weight": 16, "blk.1.attn_norm.weight": 20, "blk.0.attn_q.weight": 24,
			"blk.1.attn_q.weight": 40, "blk.0.attn_k.weight": 56, "output_norm.weight": tinyShared - 4,
		}},
		{"own output", version0(-4, tinyShared+tinyAngles+16), true, map[string]float32{
			"output.weight": tinyShared + tinyAngles,
		}},
		{"version 1", version1(1, 1, tinyShared), false, map[string]float32{
			"blk.0.attn_norm.weight": 0, "blk.0.ffn_norm.weight": 8, "output_norm.weight": 16, "token_embd.weight": 20,
		}},
		{"version 1, own output", version1(1, 0, tinyShared+16), true, map[string]float32{"output.weight": tinyShared}},
	} {
		path := write(t, "model.bin", c.data)
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), "tokenizer.bin"), tinyTokenizer(), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := OpenLlama2C(path)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if _, ok := f.Tensor("output.weight"); ok != c.output {
			t.Errorf("%s: has an output of its own: %v", c.name, ok)
		}
		for name, want := range c.first {
			tensor, _ := f.Tensor(name)
			data, err := f.Data(tensor)
			w := &builder{}
			if w.f32(want); err != nil || !slices.Equal(data[:4], w.b) {
				t.Errorf("%s: %s does not begin with %v: %v", c.name, name, want, err)
			}
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestLlama2CDamaged(t *testing.T) {
	set := func(at int, v byte) []byte {
		b := version0(4, tinyShared+tinyAngles)
		b[at] = v
		return b
	}
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"empty", "file is cut", nil},
		{"PyTorch", "PyTorch", []byte("PK\x03\x04 and more than that")},
		{"version 2", "version 2", version1(2, 1, tinyShared)},
		{"width", "width is 0", set(0, 0)},
		{"odd head", "do not fit together", set(0, 6)},
		{"layers", "layers is", set(11, 1)},
		{"heads", "key/value heads is 3", set(16, 3)},
		{"one element short", "file is cut", version0(4, tinyShared+tinyAngles-1)},
		{"one element more", "4 bytes follow", version0(4, tinyShared+tinyAngles+1)},
		{"short header", "file is cut", version1(1, 1, 0)[:100]},
		{"no tokenizer", "tok4.bin or tokenizer.bin", version0(4, tinyShared+tinyAngles)},
	} {
		path := write(t, "model.bin", c.data)
		f, err := OpenLlama2C(path)
		if err == nil {
			_ = f.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want %q and the path", c.name, err, c.want)
		}
	}
}

// The tokenizer made for the vocabulary goes before the one that lies about,
// and one that does not fit is refused.
func TestLlama2CTokenizer(t *testing.T) {
	path := write(t, "model.bin", version0(4, tinyShared+tinyAngles))
	beside := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	beside("tokenizer.bin", tinyTokenizer()[:len(tinyTokenizer())-9])
	if _, err := OpenLlama2C(path); err == nil || !strings.Contains(err.Error(), "3 tokens and the model 4") {
		t.Errorf("a tokenizer of three tokens: %v", err)
	}
	beside("tok4.bin", tinyTokenizer())
	f, err := OpenLlama2C(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	beside("tok4.bin", []byte("no"))
	if _, err := OpenLlama2C(path); err == nil || !strings.Contains(err.Error(), "tok4.bin") {
		t.Errorf("a damaged tokenizer: %v", err)
	}
	if err := errors.Join(os.Remove(filepath.Join(filepath.Dir(path), "tok4.bin")), os.Remove(filepath.Join(filepath.Dir(path), "tokenizer.bin"))); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenLlama2C(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no tokenizer: %v", err)
	}
}

func FuzzLlama2C(f *testing.F) {
	f.Add(version0(4, tinyShared+tinyAngles))
	f.Add(version0(-4, tinyShared+tinyAngles+16))
	f.Add(version1(1, 1, tinyShared))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseLlama2C(&cursor{path: "fuzz", data: data})
		if err != nil {
			return
		}
		m.vocab.Tokens = make([]string, min(m.vocabulary, 1<<10))
		m.vocab.Scores, m.vocab.Types = []float32{}, []int32{}
		checkModel(t, m, len(data))
	})
}
