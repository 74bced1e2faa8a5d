package history

import (
	"context"
	"database/sql"
	"time"
)

const chatColumns = "id, title, model, system, settings, coalesce(head, 0), created, updated, deleted IS NOT NULL, " +
	"pin, coalesce(folder, 0), draft"

// newestActivity makes a chat the one that was used last.
const newestActivity = "(SELECT coalesce(max(activity), 0) + 1 FROM chats)"

func scanChat(row scanner) (Chat, error) {
	var c Chat
	var created, updated int64
	err := row.Scan(&c.ID, &c.Title, &c.Model, &c.System, &c.Settings, &c.Head, &created, &updated, &c.Deleted,
		&c.Pinned, &c.Folder, &c.Draft)
	c.Created, c.Updated = time.UnixMilli(created), time.UnixMilli(updated)
	return c, err
}

// Chats lists the chats that are not deleted, the one used last first.
func (s *Store) Chats(ctx context.Context) ([]Chat, error) {
	var chats []Chat
	err := s.read(ctx, "listing the chats", func(ctx context.Context, conn *sql.Conn) (err error) {
		chats, err = collect(ctx, conn, scanChat, "SELECT "+chatColumns+` FROM chats
			WHERE deleted IS NULL ORDER BY activity DESC`)
		return err
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

// NewChat adds a chat with the title, model, system prompt, settings, draft,
// folder and pin of c and returns it with its id and times.
func (s *Store) NewChat(ctx context.Context, c Chat) (Chat, error) {
	var made Chat
	err := s.write(ctx, "adding a chat", durable, func(ctx context.Context, tx *sql.Tx) (err error) {
		now := s.now().UnixMilli()
		made, err = scanChat(tx.QueryRowContext(ctx, `INSERT INTO chats
			(title, model, system, settings, activity, created, updated, pin, folder, draft)
			VALUES (?, ?, ?, ?, `+newestActivity+", ?, ?, ?, nullif(?, 0), ?) RETURNING "+chatColumns,
			c.Title, c.Model, c.System, c.Settings, now, now, c.Pinned, c.Folder, c.Draft))
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

func (s *Store) changeChat(ctx context.Context, doing, query string, args ...any) error {
	return s.write(ctx, doing, durable, func(ctx context.Context, tx *sql.Tx) error {
		return changeOne(ctx, tx, query, args...)
	})
}
