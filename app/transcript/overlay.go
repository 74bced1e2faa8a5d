package transcript

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/lang"
)

// overlay floats over the text: the way back to the newest message, and the
// address of the link, or the name of the button, under the pointer.
type overlay struct {
	t       *Transcript
	frame   *canvas.Rectangle
	jump    *button
	address string
	palette *palette
	jumps   []fyne.CanvasObject
}

func (o *overlay) init(t *Transcript) {
	o.t = t
	o.frame = box(rgb(0), 0, 0, 0, 0, 0)
	o.jump = &button{label: lang.L("Jump to newest"), run: t.ScrollToBottom}
}

// place returns the objects of the overlay for a widget of the given size.
func (o *overlay) place(size fyne.Size) (out []fyne.CanvasObject) {
	p, body := o.t.palette, o.t.geometry.ruler.body
	if !o.t.stick {
		w, h := o.t.geometry.ruler.width(o.jump.label, face{size: body - 2})+32, round(body+18)
		x, y := round((size.Width-w)/2), size.Height-h-14
		if o.palette != p || o.jump.size != fyne.NewSize(w, h) || o.jump.pos != fyne.NewPos(x, y) {
			o.palette = p
			o.frame = box(p.raised, x, y, w, h, h/2)
			o.frame.StrokeColor, o.frame.StrokeWidth = p.bar, 1
			o.jumps = append([]fyne.CanvasObject{o.frame}, o.jump.place(p, body-2, x, y, w, h)...)
			o.jump.back.CornerRadius = h / 2
		}
		out = append(out, o.jumps...)
	}
	if o.address != "" {
		text := o.t.geometry.ruler.label(shorten(o.address, 90), face{size: body - 3}, p.text, 10, 0)
		back := box(p.raised, 4, 0, text.Size().Width+12, body+12, 6)
		y := o.clear(back.Size(), size)
		text.Move(text.Position().AddXY(0, y+body+2))
		back.Move(fyne.NewPos(4, y))
		back.StrokeColor, back.StrokeWidth = p.bar, 1
		out = append(out, back, text)
	}
	return out
}

// clear returns the height for a tip of the given size: as far down as it covers
// neither the way back nor the line that the pointer is in, with all its buttons.
func (o *overlay) clear(tip, size fyne.Size) float32 {
	const gap = 4
	y := size.Height - tip.Height - gap
	if jump := o.jump; !o.t.stick && gap+tip.Width+gap > jump.pos.X && y+tip.Height > jump.pos.Y {
		y = jump.pos.Y - tip.Height - gap
	}
	line := 2 * o.t.geometry.ruler.body // the pointer is at most so far from the ends of its line
	if at := o.t.mouse.at.Y; y < at+line && y+tip.Height > at-line {
		y = at - line - tip.Height
	}
	return max(0, y)
}

// shorten cuts the middle out of a long address: both ends tell where it leads.
func shorten(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most*2/3]) + "…" + string(r[len(r)-most/3:])
}
