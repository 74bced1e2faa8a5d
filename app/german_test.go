package app

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lumi/app/history"
	"lumi/app/settings"
	"lumi/assets"
	"lumi/llm"
)

// speakGerman has a test read German, and returns what the translation has for
// an English text.
func speakGerman(t *testing.T) (german func(key string) string) {
	t.Helper()
	t.Cleanup(func() {
		if err := speak(assets.Translations, "translations", "en"); err != nil {
			t.Error(err)
		}
	})
	if err := speak(assets.Translations, "translations", "de"); err != nil {
		t.Fatal(err)
	}
	texts := readTranslation(t, "de")
	return func(key string) string {
		text := texts[key][""]
		if text == "" || text == key {
			t.Fatalf("there is no German for %q", key)
		}
		return text
	}
}

// checkGerman demands that a notice is the German text, filled with anything at
// its places, and behind it at most a detail in parentheses.
func checkGerman(t *testing.T, what, got, want string) {
	t.Helper()
	rest, at := sentence(got), 0
	for i, part := range placeholder.Split(sentence(want), -1) {
		if part = strings.TrimSuffix(part, "."); part == ")" && strings.HasSuffix(rest, ").") {
			return // whatever else the detail has in parentheses
		}
		if at = strings.Index(rest, part); at < 0 || i == 0 && at > 0 {
			t.Errorf("%s: told %q, want %q", what, got, want)
			return
		}
		rest = rest[at+len(part):]
	}
	if rest = strings.TrimSuffix(rest, "."); rest != "" && !strings.HasPrefix(rest, " (") {
		t.Errorf("%s: told %q, want nothing behind %q but a detail in parentheses", what, got, want)
	}
}

// storiesModel is the path of a small model that has no chat template.
func storiesModel(t *testing.T) string {
	t.Helper()
	stories, err := filepath.Glob(filepath.Join(os.Getenv("LUMI_CONFORMANCE"), "seed", "stories260K", "*.gguf"))
	if err != nil || len(stories) == 0 {
		t.Skip("skipped: LUMI_CONFORMANCE names no folder with the stories model")
	}
	return stories[0]
}

// TestModelFaultsInGerman loads faulty model files.
func TestModelFaultsInGerman(t *testing.T) {
	german := speakGerman(t)
	model, err := os.ReadFile(storiesModel(t))
	if err != nil {
		t.Fatal(err)
	}
	changed := func(from, to string) []byte { return bytes.Replace(model, []byte(from), []byte(to), 1) }
	unknownType := bytes.Clone(model)
	// A tensor's name is followed by how many dimensions it has, two of them,
	// and its type.
	at := bytes.Index(model, []byte("token_embd.weight")) + len("token_embd.weight") + 4 + 16
	binary.LittleEndian.PutUint32(unknownType[at:], 999)
	b := newBench(t, "")
	defer b.end()
	b.load = func(ctx context.Context, path string, progress func(done, total int64)) (Engine, error) {
		return llm.Open(ctx, path, llm.Options{}, progress)
	}
	const notModel, damaged = "it is no model that Lumi can read", "the file is damaged or incomplete; fetch it again"
	for name, c := range map[string]struct {
		data []byte // nil for no file
		why  string
	}{
		"missing":      {nil, "there is no such file or folder"},
		"empty":        {[]byte{}, notModel},
		"page":         {[]byte("<!DOCTYPE html><html>"), notModel},
		"text":         {[]byte("This is a letter and no model at all."), notModel},
		"cut":          {model[:len(model)-1000], "the file is cut off: after {{.Has}}, {{.Missing}} are missing; fetch it again"},
		"cut header":   {model[:100], "the file is cut off: after {{.Has}}, at least {{.Missing}} are missing; fetch it again"},
		"architecture": {changed("llama", "lemma"), "Lumi does not know the architecture “{{.Architecture}}”; choose another model"},
		"type":         {unknownType, "it needs something that Lumi does not support; choose another build of this model"},
		"tensor":       {changed("blk.2.attn_norm", "blk.2.attn_nurm"), damaged},
	} {
		path := filepath.Join(t.TempDir(), "model.gguf")
		if c.data != nil {
			if err := os.WriteFile(path, c.data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		b.Load(path)
		b.until(name, func() bool { return b.notice != nil })
		want := strings.NewReplacer("{{.Name}}", "model.gguf", "{{.Why}}", german(c.why)).Replace(german("{{.Name}} could not be loaded: {{.Why}}"))
		checkGerman(t, name, told(b.notice.Text), want)
		b.Dismiss()
	}
}

// TestModelNoticesInGerman loads a model that has no chat template.
func TestModelNoticesInGerman(t *testing.T) {
	german := speakGerman(t)
	b := newBench(t, "")
	defer b.end()
	b.load = func(ctx context.Context, path string, progress func(done, total int64)) (Engine, error) {
		return llm.Open(ctx, path, llm.Options{}, progress)
	}
	b.Load(storiesModel(t))
	b.until("the model is loaded", func() bool { return b.notice != nil })
	checkGerman(t, "no template", told(b.notice.Text),
		german("This model has no chat template: plain text is used, with the speakers' names in front. Answers may be poor."))
}

// TestOpeningFaultsInGerman opens a damaged history, and settings and presets
// that cannot be read.
func TestOpeningFaultsInGerman(t *testing.T) {
	german := speakGerman(t)
	write := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	check := func(what string, faults []error, want string) {
		t.Helper()
		if len(faults) != 1 {
			t.Fatalf("%s: %q, want one fault", what, faults)
		}
		got := reported(faults[0])
		if len(got.parts) > 0 {
			got = got.parts[0]
		}
		checkGerman(t, what, told(got), want)
	}
	path := write("chats.db", strings.Repeat("no database ", 1000))
	kept, faults, err := history.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	check("damaged history", faults, german("The chat history {{.Path}} is damaged ({{.Detail}})."))
	noJSON := german("it is not valid JSON") + " ({{.Detail}})"
	_, faults = settings.Load(write("settings.json", "{"))
	check("cut settings", faults, strings.Replace(german("The settings file {{.Path}} cannot be read, so the defaults are used: {{.Why}}."), "{{.Why}}", noJSON, 1))
	_, faults = settings.Load(write("settings.json", `{"theme": 7}`))
	check("bad setting", faults, german("In {{.Path}} there is a value that cannot be used, so the default is used ({{.Detail}})."))
	_, faults = settings.LoadPresets(write("presets.json", "{"))
	check("cut presets", faults, strings.Replace(german("The presets in {{.Path}} cannot be read, so there are none: {{.Why}}."), "{{.Why}}", noJSON, 1))
}

// TestImportFaultsInGerman imports files that hold no chats.
func TestImportFaultsInGerman(t *testing.T) {
	german := speakGerman(t)
	b := newBench(t, "")
	defer b.end()
	for text, why := range map[string]string{
		`{"a": 1}`:                               "there are no chats of Lumi, ChatGPT or LM Studio in it",
		`{"format":"lumi-chats","version":1,"ch`: "the file is damaged; export or fetch it again",
		`{"format":"lumi-chats","version":9999}`: "it was written by a newer version of Lumi; update Lumi",
	} {
		path := filepath.Join(t.TempDir(), "chats.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		b.ImportChats(path)
		b.until(text, func() bool { return b.notice != nil && b.transfer == nil })
		checkGerman(t, text, told(b.notice.Text), strings.Replace(german("{{.Name}} was not imported: {{.Why}}"), "{{.Why}}", german(why), 1))
		b.Dismiss()
	}
}
