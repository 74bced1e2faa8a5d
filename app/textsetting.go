package app

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"

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
	t.head.unfold()
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
	before := t.box.MinSize().Height
	t.fault.set(said)
	if t.grow(); t.box.MinSize().Height != before { // to lay out the panel for each letter is slow
		t.resized()
	}
}

// grow fits the field's height to its lines, as far as that is sensible.
func (t *textSetting) grow() {
	t.field.SetMinRowsVisible(min(16, max(t.rows, 1+strings.Count(t.field.Text, "\n"))))
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
