package transcript

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
)

// copiedTime is how long a button says that it has copied.
const copiedTime = 1500 * time.Millisecond

// button is a small button that the transcript paints and hit-tests for
// itself. A widget of its own would take the hover and, on release, the
// keyboard focus away from the selection.
type button struct {
	label string // tooltip of a button without text
	icon  fyne.Resource
	run   func()
	copy  func() string // instead of run: copies, and says so for a while
	dim   func() bool   // hidden while this is true

	pos     fyne.Position // relative to the block, or the widget
	size    fyne.Size
	back    *canvas.Rectangle
	image   *canvas.Image
	text    *canvas.Text
	hot     bool
	copied  bool
	palette *palette
}

// place makes the objects of the button in the box given.
func (b *button) place(p *palette, textSize, x, y, w, h float32) []fyne.CanvasObject {
	b.pos, b.size, b.palette = fyne.NewPos(x, y), fyne.NewSize(w, h), p
	b.back = box(color.Transparent, x, y, w, h, 6)
	out := []fyne.CanvasObject{b.back}
	if b.text = nil; b.icon == nil {
		b.text = canvas.NewText(b.label, p.muted)
		b.text.TextSize = textSize
		b.text.Alignment = fyne.TextAlignCenter
		size := b.text.MinSize()
		b.text.Move(fyne.NewPos(x, round(y+(h-size.Height)/2)))
		b.text.Resize(fyne.NewSize(w, size.Height))
		out = append(out, b.text)
	} else {
		side := round(textSize * 1.25)
		b.image = canvas.NewImageFromResource(b.icon)
		b.image.FillMode = canvas.ImageFillContain
		b.image.Move(fyne.NewPos(round(x+(w-side)/2), round(y+(h-side)/2)))
		b.image.Resize(fyne.NewSquareSize(side))
		out = append(out, b.image)
	}
	b.paint()
	return out
}

// hidden reports whether the button does not show.
func (b *button) hidden() bool { return b.dim != nil && b.dim() && !b.copied }

// paint brings the objects up to date.
func (b *button) paint() {
	hidden := b.hidden()
	b.back.FillColor = color.Transparent
	if b.hot {
		b.back.FillColor = b.palette.over
	}
	b.back.Hidden = hidden
	if b.text != nil {
		b.text.Text, b.text.Color, b.text.Hidden = b.label, b.palette.muted, hidden
		if b.hot {
			b.text.Color = b.palette.text
		}
		if b.copied {
			b.text.Text = lang.L("Copied")
		}
		canvas.Refresh(b.text)
	}
	if b.image != nil {
		icon := b.icon
		if b.copied {
			icon = theme.ConfirmIcon()
		}
		name := theme.ColorNamePlaceHolder
		if b.hot {
			name = theme.ColorNameForeground
		}
		b.image.Resource, b.image.Hidden = theme.NewColoredResource(icon, name), hidden
		b.image.Refresh()
	}
	canvas.Refresh(b.back)
}

// press does what the button is for.
func (b *button) press() {
	if b.copy == nil {
		if b.run != nil {
			b.run()
		}
		return
	}
	fyne.CurrentApp().Clipboard().SetContent(b.copy())
	b.copied = true
	b.paint()
	// An animation and not a timer: it runs in Fyne's goroutine and ends with
	// the window.
	fyne.NewAnimation(copiedTime, func(done float32) {
		if done == 1 {
			b.copied = false
			b.paint()
		}
	}).Start()
}

func (b *button) contains(x, y float32) bool {
	return x >= b.pos.X && y >= b.pos.Y && x < b.pos.X+b.size.Width && y < b.pos.Y+b.size.Height
}

// box makes a filled rectangle.
func box(c color.Color, x, y, w, h, r float32) *canvas.Rectangle {
	o := canvas.NewRectangle(c)
	o.CornerRadius = r
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
	return o
}

// corners rounds the top or bottom pair of corners only.
func corners(o *canvas.Rectangle, top, bottom float32) *canvas.Rectangle {
	o.TopLeftCornerRadius, o.TopRightCornerRadius = top, top
	o.BottomLeftCornerRadius, o.BottomRightCornerRadius = bottom, bottom
	return o
}
