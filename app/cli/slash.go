package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"lumi/llm"
)

// slash is what a line of the chat that begins with / can ask for. rest is
// what follows the name, without outer spaces. Others are further names.
type slash struct {
	name, args, summary string
	run                 func(ctx context.Context, c *chat, rest string) error
	others              []string
}

// slashes is a function because /help lists them all.
func slashes() []slash {
	return []slash{
		{"/help", "", "list the commands", slashHelp, nil},
		{"/new", "", "start over; the system message and the settings stay", slashNew, nil},
		{"/retry", "", "answer the last message again", slashRetry, nil},
		{"/undo", "", "take back the last message and its answer", slashUndo, nil},
		{"/set", "[NAME VALUE]", "change a setting from the next answer on, or list them all", slashSet, nil},
		{"/system", "[TEXT]", "change what the model is told before the chat; without TEXT, nothing", slashSystem, nil},
		{"/stats", "", "tell the speed of the last answer and the memory in use", slashStats, nil},
		{"/say", "TEXT", "send TEXT as it is, even where it begins with /", slashSay, nil},
		{"/quit", "", "end the chat; /exit and /bye do the same", slashQuit, []string{"/exit", "/bye"}},
	}
}

// command runs a line that begins with /.
func (c *chat) command(ctx context.Context, line string) error {
	name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	for _, s := range slashes() {
		if s.name == name || slices.Contains(s.others, name) {
			return s.run(ctx, c, strings.TrimSpace(rest))
		}
	}
	return fmt.Errorf("there is no command %s: /help lists them, and /say sends a message that begins with /", printable(name))
}

func slashHelp(_ context.Context, c *chat, _ string) error {
	for _, s := range slashes() {
		fmt.Fprintf(c.err, "  %-18s %s\n", strings.TrimSpace(s.name+" "+s.args), s.summary)
	}
	return nil
}

func slashNew(_ context.Context, c *chat, _ string) error {
	c.messages, c.last = nil, nil
	return nil
}

func slashRetry(ctx context.Context, c *chat, _ string) error {
	text, err := c.takeBack()
	if err != nil {
		return err
	}
	return c.say(ctx, text)
}

func slashUndo(_ context.Context, c *chat, _ string) error {
	_, err := c.takeBack()
	return err
}

// takeBack removes the last message of the person with its answer.
func (c *chat) takeBack() (string, error) {
	for i := len(c.messages) - 1; i >= 0; i-- {
		if c.messages[i].Role == llm.User {
			text := c.messages[i].Content
			c.messages = c.messages[:i]
			return text, nil
		}
	}
	return "", errors.New("there is no message yet")
}

// slashSet goes through the command's own flags, so that a setting has one
// name, one range and one description.
func slashSet(_ context.Context, c *chat, rest string) error {
	fs := flag.NewFlagSet("set", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	registerSettings(fs, &c.settings)
	if rest == "" {
		fs.VisitAll(func(f *flag.Flag) {
			if f.Usage == "" {
				return // another name for one that is listed
			}
			_, text := flag.UnquoteUsage(f)
			fmt.Fprintf(c.err, "  %-21s %-6s %s\n", f.Name, f.Value, text)
		})
		return nil
	}
	name, value, ok := strings.Cut(rest, " ")
	value = strings.TrimSpace(value)
	if !ok || value == "" {
		return errors.New("a setting needs a name and a value, as in /set temperature 0.5")
	}
	f := fs.Lookup(name)
	if f == nil {
		return fmt.Errorf("there is no setting %q: /set lists them", name)
	}
	if err := f.Value.Set(value); err != nil {
		return fmt.Errorf("%q is no value for %s: %w", value, name, err)
	}
	return nil
}

func slashSystem(_ context.Context, c *chat, rest string) error {
	c.system = rest
	return nil
}

func slashStats(_ context.Context, c *chat, _ string) error {
	info := c.model.Info()
	m := info.Memory
	fmt.Fprintf(c.err, "%s on %s, %d threads\n", printable(info.Name), info.Device, info.Threads)
	fmt.Fprintf(c.err, "memory: weights %s, KV cache %s, scratch %s\n", bytesText(m.Weights), bytesText(m.KV), bytesText(m.Scratch))
	if c.last != nil {
		fmt.Fprintln(c.err, statsLine(*c.last))
	}
	return nil
}

func slashSay(ctx context.Context, c *chat, rest string) error { return c.say(ctx, rest) }

func slashQuit(context.Context, *chat, string) error { return errQuit }
