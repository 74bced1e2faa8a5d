package tokenizer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lumi/llm/tokenizer"
)

// ordinary is about 1 MB of English, source code and other scripts.
func ordinary(b *testing.B) string {
	b.Helper()
	var text strings.Builder
	paths, err := filepath.Glob("*.go")
	if err != nil {
		b.Fatal(err)
	}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			b.Fatal(err)
		}
		text.Write(data)
	}
	text.WriteString(strings.Repeat("Съешь же ещё этих мягких французских булок. 敏捷的棕色狐狸跳过了懒狗。 Zwölf Boxkämpfer jagen Viktor.\n", 200))
	one := text.String()
	return strings.Repeat(one, 1+(1<<20)/len(one))
}

func BenchmarkEncode(b *testing.B) {
	for _, name := range []string{"gpt-2", "llama-bpe", "qwen2", "llama-spm"} {
		tok := load(b, conformance(b, "vocab", "ggml-vocab-"+name+".gguf"))
		for _, c := range []struct{ name, text string }{
			{"ordinary", ordinary(b)},
			{"oneletter", strings.Repeat("a", 1<<20)},
		} {
			b.Run(name+"/"+c.name, func(b *testing.B) {
				b.SetBytes(int64(len(c.text)))
				var ids []int32
				for b.Loop() {
					ids = tok.Encode(ids[:0], c.text, tokenizer.Options{ParseSpecial: true})
				}
			})
		}
	}
}

// BenchmarkPatterns measures splitting by a regular expression, which the rarer
// vocabularies need.
func BenchmarkPatterns(b *testing.B) {
	v := byteLevel([]string{"a b"}, nil)
	text := ordinary(b)
	for _, v.Pre = range []string{"deepseek-v3", "deepseek-llm", "exaone-moe", "kimi-k2"} {
		tok := build(b, v)
		b.Run(v.Pre, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			var ids []int32
			for b.Loop() {
				ids = tok.Encode(ids[:0], text, tokenizer.Options{})
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for _, name := range []string{"llama-bpe", "qwen2", "llama-spm"} {
		v := loadVocab(b, conformance(b, "vocab", "ggml-vocab-"+name+".gguf"))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := tokenizer.New(v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	tok := load(b, conformance(b, "vocab", "ggml-vocab-llama-bpe.gguf"))
	text := ordinary(b)
	ids := tok.Encode(nil, text, tokenizer.Options{})
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		tok.Decode(ids)
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, name := range []string{"llama3_1", "qwen3", "mistral-v0.1"} {
		path := conformance(b, "tokenizers", name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				openFile(b, path)
			}
		})
	}
}

func BenchmarkEncodeJSON(b *testing.B) {
	for _, name := range []string{"llama3_1", "qwen3", "mistral-v0.1", "tiny-bpe/tokenizer.json"} {
		tok := openFile(b, conformance(b, "tokenizers", name))
		for _, c := range []struct{ name, text string }{
			{"ordinary", ordinary(b)},
			{"oneletter", strings.Repeat("a", 10<<20)},
		} {
			b.Run(name+"/"+c.name, func(b *testing.B) {
				b.SetBytes(int64(len(c.text)))
				var ids []int32
				for b.Loop() {
					ids = tok.Encode(ids[:0], c.text, tokenizer.Options{ParseSpecial: true})
				}
			})
		}
	}
}
