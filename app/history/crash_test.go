package history

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// childPath is the variable that turns the test program into a child: it names
// the history to write into.
const childPath = "LUMI_TEST_HISTORY"

// complained is the exit code of a child that could not go on. A killed
// process has -1 or, on Windows, 1.
const complained = 3

// child writes exchanges until it is killed, and prints each step when the
// store has acknowledged it.
func child(path string) error {
	ctx := context.Background()
	s, notices, err := Open(path)
	if err != nil || len(notices) > 0 {
		return fmt.Errorf("opening: %q, %w", notices, err)
	}
	chats, err := s.Chats(ctx)
	if err != nil {
		return err
	}
	if len(chats) == 0 {
		chat, err := s.NewChat(ctx, Chat{Title: "crash"})
		if err != nil {
			return err
		}
		chats = append(chats, chat)
	}
	for {
		question, err := s.Append(ctx, Message{ChatID: chats[0].ID, Role: User, Content: "question"})
		if err != nil {
			return err
		}
		fmt.Println(question.ID, "question")
		answer, err := s.BeginAnswer(ctx, chats[0].ID, "", "")
		if err != nil {
			return err
		}
		text := ""
		for i := range 5 {
			text += strconv.Itoa(i)
			if err := s.UpdateAnswer(ctx, answer.ID, text); err != nil {
				return err
			}
			fmt.Println(answer.ID, text)
		}
		text += "."
		if err := s.FinishAnswer(ctx, answer.ID, Answer{Text: text, Reason: "end"}); err != nil {
			return err
		}
		fmt.Println(answer.ID, text)
	}
}

// TestKilledProgramLosesNothingAcknowledged kills a writing program at random
// moments and looks for everything it has reported as saved.
func TestKilledProgramLosesNothingAcknowledged(t *testing.T) {
	t.Parallel() // it mostly waits for the disk
	kills := 40
	if testing.Short() {
		kills = 5
	}
	path := newPath(t)
	acknowledged := map[int64]string{}
	for range kills {
		runAndKill(t, path, acknowledged)
	}
	s := openSound(t, path)
	chats := must(s.Chats(t.Context()))
	if len(chats) != 1 {
		t.Fatalf("%d chats, want 1", len(chats))
	}
	found := map[int64]Message{}
	parent := int64(0)
	for _, m := range must(s.Messages(t.Context(), chats[0].ID)) {
		if m.ParentID != parent {
			t.Errorf("message %d follows %d, want %d", m.ID, m.ParentID, parent)
		}
		if !m.Done && m.Reason != ReasonInterrupted {
			t.Errorf("unfinished answer %d has the reason %q", m.ID, m.Reason)
		}
		found[m.ID], parent = m, m.ID
	}
	lost := 0
	for id, text := range acknowledged {
		// More than was acknowledged may have been saved, never less.
		m, ok := found[id]
		if !ok || !strings.HasPrefix(m.Content, text) || strings.HasSuffix(text, ".") && !m.Done {
			lost++
		}
	}
	if lost > 0 || len(acknowledged) < kills {
		t.Errorf("%d of %d acknowledged messages are lost", lost, len(acknowledged))
	}
	t.Logf("%d acknowledged messages survived %d kills", len(acknowledged), kills)
}

func runAndKill(t *testing.T, path string, acknowledged map[int64]string) {
	t.Helper()
	child := start(t, childPath, path)
	var killing *time.Timer
	for child.lines.Scan() {
		if killing == nil { // it is at work
			killing = child.killAfter(rand.N(60 * time.Millisecond))
		}
		// The last line may be cut; only whole ones were acknowledged.
		number, text, ok := strings.Cut(child.lines.Text(), " ")
		if id, err := strconv.ParseInt(number, 10, 64); ok && err == nil {
			acknowledged[id] = text
		}
	}
	ended := child.wait(t)
	if killing == nil {
		t.Fatal("the child wrote nothing")
	}
	killing.Stop()
	if ended {
		t.Fatal("the child ended by itself")
	}
}

// process is a child that works on a history.
type process struct {
	cmd       *exec.Cmd
	lines     *bufio.Scanner // what it prints
	complaint strings.Builder
}

// start starts a child; variable says what it is to do.
func start(t *testing.T, variable, path string) *process {
	t.Helper()
	p := &process{cmd: exec.CommandContext(t.Context(), os.Args[0])}
	p.cmd.Env = append(os.Environ(), variable+"="+path)
	p.cmd.Stderr = &p.complaint
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.lines = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *process) killAfter(d time.Duration) *time.Timer {
	return time.AfterFunc(d, func() { _ = p.cmd.Process.Kill() })
}

// wait reports whether the child ended by itself. One that complained fails the
// test.
func (p *process) wait(t *testing.T) (ended bool) {
	t.Helper()
	err := p.cmd.Wait()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if err != nil && (!ok || exit.Exited() && exit.ExitCode() == complained) {
		t.Fatalf("the child ended: %v\n%s", err, p.complaint.String())
	}
	return err == nil
}
