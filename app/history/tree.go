package history

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// tree is a whole chat with all its branches: what is copied, exported and
// imported. Ids are those of the place it comes from; a parent comes before
// what follows it.
type tree struct {
	chat     Chat
	folder   string       // name of the chat's folder, "" for none
	files    []Attachment // of the chat's draft
	messages []Message
}

// readTree returns a chat, deleted or not, with all messages that are not.
func (s *Store) readTree(ctx context.Context, from querier, chat int64) (tree, error) {
	var t tree
	var err error
	if t.chat, err = scanChat(from.QueryRowContext(ctx, "SELECT "+chatColumns+" FROM chats WHERE id = ?", chat)); err != nil {
		return tree{}, err
	}
	draft, err := readDraft(ctx, from, chat)
	if err != nil {
		return tree{}, err
	}
	t.files = draft.Files
	if err := from.QueryRowContext(ctx, "SELECT coalesce((SELECT name FROM folders WHERE id = ?), '')",
		t.chat.Folder).Scan(&t.folder); err != nil {
		return tree{}, err
	}
	t.messages, err = collect(ctx, from, s.scanMessage,
		"SELECT "+messageColumns+" FROM messages WHERE chat = ? AND deleted IS NULL ORDER BY id", chat)
	if err != nil {
		return tree{}, err
	}
	return t, attach(ctx, from, t.messages, `SELECT a.message, a.name, a.text
		FROM messages m JOIN attachments a ON a.message = m.id WHERE m.chat = ? ORDER BY a.id`, chat)
}

// writeTree adds a chat with all its branches, with the times that it has, and
// returns its new id. An answer that was not finished is one that was
// interrupted.
func (s *Store) writeTree(ctx context.Context, tx *sql.Tx, t tree) (int64, error) {
	var id int64
	c := t.chat
	err := tx.QueryRowContext(ctx, `INSERT INTO chats
		(title, model, system, settings, activity, created, updated, pin, folder, draft)
		VALUES (?, ?, ?, ?, `+newestActivity+", ?, ?, ?, nullif(?, 0), ?) RETURNING id",
		c.Title, c.Model, c.System, c.Settings, c.Created.UnixMilli(), c.Updated.UnixMilli(),
		c.Pinned, c.Folder, c.Draft).Scan(&id)
	if err != nil {
		return 0, err
	}
	if err := setDrafted(ctx, tx, id, t.files); err != nil {
		return 0, err
	}
	ids := make(map[int64]int64, len(t.messages))
	for _, m := range t.messages {
		old := m.ID
		m.ChatID, m.ParentID = id, ids[m.ParentID]
		if !m.Done {
			m.Done, m.Reason = true, ReasonInterrupted
		}
		added, err := s.insertMessage(ctx, tx, m)
		if err != nil {
			return 0, err
		}
		ids[old] = added.ID
	}
	return id, changeOne(ctx, tx, "UPDATE chats SET head = nullif(?, 0) WHERE id = ?", ids[c.Head], id)
}

// Duplicate adds a copy of a chat with all its branches and attachments, under
// another title, and returns it.
func (s *Store) Duplicate(ctx context.Context, chat int64, title string) (Chat, error) {
	return s.CopyFrom(ctx, s, chat, title)
}

// CopyFrom adds a copy of a chat of another history, such as a temporary one,
// with all its branches and attachments, under the given title. Folders are not
// shared between histories; within one the copy lies beside the chat.
func (s *Store) CopyFrom(ctx context.Context, from *Store, chat int64, title string) (Chat, error) {
	var t tree
	err := from.read(ctx, "copying a chat", func(ctx context.Context, conn *sql.Conn) (err error) {
		t, err = from.readTree(ctx, conn, chat)
		return err
	})
	if err != nil {
		return Chat{}, err
	}
	t.chat.Title = title
	t.chat.Created, t.chat.Updated = s.now(), s.now()
	if from != s {
		t.chat.Folder = 0
	}
	var made Chat
	err = s.write(ctx, "copying a chat", durable, func(ctx context.Context, tx *sql.Tx) error {
		id, err := s.writeTree(ctx, tx, t)
		if err != nil {
			return err
		}
		made, err = scanChat(tx.QueryRowContext(ctx, "SELECT "+chatColumns+" FROM chats WHERE id = ?", id))
		return err
	})
	return made, err
}

// TemporaryIDs is what the ids of the chats and messages of [OpenTemporary] begin
// behind, so that none of them can be mistaken for one on a disk.
const TemporaryIDs = 1 << 40

// OpenTemporary opens an empty history in memory, for chats that are never
// written to a disk: they end with [Store.Close]. [Store.CopyFrom] can keep one.
func OpenTemporary(ctx context.Context) (*Store, error) {
	s, _, err := openInMemory(ctx, "", time.Now)
	if err != nil {
		return nil, err
	}
	err = s.write(ctx, "opening a temporary history", relaxed, func(ctx context.Context, tx *sql.Tx) error {
		// AUTOINCREMENT goes on from here (sqlite.org/autoinc.html).
		_, err := tx.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) VALUES ('chats', ?1), ('messages', ?1)", TemporaryIDs)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}
