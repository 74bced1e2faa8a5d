package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// textLine is one line of text in a theme colour and size, without the margins
// of a label. Text that is too long for the given width ends in an ellipsis.
type textLine struct {
	widget.BaseWidget
	text  string
	color fyne.ThemeColorName
	size  fyne.ThemeSizeName
	style fyne.TextStyle
	align fyne.TextAlign
	// fits lets the line claim the width of its text; without it the line
	// takes what it is given.
	fits bool
}

func newText(text string, color fyne.ThemeColorName, size fyne.ThemeSizeName) *textLine {
	t := &textLine{text: text, color: color, size: size}
	t.ExtendBaseWidget(t)
	return t
}

// newCaption returns a line of small, quiet text that claims its width.
func newCaption(text string) *textLine {
	t := newText(text, colorMuted, theme.SizeNameCaptionText)
	t.fits = true
	return t
}

// set changes the text.
func (t *textLine) set(text string) {
	if t.text != text {
		t.text = text
		t.Refresh()
	}
}

// quiet sets the colour of secondary text, which on the ground of a selected row
// needs the full ink to be read.
func (t *textLine) quiet(selected bool) {
	ink := colorMuted
	if selected {
		ink = theme.ColorNameForeground
	}
	if t.color != ink {
		t.color = ink
		t.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (t *textLine) CreateRenderer() fyne.WidgetRenderer {
	r := &textLineRenderer{line: t, text: canvas.NewText("", nil)}
	r.Refresh()
	return r
}

type textLineRenderer struct {
	line *textLine
	text *canvas.Text
}

func (r *textLineRenderer) Refresh() {
	t := r.line
	r.text.Color = themeColor(t.color)
	r.text.TextSize = t.Theme().Size(t.size)
	r.text.TextStyle = t.style
	r.text.Alignment = t.align
	r.text.Text = t.fitting(t.Size().Width)
	r.text.Refresh()
}

func (r *textLineRenderer) Layout(size fyne.Size) {
	r.text.Resize(size)
	if s := r.line.fitting(size.Width); s != r.text.Text {
		r.text.Text = s
		r.text.Refresh()
	}
}

func (r *textLineRenderer) MinSize() fyne.Size {
	size := r.line.measure(r.line.text)
	if !r.line.fits {
		size.Width = 0
	}
	return size
}

func (r *textLineRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.text} }

func (r *textLineRenderer) Destroy() {}

func (t *textLine) measure(s string) fyne.Size {
	return fyne.MeasureText(s, t.Theme().Size(t.size), t.style)
}

// fitting returns the text, shortened to the width if need be.
func (t *textLine) fitting(width float32) string {
	if width <= 0 || t.measure(t.text).Width <= width+0.5 {
		return t.text
	}
	runes := []rune(t.text)
	low, high := 0, len(runes) // the longest prefix that fits with its ellipsis
	for low < high {
		mid := (low + high + 1) / 2
		if t.measure(string(runes[:mid])+"…").Width <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return string(runes[:low]) + "…"
}

// ground is a rectangle in a theme colour, the base of panels and cards.
type ground struct {
	widget.BaseWidget
	fill   fyne.ThemeColorName
	stroke fyne.ThemeColorName // none if empty
	radius float32
}

func newGround(fill fyne.ThemeColorName, radius float32) *ground {
	g := &ground{fill: fill, radius: radius}
	g.ExtendBaseWidget(g)
	return g
}

// CreateRenderer implements fyne.Widget.
func (g *ground) CreateRenderer() fyne.WidgetRenderer {
	r := &groundRenderer{ground: g, rect: canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type groundRenderer struct {
	ground *ground
	rect   *canvas.Rectangle
}

func (r *groundRenderer) Refresh() {
	r.rect.FillColor = themeColor(r.ground.fill)
	r.rect.CornerRadius = r.ground.radius
	if r.ground.stroke != "" {
		r.rect.StrokeColor = themeColor(r.ground.stroke)
		r.rect.StrokeWidth = 1
	}
	r.rect.Refresh()
}

func (r *groundRenderer) Layout(size fyne.Size)        { r.rect.Resize(size) }
func (r *groundRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *groundRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.rect} }
func (r *groundRenderer) Destroy()                     {}

// pressable makes any content a button: it shows when the pointer is over it,
// when it has the focus and when it is selected, and answers to the mouse and
// to Space and Enter.
type pressable struct {
	widget.BaseWidget
	content     fyne.CanvasObject
	onPress     func()
	onSecondary func(at fyne.Position) // right click, at a position in the window
	onHover     func(over bool)
	onRune      func(r rune) bool // takes a character that is typed, else it is the window's
	tip         string            // says what it does if no text in it does
	bleed       float32           // how far the ground goes beyond a text without margins
	selected    bool
	hovered     bool
	focused     bool
}

var (
	_ fyne.Tappable          = (*pressable)(nil)
	_ fyne.SecondaryTappable = (*pressable)(nil)
	_ fyne.Focusable         = (*pressable)(nil)
	_ desktop.Hoverable      = (*pressable)(nil)
)

func newPressable(content fyne.CanvasObject, onPress func()) *pressable {
	p := &pressable{content: content, onPress: onPress}
	p.ExtendBaseWidget(p)
	return p
}

// Tapped implements fyne.Tappable.
func (p *pressable) Tapped(e *fyne.PointEvent) {
	pointAt(p, "")
	// The mouse needs no focus; it would only take it from the composer.
	if c := fyne.CurrentApp().Driver().CanvasForObject(p); e != nil && c != nil && p.focused {
		c.Unfocus()
	}
	if p.onPress != nil {
		p.onPress()
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (p *pressable) TappedSecondary(e *fyne.PointEvent) {
	if p.onSecondary != nil {
		p.onSecondary(e.AbsolutePosition)
	}
}

// MouseIn implements desktop.Hoverable.
func (p *pressable) MouseIn(*desktop.MouseEvent) { p.setHovered(true) }

// MouseMoved implements desktop.Hoverable.
func (p *pressable) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (p *pressable) MouseOut() { p.setHovered(false) }

func (p *pressable) setHovered(over bool) {
	p.hovered = over
	if p.onHover != nil {
		p.onHover(over)
	}
	if over {
		pointAt(p, p.tip)
	} else {
		pointAt(p, "")
	}
	p.Refresh()
}

// FocusGained implements fyne.Focusable.
func (p *pressable) FocusGained() {
	p.focused = true
	p.Refresh()
}

// FocusLost implements fyne.Focusable.
func (p *pressable) FocusLost() {
	p.focused = false
	p.Refresh()
}

// TypedRune implements fyne.Focusable.
func (p *pressable) TypedRune(r rune) {
	if p.onRune == nil || !p.onRune(r) {
		handRune(p, r)
	}
}

// TypedKey implements fyne.Focusable.
func (p *pressable) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		p.Tapped(nil)
	default:
		handKey(p, key)
	}
}

// CreateRenderer implements fyne.Widget.
func (p *pressable) CreateRenderer() fyne.WidgetRenderer {
	r := &pressableRenderer{pressable: p, back: canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type pressableRenderer struct {
	pressable *pressable
	back      *canvas.Rectangle
}

func (r *pressableRenderer) Refresh() {
	p := r.pressable
	r.back.CornerRadius = 7
	r.back.StrokeWidth = 0
	switch {
	case p.selected:
		r.back.FillColor = themeColor(theme.ColorNamePressed)
	case p.hovered:
		r.back.FillColor = themeColor(theme.ColorNameHover)
	default:
		r.back.FillColor = nil
	}
	if p.focused {
		r.back.StrokeColor = themeColor(theme.ColorNamePrimary)
		r.back.StrokeWidth = 1.5
	}
	r.back.Refresh()
	p.content.Refresh()
}

func (r *pressableRenderer) Layout(size fyne.Size) {
	bleed := r.pressable.bleed
	r.back.Move(fyne.NewPos(-bleed, -bleed/2))
	r.back.Resize(size.AddWidthHeight(2*bleed, bleed))
	r.pressable.content.Resize(size)
}

func (r *pressableRenderer) MinSize() fyne.Size { return r.pressable.content.MinSize() }

func (r *pressableRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.pressable.content}
}

func (r *pressableRenderer) Destroy() {}
