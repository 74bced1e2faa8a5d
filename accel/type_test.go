package accel

import (
	"math"
	"strings"
	"testing"
)

func TestTypes(t *testing.T) {
	// Bits per element, as ggml's documentation of its types gives them.
	for typ, bits := range map[Type]float64{
		F32: 32, F16: 16, BF16: 16, F64: 64, I8: 8, I16: 16, I32: 32, I64: 64,
		Q4_0: 4.5, Q4_1: 5, Q5_0: 5.5, Q5_1: 6, Q8_0: 8.5, Q8_1: 9,
		Q2_K: 2.625, Q3_K: 3.4375, Q4_K: 4.5, Q5_K: 5.5, Q6_K: 6.5625, Q8_K: 9.125,
		IQ2_XXS: 2.0625, IQ2_XS: 2.3125, IQ2_S: 2.5625, IQ3_XXS: 3.0625, IQ3_S: 3.4375,
		IQ1_S: 1.5625, IQ1_M: 1.75, IQ4_NL: 4.5, IQ4_XS: 4.25, TQ1_0: 1.6875, TQ2_0: 2.0625, MXFP4: 4.25,
	} {
		cols, bytes := typ.Block()
		if !typ.Known() || float64(bytes*8)/float64(cols) != bits {
			t.Errorf("%v has blocks of %d elements in %d bytes, want %v bits each", typ, cols, bytes, bits)
		}
	}
	for _, typ := range []Type{4, 5, 31, 32, 33, 36, 37, 38, 40, 255, math.MaxUint32} {
		if cols, bytes := typ.Block(); typ.Known() || cols != 0 || bytes != 0 || !strings.HasPrefix(typ.String(), "unknown type ") {
			t.Errorf("%v is known, with blocks of %d elements in %d bytes", typ, cols, bytes)
		}
	}
	if s := Q4_K.String(); s != "Q4_K" {
		t.Errorf("Q4_K is called %s", s)
	}
}

func TestRowBytes(t *testing.T) {
	for _, test := range []struct {
		typ  Type
		cols int
		want int
		err  string
	}{
		{F32, 0, 0, ""},
		{F32, 3, 12, ""},
		{Q4_0, 64, 36, ""},
		{Q6_K, 512, 420, ""},
		{Q4_0, 48, 0, "not a whole number of Q4_0 blocks of 32"},
		{Q4_0, -32, 0, "cannot have -32 elements"},
		{31, 32, 0, "unknown type 31 has no known size"},
		{F64, math.MaxInt, 0, "too large"},
		{F64, math.MaxInt / 8, math.MaxInt / 8 * 8, ""},
	} {
		got, err := test.typ.RowBytes(test.cols)
		if got != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%d elements of %v take %d bytes, %v; want %d, %q", test.cols, test.typ, got, err, test.want, test.err)
		}
	}
}
