package cli

import (
	"bytes"
	"slices"
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
		{"top-k", "-2", "a whole number from 0 to 2147483647"},
		{"top-nsigma", "-2", "a number from 0 to 1000"},
		{"min-p", "-1", "a number from 0 to 1"},
		{"repeat-window", "-2", "a whole number from 0 to 8192"},
		{"top-k", "1.5", "a whole number from 0 to 2147483647"},
		{"n", "-2", "a whole number from -1 to 2147483647"},
		{"seed", "-2", "a whole number from 0"},
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

// TestMinusOne gives settings the −1 that people know from llama.cpp, as flags
// and with /set, and takes no other number below the range.
func TestMinusOne(t *testing.T) {
	for name, want := range map[string]float64{
		"top-k": 0, "top-nsigma": 0, "top-n-sigma": 0, "seed": 0, "s": 0, "dry-penalty-last-n": 0,
		"repeat-window": 8192, "repeat-last-n": 8192, "n": -1, "n-predict": -1, "predict": -1,
	} {
		c := &chat{settings: llm.DefaultSettings()}
		c.settings.TopK, c.settings.TopNSigma, c.settings.Seed, c.settings.DRYWindow = 7, 1, 7, 7
		flags := c.settings
		if err := slashSet(t.Context(), c, name+" -1"); err != nil {
			t.Errorf("/set %s -1: %v", name, err)
			continue
		}
		fs := completeCommand.newFlags()
		registerSettings(fs, &flags)
		var out, errs bytes.Buffer
		if err := completeCommand.parse(fs, []string{"--" + name, "-1"}, streams{out: &out, err: &errs}, 0); err != nil {
			t.Errorf("--%s -1: %v", name, err)
		}
		for _, p := range llm.Params {
			if p.Name != name && !slices.Contains(p.Alias, name) {
				continue
			}
			if got := p.Get(&c.settings); got != want || p.Get(&flags) != want {
				t.Errorf("%s -1 is %v with /set and %v as a flag, want %v", name, got, p.Get(&flags), want)
			}
		}
	}
}
