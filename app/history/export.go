package history

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"strings"
	"time"
)

// The head of an exported file. docs/CHATS.md describes the format.
const (
	fileFormat  = "lumi-chats"
	fileVersion = 1
)

// fileChat is a chat in an exported file.
type fileChat struct {
	Title    string           `json:"title"`
	Model    string           `json:"model,omitempty"`
	System   string           `json:"system,omitempty"`
	Settings opaque           `json:"settings,omitempty"`
	Created  stamp            `json:"created"`
	Updated  stamp            `json:"updated"`
	Pinned   bool             `json:"pinned,omitempty"`
	Folder   string           `json:"folder,omitempty"`
	Draft    string           `json:"draft,omitempty"`
	Attached []fileAttachment `json:"attached,omitempty"`
	Head     int64            `json:"head,omitempty"`
	Messages []fileMessage    `json:"messages"`
}

// fileMessage is a message in an exported file.
type fileMessage struct {
	ID          int64            `json:"id"`
	Parent      int64            `json:"parent,omitempty"`
	Role        string           `json:"role"`
	Content     string           `json:"content"`
	Attachments []fileAttachment `json:"attachments,omitempty"`
	Model       string           `json:"model,omitempty"`
	Reason      string           `json:"reason,omitempty"`
	Settings    opaque           `json:"settings,omitempty"`
	Stats       opaque           `json:"stats,omitempty"`
	Created     stamp            `json:"created"`
	LeftOut     bool             `json:"left_out,omitempty"`
	Summary     string           `json:"summary,omitempty"`
}

type fileAttachment struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// opaque is JSON that this package does not look into: it is written as what it
// is, and text that is no JSON object or array as a string.
type opaque string

// MarshalJSON implements [json.Marshaler].
func (o opaque) MarshalJSON() ([]byte, error) {
	if (strings.HasPrefix(string(o), "{") || strings.HasPrefix(string(o), "[")) && json.Valid([]byte(o)) {
		return []byte(o), nil
	}
	return json.Marshal(string(o))
}

// UnmarshalJSON implements [json.Unmarshaler].
func (o *opaque) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		return json.Unmarshal(data, (*string)(o))
	}
	var b bytes.Buffer
	err := json.Compact(&b, data)
	*o = opaque(b.String())
	return err
}

// stamp is a time as RFC 3339 in UTC, exact to the millisecond, as the database
// keeps it. A year that cannot be written becomes the nearest one that can.
type stamp time.Time

var firstStamp, lastStamp = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// MarshalJSON implements [json.Marshaler].
func (s stamp) MarshalJSON() ([]byte, error) {
	t := time.Time(s).UTC()
	switch {
	case t.Before(firstStamp):
		t = firstStamp
	case t.After(lastStamp):
		t = lastStamp
	}
	return json.Marshal(t.Truncate(time.Millisecond))
}

// UnmarshalJSON implements [json.Unmarshaler].
func (s *stamp) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, (*time.Time)(s)) }

// ExportJSON writes chats with all their branches, attachments, settings and
// measurements. Text that is no UTF-8 loses the bytes that are not.
func (s *Store) ExportJSON(ctx context.Context, w io.Writer, chats ...int64) error {
	head, err := json.Marshal(struct {
		Format   string `json:"format"`
		Version  int    `json:"version"`
		Exported stamp  `json:"exported"`
	}{fileFormat, fileVersion, stamp(s.now())})
	if err != nil {
		return err
	}
	out := &keeper{w: w}
	// The chats are written one by one, so only one has to be in memory.
	out.write(strings.TrimSuffix(string(head), "}") + `,"chats":[`)
	for i, id := range chats {
		t, err := s.tree(ctx, id)
		if err != nil {
			return err
		}
		if i > 0 {
			out.write(",")
		}
		out.write("\n")
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		if err := encoder.Encode(toFile(t)); err != nil {
			return err
		}
	}
	out.write("]}\n")
	return out.err
}

// tree reads a chat for an export. The store is free while it is written.
func (s *Store) tree(ctx context.Context, chat int64) (t tree, err error) {
	err = s.read(ctx, "exporting a chat", func(ctx context.Context, conn *sql.Conn) (err error) {
		t, err = s.readTree(ctx, conn, chat)
		return err
	})
	return t, err
}

// keeper writes until the first error and keeps that.
type keeper struct {
	w   io.Writer
	err error
}

func (k *keeper) Write(data []byte) (int, error) {
	if k.err != nil {
		return 0, k.err
	}
	n, err := k.w.Write(data)
	k.err = err
	return n, err
}

func (k *keeper) write(text string) { _, _ = io.WriteString(k, text) } // k keeps the error

// toFile numbers the messages from 1 on, the parents before what follows them.
func toFile(t tree) fileChat {
	c := t.chat
	out := fileChat{
		Title: c.Title, Model: modelFile(c.Model), System: c.System, Settings: opaque(c.Settings),
		Created: stamp(c.Created), Updated: stamp(c.Updated), Pinned: c.Pinned, Folder: t.folder, Draft: c.Draft,
		Attached: toFiles(t.files), Messages: []fileMessage{},
	}
	numbers := map[int64]int64{}
	for i, m := range t.messages {
		numbers[m.ID] = int64(i + 1)
		line := fileMessage{
			ID: int64(i + 1), Parent: numbers[m.ParentID], Role: m.Role, Content: m.Content, Model: modelFile(m.Model),
			Reason: m.Reason, Settings: opaque(m.Settings), Stats: opaque(m.Stats), Created: stamp(m.Created),
			Attachments: toFiles(m.Attachments), LeftOut: m.LeftOut, Summary: m.Summary,
		}
		if !m.Done {
			line.Reason = ReasonInterrupted
		}
		out.Messages = append(out.Messages, line)
	}
	out.Head = numbers[c.Head]
	return out
}

// modelFile is what an exported file calls a model: for a full path, of this
// system or another, the name at its end. Where a person keeps it is nobody
// else's business. Other names stay, also those with a slash in them.
func modelFile(model string) string {
	separators := ""
	switch {
	case strings.HasPrefix(model, "/"):
		separators = "/"
	case strings.HasPrefix(model, `\\`), len(model) > 2 && model[1] == ':' && strings.IndexByte(`/\`, model[2]) >= 0:
		separators = `/\`
	}
	model = strings.TrimRight(model, separators)
	return model[strings.LastIndexAny(model, separators)+1:]
}

func toFiles(attachments []Attachment) (out []fileAttachment) {
	for _, a := range attachments {
		out = append(out, fileAttachment(a))
	}
	return out
}

func fromFiles(list []fileAttachment) (out []Attachment) {
	for _, a := range list {
		out = append(out, Attachment(a))
	}
	return out
}
