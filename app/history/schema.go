package history

import (
	"context"
	"database/sql"
	"fmt"
)

// applicationID marks a database file as a history of Lumi; the bytes spell
// "Lumi" (sqlite.org/pragma.html#pragma_application_id).
const applicationID = 0x4c756d69

// migrations lead from version i to version i+1 of the schema, which the
// file's user_version counts. A published one is never changed.
var migrations = []string{
	// Version 1. Ids are never used again, so that a deleted message cannot be
	// mistaken for a new one. Times are Unix milliseconds for people to read;
	// the order is kept in ids and in activity, because clocks jump. A parent
	// is older than its child, which makes every path end. The checks are there
	// for damaged files: looking one over finds values they do not allow.
	//
	// head has no foreign key: it would make chats and messages refer to each
	// other, and every deleted message search all chats.
	`CREATE TABLE chats (
		id       INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 1 << 53),
		title    TEXT NOT NULL,
		model    TEXT NOT NULL,
		system   TEXT NOT NULL,
		settings TEXT NOT NULL,
		head     INTEGER,
		activity INTEGER NOT NULL CHECK (activity BETWEEN 1 AND 1 << 53),
		created  INTEGER NOT NULL,
		updated  INTEGER NOT NULL,
		deleted  INTEGER
	) STRICT;
	CREATE INDEX chats_by_activity ON chats (activity);
	CREATE TABLE messages (
		id       INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 1 << 53),
		chat     INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
		parent   INTEGER REFERENCES messages (id) CHECK (parent < id),
		role     TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
		content  TEXT NOT NULL,
		model    TEXT NOT NULL,
		reason   TEXT NOT NULL,
		settings TEXT NOT NULL,
		stats    TEXT NOT NULL,
		created  INTEGER NOT NULL,
		done     INTEGER NOT NULL CHECK (done IN (0, 1))
	) STRICT;
	CREATE INDEX messages_by_chat ON messages (chat);
	CREATE INDEX messages_by_parent ON messages (parent);`,
}

// schemaVersion is the version this program writes.
var schemaVersion = len(migrations)

// migrate brings the schema to schemaVersion: all the way or not at all.
func migrate(ctx context.Context, conn *sql.Conn, from int) error {
	if from == schemaVersion {
		return nil
	}
	return inTransaction(ctx, conn, func(ctx context.Context, tx *sql.Tx) error {
		for version, statements := range migrations[from:] {
			if _, err := tx.ExecContext(ctx, statements); err != nil {
				return fmt.Errorf("changing the history to version %d: %w", from+version+1, err)
			}
		}
		// A pragma takes no parameters.
		_, err := tx.ExecContext(ctx, fmt.Sprintf(
			"PRAGMA application_id=%d; PRAGMA user_version=%d", applicationID, schemaVersion))
		return err
	})
}
