package cpu

import (
	"sync/atomic"
	"time"
)

// width is how many workers of a team share its jobs. While other programs want
// the cores, the system puts workers aside, some milliseconds each time, and all
// others wait for the chunk that such a worker holds. While workers wait for more
// than one of them could do, each is first bound to a core of its own, if there are
// as many: left to itself the system has two of them share one now and then. If
// that is not enough there are fewer of them, one less at a time. After a while, as
// a trial, it is undone step by step.
type width struct {
	most   int
	cores  int           // 1 if workers can be bound to cores, else 0
	level  int           // of what is done: nothing, binding, one worker less, two less …
	waited atomic.Int64  // nanoseconds that workers have waited in the window
	worked time.Duration // how long the jobs of the window took
	ended  time.Time     // when the last job did
	grow   time.Time     // when to try one more
	rest   time.Duration // how long to wait with that the next time
}

const (
	// patience is the shortest wait that counts: longer than workers that run
	// take for a chunk of one token, shorter than the system puts one aside.
	patience = 500 * time.Microsecond
	// window is how long jobs have to take until it is looked at how they went:
	// long enough that a single disturbance is not taken for more.
	window = 50 * time.Millisecond

	shortestRest = 250 * time.Millisecond
	longestRest  = 2 * time.Second
)

// newWidth is for a team of so many workers; cores tells that there are as many
// processor cores, and that workers can be bound to them.
func newWidth(workers int, cores bool) *width {
	w := &width{most: workers, rest: shortestRest}
	if cores && workers > 1 {
		w.cores = 1
	}
	return w
}

// workers is how many take part at the current level.
func (w *width) workers() int { return w.most - max(0, w.level-w.cores) }

// begin returns how many workers take part in a job that begins now, and whether
// each of them is to be bound to a core.
func (w *width) begin(now time.Time) (workers int, bound bool) {
	switch {
	case now.Sub(w.ended) > longestRest: // who knows what has changed
		w.level, w.rest = 0, shortestRest
		w.restart()
	case w.level > 0 && now.After(w.grow):
		w.level--
		w.settle(now)
	}
	return w.workers(), w.bound()
}

// bound reports whether workers are bound to cores at the current level.
func (w *width) bound() bool { return w.cores == 1 && w.level == 1 }

// settle begins to watch a new level. Nobody loses much by being bound to a core, so
// that can last.
func (w *width) settle(now time.Time) {
	rest := w.rest
	if w.bound() {
		rest = longestRest
	}
	w.grow = now.Add(rest)
	w.restart()
}

// bearable is how much of a time may be lost at the current level.
func (w *width) bearable(d time.Duration) time.Duration {
	if w.level < w.cores {
		return d / 8
	}
	// Where one is put aside all others wait. Without it one share of the work
	// were left to them.
	return max(d/8, d*3/4/time.Duration(w.workers()))
}

func (w *width) restart() {
	w.worked = 0
	w.waited.Store(0)
}

// wait notes that a worker had nothing to do for so long.
func (w *width) wait(d time.Duration) {
	if d > patience {
		w.waited.Add(int64(d))
	}
}

// end looks at how the jobs of a window went, at its end or as soon as too much
// of it is lost.
func (w *width) end(began, now time.Time) {
	w.ended = now
	w.worked += now.Sub(began)
	n := w.workers()
	lost := time.Duration(w.waited.Load()) / time.Duration(max(1, n-1))
	switch {
	case n > 1 && lost > w.bearable(max(w.worked, window)):
		w.level++
		w.settle(now)
		w.rest = min(2*w.rest, longestRest)
		return
	case w.worked < window:
		return
	case w.level == 0:
		w.rest = shortestRest
	}
	w.restart()
}
