package kernel

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"lumi/accel"
)

// TestUnpack demands that what Pack wrote means what accel.Dequantize says.
func TestUnpack(t *testing.T) {
	for _, typ := range packedTypes {
		l, ok := layoutOf(typ)
		if !ok {
			continue
		}
		t.Run(typ.String(), func(t *testing.T) {
			const rows, cols = 21, 512
			src := randomWeights(rand.New(rand.NewPCG(1, 1)), typ, rows, cols)
			want := make([]float32, rows*cols)
			if err := accel.Dequantize(typ, want, src); err != nil {
				t.Fatal(err)
			}
			w := pack(typ, src, rows, cols)
			for g := range Groups(rows) {
				for b := range cols / Block {
					var blk wideBlock
					blk.unpack(typ, l, w.Data[g*w.group+b/l.blocks*l.unit():], b%l.blocks)
					for r := range Rows {
						for c := range Block {
							got := float64(blk.d[r]) * float64(blk.s[r][c/16]) * float64(int32(byte(blk.q[c/4][r]>>(c%4*8)))-blk.zero)
							switch {
							case blk.min:
								got += float64(blk.m[r])
							case blk.halfMin:
								got -= float64(blk.dm[r]) * float64(blk.sm[r][c/16])
							}
							row, exact := g*Rows+r, 0.0
							if row < rows {
								exact = float64(want[row*cols+b*Block+c])
							}
							if d := got - exact; d > 1e-6 || d < -1e-6 {
								t.Fatalf("row %d, column %d: %v, want %v", row, b*Block+c, got, exact)
							}
						}
					}
				}
			}
		})
	}
}

// TestPackShares packs in shares, as several workers do.
func TestPackShares(t *testing.T) {
	for _, typ := range packedTypes {
		const rows, cols = 70, 256
		src := randomWeights(rand.New(rand.NewPCG(2, 2)), typ, rows, cols)
		whole := pack(typ, src, rows, cols)
		w := NewPacked(typ, rows, cols, make([]byte, len(whole.Data)))
		for _, g := range []int{4, 0, 2} {
			w.Pack(src, g, min(g+2, Groups(rows)))
		}
		if !bytes.Equal(w.Data, whole.Data) {
			t.Errorf("%s: packed in shares differs", typ)
		}
	}
}

func TestPackedSize(t *testing.T) {
	for _, c := range []struct {
		t          accel.Type
		rows, cols int
		want       int
		ok         bool
	}{
		{accel.Q4_0, 16, 64, 576, true},
		{accel.Q4_0, 17, 96, 2 * 2 * 576, true},
		{accel.Q4_1, 1, 32, 640, true},
		{accel.Q8_0, 32, 128, 4 * 1088, true},
		{accel.Q4_K, 16, 512, 2 * 2368, true},
		{accel.Q6_K, 16, 256, 3392, true},
		{accel.F16, 16, 7, 16 * 7 * 2, true},
		{accel.Q4_0, 16, 63, 0, false},
		{accel.Q4_K, 16, 128, 0, false},
		{accel.IQ2_S, 16, 256, 0, false},
		{accel.Type(99), 16, 256, 0, false},
	} {
		if n, ok := PackedSize(c.t, c.rows, c.cols); n != c.want || ok != c.ok {
			t.Errorf("%s %dx%d: %d, %v, want %d, %v", c.t, c.rows, c.cols, n, ok, c.want, c.ok)
		}
	}
}

// BenchmarkPack reports how fast a matrix of a file is repacked by one worker.
func BenchmarkPack(b *testing.B) {
	for _, typ := range packedTypes {
		const rows, cols = 1024, 2048
		src := randomWeights(rand.New(rand.NewPCG(1, 2)), typ, rows, cols)
		w := pack(typ, src, rows, cols)
		b.Run(typ.String(), func(b *testing.B) {
			best := bestOf(b, func() { w.Pack(src, 0, Groups(rows)) })
			b.ReportMetric(float64(len(src))/best/1e9, "GB/s")
		})
	}
}
