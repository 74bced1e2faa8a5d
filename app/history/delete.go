package history

import (
	"context"
	"database/sql"
	"time"
)

// Delete takes a chat out of the list. [Store.Undelete] brings it back until
// [Store.Purge] removes it.
func (s *Store) Delete(ctx context.Context, id int64) error {
	return s.DeleteChats(ctx, id)
}

// Undelete brings a deleted chat back, to the place it had in the list.
func (s *Store) Undelete(ctx context.Context, id int64) error {
	return s.UndeleteChats(ctx, id)
}

// DeleteChats takes several chats out of the list at once: all of them or, if
// one is not there, none.
func (s *Store) DeleteChats(ctx context.Context, ids ...int64) error {
	return s.changeChats(ctx, "deleting chats", "deleted = coalesce(deleted, ?)", ids, s.now().UnixMilli())
}

// UndeleteChats undoes [Store.DeleteChats].
func (s *Store) UndeleteChats(ctx context.Context, ids ...int64) error {
	return s.changeChats(ctx, "bringing chats back", "deleted = NULL", ids)
}

// Purge removes for good the chats and messages that were deleted at least the
// given time ago, and returns the ids of the chats.
func (s *Store) Purge(ctx context.Context, age time.Duration) ([]int64, error) {
	var purged []int64
	err := s.write(ctx, "removing deleted chats", durable, func(ctx context.Context, tx *sql.Tx) error {
		before := s.now().Add(-age).UnixMilli()
		var err error
		if purged, err = collect(ctx, tx, scanOne[int64], "DELETE FROM chats WHERE deleted <= ? RETURNING id", before); err != nil {
			return err
		}
		// What follows a deleted message is deleted, too, but a clock that
		// jumps may have given it a later time.
		_, err = tx.ExecContext(ctx, `WITH RECURSIVE gone (id) AS (
				SELECT id FROM messages WHERE deleted <= ?
				UNION SELECT m.id FROM gone JOIN messages m ON m.parent = gone.id)
			DELETE FROM messages WHERE id IN gone`, before)
		return err
	})
	if err != nil {
		return nil, err
	}
	return purged, nil
}

// Removal is what [Store.UndeleteMessage] needs.
type Removal struct {
	Message int64 // the deleted message
	Head    int64 // where the chat's path ended before
}

// DeleteMessage takes a message and all that follows it out of its chat. If the
// current path ended there, it now ends with the newest message below the
// nearest sibling or, if there is none, with the message before.
func (s *Store) DeleteMessage(ctx context.Context, id int64) (Removal, error) {
	r := Removal{Message: id}
	err := s.write(ctx, "deleting a message", durable, func(ctx context.Context, tx *sql.Tx) error {
		at, err := s.liveMessage(ctx, tx, id)
		if err != nil {
			return err
		}
		siblings, err := siblingsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE messages SET deleted = ?, removal = ? WHERE id IN ("+
			liveBelow+")", s.now().UnixMilli(), id, id); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT coalesce(head, 0) FROM chats WHERE id = ?", at.ChatID).Scan(&r.Head); err != nil {
			return err
		}
		if _, err := s.liveMessage(ctx, tx, r.Head); r.Head == 0 || err == nil {
			return nil // the path does not lead through what is deleted
		}
		head := at.ParentID
		if near := nearest(siblings, id); near != 0 {
			if head, err = newestBelow(ctx, tx, near); err != nil {
				return err
			}
		}
		return changeOne(ctx, tx, "UPDATE chats SET head = nullif(?, 0) WHERE id = ?", head, at.ChatID)
	})
	if err != nil {
		return Removal{}, err
	}
	return r, nil
}

// UndeleteMessage undoes [Store.DeleteMessage]. A message whose own parent has
// been deleted meanwhile comes back together with that.
func (s *Store) UndeleteMessage(ctx context.Context, r Removal) error {
	return s.write(ctx, "bringing a message back", durable, func(ctx context.Context, tx *sql.Tx) error {
		// The parent's state is either alive or that of its own removal.
		if err := changeOne(ctx, tx, `WITH above (deleted, removal) AS (
				SELECT p.deleted, p.removal FROM messages m LEFT JOIN messages p ON p.id = m.parent WHERE m.id = ?1)
			UPDATE messages SET (deleted, removal) = (SELECT deleted, removal FROM above)
			WHERE removal = ?1 AND chat = (SELECT chat FROM messages WHERE id = ?1)`, r.Message); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE chats SET head = ?1 WHERE id =
			(SELECT chat FROM messages WHERE id = ?1 AND deleted IS NULL) AND id =
			(SELECT chat FROM messages WHERE id = ?2)`, r.Head, r.Message)
		return err
	})
}

// nearest returns the sibling before id, else the one after it, else 0.
func nearest(siblings []int64, id int64) (near int64) {
	for _, sibling := range siblings {
		if sibling > id {
			if near == 0 {
				near = sibling
			}
			break
		}
		if sibling < id {
			near = sibling
		}
	}
	return near
}
