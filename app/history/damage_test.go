package history

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample makes a history with a few hundred messages of all lengths, closes it
// and returns its bytes and the texts of all messages by id.
func sample(t *testing.T) (data []byte, want map[int64]string) {
	t.Helper()
	path := newPath(t)
	s, _, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, rng := t.Context(), rand.New(rand.NewPCG(1, 2))
	want = map[int64]string{}
	for c := range 12 {
		chat := must(s.NewChat(ctx, Chat{Title: fmt.Sprint("chat ", c)})).ID
		for range 15 {
			text := strings.Repeat(fmt.Sprint(rng.Uint64(), " "), 1+rng.IntN(12))
			want[must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: text})).ID] = text
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return must(os.ReadFile(path)), want
}

// put writes a history file of its own folder and returns its path.
func put(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "chats.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func openAny(t *testing.T, path string) (*Store, []error) {
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
	return s, notices
}

func wantNotice(t *testing.T, notices []error, part string) {
	t.Helper()
	if len(notices) != 1 || !strings.Contains(notices[0].Error(), part) || !strings.HasSuffix(notices[0].Error(), ".") {
		t.Errorf("notices %q, want one sentence with %q", notices, part)
	}
}

// wantUsable sees to it that a chat can be held.
func wantUsable(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	chat, err := s.NewChat(ctx, Chat{Title: "after"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(ctx, Message{ChatID: chat.ID, Role: User, Content: "hello"}); err != nil {
		t.Fatal(err)
	}
	answer, err := s.BeginAnswer(ctx, chat.ID, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.FinishAnswer(ctx, answer.ID, Answer{Text: "hi"}); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, s, chat.ID, "hello", "hi")
	if first := must(s.Chats(ctx))[0]; first.ID != chat.ID {
		t.Errorf("chat %d is the first one of the list, want the newest, %d", first.ID, chat.ID)
	}
}

// readable returns the texts of all messages on the chats' current paths.
func readable(t *testing.T, s *Store) map[int64]string {
	t.Helper()
	found := map[int64]string{}
	for _, c := range must(s.Chats(t.Context())) {
		for _, m := range must(s.Messages(t.Context(), c.ID)) {
			found[m.ID] = m.Content
		}
	}
	return found
}

// asideOf returns the one file that was set aside beside path.
func asideOf(t *testing.T, path string) string {
	t.Helper()
	found := must(filepath.Glob(filepath.Join(filepath.Dir(path), "chats.damaged-*.db")))
	if len(found) != 1 {
		t.Fatalf("set aside: %q, want one file", found)
	}
	return found[0]
}

func TestFilesThatAreNoHistory(t *testing.T) {
	t.Parallel() // it mostly waits for the disk
	foreign := newPath(t)
	if err := os.MkdirAll(filepath.Dir(foreign), 0o700); err != nil {
		t.Fatal(err)
	}
	db, conn, err := connect(t.Context(), foreign, readWrite)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup')"); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	db.Close()
	whole, _ := sample(t)
	for name, data := range map[string][]byte{
		"empty":        {},
		"3 bytes":      []byte("abc"),
		"text":         []byte(strings.Repeat("This is no database.\n", 500)),
		"zeros":        make([]byte, 8192),
		"other's":      must(os.ReadFile(foreign)),
		"header":       whole[:100],
		"half a page":  whole[:2000],
		"version 2^31": version(whole, 0x7fffffff),
		"version 0":    version(whole, 0),
	} {
		t.Run(name, func(t *testing.T) {
			path := put(t, data)
			s, notices := openAny(t, path)
			wantNotice(t, notices, "is kept as")
			wantUsable(t, s)
			if got := must(os.ReadFile(asideOf(t, path))); !bytes.Equal(got, data) {
				t.Error("the file that was set aside was changed")
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			openSound(t, path)
		})
	}
}

// version returns a copy of a database with another user_version, which is at
// offset 60 of the file (sqlite.org/fileformat.html).
func version(data []byte, v uint32) []byte {
	data = bytes.Clone(data)
	data[60], data[61], data[62], data[63] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v)
	return data
}

func TestWrongVersionLosesNothing(t *testing.T) {
	data, want := sample(t)
	s, notices := openAny(t, put(t, version(data, 0x7fffffff)))
	wantNotice(t, notices, "12 chats with 180 messages")
	if diff := cmp.Diff(want, readable(t, s)); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// TestImpossibleChatNumbersLoseNothing damages the numbers by which messages
// know their chat.
func TestImpossibleChatNumbersLoseNothing(t *testing.T) {
	t.Parallel() // it mostly waits for the disk
	for _, number := range []string{"-5", "0", "1 << 53", "(1 << 53) + 1", "9223372036854775807", "77"} {
		data, want := sample(t)
		path := put(t, data)
		db, conn, err := connect(t.Context(), path, readWrite)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.ExecContext(t.Context(), "PRAGMA foreign_keys=0; UPDATE messages SET chat = "+number+" WHERE chat = 3"); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(conn.Close(), db.Close()); err != nil {
			t.Fatal(err)
		}
		s, notices := openAny(t, path)
		wantNotice(t, notices, "with 180 messages")
		if diff := cmp.Diff(want, readable(t, s)); diff != "" {
			t.Errorf("chat %s: messages (-want +got):\n%s", number, diff)
		}
		wantUsable(t, s)
	}
}

// TestOneDamagedPageCostsOnlyItsRows wipes each page in turn.
func TestOneDamagedPageCostsOnlyItsRows(t *testing.T) {
	t.Parallel() // it mostly waits for the disk
	data, want := sample(t)
	const page = 4096
	for at := page; at+page <= len(data); at += page {
		damaged := bytes.Clone(data)
		copy(damaged[at:], bytes.Repeat([]byte{0xa5}, page))
		s, notices := openAny(t, put(t, damaged))
		found := readable(t, s)
		if len(notices) == 0 && len(found) == len(want) {
			continue // a page that was free
		}
		wantNotice(t, notices, "is kept as")
		for id, text := range found {
			if want[id] != text {
				t.Errorf("page %d: message %d reads %q", at/page, id, text)
			}
		}
		// A leaf holds few rows; the root of a table holds them all.
		if len(found) < len(want)-60 && len(found) > 0 {
			t.Errorf("page %d: %d of %d messages are left", at/page, len(found), len(want))
		}
		wantUsable(t, s)
	}
}

// TestDamagedConstraint has damage that only writing finds.
func TestDamagedConstraint(t *testing.T) {
	data, want := sample(t)
	damaged := bytes.Replace(data, []byte("CHECK (pin IN"), []byte("CHECK (pan IN"), 1)
	if bytes.Equal(damaged, data) {
		t.Fatal("there is no such constraint")
	}
	path := put(t, damaged)
	s, notices := openAny(t, path)
	wantNotice(t, notices, "is kept as")
	if got := readable(t, s); len(got) != len(want) {
		t.Errorf("%d of %d messages are left", len(got), len(want))
	}
	wantUsable(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openSound(t, path)
}

// TestRandomDamage opens files with random damage: each time there has to be a
// history that can be used, and nothing may be lost without a word.
func TestRandomDamage(t *testing.T) {
	t.Parallel() // it mostly waits for the disk
	data, want := sample(t)
	rng := rand.New(rand.NewPCG(3, 4))
	rounds := 200
	if testing.Short() {
		rounds = 30
	}
	told := 0
	for range rounds {
		damaged := bytes.Clone(data)
		how := ""
		switch rng.IntN(4) {
		case 0:
			damaged, how = damaged[:rng.IntN(len(damaged))], "cut"
		case 1:
			for range 1 + rng.IntN(8) {
				damaged[rng.IntN(len(damaged))] ^= byte(1 << rng.IntN(8))
			}
			how = "bits"
		case 2:
			at := rng.IntN(len(damaged))
			clear(damaged[at:min(at+512*(1+rng.IntN(16)), len(damaged))])
			how = "zeros"
		case 3:
			from, to := rng.IntN(len(damaged)), rng.IntN(len(damaged))
			copy(damaged[to:], bytes.Clone(damaged[from:min(from+4096, len(damaged))]))
			how = "moved"
		}
		path := put(t, damaged)
		s, notices := openAny(t, path)
		readable(t, s)
		if len(notices) > 0 {
			told++
		} else if n := must(number(t.Context(), s.conn, "SELECT count(*) FROM messages")); int(n) != len(want) {
			// A changed letter leaves no trace, nor does a parent that became
			// an older one; a missing row has to.
			t.Errorf("%s: %d of %d messages are gone without a word", how, len(want)-int(n), len(want))
		}
		if s.readOnly {
			continue // a version that a later program may have written
		}
		wantUsable(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		openSound(t, path)
	}
	t.Logf("of %d damaged files %d were noticed", rounds, told)
}
