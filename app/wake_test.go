package app

import (
	"testing"
	"time"
)

// TestWakeRepaints checks that a pause leads to two paintings, and that the
// usual ticks and a slow one lead to none.
func TestWakeRepaints(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	var w waker
	for _, step := range []struct {
		after time.Duration
		want  bool
	}{
		{0, false},
		{wakeTick, false},
		{4 * wakeTick, false}, // a busy machine
		{90 * time.Second, true},
		{wakeTick, true},
		{wakeTick, false},
		{-time.Hour, true}, // the clock was put back
		{wakeTick, true},
		{wakeTick, false},
	} {
		now = now.Add(step.after)
		if got := w.tick(now); got != step.want {
			t.Errorf("tick %v later: repaint %v, want %v", step.after, got, step.want)
		}
	}
}
