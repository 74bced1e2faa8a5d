package history

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// marked shows a text with its marks in brackets.
func marked(text string, marks []Range) string {
	for _, m := range slices.Backward(marks) {
		text = text[:m.Start] + "[" + text[m.Start:m.End] + "]" + text[m.End:]
	}
	return text
}

// shown are hits as a list of chats would show them.
func shown(hits []Hit) []string {
	list := []string{}
	for _, h := range hits {
		line := marked(h.Chat.Title, h.Title)
		if h.Message != 0 {
			line += ": " + h.Attachment + " " + marked(h.Snippet, h.Marks)
		}
		list = append(list, line)
	}
	return list
}

func TestSearch(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	say := func(title string, texts ...string) int64 {
		chat := must(s.NewChat(ctx, Chat{Title: title})).ID
		for _, text := range texts {
			must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: text}))
		}
		return chat
	}
	say("Go", "The garbage\n\tcollector of GO pauses.")
	say("Kochen", "ÄPFEL schälen", "Go go gadget")
	say("天空", "瑞利散射是光的散射。", "\"quoted\" AND OR NOT * (")
	long := say("Long", strings.Repeat("word ", 100)+"needle "+strings.Repeat("tail ", 100))
	must(s.Append(ctx, Message{ChatID: long, Role: User, Content: "see there", Attachments: []Attachment{{"haystack.txt", "a second needle"}}}))
	branch := say("Branches", "first version")
	must(s.Edit(ctx, must(s.Messages(ctx, branch))[0].ID, "other version", nil))
	gone := say("Deleted garbage", "garbage")
	if err := s.Delete(ctx, gone); err != nil {
		t.Fatal(err)
	}
	unfinished := must(s.BeginAnswer(ctx, branch, "", ""))
	if err := s.UpdateAnswer(ctx, unfinished.ID, "still being writt"); err != nil {
		t.Fatal(err)
	}

	for query, want := range map[string][]string{
		"garbage":          {"Go: The [garbage] collector of GO pauses."},
		"COLLECT garb":     {"Go: The [garb]age [collect]or of GO pauses."},
		"arbag":            {"Go: The g[arbag]e collector of GO pauses."},
		"garbage collect.": {},
		"äpfel":            {"Kochen:  [ÄPFEL] schälen"},
		"散射":               {"天空:  瑞利[散射]是光的[散射]。"},
		"瑞利散射":             {"天空:  [瑞利散射]是光的散射。"},
		"光":                {"天空:  瑞利散射是[光]的散射。"},
		"。":                {"天空:  瑞利散射是光的散射[。]"},
		"go":               {"[Go]: The garbage collector of [GO] pauses.", "Kochen:  [Go] [go] gadget"},
		`"quoted" AND`:     {`天空:  ["quoted"] [AND] OR NOT * (`},
		"*":                {`天空:  "quoted" AND OR NOT [*] (`},
		"needle":           {"Long: …word word word word word word word [needle] tail"},
		"second needle":    {"Long: haystack.txt a [second] [needle]"},
		"first":            {"Branches:  [first] version"},
		"being wr":         {"Branches:  still [being] [wr]itt"},
		"tt":               {"Branches:  still being wri[tt]"},
		"zebra":            {},
		"zq":               {},
		"":                 {},
		" \t\x00":          {},
		"kochen":           {"[Kochen]"},
	} {
		got := shown(must(s.Search(ctx, query, 10)))
		for i := range got {
			got[i] = strings.Replace(got[i], ":  ", ": ", 1)
			if query == "needle" { // the end of a long snippet
				got[i], _, _ = strings.Cut(got[i], " tail ")
				got[i] += " tail"
			}
		}
		for i := range want {
			want[i] = strings.Replace(want[i], ":  ", ": ", 1)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}

	// What changes is found as it is now.
	if err := s.FinishAnswer(ctx, unfinished.ID, Answer{Text: "complete"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Rename(ctx, long, "Kurz"); err != nil {
		t.Fatal(err)
	}
	must(s.Purge(ctx, 0))
	for query, want := range map[string]int{"writt": 0, "complete": 1, "Long": 0, "kurz": 1, "garbage": 1} {
		if got := must(s.Search(ctx, query, 10)); len(got) != want {
			t.Errorf("%q then finds %q, want %d", query, shown(got), want)
		}
	}
	var rows int64
	if err := s.conn.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM search_docsize)").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	if want := must(number(ctx, s.conn, `SELECT (SELECT count(*) FROM chats) + (SELECT count(*) FROM messages) +
		(SELECT count(*) FROM attachments)`)); rows != want {
		t.Errorf("the index has %d texts, want %d", rows, want)
	}
}

func TestSearchRanksAndLimits(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	for _, c := range [][2]string{{"whole word", "a cat"}, {"part", "concatenate"}, {"the cat", ""}, {"newer whole", "one cat"}, {"twice", "cat and cat"}} {
		chat := must(s.NewChat(ctx, Chat{Title: c[0]})).ID
		must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: c[1]}))
	}
	var got []string
	for _, h := range must(s.Search(ctx, "cat", 10)) {
		got = append(got, h.Chat.Title)
	}
	if diff := cmp.Diff([]string{"the cat", "twice", "newer whole", "whole word", "part"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if n := len(must(s.Search(ctx, "cat", 2))); n != 2 {
		t.Errorf("%d hits, want 2", n)
	}
}

// TestDamagedSearchIndexIsMended damages what only the index knows.
func TestDamagedSearchIndexIsMended(t *testing.T) {
	for name, use := range map[string]func(s *Store) error{
		"searching": func(s *Store) error { return second(s.Search(t.Context(), "needle", 10)) },
		"writing": func(s *Store) error {
			// A purge has to look up what it removes.
			for range 200 { // until the index writes its memory to its pages
				if _, err := s.Append(t.Context(), Message{ChatID: 1, Role: User, Content: strings.Repeat("more needles ", 50)}); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, s := t.Context(), openSound(t, newPath(t))
			chat := must(s.NewChat(ctx, Chat{Title: "x"})).ID
			must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: "a needle"}))
			if _, err := s.conn.ExecContext(ctx, "UPDATE search_data SET block = x'0000001234567890' WHERE id > 1 OR id = 10"); err != nil {
				t.Fatal(err)
			}
			if err := use(s); err != nil {
				t.Fatal(err)
			}
			if hits := must(s.Search(ctx, "needle", 10)); len(hits) != 1 {
				t.Errorf("%d hits after mending, want 1", len(hits))
			}
		})
	}
}

// manyChats fills a history with chats of ten messages each, in the
// distribution of words that languages have.
func manyChats(b *testing.B, s *Store, chats int) {
	b.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	const vocabulary = 20_000
	words := make([]string, vocabulary)
	syllables := strings.Fields("ba be bi da de do ka ke ko la le lo ma me mi na ne no ra re ri sa se so ta te to ster ung tion")
	for i := range words {
		for range 1 + rng.IntN(4) {
			words[i] += syllables[rng.IntN(len(syllables))]
		}
	}
	zipf := rand.NewZipf(rng, 1.1, 4, vocabulary-1)
	text := func(n int) string {
		var list []string
		for range n {
			list = append(list, words[zipf.Uint64()])
		}
		return strings.Join(list, " ")
	}
	for done := 0; done < chats; done += 500 {
		err := s.write(b.Context(), "", relaxed, func(ctx context.Context, tx *sql.Tx) error {
			for range 500 {
				t := tree{chat: Chat{Title: text(4)}}
				for i := range 10 {
					m := Message{ID: int64(i + 1), ParentID: int64(i), Role: User, Content: text(20 + rng.IntN(100)), Done: true}
					if rng.IntN(1000) == 0 {
						m.Content += " 瑞利散射"
					}
					t.messages = append(t.messages, m)
				}
				if _, err := s.writeTree(ctx, tx, t); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSearch10000Chats searches 100,000 messages.
func BenchmarkSearch10000Chats(b *testing.B) {
	s := openSound(b, newPath(b))
	manyChats(b, s, 10_000)
	b.Logf("%d MB", must(number(b.Context(), s.conn, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))>>20)
	for _, query := range []string{"ba", "e", "kalo", "sterungtion", "瑞利散射", "散", "散射", "ba ster kalo", "xyzzy", "mi 瑞利"} {
		b.Run(fmt.Sprintf("%q", query), func(b *testing.B) {
			for b.Loop() {
				must(s.Search(b.Context(), query, 50))
			}
		})
	}
}

func BenchmarkOpen10000Chats(b *testing.B) {
	path := newPath(b)
	s := openSound(b, path)
	manyChats(b, s, 10_000)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, _, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
