package history

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answered adds an answer to the end of a chat.
func answered(t *testing.T, s *Store, chat int64, text string) Message {
	t.Helper()
	return finished(t, s, must(s.BeginAnswer(t.Context(), chat, "M", `{"seed":1}`)), text)
}

func finished(t *testing.T, s *Store, m Message, text string) Message {
	t.Helper()
	if err := s.FinishAnswer(t.Context(), m.ID, Answer{
		Text: text, Reason: "end", Model: m.Model, Settings: m.Settings, Stats: `{"Tokens":3}`,
	}); err != nil {
		t.Fatal(err)
	}
	m.Content, m.Done = text, true
	return m
}

func wantSiblings(t *testing.T, s *Store, of int64, want ...int64) {
	t.Helper()
	if got := must(s.Siblings(t.Context(), of)); !slices.Equal(got, want) {
		t.Errorf("siblings of %d: %d, want %d", of, got, want)
	}
}

func TestEditsAndRegenerationsAreSiblings(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	chat := must(s.NewChat(ctx, Chat{})).ID
	q1 := must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: "q1"}))
	a1 := answered(t, s, chat, "a1")
	q2 := must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: "q2"}))
	a2 := answered(t, s, chat, "a2")

	a1b := finished(t, s, must(s.Regenerate(ctx, a1.ID, "M2", "")), "a1b")
	wantTexts(t, s, chat, "q1", "a1b")
	wantSiblings(t, s, a1.ID, a1.ID, a1b.ID)

	if head := must(s.SwitchTo(ctx, a1.ID)); head != a2.ID {
		t.Errorf("switched to %d, want the newest message below, %d", head, a2.ID)
	}
	wantTexts(t, s, chat, "q1", "a1", "q2", "a2")

	edited := must(s.Edit(ctx, a2.ID, "a2 by hand", nil))
	if edited.Role != Assistant || edited.Model != "M" || edited.Settings != `{"seed":1}` ||
		edited.Reason != ReasonEdited || edited.Stats != "" || !edited.Done {
		t.Errorf("edited answer %+v", edited)
	}
	wantTexts(t, s, chat, "q1", "a1", "q2", "a2 by hand")

	again := must(s.Edit(ctx, q1.ID, "q1 again", []Attachment{{"f.txt", "file"}}))
	if again.Role != User || again.ParentID != 0 {
		t.Errorf("edited question %+v", again)
	}
	answer := finished(t, s, must(s.Regenerate(ctx, again.ID, "M", "")), "a to q1 again")
	if answer.ParentID != again.ID {
		t.Errorf("the answer to message %d follows %d", again.ID, answer.ParentID)
	}
	wantTexts(t, s, chat, "q1 again", "a to q1 again")
	wantSiblings(t, s, q1.ID, q1.ID, again.ID)
	if diff := cmp.Diff(map[int64][]int64{again.ID: {q1.ID, again.ID}}, must(s.Forks(ctx, chat))); diff != "" {
		t.Errorf("forks (-want +got):\n%s", diff)
	}
	if n := must(number(ctx, s.conn, "SELECT count(*) FROM messages")); n != 8 {
		t.Errorf("%d messages are kept, want all 8", n)
	}
	for name, err := range map[string]error{
		"siblings":   second(s.Siblings(ctx, 99)),
		"switch":     second(s.SwitchTo(ctx, 99)),
		"edit":       second(s.Edit(ctx, 99, "", nil)),
		"regenerate": second(s.Regenerate(ctx, 99, "", "")),
		"delete":     second(s.DeleteMessage(ctx, 99)),
		"undelete":   s.UndeleteMessage(ctx, Removal{Message: q2.ID}),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
}

func TestDeletedMessagesComeBack(t *testing.T) {
	ctx, now := t.Context(), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	s, _, err := open(ctx, newPath(t), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	chat := must(s.NewChat(ctx, Chat{})).ID
	q1 := must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: "q1"}))
	a1 := answered(t, s, chat, "a1")
	a1b := finished(t, s, must(s.Regenerate(ctx, a1.ID, "", "")), "a1b")
	q2 := must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: "q2", Attachments: []Attachment{{"n", "in the deleted file"}}}))
	a2 := answered(t, s, chat, "a2")

	inner := must(s.DeleteMessage(ctx, a2.ID))
	wantTexts(t, s, chat, "q1", "a1b", "q2")
	outer := must(s.DeleteMessage(ctx, a1b.ID))
	if outer.Head != q2.ID {
		t.Errorf("the path ended with %d, want %d", outer.Head, q2.ID)
	}
	wantTexts(t, s, chat, "q1", "a1")
	wantSiblings(t, s, a1.ID, a1.ID)
	if hits := must(s.Search(ctx, "deleted file", 9)); len(hits) != 0 {
		t.Errorf("deleted text is found: %+v", hits)
	}
	if err := s.SetHead(ctx, chat, q2.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("a deleted message as head: %v, want ErrNotFound", err)
	}

	// The inner message waits for the outer one.
	if err := s.UndeleteMessage(ctx, inner); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, s, chat, "q1", "a1")
	if err := s.UndeleteMessage(ctx, outer); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, s, chat, "q1", "a1b", "q2")
	wantTexts(t, s, chat, "q1", "a1b", "q2")
	if got := must(s.Messages(ctx, chat))[2].Attachments; len(got) != 1 {
		t.Errorf("attachments %q are back", got)
	}
	if head := must(s.SwitchTo(ctx, a1b.ID)); head != a2.ID {
		t.Errorf("the path below goes down to %d, want %d", head, a2.ID)
	}

	// Everything, then its end.
	must(s.DeleteMessage(ctx, q1.ID))
	wantTexts(t, s, chat)
	now = now.Add(time.Hour)
	must(s.Purge(ctx, time.Hour))
	for _, table := range []string{"messages", "attachments"} {
		if n := must(number(ctx, s.conn, "SELECT count(*) FROM "+table)); n != 0 {
			t.Errorf("%d %s are left after purging", n, table)
		}
	}
}

func TestPromptShowsAttachments(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	chat := must(s.NewChat(ctx, Chat{})).ID
	sent := must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: "What is this?", Attachments: []Attachment{
		{"a\nb.md", "```go\nx\n```"}, {"empty", ""}, {"line.txt", "one\n"},
	}}))
	want := "Attachment: a b.md\n````\n```go\nx\n```\n````\n\n" +
		"Attachment: empty\n```\n```\n\n" +
		"Attachment: line.txt\n```\none\n```\n\n" +
		"What is this?"
	stored := must(s.Messages(ctx, chat))
	if diff := cmp.Diff([]Message{sent}, stored); diff != "" {
		t.Errorf("message (-sent +stored):\n%s", diff)
	}
	if diff := cmp.Diff(want, stored[0].Prompt()); diff != "" {
		t.Errorf("prompt (-want +got):\n%s", diff)
	}
	if plain := (Message{Content: "as it is\n"}).Prompt(); plain != "as it is\n" {
		t.Errorf("a prompt without attachments is %q", plain)
	}
}
