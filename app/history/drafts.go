package history

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// SetDraft keeps what a person has typed and attached in a chat and not sent
// yet. It survives a crash of the program, but not necessarily of the machine.
func (s *Store) SetDraft(ctx context.Context, chat int64, d Draft) error {
	attached, err := attachedList(d.Files)
	if err != nil {
		return err
	}
	return s.write(ctx, "saving a draft", relaxed, func(ctx context.Context, tx *sql.Tx) error {
		return changeOne(ctx, tx, "UPDATE chats SET draft = ?, attached = ? WHERE id = ?", d.Text, attached, chat)
	})
}

// Draft returns what was typed and attached in a chat and not sent yet.
func (s *Store) Draft(ctx context.Context, chat int64) (d Draft, err error) {
	err = s.read(ctx, "reading a draft", func(ctx context.Context, conn *sql.Conn) (err error) {
		d, err = readDraft(ctx, conn, chat)
		return err
	})
	return d, err
}

func readDraft(ctx context.Context, from querier, chat int64) (d Draft, err error) {
	var attached string
	if err := from.QueryRowContext(ctx, "SELECT draft, coalesce(attached, '[]') FROM chats WHERE id = ?", chat).
		Scan(&d.Text, &attached); err != nil {
		return Draft{}, err
	}
	var list []fileAttachment
	if err := json.Unmarshal([]byte(attached), &list); err != nil {
		return Draft{}, fmt.Errorf("what is attached to the draft of chat %d: %w", chat, err)
	}
	d.Files = fromFiles(list)
	return d, nil
}

// attachedList encodes what is attached to a draft; nothing is NULL.
func attachedList(files []Attachment) (any, error) {
	if len(files) == 0 {
		return nil, nil
	}
	data, err := json.Marshal(toFiles(files))
	return string(data), err
}
