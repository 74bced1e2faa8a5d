package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"lumi/accel"
	"lumi/llm"
	"lumi/llm/notice"
)

var chatCommand = command{
	name:    "chat",
	args:    "[-m MODEL] [options]",
	summary: "talk with a model in the terminal",
	help: `Talks with a model in the terminal. The answers go to stdout; speed and notices
go to stderr. Piped in, each line is one message. Ctrl-C stops an answer, a
second one ends the chat. A line that begins with / is a command: /help lists them.`,
	run:        runChat,
	interrupts: true,
}

func runChat(ctx context.Context, c command, args []string, s streams) error {
	chat := &chat{streams: s, settings: llm.DefaultSettings(), told: map[string]bool{}}
	var load loadFlags
	fs := c.newFlags()
	load.register(fs, accel.F16)
	registerSettings(fs, &chat.settings)
	recommended := recommendFlag(fs)
	fs.StringVar(&chat.system, "system", "", "`TEXT` that the model is told before the chat")
	if err := c.parse(fs, args, s, 0); err != nil {
		return err
	}

	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	chat.interrupts = interrupts

	m, err := chat.load(ctx, &load)
	if err != nil {
		return err
	}
	defer m.Close()
	chat.model = m
	if *recommended {
		chat.tell(recommend(fs, m, &chat.settings))
	}
	return chat.run(ctx)
}

// load opens the model; Ctrl-C gives up.
func (c *chat) load(ctx context.Context, l *loadFlags) (*llm.Model, error) {
	ctx, stop := c.interruptible(ctx)
	defer stop()
	return l.open(ctx, c.streams)
}

// replier is what a chat asks of a model.
type replier interface {
	Info() llm.Info
	Reply(ctx context.Context, messages []llm.Message, settings func() llm.Settings, emit func(llm.Event)) (llm.Reply, error)
}

// chat is a conversation in a terminal.
type chat struct {
	streams
	model      replier
	settings   llm.Settings
	system     string
	messages   []llm.Message   // without the system message
	last       *llm.Reply      // nil before the first answer
	told       map[string]bool // the notices that were shown
	interrupts <-chan os.Signal
}

// errQuit ends the chat.
var errQuit = errors.New("quit")

// fatalError is one that leaves no sense in going on.
type fatalError struct{ error }

func (c *chat) run(ctx context.Context) error {
	info := c.model.Info()
	if isTerminal(c.err) {
		fmt.Fprintf(c.err, "%s (%s) on %s. /help lists the commands, Ctrl-D ends.\n", printable(info.Name), info.Quantisation, info.Device)
	}
	c.notices(info.Notices)
	reader := newLineReader(c.in, c.out, "> ")
	failed := false
	var fatal fatalError
	for {
		line, err := c.next(ctx, reader)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, errInterrupted):
			return c.end(failed)
		case err != nil:
			return err
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		switch err := c.handle(ctx, line); {
		case err == nil:
		case errors.Is(err, errQuit):
			return c.end(failed)
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &fatal):
			return fatal.error
		default:
			failed = true
			fmt.Fprintln(c.err, "lumi:", err)
		}
	}
}

// end is how a chat ends after the last line. A script learns that a line of it
// failed; a person has seen it.
func (c *chat) end(failed bool) error {
	if failed && !isTerminal(c.in) {
		return errors.New("not every line of the chat could be carried out")
	}
	return nil
}

// errInterrupted says that Ctrl-C was pressed while no answer ran.
var errInterrupted = errors.New("interrupted")

// next waits for a message; Ctrl-C ends the wait with errInterrupted.
func (c *chat) next(ctx context.Context, reader lineReader) (string, error) {
	wait, stop := c.interruptible(ctx)
	defer stop()
	line, err := reader.read(wait)
	if errors.Is(err, context.Canceled) && ctx.Err() == nil {
		return "", errInterrupted
	}
	return line, err
}

// interruptible derives a context that the next Ctrl-C cancels. stop ends the
// watch and waits for it.
func (c *chat) interruptible(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-c.interrupts:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel()
		<-ended
	}
}

// handle acts on one line: a command or a message.
func (c *chat) handle(ctx context.Context, line string) error {
	if strings.HasPrefix(line, "/") {
		return c.command(ctx, line)
	}
	return c.say(ctx, line)
}

// say sends a message and writes the answer. When none comes, the message is
// taken back, so that the chat can go on.
func (c *chat) say(ctx context.Context, text string) error {
	if text == "" {
		return errors.New("there is nothing to say")
	}
	c.messages = append(c.messages, llm.Message{Role: llm.User, Content: text})
	messages := c.messages
	if c.system != "" {
		messages = append([]llm.Message{{Role: llm.System, Content: c.system}}, messages...)
	}
	run, stop := c.interruptible(ctx)
	defer stop()
	out := newAnswerWriter(c.out)
	reply, err := c.model.Reply(run, messages, func() llm.Settings { return c.settings }, func(e llm.Event) { out.write(e.Text) })
	out.end()
	if err != nil || reply.Text == "" && reply.Reason == llm.StopUser {
		c.messages = c.messages[:len(c.messages)-1]
		return err
	}
	if out.err != nil {
		return fatalError{fmt.Errorf("writing the answer: %w", out.err)}
	}
	c.messages = append(c.messages, llm.Message{Role: llm.Assistant, Content: reply.Text})
	c.last = &reply
	c.notices(reply.Notices)
	fmt.Fprintln(c.err, statsLine(reply))
	return nil
}

// notices tells what a person should know about the model.
func (c *chat) notices(list []notice.Notice) {
	for _, n := range list {
		c.tell(n.String())
	}
}

// tell shows a sentence, once per chat.
func (c *chat) tell(sentence string) {
	if !c.told[sentence] {
		c.told[sentence] = true
		fmt.Fprintln(c.err, sentence)
	}
}
