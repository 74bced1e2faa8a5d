package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"lumi/accel"
)

// history is a cache with chunks of random keys and values of one head.
type history struct {
	Cache
	keys, values [][]byte
	k, v         [][]float64 // as stored
}

func newHistory(r *rand.Rand, c Cache, positions int) *history {
	h := &history{Cache: c}
	for p := range positions {
		h.store(p, randomFloats(r, c.Dim), randomFloats(r, c.Dim))
	}
	return h
}

// store adds position p.
func (h *history) store(p int, k, v []float32) {
	c := h.Cache
	if p%Chunk == 0 {
		h.keys, h.values = append(h.keys, make([]byte, c.KeyBytes())), append(h.values, make([]byte, c.ValueBytes()))
	}
	h.StoreKey(h.keys[p/Chunk], p%Chunk, k)
	h.StoreValue(h.values[p/Chunk], p%Chunk, v)
	h.k, h.v = append(h.k, multiplied(c, k)), append(h.v, stored(c, v))
}

// multiplied is a key or query as they are multiplied.
func multiplied(c Cache, row []float32) []float64 {
	if c.Type != accel.F16 {
		return stored(c, row)
	}
	q := make([]int16, len(row))
	scale := words(q, row)
	out := make([]float64, len(row))
	for i, v := range q {
		out[i] = float64(v) * float64(scale)
	}
	return out
}

// stored is a row as the cache keeps it.
func stored(c Cache, row []float32) []float64 {
	out := make([]float64, len(row))
	for b := range (len(row) + 31) / 32 {
		q, s := quantiseHead(row, b)
		for i := 32 * b; i < min(len(row), 32*b+32); i++ {
			switch c.Type {
			case accel.F32:
				out[i] = float64(row[i])
			case accel.F16:
				out[i] = float64(FromHalf(ToHalf(row[i])))
			default:
				out[i] = float64(q[i%32]) * float64(s)
			}
		}
	}
	return out
}

// query is a query as it is multiplied.
func (h *history) query(q []float32) []float64 {
	if h.Type == accel.F16 {
		return multiplied(h.Cache, q)
	}
	return stored(Cache{accel.F32, h.Dim}, q)
}

// reference is softmax(scale * q·k) v over positions lo to hi in float64.
func (h *history) reference(q []float32, scale float64, lo, hi int) []float64 {
	out := make([]float64, h.Dim)
	s := make([]float64, hi-lo)
	for i := range s {
		for d, v := range h.query(q) {
			s[i] += scale * v * h.k[lo+i][d]
		}
	}
	if len(s) == 0 {
		return out
	}
	top, sum := slices.Max(s), 0.0
	for i := range s {
		s[i] = math.Exp(s[i] - top)
		sum += s[i]
	}
	for i, w := range s {
		for d := range out {
			out[d] += w / sum * h.v[lo+i][d]
		}
	}
	return out
}

// attend runs queries over all chunks.
func (h *history) attend(q []float32, scale float32, lo, hi []int) *Partial {
	n := len(lo)
	all, part, a := NewPartial(n, h.Dim), NewPartial(n, h.Dim), NewAttention(h.Dim)
	l, u := make([]int32, n), make([]int32, n)
	for c := range h.keys {
		for i := range n {
			l[i], u[i] = int32(min(max(lo[i]-c*Chunk, 0), Chunk)), int32(min(max(hi[i]-c*Chunk, 0), Chunk))
		}
		h.Attend(part, a, q, scale, h.keys[c], h.values[c], l, u)
		all.Merge(part, n)
	}
	return all
}

func TestAttend(t *testing.T) {
	for _, typ := range []accel.Type{accel.F16, accel.F32, accel.Q8_0} {
		for _, dim := range []int{8, 16, 48, 64, 80, 96, 128, 256} {
			t.Run(fmt.Sprintf("%s/%d", typ, dim), func(t *testing.T) {
				eachLevel(t, func(t *testing.T) {
					r := rand.New(rand.NewPCG(7, uint64(dim)))
					h := newHistory(r, Cache{typ, dim}, 300)
					for _, n := range []int{1, 2, 3, 4, 5, 6, 7, 8, 13} {
						checkAttend(t, r, h, n)
					}
				})
			})
		}
	}
}

// checkAttend compares n queries with random ranges with the reference and
// with themselves alone.
func checkAttend(t *testing.T, r *rand.Rand, h *history, n int) {
	t.Helper()
	q := randomFloats(r, n*h.Dim)
	lo, hi := make([]int, n), make([]int, n)
	for i := range n {
		lo[i] = r.IntN(len(h.k))
		if i%3 == 0 {
			lo[i] = 0
		}
		hi[i] = lo[i] + r.IntN(len(h.k)+1-lo[i])
	}
	scale := float32(1 / math.Sqrt(float64(h.Dim)))
	got := h.attend(q, scale, lo, hi)
	row, alone := make([]float32, h.Dim), make([]float32, h.Dim)
	for i := range n {
		want := h.reference(q[i*h.Dim:][:h.Dim], float64(scale), lo[i], hi[i])
		got.Result(row, i)
		for d := range want {
			if e := math.Abs(float64(row[d]) - want[d]); !(e <= 2e-5) {
				t.Fatalf("query %d of %d over %d to %d, column %d: %v, want %v", i, n, lo[i], hi[i], d, row[d], want[d])
			}
		}
		h.attend(q[i*h.Dim:][:h.Dim], scale, lo[i:i+1], hi[i:i+1]).Result(alone, 0)
		if !slices.Equal(alone, row) {
			t.Fatalf("query %d of %d alone has other bits", i, n)
		}
	}
}

// BenchmarkAttend measures attention over 4096 positions: GFLOPS, and how
// fast the cache is read.
func BenchmarkAttend(b *testing.B) {
	for _, typ := range []accel.Type{accel.F16, accel.Q8_0} {
		for _, s := range []struct{ dim, n int }{{64, 1}, {64, 3}, {64, 8}, {128, 4}, {128, 8}} {
			r := rand.New(rand.NewPCG(7, 7))
			h := newHistory(r, Cache{typ, s.dim}, 4096)
			q := randomFloats(r, s.n*s.dim)
			lo, hi := make([]int32, s.n), slices.Repeat([]int32{Chunk}, s.n)
			all, part, a := NewPartial(s.n, s.dim), NewPartial(s.n, s.dim), NewAttention(s.dim)
			b.Run(fmt.Sprintf("%s/%dx%d", typ, s.dim, s.n), func(b *testing.B) {
				benchLevels(b, func(b *testing.B) {
					best := bestOf(b, func() {
						for c := range h.keys {
							h.Attend(part, a, q, 0.125, h.keys[c], h.values[c], lo, hi)
							all.Merge(part, s.n)
						}
					})
					b.ReportMetric(4*float64(s.n*s.dim*4096)/best/1e9, "GFLOPS")
					b.ReportMetric(float64(len(h.keys)*(h.KeyBytes()+h.ValueBytes()))/best/1e9, "GB/s")
				})
			})
		}
	}
}

// TestSoftWeights compares the weights with the exponential function, also where
// scores are no numbers or far below the largest one.
func TestSoftWeights(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(9, 9))
		for groups := 1; groups <= Chunk/16; groups++ {
			s := randomFloats(r, 16*groups)
			for i := range s {
				s[i] *= 40
			}
			s[r.IntN(len(s))] = -inf
			before, want := slices.Clone(s), 0.0
			top, sum := softWeights(s)
			if top != slices.Max(before) {
				t.Fatalf("%d groups: the largest is %v, want %v", groups, top, slices.Max(before))
			}
			for i, v := range s {
				e := math.Exp(float64(before[i] - top))
				if want += e; !within(v, e, 3e-7) {
					t.Fatalf("%d groups: exp(%v - %v) = %v, want %v", groups, before[i], top, v, e)
				}
			}
			if !within(sum, want, 1e-6) {
				t.Fatalf("%d groups: sum %v, want %v", groups, sum, want)
			}
			longer := append(slices.Repeat([]float32{-inf}, 16*(1+groups%3)), before...)
			if _, again := softWeights(longer); again != sum {
				t.Fatalf("%d groups: sum %v where the row begins earlier, %v", groups, again, sum)
			}
		}
		s := slices.Repeat([]float32{-inf}, 16)
		s[3], s[4], s[5], s[6] = 0, -87, -88, nan
		top, sum := softWeights(s)
		if top != 0 || sum == sum || s[3] != 1 || s[4] == 0 || s[5] != 0 || s[6] == s[6] || s[7] != 0 {
			t.Errorf("weights of extremes: %v, largest %v, sum %v", s, top, sum)
		}
	})
}

// TestWeightsArePrecise: exp is right to 2 units in the last place.
func TestWeightsArePrecise(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		const n = 100000
		s := make([]float32, n)
		for i := range s {
			s[i] = -87.3 * float32(i) / n
		}
		in, worst := slices.Clone(s), 0.0
		softWeights(s)
		for i, v := range s {
			want := math.Exp(float64(in[i]))
			unit := float64(math.Nextafter32(float32(want), 2) - float32(want))
			worst = math.Max(worst, math.Abs(float64(v)-want)/unit)
		}
		if worst > 2 {
			t.Errorf("exp is wrong by up to %.2f units in the last place", worst)
		}
	})
}
