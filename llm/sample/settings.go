package sample

// Settings are the knobs of the sampler chain. The zero value is not useful;
// start from [Defaults]. Values outside their range are clamped by the chain,
// never refused, so that a slider or a flag cannot break a running answer.
// What each knob does, its range and its default stand in [Params]. Fields
// that JSON leaves out when they are 0 mean their default by it, so that
// settings saved before a knob existed stay what they were.
type Settings struct {
	Temperature      float32 `json:"temperature"`
	DynatempRange    float32 `json:"dynatemp_range,omitempty"`
	DynatempExponent float32 `json:"dynatemp_exponent,omitempty"`
	TopK             int     `json:"top_k"`
	TopP             float32 `json:"top_p"`
	MinP             float32 `json:"min_p"`
	Typical          float32 `json:"typical_p,omitempty"`
	TopNSigma        float32 `json:"top_n_sigma,omitempty"`
	XTCProbability   float32 `json:"xtc_probability,omitempty"`
	XTCThreshold     float32 `json:"xtc_threshold,omitempty"`

	RepeatPenalty    float32 `json:"repeat_penalty"`
	PresencePenalty  float32 `json:"presence_penalty,omitempty"`
	FrequencyPenalty float32 `json:"frequency_penalty,omitempty"`
	RepeatWindow     int     `json:"repeat_window"` // of all three penalties

	DRYMultiplier    float32 `json:"dry_multiplier,omitempty"`
	DRYBase          float32 `json:"dry_base,omitempty"`
	DRYAllowedLength int     `json:"dry_allowed_length,omitempty"`
	DRYWindow        int     `json:"dry_penalty_last_n,omitempty"`

	Mirostat    int     `json:"mirostat,omitempty"` // 0 or 2
	MirostatTau float32 `json:"mirostat_tau,omitempty"`
	MirostatEta float32 `json:"mirostat_eta,omitempty"`

	// Samplers are the stages in use, in their order, as [ParseOrder] reads
	// them; empty is [DefaultOrder].
	Samplers string `json:"samplers,omitempty"`
	// Seed starts the random generator; 0 draws a fresh seed per answer.
	Seed uint64 `json:"seed"`
}

// Bias is added to the logit of one token. A value of [Never] or less rules
// the token out.
type Bias struct {
	Token int32   `json:"token"`
	Value float32 `json:"bias"`
}

// Never is the bias from which on down a token cannot be picked. It is finite
// because JSON knows no infinity; no real logit comes near it.
const Never = -1e9

// Defaults are the settings a new chat starts with.
func Defaults() Settings {
	var s Settings
	for _, p := range Params {
		p.put(&s, p.Default)
	}
	return s
}
