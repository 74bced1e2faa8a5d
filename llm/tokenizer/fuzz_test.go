package tokenizer_test

import (
	"strings"
	"testing"

	"lumi/llm/tokenizer"
)

// FuzzEncode checks that no text breaks the encoder and that byte-level tokens
// keep all of it.
func FuzzEncode(f *testing.F) {
	extra := map[string]int32{"<|im_end|>": tokenizer.Control, "<b>": tokenizer.UserDefined, "\n\n": tokenizer.UserDefined}
	bpe := byteLevel([]string{"a a", "aa aa", "Ġ t", "h e", "Ġt he", "Ã ©"}, extra)
	var all []*tokenizer.Tokenizer
	for _, pre := range []string{"gpt-2", "llama-bpe", "qwen35", "gpt-4o", "default", "deepseek-llm", "tiny_aya"} {
		v := bpe
		v.Pre = pre
		all = append(all, build(f, v))
	}
	spm := build(f, sentencePiece("▁", "t", "h", "e", "▁t", "he", "▁the", "▁▁", "<", "s"))
	f.Add("the  the <|im_end|>\n\n é <b>", true)
	f.Add("\xff\x00\xed\xa0\x80 123 I'LL", false)
	f.Add(strings.Repeat("a", 300), false)
	f.Fuzz(func(t *testing.T, text string, parse bool) {
		o := tokenizer.Options{ParseSpecial: parse}
		for _, tok := range all {
			var got []byte
			for _, id := range tok.Encode(nil, text, o) {
				got = append(got, tok.Piece(id)...)
			}
			if string(got) != text {
				t.Fatalf("%q became %q", text, got)
			}
		}
		var got []byte
		for _, id := range spm.Encode(nil, text, tokenizer.Options{}) {
			got = append(got, spm.Piece(id)...)
		}
		// SentencePiece cannot tell its visible space from a space.
		want := strings.ReplaceAll(text, "▁", " ")
		if text != "" {
			want = " " + want
		}
		if string(got) != want {
			t.Fatalf("%q became %q, want %q", text, got, want)
		}
		o.Guard, o.AddSpecial = '\ue000', true
		spm.Encode(nil, text, o)
	})
}

// FuzzNew builds tokenizers of arbitrary vocabularies, whose tokens, types and
// merges are the lines of a text.
func FuzzNew(f *testing.F) {
	f.Add("a\nb\nab\n<0x41>\n<0xZZ>\n", "a b\n\n b\na ", []byte{1, 1, 1, 6, 6}, "gpt-2", int32(0), "abab A")
	f.Add("<s>\n▁\na\n▁a\n</s>\n<|tool_response>", "", []byte{3, 1, 1, 1, 3}, "", int32(-9), "a a</s>")
	f.Add("<|end|>\n<|call|>\n<|return|>\naa\na", "a a\naa a", []byte{3, 3, 3, 4}, "default", int32(9), "<|end|>aaaa")
	f.Fuzz(func(t *testing.T, tokens, merges string, types []byte, pre string, special int32, text string) {
		v := tokenizer.Vocab{
			Pre: pre, Tokens: strings.Split(tokens, "\n"), Merges: strings.Split(merges, "\n"),
			BOS: special, EOS: -special, EOT: special + 1, EOM: -1, UNK: special / 2, PAD: -1,
			AddBOS: true, AddEOS: special&1 == 0, AddSpacePrefix: special&2 == 0, TrimAfterControl: special&4 == 0,
		}
		for i := range v.Tokens {
			kind, score := int32(0), float32(0)
			if i < len(types) {
				kind, score = int32(int8(types[i])), 100/float32(types[i]&^7)
			}
			v.Types = append(v.Types, kind)
			v.Scores = append(v.Scores, score)
		}
		for _, v.Model = range []string{tokenizer.ByteLevel, tokenizer.SentencePiece} {
			tok, err := tokenizer.New(v)
			if err != nil {
				continue
			}
			ids := tok.Encode(nil, text+tokens, tokenizer.Options{AddSpecial: true, ParseSpecial: true})
			for _, id := range ids {
				if id < 0 || int(id) >= tok.Size() {
					t.Fatalf("id %d of %d tokens", id, tok.Size())
				}
			}
			var streamed strings.Builder
			d := tok.NewDecoder(false)
			for _, id := range ids {
				streamed.WriteString(d.Push(id))
			}
			streamed.WriteString(d.Flush())
			if whole := tok.Decode(ids); whole != streamed.String() {
				t.Fatalf("streamed %q, whole %q", streamed.String(), whole)
			}
		}
	})
}

// exercise encodes and decodes with a tokenizer from a file of unknown origin:
// ids must be tokens, and a text streamed is the text as a whole.
func exercise(t *testing.T, tok *tokenizer.Tokenizer, text string) {
	for _, o := range []tokenizer.Options{{}, {AddSpecial: true, ParseSpecial: true}, {ParseSpecial: true, Guard: '\ufdd0'}} {
		ids := tok.Encode(nil, text, o)
		for _, id := range ids {
			if id < 0 || int(id) >= tok.Size() {
				t.Fatalf("id %d of %d tokens", id, tok.Size())
			}
		}
		for _, continues := range []bool{false, true} {
			d := tok.NewDecoder(continues)
			var streamed strings.Builder
			for _, id := range ids {
				streamed.WriteString(d.Push(id))
			}
			streamed.WriteString(d.Flush())
			if whole := tok.Decode(ids); !continues && whole != streamed.String() {
				t.Fatalf("streamed %q, whole %q", streamed.String(), whole)
			}
		}
	}
}

func FuzzTokenizerJSON(f *testing.F) {
	for _, c := range jsonFaults {
		f.Add(c.json, "Hello <a> é\n")
	}
	for _, c := range jsonPipelines {
		f.Add(c.json, c.text)
	}
	f.Fuzz(func(t *testing.T, json, text string) {
		v, err := tokenizer.FromTokenizerJSON([]byte(json))
		if err != nil {
			return
		}
		tok, err := tokenizer.New(v)
		if err != nil {
			return
		}
		exercise(t, tok, text)
	})
}

func FuzzSentencePiece(f *testing.F) {
	for _, name := range []string{"uni.model", "spbpe.model"} {
		f.Add(unpack(f, name)[:600], "Hello  é…") // tables of replacements are too long to mutate
	}
	f.Add([]byte("\x0a\x05\x0a\x01a\x15\x00\x00\x80\xbf\x12\x02\x18\x02\x1a\x04\x20\x00\x28\x01"), "a a")
	f.Add([]byte("YQ== 0\nYg== 1\nYWI= 2\n"), "ab<|im_end|>")
	f.Add([]byte(`{"a": 0, "b": 1, "ab": 2}`), "ab<|im_end|>")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		for _, read := range []func([]byte) (tokenizer.Vocab, error){
			tokenizer.FromSentencePiece, tokenizer.FromLlama2C, tokenizer.FromTiktoken, tokenizer.FromLlama3, tokenizer.FromRanks,
		} {
			v, err := read(data)
			if err != nil {
				continue
			}
			tok, err := tokenizer.New(v)
			if err != nil {
				continue
			}
			exercise(t, tok, text)
		}
	})
}
