package app

import (
	"context"
	"time"
)

const (
	// frame is how often the window is told about new text: often enough to
	// look continuous, and independent of how fast tokens come.
	frame = time.Second / 30
	// slowFrame is how often it is where painting takes long.
	slowFrame = time.Second / 15
	// screenTick is how often the window looks whether it has to be painted.
	screenTick = time.Second / 60
)

// pump posts one portion per frame until ctx is done. While a portion still
// waits for the window, or is being painted, the next ones gather in the stream:
// a busy window gets fewer, larger portions, never a growing queue. Where
// painting takes long, as without a graphics card on a large screen, portions
// are further apart, so that the window and the engine get their share.
func pump(ctx context.Context, s *stream, post func(func()), show func(portion)) {
	timer := time.NewTimer(frame)
	defer timer.Stop()
	var painted paintTime
	free := make(chan struct{}, 1)
	// wait posts f and waits until the window has come to it.
	wait := func(f func()) bool {
		post(func() {
			defer func() { free <- struct{}{} }() // also when f panics
			f()
		})
		select {
		case <-ctx.Done():
			return false
		case <-free:
			return true
		}
	}
	for next := time.Now().Add(frame); ; {
		timer.Reset(time.Until(next))
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		due := next
		p, ok := s.take()
		if !ok {
			next = soon(due.Add(frame))
			continue
		}
		if !wait(func() { show(p) }) {
			return
		}
		timer.Reset(screenTick) // by then it is being painted
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		asked := time.Now()
		if !wait(func() {}) {
			return
		}
		painted.add(time.Since(asked))
		next = soon(due.Add(painted.interval()))
	}
}

// soon is the time itself unless that was more than a frame ago: a short delay
// is caught up with, a long one is not.
func soon(t time.Time) time.Time {
	if earliest := time.Now().Add(-frame); t.Before(earliest) {
		return earliest
	}
	return t
}

// paintTime is about how long a frame takes.
type paintTime struct {
	mean float64 // of the waits, in seconds
}

// add takes into account how long the window let wait what was asked a tick
// after an update. Painting began within that tick, half a tick ago on average.
func (t *paintTime) add(wait time.Duration) {
	const weight = 1. / 16
	t.mean += (wait.Seconds() - t.mean) * weight
}

// interval is the time from one update to the next: half as much again as a
// frame takes.
func (t *paintTime) interval() time.Duration {
	took := time.Duration(t.mean*float64(time.Second)) + screenTick/2
	return min(max(took*3/2, frame), slowFrame)
}
