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

// TestPanelsFit: in every language and size of text the panels beside the chat
// and the pages in its place are no wider than their place; what is wider would
// be cut off.
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
		for _, page := range []*page{s.w.preferences.page, s.w.benchmark.page} {
			widest(page.scroll.Content, centreLeast, func(o fyne.CanvasObject) {
				t.Errorf("%s: the page is %v wide, want at most %v: %T", tag, o.MinSize().Width, centreLeast, o)
			})
		}
		for _, size := range []float32{14, 18, 22, 28} {
			s.w.setTextSize(size)
			_, panel := sideWidths(2000)
			widest(s.w.panelScroll.Content, panel, func(o fyne.CanvasObject) {
				t.Errorf("%s, text of %v: the panel is %v wide, want at most %v: %T", tag, size, o.MinSize().Width, panel, o)
			})
		}
	}
}

// TestLowWindow: a screen of 1280 by 800 pixels at twice the scale holds the
// window, with whatever the centre shows.
func TestLowWindow(t *testing.T) {
	const most = 340 // beside the menu and the title of the window
	s := newStage(t, settings.ThemeLight, fyne.NewSize(640, most))
	check := func(what string) {
		if got := s.w.root.MinSize().Height; got > most {
			t.Errorf("%s: the window is at least %v high, want at most %v", what, got, most)
		}
	}
	check("first start")
	s.Rescan()
	s.until("scanned", func() bool { return !s.scanning })
	check("choosing a model")
	s.talk()
	check("a chat")
	s.w.openSettings()
	check("the settings")
}

// TestSidesOfLargeText: beside large text there is room for fewer sides, and the
// one that was opened last stays.
func TestSidesOfLargeText(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
	for size, want := range map[float32]bool{14: true, 16: true, 22: false} {
		s.w.setTextSize(size)
		for _, last := range []bool{false, true} {
			l := &windowLayout{sidebar: true, panel: true, panelLast: last}
			if sidebar, panel := l.shown(1280); sidebar != (want || !last) || panel != (want || last) {
				t.Errorf("text of %v, the panel is last: %v: the sides are %v and %v", size, last, sidebar, panel)
			}
		}
	}
}
