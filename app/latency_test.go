package app

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"lumi/app/settings"
	"lumi/app/transcript"
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
	began := time.Now()
	for _, after := range []time.Duration{0, 30 * ms, 70 * ms, 100 * ms, 2000 * ms, 2050 * ms} { // with a pause
		l.frames.came(began.Add(after))
	}
	l.frames.took = []time.Duration{5 * ms, 1234567}
	var got strings.Builder
	l.report(func(format string, args ...any) { fmt.Fprintf(&got, format+"\n", args...) })
	for _, want := range []string{
		"written: median 2ms, p95 3ms, worst 40ms of 4; otherwise: unknown",
		"frames while an answer was written: 26.7 a second; the gap between two: median 30ms, p95 40ms, worst 50ms of 4; " +
			"each took: median 1.23ms, p95 1.2ms, worst 5ms of 2",
		"frames while the messages were scrolled: none",
	} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("reported %q, want %q in it", got.String(), want)
		}
	}
}

// TestWatchFrames looks at the frames of a window that shows a chat, writes an
// answer and is scrolled.
func TestWatchFrames(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1180, 760))
	var l latency
	s.Updated = l.updated
	l.watchFrames(s.w)
	probe := s.w.win.Content().(*fyne.Container).Objects[0].(*fyne.Container).Objects[0]
	paint := func() {
		probe.MinSize()
		s.drain()
	}
	paint()
	if l.opened == 0 || l.filled != 0 {
		t.Errorf("opened after %v, with messages after %v", l.opened, l.filled)
	}
	s.talk()
	s.w.chat.transcript.Append(transcript.Message{ID: 900, Role: transcript.Assistant, Markdown: strings.Repeat("A long answer.\n\n", 200)})
	paint()
	if l.filled == 0 {
		t.Error("no frame had messages")
	}
	if len(l.scrolled.took) != 0 {
		t.Error("a new message counts as scrolling")
	}
	for range 3 {
		s.w.chat.transcript.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 25)})
		paint()
	}
	paint() // of something else
	if len(l.scrolled.took) != 3 {
		t.Errorf("%d frames of scrolling, want 3", len(l.scrolled.took))
	}
	if len(l.frames.took) != 0 {
		t.Error("frames count as those of an answer")
	}
	e := s.model.engine.(*fakeEngine)
	reached, release := blockAt(e, 3)
	s.Send("More?")
	<-reached
	s.until("an update", func() bool { return len(l.updates.took) > 0 })
	paint()
	if len(l.frames.took) == 0 {
		t.Error("no frame while an answer was written")
	}
	close(release)
	s.until("the end", func() bool { return !s.Busy() })
}
