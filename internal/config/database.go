package config

import (
	"net/url"
	"strings"

	"watchword/internal/secret"
)

// Engine is a database engine.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

const (
	badDatabase     = reason("must be sqlite:path/to/file.db or postgres://user:password@host/name")
	badDatabasePath = reason("must be sqlite: and the path of a file, without options")
	badPostgresURL  = reason("is no postgres:// URL: percent-encode what is special in the user or password")
)

// Database is where the data lives: a file, or a URL that may hold a password.
type Database struct {
	Engine Engine
	Path   string        // SQLite
	URL    secret.String // Postgres
}

// IsZero says whether none was named.
func (d Database) IsZero() bool { return d.Engine == "" }

// UnmarshalText reads sqlite:path and postgres:// URLs; empty text names none.
func (d *Database) UnmarshalText(text []byte) error {
	*d = Database{}
	s := string(text)
	path, isFile := strings.CutPrefix(s, "sqlite:")
	switch {
	case s == "":
		return nil
	case isFile:
		return d.readPath(path)
	case strings.HasPrefix(s, "postgres://"), strings.HasPrefix(s, "postgresql://"):
		return d.readURL(s)
	default:
		return badDatabase
	}
}

func (d *Database) readPath(path string) error {
	// A second scheme, options or :memory: would reach the driver as something
	// other than the file that was meant.
	if path == "" || strings.HasPrefix(path, "//") || strings.HasPrefix(path, ":") ||
		strings.HasPrefix(path, "file:") || strings.ContainsAny(path, "?#\x00\r\n") {
		return badDatabasePath
	}
	*d = Database{Engine: SQLite, Path: path}
	return nil
}

func (d *Database) readURL(text string) error {
	u, err := url.Parse(text)
	// A password with a bare slash or at-sign would be taken for host and name.
	if err != nil || u.Fragment != "" || strings.ContainsAny(strings.TrimPrefix(u.Path, "/"), "/@") {
		return badPostgresURL
	}
	*d = Database{Engine: Postgres, URL: secret.NewString(text)}
	return nil
}

// String shows a file's path, and of a URL nothing but its kind.
func (d Database) String() string {
	if d.Engine == SQLite {
		return "sqlite:" + d.Path
	}
	return string(d.Engine) + "://[redacted]"
}
