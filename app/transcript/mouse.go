package transcript

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"
)

// doubleClick is the longest time between the clicks of a double click.
const doubleClick = 400 * time.Millisecond

// mouse is the state of the pointer's gesture.
type mouse struct {
	at       fyne.Position
	menu     fyne.Position // where the menu was opened
	over     *message      // under the pointer
	link     string        // under the pointer
	hot      *button       // under the pointer
	used     string        // name of the button that was pressed, until the pointer leaves it
	pressed  *button
	active   bool    // a selection is being made
	grab     float32 // where the scroll bar was grabbed, -1 when it was not
	slider   *block  // whose scroll bar is being dragged
	lastDown time.Time
	lastPos  fyne.Position
	scroller *fyne.Animation // scrolls while the pointer is outside
}

// contentAt turns a point of the widget into one of the content of the block
// there. Something must be shown.
func (t *Transcript) contentAt(p fyne.Position) (b *block, x, y float32) {
	at, b := t.placedAt(p)
	x, y = b.origin()
	x += t.left + b.shift()
	if b.sideways() {
		x -= b.hscroll
	}
	return b, p.X - x, p.Y - at.y - y
}

// placedAt is the block at the height of p, or the nearest one.
func (t *Transcript) placedAt(p fyne.Position) (placed, *block) {
	k := 0
	for k+1 < len(t.shown) && t.shown[k+1].y <= p.Y {
		k++
	}
	return t.shown[k], t.blocks[t.shown[k].block]
}

// spotAt finds the text nearest to a point of the widget.
func (t *Transcript) spotAt(p fyne.Position) spot {
	if len(t.shown) == 0 {
		return spot{}
	}
	at, _ := t.placedAt(p)
	b, x, y := t.contentAt(p)
	return spot{at.block, b.hit(x, y)}
}

// linkAt returns the address of the link at a point of the widget.
func (t *Transcript) linkAt(p fyne.Position) string {
	if len(t.shown) == 0 {
		return ""
	}
	b, x, y := t.contentAt(p)
	return b.linkAt(x, y)
}

// buttonAt returns the button at a point of the widget.
func (t *Transcript) buttonAt(p fyne.Position) *button {
	if len(t.shown) == 0 {
		return nil
	}
	if !t.stick && t.overlay.jump.contains(p.X, p.Y) {
		return t.overlay.jump
	}
	at, b := t.placedAt(p)
	for _, c := range b.buttons {
		if !c.hidden() && c.contains(p.X-t.left-b.shift(), p.Y-at.y) {
			return c
		}
	}
	return nil
}

// sliderAt returns the block whose scroll bar is at a point of the widget.
func (t *Transcript) sliderAt(p fyne.Position) *block {
	if len(t.shown) == 0 {
		return nil
	}
	at, b := t.placedAt(p)
	if y := p.Y - at.y - b.top - b.contentH; b.sideways() && b.overhang() > 0 && y > -14 && y < 0 {
		return b
	}
	return nil
}

// MouseDown starts a selection, a press of a button, a drag of a scroll bar, or
// (with Shift) extends the selection.
func (t *Transcript) MouseDown(ev *desktop.MouseEvent) {
	t.focus()
	if ev.Button != desktop.MouseButtonPrimary || len(t.shown) == 0 {
		return
	}
	if m := &t.mouse; !t.thumb.Hidden && ev.Position.X > t.Size().Width-14 {
		t.grabThumb(ev.Position.Y)
		return
	} else if m.pressed = t.buttonAt(ev.Position); m.pressed != nil {
		return
	} else if m.slider = t.sliderAt(ev.Position); m.slider != nil {
		return
	}
	s, m := &t.sel, &t.mouse
	p := t.spotAt(ev.Position)
	m.active, m.at = true, ev.Position
	if ev.Modifier&fyne.KeyModifierShift != 0 {
		s.unit = max(s.unit, byGrapheme)
		s.extend(p)
		return
	}
	d := ev.Position.Subtract(m.lastPos)
	if time.Since(m.lastDown) < doubleClick && d.X*d.X+d.Y*d.Y < 16 {
		s.unit = s.unit%byBlock + 1
	} else {
		s.unit = byGrapheme
	}
	m.lastDown, m.lastPos = time.Now(), ev.Position
	s.base = s.unitAt(p)
	s.extend(p)
}

// MouseUp ends a selection; a click that selected nothing presses a button or
// opens the link under it.
func (t *Transcript) MouseUp(ev *desktop.MouseEvent) {
	pressed, active := t.mouse.pressed, t.mouse.active
	t.endGesture()
	switch {
	case pressed != nil:
		if t.buttonAt(ev.Position) == pressed {
			t.mouse.used = pressed.label // who pressed it needs no telling what it does
			t.mouse.hover(t)
			pressed.press()
		}
	case active && t.sel.empty() && t.OnLink != nil:
		if address := t.linkAt(ev.Position); address != "" {
			t.OnLink(address)
		}
	}
}

// Dragged extends the selection, and scrolls while the pointer is outside.
func (t *Transcript) Dragged(ev *fyne.DragEvent) {
	m := &t.mouse
	m.at = ev.Position
	switch {
	case m.grab >= 0:
		t.dragThumb(ev.Position.Y)
	case m.slider != nil:
		if b := m.slider; b.view != nil {
			_, _, w, _ := b.window()
			b.slide(ev.Dragged.DX * (w + b.overhang()) / w)
		}
	case m.active && len(t.shown) > 0:
		t.stick = false // what is being selected must not run away
		t.scrollWhileOutside()
		t.sel.extend(t.spotAt(ev.Position))
	}
}

// DragEnd ends the gesture. Releasing the button over another widget has just
// taken the focus away; Ctrl+C is meant for the new selection, so take it back.
func (t *Transcript) DragEnd() {
	t.focus()
	t.endGesture()
}

func (t *Transcript) focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil {
		c.Focus(t)
	}
}

func (t *Transcript) endGesture() {
	m := &t.mouse
	m.active, m.grab, m.slider, m.pressed = false, -1, nil, nil
	if m.scroller != nil {
		m.scroller.Stop()
		m.scroller = nil
	}
}

// outside is how far the pointer is above (negative) or below the widget.
func (t *Transcript) outside() float32 {
	return min(t.mouse.at.Y, 0) + max(t.mouse.at.Y-t.Size().Height, 0)
}

// scrollWhileOutside moves the text under a pointer that is held outside the
// widget, faster the farther it is.
func (t *Transcript) scrollWhileOutside() {
	m := &t.mouse
	over := t.outside()
	if over == 0 || m.scroller != nil {
		if over == 0 && m.scroller != nil {
			m.scroller.Stop()
			m.scroller = nil
		}
		return
	}
	a := fyne.NewAnimation(time.Second, nil)
	a.RepeatCount = fyne.AnimationRepeatForever
	a.Tick = func(float32) {
		over := t.outside()
		if m.scroller != a || over == 0 {
			return
		}
		t.scrollBy(over/6 + over/max(over, -over)*2)
		t.stick = false
		t.sel.extend(t.spotAt(m.at))
	}
	m.scroller = a
	a.Start()
}

// MouseIn is for Fyne.
func (t *Transcript) MouseIn(ev *desktop.MouseEvent) { t.MouseMoved(ev) }

// MouseMoved follows what is under the pointer.
func (t *Transcript) MouseMoved(ev *desktop.MouseEvent) {
	t.mouse.at = ev.Position
	t.mouse.hover(t)
}

// MouseOut forgets what was under the pointer.
func (t *Transcript) MouseOut() {
	t.mouse.at = fyne.NewPos(-1, -1)
	t.mouse.hover(t)
}

// hover brings what depends on the pointer's place up to date.
func (m *mouse) hover(t *Transcript) {
	var over *message
	var hot *button
	inside := m.inside(t)
	if inside {
		_, b := t.placedAt(m.at)
		over = b.msg
	}
	if was := m.over; over != was {
		m.over = over
		for _, b := range t.live {
			if b.hasFootButtons() && (b.msg == was || b.msg == over) {
				for _, c := range b.buttons {
					c.paint()
				}
			}
		}
	}
	if m.link = ""; inside {
		if hot = t.buttonAt(m.at); hot == nil {
			m.link = t.linkAt(m.at)
		}
	}
	if hot == nil || hot.label != m.used {
		m.used = ""
	}
	if hot != m.hot {
		for _, b := range []*button{m.hot, hot} {
			if b != nil {
				b.hot = b == hot
				b.paint()
			}
		}
		m.hot = hot
	}
	if tip := m.tip(t); tip != t.overlay.address {
		t.overlay.address = tip
		t.show()
	}
}

// inside says whether the pointer is over the text and selects nothing.
func (m *mouse) inside(t *Transcript) bool {
	return m.at.X >= 0 && m.at.Y >= 0 && len(t.shown) > 0 && !m.active
}

// tip is what there is to say of what is under the pointer.
func (m *mouse) tip(t *Transcript) string {
	if !m.inside(t) {
		return ""
	}
	if hot := t.buttonAt(m.at); hot != nil {
		if hot.icon != nil && hot.label != m.used {
			return hot.label
		}
		return ""
	}
	if address := t.linkAt(m.at); address != "" {
		return address
	}
	return t.detailsAt(m.at)
}

// Cursor shows an I-beam over text and a hand over links and buttons.
func (t *Transcript) Cursor() desktop.Cursor {
	switch {
	case t.mouse.link != "" || t.mouse.hot != nil:
		return desktop.PointerCursor
	case t.mouse.at.X > t.Size().Width-14:
		return desktop.DefaultCursor
	}
	return desktop.TextCursor
}

// TappedSecondary opens the context menu.
func (t *Transcript) TappedSecondary(ev *fyne.PointEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(t)
	if len(t.shown) > 0 && c != nil {
		t.mouse.menu = ev.Position
		widget.ShowPopUpMenuAtPosition(t.menuAt(ev.Position), c, ev.AbsolutePosition)
	}
}

// menuAt is the menu for what is at a point of the widget.
func (t *Transcript) menuAt(p fyne.Position) *fyne.Menu {
	_, b := t.placedAt(p)
	clipboard := fyne.CurrentApp().Clipboard()
	copySelected := fyne.NewMenuItem(lang.L("Copy"), func() { t.Copy(clipboard) })
	copySelected.Disabled = t.sel.empty()
	copyBlock := fyne.NewMenuItem(lang.L("Copy block"), func() { clipboard.SetContent(b.copied(0, len(b.text))) })
	copyBlock.Disabled = b.kind.furniture() || b.text == ""
	items := []*fyne.MenuItem{
		copySelected,
		copyBlock,
		fyne.NewMenuItem(lang.L("Copy message"), func() {
			clipboard.SetContent(b.msg.text())
			if t.OnCopyMessage != nil {
				t.OnCopyMessage(b.msg.id)
			}
		}),
	}
	if address := t.linkAt(p); address != "" {
		items = append(items, fyne.NewMenuItem(lang.L("Copy link address"), func() { clipboard.SetContent(address) }))
	}
	items = append(items, t.actionItems(b.msg)...)
	items = append(items, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(lang.L("Select message"), func() { t.selectBlocks(b.msg.start, b.msg.start+b.msg.count) }),
		fyne.NewMenuItem(lang.L("Select all"), t.SelectAll))
	return fyne.NewMenu("", items...)
}
