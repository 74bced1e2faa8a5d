package app

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lumi/llm"
)

// TestPump shows an answer in windows whose frames take differently long.
func TestPump(t *testing.T) {
	for _, c := range []struct {
		paint       time.Duration
		least, most int // updates in ten seconds
	}{
		{0, 295, 300},
		{8 * time.Millisecond, 295, 300},
		{18 * time.Millisecond, 295, 300},
		{30 * time.Millisecond, 200, 250},
		{40 * time.Millisecond, 145, 180},
		{60 * time.Millisecond, 110, 150},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			s := &stream{now: time.Now}
			var others sync.WaitGroup
			others.Go(func() { // the engine
				for ctx.Err() == nil {
					s.emit(llm.Event{Text: "x", Answer: "x"})
					time.Sleep(5 * time.Millisecond)
				}
			})
			posts := make(chan func(), 100)
			updates, dirty := 0, false
			others.Go(func() { // the window
				tick := time.NewTicker(screenTick)
				defer tick.Stop()
				for {
					select {
					case <-ctx.Done():
						return
					case f := <-posts:
						f()
					case <-tick.C:
						if dirty {
							dirty = false
							time.Sleep(c.paint)
						}
					}
				}
			})
			pump(ctx, s, func(f func()) { posts <- f }, func(p portion) {
				updates++
				dirty = true
			})
			others.Wait()
			if updates < c.least || updates > c.most {
				t.Errorf("frames of %v: %d updates in ten seconds, want %d to %d", c.paint, updates, c.least, c.most)
			}
		})
	}
}
