package cpu

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// job is a list of steps that a team works through, one after the other. Each
// step is cut into chunks that any worker may take.
type job interface {
	// steps is the number of steps.
	steps() int
	// chunks is the number of chunks of a step, at most maxChunks.
	chunks(step int) int
	// run does one chunk. It may be called by several workers at once.
	run(worker, step, chunk int)
	// finished is called by one worker when all chunks of a step are done.
	finished(step int)
}

// team is a set of workers that run one job at a time. The goroutine that
// calls run is worker 0; the others sleep between jobs.
//
// The state of a job is one 64-bit word: epoch, step and the number of chunks
// not yet taken. A worker takes a chunk by counting the word down; the one that
// completes a step's last chunk moves the word to the next step. So nobody
// waits for a worker, only for work: one that the operating system has put
// aside between two chunks, or that has not woken up yet, delays no one, and
// the calling goroutine alone would complete the job. That is what keeps Lumi
// quick while other programs want the cores.
type team struct {
	word    atomic.Uint64 // epoch 20 bits | step 20 bits | chunks left 24 bits
	_       [56]byte
	pending atomic.Int64 // chunks of the current step that are not done
	total   int          // chunks of the current step; set before word tells of it
	_       [56]byte
	stop    atomic.Bool // skip all remaining work of this job

	mu     sync.Mutex // serialises run
	job    job
	epoch  uint64
	err    error // first panic of a worker in this job
	errMu  sync.Mutex
	wake   []chan struct{}
	width  *width
	closed atomic.Bool
	done   sync.WaitGroup
}

const (
	chunkBits = 24
	stepBits  = 20
	maxChunks = 1<<chunkBits - 1
	stepEnd   = 1<<stepBits - 1 // the step number of a finished job
)

func pack(epoch, step, left uint64) uint64 {
	return epoch<<(chunkBits+stepBits) | step<<chunkBits | left
}

func unpack(w uint64) (step, left int) {
	return int(w >> chunkBits & (1<<stepBits - 1)), int(w & maxChunks)
}

// newTeam starts n−1 sleeping workers.
func newTeam(n int) *team {
	t := &team{wake: make([]chan struct{}, n-1), width: newWidth(n)}
	t.word.Store(pack(0, stepEnd, 0))
	for i := range t.wake {
		t.wake[i] = make(chan struct{}, 1)
		t.done.Add(1)
		go t.worker(i + 1)
	}
	return t
}

// size is the number of workers, the caller of run included.
func (t *team) size() int { return len(t.wake) + 1 }

// close ends the workers. No job may be running.
func (t *team) close() {
	if t.closed.Swap(true) {
		return
	}
	for _, c := range t.wake {
		close(c)
	}
	t.done.Wait()
}

// run works through j with all workers and returns when it is complete, or
// soon after ctx is cancelled, with ctx's error, or with ErrFault or the panic
// of a chunk as an error.
func (t *team) run(ctx context.Context, j job) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	t.job, t.err = j, nil
	t.stop.Store(false)
	t.epoch++
	began := time.Now()
	workers := t.width.begin(began)
	t.start(0, 0)
	for _, c := range t.wake[:workers-1] {
		select {
		case c <- struct{}{}:
		default: // still awake, or about to wake up
		}
	}
	t.work(0, ctx.Done())
	t.width.end(began, time.Now())
	if t.err == nil && t.stop.Load() {
		return ctx.Err()
	}
	return t.err
}

// start publishes the first step from step on that can be shared out, or the
// end. A step of one chunk is done at once by the worker that came here: to
// hand it over would take longer than most of them do, and the data is in this
// worker's cache.
func (t *team) start(id, step int) {
	for ; step < t.job.steps(); step++ {
		n := t.job.chunks(step)
		switch {
		case n == 0 || t.stop.Load():
		case n == 1:
			t.runChunk(id, step, 0)
		default:
			t.pending.Store(int64(n))
			t.total = n
			t.word.Store(pack(t.epoch, uint64(step), uint64(n)))
			return
		}
		t.job.finished(step)
	}
	t.word.Store(pack(t.epoch, stepEnd, 0))
}

func (t *team) worker(id int) {
	defer t.done.Done()
	// A page of a mapped file that has gone away must end the job, not the
	// program.
	debug.SetPanicOnFault(true)
	for range t.wake[id-1] {
		t.work(id, nil)
	}
}

// spins is how often a worker looks for new chunks before it lets others run:
// some microseconds, longer than what is done between two shared steps.
const spins = 2000

// work takes chunks until the job is at its end. Only worker 0 watches cancel.
func (t *team) work(id int, cancel <-chan struct{}) {
	if id == 0 {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	}
	idle := 0
	var since time.Time // when the worker had not found anything to do for a while
	for {
		w := t.word.Load()
		step, left := unpack(w)
		if left == 0 && step != stepEnd {
			if idle++; idle%spins == 0 {
				if idle == spins {
					since = time.Now()
				}
				runtime.Gosched()
			}
			continue
		}
		if idle >= spins {
			t.width.wait(time.Since(since))
		}
		idle = 0
		if step == stepEnd {
			return
		}
		if !t.word.CompareAndSwap(w, w-1) {
			continue
		}
		if cancel != nil {
			select {
			case <-cancel:
				t.stop.Store(true)
			default:
			}
		}
		if !t.stop.Load() {
			// Upwards: weights are one stream from chunk to chunk, which the
			// processor's prefetcher follows in this direction.
			t.runChunk(id, step, t.total-left)
		}
		if t.pending.Add(-1) == 0 {
			t.job.finished(step)
			t.start(id, step+1)
		}
	}
}

// runChunk runs one chunk and turns a panic into the job's error.
func (t *team) runChunk(id, step, chunk int) {
	defer func() {
		if r := recover(); r != nil {
			t.errMu.Lock()
			if t.err == nil {
				t.err = asError(r)
			}
			t.errMu.Unlock()
			t.stop.Store(true)
		}
	}()
	t.job.run(id, step, chunk)
}

// asError is the error for a recovered panic.
func asError(r any) error {
	if e, ok := r.(interface{ Addr() uintptr }); ok && e.Addr() != 0 {
		return errFault
	}
	return fmt.Errorf("internal error: %v\n%s", r, debug.Stack())
}
