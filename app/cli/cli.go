// Package cli is Lumi without its window: the sub-commands of the program,
// for terminals, scripts and machines without a display. It knows the engine
// through package llm alone and holds nothing of Fyne.
//
// Answers and tables go to stdout; progress, speed and errors go to stderr, so
// that a pipe carries only what was asked for. A command ends with 0 when it
// did what was asked, with 1 when it could not, and with 2 when it was called
// wrongly.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// command is one sub-command. Its run function registers flags on fs, parses
// args with [parse] and does the work.
type command struct {
	name    string
	args    string // the synopsis after the name
	summary string // one line, for the list of commands
	help    string // what it does, in whole sentences
	run     func(ctx context.Context, c command, args []string, io streams) error
	// interrupts is set by a command that handles Ctrl-C itself.
	interrupts bool
}

// commands is a function because the help command lists them all.
func commands() []command {
	return []command{
		chatCommand, completeCommand, benchCommand, evalCommand, perplexityCommand,
		tokenizeCommand, templateCommand, infoCommand, modelsCommand, convertCommand, versionCommand,
	}
}

// usageError is a call that cannot be understood; it ends with exit code 2.
type usageError struct{ error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// errHelp says that help was asked for and has been printed.
var errHelp = errors.New("help")

// Run runs the command that args name (without the program's own name) and
// returns the exit code. Cancelling ctx ends the command; so does Ctrl-C,
// which the chat first takes as "stop this answer".
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	s := streams{in: stdin, out: stdout, err: stderr}
	err := dispatch(ctx, args, s)
	var usage usageError
	switch {
	case err == nil, errors.Is(err, errHelp):
		return exitOK
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, "lumi:", err)
		fmt.Fprintln(stderr, "Run 'lumi --help' or 'lumi COMMAND --help' to see how it is used.")
		return exitUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "lumi: interrupted")
		return exitFailed
	default:
		fmt.Fprintln(stderr, "lumi:", err)
		return exitFailed
	}
}

func dispatch(ctx context.Context, args []string, s streams) error {
	if len(args) == 0 {
		return usagef("no command given")
	}
	name, rest := args[0], args[1:]
	switch name {
	case "help":
		if len(rest) == 0 {
			return overview(s.out)
		}
		name, rest = rest[0], []string{"--help"}
	case "-h", "-help", "--help":
		return overview(s.out)
	case "-version", "--version":
		name = versionCommand.name
	}
	for _, c := range commands() {
		if c.name != name {
			continue
		}
		if !c.interrupts {
			var stop context.CancelFunc
			ctx, stop = signal.NotifyContext(ctx, os.Interrupt)
			defer stop()
		}
		return c.run(ctx, c, rest, s)
	}
	return usagef("there is no command %q", name)
}

func overview(out io.Writer) error {
	var b strings.Builder
	b.WriteString("Lumi runs language models on this machine.\n\n")
	b.WriteString("  lumi [FILE.gguf]      open the window, with this model or the last one\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  lumi %-16s %s\n", c.name, c.summary)
	}
	b.WriteString("\n'lumi COMMAND --help' tells more about a command.\n")
	b.WriteString("LUMI_CPU=generic, avx2, avxvnni or avx512 in the environment keeps the\nengine to these instructions; without it the best that the processor has are used.\n")
	_, err := io.WriteString(out, b.String())
	return err
}

// parse parses args with the flags in fs, prints the help where it is asked
// for, and refuses more than max positional arguments.
func (c command) parse(fs *flag.FlagSet, args []string, s streams, max int) error {
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			if _, err := io.WriteString(s.out, c.usage(fs)); err != nil {
				return err
			}
			return errHelp
		}
		return usagef("%s: %w", c.name, err)
	}
	if fs.NArg() > max {
		return usagef("%s: unexpected argument %q", c.name, fs.Arg(max))
	}
	return nil
}

// usage is the command's help text. Flags that set the same value are one
// entry.
func (c command) usage(fs *flag.FlagSet) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: %s\n\n%s\n", strings.TrimSpace("lumi "+c.name+" "+c.args), c.help)

	type option struct {
		names   []string
		value   string // what follows the flag
		text    string
		initial string
	}
	var options []*option
	byValue := map[flag.Value]*option{}
	fs.VisitAll(func(f *flag.Flag) {
		name := "--" + f.Name
		if len(f.Name) == 1 {
			name = "-" + f.Name
		}
		o := byValue[f.Value]
		if o == nil {
			o = &option{}
			byValue[f.Value] = o
			options = append(options, o)
		}
		o.names = append(o.names, name)
		if f.Usage != "" {
			o.value, o.text = flag.UnquoteUsage(f)
			o.initial = f.DefValue
		}
	})
	if len(options) > 0 {
		b.WriteString("\nOptions:\n")
	}
	for _, o := range options {
		slices.SortStableFunc(o.names, func(a, b string) int { return len(a) - len(b) })
		fmt.Fprintf(&b, "  %s", strings.Join(o.names, ", "))
		if o.value != "" {
			fmt.Fprintf(&b, " %s", o.value)
		}
		fmt.Fprintf(&b, "\n        %s", o.text)
		switch o.initial {
		case "", "0", "false":
		default:
			fmt.Fprintf(&b, " (default %s)", o.initial)
		}
		b.WriteString("\n")
	}
	return b.String()
}
