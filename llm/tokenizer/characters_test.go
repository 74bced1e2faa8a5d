package tokenizer_test

import (
	"strings"
	"testing"

	"lumi/llm/tokenizer"
)

// characters is a small GGUF vocabulary whose merges join characters: control
// tokens, a few letters, then the bytes.
func characters(model, pre string) metadata {
	tokens := []string{"<bos>", "<eos>", "<|turn>", "a", "b", "\n", "▁", "\n\n", "\n\n\n", "▁a", "ab", "▁ab", "a▁", "ba"}
	kinds := []int64{3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	for _, text := range sentencePiece().Tokens[3:] {
		tokens, kinds = append(tokens, text), append(kinds, int64(tokenizer.Byte))
	}
	return metadata{
		"tokenizer.ggml.model": model, "tokenizer.ggml.pre": pre,
		"tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": kinds,
		"tokenizer.ggml.merges":       []string{"a ▁", "a b", "▁ ab", "▁ a", "b a"},
		"tokenizer.ggml.bos_token_id": uint64(0), "tokenizer.ggml.eos_token_id": uint64(1),
	}
}

// TestCharacterMerges: some byte-pair vocabularies in GGUF join characters.
func TestCharacterMerges(t *testing.T) {
	for _, c := range []struct {
		model, pre, text, want string
		key                    string // set to true or, with !, to false
	}{
		{"gemma4", "", "ab a\n\n\nb", "<bos> ab ▁a \n\n\n b", ""},
		{"gemma4", "gemma4", "a b", "<bos> a▁ b", "!add_bos_token"},
		{"gemma4", "x", "<|turn>a", "<bos> <|turn> a", "add_bos_token"},
		{"gpt2", "gemma4", "\n\n\n\n", "<bos> \n \n \n \n", ""},
		{"gpt2", "granite-embed-multi-311m", "aé", "<bos> a <0xC3> <0xA9>", ""},
		{"gpt2", "sarvam-moe", "ab ab", "ab ▁ab", ""},
		{"gpt2", "sarvam-moe", "\n\n", "<bos> \n\n <eos>", "add_eos_token add_bos_token"},
		{"gpt2", "mmbert", "ab ba\n\na", "▁ab ▁ ba \n\n ▁a", ""},
	} {
		m := characters(c.model, c.pre)
		for key := range strings.FieldsSeq(c.key) {
			name, no := strings.CutPrefix(key, "!")
			m["tokenizer.ggml."+name] = !no
		}
		v, err := tokenizer.FromGGUF(m)
		if err != nil {
			t.Fatal(err)
		}
		tok := build(t, v)
		ids := tok.Encode(nil, c.text, tokenizer.Options{AddSpecial: true, ParseSpecial: true})
		if got := strings.Join(texts(tok, ids), " "); got != c.want {
			t.Errorf("%s %s: %q = %q, want %q", c.model, c.pre, c.text, got, c.want)
		}
		if c.pre != "mmbert" {
			plain := tok.Encode(nil, c.text, tokenizer.Options{ParseSpecial: true})
			if got := tok.Decode(plain); got != c.text {
				t.Errorf("%s %s: %q became %q", c.model, c.pre, c.text, got)
			}
		}
	}
	// The key has no meaning for SentencePiece's vocabularies.
	m := characters("llama", "gemma4")
	v, err := tokenizer.FromGGUF(m)
	if err != nil {
		t.Fatal(err)
	}
	if got := build(t, v).Vocab(); !got.AddSpacePrefix {
		t.Error("a SentencePiece vocabulary lost the space before a text")
	}
}

// TestMarkedWords: a mark at the end of words becomes the space between them.
func TestMarkedWords(t *testing.T) {
	v, err := tokenizer.FromTokenizerJSON([]byte(`{"decoder":{"type":"BPEDecoder"},"pre_tokenizer":{"type":"WhitespaceSplit"},
		"model":{"type":"BPE","end_of_word_suffix":"</w>","vocab":{"a":0,"b":1,"a</w>":2,"b</w>":3,"ab</w>":4},"merges":["a b</w>"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	tok := build(t, v)
	for text, want := range map[string]string{"": "", "a": "a", "ab  a\nba": "ab a ba"} {
		if got := tok.Decode(tok.Encode(nil, text, tokenizer.Options{})); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if _, err := v.GGUF(); err == nil || !strings.Contains(err.Error(), "edges of words") {
		t.Errorf("writing it as GGUF: %v", err)
	}
}
