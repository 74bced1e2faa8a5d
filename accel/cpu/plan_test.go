package cpu

import (
	"math/rand/v2"
	"testing"

	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

func TestCutCoversAllGroups(t *testing.T) {
	const unit = kernel.Block / groupRows
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		total := 0
		weights := make([]*weight, 1+r.IntN(3))
		for i := range weights {
			rows := 1 + r.IntN(2000)
			w := &weight{Tensor: accel.Tensor{Rows: rows, Data: make([]byte, rows*(1+r.IntN(40)))}}
			weights[i] = w
			total += w.groupBytes() * kernel.Groups(rows)
		}
		n := 1 + r.IntN(24)
		chunks := cut(weights, total, n)
		if len(chunks) > n {
			t.Fatalf("%d chunks, want at most %d", len(chunks), n)
		}
		out, next := 0, 0
		for _, c := range chunks {
			if len(c) == 0 {
				t.Fatal("an empty chunk")
			}
			bytes := 0
			for _, s := range c {
				groups := kernel.Groups(weights[out].Rows)
				if next == groups {
					out, next = out+1, 0
					groups = kernel.Groups(weights[out].Rows)
				}
				if s.out != out || s.g0 != next || s.g1 <= s.g0 || s.g1 > groups || s.g1%unit != 0 && s.g1 != groups {
					t.Fatalf("span %v, want one of output %d from %d to %d at most", s, out, next, groups)
				}
				next = s.g1
				bytes += (s.g1 - s.g0) * weights[out].groupBytes()
			}
			if most := total/n + 2*unit*40*groupRows; bytes > most {
				t.Errorf("a chunk of %d bytes of %d, where %d make %d", bytes, total, n, most)
			}
		}
		if out != len(weights)-1 || next != kernel.Groups(weights[out].Rows) {
			t.Fatalf("ends at output %d of %d, group %d", out, len(weights), next)
		}
	}
}

func TestRuns(t *testing.T) {
	for _, c := range []struct{ total, workers, want int }{
		{10 << 10, 8, 1},
		{200 << 10, 8, 2},
		{345 << 10, 2, 2},
		{3 << 20, 2, 6},
		{3 << 20, 8, 12},
		{40 << 20, 2, 20},
	} {
		if n := runs(c.total, c.workers); n != c.want {
			t.Errorf("%d bytes for %d workers: %d runs, want %d", c.total, c.workers, n, c.want)
		}
	}
}
