package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"lumi/app/settings"
)

// padded puts space around an object: h left and right, v above and below.
func padded(o fyne.CanvasObject, h, v float32) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(v, v, h, h), o)
}

// relayout places a container's objects anew after one of them has appeared,
// gone or changed its size. Unlike Refresh it paints nothing that stays.
func relayout(c *fyne.Container) {
	if c != nil && c.Layout != nil && !c.Size().IsZero() {
		c.Layout.Layout(c.Objects, c.Size())
	}
}

// relayoutAll is relayout for a container and all containers in it.
func relayoutAll(c *fyne.Container) {
	relayout(c)
	for _, o := range c.Objects {
		if inner, ok := o.(*fyne.Container); ok && inner.Visible() {
			relayoutAll(inner)
		}
	}
}

// fixedWidth gives its objects a width; their height is their own.
type fixedWidth float32

// Layout implements fyne.Layout.
func (w fixedWidth) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize implements fyne.Layout.
func (w fixedWidth) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(float32(w), 0)
	for _, o := range objects {
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}

// middle places its objects in the middle of the height, at full width.
type middle struct{}

// Layout implements fyne.Layout.
func (middle) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, (size.Height-h)/2))
		o.Resize(fyne.NewSize(size.Width, h))
	}
}

// MinSize implements fyne.Layout.
func (middle) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return (&stackedRow{}).MinSize(objects)
}

// fixedHeight gives its objects a height; their width is their own.
type fixedHeight float32

// Layout implements fyne.Layout.
func (h fixedHeight) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize implements fyne.Layout.
func (h fixedHeight) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, float32(h))
	for _, o := range objects {
		size.Width = max(size.Width, o.MinSize().Width)
	}
	return size
}

// stackedRow puts objects below each other at full width, gap apart.
type stackedRow struct{ gap float32 }

// Layout implements fyne.Layout.
func (s *stackedRow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var y float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h + s.gap
	}
}

// MinSize implements fyne.Layout.
func (s *stackedRow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, -s.gap)
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			size.Width = max(size.Width, m.Width)
			size.Height += m.Height + s.gap
		}
	}
	return fyne.NewSize(size.Width, max(0, size.Height))
}

// between puts the second of three objects between the two others, without a
// gap: text that scrolls is cut at the line above it.
type between struct{}

// Layout implements fyne.Layout.
func (between) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	top, bottom := objects[0].MinSize().Height, objects[2].MinSize().Height
	if !objects[2].Visible() {
		bottom = 0
	}
	heights := []float32{top, max(0, size.Height-top-bottom), bottom}
	var y float32
	for i, o := range objects {
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, heights[i]))
		y += heights[i]
	}
}

// MinSize implements fyne.Layout.
func (between) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return (&stackedRow{}).MinSize(objects)
}

// column centres its objects in a column that is at most as wide as lines of
// text are comfortable to read.
type column struct{ most, margin float32 }

// Layout implements fyne.Layout.
func (c column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width := max(0, min(c.most, size.Width-2*c.margin))
	for _, o := range objects {
		o.Move(fyne.NewPos((size.Width-width)/2, 0))
		o.Resize(fyne.NewSize(width, size.Height))
	}
}

// MinSize implements fyne.Layout.
func (c column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size.AddWidthHeight(2*c.margin, 0)
}

// The widths of the window's parts, for text of the usual size.
const (
	sidebarWidth = 250
	panelWidth   = 292
	centreLeast  = 380 // the centre is never narrower
)

// textGrowth is how many times the usual size the text has, at least once.
func textGrowth() float32 { return max(1, theme.TextSize()/settings.Default().TextSize) }

// sideWidths are those of the sidebar and the panel in a window of that width:
// they grow with the text, as far as the centre lets them.
func sideWidths(window float32) (sidebar, panel float32) {
	grown, most := textGrowth(), window-centreLeast
	return min(sidebarWidth*grown, max(sidebarWidth, most)), min(panelWidth*grown, max(panelWidth, most))
}

// windowLayout places sidebar, centre and panel beside each other. In a narrow
// window only one of the sides has room: the one that was opened last.
type windowLayout struct {
	sidebar, panel bool // wanted
	panelLast      bool // the panel was opened after the sidebar
}

// shown says which sides have room in the width.
func (w *windowLayout) shown(width float32) (sidebar, panel bool) {
	sidebar, panel = w.sidebar, w.panel
	left, right := sideWidths(width)
	if sidebar && panel && width < left+right+centreLeast*textGrowth() {
		sidebar, panel = !w.panelLast, w.panelLast
	}
	return sidebar, panel
}

// Layout implements fyne.Layout for exactly sidebar, centre and panel.
func (w *windowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	left, centre, right := objects[0], objects[1], objects[2]
	sidebar, panel := w.shown(size.Width)
	x, width := float32(0), size.Width
	leftWidth, rightWidth := sideWidths(size.Width)
	place := func(o fyne.CanvasObject, at, w float32, show bool) {
		if !show {
			o.Hide()
			return
		}
		o.Show()
		o.Move(fyne.NewPos(at, 0))
		o.Resize(fyne.NewSize(w, size.Height))
	}
	if sidebar {
		x, width = leftWidth, width-leftWidth
	}
	if panel {
		width -= rightWidth
	}
	place(left, 0, leftWidth, sidebar)
	place(centre, x, width, true)
	place(right, x+width, rightWidth, panel)
}

// MinSize implements fyne.Layout.
func (w *windowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := objects[1].MinSize()
	for _, o := range objects {
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return fyne.NewSize(max(size.Width, centreLeast), size.Height)
}

// titleLayout places the title row: a button, the model, its device; on the
// right the context, its meter and a button. What has no room is left out, the
// device first, and the model's name is shortened.
type titleLayout struct{}

// Layout implements fyne.Layout.
func (*titleLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	left, model, device := objects[0], objects[1], objects[2]
	context, meter, right := objects[3], objects[4], objects[5]
	const margin, gap, button = 8, 8, 36
	put := func(o fyne.CanvasObject, x, width, height float32) {
		o.Move(fyne.NewPos(x, (size.Height-height)/2))
		o.Resize(fyne.NewSize(width, height))
	}
	put(left, margin, button, button)
	end := size.Width - margin - button
	put(right, end, button, button)
	if w := meter.MinSize().Width; meter.Visible() {
		end -= gap + w
		put(meter, end, w, meter.MinSize().Height)
	}
	x := float32(margin + button + 2)
	name := model.MinSize()
	text := context.MinSize()
	// A hidden object keeps its place, so what has no room is given none.
	if text.Width > 0 && end-gap-text.Width-x >= min(name.Width, 160) {
		end -= gap + text.Width
		put(context, end, text.Width, text.Height)
	} else {
		context.Move(fyne.NewPos(-text.Width-1000, 0))
	}
	width := min(name.Width, end-gap-x)
	put(model, x, width, name.Height)
	x += width + gap
	if info := device.MinSize(); end-gap-x >= info.Width {
		put(device, x, info.Width, info.Height)
	} else {
		device.Move(fyne.NewPos(-info.Width-1000, 0))
	}
}

// MinSize implements fyne.Layout.
func (*titleLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(240, objects[1].MinSize().Height+8)
}

// nameLayout places a name, a detail and an arrow beside each other. Where there
// is little room the detail is left out before the name is cut short.
type nameLayout struct{}

// nameLeast is how much of a name there should be.
const nameLeast = 150

// Layout implements fyne.Layout.
func (*nameLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	name, detail, arrow := objects[0], objects[1], objects[2]
	const gap, icon = 7, 18
	put := func(o fyne.CanvasObject, x, width, height float32) {
		o.Move(fyne.NewPos(x, (size.Height-height)/2))
		o.Resize(fyne.NewSize(width, height))
	}
	n, d := name.MinSize(), detail.MinSize()
	room := size.Width - icon - gap
	both := d.Width > 0 && room-d.Width-gap >= min(n.Width, nameLeast)
	if both {
		room -= d.Width + gap
	}
	width := max(0, min(n.Width, room))
	put(name, 0, width, n.Height)
	x := width + gap
	detail.Move(fyne.NewPos(-d.Width-1000, 0)) // a hidden object keeps its place
	if both {
		put(detail, x, d.Width, d.Height)
		x += d.Width + gap
	}
	put(arrow, x, icon, icon)
}

// MinSize implements fyne.Layout.
func (*nameLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	n, d := objects[0].MinSize(), objects[1].MinSize()
	width := n.Width + 7 + 18
	if d.Width > 0 {
		width += d.Width + 7
	}
	return fyne.NewSize(width, max(n.Height, 18))
}
