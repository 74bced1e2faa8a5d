package settings

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lumi/llm"
)

func somePreset(name string) Preset {
	s := llm.DefaultSettings()
	s.Temperature, s.DRYMultiplier, s.Stop, s.Samplers = 1.25, 0.8, []string{"\n\n", "END"}, "top_k;temperature"
	return Preset{Name: name, Settings: s}
}

func TestPresetsComeBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "presets.json")
	if p, faults := LoadPresets(path); len(faults) > 0 || len(p.Sampling) > 0 {
		t.Fatalf("no file gives %+v and %q", p, faults)
	}
	want := Presets{
		Sampling: []Preset{somePreset("Bold"), {"Plain", llm.DefaultSettings()}},
		Prompts:  []SystemPrompt{{"Short", "Be brief."}},
		Models:   map[string]string{"/models/tiny.gguf": "Bold"},
		Chats:    map[int64]string{12: "Plain"},
		Edits:    map[int64]Preset{12: somePreset("Plain"), 1 << 52: {"Bold", llm.DefaultSettings()}},
	}
	if err := SavePresets(path, want); err != nil {
		t.Fatal(err)
	}
	got, faults := LoadPresets(path)
	if diff := cmp.Diff(want, got); diff != "" || len(faults) > 0 {
		t.Errorf("saved and loaded (-want +got):\n%s%q", diff, faults)
	}
}

// TestSomePresets saves presets of one kind only: the other list is empty, and
// that is no fault, nor is the null that stood there once.
func TestSomePresets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "presets.json")
	for _, want := range []Presets{{}, {Sampling: []Preset{somePreset("Bold")}}, {Prompts: []SystemPrompt{{"Short", "Be brief."}}}} {
		if err := SavePresets(path, want); err != nil {
			t.Fatal(err)
		}
		got, faults := LoadPresets(path)
		if diff := cmp.Diff(want, got); diff != "" || len(faults) > 0 {
			t.Errorf("saved and loaded (-want +got):\n%s%q", diff, faults)
		}
	}
	if err := os.WriteFile(path, []byte(`{"sampling": null, "prompts": null}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, faults := LoadPresets(path); len(faults) > 0 {
		t.Errorf("empty lists are told of: %q", faults)
	}
}

func TestBadPresets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "presets.json")
	text := `{"sampling": [{"name": "A", "settings": {"temperature": "hot", "top_k": 7}}, {"name": "A"}, {"settings": {}}, 5],
		"prompts": [{"name": ""}], "chats": {"x": "A"},
		"edits": {"3": {"name": "A", "settings": {"top_p": 2}}, "4": {"settings": {}}}}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, faults := LoadPresets(path)
	want := llm.DefaultSettings()
	want.TopK = 7
	if len(p.Sampling) != 1 || cmp.Diff(p.Sampling[0].Settings, want) != "" || len(p.Prompts) != 0 || len(p.Chats) != 0 || len(p.Edits) != 1 {
		t.Errorf("read %+v", p)
	}
	all := fmt.Sprint(faults)
	for _, part := range []string{`"sampling.1.settings.temperature" is "hot"`, `two presets "A"`, "has no name", "is 5 where", `"prompts"`, `"chats"`, `"edits.3.settings.top_p" is 2`} {
		if !strings.Contains(all, part) {
			t.Errorf("the faults do not say %q:\n%s", part, all)
		}
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, faults = LoadPresets(path); len(faults) != 1 || !strings.HasPrefix(fmt.Sprint(faults), "[The file of presets "+path) {
		t.Errorf("a broken file gives %q", faults)
	}
	if _, err := os.Stat(path + badSuffix); err != nil {
		t.Errorf("a broken file is not put aside: %v", err)
	}
}

func TestPresetFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bold.json")
	want := somePreset("Bold")
	if err := ExportPreset(path, want); err != nil {
		t.Fatal(err)
	}
	got, faults, err := ImportPreset(path)
	if diff := cmp.Diff(want, got); diff != "" || len(faults) > 0 || err != nil {
		t.Errorf("exported and imported: %v %q\n%s", err, faults, diff)
	}
	if err := os.WriteFile(path, []byte(`{"name": "Bad", "settings": {"top_p": 7}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, faults, err = ImportPreset(path); err != nil || len(faults) != 1 {
		t.Errorf("a bad value gives %v and %q", err, faults)
	}
	if err := os.WriteFile(path, []byte(`[1]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err = ImportPreset(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a file that is no preset gives %v", err)
	}
}
