package grammar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// value is a JSON value with the order of its members kept: nil, bool,
// json.Number, string, []value or *object.
type value struct{ v any }

type object struct {
	keys   []string
	values []value
}

func (o *object) get(key string) (value, bool) {
	if i := slices.Index(o.keys, key); i >= 0 {
		return o.values[i], true
	}
	return value{}, false
}

// find is get for an object that may not be there.
func (o *object) find(key string) (value, bool) {
	if o == nil {
		return value{}, false
	}
	return o.get(key)
}

// other is a key that is not in the list, "" if there is none. Extensions,
// x-…, restrict nothing.
func (o *object) other(known []string) string {
	for _, k := range o.keys {
		if !slices.Contains(known, k) && !strings.HasPrefix(k, "x-") {
			return k
		}
	}
	return ""
}

func readJSON(text string) (value, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := readValue(d, 0)
	if err != nil {
		return value{}, placed(err, text)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return value{}, errors.New("something follows the value")
	}
	return v, nil
}

// placed is an error of the decoder with the place that it is about, for a
// person who looks at the text. The decoder's own offset counts from where it
// last filled its buffer, so the text is scanned once more.
func placed(err error, text string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early")
	}
	var whole json.RawMessage
	syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal([]byte(text), &whole))
	if !ok {
		return err
	}
	before := text[:max(0, syntax.Offset-1)] // the offset is behind the character
	line := before[strings.LastIndex(before, "\n")+1:]
	return fmt.Errorf("line %d, column %d: %w", 1+strings.Count(before, "\n"), 1+utf8.RuneCountInString(line), syntax)
}

func readValue(d *json.Decoder, depth int) (value, error) {
	if depth > 4*maxSchemaDepth {
		return value{}, fmt.Errorf("it is nested more than %d deep", 4*maxSchemaDepth)
	}
	t, err := d.Token()
	if err != nil {
		return value{}, err
	}
	switch t {
	case json.Delim('['):
		list := []value{}
		for d.More() {
			v, err := readValue(d, depth+1)
			if err != nil {
				return value{}, err
			}
			list = append(list, v)
		}
		_, err = d.Token()
		return value{list}, err
	case json.Delim('{'):
		o, seen := &object{}, map[string]bool{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return value{}, err
			}
			name, _ := key.(string) // the decoder lets nothing else stand here
			if seen[name] {
				return value{}, fmt.Errorf("the key %q stands twice in an object", name)
			}
			seen[name] = true
			v, err := readValue(d, depth+1)
			if err != nil {
				return value{}, err
			}
			o.keys, o.values = append(o.keys, name), append(o.values, v)
		}
		_, err = d.Token()
		return value{o}, err
	}
	return value{t}, nil
}

// json writes the value without white space.
func (v value) json() string {
	switch x := v.v.(type) {
	case []value:
		parts := make([]string, len(x))
		for i := range x {
			parts[i] = x[i].json()
		}
		return "[" + strings.Join(parts, ",") + "]"
	case *object:
		parts := make([]string, len(x.keys))
		for i, k := range x.keys {
			parts[i] = value{k}.json() + ":" + x.values[i].json()
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v.v) != nil {
		return "null" // a number of a decoder always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// kind is the value's JSON type.
func (v value) kind() string {
	switch x := v.v.(type) {
	case bool:
		return "boolean"
	case json.Number:
		if strings.ContainsAny(x.String(), ".eE") {
			return "number"
		}
		return "integer"
	case string:
		return "string"
	case []value:
		return "array"
	case *object:
		return "object"
	}
	return "null"
}

// quote writes a text as a GBNF literal.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		if r == '"' || r == '\\' || r < 0x20 || r == 0x7f {
			writeEscape(&b, r)
		} else {
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// writeEscape writes a character in the only way that needs no care.
func writeEscape(b *strings.Builder, r rune) {
	switch {
	case r == '"' || r == '\\':
		b.WriteByte('\\')
		b.WriteRune(r)
	case r <= 0xff:
		fmt.Fprintf(b, `\x%02X`, r)
	case r <= 0xffff:
		fmt.Fprintf(b, `\u%04X`, r)
	default:
		fmt.Fprintf(b, `\U%08X`, r)
	}
}

// classOf writes ranges as a GBNF class.
func classOf(list []span) string {
	var b strings.Builder
	one := func(r rune) {
		if nameByte(byte(r)) && r < 0x80 && r != '-' {
			b.WriteRune(r)
		} else {
			writeEscape(&b, r)
		}
	}
	b.WriteByte('[')
	for _, s := range list {
		if one(s.low); s.high > s.low {
			b.WriteByte('-')
			one(s.high)
		}
	}
	b.WriteByte(']')
	return b.String()
}

// either writes alternatives.
func either(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return "(" + strings.Join(list, " | ") + ")"
}
