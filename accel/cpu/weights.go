package cpu

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

// weight is a tensor in the form the steps use it.
type weight struct {
	accel.Tensor
	// packed is the repacked matrix, nil for tensors that are only looked up
	// by row (embeddings), vectors, and types without a packed layout.
	packed *kernel.Packed
	// vector is a one-row tensor as float32: norms and biases.
	vector []float32
}

// rowBytes is the length of one row in the file.
func (w *weight) rowBytes() int { return len(w.Data) / w.Rows }

// groupBytes is the length of a group of rows.
func (w *weight) groupBytes() int { return w.rowBytes() * groupRows }

// bytes is the memory that is read to multiply with the weight.
func (w *weight) bytes() []byte {
	if w.packed != nil {
		return w.packed.Data
	}
	return w.Data
}

// row dequantises row i to dst, read in place from the file.
func (w *weight) row(dst []float32, i int) {
	n := w.rowBytes()
	if err := accel.Dequantize(w.Type, dst, w.Data[i*n:(i+1)*n]); err != nil {
		panic(err) // load has tried the type
	}
}

// uses says how the steps of a Program use its weights.
type uses struct{ multiplied, vector []bool }

func findUses(p *accel.Program) uses {
	u := uses{make([]bool, len(p.Weights)), make([]bool, len(p.Weights))}
	for _, s := range p.Steps {
		switch s := s.(type) {
		case accel.RMSNorm:
			u.vector[s.W] = true
		case accel.MatMul:
			for _, o := range s.Out {
				if o.Bias != accel.None {
					u.vector[o.Bias] = true
				}
			}
		}
		for _, w := range multiplied(s) {
			u.multiplied[w] = true
		}
	}
	return u
}

// multiplied lists the weights that a step multiplies with; of a mixture of experts
// the router first, then those of one expert after the other.
func multiplied(st accel.Step) []accel.Weight {
	var out []accel.Weight
	switch st := st.(type) {
	case accel.MatMul:
		for _, o := range st.Out {
			out = append(out, o.W)
		}
	case accel.GatedMatMul:
		out = append(out, st.Gate, st.Up)
	case accel.Experts:
		out = append(out, st.Router)
		for _, e := range st.Each {
			out = append(out, e.Gate, e.Up, e.Down)
		}
	case accel.Logits:
		out = append(out, st.W)
	}
	return out
}

// packTask is one share of the packing: some groups of one matrix.
type packTask struct {
	w      *weight
	g0, g1 int
	bytes  int64 // of the file
}

// packShare is how many bytes of the file one packTask reads, about.
const packShare = 1 << 20

// load prepares all weights, the matrices with all threads.
func (m *model) load(ctx context.Context, threads int, progress accel.Progress) error {
	u := findUses(m.p)
	m.weights = make([]weight, len(m.p.Weights))
	var size int64
	for i, t := range m.p.Weights {
		m.weights[i].Tensor = t
		if err := tryType(t); err != nil {
			return err
		}
		if n, ok := kernel.PackedSize(t.Type, t.Rows, t.Cols); ok && u.multiplied[i] {
			size += aligned(int64(n))
		} else {
			m.memory += int64(len(t.Data))
		}
	}
	m.memory += size
	if size > 0 {
		var err error
		if m.arena, err = newArena(size, true); err != nil {
			return err
		}
	}
	var tasks []packTask
	for i := range m.weights {
		w := &m.weights[i]
		if u.vector[i] {
			w.vector = make([]float32, w.Cols)
			if err := guard(func() { w.row(w.vector, 0) }); err != nil {
				return err
			}
		}
		if n, ok := kernel.PackedSize(w.Type, w.Rows, w.Cols); ok && u.multiplied[i] {
			w.packed = kernel.NewPacked(w.Type, w.Rows, w.Cols, m.arena.bytes(int64(n)))
			tasks = append(tasks, share(w)...)
		}
	}
	return packAll(ctx, tasks, threads, progress)
}

// tryType says whether rows of a tensor can be dequantised at all.
func tryType(t accel.Tensor) error {
	cols, bytes := t.Type.Block()
	if err := accel.Dequantize(t.Type, make([]float32, cols), make([]byte, bytes)); err != nil {
		return fmt.Errorf("%s: %w", t.Name, err)
	}
	return nil
}

// share cuts the packing of a matrix into tasks.
func share(w *weight) []packTask {
	groups := kernel.Groups(w.Rows)
	perGroup := int64(len(w.Data)) / int64(groups)
	step := max(1, int(packShare/max(1, perGroup)))
	var tasks []packTask
	for g := 0; g < groups; g += step {
		end := min(groups, g+step)
		tasks = append(tasks, packTask{w, g, end, perGroup * int64(end-g)})
	}
	return tasks
}

// packAll works through the tasks with the given number of goroutines.
func packAll(ctx context.Context, tasks []packTask, threads int, progress accel.Progress) error {
	var total int64
	for _, t := range tasks {
		total += t.bytes
	}
	var (
		next   atomic.Int64
		wait   sync.WaitGroup
		errs   = make([]error, threads)
		report sync.Mutex // guards done and keeps the reports in order
		done   int64
	)
	for i := range threads {
		wait.Go(func() {
			errs[i] = guard(func() {
				for n := next.Add(1) - 1; n < int64(len(tasks)) && ctx.Err() == nil; n = next.Add(1) - 1 {
					t := tasks[n]
					t.w.packed.Pack(t.w.Data, t.g0, t.g1)
					report.Lock()
					if done += t.bytes; progress != nil {
						progress(done, total)
					}
					report.Unlock()
				}
			})
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// guard runs f, which reads mapped memory, and turns a fault into ErrFault.
func guard(f func()) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = asError(r)
		}
	}()
	f()
	return nil
}
