package sample

// Settings are the knobs of the sampler chain. The zero value is not useful;
// start from [Defaults]. Values outside their range are clamped by the chain,
// never refused, so that a slider or a flag cannot break a running answer.
type Settings struct {
	// Temperature divides the logits; 0 picks the most likely token (greedy).
	Temperature float32 `json:"temperature"`
	// TopK keeps the k most likely tokens; 0 or less keeps all.
	TopK int `json:"top_k"`
	// TopP keeps the smallest set of tokens whose probabilities sum to at
	// least this (nucleus sampling); 1 keeps all.
	TopP float32 `json:"top_p"`
	// MinP drops tokens less likely than this share of the best one's
	// probability; 0 keeps all.
	MinP float32 `json:"min_p"`
	// RepeatPenalty divides positive and multiplies negative logits of
	// recently seen tokens; 1 is off.
	RepeatPenalty float32 `json:"repeat_penalty"`
	// RepeatWindow is how many of the latest tokens the penalty looks at.
	RepeatWindow int `json:"repeat_window"`
	// Seed starts the random generator; 0 draws a fresh seed per answer.
	Seed uint64 `json:"seed"`
}

// Defaults are the settings a new chat starts with.
func Defaults() Settings {
	return Settings{
		Temperature: 0.7, TopK: 40, TopP: 0.95, MinP: 0.05,
		RepeatPenalty: 1.1, RepeatWindow: 64,
	}
}
