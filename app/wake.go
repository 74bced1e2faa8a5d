package app

import (
	"context"
	"time"
)

const (
	wakeTick  = 2 * time.Second
	longSleep = 20 * time.Second // well below the minute after which Fyne forgets
)

// waker notices that the program stood still: the computer slept, or the
// process was stopped. Fyne keeps what it knows of a window's objects for a
// minute of wall time after they were last painted; the first frame after a
// longer pause makes it forget all of them, and a change to one of them then
// no longer leads to a painting: the window would stay as it is for good.
type waker struct {
	last time.Time
	left int // ticks that still repaint
}

// tick reports whether the whole window has to be painted anew. It does so
// twice after a pause, since the first painting may be the one that forgets.
func (w *waker) tick(now time.Time) bool {
	now = now.Round(0) // the monotonic clock may stand still while the computer sleeps
	if gap := now.Sub(w.last); !w.last.IsZero() && (gap > longSleep || gap < 0) {
		w.left = 2
	}
	w.last = now
	if w.left == 0 {
		return false
	}
	w.left--
	return true
}

// repaint paints the whole window, also what Fyne has forgotten.
func (w *window) repaint() {
	content := w.win.Content()
	size := content.Size()
	content.Resize(size.SubtractWidthHeight(1, 1)) // texts made anew wrap their lines when their width changes
	content.Resize(size)
	content.Refresh()
	w.win.Canvas().Refresh(content)
}

// watchSleep calls repaint when the program goes on after a pause, until ctx
// ends.
func watchSleep(ctx context.Context, now func() time.Time, repaint func()) {
	ticker := time.NewTicker(wakeTick)
	defer ticker.Stop()
	var w waker
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if w.tick(now()) {
				repaint()
			}
		}
	}
}
