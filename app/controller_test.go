package app

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"lumi/app/history"
	"lumi/app/settings"
	"lumi/llm"
	"lumi/llm/gguf"
	llmnotice "lumi/llm/notice"
	"lumi/llm/store"
)

// bench is a controller with everything around it that a test can turn.
type bench struct {
	*controller
	*loop
	view    *recorder
	store   *history.Store
	path    string
	engines map[string]*fakeEngine
	load    func(ctx context.Context, path string, progress func(done, total int64)) (Engine, error)
	found   []store.Found
	convert *fakeConverter
	kept    settings.Presets // as they were written last
}

func newBench(t testing.TB, path string) *bench {
	t.Helper()
	if path == "" {
		path = filepath.Join(t.TempDir(), "chats.db")
	}
	kept, notices, err := history.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(notices) > 0 {
		t.Fatalf("opening a new history reports %q", notices)
	}
	b := &bench{loop: newLoop(t), store: kept, path: path, engines: map[string]*fakeEngine{}, found: testModels, convert: newFakeConverter()}
	b.load = func(_ context.Context, path string, progress func(done, total int64)) (Engine, error) {
		e, ok := b.engines[path]
		if !ok {
			return nil, errors.New("no such file")
		}
		e.opened = true
		progress(e.info.Size/2, e.info.Size)
		progress(e.info.Size, e.info.Size)
		return e, nil
	}
	b.view = &recorder{texts: map[int64]string{}}
	b.controller = newController(deps{
		Load: func(ctx context.Context, path string, _ llm.Options, progress func(done, total int64)) (Engine, error) {
			return b.load(ctx, path, progress)
		},
		Scan:    func(context.Context, ...string) []store.Found { return b.found },
		History: kept, Converter: b.convert, Post: b.post, Now: time.Now, Log: t.Logf,
		KeepPresets: func(p settings.Presets) error { b.kept = p; return nil },
	}, llm.DefaultSettings())
	b.controller.view, b.view.c = b.view, b.controller
	return b
}

// end closes everything, as closing the window does.
func (b *bench) end() {
	b.t.Helper()
	b.controller.Close()
	if err := b.store.Close(); err != nil {
		b.t.Error(err)
	}
	for path, e := range b.engines {
		if e.opened && !e.closed {
			b.t.Errorf("%s was not closed", path)
		}
	}
}

// use loads an engine and waits for it.
func (b *bench) use(e *fakeEngine) {
	b.t.Helper()
	b.engines[e.info.Path] = e
	b.Load(e.info.Path)
	b.until("a model is loaded", func() bool { return b.model.engine == e })
}

// ask sends a message and waits for the end of the answer.
func (b *bench) ask(text string) {
	b.t.Helper()
	if !b.Send(text) {
		b.t.Fatalf("%q was not taken: %v", text, b.notice)
	}
	b.idle()
}

func (b *bench) idle() {
	b.t.Helper()
	b.until("no answer is being written", func() bool { return !b.Busy() })
}

// quiet waits until the history has nothing to do.
func (b *bench) quiet() {
	b.t.Helper()
	done := false
	b.onDisk("waiting", func(context.Context) error { return nil }, func(error) { done = true })
	b.until("the disk is quiet", func() bool { return done })
}

// onDiskNow are the messages of the open chat as they are stored.
func (b *bench) onDiskNow() []history.Message {
	b.t.Helper()
	list, err := b.store.Messages(b.t.Context(), b.chat.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

func contents(list []history.Message) []string {
	var out []string
	for _, m := range list {
		out = append(out, m.Content)
	}
	return out
}

func TestConversation(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	e := newFakeEngine("It ", "scatters ", "light.")
	b.use(e)
	b.chat.System = "Be brief."
	b.ask("Why is the sky blue?\nTell me.")
	b.ask("And the sea?")

	want := []string{"Why is the sky blue?\nTell me.", "It scatters light.", "And the sea?", "It scatters light."}
	if diff := cmp.Diff(want, b.view.shown()); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, contents(b.onDiskNow())); diff != "" {
		t.Errorf("on disk (-want +got):\n%s", diff)
	}
	if len(e.prompts) != 2 {
		t.Fatalf("the engine was asked %d times, want 2", len(e.prompts))
	}
	wantPrompt := []llm.Message{
		{Role: llm.System, Content: "Be brief."},
		{Role: llm.User, Content: want[0]},
		{Role: llm.Assistant, Content: want[1]},
		{Role: llm.User, Content: want[2]},
	}
	if diff := cmp.Diff(wantPrompt, e.prompts[1]); diff != "" {
		t.Errorf("second prompt (-want +got):\n%s", diff)
	}
	if got := b.readout.Stats; got.Reused == 0 || got.ContextUsed != got.PromptTokens+3 {
		t.Errorf("readout %+v: want a reused prefix and the context counted", got)
	}
	b.quiet()
	if len(b.chats) != 1 || b.chats[0].Title != "Why is the sky blue?" || b.chats[0].System != "Be brief." {
		t.Errorf("chats %+v, want one titled by the first line", b.chats)
	}
}

// TestLateMeasurement: how much of the context the chat took before an answer,
// counted slowly, does not replace what the answer has measured.
func TestLateMeasurement(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	b.use(newFakeEngine("It ", "scatters ", "light."))
	b.ask("Why is the sky blue?")
	b.ask("And the sea?")
	release := make(chan struct{})
	b.controller.engines.add(func() { <-release })
	b.Edit(b.chat.lastKey("user"))
	b.ask("And the sea at night?")
	want := b.readout.Stats.ContextUsed
	close(release)
	counted := false
	b.controller.engines.add(func() { b.post(func() { counted = true }) })
	b.until("everything is counted", func() bool { return counted })
	if got := b.readout.Stats.ContextUsed; got != want || want == 0 {
		t.Errorf("the chat takes %d tokens of the context after the answer, %d once the chat before it is counted", want, got)
	}
}

func TestSendNeedsModel(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	if b.Send("hello") {
		t.Fatal("a message was taken without a model")
	}
	if b.notice == nil || b.notice.Action.Do == nil {
		t.Fatalf("notice %+v, want one with an action", b.notice)
	}
	b.Act()
	if b.view.chose != 1 || b.notice != nil {
		t.Errorf("the action did not lead to the models")
	}
}

// blockAt makes the engine wait before token i until release is closed, and
// says when it is there.
func blockAt(e *fakeEngine, at int) (reached, release chan struct{}) {
	reached, release = make(chan struct{}), make(chan struct{})
	var once sync.Once
	e.step = func(ctx context.Context, i int) error {
		if i == at {
			once.Do(func() { close(reached) })
			select {
			case <-release:
			case <-ctx.Done():
			}
		}
		return nil
	}
	return reached, release
}

func TestStop(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	e := newFakeEngine("one ", "two ", "three ")
	reached, _ := blockAt(e, 2)
	b.use(e)
	if !b.Send("count") {
		t.Fatal("not taken")
	}
	<-reached
	if b.Send("more") {
		t.Error("a second message was taken while an answer was being written")
	}
	b.Stop()
	b.Stop()
	b.idle()
	if diff := cmp.Diff([]string{"count", "one two "}, b.view.shown()); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
	stored := b.onDiskNow()
	if len(stored) != 2 || stored[1].Content != "one two " || stored[1].Reason != llm.StopUser || !stored[1].Done {
		t.Errorf("stored %+v", stored)
	}
	if f := b.chat.messages[1].footer(); !strings.HasPrefix(f, "stopped · 2 tokens") {
		t.Errorf("footer %q", f)
	}
}

func TestMessageIsSavedFirst(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	e := newFakeEngine("word ")
	saved := make(chan []string, 1)
	e.step = func(context.Context, int) error {
		chats, err := b.store.Chats(t.Context())
		if err != nil || len(chats) != 1 {
			saved <- nil
			return nil
		}
		list, err := b.store.Messages(t.Context(), chats[0].ID)
		if err != nil {
			return err
		}
		saved <- contents(list)
		return nil
	}
	b.use(e)
	b.ask("safe?")
	if diff := cmp.Diff([]string{"safe?", ""}, <-saved); diff != "" {
		t.Errorf("on disk before the first token (-want +got):\n%s", diff)
	}
}

func TestSettingsWorkFromTheNextToken(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	e := newFakeEngine("a", "b", "c")
	reached, release := blockAt(e, 1)
	b.use(e)
	b.Send("go")
	<-reached
	s := b.Settings()
	s.Temperature = 1.5
	b.SetSettings(s)
	close(release)
	b.idle()
	got := []float32{e.used[0].Temperature, e.used[1].Temperature, e.used[2].Temperature}
	if diff := cmp.Diff([]float32{llm.DefaultSettings().Temperature, 1.5, 1.5}, got); diff != "" {
		t.Errorf("temperatures (-want +got):\n%s", diff)
	}
}

func TestEngineFails(t *testing.T) {
	for _, tc := range []struct {
		name string
		fail func() error
		want string
	}{
		{"error", func() error { return errors.New("the prompt is longer than the context") }, "The answer ended: the prompt is longer than the context."},
		{"panic", func() error { panic("index out of range") }, "something went wrong inside Lumi"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			b := newBench(t, "")
			defer b.end()
			e := newFakeEngine("some ", "text ")
			e.step = func(_ context.Context, i int) error {
				if i == 1 {
					return tc.fail()
				}
				return nil
			}
			b.use(e)
			b.ask("hello")
			if b.notice == nil || !b.notice.Fault || !strings.Contains(told(b.notice.Text), tc.want) {
				t.Fatalf("notice %+v, want %q", b.notice, tc.want)
			}
			stored := b.onDiskNow()
			if len(stored) != 2 || stored[1].Content != "some " || stored[1].Reason != reasonFailed {
				t.Errorf("stored %+v", stored)
			}
			e.step = nil
			b.Act() // try again
			b.idle()
			if diff := cmp.Diff([]string{"hello", "some text "}, contents(b.onDiskNow())); diff != "" {
				t.Errorf("after trying again (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	loadFake := b.load
	b.Load("/models/none.gguf")
	b.until("the load has failed", func() bool { return b.notice != nil })
	if want := "none.gguf could not be loaded: no such file."; told(b.notice.Text) != want {
		t.Errorf("notice %q, want %q", told(b.notice.Text), want)
	}
	for _, err := range []error{
		&llm.FileError{Path: "/models/none.gguf", Err: errors.New("it is empty")},
		&gguf.Error{Path: "/models/none.gguf", Offset: 7, Err: errors.New("it is empty")},
	} {
		b.load = func(context.Context, string, func(done, total int64)) (Engine, error) { return nil, err }
		b.Load("/models/none.gguf")
		b.until("the load has failed", func() bool { return b.notice != nil })
		if want := "none.gguf could not be loaded: it is empty."; told(b.notice.Text) != want {
			t.Errorf("notice %q for %T, want %q", told(b.notice.Text), err, want)
		}
	}
	b.load = loadFake
	first, second := newFakeEngine("x"), newFakeEngine("y")
	second.info.Path = "/models/second.gguf"
	b.use(first)
	b.use(second)
	if !first.closed {
		t.Error("the first model is still open")
	}
	b.Unload()
	if b.model.engine != nil {
		t.Error("a closed model is still in use")
	}
}

// TestLoadLeavesFaults: what is told of a model does not hide what went wrong
// while it was loaded, but takes the place of news.
func TestLoadLeavesFaults(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	loadFake := b.load
	for _, c := range []struct {
		tell func()
		want string
	}{
		{func() { b.failAll([]phrase{say("The table is copied."), say("The import was stopped.")}) }, "The table is copied. The import was stopped. " + string(llmnotice.NoSplit)},
		{func() { b.tell(say("The table is copied."), action{}) }, string(llmnotice.NoSplit)},
	} {
		loading := make(chan struct{})
		b.load = func(ctx context.Context, path string, progress func(done, total int64)) (Engine, error) {
			<-loading
			return loadFake(ctx, path, progress)
		}
		e := newFakeEngine("x")
		e.info.Notices = []llmnotice.Notice{{Kind: llmnotice.NoSplit}}
		b.engines[e.info.Path] = e
		b.Load(e.info.Path)
		c.tell()
		close(loading)
		b.until("the model is loaded", func() bool { return b.model.load == nil })
		if b.notice == nil || told(b.notice.Text) != c.want {
			t.Errorf("notice %+v, want %q", b.notice, c.want)
		}
	}
}

func TestCancelLoad(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	begun := make(chan struct{})
	plain := b.load
	b.load = func(ctx context.Context, path string, progress func(done, total int64)) (Engine, error) {
		progress(10, 100)
		close(begun)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	b.Load("/models/tiny.gguf")
	<-begun
	b.until("progress is shown", func() bool { return b.model.load.Share() == 0.1 })
	b.CancelLoad()
	b.CancelLoad()
	b.until("the load has ended", func() bool { return b.model.load == nil })
	if b.notice != nil {
		t.Errorf("a cancelled load reports %q", told(b.notice.Text))
	}
	b.load = plain
	b.use(newFakeEngine("fine"))
	b.ask("still there?")
}

func TestOnlyModelIsLoaded(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	b.found = testModels[:1]
	b.engines[testModels[0].Path] = newFakeEngine("x")
	b.Start(0, "")
	b.until("the only model is loaded", func() bool { return b.model.engine != nil })
}

func TestLoadWhileAnswering(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	e := newFakeEngine("one ", "two ")
	reached, _ := blockAt(e, 1)
	b.use(e)
	b.Send("count")
	<-reached
	other := newFakeEngine("three")
	other.info.Path = "/models/other.Q4_1.gguf"
	b.use(other)
	b.idle()
	b.ask("go on")
	want := []string{"count", "one ", "go on", "three"}
	if diff := cmp.Diff(want, contents(b.onDiskNow())); diff != "" {
		t.Errorf("the chat with two models (-want +got):\n%s", diff)
	}
	if got := b.onDiskNow()[3].Model; got != "other" {
		t.Errorf("the second answer is by %q", got)
	}
}

// TestStillWritingGoes: what tells that an answer is being written goes with its
// end.
func TestStillWritingGoes(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	e := newFakeEngine("one ", "two ", "three ")
	reached, release := blockAt(e, 2)
	b.use(e)
	b.Send("Count.")
	<-reached
	b.Send("And again.")
	if b.notice == nil || b.notice.Text.key != stillWriting().key {
		t.Fatalf("while an answer is being written, the notice is %+v", b.notice)
	}
	close(release)
	b.until("the answer is there", func() bool { return !b.Busy() })
	if b.notice != nil {
		t.Errorf("after the answer, the notice is %q", told(b.notice.Text))
	}
}
