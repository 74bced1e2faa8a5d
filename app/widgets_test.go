package app

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"lumi/llm"
	"lumi/llm/sample"

	"lumi/app/history"
)

// themedApp starts an app with the window's own look.
func themedApp(t *testing.T) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(lumiTheme{})
}

func noKeys(*fyne.KeyEvent) bool { return false }

func press(f interface{ TypedKey(*fyne.KeyEvent) }, name fyne.KeyName) {
	f.TypedKey(&fyne.KeyEvent{Name: name})
}

func TestComposerKeys(t *testing.T) {
	var sent []string
	take, stopped := true, 0
	keys := func(key *fyne.KeyEvent) bool {
		if key.Name == fyne.KeyEscape {
			stopped++
			return true
		}
		return false
	}
	themedApp(t)
	c := newComposer(func(text string, _ ...history.Attachment) bool {
		sent = append(sent, text)
		return take
	}, func() { stopped++ }, keys)
	w := test.NewTempWindow(t, c)
	w.Resize(fyne.NewSize(400, 300))
	w.Canvas().Focus(c.field)

	press(c.field, fyne.KeyReturn)
	if len(sent) != 0 {
		t.Errorf("an empty message was sent")
	}
	test.Type(c.field, "one")
	c.field.KeyDown(&fyne.KeyEvent{Name: "LeftShift"})
	press(c.field, fyne.KeyReturn)
	c.field.KeyUp(&fyne.KeyEvent{Name: "LeftShift"})
	test.Type(c.field, "two")
	press(c.field, fyne.KeyReturn)
	if len(sent) != 1 || sent[0] != "one\ntwo" || c.field.Text != "" {
		t.Errorf("sent %q, left %q", sent, c.field.Text)
	}
	take = false
	test.Type(c.field, "kept")
	press(c.field, fyne.KeyEnter)
	if c.field.Text != "kept" {
		t.Errorf("a message that was not taken is gone: %q", c.field.Text)
	}
	press(c.field, fyne.KeyEscape)
	c.setBusy(true)
	press(c.field, fyne.KeyReturn)
	if len(sent) != 2 {
		t.Error("a message was sent while an answer is being written")
	}
	test.Tap(c.send)
	if stopped != 2 {
		t.Errorf("stopped %d times, want once by Escape and once by the button", stopped)
	}
}

func TestComposerGrows(t *testing.T) {
	themedApp(t)
	c := newComposer(func(string, ...history.Attachment) bool { return true }, func() {}, noKeys)
	w := test.NewTempWindow(t, c)
	w.Resize(fyne.NewSize(400, 400))
	one := c.MinSize().Height
	c.setText("a\nb\nc")
	three := c.MinSize().Height
	c.setText(strings.Repeat("line\n", 50))
	most := c.MinSize().Height
	c.setText(strings.Repeat("word ", 1_000))
	if !(one < three && three < most) || c.MinSize().Height != most || c.field.rows != maxComposerRows {
		t.Errorf("heights %v, %v, %v, %v in %d rows", one, three, most, c.MinSize().Height, c.field.rows)
	}
	c.setText("")
	long := strings.Repeat("word ", 100_000)
	clipboard := fyne.CurrentApp().Clipboard()
	clipboard.SetContent(long)
	c.field.SetText("What is this?")
	c.field.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clipboard})
	c.field.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clipboard})
	want := []history.Attachment{{Name: "Pasted text", Text: long}, {Name: "Pasted text 2", Text: long}}
	if c.field.Text != "What is this?" || !slices.Equal(c.files, want) {
		t.Errorf("long texts are not attached: there are %d", len(c.files))
	}
	if c.MinSize().Height <= one {
		t.Error("an attached text has no room")
	}
	test.Tap(c.chips.Objects[0].(*button))
	if c.field.Text != "What is this?" || !slices.Equal(c.files, want[1:]) {
		t.Error("an attached text cannot be taken away")
	}
	clipboard.SetContent(long[:longText+1]) // the field is slow with more
	c.beginEdit("Editing the answer", "an answer", nil, false)
	c.field.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clipboard})
	if len(c.files) != 0 || len(c.field.Text) != len("an answer")+longText+1 {
		t.Error("a long text was attached to an answer")
	}
	c.endEdit("What is this?", want[1:])
	if c.field.Text != "What is this?" || len(c.files) != 1 {
		t.Error("after editing, the composer does not hold the draft")
	}
	c.setText("")
	if c.MinSize().Height != one {
		t.Errorf("an emptied composer is %v high, want %v", c.MinSize().Height, one)
	}
}

func TestWrappedRows(t *testing.T) {
	measure := func(s string) float32 { return float32(len(s)) }
	for _, tc := range []struct {
		text  string
		width float32
		want  int
	}{
		{"", 10, 1},
		{"short", 10, 1},
		{"two words", 10, 1},
		{"more than ten", 10, 2},
		{"a\nb\n", 10, 3},
		{"abcdefghijklmnopqrstuvwxyz", 10, 3},
		{strings.Repeat("x\n", 40), 10, 10},
		{"text", 0, 1},
	} {
		if got := wrappedRows(tc.text, tc.width, 10, measure); got != tc.want {
			t.Errorf("wrappedRows(%q, %v) = %d, want %d", tc.text, tc.width, got, tc.want)
		}
	}
}

func TestSamplers(t *testing.T) {
	var got []llm.Settings
	themedApp(t)
	s := newSamplers(func(v llm.Settings) { got = append(got, v) }, panelHooks{noKeys, func() {}, func(*fyne.ScrollEvent) {}}, func() {})
	test.NewTempWindow(t, s.box).Resize(fyne.NewSize(290, 600))
	s.show(llm.DefaultSettings(), llm.DefaultSettings())
	if len(got) != 0 {
		t.Fatalf("showing settings reported %d changes", len(got))
	}
	last := func() llm.Settings { return got[len(got)-1] }

	s.rows[0].slider.SetValue(1.25)
	if last().Temperature != 1.25 || s.rows[0].field.Text != "1.25" {
		t.Errorf("slider: temperature %v, field %q", last().Temperature, s.rows[0].field.Text)
	}
	s.rows[1].field.SetText("")
	test.Type(s.rows[1].field, "12")
	if last().TopK != 12 || s.rows[1].slider.Value != 12 {
		t.Errorf("typed: top-k %v, slider %v", last().TopK, s.rows[1].slider.Value)
	}
	if last().Temperature != 1.25 {
		t.Error("changing one value has changed another")
	}
	tokens, before := s.rows[len(s.rows)-1], len(got)
	tokens.field.SetText("")
	test.Type(tokens.field, "777")
	if len(got) != before {
		t.Errorf("max tokens became %d while 777 was being typed", last().MaxTokens)
	}
	tokens.settle()
	if last().MaxTokens != 777 {
		t.Errorf("max tokens are %d after typing 777", last().MaxTokens)
	}
	tokens.field.SetText("nonsense")
	tokens.settle()
	if tokens.field.Text != "777" {
		t.Errorf("max tokens are shown as %q after nonsense, want the 777 in force", tokens.field.Text)
	}
	for text, want := range map[string]string{"7": "7.00", "-1": "0.00", "0,5": "0.50", "nonsense": "0.50", "NaN": "0.50"} {
		s.rows[0].field.SetText("0.5")
		s.rows[0].field.SetText(text)
		s.rows[0].settle()
		if s.rows[0].field.Text != want {
			t.Errorf("typing %q leaves %q, want %q", text, s.rows[0].field.Text, want)
		}
	}
	s.seed.SetText("12x34")
	if last().Seed != 1234 || s.seed.Text != "1234" {
		t.Errorf("seed %d, field %q", last().Seed, s.seed.Text)
	}
	s.seed.SetText("99999999999999999999999")
	if last().Seed != 1<<64-1 {
		t.Errorf("a seed that is too long gives %d", last().Seed)
	}
	s.seed.SetText("")
	if last().Seed != 0 {
		t.Errorf("an empty seed gives %d", last().Seed)
	}
	test.Type(s.seed, "-1")
	if s.seed.settle(); last().Seed != 0 || s.seed.Text != "" {
		t.Errorf("the seed -1 is %d, %q", last().Seed, s.seed.Text)
	}
}

// TestSamplersByKeyboard types numbers where Tab leads to, and moves stages.
func TestSamplersByKeyboard(t *testing.T) {
	var got llm.Settings
	resized := 0
	themedApp(t)
	s := newSamplers(func(v llm.Settings) { got = v }, panelHooks{noKeys, func() { resized++ }, func(*fyne.ScrollEvent) {}}, func() {})
	w := test.NewTempWindow(t, s.box)
	w.Resize(fyne.NewSize(290, 2000))
	s.show(llm.DefaultSettings(), llm.DefaultSettings())
	s.unfold()
	c := w.Canvas()
	typed := func(text string) { // as the window does: the focus may move on while typing
		for _, r := range text {
			c.Focused().TypedRune(r)
		}
	}
	row := func(name string) *knobRow {
		for _, r := range s.rows {
			if r.param.Name == name {
				return r
			}
		}
		t.Fatalf("there is no %s", name)
		return nil
	}
	c.Focus(row("temperature").slider)
	typed("0,9")
	if got.Temperature != 0.9 || c.Focused() != fyne.Focusable(row("temperature").field) {
		t.Errorf("typed at its slider, the temperature is %v, with the focus on %T", got.Temperature, c.Focused())
	}
	c.FocusNext() // the mark that takes the change back comes before the field
	if c.Focused() != fyne.Focusable(row("top-k").head.press) {
		t.Fatalf("behind the temperature comes %T", c.Focused())
	}
	typed("7")
	if got.TopK != 7 || got.Temperature != 0.9 {
		t.Errorf("typed at its name, top-k is %v and the temperature %v", got.TopK, got.Temperature)
	}
	c.Focus(row("top-p").field)
	typed("0.5")
	if got.TopP != 0.5 {
		t.Errorf("typed into the field that Tab led to, top-p is %v, from %q", got.TopP, row("top-p").field.Text)
	}
	for name, want := range map[string]string{"top-k": "0", "top-nsigma": "0.00", "repeat-window": "8192", "dry-penalty-last-n": "0"} {
		r := row(name)
		r.field.SetText("-1")
		if r.settle(); r.field.Text != want {
			t.Errorf("-1 for %s is %s, want %s", name, r.field.Text, want)
		}
	}

	dry := s.stages.lines["dry"]
	c.Focus(dry.up)
	dry.up.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if !strings.HasPrefix(got.Samplers, "dry;penalties") || c.Focused() != fyne.Focusable(dry.up) {
		t.Errorf("the order is %q, with the focus on %T", got.Samplers, c.Focused())
	}
	c.Focus(dry)
	dry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	dry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	dry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	dry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if !strings.HasPrefix(got.Samplers, "penalties;top_n_sigma;dry;") || c.Focused() != fyne.Focusable(dry) {
		t.Errorf("the order is %q, with the focus on %T", got.Samplers, c.Focused())
	}
	height := dry.Size().Height
	for range 10 {
		dry.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(0, -height/5)})
	}
	dry.DragEnd()
	if got.Samplers != "dry;"+strings.Replace(sample.DefaultOrder, "dry;", "", 1) {
		t.Errorf("dragged up two lines, DRY stands in %q", got.Samplers)
	}

	resized = 0
	for _, text := range s.texts {
		if text.param.Name == "grammar" {
			test.Type(text.field, "root := no gram")
		}
	}
	if resized > 2 {
		t.Errorf("15 letters of a grammar lay out the panel %d times", resized)
	}
}

// TestMoreSettings unfolds what is changed less often and uses it as a person
// does.
func TestMoreSettings(t *testing.T) {
	var got llm.Settings
	themedApp(t)
	s := newSamplers(func(v llm.Settings) { got = v }, panelHooks{noKeys, func() {}, func(*fyne.ScrollEvent) {}}, func() {})
	test.NewTempWindow(t, s.box).Resize(fyne.NewSize(290, 2000))
	base := llm.DefaultSettings()
	s.show(base, base)
	s.unfold()
	if rows := len(s.rows) + len(s.texts) + 1; rows != len(llm.Params)-1+len(llm.TextParams) {
		t.Errorf("%d settings are shown besides the seed, the tables have %d", rows, len(llm.Params)-1+len(llm.TextParams))
	}
	text := func(name string) *textSetting {
		for _, row := range s.texts {
			if row.param.Name == name {
				return row
			}
		}
		t.Fatalf("there is no %s", name)
		return nil
	}
	text("stop").field.SetText("END\na\\nb\n")
	if len(got.Stop) != 2 || got.Stop[1] != "a\nb" || !text("stop").head.mark.Visible() {
		t.Errorf("stop texts %q, marked %v", got.Stop, text("stop").head.mark.Visible())
	}
	text("logit-bias").field.SetText("12-3\n7+inf")
	if len(got.LogitBias) != 2 || got.LogitBias[0].Token != 12 || got.LogitBias[0].Value != -3 {
		t.Errorf("token bias %v", got.LogitBias)
	}
	text("logit-bias").field.SetText("twelve")
	if len(got.LogitBias) != 0 || text("logit-bias").fault.text == "" {
		t.Errorf("nonsense gives the bias %v and says %q", got.LogitBias, text("logit-bias").fault.text)
	}
	grammar, schema := text("grammar"), text("json-schema")
	grammar.field.SetText("root ::= (")
	if got.Grammar != "" || !strings.HasPrefix(grammar.fault.text, "Not used: ") {
		t.Errorf("a broken grammar is %q and says %q", got.Grammar, grammar.fault.text)
	}
	grammar.field.SetText(`root ::= "yes" | "no"`)
	if got.Grammar == "" || grammar.fault.text != "" {
		t.Errorf("a grammar is %q and says %q", got.Grammar, grammar.fault.text)
	}
	schema.field.SetText(`{"type": "object"}`)
	if got.JSONSchema != "" || schema.fault.text == "" {
		t.Errorf("with a grammar there is the schema %q, which says %q", got.JSONSchema, schema.fault.text)
	}
	grammar.reset()
	if got.Grammar != "" || grammar.head.mark.Visible() {
		t.Error("a grammar is not reset")
	}

	typical := s.rows[len(commonKnobs)]
	typical.slider.SetValue(0.5)
	if got.Typical != 0.5 || !typical.head.mark.Visible() {
		t.Errorf("typical %v, marked %v", got.Typical, typical.head.mark.Visible())
	}
	typical.head.mark.Tapped(nil)
	if got.Typical != 1 || typical.head.mark.Visible() || typical.field.Text != "1.00" {
		t.Errorf("typical is %v, %q after a reset", got.Typical, typical.field.Text)
	}

	s.stages.move("penalties", 1)
	if !strings.HasPrefix(got.Samplers, "dry;penalties;") || !s.stages.head.mark.Visible() {
		t.Errorf("the order is %q", got.Samplers)
	}
	s.stages.toggle("dry")
	if strings.Contains(got.Samplers, "dry") || s.stages.names[0] != "dry" {
		t.Errorf("without DRY the order is %q of %q", got.Samplers, s.stages.names)
	}
	s.stages.toggle("dry")
	if !strings.HasPrefix(got.Samplers, "dry;penalties;") {
		t.Errorf("with DRY again the order is %q", got.Samplers)
	}
	for _, name := range s.stages.names {
		s.stages.toggle(name)
	}
	if got.Samplers != "temperature" {
		t.Errorf("with all stages off the order is %q", got.Samplers)
	}
	s.show(got, base)
	if s.unfold(); s.moreKey.Text != "More settings (2 changed)" { // the stop texts and the order
		t.Errorf("the folded settings are called %q", s.moreKey.Text)
	}
	s.unfold()
	s.stages.reset()
	if got.Samplers != "" || s.stages.head.mark.Visible() || s.stages.names[0] != "penalties" {
		t.Errorf("the order is %q of %q after a reset", got.Samplers, s.stages.names)
	}
}

func TestPromptRows(t *testing.T) {
	rows := promptRows([]llm.Piece{{Text: "<s>", Control: true}, {Text: "one two three\n日本"}, {Text: "</s>", Control: true}}, 10)
	var lines []string
	for _, row := range rows {
		line := ""
		for _, cell := range row.Cells {
			line += string(cell.Rune)
		}
		lines = append(lines, line)
	}
	if got, want := strings.Join(lines, "|"), "<s>one |two three|日 本 </s>"; got != want {
		t.Errorf("rows %q, want %q", got, want)
	}
	if rows[0].Cells[0].Style == rows[0].Cells[3].Style {
		t.Error("a control token looks like text")
	}
}

func TestTextLineShortens(t *testing.T) {
	themedApp(t)
	line := newText("A title that is much too long", "foreground", "text")
	test.NewTempWindow(t, line)
	line.Resize(fyne.NewSize(80, 20))
	got := line.fitting(80)
	if !strings.HasSuffix(got, "…") || line.measure(got).Width > 80 {
		t.Errorf("fitting(80) = %q of width %v", got, line.measure(got).Width)
	}
	if got := line.fitting(1000); got != line.text {
		t.Errorf("fitting(1000) = %q", got)
	}
}

func TestIcons(t *testing.T) {
	broken := icon("no such icon").Name()
	for _, name := range []string{
		"panel-left", "panel-right", "send", "stop", "compose", "more", "chevron-down", "chevron-right", "chevron-up", "dice", "close", "check", "reset",
	} {
		if icon(name).Name() == broken {
			t.Errorf("there is no icon %q", name)
		}
	}
}

func TestWindowLayout(t *testing.T) {
	for _, tc := range []struct {
		layout         windowLayout
		width          float32
		sidebar, panel bool
	}{
		{windowLayout{sidebar: true, panel: true}, 1280, true, true},
		{windowLayout{sidebar: true, panel: true}, 800, true, false},
		{windowLayout{sidebar: true, panel: true, panelLast: true}, 800, false, true},
		{windowLayout{sidebar: false, panel: true}, 800, false, true},
		{windowLayout{}, 1280, false, false},
	} {
		if s, p := tc.layout.shown(tc.width); s != tc.sidebar || p != tc.panel {
			t.Errorf("%+v at %v shows %v and %v", tc.layout, tc.width, s, p)
		}
	}
}

func TestSettingTextShoutsNothing(t *testing.T) {
	for text, want := range map[string]string{
		"ends an answer before this `TEXT`":    "Ends an answer before this text.",
		"`VERSION` 2 holds":                    "Version 2 holds.",
		"guesses up to `N` tokens ahead":       "Guesses up to N tokens ahead.",
		"holds the answer to this `GBNF` form": "Holds the answer to this GBNF form.",
		"as `TOKEN±BIAS`":                      "As TOKEN±BIAS.",
	} {
		if got := settingText(text); got != want {
			t.Errorf("%q reads %q, want %q", text, got, want)
		}
	}
}

// TestNameBeforeDetail cuts a name short only after its detail is left out.
func TestNameBeforeDetail(t *testing.T) {
	themedApp(t)
	name, detail, arrow := newKnobName("A model with a long name"), newCaption("Q4_1 · 98 MB"), newCaption("v")
	box := container.New(&nameLayout{}, name, detail, arrow)
	for width, shown := range map[float32]bool{box.MinSize().Width: true, box.MinSize().Width - 40: false, 120: false} {
		box.Resize(fyne.NewSize(width, 30))
		if got := detail.Position().X >= 0; got != shown {
			t.Errorf("in %v of %v the detail is shown: %v", width, box.MinSize().Width, got)
		}
		if want := min(name.MinSize().Width, width-25); !shown && name.Size().Width < want-0.5 {
			t.Errorf("in %v the name has %v, want %v", width, name.Size().Width, want)
		}
	}
}
