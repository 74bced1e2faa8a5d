package app

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

const (
	caretWidth  = 2           // not the border's as Fyne's is, which the composer has none of
	caretBlink  = time.Second // one time on and off
	caretBlinks = 10          // after the last input; then the caret stays
)

// entry is Fyne's text field with a caret that blinks in steps and comes to
// rest. Fyne's own fades in and out, many frames a second, for as long as the
// field has the focus, which costs a window that nobody touches a tenth of a
// core where graphics are software.
type entry struct {
	widget.Entry
	caret caret
}

// CreateRenderer implements fyne.Widget.
func (e *entry) CreateRenderer() fyne.WidgetRenderer {
	r := e.Entry.CreateRenderer()
	e.caret.take(r)
	e.OnCursorChanged = e.caret.moved // called whenever the field is drawn anew, too
	return r
}

// caret is the bar that shows where writing goes on.
type caret struct {
	bar   *canvas.Rectangle   // Fyne's, which shows it while the field has the focus; nil if not found
	fade  fyne.WidgetRenderer // destroying it does nothing but end Fyne's animation
	color color.Color
	blink *fyne.Animation
}

// take finds the caret in the renderer of an entry: the one rectangle beside
// the texts in its scroller.
func (c *caret) take(entry fyne.WidgetRenderer) {
	c.bar = nil
	for _, o := range entry.Objects() {
		scroll, ok := o.(*container.Scroll)
		if !ok {
			continue
		}
		if content, ok := scroll.Content.(fyne.Widget); ok {
			c.fade = content.CreateRenderer()
			for _, o := range c.fade.Objects() {
				if bar, ok := o.(*canvas.Rectangle); ok {
					c.bar = bar
				}
			}
		}
	}
}

// moved shows the caret steadily for a moment and lets it blink for a while.
func (c *caret) moved() {
	if c.bar == nil {
		return
	}
	if c.blink != nil {
		c.blink.Stop()
	}
	if c.bar.Hidden { // the field has no focus
		return
	}
	c.fade.Destroy()
	size := c.bar.Size()
	c.bar.Move(c.bar.Position().AddXY((size.Width-caretWidth)/2, 0))
	c.bar.Resize(fyne.NewSize(caretWidth, size.Height))
	if c.bar.FillColor != color.Transparent {
		c.color = c.bar.FillColor
	}
	c.show(true)
	if fyne.CurrentApp().Settings().ShowAnimations() {
		c.blink = &fyne.Animation{Duration: caretBlinks * caretBlink, Curve: fyne.AnimationLinear, Tick: func(done float32) {
			c.show(int(done*caretBlinks*2)%2 == 0)
		}}
		c.blink.Start()
	}
}

// show draws the caret or takes it away, if it is not so already: a step of an
// animation that changes nothing must not lead to a painting.
func (c *caret) show(on bool) {
	fill := color.Color(color.Transparent)
	if on {
		fill = c.color
	}
	if c.bar.FillColor != fill {
		c.bar.FillColor = fill
		c.bar.Refresh()
	}
}
