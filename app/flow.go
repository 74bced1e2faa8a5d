package app

import "fyne.io/fyne/v2"

// flow puts objects side by side, in as many rows as they need.
type flow struct{ gap float32 }

// Layout implements fyne.Layout.
func (f flow) Layout(objects []fyne.CanvasObject, size fyne.Size) { f.place(objects, size.Width, true) }

// MinSize implements fyne.Layout. The height is that of one row: how many there
// are depends on the width, see place.
func (f flow) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}

// place returns the height of all rows in the given width, and moves the objects
// there if asked to.
func (f flow) place(objects []fyne.CanvasObject, width float32, move bool) float32 {
	var x, y, row float32
	for _, o := range objects {
		size := o.MinSize()
		size.Width = min(size.Width, max(width, 1))
		if x > 0 && x+size.Width > width {
			x, y, row = 0, y+row+f.gap, 0
		}
		if move {
			o.Move(fyne.NewPos(x, y))
			o.Resize(size)
		}
		x, row = x+size.Width+f.gap, max(row, size.Height)
	}
	return y + row
}
