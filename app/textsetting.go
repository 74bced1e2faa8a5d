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

// textSetting shows a setting that is made of texts as a field of several
// lines: one text, or one on each line. While what stands in the field cannot
// be used, a sentence says why and the setting is empty.
type textSetting struct {
	param   llm.TextParam
	box     *fyne.Container
	head    *settingHead
	field   *field
	fault   *paragraph
	current llm.Settings
	base    llm.Settings
	rows    int // that are visible at least
	quiet   bool
	change  func(func(*llm.Settings))
	resized func()
}

func newTextSetting(p llm.TextParam, hooks panelHooks, change func(func(*llm.Settings))) *textSetting {
	t := &textSetting{param: p, change: change, resized: hooks.resized, rows: 2}
	t.head = newSettingHead(lang.L(knobTexts[p.Name].nameOr(p.Name)), "", lang.L(settingText(p.Text)), t.reset, hooks.resized)
	t.head.sentence.Show()
	t.field = newTextArea(hooks.keys, func() {})
	t.field.TextStyle.Monospace = true
	if _, whole := p.Field(&llm.Settings{}).(*string); whole {
		t.rows = 5
	} else {
		t.head.hint.set(lang.L("one on each line"))
	}
	t.field.SetMinRowsVisible(t.rows)
	t.field.OnChanged = t.typed
	t.fault = newParagraph("", theme.ColorNameError, panelText)
	t.box = container.New(&stackedRow{gap: 3}, t.head.box, underWheel(t.field, hooks.wheel), t.fault)
	return t
}

// show displays the setting's value; the field is left alone where it means
// that value already.
func (t *textSetting) show(settings, base llm.Settings) {
	t.current, t.base = settings, base
	value := textOf(t.param, &settings)
	trial := settings
	if err := takeText(t.param, &trial, t.field.Text); err == nil && textOf(t.param, &trial) != value {
		t.quiet = true
		t.field.SetText(value)
		t.quiet = false
		t.grow()
	}
	t.mark()
}

func (t *textSetting) mark() {
	back := lang.L("empty")
	base := textOf(t.param, &t.base)
	if base != "" {
		back = lang.L("recommended")
	}
	t.head.show(t.field.Text != "" && t.field.Text != base || textOf(t.param, &t.current) != base, back)
}

func (t *textSetting) reset() { t.field.SetText(textOf(t.param, &t.base)) }

func (t *textSetting) typed(text string) {
	if t.quiet {
		return
	}
	next := t.current
	err := takeText(t.param, &next, text)
	t.change(func(s *llm.Settings) {
		if other := *s; err == nil { // the settings as they are now
			if err = takeText(t.param, &other, text); err == nil {
				*s = other
				return
			}
		}
		empty(t.param, s)
	})
	t.current = next
	said := ""
	if err != nil {
		said = told(say("Not used: {{.Why}}").because(err))
		empty(t.param, &t.current)
	}
	t.mark()
	if grown := t.grow(); t.fault.set(said) || grown {
		t.resized()
	}
}

// grow fits the field's height to its lines, as far as that is sensible.
func (t *textSetting) grow() bool {
	before := t.field.MinSize().Height
	t.field.SetMinRowsVisible(min(16, max(t.rows, 1+strings.Count(t.field.Text, "\n"))))
	return t.field.MinSize().Height != before
}

// textOf is the setting as it stands in the field.
func textOf(p llm.TextParam, s *llm.Settings) string {
	switch field := p.Field(s).(type) {
	case *string:
		return *field
	case *[]string:
		lines := make([]string, len(*field))
		for i, text := range *field {
			lines[i] = escapes.Replace(text)
		}
		return strings.Join(lines, "\n")
	case *[]sample.Bias:
		lines := make([]string, len(*field))
		for i, b := range *field {
			lines[i] = b.String()
		}
		return strings.Join(lines, "\n")
	}
	return ""
}

// In a text on one line, a line end is written \n.
var (
	escapes   = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`)
	unescapes = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t")
)

// takeText sets the setting to what stands in the field, unless that cannot be
// used.
func takeText(p llm.TextParam, s *llm.Settings, text string) error {
	switch field := p.Field(s).(type) {
	case *string:
		if strings.TrimSpace(text) == "" {
			text = ""
		} else if err := p.Check(text); err != nil {
			return err
		}
		*field = text
		return s.CheckForm()
	case *[]string:
		var list []string
		for line := range strings.SplitSeq(text, "\n") {
			if line != "" {
				list = append(list, unescapes.Replace(line))
			}
		}
		*field = list
	case *[]sample.Bias:
		var list []sample.Bias
		for line := range strings.SplitSeq(text, "\n") {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			b, err := sample.ParseBias(line)
			if err != nil {
				return err
			}
			list = append(list, b)
		}
		*field = list
	}
	return nil
}

// empty takes the setting away.
func empty(p llm.TextParam, s *llm.Settings) {
	switch field := p.Field(s).(type) {
	case *string:
		*field = ""
	case *[]string:
		*field = nil
	case *[]sample.Bias:
		*field = nil
	}
}

// stageList shows the sampler's stages in their order: each can be switched off
// and moved.
type stageList struct {
	box     *fyne.Container
	head    *settingHead
	rows    *fyne.Container
	names   []string // all stages; those that are on come first
	on      int
	base    string
	change  func(func(*llm.Settings))
	resized func()
}

func newStageList(p llm.TextParam, change func(func(*llm.Settings)), resized func()) *stageList {
	l := &stageList{change: change, resized: resized, rows: container.New(&stackedRow{})}
	l.head = newSettingHead(lang.L(knobTexts[p.Name].nameOr(p.Name)), "",
		lang.L("The stages work in this order. Each can be moved and switched off."), l.reset, resized)
	l.head.sentence.Show()
	l.box = container.New(&stackedRow{gap: 3}, l.head.box, l.rows)
	return l
}

// show displays an order as sample.ParseOrder reads it.
func (l *stageList) show(order, base string) {
	l.base = base
	names, err := sample.ParseOrder(order)
	if err != nil { // the chain takes the default then
		names, _ = sample.ParseOrder("")
	}
	l.on = len(names)
	all, _ := sample.ParseOrder("")
	for _, name := range all {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	same := slices.Equal(names, l.names) && len(l.rows.Objects) == len(names)
	l.names = names
	l.head.show(!sameOrder(order, base), lang.L("usual"))
	if !same {
		l.fill()
		return
	}
	l.update()
}

// sameOrder compares orders; none is the default one.
func sameOrder(a, b string) bool {
	x, _ := sample.ParseOrder(a)
	y, _ := sample.ParseOrder(b)
	return slices.Equal(x, y)
}

func (l *stageList) reset() { l.take(l.base) }

// fill makes a row for each stage.
func (l *stageList) fill() {
	l.rows.RemoveAll()
	for i, name := range l.names {
		toggle := newPressable(nil, func() { l.toggle(i) })
		mark := container.NewGridWrap(fyne.NewSquareSize(18), container.NewStack())
		text := newText(strings.ReplaceAll(name, "_", "-"), theme.ColorNameForeground, theme.SizeNameText)
		text.style.Monospace = true
		text.fits = true
		toggle.content = padded(container.NewHBox(container.NewCenter(mark), container.NewCenter(text)), 4, 2)
		up := iconButton(theme.MoveUpIcon(), lang.L("Earlier"), func() { l.move(i, -1) })
		down := iconButton(theme.MoveDownIcon(), lang.L("Later"), func() { l.move(i, 1) })
		l.rows.Add(container.NewBorder(nil, nil, nil, container.NewHBox(up, down), toggle))
	}
	l.update()
}

// update shows which stages are on.
func (l *stageList) update() {
	for i, o := range l.rows.Objects {
		row := o.(*fyne.Container)
		toggle := row.Objects[0].(*pressable)
		moves := row.Objects[1].(*fyne.Container)
		line := toggle.content.(*fyne.Container).Objects[0].(*fyne.Container)
		text := line.Objects[1].(*fyne.Container).Objects[0].(*textLine)
		mark := line.Objects[0].(*fyne.Container).Objects[0].(*fyne.Container)
		mark.RemoveAll()
		text.color = colorMuted
		moves.Hide()
		if i < l.on {
			text.color = theme.ColorNameForeground
			mark.Add(widget.NewIcon(icon("check")))
			moves.Show()
		}
		row.Refresh()
	}
}

// toggle switches a stage on, as the last one, or off. One always stays on:
// no stages would mean the usual ones.
func (l *stageList) toggle(i int) {
	names := slices.Clone(l.names)
	name := names[i]
	names = slices.Delete(names, i, i+1)
	on := l.on
	if i < l.on {
		if on--; on == 0 {
			return
		}
	} else {
		names = slices.Insert(names, l.on, name)
		on++
	}
	l.take(strings.Join(names[:on], ";"))
}

// move exchanges a stage with its neighbour.
func (l *stageList) move(i, by int) {
	to := i + by
	if to < 0 || to >= l.on {
		return
	}
	names := slices.Clone(l.names[:l.on])
	names[i], names[to] = names[to], names[i]
	l.take(strings.Join(names, ";"))
	row := l.rows.Objects[to].(*fyne.Container) // the keyboard goes with the stage
	pressed := row.Objects[1].(*fyne.Container).Objects[(by+1)/2].(*button)
	if c := fyne.CurrentApp().Driver().CanvasForObject(pressed); c != nil {
		c.Focus(pressed)
	}
}

// take puts an order into force.
func (l *stageList) take(order string) {
	if sameOrder(order, "") {
		order = ""
	}
	l.change(func(s *llm.Settings) { s.Samplers = order })
	l.show(order, l.base)
	l.resized()
}
