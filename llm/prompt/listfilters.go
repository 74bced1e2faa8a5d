package prompt

import (
	"errors"
	"slices"
	"strings"

	"github.com/ardanlabs/jinja"
)

// sequence is v as a list's items; strings give characters, mappings keys.
func (r *run) sequence(v value) ([]value, error) {
	list, err := r.each(v)
	if err != nil {
		return nil, err
	}
	return list.AsList().Items, r.use(16)
}

func filterJoin(r *run, v value, args []value, kw kwargs) (value, error) {
	items, err := r.sequence(v)
	if err != nil {
		return v, err
	}
	between, err := r.string(argOr(args, 0, kw, "d"))
	if err != nil {
		return v, err
	}
	if err := r.useProduct(len(items), len(between)+valueSize); err != nil {
		return v, err
	}
	name := argOr(args, 1, kw, "attribute")
	parts := make([]string, len(items))
	for i, item := range items {
		if name.IsString() {
			if item, err = attribute(item, name.AsString()); err != nil {
				return v, err
			}
		}
		if parts[i], err = r.string(item); err == nil {
			err = r.use(len(parts[i]))
		}
		if err != nil {
			return v, err
		}
	}
	return jinja.NewString(strings.Join(parts, between)), nil
}

func filterList(r *run, v value, _ []value, _ kwargs) (value, error) { return r.each(v) }

func filterFirst(r *run, v value, _ []value, _ kwargs) (value, error) {
	items, err := r.sequence(v)
	if err != nil || len(items) == 0 {
		return jinja.Undefined(), err
	}
	return items[0], nil
}

func filterLast(r *run, v value, _ []value, _ kwargs) (value, error) {
	items, err := r.sequence(v)
	if err != nil || len(items) == 0 {
		return jinja.Undefined(), err
	}
	return items[len(items)-1], nil
}

func filterReverse(r *run, v value, args []value, kw kwargs) (value, error) {
	if v.IsString() {
		return r.slice(v, jinja.None(), jinja.None(), jinja.NewInt(-1))
	}
	list, err := r.each(v)
	if err != nil {
		return v, err
	}
	return r.slice(list, jinja.None(), jinja.None(), jinja.NewInt(-1))
}

func filterSort(r *run, v value, args []value, kw kwargs) (value, error) {
	items, err := r.sequence(v)
	if err != nil {
		return v, err
	}
	if err := r.use(len(items) * 2 * valueSize); err != nil {
		return v, err
	}
	// Sorting by keys: the attribute when one is named, in lower case unless
	// case matters.
	sensitive := argOr(args, 1, kw, "case_sensitive").IsTruthy()
	name := argOr(args, 2, kw, "attribute")
	type entry struct{ key, item value }
	entries := make([]entry, len(items))
	for i, item := range items {
		key := item
		if name.IsString() {
			if key, err = attribute(item, name.AsString()); err != nil {
				return v, err
			}
		}
		if key.IsString() && !sensitive {
			if key, err = r.text(strings.ToLower(key.AsString())); err != nil {
				return v, err
			}
		}
		entries[i] = entry{key, item}
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		c := 0
		if err == nil {
			c, err = r.compare(a.key, b.key)
		}
		return c
	})
	if err != nil {
		return v, err
	}
	out := make([]value, len(entries))
	for i, e := range entries {
		out[i] = e.item
	}
	if argOr(args, 0, kw, "reverse").IsTruthy() {
		slices.Reverse(out)
	}
	return jinja.NewList(out), nil
}

func filterUnique(r *run, v value, _ []value, _ kwargs) (value, error) {
	items, err := r.sequence(v)
	if err != nil {
		return v, err
	}
	var out []value
next:
	for _, item := range items {
		for _, known := range out {
			if same, err := r.equal(known, item, 0); err != nil {
				return v, err
			} else if same {
				continue next
			}
		}
		out = append(out, item)
	}
	return r.list(out)
}

func extreme(r *run, v value, sign int) (value, error) {
	items, err := r.sequence(v)
	if err != nil || len(items) == 0 {
		return jinja.Undefined(), err
	}
	found := items[0]
	for _, item := range items[1:] {
		c, err := r.compare(item, found)
		if err != nil {
			return v, err
		}
		if c*sign > 0 {
			found = item
		}
	}
	return found, nil
}

func filterMin(r *run, v value, _ []value, _ kwargs) (value, error) { return extreme(r, v, -1) }
func filterMax(r *run, v value, _ []value, _ kwargs) (value, error) { return extreme(r, v, 1) }

func filterSum(r *run, v value, _ []value, _ kwargs) (value, error) {
	items, err := r.sequence(v)
	if err != nil {
		return v, err
	}
	sum := jinja.NewInt(0)
	for _, item := range items {
		if sum, err = r.operate("+", sum, item); err != nil {
			return v, err
		}
	}
	return sum, nil
}

func filterItems(r *run, v value, _ []value, _ kwargs) (value, error) {
	if v.IsUndefined() {
		return jinja.NewList(nil), nil
	}
	if !v.IsDict() {
		return v, errors.New("only a mapping has items")
	}
	return r.pairs(v.AsDict(), v.AsDict().Keys)
}

// pairs lists the keys with their values.
func (r *run) pairs(d *jinja.Dict, keys []string) (value, error) {
	if err := r.use(len(keys) * 6 * valueSize); err != nil {
		return jinja.Undefined(), err
	}
	out := make([]value, len(keys))
	for i, key := range keys {
		out[i] = jinja.NewList([]value{keyValue(key), d.Data[key]})
	}
	return jinja.NewList(out), nil
}

func filterDictSort(r *run, v value, args []value, kw kwargs) (value, error) {
	if !v.IsDict() {
		return v, errors.New("only a mapping can be sorted by dictsort")
	}
	if by := argOr(args, 1, kw, "by"); by.IsString() && by.AsString() != "key" {
		return v, errors.New("dictsort sorts by key only")
	}
	keys := slices.Clone(v.AsDict().Keys)
	sensitive := argOr(args, 0, kw, "case_sensitive").IsTruthy()
	var err error
	slices.SortStableFunc(keys, func(a, b string) int {
		if !sensitive {
			a, b = strings.ToLower(a), strings.ToLower(b)
		}
		c := 0
		if err == nil {
			c, err = r.compare(keyValue(a), keyValue(b))
		}
		return c
	})
	if err != nil {
		return v, err
	}
	if argOr(args, 2, kw, "reverse").IsTruthy() {
		slices.Reverse(keys)
	}
	return r.pairs(v.AsDict(), keys)
}

func filterMap(r *run, v value, args []value, kw kwargs) (value, error) {
	if !v.IsTruthy() { // Jinja takes none for an empty list here
		return jinja.NewList(nil), nil
	}
	items, err := r.sequence(v)
	if err != nil {
		return v, err
	}
	out := make([]value, 0, len(items))
	name := kw["attribute"]
	for _, item := range items {
		var x value
		switch {
		case name.IsString():
			x, err = attributePath(item, name.AsString())
			if x.IsUndefined() {
				x = kw["default"]
			}
		case arg(args, 0).IsString() && filters[args[0].AsString()] != nil:
			x, err = filters[args[0].AsString()](r, item, args[1:], kw)
		default:
			err = errors.New("map wants an attribute or the name of a filter")
		}
		if err != nil {
			return v, err
		}
		out = append(out, x)
	}
	return r.list(out)
}

// attributePath follows "a.b.c".
func attributePath(v value, path string) (value, error) {
	var err error
	for name := range strings.SplitSeq(path, ".") {
		if v, err = attribute(v, name); err != nil {
			return v, err
		}
	}
	return v, nil
}

// filterSelect is select and reject, by attribute or by the item itself.
func filterSelect(byAttribute, keep bool) func(*run, value, []value, kwargs) (value, error) {
	return func(r *run, v value, args []value, _ kwargs) (value, error) {
		if !v.IsTruthy() { // Jinja takes none for an empty list here
			return jinja.NewList(nil), nil
		}
		items, err := r.sequence(v)
		if err != nil {
			return v, err
		}
		path := ""
		if byAttribute {
			if !arg(args, 0).IsString() {
				return v, errors.New("selecting by attribute wants its name")
			}
			path, args = args[0].AsString(), args[1:]
		}
		test := func(_ *run, v value, _ []value) (bool, error) { return v.IsTruthy(), nil }
		if len(args) > 0 {
			if !args[0].IsString() || tests[args[0].AsString()] == nil {
				return v, errors.New("selecting wants the name of a test")
			}
			test, args = tests[args[0].AsString()], args[1:]
		}
		var out []value
		for _, item := range items {
			x := item
			if byAttribute {
				if x, err = attributePath(item, path); err != nil {
					return v, err
				}
			}
			ok, err := test(r, x, args)
			if err == nil {
				err = r.tick(0)
			}
			if err != nil {
				return v, err
			}
			if ok == keep {
				out = append(out, item)
			}
		}
		return r.list(out)
	}
}
