package grammar

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
)

// maxJoined bounds the schemas that are joined while one is written: each
// anyOf within an allOf multiplies them.
const maxJoined = 1 << 12

// joiners are keywords that hold whole schemas or values, each of which says
// all there is to say alone.
var joiners = []string{"$ref", "const", "enum", "anyOf", "oneOf", "allOf"}

// joined reports whether several things have to hold at once: a joiner stands
// beside others.
func (o *object) joined() bool {
	if _, ok := o.get("allOf"); ok {
		return true
	}
	n := 0
	for _, key := range joiners {
		if _, ok := o.get(key); ok {
			n++
		}
	}
	allowed := slices.Concat(joiners, annotations)
	_, isEnum := o.get("enum")
	if _, isConst := o.get("const"); isEnum || isConst {
		allowed = append(allowed, "type") // it says what the values say
	}
	return n > 1 || n == 1 && o.other(allowed) != ""
}

// nothing reports whether a schema plainly allows nothing.
func (w *writer) nothing(s value, path string, depth int) (bool, error) {
	if o, ok := s.v.(*object); ok && o.joined() {
		var err error
		if s, err = w.flat(s, path, depth); err != nil {
			return false, err
		}
	}
	return s.v == false, nil
}

// flat is a schema that says the same without joiners beside others, and that
// is no reference.
func (w *writer) flat(s value, path string, depth int) (value, error) {
	o, ok := s.v.(*object)
	_, isRef := o.find("$ref")
	if !ok || !isRef && !o.joined() {
		return s, nil
	}
	if depth > maxSchemaDepth {
		return value{}, &SchemaError{path, fmt.Sprintf("is nested more than %d deep", maxSchemaDepth)}
	}
	parts, err := w.parts(o, path)
	if err != nil {
		return value{}, err
	}
	all := value{true}
	for _, part := range parts {
		if part, err = w.flat(part, path, depth+1); err != nil {
			return value{}, err
		}
		if all, err = w.join(all, part, path, depth+1); err != nil {
			return value{}, err
		}
	}
	return all, nil
}

// parts are the schemas that all have to hold where o does. None of them says
// two things, but those that are written in other places may.
func (w *writer) parts(o *object, path string) ([]value, error) {
	var parts []value
	rest := &object{}
	for i, key := range o.keys {
		v := o.values[i]
		switch key {
		case "$ref":
			target, err := w.resolve(v, path)
			if err != nil {
				return nil, err
			}
			parts = append(parts, target)
		case "allOf":
			list, ok := v.v.([]value)
			if !ok || len(list) == 0 {
				return nil, &SchemaError{path + "/allOf", "is no list of schemas"}
			}
			parts = append(parts, list...)
		case "const":
			parts = append(parts, objectOf("enum", value{[]value{v}}))
		case "enum", "anyOf", "oneOf":
			parts = append(parts, objectOf(key, v))
		default:
			if !slices.Contains(annotations, key) {
				rest.keys, rest.values = append(rest.keys, key), append(rest.values, v)
			}
		}
	}
	if len(rest.keys) > 0 {
		parts = append([]value{{rest}}, parts...)
	}
	return parts, nil
}

func objectOf(key string, v value) value { return value{&object{[]string{key}, []value{v}}} }

func allOf(a, b value) value { return objectOf("allOf", value{[]value{a, b}}) }

// join is the schema of what both of two flat schemas allow.
func (w *writer) join(a, b value, path string, depth int) (value, error) {
	if w.joins++; w.joins > maxJoined {
		return value{}, &SchemaError{path, fmt.Sprintf("joins more than %d schemas", maxJoined)}
	}
	switch {
	case a.v == true || b.v == false:
		return b, nil
	case b.v == true || a.v == false:
		return a, nil
	}
	x, okA := a.v.(*object)
	y, okB := b.v.(*object)
	if !okA || !okB {
		return value{}, &SchemaError{path, "joins something that is neither an object nor true or false"}
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		if list, ok := x.find(key); ok {
			return w.joinEach(list, b, path, depth)
		}
		if list, ok := y.find(key); ok {
			return w.joinEach(list, a, path, depth)
		}
	}
	if _, ok := x.find("enum"); ok {
		return w.chosen(x, b, path, depth)
	}
	if _, ok := y.find("enum"); ok {
		return w.chosen(y, a, path, depth)
	}
	return w.joinTyped(x, y, path)
}

// joinEach joins each of several alternatives with a schema. Those that allow
// nothing then go.
func (w *writer) joinEach(list, with value, path string, depth int) (value, error) {
	alternatives, ok := list.v.([]value)
	if !ok || len(alternatives) == 0 {
		return value{}, &SchemaError{path, "has alternatives that are no list of schemas"}
	}
	var out []value
	for _, one := range alternatives {
		both, err := w.flat(allOf(one, with), path, depth+1)
		if err != nil {
			return value{}, err
		}
		if both.v != false {
			out = append(out, both)
		}
	}
	switch len(out) {
	case 0:
		return value{false}, nil
	case 1:
		return out[0], nil
	}
	return objectOf("anyOf", value{out}), nil
}

// chosen are the values of an enum that another schema allows as well.
func (w *writer) chosen(enum *object, with value, path string, depth int) (value, error) {
	list, _ := enum.get("enum")
	values, ok := list.v.([]value)
	if !ok || len(values) == 0 {
		return value{}, &SchemaError{path, "has an enum without values"}
	}
	g, err := w.grammarOf(with, path, depth)
	if err != nil {
		return value{}, err
	}
	var out []value
	for _, v := range values {
		if g.accepts(v.json()) {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return value{false}, nil
	}
	kept := &object{slices.Clone(enum.keys), slices.Clone(enum.values)}
	kept.values[slices.Index(kept.keys, "enum")] = value{out}
	return value{kept}, nil
}

// grammarOf is the grammar of a part of the schema, to try values on.
func (w *writer) grammarOf(s value, path string, depth int) (*Grammar, error) {
	trial := newWriter(w.root)
	trial.joins = w.joins
	body, err := trial.schema(s, path, "value", depth+1)
	w.joins = trial.joins
	if err != nil {
		return nil, err
	}
	trial.rule("root", body)
	g, err := Parse(trial.text.String())
	if err != nil {
		return nil, &SchemaError{path, "cannot be compared with others: " + err.Error()}
	}
	return g, nil
}

// accepts reports whether a text is one of the grammar's.
func (g *Grammar) accepts(text string) bool {
	a := newAutomaton(g)
	state := a.start()
	for i := 0; i < len(text) && state != dead; i++ {
		state = a.step(state, text[i])
	}
	whole, _ := a.complete(state)
	return whole
}

// errApart says that two values of a keyword cannot hold at once in a way that
// can be written.
var errApart = errors.New("cannot be joined")

// joinTyped joins schemas that speak of types.
func (w *writer) joinTyped(a, b *object, path string) (value, error) {
	out := &object{}
	set := func(key string, v value) { out.keys, out.values = append(out.keys, key), append(out.values, v) }
	for i, key := range a.keys {
		other, both := b.get(key)
		switch {
		case slices.Contains(objectKeywords, key):
			continue
		case !both || a.values[i].json() == other.json():
			set(key, a.values[i])
			continue
		}
		v, err := joinKeyword(key, a.values[i], other)
		switch {
		case errors.Is(err, errApart):
			return value{}, &SchemaError{path, fmt.Sprintf("joins schemas with different values of %q, which cannot be held to together", key)}
		case err != nil:
			return value{}, &SchemaError{path, err.Error()}
		case v.v == false && key == "type":
			return value{false}, nil
		}
		set(key, v)
	}
	for i, key := range b.keys {
		if _, both := a.get(key); !both && !slices.Contains(objectKeywords, key) {
			set(key, b.values[i])
		}
	}
	return value{out}, joinMembers(a, b, path, set)
}

// joinKeyword is the value of a keyword that says what two values of it say.
func joinKeyword(key string, a, b value) (value, error) {
	switch key {
	case "type":
		return joinTypes(a, b), nil
	case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties":
		return tighter(a, b, 1)
	case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties":
		return tighter(a, b, -1)
	case "items", "propertyNames":
		_, listA := a.v.([]value)
		if _, listB := b.v.([]value); !listA && !listB {
			return allOf(a, b), nil
		}
	}
	return value{}, errApart
}

// joinTypes are the types of both lists, false if there are none.
func joinTypes(a, b value) value {
	listOf := func(v value) []value {
		if list, ok := v.v.([]value); ok {
			return list
		}
		return []value{v}
	}
	var out []value
	for _, x := range listOf(a) {
		for _, y := range listOf(b) {
			switch {
			case x.json() == y.json():
				out = append(out, x)
			case x.v == "number" && y.v == "integer":
				out = append(out, y)
			case x.v == "integer" && y.v == "number":
				out = append(out, x)
			}
		}
	}
	if len(out) == 0 {
		return value{false}
	}
	return value{out}
}

// tighter is the one of two bounds that leaves less: the larger one for a sign
// of 1, the smaller one for -1.
func tighter(a, b value, sign int) (value, error) {
	x, err := rational(a)
	if err != nil {
		return value{}, err
	}
	y, err := rational(b)
	if err != nil {
		return value{}, err
	}
	if x.Cmp(y) == sign {
		return a, nil
	}
	return b, nil
}

// rational is a number of a schema, exactly.
func rational(v value) (*big.Rat, error) {
	n, _ := v.v.(json.Number)
	f, err := n.Float64()
	mantissa, _, _ := strings.Cut(strings.ToLower(string(n)), "e")
	zero := !strings.ContainsAny(mantissa, "123456789")
	// A number like 1e-999999999 would take all memory.
	if err != nil || len(n) > 64 || !zero && (math.Abs(f) > 1e30 || math.Abs(f) < 1e-30) {
		return nil, fmt.Errorf("has a bound with the value %s: a number of ordinary size is expected", v.json())
	}
	r, ok := new(big.Rat).SetString(string(n))
	if !ok || zero {
		return new(big.Rat), nil
	}
	return r, nil
}
