package app

import (
	"io"
	"log"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"github.com/go-text/typesetting/fontscan"
	"github.com/go-text/typesetting/language"

	"lumi/app/settings"
)

// scripts are the languages whose characters Fyne's own fonts lack, each with a
// character that it cannot do without: those are taken from the system's fonts.
var scripts = map[string]struct {
	name   string
	sample rune
}{"ja": {"Japanese", 'あ'}, "zh": {"Chinese", '你'}}

// readable is the language to speak for the one that was chosen: English if no
// font has its characters. Then the notice, in English, says what to do.
func readable(chosen string, has func(rune) bool) (language, notice string) {
	tag := chosen
	if chosen == settings.LanguageSystem {
		tag = string(lang.SystemLocale())
	}
	base, _, _ := strings.Cut(tag, "-")
	script, special := scripts[base]
	if !special || has(script.sample) {
		return chosen, ""
	}
	return "en", "No font on this computer has the characters of " + script.name + ", so Lumi speaks English. " +
		"Install one, such as Noto Sans CJK (on Debian and Ubuntu: apt install fonts-noto-cjk), and start Lumi again."
}

// systemHas reports whether one of the system's fonts has a character. The
// first call looks for all fonts; Fyne uses what it has found.
func systemHas(r rune) bool {
	fonts := fontscan.NewFontMap(log.New(io.Discard, "", 0))
	if fonts.UseSystemFonts("") != nil {
		return false // Fyne will not find them either
	}
	fonts.SetQuery(fontscan.Query{Families: []string{fontscan.SansSerif}})
	fonts.SetScript(language.LookupScript(r))
	face := fonts.ResolveFace(r)
	if face == nil {
		return false
	}
	_, has := face.NominalGlyph(r)
	return has
}

// chosenFonts has Fyne take the fonts of a language that was chosen in a system
// of another one. Fyne asks the system for the faces of its own language in
// every weight; what these lack it takes from any font, in ordinary weight only,
// and of the forms that a character has in Chinese and Japanese from either.
type chosenFonts struct {
	locale  string // "" leaves the system's
	restore func() error
}

// fontLocales are the locales that name the fonts of the scripts' languages.
var fontLocales = map[string]string{"ja": "ja-JP", "zh": "zh-CN"}

// fontsOf returns the fonts of the language that was chosen.
func fontsOf(chosen string) *chosenFonts {
	base, _, _ := strings.Cut(chosen, "-")
	return &chosenFonts{locale: fontLocales[base]}
}

// begin comes before Fyne forgets its faces, for another theme.
func (c *chosenFonts) begin() {
	if c.locale != "" {
		c.restore = setLocale(c.locale)
	}
}

// end has Fyne look for the faces before the system's locale is back. Those of
// a fixed width would take another 70 MB; their characters come from any font.
func (c *chosenFonts) end() {
	if c.restore == nil {
		return
	}
	for i := range 4 {
		fyne.MeasureText("x", 14, fyne.TextStyle{Bold: i&1 != 0, Italic: i&2 != 0})
	}
	_ = c.restore() // which fails for impossible names only
	c.restore = nil
}
