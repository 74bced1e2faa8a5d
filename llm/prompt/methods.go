package prompt

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ardanlabs/jinja"
)

// method is x.name(…). Methods that change a list or a mapping are refused, as
// Hugging Face's sandbox does.
func (r *run) method(name string, v value, args []value, kw kwargs) (value, error) {
	switch {
	case v.IsDict():
		d := v.AsDict()
		if fn, ok := d.Get(name); ok && fn.IsCallable() {
			return fn.AsCallable().Fn(args, kw)
		}
		switch name {
		case "items":
			return r.pairs(d, d.Keys)
		case "keys":
			return r.keys(d)
		case "values":
			out := make([]value, 0, d.Len())
			for _, key := range d.Keys {
				out = append(out, d.Data[key])
			}
			return r.list(out)
		case "get":
			if key, err := dictKey(arg(args, 0)); err == nil {
				if found, ok := d.Get(key); ok {
					return found, nil
				}
			}
			if len(args) > 1 {
				return args[1], nil
			}
			return jinja.None(), nil
		}
	case v.IsString():
		if fn := stringMethods[name]; fn != nil {
			return fn(r, v.AsString(), args, kw)
		}
	case v.IsList():
		switch name {
		case "index", "count":
			n := int64(0)
			for i, item := range v.AsList().Items {
				same, err := r.equal(item, arg(args, 0), 0)
				if err != nil {
					return v, err
				}
				if same && name == "index" {
					return jinja.NewInt(int64(i)), nil
				}
				if same {
					n++
				}
			}
			if name == "index" {
				return v, errors.New("the value is not in the list")
			}
			return jinja.NewInt(n), nil
		}
	}
	return v, fmt.Errorf("%s has no method %q, or it is not allowed", typeName(v), name)
}

// stringMethods are Python's methods of strings that chat templates use.
var stringMethods = map[string]func(r *run, s string, args []value, kw kwargs) (value, error){
	"strip":  stripper(strings.TrimFunc),
	"lstrip": stripper(strings.TrimLeftFunc),
	"rstrip": stripper(strings.TrimRightFunc),
	"lower":  mapper(strings.ToLower),
	"upper":  mapper(strings.ToUpper),
	"title":  mapper(title),
	"capitalize": mapper(func(s string) string {
		_, n := utf8.DecodeRuneInString(s)
		return strings.ToUpper(s[:n]) + strings.ToLower(s[n:])
	}),
	"startswith": affix(strings.HasPrefix),
	"endswith":   affix(strings.HasSuffix),
	"isdigit": func(_ *run, s string, _ []value, _ kwargs) (value, error) {
		return jinja.NewBool(s != "" && strings.IndexFunc(s, func(c rune) bool { return !unicode.IsDigit(c) }) < 0), nil
	},
	"count": func(_ *run, s string, args []value, _ kwargs) (value, error) {
		part, err := wantString(arg(args, 0))
		return jinja.NewInt(int64(strings.Count(s, part))), err
	},
	"find": func(_ *run, s string, args []value, _ kwargs) (value, error) {
		part, err := wantString(arg(args, 0))
		at := strings.Index(s, part)
		if at > 0 {
			at = utf8.RuneCountInString(s[:at])
		}
		return jinja.NewInt(int64(at)), err
	},
	"split":  func(r *run, s string, args []value, kw kwargs) (value, error) { return r.split(s, args, kw, false) },
	"rsplit": func(r *run, s string, args []value, kw kwargs) (value, error) { return r.split(s, args, kw, true) },
	"splitlines": func(r *run, s string, _ []value, _ kwargs) (value, error) {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		if s = strings.TrimSuffix(s, "\n"); s == "" {
			return jinja.NewList(nil), nil
		}
		return r.strings(strings.Split(s, "\n"))
	},
	"join": func(r *run, s string, args []value, kw kwargs) (value, error) {
		return filterJoin(r, arg(args, 0), []value{jinja.NewString(s)}, nil)
	},
	"replace": replace,
	"format":  format,
}

func wantString(v value) (string, error) {
	if !v.IsString() {
		return "", fmt.Errorf("expected a string, found %s", typeName(v))
	}
	return v.AsString(), nil
}

// stripper trims white space, or the characters given.
func stripper(trim func(string, func(rune) bool) string) func(*run, string, []value, kwargs) (value, error) {
	return func(_ *run, s string, args []value, kw kwargs) (value, error) {
		set := argOr(args, 0, kw, "chars")
		if set.IsUndefined() || set.IsNone() {
			return jinja.NewString(trim(s, isSpace)), nil
		}
		chars, err := wantString(set)
		return jinja.NewString(trim(s, func(c rune) bool { return strings.ContainsRune(chars, c) })), err
	}
}

func mapper(fn func(string) string) func(*run, string, []value, kwargs) (value, error) {
	return func(r *run, s string, _ []value, _ kwargs) (value, error) {
		// Changing case can lengthen a letter to at most three.
		if err := r.useProduct(len(s), 3); err != nil {
			return jinja.Undefined(), err
		}
		return jinja.NewString(fn(s)), nil
	}
}

func title(s string) string {
	inside := false
	return strings.Map(func(c rune) rune {
		was := inside
		inside = unicode.IsLetter(c)
		switch {
		case !inside:
			return c
		case was:
			return unicode.ToLower(c)
		}
		return unicode.ToTitle(c)
	}, s)
}

// affix tests for one affix or, given a tuple, for any of them.
func affix(has func(s, part string) bool) func(*run, string, []value, kwargs) (value, error) {
	return func(_ *run, s string, args []value, _ kwargs) (value, error) {
		parts := []value{arg(args, 0)}
		if parts[0].IsList() {
			parts = parts[0].AsList().Items
		}
		for _, part := range parts {
			text, err := wantString(part)
			if err != nil || has(s, text) {
				return jinja.NewBool(true), err
			}
		}
		return jinja.NewBool(false), nil
	}
}

// split is split and, counted from the right, rsplit.
func (r *run) split(s string, args []value, kw kwargs, right bool) (value, error) {
	limit, err := intOr(argOr(args, 1, kw, "maxsplit"), -1)
	if err != nil {
		return jinja.Undefined(), err
	}
	sep := argOr(args, 0, kw, "sep")
	if sep.IsUndefined() || sep.IsNone() {
		if limit >= 0 {
			return jinja.Undefined(), errors.New("splitting at white space takes no limit here")
		}
		if err := r.use(len(s) * valueSize / 2); err != nil {
			return jinja.Undefined(), err
		}
		return r.strings(strings.FieldsFunc(s, isSpace))
	}
	by, err := wantString(sep)
	if err != nil {
		return jinja.Undefined(), err
	}
	if by == "" {
		return jinja.Undefined(), errors.New("split has an empty separator")
	}
	if err := r.useProduct(strings.Count(s, by)+1, valueSize); err != nil {
		return jinja.Undefined(), err
	}
	parts := strings.Split(s, by)
	if limit >= 0 && limit+1 < len(parts) {
		if right {
			from := len(parts) - limit
			parts = slices.Concat([]string{strings.Join(parts[:from], by)}, parts[from:])
		} else {
			parts = slices.Concat(parts[:limit], []string{strings.Join(parts[limit:], by)})
		}
	}
	return r.strings(parts)
}

func replace(r *run, s string, args []value, kw kwargs) (value, error) {
	old, err := r.string(arg(args, 0))
	if err != nil {
		return jinja.Undefined(), err
	}
	by, err := r.string(arg(args, 1))
	if err != nil {
		return jinja.Undefined(), err
	}
	if len(args) < 2 {
		return jinja.Undefined(), errors.New("replace wants what to replace and by what")
	}
	limit, err := intOr(argOr(args, 2, kw, "count"), -1)
	if err != nil {
		return jinja.Undefined(), err
	}
	if err := r.useProduct(strings.Count(s, old), len(by)); err != nil {
		return jinja.Undefined(), err
	}
	return r.text(strings.Replace(s, old, by, limit))
}

// format fills {}, {0} and {name} without format specifications.
func format(r *run, s string, args []value, kw kwargs) (value, error) {
	var b strings.Builder
	next := 0
	for s != "" {
		at := strings.IndexAny(s, "{}")
		if at < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:at])
		if strings.HasPrefix(s[at:], "{{") || strings.HasPrefix(s[at:], "}}") {
			b.WriteByte(s[at])
			s = s[at+2:]
			continue
		}
		end := strings.IndexByte(s[at:], '}')
		if s[at] == '}' || end < 0 {
			return jinja.Undefined(), errors.New("a format has a single brace")
		}
		field := s[at+1 : at+end]
		s = s[at+end+1:]
		v, ok := kw[field]
		if !ok {
			i := next
			if field == "" {
				next++
			} else if _, err := fmt.Sscanf(field, "%d", &i); err != nil || i < 0 {
				return jinja.Undefined(), fmt.Errorf("a format's field %q is not supported", field)
			}
			if i >= len(args) {
				return jinja.Undefined(), errors.New("a format has more fields than values")
			}
			v = args[i]
		}
		text, err := r.string(v)
		if err == nil {
			err = r.use(len(text))
		}
		if err != nil {
			return jinja.Undefined(), err
		}
		b.WriteString(text)
	}
	return r.text(b.String())
}
