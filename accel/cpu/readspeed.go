package cpu

import (
	"context"
	"slices"
	"time"

	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

// TokenBytes implements accel.Reader. Of a mixture of experts it counts those that a
// token is sent to.
func (m *model) TokenBytes() int64 {
	var n int64
	for _, st := range m.p.Steps {
		weights := multiplied(st)
		if e, ok := st.(accel.Experts); ok {
			weights = weights[:1+3*e.Used] // all experts are of one size
		}
		for _, w := range weights {
			n += int64(len(m.weights[w].bytes()))
		}
	}
	return n
}

// ReadSpeed implements accel.Reader.
func (m *model) ReadSpeed(ctx context.Context) (float64, error) {
	var parts reading
	total := 0
	for i, multiplied := range findUses(m.p).multiplied {
		if multiplied {
			b := m.weights[i].bytes()
			total += len(b)
			parts = slices.AppendSeq(parts, slices.Chunk(b, maxChunkBytes))
		}
	}
	start := time.Now()
	if err := m.team.run(ctx, parts); err != nil {
		return 0, err
	}
	return float64(total) / time.Since(start).Seconds(), nil
}

// reading is the job of reading pieces of memory, in their order.
type reading [][]byte

func (r reading) steps() int              { return 1 }
func (r reading) chunks(int) int          { return len(r) }
func (r reading) run(_, _ int, chunk int) { kernel.ReadSum(r[chunk]) }
func (r reading) finished(int)            {}
