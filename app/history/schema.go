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
	// Version 2. A deleted message stays with all that follows it until Purge;
	// removal is the id of the message that was deleted, which the undo needs.
	//
	// search holds for every text the set of its trigrams. A title has the
	// row -id of its chat, a message its own id, an attachment 1 << 54 more
	// than its own. Two spaces at the end make every character of a text begin
	// a trigram, by which words of one or two characters are found. Texts that
	// are still being written are left out: an answer would be split into
	// trigrams again every second. The triggers are terse because all of this
	// schema should fit in the first page of the file, which has to be
	// readable anyhow.
	`CREATE TABLE folders (id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 1 << 53), name TEXT NOT NULL) STRICT;
	ALTER TABLE chats ADD COLUMN pin INTEGER NOT NULL DEFAULT 0 CHECK (pin IN (0, 1));
	ALTER TABLE chats ADD COLUMN draft TEXT NOT NULL DEFAULT '';
	ALTER TABLE chats ADD COLUMN folder INTEGER REFERENCES folders ON DELETE SET NULL;
	CREATE INDEX chats_by_folder ON chats (folder);
	ALTER TABLE messages ADD COLUMN deleted INTEGER;
	ALTER TABLE messages ADD COLUMN removal INTEGER;
	DROP INDEX messages_by_chat;
	CREATE INDEX messages_by_chat ON messages (chat, parent, deleted);
	CREATE INDEX messages_undone ON messages (id) WHERE done = 0;
	CREATE TABLE attachments (id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 1 << 53),
	message INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE, name TEXT NOT NULL, text TEXT NOT NULL) STRICT;
	CREATE INDEX attachments_of ON attachments (message);
	CREATE VIRTUAL TABLE search USING fts5(t, content='', contentless_delete=1, detail=none, tokenize=trigram);
	CREATE TRIGGER c1 AFTER INSERT ON chats BEGIN INSERT INTO search(rowid,t) VALUES (-new.id,new.title||'  '); END;
	CREATE TRIGGER c2 AFTER UPDATE OF title ON chats BEGIN REPLACE INTO search(rowid,t) VALUES (-new.id,new.title||'  '); END;
	CREATE TRIGGER c3 AFTER DELETE ON chats BEGIN DELETE FROM search WHERE rowid=-old.id; END;
	CREATE TRIGGER m1 AFTER INSERT ON messages WHEN new.done BEGIN INSERT INTO search(rowid,t) VALUES (new.id,new.content||'  '); END;
	CREATE TRIGGER m2 AFTER UPDATE OF content ON messages WHEN new.done BEGIN REPLACE INTO search(rowid,t) VALUES (new.id,new.content||'  '); END;
	CREATE TRIGGER m3 AFTER DELETE ON messages BEGIN DELETE FROM search WHERE rowid=old.id; END;
	CREATE TRIGGER a1 AFTER INSERT ON attachments BEGIN INSERT INTO search(rowid,t) VALUES (new.id+(1<<54),new.text||'  '); END;
	CREATE TRIGGER a2 AFTER DELETE ON attachments BEGIN DELETE FROM search WHERE rowid=old.id+(1<<54); END;
	` + fillSearch,
	// Version 3. attached is what is attached to a chat's draft, as a JSON list,
	// NULL for nothing: no table, for want of room in the first page. A message
	// with a summary, which may be empty, is the last one that is left out of
	// prompts; the summary stands there for it and all before it.
	`ALTER TABLE chats ADD COLUMN attached TEXT;
	ALTER TABLE messages ADD COLUMN summary TEXT`,
	// Version 4. drafted holds what is attached to drafts, in the order of its
	// ids: a list in the chat's row was written anew with every change of the
	// draft. The column that held it stays, empty, so that a program of version 3
	// can still read this file. Shorter names of indexes give the table its room
	// in the first page; messages_by_chat keeps its own, by which version 3 asks
	// for it.
	`DROP INDEX chats_by_activity;
	DROP INDEX chats_by_folder;
	DROP INDEX messages_by_parent;
	DROP INDEX messages_undone;
	DROP INDEX attachments_of;
	CREATE INDEX ca ON chats(activity);
	CREATE INDEX cf ON chats(folder);
	CREATE INDEX mp ON messages(parent);
	CREATE INDEX mu ON messages(id) WHERE done=0;
	CREATE INDEX am ON attachments(message);
	CREATE TABLE drafted(id INTEGER PRIMARY KEY,chat INTEGER NOT NULL REFERENCES chats ON DELETE CASCADE,name TEXT NOT NULL,text TEXT NOT NULL) STRICT;
	` + moveAttached,
}

// moveAttached puts what version 3 kept in chats.attached into its own table.
const moveAttached = `INSERT INTO drafted (chat, name, text)
		SELECT c.id, coalesce(CAST(a.value ->> 'name' AS TEXT), ''), coalesce(CAST(a.value ->> 'text' AS TEXT), '')
		FROM chats c, json_each(iif(json_valid(c.attached), c.attached, '[]')) a WHERE a.type = 'object'
		ORDER BY c.id, a.key;
	UPDATE chats SET attached = NULL WHERE attached IS NOT NULL;`

// fillSearch puts all texts into the empty search index, as the triggers of
// version 2 do.
const fillSearch = `INSERT INTO search (rowid, t) SELECT -id, title || '  ' FROM chats;
	INSERT INTO search (rowid, t) SELECT id, content || '  ' FROM messages WHERE done;
	INSERT INTO search (rowid, t) SELECT id + (1 << 54), text || '  ' FROM attachments;`

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
