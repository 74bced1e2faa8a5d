package grammar

import (
	"fmt"
	"slices"
	"strings"
)

// The bounds of a schema.
const (
	maxSchema      = 1 << 20 // bytes
	maxSchemaDepth = 64
)

// SchemaError is a fault in a JSON schema, or something in it that cannot be
// held to.
type SchemaError struct {
	Path string // JSON pointer, "#" is the whole schema
	Text string
}

func (e *SchemaError) Error() string {
	if e.Path == "#" {
		return "the JSON schema " + e.Text
	}
	return fmt.Sprintf("the JSON schema at %s %s", e.Path, e.Text)
}

// FromSchema writes a GBNF grammar for the JSON texts that a schema allows
// (JSON Schema 2020-12 and draft 7). It is never wider than the schema, but
// often narrower: properties come in the order in which the schema lists them,
// others only where additionalProperties allows them in so many words or a
// pattern does, white space is short, numbers within bounds have no exponent,
// and oneOf is taken for anyOf. Schemas that have to hold at once, as in allOf,
// are joined to one. Keywords that it cannot hold to, it refuses with a
// *SchemaError.
func FromSchema(schema string) (string, error) {
	if len(schema) > maxSchema {
		return "", &SchemaError{"#", fmt.Sprintf("is larger than %d bytes", maxSchema)}
	}
	root, err := readJSON(schema)
	if err != nil {
		return "", &SchemaError{"#", "is no JSON: " + err.Error()}
	}
	w := newWriter(root)
	body, err := w.schema(root, "#", "value", 0)
	if err != nil {
		return "", err
	}
	w.rule("root", body)
	return w.text.String(), nil
}

// writer writes the rules of a schema. Its methods return what stands for a
// part of the schema in the rule that uses it.
type writer struct {
	text   strings.Builder
	root   value
	names  map[string]string // rules of references, by JSON pointer
	used   map[string]bool   // names that are taken
	latest map[string]int    // the last number given to a name that was taken
	shared map[string]bool   // rules of the library that are written
	joins  int               // schemas that were joined
}

func newWriter(root value) *writer {
	return &writer{
		root: root, names: map[string]string{}, used: map[string]bool{"root": true}, latest: map[string]int{}, shared: map[string]bool{},
	}
}

func (w *writer) rule(name, body string) {
	fmt.Fprintf(&w.text, "%s ::= %s\n", name, body)
}

// named writes a rule under a name like hint and returns it.
func (w *writer) named(hint, body string) string {
	name := w.free(hint)
	w.rule(name, body)
	return name
}

// free is a name for a rule that is not taken yet.
func (w *writer) free(hint string) string {
	base := strings.Trim(strings.Map(func(r rune) rune {
		if r < 0x80 && nameByte(byte(r)) {
			return r
		}
		return '-'
	}, hint), "-")
	if base == "" || library[base].body != "" {
		base = "x-" + base
	}
	if len(base) > 40 {
		base = base[:40]
	}
	name := base
	for n := w.latest[base] + 2; w.used[name]; n++ {
		name = fmt.Sprintf("%s-%d", base, n)
		w.latest[base] = n - 1
	}
	w.used[name] = true
	return name
}

// annotations are keywords that restrict nothing.
var annotations = []string{
	"$schema", "$id", "$anchor", "$comment", "$defs", "definitions", "title", "description",
	"default", "examples", "deprecated", "readOnly", "writeOnly", "contentMediaType", "contentEncoding", "discriminator",
}

// keywords are those that each type knows.
var keywords = map[string][]string{
	"object":  {"properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties"},
	"array":   {"items", "prefixItems", "minItems", "maxItems"},
	"string":  {"minLength", "maxLength", "pattern", "format"},
	"integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
	"number":  {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
	"boolean": nil,
	"null":    nil,
	anything:  nil,
}

// anything stands for the type of a schema that says nothing of types.
const anything = "any"

// typeOrder is the order in which types are tried and told.
var typeOrder = []string{"object", "array", "string", "number", "integer", "boolean", "null"}

func (w *writer) schema(s value, path, hint string, depth int) (string, error) {
	fail := func(format string, args ...any) (string, error) {
		return "", &SchemaError{path, fmt.Sprintf(format, args...)}
	}
	if depth > maxSchemaDepth {
		return fail("is nested more than %d deep", maxSchemaDepth)
	}
	if yes, ok := s.v.(bool); ok {
		if !yes {
			return fail("allows nothing")
		}
		return w.lib("any"), nil
	}
	o, ok := s.v.(*object)
	if !ok {
		return fail("is neither an object nor true or false")
	}
	if o.joined() {
		flat, err := w.flat(s, path, depth)
		if err != nil {
			return "", err
		}
		return w.schema(flat, path, hint, depth+1)
	}
	for _, one := range []struct {
		key   string
		write func(v value) (string, error)
	}{
		{"$ref", func(v value) (string, error) { return w.ref(v, path, depth) }},
		{"const", func(v value) (string, error) { return quote(v.json()), nil }},
		{"enum", func(v value) (string, error) { return w.enum(o, v, path) }},
		{"anyOf", func(v value) (string, error) { return w.anyOf(v, path+"/anyOf", hint, depth) }},
		{"oneOf", func(v value) (string, error) { return w.anyOf(v, path+"/oneOf", hint, depth) }},
	} {
		if v, ok := o.get(one.key); ok {
			return one.write(v)
		}
	}
	types, err := w.types(o, path)
	if err != nil {
		return "", err
	}
	known := slices.Clone(annotations)
	for _, t := range types {
		known = append(known, keywords[t]...)
	}
	if other := o.other(append(known, "type")); other != "" {
		if slices.ContainsFunc(typeOrder, func(t string) bool { return slices.Contains(keywords[t], other) }) {
			return fail("has %q, which says nothing about a value of the type %s", other, strings.Join(types, " or "))
		}
		return fail("has %q, which is not supported", other)
	}
	alternatives := make([]string, len(types))
	for i, t := range types {
		if alternatives[i], err = w.typed(o, t, path, hint, depth); err != nil {
			return "", err
		}
	}
	return either(alternatives), nil
}

// types are the types that a schema allows, or that its keywords speak of.
func (w *writer) types(o *object, path string) ([]string, error) {
	given, ok := o.get("type")
	if !ok {
		for _, t := range typeOrder {
			if slices.ContainsFunc(keywords[t], func(k string) bool { _, ok := o.get(k); return ok }) {
				return []string{t}, nil
			}
		}
		return []string{anything}, nil
	}
	list, ok := given.v.([]value)
	if !ok {
		list = []value{given}
	}
	var types []string
	for _, t := range list {
		name, ok := t.v.(string)
		if _, known := keywords[name]; !ok || !known || name == anything {
			return nil, &SchemaError{path, fmt.Sprintf("has the unknown type %s", t.json())}
		}
		if slices.Contains(types, name) {
			return nil, &SchemaError{path, fmt.Sprintf("has the type %q twice", name)}
		}
		types = append(types, name)
	}
	if len(types) == 0 {
		return nil, &SchemaError{path, "allows no type"}
	}
	return types, nil
}
