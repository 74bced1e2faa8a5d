package grammar

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ref stands for another part of the schema; it becomes a rule, which may use
// itself.
func (w *writer) ref(v value, path string, depth int) (string, error) {
	pointer, _ := v.v.(string)
	if name, ok := w.names[pointer]; ok {
		return name, nil
	}
	at, err := w.resolve(v, path)
	if err != nil {
		return "", err
	}
	name := w.free(pointer[strings.LastIndexByte(pointer, '/')+1:])
	w.names[pointer] = name
	body, err := w.schema(at, pointer, name, depth+1)
	if err != nil {
		return "", err
	}
	w.rule(name, body)
	return name, nil
}

// resolve is the part of the schema that a reference stands for.
func (w *writer) resolve(v value, path string) (value, error) {
	pointer, _ := v.v.(string)
	if !strings.HasPrefix(pointer, "#") {
		return value{}, &SchemaError{path, fmt.Sprintf("refers to %s: only references within the schema (#/…) can be followed", v.json())}
	}
	at := w.root
	for _, step := range strings.Split(strings.TrimPrefix(pointer, "#"), "/")[1:] {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		var ok bool
		switch x := at.v.(type) {
		case *object:
			at, ok = x.get(step)
		case []value:
			i, err := strconv.Atoi(step)
			if ok = err == nil && i >= 0 && i < len(x); ok {
				at = x[i]
			}
		}
		if !ok {
			return value{}, &SchemaError{path, fmt.Sprintf("refers to %q, which is not there", pointer)}
		}
	}
	return at, nil
}

func (w *writer) enum(o *object, v value, path string) (string, error) {
	list, ok := v.v.([]value)
	if !ok || len(list) == 0 {
		return "", &SchemaError{path, "has an enum without values"}
	}
	types, err := w.types(&object{o.keys, o.values}, path)
	if err != nil {
		return "", err
	}
	var texts []string
	for _, x := range list {
		k := x.kind()
		if slices.Contains(types, anything) || slices.Contains(types, k) || k == "integer" && slices.Contains(types, "number") {
			texts = append(texts, quote(x.json()))
		}
	}
	if len(texts) == 0 {
		return "", &SchemaError{path, "has an enum none of whose values is of its type"}
	}
	return either(texts), nil
}

func (w *writer) anyOf(v value, path, hint string, depth int) (string, error) {
	list, ok := v.v.([]value)
	if !ok || len(list) == 0 {
		return "", &SchemaError{path, "is no list of schemas"}
	}
	var alternatives []string
	for i, s := range list {
		at := path + "/" + strconv.Itoa(i)
		if none, err := w.nothing(s, at, depth+1); err != nil {
			return "", err
		} else if none {
			continue
		}
		x, err := w.schema(s, at, fmt.Sprintf("%s-%d", hint, i+1), depth+1)
		if err != nil {
			return "", err
		}
		alternatives = append(alternatives, x)
	}
	if len(alternatives) == 0 {
		return "", &SchemaError{path, "allows nothing"}
	}
	return either(alternatives), nil
}

// typed writes what the keywords of one type say.
func (w *writer) typed(o *object, typ, path, hint string, depth int) (string, error) {
	switch typ {
	case "object":
		return w.object(o, path, hint, depth)
	case "array":
		return w.array(o, path, hint, depth)
	case "string":
		return w.string(o, path)
	case "integer":
		return w.integer(o, path)
	case "number":
		return w.number(o, path)
	}
	return w.lib(typ), nil
}

// count is the value of a keyword that counts, or absent.
func (o *object) count(key, path string, absent int) (int, error) {
	v, ok := o.get(key)
	if !ok {
		return absent, nil
	}
	number, _ := v.v.(json.Number)
	n, err := strconv.Atoi(string(number))
	if err != nil || n < 0 || n > maxRepeat {
		return 0, &SchemaError{path, fmt.Sprintf("has %q with the value %s: a whole number up to %d is expected", key, v.json(), maxRepeat)}
	}
	return n, nil
}

// bounds are those that two keywords set; high is −1 for none.
func (o *object) bounds(least, most, path string) (low, high int, err error) {
	if low, err = o.count(least, path, 0); err != nil {
		return 0, 0, err
	}
	if high, err = o.count(most, path, -1); err != nil {
		return 0, 0, err
	}
	if high >= 0 && high < low {
		return 0, 0, &SchemaError{path, fmt.Sprintf("has a %s below its %s", most, least)}
	}
	return low, high, nil
}

// times writes x repeated from low to high times.
func times(x string, low, high int) string {
	switch {
	case low == 0 && high < 0:
		return x + "*"
	case high < 0:
		return fmt.Sprintf("%s{%d,}", x, low)
	}
	return fmt.Sprintf("%s{%d,%d}", x, low, high)
}

// list writes x from low to high times with commas between; high is −1 for any
// number.
func list(x, ws string, low, high int) string {
	if high == 0 {
		return ""
	}
	body := x + " " + times(`("," `+ws+" "+x+")", max(low-1, 0), max(high-1, -1))
	if low == 0 {
		return "(" + body + ")?"
	}
	return body
}

func (w *writer) string(o *object, path string) (string, error) {
	low, high, err := o.bounds("minLength", "maxLength", path)
	if err != nil {
		return "", err
	}
	pattern, hasPattern := o.get("pattern")
	format, hasFormat := o.get("format")
	switch limited := low > 0 || high >= 0; {
	case hasPattern && (hasFormat || limited), hasFormat && limited:
		return "", &SchemaError{path, "has two of a pattern, a format and a length, which cannot be held to together"}
	case hasPattern:
		return w.pattern(pattern, path)
	case hasFormat:
		name, _ := format.v.(string)
		if !slices.Contains(formats, name) {
			return "", &SchemaError{path, fmt.Sprintf("has the format %s, which is not supported: those that are are %s", format.json(), strings.Join(formats, ", "))}
		}
		return `"\"" ` + w.lib(name) + ` "\""`, nil
	case limited:
		return `"\"" ` + times(w.lib("char"), low, high) + ` "\""`, nil
	}
	return w.lib("string"), nil
}

func (w *writer) array(o *object, path, hint string, depth int) (string, error) {
	low, high, err := o.bounds("minItems", "maxItems", path)
	if err != nil {
		return "", err
	}
	items, more := o.get("items")
	itemsPath, firstPath := path+"/items", path+"/prefixItems"
	var first []value
	if prefix, ok := o.get("prefixItems"); ok {
		if first, ok = prefix.v.([]value); !ok {
			return "", &SchemaError{path, "has prefixItems that are no list of schemas"}
		}
	} else if list, ok := items.v.([]value); ok { // as it was written up to draft 2019-09
		first, more, firstPath = list, false, itemsPath
	}
	if none, ok := items.v.(bool); more && ok && !none {
		more = false
		if high < 0 || high > len(first) {
			high = len(first)
		}
	}
	if high >= 0 && high < len(first) {
		first = first[:high]
	}
	if low > len(first) && !more {
		if high == len(first) {
			return "", &SchemaError{path, "asks for more items than it allows"}
		}
		items, more = value{true}, true
	}
	if len(first) == 0 && !more && high != 0 {
		items, more = value{true}, true
	}
	ws := w.lib("ws")
	var parts []string
	for i, s := range first {
		x, err := w.schema(s, fmt.Sprintf("%s/%d", firstPath, i), fmt.Sprintf("%s-%d", hint, i+1), depth+1)
		if err != nil {
			return "", err
		}
		parts = append(parts, x)
	}
	body := strings.Join(parts, ` "," `+ws+" ")
	if more && high != len(first) {
		x, err := w.schema(items, itemsPath, hint+"-item", depth+1)
		if err != nil {
			return "", err
		}
		item := w.named(hint+"-item", x)
		if len(first) == 0 {
			body = list(item, ws, low, high)
		} else {
			left := -1
			if high >= 0 {
				left = high - len(first)
			}
			body += " " + times(`("," `+ws+" "+item+")", max(low-len(first), 0), left)
		}
	}
	return w.named(hint, `"[" `+ws+" "+body+" "+ws+` "]"`), nil
}
