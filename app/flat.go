package app

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// flat is the ground of a whole panel: one colour with square corners. It is
// painted as a line as wide as the panel, since Fyne's rectangle works out a
// border and a shadow for every pixel, there or not. Where the processor paints,
// and the window is painted thirty times a second while an answer is written,
// a line takes a third of the time.
type flat struct {
	widget.BaseWidget
	fill fyne.ThemeColorName
}

func newFlat(fill fyne.ThemeColorName) *flat {
	f := &flat{fill: fill}
	f.ExtendBaseWidget(f)
	return f
}

// CreateRenderer implements fyne.Widget.
func (f *flat) CreateRenderer() fyne.WidgetRenderer {
	return &flatRenderer{flat: f, line: canvas.NewLine(themeColor(f.fill))}
}

type flatRenderer struct {
	flat *flat
	line *canvas.Line
}

func (r *flatRenderer) Refresh() {
	r.line.StrokeColor = themeColor(r.flat.fill)
	r.line.Refresh()
}

// Layout puts the line upright into the middle, which has to be on a whole unit
// for sharp edges: a panel of odd width is a unit wider than it says.
func (r *flatRenderer) Layout(size fyne.Size) {
	half := float32(math.Ceil(float64(size.Width / 2)))
	r.line.StrokeWidth = 2 * half
	r.line.Position1, r.line.Position2 = fyne.NewPos(half, 0), fyne.NewPos(half, size.Height)
	r.line.Refresh()
}

func (r *flatRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *flatRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.line} }
func (r *flatRenderer) Destroy()                     {}
