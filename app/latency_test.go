package app

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestLatency asks a window that is writing at first and then rests.
func TestLatency(t *testing.T) {
	var l latency
	calls := make(chan func())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	busy := true
	go func() {
		defer close(ended)
		l.watch(ctx, func(f func()) {
			select {
			case calls <- f:
			case <-ctx.Done():
			}
		}, func() bool { return busy })
	}()
	(<-calls)()
	busy = false
	(<-calls)()
	(<-calls)()
	cancel()
	<-ended
	if len(l.writing) != 1 || len(l.resting) != 2 {
		t.Errorf("%d calls while writing and %d at rest, want 1 and 2", len(l.writing), len(l.resting))
	}
	ms := time.Millisecond
	l.writing, l.resting = []time.Duration{40 * ms, 2 * ms, 3 * ms, 1 * ms}, nil
	l.report(func(format string, args ...any) {
		if got := fmt.Sprintf(format, args...); !strings.Contains(got, "written: median 2ms, p95 3ms, worst 40ms of 4; otherwise: unknown") {
			t.Errorf("reported %q", got)
		}
	})
}
