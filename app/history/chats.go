package history

import (
	"context"
	"database/sql"
	"time"
)

const chatColumns = "id, title, model, system, settings, coalesce(head, 0), created, updated, deleted IS NOT NULL"

// newestActivity makes a chat the one that was used last.
const newestActivity = "(SELECT coalesce(max(activity), 0) + 1 FROM chats)"

func scanChat(row interface{ Scan(...any) error }) (Chat, error) {
	var c Chat
	var created, updated int64
	err := row.Scan(&c.ID, &c.Title, &c.Model, &c.System, &c.Settings, &c.Head, &created, &updated, &c.Deleted)
	c.Created, c.Updated = time.UnixMilli(created), time.UnixMilli(updated)
	return c, err
}

// Chats lists the chats that are not deleted, the one used last first.
func (s *Store) Chats(ctx context.Context) ([]Chat, error) {
	var chats []Chat
	err := s.read(ctx, "listing the chats", func(ctx context.Context, conn *sql.Conn) error {
		rows, err := conn.QueryContext(ctx, "SELECT "+chatColumns+` FROM chats
			WHERE deleted IS NULL ORDER BY activity DESC`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			c, err := scanChat(rows)
			if err != nil {
				return err
			}
			chats = append(chats, c)
		}
		return rows.Err()
	})
	return chats, err
}

// Chat returns one chat, deleted or not, or [ErrNotFound].
func (s *Store) Chat(ctx context.Context, id int64) (Chat, error) {
	var c Chat
	err := s.read(ctx, "opening a chat", func(ctx context.Context, conn *sql.Conn) (err error) {
		c, err = scanChat(conn.QueryRowContext(ctx, "SELECT "+chatColumns+" FROM chats WHERE id = ?", id))
		return err
	})
	return c, err
}

// NewChat adds a chat with the title, model, system prompt and settings of c
// and returns it with its id and times.
func (s *Store) NewChat(ctx context.Context, c Chat) (Chat, error) {
	var made Chat
	err := s.write(ctx, "adding a chat", durable, func(ctx context.Context, tx *sql.Tx) (err error) {
		now := s.now().UnixMilli()
		made, err = scanChat(tx.QueryRowContext(ctx, `INSERT INTO chats
			(title, model, system, settings, activity, created, updated)
			VALUES (?, ?, ?, ?, `+newestActivity+", ?, ?) RETURNING "+chatColumns,
			c.Title, c.Model, c.System, c.Settings, now, now))
		return err
	})
	return made, err
}

// Rename gives a chat a title.
func (s *Store) Rename(ctx context.Context, id int64, title string) error {
	return s.changeChat(ctx, "renaming a chat", "UPDATE chats SET title = ? WHERE id = ?", title, id)
}

// SetModel notes which model a chat is used with.
func (s *Store) SetModel(ctx context.Context, id int64, model string) error {
	return s.changeChat(ctx, "noting a chat's model", "UPDATE chats SET model = ? WHERE id = ?", model, id)
}

// SetSystem gives a chat a system prompt.
func (s *Store) SetSystem(ctx context.Context, id int64, system string) error {
	return s.changeChat(ctx, "saving a system prompt", "UPDATE chats SET system = ? WHERE id = ?", system, id)
}

// SetSettings gives a chat sampler settings.
func (s *Store) SetSettings(ctx context.Context, id int64, settings string) error {
	return s.changeChat(ctx, "saving a chat's settings", "UPDATE chats SET settings = ? WHERE id = ?", settings, id)
}

// Delete takes a chat out of the list. [Store.Undelete] brings it back until
// [Store.Purge] removes it.
func (s *Store) Delete(ctx context.Context, id int64) error {
	return s.changeChat(ctx, "deleting a chat",
		"UPDATE chats SET deleted = coalesce(deleted, ?) WHERE id = ?", s.now().UnixMilli(), id)
}

// Undelete brings a deleted chat back, to the place it had in the list.
func (s *Store) Undelete(ctx context.Context, id int64) error {
	return s.changeChat(ctx, "bringing a chat back", "UPDATE chats SET deleted = NULL WHERE id = ?", id)
}

func (s *Store) changeChat(ctx context.Context, doing, query string, args ...any) error {
	return s.write(ctx, doing, durable, func(ctx context.Context, tx *sql.Tx) error {
		return changeOne(ctx, tx, query, args...)
	})
}

// Purge removes for good what was deleted at least the given time ago, and
// returns how many chats that were.
func (s *Store) Purge(ctx context.Context, age time.Duration) (int, error) {
	var purged int64
	err := s.write(ctx, "removing deleted chats", durable, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM chats WHERE deleted <= ?", s.now().Add(-age).UnixMilli())
		if err != nil {
			return err
		}
		purged, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return 0, err
	}
	return int(purged), nil
}
