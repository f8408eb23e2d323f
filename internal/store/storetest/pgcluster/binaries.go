package pgcluster

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// ErrNotInstalled says that this machine has no PostgreSQL server programs.
var ErrNotInstalled = errors.New("PostgreSQL's server programs (initdb, pg_ctl, postgres) were not found: `make test` installs them on Debian and says what to install elsewhere")

// Where packages put the server programs, which most leave out of PATH.
var binaryFolders = []string{
	"/usr/lib/postgresql/*/bin",                   // Debian, Ubuntu
	"/usr/pgsql-*/bin",                            // PostgreSQL's own RPMs
	"/opt/homebrew/opt/postgresql*/bin",           // Homebrew on arm64
	"/usr/local/opt/postgresql*/bin",              // Homebrew on amd64
	"/usr/libexec/postgresql*",                    // Alpine
	"/Applications/Postgres.app/*/Versions/*/bin", // Postgres.app
}

// findBinaries is the folder of the server programs: that of the pg_ctl in PATH,
// else the newest version that a package has installed.
func findBinaries() (string, error) {
	if path, err := exec.LookPath("pg_ctl"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil && hasServer(filepath.Dir(path)) {
			return filepath.Dir(path), nil
		}
	}
	var found []string
	for _, pattern := range binaryFolders {
		folders, _ := filepath.Glob(pattern) // fails on a malformed pattern only
		found = append(found, slices.DeleteFunc(folders, func(dir string) bool { return !hasServer(dir) })...)
	}
	if len(found) == 0 {
		return "", ErrNotInstalled
	}
	return slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) }), nil
}

func hasServer(dir string) bool {
	for _, name := range []string{"initdb", "pg_ctl", "postgres"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.IsDir() {
			return false
		}
	}
	return true
}

var digits = regexp.MustCompile(`\d+`)

// version is the first number in a folder's path, which is the major version.
func version(dir string) int {
	n, _ := strconv.Atoi(digits.FindString(dir)) // no number: the oldest
	return n
}
