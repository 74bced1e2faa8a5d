package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"lumi/app/history"
	"lumi/app/settings"
)

const benchChats = 10_000

// manyChats are chats of three years, some pinned and some in folders.
func manyChats(now time.Time) (chats []history.Chat, folders []history.Folder) {
	for i := range 20 {
		folders = append(folders, history.Folder{ID: int64(i + 1), Name: fmt.Sprintf("Folder %d", i)})
	}
	for i := range benchChats {
		chat := history.Chat{ID: int64(i + 1), Title: fmt.Sprintf("A chat about the subject number %d", i), Updated: now.Add(-time.Duration(i) * 2 * time.Hour)}
		if i%5 == 0 {
			chat.Folder = int64(i/5%20 + 1)
		}
		chat.Pinned = i%1000 == 0
		chats = append(chats, chat)
	}
	return chats, folders
}

func benchSidebar(b *testing.B) (*sidebar, sidebarChats) {
	b.Helper()
	test.NewTempApp(b).Settings().SetTheme(lumiTheme{})
	now := time.Now()
	s := newSidebar(sidebarActions{now: func() time.Time { return now }, keys: noKeys, search: func(string) {}})
	w := test.NewTempWindow(b, s.box)
	w.Resize(fyne.NewSize(250, 800))
	list := sidebarChats{version: 1}
	list.chats, list.folders = manyChats(now)
	s.show(list)
	return s, list
}

// BenchmarkShow10000Chats lists 10,000 chats anew, as after every answer.
func BenchmarkShow10000Chats(b *testing.B) {
	s, list := benchSidebar(b)
	for b.Loop() {
		list.version++
		s.show(list)
	}
}

// BenchmarkScroll10000Chats turns the wheel by one notch.
func BenchmarkScroll10000Chats(b *testing.B) {
	s, _ := benchSidebar(b)
	end := s.list.tops[len(s.list.lines)] - 1000
	var y float32
	for b.Loop() {
		if y += 90; y > end {
			y = 0
		}
		s.list.scroll.ScrollToOffset(fyne.NewPos(0, y))
		s.list.place()
	}
}

// BenchmarkSearch10000ChatsInWindow goes from a changed search field to the
// list of what was found, without the pause that waits for the next letter.
func BenchmarkSearch10000ChatsInWindow(b *testing.B) {
	s := newStage(b, settings.ThemeLight, fyne.NewSize(1280, 800))
	s.searchPause = 0
	if _, err := s.store.Import(b.Context(), chatsFile(b), nil); err != nil {
		b.Fatal(err)
	}
	s.lists()
	for _, query := range []string{"a", "rainbow", "glacier 77", "arch", "xyzzy"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s.w.sidebar.search.SetText("")
				b.StartTimer()
				s.w.sidebar.search.SetText(query)
				s.until("found", func() bool { return s.find.Done })
			}
		})
	}
}

// chatsFile is a file with 10,000 chats of four messages, 14 MB.
func chatsFile(tb testing.TB) string {
	tb.Helper()
	var text strings.Builder
	text.WriteString(`{"format":"lumi-chats","version":1,"chats":[`)
	for i := range benchChats {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `{"title":"Chat %d on %s","head":4,"messages":[`, i, benchWords[i%13])
		for m := range 4 {
			role, parent := "user", ""
			if m%2 == 1 {
				role = "assistant"
			}
			if m > 0 {
				parent = fmt.Sprintf(`"parent":%d,`, m)
			}
			fmt.Fprintf(&text, `%s{"id":%d,%s"role":%q,"content":"`, ",,"[:min(m, 1)], m+1, parent, role)
			for j := range 40 {
				fmt.Fprintf(&text, "%s %d ", benchWords[(i*7+m*5+j*j)%13], i*j)
			}
			text.WriteString(`"}`)
		}
		text.WriteString("]}")
	}
	text.WriteString("]}")
	path := filepath.Join(tb.TempDir(), "chats.json")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

var benchWords = []string{
	"sky", "rainbow", "larch", "river", "engine", "tensor", "violin", "harbour", "glacier", "lantern", "meadow", "compass", "thunder",
}
