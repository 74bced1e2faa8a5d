package cli

import (
	"bytes"
	"strings"
	"testing"

	"lumi/llm"
)

// TestNumbersOutsideTheirRange gives settings values that the settings' file
// would not take either.
func TestNumbersOutsideTheirRange(t *testing.T) {
	for _, tc := range []struct{ flag, value, want string }{
		{"temp", "-1", "a number from 0 to 100"},
		{"temperature", "99999", "a number from 0 to 100"},
		{"temperature", "nan", "a number from 0 to 100"},
		{"temperature", "warm", "a number from 0 to 100"},
		{"top-p", "7", "a number from 0 to 1"},
		{"top-p", "inf", "a number from 0 to 1"},
		{"top-k", "-1", "a whole number from 0 to 2147483647"},
		{"top-k", "1.5", "a whole number from 0 to 2147483647"},
		{"n", "-2", "a whole number from -1 to 2147483647"},
		{"seed", "-1", "a whole number from 0"},
	} {
		settings := llm.DefaultSettings()
		fs := completeCommand.newFlags()
		registerSettings(fs, &settings)
		var out, errs bytes.Buffer
		err := completeCommand.parse(fs, []string{"--" + tc.flag, tc.value}, streams{out: &out, err: &errs}, 0)
		if err == nil || !strings.Contains(err.Error(), "-"+tc.flag+": want "+tc.want) {
			t.Errorf("--%s %s: %v, want %q", tc.flag, tc.value, err, tc.want)
		}
	}
}

// TestNumbersInTheirRange sets every number to its bounds and its default.
func TestNumbersInTheirRange(t *testing.T) {
	for _, p := range llm.Params {
		for _, bound := range []float64{p.Min, p.Max, p.Default} {
			var want, got llm.Settings
			p.Set(&want, bound)
			text := (&numberValue{p, &want}).String()
			if err := (&numberValue{p, &got}).Set(text); err != nil || p.Get(&got) != p.Get(&want) {
				t.Errorf("--%s %s: %v, and it is %v", p.Name, text, err, p.Get(&got))
			}
		}
	}
}
