package grammar

import (
	"errors"
	"strings"
	"testing"
)

// schemaGrammar writes and parses the grammar of a schema.
func schemaGrammar(t interface {
	Helper()
	Fatalf(string, ...any)
}, schema string,
) *Grammar {
	t.Helper()
	text, err := FromSchema(schema)
	if err != nil {
		t.Fatalf("%s: %v", schema, err)
	}
	g, err := Parse(text)
	if err != nil {
		t.Fatalf("%s: %v in\n%s", schema, err, text)
	}
	return g
}

func TestSchema(t *testing.T) {
	const person = `{"type": "object", "title": "person", "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 3},
		"age": {"type": "integer", "minimum": 0, "maximum": 120}, "tags": {"type": "array", "items": {"enum": ["a", 1, null]}, "maxItems": 2}},
		"required": ["age"]}`
	for _, tc := range []struct {
		schema   string
		yes, not []string
	}{
		{`true`, []string{`{}`, `[]`, `"x"`, `-1.5e3`, `{"a":[1,{"b":null}]}`}, []string{``, `{`, `01`, `nul`, `"a" `, `{"a"}`}},
		{`{}`, []string{`1`, `false`}, []string{`x`}},
		{`{"type": "string"}`, []string{`""`, `"ä\n\u00e4\"🙂"`}, []string{`"`, "\"\n\"", `"\x"`, `"\ud83d"`, `1`}},
		{`{"type": ["integer", "null"]}`, []string{`0`, `-7`, `null`}, []string{`-0`, `1.0`, `""`}},
		{`{"type": "number", "minimum": 0}`, []string{`0`, `2.5`, `1e9`}, []string{`-1`}},
		{`{"const": {"a": [1, "x<"]}}`, []string{`{"a":[1,"x<"]}`}, []string{`{}`}},
		{`{"enum": ["a\"b", 2, null]}`, []string{`"a\"b"`, `2`, `null`}, []string{`3`}},
		{`{"type": "string", "enum": ["a", 2]}`, []string{`"a"`}, []string{`2`}},
		{
			person,
			[]string{`{"age":0}`, `{"name": "äöü", "age": 120, "tags": ["a",null]}`, `{"age":7,"tags":[]}`, "{\n  \"age\": 9\n}"},
			[]string{
				`{}`, `{"name":"x"}`, `{"age":121}`, `{"age":-1}`, `{"age":1,"name":"x"}`, `{"name":"","age":1}`, `{"name":"abcd","age":1}`,
				`{"age":1,"tags":["b"]}`, `{"age":1,"tags":[1,1,1]}`, `{"age":1,"x":1}`, `{"age":1,}`, `{,"age":1}`,
			},
		},
		{
			`{"properties": {"a": {"type": "null"}, "ab": {"type": "null"}}, "additionalProperties": {"type": "boolean"}}`,
			[]string{`{}`, `{"a":null}`, `{"ab":null}`, `{"a":null,"ab":null,"c":true,"abc":false}`, `{"":true}`, `{"b":true}`},
			[]string{`{"a":true}`, `{"ab":true}`, `{"ab":null,"a":null}`, `{"\u0061":true}`, `{"c":1}`},
		},
		{`{"type": "object"}`, []string{`{}`, `{"x": 1, "y": {}}`}, []string{`[]`, `{"x"}`}},
		{`{"type": "object", "additionalProperties": false}`, []string{`{}`}, []string{`{"x":1}`}},
		{`{"type": "object", "required": ["x"]}`, []string{`{"x":1}`, `{"x":1,"y":2}`}, []string{`{}`, `{"y":2}`, `{"x":1,"x":2}`}},
		{`{"type": "object", "properties": {"a": true, "b": true, "c": true}, "required": ["b"]}`, []string{
			`{"b":1}`, `{"a":1,"b":1}`, `{"b":1,"c":1}`, `{"a":1,"b":1,"c":1}`,
		}, []string{`{"a":1}`, `{"a":1,"c":1}`, `{"b":1,"b":1}`}},
		{`{"type": "array"}`, []string{`[]`, `[1, "x"]`}, []string{`[1,]`, `[,1]`, `{}`}},
		{`{"items": {"type": "integer"}, "minItems": 2}`, []string{`[1,2]`, `[1,2,3]`}, []string{`[]`, `[1]`, `[1,"x"]`}},
		{`{"items": {"type": "integer"}, "minItems": 1, "maxItems": 2}`, []string{`[1]`, `[1,2]`}, []string{`[]`, `[1,2,3]`}},
		{`{"type": "array", "maxItems": 0}`, []string{`[]`}, []string{`[1]`}},
		{`{"prefixItems": [{"type": "null"}, {"type": "boolean"}]}`, []string{`[null,true]`}, []string{`[]`, `[null]`, `[null,true,1]`}},
		{`{"prefixItems": [{"type": "null"}], "items": {"type": "integer"}, "minItems": 2, "maxItems": 3}`, []string{`[null,1]`, `[null,1,2]`}, []string{`[null]`, `[null,1,2,3]`}},
		{`{"type": "array", "prefixItems": [{"type": "null"}], "items": false}`, []string{`[null]`}, []string{`[null,1]`}},
		{`{"type": "array", "items": [{"type": "null"}], "minItems": 2}`, []string{`[null,"x"]`}, []string{`[null]`}},
		{`{"anyOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#"}}]}`, []string{`null`, `[]`, `[[null],[]]`}, []string{`1`, `[1]`}},
		{`{"$ref": "#/$defs/n~1o%20de", "$defs": {"n/o%20de": {"oneOf": [{"const": 1}, {"allOf": [{"const": 2}]}]}}}`, []string{`1`, `2`}, []string{`3`}},
		{
			`{"$defs": {"node": {"type": "object", "properties": {"v": {"type": "integer"}, "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
			"required": ["v", "next"]}}, "$ref": "#/$defs/node"}`,
			[]string{`{"v":1,"next":null}`, `{"v":1,"next":{"v":2,"next":null}}`},
			[]string{`{"v":1}`, `{"v":1,"next":1}`},
		},
		{`{"type": "string", "pattern": "^[a-c]+-\\d{2,3}(x|yz)?$"}`, []string{`"abc-12"`, `"a-123yz"`}, []string{`"abc-1"`, `"d-12"`, `"a-12x "`}},
		{`{"pattern": "b"}`, []string{`"b"`, `"aba"`}, []string{`"a"`}},
		{`{"pattern": "^[^a]\"\\\\.$"}`, []string{`"b\"\\ä"`, `"\n\"\\\""`}, []string{`"a\"\\b"`, `"b"`}},
		{`{"pattern": "^(?:[\\u0041\\u0042]|\\\\u0043)*$"}`, []string{`""`, `"AB"`, `"\\u0043"`}, []string{`"C"`}},
		{`{"pattern": ""}`, []string{`""`, `"x"`}, nil},
		{`{"format": "date"}`, []string{`"2024-12-31"`, `"1999-02-28"`}, []string{`"2024-13-01"`, `"2024-02-30"`, `"2024-04-31"`, `"24-1-1"`}},
		{`{"format": "date-time"}`, []string{`"2024-12-31T23:59:59Z"`, `"2024-01-01T00:00:00.5+01:00"`}, []string{`"2024-12-31"`, `"2024-12-31T24:00:00Z"`}},
		{`{"format": "uuid"}`, []string{`"123e4567-e89b-12d3-a456-426614174000"`}, []string{`"123e4567"`}},
		{`{"type": "integer", "exclusiveMinimum": -3, "exclusiveMaximum": 2.5}`, []string{`-2`, `-1`, `0`, `2`}, []string{`-3`, `3`}},
		{`{"format": "ipv4"}`, []string{`"127.0.0.1"`, `"255.9.10.200"`}, []string{`"256.0.0.1"`, `"1.2.3"`, `"01.2.3.4"`}},
		{`{"format": "ipv6"}`, []string{`"2001:db8:0:0:0:0:0:1"`}, []string{`"2001:db8"`, `"2001:db8:0:0:0:0:0:12345"`}},
		{`{"format": "email"}`, []string{`"a.b+c@example.org"`}, []string{`"a"`, `"a..b@example.org"`, `"a@b"`, `"@b.c"`}},
		{`{"format": "hostname"}`, []string{`"example.org"`, `"x-1"`}, []string{`"-a"`, `"a."`, `""`}},
		{`{"format": "uri"}`, []string{`"https://example.org/a/b.html"`}, []string{`"example.org"`, `"https://"`}},
		{`{"type": "number", "minimum": 0, "maximum": 1}`, []string{`0`, `0.5`, `0.123456`, `1`, `1.0`, `1.00`}, []string{`1.01`, `-0.1`, `2`, `1e0`, `01`, `.5`}},
		{`{"type": "number", "exclusiveMinimum": 0}`, []string{`1`, `0.01`, `12.5`, `999999.001`}, []string{`0`, `0.0`, `0.00`, `-1`}},
		{`{"type": "number", "minimum": -1.25, "exclusiveMaximum": 10.5}`, []string{`-1.25`, `-1.2`, `-0.3`, `0`, `10.4`, `10.49`, `9.999`, `10`}, []string{`-1.26`, `-1.251`, `10.5`, `10.50`, `10.51`, `11`, `-2`}},
		{`{"type": "number", "maximum": -0.5}`, []string{`-0.5`, `-0.50`, `-0.501`, `-7`}, []string{`-0.4`, `-0.49`, `0`, `0.5`}},
		{
			`{"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"properties": {"a": {"maximum": 5}, "b": {"type": "null"}}}]}`,
			[]string{`{"a":5}`, `{"a":-1,"b":null}`},
			[]string{`{}`, `{"a":6}`, `{"b":null}`, `{"a":"x"}`},
		},
		{
			`{"$defs": {"base": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}},
			"allOf": [{"$ref": "#/$defs/base"}], "properties": {"name": {"type": "string"}}, "required": ["name"]}`,
			[]string{`{"name":"x","id":1}`},
			[]string{`{"id":1}`, `{"name":"x"}`},
		},
		{
			`{"allOf": [{"properties": {"a": true}, "additionalProperties": {"type": "null"}}, {"properties": {"b": true, "c": {"type": "string"}}}]}`,
			[]string{`{"a":1,"b":null}`, `{"a":1,"x":null}`},
			[]string{`{"b":1}`, `{"c":"x"}`, `{"x":1}`},
		},
		{
			`{"properties": {"a": {"type": "null"}, "b": {"type": "null"}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}`,
			[]string{`{"a":null}`, `{"b":null}`, `{"a":null,"b":null}`},
			[]string{`{}`},
		},
		{`{"allOf": [{"type": ["integer", "null"]}, {"type": ["number", "string"]}, {"minimum": 3}, {"minimum": 2, "maximum": 9}]}`, []string{`3`, `9`}, []string{`2`, `10`, `null`, `3.5`}},
		{`{"enum": [1, 2, "x", null], "minimum": 2, "type": "number"}`, []string{`2`}, []string{`1`, `"x"`, `null`}},
		{`{"anyOf": [{"type": "string"}, {"type": "integer"}], "oneOf": [{"minLength": 2, "type": "string"}, false]}`, []string{`"ab"`}, []string{`"a"`, `1`}},
		{`{"properties": {"a": {"allOf": [{"type": "null"}, {"type": "string"}]}, "b": true}}`, []string{`{}`, `{"b":1}`}, []string{`{"a":null}`}},
		{
			`{"type": "object", "patternProperties": {"^S_[a-z]+$": {"type": "string"}, "^I_": {"type": "integer"}}, "properties": {"x": {"type": "null"}}}`,
			[]string{`{}`, `{"x":null,"S_a":"b","I_":1}`, `{"I_9":2}`},
			[]string{`{"S_a":1}`, `{"y":1}`, `{"S_":"x"}`},
		},
		{`{"type": "object", "propertyNames": {"pattern": "^[a-c]+$"}, "additionalProperties": {"type": "integer"}}`, []string{`{}`, `{"abc":1,"b":2}`}, []string{`{"d":1}`, `{"a":"x"}`}},
		{`{"properties": {"a": true, "long": true}, "propertyNames": {"maxLength": 2}}`, []string{`{"a":1}`, `{}`}, []string{`{"long":1}`}},
		{`{"type": "object", "minProperties": 1, "maxProperties": 2, "additionalProperties": {"type": "null"}}`, []string{`{"a":null}`, `{"a":null,"b":null}`}, []string{`{}`, `{"a":null,"b":null,"c":null}`}},
		{`{"properties": {"a": true}, "required": ["a"], "minProperties": 1, "maxProperties": 1}`, []string{`{"a":1}`}, []string{`{}`}},
		{`{"x-order": 1, "type": "boolean", "description": "d", "default": true, "$comment": ""}`, []string{`true`}, []string{`1`}},
	} {
		g := schemaGrammar(t, tc.schema)
		for _, text := range tc.yes {
			if !g.accepts(text) {
				t.Errorf("%s refuses %s", tc.schema, text)
			}
		}
		for _, text := range tc.not {
			if g.accepts(text) {
				t.Errorf("%s accepts %s", tc.schema, text)
			}
		}
	}
}

func TestSchemaErrors(t *testing.T) {
	for schema, want := range map[string]string{
		``:                                     "schema is no JSON",
		`{} 1`:                                 "schema is no JSON: something follows",
		`{"a": 1, "a": 2}`:                     `the key "a" stands twice`,
		`[]`:                                   "schema is neither an object nor true or false",
		`false`:                                "schema allows nothing",
		`{"type": "text"}`:                     `schema has the unknown type "text"`,
		`{"type": []}`:                         "schema allows no type",
		`{"type": "string", "minimum": 1}`:     `schema has "minimum", which says nothing about a value of the type string`,
		`{"properties": {"a/b": {"not": {}}}}`: `at #/properties/a~1b has "not", which is not supported`,
		`{"properties": {"a": {}}, "minProperties": 1}`:               `has a "minProperties" beyond what it requires`,
		`{"properties": {"a": {}, "b": {}}, "maxProperties": 1}`:      `has a "maxProperties" below what it allows`,
		`{"patternProperties": {"a": {}, "b": {"type": "null"}}}`:     `has the patterns "a" and "b", which the same key could match`,
		`{"properties": {"ab": {}}, "patternProperties": {"^a": {}}}`: `has the property "ab", which the pattern "^a" matches as well`,
		`{"patternProperties": {"(": {}}, "required": ["x"]}`:         `has the pattern "(", which cannot be read`,
		`{"patternProperties": []}`:                                   "has patternProperties that are no object",
		`{"propertyNames": {"pattern": "^a"}, "required": ["b"]}`:     `requires the property "b" and does not allow it`,
		`{"type": "array", "contains": {}}`:                           `has "contains", which is not supported`,
		`{"if": {}, "then": {}}`:                                      `has "if", which is not supported`,
		`{"items": {}, "uniqueItems": true}`:                          `has "uniqueItems", which is not supported`,
		`{"type": "integer", "multipleOf": 2}`:                        `has "multipleOf", which is not supported`,
		`{"type": "number", "maximum": "2"}`:                          `has a bound with the value "2"`,
		`{"type": "number", "minimum": 1e-999999999}`:                 `has a bound with the value 1e-999999999`,
		`{"type": "number", "minimum": 2e12}`:                         "has bounds beyond 1e+12",
		`{"type": "number", "minimum": 2, "exclusiveMaximum": 2}`:     "has bounds that no number with 6 decimals is between",
		`{"type": "number", "multipleOf": 0.1}`:                       `has "multipleOf", which is not supported`,
		`{"type": "integer", "minimum": "1"}`:                         `has "minimum" with the value "1"`,
		`{"type": "integer", "exclusiveMinimum": true}`:               `has "exclusiveMinimum" with the value true`,
		`{"type": "integer", "minimum": 3, "maximum": 2}`:             "has bounds that no number is between",
		`{"allOf": []}`: "at #/allOf is no list of schemas",
		`{"allOf": [{"type": "null"}, {"type": "string"}]}`:                                       "schema allows nothing",
		`{"allOf": [{"pattern": "a"}, {"pattern": "b"}]}`:                                         `joins schemas with different values of "pattern"`,
		`{"allOf": [{"required": ["a"]}, {"additionalProperties": false}]}`:                       `requires the property "a" and does not allow it`,
		`{"enum": [1, 2], "anyOf": [{"type": "string"}, {"const": 3}]}`:                           "schema allows nothing",
		`{"allOf": [1, {"type": "null"}]}`:                                                        "joins something that is neither an object nor true or false",
		`{"$ref": "#/$defs/a", "minimum": 1, "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}}`: "is nested more than 64 deep",
		`{"anyOf": [false, {"allOf": [false]}]}`:                                                  "at #/anyOf allows nothing",
		`{"anyOf": []}`:                                                                           "at #/anyOf is no list of schemas",
		`{"$ref": "other.json"}`:                                                                  `refers to "other.json": only references within`,
		`{"$ref": "#/$defs/x"}`:                                                                   `refers to "#/$defs/x", which is not there`,
		`{"enum": []}`:                                                                            "has an enum without values",
		`{"type": "null", "enum": [1]}`:                                                           "none of whose values is of its type",
		`{"minLength": 3, "maxLength": 2}`:                                                        "has a maxLength below its minLength",
		`{"minLength": -1}`:                                                                       `has "minLength" with the value -1`,
		`{"format": "regex"}`:                                                                     `has the format "regex", which is not supported`,
		`{"pattern": "a", "minLength": 2}`:                                                        "cannot be held to together",
		`{"pattern": "(?=a)"}`:                                                                    "cannot be read",
		`{"pattern": "a\\b"}`:                                                                     "which is not supported",
		`{"pattern": "x^a"}`:                                                                      "which is not supported",
		`{"pattern": "(?i)a"}`:                                                                    "upper and lower case",
		`{"type": "object", "required": "a"}`:                                                     `has "required" that is no list of texts`,
		`{"required": ["a"], "additionalProperties": false}`:                                      `requires the property "a" and does not allow it`,
		`{"prefixItems": [true], "items": false, "minItems": 2}`:                                  "asks for more items than it allows",
		strings.Repeat(`{"items":`, 70) + "true" + strings.Repeat("}", 70):                        "is nested more than 64 deep",
	} {
		_, err := FromSchema(schema)
		var fault *SchemaError
		if !errors.As(err, &fault) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: error %v, want %s", schema, err, want)
		}
	}
	text, err := FromSchema(`{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), "begins with itself") {
		t.Errorf("a schema that is itself: error %v", err)
	}
}

// TestManyNames keeps the cost of a large schema in proportion: its rules all
// want the same name.
func TestManyNames(t *testing.T) {
	schema := `{"anyOf": [` + strings.Repeat(`{"type": "object", "properties": {"a-long-name-that-is-cut-after-some-letters": {"items": {"const": 1}}}},`, 500) + `true]}`
	text, err := FromSchema(schema)
	if err != nil {
		t.Fatal(err)
	}
	if g, err := Parse(text); err != nil || !g.accepts(`{"a-long-name-that-is-cut-after-some-letters":[1,1]}`) {
		t.Errorf("error %v", err)
	}
}

// TestWhereJSONIsWrong names the place of a fault as an editor shows it.
func TestWhereJSONIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		`{"type": "objct"`:                   "the JSON schema is no JSON: it ends too early",
		`{"type": "obj`:                      "the JSON schema is no JSON: it ends too early",
		"{\n  \"type\" \"object\"\n}":        "the JSON schema is no JSON: line 2, column 10: ",
		"{\"é\": x}":                         "the JSON schema is no JSON: line 1, column 7: ",
		"{\"a\": 1,\n \"b\": nope}":          "the JSON schema is no JSON: line 2, column 8: ",
		`{"type": "objct"}`:                  `the JSON schema has the unknown type "objct"`,
		`{"properties":{"a":{"type":"no"}}}`: `the JSON schema at #/properties/a has the unknown type "no"`,
	} {
		if _, err := FromSchema(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
