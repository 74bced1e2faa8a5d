package app

import (
	"context"
	"embed"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/test"

	"lumi/accel"
	"lumi/app/settings"
	"lumi/assets"
	"lumi/llm"
)

// pageScenes are the pages and the palette as golden images show them.
var pageScenes = []struct {
	name string
	play func(s *stage)
}{
	{"settings", func(s *stage) {
		s.added = []string{"/srv/models", "/mnt/a very long path/that goes on/and on/and on/and on/until/it has no room/in a line any more/models"}
		s.w.openSettings()
		s.w.preferences.threads.show(6) // the same on every machine
	}},
	{"palette", func(s *stage) {
		s.found = testModels
		s.Rescan()
		s.until("scanned", func() bool { return !s.scanning })
		s.talk()
		s.w.openPalette()
		test.Type(s.w.palette.field, "a")
		press(s.w.palette.field, fyne.KeyDown)
	}},
	{"benchmark", func(s *stage) {
		s.useBench(nil)
		s.w.openBenchmark()
		s.quiet()
		at := time.Date(2020, 5, 1, 9, 30, 0, 0, time.Local)
		for i := range 6 {
			s.controller.bench.runs = append(s.controller.bench.runs, benchRun{
				Time: at.AddDate(0, 0, i), PP: 400 + 30*float64(i%4), PPDev: 12.3, TG: 60 + 5*float64(i), TGDev: 1.4, Threads: 4, KV: "F16", Precision: llm.PrecisionFast,
			})
		}
		s.w.BenchChanged()
	}},
	{"benchmark-running", func(s *stage) {
		s.useBench(nil)
		s.w.openBenchmark()
		s.quiet()
		s.controller.bench.cancel, s.controller.bench.share = func() {}, 0.4
		s.w.BenchChanged()
	}},
	{"prefill", func(s *stage) {
		e := newFakeEngine("x")
		e.info.Memory = llm.Memory{Weights: 97e6, KV: 94e6, Scratch: 14e6}
		s.use(e)
		s.bandwidth = 31.7e9
		s.w.ModelChanged()
		s.readout = readoutState{Running: true, Prefilled: 1400, Stats: llm.Stats{
			PromptTokens: 2000, Reused: 200, PromptTime: 3 * time.Second, ContextSize: 2048, ContextUsed: 1400,
		}}
		s.w.SpeedChanged()
	}},
}

func TestPages(t *testing.T) {
	for _, scene := range pageScenes {
		for _, look := range []struct {
			name, mode string
			size       fyne.Size
		}{
			{"1280x800-light", settings.ThemeLight, fyne.NewSize(1280, 800)},
			{"800x600-dark", settings.ThemeDark, fyne.NewSize(800, 600)},
		} {
			t.Run(scene.name+"-"+look.name, func(t *testing.T) {
				s := newStage(t, look.mode, look.size)
				scene.play(s)
				test.AssertRendersToImage(t, "window/"+scene.name+"-"+look.name+".png", s.w.win.Canvas())
			})
		}
	}
}

// TestSettingsWork chooses every setting of the page and looks for what it does.
func TestSettingsWork(t *testing.T) {
	t.Setenv(scaleVar, "1")
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
	var asked []llm.Options
	s.deps.Load = func(ctx context.Context, path string, o llm.Options, progress func(done, total int64)) (Engine, error) {
		asked = append(asked, o)
		return s.load(ctx, path, progress)
	}
	s.use(newFakeEngine("x"))
	w, p := s.w, s.w.preferences
	w.openSettings()
	loads := len(asked)
	p.theme.widget.SetSelectedIndex(2)
	p.text.widget.SetSelected("18")
	p.language.widget.SetSelected("English")
	p.notify.widget.SetSelectedIndex(1)
	p.lookup.widget.SetSelected("8 tokens")
	if w.look.mode != settings.ThemeDark || w.look.textSize() != 18 || w.comfort.language != "en" || w.comfort.notify || s.Settings().Lookup != 8 {
		t.Errorf("chosen: %+v, %+v, lookup %d", w.look, w.comfort, s.Settings().Lookup)
	}
	if s.notice == nil || !strings.Contains(told(s.notice.Text), "started again") {
		t.Errorf("another language tells %+v", s.notice)
	}
	for _, choose := range []func(){
		func() { p.context.widget.SetSelected("8192 tokens") },
		func() { p.kv.widget.SetSelectedIndex(2) },
		func() { p.precision.widget.SetSelectedIndex(2) },
		func() { p.threads.widget.SetSelectedIndex(1) },
		func() { p.threads.widget.SetSelectedIndex(1) }, // the same again
	} {
		e := newFakeEngine("x")
		s.engines[e.info.Path] = e
		choose()
		s.until("the model is loaded", func() bool { return s.model.load == nil })
	}
	last := asked[len(asked)-1]
	if len(asked) != loads+4 || last.Context != 8192 || kvType(last) != accel.Q8_0 || last.Precision != llm.PrecisionHigh || last.Threads != 1 {
		t.Errorf("loaded %d times, at last with %+v", len(asked)-loads, last)
	}
	before := w.win.Canvas().Size()
	p.scale.widget.SetSelected("200 %")
	if got := os.Getenv(scaleVar); got != "2" || w.win.Canvas().Size().Width >= before.Width {
		t.Errorf("scaled by %q, from %v to %v", got, before, w.win.Canvas().Size())
	}
	s.added = []string{"/a", "/b"}
	w.showPreferences()
	w.removeFolder("/a")
	if !slices.Equal(s.added, []string{"/b"}) || len(p.folders.Objects) != 2 {
		t.Errorf("folders %q, %d shown", s.added, len(p.folders.Objects))
	}

	m := &memory{prefs: settings.Default(), later: func(func()) {}}
	m.changed(w)
	m.timer.Stop()
	got := m.prefs
	if got.Theme != settings.ThemeDark || got.TextSize != 18 || got.Scale != 2 || got.Language != "en" || got.Notify ||
		got.Threads != 1 || got.KV != "Q8_0" || got.Precision != llm.PrecisionHigh || got.Context != 8192 || got.Sampling.Lookup != 8 || !slices.Equal(got.ModelDirs, s.added) {
		t.Errorf("remembered %+v", got)
	}
	press(w.win.Canvas().Focused(), fyne.KeyEscape)
	if w.page != nil || !w.chat.foot.Visible() || w.win.Canvas().Focused() != w.composer.field {
		t.Error("Escape does not lead back to the chat")
	}
}

// TestOddValues shows settings that the page does not offer.
func TestOddValues(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
	s.options = llm.Options{Context: 6000, Threads: 4095}
	s.w.look.size = 13.5
	s.w.comfort.language = "tlh"
	s.w.openSettings()
	p := s.w.preferences
	for want, got := range map[string]string{
		"6000 tokens": p.context.widget.Selected, "4095": p.threads.widget.Selected,
		"13.5": p.text.widget.Selected, "tlh": p.language.widget.Selected,
	} {
		if got != want {
			t.Errorf("%q is shown as %q", want, got)
		}
	}
	if s.options.Context != 6000 {
		t.Error("showing the settings has changed them")
	}
}

func TestPagesCloseForTheChat(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(800, 600))
	for name, leave := range map[string]func(){
		"a new chat": s.NewChat, "writing": func() { s.w.win.Canvas().OnTypedRune()('x') },
		"a message to edit": func() { s.w.EditBegan(message{Role: "user", Text: "again"}) }, "the button": func() { test.Tap(s.w.page.close) },
	} {
		s.w.openBenchmark()
		s.w.openSettings()
		if s.w.benchmark.box.Visible() || !s.w.preferences.box.Visible() || s.w.chat.foot.Visible() {
			t.Error("a page does not take the other's place")
		}
		leave()
		if s.w.page != nil || s.w.preferences.box.Visible() || !s.w.chat.reading.Visible() {
			t.Errorf("%s does not lead back to the chat", name)
		}
	}
}

func TestNotification(t *testing.T) {
	a := &away{}
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		out  bool
		took time.Duration
		want bool
	}{{false, time.Minute, false}, {true, time.Minute, true}, {true, 9 * time.Second, false}, {true, longAnswer, true}} {
		a.out = tc.out
		if a.busy(true, at) || a.busy(true, at.Add(time.Second)) {
			t.Error("told before the end")
		}
		if got := a.busy(false, at.Add(tc.took)); got != tc.want {
			t.Errorf("%+v: told %v", tc, got)
		}
		if a.busy(false, at.Add(time.Hour)) {
			t.Error("told twice")
		}
	}
}

// TestSeedStays keeps the line with the last answer's seed while another answer
// is written and while a chat is opened: what is below it would move.
func TestSeedStays(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
	shown := func() bool { return s.w.samplers.again.Visible() }
	s.chat.messages = []message{{Key: 1, Role: llm.Assistant, Text: "Yes.", timings: timings{Seed: 7}}}
	s.w.ChatOpened()
	if !shown() {
		t.Fatal("the seed is not shown")
	}
	s.answer = &answer{chat: s.chat}
	s.chat.messages = append(s.chat.messages, message{Key: 2, Role: llm.Assistant})
	if s.w.BusyChanged(); !shown() {
		t.Error("the line goes while an answer is written")
	}
	s.answer = nil
	s.chat = &openChat{loading: true}
	if s.w.ChatOpened(); !shown() {
		t.Error("the line goes while a chat is opened")
	}
	s.chat.loading = false
	if s.w.ChatOpened(); shown() {
		t.Error("the line stays in a chat without an answer")
	}
}

func TestTips(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(800, 600))
	row := s.w.title.Objects
	b := row[len(row)-1].(*button)
	b.MouseIn(nil)
	s.until("the tip is shown", func() bool { return s.w.tips.box.Visible() })
	if s.w.tips.text.text != "Show or hide speed and sampling" {
		t.Errorf("the tip is %q", s.w.tips.text.text)
	}
	if right := s.w.tips.box.Position().X + s.w.tips.box.Size().Width; right > 800 {
		t.Errorf("the tip ends at %v, outside the window", right)
	}
	b.MouseOut()
	if s.w.tips.box.Visible() {
		t.Error("the tip stays")
	}
	b.MouseIn(nil)
	s.until("the tip is shown again", func() bool { return s.w.tips.box.Visible() })
	if test.Tap(b); s.w.tips.box.Visible() {
		t.Error("the tip stays after a click")
	}
}

// TestEveryIconHasATip looks at all buttons of the window that have no text.
func TestEveryIconHasATip(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
	s.library()
	s.w.samplers.unfold()
	icons := 0
	var walk func(o fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *button:
			if o.Text == "" && o.Icon != nil {
				if icons++; o.tip == "" {
					t.Errorf("the button with the icon %s has no tip", o.Icon.Name())
				}
			}
		case *fyne.Container:
			for _, child := range o.Objects {
				walk(child)
			}
		case fyne.Widget:
			for _, child := range test.WidgetRenderer(o).Objects() {
				walk(child)
			}
		}
	}
	walk(s.w.win.Content())
	if icons < 12 {
		t.Errorf("found only %d buttons with icons", icons)
	}
}

//go:embed testdata/languages
var testLanguages embed.FS

func TestLanguageIsForced(t *testing.T) {
	for _, name := range localeVars {
		t.Setenv(name, "")
	}
	t.Setenv("LANG", "es_ES.UTF-8")
	t.Cleanup(func() {
		t.Setenv("LANG", "C.UTF-8")
		if err := speak(assets.Translations, "translations", settings.LanguageSystem); err != nil {
			t.Error(err)
		}
	})
	const folder, key = "testdata/languages", "a text of the tests"
	for _, tc := range []struct{ choice, want string }{
		{settings.LanguageSystem, "español"}, {"eo", "esperanto"}, {"es", "español"}, {"fi", "español"},
	} {
		err := speak(testLanguages, folder, tc.choice)
		if (err != nil) != (tc.choice == "fi") {
			t.Errorf("%s: %v", tc.choice, err)
		}
		if got := lang.L(key); got != tc.want {
			t.Errorf("with %s the text is %q, want %q", tc.choice, got, tc.want)
		}
		if os.Getenv("LANG") != "es_ES.UTF-8" {
			t.Errorf("the environment was left with the language %q", os.Getenv("LANG"))
		}
	}
}
