package tokenizer_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"lumi/llm/tokenizer"
)

// hfCase is a text with what Hugging Face's tokenizers makes of it.
type hfCase struct {
	Text        string   `json:"text"`
	IDs         []int32  `json:"ids"`
	WithSpecial []int32  `json:"ids_with_special"` // absent where it is the same
	Decoded     string   `json:"decoded"`
	Skipped     *string  `json:"decoded_skip_special"`
	TokenBytes  []string `json:"token_bytes"`
}

func readCases(t testing.TB, path string) []hfCase {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Cases []hfCase `json:"cases"`
	}
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Cases) == 0 {
		t.Fatalf("%s has no cases", path)
	}
	return f.Cases
}

func openFile(t testing.TB, path string) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// checkCases compares ids, ids with special tokens and decoded texts, the last
// also token by token.
func checkCases(t *testing.T, tok *tokenizer.Tokenizer, cases []hfCase) {
	t.Helper()
	for _, c := range cases {
		got := tok.Encode(nil, c.Text, tokenizer.Options{ParseSpecial: true})
		if !slices.Equal(got, c.IDs) {
			t.Errorf("Encode(%.80q) = %q, want %q", c.Text, texts(tok, got), texts(tok, c.IDs))
		}
		want := c.WithSpecial
		if want == nil {
			want = c.IDs
		}
		if got := tok.Encode(nil, c.Text, tokenizer.Options{ParseSpecial: true, AddSpecial: true}); !slices.Equal(got, want) {
			t.Errorf("Encode(%.80q) with special tokens = %q, want %q", c.Text, texts(tok, got), texts(tok, want))
		}
		if d := tok.Decode(c.IDs); d != c.Decoded {
			t.Errorf("Decode(%v) = %.80q, want %.80q", c.IDs, d, c.Decoded)
		}
		if c.Skipped != nil {
			plain := slices.DeleteFunc(slices.Clone(c.IDs), tok.IsControl)
			if d := tok.Decode(plain); d != *c.Skipped {
				t.Errorf("Decode(%v) = %.80q, want %.80q", plain, d, *c.Skipped)
			}
		}
		var streamed strings.Builder
		d := tok.NewDecoder(false)
		for _, id := range c.IDs {
			streamed.WriteString(d.Push(id))
		}
		streamed.WriteString(d.Flush())
		if streamed.String() != c.Decoded {
			t.Errorf("streamed %v = %.80q, want %.80q", c.IDs, streamed.String(), c.Decoded)
		}
	}
}

// TestTokenizerJSON compares with the reference encodings of whole files.
func TestTokenizerJSON(t *testing.T) {
	for _, c := range []struct{ file, encodings string }{
		{"tokenizers/llama3_1", "tokenizers/llama3_1/encodings.json"},
		{"tokenizers/qwen3", "tokenizers/qwen3/encodings.json"},
		{"tokenizers/qwen3", "more/tokenizers/qwen3.json"},
		{"tokenizers/mistral-v0.1", "tokenizers/mistral-v0.1/encodings.json"},
		{"tokenizers/mistral-v0.1", "more/tokenizers/mistral.json"},
		{"tokenizers/tiny-bpe/tokenizer.json", "tokenizers/tiny-bpe/encodings.json"},
		{"models/gemma2", "tokenizers/tiny-bpe/encodings.json"},
	} {
		t.Run(c.encodings, func(t *testing.T) {
			tok := openFile(t, conformance(t, c.file))
			if n := tok.Notices(); len(n) > 0 {
				t.Errorf("unexpected notices: %s", n)
			}
			checkCases(t, tok, readCases(t, conformance(t, c.encodings)))
		})
	}
}

// unpack reads a file of testdata, which is kept compressed.
func unpack(t testing.TB, name string) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// unpacked is the path of such a file, unpacked.
func unpacked(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, unpack(t, name), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOtherFamilies compares with encodings by Hugging Face's tokenizers of a
// WordPiece file in BERT's form and a Unigram file in T5's.
func TestOtherFamilies(t *testing.T) {
	for _, name := range []string{"wordpiece", "unigram"} {
		t.Run(name, func(t *testing.T) {
			checkCases(t, openFile(t, unpacked(t, name+".json")), readCases(t, filepath.Join("testdata", name+"-encodings.json")))
		})
	}
}

// TestSentencePiece compares with encodings by SentencePiece itself.
func TestSentencePiece(t *testing.T) {
	check := func(t *testing.T, path, encodings string) {
		tok := openFile(t, path)
		for _, c := range readCases(t, filepath.Join("testdata", encodings)) {
			// SentencePiece writes an unknown character as " ⁇ ", and takes its
			// own visible space for a space.
			got := tok.Encode(nil, c.Text, tokenizer.Options{})
			if !slices.Equal(got, c.IDs) {
				t.Errorf("Encode(%q) = %q, want %q", c.Text, texts(tok, got), texts(tok, c.IDs))
			}
			if d := tok.Decode(got); d != c.Decoded && !strings.Contains(c.Decoded, "⁇") {
				t.Errorf("Decode(%v) = %q, want %q", got, d, c.Decoded)
			}
		}
	}
	t.Run("unigram", func(t *testing.T) { check(t, unpacked(t, "uni.model"), "uni-encodings.json") })
	t.Run("bpe with squeezed spaces", func(t *testing.T) { check(t, unpacked(t, "spbpe.model"), "spbpe-encodings.json") })
	t.Run("stories260K", func(t *testing.T) {
		check(t, conformance(t, "seed", "stories260K", "tok512.model"), "tok512-encodings.json")
	})
}

// TestLlama2C compares llama2.c's form of a vocabulary with its GGUF form.
func TestLlama2C(t *testing.T) {
	tok := openFile(t, conformance(t, "seed", "stories260K", "tok512.bin"))
	same := load(t, conformance(t, "seed", "stories260K", "stories260K-f32.gguf"))
	for _, c := range readCases(t, filepath.Join("testdata", "tok512-encodings.json")) {
		o := tokenizer.Options{AddSpecial: true, ParseSpecial: true}
		got, want := tok.Encode(nil, c.Text, o), same.Encode(nil, c.Text, o)
		if !slices.Equal(got, want) {
			t.Errorf("Encode(%q) = %q, want %q", c.Text, texts(tok, got), texts(tok, want))
		}
		if d := tok.Decode(got); d != same.Decode(want) {
			t.Errorf("Decode(%v) = %q, want %q", got, d, same.Decode(want))
		}
	}
}

// TestConcurrentFamilies encodes with every family from several goroutines.
func TestConcurrentFamilies(t *testing.T) {
	for _, name := range []string{"wordpiece.json", "unigram.json", "spbpe.model"} {
		tok := openFile(t, unpacked(t, name))
		const text = "the unaffable model, é…"
		want := tok.Encode(nil, text, tokenizer.Options{})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 50 {
					if got := tok.Encode(nil, text, tokenizer.Options{}); !slices.Equal(got, want) {
						t.Errorf("%s: %v, want %v", name, got, want)
						return
					}
				}
			})
		}
		wg.Wait()
	}
}

// TestGGUF: what GGUF's keys cannot express is an error.
func TestGGUF(t *testing.T) {
	for name, want := range map[string]string{"wordpiece.json": "bert", "unigram.json": "t5"} {
		if _, err := openFile(t, unpacked(t, name)).Vocab().GGUF(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one that names %q", name, err, want)
		}
	}
	v, err := tokenizer.FromTokenizerJSON([]byte(`{"pre_tokenizer":{"type":"Sequence","pretokenizers":[
		{"type":"Split","pattern":{"Regex":"x"},"behavior":"Isolated"},{"type":"ByteLevel","use_regex":false}]},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.GGUF(); err == nil {
		t.Error("a pattern without a name in GGUF was expressed")
	}
	plain, err := openFile(t, conformance(t, "seed", "stories260K", "tok512.model")).Vocab().GGUF()
	if err != nil || !plain.AddSpacePrefix || plain.Scores == nil {
		t.Errorf("a SentencePiece model: %v, prefix %v", err, plain.AddSpacePrefix)
	}
}
