package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// barChart draws values as bars from zero, the latest on the right, with its
// number above each bar that has room for it.
type barChart struct {
	widget.BaseWidget
	values []float64
}

// chartBars is how many bars there is room for.
const chartBars = 24

func newBarChart() *barChart {
	c := &barChart{}
	c.ExtendBaseWidget(c)
	return c
}

// show draws the last of the values.
func (c *barChart) show(values []float64) {
	c.values = values[max(0, len(values)-chartBars):]
	c.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (c *barChart) CreateRenderer() fyne.WidgetRenderer {
	r := &chartRenderer{chart: c, base: canvas.NewRectangle(nil)}
	r.objects = append(r.objects, r.base)
	for range chartBars {
		bar, label := canvas.NewRectangle(nil), canvas.NewText("", nil)
		label.Alignment = fyne.TextAlignCenter
		r.bars, r.labels = append(r.bars, bar), append(r.labels, label)
		r.objects = append(r.objects, bar, label)
	}
	r.Refresh()
	return r
}

type chartRenderer struct {
	chart   *barChart
	base    *canvas.Rectangle // the line at zero
	bars    []*canvas.Rectangle
	labels  []*canvas.Text
	objects []fyne.CanvasObject
}

// Refresh implements fyne.WidgetRenderer.
func (r *chartRenderer) Refresh() {
	r.Layout(r.chart.Size())
	for _, o := range r.objects {
		o.Refresh()
	}
}

// Layout implements fyne.WidgetRenderer.
func (r *chartRenderer) Layout(size fyne.Size) {
	values := r.chart.values
	var most float64
	for _, v := range values {
		most = max(most, v)
	}
	textSize := r.chart.Theme().Size(theme.SizeNameCaptionText)
	high := fyne.MeasureText("0", textSize, fyne.TextStyle{}).Height
	slot := min(size.Width/max(1, float32(len(values))), chartSlot)
	room := size.Height - high - 3
	r.base.FillColor = themeColor(colorTrack)
	r.base.Move(fyne.NewPos(0, size.Height-1))
	r.base.Resize(fyne.NewSize(size.Width, 1))
	shownTo := float32(-1)
	for i := range r.bars {
		bar, label := r.bars[i], r.labels[i]
		if i >= len(values) || most <= 0 {
			bar.Hide()
			label.Hide()
			continue
		}
		h := max(1, room*float32(values[i]/most))
		x := float32(i) * slot
		bar.FillColor = themeColor(theme.ColorNamePrimary)
		bar.CornerRadius = 2
		bar.Move(fyne.NewPos(x, size.Height-h-1))
		bar.Resize(fyne.NewSize(max(2, slot*0.7), h))
		bar.Show()
		label.Text, label.TextSize, label.Color = speed(values[i]), textSize, themeColor(theme.ColorNameForeground)
		width := fyne.MeasureText(label.Text, textSize, fyne.TextStyle{}).Width
		left := x + slot*0.35 - width/2
		label.Move(fyne.NewPos(max(0, left), size.Height-h-high-2))
		label.Resize(fyne.NewSize(width, high))
		if max(0, left) < shownTo+4 {
			label.Hide()
			continue
		}
		shownTo = max(0, left) + width
		label.Show()
	}
}

// chartSlot is the most room that a bar takes, with the gap beside it.
const chartSlot = 56

func (r *chartRenderer) MinSize() fyne.Size           { return fyne.NewSize(120, 110) }
func (r *chartRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *chartRenderer) Destroy()                     {}
