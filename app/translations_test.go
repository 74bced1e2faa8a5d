package app

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2/lang"

	"lumi/app/settings"
	"lumi/assets"
	"lumi/llm"
)

// TestMain has the tests read English: what is counted has no singular in the
// source.
func TestMain(m *testing.M) {
	if err := speak(assets.Translations, "translations", "en"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// forms are a text in a language, for each plural form, or under "" if it
// depends on no number.
type forms map[string]string

// UnmarshalJSON implements json.Unmarshaler.
func (f *forms) UnmarshalJSON(data []byte) error {
	*f = forms{}
	var text string
	if json.Unmarshal(data, &text) == nil {
		(*f)[""] = text
		return nil
	}
	return json.Unmarshal(data, (*map[string]string)(f))
}

// readTranslation returns the texts of a language.
func readTranslation(t *testing.T, tag string) map[string]forms {
	t.Helper()
	data, err := assets.Translations.ReadFile("translations/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]forms
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatalf("%s: %v", tag, err)
	}
	return texts
}

// TestQuotesOfTitlesEndNoSentence: a title may end in an ellipsis or a question
// mark, behind which a full stop would look wrong.
func TestQuotesOfTitlesEndNoSentence(t *testing.T) {
	ends := regexp.MustCompile(`\{\{\.(First|Last|Title)\}\}\s?[”“»」]?[.。]`)
	for _, tag := range []string{"en", "de", "es", "fr", "ja", "zh-Hans"} {
		for key, texts := range readTranslation(t, tag) {
			for _, text := range texts {
				if ends.MatchString(text) {
					t.Errorf("%s: %q is %q", tag, key, text)
				}
			}
		}
	}
}

// TestTexts checks that the English texts, the template for translations, hold
// every text of the window and no others, and that those that are counted have
// plural forms.
func TestTexts(t *testing.T) {
	listed := readTranslation(t, "en")
	used := map[string]bool{}
	for text, counted := range sourceTexts(t) {
		used[text] = true
		if _, plain := listed[text][""]; plain == counted && listed[text] != nil {
			t.Errorf("plural forms of %q: the source counts it: %v", text, counted)
		}
	}
	for _, text := range tableTexts() {
		used[text] = true
	}
	for text := range used {
		if listed[text] == nil {
			t.Errorf("en.json lacks %q", text)
		}
	}
	for text := range listed {
		if !used[text] {
			t.Errorf("en.json has %q, which the window does not use", text)
		}
	}
}

// tableTexts are the texts that the window takes from tables.
func tableTexts() []string {
	var texts []string
	for name, k := range knobTexts {
		texts = append(texts, k.nameOr(name))
		if k.hint != "" {
			texts = append(texts, k.hint)
		}
	}
	for _, g := range allGroups() {
		texts = append(texts, g.name)
	}
	for _, p := range llm.Params {
		texts = append(texts, settingText(p.Text))
	}
	for _, p := range llm.TextParams {
		if p.Name != "samplers" { // whose table lists names of flags
			texts = append(texts, settingText(p.Text))
		}
	}
	for _, s := range shortcuts {
		texts = append(texts, s.does)
	}
	texts = append(texts, readoutRows...)
	texts = slices.AppendSeq(texts, maps.Values(typeSentences))
	for month := time.January; month <= time.December; month++ {
		texts = append(texts, month.String())
	}
	return texts
}

// pluralForms are those that the languages' grammars have. That for millions is
// another one in Spanish and French.
var pluralForms = map[string][]string{
	"en": {"one", "other"}, "de": {"one", "other"}, "es": {"many", "one", "other"}, "fr": {"many", "one", "other"},
	"ja": {"other"}, "zh-Hans": {"other"},
}

// own are the texts whose key is a name instead of the English text.
var own = map[string]string{"Decimal sign": ".", "Full stop": "."}

var placeholder = regexp.MustCompile(`\{\{[^}]*\}\}`)

func placeholders(text string) []string {
	list := placeholder.FindAllString(text, -1)
	slices.Sort(list)
	return slices.Compact(list)
}

// TestLanguages checks that every language has every text in every plural form,
// no other ones, and the same values to fill in.
func TestLanguages(t *testing.T) {
	english := readTranslation(t, "en")
	tags, err := languages()
	if err != nil || !slices.Contains(tags, "en") {
		t.Fatalf("the languages are %q, %v", tags, err)
	}
	for _, tag := range tags {
		texts := readTranslation(t, tag)
		for _, key := range slices.Sorted(maps.Keys(english)) {
			checkText(t, tag, key, texts[key], english[key])
		}
		for key := range texts {
			if english[key] == nil {
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

// checkText checks a text of a language beside the English one.
func checkText(t *testing.T, tag, key string, text, english forms) {
	t.Helper()
	want := []string{""}
	if _, plain := english[""]; !plain {
		want = pluralForms[tag]
	}
	if got := slices.Sorted(maps.Keys(text)); !slices.Equal(got, want) {
		t.Errorf("%s has %q in the forms %q, want %q", tag, key, got, want)
	}
	for form, s := range text {
		if s == "" {
			t.Errorf("%s: %q is empty in the form %q", tag, key, form)
		}
		got, want := placeholders(s), placeholders(key)
		if form == "one" { // "a chat" needs no number
			got, want = withoutNumber(got), withoutNumber(want)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s fills %q into %q, want %q", tag, got, s, want)
		}
		if tag == "en" && form != "one" && s != key && s != own[key] {
			t.Errorf("the English text of %q is %q", key, s)
		}
	}
}

func withoutNumber(places []string) []string {
	return slices.DeleteFunc(places, func(p string) bool { return p == "{{.N}}" })
}

// TestSentencesSpeakTheLanguage checks how sentences end and follow one another.
func TestSentencesSpeakTheLanguage(t *testing.T) {
	t.Cleanup(func() {
		if err := speak(assets.Translations, "translations", "en"); err != nil {
			t.Error(err)
		}
	})
	failed := say("{{.Name}} could not be loaded: {{.Why}}", fields{"Name": "m.gguf", "Why": say("there is no such file or folder")})
	both := together(say("The import was stopped."), say("The message is deleted."))
	for tag, want := range map[string][2]string{
		"en":      {"m.gguf could not be loaded: there is no such file or folder.", "The import was stopped. The message is deleted."},
		"fr":      {"m.gguf n’a pas pu être chargé : ce fichier ou ce dossier n’existe pas.", "L’importation a été arrêtée. Le message est supprimé."},
		"ja":      {"m.ggufをロードできませんでした: そのファイルまたはフォルダーはありません。", "インポートを停止しました。メッセージを削除しました。"},
		"zh-Hans": {"无法加载 m.gguf：没有此文件或文件夹。", "导入已停止。消息已删除。"},
	} {
		if err := speak(assets.Translations, "translations", tag); err != nil {
			t.Fatal(err)
		}
		if got := [2]string{told(failed), told(both)}; got != want {
			t.Errorf("%s says %q, want %q", tag, got, want)
		}
	}
}

// TestNumbersSpeakTheLanguage checks what a language makes of numbers.
func TestNumbersSpeakTheLanguage(t *testing.T) {
	t.Cleanup(func() {
		if err := speak(assets.Translations, "translations", "en"); err != nil {
			t.Error(err)
		}
	})
	for tag, want := range map[string][4]string{
		"en": {"1.5 GB", "1 token", "2 tokens", "0.75"}, "de": {"1,5 GB", "1 Token", "2 Tokens", "0,75"},
		"fr": {"1,5 Go", "1 token", "2 tokens", "0,75"}, "es": {"1,5 GB", "1 token", "2 tokens", "0,75"},
		"ja": {"1.5 GB", "1トークン", "2トークン", "0.75"}, "zh-Hans": {"1.5 GB", "1 个 token", "2 个 token", "0.75"},
	} {
		if err := speak(assets.Translations, "translations", tag); err != nil {
			t.Fatal(err)
		}
		got := [4]string{byteSize(1_500_000_000), plural(1, "{{.N}} tokens"), plural(2, "{{.N}} tokens"), number(0.75, 3)}
		if got != want {
			t.Errorf("%s writes %q, want %q", tag, got, want)
		}
		if many := plural(3_000_000, "{{.N}} tokens"); many == lang.L("{{.N}} tokens") {
			t.Errorf("%s writes millions %q", tag, many)
		}
	}
}
