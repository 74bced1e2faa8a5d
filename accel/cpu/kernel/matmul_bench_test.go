package kernel

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"lumi/accel"
)

// benchTypes are the types whose speed matters.
var benchTypes = []accel.Type{accel.Q4_0, accel.Q4_1, accel.Q5_0, accel.Q8_0, accel.IQ4_NL, accel.Q2_K, accel.Q3_K, accel.IQ4_XS, accel.Q4_K, accel.Q5_K, accel.Q6_K, accel.F16, accel.BF16, accel.F32}

// benchLevels runs a benchmark as eachLevel does a test.
func benchLevels(b *testing.B, run func(b *testing.B)) {
	before, first := Active(), dotsFrom
	defer func() {
		dotsFrom = first
		if err := Use(before); err != nil {
			b.Fatal(err)
		}
	}()
	dotsFrom = noDots
	for _, l := range Levels() {
		if err := Use(l); err != nil {
			b.Fatal(err)
		}
		b.Run(l.String(), run)
	}
	if canDot() {
		dotsFrom = 0
		b.Run(Best().String()+"+bf16", run)
	}
}

// bestOf runs the benchmark and returns its fastest turn in seconds, which
// other programs on the machine disturb least.
func bestOf(b *testing.B, turn func()) float64 {
	best := time.Duration(math.MaxInt64)
	for b.Loop() {
		start := time.Now()
		turn()
		best = min(best, time.Since(start))
	}
	return best.Seconds()
}

// BenchmarkDecode multiplies one token with a matrix that no cache holds, with
// one that the second-level cache does, and with one of short rows, and reports
// how fast the weights are read.
func BenchmarkDecode(b *testing.B) {
	for _, typ := range benchTypes {
		for _, size := range []struct {
			name        string
			bytes, cols int
		}{{"memory", 96 << 20, 2048}, {"cache", 256 << 10, 2048}, {"narrow", 256 << 10, 576}} {
			cols := size.cols
			if _, ok := PackedSize(typ, Rows, cols); !ok {
				continue
			}
			src := randomWeights(rand.New(rand.NewPCG(1, 2)), typ, Rows, cols)
			group := pack(typ, src, Rows, cols).Data
			rows := size.bytes / len(group) * Rows
			w := NewPacked(typ, rows, cols, bytes.Repeat(group, rows/Rows))
			row := randomFloats(rand.New(rand.NewPCG(3, 4)), cols)
			y := make([]float32, rows)
			b.Run(typ.String()+"/"+size.name, func(b *testing.B) {
				benchLevels(b, func(b *testing.B) {
					x := newActs(row, 1, cols, typ)
					best := bestOf(b, func() { MatMul(w, x, y, rows, 0, Groups(rows), 0, 1) })
					b.ReportMetric(float64(len(w.Data))/best/1e9, "GB/s")
				})
			})
		}
	}
}

// BenchmarkRead reads memory and nothing else: what decoding can reach.
func BenchmarkRead(b *testing.B) {
	data := make([]byte, 96<<20)
	for i := range data {
		data[i] = byte(i)
	}
	var sum uint64
	best := bestOf(b, func() { sum += ReadSum(data) })
	b.ReportMetric(float64(len(data))/best/1e9, "GB/s")
	if sum == 0 {
		b.Error("read nothing")
	}
}

// BenchmarkPrefill multiplies 512 tokens and reports multiply-adds, two
// operations each.
func BenchmarkPrefill(b *testing.B) {
	for _, s := range []struct{ rows, cols int }{{1536, 576}, {576, 1536}, {512, 4096}} {
		for _, typ := range benchTypes {
			if _, ok := PackedSize(typ, s.rows, s.cols); !ok {
				continue
			}
			const tokens = 512
			r := rand.New(rand.NewPCG(1, 2))
			w := pack(typ, randomWeights(r, typ, s.rows, s.cols), s.rows, s.cols)
			batch := randomFloats(r, tokens*s.cols)
			y := make([]float32, tokens*s.rows)
			b.Run(fmt.Sprintf("%s/%dx%d", typ, s.rows, s.cols), func(b *testing.B) {
				benchLevels(b, func(b *testing.B) {
					x := newActs(batch, tokens, s.cols, typ)
					best := bestOf(b, func() { MatMul(w, x, y, s.rows, 0, Groups(s.rows), 0, tokens) })
					b.ReportMetric(2*float64(s.rows*s.cols*tokens)/best/1e9, "GOPS")
				})
			})
		}
	}
}
