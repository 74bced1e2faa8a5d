package app

import (
	"encoding/json"
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"testing"

	"lumi/app/settings"
	"lumi/assets"
)

// translatedText is the key of a call of lang.L or lang.X that is written out.
func translatedText(call *ast.CallExpr) (string, bool) {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return "", false
	}
	if pkg, ok := f.X.(*ast.Ident); !ok || pkg.Name != "lang" || f.Sel.Name != "L" && f.Sel.Name != "X" {
		return "", false
	}
	return literal(call.Args[0])
}

// readTranslation returns the texts of a language.
func readTranslation(t *testing.T, tag string) map[string]string {
	t.Helper()
	data, err := assets.Translations.ReadFile("translations/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]string
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatalf("%s: %v", tag, err)
	}
	return texts
}

var placeholder = regexp.MustCompile(`\{\{[^}]*\}\}`)

// TestLanguages checks that every language has every text, no other ones, and
// the same values to fill in.
func TestLanguages(t *testing.T) {
	english := readTranslation(t, "en")
	tags, err := languages()
	if err != nil || !slices.Contains(tags, "en") {
		t.Fatalf("the languages are %q, %v", tags, err)
	}
	for _, tag := range tags {
		texts := readTranslation(t, tag)
		for _, key := range slices.Sorted(maps.Keys(english)) {
			text, ok := texts[key]
			switch {
			case !ok || text == "":
				t.Errorf("%s lacks %q", tag, key)
				continue
			case tag == "en" && text != key:
				t.Errorf("the English text of %q is %q", key, text)
			}
			want, got := placeholder.FindAllString(key, -1), placeholder.FindAllString(text, -1)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("%s fills %q into %q, want %q", tag, got, text, want)
			}
		}
		for key := range texts {
			if _, ok := english[key]; !ok {
				t.Errorf("%s has %q, which English does not", tag, key)
			}
		}
		if languageNames[tag] == "" {
			t.Errorf("the settings have no name for the language %s", tag)
		}
		p := settings.Default()
		p.Language = tag
		path := t.TempDir() + "/settings.json"
		if err := settings.Save(path, p); err != nil {
			t.Fatal(err)
		}
		if got, faults := settings.Load(path); got.Language != tag {
			t.Errorf("the settings do not take the language %s: %q", tag, faults)
		}
	}
}
