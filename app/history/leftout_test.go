package history

import (
	"errors"
	"testing"
)

func TestLeftOutMessages(t *testing.T) {
	ctx, path := t.Context(), newPath(t)
	s := openSound(t, path)
	chat := must(s.NewChat(ctx, Chat{Title: "long"}))
	var ids []int64
	for _, text := range []string{"one", "two", "three"} {
		ids = append(ids, must(s.Append(ctx, Message{ChatID: chat.ID, Role: User, Content: text})).ID)
	}
	wantLeftOut := func(want ...string) {
		t.Helper()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openSound(t, path)
		var got []string
		for _, m := range must(s.Messages(ctx, chat.ID)) {
			if m.LeftOut {
				got = append(got, m.Content+": "+m.Summary)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("left out are %q, want %q", got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("left out are %q, want %q", got, want)
			}
		}
	}
	wantLeftOut()
	if err := errors.Join(s.LeaveOut(ctx, ids[0], ""), s.LeaveOut(ctx, ids[1], "They count.")); err != nil {
		t.Fatal(err)
	}
	wantLeftOut("one: ", "two: They count.")
	if err := s.LeaveOut(ctx, ids[1], "They count on."); err != nil {
		t.Fatal(err)
	}
	wantLeftOut("one: ", "two: They count on.")
	if err := s.TakeIn(ctx, ids[0], 99); !errors.Is(err, ErrNotFound) {
		t.Errorf("a message that is not there: %v, want ErrNotFound", err)
	}
	wantLeftOut("one: ", "two: They count on.")
	if err := s.TakeIn(ctx, ids...); err != nil {
		t.Fatal(err)
	}
	wantLeftOut()
	if err := s.LeaveOut(ctx, 99, ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("a message that is not there: %v, want ErrNotFound", err)
	}
}

func TestAppendedMessageIsWhole(t *testing.T) {
	ctx := t.Context()
	s := openSound(t, newPath(t))
	chat := must(s.NewChat(ctx, Chat{Title: "long"}))
	must(s.Append(ctx, Message{
		ChatID: chat.ID, Role: Assistant, Content: "text", Model: "m", Reason: ReasonEdited, LeftOut: true, Summary: "short",
	}))
	m := must(s.Messages(ctx, chat.ID))[0]
	if !m.Done || !m.LeftOut || m.Summary != "short" || m.Model != "m" || m.Reason != ReasonEdited || m.Content != "text" {
		t.Errorf("it comes back as %+v", m)
	}
}
