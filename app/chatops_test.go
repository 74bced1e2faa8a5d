package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"lumi/app/history"
)

// outlineOf shows lines: groups in brackets, folders with their counts.
func outlineOf(lines []listLine) (out []string) {
	for _, l := range lines {
		switch l.kind {
		case groupLine:
			out = append(out, "["+l.name+"]")
		case folderHead:
			out = append(out, fmt.Sprintf("[%s %d]", l.folder.Name, l.count))
		default:
			out = append(out, l.chat.Title)
		}
	}
	return out
}

func TestLinesOf(t *testing.T) {
	now := time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)
	folders := []history.Folder{{ID: 1, Name: "Recipes"}, {ID: 2, Name: "Work"}}
	chats := []history.Chat{
		{ID: 1, Title: "new", Updated: now},
		{ID: 2, Title: "cake", Updated: now, Folder: 1},
		{ID: 3, Title: "important", Updated: now.AddDate(0, -4, 0), Pinned: true},
		{ID: 4, Title: "plan", Updated: now, Folder: 2},
		{ID: 5, Title: "old", Updated: now.AddDate(0, -2, 0)},
	}
	temporary := []history.Chat{{ID: history.TemporaryIDs + 1, Title: "secret"}}
	want := []string{
		"[Temporary]", "secret", "[Pinned]", "important", "[Recipes 1]", "cake", "[Work 1]",
		"[Today]", "new", "[January 2026]", "old",
	}
	if diff := cmp.Diff(want, outlineOf(linesOf(temporary, chats, folders, map[int64]bool{2: true}, now))); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func (b *bench) titles() (titles []string) {
	for _, chat := range b.chats {
		titles = append(titles, chat.Title)
	}
	return titles
}

// add puts a chat on disk, with one message if there is a text.
func (b *bench) add(title, text string) history.Chat {
	b.t.Helper()
	chat, err := b.store.NewChat(b.t.Context(), history.Chat{Title: title})
	if err == nil && text != "" {
		_, err = b.store.Append(b.t.Context(), history.Message{ChatID: chat.ID, Role: history.User, Content: text})
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return chat
}

// lists reads the list of chats.
func (b *bench) lists() {
	b.t.Helper()
	b.listChats()
	b.quiet()
}

func TestFoldersPinsAndCopies(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	one, two := b.add("One", "text of one"), b.add("Two", "")
	b.lists()
	b.PinChats(true, one.ID)
	b.NewFolder("Folder", func(history.Folder) {}, two.ID)
	b.until("the folder is there", func() bool { return len(b.folders) == 1 })
	outline := func() []string { return outlineOf(linesOf(nil, b.chats, b.folders, nil, b.Now())) }
	if diff := cmp.Diff([]string{"[Pinned]", "One", "[Folder 1]", "Two"}, outline()); diff != "" {
		t.Errorf("pinned and moved (-want +got):\n%s", diff)
	}
	b.RenameFolder(b.folders[0].ID, "Renamed")
	b.PinChats(false, one.ID)
	b.MoveChats(b.folders[0].ID, one.ID)
	b.quiet()
	b.quiet() // the lists are read after the changes
	if diff := cmp.Diff([]string{"[Renamed 2]", "Two", "One"}, outline()); diff != "" {
		t.Errorf("let go and renamed (-want +got):\n%s", diff)
	}
	b.Act() // takes the move back
	b.quiet()
	b.quiet()
	if diff := cmp.Diff([]string{"[Renamed 1]", "Two", "[Today]", "One"}, outline()); diff != "" {
		t.Errorf("after undoing the move (-want +got):\n%s", diff)
	}
	b.MoveChats(b.folders[0].ID, one.ID)
	b.quiet()
	b.quiet()
	b.Dismiss()
	b.DeleteFolder(b.folders[0].ID)
	b.until("undo is offered", func() bool { return b.notice != nil })
	b.quiet()
	if diff := cmp.Diff([]string{"[Today]", "Two", "One"}, outline()); diff != "" {
		t.Errorf("without the folder (-want +got):\n%s", diff)
	}
	b.Act()
	b.until("the folder is back", func() bool { return len(b.folders) == 1 })
	b.quiet()
	if diff := cmp.Diff([]string{"[Renamed 2]", "Two", "One"}, outline()); diff != "" {
		t.Errorf("after undo (-want +got):\n%s", diff)
	}
	b.DuplicateChat(one.ID)
	b.until("the copy is open", func() bool { return b.chat.Title == "One (2)" && len(b.chat.messages) == 1 })
	b.MoveChats(99, one.ID)
	b.until("the fault is told", func() bool { return b.notice != nil && b.notice.Fault })
	for title, want := range map[string]string{"a": "a (2)", "a (2)": "a (3)", "a (x)": "a (x) (2)", "": " (2)", "f(x) (09)": "f(x) (09) (2)"} {
		if got := copyTitle(title); got != want {
			t.Errorf("copyTitle(%q) = %q, want %q", title, got, want)
		}
	}
}

func TestSeveralAreDeletedWithUndo(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	one, two, three := b.add("One", "1"), b.add("Two", "2"), b.add("Three", "3")
	b.lists()
	b.OpenChat(two.ID)
	b.until("it is open", func() bool { return len(b.chat.messages) == 1 })
	b.DeleteChats(two.ID, one.ID)
	if diff := cmp.Diff([]string{"Three"}, b.titles()); diff != "" || b.chat.ID != 0 {
		t.Errorf("chat %d is open and left are (-want +got):\n%s", b.chat.ID, diff)
	}
	b.until("undo is offered", func() bool { return b.notice != nil })
	if told(b.notice.Text) != "2 chats are deleted." {
		t.Errorf("notice %q", told(b.notice.Text))
	}
	b.Act()
	b.until("they are back", func() bool { return b.chat.ID == two.ID && len(b.chat.messages) == 1 })
	if diff := cmp.Diff([]string{"Three", "Two", "One"}, b.titles()); diff != "" {
		t.Errorf("after undo (-want +got):\n%s", diff)
	}
	b.DeleteChats(three.ID, 99) // not there: all stay
	b.until("the fault is told", func() bool { return b.notice != nil && b.notice.Fault })
	b.quiet()
	b.quiet()
	if len(b.chats) != 3 {
		t.Errorf("left are %q", b.titles())
	}
}

func TestTemporaryChat(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	b.use(newFakeEngine("I ", "forget ", "zanzibar."))
	b.NewTemporaryChat()
	b.until("it is open", func() bool { return b.chat.Temporary })
	b.ask("Do you remember timbuktu?")
	b.quiet()
	if len(b.chats) != 0 || len(b.temporaryChats) != 1 || !isTemporary(b.chat.ID) {
		t.Fatalf("listed are %q and temporary %+v", b.titles(), b.temporaryChats)
	}
	id := b.chat.ID
	b.Search("timbuktu")
	b.until("it is found", func() bool { return b.find.Done && len(b.find.Hits) == 1 })
	b.NewChat()
	if b.chat.Temporary {
		t.Error("the chat after it is temporary")
	}
	b.OpenChat(id)
	b.until("it is open again", func() bool { return len(b.chat.messages) == 2 })
	b.ask("Really?")
	b.RenameChat(id, "Other")
	b.DeleteChats(id)
	b.until("undo is offered", func() bool { return b.notice != nil })
	b.Act()
	b.until("it is back", func() bool { return len(b.chat.messages) == 4 && b.chat.Title == "Other" })
	inFiles(t, filepath.Dir(b.path), "timbuktu", false)

	b.KeepChat(id)
	b.until("it is kept", func() bool { return len(b.chats) == 1 && len(b.temporaryChats) == 0 && b.chat.ID == b.chats[0].ID })
	b.until("it is open", func() bool { return len(b.chat.messages) == 4 })
	if b.chat.Temporary || b.chat.Title != "Other" {
		t.Errorf("kept as %+v", b.chat)
	}
	inFiles(t, filepath.Dir(b.path), "timbuktu", true)
	b.end()
}

// inFiles checks whether a word is in any file of a folder.
func inFiles(t *testing.T, dir, word string, want bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	found := false
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found = found || strings.Contains(string(data), word)
	}
	if found != want {
		t.Errorf("%q is on disk: %v, want %v", word, found, want)
	}
}

func TestSearchOpensAtTheMessage(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	ctx := t.Context()
	chat := b.add("Chat", "first question about larch trees")
	other, err := b.store.Append(ctx, history.Message{ChatID: chat.ID, Role: history.User, Content: "second one about beeches"})
	if err == nil {
		_, err = b.store.Edit(ctx, other.ID, "second one about oaks", nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	b.lists()
	open := func(query string) string {
		b.Search(query)
		b.until("found", func() bool { return b.find.Done && b.find.Query == query && len(b.find.Hits) == 1 })
		hit := b.find.Hits[0]
		n := len(b.view.showed)
		b.OpenAt(hit.Chat.ID, hit.Message)
		b.until("it is shown", func() bool { return len(b.view.showed) > n })
		return b.chat.find(b.view.showed[n]).Text
	}
	for query, want := range map[string]string{
		"larch": "first question about larch trees", "oak": "second one about oaks",
		"beech": "second one about beeches", // on the other branch
	} {
		if got := open(query); got != want {
			t.Errorf("%q opens the chat at %q, want %q", query, got, want)
		}
	}
	b.RenameChat(chat.ID, "beeches")
	b.Search("beeches")
	b.until("the new title is found", func() bool {
		return b.find.Done && len(b.find.Hits) == 1 && len(b.find.Hits[0].Title) == 1
	})
	b.DeleteChats(chat.ID)
	if len(b.find.Hits) != 0 {
		t.Error("a deleted chat is still among those found")
	}
	b.until("undo is offered", func() bool { return b.notice != nil })
	b.Act()
	b.until("it is found again", func() bool { return b.find.Done && len(b.find.Hits) == 1 })
	b.Search("no such words")
	b.Search("")
	if b.find.Query != "" || b.find.Hits != nil {
		t.Errorf("after the search there is %+v", b.find)
	}
}

func TestTitleOfTheFirstExchange(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	b.use(newFakeEngine("# Fish of the ", "deep sea\n", "They glow."))
	b.ask("Fish?")
	b.until("it has a title", func() bool { return len(b.chats) == 1 && b.chats[0].Title == "Fish of the deep sea" })
	b.RenameChat(b.chat.ID, "Mine")
	b.ask("More?")
	b.quiet()
	if got := b.titles()[0]; got != "Mine" {
		t.Errorf("a second exchange has changed the title to %q", got)
	}
}

func TestExportAndImport(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	one, two := b.add("One", "text of one"), b.add("Two", "text of two")
	b.lists()
	dir := t.TempDir()
	told := func(what string) string {
		t.Helper()
		b.until(what, func() bool { return b.notice != nil && b.transfer == nil })
		text := told(b.notice.Text)
		b.Dismiss()
		return text
	}
	path := filepath.Join(dir, "all.json")
	b.ExportJSON(path, one.ID, two.ID)
	if got, want := told("exported"), "2 chats are written to "+path+"."; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	markdown := filepath.Join(dir, "one.md")
	b.ExportMarkdown(markdown, one.ID)
	told("exported")
	if data, err := os.ReadFile(markdown); err != nil || !strings.Contains(string(data), "text of one") {
		t.Errorf("exported %q, %v", data, err)
	}
	b.ExportMarkdown(filepath.Join(dir, "none", "one.md"), one.ID)
	if got := told("failed"); !strings.HasPrefix(got, "one.md was not written: ") {
		t.Errorf("told %q", got)
	}
	b.ImportChats(path)
	b.until("imported", func() bool { return b.notice != nil && b.transfer == nil })
	offered := b.notice.Action
	if got, want := told("imported"), "2 chats with 2 messages came in from all.json."; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	b.quiet()
	if offered.Do == nil || translate(offered.Label) != "Open" {
		t.Fatalf("offered is %+v", offered)
	}
	offered.Do()
	b.quiet()
	if b.chat.ID != b.chats[0].ID || b.chat.Title != b.chats[0].Title || b.chat.ID <= two.ID {
		t.Errorf("opened is chat %d, %q, of %q", b.chat.ID, b.chat.Title, b.titles())
	}
	if len(b.chats) != 4 {
		t.Errorf("listed are %q", b.titles())
	}
	wrong := filepath.Join(dir, "wrong.json")
	if err := os.WriteFile(wrong, []byte(`{"a": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	b.ImportChats(path, wrong)
	if got := told("imported"); !strings.Contains(got, "came in from all.json. Wrong.json") && !strings.Contains(got, "wrong.json was not imported: ") {
		t.Errorf("told %q", got)
	}
	if files, err := filepath.Glob(filepath.Join(dir, ".lumi*")); err != nil || len(files) > 0 {
		t.Errorf("left over: %q, %v", files, err)
	}
}

func TestImportCanBeStopped(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	path := filepath.Join(t.TempDir(), "conversations.json")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	long, err := json.Marshal(strings.Repeat("words ", 10_000))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 { // 12 MB that end in the middle: if it were read to the end, that would be told
		fmt.Fprintf(file, `%c{"title":"t","mapping":{"a":{"message":{"author":{"role":"user"},"content":{"content_type":"text","parts":[%s]}}}}}`,
			"[,"[min(i, 1)], long)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	b.ImportChats(path)
	b.until("it has begun", func() bool { return b.transfer != nil && b.transfer.Total > 0 })
	b.ImportChats(path) // while another one is going on
	if b.notice == nil || translate(b.notice.Action.Label) != "Stop it" {
		t.Fatalf("notice %+v", b.notice)
	}
	b.Act()
	b.until("it is stopped", func() bool { return b.transfer == nil })
	b.quiet()
	if len(b.chats) != 0 || b.notice == nil || told(b.notice.Text) != "The import was stopped. Nothing has come in." {
		t.Errorf("listed are %q and told is %+v", b.titles(), b.notice)
	}
}

func TestFileNameOf(t *testing.T) {
	for title, want := range map[string]string{
		"Why is the sky blue?": "Why is the sky blue.md", "a/b\\c:d": "a b c d.md", "...": "Lumi.md", "": "Lumi.md",
		"a\x00\nb": "a b.md", "天空为什么": "天空为什么.md",
	} {
		if got := fileNameOf(title, ".md"); got != want {
			t.Errorf("fileNameOf(%q) = %q, want %q", title, got, want)
		}
	}
}
