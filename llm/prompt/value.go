package prompt

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ardanlabs/jinja"
)

func typeName(v value) string {
	switch {
	case v.IsUndefined():
		return "an undefined value"
	case v.IsNone():
		return "none"
	case v.IsBool():
		return "a boolean"
	case v.IsInt():
		return "an integer"
	case v.IsFloat():
		return "a float"
	case v.IsString():
		return "a string"
	case v.IsList():
		return "a list"
	case v.IsDict():
		return "a mapping"
	}
	return "a function"
}

func sortedKeys(m kwargs) []string { return slices.Sorted(maps.Keys(m)) }

// string is what printing v gives in Python.
func (r *run) string(v value) (string, error) {
	if v.IsString() {
		return v.AsString(), nil
	}
	if v.IsUndefined() {
		return "", nil
	}
	var b strings.Builder
	err := r.repr(&b, v, 0)
	return b.String(), err
}

// repr writes v as Python's repr does. Values can contain themselves (a
// namespace stored in itself), so depth and space are watched.
func (r *run) repr(b *strings.Builder, v value, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	before := b.Len()
	switch {
	case v.IsUndefined():
		b.WriteString("Undefined")
	case v.IsNone():
		b.WriteString("None")
	case v.IsBool():
		if v.AsBool() {
			b.WriteString("True")
		} else {
			b.WriteString("False")
		}
	case v.IsInt():
		b.WriteString(strconv.FormatInt(v.AsInt(), 10))
	case v.IsFloat():
		b.WriteString(floatText(v.AsFloat()))
	case v.IsString():
		reprString(b, v.AsString())
	case v.IsList():
		b.WriteByte('[')
		for i, item := range v.AsList().Items {
			if i > 0 {
				b.WriteString(", ")
			}
			if err := r.repr(b, item, depth+1); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	case v.IsDict():
		b.WriteByte('{')
		d := v.AsDict()
		for i, key := range d.Keys {
			if i > 0 {
				b.WriteString(", ")
			}
			if err := r.repr(b, keyValue(key), depth+1); err != nil {
				return err
			}
			b.WriteString(": ")
			if err := r.repr(b, d.Data[key], depth+1); err != nil {
				return err
			}
		}
		b.WriteByte('}')
	default:
		b.WriteString("<function>")
	}
	return r.use(16 + b.Len() - before)
}

func reprString(b *strings.Builder, s string) {
	mark := "'"
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		mark = `"`
	}
	b.WriteString(mark)
	b.WriteString(strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, mark, `\`+mark).Replace(s))
	b.WriteString(mark)
}

// floatText is Python's shortest form, which keeps ".0" on whole numbers.
func floatText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// encoder writes JSON as Python's json.dumps with ensure_ascii=False, which is
// Hugging Face's tojson.
type encoder struct {
	r          *run
	b          strings.Builder
	indent     int // negative: all on one line
	item, pair string
	sort       bool
}

func (e *encoder) encode(v value, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	before := e.b.Len()
	switch {
	case v.IsNone():
		e.b.WriteString("null")
	case v.IsBool():
		e.b.WriteString(strconv.FormatBool(v.AsBool()))
	case v.IsInt():
		e.b.WriteString(strconv.FormatInt(v.AsInt(), 10))
	case v.IsFloat():
		switch s := floatText(v.AsFloat()); s {
		case "nan":
			e.b.WriteString("NaN")
		case "inf":
			e.b.WriteString("Infinity")
		case "-inf":
			e.b.WriteString("-Infinity")
		default:
			e.b.WriteString(s)
		}
	case v.IsString():
		e.text(v.AsString())
	case v.IsList():
		if err := e.all('[', ']', v.AsList().Len(), depth, func(i int) error {
			return e.encode(v.AsList().Items[i], depth+1)
		}); err != nil {
			return err
		}
	case v.IsDict():
		d := v.AsDict()
		keys := d.Keys
		if e.sort {
			keys = slices.Sorted(slices.Values(keys))
		}
		if err := e.all('{', '}', len(keys), depth, func(i int) error {
			e.text(strings.TrimPrefix(keys[i], intKey)) // JSON has text keys only
			e.b.WriteString(e.pair)
			return e.encode(d.Data[keys[i]], depth+1)
		}); err != nil {
			return err
		}
	default:
		return fmt.Errorf("tojson cannot write %s", typeName(v))
	}
	return e.r.use(16 + e.b.Len() - before)
}

func (e *encoder) all(open, end byte, n, depth int, one func(i int) error) error {
	e.b.WriteByte(open)
	for i := range n {
		if i > 0 {
			e.b.WriteString(e.item)
		}
		if err := e.newline(depth + 1); err != nil {
			return err
		}
		if err := one(i); err != nil {
			return err
		}
	}
	if n > 0 {
		if err := e.newline(depth); err != nil {
			return err
		}
	}
	e.b.WriteByte(end)
	return nil
}

func (e *encoder) newline(depth int) error {
	if e.indent < 0 {
		return nil
	}
	if err := e.r.useProduct(e.indent, depth); err != nil {
		return err
	}
	e.b.WriteByte('\n')
	e.b.WriteString(strings.Repeat(" ", e.indent*depth))
	return nil
}

func (e *encoder) text(s string) {
	const hex = "0123456789abcdef"
	e.b.WriteByte('"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		e.b.WriteString(s[from:i])
		from = i + 1
		switch c {
		case '\n':
			e.b.WriteString(`\n`)
		case '\r':
			e.b.WriteString(`\r`)
		case '\t':
			e.b.WriteString(`\t`)
		case '\b':
			e.b.WriteString(`\b`)
		case '\f':
			e.b.WriteString(`\f`)
		case '"', '\\':
			e.b.WriteByte('\\')
			e.b.WriteByte(c)
		default:
			e.b.WriteString(`\u00`)
			e.b.WriteByte(hex[c>>4])
			e.b.WriteByte(hex[c&15])
		}
	}
	e.b.WriteString(s[from:])
	e.b.WriteByte('"')
}

func toJSON(r *run, v value, args []value, kw kwargs) (value, error) {
	e := &encoder{r: r, indent: -1, item: ", ", pair: ": "}
	var err error
	if indent := argOr(args, 0, kw, "indent"); !indent.IsUndefined() && !indent.IsNone() {
		if e.indent, err = intOr(indent, -1); err != nil {
			return v, err
		}
		e.indent = max(e.indent, 0)
		e.item = ","
	}
	if s := kw["separators"]; s.IsList() && s.AsList().Len() == 2 {
		item, pair := s.AsList().Get(0), s.AsList().Get(1)
		if !item.IsString() || !pair.IsString() {
			return v, errors.New("tojson's separators are two strings")
		}
		e.item, e.pair = item.AsString(), pair.AsString()
	}
	e.sort = kw["sort_keys"].IsTruthy()
	if err := e.encode(v, 0); err != nil {
		return v, err
	}
	return r.text(e.b.String())
}

func fromJSON(r *run, v value, _ []value, _ kwargs) (value, error) {
	if !v.IsString() {
		return v, fmt.Errorf("from_json wants a string, found %s", typeName(v))
	}
	if err := r.useProduct(len(v.AsString()), 4*valueSize); err != nil {
		return v, err
	}
	d := json.NewDecoder(strings.NewReader(v.AsString()))
	d.UseNumber()
	var x any
	if err := d.Decode(&x); err != nil {
		return v, fmt.Errorf("from_json: %w", err)
	}
	return jinja.FromGoValue(x), nil
}
