package llm

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"lumi/accel"
	"lumi/llm/grammar"
	"lumi/llm/sample"
)

// small is a model with random weights and byte tokens: it knows nothing, so
// what is right in its answers is not its merit.
func small(t testing.TB) *Model {
	t.Helper()
	s := &Synthetic{name: "small", shape: shape{64, 128, 2, 2, 1, 32, 400, 1e4, false}, types: func(string, int, int) accel.Type { return accel.F32 }}
	m, err := s.Open(t.Context(), Options{Context: 1024, Threads: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

const personSchema = `{"type": "object", "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 12},
	"age": {"type": "integer", "minimum": 0, "maximum": 150}, "tags": {"type": "array", "items": {"enum": ["x", "y"]}, "minItems": 1, "maxItems": 3}},
	"required": ["name", "age", "tags"], "additionalProperties": false}`

func TestJSONSchema(t *testing.T) {
	m := small(t)
	for seed := range uint64(10) {
		s := DefaultSettings()
		s.Temperature, s.Seed, s.JSONSchema = float32(seed%3), seed+1, personSchema
		r := complete(t, m, "A person:", s)
		var person struct {
			Name string
			Age  int
			Tags []string
		}
		d := json.NewDecoder(strings.NewReader(r.Text))
		d.DisallowUnknownFields()
		if err := d.Decode(&person); err != nil || person.Name == "" || person.Age < 0 || person.Age > 150 || len(person.Tags) == 0 {
			t.Errorf("seed %d: %q gives %+v, %v", seed, r.Text, person, err)
		}
		if r.Reason != StopEnd {
			t.Errorf("seed %d: ended by %q, want %q", seed, r.Reason, StopEnd)
		}
	}
	free := DefaultSettings()
	free.MaxTokens = 20
	if r := complete(t, m, "A person:", free); strings.HasPrefix(r.Text, "{") {
		t.Errorf("the schema holds the next answer too: %q", r.Text)
	}
}

func TestFormErrors(t *testing.T) {
	m := small(t)
	for _, tc := range []struct {
		edit func(*Settings)
		want string
	}{
		{func(s *Settings) { s.Grammar = "root ::= x" }, `line 1, column 10: the rule "x" is not defined`},
		{func(s *Settings) { s.JSONSchema = `{"type": "x"}` }, `has the unknown type "x"`},
		{func(s *Settings) { s.Grammar, s.JSONSchema = `root ::= "a"`, "{}" }, ErrTwoForms.Error()},
		{func(s *Settings) { s.Banned = []string{strings.Repeat("x", 5000)} }, grammar.ErrTooLong.Error()},
		{func(s *Settings) { s.Grammar = `root ::= "x" root "y" | "x" root "z" | "x" root` }, "too many readings"},
		{func(s *Settings) {
			s.Grammar = `root ::= "a"`
			for id := range int32(400) {
				s.LogitBias = append(s.LogitBias, sample.Bias{Token: id, Value: sample.Never})
			}
		}, sample.ErrNoToken.Error()},
	} {
		s := greedy()
		tc.edit(&s)
		_, err := m.Complete(t.Context(), "A", func() Settings { return s }, nil)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("error %v, want %s", err, tc.want)
		}
	}
	s := greedy()
	s.Grammar = `root ::= "a"`
	if r := complete(t, m, "A", s); r.Text != "a" || r.Reason != StopEnd {
		t.Errorf("after the errors: %q, %s", r.Text, r.Reason)
	}
}

func TestBannedAndBias(t *testing.T) {
	m := small(t)
	s := greedy()
	s.MaxTokens = 60
	free := complete(t, m, "A", s).Text
	part := strings.ToUpper(free[2:4])
	s.Banned = []string{part}
	if got := complete(t, m, "A", s).Text; strings.Contains(strings.ToUpper(got), part) || got == free {
		t.Errorf("%q holds %q", got, part)
	}
	s.Banned = nil
	s.LogitBias = []sample.Bias{{Token: 3 + 'q', Value: 100}} // byte tokens begin at 3
	if got := complete(t, m, "A", s).Text; got != strings.Repeat("q", 60) {
		t.Errorf("with a bias to q: %q", got)
	}
	s.Grammar, s.MaxTokens = `root ::= ("q" | "r")+`, 5
	if got := complete(t, m, "A", s); got.Text != "qqqqq" || got.Reason != StopLength {
		t.Errorf("with a grammar: %q, %s", got.Text, got.Reason)
	}
}

func TestBreakers(t *testing.T) {
	m := small(t)
	has := func(texts []string, id int32) bool {
		for _, b := range m.breakerTokens(texts) {
			if b == id {
				return true
			}
		}
		return false
	}
	if !has(nil, 3+'\n') || !has(nil, 3+'"') || has(nil, 3+'a') {
		t.Error("the default breakers are not line ends and quotes")
	}
	if !has([]string{"ab"}, 3+'b') || has([]string{"ab"}, 3+'a') {
		t.Error("a text of several tokens does not break at the last")
	}
	if has([]string{"none"}, 3+'\n') {
		t.Error(`"none" breaks`)
	}
}

// TestLookupChangesNothingUnderStages demands the same answer with and without
// guesses for every stage that remembers something.
func TestLookupChangesNothingUnderStages(t *testing.T) {
	m := small(t)
	guessed := 0
	for name, edit := range map[string]func(*Settings){
		"penalties": func(s *Settings) { s.PresencePenalty, s.FrequencyPenalty, s.RepeatPenalty = 0.2, 0.1, 1.1 },
		"DRY":       func(s *Settings) { s.DRYMultiplier = 0.8 },
		"mirostat":  func(s *Settings) { s.Mirostat, s.MirostatTau = 2, 1 },
		"XTC":       func(s *Settings) { s.XTCProbability = 0.5 },
		"typical":   func(s *Settings) { s.Typical, s.TopNSigma, s.DynatempRange = 0.5, 2, 0.5 },
		"order":     func(s *Settings) { s.Samplers = "temperature;top_p;penalties;dry"; s.DRYMultiplier = 0.1 },
		"grammar":   func(s *Settings) { s.Grammar = `root ::= ([ab]{1,3} " ")*` },
		"schema":    func(s *Settings) { s.JSONSchema = `{"items": {"enum": [0, 1]}}` },
		"banned":    func(s *Settings) { s.Banned = []string{"a", "e", "t"} },
		"bias":      func(s *Settings) { s.LogitBias = []sample.Bias{{Token: 3 + 'a', Value: 5}} },
	} {
		for _, temperature := range []float32{0, 0.2} {
			s := greedy()
			s.Temperature, s.Seed, s.MaxTokens = temperature, 7, 150
			edit(&s)
			want := complete(t, m, "ab ab ba ab ab", s)
			for _, n := range []int{1, 5} {
				s.Lookup = n
				got := complete(t, m, "ab ab ba ab ab", s)
				if got.Text != want.Text || got.Reason != want.Reason || got.Stats.Tokens != want.Stats.Tokens {
					t.Errorf("%s, %d guesses:\n%q, want\n%q", name, n, got.Text, want.Text)
				}
				guessed += got.Stats.Accepted
			}
		}
	}
	if guessed == 0 {
		t.Error("no guess was right, which shows nothing")
	}
}

func TestTextParamChecks(t *testing.T) {
	for _, p := range TextParams {
		if p.Check == nil {
			continue
		}
		if err := p.Check("?"); err == nil {
			t.Errorf("%s takes anything", p.Name)
		}
	}
	var fault *grammar.Error
	if _, err := parseForm("?", ""); !errors.As(err, &fault) {
		t.Errorf("error %v is no *grammar.Error", err)
	}
}
