package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"lumi/accel"
)

// packedTypes are all types that have a packed layout.
var packedTypes = []accel.Type{
	accel.Q4_0, accel.Q4_1, accel.Q5_0, accel.Q5_1, accel.Q8_0,
	accel.Q2_K, accel.Q3_K, accel.Q4_K, accel.Q5_K, accel.Q6_K, accel.IQ4_NL, accel.IQ4_XS, accel.F16, accel.BF16, accel.F32,
}

// eachLevel runs a test with every level that the machine has, the best one
// without and with dot products of bfloat16 if it has those.
func eachLevel(t *testing.T, test func(t *testing.T)) {
	before, first := Active(), dotsFrom
	defer func() {
		dotsFrom = first
		if err := Use(before); err != nil {
			t.Fatal(err)
		}
	}()
	dotsFrom = noDots
	for _, l := range Levels() {
		if err := Use(l); err != nil {
			t.Fatal(err)
		}
		t.Run(l.String(), test)
	}
	if canDot() {
		dotsFrom = 0
		t.Run(Best().String()+"+bf16", test)
	}
}

// randomWeights returns rows of random blocks of a type as they lie in a file.
// All bits are random but the float fields, which are kept finite and small.
func randomWeights(r *rand.Rand, t accel.Type, rows, cols int) []byte {
	stride, err := t.RowBytes(cols)
	if err != nil {
		panic(err)
	}
	b := make([]byte, rows*stride)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	setFloats(t, b, func() float32 { return float32(r.NormFloat64()) * 0.01 })
	return b
}

// setFloats sets all float fields of blocks of a type.
func setFloats(t accel.Type, b []byte, number func() float32) {
	_, size := t.Block()
	var at []int
	switch t {
	case accel.Q4_0, accel.Q5_0, accel.Q8_0, accel.F16, accel.IQ4_NL, accel.IQ4_XS:
		at = []int{0}
	case accel.Q2_K:
		at = []int{80, 82}
	case accel.Q3_K:
		at = []int{108}
	case accel.Q4_1, accel.Q5_1, accel.Q4_K, accel.Q5_K:
		at = []int{0, 2}
	case accel.Q6_K:
		at = []int{208}
	}
	for i := 0; i < len(b); i += size {
		switch t {
		case accel.BF16:
			le.PutUint16(b[i:], uint16(math.Float32bits(number())>>16))
		case accel.F32:
			le.PutUint32(b[i:], math.Float32bits(number()))
		}
		for _, o := range at {
			le.PutUint16(b[i+o:], ToHalf(max(-65504, min(number(), 65504))))
		}
	}
}

func randomFloats(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// pack packs a whole matrix.
func pack(t accel.Type, src []byte, rows, cols int) *Packed {
	n, ok := PackedSize(t, rows, cols)
	if !ok {
		panic("no layout for " + t.String())
	}
	data := make([]byte, n)
	for i := range data {
		data[i] = 0xa5 // packing must not rely on cleared memory
	}
	w := NewPacked(t, rows, cols, data)
	w.Pack(src, 0, Groups(rows))
	return w
}

// newActs stores tokens rows for products with weights of type t.
func newActs(x []float32, tokens, cols int, t accel.Type) *Acts {
	a := NewActs(tokens, cols)
	a.Reset(tokens, cols, formOf(t, 0))
	for i := range tokens {
		a.Set(i, x[i*cols:(i+1)*cols])
	}
	return a
}

// value is an activation as the kernels see it.
func (a *Acts) value(token, col int) float64 {
	if a.form&Float != 0 {
		return float64(a.row(token)[col])
	}
	if a.form&Rounded != 0 {
		return float64(accel.BF16ToF32(a.rounded(token)[col]))
	}
	b := &a.q[a.at(token)+col/Block*a.lanes]
	return float64(b.scale) * float64(b.q[col%Block])
}

// reference multiplies in float64 with what accel.Dequantize says the weights
// are. tolerance is what an error may be measured by: the sum of magnitudes.
func reference(t accel.Type, src []byte, a *Acts, rows, cols int) (y, tolerance []float64) {
	w := make([]float32, rows*cols)
	if err := accel.Dequantize(t, w, src); err != nil {
		panic(err)
	}
	y, tolerance = make([]float64, a.tokens*rows), make([]float64, a.tokens*rows)
	for i := range a.tokens {
		for r := range rows {
			for c := range cols {
				p := float64(w[r*cols+c]) * a.value(i, c)
				y[i*rows+r] += p
				tolerance[i*rows+r] += math.Abs(p)
			}
		}
	}
	return y, tolerance
}

func TestMatMul(t *testing.T) {
	shapes := []struct{ rows, cols, tokens int }{
		{1, 32, 1}, {16, 64, 1}, {17, 96, 2}, {33, 256, 9}, {48, 576, 5}, {15, 32, 8}, {31, 1536, 7}, {64, 512, 17}, {20, 4096, 3}, {5, 2048, 4}, {19, 160, 6}, {66, 50, 3}, {130, 1, 1}, {4, 7, 9},
	}
	for _, typ := range packedTypes {
		t.Run(typ.String(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(typ)))
			for _, s := range shapes {
				if _, ok := PackedSize(typ, s.rows, s.cols); !ok {
					if per, _ := typ.Block(); s.cols%per == 0 {
						t.Errorf("%d columns cannot be packed", s.cols)
					}
					continue
				}
				src := randomWeights(r, typ, s.rows, s.cols)
				x := randomFloats(r, s.tokens*s.cols)
				w := pack(typ, src, s.rows, s.cols)
				t.Run(fmt.Sprintf("%dx%dx%d", s.rows, s.cols, s.tokens), func(t *testing.T) {
					eachLevel(t, func(t *testing.T) {
						a := newActs(x, s.tokens, s.cols, typ)
						want, tolerance := reference(typ, src, a, s.rows, s.cols)
						checkMatMul(t, w, a, 1e-6, want, tolerance)
					})
				})
			}
		})
	}
}

// checkMatMul compares a product with its reference and demands that any part
// of it, computed alone, has the same bits.
func checkMatMul(t *testing.T, w *Packed, a *Acts, precision float64, want, tolerance []float64) {
	t.Helper()
	const margin = 3
	ldy := w.Rows + margin
	y := slices.Repeat([]float32{-1}, a.tokens*ldy)
	MatMul(w, a, y, ldy, 0, Groups(w.Rows), 0, a.tokens)
	for i, v := range y {
		token, row := i/ldy, i%ldy
		if row >= w.Rows {
			if v != -1 {
				t.Fatalf("token %d: wrote behind its last row", token)
			}
			continue
		}
		k := token*w.Rows + row
		if e := math.Abs(float64(v) - want[k]); !(e <= precision*tolerance[k]) {
			t.Fatalf("row %d, token %d: %v, want %v", row, token, v, want[k])
		}
	}
	part := slices.Repeat([]float32{-1}, len(y))
	for g := range Groups(w.Rows) {
		for i := range a.tokens {
			MatMul(w, a, part, ldy, g, g+1, i, i+1)
		}
	}
	if !slices.Equal(part, y) {
		t.Error("row groups and tokens computed alone differ from all at once")
	}
	for i := range a.tokens { // a token quantised alone, as in decoding
		alone := NewActs(1, w.Cols)
		alone.Reset(1, w.Cols, a.form)
		row := make([]float32, w.Cols)
		if a.form&Quantised == 0 {
			for c := range row {
				row[c] = float32(a.value(i, c))
			}
			alone.Set(0, row)
		} else {
			for b := range alone.blocks {
				alone.q[b] = a.q[a.at(i)+b*a.lanes]
			}
		}
		MatMul(w, alone, part, ldy, 0, Groups(w.Rows), 0, 1)
		if !slices.Equal(part[:w.Rows], y[i*ldy:i*ldy+w.Rows]) {
			t.Errorf("token %d in a batch of one differs", i)
		}
	}
}
