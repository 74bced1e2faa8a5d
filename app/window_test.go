package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"lumi/app/history"
	"lumi/app/settings"
	"lumi/llm/store"
)

// stage is a window around a controller with fakes, on a canvas in memory.
type stage struct {
	*bench
	w *window
}

// sampleClock has Fyne look at the clock. It does so when a canvas is painted
// only, and takes what is made more than a minute later for too old to be kept
// at the next painting: a picture of it would be half empty.
func sampleClock() { software.NewCanvas().Capture() }

func newStage(t testing.TB, mode string, size fyne.Size) *stage {
	t.Helper()
	a := test.NewTempApp(t)
	sampleClock()
	look := lumiTheme{mode: mode}
	a.Settings().SetTheme(look)
	b := newBench(t, "")
	// Long ago, so that chats made now are in the group of today.
	start := time.Date(2020, 5, 20, 15, 4, 0, 0, time.UTC)
	b.Now = func() time.Time { return start }
	w := newWindow(a, b.controller, windowDeps{
		ModelsDir: "~/.local/share/lumi/models", Version: "test", Look: look,
		Prefs: settings.Default(), Changed: func(*window) {},
	})
	w.win.Resize(size)
	t.Cleanup(func() {
		w.win.Close()
		b.end()
	})
	return &stage{bench: b, w: w}
}

// scenes are the states of the window that golden images show.
var scenes = []struct {
	name string
	play func(s *stage)
}{
	{"first-start", func(s *stage) {
		s.found = nil
		s.Rescan()
		s.until("scanned", func() bool { return !s.scanning })
	}},
	{"choose", func(s *stage) {
		s.Rescan()
		s.until("scanned", func() bool { return !s.scanning })
	}},
	{"loading", func(s *stage) {
		s.load = func(ctx context.Context, _ string, progress func(done, total int64)) (Engine, error) {
			progress(41_000_000, 98_000_000)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		s.Load(testModels[0].Path)
		s.until("half loaded", func() bool { return s.model.load.Done > 0 })
	}},
	{"ready", func(s *stage) { s.use(newFakeEngine("x")) }},
	{"chat", func(s *stage) { s.talk() }},
	{"writing", func(s *stage) {
		s.talk()
		e := s.model.engine.(*fakeEngine)
		reached, _ := blockAt(e, 12)
		s.Send("Which colour has the sky on Mars?")
		<-reached
		s.until("the beginning is shown", func() bool { return s.readout.Stats.Tokens == 12 })
		s.readout.Rate = 68.4 // the clock of a test stands still
		s.w.readout.changed = time.Time{}
		s.w.SpeedChanged()
		s.w.composer.setText("A second question that is already being written")
	}},
	{"models", func(s *stage) {
		s.Rescan()
		s.until("scanned", func() bool { return !s.scanning })
		s.use(newFakeEngine("x"))
		s.w.picker.open()
	}},
	{"convert", func(s *stage) { s.convertFirst() }},
	{"convert-replace", func(s *stage) {
		s.convertFirst()
		if err := os.WriteFile(filepath.Join(s.modelsDir, s.conversion.Name+".gguf"), nil, 0o600); err != nil {
			s.t.Fatal(err)
		}
		s.StartConversion()
		s.until("it asks", func() bool { return s.conversion.Replace })
	}},
	{"converting", func(s *stage) {
		s.convertFirst()
		s.convert.step = func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}
		s.StartConversion()
		s.until("it has begun", func() bool { return s.conversion.Done > 0 })
	}},
	{"converted", func(s *stage) {
		s.convertFirst()
		s.StartConversion()
		s.until("it is done", func() bool { return s.conversion.Stage == conversionDone })
		s.until("scanned", func() bool { return !s.scanning })
	}},
	{"left-out", func(s *stage) {
		s.use(newFakeEngine("Blue."))
		for _, text := range []string{"Which colour has the sky?", "And the sea?", "And the night?"} {
			s.submit(text)
		}
		s.quiet()
		s.leaveOut(s.chat, s.chat.messages[3].Key, "The sky and the sea are blue.")
		s.w.chat.transcript.ScrollToBottom()
	}},
	{"dragging", func(s *stage) {
		s.library()
		s.drain()
		list := s.w.sidebar.list
		list.drag = &dragging{line: list.lines[len(list.lines)-1]}
		i := list.find(lineKey{folder: true, id: s.folders[1].ID})
		list.dragTo(fyne.NewPos(60, list.tops[i]+8))
	}},
	{"versions", func(s *stage) {
		s.talk()
		e := s.model.engine.(*fakeEngine)
		e.thinking = []string{"The sea is wide. ", "What is blue about it?"}
		s.Edit(s.chat.lastKey("user"))
		s.Send("And the sea?", history.Attachment{Name: "notes.md", Text: strings.Repeat("water\n", 300)})
		s.idle()
		s.quiet()
		s.quiet()
		s.w.composer.attach([]history.Attachment{{Name: "main.go", Text: strings.Repeat("x\n", 900)}})
		s.Edit(s.chat.lastKey("assistant"))
		s.w.openFind()
		test.Type(s.w.find.field, "sea")
	}},
	{"chats", func(s *stage) {
		s.library()
		s.NewTemporaryChat()
		s.until("a temporary chat is open", func() bool { return s.chat.Temporary })
		s.ask("Tell me a joke about ducks, please")
		s.until("it is listed", func() bool { return len(s.temporaryChats) == 1 })
		s.quiet()
		s.w.sidebar.fold(s.folders[1].ID)
		list := s.w.sidebar.list
		for _, title := range []string{"Apple cake", "Holiday in Norway"} {
			list.tapped(list.keyOf(title), fyne.KeyModifierControl)
		}
	}},
	{"found", func(s *stage) {
		s.library()
		s.searchPause = 0
		s.w.sidebar.search.SetText("sky")
		s.until("found", func() bool { return s.find.Done })
	}},
	{"error", func(s *stage) {
		s.Load("/models/none.gguf")
		s.until("the load has failed", func() bool { return s.notice != nil })
	}},
}

// convertFirst opens the dialog that converts the first model.
func (s *stage) convertFirst() {
	s.modelsDir = s.t.TempDir()
	s.Rescan()
	s.until("scanned", func() bool { return !s.scanning })
	s.convert.plan.Lossy = true
	s.w.convertAny()
	s.until("read", func() bool { return s.conversion.Stage == conversionChoosing })
}

// keyOf finds the line of a chat by its title.
func (l *chatList) keyOf(title string) lineKey {
	for i := range l.lines {
		if l.lines[i].chat.Title == title {
			return l.lines[i].key()
		}
	}
	return lineKey{}
}

// library makes chats with pins and folders, and a loaded model.
func (s *stage) library() {
	s.t.Helper()
	s.use(newFakeEngine("Quack."))
	sky := s.add("Colours of the sky", "Please explain it once more: why does the whole sky turn red when the sun goes down, and not green?")
	cake := s.add("Apple cake", "A recipe for ten people")
	plan := s.add("Plan for the week", "What comes first?")
	s.add("Holiday in Norway", "Where can one see the northern lights in the night sky?")
	s.add("A very long title that does not fit into the narrow list of chats", "…")
	s.PinChats(true, sky.ID)
	s.NewFolder("Recipes", func(history.Folder) {}, cake.ID)
	s.NewFolder("Work", func(history.Folder) {}, plan.ID)
	s.until("the folders are listed", func() bool { return len(s.folders) == 2 })
	s.quiet()
}

// talk makes a chat with two answers and a list of chats.
func (s *stage) talk() {
	for _, title := range []string{"Holiday in Norway", "A very long title that does not fit into the narrow list of chats"} {
		if _, err := s.store.NewChat(s.t.Context(), history.Chat{Title: title}); err != nil {
			s.t.Fatal(err)
		}
	}
	e := newFakeEngine(strings.SplitAfter(answer1, " ")...)
	s.use(e)
	s.ask("Why is the sky blue?")
	e.words = strings.SplitAfter("Because the sea mirrors the sky, and because *water itself* absorbs red light. ", " ")
	s.ask("And the sea? Please answer in one sentence.")
	s.quiet()
	s.drain()
}

const answer1 = `Sunlight holds all colours. Air **scatters** the short waves far more than the long ones:

1. Blue light is bent about ten times as often as red light.
2. So it reaches your eyes from *everywhere* in the sky.

` + "```go\nfunc scatter(wavelength float64) float64 {\n\treturn 1 / math.Pow(wavelength, 4)\n}\n```\n\n" + `At sunset the way through the air is longer, and what is left is red.`

func TestWindow(t *testing.T) {
	sizes := map[string]fyne.Size{"1280x800": fyne.NewSize(1280, 800), "800x600": fyne.NewSize(800, 600)}
	for _, scene := range scenes {
		for size, pixels := range sizes {
			for _, mode := range []string{settings.ThemeLight, settings.ThemeDark} {
				t.Run(scene.name+"-"+size+"-"+mode, func(t *testing.T) {
					s := newStage(t, mode, pixels)
					scene.play(s)
					test.AssertRendersToImage(t, "window/"+scene.name+"-"+size+"-"+mode+".png", s.w.win.Canvas())
				})
			}
		}
	}
}

// TestByHand does with mouse and keyboard what a person does first.
func TestByHand(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
	e := newFakeEngine("An ", "answer.")
	s.engines[e.info.Path] = e
	s.found = testModels
	s.Rescan()
	s.until("scanned", func() bool { return !s.scanning })
	rows := s.w.chat.welcome.rows.Objects
	if len(rows) != len(testModels) {
		t.Fatalf("%d models are offered, want %d", len(rows), len(testModels))
	}
	card := rows[0].(*fyne.Container).Objects[1].(*pressable)
	test.Tap(card)
	s.until("the model is loaded", func() bool { return s.model.engine == e })
	if s.w.win.Canvas().Focused() != s.w.composer.field {
		t.Error("after loading, the composer does not have the focus")
	}

	test.Type(s.w.composer.field, "A question")
	press(s.w.composer.field, fyne.KeyReturn)
	s.idle()
	s.quiet()
	s.drain()
	s.w.chat.transcript.SelectAll()
	if got := s.w.chat.transcript.SelectedText(); !strings.Contains(got, "A question") || !strings.Contains(got, "An answer.") {
		t.Errorf("the transcript holds %q", got)
	}
	if got, want := s.w.win.Title(), "Lumi – A question"; got != want {
		t.Errorf("the window is titled %q, want %q", got, want)
	}
	if !strings.Contains(s.w.chat.status.text, "tok/s") {
		t.Errorf("the status is %q", s.w.chat.status.text)
	}

	s.w.samplers.rows[0].slider.SetValue(1.5)
	if got := s.Settings().Temperature; got != 1.5 {
		t.Errorf("temperature %v after moving its slider", got)
	}
	s.w.system.SetText("Be brief.")
	s.w.system.FocusLost()
	s.quiet()
	s.NewChat()
	if s.w.system.Text != "" {
		t.Errorf("a new chat has the system prompt %q of the one before", s.w.system.Text)
	}
	s.w.sidebar.do.open(s.chats[0].ID, 0)
	s.until("the chat is open", func() bool { return len(s.chat.messages) == 2 })
	if s.w.system.Text != "Be brief." {
		t.Errorf("the chat came back with the system prompt %q", s.w.system.Text)
	}

	s.escapeStops()

	s.w.toggleSidebar()
	s.w.togglePanel()
	if s.w.sidebar.box.Visible() || s.w.layout.panel {
		t.Error("the sides do not fold")
	}
	s.w.setTheme(settings.ThemeDark)
	s.w.resizeText(4)
	if got := s.w.win.Canvas().Size(); got != fyne.NewSize(1280, 800) {
		t.Errorf("the window became %v", got)
	}
}

// escapeStops checks that Escape stops an answer, and that writing works,
// whatever has the focus.
func (s *stage) escapeStops() {
	canvas := s.w.win.Canvas()
	for name, o := range map[string]fyne.Focusable{
		"the composer": s.w.composer.field, "the transcript": s.w.chat.transcript, "a button": s.w.composer.send,
		"a slider": s.w.samplers.rows[0].slider, "the model": s.w.picker.button, "the chats": s.w.sidebar.list,
		"a number": s.w.samplers.rows[0].field,
	} {
		e := s.model.engine.(*fakeEngine)
		reached, _ := blockAt(e, 1)
		s.Send("A long question")
		<-reached
		canvas.Focus(o)
		press(canvas.Focused(), fyne.KeyEscape)
		s.idle()
		if messages := s.chat.messages; !strings.HasPrefix(messages[len(messages)-1].footer(), "stopped") {
			s.t.Errorf("Escape does not stop the answer while %s has the focus", name)
		}
		if _, number := o.(*field); number {
			continue
		}
		canvas.Focus(o)
		canvas.Focused().TypedRune('x')
		if s.w.composer.field.Text != "x" {
			s.t.Errorf("what is typed while %s has the focus becomes the message %q", name, s.w.composer.field.Text)
		}
		s.w.composer.setText("")
	}
}

// TestPicker looks at the list of models as it changes.
func TestPicker(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
	e := newFakeEngine("x")
	s.use(e)
	s.found = testModels[:1]
	s.Rescan()
	s.until("scanned", func() bool { return !s.scanning })
	s.w.picker.open()
	one := s.w.picker.popup.Size()
	s.found = []store.Found{testModels[2], testModels[0], testModels[1]}
	s.Rescan()
	s.until("scanned", func() bool { return !s.scanning })
	if got := s.w.picker.popup.Size(); got.Height <= one.Height {
		t.Errorf("the open list is %v high with three models and was %v with one", got.Height, one.Height)
	}
	rows := s.w.picker.list.rows.Objects
	broken := rows[len(rows)-1].(*pressable)
	s.w.win.Canvas().Focus(broken)
	press(broken, fyne.KeyReturn)
	if s.notice == nil || !strings.HasPrefix(told(s.notice.Text), "broken.gguf cannot be loaded: ") || !s.notice.Fault {
		t.Errorf("choosing a broken file tells %+v", s.notice)
	}
	if s.model.engine != e {
		t.Error("choosing a broken file has unloaded the model")
	}
	s.w.picker.open()
	s.w.win.Canvas().Focus(s.w.picker.list.rows.Objects[0].(*pressable))
	press(s.w.win.Canvas().Focused(), fyne.KeyEscape)
	if s.w.win.Canvas().Overlays().Top() != nil {
		t.Error("Escape does not close the list of models")
	}
}
