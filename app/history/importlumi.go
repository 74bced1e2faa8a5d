package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// readLumi reads what [Store.ExportJSON] has written. Names it does not know
// are passed over.
func readLumi(r io.Reader, add func(tree) error) error {
	in := json.NewDecoder(r)
	if _, err := in.Token(); err != nil { // {
		return err
	}
	known := false
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return err
		}
		switch name {
		case "format":
			var format string
			if err := in.Decode(&format); err != nil {
				return err
			}
			if format != fileFormat {
				return ErrNoChats.Errorf("its format is %q, and Lumi's is %q", format, fileFormat)
			}
		case "version":
			var version int
			if err := in.Decode(&version); err != nil {
				return err
			}
			if version < 1 || version > fileVersion {
				return ErrNewerFile.Errorf("it has version %d of the format, and this Lumi knows those up to %d: update Lumi", version, fileVersion)
			}
			known = true
		case "chats":
			if !known {
				return errors.New("it does not say the version of its format before its chats")
			}
			if err := eachIn(in, func() error {
				var c fileChat
				if err := in.Decode(&c); err != nil {
					return err
				}
				t, err := fromFile(c)
				if err != nil {
					return err
				}
				return add(t)
			}); err != nil {
				return err
			}
		default:
			var ignored json.RawMessage
			if err := in.Decode(&ignored); err != nil {
				return err
			}
		}
	}
	return atEnd(in)
}

// eachIn calls f at each element of the array that comes next.
func eachIn(in *json.Decoder, f func() error) error {
	token, err := in.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('[') {
		return errors.New("there is no list of chats in it")
	}
	for in.More() {
		if err := f(); err != nil {
			return err
		}
	}
	_, err = in.Token() // ]
	return err
}

// atEnd reads the closing bracket, after which there must be nothing.
func atEnd(in *json.Decoder) error {
	if _, err := in.Token(); err != nil {
		return err
	}
	return nothingMore(in)
}

func nothingMore(in *json.Decoder) error {
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows its end")
	}
	return nil
}

// fromFile undoes toFile and verifies what the schema relies on.
func fromFile(c fileChat) (tree, error) {
	t := tree{folder: c.Folder, files: fromFiles(c.Attached), chat: Chat{
		Title: c.Title, Model: c.Model, System: c.System, Settings: string(c.Settings),
		Created: time.Time(c.Created), Updated: time.Time(c.Updated), Pinned: c.Pinned, Draft: c.Draft, Head: c.Head,
	}}
	if c.Created == (stamp{}) { // a file that was written by hand
		t.chat.Created = time.Now()
	}
	if c.Updated == (stamp{}) {
		t.chat.Updated = t.chat.Created
	}
	seen := map[int64]bool{0: true}
	for _, line := range c.Messages {
		switch {
		case line.Role != User && line.Role != Assistant:
			return tree{}, fmt.Errorf("a message in %q has the role %q", c.Title, line.Role)
		case seen[line.ID]:
			return tree{}, fmt.Errorf("two messages in %q have the number %d", c.Title, line.ID)
		case !seen[line.Parent]:
			return tree{}, fmt.Errorf("message %d in %q comes before its parent %d", line.ID, c.Title, line.Parent)
		}
		seen[line.ID] = true
		m := Message{
			ID: line.ID, ParentID: line.Parent, Role: line.Role, Content: line.Content, Model: line.Model,
			Reason: line.Reason, Settings: string(line.Settings), Stats: string(line.Stats),
			Created: time.Time(line.Created), Done: true,
			Attachments: fromFiles(line.Attachments), LeftOut: line.LeftOut, Summary: line.Summary,
		}
		if line.Created == (stamp{}) {
			m.Created = t.chat.Created
		}
		t.messages = append(t.messages, m)
	}
	if !seen[c.Head] {
		return tree{}, fmt.Errorf("%q ends with message %d, which is not in it", c.Title, c.Head)
	}
	return t, nil
}
