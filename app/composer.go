package app

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// maxComposerRows is how far the composer grows before it scrolls.
const maxComposerRows = 10

// composer is where a person writes: a field that grows with its text and a
// button that sends, or stops while an answer is being written.
type composer struct {
	widget.BaseWidget
	field  *messageField
	send   *widget.Button
	frame  *canvas.Rectangle
	busy   bool
	onSend func(text string) (taken bool)
	onStop func()
}

// newComposer returns a composer. onSend says whether the text was taken; the
// field keeps it otherwise, so nothing typed is ever lost.
func newComposer(onSend func(string) bool, onStop func(), keys keyFunc) *composer {
	c := &composer{onSend: onSend, onStop: onStop}
	c.ExtendBaseWidget(c)
	c.field = newMessageField()
	c.field.onEnter = c.submit
	c.field.keys = keys
	c.field.onFocus = func(bool) { c.Refresh() }
	c.field.OnChanged = func(string) { c.updateButton() }
	c.send = widget.NewButtonWithIcon("", icon("send"), c.press)
	c.updateButton()
	return c
}

// setBusy shows the stop button while an answer is being written.
func (c *composer) setBusy(busy bool) {
	if c.busy != busy {
		c.busy = busy
		c.updateButton()
	}
}

// setText replaces the text and puts the cursor behind it.
func (c *composer) setText(text string) {
	c.field.SetText(text)
	c.field.CursorRow = strings.Count(text, "\n")
	c.field.CursorColumn = len([]rune(text[strings.LastIndexByte(text, '\n')+1:]))
	c.field.Refresh()
	c.updateButton()
}

func (c *composer) press() {
	if canvas := fyne.CurrentApp().Driver().CanvasForObject(c.field); canvas != nil {
		canvas.Focus(c.field)
	}
	if c.busy {
		c.onStop()
		return
	}
	c.submit()
}

func (c *composer) submit() {
	text := c.field.Text
	if strings.TrimSpace(text) == "" || c.busy {
		return
	}
	if c.onSend(text) {
		c.field.SetText("")
		c.updateButton()
	}
}

func (c *composer) updateButton() {
	if c.busy {
		c.send.SetIcon(icon("stop"))
		c.send.Importance = widget.MediumImportance
		c.send.Enable()
	} else {
		c.send.SetIcon(icon("send"))
		c.send.Importance = widget.HighImportance
		if strings.TrimSpace(c.field.Text) == "" {
			c.send.Disable()
		} else {
			c.send.Enable()
		}
	}
	c.send.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (c *composer) CreateRenderer() fyne.WidgetRenderer {
	c.frame = canvas.NewRectangle(nil)
	// The field brings a frame of its own, which would show inside ours: it is
	// painted in our colours by a theme for this part only.
	field := container.NewThemeOverride(c.field, flatInput{})
	return &composerRenderer{composer: c, field: field}
}

type composerRenderer struct {
	composer *composer
	field    *container.ThemeOverride
}

const (
	composerPad    = 6
	composerButton = 36
)

func (r *composerRenderer) Layout(size fyne.Size) {
	c := r.composer
	c.frame.Resize(size)
	width := size.Width - 3*composerPad - composerButton
	r.field.Move(fyne.NewPos(composerPad, composerPad))
	r.field.Resize(fyne.NewSize(width, size.Height-2*composerPad))
	c.send.Resize(fyne.NewSquareSize(composerButton))
	c.send.Move(fyne.NewPos(size.Width-composerPad-composerButton, size.Height-composerPad-composerButton))
}

func (r *composerRenderer) MinSize() fyne.Size {
	field := r.composer.field.MinSize()
	return fyne.NewSize(160, max(field.Height, composerButton)+2*composerPad)
}

func (r *composerRenderer) Refresh() {
	c := r.composer
	c.frame.CornerRadius = 14
	c.frame.FillColor = themeColor(theme.ColorNameInputBackground)
	c.frame.StrokeColor = themeColor(theme.ColorNameInputBorder)
	c.frame.StrokeWidth = 1
	if c.field.focused {
		c.frame.StrokeColor = themeColor(theme.ColorNamePrimary)
	}
	c.frame.Refresh()
	r.field.Refresh()
	c.send.Refresh()
}

func (r *composerRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.composer.frame, r.field, r.composer.send}
}

func (r *composerRenderer) Destroy() {}
