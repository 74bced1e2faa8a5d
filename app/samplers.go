package app

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"

	"lumi/llm"
)

// knob is one number of the sampler that a person can turn.
type knob struct {
	name, hint     string // the hint says which value is off
	min, max, step float64
	decimals       int
	whole          bool // the first digits of a number mean something else: taken when it is complete
	get            func(llm.Settings) float64
	set            func(*llm.Settings, float64)
}

// knobs are the sampler's numbers in the order in which the chain uses them.
var knobs = []knob{
	{
		"Temperature", "0 is the likeliest token", 0, 2, 0.01, 2, false,
		func(s llm.Settings) float64 { return float64(s.Temperature) },
		func(s *llm.Settings, v float64) { s.Temperature = float32(v) },
	},
	{
		"Top-k", "0 is all tokens", 0, 200, 1, 0, false,
		func(s llm.Settings) float64 { return float64(s.TopK) },
		func(s *llm.Settings, v float64) { s.TopK = int(v) },
	},
	{
		"Top-p", "1 is all tokens", 0, 1, 0.01, 2, false,
		func(s llm.Settings) float64 { return float64(s.TopP) },
		func(s *llm.Settings, v float64) { s.TopP = float32(v) },
	},
	{
		"Min-p", "0 is off", 0, 1, 0.01, 2, false,
		func(s llm.Settings) float64 { return float64(s.MinP) },
		func(s *llm.Settings, v float64) { s.MinP = float32(v) },
	},
	{
		"Repetition penalty", "1 is off", 0.5, 2, 0.01, 2, false,
		func(s llm.Settings) float64 { return float64(s.RepeatPenalty) },
		func(s *llm.Settings, v float64) { s.RepeatPenalty = float32(v) },
	},
	{
		"Max tokens", "0 is the whole context", 0, 8192, 16, 0, true,
		func(s llm.Settings) float64 { return float64(s.MaxTokens) },
		func(s *llm.Settings, v float64) { s.MaxTokens = int(v) },
	},
}

// samplers is the panel with the sampler's numbers. What is changed here works
// from the next token on.
type samplers struct {
	box      *fyne.Container
	rows     []*knobRow
	seed     *field
	current  llm.Settings
	onChange func(llm.Settings)
	quiet    bool // values are being shown, not changed
}

func newSamplers(onChange func(llm.Settings), keys keyFunc) *samplers {
	s := &samplers{onChange: onChange, box: container.New(&stackedRow{gap: 5})}
	for _, k := range knobs {
		row := newKnobRow(k, keys, func(v float64) {
			s.change(func(settings *llm.Settings) { k.set(settings, v) })
		})
		s.rows = append(s.rows, row)
		s.box.Add(row.box)
	}
	s.seed = newField(keys, func() {})
	s.seed.SetPlaceHolder(lang.L("random"))
	s.seed.OnChanged = s.seedTyped
	dice := quietButton("", icon("dice"), func() {
		s.seed.SetText(strconv.FormatUint(uint64(rand.Uint32()), 10))
	})
	s.box.Add(padded(container.NewBorder(nil, nil, container.NewCenter(newKnobName(lang.L("Seed"))), dice,
		padded(s.seed, 8, 0)), 0, 4))
	return s
}

// show displays settings without reporting them as a change.
func (s *samplers) show(settings llm.Settings) {
	s.quiet = true
	defer func() { s.quiet = false }()
	s.current = settings
	for _, row := range s.rows {
		row.show(row.knob.get(settings))
	}
	seed := ""
	if settings.Seed != 0 {
		seed = strconv.FormatUint(settings.Seed, 10)
	}
	if s.seed.Text != seed {
		s.seed.SetText(seed)
	}
}

func (s *samplers) change(edit func(*llm.Settings)) {
	if s.quiet {
		return
	}
	edit(&s.current)
	s.onChange(s.current)
}

// seedTyped takes the seed: digits, or nothing for a fresh seed per answer.
func (s *samplers) seedTyped(text string) {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
	seed, err := strconv.ParseUint(digits, 10, 64)
	if err != nil && digits != "" { // longer than 64 bits
		seed = math.MaxUint64
		digits = strconv.FormatUint(seed, 10)
	}
	if digits != text {
		s.seed.SetText(digits) // comes back here with the clean text
		return
	}
	s.change(func(settings *llm.Settings) { settings.Seed = seed })
}

// numberWidth is the room of six digits.
const numberWidth = 66

// knobRow shows one number as a name, a field to type in and a slider.
type knobRow struct {
	knob   knob
	box    *fyne.Container
	field  *field
	slider *slider
	value  float64 // in force; the slider's is rounded to a step
	quiet  bool
	onSet  func(float64)
}

func newKnobRow(k knob, keys keyFunc, onSet func(float64)) *knobRow {
	r := &knobRow{knob: k, onSet: onSet}
	r.field = newField(keys, r.settle)
	r.field.OnChanged = r.typed
	r.slider = newSlider(k.min, k.max, k.step)
	r.slider.OnChanged = r.slid
	slider := container.NewThemeOverride(r.slider, sliderLook{})
	r.box = container.New(&stackedRow{}, container.NewBorder(nil, nil, newKnobName(lang.L(k.name)), newCaption(lang.L(k.hint))),
		container.NewBorder(nil, nil, nil, container.New(fixedWidth(numberWidth), r.field), slider))
	return r
}

func newKnobName(name string) *textLine {
	t := newText(name, theme.ColorNameForeground, theme.SizeNameText)
	t.fits = true
	return t
}

func (r *knobRow) format(v float64) string { return strconv.FormatFloat(v, 'f', r.knob.decimals, 64) }

// show displays a value. The field is left alone while a person types in it
// and it already means that value.
func (r *knobRow) show(v float64) {
	r.quiet = true
	defer func() { r.quiet = false }()
	if now, ok := r.parse(r.field.Text); !ok || !r.field.focused || r.format(now) != r.format(v) {
		r.field.SetText(r.format(v))
	}
	r.value = v
	r.slider.SetValue(v)
}

func (r *knobRow) parse(text string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(text), ",", "."), 64)
	if err != nil || math.IsNaN(v) {
		return 0, false
	}
	if r.knob.decimals == 0 {
		v = math.Round(v)
	}
	return min(max(v, r.knob.min), r.knob.max), true
}

func (r *knobRow) typed(text string) {
	if r.quiet {
		return
	}
	if v, ok := r.parse(text); ok && !r.knob.whole {
		r.take(v)
	}
}

// take puts a typed value into force.
func (r *knobRow) take(v float64) {
	r.quiet = true
	r.slider.SetValue(v)
	r.quiet = false
	r.value = v
	r.onSet(v)
}

// settle writes the value that is in force once typing is over.
func (r *knobRow) settle() {
	if v, ok := r.parse(r.field.Text); ok && v != r.value {
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
	r.value = v
	r.onSet(v)
}
