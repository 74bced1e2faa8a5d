package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"lumi/accel"
)

// source draws what a fuzz target computes with.
type source struct {
	*rand.Rand
	wild uint8 // how far the numbers' magnitudes lie apart
}

func newSource(seed uint64, wild uint8) source {
	return source{rand.New(rand.NewPCG(seed, 0)), wild % 48}
}

// number draws a number, now and then zero or one of extreme magnitude.
func (s source) number() float32 {
	switch s.IntN(16) {
	case 0:
		return 0
	case 1, 2:
		return float32(math.Ldexp(s.NormFloat64(), s.IntN(2*int(s.wild)+1)-int(s.wild)))
	}
	return float32(s.NormFloat64())
}

// numbers draws n numbers; runs of 32 may be zero.
func (s source) numbers(n int) []float32 {
	x := make([]float32, n)
	zero := false
	for i := range x {
		if i%32 == 0 {
			zero = s.IntN(8) == 0
		}
		if !zero {
			x[i] = s.number()
		}
	}
	return x
}

// FuzzMatMul compares products of any type and shape with float64, whole and
// in parts, at every level. The quants are what the fuzzer hands in, repeated.
func FuzzMatMul(f *testing.F) {
	for i := range packedTypes {
		f.Add(uint8(i), uint8(1+i), uint16(96+256*(i%2)), uint8(i), uint8(3*i), uint64(i), []byte{0xff, 0, 0x7f, 0x80, 0x33})
		f.Add(uint8(i), uint8(120+i), uint16(511), uint8(0), uint8(i), uint64(i), []byte{0xff, 0, 0x7f, 0x80, 0x33})
	}
	f.Fuzz(func(t *testing.T, kind, rows uint8, cols uint16, tokens, wild uint8, seed uint64, quants []byte) {
		typ := packedTypes[int(kind)%len(packedTypes)]
		per, size := typ.Block()
		r, n, m := 1+int(rows)%140, 1+int(tokens)%18, per*(1+int(cols)%512/per)
		draw := newSource(seed, wild)
		src := randomWeights(draw.Rand, typ, r, m)
		if len(quants) > 0 && size > 4 {
			for i := range src {
				src[i] = quants[i%len(quants)]
			}
		}
		setFloats(typ, src, draw.number)
		w, x := pack(typ, src, r, m), draw.numbers(n*m)
		eachReading(t, func(t *testing.T) {
			a := newActs(x, n, m, typ)
			want, tolerance := reference(typ, src, a, r, m)
			addMagnitudes(tolerance, w, a)
			checkMatMul(t, w, a, 1e-5, want, tolerance)
		})
	})
}

// addMagnitudes raises the tolerances of types with minima by the sums of
// absolute products as they are computed, without and with the minimum, which
// cancel each other in the weights.
func addMagnitudes(tolerance []float64, w *Packed, a *Acts) {
	l, ok := layoutOf(w.Type)
	if !ok {
		return
	}
	var blk wideBlock
	for b := range w.Cols / Block {
		for row := range w.Rows {
			g, r := row/Rows, row%Rows
			if r == 0 {
				blk.unpack(w.Type, l, w.Data[g*w.group+b/l.blocks*l.unit():][:l.unit()], b%l.blocks)
			}
			if !blk.min && !blk.halfMin {
				return
			}
			for c := range Block {
				scale := float64(blk.d[r]) * float64(blk.s[r][c/16])
				minimum := math.Abs(float64(blk.m[r])) + math.Abs(float64(blk.dm[r])*float64(blk.sm[r][c/16]))
				q := float64(byte(blk.q[c/4][r] >> (c % 4 * 8)))
				for i := range a.tokens {
					tolerance[i*w.Rows+row] += (math.Abs(scale)*q + minimum) * math.Abs(a.value(i, b*Block+c))
				}
			}
		}
	}
}

// FuzzAttend compares attention with float64 and with each query alone, at
// every level.
func FuzzAttend(f *testing.F) {
	for i := range 9 {
		f.Add(uint8(i), uint8(15*i), uint16(60*i), uint8(i), uint8(i%4), uint64(i))
	}
	f.Fuzz(func(t *testing.T, kind, dim uint8, positions uint16, n, wild uint8, seed uint64) {
		c := Cache{[]accel.Type{accel.F16, accel.F32, accel.Q8_0}[kind%3], 1 + int(dim)%160}
		draw := newSource(seed, wild%6)
		count, h := 1+int(positions)%600, &history{Cache: c}
		for p := range count {
			h.store(p, draw.numbers(c.Dim), draw.numbers(c.Dim))
		}
		queries := 1 + int(n)%11
		q, scale := draw.numbers(queries*c.Dim), float32(1/math.Sqrt(float64(c.Dim)))
		lo, hi := make([]int, queries), make([]int, queries)
		for i := range lo {
			lo[i] = draw.IntN(count)
			hi[i] = lo[i] + draw.IntN(count+1-lo[i])
		}
		eachLevel(t, func(t *testing.T) { checkFuzzedAttend(t, h, q, scale, lo, hi) })
	})
}

func checkFuzzedAttend(t *testing.T, h *history, q []float32, scale float32, lo, hi []int) {
	t.Helper()
	all := h.attend(q, scale, lo, hi)
	row, alone := make([]float32, h.Dim), make([]float32, h.Dim)
	for i := range lo {
		query := q[i*h.Dim:][:h.Dim]
		all.Result(row, i)
		h.attend(query, scale, lo[i:i+1], hi[i:i+1]).Result(alone, 0)
		if !slices.Equal(row, alone) {
			t.Fatalf("query %d of %d alone has other bits", i, len(lo))
		}
		// A score's error, which is relative to its products, becomes one of
		// the weights.
		var score, value float64
		for p := lo[i]; p < hi[i]; p++ {
			var s float64
			for d, v := range query {
				s += math.Abs(float64(v)*h.k[p][d]) * float64(scale)
				value = max(value, math.Abs(h.v[p][d]))
			}
			score = max(score, s)
		}
		want := h.reference(query, float64(scale), lo[i], hi[i])
		for d := range want {
			if e := math.Abs(float64(row[d]) - want[d]); !(e <= (2e-5+1e-5*score)*value) {
				t.Fatalf("query %d, %d to %d, column %d: %v, want %v", i, lo[i], hi[i], d, row[d], want[d])
			}
		}
	}
}

// FuzzVector compares the vector operations of every level with portable code.
func FuzzVector(f *testing.F) {
	for i, n := range lengths {
		f.Add(uint16(n), uint16(i), uint8(2*i), uint64(i))
	}
	f.Fuzz(func(t *testing.T, length, cut uint16, wild uint8, seed uint64) {
		n := int(length) % 1200
		draw := newSource(seed, wild)
		a, b, c := draw.numbers(n), draw.numbers(n), draw.numbers(n)
		split := int(cut) % (n + 1)
		eachLevel(t, func(t *testing.T) {
			checkElements(t, a, b, split)
			checkReductions(t, a)
			checkTurns(t, a, b, c)
			checkHalves(t, a, split)
			checkQuantised(t, draw, n/Block)
		})
	})
}

// near demands got to be want up to an error relative to a magnitude.
func near(t *testing.T, what string, got, want, magnitude float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 3e-5*math.Abs(magnitude)+1e-37) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

// tinySigmoid allows activations to take a sigmoid below 5e-39 for 0, as near
// counts errors: some kernels' exponential is infinite a little early.
const tinySigmoid = 2e-34

func checkElements(t *testing.T, a, b []float32, split int) {
	t.Helper()
	for _, op := range []struct {
		name          string
		do, portable  func(dst, a, b []float32)
		left, product float64 // in the magnitude: of a and of a*b
	}{
		{"Add", Add, addGeneric, 0, 0},
		{"SiLUMul", SiLUMul, siluMulGeneric, 0, tinySigmoid},
		{"GELUMul", GELUMul, geluMulGeneric, 0, tinySigmoid},
		{"scaleMul", func(dst, a, b []float32) { scaleMul(dst, a, b, 0.7) }, func(dst, a, b []float32) { scaleMulGeneric(dst, a, b, 0.7) }, 0, 0},
		{"Scale", func(dst, a, _ []float32) { copy(dst, a); Scale(dst, 0.3) }, func(dst, a, _ []float32) { copy(dst, a); scaleGeneric(dst, 0.3) }, 0, 0},
		{"weighted", func(dst, a, b []float32) { copy(dst, a); weighted(dst, b, 0.25, 3) }, func(dst, a, b []float32) { copy(dst, a); weightedGeneric(dst, b, 0.25, 3) }, 1, 0},
	} {
		n := len(a)
		got, want, parts := slices.Repeat([]float32{7}, n+1), make([]float32, n), make([]float32, n)
		op.do(got[:n], a, b)
		op.portable(want, a, b)
		for i := range want {
			near(t, op.name, float64(got[i]), float64(want[i]), math.Abs(float64(want[i]))+op.left*math.Abs(float64(a[i]))+op.product*math.Abs(float64(a[i])*float64(b[i])))
		}
		if got[n] != 7 {
			t.Fatalf("%s wrote behind the end", op.name)
		}
		op.do(parts[:split], a[:split], b[:split])
		op.do(parts[split:], a[split:], b[split:])
		if !slices.Equal(parts, got[:n]) {
			t.Fatalf("%s of %d elements, split at %d, has other bits", op.name, n, split)
		}
	}
}

func checkReductions(t *testing.T, x []float32) {
	t.Helper()
	var squares, sum float64
	for _, v := range x {
		squares += float64(v) * float64(v)
	}
	near(t, "sumSquares", float64(sumSquares(x)), squares, squares)
	top := maximumGeneric(x)
	if got := Max(x); got != top {
		t.Fatalf("Max: %v, want %v", got, top)
	}
	if got := Argmax(x); len(x) > 0 && got != indexGeneric(x, top) {
		t.Fatalf("Argmax: %d, want %d", got, indexGeneric(x, top))
	}
	e := slices.Clone(x)
	total := ExpSum(e, top)
	for i, v := range x {
		want := math.Exp(float64(v - top))
		near(t, "exp", float64(e[i]), want, want)
		sum += want
	}
	near(t, "ExpSum", float64(total), sum, sum)
}

// checkTurns rotates as many pairs of x as there are.
func checkTurns(t *testing.T, x, cos, sin []float32) {
	t.Helper()
	n := len(x) / 2
	for _, neighbours := range []bool{false, true} {
		got := slices.Clone(x)
		Rope(got, cos[:n], sin[:n], neighbours)
		for i := range n {
			a, b := i, i+n
			if neighbours {
				a, b = 2*i, 2*i+1
			}
			p, q, c, s := float64(x[a]), float64(x[b]), float64(cos[i]), float64(sin[i])
			near(t, "Rope", float64(got[a]), p*c-q*s, math.Abs(p*c)+math.Abs(q*s))
			near(t, "Rope", float64(got[b]), q*c+p*s, math.Abs(q*c)+math.Abs(p*s))
		}
		if !slices.Equal(got[2*n:], x[2*n:]) {
			t.Fatal("columns that do not turn have changed")
		}
	}
}

func checkHalves(t *testing.T, x []float32, split int) {
	t.Helper()
	h, back := make([]uint16, len(x)), make([]float32, len(x))
	ToHalves(h[:split], x[:split])
	ToHalves(h[split:], x[split:])
	FromHalves(back, h)
	for i, v := range x {
		if h[i] != ToHalf(v) || back[i] != FromHalf(h[i]) {
			t.Fatalf("%v became %#04x and %v", v, h[i], back[i])
		}
	}
}

// checkQuantised quantises blocks of any finite numbers, tiny ones too.
func checkQuantised(t *testing.T, draw source, blocks int) {
	t.Helper()
	for range min(blocks, 4) {
		x := draw.numbers(Block)
		e := draw.IntN(280) - 148
		for i, v := range x {
			x[i] = max(-math.MaxFloat32, min(float32(math.Ldexp(float64(v), e)), math.MaxFloat32))
		}
		var b [1]block
		quantise(b[:], x, 1)
		checkBlock(t, b[0], x)
	}
}
