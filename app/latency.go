package app

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// latencyVariable, set to anything, makes the window log at its end how soon
// it answered and how often it showed something new: figures about what a
// person feels can only be had from a real window on a real screen.
const latencyVariable = "LUMI_LATENCY"

// latencyTick is how often the window is asked: no multiple of the frames of
// any screen, so that all moments between two of them are met.
const latencyTick = 47 * time.Millisecond

// born is when the program began, but for Go's own start.
var born = time.Now()

// latency is what the window measures of itself. It belongs to the window's
// goroutine.
type latency struct {
	writing, resting []time.Duration // how long calls waited while an answer was written, and otherwise
	updates          pace            // of the text of an answer that is written
	frames           pace            // while an answer was written
	scrolled         pace            // frames in which the messages had moved
	opened, filled   time.Duration   // from the start to a first frame, and to one with messages
}

// watch asks the window through post until ctx ends.
func (l *latency) watch(ctx context.Context, post func(func()), busy func() bool) {
	tick := time.NewTicker(latencyTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asked := time.Now()
		post(func() {
			if waited := time.Since(asked); busy() {
				l.writing = append(l.writing, waited)
			} else {
				l.resting = append(l.resting, waited)
			}
		})
	}
}

// updated takes into account a portion of an answer that was shown just now.
func (l *latency) updated(began time.Time) {
	l.updates.came(began)
	l.updates.took = append(l.updates.took, time.Since(began))
}

// report logs what was measured.
func (l *latency) report(log func(format string, args ...any)) {
	log("a call waited for the window, while an answer was written: %s; otherwise: %s",
		quantiles(l.writing), quantiles(l.resting))
	log("first frame after %v, with messages after %v", l.opened.Round(time.Millisecond), l.filled.Round(time.Millisecond))
	log("updates of an answer's text: %s", &l.updates)
	log("frames while an answer was written: %s", &l.frames)
	log("frames while the messages were scrolled: %s", &l.scrolled)
}

// pace is how often something happened, and how long it took.
type pace struct {
	took []time.Duration
	gaps []time.Duration // from the beginning of one to that of the next
	last time.Time       // one began
}

// pause is the gap after which something begins anew: it is not held against
// its pace.
const pause = 500 * time.Millisecond

// came takes into account one that begins.
func (p *pace) came(at time.Time) {
	if gap := at.Sub(p.last); gap < pause {
		p.gaps = append(p.gaps, gap)
	}
	p.last = at
}

// String describes the pace.
func (p *pace) String() string {
	var sum time.Duration
	for _, gap := range p.gaps {
		sum += gap
	}
	if sum == 0 {
		return "none"
	}
	return fmt.Sprintf("%.1f a second; the gap between two: %s; each took: %s",
		float64(len(p.gaps))/sum.Seconds(), quantiles(p.gaps), quantiles(p.took))
}

// quantiles describes what was measured.
func quantiles(waited []time.Duration) string {
	if len(waited) == 0 {
		return "unknown"
	}
	sorted := slices.Sorted(slices.Values(waited))
	at := func(percent int) time.Duration {
		return sorted[(len(sorted)-1)*percent/100].Round(100 * time.Microsecond)
	}
	// An update may be quicker than what is worth telling of a wait.
	middle := sorted[(len(sorted)-1)/2].Round(10 * time.Microsecond)
	return fmt.Sprintf("median %v, p95 %v, worst %v of %d", middle, at(95), at(100), len(sorted))
}
