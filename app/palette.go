package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// palette finds an action, a model or a chat by a few letters. The focus stays
// in its field; the arrows choose, Enter does it.
type palette struct {
	popup    *widget.PopUp
	field    *field
	list     *list
	none     *textLine
	results  *fyne.Container // as high as they need, with list and none
	all      []command
	found    []command
	selected int
	recent   func() []string
	chosen   func(command)
	canvas   fyne.Canvas
}

const (
	paletteWidth  = 600
	paletteHeight = 376 // of the results, at most: ten lines
	paletteTop    = 60
	paletteMost   = 60 // commands that are listed
	paletteLine   = 34
)

func newPalette(w *window) *palette {
	p := &palette{canvas: w.win.Canvas(), recent: func() []string { return w.comfort.recent }}
	p.chosen = func(c command) {
		w.comfort.used(c.key)
		w.deps.Changed(w)
		c.run()
	}
	p.field = newField(p.key, func() {})
	p.field.OnSubmitted = func(string) { p.run() }
	p.field.SetPlaceHolder(lang.L("Type what you are looking for: an action, a model, a chat"))
	p.field.OnChanged = func(string) { p.search() }
	p.list = &list{}
	p.list.Length = func() int { return len(p.found) }
	p.list.CreateItem = func() fyne.CanvasObject { return newPaletteLine() }
	p.list.UpdateItem = func(id widget.ListItemID, o fyne.CanvasObject) {
		o.(*paletteRow).show(p.found[id], id == p.selected, func() {
			p.selected = id
			p.run()
		})
	}
	p.list.ExtendBaseWidget(p.list)
	p.list.HideSeparators = true
	p.list.OnSelected = func(id widget.ListItemID) {
		p.list.Unselect(id)
		p.selected = id
		p.run()
	}
	p.none = newText(lang.L("Nothing is called so."), colorMuted, theme.SizeNameText)
	p.results = container.New(fixedHeight(0), p.list, padded(container.NewVBox(p.none), 14, 8))
	return p
}

// open shows the palette with what can be done now.
func (w *window) openPalette() {
	p := w.palette
	p.close()
	p.all = w.commands()
	p.popup = widget.NewPopUp(container.New(&stackedRow{gap: 4}, padded(p.field, 4, 4), p.results), p.canvas)
	p.field.SetText("")
	p.search()
	p.popup.ShowAtPosition(fyne.NewPos((p.canvas.Size().Width-p.width())/2, paletteTop))
	p.canvas.Focus(p.field)
}

func (p *palette) width() float32 { return min(paletteWidth, p.canvas.Size().Width-32) }

// fit makes the palette as high as what was found, up to a limit.
func (p *palette) fit() {
	rows := float32(max(1, len(p.found)))
	room := min(paletteHeight, p.canvas.Size().Height-paletteTop-110) // for field and margins, too
	p.results.Layout = fixedHeight(min(rows*(p.list.MinSize().Height+theme.Padding()), room))
	p.popup.Resize(fyne.NewSize(p.width(), p.popup.MinSize().Height))
}

func (p *palette) close() {
	if p.popup != nil {
		p.popup.Hide()
		p.popup = nil
	}
}

// search lists what answers the text of the field.
func (p *palette) search() {
	p.found = find(p.all, p.field.Text, p.recent(), paletteMost)
	p.selected = 0
	if len(p.found) == 0 {
		p.none.Show()
	} else {
		p.none.Hide()
	}
	p.fit()
	p.list.Refresh()
	p.list.ScrollToTop()
}

// key handles the keys of the field that are not writing.
func (p *palette) key(key *fyne.KeyEvent) bool {
	switch key.Name {
	case fyne.KeyEscape:
		p.close()
	case fyne.KeyUp:
		p.move(-1)
	case fyne.KeyDown:
		p.move(1)
	case fyne.KeyPageUp:
		p.move(-8)
	case fyne.KeyPageDown:
		p.move(8)
	default:
		return false
	}
	return true
}

func (p *palette) move(by int) {
	if len(p.found) == 0 {
		return
	}
	p.selected = min(len(p.found)-1, max(0, p.selected+by))
	p.list.ScrollTo(p.selected)
	p.list.Refresh()
}

// run does what is selected.
func (p *palette) run() {
	if p.selected >= len(p.found) {
		return
	}
	c := p.found[p.selected]
	p.close()
	p.chosen(c)
}

// paletteRow is a line of the palette.
type paletteRow struct {
	pressable
	name, kind, keys *textLine
}

func newPaletteLine() *paletteRow {
	r := &paletteRow{kind: newCaption(""), keys: newCaption("")}
	r.name = newText("", theme.ColorNameForeground, theme.SizeNameText)
	r.keys.style.Monospace = true
	r.content = container.New(fixedHeight(paletteLine), padded(container.NewBorder(nil, nil, nil,
		container.NewHBox(r.kind, r.keys), r.name), 10, 2))
	r.ExtendBaseWidget(r)
	return r
}

func (r *paletteRow) show(c command, selected bool, press func()) {
	r.name.set(c.name)
	r.kind.set(c.kind)
	r.keys.set(c.keys)
	r.kind.quiet(selected)
	r.keys.quiet(selected)
	r.selected, r.onPress = selected, press
	r.Refresh()
}
