package history

import (
	"context"
	"database/sql"
	"strings"
)

// A word of one or two characters is looked up as the trigrams that it begins.
// If these stand in more than commonTexts texts, or are more than
// commonTrigrams, nearly every text has the word and reading the newest ones
// finds it sooner.
const (
	commonTexts    = 2000
	commonTrigrams = 500
)

// maxTrigrams is how many trigrams of one long word are looked up; the rest is
// found out by reading the texts.
const maxTrigrams = 32

// plan is how the texts with all terms can be found.
type plan struct {
	match    string // what to ask the index for, "" if it would be of no help
	hopeless bool   // no text of the index has all terms
}

// planFor makes the question to the index (sqlite.org/fts5.html, section 3).
// It knows which texts have a trigram, but not where, so what it answers may or
// may not contain the terms.
func planFor(ctx context.Context, conn *sql.Conn, terms [][]rune) (plan, error) {
	var all []string
	for _, term := range terms {
		if len(term) < 3 {
			beginning, common, err := trigramsOf(ctx, conn, string(term))
			switch {
			case err != nil:
				return plan{}, err
			case common:
			case len(beginning) == 0:
				return plan{hopeless: true}, nil
			default:
				all = append(all, "("+strings.Join(beginning, " OR ")+")")
			}
			continue
		}
		seen := map[string]bool{}
		for i := 0; i+3 <= len(term) && len(seen) < maxTrigrams; i++ {
			if trigram := quoted(string(term[i : i+3])); !seen[trigram] {
				seen[trigram] = true
				all = append(all, trigram)
			}
		}
	}
	return plan{match: strings.Join(all, " AND ")}, nil
}

// quoted makes a string of the question's language.
func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// trigramsOf returns the indexed trigrams that begin with the given text,
// quoted, or that they are too common.
func trigramsOf(ctx context.Context, conn *sql.Conn, beginning string) (trigrams []string, common bool, err error) {
	if _, err := conn.ExecContext(ctx,
		"CREATE VIRTUAL TABLE IF NOT EXISTS temp.trigrams USING fts5vocab(main, search, row)"); err != nil {
		return nil, false, err
	}
	rows, err := conn.QueryContext(ctx, "SELECT term, doc FROM trigrams WHERE term >= ? AND term <= ?",
		beginning, beginning+"\U0010ffff\U0010ffff")
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	texts := 0
	for rows.Next() {
		var trigram string
		var in int
		if err := rows.Scan(&trigram, &in); err != nil {
			return nil, false, err
		}
		texts += in
		if texts > commonTexts || len(trigrams) >= commonTrigrams || strings.Contains(trigram, "\x00") {
			return nil, true, nil // the question ends with a NUL
		}
		trigrams = append(trigrams, quoted(trigram))
	}
	return trigrams, false, rows.Err()
}

// mendSearch makes the search index anew from the texts.
func mendSearch(ctx context.Context, conn *sql.Conn) error {
	return inTransaction(ctx, conn, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO search (search) VALUES ('delete-all'); "+fillSearch)
		return err
	})
}
