package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lumi/llm"
)

// words is a message of n words, the first of which names it.
func words(name string, n int) string { return name + strings.Repeat(" word", n-1) }

// crowded is a bench whose context of 256 tokens is nearly full: four exchanges
// of 50 tokens each.
func crowded(t *testing.T) (*bench, *fakeEngine) {
	b := newBench(t, "")
	e := newFakeEngine(strings.SplitAfter(words("answer", 2), " ")...)
	e.info.Context, e.info.TrainContext = 256, 4096
	b.use(e)
	b.SetSystem("Be brief.")
	for i := range 4 {
		b.submit(words(fmt.Sprintf("question%d", i), 40))
	}
	return b, e
}

// submit writes a message into the composer and sends it as a person does.
func (b *bench) submit(text string) {
	b.t.Helper()
	b.SetDraft(text, nil)
	asked, sent := len(b.view.asked), len(b.chat.messages)
	if b.Send(text) {
		b.SetDraft("", nil)
	}
	b.until("sent, or asked", func() bool {
		return len(b.view.asked) > asked || len(b.chat.messages) > sent && b.answer == nil
	})
	if len(b.view.asked) == asked {
		b.SetDraft("", nil) // the composer is emptied
	}
}

// lastPrompt is what the model was asked last: how each message begins.
func lastPrompt(e *fakeEngine) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []string
	for _, m := range e.prompts[len(e.prompts)-1] {
		first, _, _ := strings.Cut(m.Content, " ")
		list = append(list, m.Role+" "+first)
	}
	return list
}

func TestNothingIsDroppedSilently(t *testing.T) {
	b, e := crowded(t)
	defer b.end()
	before := len(e.prompts)
	long := words("question4", 60)
	b.submit(long)
	if len(b.view.asked) != 1 || len(e.prompts) != before || len(b.chat.messages) != 8 {
		t.Fatalf("asked %d times, %d prompts, %d messages", len(b.view.asked), len(e.prompts)-before, len(b.chat.messages))
	}
	s := b.short
	// The system prompt has 6 tokens, an exchange 44 + 6, the message 64.
	want := shortage{Tokens: 270, Context: 256, Exchanges: 2, First: "question0 word word word word word word word…", Remaining: 170, Larger: 2048}
	if s.Tokens != want.Tokens || s.Context != want.Context || s.Exchanges != want.Exchanges ||
		!strings.HasPrefix(s.First, "question0") || !strings.HasPrefix(s.Last, "question1") || s.Remaining != want.Remaining || s.Larger != want.Larger {
		t.Errorf("asked %+v, want %+v", *s, want)
	}
	b.KeepWriting()
	if len(e.prompts) != before || b.chat.leftOut() != 0 {
		t.Error("keeping on writing has sent or dropped something")
	}

	b.submit(long)
	b.DropOldest()
	b.until("sent", func() bool { return len(b.chat.messages) == 10 && b.answer == nil })
	want2 := []string{"system Be", "user question2", "assistant answer", "user question3", "assistant answer", "user question4"}
	if diff := cmp.Diff(want2, lastPrompt(e)); diff != "" {
		t.Errorf("the model was asked (-want +got):\n%s", diff)
	}
	if b.view.composed != "" || len(b.onDiskNow()) != 10 {
		t.Errorf("the composer holds %q; %d messages are on disk", b.view.composed, len(b.onDiskNow()))
	}
	// What was left out stays out, and comes back when it is gone from the chat.
	b.chat.messages = b.chat.messages[4:]
	if got := b.chat.leftOut(); got != 0 {
		t.Errorf("%d messages are left out on another path", got)
	}
}

func TestSummaryInPlaceOfTheOldest(t *testing.T) {
	b, e := crowded(t)
	defer b.end()
	e.info.Context = 256
	e.words = []string{"They ", "greeted."}
	b.submit(words("question4", 60))
	b.SummariseOldest()
	if b.ready() {
		t.Error("an answer can begin while the model summarises")
	}
	b.until("sent", func() bool { return len(b.chat.messages) == 10 && b.answer == nil })
	system := e.prompts[len(e.prompts)-1][0]
	if want := "Be brief.\n\n" + summaryHead + "They greeted."; system.Content != want {
		t.Errorf("the system prompt is %q, want %q", system.Content, want)
	}
	if got := lastPrompt(e); got[1] != "user question2" {
		t.Errorf("the model was asked %q", got)
	}
	if b.chat.System != "Be brief." {
		t.Errorf("the person's system prompt became %q", b.chat.System)
	}
}

func TestSummaryStopped(t *testing.T) {
	b, e := crowded(t)
	defer b.end()
	b.submit(words("question4", 60))
	reached, _ := blockAt(e, 1)
	b.SummariseOldest()
	<-reached
	b.Stop()
	b.until("stopped", func() bool { return b.summarising == nil })
	if b.chat.leftOut() != 0 || b.chat.summary() != "" || len(b.chat.messages) != 8 {
		t.Errorf("a stopped summary leaves %+v", b.chat)
	}
}

func TestLargerContext(t *testing.T) {
	b, e := crowded(t)
	defer b.end()
	b.submit(words("question4", 60))
	larger := newFakeEngine("fits")
	larger.info.Context = 2048
	b.engines[larger.info.Path] = larger
	b.LargerContext()
	b.until("sent", func() bool { return len(b.chat.messages) == 10 && b.answer == nil })
	if b.options.Context != 2048 || len(larger.prompts) != 1 || len(larger.prompts[0]) != 10 {
		t.Errorf("context %d, asked %v", b.options.Context, larger.prompts)
	}
	if err := e.Close(); err == nil {
		t.Error("the model before was not closed")
	}
}

func TestLargerContextFails(t *testing.T) {
	b, _ := crowded(t)
	defer b.end()
	b.submit(words("question4", 60))
	b.load = func(context.Context, string, func(done, total int64)) (Engine, error) {
		return nil, errors.New("not enough memory")
	}
	b.LargerContext()
	b.until("failed", func() bool { return b.notice != nil && b.notice.Fault })
	if b.options.Context != 0 || len(b.chat.messages) != 8 {
		t.Errorf("context %d, %d messages", b.options.Context, len(b.chat.messages))
	}
}

func TestTooLongAlone(t *testing.T) {
	b, e := crowded(t)
	defer b.end()
	e.info.TrainContext = 256
	b.model.info.TrainContext = 256
	b.submit(words("question4", 300))
	if s := b.short; s.Exchanges != 0 || s.Larger != 0 {
		t.Errorf("a message that is too long alone could be sent by %+v", *s)
	}
	b.DropOldest()
	if b.chat.leftOut() != 0 {
		t.Error("messages are left out for nothing")
	}
}

func TestDraftIsCounted(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	b.use(newFakeEngine("x"))
	b.SetSystem("Be brief.")
	b.SetDraft("How many", nil)
	b.SetDraft("How many tokens are these?", nil)
	b.until("counted", func() bool { return b.budget.Known })
	if used, size := b.ContextUsed(); used != 6+9 || size != 2048 {
		t.Errorf("%d of %d tokens, want 15 of 2048", used, size)
	}
	b.SetDraft("", nil)
	if b.budget.Known {
		t.Error("an empty composer is still counted")
	}
}

func TestFewestCuts(t *testing.T) {
	count := func(p []llm.Message) (int, error) { return len(p[0].Content), nil }
	of := func(sizes ...int) [][]llm.Message {
		var list [][]llm.Message
		for _, n := range sizes {
			list = append(list, []llm.Message{{Content: strings.Repeat("x", n)}})
		}
		return list
	}
	for _, tc := range []struct {
		sizes          []int
		chosen, tokens int
	}{
		{nil, -1, 0},
		{[]int{99}, -1, 0},            // no room for an answer
		{[]int{94}, 0, 94},            // just enough
		{[]int{98, 80, 75, 3}, 2, 75}, // the first that clears a quarter
		{[]int{98, 90}, 1, 90},        // none does, the last has to do
		{[]int{10, 5, 1}, 0, 10},
	} {
		chosen, tokens, err := fewestCuts(of(tc.sizes...), 100, count)
		if chosen != tc.chosen || tokens != tc.tokens || err != nil {
			t.Errorf("%v: %d with %d tokens, %v; want %d with %d", tc.sizes, chosen, tokens, err, tc.chosen, tc.tokens)
		}
	}
}

func TestPortions(t *testing.T) {
	count := func(s string) (int, error) { return len(strings.Fields(s)), nil }
	got, err := portionsOf([]string{"a b", "c d", "e f", words("g", 100)}, 5, count)
	if err != nil || len(got) != 3 || got[0] != "a b\n\nc d" || got[1] != "e f" {
		t.Fatalf("portions %q, %v", got, err)
	}
	if n, _ := count(got[2]); n > 5 || !strings.HasPrefix(got[2], "g ") || !strings.Contains(got[2], "…") {
		t.Errorf("a long text became %q", got[2])
	}
	if got := withoutMiddle("ääääääää", 9); got != "ä … ä" {
		t.Errorf("withoutMiddle gives %q", got)
	}
}

func TestSameAgain(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	e := newFakeEngine("x")
	b.use(e)
	b.SameAgain()
	if b.Busy() {
		t.Fatal("there is nothing to write again")
	}
	b.ask("A question")
	if got := b.LastSeed(); got != 7 {
		t.Errorf("the answer's seed is %d, want 7", got)
	}
	b.SameAgain()
	b.idle()
	if got := e.used[len(e.used)-1].Seed; got != 7 {
		t.Errorf("written again with seed %d, want 7", got)
	}
	b.Regenerate()
	b.idle()
	if got := e.used[len(e.used)-1].Seed; got != 0 {
		t.Errorf("an ordinary answer has seed %d", got)
	}
	b.quiet()
	id := b.chat.ID
	b.NewChat()
	b.OpenChat(id)
	b.until("open", func() bool { return !b.chat.loading })
	if got := b.LastSeed(); got != 7 {
		t.Errorf("from disk the seed is %d, want 7", got)
	}
}
