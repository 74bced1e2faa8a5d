package app

import (
	"io"
	"log"
	"strings"

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
