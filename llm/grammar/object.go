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
	properties := &object{}
	if v, ok := o.get("properties"); ok {
		if properties, ok = v.v.(*object); !ok {
			return "", &SchemaError{path, "has properties that are no object"}
		}
	}
	required, err := texts(o, "required", path)
	if err != nil {
		return "", err
	}
	others, given := o.get("additionalProperties")
	if !given {
		others = value{len(properties.keys) == 0}
	}
	closed := others.v == false

	ws := w.lib("ws")
	var members []member
	add := func(key string, s value, at string) error {
		x, err := w.schema(s, at, hint+"-"+key, depth+1)
		if err != nil {
			return err
		}
		rule := w.named(hint+"-"+key+"-kv", quote(value{key}.json())+` ":" `+ws+" "+x)
		members = append(members, member{rule, slices.Contains(required, key)})
		return nil
	}
	for i, key := range properties.keys {
		if err := add(key, properties.values[i], path+"/properties/"+escapePointer(key)); err != nil {
			return "", err
		}
	}
	keys := slices.Clone(properties.keys)
	for _, key := range required {
		if slices.Contains(keys, key) {
			continue
		}
		s, at := others, path+"/additionalProperties"
		if !given {
			s = value{true}
		} else if closed {
			return "", &SchemaError{path, fmt.Sprintf("requires the property %q and does not allow it", key)}
		}
		if err := add(key, s, at); err != nil {
			return "", err
		}
		keys = append(keys, key)
	}
	extra := ""
	if !closed {
		x, err := w.schema(others, path+"/additionalProperties", hint+"-other", depth+1)
		if err != nil {
			return "", err
		}
		extra = w.named(hint+"-other-kv", w.otherKey(keys)+` ":" `+ws+" "+x)
	}
	return w.named(hint, `"{" `+ws+" "+w.members(members, extra, hint)+" "+ws+` "}"`), nil
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
