package gguf

import (
	"fmt"
	"iter"
	"math"
)

// Meta is a file's metadata, in the order of the file. It lives in memory of
// its own: it stays valid when the file is closed, and it must not be changed.
//
// The methods named after a type return the value of a key and whether the
// file has the key; a value of another type is an error that names both types.
type Meta struct {
	keys   []string
	values []Value
	index  map[string]int // key → keys and values
}

// Len returns the number of keys.
func (m *Meta) Len() int { return len(m.keys) }

// Keys returns the keys.
func (m *Meta) Keys() []string { return append([]string(nil), m.keys...) }

// All yields keys and values.
func (m *Meta) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for i, key := range m.keys {
			if !yield(key, m.values[i]) {
				return
			}
		}
	}
}

// Get returns the value of a key of any type.
func (m *Meta) Get(key string) (Value, bool) {
	i, ok := m.index[key]
	if !ok {
		return Value{}, false
	}
	return m.values[i], true
}

// find returns the value of a key if it has an accepted type, and says which
// type is wanted if not.
func (m *Meta) find(key, want string, accept func(Value) bool) (Value, bool, error) {
	v, ok := m.Get(key)
	if ok && !accept(v) {
		return Value{}, true, fmt.Errorf("key %s is %s, want %s", key, v.typeName(), want)
	}
	return v, ok, nil
}

// Uint returns an unsigned integer of any width. Signed integers are refused:
// the format gives sizes and counts an unsigned type, so one that could be
// negative is a sign of a broken converter.
func (m *Meta) Uint(key string) (uint64, bool, error) {
	want := "integer"
	if v, ok := m.Get(key); ok && v.typ.integer() {
		want = "unsigned integer"
	}
	v, ok, err := m.find(key, want, func(v Value) bool { return v.typ.unsigned() })
	if !ok || err != nil {
		return 0, ok, err
	}
	return v.bits(0), true, nil
}

// Int returns an integer of any width, signed or not.
func (m *Meta) Int(key string) (int64, bool, error) {
	v, ok, err := m.find(key, "integer", func(v Value) bool { return v.typ.integer() })
	if !ok || err != nil {
		return 0, ok, err
	}
	if v.typ == Uint64 && v.bits(0) > math.MaxInt64 {
		return 0, true, fmt.Errorf("key %s is %d, too large", key, v.bits(0))
	}
	return v.signed(0), true, nil
}

// Float returns a floating-point number of either width.
func (m *Meta) Float(key string) (float64, bool, error) {
	v, ok, err := m.find(key, "float", func(v Value) bool { return v.typ.float() })
	if !ok || err != nil {
		return 0, ok, err
	}
	return v.float(0), true, nil
}

// Bool returns a truth value.
func (m *Meta) Bool(key string) (value, ok bool, err error) {
	v, ok, err := m.find(key, "bool", func(v Value) bool { return v.typ == Bool })
	if !ok || err != nil {
		return false, ok, err
	}
	return v.bits(0) != 0, true, nil
}

// String returns a string. It need not be valid UTF-8.
func (m *Meta) String(key string) (string, bool, error) {
	v, ok, err := m.find(key, "string", func(v Value) bool { return v.typ == String })
	if !ok || err != nil {
		return "", ok, err
	}
	return v.element(0), true, nil
}

// Strings returns an array of strings, such as a vocabulary. They need not be
// valid UTF-8; all share one piece of memory.
func (m *Meta) Strings(key string) ([]string, bool, error) {
	v, ok, err := m.find(key, "array of string", func(v Value) bool { return v.typ == Array && v.elem == String })
	if !ok || err != nil {
		return nil, ok, err
	}
	return v.texts(v.n), true, nil
}

// Ints returns an array of integers of any width, signed or not.
func (m *Meta) Ints(key string) ([]int64, bool, error) {
	v, ok, err := m.find(key, "array of integer", func(v Value) bool { return v.typ == Array && v.elem.integer() })
	if !ok || err != nil {
		return nil, ok, err
	}
	out := make([]int64, v.n)
	for i := range out {
		out[i] = v.signed(i)
		if out[i] < 0 && v.elem == Uint64 {
			return nil, true, fmt.Errorf("key %s: element %d is %d, too large", key, i, v.bits(i))
		}
	}
	return out, true, nil
}

// Bools returns an array of truth values.
func (m *Meta) Bools(key string) ([]bool, bool, error) {
	v, ok, err := m.find(key, "array of bool", func(v Value) bool { return v.typ == Array && v.elem == Bool })
	if !ok || err != nil {
		return nil, ok, err
	}
	out := make([]bool, v.n)
	for i := range out {
		out[i] = v.bits(i) != 0
	}
	return out, true, nil
}

// Floats returns an array of floating-point numbers; those of 64 bits are
// rounded to float32.
func (m *Meta) Floats(key string) ([]float32, bool, error) {
	v, ok, err := m.find(key, "array of float", func(v Value) bool { return v.typ == Array && v.elem.float() })
	if !ok || err != nil {
		return nil, ok, err
	}
	out := make([]float32, v.n)
	for i := range out {
		out[i] = float32(v.float(i))
	}
	return out, true, nil
}
