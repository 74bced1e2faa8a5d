package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal makes a pseudo-terminal: what the person's side writes is typed
// at the program's side.
func openTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("skipped: this system gives no pseudo-terminal:", err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetUint32(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

// screen collects what a terminal shows.
type screen struct {
	t     *testing.T
	bytes chan byte
	text  strings.Builder
}

// expect waits until the terminal shows text that it did not show before.
func (s *screen) expect(ctx context.Context, text string) {
	s.t.Helper()
	from := s.text.Len()
	for !strings.Contains(s.text.String()[from:], text) {
		select {
		case b, ok := <-s.bytes:
			if !ok {
				s.t.Fatalf("the terminal ended without %q:\n%s", text, s.text.String())
			}
			s.text.WriteByte(b)
		case <-ctx.Done():
			s.t.Fatalf("the terminal never shows %q:\n%s", text, s.text.String())
		}
	}
}

func TestChatInATerminal(t *testing.T) {
	model, err := filepath.Abs(filepath.Join("testdata", "stories260K.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	person, program := openTerminal(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	chat := exec.CommandContext(ctx, "lumi", "chat", "-m", model, "-n", "4", "--temp", "0")
	chat.Env = append(os.Environ(), "XDG_CONFIG_HOME="+t.TempDir(), "XDG_DATA_HOME="+t.TempDir())
	chat.Stdin, chat.Stdout, chat.Stderr = program, program, program
	chat.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := chat.Start(); err != nil {
		t.Fatal(err)
	}
	program.Close()

	s := &screen{t: t, bytes: make(chan byte, 1<<16)}
	go func() {
		defer close(s.bytes)
		buffer := make([]byte, 4096)
		for {
			n, err := person.Read(buffer)
			for _, b := range buffer[:n] {
				s.bytes <- b
			}
			if err != nil {
				return // the program has closed its side
			}
		}
	}()
	write := func(keys string) {
		t.Helper()
		if _, err := person.WriteString(keys); err != nil {
			t.Fatal(err)
		}
	}

	s.expect(ctx, "/help lists the commands")
	s.expect(ctx, "> ")
	write("/set max-tokens 3x\x7f\r") // the backspace takes the x back
	s.expect(ctx, "> ")
	write("Once upon\r")
	s.expect(ctx, "[3 tokens")
	s.expect(ctx, "> ")
	write("one line \\\r")
	s.expect(ctx, ". ")
	write("and one more\r")
	s.expect(ctx, "[3 tokens")
	s.expect(ctx, "> ")
	write("\x1b[200~pasted\rlines\x1b[201~\r")
	s.expect(ctx, "[3 tokens")
	s.expect(ctx, "> ")
	write("\x03") // Ctrl-C at the prompt ends the chat
	if err := chat.Wait(); err != nil {
		t.Fatalf("the chat ends with %v:\n%s", err, s.text.String())
	}
	for range s.bytes { // until the reader has ended
	}
}
