package transcript

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
)

// backdrop makes what lies behind the selection: bubble, quote bars, code box,
// table lines, list marker; and the buttons of the block.
func (b *block) backdrop(t *Transcript) (back []fyne.CanvasObject) {
	p, r := t.palette, b.laidFor.ruler
	put := func(o ...fyne.CanvasObject) { back = append(back, o...) }
	if b.inBubble() {
		put(b.bubblePart(p))
	}
	if b.hasFootButtons() {
		if b.buttons == nil {
			b.buttons = b.footButtons(t)
		}
		put(b.placeButtons(p)...)
	}
	if b.kind == fold {
		put(b.foldButton(t)...)
	}
	x, y := b.origin()
	for q := range b.quote {
		top := b.top
		if b.joint == glued {
			top = 0
		}
		put(box(p.bar, b.left-quoteStep*float32(b.quote-q)+3, top, 3, b.contentH, 1.5))
	}
	switch b.kind {
	case rule:
		put(box(p.line, x, y, b.avail, 1, 0))
	case code:
		head := r.codeHead()
		x -= codePad
		put(box(p.code, x, b.top, b.avail, b.contentH, radius))
		put(corners(box(p.head, x, b.top, b.avail, head, 0), radius, 0))
		name := b.lang
		if name == "" {
			name = lang.L("text")
		}
		f := face{size: r.body - 3}
		put(r.label(name, f, p.muted, x+codePad, b.top+head/2+f.size*0.36))
		if b.buttons == nil {
			b.buttons = []*button{{label: lang.L("Copy"), copy: func() string { return b.text }}}
		}
		w := r.width(lang.L("Copied"), f) + 20
		put(b.buttons[0].place(p, f.size, x+b.avail-w-6, b.top+4, w, head-8)...)
	case table:
		put(b.tableLines(p)...)
	}
	if b.marker != "" && len(b.lines) > 0 || b.marker != "" && b.kind == code {
		put(b.markerLabel(p))
	}
	return back
}

// bubblePart is the block's part of the box around a person's message.
func (b *block) bubblePart(p *palette) fyne.CanvasObject {
	from, to := float32(0), b.h
	var top, bottom float32
	if b.first {
		from, top = b.top-bubblePad+4, 16
	}
	if b.last {
		bottom = 16
	} else {
		to++ // no seam at fractional scales
	}
	return corners(box(p.bubble, 0, from, b.msg.bubble, to-from, 0), top, bottom)
}

// markerLabel is the bullet, number or check box before a list item.
func (b *block) markerLabel(p *palette) fyne.CanvasObject {
	r := b.laidFor.ruler
	f := face{size: r.body}
	x, y := b.left, b.top
	if b.inBubble() {
		x += bubblePad
	}
	h := r.codeHead()
	if b.kind != code {
		h = b.lines[0].h
	}
	if b.marker == "☐" || b.marker == "☑" {
		return b.checkBox(p, x, y+h/2)
	}
	m := r.metrics(f)
	return r.label(b.marker, f, p.muted, x-r.width(b.marker, f)-8, y+(h-m.height)/2+m.base)
}

// checkBox is painted and not a character: few fonts have one.
func (b *block) checkBox(p *palette, x, y float32) fyne.CanvasObject {
	side := round(b.laidFor.ruler.body * 1.25)
	icon, name := theme.CheckButtonIcon(), theme.ColorNamePlaceHolder
	if b.marker == "☑" {
		icon, name = theme.CheckButtonCheckedIcon(), theme.ColorNamePrimary
	}
	o := canvas.NewImageFromResource(theme.NewColoredResource(icon, name))
	o.FillMode = canvas.ImageFillContain
	o.Move(fyne.NewPos(x-side-5, round(y-side/2)))
	o.Resize(fyne.NewSquareSize(side))
	return o
}

// tableLines are the frame, the head and the lines of a table, as far as its
// rows have objects.
func (b *block) tableLines(p *palette) (out []fyne.CanvasObject) {
	x, y, w, h := b.window()
	for i, row := range b.rows {
		if row.line >= b.view.hi {
			break
		}
		if i+1 < len(b.rows) && b.rows[i+1].line <= b.view.lo {
			continue
		}
		if i == 0 {
			bottom := float32(0)
			if len(b.rows) == 1 {
				bottom = radius
			}
			out = append(out, corners(box(p.head, x, y, w, row.h, 0), radius, bottom))
			continue
		}
		out = append(out, box(p.line, x, y+row.y, w, 1, 0))
	}
	frame := box(color.Transparent, x, y, w, h, radius)
	frame.StrokeColor, frame.StrokeWidth = p.line, 1
	return append(out, frame)
}

// placeButtons puts a message's buttons behind the text of its footer, or before
// it under a person's message; without a footer they stand beside the last line
// of the box, so that what shows only under the pointer needs no row of its own.
func (b *block) placeButtons(p *palette) (out []fyne.CanvasObject) {
	r := b.laidFor.ruler
	side := r.footHeight()
	widths, sum := b.buttonWidths(r)
	if b.kind != footer {
		widths, sum = b.fitButtons(widths, b.shift()+sideMargin-buttonInset)
	}
	x, y := b.left-buttonInset, b.top
	switch {
	case b.kind != footer:
		x, y = -sum-buttonInset, round(b.h-(b.pitch(r)+side)/2-bubblePad+4)
	case b.msg.boxed():
		if x = b.left + b.lines[0].x - sum + buttonInset; b.text != "" {
			x -= footGap + buttonInset
		}
	case b.text != "":
		x = b.left + b.natural + footGap
		widths, _ = b.fitButtons(widths, b.left+b.avail+buttonInset-x)
	}
	for i, c := range b.buttons {
		out = append(out, c.place(p, r.body-3, x, y, widths[i], side)...)
		x += widths[i]
	}
	return out
}

// buttonWidths are the widths of a message's buttons, and their sum.
func (b *block) buttonWidths(r *ruler) (widths []float32, sum float32) {
	widths = make([]float32, len(b.buttons))
	for i, c := range b.buttons {
		if widths[i] = r.footHeight(); c.icon == nil {
			widths[i] = r.width(c.label, face{size: r.body - 3}) + 2*buttonInset
		}
		sum += widths[i]
	}
	return widths, sum
}

// fitButtons leaves out the buttons that there is no room for; the menu has all
// of them.
func (b *block) fitButtons(widths []float32, room float32) (kept []float32, sum float32) {
	for i, width := range widths {
		if sum+width > room {
			b.buttons = b.buttons[:i]
			return widths[:i], sum
		}
		sum += width
	}
	return widths, sum
}
