package app

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// tips shows what a button does while the pointer rests on it. The layer lies
// above the window's content and takes no events, so nothing below it is
// covered for the mouse.
type tips struct {
	layer  *fyne.Container
	text   *paragraph
	box    *fyne.Container
	post   func(func())
	canvas func() fyne.Canvas
	shown  int // counts the buttons that were pointed at: what is late is stale
}

// tipDelay is how long the pointer must rest.
const tipDelay = 600 * time.Millisecond

// tipWidth is how wide a tip's lines are at most.
const tipWidth = 300

func newTips(post func(func()), canvas func() fyne.Canvas) *tips {
	t := &tips{post: post, canvas: canvas}
	t.text = newParagraph("", theme.ColorNameForeground, tipWidth)
	back := newGround(theme.ColorNameMenuBackground, 6)
	back.stroke = theme.ColorNameInputBorder
	t.box = container.NewStack(back, padded(t.text, 8, 4))
	t.box.Hide()
	t.layer = container.NewWithoutLayout(t.box)
	return t
}

// tipped is the layout of the window's content, by which its tips are found.
type tipped struct {
	stacking
	tips *tips
}

// stacking is a layout under a name that none of its methods has.
type stacking = fyne.Layout

// pointAt shows a tip for an object as soon as the pointer has rested on it, or
// no tip any more for "". In a window without tips it does nothing.
func pointAt(o fyne.CanvasObject, tip string) {
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c == nil {
		return
	}
	content, _ := c.Content().(*fyne.Container)
	if content == nil {
		return
	}
	if in, ok := content.Layout.(tipped); ok {
		in.tips.pointAt(o, tip)
	}
}

func (t *tips) pointAt(o fyne.CanvasObject, tip string) {
	t.shown++
	t.box.Hide()
	if tip == "" {
		return
	}
	turn := t.shown
	time.AfterFunc(tipDelay, func() {
		t.post(func() {
			if t.shown == turn {
				t.show(o, tip)
			}
		})
	})
}

// show places the tip below the object, or above it where there is no room.
func (t *tips) show(o fyne.CanvasObject, text string) {
	line := fyne.MeasureText(text, theme.CaptionTextSize(), fyne.TextStyle{})
	t.text.width = min(tipWidth, line.Width+1)
	t.text.set(text)
	size, room := t.box.MinSize(), t.canvas().Size()
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	y := at.Y + o.Size().Height + 4
	if y+size.Height > room.Height {
		y = at.Y - size.Height - 4
	}
	// The menu bar is part of the canvas but not of the layer.
	at = fyne.NewPos(min(at.X, room.Width-size.Width-6), y)
	at = at.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(t.layer))
	t.box.Resize(size)
	t.box.Move(fyne.NewPos(max(6, at.X), at.Y))
	t.box.Show()
	t.layer.Refresh() // what was never drawn cannot ask for it itself
}
