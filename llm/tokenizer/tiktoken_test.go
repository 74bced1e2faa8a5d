package tokenizer_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"lumi/llm/tokenizer"
)

// TestTiktoken writes Qwen 3's vocabulary in tiktoken's form, without merges:
// it must give the reference's ids of all texts without special tokens.
func TestTiktoken(t *testing.T) {
	same := openFile(t, conformance(t, "tokenizers", "qwen3"))
	var file strings.Builder
	for id := int32(0); same.Text(id) != "<|endoftext|>"; id++ {
		fmt.Fprintf(&file, "%s %d\n", base64.StdEncoding.EncodeToString(same.Piece(id)), id)
	}
	tok := openFile(t, folder(t, map[string]string{"qwen.tiktoken": file.String()}))
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
