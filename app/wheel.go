package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"lumi/app/transcript"
)

// panelHooks connect a part of the panel with the panel.
type panelHooks struct {
	keys    keyFunc
	resized func()                  // the part has another height
	wheel   func(*fyne.ScrollEvent) // scrolls the panel
}

// wheel lies on a field and passes the mouse wheel on to the panel, which a
// field of Fyne's would swallow. All else goes through it.
type wheel struct {
	widget.BaseWidget
	pass func(*fyne.ScrollEvent)
}

// underWheel is the object with a wheel on it.
func underWheel(o fyne.CanvasObject, pass func(*fyne.ScrollEvent)) fyne.CanvasObject {
	w := &wheel{pass: pass}
	w.ExtendBaseWidget(w)
	return container.NewStack(o, w)
}

// Scrolled implements fyne.Scrollable.
func (w *wheel) Scrolled(e *fyne.ScrollEvent) { w.pass(e) }

// CreateRenderer implements fyne.Widget.
func (w *wheel) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}

// scroller is a vertical scroller in which a notch of the wheel moves as far as
// it moves the messages.
type scroller struct{ container.Scroll }

func newScroller(content fyne.CanvasObject) *scroller {
	s := &scroller{}
	s.Content, s.Direction = content, container.ScrollVerticalOnly
	s.ExtendBaseWidget(s)
	return s
}

// Scrolled implements fyne.Scrollable.
func (s *scroller) Scrolled(e *fyne.ScrollEvent) {
	further := *e
	further.Scrolled.DY = transcript.WheelStep(e.Scrolled.DY)
	s.Scroll.Scrolled(&further)
}

// contentResized gives the content its new height. To refresh the scroller
// would draw all that is in it anew, which is slow; another size has it look at
// the height alone.
func (s *scroller) contentResized() {
	size := s.Size()
	s.Resize(size.AddWidthHeight(0, 1))
	s.Resize(size)
}
