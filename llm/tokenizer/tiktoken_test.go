package tokenizer_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"lumi/llm/tokenizer"
)

// ranks is the vocabulary in tiktoken's form, up to a special token.
func ranks(tok *tokenizer.Tokenizer, special string) string {
	var file strings.Builder
	for id := int32(0); tok.Text(id) != special; id++ {
		fmt.Fprintf(&file, "%s %d\n", base64.StdEncoding.EncodeToString(tok.Piece(id)), id)
	}
	return file.String()
}

// TestTiktoken writes Qwen 3's vocabulary in tiktoken's form, without merges:
// it must give the reference's ids of all texts without special tokens.
func TestTiktoken(t *testing.T) {
	same := openFile(t, conformance(t, "tokenizers", "qwen3"))
	tok := openFile(t, folder(t, map[string]string{"qwen.tiktoken": ranks(same, "<|endoftext|>")}))
	for _, c := range readCases(t, conformance(t, "tokenizers", "qwen3", "encodings.json")) {
		if strings.Contains(c.Text, "<think>") { // special in Qwen 3 only
			continue
		}
		got := tok.Encode(nil, c.Text, tokenizer.Options{ParseSpecial: true})
		if !slices.Equal(got, c.IDs) {
			t.Errorf("Encode(%.80q) = %q, want %q", c.Text, texts(tok, got), texts(same, c.IDs))
		}
		if d := tok.Decode(got); d != c.Decoded {
			t.Errorf("Decode(%v) = %.80q, want %.80q", got, d, c.Decoded)
		}
	}
	for _, text := range []string{"<|endoftext|>", "<|im_end|>"} {
		if id, ok := tok.ID(text); !ok || !tok.IsEOG(id) {
			t.Errorf("%s does not end an answer", text)
		}
	}
	if v, err := tok.Vocab().GGUF(); err != nil || v.Pre != "qwen2" {
		t.Errorf("in GGUF: %q, %v", v.Pre, err)
	}
}

// TestLlama3 writes Llama 3.1's vocabulary as Meta's own file has it, which is
// that of Llama 3.
func TestLlama3(t *testing.T) {
	same := openFile(t, conformance(t, "tokenizers", "llama3_1"))
	tok := openFile(t, folder(t, map[string]string{"tokenizer.model": ranks(same, "<|begin_of_text|>")}))
	if n := tok.Notices(); len(n) > 0 || tok.Size() != 128256 {
		t.Errorf("%d tokens, notices %v", tok.Size(), n)
	}
	for _, c := range readCases(t, conformance(t, "tokenizers", "llama3_1", "encodings.json")) {
		got := tok.Encode(nil, c.Text, tokenizer.Options{ParseSpecial: true})
		if !slices.Equal(got, c.IDs) {
			t.Errorf("Encode(%.80q) = %q, want %q", c.Text, texts(tok, got), texts(same, c.IDs))
		}
	}
	if got := tok.Encode(nil, "a", tokenizer.Options{AddSpecial: true}); len(got) != 2 || tok.Text(got[0]) != "<|begin_of_text|>" {
		t.Errorf("a text begins with %q", texts(tok, got))
	}
	for _, text := range []string{"<|end_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|begin_of_text|>", "<|reserved_special_token_247|>"} {
		id, ok := tok.ID(text)
		if want, _ := same.ID(text); !ok || text[2] != 'r' && id != want || !tok.IsControl(id) {
			t.Errorf("%s is %d, %v; want %d", text, id, ok, want)
		}
	}
}

// TestRanks writes Qwen 3's vocabulary as a vocab.json, without merges.
func TestRanks(t *testing.T) {
	same := openFile(t, conformance(t, "tokenizers", "qwen3"))
	ids := map[string]int32{}
	for id := int32(0); same.Text(id) != "<|endoftext|>"; id++ {
		ids[same.Text(id)] = id
	}
	file, err := json.Marshal(ids)
	if err != nil {
		t.Fatal(err)
	}
	v, err := tokenizer.FromRanks(file)
	if err != nil {
		t.Fatal(err)
	}
	tok, err := tokenizer.New(v)
	if err != nil {
		t.Fatal(err)
	}
	if n := tok.Notices(); len(n) > 0 || tok.Size() != len(ids)+3 {
		t.Errorf("%d tokens, notices %v", tok.Size(), n)
	}
	for _, c := range readCases(t, conformance(t, "tokenizers", "qwen3", "encodings.json")) {
		if strings.Contains(c.Text, "<think>") { // special in Qwen 3 only
			continue
		}
		if got := tok.Encode(nil, c.Text, tokenizer.Options{ParseSpecial: true}); !slices.Equal(got, c.IDs) {
			t.Errorf("Encode(%.80q) = %q, want %q", c.Text, texts(tok, got), texts(same, c.IDs))
		}
	}
}

func TestFaultyRanks(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"", "no object of ids"},
		{"[1]", "no object of ids"},
		{"{}", "no tokens"},
		{`{"a": 1}`, "has the id 1"},
		{`{"a": 0, "b": -1}`, "has the id -1"},
		{`{"a": 0, "b": 0}`, "two tokens have the id 0"},
		{`{"": 0}`, "0 bytes"},
	} {
		if _, err := tokenizer.FromRanks([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want one with %q", c.data, err, c.want)
		}
	}
}

func TestPad(t *testing.T) {
	v := tokenizer.Vocab{Tokens: []string{"a", "b"}, Scores: []float32{1, 2}}
	v.Pad(1)
	if len(v.Tokens) != 2 || v.Types != nil {
		t.Errorf("two tokens became %q, %v", v.Tokens, v.Types)
	}
	v.Pad(4)
	want := tokenizer.Vocab{
		Tokens: []string{"a", "b", "[PAD2]", "[PAD3]"}, Scores: []float32{1, 2, 0, 0},
		Types: []int32{tokenizer.Normal, tokenizer.Normal, tokenizer.Unused, tokenizer.Unused},
	}
	if !slices.Equal(v.Tokens, want.Tokens) || !slices.Equal(v.Types, want.Types) || !slices.Equal(v.Scores, want.Scores) {
		t.Errorf("%q, %v, %v", v.Tokens, v.Types, v.Scores)
	}
}

func TestFaultyTiktoken(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"", "no tokens"},
		{"<html>\n", "line 1"},
		{"YQ== 0\nYg==\n", "line 2"},
		{"YQ== 0\nYg== 7\n", "rank 7"},
		{"YQ== 0\n%% 1\n", "line 2"},
		{base64.StdEncoding.EncodeToString(make([]byte, 1000)) + " 0", "1000 bytes"},
	} {
		if _, err := tokenizer.FromTiktoken([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want one with %q", c.data, err, c.want)
		}
	}
}
