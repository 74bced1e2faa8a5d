package transcript

import (
	"image/color"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// view holds the canvas objects of one visible block: backgrounds, selection,
// text, from back to front. Only lines [lo,hi) have objects. Moving root moves
// everything, so that scrolling touches no text.
type view struct {
	root, inner *fyne.Container
	clip        *container.Clip // of a block that scrolls sideways
	back        []fyne.CanvasObject
	rows        []row
	lo, hi      int
	selA, selB  int
	marks       []mark
	bar         *canvas.Rectangle
	look        look
}

// look is what a view was painted for; any change paints it anew.
type look struct {
	palette *palette
	g       *geometry
	size    fyne.Size
	bubble  float32
	natural float32
	open    bool
}

// row is the objects of one line: chips behind inline code, which the
// selection covers, and the text.
type row struct{ chips, texts []fyne.CanvasObject }

// spare lines are painted above and below the window, so that a small scroll
// builds nothing.
const spare = 12

// label makes the text object of one fragment with its baseline at the given
// y. Fyne's painter puts the baseline on a whole pixel of the text's own image,
// so the fonts of a line agree only if that is taken off again here. And it puts
// it as high as the fonts that it needs ask for: a sign that another font paints
// would stand too high alone, so it gets company that is not seen.
func (r *ruler) label(s string, f face, c color.Color, x, baseline float32) *canvas.Text {
	const unseen = "\u034f" // a joiner of letters, which the proportional fonts have
	o := canvas.NewText(s, c)
	if symbolic(s) && !f.style.Monospace {
		o.Text = unseen + s
	}
	o.TextSize, o.TextStyle = f.size, f.style
	size, base := fyne.CurrentApp().Driver().RenderedTextSize(s, f.size, f.style, nil)
	o.Move(fyne.NewPos(x, (round(baseline*r.pixels)-ceil(base*r.pixels))/r.pixels))
	o.Resize(size)
	return o
}

// origin is where the content starts inside the block.
func (b *block) origin() (x, y float32) {
	x, y = b.left, b.top
	if b.inBubble() {
		x += bubblePad
	}
	if b.kind == code {
		return x + codePad, y + b.laidFor.ruler.codeHead() + codePad - 2
	}
	return x, y
}

// shift is how far the block is moved right in the column.
func (b *block) shift() float32 {
	if b.inBubble() {
		return b.laidFor.column - b.msg.bubble
	}
	return 0
}

// realise brings the objects of b up to date for lines [lo,hi), the selection
// [selA,selB) and what was found in it.
func (b *block) realise(t *Transcript, lo, hi, selA, selB int, marks []mark) {
	want := look{t.palette, b.laidFor, fyne.NewSize(b.avail, b.h), b.msg.bubble, b.natural, b.open}
	v := b.view
	fresh := v == nil || b.keep == 0 || v.look.palette != want.palette || v.look.g != want.g
	if !fresh && v.look == want && v.lo <= lo && v.hi >= hi && v.selA == selA && v.selB == selB && slices.Equal(v.marks, marks) && b.keep >= len(b.lines) {
		return
	}
	if fresh {
		v = &view{root: container.NewWithoutLayout(), inner: container.NewWithoutLayout()}
		if b.sideways() {
			v.clip, v.bar = container.NewClip(v.inner), box(t.palette.bar, 0, 0, 0, 4, 2)
		}
		b.view = v
	}
	from, to := v.lo, v.hi
	b.realiseRows(t, lo, hi, fresh)
	if fresh || v.look != want || b.kind == table && (v.lo != from || v.hi != to) {
		v.look = want
		v.back = b.backdrop(t)
	}
	v.selA, v.selB, v.marks = selA, selB, marks
	v.inner.Objects = v.inner.Objects[:0:0]
	for _, r := range v.rows {
		v.inner.Objects = append(v.inner.Objects, r.chips...)
	}
	for i := v.lo; i < v.hi && selA < selB; i++ {
		if o := b.selected(i, selA, selB, t.palette.selection); o != nil {
			v.inner.Objects = append(v.inner.Objects, o)
		}
	}
	for _, m := range marks {
		v.inner.Objects = append(v.inner.Objects, b.marked(m, t.palette)...)
	}
	for _, r := range v.rows {
		v.inner.Objects = append(v.inner.Objects, r.texts...)
	}
	v.root.Objects = append([]fyne.CanvasObject{}, v.back...)
	x, y := b.origin()
	if v.clip != nil {
		b.slide(0)
		v.root.Objects = append(v.root.Objects, v.clip, v.bar)
	} else {
		v.inner.Move(fyne.NewPos(x, y))
		v.inner.Resize(fyne.NewSize(b.avail, b.contentH))
		v.root.Objects = append(v.root.Objects, v.inner)
	}
	v.root.Resize(fyne.NewSize(b.left+b.avail, b.h))
}

// realiseRows drops lines that changed or left the range and fills the gaps.
func (b *block) realiseRows(t *Transcript, lo, hi int, fresh bool) {
	v := b.view
	from, to := max(lo-spare, 0), min(hi+spare, len(b.lines))
	if v.lo <= lo && v.hi >= hi && !fresh && v.hi <= len(b.lines) {
		from, to = v.lo, v.hi
	}
	rows := make([]row, to-from)
	for i := range rows {
		if n := from + i; n >= v.lo && n < v.hi && n < b.keep {
			rows[i] = v.rows[n-v.lo]
		} else {
			rows[i] = b.newRow(&b.lines[n], t.palette)
		}
	}
	v.rows, v.lo, v.hi, b.keep = rows, from, to, len(b.lines)+1
}

// newRow makes the objects of a line.
func (b *block) newRow(l *line, p *palette) (out row) {
	r := b.laidFor.ruler
	m := r.metrics(b.face(r, -1))
	baseline := l.y + (l.h-m.height)/2 + m.base
	for _, f := range l.frags {
		fc, c, s := b.face(r, f.span), p.text, strings.TrimRight(b.text[f.start:f.end], " ")
		switch {
		case b.kind.furniture() || b.msg.aside():
			c = p.muted
		case f.span < 0:
			if b.quote > 0 {
				c = p.muted
			}
		case b.kind == code:
			c = p.tone[b.spans[f.span].tone]
		case b.spans[f.span].attr&link != 0:
			c = p.link
			out.texts = append(out.texts, box(c, f.x, round(baseline+2), f.w, 1, 0))
		case b.spans[f.span].attr&mono != 0:
			out.chips = append(out.chips, box(p.chip, f.x-chipPad, l.y+1.5, f.w+2*chipPad, l.h-3, 5))
		}
		// Leading blanks are skipped: they would only cost a texture.
		if t := strings.TrimLeft(s, " "); t != "" {
			x := f.x
			if n := len(s) - len(t); n > 0 {
				x += float32(n) * r.width(" ", fc)
			}
			out.texts = append(out.texts, r.label(t, fc, c, x, baseline))
		}
	}
	return out
}

// selected is the highlight of line i. A line whose end is selected gets a
// small tail for its line break.
func (b *block) selected(i, selA, selB int, c color.Color) fyne.CanvasObject {
	l := &b.lines[i]
	a, e := max(selA, l.start), min(selB, l.end)
	if a > e || selB <= l.start && i > 0 || a == e && l.end > l.start && selA >= l.end {
		return nil
	}
	x1, x2 := b.xAt(l, a), b.xAt(l, e)
	if selB > l.end && b.kind != table {
		x2 += 5
	}
	if x2 <= x1 {
		return nil
	}
	return box(c, x1, l.y, x2-x1, l.h, 0)
}

// window is the part of the block that its lines are seen through, for blocks
// that scroll sideways.
func (b *block) window() (x, y, w, h float32) {
	x, y = b.origin()
	if b.kind == code {
		return x, y - 4, b.avail - 2*codePad, b.contentH - b.laidFor.ruler.codeHead() - codePad + 6
	}
	return x, y, min(b.avail, b.natural), b.contentH
}

// overhang is how far the block can be scrolled sideways.
func (b *block) overhang() float32 {
	_, _, w, _ := b.window()
	if b.kind == code && b.natural > w {
		return b.natural + codePad - w
	}
	return max(b.natural-w, 0)
}

// slide scrolls the block sideways by dx.
func (b *block) slide(dx float32) {
	v, over := b.view, b.overhang()
	x, y, w, h := b.window()
	_, top := b.origin()
	b.hscroll = max(min(b.hscroll+dx, over), 0)
	v.clip.Move(fyne.NewPos(x, y))
	v.clip.Resize(fyne.NewSize(w, h))
	v.inner.Resize(fyne.NewSize(max(b.natural, w), b.contentH))
	v.inner.Move(fyne.NewPos(-b.hscroll, top-y))
	if v.bar.Hidden = over == 0; !v.bar.Hidden {
		length := max(w*w/(w+over), 24)
		v.bar.Resize(fyne.NewSize(length, 4))
		v.bar.Move(fyne.NewPos(x+(w-length)*b.hscroll/over, b.top+b.contentH-8))
	}
	canvas.Refresh(v.bar)
}
