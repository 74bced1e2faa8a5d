package app

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"lumi/assets"
	llmnotice "lumi/llm/notice"
)

// noticeKinds finds the kinds of notices in their package's source: their names
// and what they say.
func noticeKinds(t *testing.T) map[string]llmnotice.Kind {
	t.Helper()
	files, err := filepath.Glob("../llm/notice/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source: %v", err)
	}
	declared := regexp.MustCompile(`(?m)^\t(\w+) +(?:Kind +)?= +"(.*)"$`)
	kinds := map[string]llmnotice.Kind{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range declared.FindAllStringSubmatch(string(source), -1) {
			kinds[m[1]] = llmnotice.Kind(m[2])
		}
	}
	if kinds["BeyondTraining"] != llmnotice.BeyondTraining || kinds["NoToken"] != llmnotice.NoToken {
		t.Fatalf("found only the kinds %q", kinds)
	}
	return kinds
}

// TestNoticesHaveWords checks that the window tells every kind of notice about a
// model in every language, with what the notice is about.
func TestNoticesHaveWords(t *testing.T) {
	t.Cleanup(func() {
		if err := speak(assets.Translations, "translations", "en"); err != nil {
			t.Error(err)
		}
	})
	tags, err := languages()
	if err != nil {
		t.Fatal(err)
	}
	english := map[string]string{}
	for _, tag := range append([]string{"en"}, tags...) {
		if err := speak(assets.Translations, "translations", tag); err != nil {
			t.Fatal(err)
		}
		for name, kind := range noticeKinds(t) {
			n := llmnotice.Notice{Kind: kind, N: 71, Of: 8192, Text: "ChatML", Err: errors.New("it is odd")}
			p := modelNotice(n)
			if p.key == "" {
				t.Errorf("the window has no words for notice.%s", name)
				continue
			}
			text := told(p)
			for place, value := range map[string]string{"{N}": "71", "{Of}": "8192", "{Text}": "ChatML", "{Err}": "it is odd"} {
				if strings.Contains(string(kind), place) != strings.Contains(text, value) {
					t.Errorf("%s: %q in place of %q", tag, text, kind)
				}
			}
			switch {
			case tag == "en":
				english[name] = text
			case text == english[name]:
				t.Errorf("%s: notice.%s is told in English", tag, name)
			}
		}
	}
}
