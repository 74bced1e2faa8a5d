package tokenizer

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// alphabetOfTrouble are characters that the patterns treat differently.
var alphabetOfTrouble = []string{
	"a", "B", "s", "S", "t", "re", "VE", "ll", "d", "'", "'s", "'LL", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\u0085",
	"1", "22", "333", "٣", "½", "é", "É", "e\u0301", "\u0301", "ǅ", "ʰ", "中", "文", "あ", "カ", "한", "ไ", "!", ".", "...", "(", "/", "_",
	"$", "+", "~", "`", "|", "€", "😀", "\u200d", "\x00", "\u00ad", "ʔ", "Σ", "я", "Я", "𝐀", "𐐀", "\U0002f800",
}

func randomText(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(alphabetOfTrouble[r.IntN(len(alphabetOfTrouble))])
	}
	return b.String()
}

// parts applies a stage or a pattern.
func parts(t *testing.T, s any, text string) []string {
	t.Helper()
	var out []string
	emit := func(part string) { out = append(out, part) }
	switch s := s.(type) {
	case stage:
		s(text, emit)
	case string:
		p, err := pattern(s)
		if err != nil {
			t.Fatal(err)
		}
		p(text, emit)
	}
	return out
}

// TestSplittersAgainstPatterns compares the stages written out in Go with the
// regular expressions that define them.
func TestSplittersAgainstPatterns(t *testing.T) {
	const (
		suffix = `(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])`
		caps   = `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
		small  = `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
		head   = `[^\r\n\p{L}\p{N}]?`
		end    = `|\s*[\r\n]+|\s+(?!\S)|\s+`
	)
	marked, _ := findPre("qwen35")
	tekken, _ := findPre("tekken")
	seed, _ := findPre("seed-coder")
	for _, c := range []struct {
		name    string
		stage   stage
		pattern string
	}{
		{"gpt2", gpt2Words, `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`},
		{"gpt4", gpt4Words, suffix + `|` + head + `\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*` + end},
		{"qwen2", qwenWords, suffix + `|` + head + `\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*` + end},
		{"cl100k", gpt4Words, cl100kPattern},
		{"bailing", qwenWords, bailingPattern},
		{"qwen35", marked.stages[0].(stage), suffix + `|` + head + `[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*` + end},
		{"seed-coder", seed.stages[0].(stage), suffix + `|` + head + `\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+` + end},
		{"gpt-4o", gpt4oWords, head + caps + `*` + small + `+` + suffix + `?|` + head + caps + `+` + small + `*` + suffix + `?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*` + end},
		{"tekken", tekken.stages[0].(stage), head + caps + `*` + small + `+|` + head + caps + `+` + small + `*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*` + end},
		{"deepseek-v3", deepSeekWords, `[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_` + "`" + `{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`},
		{"digits", threeDigits, `\p{N}{1,3}`},
		{"triples", asciiTriples, `[0-9][0-9][0-9]`},
		{"bloom", bloomWords, ` ?[^(\s|.,!?…。，、।۔،)]+`},
		{"punctuation", punctuationOr("$+<=>^~|"), `[\p{P}\$\+<=>\^~\|]+`},
		{"threes", threes(isDecimal, true), `\d{1,3}(?=(?:\d{3})*(?![\p{L}\p{M}\p{Nd}_]))`},
	} {
		t.Run(c.name, func(t *testing.T) {
			re, err := pattern(c.pattern)
			if err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(1, 2))
			for i := range 3000 {
				text := randomText(r, 1+i%30)
				want := parts(t, stage(re), text)
				got := parts(t, c.stage, text)
				if d := cmp.Diff(want, got); d != "" {
					t.Fatalf("%q: (-pattern +stage)\n%s", text, d)
				}
			}
		})
	}
}

// TestPreTokenizers applies all of them to all kinds of text; nothing may be
// lost or changed, and long runs of one character must not take quadratic time.
func TestPreTokenizers(t *testing.T) {
	texts := []string{"", "\xff\xfe a\xc3", strings.Repeat("\xe4\xb8", 50)}
	for _, s := range []string{"a", "A", "a ", " ", "\n", "1", "'", "!", "中", "\u0301", "\xff", "a\n", " \n", "1 "} {
		texts = append(texts, strings.Repeat(s, 1<<15))
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		texts = append(texts, randomText(r, 60))
	}
	seen := map[string]bool{}
	for _, p := range preTokenizers {
		for name := range strings.FieldsSeq(p.names) {
			if seen[name] {
				t.Errorf("%q is listed twice", name)
			}
			seen[name] = true
		}
		t.Run(strings.Fields(p.names)[0], func(t *testing.T) {
			tok := &Tokenizer{vocab: Vocab{Pre: strings.Fields(p.names)[0]}}
			if err := tok.choosePre(); err != nil {
				t.Fatal(err)
			}
			for _, text := range texts {
				rest := text
				var apply func(string, []stage)
				apply = func(part string, stages []stage) {
					if len(stages) > 0 {
						stages[0](part, func(p string) { apply(p, stages[1:]) })
						return
					}
					after, ok := strings.CutPrefix(rest, part)
					if !ok || part == "" {
						t.Fatalf("part %.40q of %.40q is empty or not next", part, text)
					}
					rest = after
				}
				apply(text, tok.stages)
				if rest != "" {
					t.Fatalf("%.40q was lost of %.40q", rest, text)
				}
			}
		})
	}
}

// TestNames: every name that llama.cpp (build 11434) gives to a way of splitting
// text is known but "whitespace", which one model for embeddings has.
func TestNames(t *testing.T) {
	for name := range strings.FieldsSeq(`
		a.x-4.0 afmoe bailingmoe bailingmoe2 bloom chameleon chatglm-bpe codeshell cohere2moe command-r dbrx
		deepseek-coder deepseek-llm deepseek-r1-qwen deepseek-v3 default exaone exaone-moe exaone4 f2llmv2 falcon
		falcon-h1 falcon3 gemma4 gigachat glm4 glm5 gpt-2 gpt-4o gpt3-finnish granite-docling
		granite-embed-multi-311m granite-embed-multi-97m grok-2 hunyuan hunyuan-dense hy_v4 jais jais-2 jina-de
		jina-es jina-v1-en jina-v2-code jina-v2-de jina-v2-es jina-v5-nano joyai-llm kanana2 kimi-k2 kormo laguna
		lfm2 llada-moe llama-bpe llama-v3 llama3 llama4 megrez mellum mellum2 midm-2.0 minerva-7b minicpm5
		minimax-m2 mmbert modern-bert mpt olmo phi-2 pixtral poro-chat qwen2 qwen35 refact roberta-bpe sarvam-moe
		seed-coder smaug-bpe smollm solar-open spark2_5 stablelm2 starcoder superbpe talkie tekken tiny_aya trillion
		ufakzeka viking youtu`) {
		_, bytes := findPre(name)
		if _, chars := characterForms[name]; !bytes && !chars {
			t.Errorf("%q is not known", name)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		pre, text string
		want      []string
	}{
		{"gpt-2", "I've got  2 cats.\n", []string{"I", "'ve", " got", " ", " 2", " cats", ".", "\n"}},
		{"smollm", "a 123", []string{"a", " ", "1", "2", "3"}},
		{"llama-bpe", "x1234\n\n  y", []string{"x", "123", "4", "\n\n", " ", " y"}},
		{"qwen2", "x12 'RE", []string{"x", "1", "2", " '", "RE"}},
		{"gpt-4o", "HTMLParser's XYZ", []string{"HTMLParser's", " XYZ"}},
		{"tekken", "camelCase", []string{"camel", "Case"}},
		{"tiny_aya", "1234567", []string{"1", "234", "567"}},
		{"superbpe", "by the way 1234", []string{"by the way ", "1", "234"}},
		{"superbpe", "x12345½", []string{"x", "12", "345½"}},
		{"falcon", "a1234!", []string{"a", "123", "4", "!"}},
		{"spark2_5", "a 1234!\n中文b", []string{"a", " ", "1", "2", "3", "4", "!", "\n", "中文", "b"}},
		{"unheard-of", "It's 1234", []string{"It", "'s", " ", "123", "4"}},
		{"deepseek-v3", "a 1234 中文b", []string{"a", " ", "123", "4", " ", "中文", "b"}},
	} {
		tok := &Tokenizer{vocab: Vocab{Pre: c.pre}}
		if err := tok.choosePre(); err != nil {
			t.Fatal(err)
		}
		got := []string{c.text}
		for _, s := range tok.stages {
			var next []string
			for _, part := range got {
				next = append(next, parts(t, s, part)...)
			}
			got = next
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s %q: (-want +got)\n%s", c.pre, c.text, d)
		}
	}
}
