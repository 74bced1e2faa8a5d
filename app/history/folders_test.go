package history

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFoldersPinsAndDrafts(t *testing.T) {
	ctx, path := t.Context(), newPath(t)
	s := openSound(t, path)
	work := must(s.NewFolder(ctx, "work"))
	home := must(s.NewFolder(ctx, "Home"))
	a := must(s.NewChat(ctx, Chat{Title: "a", Folder: work.ID, Pinned: true, Draft: "begun"}))
	b := must(s.NewChat(ctx, Chat{Title: "b"}))
	if a.Folder != work.ID || !a.Pinned || a.Draft != "begun" {
		t.Errorf("new chat %+v", a)
	}
	for _, err := range []error{
		s.SetDraft(ctx, b.ID, Draft{"half a sen", []Attachment{{"a & <b>.txt", "one\n"}}}),
		s.Move(ctx, home.ID, a.ID, b.ID),
		s.Pin(ctx, true, b.ID),
		s.Pin(ctx, false, a.ID),
		s.RenameFolder(ctx, work.ID, "Work"),
		s.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s = openSound(t, path)
	if diff := cmp.Diff([]Folder{home, {work.ID, "Work"}}, must(s.Folders(ctx))); diff != "" {
		t.Errorf("folders (-want +got):\n%s", diff)
	}
	if got := must(s.Chat(ctx, b.ID)); got.Folder != home.ID || !got.Pinned || got.Draft != "half a sen" {
		t.Errorf("chat b is %+v", got)
	}
	if diff := cmp.Diff(Draft{"half a sen", []Attachment{{"a & <b>.txt", "one\n"}}}, must(s.Draft(ctx, b.ID))); diff != "" {
		t.Errorf("draft (-want +got):\n%s", diff)
	}
	if got := must(s.Draft(ctx, a.ID)); got.Text != "begun" || got.Files != nil {
		t.Errorf("draft %+v", got)
	}
	if err := s.DeleteFolder(ctx, home.ID); err != nil {
		t.Fatal(err)
	}
	for _, c := range must(s.Chats(ctx)) {
		if c.Folder != 0 {
			t.Errorf("chat %q lies in folder %d, which is gone", c.Title, c.Folder)
		}
	}
	wantTitles(t, s, "b", "a")
	for name, err := range map[string]error{
		"rename folder":  s.RenameFolder(ctx, home.ID, "x"),
		"delete folder":  s.DeleteFolder(ctx, home.ID),
		"into no folder": s.Move(ctx, home.ID, a.ID),
		"no chat":        s.Move(ctx, work.ID, a.ID, 99),
		"pin no chat":    s.Pin(ctx, true, a.ID, 99),
		"draft":          s.SetDraft(ctx, 99, Draft{}),
		"draft of none":  second(s.Draft(ctx, 99)),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
	if got := must(s.Chat(ctx, a.ID)); got.Folder != 0 || got.Pinned {
		t.Errorf("a change of several chats that failed has changed %+v", got)
	}
}

func TestSeveralChatsAreDeletedAtOnce(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	var ids []int64
	for _, title := range []string{"a", "b", "c"} {
		ids = append(ids, must(s.NewChat(ctx, Chat{Title: title})).ID)
	}
	if err := s.DeleteChats(ctx, ids[0], 99); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleting a chat that is not there: %v, want ErrNotFound", err)
	}
	wantTitles(t, s, "c", "b", "a")
	if err := s.DeleteChats(ctx, ids[0], ids[2]); err != nil {
		t.Fatal(err)
	}
	wantTitles(t, s, "b")
	if err := s.UndeleteChats(ctx, ids[0], ids[2]); err != nil {
		t.Fatal(err)
	}
	wantTitles(t, s, "c", "b", "a")
}

func TestGroups(t *testing.T) {
	now := time.Date(2026, 3, 29, 12, 0, 0, 0, must(time.LoadLocation("Europe/Berlin"))) // the clocks change
	at := func(days int) time.Time { return now.AddDate(0, 0, -days).UTC() }
	chats := []Chat{
		{Title: "future", Updated: at(-400)},
		{Title: "last month", Updated: at(40)},
		{Title: "now", Updated: at(0)},
		{Title: "pinned", Updated: at(500), Pinned: true, Folder: 2},
		{Title: "in folder", Updated: at(1), Folder: 2},
		{Title: "lost folder", Updated: at(7), Folder: 9},
		{Title: "midnight", Updated: time.Date(2026, 3, 29, 0, 0, 0, 0, now.Location())},
		{Title: "just before", Updated: time.Date(2026, 3, 28, 23, 59, 59, 0, now.Location())},
		{Title: "long ago", Updated: at(500)},
		{Title: "same month", Updated: at(41)},
	}
	names := map[GroupKind]string{Pinned: "pinned", InFolder: "folder", Today: "today", Yesterday: "yesterday", LastWeek: "week", InMonth: "month"}
	var got []string
	for _, g := range GroupChats(chats, []Folder{{1, "Empty"}, {2, "Full"}}, now) {
		name := names[g.Kind] + g.Folder.Name
		if g.Kind == InMonth {
			name += g.Month.Format(" 2006-01")
		}
		got = append(got, fmt.Sprint(name, titles(g.Chats)))
	}
	want := []string{
		"pinned[pinned]", "folderEmpty[]", "folderFull[in folder]", "today[future now midnight]",
		"yesterday[just before]", "week[lost folder]", "month 2026-02[last month same month]", "month 2024-11[long ago]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

// branched makes a chat with two branches, an attachment and a message that is
// deleted, with the first branch as the current one.
func branched(t *testing.T, s *Store) Chat {
	t.Helper()
	ctx := t.Context()
	folder := must(s.NewFolder(ctx, "Physics"))
	chat := must(s.NewChat(ctx, Chat{
		Title: "Sky <1>", Model: "m.gguf", System: "Be brief.", Settings: `{"top_k":1}`,
		Pinned: true, Folder: folder.ID, Draft: "And at",
	}))
	must(s.Append(ctx, Message{ChatID: chat.ID, Role: User, Content: "Why is it blue?", Attachments: []Attachment{{"sky.txt", "blue\n"}, {"b & c", ""}}}))
	old := answered(t, s, chat.ID, "Scattering.")
	finished(t, s, must(s.Regenerate(ctx, old.ID, "M2", `{"seed":2}`)), "瑞利散射")
	must(s.DeleteMessage(ctx, must(s.Append(ctx, Message{ChatID: chat.ID, Role: User, Content: "a secret"})).ID))
	must(s.SwitchTo(ctx, old.ID))
	if err := errors.Join(
		s.LeaveOut(ctx, old.ID, "It is blue."),
		s.SetDraft(ctx, chat.ID, Draft{"And at", []Attachment{{"night.txt", "dark\n"}}}),
	); err != nil {
		t.Fatal(err)
	}
	return must(s.Chat(ctx, chat.ID))
}

// wantSameTree compares a chat with one it was made from, except for ids and,
// where the copy has its own, times.
func wantSameTree(t *testing.T, from *Store, want int64, in *Store, got int64, times bool) {
	t.Helper()
	file := func(s *Store, chat int64) fileChat {
		f := toFile(must(s.tree(t.Context(), chat)))
		if !times {
			f.Created, f.Updated, f.Title = stamp{}, stamp{}, ""
		}
		return f
	}
	if diff := cmp.Diff(file(from, want), file(in, got), cmp.Comparer(func(a, b stamp) bool {
		return time.Time(a).Equal(time.Time(b))
	})); diff != "" {
		t.Errorf("chat (-want +got):\n%s", diff)
	}
}

func TestDuplicateHasAllBranches(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	chat := branched(t, s)
	twin := must(s.Duplicate(ctx, chat.ID, "Twin"))
	if twin.Title != "Twin" || twin.ID == chat.ID {
		t.Errorf("duplicate %+v", twin)
	}
	wantSameTree(t, s, chat.ID, s, twin.ID, false)
	wantTitles(t, s, "Twin", chat.Title)
	// They share nothing.
	must(s.Append(ctx, Message{ChatID: twin.ID, Role: User, Content: "only here"}))
	wantTexts(t, s, chat.ID, "Why is it blue?", "Scattering.")
	if _, err := s.Duplicate(ctx, 99, ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("a chat that is not there: %v, want ErrNotFound", err)
	}
}

func TestTemporaryChatsTouchNoDisk(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	for _, name := range []string{"TMPDIR", "SQLITE_TMPDIR"} {
		t.Setenv(name, dir)
	}
	t.Chdir(dir)
	temporary := must(OpenTemporary(ctx))
	wantUsable(t, temporary)
	chat := branched(t, temporary)
	if first := must(temporary.Messages(ctx, chat.ID))[0].ID; chat.ID <= TemporaryIDs || first <= TemporaryIDs {
		t.Errorf("chat %d begins with message %d: both could be ids on a disk", chat.ID, first)
	}
	if hits := must(temporary.Search(ctx, "scattering", 9)); len(hits) != 1 {
		t.Errorf("%d chats are found, want 1", len(hits))
	}
	if files := must(os.ReadDir(dir)); len(files) > 0 {
		t.Errorf("files were written: %v", files)
	}
	s := openSound(t, newPath(t))
	kept := must(s.CopyFrom(ctx, temporary, chat.ID, "Kept"))
	if err := temporary.Close(); err != nil {
		t.Fatal(err)
	}
	wantTitles(t, s, "Kept")
	if kept.Folder != 0 {
		t.Error("the kept chat lies in a folder of the other history")
	}
	wantTexts(t, s, kept.ID, "Why is it blue?", "Scattering.")
}
