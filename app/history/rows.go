package history

import (
	"context"
	"database/sql"
	"encoding/json"
)

// scanner is a row of a result.
type scanner interface{ Scan(targets ...any) error }

// querier is a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// collect returns all rows of a query.
func collect[T any](ctx context.Context, from querier, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// scanOne scans rows of one column.
func scanOne[T any](row scanner) (v T, err error) {
	err = row.Scan(&v)
	return v, err
}

// listOf encodes ids as the JSON that json_each reads.
func listOf(ids []int64) (string, error) {
	data, err := json.Marshal(append([]int64{}, ids...))
	return string(data), err
}
