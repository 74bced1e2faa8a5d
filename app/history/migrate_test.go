package history

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// version1 is a history that version 1 of the schema has written.
func version1(t *testing.T) []byte {
	t.Helper()
	return must(os.ReadFile(filepath.Join("testdata", "version1.db")))
}

func wantVersion1(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	wantTitles(t, s, "Empty", "Why the sky is blue")
	sky := must(s.Chats(ctx))[1]
	if sky.System != "Be brief." || sky.Settings != `{"top_k":1}` || sky.Pinned || sky.Folder != 0 || sky.Draft != "" {
		t.Errorf("chat %+v", sky)
	}
	wantTexts(t, s, sky.ID, "Why is the sky blue?", "瑞利散射。", "And at night?", "At ni")
	messages := must(s.Messages(ctx, sky.ID))
	if last := messages[3]; last.Done || last.Reason != ReasonInterrupted {
		t.Errorf("interrupted answer %+v", last)
	}
	if diff := cmp.Diff(map[int64][]int64{3: {2, 3}}, must(s.Forks(ctx, sky.ID))); diff != "" {
		t.Errorf("forks (-want +got):\n%s", diff)
	}
	for query, want := range map[string]int{"scattering": 1, "散射": 1, "at ni": 1, "blue": 1, "nothing": 0} {
		if got := must(s.Search(ctx, query, 9)); len(got) != want {
			t.Errorf("%q finds %q, want %d", query, shown(got), want)
		}
	}
	if err := s.Undelete(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if got := must(s.Search(ctx, "nothing", 9)); len(got) != 1 {
		t.Errorf("an undeleted chat of version 1 is found %d times", len(got))
	}
}

func TestVersion1IsMigrated(t *testing.T) {
	path := put(t, version1(t))
	s := openSound(t, path)
	wantVersion1(t, s)
	wantUsable(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openSound(t, path)
}

// version2 is a history that version 2 of the schema has written.
func version2(t *testing.T) []byte {
	t.Helper()
	return must(os.ReadFile(filepath.Join("testdata", "version2.db")))
}

// TestVersion2IsMigrated looks at what version 3 adds to a history of version
// 2, which is migrated or, damaged, rescued.
func TestVersion2IsMigrated(t *testing.T) {
	damaged := version(version2(t), 77)
	damaged[60] = 0x7f
	for name, data := range map[string][]byte{"migrated": version2(t), "rescued": damaged} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			s, _ := openAny(t, put(t, data))
			wantTitles(t, s, "Empty", "Sky <1>")
			wantTexts(t, s, 1, "Why is it blue?", "Scattering.")
			if got := must(s.Draft(ctx, 1)); got.Text != "And at night" || got.Files != nil {
				t.Errorf("draft %+v", got)
			}
			messages := must(s.Messages(ctx, 1))
			if m := messages[1]; m.LeftOut || m.Summary != "" || len(messages[0].Attachments) != 2 {
				t.Errorf("messages %+v", messages)
			}
			if err := s.LeaveOut(ctx, messages[1].ID, ""); err != nil {
				t.Fatal(err)
			}
			if m := must(s.Messages(ctx, 1))[1]; !m.LeftOut {
				t.Errorf("message %+v is not left out", m)
			}
			wantUsable(t, s)
		})
	}
}

// TestVersion3IsMigrated: what was attached to drafts is where it was, in a
// history of version 3 that is migrated or, damaged, rescued.
func TestVersion3IsMigrated(t *testing.T) {
	data := must(os.ReadFile(filepath.Join("testdata", "version3.db")))
	damaged := version(data, 77)
	damaged[60] = 0x7f
	for name, data := range map[string][]byte{"migrated": data, "rescued": damaged} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			s, _ := openAny(t, put(t, data))
			wantTitles(t, s, "Plain", "Empty", "Sky <1>")
			wantTexts(t, s, 1, "Why is it blue?", "Scattering.")
			for chat, want := range map[int64]Draft{
				1: {"And at night", []Attachment{{"night.txt", "dark \"and\"\tstill\n"}, {"月.txt", "瑞利\n"}}},
				2: {"", []Attachment{{"only.txt", "only\n"}}},
				3: {"no files", nil},
			} {
				if diff := cmp.Diff(want, must(s.Draft(ctx, chat))); diff != "" {
					t.Errorf("draft of %d (-want +got):\n%s", chat, diff)
				}
			}
			if n := must(number(ctx, s.conn, "SELECT count(*) FROM chats WHERE attached IS NOT NULL")); n != 0 {
				t.Errorf("%d lists stay where they were", n)
			}
			wantUsable(t, s)
		})
	}
}

// TestMigrationPassesOverWhatIsNoList: a list of version 3 that cannot be read
// costs what was attached, and not the history.
func TestMigrationPassesOverWhatIsNoList(t *testing.T) {
	for _, attached := range []string{"", "[{", "7", `["a"]`, `[null, {"name": 3}]`, `{"name": "a"}`} {
		path := put(t, must(os.ReadFile(filepath.Join("testdata", "version3.db"))))
		db, conn, err := connect(t.Context(), path, readWrite)
		if err != nil {
			t.Fatal(err)
		}
		_, err = conn.ExecContext(t.Context(), "UPDATE chats SET attached = ? WHERE id = 1", attached)
		if err := errors.Join(err, conn.Close(), db.Close()); err != nil {
			t.Fatal(err)
		}
		s := openSound(t, path)
		if d := must(s.Draft(t.Context(), 1)); d.Text != "And at night" {
			t.Errorf("after %q the draft is %+v", attached, d)
		}
		if d := must(s.Draft(t.Context(), 2)); len(d.Files) != 1 {
			t.Errorf("after %q another draft is %+v", attached, d)
		}
	}
}

func TestDamagedVersion1IsRescued(t *testing.T) {
	data := version(version1(t), 77)
	data[60], data[61], data[62], data[63] = 0, 0, 0x7f, 0xff // no version that can be
	s, notices := openAny(t, put(t, data))
	wantNotice(t, notices, "3 chats with 6 messages")
	wantVersion1(t, s)
	wantUsable(t, s)
}

// TestSchemaFitsIntoTheFirstPage: what is lost with a page of the schema is
// everything, so there should be one such page only, which every database has.
func TestSchemaFitsIntoTheFirstPage(t *testing.T) {
	s := openSound(t, newPath(t))
	if n := must(number(t.Context(), s.conn, "SELECT count(*) FROM dbstat WHERE name = 'sqlite_schema'")); n != 1 {
		t.Errorf("the schema takes %d pages", n)
	}
}

// migratingChild names the history that a child opens until it is killed.
const migratingChild = "LUMI_TEST_MIGRATE"

// migrateUntilKilled opens a history and says so before and after.
func migrateUntilKilled(path string) error {
	fmt.Println("opening")
	s, notices, err := Open(path)
	if err != nil || len(notices) > 0 {
		return fmt.Errorf("opening: %q, %w", notices, err)
	}
	fmt.Println("open")
	defer s.Close()
	return nil
}

// TestKilledMigrationLosesNothing kills a program at random moments of a
// migration, each time of another copy.
func TestKilledMigrationLosesNothing(t *testing.T) {
	t.Parallel() // it mostly waits for the disk
	kills := 40
	if testing.Short() {
		kills = 5
	}
	data := must(os.ReadFile(largeVersion1(t)))
	start := time.Now()
	s := openSound(t, put(t, data))
	took, cut := time.Since(start), 0
	want := readable(t, s)
	for range kills {
		path := put(t, data)
		if !openAndKill(t, path, rand.N(took)) {
			cut++
		}
		s := openSound(t, path)
		if diff := cmp.Diff(want, readable(t, s)); diff != "" {
			t.Fatalf("messages (-want +got):\n%s", diff)
		}
		if n := must(number(t.Context(), s.conn, "SELECT count(*) FROM search_docsize")); int(n) != len(want)+1 {
			t.Fatalf("%d texts are indexed, want %d", n, len(want)+1)
		}
		wantUsable(t, s)
	}
	t.Logf("%d of %d migrations were cut short", cut, kills)
	if cut == 0 {
		t.Error("no migration was cut short")
	}
}

// largeVersion1 makes a history of version 1 whose migration takes a while.
func largeVersion1(t *testing.T) string {
	t.Helper()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "chats.db")
	db, conn, err := connect(ctx, path, readWrite)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		migrations[0],
		fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = 1", applicationID),
		"INSERT INTO chats VALUES (1, 'large', '', '', '', NULL, 1, 0, 0, NULL)",
		`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
			INSERT INTO messages SELECT i, 1, nullif(i - 1, 0), 'user', 'message ' || i || ' ' || hex(randomblob(200)), '', '', '', '', 0, 1 FROM n`,
		"UPDATE chats SET head = 1000",
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(conn.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// openAndKill starts a child that opens the history and kills it after a while.
// It reports whether the child was done before.
func openAndKill(t *testing.T, path string, after time.Duration) (done bool) {
	t.Helper()
	child := start(t, migratingChild, path)
	for child.lines.Scan() {
		switch child.lines.Text() {
		case "opening":
			defer child.killAfter(after).Stop()
		case "open":
			done = true
		}
	}
	child.wait(t)
	return done
}

// TestFullDiskStopsAMigration gives the migration of each version one page more
// until that is enough: before, the history stays as it is.
func TestFullDiskStopsAMigration(t *testing.T) {
	ctx := t.Context()
	for version := 1; version < schemaVersion; version++ {
		path := put(t, must(os.ReadFile(filepath.Join("testdata", fmt.Sprintf("version%d.db", version)))))
		db, conn, err := connect(ctx, path, readWrite)
		if err != nil {
			t.Fatal(err)
		}
		if version == 3 {
			_, err = conn.ExecContext(ctx, `UPDATE chats SET attached = json_array(json_object('name', 'large', 'text', hex(randomblob(50000)))) WHERE id = 3`)
			if err != nil {
				t.Fatal(err)
			}
		}
		schema := func() []string {
			return append(must(collect(ctx, conn, scanOne[string], "SELECT coalesce(sql, name) FROM sqlite_schema")),
				fmt.Sprint(must(number(ctx, conn, "PRAGMA user_version"))))
		}
		before, failed := schema(), 0
		for pages := must(number(ctx, conn, "PRAGMA page_count")); ; pages++ {
			if _, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
				t.Fatal(err)
			}
			if err = migrate(ctx, conn, version); err == nil {
				break
			}
			failed++
			if !isDiskFull(err) || failed > 100 {
				t.Fatalf("version %d with %d pages: %v, want a full disk", version, pages, err)
			}
			if diff := cmp.Diff(before, schema()); diff != "" {
				t.Fatalf("version %d was changed (-want +got):\n%s", version, diff)
			}
		}
		if failed == 0 {
			t.Errorf("version %d needs no room", version)
		}
		if err := errors.Join(conn.Close(), db.Close()); err != nil {
			t.Fatal(err)
		}
		s := openSound(t, path)
		switch version {
		case 1:
			wantVersion1(t, s)
		case 3:
			if d := must(s.Draft(ctx, 3)); len(d.Files) != 1 || len(d.Files[0].Text) != 100_000 {
				t.Errorf("the draft has %d files", len(d.Files))
			}
		}
		wantUsable(t, s)
	}
}

// TestFullDiskCanBeRetried fills the disk before each of what version 2 writes.
func TestFullDiskCanBeRetried(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	chat := must(s.NewChat(ctx, Chat{Title: "small"})).ID
	other := must(s.NewChat(ctx, Chat{Title: "other"})).ID // a large draft that is written anew leaves free pages
	question := must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: "small"}))
	large := strings.Repeat("large ", 20_000)
	file := `{"format":"lumi-chats","version":1,"chats":[{"title":"imported","messages":[]},{"title":"` + large + `","messages":[]}]}`
	limit := func(pages int64) {
		t.Helper()
		if _, err := s.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count=%d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	for name, write := range map[string]func(context.Context) error{
		"edit": func(ctx context.Context) error { return second(s.Edit(ctx, question.ID, large, nil)) },
		"attachment": func(ctx context.Context) error {
			return second(s.Append(ctx, Message{ChatID: chat, Role: User, Content: "", Attachments: []Attachment{{"", large}}}))
		},
		"draft":  func(ctx context.Context) error { return s.SetDraft(ctx, other, Draft{Text: large}) },
		"folder": func(ctx context.Context) error { return second(s.NewFolder(ctx, large)) },
		"import": func(ctx context.Context) error {
			return second(s.importFrom(ctx, strings.NewReader(file), "file.json"))
		},
	} {
		before := []tree{must(s.tree(ctx, chat)), must(s.tree(ctx, other))}
		limit(must(number(ctx, s.conn, "PRAGMA page_count")))
		if err := write(ctx); !errors.Is(err, ErrDiskFull) {
			t.Errorf("%s: %v, want ErrDiskFull", name, err)
		}
		if diff := cmp.Diff(before, []tree{must(s.tree(ctx, chat)), must(s.tree(ctx, other))}, cmp.AllowUnexported(tree{})); diff != "" {
			t.Errorf("%s has changed the chats:\n%s", name, diff)
		}
		if n := len(must(s.Folders(ctx))); name == "folder" && n > 0 {
			t.Errorf("%d folders are there", n)
		}
		limit(1 << 20)
		if err := write(ctx); err != nil {
			t.Errorf("%s, tried again: %v", name, err)
		}
	}
	wantUsable(t, s)
}

// TestRescueKeepsWhatLaterVersionsAdd rescues whole, and then with single tables
// lost.
func TestRescueKeepsWhatLaterVersionsAdd(t *testing.T) {
	for name, c := range map[string]struct {
		damage string
		check  func(t *testing.T, s *Store, want fileChat)
	}{
		"nothing lost": {"PRAGMA user_version = 0", func(t *testing.T, s *Store, want fileChat) {
			got := toFile(must(s.tree(t.Context(), 1)))
			if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b stamp) bool { return time.Time(a).Equal(time.Time(b)) })); diff != "" {
				t.Errorf("chat (-want +got):\n%s", diff)
			}
			if err := s.UndeleteMessage(t.Context(), Removal{Message: 4}); err != nil {
				t.Errorf("a deleted message does not come back: %v", err)
			}
		}},
		"folders": {"PRAGMA foreign_keys = 0; DELETE FROM folders", func(t *testing.T, s *Store, _ fileChat) {
			if c := must(s.Chat(t.Context(), 1)); c.Folder != 0 || !c.Pinned {
				t.Errorf("chat %+v", c)
			}
		}},
		"messages": {"PRAGMA foreign_keys = 0; DELETE FROM messages WHERE id = 1", func(t *testing.T, s *Store, want fileChat) {
			// The message has lost its text, but not what was sent with it.
			got := toFile(must(s.tree(t.Context(), 1)))
			if got.Messages[0].Content != "" || !cmp.Equal(got.Messages[0].Attachments, want.Messages[0].Attachments) {
				t.Errorf("the first message is %+v", got.Messages[0])
			}
			if len(got.Messages) != len(want.Messages) || got.Head != want.Head {
				t.Errorf("%d messages, head %d", len(got.Messages), got.Head)
			}
		}},
		"head is deleted": {"UPDATE chats SET head = 4", func(t *testing.T, s *Store, _ fileChat) {
			wantTexts(t, s, 1, "Why is it blue?", "瑞利散射")
		}},
		"what is attached to a draft": {"DROP TABLE drafted; UPDATE chats SET attached = '[{'; PRAGMA user_version = 0", func(t *testing.T, s *Store, _ fileChat) {
			if got := must(s.Draft(t.Context(), 1)); got.Text != "And at" || got.Files != nil {
				t.Errorf("draft %+v", got)
			}
		}},
		"search index": {"DROP TABLE search", func(t *testing.T, s *Store, _ fileChat) {}},
	} {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			s := openSound(t, path)
			chat := branched(t, s)
			want := toFile(must(s.tree(t.Context(), chat.ID)))
			if _, err := s.conn.ExecContext(t.Context(), c.damage); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s, notices := openAny(t, path)
			wantNotice(t, notices, "is kept as")
			c.check(t, s, want)
			if hits := must(s.Search(t.Context(), "散射", 9)); len(hits) != 1 {
				t.Errorf("%d hits, want 1", len(hits))
			}
			wantUsable(t, s)
		})
	}
}
