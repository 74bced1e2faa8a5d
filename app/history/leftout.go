package history

import (
	"context"
	"database/sql"
)

// LeaveOut keeps that a person leaves a message, and all before it, out of
// prompts, and the summary that stands there instead, which may be empty.
func (s *Store) LeaveOut(ctx context.Context, message int64, summary string) error {
	return s.changeChat(ctx, "leaving out messages", "UPDATE messages SET summary = ? WHERE id = ?", summary, message)
}

// TakeIn undoes [Store.LeaveOut] for all of the messages or, if one of them is
// not there, for none.
func (s *Store) TakeIn(ctx context.Context, messages ...int64) error {
	return s.write(ctx, "taking messages in again", durable, func(ctx context.Context, tx *sql.Tx) error {
		for _, id := range messages {
			if err := changeOne(ctx, tx, "UPDATE messages SET summary = NULL WHERE id = ?", id); err != nil {
				return err
			}
		}
		return nil
	})
}
