package tokenizer_test

import (
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"lumi/llm/notice"
	"lumi/llm/tokenizer"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// texts spells tokens as the vocabulary does.
func texts(tok *tokenizer.Tokenizer, ids []int32) []string {
	out := []string{}
	for _, id := range ids {
		out = append(out, tok.Text(id))
	}
	return out
}

func TestEncode(t *testing.T) {
	extra := map[string]int32{"<|im_end|>": tokenizer.Control, "<|im": tokenizer.Control, "<b>": tokenizer.UserDefined, "<unk>": tokenizer.Unknown}
	bpe := byteLevel([]string{"a a", "aa aa", "b c", "a b"}, extra)
	bpe.BOS, bpe.EOS = 0, 1
	bpe.AddBOS, bpe.AddEOS = true, true
	spm := sentencePiece("▁", "h", "e", "l", "o", "he", "ll", "hell", "hello", "▁hello", "s", "<", ">", "<s")
	const guard = '\ue000'
	plain, parse, add := tokenizer.Options{}, tokenizer.Options{ParseSpecial: true}, tokenizer.Options{AddSpecial: true}
	guarded := tokenizer.Options{ParseSpecial: true, Guard: guard}
	for _, c := range []struct {
		name string
		v    tokenizer.Vocab
		text string
		o    tokenizer.Options
		want string // tokens with a space between
	}{
		{"empty", bpe, "", plain, ""},
		{"empty with specials", bpe, "", add, "Ā ā"},
		{"leftmost of equal merges", bpe, "aaa", plain, "aa a"},
		{"merges in order of rank", bpe, "aaaaaabc", plain, "aaaa aa bc"},
		{"lower rank takes the letter", bpe, "abc", plain, "a bc"},
		{"control text is text", bpe, "<|im_end|>", plain, "< | i m _ e n d | >"},
		{"control text parsed, the longest", bpe, "a<|im_end|><|imb", parse, "a <|im_end|> <|im b"},
		{"user-defined always", bpe, "a<b>", plain, "a <b>"},
		{"unknown only when parsed", bpe, "<unk>", parse, "<unk>"},
		{"guard keeps text from being parsed", bpe, "<|im_\ue000end|>a\ue000b\ue000", tokenizer.Options{ParseSpecial: true, Guard: guard}, "<|im _ e n d | > ab"},
		{"guard inside the shorter one too", bpe, "<\ue000|im_\ue000end|>", guarded, "< | i m _ e n d | >"},
		{"only guards", bpe, "\ue000\ue000", guarded, ""},
		{"any bytes", bpe, "\x00\xff\xc3", plain, "Ā ÿ Ã"},

		{"space prefix", spm, "hello", plain, "▁hello"},
		{"prefix after a special token, once", spm, "hello<s>hello hello", parse, "▁hello <s> ▁hello ▁hello"},
		{"no prefix for nothing", spm, "", add, "<s>"},
		{"no prefix for guards only", spm, "<s>\ue000", guarded, "<s>"},
		{"fallback to bytes", spm, "é", plain, "▁ <0xC3> <0xA9>"},
		{"invalid UTF-8", spm, "\xffh", plain, "▁ <0xFF> h"},
		{"joins never make a control token", spm, "<s>", plain, "▁ <s >"},
		{"byte tokens' text is text", spm, "<0x41>", plain, "▁ < <0x30> <0x78> <0x34> <0x31> >"},
	} {
		tok := build(t, c.v)
		got := strings.Join(texts(tok, tok.Encode(nil, c.text, c.o)), " ")
		if got != c.want {
			t.Errorf("%s: Encode(%q) = %q, want %q", c.name, c.text, got, c.want)
		}
	}
}

func TestEncodeAppends(t *testing.T) {
	tok := build(t, byteLevel(nil, nil))
	got := tok.Encode([]int32{7}, "ab", tokenizer.Options{})
	if d := cmp.Diff([]int32{7, 'a', 'b'}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestUnknownWithoutBytes(t *testing.T) {
	v := sentencePiece("▁", "a")
	v.Tokens = slices.Concat(v.Tokens[:3], v.Tokens[259:])
	v.Types = slices.Concat(v.Types[:3], v.Types[259:])
	v.Scores = slices.Concat(v.Scores[:3], v.Scores[259:])
	tok := build(t, v)
	if got := strings.Join(texts(tok, tok.Encode(nil, "aéa", tokenizer.Options{})), " "); got != "▁ a <unk> a" {
		t.Errorf("got %q", got)
	}
}

func TestTrimAfterControl(t *testing.T) {
	v := sentencePiece("▁", "a", "▁a")
	v.Tokens = append(v.Tokens, "<|user|>")
	v.Types = append(v.Types, tokenizer.Control)
	v.Scores = append(v.Scores, 0)
	v.TrimAfterControl = true
	tok := build(t, v)
	if got := strings.Join(texts(tok, tok.Encode(nil, "<|user|> \n a<s> a", tokenizer.Options{ParseSpecial: true})), " "); got != "<|user|> ▁a <s> ▁ ▁a" {
		t.Errorf("got %q", got)
	}
}

// TestReferenceEncodings compares with Hugging Face's tokenizers on texts with
// special tokens in them.
func TestReferenceEncodings(t *testing.T) {
	gguf := func(elem ...string) tokenizer.Vocab { return loadVocab(t, conformance(t, elem...)) }
	json := func(name, pre string) tokenizer.Vocab {
		v, err := tokenizer.FromFolder(conformance(t, "tokenizers", name))
		if err != nil {
			t.Fatal(err)
		}
		if v, err = v.GGUF(); err != nil || v.Pre != pre {
			t.Fatalf("%s splits as %q, %v, want %q", name, v.Pre, err, pre)
		}
		return v
	}
	for _, c := range []struct {
		name, encodings string
		v               tokenizer.Vocab
		nfc             bool // the reference normalises; GGUF files do not say so
	}{
		{"gpt2", "more/tokenizers/gpt2.json", gguf("vocab", "ggml-vocab-gpt-2.gguf"), false},
		{"phi3", "more/tokenizers/phi3.json", gguf("vocab", "ggml-vocab-phi-3.gguf"), false},
		{"qwen2", "more/tokenizers/qwen2.json", gguf("vocab", "ggml-vocab-qwen2.gguf"), true},
		{"llama3", "tokenizers/llama3_1/encodings.json", gguf("vocab", "ggml-vocab-llama-bpe.gguf"), false},
		{"tiny", "tokenizers/tiny-bpe/encodings.json", gguf("models", "gemma2", "model-f32.gguf"), false},
		{"llama3 json", "tokenizers/llama3_1/encodings.json", json("llama3_1", "llama-bpe"), false},
		{"qwen3 json", "tokenizers/qwen3/encodings.json", json("qwen3", "qwen2"), true},
		{"mistral json", "tokenizers/mistral-v0.1/encodings.json", json("mistral-v0.1", ""), false},
		{"mistral more", "more/tokenizers/mistral.json", json("mistral-v0.1", ""), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			tok := build(t, c.v)
			for _, k := range readEncodings(t, conformance(t, c.encodings)).Cases {
				text := k.Text
				if c.nfc {
					text = norm.NFC.String(text)
				}
				got := tok.Encode(nil, text, tokenizer.Options{ParseSpecial: true})
				if !slices.Equal(got, k.IDs) {
					t.Errorf("Encode(%.80q) = %q, want %q", text, texts(tok, got), texts(tok, k.IDs))
				}
				if d := tok.Decode(k.IDs); d != k.Decoded {
					t.Errorf("Decode(%v) = %.80q, want %.80q", k.IDs, d, k.Decoded)
				}
			}
		})
	}
}

// naive joins the pair of lowest rank, of equals the leftmost, by definition.
func naive(v tokenizer.Vocab, text string) []string {
	rank := map[string]int{}
	for i, m := range v.Merges {
		if _, ok := rank[m]; !ok {
			rank[m] = i
		}
	}
	parts := []string{}
	for i := range len(text) {
		parts = append(parts, text[i:i+1])
	}
	for {
		best, at := len(v.Merges), -1
		for i := 0; i+1 < len(parts); i++ {
			if r, ok := rank[parts[i]+" "+parts[i+1]]; ok && r < best {
				best, at = r, i
			}
		}
		if at < 0 {
			return parts
		}
		parts = slices.Replace(parts, at, at+2, parts[at]+parts[at+1])
	}
}

// TestJoinsByDefinition checks short and long words of one letter class, for
// merges in any order, also one that no training would give.
func TestJoinsByDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		merges := rapid.Permutation([]string{"a a", "a b", "aa b", "b a", "ab ab", "aa aa", "b b", "ba a", "bb a", "aab a", "abab a", "aaaa aaaa"}).Draw(t, "merges")
		v := byteLevel(merges, nil)
		tok, err := tokenizer.New(v)
		if err != nil {
			t.Fatal(err)
		}
		text := rapid.StringMatching(`[ab]{1,200}`).Draw(t, "text")
		got := texts(tok, tok.Encode(nil, text, tokenizer.Options{}))
		if d := cmp.Diff(naive(v, text), got); d != "" {
			t.Fatalf("(-want +got)\n%s", d)
		}
	})
}

// TestEqualScores has only ties: joins go from left to right, in linear order.
func TestEqualScores(t *testing.T) {
	v := sentencePiece("▁", "a", "b", "aa", "ab", "aaa", "aab", "aaaa")
	for i := range v.Scores {
		v.Scores[i] = 0
	}
	v.AddSpacePrefix = false
	tok := build(t, v)
	for _, n := range []int{10, 100, 1 << 16} {
		got := tok.Decode(tok.Encode(nil, strings.Repeat("aaab", n), tokenizer.Options{}))
		if got != strings.Repeat("aaab", n) {
			t.Errorf("%d repeats: text changed", n)
		}
	}
	if got := strings.Join(texts(tok, tok.Encode(nil, strings.Repeat("a", 60), tokenizer.Options{})), " "); got != strings.TrimSpace(strings.Repeat("aaaa ", 15)) {
		t.Errorf("got %q", got)
	}
}

// TestRoundTrip: byte-level tokens keep every byte.
func TestRoundTrip(t *testing.T) {
	for _, pre := range []string{"default", "gpt-2", "llama-bpe", "qwen2", "smollm", "gpt-4o", "tekken", "deepseek-v3", "falcon", "superbpe"} {
		v := byteLevel([]string{"Ġ a", "a b", "Ċ Ċ", "1 2", "Ã ©"}, map[string]int32{"<|x|>": tokenizer.Control})
		v.Pre = pre
		tok := build(t, v)
		rapid.Check(t, func(t *rapid.T) {
			text := rapid.OneOf(
				rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
				rapid.String(),
				rapid.StringMatching(`([ab12 \n'!]|<\|x\|>|é){0,40}`),
			).Draw(t, "text")
			for _, parse := range []bool{false, true} {
				ids := tok.Encode(nil, text, tokenizer.Options{ParseSpecial: parse})
				if got := pieces(tok, ids); got != text {
					t.Fatalf("%s: %q became %q", pre, text, got)
				}
			}
		})
	}
}

// pieces are the bytes that tokens stand for.
func pieces(tok *tokenizer.Tokenizer, ids []int32) string {
	var b []byte
	for _, id := range ids {
		b = append(b, tok.Piece(id)...)
	}
	return string(b)
}

// TestLongWords: text without a space, of any bytes, is kept as it is, in time
// that does not grow by the square of its length: that would take hours.
func TestLongWords(t *testing.T) {
	spm := sentencePiece("▁", "a", "aa", "aaaa")
	spm.AddSpacePrefix = false
	for _, v := range []tokenizer.Vocab{byteLevel([]string{"a a", "aa aa", "aaaa aaaa"}, nil), spm} {
		tok := build(t, v)
		for _, text := range []string{
			strings.Repeat("a", 10<<20), "a" + strings.Repeat("é", 1<<19), strings.Repeat(" ", 1<<18),
			strings.Repeat("e\u0301", 1e5), strings.Repeat("\u0301", 1e5),
			strings.Repeat("\x00", 1<<18), strings.Repeat("\xff", 1<<18), strings.Repeat("\xed\xa0\x80", 1<<17), strings.Repeat("a\xc3", 1<<17),
		} {
			if pieces(tok, tok.Encode(nil, text, tokenizer.Options{})) != text {
				t.Errorf("%s: %d bytes of %.4q changed", v.Model, len(text), text)
			}
		}
	}
}

// TestMillionMerges: a list of a million merges, most of them of what other
// merges make, in no order that training would give; and one of as many that
// are damaged.
func TestMillionMerges(t *testing.T) {
	v := byteLevel(nil, nil)
	const n = 1000
	for i := 2; i <= n; i++ {
		v.Tokens, v.Types = append(v.Tokens, strings.Repeat("a", i)), append(v.Types, tokenizer.Normal)
	}
	long := strings.Repeat("a", n)
	for k := range n * n {
		i, j := 1+k*7%n, 1+k*7/n%n
		v.Merges = append(v.Merges, long[:i]+" "+long[:j])
	}
	text := strings.Repeat("a", 1<<20)
	tok := build(t, v)
	if ids := tok.Encode(nil, text, tokenizer.Options{}); pieces(tok, ids) != text || len(ids) > len(text)/2 {
		t.Errorf("%d bytes became %d tokens", len(text), len(ids))
	}
	v.Merges = slices.Repeat([]string{"a a", "a", "", " ", "  ", "aa zz", "a a", "aa aa"}, n*n/8)
	tok = build(t, v)
	if ids := tok.Encode(nil, text, tokenizer.Options{}); pieces(tok, ids) != text || len(ids) != len(text)/4 {
		t.Errorf("%d bytes became %d tokens by damaged merges", len(text), len(ids))
	}
	if n := tok.Notices(); len(n) != 1 || n[0].Kind != notice.SkippedMerges {
		t.Errorf("notices %q", n)
	}
}

func TestConcurrentUse(t *testing.T) {
	tok := build(t, byteLevel([]string{"a b", "ab c"}, nil))
	want := tok.Encode(nil, "abc ab abcabc", tokenizer.Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if got := tok.Encode(nil, "abc ab abcabc", tokenizer.Options{}); !slices.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
					return
				}
			}
		})
	}
	wg.Wait()
}
