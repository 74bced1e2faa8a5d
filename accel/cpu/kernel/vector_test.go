package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// lengths cover empty vectors, tails of every length and several registers.
var lengths = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 100, 576, 1001}

// within reports whether got is want up to a relative error.
func within(got float32, want, tolerance float64) bool {
	return math.Abs(float64(got)-want) <= tolerance*math.Max(math.Abs(want), 1e-30) || float64(got) == want
}

func TestElementwise(t *testing.T) {
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	ops := []struct {
		name      string
		do        func(dst, a, b []float32)
		want      func(a, b float64) float64
		tolerance float64
	}{
		{"Add", Add, func(a, b float64) float64 { return float64(float32(a) + float32(b)) }, 0},
		{"Scale", func(dst, a, _ []float32) { copy(dst, a); Scale(dst, 0.3) }, func(a, _ float64) float64 { return float64(float32(a) * 0.3) }, 0},
		{"SiLUMul", SiLUMul, func(a, b float64) float64 { return a * sigmoid(a) * b }, 5e-7},
		{"GELUMul", GELUMul, func(a, b float64) float64 {
			return a * sigmoid(2*math.Sqrt(2/math.Pi)*(a+0.044715*a*a*a)) * b
		}, 2e-5},
		{"weighted", func(dst, a, b []float32) { copy(dst, a); weighted(dst, b, 0.25, 3) }, func(a, b float64) float64 { return 0.25*a + 3*b }, 1e-5},
	}
	for _, op := range ops {
		t.Run(op.name, func(t *testing.T) {
			eachLevel(t, func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, 1))
				for _, n := range lengths {
					a, b := randomFloats(r, n), randomFloats(r, n)
					for i := range a {
						a[i] *= 4
					}
					dst := slices.Repeat([]float32{7}, n+8)
					op.do(dst[:n], a, b)
					for i := range n {
						if want := op.want(float64(a[i]), float64(b[i])); !within(dst[i], want, op.tolerance) {
							t.Fatalf("length %d, element %d of (%v, %v): %v, want %v", n, i, a[i], b[i], dst[i], want)
						}
					}
					if !slices.Equal(dst[n:], slices.Repeat([]float32{7}, 8)) {
						t.Fatalf("length %d: wrote behind the end", n)
					}
					part := make([]float32, n)
					for i := 0; i < n; i += 5 { // any split has the same bits
						j := min(n, i+5)
						op.do(part[i:j], a[i:j], b[i:j])
					}
					if !slices.Equal(part, dst[:n]) {
						t.Fatalf("length %d: a split changes the result", n)
					}
				}
			})
		})
	}
}

func TestActivationsOfExtremes(t *testing.T) {
	inf := float32(math.Inf(1))
	eachLevel(t, func(t *testing.T) {
		for _, op := range []func(dst, gate, up []float32){SiLUMul, GELUMul} {
			gate := []float32{0, 1e4, -1e4, inf, -90, 88.9, -88.9, 200, -200}
			want := []float32{0, 1e4, 0, inf, 0, 88.9, 0, 200, 0}
			got := make([]float32, len(gate))
			op(got, gate, slices.Repeat([]float32{1}, len(gate)))
			for i, v := range got {
				if v != want[i] && math.Abs(float64(v-want[i])) > 1e-30 {
					t.Errorf("of %v: %v, want %v", gate[i], v, want[i])
				}
			}
			nan := make([]float32, 1)
			if op(nan, []float32{float32(math.NaN())}, []float32{1}); nan[0] == nan[0] {
				t.Errorf("of NaN: %v", nan[0])
			}
		}
	})
}

func TestExpSum(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 2))
		for _, n := range lengths {
			x := randomFloats(r, n)
			for i := range x {
				x[i] *= 20
			}
			top := Max(x)
			if n > 0 && top != slices.Max(x) {
				t.Fatalf("length %d: Max is %v", n, top)
			}
			before, want := slices.Clone(x), 0.0
			sum := ExpSum(x, top)
			for i, v := range x {
				e := math.Exp(float64(before[i] - top))
				want += e
				if !within(v, e, 2e-6) {
					t.Fatalf("exp(%v - %v) = %v, want %v", before[i], top, v, e)
				}
			}
			if !within(sum, want, 1e-6) {
				t.Fatalf("length %d: sum %v, want %v", n, sum, want)
			}
		}
		x := []float32{0, float32(math.Inf(-1)), -87, -88, 88}
		ExpSum(x, 0)
		if x[0] != 1 || x[1] != 0 || x[2] == 0 || x[3] != 0 || !within(x[4], math.Exp(88), 1e-6) {
			t.Errorf("exp of extremes: %v", x)
		}
	})
}

func TestExpIsPrecise(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		const n = 100003
		x, in := make([]float32, n), make([]float32, n)
		for i := range x {
			x[i] = -87.3 + 175*float32(i)/n
			in[i] = x[i]
		}
		ExpSum(x, 0)
		worst := 0.0
		for i, v := range x {
			want := math.Exp(float64(in[i]))
			unit := float64(math.Nextafter32(float32(want), 1e38) - float32(want))
			worst = math.Max(worst, math.Abs(float64(v)-want)/unit)
		}
		if worst > 2 {
			t.Errorf("exp is wrong by up to %.2f units in the last place", worst)
		}
	})
}

func TestRMSNorm(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 3))
		for _, n := range lengths {
			x, w, dst := randomFloats(r, n), randomFloats(r, n), make([]float32, n)
			RMSNorm(dst, x, w, 1e-5)
			var sum float64
			for _, v := range x {
				sum += float64(v) * float64(v)
			}
			for i, v := range dst {
				want := float64(x[i]) / math.Sqrt(sum/float64(n)+1e-5) * float64(w[i])
				if !within(v, want, 2e-6) {
					t.Fatalf("length %d, element %d: %v, want %v", n, i, v, want)
				}
			}
		}
	})
}

func TestArgmax(t *testing.T) {
	nan := float32(math.NaN())
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(4, 4))
		for _, n := range lengths[1:] {
			x := randomFloats(r, n)
			at := r.IntN(n)
			x[at] = 100
			if at+1 < n {
				x[n-1] = 100
			}
			if got := Argmax(x); got != at {
				t.Errorf("length %d: %d, want %d", n, got, at)
			}
		}
		for _, c := range []struct {
			x    []float32
			want int
		}{{nil, 0}, {[]float32{nan, 1, 2, nan}, 2}, {[]float32{nan}, 0}, {slices.Repeat([]float32{-3}, 20), 0}} {
			if got := Argmax(c.x); got != c.want {
				t.Errorf("%v: %d, want %d", c.x, got, c.want)
			}
		}
	})
}

func TestRope(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 5))
		for _, n := range []int{1, 2, 3, 4, 5, 8, 12, 16, 24, 32, 64} {
			for _, neighbours := range []bool{false, true} {
				x := randomFloats(r, 2*n+3)
				cos, sin := make([]float32, n), make([]float32, n)
				for i := range n {
					s, c := math.Sincos(r.Float64() * 7)
					cos[i], sin[i] = float32(c), float32(s)
				}
				got := slices.Clone(x)
				Rope(got, cos, sin, neighbours)
				for i := range n {
					a, b := i, i+n
					if neighbours {
						a, b = 2*i, 2*i+1
					}
					c, s := float64(cos[i]), float64(sin[i])
					wa, wb := float64(x[a])*c-float64(x[b])*s, float64(x[b])*c+float64(x[a])*s
					if math.Abs(float64(got[a])-wa) > 1e-6 || math.Abs(float64(got[b])-wb) > 1e-6 {
						t.Fatalf("%d pairs, neighbours %v, pair %d: (%v, %v), want (%v, %v)", n, neighbours, i, got[a], got[b], wa, wb)
					}
				}
				if !slices.Equal(got[2*n:], x[2*n:]) {
					t.Fatal("columns that do not turn have changed")
				}
			}
		}
	})
}

func TestHalves(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		all := make([]uint16, 1<<16)
		for i := range all {
			all[i] = uint16(i)
		}
		wide, back := make([]float32, len(all)), make([]uint16, len(all))
		FromHalves(wide, all)
		ToHalves(back, wide)
		for i, h := range all {
			if h&0x7c00 == 0x7c00 && h&0x3ff != 0 { // NaNs stay NaNs, made quiet
				h |= 0x200
			}
			if back[i] != h {
				t.Fatalf("%#04x became %v and then %#04x", all[i], wide[i], back[i])
			}
			if want := FromHalf(all[i]); math.Float32bits(want) != math.Float32bits(wide[i]) {
				t.Fatalf("%#04x: FromHalves %v, FromHalf %v", i, wide[i], want)
			}
		}
		r := rand.New(rand.NewPCG(6, 6))
		x := make([]float32, 4099)
		for i := range x {
			x[i] = math.Float32frombits(uint32(r.IntN(40)+95)<<23 | r.Uint32()>>9 | r.Uint32()&(1<<31))
		}
		h := make([]uint16, len(x))
		ToHalves(h, x)
		for i, v := range x {
			if h[i] != ToHalf(v) {
				t.Fatalf("%v: ToHalves %#04x, ToHalf %#04x", v, h[i], ToHalf(v))
			}
			if v := float64(v); math.Abs(v) < 65504 && math.Abs(float64(FromHalf(h[i]))-v) > math.Max(math.Abs(v)/2048, 0x1p-25) {
				t.Fatalf("%v became %v", v, FromHalf(h[i]))
			}
		}
	})
}

func TestReadSum(t *testing.T) {
	eachReading(t, func(t *testing.T) {
		b := make([]byte, 1<<20+1000)
		for i := range b {
			b[i] = byte(i*37 + i>>8*101) // no two lines are the same
		}
		for _, n := range []int{0, 7, 8, 128, 999, 4096, len(b)} {
			var want uint64
			for i := 0; i+8 <= n; i += 8 {
				want += le.Uint64(b[i:])
			}
			if got := ReadSum(b[:n]); got != want {
				t.Errorf("of %d bytes: %d, want %d", n, got, want)
			}
		}
	})
}
