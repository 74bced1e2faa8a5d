package tokenizer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lumi/llm/gguf"
	"lumi/llm/tokenizer"
)

// conformance returns the path of reference data, or skips the test.
func conformance(t testing.TB, elem ...string) string {
	t.Helper()
	dir := os.Getenv("LUMI_CONFORMANCE")
	if dir == "" {
		root, err := filepath.Abs(".")
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			if filepath.Dir(root) == root {
				t.Skip("skipped: no conformance data")
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared", "conformance")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("skipped: no conformance data")
	}
	return filepath.Join(append([]string{dir}, elem...)...)
}

// loadVocab reads a GGUF file's vocabulary.
func loadVocab(t testing.TB, path string) tokenizer.Vocab {
	t.Helper()
	f, err := gguf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	v, err := tokenizer.FromGGUF(f.Meta)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func load(t testing.TB, path string) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.New(loadVocab(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// TestVocabularies compares with llama.cpp's own test vectors.
func TestVocabularies(t *testing.T) {
	paths, err := filepath.Glob(conformance(t, "vocab", "*.gguf"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no vocabularies found: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".gguf"), func(t *testing.T) {
			tok := load(t, path)
			if n := tok.Notices(); len(n) > 0 {
				t.Errorf("unexpected notices: %s", n)
			}
			in, err := os.ReadFile(path + ".inp")
			if err != nil {
				t.Fatal(err)
			}
			out, err := os.ReadFile(path + ".out")
			if err != nil {
				t.Fatal(err)
			}
			texts := strings.Split(string(in), "\n__ggml_vocab_test__\n")
			lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
			if len(texts) != len(lines)+1 && len(texts) != len(lines) {
				t.Fatalf("%d texts but %d lines of ids", len(texts), len(lines))
			}
			for i, line := range lines {
				var want []int32
				for f := range strings.FieldsSeq(line) {
					id, err := strconv.Atoi(f)
					if err != nil {
						t.Fatal(err)
					}
					want = append(want, int32(id))
				}
				got := tok.Encode(nil, texts[i], tokenizer.Options{})
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("Encode(%q): (-want +got)\n%s", texts[i], d)
				}
				if back := tok.Decode(got); back != texts[i] {
					t.Errorf("Decode(Encode(%q)) = %q", texts[i], back)
				}
			}
		})
	}
}

// encodings is a file of reference encodings of other software.
type encodings struct {
	Cases []struct {
		Text       string   `json:"text"`
		IDs        []int32  `json:"ids"`
		Decoded    string   `json:"decoded"`
		TokenBytes []string `json:"token_bytes"`
	} `json:"cases"`
}

func readEncodings(t testing.TB, path string) encodings {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var e encodings
	if err := json.Unmarshal(data, &e); err != nil {
		t.Fatal(err)
	}
	if len(e.Cases) == 0 {
		t.Fatalf("%s has no cases", path)
	}
	return e
}
