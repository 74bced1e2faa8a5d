package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lumi/llm"
	"lumi/llm/notice"
)

// parrot is a model that repeats what it hears.
type parrot struct {
	heard [][]llm.Message
	// reply replaces the repetition where it is set.
	reply func(ctx context.Context, emit func(llm.Event)) (llm.Reply, error)
}

func (p *parrot) Info() llm.Info {
	return llm.Info{Name: "parrot", Notices: []notice.Notice{{Kind: "This is a parrot."}}}
}

func (p *parrot) Reply(ctx context.Context, messages []llm.Message, _ func() llm.Settings, emit func(llm.Event)) (llm.Reply, error) {
	p.heard = append(p.heard, append([]llm.Message(nil), messages...))
	if p.reply != nil {
		return p.reply(ctx, emit)
	}
	text := "You said: " + messages[len(messages)-1].Content
	for word := range strings.SplitAfterSeq(text, " ") {
		emit(llm.Event{Text: word})
	}
	return llm.Reply{Text: text, Reason: llm.StopEnd, Notices: []notice.Notice{{Kind: "It only repeats."}}}, nil
}

// talk runs a chat on input and returns what it wrote.
func talk(t *testing.T, c *chat, input string) (out, errs string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c.streams = streams{in: strings.NewReader(input), out: &stdout, err: &stderr}
	c.told = map[string]bool{}
	err = c.run(t.Context())
	return stdout.String(), stderr.String(), err
}

func TestChatKeepsTheConversation(t *testing.T) {
	model := &parrot{}
	out, errs, err := talk(t, &chat{model: model, system: "Be brief."}, "one\n\ntwo\n/retry\n/undo\nthree\n/system\n/new\nfour")
	if err != nil {
		t.Fatal(err)
	}
	if want := "You said: one\nYou said: two\nYou said: two\nYou said: three\nYou said: four\n"; out != want {
		t.Errorf("answers are %q, want %q", out, want)
	}
	for _, notice := range []string{"This is a parrot.", "It only repeats."} {
		if n := strings.Count(errs, notice); n != 1 {
			t.Errorf("%q is shown %d times, want once", notice, n)
		}
	}
	system := llm.Message{Role: llm.System, Content: "Be brief."}
	user := func(text string) llm.Message { return llm.Message{Role: llm.User, Content: text} }
	answer := func(text string) llm.Message {
		return llm.Message{Role: llm.Assistant, Content: "You said: " + text}
	}
	want := [][]llm.Message{
		{system, user("one")},
		{system, user("one"), answer("one"), user("two")},
		{system, user("one"), answer("one"), user("two")},
		{system, user("one"), answer("one"), user("three")},
		{user("four")},
	}
	if diff := cmp.Diff(want, model.heard); diff != "" {
		t.Errorf("the model heard (-want +got):\n%s", diff)
	}
}

func TestChatGoesOnAfterAnError(t *testing.T) {
	model := &parrot{}
	model.reply = func(context.Context, func(llm.Event)) (llm.Reply, error) {
		model.reply = nil
		return llm.Reply{}, errors.New("the context is too small")
	}
	out, errs, err := talk(t, &chat{model: model}, "one\ntwo")
	if err == nil {
		t.Error("the chat reports no error, though a piped message had no answer")
	}
	if want := "You said: two\n"; out != want {
		t.Errorf("answers are %q, want %q", out, want)
	}
	if !strings.Contains(errs, "lumi: the context is too small") {
		t.Errorf("the error is not shown: %q", errs)
	}
	if n := len(model.heard[1]); n != 1 {
		t.Errorf("the model heard %d messages the second time, want 1: the one without an answer is taken back", n)
	}
}

// blockingReader never has a line, as a person who says nothing.
type blockingReader struct{ reads chan struct{} }

func (b *blockingReader) Read([]byte) (int, error) {
	b.reads <- struct{}{}
	select {}
}

func TestInterruptStopsTheAnswerThenTheChat(t *testing.T) {
	interrupts := make(chan os.Signal, 2)
	waiting := &blockingReader{reads: make(chan struct{}, 1)}
	model := &parrot{reply: func(ctx context.Context, emit func(llm.Event)) (llm.Reply, error) {
		emit(llm.Event{Text: "half an"})
		interrupts <- os.Interrupt
		<-ctx.Done()
		return llm.Reply{Text: "half an", Reason: llm.StopUser}, nil
	}}
	var stdout, stderr bytes.Buffer
	c := &chat{
		model: model, interrupts: interrupts, told: map[string]bool{},
		streams: streams{in: io.MultiReader(strings.NewReader("hello\n"), waiting), out: &stdout, err: &stderr},
	}
	go func() {
		<-waiting.reads // the chat waits for a message again
		interrupts <- os.Interrupt
	}()
	if err := c.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "half an\n"; stdout.String() != want {
		t.Errorf("answers are %q, want %q", stdout.String(), want)
	}
	if !strings.Contains(stderr.String(), "stopped") {
		t.Errorf("nothing says that the answer was stopped: %q", stderr.String())
	}
	if n := len(c.messages); n != 2 {
		t.Errorf("the chat holds %d messages, want the question and half an answer", n)
	}
}

func TestCancelEndsTheChat(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	waiting := &blockingReader{reads: make(chan struct{}, 1)}
	c := &chat{model: &parrot{}, told: map[string]bool{}, streams: streams{in: waiting, out: io.Discard, err: io.Discard}}
	go func() {
		<-waiting.reads
		cancel()
	}()
	if err := c.run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the chat ends with %v, want %v", err, context.Canceled)
	}
}

// brokenPipe fails every write.
type brokenPipe struct{}

var errPipe = errors.New("broken pipe")

func (brokenPipe) Write([]byte) (int, error) { return 0, errPipe }

func TestChatReportsAnOutputThatFails(t *testing.T) {
	var stderr bytes.Buffer
	c := &chat{
		model: &parrot{}, told: map[string]bool{},
		streams: streams{in: strings.NewReader("hello"), out: brokenPipe{}, err: &stderr},
	}
	if err := c.run(t.Context()); !errors.Is(err, errPipe) {
		t.Errorf("the chat ends with %v, want %v", err, errPipe)
	}
}
