package app

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"lumi/app/settings"
)

// TestAllButtonsHaveNames: a screen reader can name whatever can be pressed.
func TestAllButtonsHaveNames(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
	s.talk()
	pressed := 0
	var look func(o fyne.CanvasObject)
	look = func(o fyne.CanvasObject) {
		if !o.Visible() {
			return
		}
		if named, ok := o.(fyne.Accessible); ok {
			if _, presses := o.(fyne.Tappable); presses {
				pressed++
				if named.AccessibilityLabel() == "" {
					t.Errorf("a %T at %v has no name", o, o.Position())
				}
			}
		}
		switch o := o.(type) {
		case *fyne.Container:
			for _, child := range o.Objects {
				look(child)
			}
		case fyne.Widget:
			for _, child := range test.WidgetRenderer(o).Objects() {
				look(child)
			}
		}
	}
	content := s.w.win.Canvas().Content()
	look(content)
	s.w.openSettings()
	look(content)
	s.w.openBenchmark()
	look(content)
	if pressed < 20 {
		t.Errorf("only %d things can be pressed", pressed)
	}
}
