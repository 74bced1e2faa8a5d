package llm

import (
	"lumi/accel"
)

// checkMemory refuses a model that this machine's memory cannot hold, before
// anything is loaded: a program that is out of memory cannot recover.
func (m *Model) checkMemory(p *accel.Program, kv accel.Type) error {
	total := physicalMemory()
	if total == 0 {
		return nil // not known on this system
	}
	var need int64
	for _, t := range p.Weights {
		need += int64(len(t.Data))
	}
	for _, s := range p.Steps {
		if a, ok := s.(accel.Attention); ok {
			row, err := kv.RowBytes(a.KVHeads * a.HeadDim)
			if err != nil {
				return err
			}
			need += 2 * int64(row) * int64(m.info.Context)
		}
	}
	if need > total {
		return &MemoryError{Need: need, Have: total, Context: m.info.Context}
	}
	return nil
}

func gib(n int64) float64 { return float64(n) / (1 << 30) }
