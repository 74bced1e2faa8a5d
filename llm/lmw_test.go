package llm

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lumi/accel"
	"lumi/llm/gguf"
	"lumi/llm/notice"
	"lumi/llm/tokenizer"
)

// oldMatrix is a tensor as the first version knew it: under Meta's name, sizes
// with rows first, elements row after row.
type oldMatrix struct {
	name  string
	sizes []int
	data  []float32
}

// oldModel is what goes into an .lmw file.
type oldModel struct {
	name      string
	params    [7]int32 // width, layers, heads, key/value heads, multiple, vocabulary, context
	base, eps float32
	tokenizer []byte
	matrices  []oldMatrix
}

// oldForm is how the file is written.
type oldForm struct{ bf16, transposed bool }

func (f oldForm) String() string {
	return map[bool]string{false: "f32", true: "bf16"}[f.bf16] + map[bool]string{true: ", transposed"}[f.transposed]
}

var oldForms = []oldForm{{false, true}, {true, true}, {false, false}, {true, false}}

// write makes the file as the first version's converter did, of which it knows
// nothing but the format.
func (m oldModel) write(t *testing.T, f oldForm) string {
	t.Helper()
	var b bytes.Buffer
	number := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) }
	text := func(s string) {
		s += strings.Repeat(" ", 4-len([]rune(s))%4)
		number(uint32(len(s)))
		b.WriteString(s)
	}
	b.WriteString("lumi")
	number(int32(1))
	text(m.name)
	number(m.params)
	number(m.base)
	number(m.eps)
	number(uint32(len(m.tokenizer)))
	b.Write(m.tokenizer)
	b.Write(make([]byte, 4-len(m.tokenizer)%4))
	for _, x := range m.matrices {
		text(x.name)
		number(uint32(len(x.sizes)))
		for _, size := range x.sizes {
			number(uint32(size))
		}
		values := x.data
		transposed := f.transposed && len(x.sizes) == 2 && x.name != "tok_embeddings.weight"
		if transposed {
			values = nil
			for c := range x.sizes[1] {
				for r := range x.sizes[0] {
					values = append(values, x.data[r*x.sizes[1]+c])
				}
			}
		}
		number(map[bool]int32{true: 1}[transposed])
		number(map[bool]int32{false: 132, true: 117}[f.bf16])
		for _, v := range values {
			if f.bf16 {
				number(uint16(math.Float32bits(nearestBF16(v)) >> 16))
			} else {
				number(v)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "model.lmw")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// nearestBF16 is the bfloat16 next to v, the even one of two.
func nearestBF16(v float32) float32 {
	bits := math.Float32bits(v)
	down := math.Float32frombits(bits &^ 0xffff)
	up := math.Float32frombits(bits&^0xffff + 1<<16)
	below, above := math.Abs(float64(v)-float64(down)), math.Abs(float64(up)-float64(v))
	if below < above || below == above && bits>>16&1 == 0 {
		return down
	}
	return up
}

// rounded is the model with its weights rounded to bfloat16.
func (m oldModel) rounded() oldModel {
	m.matrices = slices.Clone(m.matrices)
	for i, x := range m.matrices {
		m.matrices[i].data = nil
		for _, v := range x.data {
			m.matrices[i].data = append(m.matrices[i].data, nearestBF16(v))
		}
	}
	return m
}

// oldParts are Meta's names for GGUF's parts of a layer.
var oldParts = strings.NewReplacer(
	"blk.", "layers.", "attn_norm.", "attention_norm.", "attn_q.", "attention.wq.", "attn_k.", "attention.wk.",
	"attn_v.", "attention.wv.", "attn_output.", "attention.wo.", "ffn_gate.", "feed_forward.w1.",
	"ffn_down.", "feed_forward.w2.", "ffn_up.", "feed_forward.w3.",
	"token_embd.", "tok_embeddings.", "output_norm.", "norm.",
)

// oldModelOf takes a model's numbers over.
func oldModelOf(t *testing.T, f *gguf.File, name string, params [7]int32, base, eps float32, tok []byte) oldModel {
	t.Helper()
	m := oldModel{name: name, params: params, base: base, eps: eps, tokenizer: tok}
	for _, x := range f.Tensors {
		old := oldMatrix{name: oldParts.Replace(x.Name), data: values(t, f, x)}
		for _, d := range slices.Backward(x.Dims) {
			old.sizes = append(old.sizes, int(d))
		}
		m.matrices = append(m.matrices, old)
	}
	if _, own := f.Tensor("output.weight"); !own { // the first version had no tied ones
		embedding := m.matrices[slices.IndexFunc(m.matrices, func(x oldMatrix) bool { return x.name == "tok_embeddings.weight" })]
		embedding.name = "output.weight"
		m.matrices = append(m.matrices, embedding)
	}
	return m
}

// storiesOld is stories260K, from the GGUF file and the tokenizer's own.
func storiesOld(t *testing.T) (m oldModel, file string) {
	t.Helper()
	dir := filepath.Join(conformance(t), "seed", "stories260K")
	tok, err := os.ReadFile(filepath.Join(dir, "tok512.model"))
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "stories260K-f32.gguf")
	return oldModelOf(t, openGGUF(t, file), "stories260k", [7]int32{64, 5, 8, 4, 4, 512, 512}, 10000, 1e-5, tok), file
}

var oldIDs = []int32{1, 403, 407, 261, 378, 500, 17, 300, 2, 99, 410}

// oldLogits are the logits after each beginning of ids that matters: a single
// token, and all of them.
func oldLogits(t *testing.T, path string) []float32 {
	t.Helper()
	m := openExact(t, path, 2)
	var out []float32
	for _, ids := range [][]int32{oldIDs[:1], oldIDs} {
		logits, _, err := m.Eval(t.Context(), ids, 0)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, logits...)
	}
	return out
}

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// distance is the root mean square of the difference in units of b's.
func distance(a, b []float32) float64 {
	var d, s float64
	for i := range b {
		d += float64(a[i]-b[i]) * float64(a[i]-b[i])
		s += float64(b[i]) * float64(b[i])
	}
	return math.Sqrt(d / s)
}

// TestLMWForms demands of stories260K in every form that an .lmw file can have
// the logits of its GGUF file: the same bits of float32, and of bfloat16 those
// of the weights rounded beforehand. What [Convert] makes of each file gives
// them as well.
func TestLMWForms(t *testing.T) {
	m, file := storiesOld(t)
	exact := oldLogits(t, file)
	want := map[bool][]float32{false: exact, true: oldLogits(t, m.rounded().write(t, oldForm{}))}
	// 8 bits of each weight are left, so each is off by at most 2^-9.
	if d := distance(want[true], exact); d < 1e-4 || d > 1.0/128 {
		t.Errorf("rounding the weights to bfloat16 moves the logits by %.2g", d)
	}
	for _, form := range oldForms {
		t.Run(form.String(), func(t *testing.T) {
			path := m.write(t, form)
			out := filepath.Join(t.TempDir(), "out.gguf")
			if err := Convert(t.Context(), path, out, "", nil); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{path, out} {
				if got := oldLogits(t, path); !sameBits(got, want[form.bf16]) {
					t.Errorf("%s: the logits are off by %.2g", filepath.Base(path), distance(got, want[form.bf16]))
				}
			}
			converted := openGGUF(t, out)
			for _, x := range converted.Tensors {
				typ := accel.F32
				if form.bf16 && len(x.Dims) == 2 {
					typ = accel.BF16
				}
				if x.Type != typ {
					t.Errorf("%s became %v, want %v", x.Name, x.Type, typ)
				}
			}
			if !form.bf16 {
				compareFiles(t, converted, openGGUF(t, file))
			}
			kind := map[bool]uint64{false: 0, true: 32}[form.bf16]
			if id, _, _ := converted.Meta.Uint("general.file_type"); id != kind {
				t.Errorf("file type %d, want %d", id, kind)
			}
		})
	}
}

// TestLMWSample demands that the writer of these tests, told to write what the
// first version's own file of stories260K has, writes that very file.
func TestLMWSample(t *testing.T) {
	m, _ := storiesOld(t)
	want, err := os.ReadFile(filepath.Join(conformance(t), "seed", "stories260K", "stories260k.lmw"))
	if err != nil {
		t.Fatal(err)
	}
	// The order of the file's tensors, which does not matter, is that of its names.
	at := func(x oldMatrix) int { return bytes.Index(want, []byte("\x00"+x.name+" ")) }
	slices.SortFunc(m.matrices, func(a, b oldMatrix) int { return at(a) - at(b) })
	got, err := os.ReadFile(m.write(t, oldForm{transposed: true}))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		n := 0
		for n < min(len(got), len(want)) && got[n] == want[n] {
			n++
		}
		t.Errorf("%d bytes, want %d; they part at %d", len(got), len(want), n)
	}
}

// TestLMWIgnored writes what must not change a model: the multiple that the
// feed-forward length was made of, Llama 2's table of angles, tokenizers of all
// lengths and letters in the name that take several bytes.
func TestLMWIgnored(t *testing.T) {
	plain, file := storiesOld(t)
	want := oldLogits(t, file)
	for _, c := range []struct {
		name   string
		change func(m *oldModel)
	}{
		{"multiple of 256", func(m *oldModel) { m.params[4] = 256 }},
		{"multiple of 0", func(m *oldModel) { m.params[4] = 0 }},
		{"angles", func(m *oldModel) {
			m.matrices = slices.Insert(slices.Clone(m.matrices), 1, oldMatrix{"rope.freqs", []int{4}, []float32{1, 0.1, 0.01, 0.001}})
		}},
		{"name", func(m *oldModel) { m.name = "städte 中文" }},
		{"name of four letters", func(m *oldModel) { m.name = "abcd" }},
		// A field of the protocol buffer that nothing reads makes it longer.
		{"tokenizer, 1 byte on", func(m *oldModel) { m.tokenizer = append(slices.Clone(m.tokenizer), 0x9a, 0x06, 0) }},
		{"tokenizer, 2 bytes on", func(m *oldModel) { m.tokenizer = append(slices.Clone(m.tokenizer), 0x9a, 0x06, 1, 0) }},
		{"tokenizer, 3 bytes on", func(m *oldModel) { m.tokenizer = append(slices.Clone(m.tokenizer), 0x9a, 0x06, 2, 0, 0) }},
		{"tokenizer, 4 bytes on", func(m *oldModel) { m.tokenizer = append(slices.Clone(m.tokenizer), 0x9a, 0x06, 3, 0, 0, 0) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := plain
			c.change(&m)
			path := m.write(t, oldForm{transposed: true})
			if got := oldLogits(t, path); !sameBits(got, want) {
				t.Errorf("the logits are off by %.2g", distance(got, want))
			}
			tok, err := ModelTokenizer(path)
			if err != nil {
				t.Fatal(err)
			}
			same, err := tokenizer.Open(filepath.Join(filepath.Dir(file), "tok512.model"))
			if err != nil {
				t.Fatal(err)
			}
			const text = "Once upon a time, there was a little girl. Ünd 中文"
			o := tokenizer.Options{AddSpecial: true}
			if a, b := tok.Encode(nil, text, o), same.Encode(nil, text, o); !slices.Equal(a, b) {
				t.Errorf("tokens %v, want %v", a, b)
			}
		})
	}
}

// TestLMWTokenizers writes the three other kinds of tokenizer, cut down to the
// vocabulary of 512, under the names of models that had them.
func TestLMWTokenizers(t *testing.T) {
	// All bytes in their order, then joins of letters: "th", "he", "in" …
	tokens := make([]string, 256, 512)
	for b := range tokens {
		tokens[b] = string([]byte{byte(b)})
	}
	tokens = append(tokens, "th", "in", "er", " t", "he", " a", "the", " the", "ing", "!!")
	tiktoken := func(tokens []string) []byte {
		var b bytes.Buffer
		for id, token := range tokens {
			fmt.Fprintf(&b, "%s %d\n", base64.StdEncoding.EncodeToString([]byte(token)), id)
		}
		return b.Bytes()
	}
	letters := func(token string) string { // byte-level letters, as GPT-2 chose them
		var b strings.Builder
		for _, c := range []byte(token) {
			r, n := rune(0), rune(256)
			for i := range rune(256) {
				r = i
				if plain := i >= '!' && i <= '~' || i >= 0xa1 && i <= 0xac || i >= 0xae; !plain {
					r = n
					n++
				}
				if i == rune(c) {
					break
				}
			}
			b.WriteRune(r)
		}
		return b.String()
	}
	ranks := map[string]int{}
	for id, token := range tokens {
		ranks[letters(token)] = id
	}
	vocabJSON, err := json.Marshal(ranks)
	if err != nil {
		t.Fatal(err)
	}
	plain, _ := storiesOld(t)
	for _, c := range []struct {
		name      string
		tokenizer []byte
		pre       string
		notices   []notice.Notice
		specials  map[string]int32
		want      []int32 // of "the thing  12!!"
	}{
		{
			"llama-3-8b-instruct", tiktoken(tokens[:256]), "llama-bpe",
			[]notice.Notice{{Kind: notice.NoMerges}},
			map[string]int32{
				"<|begin_of_text|>": 256, "<|end_of_text|>": 257, "<|start_header_id|>": 262, "<|end_header_id|>": 263, "<|eot_id|>": 265,
				"<|reserved_special_token_0|>": 258, "<|reserved_special_token_4|>": 264, "<|reserved_special_token_250|>": 511,
			},
			[]int32{256, 't', 'h', 'e', ' ', 't', 'h', 'i', 'n', 'g', ' ', ' ', '1', '2', '!', '!'},
		},
		{
			"qwen1.0-7b-chat", tiktoken(tokens), "qwen2", nil,
			map[string]int32{"<|endoftext|>": 266, "<|im_end|>": 268, "<|extra_204|>": 266 + 207},
			[]int32{262, ' ', 256, 264, ' ', ' ', '1', '2', 265},
		},
		{
			"qwen1.5-7b-chat", vocabJSON, "qwen2", nil,
			map[string]int32{"<|endoftext|>": 266, "<|im_start|>": 267, "<|im_end|>": 268, "[PAD511]": 511},
			[]int32{262, ' ', 256, 264, ' ', ' ', '1', '2', 265},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := plain
			m.name, m.tokenizer = c.name, c.tokenizer
			path := m.write(t, oldForm{transposed: true})
			out := filepath.Join(t.TempDir(), "out.gguf")
			if err := Convert(t.Context(), path, out, "", nil); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{path, out} {
				tok, err := ModelTokenizer(path)
				if err != nil {
					t.Fatal(err)
				}
				if n := tok.Notices(); !slices.Equal(n, c.notices) || tok.Size() != 512 || tok.Vocab().Pre != c.pre {
					t.Errorf("%d tokens, split as %q, notices %v", tok.Size(), tok.Vocab().Pre, n)
				}
				for text, want := range c.specials {
					if id, ok := tok.ID(text); !ok || id != want {
						t.Errorf("%s is %d, want %d", text, id, want)
					}
				}
				if got := tok.Encode(nil, "the thing  12!!", tokenizer.Options{AddSpecial: true}); !slices.Equal(got, c.want) {
					t.Errorf("tokens %v, want %v", got, c.want)
				}
			}
		})
	}
}

// TestLMWQwen demands of an .lmw file of a Qwen, with its biases, the order of
// its rows and the epsilon that the first version's converter got wrong, the
// logits of its folder.
func TestLMWQwen(t *testing.T) {
	folder := filepath.Join(conformance(t), "models", "qwen2-bias")
	source, err := OpenFile(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	ranks := map[string]int{"a": 0, "b": 1, "ab": 2}
	vocab, err := json.Marshal(ranks)
	if err != nil {
		t.Fatal(err)
	}
	m := oldModelOf(t, source, "qwen1.5-7b-chat", [7]int32{128, 3, 8, 2, 8, 512, 512}, 1e6, 1e-5, vocab)
	want := oldLogits(t, folder)
	for _, form := range oldForms { // the folder's weights are bfloat16 already
		path := m.write(t, form)
		out := filepath.Join(t.TempDir(), "out.gguf")
		if err := Convert(t.Context(), path, out, "", nil); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{path, out} {
			if got := oldLogits(t, path); !sameBits(got, want) {
				t.Errorf("%v, %s: the logits are off by %.2g", form, filepath.Base(path), distance(got, want))
			}
		}
	}
}
