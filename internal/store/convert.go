package store

import (
	"database/sql"
	"strings"
	"time"
)

// Times are microseconds since 1970 in UTC; the zero time is NULL, or 0 where a
// query says so.

func micros(t time.Time) int64 { return t.UnixMicro() }

func nullMicros(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

func at(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func atNull(us sql.NullInt64) time.Time {
	if !us.Valid {
		return time.Time{}
	}
	return at(us.Int64)
}

func nullText[T ~string](s T) sql.NullString {
	return sql.NullString{String: string(s), Valid: s != ""}
}

// words are lists of tokens without spaces, kept in one column.

func joinWords[T ~string](list []T) string {
	texts := make([]string, len(list))
	for i, w := range list {
		texts[i] = string(w)
	}
	return strings.Join(texts, " ")
}

func splitWords[T ~string](text string) []T {
	fields := strings.Fields(text)
	list := make([]T, len(fields))
	for i, f := range fields {
		list[i] = T(f)
	}
	return list
}
