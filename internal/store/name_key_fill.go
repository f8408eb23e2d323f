package store

import (
	"context"
	"database/sql"
	"fmt"
)

// fillNameKeys gives the names that were there before their keys could be searched.
// Plain ASCII, which is most names, the engine folds by itself.
func (s *Store) fillNameKeys(ctx context.Context, tx *sql.Tx) error {
	plain := "name NOT GLOB '*[^ -~]*'"
	if s.engine == Postgres {
		plain = "name !~ '[^ -~]'"
	}
	for _, table := range []string{"users", "accounts"} {
		fill := "UPDATE " + table + " SET name_key = lower(substr(trim(name), 1, 64)) WHERE name <> '' AND " + plain //nolint:gosec // G202: the tables are named above
		_, err := tx.ExecContext(ctx, fill)
		if err != nil {
			return fmt.Errorf("fill the keys of plain names in %s: %w", table, err)
		}
		if err := fillOtherKeys(ctx, tx, table); err != nil {
			return fmt.Errorf("fill the keys of names in %s: %w", table, err)
		}
	}
	return nil
}

type named struct{ id, name string }

// fillOtherKeys goes through what is left, a batch in memory at a time.
func fillOtherKeys(ctx context.Context, tx *sql.Tx, table string) error {
	after, write := "", "UPDATE "+table+" SET name_key = $1 WHERE id = $2" //nolint:gosec // G202: as above
	for {
		batch, err := unkeyed(ctx, tx, table, after)
		if err != nil || len(batch) == 0 {
			return err
		}
		for _, row := range batch {
			if _, err := tx.ExecContext(ctx, write, NameKey(row.name), row.id); err != nil {
				return err
			}
		}
		after = batch[len(batch)-1].id
	}
}

func unkeyed(ctx context.Context, tx *sql.Tx, table, after string) (batch []named, err error) {
	query := "SELECT id, name FROM " + table + " WHERE id > $1 AND name <> '' AND name_key = '' ORDER BY id LIMIT 1000" //nolint:gosec // G202: as above
	rows, err := tx.QueryContext(ctx, query, after)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var row named
		if err := rows.Scan(&row.id, &row.name); err != nil {
			return nil, err
		}
		batch = append(batch, row)
	}
	return batch, rows.Err()
}
