package accel

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// encodable are the types with the relative RMS error, in percent, that they
// make of normally distributed numbers: what a search of the scales reaches,
// and 2 % more.
var encodable = []struct {
	typ Type
	err float64
}{
	{F32, 0},
	{F16, 0.03},
	{BF16, 0.25},
	{Q8_0, 1},
	{Q4_0, 10},
	{Q4_1, 10},
	{Q5_0, 5},
	{Q5_1, 5},
	{Q4_K, 10},
	{Q5_K, 5},
	{Q6_K, 3},
}

func normal(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64()) * 0.02
	}
	return x
}

// recode encodes and decodes x.
func recode(t testing.TB, typ Type, x []float32) ([]byte, []float32) {
	t.Helper()
	n, err := typ.RowBytes(len(x))
	if err != nil {
		t.Fatal(err)
	}
	b, y := make([]byte, n), make([]float32, len(x))
	if err := Quantize(typ, b, x); err != nil {
		t.Fatal(err)
	}
	if err := Dequantize(typ, y, b); err != nil {
		t.Fatal(err)
	}
	return b, y
}

func TestQuantizeError(t *testing.T) {
	x := normal(256*64, 1)
	for _, c := range encodable {
		b, y := recode(t, c.typ, x)
		e, s := 0.0, 0.0
		for i := range x {
			e += float64(x[i]-y[i]) * float64(x[i]-y[i])
			s += float64(x[i]) * float64(x[i])
		}
		if got := 100 * math.Sqrt(e/s); got > c.err {
			t.Errorf("%v: error of %.4f %%, want at most %v %%", c.typ, got, c.err)
		} else {
			t.Logf("%v: %.4f %%", c.typ, got)
		}
		if again, _ := recode(t, c.typ, x); !bytes.Equal(b, again) {
			t.Errorf("%v: two runs differ", c.typ)
		}
	}
}

// TestQuantizeEdges encodes blocks on which a search could stumble.
func TestQuantizeEdges(t *testing.T) {
	one := make([]float32, 256)
	one[77] = -3
	tiny, large, equal, negative := make([]float32, 256), make([]float32, 256), make([]float32, 256), make([]float32, 256)
	for i := range tiny {
		tiny[i] = float32(i%3) * 1e-12
		large[i] = float32(i%2*2-1) * 60000
		equal[i] = 0.5
		negative[i] = -0.25
	}
	for _, c := range encodable {
		for name, x := range map[string][]float32{
			"zeros": make([]float32, 256), "one": one, "tiny": tiny, "large": large, "equal": equal, "negative": negative,
		} {
			_, y := recode(t, c.typ, x)
			span := 0.0
			for _, v := range x {
				span = max(span, math.Abs(float64(v)))
			}
			for i := range x {
				// A sixteenth of the span is a step of 4 bits; a tiny scale may
				// become zero.
				if e := math.Abs(float64(x[i] - y[i])); !(e <= span/14+1e-7) {
					t.Errorf("%v, %s: element %d is %v, want about %v", c.typ, name, i, y[i], x[i])
					break
				}
			}
		}
	}
}

// TestQuantizeKeepsLevels: what a format can hold exactly, it holds exactly.
func TestQuantizeKeepsLevels(t *testing.T) {
	x := make([]float32, 256)
	for _, c := range []struct {
		typ   Type
		level func(i int) int
	}{
		{Q4_0, func(i int) int { return i%16 - 8 }},
		{Q5_0, func(i int) int { return i%32 - 16 }},
		{Q4_1, func(i int) int { return i%16 + 3 }},
		{Q5_1, func(i int) int { return i % 32 }},
		{Q4_K, func(i int) int { return i%16 - 4 }},
		{Q5_K, func(i int) int { return i%32 - 9 }},
		{Q6_K, func(i int) int { return (i%16)*4 - 32 }},
	} {
		for i := range x {
			x[i] = float32(c.level(i)) / 4
		}
		_, y := recode(t, c.typ, x)
		for i := range x {
			if math.Abs(float64(x[i]-y[i])) > 0.02 {
				t.Errorf("%v: element %d is %v, want %v", c.typ, i, y[i], x[i])
				break
			}
		}
	}
}

func TestQuantizeErrors(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		typ  Type
		src  []float32
		dst  int
		want string
	}{
		{IQ4_NL, make([]float32, 32), 18, "cannot be converted to IQ4_NL"},
		{Q4_0, make([]float32, 33), 100, "not a whole number"},
		{Q4_0, make([]float32, 32), 17, "need 18 bytes, there are 17"},
		{F32, []float32{0, inf}, 8, "element 1 is +Inf"},
		{BF16, []float32{float32(math.NaN())}, 8, "element 0 is NaN"},
		{F16, []float32{70000}, 2, "element 0 is 70000, which F16 cannot hold"},
	} {
		err := Quantize(c.typ, make([]byte, c.dst), c.src)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want %q", c.typ, err, c.want)
		}
	}
}

func BenchmarkQuantize(b *testing.B) {
	x := normal(4096, 2)
	for _, c := range encodable {
		b.Run(c.typ.String(), func(b *testing.B) {
			n, err := c.typ.RowBytes(len(x))
			if err != nil {
				b.Fatal(err)
			}
			dst := make([]byte, n)
			b.SetBytes(int64(4 * len(x)))
			for b.Loop() {
				if err := Quantize(c.typ, dst, x); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
