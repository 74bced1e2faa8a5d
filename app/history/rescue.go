package history

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// rescued counts what was read of a damaged history.
type rescued struct {
	chats, messages int
}

// maxID bounds ids and other counters, in the schema and in what is rescued: a
// damaged number must not use up the numbers that new rows get.
const maxID = 1 << 53

// rescuedTable says how the rows of a table are copied.
type rescuedTable struct {
	name    string
	columns []rescuedColumn
}

// rescuedColumn is a column that comes out with the type and within the limits
// that the schema asks for, whatever the file holds. A version of the schema
// that lacks the column gives what lacking says instead, or nothing at all if
// that is empty: then the table cannot be used.
type rescuedColumn struct{ name, value, lacking string }

func textColumn(name string) rescuedColumn {
	return rescuedColumn{name, "CAST(" + name + " AS TEXT)", "''"}
}

func numberColumn(name string) rescuedColumn {
	return rescuedColumn{name, "CAST(" + name + " AS INTEGER)", "NULL"}
}

// rescuedTables are all tables. A parent that cannot be right becomes 0, which
// is no message, and is mended by repairs. The search index is made anew by the
// triggers.
var rescuedTables = []rescuedTable{
	{"folders", []rescuedColumn{{"id", "id", ""}, textColumn("name")}},
	{"chats", []rescuedColumn{
		{"id", "id", ""},
		textColumn("title"), textColumn("model"), textColumn("system"), textColumn("settings"), numberColumn("head"),
		{"activity", "1 + min(max(CAST(activity AS INTEGER), 0), 1 << 52)", "1"},
		numberColumn("created"), numberColumn("updated"), numberColumn("deleted"),
		{"pin", "pin IS 1", "0"},
		textColumn("draft"), numberColumn("folder"),
		{"attached", "iif(json_valid(attached), attached, NULL)", "NULL"},
	}},
	{"messages", []rescuedColumn{
		{"id", "id", ""},
		numberColumn("chat"),
		{"parent", "iif(parent IS NULL OR CAST(parent AS INTEGER) BETWEEN 1 AND id - 1, CAST(parent AS INTEGER), 0)", ""},
		{"role", "iif(role = 'assistant', 'assistant', 'user')", ""},
		textColumn("content"), textColumn("model"), textColumn("reason"), textColumn("settings"), textColumn("stats"),
		numberColumn("created"),
		{"done", "done IS NOT 0", ""},
		numberColumn("deleted"), numberColumn("removal"),
		{"summary", "CAST(summary AS TEXT)", "NULL"},
	}},
	{"attachments", []rescuedColumn{{"id", "id", ""}, numberColumn("message"), textColumn("name"), textColumn("text")}},
	{"drafted", []rescuedColumn{{"id", "id", ""}, numberColumn("chat"), textColumn("name"), textColumn("text")}},
}

// queries returns how the table's rows are read from a file that has the given
// columns, and written; ok says whether they can be.
func (t rescuedTable) queries(has map[string]bool) (read, write string, ok bool) {
	var values, names []string
	for _, c := range t.columns {
		value := c.value
		if !has[c.name] {
			value = c.lacking
		}
		if value == "" {
			return "", "", false
		}
		values, names = append(values, value), append(names, c.name)
	}
	return "SELECT " + strings.Join(values, ", ") + " FROM " + t.name + " NOT INDEXED",
		"INSERT OR IGNORE INTO " + t.name + " (" + strings.Join(names, ", ") +
			") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ")", true
}

// copyTable copies what can be read of a table, which may not be there.
func copyTable(ctx context.Context, from *sql.Conn, tx *sql.Tx, t rescuedTable) error {
	names, err := collect(ctx, from, scanOne[string], "SELECT name FROM pragma_table_info(?)", t.name)
	if err != nil {
		return nil // the list of tables is damaged
	}
	has := map[string]bool{}
	for _, name := range names {
		has[name] = true
	}
	read, write, ok := t.queries(has)
	if !ok {
		return nil
	}
	return copyRows(ctx, from, tx, read, write)
}

// repairs make whole again what the lost rows held together.
var repairs = []string{
	// Messages of which only attachments are left come back without a text,
	`INSERT OR IGNORE INTO messages (id, chat, role, content, model, reason, settings, stats, created, done)
		SELECT message, coalesce((SELECT chat FROM messages WHERE parent = message LIMIT 1), 0),
			'user', '', '', '', '', '', 0, 1
		FROM attachments WHERE message NOT IN (SELECT id FROM messages)`,
	// those whose chat cannot be one share a new one,
	`UPDATE messages SET chat = (SELECT 1 + max(chat) FROM
			(SELECT id AS chat FROM chats UNION ALL SELECT chat FROM messages UNION ALL SELECT 0)
			WHERE chat BETWEEN 0 AND 1 << 52)
		WHERE chat NOT BETWEEN 1 AND 1 << 52 AND chat NOT IN (SELECT id FROM chats)`,
	// those whose chat is lost get a chat,
	`INSERT INTO chats (id, title, model, system, settings, activity, created, updated)
		SELECT chat, 'Recovered chat', '', '', '', 1, min(created), max(created) FROM messages
		WHERE chat NOT IN (SELECT id FROM chats) GROUP BY chat`,
	// those whose parent is lost follow the message before them,
	`UPDATE messages AS m SET parent = (SELECT max(p.id) FROM messages p
			WHERE p.chat = m.chat AND p.id < m.id AND p.deleted IS NULL)
		WHERE parent IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages p WHERE p.id = m.parent AND p.chat = m.chat)`,
	// what follows a deleted message is deleted with it,
	`WITH RECURSIVE gone (id, deleted, removal) AS (
			SELECT id, deleted, removal FROM messages WHERE deleted IS NOT NULL
			UNION SELECT m.id, g.deleted, g.removal FROM gone g JOIN messages m ON m.parent = g.id WHERE m.deleted IS NULL)
		UPDATE messages AS m SET (deleted, removal) = (SELECT deleted, removal FROM gone WHERE id = m.id)
		WHERE deleted IS NULL AND id IN (SELECT id FROM gone)`,
	// a chat whose head is lost ends with its last message,
	`UPDATE chats AS c SET head = (SELECT max(id) FROM messages WHERE chat = c.id AND deleted IS NULL)
		WHERE NOT EXISTS (SELECT 1 FROM messages WHERE id = c.head AND chat = c.id AND deleted IS NULL)
		AND (head IS NOT NULL OR title = 'Recovered chat')`,
	// attachments need their message or chat, chats do without their folder,
	`DELETE FROM attachments WHERE message NOT IN (SELECT id FROM messages)`,
	`DELETE FROM drafted WHERE chat NOT IN (SELECT id FROM chats)`,
	`UPDATE chats SET folder = NULL WHERE folder NOT IN (SELECT id FROM folders)`,
	// what is attached to drafts lies where this version looks for it,
	moveAttached,
	// and the list keeps its order with small numbers.
	`UPDATE chats SET activity = place FROM
		(SELECT id AS chat, row_number() OVER (ORDER BY activity, updated, id) AS place FROM chats)
		WHERE id = chat`,
}

// rescue copies what can be read of the history at path into the empty one at
// to. That the file is unreadable, or not there, is no error; only writing can
// fail.
func rescue(ctx context.Context, path string, to *sql.Conn) (saved rescued, err error) {
	db, from, err := openDamaged(ctx, path)
	if err != nil {
		return rescued{}, nil // there is nothing to be had
	}
	defer db.Close()
	defer from.Close()
	err = inTransaction(ctx, to, func(ctx context.Context, tx *sql.Tx) error {
		// Children may come before their parents.
		if _, err := tx.ExecContext(ctx, "PRAGMA defer_foreign_keys=1"); err != nil {
			return err
		}
		for _, table := range rescuedTables {
			if err := copyTable(ctx, from, tx, table); err != nil {
				return err
			}
		}
		for _, statement := range repairs {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("mending the rescued chats: %w", err)
			}
		}
		return tx.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM chats), (SELECT count(*) FROM messages)").
			Scan(&saved.chats, &saved.messages)
	})
	return saved, err
}

// openDamaged opens the file for reading, with its log if that is possible.
func openDamaged(ctx context.Context, path string) (*sql.DB, *sql.Conn, error) {
	size, err := fileSize(path)
	if err != nil {
		return nil, nil, err
	}
	if size == 0 { // SQLite would delete its log
		return nil, nil, damage("it is empty")
	}
	var errs []error
	for _, how := range []mode{readOnly, asItLies} {
		db, conn, err := connect(ctx, path, how)
		if err == nil {
			// Reading the first page shows whether the log can be used.
			var n int
			if err = conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n); err == nil {
				return db, conn, nil
			}
			err = errors.Join(err, conn.Close(), db.Close())
		}
		errs = append(errs, err)
	}
	return nil, nil, errors.Join(errs...)
}

// maxMisses bounds the search for the end of a gap; see copyRows.
const maxMisses = 256

// copyRows copies the rows that query can still read. A damaged page ends a
// query; then it goes on behind the page: one id at a time, which finds the
// first row after it exactly, and after many misses in growing strides. What
// these strode over is found from the other end.
func copyRows(ctx context.Context, from *sql.Conn, tx *sql.Tx, query, insert string) error {
	keep, err := tx.PrepareContext(ctx, insert)
	if err != nil {
		return err
	}
	defer keep.Close()
	last, stride := int64(0), int64(1)
	for misses := 0; last < maxID; {
		read, err := copyRun(ctx, from, keep, query+" WHERE id > ? ORDER BY id", last, +1)
		if read.err == nil || err != nil {
			return err
		}
		if read.rows > 0 {
			last, stride, misses = read.last, 1, 0
			continue
		}
		if misses++; misses > maxMisses {
			stride *= 2
		}
		last += stride
	}
	_, err = copyRun(ctx, from, keep, query+" WHERE id < ? ORDER BY id DESC", maxID+1, -1)
	return err
}

// run is how far one query came.
type run struct {
	rows int
	last int64 // id of the last row
	err  error // why it ended early
}

// errOrder means that the pages of a damaged table are linked in a wrong way,
// perhaps in a circle.
const errOrder = damage("the rows are not in order")

// copyRun copies the rows that query yields from the id start on, which have to
// go up (direction +1) or down (-1). Its error is one of writing.
func copyRun(ctx context.Context, from *sql.Conn, keep *sql.Stmt, query string, start int64, direction int) (r run, err error) {
	rows, err := from.QueryContext(ctx, query, start)
	if err != nil {
		return run{err: err}, nil
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return run{err: err}, nil
	}
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	r.last = start
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			r.err = err
			return r, nil
		}
		id, ok := values[0].(int64)
		if !ok || cmp.Compare(id, r.last) != direction {
			r.err = errOrder
			return r, nil
		}
		if _, err := keep.ExecContext(ctx, values...); err != nil {
			return r, err
		}
		r.rows, r.last = r.rows+1, id
	}
	r.err = rows.Err()
	return r, nil
}
