package history

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
)

// Hit is a chat that a search has found.
type Hit struct {
	Chat    Chat
	Title   []Range // what was found in its title
	Message int64   // the best of its messages found, 0 if only the title was
	// Attachment is the name of the message's attachment that Snippet is of, ""
	// if it is of the message itself.
	Attachment string
	Snippet    string  // the text around what was found, on one line
	Marks      []Range // what was found in Snippet
}

// Range is a part of a string, in bytes.
type Range struct{ Start, End int }

// maxTerms is how many words of a query are looked for.
const maxTerms = 16

// Search returns at most limit chats with a title, message or attachment that
// contains every word of the query, also inside of words and whatever the case,
// the best first. All branches are searched, deleted chats and messages are
// not. A query without a word finds nothing.
//
// A hit in a title is better than one in a message, whole words are better than
// parts, several hits better than one, and a chat that was used later is better
// than another. If more than twice the limit are found, the newest ones count.
func (s *Store) Search(ctx context.Context, query string, limit int) ([]Hit, error) {
	terms := termsOf(query)
	if len(terms) == 0 || limit <= 0 {
		return nil, nil
	}
	var hits []Hit
	err := s.read(ctx, "searching", func(ctx context.Context, conn *sql.Conn) (err error) {
		if hits, err = search(ctx, conn, terms, limit); isSearchDamage(err) && !s.readOnly {
			if err = mendSearch(ctx, conn); err == nil {
				hits, err = search(ctx, conn, terms, limit)
			}
		}
		return err
	})
	return hits, err
}

// termsOf returns the folded words of a query, each once.
func termsOf(query string) [][]rune {
	var terms [][]rune
	for _, word := range strings.Fields(strings.ReplaceAll(query, "\x00", " ")) {
		term := fold(word)
		if len(terms) < maxTerms && !slices.ContainsFunc(terms, func(t []rune) bool { return slices.Equal(t, term) }) {
			terms = append(terms, term)
		}
	}
	return terms
}

// finding is a text that contains all terms.
type finding struct {
	chat, message    int64
	attachment, text string
	marks            []Range
	score            int
}

// The kinds of texts, the newest first: by the index and, if every word of a
// query is so common that nearly every text has it, without.
const (
	liveMessages = " AND m.deleted IS NULL AND c.deleted IS NULL"

	findTitles = `SELECT c.id, 0, '', c.title FROM search s CROSS JOIN chats c ON c.id = -s.rowid
		WHERE search MATCH ? AND s.rowid < 0 AND c.deleted IS NULL ORDER BY s.rowid`
	readTitles = `SELECT id, 0, '', title FROM chats WHERE deleted IS NULL ORDER BY id DESC`

	findMessages = `SELECT m.chat, m.id, '', m.content FROM search s
		CROSS JOIN messages m ON m.id = s.rowid CROSS JOIN chats c ON c.id = m.chat
		WHERE search MATCH ? AND s.rowid BETWEEN 1 AND 1 << 53` + liveMessages + ` ORDER BY s.rowid DESC`
	readMessages = `SELECT m.chat, m.id, '', m.content FROM messages m CROSS JOIN chats c ON c.id = m.chat
		WHERE m.done` + liveMessages + ` ORDER BY m.id DESC`
	readUndone = `SELECT m.chat, m.id, '', m.content FROM messages m CROSS JOIN chats c ON c.id = m.chat
		WHERE m.done = 0` + liveMessages + ` ORDER BY m.id DESC`

	findAttachments = `SELECT m.chat, m.id, a.name, a.text FROM search s
		CROSS JOIN attachments a ON a.id = s.rowid - (1 << 54)
		CROSS JOIN messages m ON m.id = a.message CROSS JOIN chats c ON c.id = m.chat
		WHERE search MATCH ? AND s.rowid > 1 << 54` + liveMessages + ` ORDER BY s.rowid DESC`
	readAttachments = `SELECT m.chat, m.id, a.name, a.text FROM attachments a
		CROSS JOIN messages m ON m.id = a.message CROSS JOIN chats c ON c.id = m.chat
		WHERE TRUE` + liveMessages + ` ORDER BY a.id DESC`
)

func search(ctx context.Context, conn *sql.Conn, terms [][]rune, limit int) ([]Hit, error) {
	how, err := planFor(ctx, conn, terms)
	if err != nil {
		return nil, err
	}
	inTitles, inTexts := map[int64]finding{}, map[int64]finding{}
	type step struct {
		into  map[int64]finding
		query string
		args  []any
	}
	steps := []step{{into: inTexts, query: readUndone}}
	switch {
	case how.hopeless:
	case how.match == "":
		steps = append(steps, step{into: inTitles, query: readTitles},
			step{into: inTexts, query: readMessages}, step{into: inTexts, query: readAttachments})
	default:
		ask := []any{how.match}
		steps = append(steps, step{inTitles, findTitles, ask},
			step{inTexts, findMessages, ask}, step{inTexts, findAttachments, ask})
	}
	for _, step := range steps {
		if err := findIn(ctx, conn, terms, 2*limit, step.into, step.query, step.args...); err != nil {
			return nil, err
		}
	}
	return rank(ctx, conn, inTitles, inTexts, limit)
}

// findIn puts the best text of each chat that query yields, and that contains
// all terms, into the map, until this query has found enough chats.
func findIn(ctx context.Context, conn *sql.Conn, terms [][]rune, enough int, into map[int64]finding, query string, args ...any) error {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	chats := map[int64]bool{}
	for len(chats) < enough && rows.Next() {
		var f finding
		if err := rows.Scan(&f.chat, &f.message, &f.attachment, &f.text); err != nil {
			return err
		}
		if f.marks, f.score = match(f.text, terms); f.marks == nil {
			continue
		}
		chats[f.chat] = true
		if best, ok := into[f.chat]; !ok || f.score > best.score {
			into[f.chat] = f
		}
	}
	return rows.Err()
}

// titleScore makes a hit in a title better than any in a text.
const titleScore = 1000

// rank returns the best of the chats found.
func rank(ctx context.Context, conn *sql.Conn, inTitles, inTexts map[int64]finding, limit int) ([]Hit, error) {
	scores := map[int64]int{}
	for id, f := range inTexts {
		scores[id] += f.score
	}
	for id, f := range inTitles {
		scores[id] += f.score + titleScore
	}
	ids := make([]int64, 0, len(scores))
	for id := range scores {
		ids = append(ids, id)
	}
	list, err := listOf(ids)
	if err != nil {
		return nil, err
	}
	chats, err := collect(ctx, conn, scanChat, "SELECT "+chatColumns+` FROM chats
		WHERE id IN (SELECT value FROM json_each(?)) ORDER BY activity DESC`, list)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(chats, func(a, b Chat) int { return cmp.Compare(scores[b.ID], scores[a.ID]) })
	var hits []Hit
	for _, chat := range chats[:min(limit, len(chats))] {
		hit := Hit{Chat: chat, Title: inTitles[chat.ID].marks}
		if f, ok := inTexts[chat.ID]; ok {
			hit.Message, hit.Attachment = f.message, f.attachment
			hit.Snippet, hit.Marks = snippet(f.text, f.marks)
		}
		hits = append(hits, hit)
	}
	return hits, nil
}
