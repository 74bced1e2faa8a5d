package app

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"

	"lumi/llm"
)

// knobText is what the window calls a setting of the table.
type knobText struct{ name, hint string } // the hint says which value is off

func (k knobText) nameOr(name string) string {
	if k.name == "" {
		return name
	}
	return k.name
}

// knobTexts are the names that differ from those of the table.
var knobTexts = map[string]knobText{
	"temperature":          {"Temperature", "0 is the likeliest token"},
	"top-k":                {"Top-k", "0 is all tokens"},
	"top-p":                {"Top-p", "1 is all tokens"},
	"min-p":                {"Min-p", "0 is off"},
	"repeat-penalty":       {"Repetition penalty", "1 is off"},
	"max-tokens":           {"Max tokens", "0 is the whole context"},
	"typical":              {"Typical", "1 is off"},
	"top-nsigma":           {"Top-nσ", "0 is off"},
	"xtc-probability":      {"XTC probability", "0 is off"},
	"xtc-threshold":        {"XTC threshold", ""},
	"presence-penalty":     {"Presence penalty", "0 is off"},
	"frequency-penalty":    {"Frequency penalty", "0 is off"},
	"repeat-window":        {"Penalty window", ""},
	"dry-multiplier":       {"DRY multiplier", "0 is off"},
	"dry-base":             {"DRY base", ""},
	"dry-allowed-length":   {"DRY allowed length", ""},
	"dry-penalty-last-n":   {"DRY window", ""},
	"dynatemp-range":       {"Dynamic range", "0 is off"},
	"dynatemp-exp":         {"Dynamic exponent", ""},
	"mirostat":             {"Mirostat", "0 is off"},
	"mirostat-ent":         {"Mirostat target", ""},
	"mirostat-lr":          {"Mirostat rate", ""},
	"lookup":               {"Guess ahead", "0 is off"},
	"stop":                 {"Stop texts", ""},
	"dry-sequence-breaker": {"DRY breakers", ""},
	"logit-bias":           {"Token bias", ""},
	"ban":                  {"Banned words", ""},
	"grammar":              {"Grammar", ""},
	"json-schema":          {"JSON schema", ""},
	"samplers":             {"Order of stages", ""},
}

// commonKnobs are always visible, the others when "More" is unfolded.
var commonKnobs = []string{"temperature", "top-k", "top-p", "min-p", "repeat-penalty", "max-tokens"}

// knobGroup is a part of what "More" unfolds.
type knobGroup struct {
	name  string
	knobs []string
}

// knobGroups name what belongs together under "More". What the table has beyond
// them comes last, so that a new setting is never missing here.
var knobGroups = []knobGroup{
	{"Choice", []string{"typical", "top-nsigma", "xtc-probability", "xtc-threshold"}},
	{"Repetition", []string{
		"presence-penalty", "frequency-penalty", "repeat-window",
		"dry-multiplier", "dry-base", "dry-allowed-length", "dry-penalty-last-n", "dry-sequence-breaker",
	}},
	{"Dynamic temperature", []string{"dynatemp-range", "dynatemp-exp"}},
	{"Mirostat", []string{"mirostat", "mirostat-ent", "mirostat-lr"}},
	{"Texts and tokens", []string{"stop", "ban", "logit-bias"}},
	{"Form of the answer", []string{"grammar", "json-schema"}},
	{"Order of stages", []string{"samplers"}},
}

// samplers is the panel with the sampler's settings, made from the table of
// them. What is changed here works from the next token on.
type samplers struct {
	box      *fyne.Container
	rows     []*knobRow
	texts    []*textSetting
	stages   *stageList
	more     *fyne.Container // empty until it is unfolded for the first time
	moreKey  *button
	seed     *field
	last     *textLine // the last answer's seed
	again    *button
	current  llm.Settings
	base     llm.Settings // what a reset brings back
	onChange func(llm.Settings)
	hooks    panelHooks
	quiet    bool // values are being shown, not changed
}

func newSamplers(onChange func(llm.Settings), hooks panelHooks, again func()) *samplers {
	s := &samplers{onChange: onChange, hooks: hooks, box: container.New(&stackedRow{gap: 5})}
	s.base = llm.DefaultSettings()
	for _, name := range commonKnobs {
		s.box.Add(s.setting(name))
	}
	s.seed = newField(hooks.keys, func() {
		if strings.HasPrefix(s.seed.Text, "-") {
			s.seed.SetText("")
		}
	})
	s.seed.whole = true
	s.seed.SetPlaceHolder(lang.L("random"))
	s.seed.OnChanged = s.seedTyped
	dice := iconButton(icon("dice"), lang.L("A random seed that stays"), func() {
		s.seed.SetText(strconv.FormatUint(uint64(rand.Uint32()), 10))
	})
	dice.stays = true
	head := newSettingHead(lang.L("Seed"), "", lang.L(settingText(seedParam().Text)), nil, hooks.resized)
	s.box.Add(padded(container.NewBorder(nil, nil, container.NewCenter(head.press), dice,
		padded(underWheel(narrow(s.seed), hooks.wheel), 8, 0)), 0, 4))
	s.box.Add(head.sentence)
	s.last = newText("", colorMuted, theme.SizeNameCaptionText)
	s.again = quietButton(lang.L("Same again"), nil, again)
	s.last.Hide()
	s.again.Hide()
	s.box.Add(container.NewBorder(nil, nil, nil, s.again, s.last))
	s.more = container.New(&stackedRow{gap: 7})
	s.more.Hide()
	s.moreKey = quietButton(lang.L("More settings"), icon("chevron-down"), s.unfold)
	s.moreKey.stays = true
	s.box.Add(s.moreKey)
	s.box.Add(s.more)
	return s
}

// seedParam is the seed in the table of settings. Its row is made by hand: it
// has digits that a slider cannot hold.
func seedParam() llm.Param {
	return llm.Params[slices.IndexFunc(llm.Params, func(p llm.Param) bool { return p.Name == "seed" })]
}

// setting makes the row of the setting with that name in the tables.
func (s *samplers) setting(name string) fyne.CanvasObject {
	for _, p := range llm.Params {
		if p.Name == name {
			row := newKnobRow(p, s.hooks, func(v float64) {
				s.change(func(settings *llm.Settings) { p.Set(settings, v) })
			})
			s.rows = append(s.rows, row)
			return row.box
		}
	}
	for _, p := range llm.TextParams {
		if p.Name != name {
			continue
		}
		if name == "samplers" {
			s.stages = newStageList(p, s.change, s.hooks.resized)
			return s.stages.box
		}
		row := newTextSetting(p, s.hooks, s.change)
		s.texts = append(s.texts, row)
		return row.box
	}
	return container.NewWithoutLayout()
}

// unfold shows or hides the settings that are changed less often.
func (s *samplers) unfold() {
	if s.more.Visible() {
		s.more.Hide()
		s.moreKey.SetIcon(icon("chevron-down"))
	} else {
		s.build()
		s.more.Show()
		s.moreKey.SetIcon(icon("chevron-up"))
	}
	s.countMore()
	s.hooks.resized()
}

// countMore says on the button how many of the settings that it unfolds are
// changed, so that none works unseen.
func (s *samplers) countMore() {
	text := lang.L("More settings")
	if n := s.changedMore(); s.more.Visible() {
		text = lang.L("Fewer settings")
	} else if n > 0 {
		text = plural(n, "More settings ({{.N}} changed)")
	}
	if s.moreKey.Text != text {
		s.moreKey.SetText(text)
	}
}

// changedMore counts the settings under "More" that a reset would change.
func (s *samplers) changedMore() (n int) {
	for _, p := range llm.Params {
		if p.Name != "seed" && !slices.Contains(commonKnobs, p.Name) && p.Get(&s.current) != p.Get(&s.base) {
			n++
		}
	}
	for _, p := range llm.TextParams {
		same := textOf(p, &s.current) == textOf(p, &s.base)
		if p.Name == "samplers" {
			same = sameOrder(s.current.Samplers, s.base.Samplers)
		}
		if !same {
			n++
		}
	}
	return n
}

// build makes the rows that "More" unfolds, each with its sentence.
func (s *samplers) build() {
	if len(s.more.Objects) > 0 {
		return
	}
	for _, g := range allGroups() {
		if len(g.knobs) > 1 { // a single setting has the name itself
			title := newText(lang.L(g.name), colorMuted, theme.SizeNameText)
			title.style.Bold = true
			s.more.Add(padded(title, 0, 3))
		}
		for _, name := range g.knobs {
			s.more.Add(s.setting(name))
		}
	}
	for _, row := range s.rows[len(commonKnobs):] {
		row.head.unfold()
	}
	s.show(s.current, s.base)
}

// allGroups are the groups and one of what the tables hold beyond them.
func allGroups() []knobGroup {
	groups := slices.Clone(knobGroups)
	known := append(slices.Clone(commonKnobs), "seed")
	for _, g := range knobGroups {
		known = append(known, g.knobs...)
	}
	var rest []string
	for _, p := range llm.Params {
		if !slices.Contains(known, p.Name) {
			rest = append(rest, p.Name)
		}
	}
	for _, p := range llm.TextParams {
		if !slices.Contains(known, p.Name) {
			rest = append(rest, p.Name)
		}
	}
	if len(rest) > 0 {
		groups = append(groups, knobGroup{"Further settings", rest})
	}
	return groups
}

// show displays settings without reporting them as a change. Base is what a
// reset brings back.
func (s *samplers) show(settings, base llm.Settings) {
	s.quiet = true
	defer func() { s.quiet = false }()
	s.current, s.base = settings, base
	for _, row := range s.rows {
		row.show(row.param.Get(&settings), row.param.Get(&base))
	}
	for _, row := range s.texts {
		row.show(settings, base)
	}
	if s.stages != nil {
		s.stages.show(settings.Samplers, base.Samplers)
	}
	seed := ""
	if settings.Seed != 0 {
		seed = strconv.FormatUint(settings.Seed, 10)
	}
	if s.seed.Text != seed {
		s.seed.SetText(seed)
	}
	s.countMore()
}

// showSeed displays the seed of the last answer, 0 if there is none.
func (s *samplers) showSeed(seed uint64) {
	had := s.again.Visible()
	if seed == 0 {
		s.last.Hide()
		s.again.Hide()
	} else {
		s.last.set(lang.L("last answer: {{.Seed}}", map[string]any{"Seed": seed}))
		s.last.Show()
		s.again.Show()
	}
	if had != s.again.Visible() {
		s.hooks.resized()
	}
}

// change edits the settings, unless they are only being shown.
func (s *samplers) change(edit func(*llm.Settings)) {
	if s.quiet {
		return
	}
	edit(&s.current)
	s.onChange(s.current)
}

// seedTyped takes the seed: digits, or nothing for a fresh seed per answer, or
// what is below 0, which other programs take for that.
func (s *samplers) seedTyped(text string) {
	if strings.HasPrefix(text, "-") {
		s.change(func(settings *llm.Settings) { settings.Seed = 0 })
		return
	}
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
