package cpu

import (
	"math/rand/v2"
	"slices"
	"testing"

	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

func TestCutCoversAllGroups(t *testing.T) {
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
		to := ends(total, 1+r.IntN(total), 1+r.IntN(24))
		longest := to[0]
		for i := 1; i < len(to); i++ {
			longest = max(longest, to[i]-to[i-1])
		}
		chunks := cut(weights, to)
		if len(chunks) > len(to) {
			t.Fatalf("%d chunks, want at most %d", len(chunks), len(to))
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
				if s.out != out || s.g0 != next || s.g1 <= s.g0 || s.g1 > groups || s.g1%unitGroups != 0 && s.g1 != groups {
					t.Fatalf("span %v, want one of output %d from %d to %d at most", s, out, next, groups)
				}
				next = s.g1
				bytes += (s.g1 - s.g0) * weights[out].groupBytes()
			}
			if most := longest + 2*unitGroups*40*groupRows; bytes > most {
				t.Errorf("a chunk of %d bytes where none is to be longer than %d", bytes, longest)
			}
		}
		if out != len(weights)-1 || next != kernel.Groups(weights[out].Rows) {
			t.Fatalf("ends at output %d of %d, group %d", out, len(weights), next)
		}
	}
}

func TestEnds(t *testing.T) {
	const kb = 1 << 10
	for _, c := range []struct {
		total, workers int
		want           []int // sizes in KB
	}{
		{10 * kb, 8, []int{10}},
		{200 * kb, 8, []int{100, 100}},
		{345 * kb, 2, []int{172, 173}},
		{1280 * kb, 2, []int{320, 160, 160, 320, 160, 160}},
		{3200 * kb, 1, []int{1600, 800, 400, 200, 200}},
		{5440 * kb, 1, []int{2048, 1696, 848, 424, 212, 212}},
	} {
		at := 0
		var sizes []int
		for _, end := range ends(c.total, lastChunkBytes, c.workers) {
			sizes = append(sizes, end/kb-at/kb)
			at = end
		}
		if !slices.Equal(sizes, c.want) || at != c.total {
			t.Errorf("%d bytes for %d workers: chunks of %v KB up to %d, want %v", c.total, c.workers, sizes, at, c.want)
		}
	}
}

// TestEndsOfShares checks that a chunk ends where a worker's share does, and that
// none is too small or too large.
func TestEndsOfShares(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		total, least, workers := 1+r.IntN(64<<20), 1+r.IntN(1<<20), 1+r.IntN(16)
		to := ends(total, least, workers)
		shares := max(1, min(workers, total/minChunkBytes))
		at := 0
		for _, end := range to {
			if n := end - at; n > max(maxChunkBytes, 2*least) || n < min(least, total/shares) {
				t.Fatalf("%d bytes for %d workers: a chunk of %d bytes with at least %d", total, workers, n, least)
			}
			at = end
		}
		for i := range shares {
			if end := total * (i + 1) / shares; !slices.Contains(to, end) {
				t.Fatalf("%d bytes for %d workers: no chunk ends at %d", total, workers, end)
			}
		}
		if at != total {
			t.Fatalf("%d bytes for %d workers: the last chunk ends at %d", total, workers, at)
		}
	}
}
