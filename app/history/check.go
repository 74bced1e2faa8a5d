package history

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// check reports what is wrong with an opened database, and its version.
func check(ctx context.Context, conn *sql.Conn) (version int, err error) {
	if err := checkPages(ctx, conn); err != nil {
		return 0, err
	}
	var application, tables int
	for query, to := range map[string]*int{
		"PRAGMA application_id":              &application,
		"PRAGMA user_version":                &version,
		"SELECT count(*) FROM sqlite_schema": &tables,
	} {
		if err := conn.QueryRowContext(ctx, query).Scan(to); err != nil {
			return 0, err
		}
	}
	switch {
	case application == 0 && version == 0 && tables == 0:
		return 0, nil // made, but never filled
	case application != applicationID:
		return 0, damage("it is not a chat history of Lumi")
	case version < 1 || version > maxVersion:
		return 0, damage(fmt.Sprintf("its format number is %d", version))
	case version > schemaVersion:
		return version, errNewer
	case version < schemaVersion:
		return version, nil
	}
	return version, checkLinks(ctx, conn)
}

// checkLinks looks for columns and rows that name what is not there.
func checkLinks(ctx context.Context, conn *sql.Conn) error {
	for _, query := range []string{
		"SELECT " + chatColumns + ", attached FROM chats LIMIT 0",
		"SELECT " + messageColumns + ", deleted, removal FROM messages LIMIT 0",
		"SELECT id, name FROM folders LIMIT 0",
		"SELECT id, message, name, text FROM attachments LIMIT 0",
		"SELECT id, chat, name, text FROM drafted LIMIT 0",
		// Looking for anything opens the search index; not all of its tables are read for it.
		"SELECT rowid FROM search WHERE search MATCH 'any' LIMIT 1",
		"SELECT d.id, block, segid, term, pgno, s.id, sz, origin, k, v FROM search_data d, search_idx, search_docsize s, search_config LIMIT 0",
	} {
		if _, err := conn.ExecContext(ctx, query); err != nil {
			return err
		}
	}
	var lost int
	err := conn.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM pragma_foreign_key_check) +
		(SELECT count(*) FROM chats c WHERE head IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM messages WHERE id = c.head AND chat = c.id AND deleted IS NULL))`).Scan(&lost)
	if err == nil && lost > 0 {
		err = damage("messages are missing")
	}
	return err
}

// checkPages looks for damage in everything that the file holds: tables, their
// indexes and the list of free pages. A plain integrity_check does as much, and
// besides computes the search index anew to compare it, which takes ten times
// as long as all the rest; what is wrong there is found by verifying what a
// search finds, and mended by [Store.mendSearch].
func checkPages(ctx context.Context, conn *sql.Conn) error {
	tables, err := collect(ctx, conn, scanOne[string],
		"SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 UNION ALL SELECT 'sqlite_schema'")
	if err != nil {
		return err
	}
	for _, table := range tables {
		// The quick check passes over what indexes hold, and a damaged index
		// hides chats as surely as a damaged table.
		var verdict string
		query := "PRAGMA integrity_check('" + strings.ReplaceAll(table, "'", "''") + "')"
		if err := conn.QueryRowContext(ctx, query).Scan(&verdict); err != nil {
			return err
		}
		if verdict != "ok" {
			lines := strings.Split(verdict, "\n") // the first may name the database only
			return damage(lines[len(lines)-1])
		}
	}
	return checkFreePages(ctx, conn)
}

// checkFreePages follows the list of free pages (sqlite.org/fileformat.html,
// sections 1.3.7 and 1.5): page 1 names the first trunk and counts all; a trunk
// holds the number of the next one, how many leaves it names, and their numbers.
func checkFreePages(ctx context.Context, conn *sql.Conn) error {
	var size uint32
	if err := conn.QueryRowContext(ctx, "SELECT * FROM pragma_page_count").Scan(&size); err != nil || size == 0 {
		return err
	}
	page := func(number uint32) (data []byte, err error) {
		err = conn.QueryRowContext(ctx, "SELECT data FROM sqlite_dbpage WHERE pgno = ?", number).Scan(&data)
		if errors.Is(err, sql.ErrNoRows) || err == nil && len(data) < 512 {
			err = damage(fmt.Sprintf("page %d cannot be read", number))
		}
		return data, err
	}
	first, err := page(1)
	if err != nil {
		return err
	}
	trunk, total := binary.BigEndian.Uint32(first[32:]), binary.BigEndian.Uint32(first[36:])
	seen := map[uint32]bool{}
	note := func(number uint32) bool {
		fine := number > 1 && number <= size && !seen[number]
		seen[number] = true
		return fine
	}
	for trunk != 0 {
		if !note(trunk) {
			return damage("its list of free pages is wrong")
		}
		data, err := page(trunk)
		if err != nil {
			return err
		}
		next, leaves := binary.BigEndian.Uint32(data), binary.BigEndian.Uint32(data[4:])
		if int64(leaves) > int64(len(data)/4-2) {
			return damage("its list of free pages is wrong")
		}
		for i := range leaves {
			if !note(binary.BigEndian.Uint32(data[8+4*i:])) {
				return damage("its list of free pages is wrong")
			}
		}
		trunk = next
	}
	if len(seen) != int(total) {
		return damage("its list of free pages is wrong")
	}
	return nil
}
