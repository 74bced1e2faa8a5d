package history

import (
	"context"
	"database/sql"
)

// SetDraft keeps what a person has typed and attached in a chat and not sent
// yet. It survives a crash of the program, but not necessarily of the machine.
// Of what is attached only that is written which is not there already.
func (s *Store) SetDraft(ctx context.Context, chat int64, d Draft) error {
	return s.write(ctx, "saving a draft", relaxed, func(ctx context.Context, tx *sql.Tx) error {
		if err := changeOne(ctx, tx, "UPDATE chats SET draft = ? WHERE id = ?", d.Text, chat); err != nil {
			return err
		}
		return setDrafted(ctx, tx, chat, d.Files)
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
	if err := from.QueryRowContext(ctx, "SELECT draft FROM chats WHERE id = ?", chat).Scan(&d.Text); err != nil {
		return Draft{}, err
	}
	list, err := readDrafted(ctx, from, chat)
	for _, f := range list {
		d.Files = append(d.Files, f.Attachment)
	}
	return d, err
}

// drafted is a text that is attached to a draft.
type drafted struct {
	id int64
	Attachment
}

func readDrafted(ctx context.Context, from querier, chat int64) ([]drafted, error) {
	return collect(ctx, from, func(row scanner) (f drafted, err error) {
		err = row.Scan(&f.id, &f.Name, &f.Text)
		return f, err
	}, "SELECT id, name, text FROM drafted WHERE chat = ? ORDER BY id", chat)
}

// setDrafted makes files what is attached to the draft of a chat. New rows come
// last, so what is kept are the rows that files begins with, in their order.
func setDrafted(ctx context.Context, tx *sql.Tx, chat int64, files []Attachment) error {
	there, err := readDrafted(ctx, tx, chat)
	if err != nil {
		return err
	}
	for _, f := range there {
		if len(files) > 0 && files[0] == f.Attachment {
			files = files[1:]
			continue
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM drafted WHERE id = ?", f.id); err != nil {
			return err
		}
	}
	for _, f := range files {
		if _, err := tx.ExecContext(ctx, "INSERT INTO drafted (chat, name, text) VALUES (?, ?, ?)", chat, f.Name, f.Text); err != nil {
			return err
		}
	}
	return nil
}
