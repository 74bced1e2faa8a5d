package settings

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/adrg/xdg"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lumi/llm"
	"lumi/llm/sample"
)

var exported = cmpopts.IgnoreUnexported(Settings{})

// chosen differs from the defaults in every value.
func chosen(dir string) Settings {
	return Settings{
		Theme: ThemeDark, TextSize: 18.5, Scale: 1.25, Language: "zh-Hans", Notify: false, Recent: []string{"chat 7"}, WindowWidth: 800, WindowHeight: 600.5,
		SidebarOpen: false, SidebarWidth: 123, FoldedFolders: []int64{3, 7}, PanelOpen: false, PanelWidth: 321,
		LastModel: filepath.Join(dir, "a model <1> & more.gguf"), LastChat: 1 << 40,
		ModelDirs: []string{dir}, Threads: 3, Context: 8192, KV: "Q8_0", Precision: llm.PrecisionHigh, SystemPrompt: "Be\nbrief. 👍",
		Sampling: llm.Settings{
			Settings: sample.Settings{
				Temperature: 1.25, TopK: 1, TopP: 0.5, MinP: 0.25,
				RepeatPenalty: 1.5, RepeatWindow: 9, Seed: math.MaxUint64,
				DynatempRange: 0.5, DynatempExponent: 2, Typical: 0.9, TopNSigma: 1.5, XTCProbability: 0.5, XTCThreshold: 0.2,
				PresencePenalty: -0.5, FrequencyPenalty: 0.25, DRYMultiplier: 0.8, DRYBase: 2, DRYAllowedLength: 3, DRYWindow: 512,
				Mirostat: 2, MirostatTau: 4, MirostatEta: 0.2, Samplers: "top_k;temperature",
			},
			MaxTokens: -1, Lookup: 4, Stop: []string{"\n\n"},
			LogitBias:   []sample.Bias{{Token: 5, Value: -1.5}, {Token: 6, Value: sample.Never}},
			DRYBreakers: []string{"\n"}, Banned: []string{"as an AI"}, Grammar: `root ::= "a"`,
		},
	}
}

func put(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEveryValueSurvives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder", "settings.json")
	want := chosen(t.TempDir())
	def, v := reflect.ValueOf(Default()), reflect.ValueOf(want)
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && reflect.DeepEqual(v.Field(i).Interface(), def.Field(i).Interface()) {
			t.Errorf("%s has its default value, which shows nothing", f.Name)
		}
	}
	for _, s := range []Settings{want, Default()} {
		if err := Save(path, s); err != nil {
			t.Fatal(err)
		}
		got, notices := Load(path)
		if diff := cmp.Diff(s, got, exported); diff != "" || len(notices) > 0 {
			t.Errorf("notices %q, settings (-want +got):\n%s", notices, diff)
		}
	}
}

func TestBadValues(t *testing.T) {
	for text, key := range map[string]string{
		`{"theme": "pink"}`:                       "theme",
		`{"theme": null}`:                         "theme",
		`{"theme": 1}`:                            "theme",
		`{"text_size": 0}`:                        "text_size",
		`{"text_size": 1e99}`:                     "text_size",
		`{"text_size": "14"}`:                     "text_size",
		`{"scale": 0.1}`:                          "scale",
		`{"scale": 5}`:                            "scale",
		`{"language": "klingon, probably"}`:       "language",
		`{"language": ""}`:                        "language",
		`{"language": "../de"}`:                   "language",
		`{"notify": "never"}`:                     "notify",
		`{"recent": "New chat"}`:                  "recent",
		`{"window_width": -1}`:                    "window_width",
		`{"window_height": []}`:                   "window_height",
		`{"sidebar_open": 1}`:                     "sidebar_open",
		`{"sidebar_width": -0.5}`:                 "sidebar_width",
		`{"panel_open": "yes"}`:                   "panel_open",
		`{"panel_width": {}}`:                     "panel_width",
		`{"last_model": "a\u0000b"}`:              "last_model",
		`{"last_chat": -1}`:                       "last_chat",
		`{"last_chat": 1.5}`:                      "last_chat",
		`{"model_dirs": ["relative"]}`:            "model_dirs",
		`{"model_dirs": "/models"}`:               "model_dirs",
		`{"threads": -1}`:                         "threads",
		`{"threads": 9999999}`:                    "threads",
		`{"context": 99999999999999999999}`:       "context",
		`{"kv": "Q2_K"}`:                          "kv",
		`{"precision": "exact"}`:                  "precision",
		`{"precision": 1}`:                        "precision",
		`{"system_prompt": false}`:                "system_prompt",
		`{"sampling": []}`:                        "sampling",
		`{"sampling": {"temperature": -1}}`:       "sampling.temperature",
		`{"sampling": {"top_k": 1.5}}`:            "sampling.top_k",
		`{"sampling": {"top_p": 2}}`:              "sampling.top_p",
		`{"sampling": {"min_p": "x"}}`:            "sampling.min_p",
		`{"sampling": {"repeat_penalty": 0}}`:     "sampling.repeat_penalty",
		`{"sampling": {"repeat_window": 100000}}`: "sampling.repeat_window",
		`{"sampling": {"seed": -1}}`:              "sampling.seed",
		`{"sampling": {"max_tokens": null}}`:      "sampling.max_tokens",
		`{"sampling": {"stop": [""]}}`:            "sampling.stop",
		`{"sampling": {"typical_p": 2}}`:          "sampling.typical_p",
		`{"sampling": {"samplers": "top_x"}}`:     "sampling.samplers",
		`{"sampling": {"grammar": "x"}}`:          "sampling.grammar",
		`{"sampling": {"json_schema": "{"}}`:      "sampling.json_schema",
		`{"sampling": {"logit_bias": [1]}}`:       "sampling.logit_bias",
	} {
		path := put(t, text)
		got, notices := Load(path)
		if diff := cmp.Diff(Default(), got, exported); diff != "" {
			t.Errorf("%s: settings (-want +got):\n%s", text, diff)
		}
		if len(notices) != 1 || !strings.Contains(notices[0].Error(), `"`+key+`"`) || !strings.Contains(notices[0].Error(), path) {
			t.Errorf("%s: notices %q, want one about %s", text, notices, key)
		}
	}
}

func TestOneBadValueSparesTheOthers(t *testing.T) {
	want := Default()
	want.TextSize, want.Sampling.TopK, want.SidebarOpen = 20, 7, false
	got, notices := Load(put(t, "\ufeff"+`{"theme": 3, "text_size": 20, "sidebar_open": false, "sampling": {"top_k": 7, "seed": "s"}}`))
	if diff := cmp.Diff(want, got, exported); diff != "" || len(notices) != 1 ||
		!strings.Contains(notices[0].Error(), `"theme"`) || !strings.Contains(notices[0].Error(), `"sampling.seed"`) {
		t.Errorf("notices %q, settings (-want +got):\n%s", notices, diff)
	}
	_, notices = Load(put(t, `{"theme": 1, "text_size": "a", "scale": "b", "notify": 2, "threads": "c"}`))
	if len(notices) != 1 || !strings.Contains(notices[0].Error(), "and 2 more") || strings.Count(notices[0].Error(), ".json") != 1 {
		t.Errorf("of five faults: %q, want one sentence that names the file once and counts two", notices)
	}
}

func TestUnknownKeysArePreserved(t *testing.T) {
	path := put(t, `{"future": {"a": [1, 2]}, "theme": "dark", "sampling": {"dry": 0.8, "top_k": 3}}`)
	s, notices := Load(path)
	if len(notices) > 0 {
		t.Errorf("notices %q", notices)
	}
	s.Theme = ThemeLight
	if err := Save(path, s); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"a": []any{1.0, 2.0}}, got["future"]); diff != "" || got["theme"] != ThemeLight {
		t.Errorf("theme %v, future (-want +got):\n%s", got["theme"], diff)
	}
	if sampling := got["sampling"].(map[string]any); sampling["dry"] != 0.8 || sampling["top_k"] != 3.0 {
		t.Errorf("sampling is %v", sampling)
	}
}

func TestFilesThatAreNoSettings(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "cut": `{"theme": "da`, "list": "[]", "null": "null", "text": "hello", "two": "{}{}",
		"nested": strings.Repeat("[", 100_000), "large": `{"x": "` + strings.Repeat("x", maxSize) + `"}`,
	} {
		path := put(t, text)
		got, notices := Load(path)
		if diff := cmp.Diff(Default(), got, exported); diff != "" {
			t.Errorf("%s: settings (-want +got):\n%s", name, diff)
		}
		if len(notices) != 1 || !strings.Contains(notices[0].Error(), path+badSuffix) {
			t.Errorf("%s: notices %q, want one that names the kept file", name, notices)
		}
		if kept, err := os.ReadFile(path + badSuffix); err != nil || string(kept) != text {
			t.Errorf("%s: the bad file is not kept: %v", name, err)
		}
		if _, notices := Load(path); len(notices) > 0 {
			t.Errorf("%s: told again: %q", name, notices)
		}
	}
}

func TestPlacesThatCannotHoldSettings(t *testing.T) {
	path := filepath.Join(put(t, "{}"), "settings.json") // its folder is a file
	got, notices := Load(path)
	if diff := cmp.Diff(Default(), got, exported); diff != "" || len(notices) != 1 {
		t.Errorf("notices %q, settings (-want +got):\n%s", notices, diff)
	}
	if err := Save(path, got); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("saving: %v, want an error with the path", err)
	}
	bad := Default()
	bad.TextSize = float32(math.NaN())
	if err := Save(put(t, "{}"), bad); err == nil {
		t.Error("not a number was saved")
	}
}

func TestPath(t *testing.T) {
	t.Cleanup(xdg.Reload) // after t.Setenv has put the environment back
	home, config := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", config)
	xdg.Reload()
	if got, want := Path(), filepath.Join(config, "lumi", "settings.json"); got != want {
		t.Errorf("path %s, want %s", got, want)
	}
	t.Setenv("XDG_CONFIG_HOME", "relative")
	xdg.Reload()
	if got := Path(); !filepath.IsAbs(got) || strings.Contains(got, "relative") {
		t.Errorf("a relative variable was used: %s", got)
	}
	t.Setenv("HOME", "")
	t.Setenv("XDG_CONFIG_HOME", "")
	xdg.Reload()
	if got := Path(); !filepath.IsAbs(got) {
		t.Errorf("without a home the path is %s", got)
	}
}
