package prompt

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/ardanlabs/jinja"
)

// operate computes a binary operator with Python's rules.
func (r *run) operate(op string, a, b value) (value, error) {
	switch op {
	case "==", "!=":
		same, err := r.equal(a, b, 0)
		return jinja.NewBool(same == (op == "==")), err
	case "in", "not in":
		has, err := r.contains(b, a)
		return jinja.NewBool(has == (op == "in")), err
	case "<", "<=", ">", ">=":
		c, err := r.compare(a, b)
		if err != nil {
			return a, err
		}
		return jinja.NewBool(map[string]bool{"<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[op]), nil
	case "~":
		return r.join(a, b)
	}
	switch {
	case op == "+" && a.IsString() && b.IsString():
		return r.join(a, b)
	case op == "+" && a.IsList() && b.IsList():
		x, y := a.AsList().Items, b.AsList().Items
		if err := r.use((len(x) + len(y)) * valueSize); err != nil {
			return a, err
		}
		return jinja.NewList(append(append(make([]value, 0, len(x)+len(y)), x...), y...)), nil
	case op == "*" && a.IsString() && b.IsInt():
		return r.repeat(a.AsString(), int(b.AsInt()))
	case op == "*" && a.IsInt() && b.IsString():
		return r.repeat(b.AsString(), int(a.AsInt()))
	case op == "%" && a.IsString():
		return r.percent(a.AsString(), b)
	case isNumber(a) && isNumber(b):
		return arithmetic(op, a, b)
	}
	return a, fmt.Errorf("cannot compute %s %s %s", typeName(a), op, typeName(b))
}

func isNumber(v value) bool { return v.IsNumber() || v.IsBool() }

func toFloat(v value) float64 {
	switch {
	case v.IsFloat():
		return v.AsFloat()
	case v.IsInt():
		return float64(v.AsInt())
	case v.IsBool() && v.AsBool():
		return 1
	}
	return 0
}

func toInt(v value) int64 {
	if v.IsInt() {
		return v.AsInt()
	}
	return int64(toFloat(v))
}

func arithmetic(op string, a, b value) (value, error) {
	x, y := toFloat(a), toFloat(b)
	if y == 0 && (op == "/" || op == "//" || op == "%") {
		return a, errors.New("division by zero")
	}
	whole := !a.IsFloat() && !b.IsFloat()
	i, j := toInt(a), toInt(b)
	switch op {
	case "+":
		if whole {
			return jinja.NewInt(i + j), nil
		}
		return jinja.NewFloat(x + y), nil
	case "-":
		if whole {
			return jinja.NewInt(i - j), nil
		}
		return jinja.NewFloat(x - y), nil
	case "*":
		if whole {
			return jinja.NewInt(i * j), nil
		}
		return jinja.NewFloat(x * y), nil
	case "/":
		return jinja.NewFloat(x / y), nil
	case "//":
		if whole {
			q := i / j
			if i%j != 0 && (i < 0) != (j < 0) {
				q-- // Python rounds down
			}
			return jinja.NewInt(q), nil
		}
		return jinja.NewFloat(math.Floor(x / y)), nil
	case "%":
		if whole {
			m := i % j
			if m != 0 && (m < 0) != (j < 0) {
				m += j // Python's remainder has the divisor's sign
			}
			return jinja.NewInt(m), nil
		}
		return jinja.NewFloat(x - y*math.Floor(x/y)), nil
	case "**":
		p := math.Pow(x, y)
		if whole && j >= 0 && math.Abs(p) < 1<<53 {
			return jinja.NewInt(int64(p)), nil
		}
		return jinja.NewFloat(p), nil
	}
	return a, fmt.Errorf("unknown operator %q", op)
}

func (r *run) join(a, b value) (value, error) {
	x, err := r.string(a)
	if err != nil {
		return a, err
	}
	y, err := r.string(b)
	if err != nil {
		return a, err
	}
	if err := r.use(len(x) + len(y)); err != nil {
		return a, err
	}
	return jinja.NewString(x + y), nil
}

func (r *run) repeat(s string, n int) (value, error) {
	n = max(n, 0)
	if err := r.useProduct(n, len(s)); err != nil {
		return jinja.Undefined(), err
	}
	return jinja.NewString(strings.Repeat(s, n)), nil
}

// percent is the old formatting operator, with the plain verbs %s and %d.
func (r *run) percent(format string, v value) (value, error) {
	args := []value{v}
	if v.IsList() {
		args = v.AsList().Items
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		if i++; i < len(format) && format[i] == '%' {
			b.WriteByte('%')
			continue
		}
		if i >= len(format) || format[i] != 's' && format[i] != 'd' || len(args) == 0 {
			return v, errors.New("this use of the % operator is not supported")
		}
		s, err := r.string(args[0])
		if err == nil {
			err = r.use(len(s))
		}
		if err != nil {
			return v, err
		}
		b.WriteString(s)
		args = args[1:]
	}
	return r.text(b.String())
}

// equal is Python's ==.
func (r *run) equal(a, b value, depth int) (bool, error) {
	if depth > maxDepth {
		return false, errDeep
	}
	if err := r.use(16); err != nil {
		return false, err
	}
	switch {
	case isNumber(a) && isNumber(b):
		if a.IsInt() && b.IsInt() {
			return a.AsInt() == b.AsInt(), nil
		}
		return toFloat(a) == toFloat(b), nil
	case a.IsString() && b.IsString():
		return a.AsString() == b.AsString(), r.tick(min(len(a.AsString()), len(b.AsString())))
	case a.IsList() && b.IsList():
		x, y := a.AsList().Items, b.AsList().Items
		if len(x) != len(y) {
			return false, nil
		}
		for i := range x {
			if same, err := r.equal(x[i], y[i], depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case a.IsDict() && b.IsDict():
		x, y := a.AsDict(), b.AsDict()
		if x.Len() != y.Len() {
			return false, nil
		}
		for _, key := range x.Keys {
			other, ok := y.Get(key)
			if !ok {
				return false, nil
			}
			if same, err := r.equal(x.Data[key], other, depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	return a.IsNone() && b.IsNone() || a.IsUndefined() && b.IsUndefined(), nil
}

// compare orders numbers, strings and lists; others have no order.
func (r *run) compare(a, b value) (int, error) {
	if err := r.tick(0); err != nil {
		return 0, err
	}
	switch {
	case isNumber(a) && isNumber(b):
		if !a.IsFloat() && !b.IsFloat() {
			return cmp.Compare(toInt(a), toInt(b)), nil
		}
		return cmp.Compare(toFloat(a), toFloat(b)), nil
	case a.IsString() && b.IsString():
		return strings.Compare(a.AsString(), b.AsString()), nil
	case a.IsList() && b.IsList():
		x, y := a.AsList().Items, b.AsList().Items
		for i := range min(len(x), len(y)) {
			if same, err := r.equal(x[i], y[i], 0); err != nil {
				return 0, err
			} else if !same {
				if x[i].IsList() {
					return 0, errors.New("lists in lists have no order here")
				}
				return r.compare(x[i], y[i])
			}
		}
		return cmp.Compare(len(x), len(y)), nil
	}
	return 0, fmt.Errorf("%s and %s have no order", typeName(a), typeName(b))
}

func (r *run) contains(in, v value) (bool, error) {
	switch {
	case in.IsString():
		if !v.IsString() {
			return false, fmt.Errorf("a string cannot contain %s", typeName(v))
		}
		return strings.Contains(in.AsString(), v.AsString()), nil
	case in.IsDict():
		key, err := dictKey(v)
		return err == nil && in.AsDict().Has(key), nil
	case in.IsList():
		for _, item := range in.AsList().Items {
			if same, err := r.equal(item, v, 0); same || err != nil {
				return same, err
			}
		}
		return false, nil
	case in.IsUndefined():
		return false, nil
	}
	return false, fmt.Errorf("%s cannot contain anything", typeName(in))
}

// attribute is x.name: in Jinja a mapping's item; what is not there is
// undefined, and an undefined value has no attributes.
func attribute(v value, name string) (value, error) {
	switch {
	case v.IsUndefined():
		return v, fmt.Errorf("an undefined value has no attribute %q", name)
	case v.IsDict():
		found, _ := v.AsDict().Get(name)
		return found, nil
	}
	return jinja.Undefined(), nil
}

// item is x[key].
func (r *run) item(v, key value) (value, error) {
	switch {
	case v.IsUndefined():
		return v, errors.New("an undefined value has no items")
	case v.IsDict():
		name, err := dictKey(key)
		if err != nil {
			return jinja.Undefined(), nil // nothing is stored under such a key
		}
		return attribute(v, name)
	case v.IsList() && (key.IsInt() || key.IsBool()):
		items := v.AsList().Items
		i := int(toInt(key))
		if i < 0 {
			i += len(items)
		}
		if i < 0 || i >= len(items) {
			return jinja.Undefined(), nil
		}
		return items[i], nil
	case v.IsString() && key.IsInt():
		if err := r.useProduct(len(v.AsString()), 4); err != nil {
			return v, err
		}
		runes := []rune(v.AsString())
		i := int(key.AsInt())
		if i < 0 {
			i += len(runes)
		}
		if i < 0 || i >= len(runes) {
			return jinja.Undefined(), nil
		}
		return jinja.NewString(string(runes[i])), nil
	}
	return jinja.Undefined(), nil
}

// slice is x[from:to:step] with Python's rules.
func (r *run) slice(v, from, to, by value) (value, error) {
	if v.IsUndefined() {
		return v, errors.New("an undefined value has no items")
	}
	step, err := intOr(by, 1)
	if err != nil {
		return v, err
	}
	if step == 0 {
		return v, errors.New("a slice has a step of zero")
	}
	chars := v
	if v.IsString() {
		if chars, err = r.runes(v.AsString()); err != nil {
			return v, err
		}
	}
	if !chars.IsList() {
		return jinja.Undefined(), nil
	}
	items := chars.AsList().Items
	low, high, start, stop := 0, len(items), 0, len(items)
	if step < 0 {
		low, high, start, stop = -1, len(items)-1, len(items)-1, -1
	}
	bound := func(v value, other int) (int, error) {
		if v.IsNone() {
			return other, nil
		}
		i, err := intOr(v, other)
		if i < 0 {
			i += len(items)
		}
		return min(max(i, low), high), err
	}
	if start, err = bound(from, start); err != nil {
		return v, err
	}
	if stop, err = bound(to, stop); err != nil {
		return v, err
	}
	step = min(max(step, -len(items)-1), len(items)+1) // a longer step takes one item too
	var out []value
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		out = append(out, items[i])
	}
	if !v.IsString() {
		return r.list(out)
	}
	var b strings.Builder
	for _, c := range out {
		b.WriteString(c.AsString())
	}
	return r.text(b.String())
}
