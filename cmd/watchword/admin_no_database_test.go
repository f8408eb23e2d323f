package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// example is a call of a command, as its help shows it.
func example(t *testing.T, path, detail string) []string {
	t.Helper()
	for line := range strings.Lines(strings.ReplaceAll(detail, "\\\n", " ")) {
		for _, args := range calls(line) {
			if strings.HasPrefix(line, "    ") && strings.HasPrefix(strings.Join(args, " ")+" ", path+" ") {
				return args
			}
		}
	}
	t.Fatalf("%s has no example", path)
	return nil
}

// needNone are the commands that need no database, or make one.
var needNone = []string{"admin mail preview", "admin keys create", "admin import", "admin import-users", "admin restore"}

// Whoever is in the wrong folder is not told of users that are not there, and
// leaves nothing behind.
func TestCommandsOfTheAdministrationMakeNoDatabase(t *testing.T) {
	t.Parallel()
	for _, command := range everyCommand(t) {
		path := strings.TrimPrefix(command.FullPath(), "watchword ")
		if !strings.HasPrefix(path, "admin ") || slices.Contains(needNone, path) {
			continue
		}
		data := filepath.Join(t.TempDir(), "data")
		args := slices.Concat(example(t, path, command.Detail), []string{"--data", data})
		if i := slices.Index(args, "--database"); i >= 0 {
			args = slices.Delete(args, i, i+2)
		}
		var out, err bytes.Buffer
		code := run(args, []string{"WATCHWORD_SECRET_PREVIOUS=" + testSecret}, streams{strings.NewReader(""), &out, &err})
		if code != 1 || out.Len() > 0 || !strings.Contains(err.String(), "there is no database yet") {
			t.Errorf("%v: %d\n%s%s", args, code, &out, &err)
		}
		if _, err := os.Stat(data); !os.IsNotExist(err) {
			t.Errorf("%v: it made the data folder (%v)", args, err)
		}
	}
}

func TestANewServerMayBeginWithAKeyOrAnImport(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		for _, command := range []string{"keys create --name first --scopes users:read", "import-users -", "import -"} {
			o := newOperator(t, engine)
			if engine == store.Postgres {
				storetest.Exec(t, engine, o.location, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
			}
			o.run("", append([]string{"admin"}, strings.Fields(command)...)...)
			o.admin("users", "list")
		}
	})
}

// A database without tables is none, and stays so; one of an older version is left
// to the servers.
func TestTheAdministrationMigratesNothing(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		o := newOperator(t, engine)
		if engine == store.Postgres { // which comes with its tables
			storetest.Exec(t, engine, o.location, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
		}
		o.refused("there is no database yet", "users", "list")
		o.refused("there is no database yet", "rotate-keys")
		if got := o.run("", "migrate").want(t, 0); !strings.Contains(got.out, "from version 0") {
			t.Errorf("something had been made: %s", got.out)
		}
		o.admin("users", "list")
		storetest.Exec(t, engine, o.location, "DELETE FROM goose_db_version WHERE version_id = (SELECT MAX(version_id) FROM goose_db_version)")
		o.refused("of an older version", "users", "list")
		o.refused("of an older version", "rotate-keys")
	})
}
