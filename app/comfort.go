package app

import (
	"slices"

	"fyne.io/fyne/v2"

	"lumi/app/settings"
)

// comfort is what a person has chosen about the window beside its look.
type comfort struct {
	scale    float32
	language string
	notify   bool
	recent   []string // what was chosen in the palette, the latest first
}

func comfortOf(p settings.Settings) comfort {
	return comfort{scale: p.Scale, language: p.Language, notify: p.Notify, recent: slices.Clone(p.Recent)}
}

// used puts what was chosen in the palette before everything else.
func (c *comfort) used(key string) {
	c.recent = slices.DeleteFunc(c.recent, func(k string) bool { return k == key })
	c.recent = slices.Insert(c.recent, 0, key)
	c.recent = c.recent[:min(len(c.recent), settings.MaxRecent)]
}

// rescale makes everything in the window larger or smaller; the window keeps
// its place on the screen.
func (w *window) rescale(scale float32) {
	scale = min(settings.MaxScale, max(settings.MinScale, scale))
	before, size := w.comfort.scale, w.win.Canvas().Size()
	if scale == before {
		return
	}
	w.comfort.scale = scale
	setScale(scale)
	w.applyLook()
	share := before / scale
	w.win.Resize(fyne.NewSize(size.Width*share, size.Height*share))
	w.deps.Changed(w)
}
