package tokenizer

import (
	"fmt"
	"strings"
	"unicode"
)

// preTokenizer is what a name in tokenizer.ggml.pre means: how text is split
// before merging, and what else llama.cpp ties to the name.
type preTokenizer struct {
	names        string // separated by spaces
	stages       []any  // stage, or a regular expression as a string
	ignoreMerges bool
	addBOS       bool // unless tokenizer.ggml.add_bos_token says otherwise
}

// The stages that several models share.
var (
	gpt2Words  = words(gpt2)
	gpt4Words  = words(style{contractions: true, word: letter, digits: 3, tail: "\r\n"}.next)
	qwenWords  = words(style{contractions: true, word: letter, digits: 1, tail: "\r\n"}.next)
	gpt4oWords = words(style{contractions: true, cased: true, word: letter, digits: 3, tail: "\r\n/"}.next)

	oneDigit     = stage(isolate{in: isNumber, max: 1}.stage)
	threeDigits  = stage(isolate{in: isNumber, max: 3}.stage)
	digitRuns    = stage(isolate{in: isNumber}.stage)
	asciiTriples = stage(isolate{in: isASCIIDigit, min: 3, max: 3}.stage)
	lineBreaks   = stage(isolate{in: func(r rune, _ class) bool { return r == '\r' || r == '\n' }, max: 1}.stage)
	lines        = stage(isolate{in: func(r rune, _ class) bool { return r == '\n' }}.stage)
	// Han and kana, as DeepSeek-V3 has them.
	eastAsian = stage(isolate{in: func(r rune, _ class) bool {
		return r >= 0x4e00 && r <= 0x9fa5 || r >= 0x3040 && r <= 0x30ff
	}}.stage)
	bloomWords = stage(isolate{lead: isSpace, in: func(r rune, c class) bool {
		return c&white == 0 && !strings.ContainsRune("(|.,!?…。，、।۔،)", r)
	}}.stage)
)

// deepSeekWords is the last stage of DeepSeek-V3's.
const deepSeekWords = `[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_` + "`" + `{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

var preTokenizers = []preTokenizer{
	{names: "default", stages: []any{punctuationOr("$+<=>^~|"), gpt2Words, digitRuns, asciiTriples}},
	{
		names:  "gpt-2 phi-2 jina-es jina-de jina-v1-en jina-v2-es jina-v2-de jina-v2-code roberta-bpe gigachat a.x-4.0 mellum modern-bert mpt olmo jais trillion granite-docling exaone4",
		stages: []any{gpt2Words},
	},
	{
		names:  "starcoder refact command-r smollm codeshell exaone minerva-7b mellum2",
		stages: []any{oneDigit, gpt2Words},
	},
	{
		names: "llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano", stages: []any{gpt4Words},
		ignoreMerges: true, addBOS: true,
	},
	{names: "dbrx smaug-bpe glm4 chatglm-bpe", stages: []any{gpt4Words}},
	{
		names:  "qwen2 deepseek-r1-qwen kormo f2llmv2 megrez stablelm2 hunyuan solar-open grok-2 bailingmoe bailingmoe2 llada-moe",
		stages: []any{qwenWords},
	},
	{names: "qwen35", stages: []any{words(style{contractions: true, word: letter | mark, digits: 1, tail: "\r\n"}.next)}},
	{names: "ufakzeka", stages: []any{words(style{word: letter, digits: 1, tail: "\r\n"}.next)}},
	{names: "seed-coder", stages: []any{words(style{contractions: true, word: letter, digits: 1}.next)}},
	{names: "laguna", stages: []any{lines, qwenWords}},
	{
		names:  "minicpm5",
		stages: []any{threeDigits, words(style{contractions: true, word: letter, tail: "\r\n"}.next)}, ignoreMerges: true,
	},
	{names: "gpt-4o llama4 kanana2 talkie minimax-m2", stages: []any{gpt4oWords}},
	{
		names:  "tekken",
		stages: []any{words(style{cased: true, word: letter, digits: 1, tail: "\r\n/"}.next)}, ignoreMerges: true, addBOS: true,
	},
	{names: "granite-embed-multi-97m", stages: []any{gpt4oWords}, ignoreMerges: true},
	{names: "tiny_aya cohere2moe", stages: []any{threes(isDecimal, true), gpt4oWords}},
	{names: "falcon", stages: []any{punctuationOr("$+<=>^~|`"), gpt2Words, asciiTriples}},
	{names: "poro-chat bloom gpt3-finnish", stages: []any{bloomWords}},
	{names: "viking", stages: []any{bloomWords, oneDigit}},
	{names: "superbpe", stages: []any{threes(isNumber, false)}},
	{names: "deepseek-v3 hunyuan-dense joyai-llm hy_v4", stages: []any{threeDigits, eastAsian, deepSeekWords}},
	{names: "afmoe", stages: []any{
		threes(isDecimal, false),
		`[一-鿿㐀-䶿豈-﫿぀-ゟ゠-ヿ･-ﾟ⼀-⿟เ-๿຀-໿ក-៿က-႟ꩠ-ꩿꧠ-꧿가-힯ᄀ-ᇿ]+`,
		deepSeekWords,
	}},
	{names: "deepseek-coder", stages: []any{
		lineBreaks,
		`\s?\p{L}+`,
		`\s?\p{P}+`,
		`[一-龥ࠀ-一가-퟿]+`,
		oneDigit,
	}},
	{names: "deepseek-llm", stages: []any{
		lineBreaks,
		// Letters with case: the pattern lists them by range, as of Unicode 12.
		`\s?[\p{Lu}\p{Lt}\p{Ll}-[ʔ]]+`,
		`\s?[!-/:-~！-／：-～‘-‟　-。]+`,
		`\s+$`,
		`[一-龥ࠀ-一가-퟿]+`,
		digitRuns,
	}},
	{names: "jais-2", stages: []any{
		`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S)|\s{64}(?!\S)|\s{32}(?!\S)|\s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}`,
	}},
	{names: "exaone-moe", stages: []any{
		`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+`,
	}},
	{names: "youtu", stages: []any{
		`[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|[一-龥぀-ゟ゠-ヿ]+`,
		words(style{contractions: true, cased: true, word: letter, digits: 1, tail: "\r\n/"}.next),
	}, ignoreMerges: true},
	{names: "chameleon", stages: []any{
		`<sentinel:[0-9]+>`,
		`(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z`,
		`([\t\n]|    |  )`,
		oneDigit,
		"[\\p{P}!-/:-@\\[-`{-~]",
		gpt2Words,
	}, addBOS: true},
	{names: "kimi-k2", stages: []any{
		`\p{Han}+`,
		words(style{contractions: true, cased: true, word: letter, digits: 3, tail: "\r\n"}.next),
	}},
}

func isNumber(_ rune, c class) bool     { return c&number != 0 }
func isDecimal(r rune, _ class) bool    { return unicode.Is(unicode.Nd, r) }
func isASCIIDigit(r rune, _ class) bool { return '0' <= r && r <= '9' }
func isSpace(r rune, _ class) bool      { return r == ' ' }

func punctuationOr(more string) stage {
	return isolate{in: func(r rune, c class) bool {
		return c&punctuation != 0 || strings.ContainsRune(more, r)
	}}.stage
}

// findPre returns the pre-tokenizer of that name.
func findPre(name string) (preTokenizer, bool) {
	for _, p := range preTokenizers {
		for n := range strings.FieldsSeq(p.names) {
			if n == name {
				return p, true
			}
		}
	}
	return preTokenizer{}, false
}

// choosePre sets up the splitting of text that the vocabulary asks for.
func (t *Tokenizer) choosePre() error {
	name := t.vocab.Pre
	p, ok := findPre(name)
	switch {
	case name == "":
		t.note("the model file does not say how text is split into words; answers may be worse than they could be")
		p, _ = findPre("default")
	case !ok:
		t.note("text is split into words in an unknown way, %.80q; the default is used and answers may be worse than they could be", name)
		p, _ = findPre("default")
	}
	t.ignoreMerges = p.ignoreMerges
	for _, s := range p.stages {
		switch s := s.(type) {
		case stage:
			t.stages = append(t.stages, s)
		case string:
			stage, err := pattern(s)
			if err != nil {
				return fmt.Errorf("pre-tokenizer %q: %w", name, err)
			}
			t.stages = append(t.stages, stage)
		}
	}
	return nil
}
