package history

import (
	"context"
	"database/sql"
	"time"
)

const messageColumns = "id, coalesce(parent, 0), chat, role, content, model, reason, settings, stats, created, done, " +
	"summary IS NOT NULL, coalesce(summary, '')"

func (s *Store) scanMessage(row scanner) (Message, error) {
	var m Message
	var created int64
	err := row.Scan(&m.ID, &m.ParentID, &m.ChatID, &m.Role, &m.Content, &m.Model,
		&m.Reason, &m.Settings, &m.Stats, &created, &m.Done, &m.LeftOut, &m.Summary)
	m.Created = time.UnixMilli(created)
	if !m.Done && m.ID <= s.before {
		m.Reason = ReasonInterrupted
	}
	return m, err
}

// currentPath are the ids of the messages between the first one and the head of
// the chat ?1. Going up to smaller ids only ends even if the file is damaged.
const currentPath = `WITH RECURSIVE path (message, above) AS (
	SELECT m.id, m.parent FROM chats c JOIN messages m ON m.id = c.head AND m.chat = c.id WHERE c.id = ?1
	UNION ALL
	SELECT m.id, m.parent FROM path JOIN messages m ON m.id = path.above AND m.id < path.message) `

// Messages returns the current path of a chat, the first message first. For a
// chat without messages, or none at all, that is nil.
func (s *Store) Messages(ctx context.Context, chat int64) ([]Message, error) {
	var messages []Message
	err := s.read(ctx, "reading a chat", func(ctx context.Context, conn *sql.Conn) (err error) {
		messages, err = collect(ctx, conn, s.scanMessage,
			currentPath+"SELECT "+messageColumns+" FROM path JOIN messages ON id = message ORDER BY id", chat)
		if err != nil {
			return err
		}
		return attach(ctx, conn, messages,
			currentPath+"SELECT a.message, a.name, a.text FROM path JOIN attachments a USING (message) ORDER BY a.id", chat)
	})
	return messages, err
}

// Append adds a message that is complete to the end of its chat's current path,
// with its attachments and what is left out before it. When it returns without
// an error, the message is on the disk.
func (s *Store) Append(ctx context.Context, m Message) (Message, error) {
	m.Done = true
	return s.append(ctx, "saving a message", atHead, m)
}

// BeginAnswer adds an empty answer to the end of a chat's current path. It is
// to be filled by [Store.UpdateAnswer] and completed by [Store.FinishAnswer].
func (s *Store) BeginAnswer(ctx context.Context, chat int64, model, settings string) (Message, error) {
	return s.append(ctx, "saving an answer", atHead, Message{ChatID: chat, Role: Assistant, Model: model, Settings: settings})
}

// place finds out what a new message follows, and what else it takes over from
// there.
type place func(ctx context.Context, tx *sql.Tx, m *Message) error

// atHead is the end of the current path.
func atHead(ctx context.Context, tx *sql.Tx, m *Message) error {
	return tx.QueryRowContext(ctx, "SELECT coalesce(head, 0) FROM chats WHERE id = ?", m.ChatID).Scan(&m.ParentID)
}

// append adds m at the given place and makes it the head of its chat.
func (s *Store) append(ctx context.Context, doing string, where place, m Message) (Message, error) {
	var added Message
	err := s.write(ctx, doing, durable, func(ctx context.Context, tx *sql.Tx) (err error) {
		if err := where(ctx, tx, &m); err != nil {
			return err
		}
		m.Created = s.now()
		if added, err = s.insertMessage(ctx, tx, m); err != nil {
			return err
		}
		return changeOne(ctx, tx, "UPDATE chats SET head = ?, updated = ?, activity = "+newestActivity+" WHERE id = ?",
			added.ID, m.Created.UnixMilli(), m.ChatID)
	})
	if err != nil {
		return Message{}, err
	}
	return added, nil
}

// insertMessage adds m with its attachments below its parent.
func (s *Store) insertMessage(ctx context.Context, tx *sql.Tx, m Message) (Message, error) {
	added, err := s.scanMessage(tx.QueryRowContext(ctx, `INSERT INTO messages
		(chat, parent, role, content, model, reason, settings, stats, created, done, summary)
		VALUES (?, nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, iif(?, ?, NULL)) RETURNING `+messageColumns,
		m.ChatID, m.ParentID, m.Role, m.Content, m.Model, m.Reason, m.Settings, m.Stats, m.Created.UnixMilli(), m.Done,
		m.LeftOut, m.Summary))
	if err != nil {
		return Message{}, err
	}
	for _, a := range m.Attachments {
		if _, err := tx.ExecContext(ctx, "INSERT INTO attachments (message, name, text) VALUES (?, ?, ?)",
			added.ID, a.Name, a.Text); err != nil {
			return Message{}, err
		}
	}
	added.Attachments = m.Attachments
	return added, nil
}

// UpdateAnswer saves what there is of an unfinished answer; text replaces what
// was saved before. It survives a crash of the program, but not necessarily of
// the machine. An update that comes after the end is ignored.
func (s *Store) UpdateAnswer(ctx context.Context, id int64, text string) error {
	return s.write(ctx, "saving a part of an answer", relaxed, func(ctx context.Context, tx *sql.Tx) error {
		return changeOne(ctx, tx, `UPDATE messages SET content = iif(done, content, ?)
			WHERE id = ? AND role = ?`, text, id, Assistant)
	})
}

// FinishAnswer completes an answer. When it returns without an error, the
// answer is on the disk. After an error it may be called again.
func (s *Store) FinishAnswer(ctx context.Context, id int64, a Answer) error {
	return s.write(ctx, "saving an answer", durable, func(ctx context.Context, tx *sql.Tx) error {
		var chat int64
		err := tx.QueryRowContext(ctx, `UPDATE messages
			SET content = ?, reason = ?, model = ?, settings = ?, stats = ?, done = 1
			WHERE id = ? AND role = ? RETURNING chat`,
			a.Text, a.Reason, a.Model, a.Settings, a.Stats, id, Assistant).Scan(&chat)
		if err != nil {
			return err
		}
		return changeOne(ctx, tx, "UPDATE chats SET updated = ?, activity = "+newestActivity+" WHERE id = ?",
			s.now().UnixMilli(), chat)
	})
}

// SetHead makes the path that ends with the given message the current one; 0
// leaves the chat without messages. Nothing is removed: setting the former
// head brings its path back. A message of another chat, or a deleted one, is
// [ErrNotFound].
func (s *Store) SetHead(ctx context.Context, chat, message int64) error {
	return s.changeChat(ctx, "changing a chat", `UPDATE chats SET head = nullif(?1, 0) WHERE id = ?2
		AND (?1 = 0 OR EXISTS (SELECT 1 FROM messages WHERE id = ?1 AND chat = ?2 AND deleted IS NULL))`, message, chat)
}
