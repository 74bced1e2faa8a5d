package cpu

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// counted is a job that counts how often each of its chunks is run, and whether
// the step before was done then.
type counted struct {
	sizes []int
	runs  [][]atomic.Int32
	done  []atomic.Int32
	early atomic.Bool
	slow  int // a worker that lets others run before every chunk, or −1
}

func newCounted(sizes []int, slow int) *counted {
	c := &counted{sizes: sizes, done: make([]atomic.Int32, len(sizes)), slow: slow}
	for _, n := range sizes {
		c.runs = append(c.runs, make([]atomic.Int32, n))
	}
	return c
}

func (c *counted) steps() int          { return len(c.sizes) }
func (c *counted) chunks(step int) int { return c.sizes[step] }
func (c *counted) finished(step int)   { c.done[step].Add(1) }

func (c *counted) run(worker, step, chunk int) {
	if step > 0 && c.done[step-1].Load() != 1 {
		c.early.Store(true)
	}
	if worker == c.slow {
		for range 20 {
			runtime.Gosched()
		}
	}
	c.runs[step][chunk].Add(1)
}

func TestTeamRunsEveryChunkOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, workers := range []int{1, 2, 3, 8} {
		team := newTeam(workers)
		for round := range 300 {
			sizes := make([]int, 1+r.IntN(40))
			for i := range sizes {
				sizes[i] = []int{0, 1, 2, 3, r.IntN(20), r.IntN(300)}[r.IntN(6)]
			}
			slow := round%(workers+1) - 1
			if len(team.cores) == workers {
				team.width.level = max(0, -slow) // bound to cores where none is slow
				team.width.settle(time.Now())
			}
			job := newCounted(sizes, slow)
			if err := team.run(context.Background(), job); err != nil {
				t.Fatal(err)
			}
			for step, runs := range job.runs {
				if n := job.done[step].Load(); n != 1 {
					t.Fatalf("%d workers: step %d was finished %d times", workers, step, n)
				}
				for chunk := range runs {
					if n := runs[chunk].Load(); n != 1 {
						t.Fatalf("%d workers: chunk %d of %d ran %d times", workers, chunk, len(runs), n)
					}
				}
			}
			if job.early.Load() {
				t.Fatalf("%d workers: a chunk ran before the step before it was done", workers)
			}
		}
		team.close()
	}
}

func TestRegionHalves(t *testing.T) {
	var r region
	r.set(7, 3, 10)
	if first, end := r.take(8, false); first != end {
		t.Errorf("chunks of another step: %d to %d", first, end)
	}
	for _, want := range []struct {
		half       bool
		first, end int
	}{{true, 6, 10}, {false, 3, 4}, {true, 5, 6}, {true, 4, 5}, {true, 0, 0}, {false, 0, 0}} {
		if first, end := r.take(7, want.half); first != want.first || end != want.end {
			t.Errorf("half %v: %d to %d, want %d to %d", want.half, first, end, want.first, want.end)
		}
	}
}
