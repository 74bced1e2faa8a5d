package tokenizer

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// kinds are the regular expressions that define each way to split text, in
// their order, as the models' own tokenizer.json files have them (and where
// there is none, llama.cpp); a stage cuts what the one before it left.
var kinds = []struct {
	names    string
	patterns []string
}{
	{"default", []string{`[\p{P}$+<=>^~|]+`, kindGPT2, `\p{N}+`, `[0-9][0-9][0-9]`}},
	{
		"gpt-2 phi-2 jina-es jina-de jina-v1-en jina-v2-es jina-v2-de jina-v2-code roberta-bpe gigachat a.x-4.0 mellum " +
			"modern-bert mpt olmo jais trillion granite-docling exaone4",
		[]string{kindGPT2},
	},
	{"starcoder refact command-r smollm codeshell exaone minerva-7b mellum2", []string{`\p{N}`, kindGPT2}},
	{
		"llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano dbrx smaug-bpe chatglm-bpe glm4 glm5",
		[]string{kindContracted + `|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*` + kindBlank},
	},
	{
		"qwen2 deepseek-r1-qwen kormo f2llmv2 megrez stablelm2 hunyuan solar-open grok-2 bailingmoe bailingmoe2 llada-moe",
		[]string{kindQwen2},
	},
	{"qwen35", []string{kindContracted + `|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*` + kindBlank}},
	{"ufakzeka", []string{`[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*` + kindBlank}},
	{"seed-coder", []string{kindContracted + `|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+` + kindBlank}},
	{"laguna", []string{`[^\n]+|\n+`, kindQwen2}},
	{"minicpm5", []string{
		`\p{N}{1,3}`, kindContracted + `|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+| ?[^\s\p{L}\p{N}]+[\r\n]*` + kindBlank,
	}},
	{"gpt-4o llama4 kanana2 talkie minimax-m2 granite-embed-multi-97m", []string{kindGPT4o}},
	{"tekken", []string{
		`[^\r\n\p{L}\p{N}]?` + kindUpper + `*` + kindLower + `+|[^\r\n\p{L}\p{N}]?` + kindUpper + `+` + kindLower + `*` +
			`|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*` + kindBlank,
	}},
	// Its \b is written out: regexp2 has another notion of letters.
	{"tiny_aya cohere2moe", []string{`\d{1,3}(?=(?:\d{3})*(?![\p{L}\p{M}\p{Nd}_]))`, kindGPT4o}},
	{"falcon", []string{`[\p{P}$+<=>^~|` + "`" + `]+`, kindGPT2, `[0-9][0-9][0-9]`}},
	{"poro-chat bloom gpt3-finnish", []string{kindBloom}},
	{"viking", []string{kindBloom, `\p{N}`}},
	{"superbpe", []string{`\p{N}+`, `(?=(\d{3})+(?!\d))`}},
	{"deepseek-v3 hunyuan-dense joyai-llm hy_v4", []string{
		`\p{N}{1,3}`, `[一-龥぀-ゟ゠-ヿ]+`,
		kindASCIISigns + `[A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*` + kindBlank,
	}},
	{"spark2_5", []string{
		`\p{N}{1,3}`, `[一-龥぀-ゟ゠-ヿ]+`,
		kindASCIISigns + `[A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+|[\r\n]|\s+(?!\S)|\s+`, `\p{N}`,
	}},
	{"deepseek-coder", []string{`[\r\n]`, `\s?\p{L}+`, `\s?\p{P}+`, `[一-龥ࠀ-一가-퟿]+`, `\p{N}`}},
	{"deepseek-llm", []string{
		`[\r\n]`, deepSeekLetters, // compared with the file of DeepSeek's 7B by hand: the list is long
		`\s?[!-/:-~！-／：-～‘-‟　-。]+`, `\s+$`, `[一-龥ࠀ-一가-퟿]+`, `\p{N}+`,
	}},
	{"youtu", []string{`[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|[一-龥぀-ゟ゠-ヿ]+`, strings.Replace(kindGPT4o, `{1,3}`, "", 1)}},
	{"chameleon", []string{
		`<sentinel:[0-9]+>`, `(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z`, `([\t\n]|    |  )`, `\p{N}`, "[\\p{P}!-/:-@\\[-`{-~]", kindGPT2,
	}},
}

const (
	kindGPT2       = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	kindContracted = `(?i:'s|'t|'re|'ve|'m|'ll|'d)`
	kindBlank      = `|\s*[\r\n]+|\s+(?!\S)|\s+`
	kindQwen2      = kindContracted + `|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*` + kindBlank
	kindUpper      = `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
	kindLower      = `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
	kindGPT4o      = `[^\r\n\p{L}\p{N}]?` + kindUpper + `*` + kindLower + `+` + kindContracted + `?|` +
		`[^\r\n\p{L}\p{N}]?` + kindUpper + `+` + kindLower + `*` + kindContracted + `?|` +
		`\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*` + kindBlank
	kindBloom      = ` ?[^(\s|.,!?…。，、।۔،)]+`
	kindASCIISigns = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]"
)

// withoutPattern are kinds that test nothing when compared with a pattern: the
// package has no other form of them.
const withoutPattern = "afmoe jais-2 exaone-moe kimi-k2"

// TestKinds compares each named way to split text, as a whole, with the
// expressions that define it.
func TestKinds(t *testing.T) {
	seen := map[string]bool{}
	for name := range strings.FieldsSeq(withoutPattern) {
		seen[name] = true
	}
	for _, kind := range kinds {
		var want []stage
		for _, source := range kind.patterns {
			s, err := pattern(source)
			if err != nil {
				t.Fatalf("%s: %v", kind.names, err)
			}
			want = append(want, s)
		}
		for name := range strings.FieldsSeq(kind.names) {
			seen[name] = true
			tok := &Tokenizer{vocab: Vocab{Pre: name}}
			if err := tok.choosePre(); err != nil {
				t.Fatal(err)
			}
			if n := tok.Notices(); len(n) > 0 {
				t.Errorf("%s: notices %v", name, n)
			}
			r := rand.New(rand.NewPCG(5, 6))
			for i := range 1500 {
				text := randomText(r, 1+i%24)
				if i%3 == 0 { // long numbers
					text += strings.Repeat("7", i%10) + "٣½"[:i%3*2] + strings.Repeat("1", i/7%8) + []string{"", " ", "a", "½", "."}[i%5]
				}
				if d := cmp.Diff(cutBy(t, want, text), cutBy(t, tok.stages, text)); d != "" {
					t.Errorf("%s, %q: (-pattern +stages)\n%s", name, text, d)
					break
				}
			}
		}
	}
	for _, p := range preTokenizers {
		for name := range strings.FieldsSeq(p.names) {
			if !seen[name] {
				t.Errorf("%s is compared with nothing", name)
			}
		}
	}
}

// cutBy applies stages one after the other.
func cutBy(t *testing.T, stages []stage, text string) []string {
	t.Helper()
	got := []string{text}
	for _, s := range stages {
		var next []string
		for _, part := range got {
			next = append(next, parts(t, s, part)...)
		}
		got = next
	}
	return got
}

// TestKindsBesides demands what llama.cpp ties to a name besides splitting.
func TestKindsBesides(t *testing.T) {
	const (
		whole = " minicpm5 llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano youtu glm4 glm5 tekken granite-embed-multi-97m "
		begun = " llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano tekken chameleon "
	)
	for _, p := range preTokenizers {
		for name := range strings.FieldsSeq(p.names) {
			if got := p.ignoreMerges; got != strings.Contains(whole, " "+name+" ") {
				t.Errorf("%s looks for whole words first: %v", name, got)
			}
			if got := p.addBOS; got != strings.Contains(begun, " "+name+" ") {
				t.Errorf("%s begins a text with a token: %v", name, got)
			}
		}
	}
}

// TestUnknownKind: a way to split text that is not known is told.
func TestUnknownKind(t *testing.T) {
	for name, want := range map[string]string{"": "does not say", "unheard-of": `unknown way, "unheard-of"`, "whitespace": "unknown way"} {
		tok := &Tokenizer{vocab: Vocab{Pre: name}}
		if err := tok.choosePre(); err != nil || !strings.Contains(fmt.Sprint(tok.Notices()), want) {
			t.Errorf("%q: %v, notices %v, want %q", name, err, tok.Notices(), want)
		}
	}
}

// TestEmptyMatch: an expression that matches no character parts a text all the
// same, whatever becomes of matches, as Hugging Face's software has it.
func TestEmptyMatch(t *testing.T) {
	re, err := compile(`(?=(\d{3})+(?!\d))`)
	if err != nil {
		t.Fatal(err)
	}
	for _, behavior := range []string{"Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous"} {
		got := parts(t, behave(re.spans, behavior), "a1234567b")
		if d := cmp.Diff([]string{"a1", "234", "567b"}, got); d != "" {
			t.Errorf("%s: (-want +got)\n%s", behavior, d)
		}
	}
}
