package app

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// animated is an app that knows which animations run.
type animated struct {
	fyne.App
	driver *animations
}

func (a animated) Driver() fyne.Driver { return a.driver }

type animations struct {
	fyne.Driver
	running map[*fyne.Animation]bool
}

func (a *animations) StartAnimation(x *fyne.Animation) { a.running[x] = true }
func (a *animations) StopAnimation(x *fyne.Animation)  { delete(a.running, x) }

func TestCaretComesToRest(t *testing.T) {
	themedApp(t)
	a := &animations{fyne.CurrentApp().Driver(), map[*fyne.Animation]bool{}}
	fyne.SetCurrentApp(animated{fyne.CurrentApp(), a})
	message := newMessageField()
	message.onFocus = func(bool) {}
	message.keys = noKeys
	line, area := newField(noKeys, func() {}), newTextArea(noKeys, func() {})
	t.Run("message", func(t *testing.T) { testCaret(t, a, message, &message.entry) })
	t.Run("line", func(t *testing.T) { testCaret(t, a, line, &line.entry) })
	t.Run("area", func(t *testing.T) { testCaret(t, a, area, &area.entry) })
}

func testCaret(t *testing.T, a *animations, f interface {
	fyne.Widget
	fyne.Focusable
}, e *entry,
) {
	w := test.NewTempWindow(t, container.NewThemeOverride(f, flatInput{}))
	w.Resize(fyne.NewSize(300, 100))
	w.Canvas().Focus(f)
	bar := e.caret.bar
	if bar == nil {
		t.Fatal("Fyne's caret is not found")
	}
	if bar.Size().Width != caretWidth || bar.Size().Height < 10 {
		t.Errorf("the caret's size is %v", bar.Size())
	}
	blinks := func(when string) {
		t.Helper()
		if len(a.running) != 1 || !a.running[e.caret.blink] || e.caret.blink.RepeatCount != 0 {
			t.Fatalf("%s: %d animations run, want one that ends", when, len(a.running))
		}
		for _, step := range []struct {
			done float32
			on   bool
		}{{0, true}, {0.04, true}, {0.06, false}, {0.09, false}, {0.11, true}, {0.96, false}, {1, true}} {
			e.caret.blink.Tick(step.done)
			if on := bar.FillColor == themeColor("primary"); on != step.on || !on && bar.FillColor != color.Transparent {
				t.Errorf("%s: at %v the caret is %v, want it shown: %v", when, step.done, bar.FillColor, step.on)
			}
		}
	}
	blinks("with the focus")
	e.caret.blink.Tick(0.06)
	test.Type(f, "ab")
	if bar.FillColor == color.Transparent {
		t.Error("the caret is away while one types")
	}
	blinks("after typing")
	e.caret.blink.Tick(0.06)
	f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	if bar.FillColor == color.Transparent {
		t.Error("the caret is away while it is moved")
	}
	blinks("after moving")
	w.Canvas().Unfocus()
	if len(a.running) != 0 || !bar.Hidden {
		t.Errorf("without the focus %d animations run, hidden: %v", len(a.running), bar.Hidden)
	}
}
