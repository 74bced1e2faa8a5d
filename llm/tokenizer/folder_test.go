package tokenizer_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lumi/llm/tokenizer"
)

// folder writes files into a new folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// families are the special tokens of published models, and those of them that
// end a turn whatever the other files say.
var families = []struct {
	name, eos string
	special   string
	ends      string
}{
	{"Llama 3", "<|end_of_text|>", "<|begin_of_text|> <|end_of_text|> <|start_header_id|> <|end_header_id|> <|eom_id|> <|eot_id|>", "<|end_of_text|> <|eom_id|> <|eot_id|>"},
	{"Mistral", "</s>", "<s> </s> [INST] [/INST]", "</s>"},
	{"Qwen", "<|im_end|>", "<|endoftext|> <|im_start|> <|im_end|>", "<|endoftext|> <|im_end|>"},
	{"Gemma", "<eos>", "<bos> <eos> <start_of_turn> <end_of_turn>", "<eos> <end_of_turn>"},
	{"Phi-3", "<|endoftext|>", "<|endoftext|> <|user|> <|assistant|> <|end|>", "<|endoftext|> <|end|>"},
	{"Granite", "<|end_of_text|>", "<|end_of_text|> <|start_of_role|> <|end_of_role|>", "<|end_of_text|>"},
	{"OLMo 2", "<|endoftext|>", "<|endoftext|> <|pad|>", "<|endoftext|>"},
	{"SmolLM3", "<|im_end|>", "<|begin_of_text|> <|end_of_text|> <|im_start|> <|im_end|>", "<|end_of_text|> <|im_end|>"},
}

// familyJSON is a tokenizer.json with special tokens, from id 1 on.
func familyJSON(special string) string {
	var added []string
	for i, text := range strings.Fields(special) {
		added = append(added, `{"id":`+string(rune('1'+i))+`,"content":"`+text+`","special":true}`)
	}
	return `{"added_tokens":[` + strings.Join(added, ",") + `],"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}`
}

// TestEndings: every end-of-turn token of a family ends an answer, also those
// that only generation_config.json lists.
func TestEndings(t *testing.T) {
	for _, f := range families {
		tok := openFile(t, folder(t, map[string]string{
			"tokenizer.json":        familyJSON(f.special),
			"tokenizer_config.json": `{"eos_token": {"content": "` + f.eos + `"}}`,
		}))
		var got []string
		for _, text := range strings.Fields(f.special) {
			if id, ok := tok.ID(text); ok && tok.IsEOG(id) {
				got = append(got, text)
			}
		}
		if g := strings.Join(got, " "); g != f.ends {
			t.Errorf("%s: %s end an answer, want %s", f.name, g, f.ends)
		}
		if tok.Text(tok.Vocab().EOS) != f.eos {
			t.Errorf("%s: EOS is %q", f.name, tok.Text(tok.Vocab().EOS))
		}
	}
	tok := openFile(t, folder(t, map[string]string{
		"tokenizer.json":         familyJSON("<x> <y> <z> <u>"),
		"generation_config.json": `{"eos_token_id": [2, 4, 99], "bos_token_id": 1}`,
		"config.json":            `{"eos_token_id": 3, "bos_token_id": null}`,
	}))
	for id, want := range []bool{false, false, true, true, true} {
		if tok.IsEOG(int32(id)) != want {
			t.Errorf("token %d ends an answer: %v, want %v", id, !want, want)
		}
	}
	if v := tok.Vocab(); v.EOS != 2 || v.BOS != 1 {
		t.Errorf("EOS %d and BOS %d, want 2 and 1", v.EOS, v.BOS)
	}
}

// TestFolder checks what the files beside a tokenizer add to it.
func TestFolder(t *testing.T) {
	json := `{"added_tokens":[{"id":1,"content":"<s>","special":true},{"id":2,"content":"</s>","special":true}],
		"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
		"special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]}}},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}`
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []int32 // of "a<x>"
	}{
		{"as it is", nil, []int32{1, 0}},
		{"no BOS", map[string]string{"tokenizer_config.json": `{"add_bos_token": false, "bos_token": "<s>"}`}, []int32{0}},
		{"EOS too", map[string]string{"tokenizer_config.json": `{"add_eos_token": true, "eos_token": "</s>"}`}, []int32{1, 0, 2}},
		{"EOS by the map", map[string]string{
			"tokenizer_config.json": `{"add_eos_token": true}`, "special_tokens_map.json": `{"eos_token": {"content": "</s>"}}`,
		}, []int32{1, 0, 2}},
		{"a token of the configuration", map[string]string{
			"tokenizer_config.json": `{"added_tokens_decoder": {"1": {"content": "<s>", "special": true}, "3": {"content": "<x>", "special": true}}}`,
		}, []int32{1, 0, 3}},
		{"a token of added_tokens.json", map[string]string{"added_tokens.json": `{"<x>": 5}`}, []int32{1, 0, 5}},
	} {
		files := map[string]string{"tokenizer.json": json}
		for name, text := range c.files {
			files[name] = text
		}
		tok := openFile(t, folder(t, files))
		if got := tok.Encode(nil, "a<x>", tokenizer.Options{AddSpecial: true, ParseSpecial: true}); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	for _, c := range []struct {
		files map[string]string
		want  string
	}{
		{nil, "no tokenizer.json"},
		{map[string]string{"tokenizer.json": "{}"}, "tokenizer.json"},
		{map[string]string{"tokenizer.json": json, "tokenizer_config.json": "["}, "tokenizer_config.json"},
		{map[string]string{"tokenizer.json": json, "generation_config.json": `{"eos_token_id": "x"}`}, "generation_config.json"},
		{map[string]string{"tokenizer.json": json, "tokenizer_config.json": `{"added_tokens_decoder": {"x": {"content": "<x>"}}}`}, "want an id"},
		{map[string]string{"tokenizer.json": json, "added_tokens.json": `{"<x>": 2000000000}`}, "2000000000"},
		{map[string]string{"tokenizer.model": "<html>"}, "tokenizer.model"},
		{map[string]string{"tokenizer.model": "IQ== 0\nIg== 1\n"}, "not Llama 3's"},
	} {
		dir := folder(t, c.files)
		if _, err := tokenizer.Open(dir); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("error %v, want one with %q and the folder", err, c.want)
		}
	}
}

// TestSentencePieceFolder: tokens that only the configuration knows, beside a
// tokenizer.model.
func TestSentencePieceFolder(t *testing.T) {
	dir := folder(t, map[string]string{
		"tokenizer.model":       string(unpack(t, "spbpe.model")),
		"tokenizer_config.json": `{"add_bos_token": false, "bos_token": "<s>", "eos_token": "<|end|>", "added_tokens_decoder": {"1000": {"content": "<|end|>", "special": true}}}`,
	})
	tok := openFile(t, dir)
	ids := tok.Encode(nil, "the<|end|>", tokenizer.Options{AddSpecial: true, ParseSpecial: true})
	if n := len(ids); n == 0 || ids[n-1] != 1000 || !tok.IsEOG(1000) || ids[0] == tok.Vocab().BOS {
		t.Errorf("%v = %q", ids, texts(tok, ids))
	}
}
