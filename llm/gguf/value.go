package gguf

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ValueType is the type of a metadata value, by the format's number.
type ValueType uint32

// The types of metadata values.
const (
	Uint8   ValueType = 0
	Int8    ValueType = 1
	Uint16  ValueType = 2
	Int16   ValueType = 3
	Uint32  ValueType = 4
	Int32   ValueType = 5
	Float32 ValueType = 6
	Bool    ValueType = 7
	String  ValueType = 8
	Array   ValueType = 9
	Uint64  ValueType = 10
	Int64   ValueType = 11
	Float64 ValueType = 12
)

// valueTypes is indexed by ValueType; a size of 0 marks those of varying size.
var valueTypes = [...]struct {
	name string
	size int // bytes
}{
	Uint8: {"uint8", 1}, Int8: {"int8", 1}, Uint16: {"uint16", 2}, Int16: {"int16", 2},
	Uint32: {"uint32", 4}, Int32: {"int32", 4}, Float32: {"float32", 4}, Bool: {"bool", 1},
	String: {"string", 0}, Array: {"array", 0}, Uint64: {"uint64", 8}, Int64: {"int64", 8},
	Float64: {"float64", 8},
}

func (t ValueType) known() bool { return uint64(t) < uint64(len(valueTypes)) }

// String returns the type's name, such as "uint32".
func (t ValueType) String() string {
	if !t.known() {
		return "unknown type " + strconv.FormatUint(uint64(t), 10)
	}
	return valueTypes[t].name
}

func (t ValueType) unsigned() bool {
	return t == Uint8 || t == Uint16 || t == Uint32 || t == Uint64
}

func (t ValueType) integer() bool {
	return t.unsigned() || t == Int8 || t == Int16 || t == Int32 || t == Int64
}

func (t ValueType) float() bool { return t == Float32 || t == Float64 }

// Value is one metadata value. It holds the bytes of the file and decodes them
// when asked, so that a vocabulary nobody asks for costs nothing.
type Value struct {
	typ, elem ValueType
	n         int    // elements of an array, else 1
	raw       string // elements as they lie in the file, without the array's head
}

// Type returns the value's type.
func (v Value) Type() ValueType { return v.typ }

// Elem returns the type of an array's elements, and the value's own type
// otherwise.
func (v Value) Elem() ValueType { return v.elem }

// Len returns the number of an array's elements, and 1 otherwise.
func (v Value) Len() int { return v.n }

// typeName describes the type in an error.
func (v Value) typeName() string {
	if v.typ == Array {
		return "array of " + v.elem.String()
	}
	return v.typ.String()
}

// bits returns the bytes of an element of fixed size as a little-endian number.
func (v Value) bits(i int) uint64 {
	size := valueTypes[v.elem].size
	var x uint64
	for j := (i+1)*size - 1; j >= i*size; j-- {
		x = x<<8 | uint64(v.raw[j])
	}
	return x
}

// signed returns integer element i; an Uint64 above 2⁶³−1 wraps.
func (v Value) signed(i int) int64 {
	x := v.bits(i)
	if v.elem.unsigned() {
		return int64(x)
	}
	unused := 64 - 8*valueTypes[v.elem].size
	return int64(x<<unused) >> unused
}

// float returns floating-point element i.
func (v Value) float(i int) float64 {
	if v.elem == Float32 {
		return float64(math.Float32frombits(uint32(v.bits(i))))
	}
	return math.Float64frombits(v.bits(i))
}

// texts yields up to limit elements of an array of strings. They share the
// memory of the metadata.
func (v Value) texts(limit int) []string {
	out := make([]string, min(v.n, limit))
	rest := v.raw
	for i := range out {
		n := Value{elem: Uint64, raw: rest}.bits(0)
		out[i], rest = rest[8:8+n], rest[8+n:]
	}
	return out
}

// previewed is how many of an array's elements String shows.
const previewed = 8

// String shows the value to a person: a scalar as it is, of an array its first
// elements and its length.
func (v Value) String() string {
	if v.typ != Array {
		return v.element(0)
	}
	var b strings.Builder
	b.WriteByte('[')
	if v.elem == String {
		for i, s := range v.texts(previewed) {
			fmt.Fprintf(&b, "%s%q", separator(i), s)
		}
	} else {
		for i := range min(v.n, previewed) {
			b.WriteString(separator(i) + v.element(i))
		}
	}
	if v.n > previewed {
		fmt.Fprintf(&b, ", … %d in all", v.n)
	}
	b.WriteByte(']')
	return b.String()
}

func separator(i int) string {
	if i == 0 {
		return ""
	}
	return ", "
}

// element shows one element; a string must be the only one.
func (v Value) element(i int) string {
	switch {
	case v.n == 0: // the zero Value
		return ""
	case v.elem == String:
		return v.texts(1)[0]
	case v.elem == Bool:
		return strconv.FormatBool(v.bits(i) != 0)
	case v.elem == Float32:
		return strconv.FormatFloat(v.float(i), 'g', -1, 32)
	case v.elem == Float64:
		return strconv.FormatFloat(v.float(i), 'g', -1, 64)
	case v.elem.unsigned():
		return strconv.FormatUint(v.bits(i), 10)
	}
	return strconv.FormatInt(v.signed(i), 10)
}
