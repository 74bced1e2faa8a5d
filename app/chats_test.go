package app

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"lumi/app/history"
)

func TestRestart(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	e := newFakeEngine("Because.")
	b.use(e)
	b.chat.System = "Be brief."
	b.ask("Why?")
	b.NewChat()
	b.ask("Second chat")
	b.quiet()
	first := b.chats[1].ID
	b.end()

	again := newBench(t, b.path)
	defer again.end()
	again.Start(first, "")
	again.until("the chat is open", func() bool { return len(again.chat.messages) == 2 })
	if diff := cmp.Diff([]string{"Why?", "Because."}, again.view.shown()); diff != "" {
		t.Errorf("shown after a restart (-want +got):\n%s", diff)
	}
	if len(again.chats) != 2 || again.chat.System != "Be brief." || again.chat.messages[1].footer() == "" {
		t.Errorf("restored %+v and %d chats", again.chat, len(again.chats))
	}
	e2 := newFakeEngine("Still.")
	again.use(e2)
	again.ask("And now?")
	if n := len(e2.prompts[0]); n != 4 {
		t.Errorf("the model was asked with %d messages, want system and three of the chat", n)
	}
}

func TestClosingKeepsTheAnswer(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	e := newFakeEngine("half ", "of ", "it")
	reached, _ := blockAt(e, 2)
	b.use(e)
	b.Send("tell me")
	<-reached
	b.end() // the window closes; nothing that is posted runs any more

	again := newBench(t, b.path)
	defer again.end()
	again.Start(0, "")
	again.until("the chat is listed", func() bool { return len(again.chats) == 1 })
	again.OpenChat(again.chats[0].ID)
	again.until("the chat is open", func() bool { return len(again.chat.messages) == 2 })
	if diff := cmp.Diff([]string{"tell me", "half of "}, again.view.shown()); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

func TestDeleteWithUndo(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	b.use(newFakeEngine("yes"))
	b.ask("Keep me")
	b.quiet()
	id := b.chat.ID
	b.DeleteChats(id)
	if len(b.chats) != 0 || len(b.chat.messages) != 0 {
		t.Error("a deleted chat is still shown")
	}
	b.until("undo is offered", func() bool { return b.notice != nil })
	b.Act()
	b.until("the chat is back", func() bool { return b.chat.ID == id && len(b.chat.messages) == 2 })
	if diff := cmp.Diff([]string{"Keep me", "yes"}, b.view.shown()); diff != "" {
		t.Errorf("restored (-want +got):\n%s", diff)
	}
	b.RenameChat(id, "Another name")
	b.quiet()
	b.until("the list is read", func() bool { return len(b.chats) == 1 && b.chats[0].Title == "Another name" })
}

func TestRegenerateAndEdit(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	e := newFakeEngine("first")
	b.use(e)
	b.ask("question")
	e.words = []string{"second"}
	b.Regenerate()
	b.idle()
	if diff := cmp.Diff([]string{"question", "second"}, contents(b.onDiskNow())); diff != "" {
		t.Errorf("answered again (-want +got):\n%s", diff)
	}
	b.EditLast()
	if b.view.composed != "question" || len(b.chat.messages) != 2 {
		t.Errorf("composed %q with %d messages left", b.view.composed, len(b.chat.messages))
	}
	b.CancelEdit()
	b.EditLast()
	e.words = []string{"third"}
	b.ask("better question")
	if diff := cmp.Diff([]string{"better question", "third"}, contents(b.onDiskNow())); diff != "" {
		t.Errorf("edited (-want +got):\n%s", diff)
	}
}

func TestAnswerGoesOnInItsChat(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	e := newFakeEngine("one ", "two ")
	reached, release := blockAt(e, 1)
	b.use(e)
	b.Send("count")
	<-reached
	first := b.chat
	b.NewChat()
	if len(b.view.shown()) != 0 {
		t.Error("the new chat is not empty")
	}
	close(release)
	b.idle()
	if len(b.view.shown()) != 0 {
		t.Error("the answer came into the wrong chat")
	}
	b.OpenChat(first.ID)
	b.until("the chat is open", func() bool { return len(b.chat.messages) == 2 })
	if diff := cmp.Diff([]string{"count", "one two "}, b.view.shown()); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
}

func TestNotSaved(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	full := &fullDisk{History: b.store, full: true}
	b.History = full
	b.use(newFakeEngine("answer"))
	b.ask("question")
	if b.notice == nil || !strings.Contains(told(b.notice.Text), "not saved") {
		t.Fatalf("notice %+v", b.notice)
	}
	if diff := cmp.Diff([]string{"question", "answer"}, b.view.shown()); diff != "" {
		t.Errorf("what is not saved has to stay on the screen (-want +got):\n%s", diff)
	}
	b.ask("another") // fails as well
	full.free()
	b.ask("third")
	want := []string{"question", "answer", "another", "answer", "third", "answer"}
	if diff := cmp.Diff(want, contents(b.onDiskNow())); diff != "" {
		t.Errorf("saved once there is room (-want +got):\n%s", diff)
	}
}

// fullDisk is a history that cannot write.
type fullDisk struct {
	History
	mu   sync.Mutex
	full bool
}

func (f *fullDisk) free() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.full = false
}

func (f *fullDisk) NewChat(ctx context.Context, c history.Chat) (history.Chat, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.full {
		return history.Chat{}, history.ErrDiskFull
	}
	return f.History.NewChat(ctx, c)
}

// TestRandomStops stops, closes or switches at random moments. Whatever
// happens, no goroutine is left and no acknowledged message is lost.
func TestRandomStops(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 50 {
		b := newBench(t, "")
		e := newFakeEngine(strings.SplitAfter("a few words that take a little while to say ", " ")...)
		e.step = func(ctx context.Context, _ int) error {
			select {
			case <-time.After(200 * time.Microsecond):
			case <-ctx.Done():
			}
			return nil
		}
		b.use(e)
		if !b.Send("question") {
			t.Fatal("not taken")
		}
		end := time.After(time.Duration(random.IntN(4000)) * time.Microsecond)
		for waiting := true; waiting; {
			select {
			case f := <-b.posts:
				f()
			case <-end:
				waiting = false
			}
		}
		switch i % 4 {
		case 0:
			b.Stop()
			b.idle()
		case 1:
			b.NewChat()
		case 2:
			b.Unload()
		}
		b.end()

		again := newBench(t, b.path)
		again.Start(0, "")
		again.until("the chat is listed", func() bool { return len(again.chats) == 1 })
		list, err := again.store.Messages(t.Context(), again.chats[0].ID)
		if err != nil || len(list) != 2 || list[0].Content != "question" || !list[1].Done {
			t.Fatalf("round %d: stored %+v, %v", i, list, err)
		}
		if whole := strings.Join(e.words, ""); !strings.HasPrefix(whole, list[1].Content) {
			t.Fatalf("round %d: stored %q is no part of the answer", i, list[1].Content)
		}
		again.end()
	}
}

func TestPanicsAreReported(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	b.spawn("testing", func() { panic("boom") })
	b.until("the panic is reported", func() bool { return b.notice != nil })
	if !strings.Contains(told(b.notice.Text), "boom") || !b.notice.Fault {
		t.Errorf("notice %+v", b.notice)
	}
}
