package history

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// fuzzImport imports random files into a history in memory: whatever they
// hold, what was imported can be read, and a file that is refused leaves
// nothing.
func fuzzImport(f *testing.F, like string, more ...string) {
	if like != "" {
		f.Add(must(os.ReadFile(filepath.Join("testdata", "import", like))))
	}
	for _, text := range more {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ctx := t.Context()
		s := must(OpenTemporary(ctx))
		defer s.Close()
		done, err := s.importFrom(ctx, bytes.NewReader(data), "fuzz.json")
		if _, refused := errors.AsType[*ImportError](err); err != nil && !refused {
			t.Fatal(err)
		}
		chats := must(s.Chats(ctx))
		if len(chats) != done.Chats || (err == nil) != (done.Chats > 0) {
			t.Fatalf("%d chats of %d, %v", len(chats), done.Chats, err)
		}
		messages := 0
		for _, c := range chats {
			path := must(s.Messages(ctx, c.ID))
			if last := len(path) - 1; c.Head != 0 && (last < 0 || path[last].ID != c.Head || path[0].ParentID != 0) {
				t.Fatalf("the path to %d is %v", c.Head, path)
			}
			messages += len(must(s.tree(ctx, c.ID)).messages)
		}
		if messages != done.Messages {
			t.Fatalf("%d messages of %d", messages, done.Messages)
		}
		if err := checkLinks(ctx, s.conn); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzImportLumi(f *testing.F) {
	fuzzImport(f, "", `{"format":"lumi-chats","version":1,"chats":[{"title":"t","folder":"f","settings":{"a":1},"head":2,`+
		`"messages":[{"id":1,"role":"user","content":"q","attachments":[{"name":"n","text":"t"}]},`+
		`{"id":2,"parent":1,"role":"assistant","content":"a","stats":"s","created":"2026-01-01T00:00:00Z"}]}]}`,
		`{"format":"lumi-chats","version":2}`)
}

func FuzzImportChatGPT(f *testing.F) {
	fuzzImport(f, "conversations.json", `{"mapping":{"a":{"parent":"a"}}}`)
}

func FuzzImportLMStudio(f *testing.F) {
	fuzzImport(f, "1700000000000.conversation.json", `{"messages":[{"versions":null,"currentlySelected":-1}]}`)
}
