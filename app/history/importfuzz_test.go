package history

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// fuzzImport reads random files: whatever they hold, what comes out is a tree
// that the schema can hold, and that an export keeps as it is. The database is
// left out, because it is far too slow when it is watched by the fuzzer.
func fuzzImport(f *testing.F, like string, more ...string) {
	if like != "" {
		f.Add(must(os.ReadFile(filepath.Join("testdata", "import", like))))
	}
	for _, text := range more {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := readChats(bytes.NewReader(data), func(c tree) error {
			if err := sound(c); err != nil {
				t.Fatal(err)
			}
			again, err := fromFile(toFile(c))
			if err != nil || len(again.messages) != len(c.messages) {
				t.Fatalf("%d messages became %d: %v", len(c.messages), len(again.messages), err)
			}
			return nil
		})
		if err != nil && reasonOf(err).Error() == "" {
			t.Fatalf("no reason is given for %v", err)
		}
	})
}

// sound reports what the schema would not accept of a tree.
func sound(c tree) error {
	seen := map[int64]bool{0: true}
	for _, m := range c.messages {
		if seen[m.ID] || !seen[m.ParentID] || m.Role != User && m.Role != Assistant {
			return fmt.Errorf("message %d below %d, of %q", m.ID, m.ParentID, m.Role)
		}
		seen[m.ID] = true
	}
	if !seen[c.chat.Head] {
		return fmt.Errorf("the head is %d", c.chat.Head)
	}
	return nil
}

func FuzzImportLumi(f *testing.F) {
	fuzzImport(f, "", `{"format":"lumi-chats","version":1,"chats":[{"title":"t","folder":"f","settings":{"a":1},"head":2,`+
		`"messages":[{"id":1,"role":"user","content":"q","attachments":[{"name":"n","text":"t"}]},`+
		`{"id":2,"parent":1,"role":"assistant","content":"a","stats":"s","created":"2026-01-01T00:00:00Z"}]}]}`,
		`{"format":"lumi-chats","version":2}`)
}

func FuzzImportChatGPT(f *testing.F) {
	fuzzImport(f, "conversations.json", `{"mapping":{"a":{"parent":"a"}}}`, `[{"mapping":{"":{"id":"r","children":[]},"q":{"message":{"author":{"role":"user"},"content":{"parts":["hi"]}}}}}]`)
}

func FuzzImportLMStudio(f *testing.F) {
	fuzzImport(f, "1700000000000.conversation.json", `{"messages":[{"versions":null,"currentlySelected":-1}]}`)
}
