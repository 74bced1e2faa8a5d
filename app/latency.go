package app

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// latencyVariable, set to anything, makes the window log at its end how soon
// it answered: figures about what a person feels can only be had from a real
// window on a real screen.
const latencyVariable = "LUMI_LATENCY"

// latencyTick is how often the window is asked: no multiple of the frames of
// any screen, so that all moments between two of them are met.
const latencyTick = 47 * time.Millisecond

// latency is how long calls waited for the window's goroutine, to which it
// belongs.
type latency struct {
	writing, resting []time.Duration // while an answer was written, and otherwise
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

// report logs what was measured.
func (l *latency) report(log func(format string, args ...any)) {
	log("a call waited for the window, while an answer was written: %s; otherwise: %s",
		quantiles(l.writing), quantiles(l.resting))
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
	return fmt.Sprintf("median %v, p95 %v, worst %v of %d", at(50), at(95), at(100), len(sorted))
}
