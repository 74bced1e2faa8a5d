package history

import (
	"cmp"
	"encoding/json"
	"time"
)

// lmInfo is how LM Studio has made a part of an answer.
type lmInfo struct {
	Model  string   `json:"identifier"`
	File   string   `json:"indexedModelIdentifier"`
	Config lmConfig `json:"predictionConfig"`
	Stats  lmStats  `json:"stats"`
}

// after adds what only the part before it tells.
func (i lmInfo) after(before lmInfo) lmInfo {
	i.Model = cmp.Or(i.Model, i.File, before.Model)
	if i.Stats.measured() == "" {
		i.Stats = before.Stats
	}
	if i.Config.settings() == "" {
		i.Config = before.Config
	}
	return i
}

// lmStats are its measurements. The rate is that of the answer without the
// prompt.
type lmStats struct {
	Reason     string  `json:"stopReason"`
	Rate       float64 `json:"tokensPerSecond"`
	FirstToken float64 `json:"timeToFirstTokenSec"`
	Prompt     float64 `json:"promptTokensCount"`
	Predicted  float64 `json:"predictedTokensCount"`
	All        float64 `json:"totalTokensCount"`
}

// lmReasons are the reasons why answers end by LM Studio's.
var lmReasons = map[string]string{
	"eosFound": "end", "stopStringFound": "stop", "maxPredictedTokensReached": "length", "contextLengthReached": "context",
	"userStopped": "user", "failed": "failed",
}

// measured returns the measurements as Lumi keeps them, "" if there are none.
func (s lmStats) measured() string {
	count := func(n float64) int { return int(min(max(n, 0), 1<<40)) }
	length := func(seconds float64) time.Duration {
		return time.Duration(min(max(seconds, 0), 1e6) * float64(time.Second))
	}
	out := struct {
		PromptTokens, Tokens, ContextUsed  int
		PromptTime, DecodeTime, FirstToken time.Duration
	}{
		PromptTokens: count(s.Prompt), Tokens: count(s.Predicted), ContextUsed: count(s.All),
		PromptTime: length(s.FirstToken), FirstToken: length(s.FirstToken),
	}
	if s.Rate > 0 && out.Tokens > 1 { // the first token comes with the prompt
		out.DecodeTime = length(float64(out.Tokens-1) / s.Rate)
	}
	if out.Tokens == 0 && out.FirstToken == 0 {
		return ""
	}
	return encoded(out)
}

// lmConfig is a list of settings.
type lmConfig struct {
	Fields []struct {
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	} `json:"fields"`
}

// system is the system prompt, "" if there is none.
func (c lmConfig) system() (text string) {
	for _, f := range c.Fields {
		if f.Key == "llm.prediction.systemPrompt" {
			_ = json.Unmarshal(f.Value, &text) // what is no text is none
		}
	}
	return text
}

// lmSettings are the names of the settings by LM Studio's, and what each is
// while it is switched off.
var lmSettings = map[string]struct {
	name string
	off  float64
}{
	"llm.prediction.temperature":        {"temperature", 0},
	"llm.prediction.topKSampling":       {"top_k", 0},
	"llm.prediction.topPSampling":       {"top_p", 1},
	"llm.prediction.minPSampling":       {"min_p", 0},
	"llm.prediction.repeatPenalty":      {"repeat_penalty", 1},
	"llm.prediction.maxPredictedTokens": {"max_tokens", 0},
}

// settings are the sampler settings as Lumi keeps them, "" if there are none. A
// value is a number, or a number that can be switched off.
func (c lmConfig) settings() string {
	out := map[string]float64{}
	for _, f := range c.Fields {
		known, ok := lmSettings[f.Key]
		if !ok {
			continue
		}
		var number float64
		var choice struct {
			Checked bool     `json:"checked"`
			Value   *float64 `json:"value"`
		}
		switch {
		case json.Unmarshal(f.Value, &number) == nil:
			out[known.name] = number
		case json.Unmarshal(f.Value, &choice) == nil && !choice.Checked:
			out[known.name] = known.off
		case choice.Checked && choice.Value != nil:
			out[known.name] = *choice.Value
		}
	}
	if len(out) == 0 {
		return ""
	}
	return encoded(out)
}

// encoded writes numbers as JSON, which cannot fail: those read from JSON are
// finite.
func encoded(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(data)
}
