package tokenizer_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"lumi/llm/tokenizer"
)

func TestDecodeReplacesWhatIsNoText(t *testing.T) {
	tok := build(t, byteLevel(nil, nil))
	for _, c := range []struct{ bytes, want string }{
		{"abc", "abc"},
		{"\xe2\x82\xac", "€"},
		{"\xe2\x82", "\ufffd"},                 // cut at the end
		{"\xe2\x82A", "\ufffdA"},               // cut by other text
		{"\xe2\xe2\x82\xac", "\ufffd€"},        // cut by a character
		{"\xff\xfe", "\ufffd\ufffd"},           // never in UTF-8
		{"\xed\xa0\x80", "\ufffd\ufffd\ufffd"}, // surrogate
		{"\xc0\x80", "\ufffd\ufffd"},           // overlong
		{"\xf0\x90\x80A", "\ufffdA"},
		{"\xf0\x80\x80A", "\ufffd\ufffd\ufffdA"},
		{"\xf5\x80", "\ufffd\ufffd"},
		{"\x00\ufffd", "\x00\ufffd"},
	} {
		var ids []int32
		for _, b := range []byte(c.bytes) {
			ids = append(ids, int32(b))
		}
		if got := tok.Decode(ids); got != c.want {
			t.Errorf("Decode of bytes %q = %q, want %q", c.bytes, got, c.want)
		}
	}
}

// TestDecoder streams random tokens: the texts are whole characters and
// together what Decode makes of all of them.
func TestDecoder(t *testing.T) {
	for name, tok := range map[string]*tokenizer.Tokenizer{
		"byte-level":    build(t, byteLevel([]string{"ð Ł", "â Ĥ", "Ĥ ¬"}, map[string]int32{"<|x|>": tokenizer.Control})),
		"sentencepiece": build(t, sentencePiece("▁", "▁▁", "▁a", "é", "😀")),
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				ids := rapid.SliceOfN(rapid.Int32Range(-1, int32(tok.Size())), 0, 20).Draw(t, "ids")
				want := tok.Decode(ids)
				d := tok.NewDecoder(false)
				var got strings.Builder
				for _, id := range ids {
					text := d.Push(id)
					if !utf8.ValidString(text) {
						t.Fatalf("Push returned %q", text)
					}
					got.WriteString(text)
				}
				got.WriteString(d.Flush())
				if got.String() != want {
					t.Fatalf("streamed %q, whole %q", got.String(), want)
				}
				if again := d.Flush(); again != "" {
					t.Fatalf("second Flush returned %q", again)
				}
			})
		})
	}
}

func TestDecoderHoldsHalfCharacters(t *testing.T) {
	tok := build(t, byteLevel(nil, nil))
	d := tok.NewDecoder(false)
	for i, want := range []string{"", "", "", "😀", ""} {
		if got := d.Push(int32("😀\xe2"[i])); got != want {
			t.Errorf("after byte %d: %q, want %q", i, got, want)
		}
	}
	if got := d.Flush(); got != "\ufffd" {
		t.Errorf("Flush = %q", got)
	}
}

func TestLeadingSpace(t *testing.T) {
	tok := build(t, sentencePiece("▁", "h", "i", "hi", "▁hi"))
	ids := tok.Encode(nil, "hi hi", tokenizer.Options{})
	if got := tok.Decode(ids); got != "hi hi" {
		t.Errorf("Decode(Encode) = %q", got)
	}
	if got := tok.NewDecoder(true).Push(ids[0]); got != " hi" {
		t.Errorf("a decoder that continues a text drops the space: %q", got)
	}
	if got := tok.Decode(tok.Encode(nil, "  hi", tokenizer.Options{})); got != "  hi" {
		t.Errorf("own leading spaces: %q", got)
	}
}

// TestReferenceDecoding compares texts and the bytes of tokens with other
// software's, for every split of each sequence.
func TestReferenceDecoding(t *testing.T) {
	tok := load(t, conformance(t, "vocab", "ggml-vocab-gpt-2.gguf"))
	checked := 0
	for _, c := range readEncodings(t, conformance(t, "more", "tokenizers", "gpt2.json")).Cases {
		for k := range c.IDs {
			if got := tok.Decode(c.IDs[:k]) + ""; !strings.HasPrefix(c.Decoded, strings.TrimRight(got, "\ufffd")) {
				t.Fatalf("Decode of the first %d tokens of %q = %q", k, c.Text, got)
			}
		}
		for i, hex := range c.TokenBytes {
			checked++
			if got := hexOf(tok.Piece(c.IDs[i])); got != hex {
				t.Errorf("piece of token %d is %s, want %s", c.IDs[i], got, hex)
			}
		}
	}
	if checked == 0 {
		t.Error("the reference has no bytes of tokens")
	}
}
