package app

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// frameProbe notices the frames of a window: Fyne asks each object that can be
// seen for its least size when it begins to paint one. It paints nothing.
type frameProbe struct {
	canvas.Rectangle
	began func()
}

// unasked is a layout that has its objects' least size asked by nobody else.
type unasked struct{}

// Layout implements fyne.Layout.
func (unasked) Layout([]fyne.CanvasObject, fyne.Size) {}

// MinSize implements fyne.Layout.
func (unasked) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// MinSize implements fyne.CanvasObject.
func (f *frameProbe) MinSize() fyne.Size {
	f.began()
	return fyne.Size{}
}

// watchFrames puts a probe at the beginning of the window's content, so that
// all of a frame comes after it.
func (l *latency) watchFrames(w *window) {
	var frame int
	var above float32
	began := func() {
		now := time.Now()
		frame++
		this, writing, moved := frame, w.c.Busy(), false
		if at := w.chat.transcript.Above(); at != above {
			above, moved = at, !w.chat.transcript.AtBottom()
		}
		if writing {
			l.frames.came(now)
		}
		if moved {
			l.scrolled.came(now)
		}
		w.c.Post(func() { // which runs once the frame is on the screen
			if frame != this {
				return // the next one came first, so it is not known when
			}
			took := time.Since(now)
			if l.opened == 0 {
				l.opened = time.Since(born)
			}
			if l.filled == 0 && above != 0 {
				l.filled = time.Since(born)
			}
			if writing {
				l.frames.took = append(l.frames.took, took)
			}
			if moved {
				l.scrolled.took = append(l.scrolled.took, took)
			}
		})
	}
	content := w.win.Content().(*fyne.Container)
	content.Objects = append([]fyne.CanvasObject{container.New(unasked{}, &frameProbe{began: began})}, content.Objects...)
}
