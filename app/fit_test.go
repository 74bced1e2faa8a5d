package app

import (
	"testing"

	"fyne.io/fyne/v2"

	"lumi/app/settings"
	"lumi/assets"
)

// widest walks down to the objects that make a too wide one so wide.
func widest(o fyne.CanvasObject, most float32, tell func(fyne.CanvasObject)) {
	if o.MinSize().Width <= most {
		return
	}
	if c, ok := o.(*fyne.Container); ok {
		for _, child := range c.Objects {
			if child.Visible() && child.MinSize().Width > most {
				widest(child, most, tell)
				return
			}
		}
	}
	tell(o)
}

// TestPanelsFit: in every language the panels beside the chat are no wider than
// their place; what is wider would be cut off.
func TestPanelsFit(t *testing.T) {
	tags, err := languages()
	if err != nil {
		t.Fatal(err)
	}
	// English last: the other tests expect it.
	for _, tag := range append(tags, "en") {
		if err := speak(assets.Translations, "translations", tag); err != nil {
			t.Fatal(err)
		}
		s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
		s.talk()
		widest(s.w.panelScroll.Content, panelWidth, func(o fyne.CanvasObject) {
			t.Errorf("%s: the panel is %v wide, want at most %v: %T", tag, o.MinSize().Width, panelWidth, o)
		})
	}
}
