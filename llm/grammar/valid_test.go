package grammar

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// valid checks a value by the words of a schema, for the keywords that the
// tests use.
func valid(root, schema, v any) error {
	s, ok := schema.(map[string]any)
	if !ok {
		return nil // true
	}
	if ref, ok := s["$ref"].(string); ok {
		return valid(root, root.(map[string]any)["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")], v)
	}
	for _, part := range asList(s["allOf"]) {
		if err := valid(root, part, v); err != nil {
			return err
		}
	}
	if list, ok := s["anyOf"].([]any); ok {
		if !slices.ContainsFunc(list, func(x any) bool { return valid(root, x, v) == nil }) {
			return fmt.Errorf("%v is none of %v", v, list)
		}
	}
	if list, ok := s["enum"].([]any); ok && !slices.ContainsFunc(list, func(x any) bool { return fmt.Sprint(x) == fmt.Sprint(v) }) {
		return fmt.Errorf("%v is none of %v", v, list)
	}
	is := map[bool]string{}
	number := func(key string, absent float64) float64 {
		if f, ok := s[key].(float64); ok {
			return f
		}
		return absent
	}
	switch x := v.(type) {
	case nil:
		is[true] = "null"
	case bool:
		is[true] = "boolean"
	case float64:
		if is[true] = "number"; x == float64(int64(x)) && s["type"] == "integer" {
			is[true] = "integer"
		}
		if x < number("minimum", -1e300) || x > number("maximum", 1e300) {
			return fmt.Errorf("%v is out of bounds", x)
		}
		if x <= number("exclusiveMinimum", -1e300) || x >= number("exclusiveMaximum", 1e300) {
			return fmt.Errorf("%v is out of open bounds", x)
		}
	case string:
		is[true] = "string"
		if n := float64(utf8.RuneCountInString(x)); n < number("minLength", 0) || n > number("maxLength", 1e9) {
			return fmt.Errorf("%q has %v characters", x, n)
		}
		if p, ok := s["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(x) {
			return fmt.Errorf("%q does not match %s", x, p)
		}
	case []any:
		is[true] = "array"
		if n := float64(len(x)); n < number("minItems", 0) || n > number("maxItems", 1e9) {
			return fmt.Errorf("%v has %v items", x, n)
		}
		for _, item := range x {
			if err := valid(root, s["items"], item); err != nil {
				return err
			}
		}
	case map[string]any:
		is[true] = "object"
		properties, _ := s["properties"].(map[string]any)
		required, _ := s["required"].([]any)
		for _, key := range required {
			if _, ok := x[key.(string)]; !ok {
				return fmt.Errorf("%v is missing in %v", key, x)
			}
		}
		for key, value := range x {
			sub, ok := properties[key]
			patterns, _ := s["patternProperties"].(map[string]any)
			for p, inner := range patterns {
				if regexp.MustCompile(p).MatchString(key) {
					if ok = true; valid(root, inner, value) != nil {
						return fmt.Errorf("%q does not fit its pattern", key)
					}
				}
			}
			if !ok {
				if sub = s["additionalProperties"]; sub == false {
					return fmt.Errorf("%q is not allowed", key)
				}
			}
			if err := valid(root, sub, value); err != nil {
				return err
			}
		}
	}
	if typ, ok := s["type"]; ok && typ != is[true] {
		return fmt.Errorf("%v is no %v", v, typ)
	}
	return nil
}

func asList(v any) []any {
	list, _ := v.([]any)
	return list
}

// anySchema draws a schema.
func anySchema(t *rapid.T, depth int) map[string]any {
	kinds := []string{"string", "integer", "number", "boolean", "null", "enum", "pattern", "any"}
	if depth < 3 {
		more := []string{"object", "object", "array", "anyOf", "$ref", "allOf", "patterns"}
		if kinds = append(kinds, more...); depth == 0 {
			kinds = more
		}
	}
	switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
	case "any":
		return map[string]any{}
	case "enum":
		return map[string]any{"enum": rapid.SliceOfN(rapid.OneOf(rapid.Just[any](nil), rapid.Just[any]("ä\"\\\n"), rapid.Just[any](2.5)), 1, 3).Draw(t, "enum")}
	case "pattern":
		return map[string]any{"type": "string", "pattern": rapid.SampledFrom([]string{
			`^[a-z]{2,4}$`, `x|y`, `^\d+\.\d*$`, `^(a|"b)*[^\w"]$`, `é?$`, `^\\[\s\S]`,
		}).Draw(t, "pattern")}
	case "string":
		low := rapid.IntRange(0, 3).Draw(t, "low")
		return map[string]any{"type": "string", "minLength": float64(low), "maxLength": float64(low + rapid.IntRange(0, 3).Draw(t, "more"))}
	case "integer":
		low := rapid.IntRange(-200, 200).Draw(t, "low")
		return map[string]any{"type": "integer", "minimum": float64(low), "maximum": float64(low + rapid.IntRange(0, 300).Draw(t, "more"))}
	case "number":
		s := map[string]any{"type": "number"}
		low := float64(rapid.IntRange(-2000, 2000).Draw(t, "low")) / 100
		if rapid.Bool().Draw(t, "bounded below") {
			s[rapid.SampledFrom([]string{"minimum", "exclusiveMinimum"}).Draw(t, "least")] = low
		}
		if rapid.Bool().Draw(t, "bounded above") {
			s[rapid.SampledFrom([]string{"maximum", "exclusiveMaximum"}).Draw(t, "most")] = low + float64(rapid.IntRange(1, 1000).Draw(t, "more"))/50
		}
		return s
	case "allOf":
		return map[string]any{
			"properties": map[string]any{"a": map[string]any{"type": "integer", "minimum": 3.0}, "ab": map[string]any{}},
			"allOf":      []any{map[string]any{"type": "object", "properties": map[string]any{"a": map[string]any{"type": "number", "maximum": 7.5}}}},
			"anyOf":      []any{map[string]any{"required": []any{"a"}}, map[string]any{"required": []any{"ab"}}},
		}
	case "patterns":
		return map[string]any{"type": "object", "patternProperties": map[string]any{`^a\d?$`: anySchema(t, depth+1), "^b": anySchema(t, depth+1)}}
	case "anyOf":
		return map[string]any{"anyOf": []any{anySchema(t, depth+1), anySchema(t, depth+1)}}
	case "$ref":
		return map[string]any{"$ref": "#/$defs/shared"}
	case "array":
		low := rapid.IntRange(0, 2).Draw(t, "low")
		return map[string]any{"type": "array", "items": anySchema(t, depth+1), "minItems": float64(low), "maxItems": float64(low + rapid.IntRange(0, 2).Draw(t, "more"))}
	case "object":
		s := map[string]any{"type": "object"}
		properties, required := map[string]any{}, []any{}
		for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "ab", "b c", "ü\"", ""}), 0, 4, rapid.ID).Draw(t, "keys") {
			properties[key] = anySchema(t, depth+1)
			if rapid.Bool().Draw(t, "required") {
				required = append(required, key)
			}
		}
		s["properties"], s["required"] = properties, required
		switch rapid.IntRange(0, 2).Draw(t, "additional") {
		case 0:
			s["additionalProperties"] = false
		case 1:
			s["additionalProperties"] = anySchema(t, depth+1)
		}
		return s
	default:
		return map[string]any{"type": kind}
	}
}

// TestAnswersAreValid lets a model that knows nothing, with random logits,
// write under random schemas: what it writes must be JSON that the schema
// allows.
func TestAnswersAreValid(t *testing.T) {
	pieces := []string{`{"`, `":`, `",`, `"}`, `" `, "\":\n  ", "\xc3", "\xa9", "é", `\"`, `\u00`, "true", "null", "12", "-1", ".5", "[[", "]]", "ab", " x"}
	for b := range 256 {
		pieces = append(pieces, string([]byte{byte(b)}))
	}
	rapid.Check(t, func(t *rapid.T) {
		schema := anySchema(t, 0)
		schema["$defs"] = map[string]any{"shared": anySchema(t, 3)}
		text, err := json.Marshal(schema)
		if err != nil {
			t.Fatal(err)
		}
		m := newMatcher(t, schemaGrammar(t, string(text)), nil, pieces...)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var root any
		if err := json.Unmarshal(text, &root); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			m.Reset()
			answer := babble(t, m, random, pieces)
			var v any
			if err := json.Unmarshal(answer, &v); err != nil {
				t.Fatalf("%s: %q: %v", text, answer, err)
			}
			if err := valid(root, root, v); err != nil {
				t.Fatalf("%s: %q: %v", text, answer, err)
			}
		}
	})
}

// babble writes an answer of random tokens. After a while it prefers those
// that bring an end nearer.
func babble(t *rapid.T, m *Matcher, random *rand.Rand, pieces []string) (answer []byte) {
	for steps := 0; ; steps++ {
		ids := allowed(t, m)
		if len(ids) == 0 || steps > 20_000 {
			t.Fatalf("nothing may follow %.200q: %v", answer, m.Err())
		}
		id := ids[random.IntN(len(ids))]
		if steps > 60 {
			for _, end := range []string{`"`, `}`, `]`, "0", "1", "e", "x"} {
				if at := int32(slices.Index(pieces, end)); slices.Contains(ids, at) && random.IntN(2) == 0 {
					id = at
					break
				}
			}
			if slices.Contains(ids, int32(len(pieces))) {
				id = int32(len(pieces))
			}
		}
		if int(id) == len(pieces) {
			return answer
		}
		m.Accept(id)
		answer = append(answer, pieces[id]...)
	}
}

func FuzzSchema(f *testing.F) {
	f.Add(`{"type": "object", "properties": {"a": {"type": "string", "pattern": "^x+$"}}, "additionalProperties": true}`)
	f.Add(`{"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#"}, "maxItems": 3}}}`)
	f.Add(`{"anyOf": [{"type": "integer", "minimum": -5, "maximum": 12345}, {"enum": [1e5, {"a": []}]}, {"format": "date-time"}]}`)
	f.Add(`{"allOf": [{"$ref": "#/$defs/a"}, {"properties": {"b": {"minimum": 0.25, "exclusiveMaximum": 1e3}}}], "$defs": {"a": {"anyOf": [{"required": ["b"]}, {"enum": [{}]}]}}}`)
	f.Add(`{"patternProperties": {"^a": {"type": "number", "maximum": -1}}, "propertyNames": {"minLength": 1}, "minProperties": 1}`)
	f.Fuzz(func(t *testing.T, schema string) {
		text, err := FromSchema(schema)
		if err != nil {
			var fault *SchemaError
			if !errors.As(err, &fault) {
				t.Fatalf("error %v without a place", err)
			}
			return
		}
		if _, err := Parse(text); err != nil && !strings.Contains(err.Error(), "begins with itself") &&
			!strings.Contains(err.Error(), "too large") && !strings.Contains(err.Error(), "more than") && !strings.Contains(err.Error(), "larger than") {
			t.Fatalf("%s gives a grammar that cannot be read: %v\n%s", schema, err, text)
		}
	})
}
