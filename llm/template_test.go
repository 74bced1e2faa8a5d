package llm

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFolderTemplate(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
		err   string
	}{
		{name: "no file"},
		{name: "no template", files: map[string]string{"tokenizer_config.json": `{"bos_token": "<s>"}`}},
		{name: "null", files: map[string]string{"tokenizer_config.json": `{"chat_template": null}`}},
		{name: "text", files: map[string]string{"tokenizer_config.json": `{"chat_template": "{{ a }}"}`}, want: "{{ a }}"},
		{
			name:  "list",
			files: map[string]string{"tokenizer_config.json": `{"chat_template": [{"name": "tool_use", "template": "t"}, {"name": "default", "template": "d"}]}`},
			want:  "d",
		},
		{
			name:  "list without default",
			files: map[string]string{"tokenizer_config.json": `{"chat_template": [{"name": "a", "template": "1"}, {"name": "b", "template": "2"}]}`},
			want:  "1",
		},
		{
			name:  "a file of its own wins",
			files: map[string]string{"tokenizer_config.json": `{"chat_template": "old"}`, "chat_template.jinja": "new\n"},
			want:  "new\n",
		},
		{name: "JSON of its own", files: map[string]string{"chat_template.json": `{"chat_template": "j"}`}, want: "j"},
		{name: "broken", files: map[string]string{"tokenizer_config.json": `{"chat_template": "`}, err: "tokenizer_config.json"},
		{name: "of another type", files: map[string]string{"tokenizer_config.json": `{"chat_template": 7}`}, err: "tokenizer_config.json"},
		{name: "too long", files: map[string]string{"chat_template.jinja": strings.Repeat("x", 1<<20)}, err: "chat_template.jinja"},
	} {
		dir := t.TempDir()
		for name, text := range c.files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := folderTemplate(dir)
		switch {
		case c.err != "":
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want one that names %s", c.name, err, c.err)
			}
		case err != nil || got != c.want:
			t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}

// TestFolderByItsWeights: a folder is named by itself or by the file with its
// weights, and has its own tokenizer and template either way.
func TestFolderByItsWeights(t *testing.T) {
	dir := filepath.Join(conformance(t), "models", "gemma2")
	for _, path := range []string{dir, filepath.Join(dir, "model.safetensors")} {
		tok, err := ModelTokenizer(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := tok.ID("<|im_end|>"); !ok {
			t.Errorf("%s: not the folder's own tokenizer", path)
		}
		tmpl, notices, err := OpenTemplate(path)
		if err != nil || len(notices) > 0 {
			t.Fatalf("%s: %v, %v", path, notices, err)
		}
		if want, err := folderTemplate(dir); err != nil || tmpl.Source() != want {
			t.Errorf("%s: not the folder's own template (%v)", path, err)
		}
	}
}
