package gguf

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lumi/accel"
)

// sampleMeta has a value of every type, and arrays of all that occur.
var sampleMeta = []KV{
	{"general.architecture", "llama"},
	{"u8", uint8(200)},
	{"i8", int8(-100)},
	{"u16", uint16(50000)},
	{"i16", int16(-30000)},
	{"u32", uint32(4000000000)},
	{"i32", int32(-2000000000)},
	{"u64", uint64(math.MaxUint64)},
	{"i64", int64(math.MinInt64)},
	{"f32", float32(1e-5)},
	{"f64", math.Pi},
	{"yes", true},
	{"no", false},
	{"empty", ""},
	{"strings", []string{"a", "", "\xff\x00", "Straße"}},
	{"i8s", []int8{-128, 0, 127}},
	{"u8s", []uint8{0, 255}},
	{"i16s", []int16{-1, 1}},
	{"u16s", []uint16{0, 65535}},
	{"i32s", []int32{-1, math.MaxInt32}},
	{"u32s", []uint32{math.MaxUint32}},
	{"i64s", []int64{math.MinInt64}},
	{"u64s", []uint64{7, math.MaxUint64}},
	{"f32s", []float32{0.5, float32(math.Inf(-1))}},
	{"f64s", []float64{0.1}},
	{"bools", []bool{true, false}},
	{"none", []int32{}},
}

// sampleTensors are two small tensors with a gap between them.
func sampleTensors() []TensorData {
	bytesOf := func(b []byte) func(io.Writer) error {
		return func(w io.Writer) error { _, err := w.Write(b); return err }
	}
	return []TensorData{
		{"token_embd.weight", accel.F16, []uint64{3, 2}, bytesOf([]byte("abcdefghijkl"))},
		{"blk.0.attn_q.weight", accel.Q4_0, []uint64{32, 1}, bytesOf([]byte("0123456789abcdefgh"))},
	}
}

func sample(t testing.TB) []byte {
	var b bytes.Buffer
	if err := Write(&b, sampleMeta, sampleTensors()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	data := sample(t)
	f, err := Parse(data, "sample")
	if err != nil {
		t.Fatal(err)
	}
	if f.Version != 3 || f.Alignment != 32 || f.Size != int64(len(data)) || f.Trailing != 0 {
		t.Errorf("file is %+v", f)
	}
	var keys []string
	for _, kv := range sampleMeta {
		keys = append(keys, kv.Key)
	}
	if diff := cmp.Diff(keys, f.Meta.Keys()); diff != "" {
		t.Error("keys, want and got:", diff)
	}
	for i, want := range []string{"abcdefghijkl", "0123456789abcdefgh"} {
		got, err := f.Data(f.Tensors[i])
		if err != nil || string(got) != want {
			t.Errorf("tensor %d holds %q, %v; want %q", i, got, err, want)
		}
	}
	q, ok := f.Tensor("blk.0.attn_q.weight")
	if diff := cmp.Diff(Tensor{"blk.0.attn_q.weight", accel.Q4_0, []uint64{32, 1}, f.Tensors[0].Offset + 32, 18}, q); !ok || diff != "" {
		t.Error("tensor, want and got:", diff)
	}
	if _, ok := f.Tensor("output.weight"); ok {
		t.Error("found a tensor that is not there")
	}
	if n := f.Tensors[0].Elements(); n != 6 {
		t.Errorf("%d elements, want 6", n)
	}

	// Metadata copied into another file makes the same bytes.
	var meta []KV
	for key, v := range f.Meta.All() {
		meta = append(meta, KV{key, v})
	}
	var again bytes.Buffer
	if err := Write(&again, meta, sampleTensors()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.Bytes(), data) {
		t.Error("a copy of the metadata is written differently")
	}
}

// result gathers what an accessor returned, errors as their text.
func result[T any](v T, ok bool, err error) []any {
	if err != nil {
		return []any{ok, err.Error()}
	}
	return []any{v, ok}
}

func TestAccessors(t *testing.T) {
	f, err := Parse(sample(t), "sample")
	if err != nil {
		t.Fatal(err)
	}
	m := f.Meta
	for _, test := range []struct {
		key, kind string
		want      []any
	}{
		{"u8", "Uint", []any{uint64(200), true}},
		{"u16", "Uint", []any{uint64(50000), true}},
		{"u32", "Uint", []any{uint64(4000000000), true}},
		{"u64", "Uint", []any{uint64(math.MaxUint64), true}},
		{"i32", "Uint", []any{true, "key i32 is int32, want unsigned integer"}},
		{"f32", "Uint", []any{true, "key f32 is float32, want integer"}},
		{"general.architecture", "Uint", []any{true, "key general.architecture is string, want integer"}},
		{"i32s", "Uint", []any{true, "key i32s is array of int32, want integer"}},
		{"absent", "Uint", []any{uint64(0), false}},
		{"i8", "Int", []any{int64(-100), true}},
		{"u8", "Int", []any{int64(200), true}},
		{"i16", "Int", []any{int64(-30000), true}},
		{"i32", "Int", []any{int64(-2000000000), true}},
		{"u32", "Int", []any{int64(4000000000), true}},
		{"i64", "Int", []any{int64(math.MinInt64), true}},
		{"u64", "Int", []any{true, "key u64 is 18446744073709551615, too large"}},
		{"yes", "Int", []any{true, "key yes is bool, want integer"}},
		{"absent", "Int", []any{int64(0), false}},
		{"f32", "Float", []any{float64(float32(1e-5)), true}},
		{"f64", "Float", []any{math.Pi, true}},
		{"u32", "Float", []any{true, "key u32 is uint32, want float"}},
		{"absent", "Float", []any{0.0, false}},
		{"yes", "Bool", []any{true, true}},
		{"no", "Bool", []any{false, true}},
		{"u8", "Bool", []any{true, "key u8 is uint8, want bool"}},
		{"absent", "Bool", []any{false, false}},
		{"general.architecture", "String", []any{"llama", true}},
		{"empty", "String", []any{"", true}},
		{"strings", "String", []any{true, "key strings is array of string, want string"}},
		{"absent", "String", []any{"", false}},
		{"strings", "Strings", []any{[]string{"a", "", "\xff\x00", "Straße"}, true}},
		{"empty", "Strings", []any{true, "key empty is string, want array of string"}},
		{"none", "Strings", []any{true, "key none is array of int32, want array of string"}},
		{"absent", "Strings", []any{[]string(nil), false}},
		{"i8s", "Ints", []any{[]int64{-128, 0, 127}, true}},
		{"u8s", "Ints", []any{[]int64{0, 255}, true}},
		{"i16s", "Ints", []any{[]int64{-1, 1}, true}},
		{"u16s", "Ints", []any{[]int64{0, 65535}, true}},
		{"i32s", "Ints", []any{[]int64{-1, math.MaxInt32}, true}},
		{"u32s", "Ints", []any{[]int64{math.MaxUint32}, true}},
		{"i64s", "Ints", []any{[]int64{math.MinInt64}, true}},
		{"u64s", "Ints", []any{true, "key u64s: element 1 is 18446744073709551615, too large"}},
		{"none", "Ints", []any{[]int64{}, true}},
		{"bools", "Ints", []any{true, "key bools is array of bool, want array of integer"}},
		{"absent", "Ints", []any{[]int64(nil), false}},
		{"f32s", "Floats", []any{[]float32{0.5, float32(math.Inf(-1))}, true}},
		{"f64s", "Floats", []any{[]float32{0.1}, true}},
		{"i32s", "Floats", []any{true, "key i32s is array of int32, want array of float"}},
		{"absent", "Floats", []any{[]float32(nil), false}},
	} {
		var got []any
		switch test.kind {
		case "Uint":
			got = result(m.Uint(test.key))
		case "Int":
			got = result(m.Int(test.key))
		case "Float":
			got = result(m.Float(test.key))
		case "Bool":
			got = result(m.Bool(test.key))
		case "String":
			got = result(m.String(test.key))
		case "Strings":
			got = result(m.Strings(test.key))
		case "Ints":
			got = result(m.Ints(test.key))
		case "Floats":
			got = result(m.Floats(test.key))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s(%q), want and got: %s", test.kind, test.key, diff)
		}
	}
}

func TestValueShows(t *testing.T) {
	f, err := Parse(sample(t), "sample")
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"general.architecture": "llama",
		"i8":                   "-100",
		"u64":                  "18446744073709551615",
		"f32":                  "1e-05",
		"f64":                  "3.141592653589793",
		"yes":                  "true",
		"strings":              `["a", "", "\xff\x00", "Straße"]`,
		"i32s":                 "[-1, 2147483647]",
		"none":                 "[]",
	} {
		v, ok := f.Meta.Get(key)
		if !ok || v.String() != want {
			t.Errorf("%s shows as %q, want %q", key, v.String(), want)
		}
	}
	long, err := valueOf(make([]uint8, 100))
	if want := "[0, 0, 0, 0, 0, 0, 0, 0, … 100 in all]"; err != nil || long.String() != want {
		t.Errorf("a long array shows as %q, want %q", long, want)
	}
	if s := (Value{}).String(); s != "" {
		t.Errorf("the zero Value shows as %q", s)
	}
}

// Every prefix of a file is an error that says so, and never a crash.
func TestEveryCutIsAnError(t *testing.T) {
	data := sample(t)
	f, err := Parse(data, "sample")
	if err != nil {
		t.Fatal(err)
	}
	last := f.Tensors[len(f.Tensors)-1]
	end := int(last.Offset + last.Size)
	for n := range end {
		_, err := Parse(slices.Clip(data[:n]), "sample")
		var cut *TruncatedError
		switch {
		case err == nil:
			t.Fatalf("the first %d of %d bytes have no error", n, end)
		case n < len(magic):
			if !errors.Is(err, ErrNotGGUF) {
				t.Errorf("%d bytes: %v, want ErrNotGGUF", n, err)
			}
		case !errors.As(err, &cut):
			t.Errorf("%d bytes: %v, want a *TruncatedError", n, err)
		case cut.Have != int64(n) || cut.Need <= cut.Have || cut.Need > int64(end):
			t.Errorf("%d bytes: %+v of a file of %d", n, *cut, end)
		}
	}
	if _, err := Parse(data[:end], "sample"); err != nil {
		t.Errorf("the file without its last padding: %v", err)
	}
}

func TestVersion2IsRead(t *testing.T) {
	data := sample(t)
	data[4] = 2
	if f, err := Parse(data, "sample"); err != nil || f.Version != 2 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestAlignmentIsKept(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, []KV{{alignmentKey, uint32(4096)}}, sampleTensors()); err != nil {
		t.Fatal(err)
	}
	f, err := Parse(b.Bytes(), "sample")
	if err != nil {
		t.Fatal(err)
	}
	if f.Alignment != 4096 || f.Tensors[0].Offset != 4096 || f.Tensors[1].Offset != 8192 || b.Len() != 3*4096 {
		t.Errorf("alignment %d, tensors %+v, %d bytes", f.Alignment, f.Tensors, b.Len())
	}
}

var errWrite = errors.New("no space left")

// failAfter is a writer that fails after n bytes.
type failAfter struct{ n int }

func (w *failAfter) Write(b []byte) (int, error) {
	if len(b) > w.n {
		return w.n, errWrite
	}
	w.n -= len(b)
	return len(b), nil
}

func TestWriteErrors(t *testing.T) {
	good := func(io.Writer) error { return nil }
	tensor := func(name string, dims ...uint64) TensorData { return TensorData{name, accel.F32, dims, good} }
	for _, test := range []struct {
		name    string
		meta    []KV
		tensors []TensorData
		want    string
	}{
		{"int", []KV{{"k", 1}}, nil, "Go type int has no type"},
		{"nil", []KV{{"k", nil}}, nil, "has no type"},
		{"zero Value", []KV{{"k", Value{}}}, nil, "zero Value"},
		{"duplicate key", []KV{{"k", true}, {"k", true}}, nil, "occurs twice"},
		{"empty key", []KV{{"", true}}, nil, "has no name"},
		{"long key", []KV{{strings.Repeat("k", 65536), true}}, nil, "longer than the limit"},
		{"alignment 5", []KV{{alignmentKey, uint32(5)}}, nil, "power of two"},
		{"alignment of type int32", []KV{{alignmentKey, int32(32)}}, nil, "want unsigned integer"},
		{"alignment of type int", []KV{{alignmentKey, 32}}, nil, "has no type"},
		{"no dimensions", nil, []TensorData{tensor("a")}, "0 dimensions"},
		{"five dimensions", nil, []TensorData{tensor("a", 1, 1, 1, 1, 1)}, "5 dimensions"},
		{"long name", nil, []TensorData{tensor(strings.Repeat("n", 65), 1)}, "longer than 64"},
		{"no name", nil, []TensorData{tensor("", 1)}, "has no name"},
		{"duplicate name", nil, []TensorData{tensor("a", 1), tensor("a", 1)}, "occurs twice"},
		{"unknown type", nil, []TensorData{{"a", 31, []uint64{1}, good}}, "unknown type 31"},
		{"too large", nil, []TensorData{tensor("a", 1<<60), tensor("b", 1<<60)}, "larger than any file"},
		{"too little written", nil, []TensorData{tensor("a", 1)}, "written with 0 bytes, want 4"},
		{"failing tensor", nil, []TensorData{{"a", accel.F32, []uint64{1}, func(io.Writer) error { return errWrite }}}, "no space left"},
	} {
		var b bytes.Buffer
		if err := Write(&b, test.meta, test.tensors); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
	for n := range len(sample(t)) {
		if err := Write(&failAfter{n}, sampleMeta, sampleTensors()); !errors.Is(err, errWrite) {
			t.Errorf("writer that fails after %d bytes: error %v", n, err)
		}
	}
}

func FuzzMulOK(f *testing.F) {
	f.Add(uint64(0), uint64(math.MaxUint64))
	f.Add(uint64(1<<32), uint64(1<<32))
	f.Add(uint64(1<<32), uint64(1<<32-1))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		big64 := func(x uint64) *big.Int { return new(big.Int).SetUint64(x) }
		want := new(big.Int).Mul(big64(a), big64(b))
		if got, ok := mulOK(a, b); ok != want.IsUint64() || ok && got != want.Uint64() {
			t.Errorf("%d times %d is %d, %v; want %v", a, b, got, ok, want)
		}
		want.Add(big64(a), big64(b))
		if got, ok := addOK(a, b); ok != want.IsUint64() || ok && got != want.Uint64() {
			t.Errorf("%d plus %d is %d, %v; want %v", a, b, got, ok, want)
		}
	})
}

// FuzzParse checks that no input crashes the parser, and that what it accepts
// keeps its promises.
func FuzzParse(f *testing.F) {
	f.Add(sample(f))
	for _, fault := range faults() {
		f.Add(fault.data)
	}
	f.Add(build(nil, list(info("a", 31, 0, 8), info("b", accel.F32, 32, 8)), 64))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse(data, "fuzz")
		if err != nil {
			if e := (*Error)(nil); !errors.As(err, &e) {
				t.Errorf("%v is a %T, want *Error", err, err)
			}
			return
		}
		m := file.Meta
		for key, v := range m.All() {
			_ = v.String()
			found := 0
			for _, got := range [][]any{
				result(m.Uint(key)), result(m.Int(key)), result(m.Float(key)), result(m.Bool(key)), result(m.String(key)),
				result(m.Strings(key)), result(m.Ints(key)), result(m.Floats(key)),
			} {
				if got[1] == true {
					found++
				}
			}
			if found == 0 && v.Elem() != Uint64 && (v.Type() != Array || v.Elem() != Bool) {
				t.Errorf("no accessor returns key %q of type %v", key, v.Type())
			}
		}
		end := int64(0)
		for _, tensor := range file.Tensors {
			b, err := file.Data(tensor)
			if known := tensor.Type.Known(); known != (err == nil) || int64(len(b)) != tensor.Size {
				t.Errorf("tensor %+v: %d bytes, %v", tensor, len(b), err)
			}
			if tensor.Offset < end || tensor.Offset%int64(file.Alignment) != 0 {
				t.Errorf("tensor %+v starts before byte %d or unaligned", tensor, end)
			}
			end = tensor.Offset + tensor.Size
		}
		if end+file.Trailing > file.Size {
			t.Errorf("%d bytes of tensors and %d more in a file of %d", end, file.Trailing, file.Size)
		}
	})
}

// Each accessor takes its own types and refuses all others, naming both.
func TestAccessorsTimesTypes(t *testing.T) {
	f, err := Parse(sample(t), "sample")
	if err != nil {
		t.Fatal(err)
	}
	m := f.Meta
	accepted := map[string][]string{
		"integer":          {"u8", "i8", "u16", "i16", "u32", "i32", "i64"}, // u64 holds one too large
		"unsigned integer": {"u8", "u16", "u32", "u64"},
		"float":            {"f32", "f64"},
		"bool":             {"yes", "no"},
		"string":           {"general.architecture", "empty"},
		"array of string":  {"strings"},
		"array of integer": {"i8s", "u8s", "i16s", "u16s", "i32s", "u32s", "i64s", "none"}, // u64s likewise
		"array of float":   {"f32s", "f64s"},
	}
	for want, get := range map[string]func(string) []any{
		"integer":          func(key string) []any { return result(m.Int(key)) },
		"unsigned integer": func(key string) []any { return result(m.Uint(key)) },
		"float":            func(key string) []any { return result(m.Float(key)) },
		"bool":             func(key string) []any { return result(m.Bool(key)) },
		"string":           func(key string) []any { return result(m.String(key)) },
		"array of string":  func(key string) []any { return result(m.Strings(key)) },
		"array of integer": func(key string) []any { return result(m.Ints(key)) },
		"array of float":   func(key string) []any { return result(m.Floats(key)) },
	} {
		for _, key := range m.Keys() {
			got := get(key)
			if slices.Contains(accepted[want], key) {
				if got[1] != true {
					t.Errorf("key %s as %s: %v", key, want, got)
				}
				continue
			}
			message, _ := got[1].(string)
			if got[0] != true || !strings.HasPrefix(message, "key "+key) {
				t.Errorf("key %s as %s: %v, want an error that names the key", key, want, got)
			}
		}
	}
}
