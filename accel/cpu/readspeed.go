package cpu

import (
	"context"
	"fmt"
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
			n += m.weights[w].size()
		}
	}
	return n
}

// ReadSpeed implements accel.Reader.
func (m *model) ReadSpeed(ctx context.Context) (float64, error) {
	if m.arena == nil {
		return 0, fmt.Errorf("none of the weights are packed")
	}
	start := time.Now()
	if err := m.team.run(ctx, reading(m.arena.mem)); err != nil {
		return 0, err
	}
	return float64(len(m.arena.mem)) / time.Since(start).Seconds(), nil
}

// reading is the job of reading memory from its beginning to its end.
type reading []byte

func (r reading) steps() int     { return 1 }
func (r reading) chunks(int) int { return (len(r) + maxChunkBytes - 1) / maxChunkBytes }
func (r reading) part(chunk int) []byte {
	return r[chunk*maxChunkBytes : min(len(r), (chunk+1)*maxChunkBytes)]
}
func (r reading) run(_, _ int, chunk int) { kernel.ReadSum(r.part(chunk)) }
func (r reading) finished(int)            {}
