package app

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lumi/llm"
)

// TestLeftOutSurvivesARestart leaves out the oldest exchanges and demands the
// same prompt of a program that is started anew.
func TestLeftOutSurvivesARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chats.db")
	b := newBench(t, file)
	b.use(newFakeEngine("answer"))
	b.SetSystem("Be brief.")
	for _, text := range []string{"one", "two", "three"} {
		b.submit(text)
	}
	b.quiet()
	id := b.chat.ID
	b.leaveOut(b.chat, b.chat.messages[1].Key, "")
	b.leaveOut(b.chat, b.chat.messages[3].Key, "They counted.")
	want := b.chat.prompt()
	if len(want) != 3 || want[0].Content != "Be brief.\n\n"+summaryHead+"They counted." || want[1].Content != "three" {
		t.Fatalf("the prompt is %q", want)
	}
	b.end()

	b = newBench(t, file)
	defer b.end()
	b.use(newFakeEngine("answer"))
	b.readChats(func() {})
	b.quiet()
	b.OpenChat(id)
	b.quiet()
	if diff := cmp.Diff(want, b.chat.prompt()); diff != "" {
		t.Errorf("the prompt after a restart (-want +got):\n%s", diff)
	}

	// A branch that does not have the last mark has the one before.
	b.AnswerAgain(b.chat.messages[3].Key)
	b.idle()
	b.quiet()
	if got := b.chat.prompt(); len(got) != 3 || got[0].Content != "Be brief." || got[1].Content != "two" {
		t.Errorf("the prompt of another branch is %q", got)
	}
	b.SwitchLast(-1)
	b.quiet()
	if diff := cmp.Diff(want, b.chat.prompt()); diff != "" {
		t.Errorf("the prompt of the branch before (-want +got):\n%s", diff)
	}

	b.TakeIn()
	b.quiet()
	all := b.chat.prompt()
	if len(all) != 7 || all[0].Content != "Be brief." || b.chat.leftOut() != 0 {
		t.Errorf("taken in again, the prompt is %q", all)
	}
	messages, err := b.History.Messages(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if m.LeftOut {
			t.Errorf("%q is still left out on disk", m.Content)
		}
	}
}

// TestSpaceBehindAMessageIsNoObstacle sends a message that has to be counted
// first and ends with what is not sent.
func TestSpaceBehindAMessageIsNoObstacle(t *testing.T) {
	b, _ := crowded(t)
	defer b.end()
	text := words("question4", 60)
	b.SetDraft(text+"\n", nil)
	b.Send(text)
	b.until("asked", func() bool { return len(b.view.asked) > 0 })
	prompt := b.chat.promptWith(b.chat.written())
	if !slices.Contains(prompt, llm.Message{Role: llm.User, Content: text}) {
		t.Errorf("the prompt is %q", prompt)
	}
}
