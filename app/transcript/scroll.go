package transcript

import (
	"math"
	"slices"

	"fyne.io/fyne/v2"
)

// ScrollToBottom shows the newest text and follows it from now on.
func (t *Transcript) ScrollToBottom() {
	t.stick = true
	t.show()
}

// AtBottom reports whether the end is shown and followed.
func (t *Transcript) AtBottom() bool { return t.stick }

// Above is how much of the messages is above what is in view, in Fyne units,
// the height of those that were never in view guessed.
func (t *Transcript) Above() float32 {
	_, above := t.extent()
	return above
}

// ScrollTo shows the start of a message at the top.
func (t *Transcript) ScrollTo(id int64) {
	if m := t.byID[id]; m != nil {
		t.stick, t.anchor, t.off = false, m.start, 0
		t.show()
	}
}

// Reveal shows the start of a message unless a part of it is in view.
func (t *Transcript) Reveal(id int64) {
	m := t.byID[id]
	if m == nil || slices.ContainsFunc(t.shown, func(p placed) bool { return t.blocks[p.block].msg == m }) {
		return
	}
	t.ScrollTo(id)
}

// Scrolled moves the transcript; sideways (Shift and the wheel) it moves the
// code or table under the pointer.
func (t *Transcript) Scrolled(ev *fyne.ScrollEvent) {
	if ev.Scrolled.DX != 0 && len(t.shown) > 0 {
		if b, _, _ := t.contentAt(ev.Position); b.sideways() && b.view != nil {
			b.slide(-ev.Scrolled.DX)
		}
	}
	if ev.Scrolled.DY != 0 {
		t.scrollBy(-WheelStep(ev.Scrolled.DY))
		t.mouse.hover(t)
	}
}

// WheelStep makes a notch of a mouse wheel three lines, as in other programs:
// Fyne's notch is one. Finer movements come from touchpads and stay as they are.
func WheelStep(dy float32) float32 {
	const notch = 25
	if math.Mod(float64(dy), notch) == 0 {
		return dy * 2.6
	}
	return dy
}

func (t *Transcript) scrollBy(dy float32) {
	if dy < 0 {
		t.stick = false
	}
	t.off += dy
	t.show()
}

// extent is the height of everything and what of it is above the widget,
// unseen blocks guessed. It is summed anew each time: 10,000 blocks take 10 µs.
func (t *Transcript) extent() (total, above float32) {
	for i, h := range t.heights {
		if i == t.anchor {
			above = total + t.off
		}
		total += h
	}
	return total + foot, above
}

// scrollTo shows the given distance from the top.
func (t *Transcript) scrollTo(y float32) {
	t.stick, t.anchor, t.off = false, 0, 0
	for i, h := range t.heights {
		if y < h || i == len(t.heights)-1 {
			t.anchor, t.off = i, max(y, 0)
			break
		}
		y -= h
	}
	t.show()
}

func (t *Transcript) placeThumb(size fyne.Size) {
	total, above := t.extent()
	t.thumb.Hidden = total <= size.Height
	if t.thumb.Hidden {
		return
	}
	h := max(size.Height*size.Height/total, 32)
	t.thumb.Move(fyne.NewPos(size.Width-9, (size.Height-h)*min(above/(total-size.Height), 1)))
	t.thumb.Resize(fyne.NewSize(6, h))
}

// grabThumb starts a drag of the scroll bar; a press beside the thumb brings
// it there.
func (t *Transcript) grabThumb(y float32) {
	p, h := t.thumb.Position().Y, t.thumb.Size().Height
	t.mouse.grab = h / 2
	if y >= p && y < p+h {
		t.mouse.grab = y - p
	} else {
		t.dragThumb(y)
	}
}

func (t *Transcript) dragThumb(y float32) {
	total, _ := t.extent()
	if room := t.Size().Height - t.thumb.Size().Height; room > 0 {
		t.scrollTo(min(max((y-t.mouse.grab)/room, 0), 1) * (total - t.Size().Height))
	}
}
