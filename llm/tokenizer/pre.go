package tokenizer

import (
	"fmt"
	"strings"
	"unicode"

	"lumi/llm/notice"
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

// deepSeekLetters are the letters with case, and a white space before them, as
// DeepSeek-LLM's pattern lists them.
const deepSeekLetters = `\s?[` +
	`A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-\u02AF\u0370-\u0373\u0376` +
	`\u0377\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03F5\u03F7-\u0481\u048A-\u052F` +
	`\u0531-\u0556\u10A0-\u10C5\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77` +
	`\u1D79-\u1D9A\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D` +
	`\u1F80-\u1FB4\u1FB6-\u1FBC\u1FBE\u1FC2-\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4` +
	`\u1FF6-\u1FFC\u2102\u2107\u210A-\u2113\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139` +
	`\u213C-\u213F\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB-\u2CEE\u2CF2\u2CF3\uA640-\uA66D` +
	`\uA680-\uA69B\uA722-\uA76F\uA771-\uA787\uA78B-\uA78E\uAB70-\uABBF\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A` +
	`\uFF41-\uFF5A𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃]+`

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
	{names: "dbrx smaug-bpe chatglm-bpe", stages: []any{gpt4Words}},
	{names: "glm4 glm5", stages: []any{gpt4Words}, ignoreMerges: true},
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
	{names: "superbpe", stages: []any{digitRuns, stage(beforeThrees)}},
	{names: "deepseek-v3 hunyuan-dense joyai-llm hy_v4", stages: []any{threeDigits, eastAsian, stage(deepSeekWords)}},
	{names: "spark2_5", stages: []any{
		threeDigits,
		eastAsian,
		"[!-/:-@\\[-`{-~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+|[\\r\\n]|\\s+(?!\\S)|\\s+",
		oneDigit,
	}},
	{names: "afmoe", stages: []any{
		threes(isDecimal, false),
		`[\u4E00-\u9FFF\u3400-\u4DBF\uF900-\uFAFF\u3040-\u309F\u30A0-\u30FF\uFF65-\uFF9F\u2F00-\u2FDF` +
			`\u0E40-\u0E7F\u0E80-\u0EFF\u1780-\u17FF\u1000-\u109F\uAA60-\uAA7F\uA9E0-\uA9FF\uAC00-\uD7AF\u1100-\u11FF]+`,
		stage(deepSeekWords),
	}},
	{names: "deepseek-coder", stages: []any{
		lineBreaks,
		`\s?\p{L}+`,
		`\s?\p{P}+`,
		`[\u0800-\u9FA5\uAC00-\uD7FF]+`,
		oneDigit,
	}},
	{names: "deepseek-llm", stages: []any{
		lineBreaks,
		deepSeekLetters,
		`\s?[!-/:-~！-／：-～‘-‟　-。]+`,
		`\s+\z`,
		`[\u0800-\u9FA5\uAC00-\uD7FF]+`,
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
		`\p{Han}+|` +
			`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}-[\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}-[\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|` +
			`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}-[\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}-[\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|` +
			`\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
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
		t.note(notice.Notice{Kind: notice.NoSplit})
		p, _ = findPre("default")
	case !ok:
		// Files that name their way are of after 2024's spring, when nearly all
		// new models came to split as GPT-4 does.
		t.note(notice.Notice{Kind: notice.UnknownSplit, Text: quoted(name)})
		p, _ = findPre("dbrx")
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
