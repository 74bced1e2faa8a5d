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

	"lumi/app/history"
)

// maxComposerRows is how far the composer grows before it scrolls.
const maxComposerRows = 10

// longText is from how many bytes on a pasted text is attached to the message
// instead of put into the field, which gets slow with long texts.
const longText = 4096

// composer is where a person writes: a field that grows with its text, what is
// attached to the message, a button that attaches files, and one that sends, or
// stops while an answer is being written.
type composer struct {
	widget.BaseWidget
	field    *messageField
	send     *button
	add      *button
	frame    *canvas.Rectangle
	chips    *fyne.Container // one for each attached text
	files    []history.Attachment
	busy     bool
	editing  *edited // nil while a new message is written
	onSend   func(text string, files ...history.Attachment) (taken bool)
	onStop   func()
	onChange func(text string, files []history.Attachment)
	onCancel func() // of editing
}

// edited is the editing of a message.
type edited struct {
	label    string
	attaches bool // files can be attached to the message
}

// newComposer returns a composer. onSend says whether the text was taken; the
// field keeps it otherwise, so nothing typed is ever lost.
func newComposer(onSend func(string, ...history.Attachment) bool, onStop func(), keys keyFunc) *composer {
	c := &composer{
		onSend: onSend, onStop: onStop, chips: container.New(flow{gap: 4}),
		onChange: func(string, []history.Attachment) {}, onCancel: func() {},
	}
	c.ExtendBaseWidget(c)
	c.field = newMessageField()
	c.field.onLong = c.paste
	c.field.onEnter = c.submit
	c.field.keys = keys
	c.field.onFocus = func(bool) { c.Refresh() }
	c.field.OnChanged = func(string) { c.changed() }
	c.send = newButton("", icon("send"), c.press)
	c.add = iconButton(theme.MailAttachmentIcon(), lang.L("Attach a file"), nil)
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
func (c *composer) setText(text string) { c.show(text, nil) }

// show replaces all of the message, with what is attached to it.
func (c *composer) show(text string, files []history.Attachment) {
	c.files = slices.Clone(files)
	c.showChips()
	c.field.SetText(text)
	c.field.CursorRow = strings.Count(text, "\n")
	c.field.CursorColumn = len([]rune(text[strings.LastIndexByte(text, '\n')+1:]))
	c.field.Refresh()
	c.changed()
}

// beginEdit shows a message that is to be changed, and says so.
func (c *composer) beginEdit(label, text string, files []history.Attachment, attaches bool) {
	c.editing = &edited{label, attaches}
	c.show(text, files)
}

// endEdit brings back the draft.
func (c *composer) endEdit(text string, files []history.Attachment) {
	if c.editing != nil {
		c.editing = nil
		c.show(text, files)
	}
}

// changed tells what is written now.
func (c *composer) changed() {
	c.updateButton()
	if c.editing == nil {
		c.onChange(c.field.Text, c.files)
	}
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
	if c.empty() || c.busy {
		return
	}
	editing := c.editing != nil
	if c.onSend(strings.TrimSpace(c.field.Text), c.files...) && !editing {
		c.setText("")
	}
}

// empty reports whether there is nothing to send.
func (c *composer) empty() bool { return strings.TrimSpace(c.field.Text) == "" && len(c.files) == 0 }

// attaches reports whether there can be attachments: an answer has none.
func (c *composer) attaches() bool { return c.editing == nil || c.editing.attaches }

// paste attaches a long text to the message, if it can have attachments.
func (c *composer) paste(text string) (taken bool) {
	if c.attaches() {
		c.attach([]history.Attachment{{Name: lang.L("Pasted text"), Text: text}})
	}
	return c.attaches()
}

// attach adds texts to the message.
func (c *composer) attach(files []history.Attachment) {
	if !c.attaches() {
		return
	}
	c.files = attached(c.files, files)
	c.showChips()
	c.changed()
}

// showChips shows what is attached, and what is being edited, each with a button
// that takes it away.
func (c *composer) showChips() {
	had := len(c.chips.Objects)
	c.chips.RemoveAll()
	chip := func(label string, remove func()) {
		b := newButton(label, icon("close"), remove)
		b.IconPlacement = widget.ButtonIconTrailingText
		c.chips.Add(b)
	}
	if c.editing != nil {
		chip(c.editing.label, func() { c.onCancel() })
	}
	for i, f := range c.files {
		chip(attachmentLabel(f), func() {
			c.files = slices.Delete(slices.Clone(c.files), i, i+1)
			c.showChips()
			c.changed()
		})
	}
	if had != len(c.chips.Objects) {
		c.field.onGrow()
	}
	c.Refresh()
}

func (c *composer) updateButton() {
	if c.attaches() {
		c.add.Enable()
	} else {
		c.add.Disable()
	}
	if c.busy {
		c.send.SetIcon(icon("stop"))
		c.send.tip = lang.L("Stop the answer")
		c.send.Importance = widget.MediumImportance
		c.send.Enable()
	} else {
		c.send.SetIcon(icon("send"))
		c.send.tip = lang.L("Send")
		c.send.Importance = widget.HighImportance
		if c.empty() {
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
	width := size.Width - 4*composerPad - 2*composerButton
	top := float32(composerPad)
	if chips := r.chipsHeight(); chips > 0 {
		c.chips.Move(fyne.NewPos(2*composerPad, top))
		c.chips.Resize(fyne.NewSize(size.Width-4*composerPad, chips))
		top += chips + composerPad
	}
	r.field.Move(fyne.NewPos(2*composerPad+composerButton, top))
	r.field.Resize(fyne.NewSize(width, size.Height-composerPad-top))
	c.add.Resize(fyne.NewSquareSize(composerButton))
	c.add.Move(fyne.NewPos(composerPad, size.Height-composerPad-composerButton))
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
	c := r.composer
	if len(c.chips.Objects) == 0 {
		return 0
	}
	return flow{gap: 4}.place(c.chips.Objects, c.Size().Width-4*composerPad, false)
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
	c.add.Refresh()
	c.send.Refresh()
	r.Layout(c.Size())
}

func (r *composerRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.composer.frame, r.composer.chips, r.composer.add, r.field, r.composer.send}
}

func (r *composerRenderer) Destroy() {}
