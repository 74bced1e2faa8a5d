package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxLine bounds one line of a piped chat, in bytes.
const maxLine = 16 << 20

// lineReader reads what a person or a pipe says, one message at a time.
type lineReader interface {
	// read returns the next message, or io.EOF after the last one. A
	// cancelled ctx ends the wait.
	read(ctx context.Context) (string, error)
}

// newLineReader returns a reader with line editing and a history where in and
// out are a terminal, else a plain one that shows no prompt.
func newLineReader(in io.Reader, out io.Writer, prompt string) lineReader {
	file, ok := in.(*os.File)
	if !ok || !isTerminal(in) || !isTerminal(out) {
		scanner := bufio.NewScanner(in)
		scanner.Buffer(nil, maxLine)
		return &pipeReader{scanner: scanner}
	}
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, out}, prompt)
	return &terminalReader{fd: int(file.Fd()), terminal: t, prompt: prompt}
}

// result is a line or the error in its place.
type result struct {
	line string
	err  error
}

// await runs read in a goroutine of its own and waits for it or for ctx. A
// read from a terminal or pipe cannot be called back: after a cancelled ctx
// the goroutine stays until the next line, or the end of the program, which is
// what a cancelled ctx announces.
func await(ctx context.Context, read func() (string, error)) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	done := make(chan result, 1)
	go func() {
		line, err := read()
		done <- result{line, err}
	}()
	select {
	case r := <-done:
		return r.line, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// pipeReader takes each line for a message.
type pipeReader struct{ scanner *bufio.Scanner }

func (p *pipeReader) read(ctx context.Context) (string, error) {
	return await(ctx, func() (string, error) {
		if p.scanner.Scan() {
			return p.scanner.Text(), nil
		}
		if err := p.scanner.Err(); err != nil {
			return "", fmt.Errorf("reading the messages: %w", err)
		}
		return "", io.EOF
	})
}

// terminalReader edits lines in a terminal, which is in raw mode only while it
// waits for one: so Ctrl-C is a signal again while an answer runs. A line that
// ends in a backslash, and lines that were pasted, go on in the next line.
type terminalReader struct {
	fd       int
	terminal *term.Terminal
	prompt   string
}

func (t *terminalReader) read(ctx context.Context) (string, error) {
	state, err := term.MakeRaw(t.fd)
	if err != nil {
		return "", fmt.Errorf("setting up the terminal: %w", err)
	}
	if width, height, err := term.GetSize(t.fd); err == nil && width > 0 {
		// An impossible size leaves the terminal's default of 80 columns.
		_ = t.terminal.SetSize(width, height)
	}
	t.terminal.SetBracketedPasteMode(true)
	defer func() {
		t.terminal.SetBracketedPasteMode(false)
		_ = term.Restore(t.fd, state)
	}()
	defer t.terminal.SetPrompt(t.prompt)

	return await(ctx, func() (string, error) {
		var message strings.Builder
		for {
			line, err := t.terminal.ReadLine()
			if err != nil && !errors.Is(err, term.ErrPasteIndicator) {
				// Ctrl-C and Ctrl-D are io.EOF: the prompt's line ends.
				_, _ = t.terminal.Write([]byte("\n"))
				return "", err
			}
			before, more := strings.CutSuffix(line, `\`)
			pasted := err != nil
			if pasted {
				before = line
			}
			message.WriteString(before)
			if !more && !pasted {
				return message.String(), nil
			}
			message.WriteByte('\n')
			t.terminal.SetPrompt(strings.Repeat(".", len(t.prompt)-1) + " ")
		}
	})
}
