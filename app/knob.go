package app

import (
	"math"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"lumi/llm"
)

// panelText is how wide text in the panel is.
const panelText = panelWidth - 28

// settingText is the sentence of a setting's table as a person reads it. The
// word in backquotes stands for the value on the command line, in capitals.
func settingText(text string) string {
	if parts := strings.Split(text, "`"); len(parts) == 3 {
		if word := parts[1]; len(word) > 1 && word != "GBNF" && !strings.Contains(word, "±") {
			parts[1] = strings.ToLower(word)
		}
		text = strings.Join(parts, "")
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// settingHead is the line above a setting: its name, which shows or hides the
// sentence that says what it does, and on the right a hint, or once the value
// is changed a mark that takes the change back.
type settingHead struct {
	box      *fyne.Container
	line     *fyne.Container
	name     *textLine
	press    *pressable // around the name
	hint     *textLine
	mark     *pressable
	back     *textLine // the value that the mark brings back
	sentence *paragraph
	resized  func()
}

func newSettingHead(name, hint, sentence string, reset, resized func()) *settingHead {
	h := &settingHead{name: newKnobName(name), hint: newCaption(hint), back: newCaption(""), resized: resized}
	picture := container.NewGridWrap(fyne.NewSquareSize(13), widget.NewIcon(icon("reset")))
	h.mark = newPressable(container.NewHBox(container.NewCenter(picture), h.back), reset)
	h.mark.bleed = 4
	h.mark.Hide()
	h.sentence = newParagraph(sentence, colorMuted, panelText)
	h.sentence.below = 4
	h.sentence.Hide()
	h.press = newPressable(h.name, h.explain)
	h.press.tip, h.press.bleed = sentence, 4
	h.line = container.NewBorder(nil, nil, h.press, container.NewHBox(h.hint, h.mark))
	h.box = container.New(&stackedRow{gap: 2}, h.line, h.sentence)
	return h
}

// explain shows or hides the sentence.
func (h *settingHead) explain() {
	if h.sentence.Visible() {
		h.sentence.Hide()
		h.press.tip = h.sentence.text
	} else {
		h.unfold()
	}
	h.resized()
}

// unfold shows the sentence, so that the name need not say it too.
func (h *settingHead) unfold() {
	h.sentence.Show()
	h.press.tip = ""
}

// show marks a value that is not the recommended one, whose text is base.
func (h *settingHead) show(changed bool, base string) {
	if changed == h.mark.Visible() && base == h.back.text {
		return
	}
	h.back.set(base)
	h.name.color, h.name.style.Bold = theme.ColorNameForeground, changed
	h.mark.Hide()
	h.hint.Show()
	if changed {
		h.name.color = theme.ColorNamePrimary
		h.mark.Show()
		h.hint.Hide()
	}
	h.line.Refresh()
}

// narrow is a field without a scroll bar.
func narrow(f *field) fyne.CanvasObject { return container.NewThemeOverride(f, narrowField{}) }

// numberWidth is the room of six digits.
const numberWidth = 66

// knobRow shows one number as a name, a field to type in and a slider.
type knobRow struct {
	param  llm.Param
	box    *fyne.Container
	head   *settingHead
	field  *field
	slider *slider
	value  float64 // in force; the slider's is rounded to a step
	base   float64 // what a reset brings back
	quiet  bool
	onSet  func(float64)
}

func newKnobRow(p llm.Param, hooks panelHooks, onSet func(float64)) *knobRow {
	r := &knobRow{param: p, onSet: onSet}
	text := knobTexts[p.Name]
	r.head = newSettingHead(lang.L(text.nameOr(p.Name)), translated(text.hint), lang.L(settingText(p.Text)), r.reset, hooks.resized)
	r.field = newField(hooks.keys, r.settle)
	r.field.OnChanged = r.typed
	r.field.whole = true
	r.slider = newSlider(p.Low, p.High, p.Step)
	r.slider.OnChanged = r.slid
	r.slider.onRune, r.head.press.onRune = r.begin, r.begin
	slider := container.NewThemeOverride(r.slider, sliderLook{})
	r.box = container.New(&stackedRow{}, r.head.box,
		container.NewBorder(nil, nil, nil, container.New(fixedWidth(numberWidth), underWheel(narrow(r.field), hooks.wheel)), slider))
	return r
}

// translated is a text in the person's language, and nothing for nothing.
func translated(text string) string {
	if text == "" {
		return ""
	}
	return lang.L(text)
}

func newKnobName(name string) *textLine {
	t := newText(name, theme.ColorNameForeground, theme.SizeNameText)
	t.fits = true
	return t
}

// integral reports whether the setting is a whole number.
func (r *knobRow) integral() bool { return r.param.Step >= 1 }

// late reports whether the first digits of a number mean something else: it is
// taken when it is complete.
func (r *knobRow) late() bool { return r.param.Step >= 16 }

// format writes a value with two decimals, or more where it has more.
func (r *knobRow) format(v float64) string {
	switch {
	case r.integral():
		return decimal(v, 0)
	case math.Abs(v-math.Round(v*100)/100) < 1e-6:
		return decimal(v, 2)
	}
	return signed(strconv.FormatFloat(v, 'f', -1, 32))
}

// show displays a value and what a reset would make of it. The field is left
// alone while a person types in it and it already means that value.
func (r *knobRow) show(v, base float64) {
	r.quiet = true
	defer func() { r.quiet = false }()
	if now, ok := r.parse(r.field.Text); !ok || !r.field.focused || r.format(now) != r.format(v) {
		r.field.SetText(r.format(v))
	}
	r.value, r.base = v, base
	r.slider.SetValue(v)
	r.mark()
}

func (r *knobRow) mark() {
	base := r.format(r.base)
	r.head.show(r.format(r.value) != base, base)
}

// reset brings the recommended value back.
func (r *knobRow) reset() {
	r.take(r.base)
	r.field.SetText(r.format(r.base))
}

func (r *knobRow) parse(text string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(text), ",", "."), 64)
	if err != nil || math.IsNaN(v) {
		return 0, false
	}
	p := r.param
	if r.integral() {
		v = math.Round(v)
	}
	v = p.Typed(v)
	if v = min(max(v, p.Min), p.Max); p.Low+p.Step == p.High { // on or off
		v = p.Low + math.Round((v-p.Low)/p.Step)*p.Step
	}
	return v, true
}

// begin has a number that is typed where the row's name or slider has the focus
// go into the field, in place of what stands there.
func (r *knobRow) begin(typed rune) bool {
	c := fyne.CurrentApp().Driver().CanvasForObject(r.field)
	if c == nil || !strings.ContainsRune("0123456789.,-", typed) {
		return false
	}
	c.Focus(r.field) // selects all of it
	r.field.TypedRune(typed)
	return true
}

func (r *knobRow) typed(text string) {
	if r.quiet {
		return
	}
	if v, ok := r.parse(text); ok && !r.late() {
		r.take(v)
	}
}

// take puts a typed value into force.
func (r *knobRow) take(v float64) {
	r.quiet = true
	r.slider.SetValue(v)
	r.quiet = false
	r.set(v)
}

func (r *knobRow) set(v float64) {
	r.value = v
	r.mark()
	r.onSet(v)
}

// settle writes the value that is in force once typing is over.
func (r *knobRow) settle() {
	if v, ok := r.parse(r.field.Text); ok && r.format(v) != r.format(r.value) {
		r.take(v)
	}
	r.field.SetText(r.format(r.value))
}

func (r *knobRow) slid(v float64) {
	if r.quiet {
		return
	}
	r.quiet = true
	r.field.SetText(r.format(v))
	r.quiet = false
	r.set(v)
}
