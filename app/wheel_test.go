package app

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
)

func TestNotchIsThreeLines(t *testing.T) {
	themedApp(t)
	content := canvas.NewRectangle(nil)
	content.SetMinSize(fyne.NewSize(10, 2000))
	s := newScroller(content)
	test.NewTempWindow(t, s).Resize(fyne.NewSize(200, 300))
	for _, c := range []struct{ turned, want float32 }{{-25, 65}, {-12, 77}, {25, 12}} {
		s.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, c.turned)})
		if s.Offset.Y != c.want {
			t.Errorf("turned by %v, it shows %v, want %v", c.turned, s.Offset.Y, c.want)
		}
	}
}
