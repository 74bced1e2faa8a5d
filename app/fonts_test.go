package app

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/test"

	"lumi/app/settings"
)

// TestReadable chooses languages on computers with and without fonts for them.
func TestReadable(t *testing.T) {
	for _, name := range localeVars {
		t.Setenv(name, "")
	}
	none := func(rune) bool { return false }
	all := func(rune) bool { return true }
	for _, tc := range []struct {
		system, chosen string
		has            func(rune) bool
		want           string
	}{
		{"C.UTF-8", "ja", all, "ja"},
		{"C.UTF-8", "ja", none, "en"},
		{"C.UTF-8", "zh-Hans", none, "en"},
		{"C.UTF-8", "fr", none, "fr"},
		{"ja_JP.UTF-8", settings.LanguageSystem, none, "en"},
		{"ja_JP.UTF-8", settings.LanguageSystem, all, settings.LanguageSystem},
		{"de_DE.UTF-8", settings.LanguageSystem, none, settings.LanguageSystem},
	} {
		t.Setenv("LANG", tc.system)
		got, notice := readable(tc.chosen, tc.has)
		if got != tc.want {
			t.Errorf("chosen %q in a system that speaks %s: %q, want %q", tc.chosen, tc.system, got, tc.want)
		}
		if told := strings.Contains(notice, "Install"); told != (tc.want == "en") {
			t.Errorf("chosen %q in a system that speaks %s, it says %q", tc.chosen, tc.system, notice)
		}
	}
}

// TestSystemFonts: what no font can have is not found in one.
func TestSystemFonts(t *testing.T) {
	if systemHas('\U0010fffd') { // of the last private plane
		t.Error("a font has a character that is for private use")
	}
}

// TestChosenFonts: while Fyne looks for faces the system speaks the language that
// was chosen, and then its own again.
func TestChosenFonts(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(lumiTheme{})
	for _, name := range localeVars {
		t.Setenv(name, "")
	}
	t.Setenv("LANG", "de_DE.UTF-8")
	for chosen, want := range map[string]string{
		"zh-Hans": "zh-CN", "ja": "ja-JP", "fr": "de-DE", settings.LanguageSystem: "de-DE",
	} {
		fonts := fontsOf(chosen)
		fonts.begin()
		if got := lang.SystemLocale().LanguageString(); got != want {
			t.Errorf("%s: faces are looked for in %s, want %s", chosen, got, want)
		}
		fonts.end()
		if got := lang.SystemLocale().LanguageString(); got != "de-DE" {
			t.Errorf("%s: the system then speaks %s", chosen, got)
		}
	}
}
