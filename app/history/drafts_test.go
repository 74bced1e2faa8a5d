package history

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestDraftsAreWrittenInPart looks at what reaches the disk: what is attached is
// written once, however often the text changes.
func TestDraftsAreWrittenInPart(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	chat := must(s.NewChat(ctx, Chat{Title: "draft"})).ID
	other := must(s.NewChat(ctx, Chat{Title: "other"})).ID
	if _, err := s.conn.ExecContext(ctx, "PRAGMA wal_autocheckpoint=0"); err != nil {
		t.Fatal(err)
	}
	written := func() int64 {
		t.Helper()
		info, err := os.Stat(s.path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	a := Attachment{"a.txt", strings.Repeat("a large text\n", 20_000)}
	b := Attachment{"b.txt", strings.Repeat("another one\n", 20_000)}
	c := Attachment{"c.txt", "small"}
	set := func(files ...Attachment) (bytes int64) {
		t.Helper()
		before := written()
		for i := range 20 {
			want := Draft{fmt.Sprint("text ", i), files}
			if err := s.SetDraft(ctx, chat, want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, must(s.Draft(ctx, chat))); diff != "" {
				t.Fatalf("draft (-want +got):\n%s", diff)
			}
		}
		return written() - before
	}
	if err := s.SetDraft(ctx, other, Draft{"", []Attachment{c}}); err != nil {
		t.Fatal(err)
	}
	const few = 200_000 // twenty changes of the text
	if n, most := set(a), int64(few+len(a.Text)*3/2); n > most {
		t.Errorf("attaching writes %d bytes, want at most %d", n, most)
	}
	if n, most := set(a, b), int64(few+len(b.Text)*3/2); n > most {
		t.Errorf("attaching more writes %d bytes, want at most %d", n, most)
	}
	if n := set(b); n > few {
		t.Errorf("taking one away writes %d bytes, want at most %d", n, few)
	}
	set(b, c, c)
	set(c, b)
	set()
	if d := must(s.Draft(ctx, other)); !cmp.Equal(d.Files, []Attachment{c}) {
		t.Errorf("the draft of another chat is %+v", d)
	}
	set(c)
	if err := s.Delete(ctx, chat); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Purge(ctx, -time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := must(number(ctx, s.conn, "SELECT count(*) FROM drafted")); n != 1 {
		t.Errorf("%d texts are kept, want that of the other chat", n)
	}
}

// draftingChild names the history in which a child drafts until it is killed.
const draftingChild = "LUMI_TEST_DRAFT"

// draftNumber is a draft that shows whether it is whole.
func draftNumber(n int) Draft {
	d := Draft{Text: strconv.Itoa(n)}
	for i := range n % 4 {
		d.Files = append(d.Files, Attachment{fmt.Sprint(n/4, i), strings.Repeat(fmt.Sprint(n/4, " "), 3_000)})
	}
	return d
}

// draftUntilKilled changes a draft and says so when it is saved.
func draftUntilKilled(path string) error {
	ctx := context.Background()
	s, notices, err := Open(path)
	if err != nil || len(notices) > 0 {
		return fmt.Errorf("opening: %q, %w", notices, err)
	}
	chat, err := s.NewChat(ctx, Chat{Title: "draft"})
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if err := s.SetDraft(ctx, chat.ID, draftNumber(n)); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// TestKilledProgramKeepsItsDraft kills a program while it saves drafts: the last
// one it has acknowledged is there, or the one after it, with all that is
// attached to it.
func TestKilledProgramKeepsItsDraft(t *testing.T) {
	t.Parallel() // it mostly waits for the disk
	kills := 20
	if testing.Short() {
		kills = 3
	}
	for range kills {
		path := newPath(t)
		child := start(t, draftingChild, path)
		last := -1
		var killing *time.Timer
		for child.lines.Scan() {
			if n, err := strconv.Atoi(child.lines.Text()); err == nil && n == last+1 {
				last = n // a line that was cut is none
			}
			if killing == nil {
				killing = child.killAfter(rand.N(60 * time.Millisecond))
			}
		}
		if child.wait(t) || killing == nil {
			t.Fatal("the child ended by itself")
		}
		killing.Stop()
		s := openSound(t, path)
		got := must(s.Draft(t.Context(), 1))
		n, err := strconv.Atoi(got.Text)
		if err != nil || n != last && n != last+1 {
			t.Fatalf("the draft is %q, want that of %d", got.Text, last)
		}
		if diff := cmp.Diff(draftNumber(n), got); diff != "" {
			t.Errorf("draft %d (-want +got):\n%s", n, diff)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
