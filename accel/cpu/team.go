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
// Each worker has a region of a step's chunks and takes them in their order, so
// that it reads one stream of memory; when it has none left it takes the upper
// half of what another one still has. The worker that completes a step's last
// chunk begins the next step. So nobody waits for a worker, only for work: one
// that the operating system has put aside between two chunks, or that has not
// woken up yet, delays no one, and the calling goroutine alone would complete
// the job. That is what keeps Lumi quick while other programs want the cores.
type team struct {
	step    atomic.Uint64 // tag and number of the current one
	_       [56]byte
	pending atomic.Int64 // chunks of the current step that are not done
	_       [56]byte
	regions []region    // by worker
	turns   []turn      // by worker
	cores   []int       // by worker: the one it is bound to while others want it
	caller  place       // of worker 0
	workers int         // that have been woken for this job
	bound   atomic.Bool // each of them has a core of its own
	stop    atomic.Bool // skip all remaining work of this job

	mu     sync.Mutex // serialises run
	job    job
	err    error // first panic of a worker in this job
	errMu  sync.Mutex
	wake   []chan struct{}
	width  *width
	closed atomic.Bool
	done   sync.WaitGroup
}

// A step is published as one word: how many have been published, and its number.
// The count, cut to tagBits, marks the regions that belong to it, which are set
// before it.
const (
	stepBits  = 32
	stepEnd   = 1<<stepBits - 1 // the number of no step: the job is finished
	tagBits   = 24
	chunkBits = (64 - tagBits) / 2
	maxChunks = 1<<chunkBits - 1
	maxTag    = 1<<tagBits - 1
)

// region is the chunks of a step that are left to a worker: tag, first, end.
type region struct {
	word atomic.Uint64
	_    [56]byte
}

// set gives r the chunks from first up to end.
func (r *region) set(tag uint64, first, end int) { r.word.Store(pack(tag, first, end)) }

func pack(tag uint64, first, end int) uint64 {
	return tag<<(2*chunkBits) | uint64(first)<<chunkBits | uint64(end)
}

// take takes the first chunk, or with half the upper half of them, if r belongs
// to the step with the tag. Without any, first is end.
func (r *region) take(tag uint64, half bool) (first, end int) {
	for {
		w := r.word.Load()
		first, end = int(w>>chunkBits&maxChunks), int(w&maxChunks)
		if w>>(2*chunkBits) != tag || first == end {
			return 0, 0
		}
		left := pack(tag, first+1, end)
		if half {
			middle := first + (end-first)/2
			left = pack(tag, first, middle)
			first = middle
		} else {
			end = first + 1
		}
		if r.word.CompareAndSwap(w, left) {
			return first, end
		}
	}
}

// newTeam starts n−1 sleeping workers.
func newTeam(n int) *team {
	t := &team{wake: make([]chan struct{}, n-1), regions: make([]region, n), turns: make([]turn, n), cores: cores()}
	t.width = newWidth(n, len(t.cores) == n)
	t.step.Store(stepEnd)
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
	began := time.Now()
	var bound bool
	t.workers, bound = t.width.begin(began)
	t.bound.Store(bound)
	if bound {
		t.caller.take(t.cores[0])
		defer t.caller.leave()
	}
	t.start(0, 0)
	for _, c := range t.wake[:t.workers-1] {
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
			tag := t.step.Load()>>stepBits + 1
			for i := range t.workers {
				first, end := t.region(i, n)
				t.regions[i].set(tag&maxTag, first, end)
			}
			t.step.Store(tag<<stepBits | uint64(step))
			return
		}
		t.job.finished(step)
	}
	t.step.Store(t.step.Load() | stepEnd)
}

// region is what a worker gets of n chunks: none if it is still awake from a job
// that had more workers.
func (t *team) region(id, n int) (first, end int) {
	if id >= t.workers {
		return n, n
	}
	return id * n / t.workers, (id + 1) * n / t.workers
}

func (t *team) worker(id int) {
	defer t.done.Done()
	// A page of a mapped file that has gone away must end the job, not the
	// program.
	debug.SetPanicOnFault(true)
	var p place
	defer p.leave()
	for range t.wake[id-1] {
		if t.bound.Load() {
			p.take(t.cores[id])
		} else {
			p.leave()
		}
		t.work(id, nil)
		t.watch(id)
	}
}

// wakeful is how long a worker waits for the next job before it goes to sleep: longer
// than it takes to choose a token, as waking up takes a good part of that.
const wakeful = 500 * time.Microsecond

// watch waits for the next job, awake.
func (t *team) watch(id int) {
	for since := time.Now(); len(t.wake[id-1]) == 0 && time.Since(since) < wakeful; {
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
	idle, ran := 0, 0   // ran is how many chunks of the step the worker has done
	var since time.Time // when the worker had not found anything to do for a while
	for {
		now := t.step.Load()
		if now&stepEnd == stepEnd {
			t.waited(idle, since)
			return
		}
		tag, own := now>>stepBits&maxTag, &t.regions[id]
		chunk, end := own.take(tag, false)
		if chunk == end && ran > 0 {
			t.complete(id, int(now&stepEnd), ran)
			ran = 0
			continue
		}
		if chunk == end {
			chunk, end = t.steal(id, tag)
		}
		if chunk == end {
			if idle++; idle%spins == 0 {
				if idle == spins {
					since = time.Now()
				}
				runtime.Gosched()
			}
			continue
		}
		t.waited(idle, since)
		idle = 0
		if cancel != nil {
			select {
			case <-cancel:
				t.stop.Store(true)
			default:
			}
		}
		step := int(t.step.Load() & stepEnd) // stays as long as one of its chunks is not done
		if !t.stop.Load() {
			t.runChunk(id, step, chunk)
		}
		ran++
		if t.turns[id].over() {
			t.complete(id, step, ran) // nobody is to wait for that
			ran = 0
			t.turns[id].offer()
		}
	}
}

// complete counts chunks of a step as done, all of a region at once: workers pass
// the count from one to the other, which takes longer than anything else here.
// Who completes the last one begins the next step.
func (t *team) complete(id, step, chunks int) {
	if t.pending.Add(-int64(chunks)) == 0 {
		t.job.finished(step)
		t.start(id, step+1)
	}
}

// waited tells how long a worker that looked for chunks so often had none.
func (t *team) waited(looks int, since time.Time) {
	if looks >= spins {
		t.width.wait(time.Since(since))
	}
}

// steal gives a worker half of what another one has left, and takes the first of
// these chunks.
func (t *team) steal(id int, tag uint64) (chunk, end int) {
	for i := 1; i < len(t.regions); i++ {
		if first, end := t.regions[(id+i)%len(t.regions)].take(tag, true); first < end {
			t.regions[id].set(tag, first+1, end)
			return first, first + 1
		}
	}
	return 0, 0
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
