package transcript

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Transcript shows the messages of a chat and lets a person select and copy
// their text. It needs no scroller around it. See the package comment.
type Transcript struct {
	widget.BaseWidget

	// OnLink is called with the address of a link that was clicked: http,
	// https or mailto. The address was shown while the pointer was over it;
	// nothing is opened by the transcript itself.
	OnLink func(url string)
	// OnCopyMessage is called after the text of a message was copied by its
	// button or the menu.
	OnCopyMessage func(id int64)
	// OnScroll is called when AtBottom changes.
	OnScroll func(atBottom bool)
	// Actions are the buttons of a message besides Copy. It is asked when
	// the message comes into view; Refresh asks again.
	Actions func(m Message) []Action
	// OnVersion is called when a person wants the version of a message that
	// is so many steps after the one shown, or before it.
	OnVersion func(id int64, step int)

	msgs    []*message
	byID    map[int64]*message
	blocks  []*block
	heights []float32 // of each block, guessed until it is laid out; apart, to be summed fast

	anchor int     // first visible block
	off    float32 // of it, this many Fyne units are above the edge
	stick  bool    // stay at the end while text arrives
	told   bool    // what OnScroll was last told

	geometry *geometry
	left     float32 // of the column
	palette  *palette
	fontName string
	shown    []placed
	live     []*block // blocks that own objects
	objects  []fyne.CanvasObject
	thumb    *canvas.Rectangle
	trigger  *canvas.Rectangle // always shown, so that refreshing it repaints the window
	overlay  overlay
	sel      selection
	search   search
	mouse    mouse
}

// placed is a visible block and where its top is in the widget.
type placed struct {
	block int
	y     float32
}

// Action is a button of a message, and an item of its menu. Without an icon the
// label is shown.
type Action struct {
	Icon     fyne.Resource
	Label    string
	Run      func(id int64)
	MenuOnly bool // has no button
}

var (
	_ fyne.Widget            = (*Transcript)(nil)
	_ fyne.Focusable         = (*Transcript)(nil)
	_ fyne.Scrollable        = (*Transcript)(nil)
	_ fyne.Draggable         = (*Transcript)(nil)
	_ fyne.Shortcutable      = (*Transcript)(nil)
	_ fyne.SecondaryTappable = (*Transcript)(nil)
	_ desktop.Mouseable      = (*Transcript)(nil)
	_ desktop.Hoverable      = (*Transcript)(nil)
	_ desktop.Cursorable     = (*Transcript)(nil)
)

// New returns an empty transcript.
func New() *Transcript {
	t := &Transcript{stick: true, told: true, byID: map[int64]*message{}}
	t.thumb = box(rgb(0), 0, 0, 6, 0, 3)
	t.trigger = box(color.Transparent, 0, 0, 1, 1, 0)
	t.objects = []fyne.CanvasObject{t.trigger}
	t.overlay.init(t)
	t.mouse.grab, t.sel.t = -1, t
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer is for Fyne.
func (t *Transcript) CreateRenderer() fyne.WidgetRenderer { return &renderer{t: t} }

type renderer struct {
	t    *Transcript
	size fyne.Size
}

func (r *renderer) Destroy()                     {}
func (r *renderer) MinSize() fyne.Size           { return fyne.NewSize(240, 120) }
func (r *renderer) Objects() []fyne.CanvasObject { return r.t.objects }

// Refresh follows the theme and asks for the messages' actions again.
func (r *renderer) Refresh() {
	r.t.renewFootButtons()
	r.t.show()
}

func (r *renderer) Layout(s fyne.Size) {
	if s != r.size { // Fyne also calls this when a child's minimal size changes
		r.size = s
		r.t.show()
	}
}

// ensure lays block i out if needed; until then its height is a guess.
func (t *Transcript) ensure(i int) *block {
	b := t.blocks[i]
	if b.known && b.laidFor == t.geometry {
		return b
	}
	var prev *block
	if i > 0 {
		prev = t.blocks[i-1]
	}
	if b.hasFootButtons() { // there may be room for others
		b.view, b.buttons = nil, b.footButtons(t)
	}
	b.layout(t.geometry, prev)
	t.heights[i] = b.h
	return b
}

// style follows the theme, the text size and the size of the widget. It
// reports whether there is room to show anything.
func (t *Transcript) style() bool {
	size := t.Size()
	if size.Height < 1 || size.Width < 1 {
		return false
	}
	t.palette = paletteFor(t)
	pixels := float32(1)
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil {
		pixels = c.Scale()
	}
	body := round(theme.SizeForWidget(theme.SizeNameText, t)*15/14*2) / 2
	column := float32(int(min(columnMax*max(body/15, 1), size.Width-2*sideMargin)))
	t.left = float32(int((size.Width - column) / 2))
	font := t.Theme().Font(fyne.TextStyle{}).Name()
	g := t.geometry
	if g == nil || g.ruler.body != body || g.ruler.pixels != pixels || t.fontName != font {
		t.geometry = &geometry{column: column, ruler: newRuler(body, pixels)}
		t.fontName = font
	} else if g.column != column {
		t.geometry = &geometry{column: column, ruler: g.ruler}
	}
	return true
}

// foot is the space below the last block.
const foot = 28

// show places the visible blocks and builds their objects. Every change ends
// here.
func (t *Transcript) show() {
	if !t.style() {
		return
	}
	size, n := t.Size(), len(t.blocks)
	if t.stick {
		t.anchor, t.off = n, foot-size.Height
	}
	for range 2 {
		for t.off < 0 && t.anchor > 0 {
			t.anchor--
			t.parseAnchor()
			t.off += t.ensure(t.anchor).h
		}
		t.off = max(t.off, 0)
		t.parseAnchor()
		for t.anchor < len(t.blocks)-1 && t.off >= t.ensure(t.anchor).h {
			t.off -= t.blocks[t.anchor].h
			t.anchor++
			t.parseAnchor()
		}
		y := -t.off
		t.shown = t.shown[:0]
		for i := t.anchor; i < len(t.blocks) && y < size.Height; i++ {
			if m := t.blocks[i].msg; m.pending { // i is its first block: no index up to here changes
				visible := t.shown
				t.parse(m)
				t.shown = visible
			}
			t.shown = append(t.shown, placed{i, y})
			y += t.ensure(i).h
		}
		n = len(t.blocks)
		end := len(t.shown) == 0 || t.shown[len(t.shown)-1].block == n-1
		if !end || y > size.Height-foot-1 || t.anchor == 0 && t.off == 0 {
			t.stick = t.stick || end && y < size.Height-foot+2
			break
		}
		t.stick = true // scrolled past the end: come back to it
		t.anchor, t.off = n, foot-size.Height
	}
	if t.overlay.address != "" { // what it is about may have moved away
		t.overlay.address = t.mouse.tip(t)
	}
	t.paint(size)
	if t.stick != t.told {
		t.told = t.stick
		if t.OnScroll != nil {
			t.OnScroll(t.stick)
		}
	}
}

// parseAnchor parses the message of the first visible block if it was not yet.
func (t *Transcript) parseAnchor() {
	if t.anchor < len(t.blocks) {
		if m := t.blocks[t.anchor].msg; m.pending {
			t.parse(m)
		}
	}
}

// paint builds and moves the objects of the visible blocks.
func (t *Transcript) paint(size fyne.Size) {
	objects := make([]fyne.CanvasObject, 0, len(t.shown)+8)
	visible := make(map[*block]bool, len(t.shown))
	for _, p := range t.shown {
		b := t.blocks[p.block]
		visible[b] = true
		if b.msg.boxed() {
			t.measureBubble(b.msg)
		}
		_, y := b.origin()
		lo, hi := b.lineRange(-p.y-y, size.Height-p.y-y)
		from, to := t.sel.within(p.block)
		b.realise(t, lo, hi, from, to, t.search.marksIn(b))
		pixels := t.geometry.ruler.pixels
		b.view.root.Move(fyne.NewPos(t.left+b.shift(), round(p.y*pixels)/pixels))
		objects = append(objects, b.view.root)
	}
	for _, b := range t.live { // what left the window gives its objects back
		if !visible[b] {
			b.view, b.buttons = nil, nil
		}
	}
	t.live = t.live[:0]
	for _, p := range t.shown {
		t.live = append(t.live, t.blocks[p.block])
	}
	t.placeThumb(size)
	objects = append(objects, t.trigger, t.thumb)
	t.objects = append(objects, t.overlay.place(size)...)
	t.thumb.FillColor = t.palette.bar
	canvas.Refresh(t.trigger) // asks for a repaint without walking every text
}

// measureBubble makes the box of a person's message as wide as its widest
// block.
func (t *Transcript) measureBubble(m *message) {
	const many = 50 // a message of more blocks has a wide one
	w := float32(0)
	for i := m.start; i < m.start+m.count && i < m.start+many; i++ {
		if t.blocks[i].inBubble() {
			b := t.ensure(i)
			w = max(w, b.natural+b.left)
		}
	}
	widest := round(t.geometry.column*bubbleShare) - 2*bubblePad
	if m.count > many {
		w = widest
	}
	m.bubble = min(ceil(w)+1, widest) + 2*bubblePad
}
