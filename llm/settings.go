package llm

import (
	"strings"

	"lumi/llm/grammar"
	"lumi/llm/sample"
)

// Settings say how an answer is generated. What each does stands in [Params]
// and [TextParams].
type Settings struct {
	sample.Settings
	// MaxTokens ends the answer after this many tokens; 0 or less lets it run
	// to the end of the context.
	MaxTokens int `json:"max_tokens"`
	// Lookup is how many tokens prompt lookup may guess ahead; 0 is off. It
	// changes the speed and never the answer.
	Lookup int `json:"lookup,omitempty"`
	// Stop are texts that end the answer; they are cut from it.
	Stop []string `json:"stop,omitempty"`

	LogitBias []sample.Bias `json:"logit_bias,omitempty"`
	// DRYBreakers are texts at which DRY takes a repeated sequence to end;
	// none given means [DefaultDRYBreakers], the one text "none" means none.
	DRYBreakers []string `json:"dry_sequence_breakers,omitempty"`

	// What follows holds the whole answer to a form, so a change counts from
	// the next answer on. Of Grammar and JSONSchema only one can be given.
	Banned     []string `json:"banned,omitempty"`
	Grammar    string   `json:"grammar,omitempty"`
	JSONSchema string   `json:"json_schema,omitempty"`
}

// DefaultDRYBreakers are those that text-generation-webui and llama.cpp have.
var DefaultDRYBreakers = []string{"\n", ":", "\"", "*"}

// DefaultSettings are what a new chat starts with.
func DefaultSettings() Settings {
	return Settings{Settings: sample.Defaults(), MaxTokens: 1024}
}

// Param describes one number of the settings.
type Param = sample.Param[Settings]

// Params are all numbers of the settings: those of the sampler and those that
// concern the answer as a whole.
var Params = append(lifted(), []Param{
	{
		Name: "max-tokens", Alias: []string{"n", "predict", "n-predict"}, Key: "max_tokens", Value: "N",
		Text: "ends an answer after `N` tokens; 0 lets it run to the end of the context",
		Min:  -1, Max: 1<<31 - 1, Default: 1024, High: 8192, Step: 16,
		Field: func(s *Settings) any { return &s.MaxTokens },
	},
	{
		Name: "lookup", Key: "lookup", Value: "N",
		Text: "guesses up to `N` tokens ahead from what was said before; this changes the speed, never the answer",
		Max:  64, High: 16, Step: 1,
		Field: func(s *Settings) any { return &s.Lookup },
	},
}...)

// lifted are the sampler's numbers as numbers of all settings.
func lifted() []Param {
	var list []Param
	for _, p := range sample.Params {
		list = append(list, Param{
			Name: p.Name, Alias: p.Alias, Key: p.Key, Value: p.Value, Text: p.Text, GGUF: p.GGUF, HF: p.HF,
			Min: p.Min, Max: p.Max, Default: p.Default, Low: p.Low, High: p.High, Step: p.Step, Minus: p.Minus, MinusOne: p.MinusOne,
			Field: func(s *Settings) any { return p.Field(&s.Settings) },
		})
	}
	return list
}

// TextParam describes one setting that is made of texts.
type TextParam struct {
	Name  string
	Alias []string
	Key   string
	Value string
	Text  string
	// Check says what is wrong with a text; nil takes any.
	Check func(text string) error
	// Field returns the setting as a *string, *[]string or *[]sample.Bias.
	Field func(*Settings) any
}

// TextParams are the settings that [Params] does not hold.
var TextParams = []TextParam{
	{
		Name: "stop", Key: "stop", Value: "TEXT",
		Text:  "ends an answer before this `TEXT`",
		Field: func(s *Settings) any { return &s.Stop },
	},
	{
		Name: "samplers", Key: "samplers", Value: "STAGES",
		Text: "are the sampler's `STAGES` in their order, separated by semicolons; those left out are off (" +
			strings.ReplaceAll(sample.DefaultOrder, ";", "; ") + ")",
		Check: func(text string) error { _, err := sample.ParseOrder(text); return err },
		Field: func(s *Settings) any { return &s.Samplers },
	},
	{
		Name: "dry-sequence-breaker", Key: "dry_sequence_breakers", Value: "TEXT",
		Text:  "is a `TEXT` at which DRY takes a repeated sequence to end, in place of line ends, colons, quotes and asterisks; \"none\" means none",
		Field: func(s *Settings) any { return &s.DRYBreakers },
	},
	{
		Name: "logit-bias", Alias: []string{"l"}, Key: "logit_bias", Value: "TOKEN±BIAS",
		Text:  "adds to the logit of a token, `TOKEN±BIAS` as in 15043+1 or 15043-inf",
		Field: func(s *Settings) any { return &s.LogitBias },
	},
	{
		Name: "ban", Key: "banned", Value: "TEXT",
		Text:  "keeps this `TEXT` out of the answer, in upper or lower case",
		Field: func(s *Settings) any { return &s.Banned },
	},
	{
		Name: "grammar", Key: "grammar", Value: "GBNF",
		Text: "holds the answer to a grammar, `GBNF` as llama.cpp writes it",
		Check: func(text string) error {
			_, err := parseForm(text, "")
			return err
		},
		Field: func(s *Settings) any { return &s.Grammar },
	},
	{
		Name: "json-schema", Alias: []string{"j"}, Key: "json_schema", Value: "SCHEMA",
		Text: "holds the answer to JSON that this `SCHEMA` allows",
		Check: func(text string) error {
			_, err := parseForm("", text)
			return err
		},
		Field: func(s *Settings) any { return &s.JSONSchema },
	},
}

// CheckForm says what is wrong with the form that the settings ask for as a
// whole; [TextParam.Check] looks at one setting alone.
func (s *Settings) CheckForm() error {
	if s.Grammar != "" && s.JSONSchema != "" {
		return ErrTwoForms
	}
	return nil
}

// parseForm is the grammar that the settings ask for, nil for none.
func parseForm(gbnf, schema string) (*grammar.Grammar, error) {
	switch {
	case gbnf != "" && schema != "":
		return nil, ErrTwoForms
	case gbnf != "":
		return grammar.Parse(gbnf)
	case schema == "":
		return nil, nil
	}
	gbnf, err := grammar.FromSchema(schema)
	if err != nil {
		return nil, err
	}
	return grammar.Parse(gbnf)
}
