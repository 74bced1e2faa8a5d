package cli

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"lumi/llm"
	"lumi/llm/sample"
)

// registerSettings makes every setting a flag, with the names, sentences and
// values of llm's tables. The chat's /set command goes through the same flags.
func registerSettings(fs *flag.FlagSet, s *llm.Settings) {
	for _, p := range llm.Params {
		fs.Var(&numberValue{p, s}, p.Name, p.Text)
		alias(fs, p.Name, p.Alias)
	}
	for _, p := range llm.TextParams {
		switch field := p.Field(s).(type) {
		case *string:
			fs.Var(&textValue{field, p.Check}, p.Name, p.Text)
		case *[]string:
			fs.Var((*textsValue)(field), p.Name, p.Text+oftenGiven)
		case *[]sample.Bias:
			fs.Var((*biasValue)(field), p.Name, p.Text+oftenGiven)
		}
		alias(fs, p.Name, p.Alias)
	}
	for _, f := range []struct{ name, alias, of string }{
		{"grammar-file", "", "grammar"}, {"json-schema-file", "jf", "json-schema"},
	} {
		to := fs.Lookup(f.of).Value
		fs.Var(&fileValue{to: to}, f.name, "like --"+f.of+", from a `FILE`")
		if f.alias != "" {
			alias(fs, f.name, []string{f.alias})
		}
	}
}

// oftenGiven ends the sentence of a flag that makes a list.
const oftenGiven = "; may be given several times"

// alias gives a flag more names.
func alias(fs *flag.FlagSet, name string, others []string) {
	for _, other := range others {
		fs.Var(fs.Lookup(name).Value, other, "")
	}
}

// recommendFlag adds the flag that takes up what the model's makers recommend.
func recommendFlag(fs *flag.FlagSet) *bool {
	return fs.Bool("recommended", false, "use what the model's makers recommend for the settings that are not given")
}

// recommend takes it up, for settings that no flag of fs gave, and returns
// what to tell the person.
func recommend(fs *flag.FlagSet, m *llm.Model, s *llm.Settings) string {
	var given []flag.Value
	fs.Visit(func(f *flag.Flag) { given = append(given, f.Value) })
	var all llm.Settings
	names := slices.DeleteFunc(m.Recommend(&all), func(name string) bool { return slices.Contains(given, fs.Lookup(name).Value) })
	if len(names) == 0 {
		return "The model recommends no other settings."
	}
	texts := make([]string, len(names))
	for i, name := range names {
		if name == "samplers" {
			s.Samplers = all.Samplers
		}
		for _, p := range llm.Params {
			if p.Name == name {
				p.Set(s, p.Get(&all))
			}
		}
		texts[i] = name + " " + fs.Lookup(name).Value.String()
	}
	return "As the model's makers recommend: " + strings.Join(texts, ", ") + "."
}

// numberValue is one of the settings' numbers as a flag. It takes what the
// settings' file takes, and −1 where that has a meaning in llama.cpp.
type numberValue struct {
	param llm.Param
	of    *llm.Settings
}

func (v *numberValue) String() string {
	if v.of == nil { // package flag asks a zero value for its default
		return ""
	}
	switch field := v.param.Field(v.of).(type) {
	case *float32:
		return strconv.FormatFloat(float64(*field), 'g', -1, 32)
	case *int:
		return strconv.Itoa(*field)
	default:
		return strconv.FormatUint(*field.(*uint64), 10)
	}
}

func (v *numberValue) Set(s string) error {
	if n, err := strconv.ParseFloat(s, 64); err == nil && v.param.Minus && n == -1 {
		v.param.Set(v.of, v.param.Typed(n))
		return nil
	}
	ok := false
	switch field := v.param.Field(v.of).(type) {
	case *float32:
		ok = put(v.param, field, s, func(s string) (float32, error) {
			n, err := strconv.ParseFloat(s, 32)
			return float32(n), err
		})
	case *int:
		ok = put(v.param, field, s, strconv.Atoi)
	case *uint64:
		ok = put(v.param, field, s, func(s string) (uint64, error) { return strconv.ParseUint(s, 0, 64) })
	}
	if !ok {
		return errors.New("want " + v.param.Range())
	}
	return nil
}

// put sets a number to what s says. It reports whether that is one in its range.
func put[T any](p llm.Param, to *T, s string, parse func(string) (T, error)) bool {
	n, err := parse(s)
	if err != nil || !p.Holds(n) {
		return false
	}
	*to = n
	return true
}

// textValue is a text as a flag.
type textValue struct {
	text  *string
	check func(string) error
}

func (v *textValue) String() string {
	if v.text == nil { // package flag asks a zero value for its default
		return ""
	}
	return *v.text
}

func (v *textValue) Set(s string) error {
	if v.check != nil && s != "" {
		if err := v.check(s); err != nil {
			return err
		}
	}
	*v.text = s
	return nil
}

// maxFormFile bounds a file with a grammar or a schema, in bytes.
const maxFormFile = 1 << 20

// fileValue sets another flag to what a file holds.
type fileValue struct {
	to   flag.Value
	file string
}

func (v *fileValue) String() string { return v.file }

func (v *fileValue) Set(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if info.Size() > maxFormFile {
		return fmt.Errorf("%s is larger than %d bytes", file, maxFormFile)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := v.to.Set(string(data)); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	v.file = file
	return nil
}

// biasValue is a list of biases, each written as TOKEN+BIAS or TOKEN-BIAS.
type biasValue []sample.Bias

func (v *biasValue) String() string {
	texts := make([]string, len(*v))
	for i, b := range *v {
		texts[i] = b.String()
	}
	return strings.Join(texts, ", ")
}

func (v *biasValue) Set(s string) error {
	b, err := sample.ParseBias(s)
	if err != nil {
		return err
	}
	*v = append(*v, b)
	return nil
}
