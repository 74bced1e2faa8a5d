package llm

import "fmt"

// Precision says how exactly quantised weights are multiplied. As text it is
// "auto", "fast" or "high".
type Precision int

// The choices of Precision.
const (
	// PrecisionAuto takes PrecisionHigh for models of fewer than 50 million
	// parameters, which are fast in any case, and PrecisionFast for others.
	PrecisionAuto Precision = iota
	// PrecisionFast rounds activations to 8 bits per 32 numbers.
	PrecisionFast
	// PrecisionHigh keeps 16 bits of them: what the model's weights say almost
	// to float32's last digit, for up to twice the time.
	PrecisionHigh
)

// Precisions are all choices, in the order in which they are offered.
var Precisions = []Precision{PrecisionAuto, PrecisionFast, PrecisionHigh}

// smallModel is the number of parameters below which PrecisionAuto is
// PrecisionHigh. Small models feel rounding most, as nothing in them is
// redundant, and half of their speed still is thousands of tokens per second.
const smallModel = 50_000_000

// of is what p means for a model of that many parameters.
func (p Precision) of(parameters int64) Precision {
	if p == PrecisionHigh || p == PrecisionAuto && parameters < smallModel {
		return PrecisionHigh
	}
	return PrecisionFast
}

var precisionNames = [...]string{"auto", "fast", "high"}

// String implements fmt.Stringer.
func (p Precision) String() string {
	if p < 0 || int(p) >= len(precisionNames) {
		return fmt.Sprintf("Precision(%d)", int(p))
	}
	return precisionNames[p]
}

// MarshalText implements encoding.TextMarshaler.
func (p Precision) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Precision) UnmarshalText(text []byte) error {
	for i, name := range precisionNames {
		if name == string(text) {
			*p = Precision(i)
			return nil
		}
	}
	return fmt.Errorf("want auto, fast or high")
}
