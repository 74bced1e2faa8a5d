package app

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"lumi/llm"
	"lumi/llm/sample"
)

// stageList shows the sampler's stages in their order: each can be switched off
// and moved. One that is off keeps its place, for when it is switched on again.
type stageList struct {
	box    *fyne.Container
	head   *settingHead
	rows   *fyne.Container
	lines  map[string]*stageLine
	names  []string // all stages in the order in which they stand
	base   string
	change func(func(*llm.Settings))
}

func newStageList(p llm.TextParam, change func(func(*llm.Settings)), resized func()) *stageList {
	l := &stageList{change: change, lines: map[string]*stageLine{}, rows: container.New(&stackedRow{})}
	l.head = newSettingHead(lang.L(knobTexts[p.Name].nameOr(p.Name)), "",
		lang.L("The stages work in this order. Drag one or use its arrows to move it; a press on its name switches it off and on."), l.reset, resized)
	l.head.unfold()
	l.box = container.New(&stackedRow{gap: 3}, l.head.box, l.rows)
	all, _ := sample.ParseOrder("")
	for _, name := range all {
		l.lines[name] = newStageLine(name, func() { l.toggle(name) }, func(by int) { l.move(name, by) })
	}
	return l
}

// show displays an order as sample.ParseOrder reads it.
func (l *stageList) show(order, base string) {
	l.base = base
	on, err := sample.ParseOrder(order)
	if err != nil { // the chain takes the default then
		on, _ = sample.ParseOrder("")
	}
	if !slices.Equal(on, l.kept(on)) {
		l.names = withOthers(on)
	}
	l.head.show(!sameOrder(order, base), lang.L("usual"))
	l.rows.Objects = l.rows.Objects[:0]
	for i, name := range l.names {
		line := l.lines[name]
		line.show(slices.Contains(on, name), i == 0, i == len(l.names)-1)
		l.rows.Objects = append(l.rows.Objects, line.row)
	}
	l.rows.Refresh()
}

// kept are those of the stages that are given, as they stand in the list.
func (l *stageList) kept(given []string) []string {
	return slices.DeleteFunc(slices.Clone(l.names), func(name string) bool { return !slices.Contains(given, name) })
}

// withOthers are all stages: those in the order that is given, and each other
// one behind the stage that it usually follows.
func withOthers(names []string) []string {
	names = slices.Clone(names)
	all, _ := sample.ParseOrder("")
	for i, name := range all {
		if slices.Contains(names, name) {
			continue
		}
		at := 0
		if i > 0 {
			at = slices.Index(names, all[i-1]) + 1
		}
		names = slices.Insert(names, at, name)
	}
	return names
}

// sameOrder compares orders; none is the default one.
func sameOrder(a, b string) bool {
	x, _ := sample.ParseOrder(a)
	y, _ := sample.ParseOrder(b)
	return slices.Equal(x, y)
}

func (l *stageList) reset() {
	l.names = nil
	l.take(l.base)
}

// toggle switches a stage on or off. One always stays on: no stages would mean
// the usual ones.
func (l *stageList) toggle(name string) {
	line := l.lines[name]
	if line.on && len(l.on()) == 1 {
		return
	}
	line.on = !line.on
	l.take(strings.Join(l.on(), ";"))
}

// on are the stages that are, in their order.
func (l *stageList) on() []string {
	return slices.DeleteFunc(slices.Clone(l.names), func(name string) bool { return !l.lines[name].on })
}

// move exchanges a stage with its neighbour.
func (l *stageList) move(name string, by int) {
	i := slices.Index(l.names, name)
	to := i + by
	if to < 0 || to >= len(l.names) {
		return
	}
	l.names[i], l.names[to] = l.names[to], l.names[i]
	l.take(strings.Join(l.on(), ";"))
}

// take puts an order into force.
func (l *stageList) take(order string) {
	if sameOrder(order, "") {
		order = ""
	}
	l.change(func(s *llm.Settings) { s.Samplers = order })
	l.show(order, l.base)
}

// stageLine is the line of one stage: pressed, it switches the stage off or on;
// dragged, or with the arrow keys, it moves it. So do two buttons beside it.
type stageLine struct {
	pressable
	row      *fyne.Container
	mark     *fyne.Container
	text     *textLine
	up, down *button
	on       bool
	onMove   func(by int)
	dragged  float32 // since the last move
}

var _ fyne.Draggable = (*stageLine)(nil)

func newStageLine(name string, press func(), move func(by int)) *stageLine {
	l := &stageLine{onMove: move, mark: container.NewStack()}
	l.onPress = press
	l.text = newText(strings.ReplaceAll(name, "_", "-"), theme.ColorNameForeground, theme.SizeNameText)
	l.text.style.Monospace = true
	l.text.fits = true
	l.content = padded(container.NewHBox(container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(18), l.mark)), container.NewCenter(l.text)), 4, 2)
	l.up = iconButton(theme.MoveUpIcon(), lang.L("Earlier"), func() { move(-1) })
	l.down = iconButton(theme.MoveDownIcon(), lang.L("Later"), func() { move(1) })
	l.up.stays, l.down.stays = true, true
	l.ExtendBaseWidget(l)
	l.row = container.NewBorder(nil, nil, nil, container.NewHBox(l.up, l.down), l)
	return l
}

// show displays whether the stage is on and where it can be moved to.
func (l *stageLine) show(on, first, last bool) {
	l.on = on
	l.mark.RemoveAll()
	l.text.color = colorMuted
	if on {
		l.text.color = theme.ColorNameForeground
		l.mark.Add(widget.NewIcon(icon("check")))
	}
	l.Refresh()
	l.up.SetIcon(arrow(theme.MoveUpIcon(), first))
	l.down.SetIcon(arrow(theme.MoveDownIcon(), last))
}

// arrow is an icon, faint at an end of the list. Its button is not disabled: it
// may have the focus.
func arrow(icon fyne.Resource, end bool) fyne.Resource {
	if end {
		return theme.NewDisabledResource(icon)
	}
	return icon
}

// Tapped implements fyne.Tappable.
func (l *stageLine) Tapped(e *fyne.PointEvent) {
	// The mouse needs no focus; it would only take it from the composer.
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); e != nil && c != nil && l.focused {
		c.Unfocus()
	}
	l.onPress()
}

// TypedKey implements fyne.Focusable.
func (l *stageLine) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeyUp:
		l.onMove(-1)
	case fyne.KeyDown:
		l.onMove(1)
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		l.Tapped(nil)
	default:
		handKey(l, key)
	}
}

// TypedRune implements fyne.Focusable.
func (l *stageLine) TypedRune(r rune) { handRune(l, r) }

// Dragged implements fyne.Draggable: a line moves on when the pointer is over
// most of its neighbour.
func (l *stageLine) Dragged(e *fyne.DragEvent) {
	l.selected = true
	l.dragged += e.Dragged.DY
	height := l.Size().Height
	for ; l.dragged > 0.6*height; l.dragged -= height {
		l.onMove(1)
	}
	for ; l.dragged < -0.6*height; l.dragged += height {
		l.onMove(-1)
	}
	l.Refresh()
}

// DragEnd implements fyne.Draggable.
func (l *stageLine) DragEnd() {
	l.selected, l.dragged = false, 0
	l.Refresh()
}
