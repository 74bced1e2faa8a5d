package cpu

import (
	"testing"
	"time"
)

// jobs runs so many jobs of 10 ms each, of which every worker but one waits so
// long, on a clock that it returns.
func (w *width) jobs(now time.Time, n int, waits time.Duration) time.Time {
	for range n {
		began := now
		workers, _ := w.begin(began)
		for range workers - 1 {
			w.wait(waits)
		}
		now = now.Add(10 * time.Millisecond)
		w.end(began, now)
	}
	return now
}

func TestWidth(t *testing.T) {
	const waits = 6 * time.Millisecond
	w, now := newWidth(4, false), time.Unix(1000, 0)
	is := func(when string, want int) {
		t.Helper()
		if w.workers() != want {
			t.Fatalf("%s: %d workers, want %d", when, w.workers(), want)
		}
	}
	now = w.jobs(now, 100, patience)
	is("short waits", 4)
	now = w.jobs(now, 1, waits)
	now = w.jobs(now, 9, 0)
	is("a single disturbance", 4)
	now = w.jobs(now, 2, waits)
	is("disturbed", 3)
	now = w.jobs(now, 10, 0)
	is("soon after that", 3)
	now = w.jobs(now, 20, 0)
	is("undisturbed for a while", 4)
	now = w.jobs(now, 10, 0)
	for range 5 {
		now = w.jobs(now, 5, waits)
	}
	is("disturbed for a long time", 1)
	trials := 0
	for range 1000 { // 10 s, in which two workers are disturbed, and one is not
		if now = w.jobs(now, 1, waits); w.workers() > 1 {
			trials++
		}
	}
	if trials == 0 || trials > 40 {
		t.Errorf("%d of 1000 jobs were trials", trials)
	}
	now = w.jobs(now, 1000, 0)
	is("undisturbed again", 4)
	w.jobs(w.jobs(now, 25, waits).Add(time.Minute), 1, 0)
	is("after a pause", 4)
}

func TestWidthOfOne(t *testing.T) {
	w := newWidth(1, true)
	w.jobs(time.Unix(1000, 0), 100, time.Second)
	if w.workers() != 1 {
		t.Errorf("%d workers of one", w.workers())
	}
}

// TestWidthBinds: workers with a core for each are bound to them before there are
// fewer of them.
func TestWidthBinds(t *testing.T) {
	w, now := newWidth(4, true), time.Unix(1000, 0)
	is := func(when string, workers int, bound bool) {
		t.Helper()
		if w.workers() != workers || w.bound() != bound {
			t.Fatalf("%s: %d workers, bound %v; want %d, %v", when, w.workers(), w.bound(), workers, bound)
		}
	}
	now = w.jobs(now, 100, patience)
	is("short waits", 4, false)
	now = w.jobs(now, 5, 2*time.Millisecond)
	is("disturbed a little", 4, true)
	now = w.jobs(now, 100, time.Millisecond)
	is("less disturbed", 4, true)
	now = w.jobs(now, 2, 6*time.Millisecond)
	is("disturbed all the same", 3, false)
	now = w.jobs(now, 60, 0)
	is("a trial with all four", 4, true)
	w.jobs(now, 250, 0)
	is("undisturbed", 4, false)
}
