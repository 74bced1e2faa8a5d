package history

import (
	"context"
	"database/sql"
)

// liveBelow are the ids of a message, the last parameter, and all that follow
// it and are not deleted.
const liveBelow = `WITH RECURSIVE below (id) AS (
		SELECT id FROM messages WHERE id = ? AND deleted IS NULL
		UNION ALL
		SELECT m.id FROM below JOIN messages m ON m.parent = below.id AND m.id > below.id WHERE m.deleted IS NULL)
	SELECT id FROM below`

// liveMessage returns a message that is not deleted, or [sql.ErrNoRows].
func (s *Store) liveMessage(ctx context.Context, from querier, id int64) (Message, error) {
	return s.scanMessage(from.QueryRowContext(ctx,
		"SELECT "+messageColumns+" FROM messages WHERE id = ? AND deleted IS NULL", id))
}

// siblingsOf returns the messages that follow the same one as id does, with id
// itself, the oldest first.
func siblingsOf(ctx context.Context, from querier, id int64) ([]int64, error) {
	ids, err := collect(ctx, from, scanOne[int64], `SELECT s.id FROM messages m
		JOIN messages s INDEXED BY messages_by_chat ON s.chat = m.chat AND s.parent IS m.parent AND s.deleted IS NULL
		WHERE m.id = ? AND m.deleted IS NULL ORDER BY s.id`, id)
	if err == nil && len(ids) == 0 {
		err = sql.ErrNoRows
	}
	return ids, err
}

// newestBelow returns the newest of a message and all that follow it. Children
// are newer than their parents, so it ends its path.
func newestBelow(ctx context.Context, from querier, id int64) (newest int64, err error) {
	err = from.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM ("+liveBelow+")", id).Scan(&newest)
	if err == nil && newest == 0 {
		err = sql.ErrNoRows
	}
	return newest, err
}

// Siblings returns the ids of the messages that follow the same one as the
// given message does, with itself, the oldest first.
func (s *Store) Siblings(ctx context.Context, message int64) (ids []int64, err error) {
	err = s.read(ctx, "looking for other versions of a message", func(ctx context.Context, conn *sql.Conn) (err error) {
		ids, err = siblingsOf(ctx, conn, message)
		return err
	})
	return ids, err
}

// Forks returns, for every message of a chat's current path that has siblings,
// what [Store.Siblings] would.
func (s *Store) Forks(ctx context.Context, chat int64) (map[int64][]int64, error) {
	forks := map[int64][]int64{}
	err := s.read(ctx, "looking for the branches of a chat", func(ctx context.Context, conn *sql.Conn) error {
		_, err := collect(ctx, conn, func(row scanner) (none struct{}, err error) {
			var message, sibling int64
			if err := row.Scan(&message, &sibling); err != nil {
				return none, err
			}
			forks[message] = append(forks[message], sibling)
			return none, nil
		}, currentPath+`SELECT p.message, s.id FROM path p
			JOIN messages s INDEXED BY messages_by_chat ON s.chat = ?1 AND s.parent IS p.above AND s.deleted IS NULL
			ORDER BY p.message, s.id`, chat)
		return err
	})
	if err != nil {
		return nil, err
	}
	for message, siblings := range forks {
		if len(siblings) == 1 {
			delete(forks, message)
		}
	}
	return forks, nil
}

// SwitchTo makes the path through a message the current one of its chat, down
// to the newest message below it, and returns that.
func (s *Store) SwitchTo(ctx context.Context, message int64) (head int64, err error) {
	err = s.write(ctx, "switching to another version", durable, func(ctx context.Context, tx *sql.Tx) (err error) {
		if head, err = newestBelow(ctx, tx, message); err != nil {
			return err
		}
		return changeOne(ctx, tx, "UPDATE chats SET head = ? WHERE id = (SELECT chat FROM messages WHERE id = ?)", head, message)
	})
	if err != nil {
		return 0, err
	}
	return head, nil
}

// Edit adds another version of a message beside it and makes it the head of the
// chat; the former version keeps its text and all that follows it. An edited
// answer keeps its model and settings, has the reason [ReasonEdited] and no
// measurements.
func (s *Store) Edit(ctx context.Context, message int64, text string, attachments []Attachment) (Message, error) {
	return s.append(ctx, "saving an edited message", func(ctx context.Context, tx *sql.Tx, m *Message) error {
		old, err := s.liveMessage(ctx, tx, message)
		if err != nil {
			return err
		}
		m.ChatID, m.ParentID, m.Role, m.Model, m.Settings = old.ChatID, old.ParentID, old.Role, old.Model, old.Settings
		if old.Role == Assistant {
			m.Reason = ReasonEdited
		}
		return nil
	}, Message{Content: text, Attachments: attachments, Done: true})
}

// Regenerate begins another answer to what the given message answers or, if it
// is the person's own, to itself, and makes it the head of the chat. It is to be
// filled like one of [Store.BeginAnswer].
func (s *Store) Regenerate(ctx context.Context, message int64, model, settings string) (Message, error) {
	return s.append(ctx, "saving an answer", func(ctx context.Context, tx *sql.Tx, m *Message) error {
		old, err := s.liveMessage(ctx, tx, message)
		if err != nil {
			return err
		}
		m.ChatID, m.ParentID = old.ChatID, old.ID
		if old.Role == Assistant {
			m.ParentID = old.ParentID
		}
		return nil
	}, Message{Role: Assistant, Model: model, Settings: settings})
}
