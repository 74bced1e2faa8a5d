package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"lumi/llm"
	"lumi/llm/sample"
)

// maxSize bounds the file in bytes; what is larger was not written by Lumi.
const maxSize = 4 << 20

// badSuffix is added to the name of a file that cannot be read as settings.
const badSuffix = ".bad"

// Load reads the settings at path. It always returns settings that can be
// used; the errors say, in sentences, what in the file could not be. No file is no fault.
func Load(path string) (Settings, []error) {
	values, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Default(), nil
	}
	if err != nil {
		return Default(), []error{putAside(path, false, err)}
	}
	s, faults := decode(values)
	if len(faults) == 0 {
		return s, nil
	}
	return s, []error{&ValueError{path, "settings file", faults}}
}

// read returns the values in the file by their keys.
func read(path string) (map[string]json.RawMessage, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // reading a pipe or a device may never end
		return nil, errors.New("it is not an ordinary file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxSize {
		return nil, fmt.Errorf("it is larger than %d MiB", maxSize>>20)
	}
	var values map[string]json.RawMessage
	// Some editors put a byte order mark in front, which JSON does not know.
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &values); err != nil {
		return nil, err
	}
	if values == nil {
		return nil, errors.New("it holds null instead of an object")
	}
	return values, nil
}

// putAside keeps the broken file where saving will not overwrite it, and
// returns what to tell the person.
func putAside(path string, presets bool, why error) error {
	e := &FileError{Presets: presets, Path: path, Aside: path + badSuffix, Err: why}
	if e.Stuck = os.Rename(path, e.Aside); e.Stuck != nil {
		e.Aside = ""
	}
	return e
}

// decode takes what makes sense from values and leaves the default for the
// rest, with half a sentence for each value that does not.
func decode(values map[string]json.RawMessage) (Settings, []string) {
	s, r := Default(), &reader{values: values}
	take(r, "theme", &s.Theme, "system, light or dark", func(v string) bool {
		return v == ThemeSystem || v == ThemeLight || v == ThemeDark
	})
	take(r, "text_size", &s.TextSize, "a number from 8 to 48", within[float32](8, 48))
	take(r, "scale", &s.Scale, "a number from 0.5 to 4", within[float32](MinScale, MaxScale))
	take(r, "language", &s.Language, "system or the tag of a language such as de", isLanguage)
	take(r, "notify", &s.Notify, "true or false", anything)
	take(r, "recent", &s.Recent, "a list of at most 24 texts", func(v []string) bool { return len(v) <= MaxRecent })
	take(r, "window_width", &s.WindowWidth, "a number from 200 to 20000", within[float32](200, 20000))
	take(r, "window_height", &s.WindowHeight, "a number from 150 to 20000", within[float32](150, 20000))
	take(r, "sidebar_open", &s.SidebarOpen, "true or false", anything)
	take(r, "sidebar_width", &s.SidebarWidth, "a number from 0 to 20000", within[float32](0, 20000))
	take(r, "folded_folders", &s.FoldedFolders, "a list of numbers", anything)
	take(r, "panel_open", &s.PanelOpen, "true or false", anything)
	take(r, "panel_width", &s.PanelWidth, "a number from 0 to 20000", within[float32](0, 20000))
	take(r, "last_model", &s.LastModel, "a path", noNUL)
	take(r, "last_chat", &s.LastChat, "a number from 0", within[int64](0, math.MaxInt64))
	take(r, "model_dirs", &s.ModelDirs, "a list of absolute paths", func(v []string) bool {
		return !slices.ContainsFunc(v, func(dir string) bool { return !filepath.IsAbs(dir) || !noNUL(dir) })
	})
	take(r, "threads", &s.Threads, "a number from 0 to 4096", within(0, 4096))
	take(r, "context", &s.Context, "a number from 0 to 16777216", within(0, 1<<24))
	take(r, "kv", &s.KV, "F32, F16 or Q8_0", func(v string) bool {
		return v == "F32" || v == "F16" || v == "Q8_0"
	})
	take(r, "precision", &s.Precision, "auto, fast or high", anything)
	take(r, "system_prompt", &s.SystemPrompt, "a text", anything)
	inner := &reader{prefix: "sampling."}
	take(r, "sampling", &inner.values, "an object", anything)
	s.Sampling = decodeSampling(inner)
	s.others, s.othersSampling = r.values, inner.values
	return s, append(r.faults, inner.faults...)
}

func decodeSampling(r *reader) llm.Settings {
	s := llm.DefaultSettings()
	for _, p := range llm.Params {
		switch field := p.Field(&s).(type) {
		case *float32:
			take(r, p.Key, field, p.Range(), func(v float32) bool { return p.Holds(v) })
		case *int:
			take(r, p.Key, field, p.Range(), func(v int) bool { return p.Holds(v) })
		case *uint64:
			take(r, p.Key, field, p.Range(), func(v uint64) bool { return p.Holds(v) })
		}
	}
	for _, p := range llm.TextParams {
		switch field := p.Field(&s).(type) {
		case *string:
			take(r, p.Key, field, "a text that can be used", func(v string) bool { return v == "" || p.Check == nil || p.Check(v) == nil })
		case *[]string:
			take(r, p.Key, field, "a list of texts", func(v []string) bool { return !slices.Contains(v, "") })
		case *[]sample.Bias:
			take(r, p.Key, field, "a list of tokens with their bias", anything)
		}
	}
	return s
}

// reader hands out the values of one JSON object; those nobody asks for stay.
type reader struct {
	prefix string // of the keys, in sentences
	values map[string]json.RawMessage
	faults []string
}

// take sets *to to the value of key if it is there, has the right type and is
// good. If not, it notes what was wanted and leaves the default.
func take[T any](r *reader, key string, to *T, want string, good func(T) bool) {
	raw, there := r.values[key]
	if !there {
		return
	}
	delete(r.values, key)
	var v T
	// null would be taken for a zero value of any type.
	if string(raw) == "null" || json.Unmarshal(raw, &v) != nil || !good(v) {
		r.faults = append(r.faults, fmt.Sprintf("%q is %s where it should be %s",
			r.prefix+key, short(raw), want))
		return
	}
	*to = v
}

// isLanguage reports whether v is LanguageSystem or looks like an IETF tag.
func isLanguage(v string) bool {
	if v == LanguageSystem {
		return true
	}
	_, err := language.Parse(v)
	return err == nil
}

func anything[T any](T) bool { return true }

func within[T int | int64 | float32](low, high T) func(T) bool {
	return func(v T) bool { return low <= v && v <= high }
}

func noNUL(s string) bool { return !strings.Contains(s, "\x00") }

// short returns a JSON value as it fits into a sentence.
func short(raw json.RawMessage) string {
	const most = 40
	runes := []rune(strings.ToValidUTF8(string(raw), "?"))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most]) + "…"
}
