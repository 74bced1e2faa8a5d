package grammar

import (
	"fmt"
	"slices"
	"strings"
)

// member is a property of an object and the rule for it, key and all.
type member struct {
	rule     string
	required bool
}

// object writes an object whose properties come in the order of the schema,
// followed by others where they are allowed.
func (w *writer) object(o *object, path, hint string, depth int) (string, error) {
	b := &objectBuilder{w: w, o: o, path: path, hint: hint, depth: depth}
	for _, step := range []func() error{b.read, b.named, b.others} {
		if err := step(); err != nil {
			return "", err
		}
	}
	least, most, err := b.number()
	if err != nil {
		return "", err
	}
	ws := w.lib("ws")
	body := ""
	if len(b.members) == 0 && b.extra != "" {
		body = list(b.extra, ws, least, most)
	} else {
		body = w.members(b.members, b.extra, hint)
	}
	return w.named(hint, `"{" `+ws+" "+body+" "+ws+` "}"`), nil
}

// objectBuilder writes the rules of an object's members.
type objectBuilder struct {
	w          *writer
	o          *object
	path, hint string
	depth      int

	properties, patterns *object
	required             []string
	rest                 value // what additionalProperties says, or would say
	given                bool  // it is said
	keys                 []string
	names                *Grammar // of all keys, nil for any
	members              []member
	extra                string // the rule of other members, "" for none
}

func (b *objectBuilder) fault(format string, args ...any) error {
	return &SchemaError{b.path, fmt.Sprintf(format, args...)}
}

// read takes what the keywords say.
func (b *objectBuilder) read() (err error) {
	if b.properties, err = b.o.inner("properties", b.path); err != nil {
		return err
	}
	if b.patterns, err = b.o.inner("patternProperties", b.path); err != nil {
		return err
	}
	if b.required, err = texts(b.o, "required", b.path); err != nil {
		return err
	}
	if names, ok := b.o.get("propertyNames"); ok {
		if b.names, err = b.w.grammarOf(names, b.path+"/propertyNames", b.depth); err != nil {
			return err
		}
	}
	if b.rest, b.given = b.o.get("additionalProperties"); !b.given {
		b.rest = value{len(b.properties.keys) == 0}
	}
	return nil
}

// named writes the members whose keys the schema names.
func (b *objectBuilder) named() error {
	for i, key := range b.properties.keys {
		if err := b.add(key, b.properties.values[i], b.path+"/properties/"+escapePointer(key)); err != nil {
			return err
		}
	}
	for _, key := range b.required {
		if slices.Contains(b.keys, key) {
			continue
		}
		s, at := b.rest, b.path+"/additionalProperties"
		if !b.given {
			s = value{true}
		}
		if err := b.add(key, s, at); err != nil {
			return err
		}
	}
	return nil
}

// add writes a member. One that cannot be is left out unless it is required.
func (b *objectBuilder) add(key string, s value, at string) error {
	b.keys = append(b.keys, key)
	for _, p := range b.patterns.keys {
		if matches, err := matchesKey(p, key, b.path); err != nil {
			return err
		} else if matches {
			return b.fault("has the property %q, which the pattern %q matches as well, which is not supported", key, p)
		}
	}
	none, err := b.w.nothing(s, at, b.depth+1)
	if err != nil {
		return err
	}
	required := slices.Contains(b.required, key)
	if none || b.names != nil && !b.names.accepts(value{key}.json()) {
		if required {
			return b.fault("requires the property %q and does not allow it", key)
		}
		return nil
	}
	x, err := b.w.schema(s, at, b.hint+"-"+key, b.depth+1)
	if err != nil {
		return err
	}
	rule := b.w.named(b.hint+"-"+key+"-kv", quote(value{key}.json())+` ":" `+b.w.lib("ws")+" "+x)
	b.members = append(b.members, member{rule, required})
	return nil
}

// others writes the members whose keys the schema does not name.
func (b *objectBuilder) others() error {
	if len(b.patterns.keys) > 0 {
		return b.patterned()
	}
	none, err := b.w.nothing(b.rest, b.path+"/additionalProperties", b.depth+1)
	if err != nil || none {
		return err
	}
	key := b.w.otherKey(b.keys)
	if names, ok := b.o.get("propertyNames"); ok {
		if len(b.keys) > 0 {
			return nil // a key that is named could hide among the others
		}
		if key, err = b.w.schema(names, b.path+"/propertyNames", b.hint+"-name", b.depth+1); err != nil {
			return err
		}
	}
	x, err := b.w.schema(b.rest, b.path+"/additionalProperties", b.hint+"-other", b.depth+1)
	if err != nil {
		return err
	}
	b.extra = b.w.named(b.hint+"-other-kv", key+` ":" `+b.w.lib("ws")+" "+x)
	return nil
}

// number are the bounds of how many members there are; most is −1 for none.
// They are kept where the other keywords keep them, or nothing else is said.
func (b *objectBuilder) number() (least, most int, err error) {
	if least, most, err = b.o.bounds("minProperties", "maxProperties", b.path); err != nil {
		return 0, 0, err
	}
	if len(b.members) == 0 && (b.extra != "" || least == 0) {
		return least, most, nil
	}
	needed := 0
	for _, m := range b.members {
		if m.required {
			needed++
		}
	}
	if least > needed {
		return 0, 0, b.fault(`has a "minProperties" beyond what it requires, which is not supported beside named properties`)
	}
	if most >= 0 && (b.extra != "" || most < len(b.members)) {
		return 0, 0, b.fault(`has a "maxProperties" below what it allows, which is not supported beside named properties`)
	}
	return least, most, nil
}

// texts is the value of a keyword that is a list of texts.
func texts(o *object, key, path string) ([]string, error) {
	v, ok := o.get(key)
	if !ok {
		return nil, nil
	}
	list, ok := v.v.([]value)
	var out []string
	for _, x := range list {
		t, isText := x.v.(string)
		ok = ok && isText
		out = append(out, t)
	}
	if !ok {
		return nil, &SchemaError{path, fmt.Sprintf("has %q that is no list of texts", key)}
	}
	return out, nil
}

func escapePointer(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

// members writes the members from the first on. Whether a comma comes before
// one depends on whether another was written, so there are two rules for each
// place: one for the first member, and one for what follows a member.
func (w *writer) members(list []member, extra, hint string) string {
	ws := w.lib("ws")
	tail := ""
	if extra != "" {
		tail = `("," ` + ws + " " + extra + ")*"
	}
	first := "" // from the end: nothing was written before the extra ones
	if extra != "" {
		first = "(" + extra + " " + tail + ")?"
	}
	for i, m := range slices.Backward(list) {
		following := tail
		if following != "" && i < len(list)-1 {
			following = w.named(hint+"-rest", following)
		}
		if m.required {
			first = m.rule + " " + following
		} else if first == "" {
			first = "(" + m.rule + " " + following + ")?"
		} else {
			first = "(" + m.rule + " " + following + " | " + first + ")"
		}
		tail = `"," ` + ws + " " + m.rule
		if !m.required {
			tail = "(" + tail + ")?"
		}
		tail += " " + following
		if len(first) > 1<<10 {
			first = w.named(hint+"-first", first)
		}
	}
	return first
}

// otherKey writes a key that is none of these. It has no escapes, so that no
// key can hide in them.
func (w *writer) otherKey(keys []string) string {
	if len(keys) == 0 {
		return w.lib("string")
	}
	w.lib("plain")
	list := make([][]rune, 0, len(keys))
	for _, k := range keys {
		list = append(list, []rune(k))
	}
	return `"\"" ` + w.except(list) + ` "\""`
}

// except writes the texts of plain characters that are none of the list.
func (w *writer) except(list [][]rune) string {
	next := map[rune][][]rune{}
	var firsts []rune
	whole := false
	for _, t := range list {
		if len(t) == 0 {
			whole = true
			continue
		}
		if next[t[0]] == nil {
			firsts = append(firsts, t[0])
		}
		next[t[0]] = append(next[t[0]], t[1:])
	}
	// What is not plain cannot be written in such a key anyhow.
	not := []span{{0, 0x1f}, {'"', '"'}, {'\\', '\\'}, {0x7f, 0x7f}}
	var alternatives []string
	for _, r := range firsts {
		if r >= 0x20 && r != '"' && r != '\\' && r != 0x7f {
			alternatives = append(alternatives, quote(string(r))+" "+w.except(next[r]))
			not = append(not, span{r, r})
		}
	}
	text := "(" + strings.Join(append(alternatives, classOf(others(normal(not)))+" plain*"), " | ") + ")"
	if !whole {
		text += "?"
	}
	return text
}
