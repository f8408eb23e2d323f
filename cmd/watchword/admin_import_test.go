package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// people are the lines of an import, of users from one number to another.
func people(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, `{"email":"user%d@example.com","email_verified":true,"name":"User %d","account":{"name":"User %d"}}`+"\n", i, i, i)
	}
	return b.String()
}

// wantImport fails the test unless the command's JSON says so.
func (o outcome) wantImport(t *testing.T, imported, there, refused int) {
	t.Helper()
	got := o.json(t)
	if got["imported"] != float64(imported) || got["already_there"] != float64(there) || got["refused"] != float64(refused) {
		t.Errorf("%v, want %d imported, %d already there, %d refused\n%s", got, imported, there, refused, o.err)
	}
}

func TestAnImportIsDoneOnceHoweverOftenItIsRun(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		o := newOperator(t, engine)
		o.run("", "migrate").want(t, 0)
		file := filepath.Join(t.TempDir(), "users.jsonl")
		if err := os.WriteFile(file, []byte(people(0, 2000)), 0o600); err != nil {
			t.Fatal(err)
		}
		o.run("", "admin", "import-users", file, "--json").want(t, 0).wantImport(t, 2000, 0, 0)
		o.run("", "admin", "import-users", file, "--json").want(t, 0).wantImport(t, 0, 2000, 0)
		o.run(people(1990, 2010), "admin", "import-users", "-", "--json").want(t, 0).wantImport(t, 10, 10, 0)
		if n := countRows(t, engine, o.location, "users"); n != 2010 {
			t.Errorf("%d users, want 2010", n)
		}
	})
}

func TestAnImportNamesBadLinesByNumberAndNothingOfThem(t *testing.T) {
	t.Parallel()
	const text = `{"email":"a@example.com"}
{"email":"canary@@example.com"}
{"email":"b@example.com","password_hash":"canary"}
{"email":"A@example.com"}
{"email":"b@example.com","canary":true}
{"email":"b@example.com"}
`
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		o := newOperator(t, engine)
		o.run("", "migrate").want(t, 0)
		for _, test := range []struct {
			flag, says string
			users      int
		}{
			{"--dry-run", "2 to be imported, 0 are there already, 4 lines refused", 0},
			{"--dry-run=false", "2 imported, 0 were there already, 4 lines refused", 2},
		} {
			got := o.run(text, "admin", "import-users", "-", test.flag).want(t, 1)
			if !strings.Contains(got.out, test.says) {
				t.Errorf("%s: %s", test.flag, got.out)
			}
			for _, want := range []string{
				"line 2: email: ", "line 3: password_hash: ", "line 4: email: Line 1 has this address too.", "line 5: It has a member",
				"4 lines were refused",
			} {
				if !strings.Contains(got.err, want) {
					t.Errorf("%s: nothing of %q in\n%s", test.flag, want, got.err)
				}
			}
			if strings.Contains(got.out+got.err, "canary") {
				t.Errorf("%s repeats what stands in the file:\n%s", test.flag, got.err)
			}
			if n := countRows(t, engine, o.location, "users"); n != test.users {
				t.Errorf("%s: %d users, want %d", test.flag, n, test.users)
			}
		}
	})
}

// The hashes that other systems made of the passwords, as they export them.
var importedHashes = []struct{ name, password, hash string }{
	{"bcrypt", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
	{"scrypt", "password", "$scrypt$ln=8,r=8,p=1$WKs1xljLudd6z9kbY0wpJQ$yCR4iDZYDKv+iEJj6yHY0lv/epnfB6f/w1EbXrsJOuQ"},
	{"firebase", "user1password", "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="},
	{"pbkdf2", "password", "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M"},
	{"django", "lètmein", "pbkdf2_sha256$10000$seasalt$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY="},
	{"argon2i", "password", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"},
	{"argon2id", "password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
}

func TestImportedUsersSignInAndAreRehashed(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for _, h := range importedHashes {
		fmt.Fprintf(&lines, `{"email":"%s@example.com","email_verified":true,"password_hash":"%s"}`+"\n", h.name, h.hash)
	}
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, "rate_limits: off\n")
		w.operator().run(lines.String(), "admin", "import-users", "-", "--json").want(t, 0).wantImport(t, len(importedHashes), 0, 0)
		for _, h := range importedHashes {
			address := h.name + "@example.com"
			signIn := func(password string) answer {
				return w.program().post("/auth/sign-in", `{"email":"`+address+`","password":"`+password+`"}`)
			}
			signIn("not "+h.password).want(t, 401, "invalid_credentials")
			if got := w.storedHash(address); got != h.hash {
				t.Errorf("%s: a wrong password changed the hash", h.name)
			}
			in := signIn(h.password).want(t, 200, "")
			if in.str("account", "role") != "owner" || in.body["user"].(map[string]any)["email_verified"] != true {
				t.Errorf("%s: %s", h.name, in.text)
			}
			if !strings.HasPrefix(w.storedHash(address), "$argon2id$v=19$m=19456,t=2,p=1$") {
				t.Errorf("%s was not hashed anew", h.name)
			}
			signIn(h.password).want(t, 200, "")
			signIn("not "+h.password).want(t, 401, "invalid_credentials")
		}
	})
}

func (w *world) storedHash(address string) string {
	w.t.Helper()
	cred, err := w.store.Read().CredentialFor(w.t.Context(), address)
	if err != nil {
		w.t.Fatal(err)
	}
	return cred.Hash.Reveal()
}

func TestProgressIsABarOnATerminalAndLinesElsewhere(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	var out strings.Builder
	p := newProgress(&out, clock.Now, 1000)
	come := headway{lines: 250, bytes: 500, said: "240 imported, 7 already there, 3 refused", short: "3 refused"}
	p.show(come)
	if out.Len() > 0 {
		t.Errorf("shown at once: %q", &out)
	}
	clock.Advance(time.Second)
	p.show(come)
	p.show(come)
	if want := "250 lines (50 %): 240 imported, 7 already there, 3 refused\n"; out.String() != want {
		t.Errorf("shown %q, want %q once a second", &out, want)
	}

	out.Reset()
	p.kind = displayBar
	clock.Advance(time.Second)
	p.show(come)
	p.line("line %d: refused", 9)
	p.clear()
	want := "[###############...............]  50 % 250 lines, 125/s, 3 refused, 2s left\r\x1b[Kline 9: refused\n"
	if out.String() != want {
		t.Errorf("shown %q, want %q", &out, want)
	}
	p.size = 0
	if got := p.bar(come, clock.Now()); got != "250 lines, 125/s, 3 refused" {
		t.Errorf("of a stream without an end it shows %q", got)
	}
}
