package history

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// outline shows a tree: parents by their place in it.
func outline(t tree) []string {
	list := []string{fmt.Sprintf("%s|%s|%s|%s|%v|head %d", t.chat.Title, t.chat.Model, t.chat.System,
		t.chat.Created.UTC().Format(time.DateTime), t.chat.Pinned, t.chat.Head)}
	for _, m := range t.messages {
		list = append(list, fmt.Sprintf("%d<%d %s %s: %s", m.ID, m.ParentID, m.Role, m.Model, m.Content))
	}
	return list
}

func parse(t *testing.T, name string) (outlines [][]string) {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "import", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := readChats(file, func(t tree) error {
		outlines = append(outlines, outline(t))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return outlines
}

func TestChatGPTFile(t *testing.T) {
	want := [][]string{
		{
			"Prime numbers|gpt-x||2023-11-14 22:13:20|false|head 3",
			"1<0 user : [seven.pdf]\n[image]\nIs 7 prime?",
			"2<1 assistant gpt-x: Yes\n.",
			"3<1 assistant gpt-y: I will compute.\n\nIt is.",
		},
		{"Older|||2017-07-14 02:40:00|false|head 1", "1<0 user : hello"},
	}
	if diff := cmp.Diff(want, parse(t, "conversations.json")); diff != "" {
		t.Errorf("chats (-want +got):\n%s", diff)
	}
}

func TestLMStudioFile(t *testing.T) {
	want := [][]string{{
		"Tea|llama-3|You brew.|2023-11-14 22:13:20|true|head 4",
		"1<0 user : How long for green tea?\n[1.txt]",
		"2<1 assistant qwen3-4b: <think>hm</think>\nTwo minutes.",
		"3<1 assistant llama: Three.",
		"4<3 user : Thanks",
	}}
	if diff := cmp.Diff(want, parse(t, "1700000000000.conversation.json")); diff != "" {
		t.Errorf("chats (-want +got):\n%s", diff)
	}
}

// TestLMStudioMeasurements looks at how the answers of LM Studio's file were
// made.
func TestLMStudioMeasurements(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	if _, err := s.Import(ctx, filepath.Join("testdata", "import", "1700000000000.conversation.json"), nil); err != nil {
		t.Fatal(err)
	}
	chat := must(s.Chats(ctx))[0]
	if chat.Settings != `{"temperature":0.7}` {
		t.Errorf("the chat's settings are %s", chat.Settings)
	}
	messages := must(s.tree(ctx, chat.ID)).messages
	got := messages[1]
	if got.Reason != "length" || got.Settings != `{"repeat_penalty":1,"temperature":0.5,"top_p":0.9}` {
		t.Errorf("reason %q, settings %s", got.Reason, got.Settings)
	}
	if want := `{"PromptTokens":12,"Tokens":101,"ContextUsed":113,"PromptTime":250000000,"DecodeTime":5000000000,"FirstToken":250000000}`; got.Stats != want {
		t.Errorf("measurements %s, want %s", got.Stats, want)
	}
	if other := messages[2]; other.Stats != "" || other.Settings != "" || other.Reason != "" || other.Model != "llama" {
		t.Errorf("an answer of which nothing is known is %+v", other)
	}
}

func TestImportIsListedInOrderOfUse(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	must(s.NewChat(ctx, Chat{Title: "mine"}))
	done, err := s.Import(ctx, filepath.Join("testdata", "import", "conversations.json"), nil)
	if err != nil || done != (Imported{Chats: 2, Messages: 4, First: must(s.Chats(ctx))[0].ID}) {
		t.Errorf("imported %+v, %v", done, err)
	}
	wantTitles(t, s, "Prime numbers", "Older", "mine")
	if hits := must(s.Search(ctx, "prime", 9)); len(hits) != 1 || len(hits[0].Title) != 1 || hits[0].Message == 0 {
		t.Errorf("hits %+v", hits)
	}
}

func TestExportComesBackWhole(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	chat := branched(t, s)
	odd := must(s.NewChat(ctx, Chat{Settings: "no JSON <&>"}))
	answered(t, s, odd.ID, "<script> & \u2028 NUL \x00")
	must(s.BeginAnswer(ctx, odd.ID, "M", `"a JSON text"`))
	path := filepath.Join(t.TempDir(), "chats.json")
	var file bytes.Buffer
	if err := s.ExportJSON(ctx, &file, odd.ID, chat.ID); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(file.Bytes()) {
		t.Fatalf("no valid JSON:\n%s", file.Bytes())
	}
	if bytes.Contains(file.Bytes(), []byte("secret")) {
		t.Error("a deleted message is exported")
	}
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	other := openSound(t, newPath(t))
	folder := must(other.NewFolder(ctx, "Physics"))
	done, err := other.Import(ctx, path, nil)
	if err != nil || done.Chats != 2 || done.Messages != 5 || done.First != must(other.Chats(ctx))[0].ID {
		t.Fatalf("imported %+v, %v", done, err)
	}
	byTitle := map[string]Chat{}
	for _, c := range must(other.Chats(ctx)) {
		byTitle[c.Title] = c
	}
	wantSameTree(t, s, chat.ID, other, byTitle[chat.Title].ID, true)
	wantSameTree(t, s, odd.ID, other, byTitle[""].ID, true)
	if got := must(other.Draft(ctx, byTitle[chat.Title].ID)); len(got.Files) != 1 || got.Files[0] != (Attachment{"night.txt", "dark\n"}) {
		t.Errorf("draft %+v", got)
	}
	if m := must(other.Messages(ctx, byTitle[chat.Title].ID))[1]; !m.LeftOut || m.Summary != "It is blue." {
		t.Errorf("message %+v is not left out", m)
	}
	if got := byTitle[chat.Title].Folder; got != folder.ID {
		t.Errorf("it lies in folder %d, want that of the same name, %d", got, folder.ID)
	}
	if err := s.ExportJSON(ctx, &file, 99); !errors.Is(err, ErrNotFound) {
		t.Errorf("a chat that is not there: %v, want ErrNotFound", err)
	}
	full := errors.New("full")
	if err := s.ExportJSON(ctx, failingWriter{full}, chat.ID); !errors.Is(err, full) {
		t.Errorf("a disk that is full: %v", err)
	}
}

// TestExportHidesFolders exports what was used with models in folders, whose
// names a person may not want to pass on, and imports what holds them.
func TestExportHidesFolders(t *testing.T) {
	for model, want := range map[string]string{
		"/data/jane/models/Tiny-Q4_1.gguf": "Tiny-Q4_1.gguf",
		"/data/jane/models/Tiny/":          "Tiny",
		`/data/jane/a\b.gguf`:              `a\b.gguf`,
		`C:\Users\jane\Tiny.gguf`:          "Tiny.gguf",
		"D:/jane/Tiny.gguf":                "Tiny.gguf",
		`\\host\jane\Tiny.gguf`:            "Tiny.gguf",
		"lab/Tiny-135M":                    "lab/Tiny-135M",
		"Tiny: small":                      "Tiny: small",
		"":                                 "",
	} {
		if got := modelFile(model); got != want {
			t.Errorf("%q is exported as %q, want %q", model, got, want)
		}
	}

	const path = "/data/jane/models/Tiny.gguf"
	ctx, s := t.Context(), openSound(t, newPath(t))
	old := filepath.Join(t.TempDir(), "old.json")
	if err := os.WriteFile(old, []byte(`{"format":"lumi-chats","version":1,"chats":[{"title":"Old","model":"`+path+`","head":1,
		"messages":[{"id":1,"role":"assistant","content":"Yes.","model":"`+path+`"}]}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	must(s.Import(ctx, old, nil))
	chat := must(s.Chats(ctx))[0]
	if chat.Model != path {
		t.Errorf("a file with a path comes in as %q", chat.Model)
	}
	var asJSON, asText bytes.Buffer
	if err := errors.Join(s.ExportJSON(ctx, &asJSON, chat.ID), s.ExportMarkdown(ctx, &asText, chat.ID)); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{asJSON.String(), asText.String()} {
		if strings.Contains(file, "jane") || !strings.Contains(file, "Tiny.gguf") {
			t.Errorf("exported is\n%s", file)
		}
	}
}

type failingWriter struct{ err error }

func (f failingWriter) Write([]byte) (int, error) { return 0, f.err }

func TestMarkdown(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	chat := branched(t, s)
	interrupted := must(s.BeginAnswer(ctx, chat.ID, "M", ""))
	if err := s.UpdateAnswer(ctx, interrupted.ID, "and th"); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := s.ExportMarkdown(ctx, &file, chat.ID); err != nil {
		t.Fatal(err)
	}
	want := "# Sky <1>\n\n> Be brief.\n\n## You\n\n**sky.txt**\n\n```\nblue\n```\n\n**b & c**\n\n```\n\n```\n\n" +
		"Why is it blue?\n\n## M\n\nScattering.\n\n## M\n\nand th\n\n*(interrupted)*\n"
	if diff := cmp.Diff(want, file.String()); diff != "" {
		t.Errorf("markdown (-want +got):\n%s", diff)
	}
}

func TestFilesThatCannotBeImported(t *testing.T) {
	ctx, s := t.Context(), openSound(t, newPath(t))
	head := `{"format":"lumi-chats","version":1,"chats":[`
	good := `{"title":"good","messages":[{"id":1,"role":"user","content":"x"}]}`
	dir := t.TempDir()
	for name, c := range map[string]struct{ content, reason string }{
		"empty":        {"", "it is empty"},
		"text":         {"hello", "it is no file of"},
		"other JSON":   {`{"a":1}`, "it is no file of"},
		"other list":   {`[{"a":1}]`, "it is no file of"},
		"numbers":      {`[1,2]`, "is not of the kind"},
		"no chats":     {head + `]}`, "there are no chats in it"},
		"empty list":   {`[]`, "there are no chats in it"},
		"cut":          {head + good + `,{"title":"cut","mess`, "it ends too early"},
		"cut after":    {head + good, "it ends too early"},
		"cut list":     {`[{"mapping":{"q":{"message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["x"]}}}}},`, "it ends too early"},
		"garbled":      {head + good + `,{"title":]}`, "it is no valid JSON"},
		"more":         {head + good + `]} {}`, "something follows"},
		"newer":        {`{"format":"lumi-chats","version":2,"chats":[]}`, "update Lumi"},
		"no version":   {`{"format":"lumi-chats","chats":[]}`, "version"},
		"other format": {`{"format":"other","version":1}`, `"other"`},
		"no list":      {`{"format":"lumi-chats","version":1,"chats":{}}`, "no list of chats"},
		"role":         {head + good + `,{"title":"t","messages":[{"id":1,"role":"tool","content":""}]}]}`, `role "tool"`},
		"twice":        {head + `{"title":"t","messages":[{"id":1,"role":"user"},{"id":1,"role":"user"}]}]}`, "the number 1"},
		"order":        {head + `{"title":"t","messages":[{"id":1,"parent":2,"role":"user"},{"id":2,"role":"user"}]}]}`, "before its parent"},
		"head":         {head + `{"title":"t","head":3,"messages":[]}]}`, "ends with message 3"},
		"time":         {head + `{"title":"t","created":"yesterday","messages":[]}]}`, "yesterday"},
		"deep":         {strings.Repeat("[", 20_000), "it is no valid JSON"},
	} {
		path := filepath.Join(dir, name+".json")
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		done, err := s.Import(ctx, path, nil)
		refused, ok := errors.AsType[*ImportError](err)
		if !ok || done != (Imported{}) || refused.Path != path || !strings.Contains(err.Error(), name+".json was not imported: ") ||
			!strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %+v, %v, want an error with %q", name, done, err, c.reason)
		}
		wantTitles(t, s) // nothing was half imported
	}
	for _, path := range []string{dir, filepath.Join(dir, "missing.json")} {
		if _, ok := errors.AsType[*ImportError](second(s.Import(ctx, path, nil))); !ok {
			t.Errorf("%s was imported", path)
		}
	}
}

func TestHasChats(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for path, want := range map[string]bool{
		filepath.Join("testdata", "import", "conversations.json"):                   true,
		filepath.Join("testdata", "import", "1700000000000.conversation.json"):      true,
		write("ours.json", "\uFEFF{\n \"format\": \"lumi-chats\", \"version\": 1}"): true,
		write("package.json", `{"name": "x"}`):                                      false,
		write("list.json", "[1, 2]"):                                                false,
		write("model.gguf", `[{"mapping": {}}]`):                                    false,
		write("empty.json", ""):                                                     false,
		filepath.Join(dir, "none.json"):                                             false,
	} {
		if got := HasChats(path); got != want {
			t.Errorf("HasChats(%q) = %v, want %v", path, got, want)
		}
	}
}

func TestImportShowsProgressAndStops(t *testing.T) {
	s := openSound(t, newPath(t))
	path := filepath.Join("testdata", "import", "conversations.json")
	var read, size int64
	ctx, stop := context.WithCancel(t.Context())
	must(s.Import(ctx, path, func(r, n int64) { read, size = r, n }))
	if info := must(os.Stat(path)); read != info.Size() || size != read {
		t.Errorf("read %d of %d bytes, want %d", read, size, info.Size())
	}
	if _, err := s.Import(ctx, path, func(int64, int64) { stop() }); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped import: %v", err)
	}
	if n := len(must(s.Chats(t.Context()))); n != 2 {
		t.Errorf("%d chats, want the 2 of the first import", n)
	}
}
