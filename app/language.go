package app

import (
	"embed"
	"errors"
	"os"
	"path"
	"strconv"
	"strings"

	"fyne.io/fyne/v2/lang"

	"lumi/app/settings"
	"lumi/assets"
)

// Fyne picks the language when translations are added, by the locale of the
// system; what is built by then keeps its texts, so another language needs a
// new start.

// localeVars are what the system's locale is read from, everywhere but on
// macOS and Windows.
var localeVars = []string{"LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"}

// speak adds the translations in the folder and chooses a language: the
// system's or the one that is named. It must come before the first text.
func speak(files embed.FS, folder, language string) (err error) {
	if language == settings.LanguageSystem {
		return lang.AddTranslationsFS(files, folder)
	}
	data, err := files.ReadFile(path.Join(folder, language+".json"))
	if err != nil { // of a version that knew it
		return errors.Join(err, lang.AddTranslationsFS(files, folder))
	}
	// Fyne's own texts, such as those of file dialogs, follow the environment.
	// Programs that are started from here get the person's own again.
	restore := setLocale(language)
	defer func() { err = errors.Join(err, restore()) }()
	if err := lang.AddTranslationsFS(files, folder); err != nil {
		return err
	}
	// Where the locale does not come from the environment, the chosen texts
	// take the place of those of the system's language.
	base, _, _ := strings.Cut(language, "-") // Fyne's locales have no script
	if system := lang.SystemLocale(); !strings.HasPrefix(string(system), base) {
		return lang.AddTranslationsForLocale(data, system)
	}
	return nil
}

// setLocale names the language in the environment and returns what undoes it.
func setLocale(language string) (restore func() error) {
	undo := make([]func() error, 0, len(localeVars))
	for _, name := range localeVars {
		if old, there := os.LookupEnv(name); there {
			undo = append(undo, func() error { return os.Setenv(name, old) })
		} else {
			undo = append(undo, func() error { return os.Unsetenv(name) })
		}
		// An impossible name or value is the only error, and these are not.
		_ = os.Setenv(name, language)
	}
	return func() (err error) {
		for _, f := range undo {
			err = errors.Join(err, f())
		}
		return err
	}
}

// translate puts a phrase into the person's language.
func translate(p phrase) string {
	if p.key == "" {
		texts := make([]string, 0, len(p.parts))
		for _, part := range p.parts {
			texts = append(texts, translate(part))
		}
		return p.foreign + sequence(texts)
	}
	places := map[string]any{}
	for name, v := range p.fields {
		places[name] = inWords(v)
	}
	if !p.counted {
		return lang.L(p.key, places)
	}
	places["N"] = p.count
	return lang.N(p.key, p.count, places)
}

// inWords is what fills a place of a phrase.
func inWords(v any) any {
	switch v := v.(type) {
	case phrase:
		return translate(v)
	case error:
		return translate(explained(v))
	case size:
		return byteSize(int64(v))
	}
	return v
}

// told is a phrase as a whole sentence.
func told(p phrase) string { return sentence(translate(p)) }

// plural is a text about n things, of which the key is the English one for more
// than one; {{.N}} is their number.
func plural(n int, key string) string { return translate(sayN(key, n)) }

// languageNames are what speakers call their languages; one that is not here
// is called by its tag.
var languageNames = map[string]string{
	"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français",
	// With a name that can be read where no font has these characters.
	"ja": "日本語 (Japanese)", "zh-Hans": "简体中文 (Chinese)", "zh": "中文 (Chinese)",
}

// languages lists the tags that there are translations for.
func languages() ([]string, error) {
	entries, err := assets.Translations.ReadDir("translations")
	tags := make([]string, 0, len(entries))
	for _, e := range entries {
		tags = append(tags, strings.TrimSuffix(e.Name(), ".json"))
	}
	return tags, err
}

// scaleVar is what Fyne reads the scale of the window from, each time that the
// theme changes; there is no other way to set it.
const scaleVar = "FYNE_SCALE"

// setScale makes everything larger or smaller from the next change of theme on.
func setScale(scale float32) {
	_ = os.Setenv(scaleVar, strconv.FormatFloat(float64(scale), 'f', -1, 32))
}
