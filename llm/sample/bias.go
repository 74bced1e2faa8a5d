package sample

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"lumi/llm/fault"
)

// ErrSetting is the kind of the errors of texts that are no setting.
const ErrSetting = fault.Kind("the setting cannot be read")

// ParseBias reads a bias as people write it: TOKEN+BIAS or TOKEN-BIAS, as in
// 15043+1 or 15043-inf.
func ParseBias(s string) (Bias, error) {
	at := strings.IndexAny(s, "+-")
	if at < 1 {
		return Bias{}, ErrSetting.Errorf("want a token's number, a sign and a number, as in 15043-1")
	}
	id, err := strconv.ParseInt(s[:at], 10, 32)
	if err != nil {
		return Bias{}, ErrSetting.Errorf("%q is no token's number", s[:at])
	}
	bias, err := strconv.ParseFloat(s[at:], 32)
	if err != nil && math.Abs(bias) < math.MaxFloat32 || math.IsNaN(bias) {
		return Bias{}, ErrSetting.Errorf("%q is no number", s[at:])
	}
	// Infinity cannot be saved as JSON; what it means is the same from here on.
	bias = min(max(bias, Never), -Never)
	return Bias{Token: int32(id), Value: float32(bias)}, nil
}

// String writes the bias as [ParseBias] reads it.
func (b Bias) String() string { return fmt.Sprintf("%d%+g", b.Token, b.Value) }
