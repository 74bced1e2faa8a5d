package sample

import "math"

// The ranges that [Settings.Clamp] enforces. They are wider than anything
// useful, so that they bound the arithmetic and not the person.
const (
	MaxTemperature = 100
	MinPenalty     = 0.1
	MaxPenalty     = 10
	MaxWindow      = 8192
)

// Clamp returns s with every value inside its range: temperature in
// [0, MaxTemperature], top-p and min-p in [0, 1], the penalty in
// [MinPenalty, MaxPenalty], the window in [0, MaxWindow], top-k at least 0.
// A NaN, which has no nearest value, becomes the default; a penalty of zero or
// less, which would wipe out or flip logits, becomes 1 (off).
func (s Settings) Clamp() Settings {
	d := Defaults()
	s.Temperature = clamp(s.Temperature, 0, MaxTemperature, d.Temperature)
	s.TopK = max(s.TopK, 0)
	s.TopP = clamp(s.TopP, 0, 1, d.TopP)
	s.MinP = clamp(s.MinP, 0, 1, d.MinP)
	if s.RepeatPenalty <= 0 {
		s.RepeatPenalty = 1
	}
	s.RepeatPenalty = clamp(s.RepeatPenalty, MinPenalty, MaxPenalty, d.RepeatPenalty)
	s.RepeatWindow = min(max(s.RepeatWindow, 0), MaxWindow)
	return s
}

func clamp(v, low, high, ifNaN float32) float32 {
	if math.IsNaN(float64(v)) {
		return ifNaN
	}
	return min(max(v, low), high)
}
