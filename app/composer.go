package app

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// maxComposerRows is how far the composer grows before it scrolls.
const maxComposerRows = 10

// longText is from how many bytes on a pasted text is attached to the message
// instead of put into the field, which gets slow with long texts.
const longText = 8000

// composer is where a person writes: a field that grows with its text, the long
// texts that were pasted, and a button that sends, or stops while an answer is
// being written.
type composer struct {
	widget.BaseWidget
	field  *messageField
	send   *button
	frame  *canvas.Rectangle
	chips  *fyne.Container // one for each attached text
	texts  []string        // the attached texts
	busy   bool
	onSend func(text string) (taken bool)
	onStop func()
	// onDraft hears the whole message with every change.
	onDraft func(text string)
}

// newComposer returns a composer. onSend says whether the text was taken; the
// field keeps it otherwise, so nothing typed is ever lost.
func newComposer(onSend func(string) bool, onStop func(), keys keyFunc) *composer {
	c := &composer{onSend: onSend, onStop: onStop, onDraft: func(string) {}, chips: container.NewHBox()}
	c.ExtendBaseWidget(c)
	c.field = newMessageField()
	c.field.onLong = c.attach
	c.field.onEnter = c.submit
	c.field.keys = keys
	c.field.onFocus = func(bool) { c.Refresh() }
	c.field.OnChanged = func(string) { c.updateButton() }
	c.send = newButton("", icon("send"), c.press)
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

// setText replaces all of the message and puts the cursor behind it.
func (c *composer) setText(text string) {
	c.texts = nil
	c.showChips()
	if len(text) > longText {
		c.attach(text)
		text = ""
	}
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
	text := c.text()
	if text == "" || c.busy {
		return
	}
	if c.onSend(text) {
		c.setText("")
	}
}

// text is the whole message: what was written and then what was attached.
func (c *composer) text() string {
	parts := append([]string{c.field.Text}, c.texts...)
	return strings.TrimSpace(strings.Join(parts, "\n\n"))
}

// attach adds a long text to the message.
func (c *composer) attach(text string) {
	c.texts = append(c.texts, text)
	c.showChips()
	c.updateButton()
}

// showChips shows what is attached, each with a button that takes it away.
func (c *composer) showChips() {
	had := len(c.chips.Objects) > 0
	c.chips.RemoveAll()
	for i, text := range c.texts {
		remove := newButton(lang.L("Text")+" · "+byteSize(int64(len(text))), icon("close"), func() {
			c.texts = slices.Delete(c.texts, i, i+1)
			c.showChips()
			c.updateButton()
		})
		remove.IconPlacement = widget.ButtonIconTrailingText
		c.chips.Add(remove)
	}
	if had != (len(c.texts) > 0) {
		c.field.onGrow()
	}
	c.Refresh()
}

func (c *composer) updateButton() {
	text := c.text()
	c.onDraft(text)
	if c.busy {
		c.send.SetIcon(icon("stop"))
		c.send.Importance = widget.MediumImportance
		c.send.Enable()
	} else {
		c.send.SetIcon(icon("send"))
		c.send.Importance = widget.HighImportance
		if text == "" {
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
	top := float32(composerPad)
	if chips := r.chipsHeight(); chips > 0 {
		c.chips.Move(fyne.NewPos(2*composerPad, top))
		c.chips.Resize(fyne.NewSize(width, chips))
		top += chips + composerPad
	}
	r.field.Move(fyne.NewPos(composerPad, top))
	r.field.Resize(fyne.NewSize(width, size.Height-composerPad-top))
	c.send.Resize(fyne.NewSquareSize(composerButton))
	c.send.Move(fyne.NewPos(size.Width-composerPad-composerButton, size.Height-composerPad-composerButton))
}

func (r *composerRenderer) MinSize() fyne.Size {
	height := max(r.composer.field.MinSize().Height, composerButton) + 2*composerPad
	if chips := r.chipsHeight(); chips > 0 {
		height += chips + composerPad
	}
	return fyne.NewSize(160, height)
}

func (r *composerRenderer) chipsHeight() float32 {
	if len(r.composer.texts) == 0 {
		return 0
	}
	return r.composer.chips.MinSize().Height
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
	c.chips.Refresh()
	c.send.Refresh()
	r.Layout(c.Size())
}

func (r *composerRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.composer.frame, r.composer.chips, r.field, r.composer.send}
}

func (r *composerRenderer) Destroy() {}
