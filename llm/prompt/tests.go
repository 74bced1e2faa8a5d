package prompt

import (
	"errors"
	"strings"
)

// tests are Jinja's tests ("x is name"), by name.
var tests = map[string]func(r *run, v value, args []value) (bool, error){
	"defined":   func(_ *run, v value, _ []value) (bool, error) { return !v.IsUndefined(), nil },
	"undefined": func(_ *run, v value, _ []value) (bool, error) { return v.IsUndefined(), nil },
	"none":      func(_ *run, v value, _ []value) (bool, error) { return v.IsNone(), nil },
	"boolean":   func(_ *run, v value, _ []value) (bool, error) { return v.IsBool(), nil },
	"true":      func(_ *run, v value, _ []value) (bool, error) { return v.IsBool() && v.AsBool(), nil },
	"false":     func(_ *run, v value, _ []value) (bool, error) { return v.IsBool() && !v.AsBool(), nil },
	"integer":   func(_ *run, v value, _ []value) (bool, error) { return v.IsInt(), nil },
	"float":     func(_ *run, v value, _ []value) (bool, error) { return v.IsFloat(), nil },
	"number":    func(_ *run, v value, _ []value) (bool, error) { return isNumber(v), nil },
	"string":    func(_ *run, v value, _ []value) (bool, error) { return v.IsString(), nil },
	"mapping":   func(_ *run, v value, _ []value) (bool, error) { return v.IsDict(), nil },
	"callable":  func(_ *run, v value, _ []value) (bool, error) { return v.IsCallable(), nil },
	"iterable":  isIterable,
	"sequence":  isIterable, // strings, lists and mappings have a length and items
	"odd":       func(_ *run, v value, _ []value) (bool, error) { return v.IsInt() && v.AsInt()%2 != 0, nil },
	"even":      func(_ *run, v value, _ []value) (bool, error) { return v.IsInt() && v.AsInt()%2 == 0, nil },
	"divisibleby": func(_ *run, v value, args []value) (bool, error) {
		by := arg(args, 0)
		if !v.IsInt() || !by.IsInt() || by.AsInt() == 0 {
			return false, errors.New("divisibleby wants integers")
		}
		return v.AsInt()%by.AsInt() == 0, nil
	},
	"upper": func(_ *run, v value, _ []value) (bool, error) {
		return v.IsString() && v.AsString() == strings.ToUpper(v.AsString()), nil
	},
	"lower": func(_ *run, v value, _ []value) (bool, error) {
		return v.IsString() && v.AsString() == strings.ToLower(v.AsString()), nil
	},
	"in": func(r *run, v value, args []value) (bool, error) { return r.contains(arg(args, 0), v) },
	"eq": comparison("=="), "equalto": comparison("=="), "sameas": comparison("=="),
	"ne": comparison("!="),
	"gt": comparison(">"), "greaterthan": comparison(">"), "ge": comparison(">="),
	"lt": comparison("<"), "lessthan": comparison("<"), "le": comparison("<="),
}

func isIterable(_ *run, v value, _ []value) (bool, error) {
	return v.IsString() || v.IsList() || v.IsDict() || v.IsUndefined(), nil
}

func comparison(op string) func(*run, value, []value) (bool, error) {
	return func(r *run, v value, args []value) (bool, error) {
		result, err := r.operate(op, v, arg(args, 0))
		return err == nil && result.IsTruthy(), err
	}
}
