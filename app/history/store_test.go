package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	for variable, child := range map[string]func(string) error{childPath: child, migratingChild: migrateUntilKilled, draftingChild: draftUntilKilled} {
		if path := os.Getenv(variable); path != "" {
			if err := child(path); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(complained)
			}
			os.Exit(0)
		}
	}
	goleak.VerifyTestMain(m)
}

// openSound opens the history at path, which must give no cause for a notice.
func openSound(t testing.TB, path string) *Store {
	t.Helper()
	s, notices, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if len(notices) > 0 {
		t.Fatalf("notices of a sound history: %q", notices)
	}
	return s
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "data", "chats.db") }

// must returns the value of a call that must not fail.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func titles(chats []Chat) []string {
	list := []string{}
	for _, c := range chats {
		list = append(list, c.Title)
	}
	return list
}

func texts(messages []Message) []string {
	list := []string{}
	for _, m := range messages {
		list = append(list, m.Content)
	}
	return list
}

func wantTexts(t *testing.T, s *Store, chat int64, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), texts(must(s.Messages(t.Context(), chat)))); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func wantTitles(t *testing.T, s *Store, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), titles(must(s.Chats(t.Context())))); diff != "" {
		t.Errorf("chats (-want +got):\n%s", diff)
	}
}

func TestExchangeSurvivesReopening(t *testing.T) {
	ctx, path := t.Context(), newPath(t)
	s := openSound(t, path)
	chat := must(s.NewChat(ctx, Chat{Title: "Sky", Model: "m.gguf", System: "Be brief.", Settings: `{"top_k":1}`}))
	question := must(s.Append(ctx, Message{ChatID: chat.ID, Role: User, Content: "Why?"}))
	answer := must(s.BeginAnswer(ctx, chat.ID, "M", `{"seed":7}`))
	if answer.ParentID != question.ID || answer.Done {
		t.Errorf("begun answer %+v does not follow message %d", answer, question.ID)
	}
	if err := s.UpdateAnswer(ctx, answer.ID, "Beca"); err != nil {
		t.Fatal(err)
	}
	final := Answer{Text: "Because.", Reason: "end", Model: "M", Settings: `{"seed":8}`, Stats: `{"tokens":2}`}
	if err := s.FinishAnswer(ctx, answer.ID, final); err != nil {
		t.Fatal(err)
	}
	// What comes too late changes nothing.
	if err := s.UpdateAnswer(ctx, answer.ID, "Becau"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if names := filesBeside(t, path); !slices.Equal(names, []string{"chats.db"}) {
		t.Errorf("after closing there are %q, want the database alone", names)
	}

	s = openSound(t, path)
	got := must(s.Chat(ctx, chat.ID))
	want := chat
	want.Head, want.Updated = answer.ID, got.Updated
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("chat (-want +got):\n%s", diff)
	}
	answer.Content, answer.Reason, answer.Settings = final.Text, final.Reason, final.Settings
	answer.Stats, answer.Done = final.Stats, true
	if diff := cmp.Diff([]Message{question, answer}, must(s.Messages(ctx, chat.ID))); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func filesBeside(t *testing.T, path string) []string {
	t.Helper()
	var names []string
	for _, entry := range must(os.ReadDir(filepath.Dir(path))) {
		names = append(names, entry.Name())
	}
	return names
}

func TestTextIsKeptByteForByte(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	chat := must(s.NewChat(ctx, Chat{})).ID
	want := []string{"", "NUL \x00 inside", "\xff\xfe no UTF-8", "👩‍🚀 e\u0301", "line\r\nline", strings.Repeat("x", 3<<20)}
	for _, text := range want {
		if _, err := s.Append(ctx, Message{ChatID: chat, Role: User, Content: text}); err != nil {
			t.Fatal(err)
		}
	}
	if got := texts(must(s.Messages(ctx, chat))); !slices.Equal(got, want) {
		t.Error("the texts changed on the way")
	}
}

func TestListIsInOrderOfUseWhateverTheClockSays(t *testing.T) {
	ctx := t.Context()
	times := []time.Time{time.UnixMilli(0), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), time.Unix(-5, 0)}
	calls := 0
	s, _, err := open(ctx, newPath(t), func() time.Time {
		calls++
		return times[calls%len(times)]
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var ids []int64
	for _, title := range []string{"a", "b", "c"} {
		ids = append(ids, must(s.NewChat(ctx, Chat{Title: title})).ID)
	}
	wantTitles(t, s, "c", "b", "a")
	must(s.Append(ctx, Message{ChatID: ids[0], Role: User, Content: "x"}))
	wantTitles(t, s, "a", "c", "b")
	answer := must(s.BeginAnswer(ctx, ids[1], "", ""))
	must(s.Append(ctx, Message{ChatID: ids[2], Role: User, Content: "y"}))
	if err := s.FinishAnswer(ctx, answer.ID, Answer{Text: "z"}); err != nil {
		t.Fatal(err)
	}
	wantTitles(t, s, "b", "c", "a")
	if err := s.Rename(ctx, ids[0], "A"); err != nil { // is no use
		t.Fatal(err)
	}
	wantTitles(t, s, "b", "c", "A")
}

func TestLeavingAPathKeepsIt(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	chat := must(s.NewChat(ctx, Chat{})).ID
	first := must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: "q"}))
	old := must(s.BeginAnswer(ctx, chat, "", ""))
	if err := s.FinishAnswer(ctx, old.ID, Answer{Text: "old"}); err != nil {
		t.Fatal(err)
	}
	set := func(message int64) {
		t.Helper()
		if err := s.SetHead(ctx, chat, message); err != nil {
			t.Fatal(err)
		}
	}
	set(first.ID)
	fresh := must(s.BeginAnswer(ctx, chat, "", ""))
	if err := s.FinishAnswer(ctx, fresh.ID, Answer{Text: "new"}); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, s, chat, "q", "new")
	set(old.ID)
	wantTexts(t, s, chat, "q", "old")
	set(0)
	wantTexts(t, s, chat)
	must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: "again"}))
	wantTexts(t, s, chat, "again")

	other := must(s.NewChat(ctx, Chat{})).ID
	if err := s.SetHead(ctx, other, old.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("another chat's message as head: %v, want ErrNotFound", err)
	}
}

func TestDeleteUndeletePurge(t *testing.T) {
	ctx, now := t.Context(), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	s, _, err := open(ctx, newPath(t), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a := must(s.NewChat(ctx, Chat{Title: "a"})).ID
	b := must(s.NewChat(ctx, Chat{Title: "b"})).ID
	must(s.Append(ctx, Message{ChatID: a, Role: User, Content: "x"}))
	must(s.BeginAnswer(ctx, a, "", ""))
	for _, err := range []error{s.Delete(ctx, a), s.Delete(ctx, b), s.Undelete(ctx, b)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	wantTitles(t, s, "b")
	if !must(s.Chat(ctx, a)).Deleted {
		t.Error("a deleted chat does not say so")
	}
	now = now.Add(time.Hour)
	if err := s.Delete(ctx, a); err != nil { // must not put the purge off
		t.Fatal(err)
	}
	if gone := must(s.Purge(ctx, 2*time.Hour)); len(gone) != 0 {
		t.Errorf("purged chats %d that were deleted just now", gone)
	}
	if gone := must(s.Purge(ctx, time.Hour)); !slices.Equal(gone, []int64{a}) {
		t.Errorf("purged chats %d, want %d", gone, a)
	}
	if _, err := s.Chat(ctx, a); !errors.Is(err, ErrNotFound) {
		t.Errorf("a purged chat: %v, want ErrNotFound", err)
	}
	if n := must(number(ctx, s.conn, "SELECT count(*) FROM messages")); n != 0 {
		t.Errorf("%d messages of a purged chat are left", n)
	}
	if next := must(s.NewChat(ctx, Chat{})).ID; next <= b {
		t.Errorf("id %d is used again", next)
	}
}

func number(ctx context.Context, conn *sql.Conn, query string) (n int64, err error) {
	err = conn.QueryRowContext(ctx, query).Scan(&n)
	return n, err
}

func TestWhatIsNotThere(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	chat := must(s.NewChat(ctx, Chat{})).ID
	question := must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: "q"}))
	for name, err := range map[string]error{
		"rename":          s.Rename(ctx, 99, ""),
		"model":           s.SetModel(ctx, 99, ""),
		"system":          s.SetSystem(ctx, 99, ""),
		"settings":        s.SetSettings(ctx, 99, ""),
		"delete":          s.Delete(ctx, 99),
		"undelete":        s.Undelete(ctx, 99),
		"head":            s.SetHead(ctx, chat, 99),
		"head of nothing": s.SetHead(ctx, 99, 0),
		"update":          s.UpdateAnswer(ctx, 99, ""),
		"finish":          s.FinishAnswer(ctx, 99, Answer{}),
		"finish question": s.FinishAnswer(ctx, question.ID, Answer{Text: "overwritten"}),
		"append":          second(s.Append(ctx, Message{ChatID: 99, Role: User, Content: ""})),
		"begin":           second(s.BeginAnswer(ctx, 99, "", "")),
		"chat":            second(s.Chat(ctx, 99)),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
	wantTexts(t, s, chat, "q")
}

func second[T any](_ T, err error) error { return err }

func TestClosedAndCancelled(t *testing.T) {
	path := newPath(t)
	s := openSound(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.NewChat(ctx, Chat{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	s.turn <- struct{}{} // somebody is at work
	waiting, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := s.Chats(waiting); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting in vain: %v", err)
	}
	<-s.turn
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Chats(t.Context()); !errors.Is(err, ErrClosed) || !strings.Contains(err.Error(), path) {
		t.Errorf("closed: %v, want ErrClosed and the path", err)
	}
}

func TestFullDiskIsToldAndCanBeRetried(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	chat := must(s.NewChat(ctx, Chat{})).ID
	must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: "small"}))
	limit := func(pages int64) {
		t.Helper()
		if _, err := s.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count=%d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(must(number(ctx, s.conn, "PRAGMA page_count")))
	large := strings.Repeat("x", 100_000)
	for range 3 {
		if _, err := s.Append(ctx, Message{ChatID: chat, Role: User, Content: large}); !errors.Is(err, ErrDiskFull) {
			t.Fatalf("%v, want ErrDiskFull", err)
		}
	}
	wantTexts(t, s, chat, "small")
	limit(1 << 20)
	must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: large}))
	wantTexts(t, s, chat, "small", large)
}

func TestManyCallers(t *testing.T) {
	t.Parallel() // it mostly waits for the disk
	ctx, s := t.Context(), openSound(t, newPath(t))
	const callers, each = 8, 20
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			chat, err := s.NewChat(ctx, Chat{})
			for i := 0; i < each && err == nil; i++ {
				var m Message
				if _, err = s.Append(ctx, Message{ChatID: chat.ID, Role: User, Content: "q"}); err != nil {
					break
				}
				if m, err = s.BeginAnswer(ctx, chat.ID, "", ""); err != nil {
					break
				}
				err = errors.Join(s.UpdateAnswer(ctx, m.ID, "a"), s.FinishAnswer(ctx, m.ID, Answer{Text: "aa"}),
					second(s.Chats(ctx)), second(s.Messages(ctx, chat.ID)))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	chats := must(s.Chats(ctx))
	if len(chats) != callers {
		t.Fatalf("%d chats, want %d", len(chats), callers)
	}
	for _, c := range chats {
		if n := len(must(s.Messages(ctx, c.ID))); n != 2*each {
			t.Errorf("chat %d has %d messages, want %d", c.ID, n, 2*each)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	s := openSound(b, newPath(b))
	chat := must(s.NewChat(b.Context(), Chat{})).ID
	for b.Loop() {
		must(s.Append(b.Context(), Message{ChatID: chat, Role: User, Content: "How long does it take until this is on the disk?"}))
	}
}

func BenchmarkUpdateAnswer(b *testing.B) {
	s := openSound(b, newPath(b))
	chat := must(s.NewChat(b.Context(), Chat{})).ID
	answer := must(s.BeginAnswer(b.Context(), chat, "", "")).ID
	text := strings.Repeat("word ", 800)
	for b.Loop() {
		if err := s.UpdateAnswer(b.Context(), answer, text); err != nil {
			b.Fatal(err)
		}
	}
}
