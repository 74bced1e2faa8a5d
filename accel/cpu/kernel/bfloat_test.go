package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"lumi/accel"
)

// TestRoundedActivations demands of the activations for dot products of
// bfloat16 what accel rounds them to, numbers that are none included. Denormal
// numbers may become zeros.
func TestRoundedActivations(t *testing.T) {
	const cols = 101
	r := rand.New(rand.NewPCG(5, 5))
	eachLevel(t, func(t *testing.T) {
		if formOf(accel.BF16, 0) != Rounded {
			t.Skip("skipped: activations stay float32")
		}
		for range 100 {
			x := make([]float32, cols)
			for i := range x {
				x[i] = math.Float32frombits(r.Uint32())
			}
			x[3], x[40], x[100] = float32(math.NaN()), float32(math.Inf(-1)), math.Float32frombits(0x3f808000)
			a := newActs(x, 1, cols, accel.BF16)
			for i, got := range a.rounded(0) {
				want := accel.F32ToBF16(x[i])
				tiny := math.Float32bits(x[i])&0x7f800000 == 0
				if got != want && (!tiny || got&0x7fff != 0) {
					t.Fatalf("%v (%08x) became %04x, want %04x", x[i], math.Float32bits(x[i]), got, want)
				}
			}
		}
	})
}

// TestOddColumns demands that a last column without a second takes nothing from
// what lies behind it, such as NaNs of an earlier, wider batch.
func TestOddColumns(t *testing.T) {
	const rows, wide, cols, tokens = 70, 64, 33, 5
	r := rand.New(rand.NewPCG(6, 6))
	w := pack(accel.BF16, randomWeights(r, accel.BF16, rows, cols), rows, cols)
	x, none := randomFloats(r, tokens*cols), make([]float32, wide)
	for i := range none {
		none[i] = float32(math.NaN())
	}
	eachLevel(t, func(t *testing.T) {
		a := NewActs(tokens, wide)
		for _, width := range []int{wide, cols} {
			a.Reset(tokens, width, formOf(accel.BF16, 0))
			for i := range tokens {
				a.Set(i, none[:width])
			}
		}
		for i := range tokens {
			a.Set(i, x[i*cols:][:cols])
		}
		y := make([]float32, tokens*rows)
		MatMul(w, a, y, rows, 0, Groups(rows), 0, tokens)
		for i, v := range y {
			if v != v {
				t.Fatalf("token %d, row %d is no number", i/rows, i%rows)
			}
		}
	})
}

// TestNoNumberStays demands that a NaN among activations reaches the product.
func TestNoNumberStays(t *testing.T) {
	const rows, cols = 16, 64
	w := pack(accel.BF16, randomWeights(rand.New(rand.NewPCG(7, 7)), accel.BF16, rows, cols), rows, cols)
	eachLevel(t, func(t *testing.T) {
		for _, at := range []int{0, 17, 63} {
			x, y := make([]float32, cols), make([]float32, rows)
			x[at] = float32(math.NaN())
			MatMul(w, newActs(x, 1, cols, accel.BF16), y, rows, 0, 1, 0, 1)
			for r, v := range y {
				if v == v {
					t.Errorf("column %d: row %d is %v", at, r, v)
				}
			}
		}
	})
}

// TestForms demands float32 activations for small matrices of BF16 weights and
// for all of them where dot products of bfloat16 are slow.
func TestForms(t *testing.T) {
	first := dotsFrom
	defer func() { dotsFrom = first }()
	for _, c := range []struct {
		from int
		want Form
	}{{noDots, Float}, {4097, Float}, {4096, Rounded}} {
		dotsFrom = c.from
		want := c.want
		if Active() != AVX512 {
			want = Float
		}
		w := pack(accel.BF16, make([]byte, 2*64*64), 64, 64)
		if got := w.Form(); got != want {
			t.Errorf("from %d weights on: form %d, want %d", c.from, got, want)
		}
	}
}
