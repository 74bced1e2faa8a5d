package cli

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"lumi/llm"
	"lumi/llm/sample"
)

// registerSettings makes every setting a flag, with the names, sentences and
// values of llm's tables. The chat's /set command goes through the same flags.
func registerSettings(fs *flag.FlagSet, s *llm.Settings) {
	for _, p := range llm.Params {
		switch field := p.Field(s).(type) {
		case *float32:
			fs.Var((*float32Value)(field), p.Name, p.Text)
		case *int:
			fs.IntVar(field, p.Name, *field, p.Text)
		case *uint64:
			fs.Uint64Var(field, p.Name, *field, p.Text)
		}
		alias(fs, p.Name, p.Alias)
	}
	for _, p := range llm.TextParams {
		switch field := p.Field(s).(type) {
		case *string:
			fs.Var(&textValue{field, p.Check}, p.Name, p.Text)
		case *[]string:
			fs.Var((*textsValue)(field), p.Name, p.Text)
		case *[]sample.Bias:
			fs.Var((*biasValue)(field), p.Name, p.Text)
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
