package cpu

import (
	"sync/atomic"
	"time"
)

// width is how many workers of a team share its jobs. While other programs want
// the cores, the system puts workers aside, some milliseconds each time, and all
// others wait for the chunk that such a worker holds: then fewer workers, each
// with a core of its own, get further. So the width shrinks by one while workers
// wait for more than one of them could do, and grows again, as a trial, after a
// while.
type width struct {
	most, now int
	waited    atomic.Int64  // nanoseconds that workers have waited in the window
	worked    time.Duration // how long the jobs of the window took
	ended     time.Time     // when the last job did
	grow      time.Time     // when to try one more
	rest      time.Duration // how long to wait with that the next time
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

func newWidth(workers int) *width {
	return &width{most: workers, now: workers, rest: shortestRest}
}

// begin returns how many workers take part in a job that begins now.
func (w *width) begin(now time.Time) int {
	switch {
	case now.Sub(w.ended) > longestRest: // who knows what has changed
		w.now, w.rest = w.most, shortestRest
		w.restart()
	case w.now < w.most && now.After(w.grow):
		w.now++
		w.grow = now.Add(w.rest)
		w.restart()
	}
	return w.now
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
	// Where one is put aside all others wait. Without it one share of the work
	// were left to them.
	lost := time.Duration(w.waited.Load()) / time.Duration(max(1, w.now-1))
	whole := max(w.worked, window)
	switch {
	case w.now > 1 && lost > max(whole/8, whole*3/4/time.Duration(w.now)):
		w.now--
		w.grow = now.Add(w.rest)
		w.rest = min(2*w.rest, longestRest)
	case w.worked < window:
		return
	case w.now == w.most:
		w.rest = shortestRest
	}
	w.restart()
}
