// Package store keeps the nouns in SQLite or Postgres: one SQL text and one
// migrations folder for both, a file of operations for each noun.
//
// It owns every line of SQL, the two engines' set-up, transactions with their
// one reading of the clock, and the translation of driver errors into ours. It
// refuses rules: what may happen is decided by the journeys above, except where
// a rule must hold inside one statement to hold at all (a guarded UPDATE).
package store
