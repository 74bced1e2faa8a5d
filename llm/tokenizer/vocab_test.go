package tokenizer_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lumi/llm/tokenizer"
)

// byteLevel is a small byte-level vocabulary: the bytes with ids 0–255 in the
// order of their values, the results of merges, and then extra tokens.
func byteLevel(merges []string, extra map[string]int32) tokenizer.Vocab {
	v := tokenizer.Vocab{Model: tokenizer.ByteLevel, Pre: "gpt-2", BOS: -1, EOS: -1, EOT: -1, EOM: -1, UNK: -1, PAD: -1, Merges: merges}
	next := rune(0x100)
	for b := range rune(256) {
		if b < '!' || b > '~' && b < '¡' || b == 0xad {
			v.Tokens = append(v.Tokens, string(next))
			next++
		} else {
			v.Tokens = append(v.Tokens, string(b))
		}
	}
	for _, m := range merges {
		v.Tokens = append(v.Tokens, strings.Replace(m, " ", "", 1))
	}
	v.Types = slices.Repeat([]int32{tokenizer.Normal}, len(v.Tokens))
	for _, text := range slices.Sorted(func(yield func(string) bool) {
		for text := range extra {
			if !yield(text) {
				return
			}
		}
	}) {
		v.Tokens = append(v.Tokens, text)
		v.Types = append(v.Types, extra[text])
	}
	return v
}

// sentencePiece is a small vocabulary with byte fallback: <unk>, <s>, </s>, the
// bytes with ids 3–258, then words, the first with the highest score.
func sentencePiece(words ...string) tokenizer.Vocab {
	v := tokenizer.Vocab{
		Model: tokenizer.SentencePiece, BOS: 1, EOS: 2, EOT: -1, EOM: -1, UNK: 0, PAD: -1,
		AddBOS: true, AddSpacePrefix: true,
		Tokens: []string{"<unk>", "<s>", "</s>"},
		Types:  []int32{tokenizer.Unknown, tokenizer.Control, tokenizer.Control},
		Scores: make([]float32, 3),
	}
	const hex = "0123456789ABCDEF"
	for b := range 256 {
		v.Tokens = append(v.Tokens, "<0x"+string(hex[b>>4])+string(hex[b&15])+">")
		v.Types = append(v.Types, tokenizer.Byte)
		v.Scores = append(v.Scores, 0)
	}
	for i, w := range words {
		v.Tokens = append(v.Tokens, w)
		v.Types = append(v.Types, tokenizer.Normal)
		v.Scores = append(v.Scores, -float32(i))
	}
	return v
}

func build(t testing.TB, v tokenizer.Vocab) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.New(v)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// metadata stands for a model file.
type metadata map[string]any

func value[T any](m metadata, key string) (T, bool, error) {
	v, ok := m[key]
	typed, fits := v.(T)
	if ok && !fits {
		return typed, true, errors.New("key " + key + " has another type")
	}
	return typed, ok, nil
}

func (m metadata) Uint(key string) (uint64, bool, error)      { return value[uint64](m, key) }
func (m metadata) Bool(key string) (bool, bool, error)        { return value[bool](m, key) }
func (m metadata) String(key string) (string, bool, error)    { return value[string](m, key) }
func (m metadata) Strings(key string) ([]string, bool, error) { return value[[]string](m, key) }
func (m metadata) Ints(key string) ([]int64, bool, error)     { return value[[]int64](m, key) }
func (m metadata) Floats(key string) ([]float32, bool, error) { return value[[]float32](m, key) }

func TestFromGGUF(t *testing.T) {
	none := tokenizer.Vocab{BOS: -1, EOS: -1, EOT: -1, EOM: -1, UNK: -1, PAD: -1}
	with := func(change func(*tokenizer.Vocab)) tokenizer.Vocab {
		v := none
		change(&v)
		return v
	}
	for _, c := range []struct {
		name string
		m    metadata
		want tokenizer.Vocab
	}{
		{"sentencepiece defaults", metadata{"tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": []string{"a"}}, with(func(v *tokenizer.Vocab) {
			v.Model, v.Tokens = "llama", []string{"a"}
			v.UNK, v.BOS, v.EOS, v.AddBOS, v.AddSpacePrefix = 0, 1, 2, true, true
		})},
		{"byte-level defaults", metadata{"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "qwen2"}, with(func(v *tokenizer.Vocab) {
			v.Model, v.Pre = "gpt2", "qwen2"
		})},
		{"llama 3 begins with BOS", metadata{"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "llama-bpe", "tokenizer.ggml.bos_token_id": uint64(5)}, with(func(v *tokenizer.Vocab) {
			v.Model, v.Pre, v.AddBOS, v.BOS = "gpt2", "llama-bpe", true, 5
		})},
		{"the file decides", metadata{
			"tokenizer.ggml.model": "llama", "tokenizer.ggml.add_bos_token": false, "tokenizer.ggml.add_eos_token": true,
			"tokenizer.ggml.add_space_prefix": false, "tokenizer.ggml.scores": []float32{1, 2}, "tokenizer.ggml.token_type": []int64{1, 3},
			"tokenizer.ggml.eot_token_id": uint64(7), "tokenizer.ggml.padding_token_id": uint64(1 << 40), "general.name": "Phi-3 mini",
		}, with(func(v *tokenizer.Vocab) {
			v.Model, v.Scores, v.Types = "llama", []float32{1, 2}, []int32{1, 3}
			v.UNK, v.BOS, v.EOS, v.EOT, v.PAD = 0, 1, 2, 7, math.MaxInt32
			v.AddEOS, v.TrimAfterControl = true, true
		})},
	} {
		got, err := tokenizer.FromGGUF(c.m)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if d := cmp.Diff(c.want, got, cmpopts.IgnoreUnexported(tokenizer.Vocab{})); d != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, d)
		}
	}
	for name, m := range map[string]metadata{
		"no tokenizer": {},
		"wrong type":   {"tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": "a"},
	} {
		if _, err := tokenizer.FromGGUF(m); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestNewFaults gives New vocabularies that are damaged: it refuses them or
// says what it passed over.
func TestNewFaults(t *testing.T) {
	change := func(f func(*tokenizer.Vocab)) tokenizer.Vocab {
		v := byteLevel([]string{"a b"}, map[string]int32{"<|im_end|>": tokenizer.Control})
		f(&v)
		return v
	}
	nan := float32(math.NaN())
	spm := func(f func(*tokenizer.Vocab)) tokenizer.Vocab {
		v := sentencePiece("▁", "a", "▁a")
		f(&v)
		return v
	}
	for _, c := range []struct {
		name   string
		v      tokenizer.Vocab
		err    string
		notice string
	}{
		{"other kind", change(func(v *tokenizer.Vocab) { v.Model = "bert" }), "not supported", ""},
		{"no tokens", change(func(v *tokenizer.Vocab) { v.Tokens = nil }), "no tokens", ""},
		{"few types", change(func(v *tokenizer.Vocab) { v.Types = v.Types[:3] }), "token types", ""},
		{"many scores", change(func(v *tokenizer.Vocab) { v.Scores = make([]float32, 9999) }), "scores", ""},
		{"no bytes", change(func(v *tokenizer.Vocab) { v.Tokens, v.Types = []string{"xyz"}, nil }), "stands for a byte", ""},
		{"fine", change(func(*tokenizer.Vocab) {}), "", ""},
		{"unknown pre", change(func(v *tokenizer.Vocab) { v.Pre = "nobody" }), "", `unknown way, "nobody"; GPT-4`},
		{"no pre", change(func(v *tokenizer.Vocab) { v.Pre = "" }), "", "does not say how text is split"},
		{"merges with missing parts", change(func(v *tokenizer.Vocab) { v.Merges = []string{"a b", "", " ", "a", "a ", " b", "a c", "zz b"} }), "", "are skipped: 7 of 8 (first: \"\")"},
		{"cyclic merges", change(func(v *tokenizer.Vocab) { v.Merges = slices.Repeat([]string{"a b"}, 5) }), "", ""},
		{"no merges", change(func(v *tokenizer.Vocab) { v.Merges = nil }), "", "no merges"},
		{"duplicates", change(func(v *tokenizer.Vocab) { v.Tokens[256+1] = "a" }), "", "text of an earlier token are not used to encode text: 1 of 258."},
		{"missing letter", change(func(v *tokenizer.Vocab) { v.Tokens['q'] = "" }), "", "left out of what is encoded: 1 of 96."},
		{"ids out of range", change(func(v *tokenizer.Vocab) { v.EOS, v.BOS = 1<<30, -7 }), "", "are ignored: BOS -7, EOS 1073741824."},
		{"long special", change(func(v *tokenizer.Vocab) { v.Tokens[257] = strings.Repeat("x", 1<<20) }), "", "too long are not looked for in text: 1 of 1."},
		{"BOS wanted", change(func(v *tokenizer.Vocab) { v.AddBOS, v.AddEOS = true, true }), "", "wants a BOS token"},
		{"NaN", spm(func(v *tokenizer.Vocab) { v.Scores[260] = nan }), "", "not numbers join last: 1 of "},
		{"negative byte", spm(func(v *tokenizer.Vocab) { v.Tokens[10], v.Tokens[11] = "<0x-1>", "<0x-2>" }), "", `are never produced: 2 of 262 (first: "<0x-1>")`},
		{"bad digits", spm(func(v *tokenizer.Vocab) { v.Tokens[10] = "<0xZZ>" }), "", `1 of 262 (first: "<0xZZ>")`},
	} {
		tok, err := tokenizer.New(c.v)
		switch {
		case c.err != "":
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want one with %q", c.name, err, c.err)
			}
			continue
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		said := ""
		for _, n := range tok.Notices() {
			said += n.String() + "\n"
		}
		if (c.notice == "") != (said == "") || !strings.Contains(said, c.notice) {
			t.Errorf("%s: it says %q, want %q", c.name, said, c.notice)
		}
		tok.Encode(nil, "abcq <|im_end|> \xff\x00", tokenizer.Options{AddSpecial: true, ParseSpecial: true})
	}
}

func TestIDs(t *testing.T) {
	v := byteLevel([]string{"a b"}, map[string]int32{
		"<|im_end|>": tokenizer.Control, "<|im_start|>": tokenizer.Control, "<|eot_id|>": tokenizer.Normal, "</s>": tokenizer.Normal,
	})
	v.EOS = int32(slices.Index(v.Tokens, "<|im_start|>"))
	tok := build(t, v)
	for text, want := range map[string][2]bool{ // control, ends
		"<|im_end|>": {true, true}, "<|im_start|>": {true, true}, "<|eot_id|>": {true, true}, "</s>": {false, false}, "ab": {false, false},
	} {
		id, ok := tok.ID(text)
		if got := [2]bool{tok.IsControl(id), tok.IsEOG(id)}; !ok || got != want || tok.Text(id) != text || string(tok.Piece(id)) != text {
			t.Errorf("%q: id %d %v, (control, end) = %v, want %v; text %q, piece %q", text, id, ok, got, want, tok.Text(id), tok.Piece(id))
		}
	}
	for _, id := range []int32{-1, math.MinInt32, math.MaxInt32, int32(tok.Size())} {
		if tok.Piece(id) != nil || tok.Text(id) != "" || tok.IsControl(id) || tok.IsEOG(id) || tok.Decode([]int32{id}) != "" {
			t.Errorf("id %d is not in the vocabulary but has properties", id)
		}
	}
	if _, ok := tok.ID("nothing"); ok {
		t.Error("ID finds a token that does not exist")
	}
	if got := string(tok.Piece('\n')); got != "\n" {
		t.Errorf("piece of the newline byte is %q", got)
	}
}
