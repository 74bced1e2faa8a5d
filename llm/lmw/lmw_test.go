package lmw

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lumi/accel"
	"lumi/llm/gguf"
)

// sentencePiece is a SentencePiece model of four tokens: protocol-buffer
// messages of a text, a score of 0 and, for the first three, a kind; then that
// it is BPE and keeps all spaces.
var sentencePiece = "\n\x0e\n\x05<unk>\x15\x00\x00\x00\x00\x18\x02" +
	"\n\x0c\n\x03<s>\x15\x00\x00\x00\x00\x18\x03" +
	"\n\x0d\n\x04</s>\x15\x00\x00\x00\x00\x18\x03" +
	"\n\x08\n\x01a\x15\x00\x00\x00\x00" +
	"\x12\x02\x18\x02\x1a\x02\x20\x00"

// builder writes a file's fields.
type builder struct{ b []byte }

func (w *builder) u32(values ...uint32) {
	for _, v := range values {
		w.b = binary.LittleEndian.AppendUint32(w.b, v)
	}
}

func (w *builder) f32(values ...float32) {
	for _, v := range values {
		w.u32(math.Float32bits(v))
	}
}

func (w *builder) text(s string) {
	w.u32(uint32(len(s)))
	w.b = append(w.b, s...)
}

// tokenizer writes a tokenizer's file and the zeros behind it, at least one.
func (w *builder) tokenizer(file string) {
	w.text(file)
	w.b = append(w.b, make([]byte, 4-len(file)%4)...)
}

func (w *builder) tensor(name string, sizes []uint32, transposed, code uint32, data ...byte) {
	w.text(name)
	w.u32(uint32(len(sizes)))
	w.u32(sizes...)
	w.u32(transposed, code)
	w.b = append(w.b, data...)
}

// counting is n bytes, all different.
func counting(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// header writes a file up to its tensors.
func header() *builder { return headerOf("tiny model  ", sentencePiece) }

func headerOf(name, tokenizer string) *builder {
	w := &builder{b: []byte("lumi")}
	w.u32(1)
	w.text(name)
	w.u32(2, 1, 1, 1, 4, 4, 16)
	w.f32(10000, 1e-5)
	w.tokenizer(tokenizer)
	return w
}

// small is a whole file with one tensor of each sort.
func small() []byte {
	w := header()
	w.tensor("tok_embeddings.weight   ", []uint32{4, 2}, 0, 132, counting(32)...)
	w.tensor("layers.0.feed_forward.w1.weight ", []uint32{3, 2}, 1, 117, counting(12)...)
	w.tensor("layers.0.attention.wq.bias  ", []uint32{2}, 0, 132, counting(8)...)
	return w.b
}

func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpen(t *testing.T) {
	f, err := Open(write(t, "small.lmw", small()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if name, _, _ := f.Meta.String("general.name"); name != "tiny model" {
		t.Errorf("name %q", name)
	}
	for key, want := range map[string]uint64{
		"llama.embedding_length": 2, "llama.feed_forward_length": 3, "llama.context_length": 16,
		"general.file_type": 32, "tokenizer.ggml.eos_token_id": 2,
	} {
		if got, ok, err := f.Meta.Uint(key); got != want || !ok || err != nil {
			t.Errorf("%s is %d, %v, %v; want %d", key, got, ok, err, want)
		}
	}
	if tokens, _, _ := f.Meta.Strings("tokenizer.ggml.tokens"); !slices.Equal(tokens, []string{"<unk>", "<s>", "</s>", "a"}) {
		t.Errorf("tokens %q", tokens)
	}
	for _, c := range []struct {
		name string
		typ  accel.Type
		dims []uint64
		data []byte
	}{
		{"token_embd.weight", accel.F32, []uint64{2, 4}, counting(32)},
		// Two columns of three numbers became three rows of two.
		{"blk.0.ffn_gate.weight", accel.BF16, []uint64{2, 3}, []byte{0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11}},
		{"blk.0.attn_q.bias", accel.F32, []uint64{2}, counting(8)},
	} {
		tensor, ok := f.Tensor(c.name)
		if !ok || tensor.Type != c.typ || !slices.Equal(tensor.Dims, c.dims) {
			t.Errorf("%s is %+v, %v", c.name, tensor, ok)
			continue
		}
		if data, err := f.Data(tensor); err != nil || !slices.Equal(data, c.data) {
			t.Errorf("%s holds %v, %v; want %v", c.name, data, err, c.data)
		}
	}
}

func TestTransposeLarge(t *testing.T) {
	const rows, cols = 130, 67
	src := make([]byte, rows*cols*2)
	for r := range rows {
		for c := range cols {
			binary.LittleEndian.PutUint16(src[(c*rows+r)*2:], uint16(r*cols+c))
		}
	}
	dst := transpose(src, rows, cols, 2)
	for i := range rows * cols {
		if got := binary.LittleEndian.Uint16(dst[i*2:]); got != uint16(i) {
			t.Fatalf("element %d is %d", i, got)
		}
	}
}

// TestCut demands an error for every beginning of a file that is not one.
func TestCut(t *testing.T) {
	whole := small()
	var ends []int // of tensors: files that are whole themselves
	for n := range len(whole) {
		_, err := parse(&cursor{path: "cut", data: whole[:n]})
		var located *gguf.Error
		switch {
		case err == nil:
			ends = append(ends, n)
		case !errors.As(err, &located):
			t.Errorf("%d bytes: %v names no place", n, err)
		}
	}
	if len(ends) != 3 { // after the header and two tensors
		t.Errorf("files of %v bytes are taken for whole", ends)
	}
}

func TestDamaged(t *testing.T) {
	with := func(name string, sizes []uint32, transposed, code uint32) []byte {
		w := header()
		w.tensor(name, sizes, transposed, code, counting(64)...)
		return w.b
	}
	set := func(at int, v byte) []byte {
		b := small()
		b[at] = v
		return b
	}
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"empty", "does not start with", nil},
		{"other file", "does not start with", []byte("GGUF....")},
		{"version", "version 2", set(4, 2)},
		{"long name", "longer than the limit", set(11, 1)},
		{"vocabulary", "has 4 tokens and the model 5", set(12+12+5*4, 5)},
		{"tokenizer", "tokenizer", set(12+12+9*4+4, 0xff)},
		{"another family's name", "tokenizer", bytes.Replace(small(), []byte("tiny model"), []byte("qwen model"), 1)},
		{"another version's name", "tokenizer", bytes.Replace(small(), []byte("tiny model"), []byte("llama-3-8b"), 1)},
		{"no dimensions", "0 dimensions", with("norm.weight ", nil, 0, 132)},
		{"three dimensions", "3 dimensions", with("norm.weight ", []uint32{1, 1, 1}, 0, 132)},
		{"no elements", "size of 0", with("norm.weight ", []uint32{0}, 0, 132)},
		{"transposed vector", "cannot be stored transposed", with("norm.weight ", []uint32{2}, 1, 132)},
		{"transposed twice", "cannot be stored transposed", with("output.weight   ", []uint32{2, 2}, 2, 132)},
		{"type", "unknown type 116", with("norm.weight ", []uint32{2}, 0, 116)},
		{"part", "not part of a Llama model", with("layers.0.attention.wx.weight", []uint32{2}, 0, 132)},
		{"layer", "not part of a Llama model", with("layers.x.attention.wq.weight", []uint32{2}, 0, 132)},
		{"huge", "more than any file holds", with("output.weight   ", []uint32{1<<32 - 1, 1<<32 - 1}, 0, 132)},
		{"large", "file is cut: needs at least", with("output.weight   ", []uint32{1 << 20, 1 << 20}, 0, 132)},
		{"twice", "occurs twice", func() []byte {
			w := header()
			w.tensor("norm.weight ", []uint32{2}, 0, 132, counting(8)...)
			w.tensor("norm.weight ", []uint32{2}, 0, 132, counting(8)...)
			return w.b
		}()},
	} {
		path := write(t, "damaged.lmw", c.data)
		f, err := Open(path)
		if err == nil {
			_ = f.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want %q and the path", c.name, err, c.want)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none.lmw")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(small())
	f.Add(small()[:70])
	f.Add(headerOf("qwen1.0 ", "YQ== 0\nYg== 1\n").b)
	f.Add(headerOf("qwen1.5 ", `{"a": 0, "b": 1}`).b)
	f.Add(headerOf("llama-3 ", "YQ== 0\nYg== 1\n").b)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parse(&cursor{path: "fuzz", data: data})
		if err != nil {
			return
		}
		checkModel(t, m, len(data))
	})
}

// checkModel reads all that a parsed model consists of.
func checkModel(t *testing.T, m model, size int) {
	t.Helper()
	meta, err := m.metadata("fuzz")
	if err != nil {
		return
	}
	file, err := gguf.Assemble("fuzz", meta, m.parts)
	if err != nil {
		return
	}
	total := 0
	for _, tensor := range file.Tensors {
		data, err := file.Data(tensor)
		if err != nil || int64(len(data)) != tensor.Size {
			t.Fatalf("%s has %d bytes, want %d: %v", tensor.Name, len(data), tensor.Size, err)
		}
		total += len(data)
	}
	if total > size {
		t.Fatalf("%d bytes of tensors in a file of %d", total, size)
	}
}
