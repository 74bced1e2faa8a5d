package prompt

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/ardanlabs/jinja"
)

// filters are the filters of chat templates, by name. They are written here
// and not taken from the library because each must be charged before it makes
// anything, and must follow Python where the library does not.
var filters map[string]func(r *run, v value, args []value, kw kwargs) (value, error)

func init() { // select and map look filters up, which would be a cycle
	filters = map[string]func(r *run, v value, args []value, kw kwargs) (value, error){
		"tojson": toJSON, "from_json": fromJSON, "fromjson": fromJSON,
		"default": filterDefault, "d": filterDefault,
		"length": filterLength, "count": filterLength,
		"string": filterString, "safe": filterString,
		"int": filterInt, "float": filterFloat, "abs": filterAbs, "round": filterRound,
		"join": filterJoin, "list": filterList, "first": filterFirst, "last": filterLast,
		"reverse": filterReverse, "sort": filterSort, "unique": filterUnique,
		"min": filterMin, "max": filterMax, "sum": filterSum,
		"items": filterItems, "dictsort": filterDictSort,
		"map": filterMap, "select": filterSelect(false, true), "reject": filterSelect(false, false),
		"selectattr": filterSelect(true, true), "rejectattr": filterSelect(true, false),
		"replace": viaMethod("replace"), "trim": viaMethod("strip"), "lower": viaMethod("lower"),
		"upper": viaMethod("upper"), "title": viaMethod("title"), "capitalize": viaMethod("capitalize"),
		"indent": filterIndent, "escape": filterEscape, "e": filterEscape,
	}
}

// viaMethod is a filter that is a string's method on the value's text.
func viaMethod(name string) func(*run, value, []value, kwargs) (value, error) {
	return func(r *run, v value, args []value, kw kwargs) (value, error) {
		s, err := r.string(v)
		if err != nil {
			return v, err
		}
		return stringMethods[name](r, s, args, kw)
	}
}

func filterDefault(_ *run, v value, args []value, kw kwargs) (value, error) {
	falsy := argOr(args, 1, kw, "boolean").IsTruthy() && !v.IsTruthy()
	if !v.IsUndefined() && !falsy {
		return v, nil
	}
	if other := argOr(args, 0, kw, "default_value"); !other.IsUndefined() {
		return other, nil
	}
	return jinja.NewString(""), nil
}

func filterLength(_ *run, v value, _ []value, _ kwargs) (value, error) {
	switch {
	case v.IsList():
		return jinja.NewInt(int64(v.AsList().Len())), nil
	case v.IsDict():
		return jinja.NewInt(int64(v.AsDict().Len())), nil
	case v.IsString():
		return jinja.NewInt(int64(len([]rune(v.AsString())))), nil
	case v.IsUndefined():
		return jinja.NewInt(0), nil
	}
	return v, fmt.Errorf("%s has no length", typeName(v))
}

func filterString(r *run, v value, _ []value, _ kwargs) (value, error) {
	if v.IsString() {
		return v, nil
	}
	s, err := r.string(v)
	if err != nil {
		return v, err
	}
	return r.text(s)
}

func filterInt(_ *run, v value, args []value, kw kwargs) (value, error) {
	switch {
	case v.IsInt():
		return v, nil
	case v.IsFloat(), v.IsBool():
		return jinja.NewInt(toInt(v)), nil
	case v.IsString():
		s := strings.TrimSpace(v.AsString())
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return jinja.NewInt(n), nil
		}
		if f, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(f) < 1<<53 {
			return jinja.NewInt(int64(f)), nil
		}
	}
	if other := argOr(args, 0, kw, "default"); !other.IsUndefined() {
		return other, nil
	}
	return jinja.NewInt(0), nil
}

func filterFloat(_ *run, v value, args []value, kw kwargs) (value, error) {
	if isNumber(v) {
		return jinja.NewFloat(toFloat(v)), nil
	}
	if v.IsString() {
		if f, err := strconv.ParseFloat(strings.TrimSpace(v.AsString()), 64); err == nil {
			return jinja.NewFloat(f), nil
		}
	}
	if other := argOr(args, 0, kw, "default"); !other.IsUndefined() {
		return other, nil
	}
	return jinja.NewFloat(0), nil
}

func filterAbs(_ *run, v value, _ []value, _ kwargs) (value, error) {
	switch {
	case v.IsInt():
		return jinja.NewInt(max(v.AsInt(), -v.AsInt())), nil
	case isNumber(v):
		return jinja.NewFloat(math.Abs(toFloat(v))), nil
	}
	return v, fmt.Errorf("%s has no absolute value", typeName(v))
}

func filterRound(_ *run, v value, args []value, kw kwargs) (value, error) {
	if !isNumber(v) {
		return v, fmt.Errorf("cannot round %s", typeName(v))
	}
	digits, err := intOr(argOr(args, 0, kw, "precision"), 0)
	if err != nil {
		return v, err
	}
	scale := math.Pow(10, float64(digits))
	round := math.RoundToEven
	if how := argOr(args, 1, kw, "method"); how.IsString() {
		switch how.AsString() {
		case "ceil":
			round = math.Ceil
		case "floor":
			round = math.Floor
		}
	}
	return jinja.NewFloat(round(toFloat(v)*scale) / scale), nil
}

func filterIndent(r *run, v value, args []value, kw kwargs) (value, error) {
	s, err := r.string(v)
	if err != nil {
		return v, err
	}
	pad := "    "
	switch width := argOr(args, 0, kw, "width"); {
	case width.IsString():
		pad = width.AsString()
	case width.IsInt():
		n := max(int(width.AsInt()), 0)
		if err := r.use(n); err != nil {
			return v, err
		}
		pad = strings.Repeat(" ", n)
	}
	first, blank := argOr(args, 1, kw, "first").IsTruthy(), argOr(args, 2, kw, "blank").IsTruthy()
	if err := r.useProduct(strings.Count(s, "\n")+1, len(pad)+2*valueSize); err != nil {
		return v, err
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if i == 0 && !first || i > 0 && line == "" && !blank {
			continue
		}
		lines[i] = pad + line
	}
	return r.text(strings.Join(lines, "\n"))
}

func filterEscape(r *run, v value, _ []value, _ kwargs) (value, error) {
	s, err := r.string(v)
	if err != nil {
		return v, err
	}
	if err := r.useProduct(len(s), 5); err != nil { // &amp; is the longest
		return v, err
	}
	return jinja.NewString(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace(s)), nil
}

func isSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f } // as Python counts
