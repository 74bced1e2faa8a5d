package llm

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"lumi/llm/gguf"
)

// metaOf is the metadata of a file with these keys.
func metaOf(t *testing.T, kv ...gguf.KV) *gguf.Meta {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m.gguf")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := gguf.Write(f, append([]gguf.KV{{Key: "general.architecture", Value: "llama"}}, kv...), nil); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := gguf.Parse(data, path)
	if err != nil {
		t.Fatal(err)
	}
	return file.Meta
}

func recommended(r recommendation) (Settings, []string) {
	s := DefaultSettings()
	names := (&Model{recommended: r}).Recommend(&s)
	return s, names
}

func TestRecommendFromFile(t *testing.T) {
	r := readRecommendation(metaOf(t,
		gguf.KV{Key: "general.sampling.temp", Value: float32(0.3)},
		gguf.KV{Key: "general.sampling.top_k", Value: int32(20)},
		gguf.KV{Key: "general.sampling.min_p", Value: "much"},
		gguf.KV{Key: "general.sampling.penalty_repeat", Value: float32(1e9)},
		gguf.KV{Key: "general.sampling.sequence", Value: "top_k;temperature"},
	), "nowhere/m.gguf")
	got, names := recommended(r)
	want := DefaultSettings()
	want.Temperature, want.TopK, want.RepeatPenalty, want.Samplers = 0.3, 20, 10, "top_k;temperature"
	if got.Settings != want.Settings {
		t.Errorf("%+v, want %+v", got, want)
	}
	if !slices.Equal(names, []string{"temperature", "top-k", "repeat-penalty", "samplers"}) {
		t.Errorf("names %v", names)
	}
}

func TestRecommendFromFolder(t *testing.T) {
	for name, tc := range map[string]struct {
		config string
		other  string // another file in the folder
		names  []string
	}{
		"plain":         {`{"do_sample": true, "temperature": 0.6, "top_p": 0.9, "top_k": 20, "eos_token_id": [1, 2]}`, "x.txt", []string{"temperature", "top-k", "top-p"}},
		"greedy":        {`{"do_sample": false, "temperature": 0.6}`, "", nil},
		"other types":   {`{"temperature": "hot", "repetition_penalty": 1.05}`, "", []string{"repeat-penalty"}},
		"broken":        {`{`, "", nil},
		"not an object": {`[]`, "", nil},
		"another model": {`{"temperature": 0.6}`, "other.GGUF", nil},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "m.gguf")
		for file, text := range map[string]string{"m.gguf": "", "generation_config.json": tc.config, tc.other: ""} {
			if file == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, names := recommended(readRecommendation(metaOf(t), path)); !slices.Equal(names, tc.names) {
			t.Errorf("%s: %v, want %v", name, names, tc.names)
		}
		want := tc.names
		if name == "another model" {
			want = []string{"temperature"} // a folder that is a model speaks for itself
		}
		if _, names := recommended(readRecommendation(metaOf(t), dir)); !slices.Equal(names, want) {
			t.Errorf("%s as a folder: %v, want %v", name, names, want)
		}
	}
	if s, names := recommended(readRecommendation(metaOf(t), filepath.Join(t.TempDir(), "m.gguf"))); names != nil || s.Settings != DefaultSettings().Settings {
		t.Errorf("without a word of it: %v", names)
	}
}
