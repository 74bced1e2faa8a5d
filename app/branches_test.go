package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"lumi/app/history"
	"lumi/app/settings"
	"lumi/app/transcript"
	"lumi/llm"
)

// versions are the numbers of the versions shown, "2/3", for each message of the
// open chat, "" where there is one only.
func (b *bench) versions() []string {
	var list []string
	for _, m := range b.chat.messages {
		text := ""
		if n, all := m.version(); all > 1 {
			text = string(rune('0'+n)) + "/" + string(rune('0'+all))
		}
		list = append(list, text)
	}
	return list
}

// is checks what the open chat shows, and that it is on disk like that.
func (b *bench) is(when string, texts, versions []string) {
	b.t.Helper()
	b.quiet()
	b.quiet() // what is read after it was written
	if diff := cmp.Diff(texts, b.view.shown()); diff != "" {
		b.t.Errorf("%s, shown (-want +got):\n%s", when, diff)
	}
	if diff := cmp.Diff(texts, contents(b.onDiskNow())); diff != "" {
		b.t.Errorf("%s, on disk (-want +got):\n%s", when, diff)
	}
	if diff := cmp.Diff(versions, b.versions()); diff != "" {
		b.t.Errorf("%s, versions (-want +got):\n%s", when, diff)
	}
}

// TestDeletingShowsTheNewest: after messages are deleted, the end of what is left
// is in view, and the readout is that of its last answer.
func TestDeletingShowsTheNewest(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(800, 600))
	s.talk()
	s.w.chat.transcript.ScrollTo(s.chat.messages[0].Key)
	if s.w.chat.transcript.AtBottom() {
		t.Fatal("all of the chat is in view")
	}
	s.DeleteMessage(s.chat.messages[2].Key)
	s.until("it is deleted", func() bool { return len(s.chat.messages) == 2 })
	if !s.w.chat.transcript.AtBottom() {
		t.Error("the newest message is not in view")
	}
	if actions := s.w.messageActions(transcript.Message{ID: s.chat.messages[1].Key, Role: llm.Assistant}); actions[2].MenuOnly {
		t.Error("what is the last answer now cannot be continued by its button")
	}
	if want := s.chat.messages[1].Tokens; s.readout.Stats.Tokens != want {
		t.Errorf("the readout shows %d tokens, want %d", s.readout.Stats.Tokens, want)
	}
	s.w.chat.transcript.ScrollToBottom()
	s.Edit(s.chat.messages[0].Key)
	if s.w.chat.transcript.AtBottom() {
		t.Error("the message that is edited was out of view and stays there")
	}
}

// TestUnansweredQuestion: a question whose answer is deleted offers another one.
func TestUnansweredQuestion(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(800, 600))
	s.talk()
	offers := func(i int) (button bool, other bool) {
		t.Helper()
		m := s.chat.messages[i]
		for _, a := range s.w.messageActions(transcript.Message{ID: m.Key, Role: m.Role}) {
			button = button || a.Label == "Answer again" && !a.MenuOnly
			other = other || a.Label == "Answer with another model…"
		}
		return button, other
	}
	last := len(s.chat.messages) - 1
	if button, other := offers(last - 1); button || other {
		t.Error("a question with an answer below it offers what that one does")
	}
	s.DeleteMessage(s.chat.messages[last].Key)
	s.until("it is deleted", func() bool { return len(s.chat.messages) == last })
	if button, other := offers(last - 1); !button || !other {
		t.Errorf("a question without an answer offers one with a button: %v, and by another model: %v", button, other)
	}
	s.AnswerAgain(s.chat.endKey())
	s.until("it is answered", func() bool { return len(s.chat.messages) > last && s.answer == nil })
	if button, _ := offers(last - 1); button {
		t.Error("it still offers an answer")
	}
}

// TestAnswerWithOthers: the model that is loaded is not among those that another
// answer can come from.
func TestAnswerWithOthers(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(800, 600))
	s.Rescan()
	s.until("scanned", func() bool { return !s.scanning })
	s.talk()
	if items := s.w.otherModels(s.chat.endKey()); len(items) != 1 || !strings.Contains(items[0].Label, "Q4_K") {
		t.Fatalf("offered is %+v, want the one other model that is sound", items)
	}
	s.models = s.models[:1]
	if s.models[0].Path != s.model.info.Path {
		t.Fatalf("the model that is left is %s", s.models[0].Path)
	}
	s.w.answerWith(s.chat.endKey())
	if s.notice == nil || told(s.notice.Text) != "No other model was found that could answer." || s.notice.Action.Do == nil {
		t.Errorf("without another model it says %+v", s.notice)
	}
}

// TestVersions changes a chat in every way and goes back and forth between what
// that leaves: nothing is ever lost.
func TestVersions(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	e := newFakeEngine("first")
	b.use(e)
	b.ask("q1")
	e.words = []string{"second"}
	b.ask("q2")
	b.is("asked twice", []string{"q1", "first", "q2", "second"}, []string{"", "", "", ""})

	key := func(i int) int64 { return b.chat.messages[i].Key }
	e.words = []string{"again"}
	b.AnswerAgain(key(1))
	b.idle()
	b.is("the first answer again", []string{"q1", "again"}, []string{"", "2/2"})
	b.Switch(key(1), -1)
	b.is("back", []string{"q1", "first", "q2", "second"}, []string{"", "1/2", "", ""})
	b.Switch(key(1), -1) // there is none before
	b.Switch(key(0), 1)
	b.is("nowhere", []string{"q1", "first", "q2", "second"}, []string{"", "1/2", "", ""})

	b.Edit(key(2))
	e.words = []string{"third"}
	b.ask("better q2")
	b.is("edited a question", []string{"q1", "first", "better q2", "third"}, []string{"", "1/2", "2/2", ""})

	b.Edit(key(3))
	if b.view.composed != "third" {
		t.Errorf("editing an answer composes %q", b.view.composed)
	}
	if !b.Send("my own words") || b.Busy() {
		t.Error("an edited answer was not taken, or is being answered")
	}
	b.is("edited an answer", []string{"q1", "first", "better q2", "my own words"}, []string{"", "1/2", "2/2", "2/2"})
	if last := b.onDiskNow()[3]; last.Reason != history.ReasonEdited || b.chat.messages[3].footer() != "edited" {
		t.Errorf("an edited answer has the reason %q and the footer %q", last.Reason, b.chat.messages[3].footer())
	}
	b.SwitchLast(-1)
	b.is("before it was edited", []string{"q1", "first", "better q2", "third"}, []string{"", "1/2", "2/2", "1/2"})

	e.words = []string{" and", " more"}
	b.ContinueLast()
	b.idle()
	b.is("continued", []string{"q1", "first", "better q2", "third and more"}, []string{"", "1/2", "2/2", "3/3"})
	if last := e.prompts[len(e.prompts)-1]; last[len(last)-1] != (llm.Message{Role: llm.Assistant, Content: "third"}) {
		t.Errorf("an answer is continued from the prompt %v", last)
	}

	e.words = nil
	b.Continue(key(1))
	b.idle()
	b.is("nothing was added", []string{"q1", "first", "better q2", "third and more"}, []string{"", "1/2", "2/2", "3/3"})

	b.DeleteMessage(key(3))
	b.is("deleted a version", []string{"q1", "first", "better q2", "my own words"}, []string{"", "1/2", "2/2", "2/2"})
	b.Act()
	b.is("undone", []string{"q1", "first", "better q2", "third and more"}, []string{"", "1/2", "2/2", "3/3"})
	b.DeleteMessage(key(0))
	b.is("deleted all", nil, nil)
	b.Act()
	b.is("undone", []string{"q1", "first", "better q2", "third and more"}, []string{"", "1/2", "2/2", "3/3"})

	id := b.chat.ID
	b.NewChat()
	b.OpenChat(id)
	b.is("opened again", []string{"q1", "first", "better q2", "third and more"}, []string{"", "1/2", "2/2", "3/3"})
}

// TestAnswerWith answers again with another model; both answers stay.
func TestAnswerWith(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	b.use(newFakeEngine("small"))
	b.ask("question")
	large := newFakeEngine("large")
	large.info.Path = "/models/large.gguf"
	b.engines[large.info.Path] = large
	b.AnswerWith(b.chat.lastKey(llm.Assistant), large.info.Path)
	b.until("the other model has answered", func() bool { return b.model.engine == large && !b.Busy() && len(b.chat.messages) == 2 })
	b.is("answered with another model", []string{"question", "large"}, []string{"", "2/2"})
	if got := b.chat.messages[1].Author; got != "large" {
		t.Errorf("the author is %q", got)
	}
	b.AnswerWith(b.chat.lastKey(llm.Assistant), "/models/none.gguf")
	b.until("the load has failed", func() bool { return b.notice != nil })
	b.use(newFakeEngine("small"))
	b.drain()
	if b.Busy() {
		t.Error("what waited for a model that could not be loaded is done with another one")
	}
}

// TestChangesThatFail keeps what is shown when the disk does not take a change.
func TestChangesThatFail(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	b.use(newFakeEngine("answer"))
	b.ask("question")
	b.quiet()
	b.History = failing{b.store}
	b.DeleteMessage(b.chat.lastKey(llm.Assistant))
	b.quiet()
	if b.notice == nil || !b.notice.Fault || len(b.view.shown()) != 2 {
		t.Errorf("after a failed deletion, %d messages and the notice %+v", len(b.view.shown()), b.notice)
	}
	if !b.still(b.chat) {
		t.Error("the chat stays closed after a failed change")
	}
}

// failing is a history that can be read only.
type failing struct{ *history.Store }

func (failing) DeleteMessage(context.Context, int64) (history.Removal, error) {
	return history.Removal{}, errors.New("the disk is broken")
}

func TestThinking(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	e := newFakeEngine("The ", "answer.")
	e.thinking = []string{"Let ", "me ", "see."}
	b.use(e)
	b.ask("question")
	b.quiet()
	m := b.chat.messages[1]
	if shown := b.view.shown(); shown[1] != "The answer." || m.Answer != shown[1] || b.onDiskNow()[1].Content != m.Text {
		t.Errorf("shown is %q of the answer %+v", shown, m)
	}
	if m.Thinking != "Let me see." || m.Text != "<think>\nLet me see.\n</think>\n\nThe answer." {
		t.Errorf("thinking %q in %q", m.Thinking, m.Text)
	}
	if note := m.thinkingNote(); !strings.HasPrefix(note, "Thought for ") || !strings.HasSuffix(note, " · 3 tokens") {
		t.Errorf("the note is %q", note)
	}
	id, note := b.chat.ID, m.thinkingNote()
	b.NewChat()
	b.OpenChat(id)
	b.until("the chat is open", func() bool { return len(b.chat.messages) == 2 })
	if got := b.chat.messages[1]; got.Thinking != m.Thinking || got.Answer != m.Answer || got.thinkingNote() != note {
		t.Errorf("the answer comes back with the thinking %q, the answer %q, the note %q", got.Thinking, got.Answer, got.thinkingNote())
	}
	if d := b.chat.messages[1].details(); !strings.HasPrefix(d, "Temperature 0.7 · Top-k ") || !strings.HasSuffix(d, " · Seed 7") || strings.Contains(d, "Mirostat") {
		t.Errorf("the details are %q", d)
	}
}

// TestTemporaryDraftsStayApart checks that what is attached in a chat that is
// not begun yet does not turn up in a temporary one, nor the other way round.
func TestTemporaryDraftsStayApart(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	b.SetDraft("open", []history.Attachment{{Name: "open.txt", Text: "open"}})
	b.NewTemporaryChat()
	b.until("temporary", func() bool { return b.chat.Temporary })
	if text, files := b.Draft(); text != "" || len(files) != 0 {
		t.Errorf("the temporary chat begins with %q and %d files", text, len(files))
	}
	b.SetDraft("secret", []history.Attachment{{Name: "secret.txt", Text: "secret"}})
	b.NewChat()
	if text, files := b.Draft(); text != "open" || len(files) != 1 || files[0].Name != "open.txt" {
		t.Errorf("the new chat has %q and %v", text, files)
	}
	before := b.chat
	b.NewTemporaryChat()
	b.until("another", func() bool { return b.chat != before })
	if _, files := b.Draft(); len(files) != 0 {
		t.Errorf("another temporary chat begins with %d files", len(files))
	}
}

// TestComposerKeepsDrafts: what is typed and attached stays with its chat while
// others are opened, also when a message is being edited meanwhile, and is on disk
// when the program ends.
func TestComposerKeepsDrafts(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(800, 600))
	s.talk()
	first := s.chat.ID
	files := []history.Attachment{{Name: "a.txt", Text: "one"}, {Name: "b.txt", Text: strings.Repeat("two", 10_000)}}
	holds := func(when, text string, want []history.Attachment) {
		t.Helper()
		if c := s.w.composer; c.field.Text != text || !slices.Equal(c.files, want) {
			t.Errorf("%s, the composer holds %q with %d files, want %q with %d", when, c.field.Text, len(c.files), text, len(want))
		}
	}
	back := func() {
		s.OpenChat(first)
		s.quiet()
	}
	s.w.composer.attach(files)
	s.w.composer.field.SetText("and then")
	s.NewChat()
	holds("in a new chat", "", nil)
	s.w.composer.attach(files[:1])
	back()
	holds("back again", "and then", files)
	s.Edit(s.chat.messages[0].Key)
	s.w.composer.field.SetText("edited")
	s.NewChat()
	holds("in the new chat again", "", files[:1])
	back()
	holds("after editing", "and then", files)
	s.endDrafts()
	s.quiet()
	stored, err := s.History.Draft(t.Context(), first)
	if err != nil || stored.Text != "and then" || !slices.Equal(stored.Files, files) {
		t.Errorf("on disk is %q with %d files, %v", stored.Text, len(stored.Files), err)
	}
	found := 0
	chats, err := s.History.Chats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, chat := range chats {
		if d, err := s.History.Draft(t.Context(), chat.ID); err == nil && chat.ID != first && slices.Equal(d.Files, files[:1]) {
			found++
		}
	}
	if found != 1 {
		t.Errorf("%d chats hold what was attached without one", found)
	}
}

// TestDrafts leaves messages unfinished in two chats and in none, and ends the
// program.
func TestDrafts(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	file := filepath.Join(t.TempDir(), "chats.db")
	b := newBench(t, file)
	b.use(newFakeEngine("answer"))
	b.ask("question")
	b.quiet()
	first := b.chat.ID
	files := []history.Attachment{{Name: "a.txt", Text: "text"}}
	b.SetDraft("and then", files)
	b.NewChat()
	if text, _ := b.Draft(); text != "" {
		t.Errorf("a new chat has the draft %q", text)
	}
	b.SetDraft("another matter", files)
	b.OpenChat(first)
	b.quiet()
	if text, got := b.Draft(); text != "and then" || len(got) != 1 {
		t.Errorf("the chat has the draft %q with %d files", text, len(got))
	}
	b.NewChat()
	if text, _ := b.Draft(); text != "another matter" {
		t.Errorf("the new chat has the draft %q", text)
	}
	b.end()

	b = newBench(t, file)
	defer b.end()
	b.readChats(func() {})
	b.quiet()
	got := map[string]string{}
	for _, chat := range b.chats {
		got[chat.Title] = chat.Draft
	}
	if diff := cmp.Diff(map[string]string{"question": "and then", "another matter": "another matter"}, got); diff != "" {
		t.Errorf("drafts after a restart (-want +got):\n%s", diff)
	}
	for _, chat := range b.chats {
		b.OpenChat(chat.ID)
		if chat.ID == first { // what is typed before its files are read stays, too
			b.SetDraft("and then some", nil)
		}
		b.quiet()
		if text, got := b.Draft(); !slices.Equal(got, files) || chat.ID == first && text != "and then some" {
			t.Errorf("the draft of %q after a restart is %q with %v", chat.Title, text, got)
		}
	}
	b.OpenChat(b.chats[0].ID)
	b.quiet()
	b.OpenChat(first)
	b.quiet()
	if text, got := b.Draft(); text != "and then some" || !slices.Equal(got, files) {
		t.Errorf("the draft is %q with %v", text, got)
	}
}

// TestTypedBeforeReading types and attaches in a chat whose draft is not read yet,
// and leaves the chat or ends the program at once.
func TestTypedBeforeReading(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chats.db")
	b := newBench(t, file)
	b.use(newFakeEngine("answer"))
	b.ask("question")
	b.quiet()
	first := b.chat.ID
	a, more := history.Attachment{Name: "a.txt", Text: "one"}, history.Attachment{Name: "b.txt", Text: "two"}
	b.SetDraft("and", []history.Attachment{a})
	b.end()

	b = newBench(t, file)
	b.readChats(func() {})
	b.quiet()
	b.OpenChat(first)
	b.SetDraft("and then", []history.Attachment{more})
	b.end()

	b = newBench(t, file)
	b.readChats(func() {})
	b.quiet()
	b.OpenChat(first)
	if text, files := b.Draft(); text != "and then" || len(files) != 0 {
		t.Errorf("the draft that is not read yet is %q with %v", text, files)
	}
	b.SetDraft("and then some", nil)
	b.NewChat()
	b.OpenChat(first)
	b.quiet()
	if text, files := b.Draft(); text != "and then some" || !slices.Equal(files, []history.Attachment{a, more}) {
		t.Errorf("the draft is %q with %v", text, files)
	}
	b.end()
}

// TestAttachedWhereItWasAsked attaches a file and is in another chat, or edits a
// message, before the file is read.
func TestAttachedWhereItWasAsked(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(800, 600))
	s.talk()
	first := s.chat.ID
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	holds := func(when string, want ...string) {
		t.Helper()
		got := []string{}
		for _, f := range s.w.composer.files {
			got = append(got, f.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s, the composer holds %q, want %q", when, got, want)
		}
	}
	attach := func() { s.Attach([]string{path}, s.w.composer.attach) }
	attach()
	s.NewChat()
	s.quiet()
	holds("in a new chat")
	attach()
	s.OpenChat(first)
	s.quiet()
	holds("back in the chat", "a.txt")
	attach()
	s.NewChat()
	s.OpenChat(first)
	s.quiet()
	holds("left and opened again", "a.txt", "a.txt 2")
	attach()
	s.Edit(s.chat.messages[0].Key)
	s.quiet()
	holds("in another message")
	s.CancelEdit()
	holds("after editing", "a.txt", "a.txt 2", "a.txt 3")
	s.NewChat()
	holds("in the chat not begun yet", "a.txt")
	s.quiet()
	stored, err := s.History.Draft(t.Context(), first)
	if err != nil || len(stored.Files) != 3 {
		t.Errorf("on disk are %d files, %v", len(stored.Files), err)
	}
}

func TestAttach(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var got []history.Attachment
	b.Attach([]string{
		write("main.go", "\ufeffpackage main\r\n"), write("photo.png", "\x89PNG\x00"), write("latin.txt", "\xe4\xf6"),
		write("log.txt", strings.Repeat("line\n", maxAttached)), write("empty.txt", " \n"), dir, filepath.Join(dir, "none.txt"),
	}, func(files []history.Attachment) { got = files })
	b.quiet()
	if diff := cmp.Diff([]history.Attachment{{Name: "main.go", Text: "package main\n"}}, got); diff != "" {
		t.Errorf("attached (-want +got):\n%s", diff)
	}
	for _, want := range []string{
		"“photo.png” is no text", "“latin.txt” is no text", "“log.txt” is too large: it has 5 MB", "“empty.txt” is empty", "is no file", "none.txt",
	} {
		if b.notice == nil || !strings.Contains(told(b.notice.Text), want) {
			t.Errorf("the notice does not say %q: %+v", want, b.notice)
		}
	}

	e := newFakeEngine("answer")
	b.use(e)
	if !b.Send("What is this?", got...) {
		t.Fatal("not taken")
	}
	b.idle()
	const want = "Attachment: main.go\n```\npackage main\n```\n\nWhat is this?"
	if asked := e.prompts[0][0].Content; asked != want {
		t.Errorf("the model is asked %q, want %q", asked, want)
	}
	if stored := b.onDiskNow()[0]; stored.Content != "What is this?" || len(stored.Attachments) != 1 {
		t.Errorf("on disk is %+v", stored)
	}
}
