package sample

import "fmt"

// Param describes one number among the settings S. The table of them is the
// one source for flags, for the ranges of saved settings and for sliders.
type Param[S any] struct {
	Name  string   // as a flag has it and a person types it, "top-k"
	Alias []string // other names of the flag
	Key   string   // in JSON
	Value string   // what stands for the value in a flag's help, "K"
	Text  string   // one sentence that says what it does
	GGUF  string   // key in a model file after "general.sampling.", if any
	HF    string   // key in a generation_config.json, if any

	Min, Max, Default float64
	// Minus says that a person may write −1 for MinusOne, as with llama.cpp:
	// for off, or for as much as there is.
	Minus    bool
	MinusOne float64
	// Low, High and Step are what a slider offers: the values that make sense.
	Low, High, Step float64

	// Field returns the setting as a *float32, *int or *uint64.
	Field func(*S) any
}

// Get is the setting as a number.
func (p Param[S]) Get(s *S) float64 {
	switch v := p.Field(s).(type) {
	case *float32:
		return float64(*v)
	case *int:
		return float64(*v)
	case *uint64:
		return float64(*v)
	default:
		panic(fmt.Sprintf("setting %s is a %T", p.Name, v)) // the tables are constant
	}
}

// Holds reports whether a value of the setting's type is in its range. A seed
// may be any.
func (p Param[S]) Holds(value any) bool {
	switch v := value.(type) {
	case float32:
		return float32(p.Min) <= v && v <= float32(p.Max)
	case int:
		return int(p.Min) <= v && v <= int(p.Max)
	case uint64:
		return true
	default:
		panic(fmt.Sprintf("setting %s is no %T", p.Name, v)) // the tables are constant
	}
}

// Typed is the value that a person means who writes v.
func (p Param[S]) Typed(v float64) float64 {
	if p.Minus && v == -1 {
		return p.MinusOne
	}
	return v
}

// Range says what the setting can be, for sentences.
func (p Param[S]) Range() string {
	switch p.Field(new(S)).(type) {
	case *float32:
		return fmt.Sprintf("a number from %g to %g", p.Min, p.Max)
	case *int:
		return fmt.Sprintf("a whole number from %.0f to %.0f", p.Min, p.Max)
	default:
		return "a whole number from 0"
	}
}

// Set changes the setting to v within its range; NaN becomes the default.
func (p Param[S]) Set(s *S, v float64) {
	if v != v {
		v = p.Default
	}
	p.put(s, min(max(v, p.Min), p.Max))
}

func (p Param[S]) put(s *S, v float64) {
	switch to := p.Field(s).(type) {
	case *float32:
		*to = float32(v)
	case *int:
		*to = int(v)
	case *uint64:
		*to = uint64(v)
	}
}

// clamp brings the setting into its range. A seed is left alone: a float64
// cannot hold all of them, and any is good.
func (p Param[S]) clamp(s *S) {
	if _, seed := p.Field(s).(*uint64); !seed {
		p.Set(s, p.Get(s))
	}
}

// The ranges that [Settings.Clamp] enforces. They are wider than anything
// useful, so that they bound the arithmetic and not the person.
const (
	MaxTemperature = 100
	MinPenalty     = 0.1
	MaxPenalty     = 10
	MaxWindow      = 8192
	maxTopK        = 1<<31 - 1
	maxSeed        = 1 << 53 // by number; a seed itself may be any uint64
)

// Params are the numbers of [Settings].
var Params = []Param[Settings]{
	{
		Name: "temperature", Alias: []string{"temp"}, Key: "temperature", Value: "T", GGUF: "temp", HF: "temperature",
		Text: "divides the logits by `T`: above 1 the choice is wider, below 1 narrower, and 0 takes the most likely token",
		Max:  MaxTemperature, Default: 0.7, High: 2, Step: 0.01,
		Field: func(s *Settings) any { return &s.Temperature },
	},
	{
		Name: "dynatemp-range", Key: "dynatemp_range", Value: "R",
		Text: "lets the temperature move by up to `R` down where the model is sure and up where it is not; 0 is off",
		Max:  MaxTemperature, High: 2, Step: 0.01,
		Field: func(s *Settings) any { return &s.DynatempRange },
	},
	{
		Name: "dynatemp-exp", Key: "dynatemp_exponent", Value: "E",
		Text: "bends the dynamic temperature: with `E` above 1 it stays low until the model is very unsure",
		Min:  0.01, Max: 100, Default: 1, Low: 0.1, High: 5, Step: 0.1,
		Field: func(s *Settings) any { return &s.DynatempExponent },
	},
	{
		Name: "top-k", Key: "top_k", Value: "K", GGUF: "top_k", HF: "top_k",
		Text: "keeps the `K` most likely tokens; 0 keeps all",
		Max:  maxTopK, Default: 40, High: 200, Step: 1,
		Minus: true,
		Field: func(s *Settings) any { return &s.TopK },
	},
	{
		Name: "top-p", Key: "top_p", Value: "P", GGUF: "top_p", HF: "top_p",
		Text: "keeps the smallest set of likeliest tokens whose probabilities sum to `P`; 1 keeps all",
		Max:  1, Default: 0.95, High: 1, Step: 0.01,
		Field: func(s *Settings) any { return &s.TopP },
	},
	{
		Name: "min-p", Key: "min_p", Value: "SHARE", GGUF: "min_p", HF: "min_p",
		Text: "drops tokens less likely than this `SHARE` of the best one's probability; 0 keeps all",
		Max:  1, Default: 0.05, High: 1, Step: 0.01,
		Field: func(s *Settings) any { return &s.MinP },
	},
	{
		Name: "typical", Alias: []string{"typical-p"}, Key: "typical_p", Value: "P", HF: "typical_p",
		Text: "keeps the tokens that are about as surprising as the model expects to be, until their probabilities sum to `P`; 1 is off",
		Min:  0.001, Max: 1, Default: 1, Low: 0.05, High: 1, Step: 0.01,
		Field: func(s *Settings) any { return &s.Typical },
	},
	{
		Name: "top-nsigma", Alias: []string{"top-n-sigma"}, Key: "top_n_sigma", Value: "N",
		Text: "keeps the tokens whose logit is at most `N` standard deviations of all logits below the best; 0 is off",
		Max:  1000, High: 5, Step: 0.05,
		Minus: true,
		Field: func(s *Settings) any { return &s.TopNSigma },
	},
	{
		Name: "xtc-probability", Key: "xtc_probability", Value: "P", GGUF: "xtc_probability",
		Text: "excludes the top choices, leaving only the least likely of those above the threshold, for a share `P` of the tokens; 0 is off",
		Max:  1, High: 1, Step: 0.01,
		Field: func(s *Settings) any { return &s.XTCProbability },
	},
	{
		Name: "xtc-threshold", Key: "xtc_threshold", Value: "P", GGUF: "xtc_threshold",
		Text: "says from which probability `P` on a token is a top choice that XTC may exclude; above 0.5 there is never more than one",
		Min:  0.001, Max: 1, Default: 0.1, Low: 0.01, High: 0.5, Step: 0.01,
		Field: func(s *Settings) any { return &s.XTCThreshold },
	},
	{
		Name: "repeat-penalty", Key: "repeat_penalty", Value: "FACTOR", GGUF: "penalty_repeat", HF: "repetition_penalty",
		Text: "makes recently seen tokens less likely by this `FACTOR`; 1 is off",
		Min:  MinPenalty, Max: MaxPenalty, Default: 1.1, Low: 0.5, High: 2, Step: 0.01,
		Field: func(s *Settings) any { return &s.RepeatPenalty },
	},
	{
		Name: "presence-penalty", Key: "presence_penalty", Value: "A",
		Text: "takes `A` off the logit of every recently seen token, however often it occurred; 0 is off",
		Min:  -100, Max: 100, Low: -2, High: 2, Step: 0.01,
		Field: func(s *Settings) any { return &s.PresencePenalty },
	},
	{
		Name: "frequency-penalty", Key: "frequency_penalty", Value: "A",
		Text: "takes `A` off the logit of a recently seen token for each time it occurred; 0 is off",
		Min:  -100, Max: 100, Low: -2, High: 2, Step: 0.01,
		Field: func(s *Settings) any { return &s.FrequencyPenalty },
	},
	{
		Name: "repeat-window", Alias: []string{"repeat-last-n"}, Key: "repeat_window", Value: "TOKENS", GGUF: "penalty_last_n",
		Text: "says how many of the latest `TOKENS` the repetition, presence and frequency penalties look at",
		Max:  MaxWindow, Default: 64, High: 2048, Step: 16,
		Minus: true, MinusOne: MaxWindow,
		Field: func(s *Settings) any { return &s.RepeatWindow },
	},
	{
		Name: "dry-multiplier", Key: "dry_multiplier", Value: "M",
		Text: "takes `M` × base^(length − allowed length) off tokens that would prolong a repeated sequence (DRY); 0 is off",
		Max:  100, High: 5, Step: 0.05,
		Field: func(s *Settings) any { return &s.DRYMultiplier },
	},
	{
		Name: "dry-base", Key: "dry_base", Value: "B",
		Text: "says how steeply the DRY penalty grows with each repeated token: by the factor `B`",
		Min:  1, Max: 10, Default: 1.75, Low: 1, High: 4, Step: 0.05,
		Field: func(s *Settings) any { return &s.DRYBase },
	},
	{
		Name: "dry-allowed-length", Key: "dry_allowed_length", Value: "N",
		Text: "says from how many repeated tokens, `N`, on the next one is penalised by DRY",
		Min:  1, Max: MaxWindow, Default: 2, Low: 1, High: 20, Step: 1,
		Field: func(s *Settings) any { return &s.DRYAllowedLength },
	},
	{
		Name: "dry-penalty-last-n", Key: "dry_penalty_last_n", Value: "TOKENS",
		Text: "says in how many of the latest `TOKENS` DRY looks for repetitions; 0 is all of the last 8192",
		Max:  MaxWindow, High: MaxWindow, Step: 64,
		Minus: true,
		Field: func(s *Settings) any { return &s.DRYWindow },
	},
	{
		Name: "mirostat", Key: "mirostat", Value: "VERSION", GGUF: "mirostat",
		Text: "`VERSION` 2 holds the text's surprise near a target instead of cutting the choice by top-k, top-p, min-p, typical, top-nσ or XTC; 0 is off",
		Max:  2, High: 2, Step: 2,
		Field: func(s *Settings) any { return &s.Mirostat },
	},
	{
		Name: "mirostat-ent", Key: "mirostat_tau", Value: "BITS", GGUF: "mirostat_tau",
		Text: "is the surprise per token, in `BITS`, that mirostat aims at (τ)",
		Min:  0.01, Max: 100, Default: 5, Low: 0.5, High: 10, Step: 0.1,
		Field: func(s *Settings) any { return &s.MirostatTau },
	},
	{
		Name: "mirostat-lr", Key: "mirostat_eta", Value: "RATE", GGUF: "mirostat_eta",
		Text: "is how fast mirostat corrects itself (η): the `RATE` of the error taken up with each token",
		Min:  0.001, Max: 1, Default: 0.1, Low: 0.01, High: 1, Step: 0.01,
		Field: func(s *Settings) any { return &s.MirostatEta },
	},
	{
		Name: "seed", Alias: []string{"s"}, Key: "seed", Value: "N",
		Text: "starts the random numbers from `N`, so that an answer can be repeated; 0 draws one per answer",
		Max:  maxSeed, High: 1<<32 - 1, Step: 1,
		Minus: true,
		Field: func(s *Settings) any { return &s.Seed },
	},
}
