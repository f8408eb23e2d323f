package transfer

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

const (
	argonHash  = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	bcryptHash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
)

// number is the n-th identifier of a kind.
func number[T ~string](prefix T, n byte) T {
	var raw [watchword.IDBytes]byte
	raw[0], raw[watchword.IDBytes-1] = 1, n
	return prefix + T(strings.TrimPrefix(string(watchword.IDFromBytes[watchword.UserID](raw)), "usr_"))
}

// server is a database and what is around it.
type server struct {
	*store.Store
	t        *testing.T
	engine   store.Engine
	location string
}

func newServer(t *testing.T, engine store.Engine) *server {
	t.Helper()
	location := storetest.Location(t, engine)
	return &server{storetest.OpenAt(t, engine, location, nil), t, engine, location}
}

func (s *server) exec(statement string, arguments ...any) {
	s.t.Helper()
	storetest.Exec(s.t, s.engine, s.location, statement, arguments...)
}

// oddTexts are what names and the like may hold, and formats stumble over.
var oddTexts = []string{"", "Ada", `"quoted" \ back`, "<b>&amp;</b>", "линия\u2028\u2029 🙂\u200d🔥", " two  spaces ", strings.Repeat("ß", 200), "0", "null", "tab\tnew\nline\x7f"}

// oddObjects are what metadata may hold.
var oddObjects = []string{
	"{}", `{"id":12345678901234567890,"e":1e400,"z":-0.0}`, `{"a":"\u0000\u00e9\/","b":{"b":[null,true,{}]}}`,
	`{"":"","z":1,"a":2}`, "{\"\u2028\":\"🙂\",\"<\":\"&\"}",
}

// filling makes rows of every kind, by SQL of its own and not by what is tested.
type filling []storetest.Statement

func (f *filling) exec(text string, arguments ...any) {
	*f = append(*f, storetest.Statement{Text: text, Arguments: arguments})
}

func (s *server) fill() {
	s.t.Helper()
	var f filling
	f.users()
	f.rest()
	storetest.ExecAll(s.t, s.engine, s.location, f)
}

func (f *filling) users() {
	for i := range 20 {
		n := byte(i + 1)
		text, object, base := oddTexts[i%len(oddTexts)], oddObjects[i%len(oddObjects)], 1_700_000_000_000_000+int64(i)*1_000_001
		status, hash, signedIn, deleteAt := "active", "", any(nil), any(nil)
		switch i % 4 {
		case 1:
			hash, signedIn = argonHash, base+7
		case 2:
			hash, status, deleteAt = bcryptHash, "disabled", base+1_000_000_000
		}
		user, account := number("usr_", n), number("acc_", n)
		f.exec(`INSERT INTO users (id, status, name, name_key, picture, locale, metadata, admin_metadata, administrator, password_hash,
			password_version, last_account_id, created_at, updated_at, last_sign_in_at, delete_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
			user, status, text, store.NameKey(text), "https://example.com/"+user, []string{"", "de-AT"}[i%2], object, oddObjects[(i+1)%len(oddObjects)], i%3 == 0, hash,
			i*i+1, []any{"", account}[i%2], base, base+5, signedIn, deleteAt)
		f.exec(`INSERT INTO accounts (id, name, name_key, slug, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			account, text, store.NameKey(text), fmt.Sprintf("s-%d", i), base, base+1)
		f.exec(`INSERT INTO memberships (id, account_id, user_id, role, joined_at) VALUES ($1, $2, $3, $4, $5)`, number("mem_", n), account, user, []string{"owner", "admin", "member"}[i%3], base)
		if i%5 != 4 { // some have no address
			f.exec(`INSERT INTO emails VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				number("eml_", n), user, fmt.Sprintf("user%d+ü@example.com", i), true, true, []any{nil, base}[i%2], base)
		}
		f.exec(`INSERT INTO emails VALUES ($1, $2, 'claimed@example.com', $3, $4, NULL, $5)`, number("eml_", 100+n), user, false, false, base)
		f.exec(`INSERT INTO identities VALUES ($1, $2, 'acme', 'https://idp.example', $3, $4, $5)`,
			number("idn_", n), user, "sub "+text+fmt.Sprint(i), []string{"", "Other@Example.com"}[i%2], base)
		f.exec(`INSERT INTO invites VALUES ($1, $2, 'guest@example.com', 'admin', $3, $4, 'web', 'en', 'https://app.example/in?a=1&b=2', $5, 'challenge', $6, $7, $8, $9, $10)`,
			number("inv_", n), account, []string{"mail", "link"}[i%2], []any{"", user}[i%2], text, base, base+9,
			[]any{nil, base + 2, nil}[i%3], []any{"", user, ""}[i%3], []any{nil, nil, base + 3}[i%3])
	}
}

func (f *filling) rest() {
	const base = 1_700_000_000_000_009
	for i, name := range []string{"beta", "a.b_c-d"} {
		f.exec(`INSERT INTO features VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, name, number("fea_", byte(9-i)), "Title <"+name, "line\nline", i == 0, []any{nil, base + 4}[i], base, base+2)
		for n := range 6 {
			f.exec(`INSERT INTO waitlist_entries VALUES ($1, $2, $3, $4, $5, $6, $7)`, number("wle_", byte(20*i+n+1)), name, number("acc_", byte(n+1)), number("usr_", byte(n+1)),
				[]string{"waiting", "approved"}[n%2], base+n, []any{nil, base + 99}[n%2])
		}
	}
	for i := range 4 {
		id := number("cli_", byte(i+1))
		f.exec(`INSERT INTO clients VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, id, "Client "+oddTexts[i+1],
			[]string{"public", "confidential"}[min(i, 1)], []string{"", "https://api.example"}[i%2], []string{"", "https://app.example/cb com.example.app:/cb"}[i%2],
			[]string{"https://app.example http://localhost:3000", ""}[i%2], []string{"", "password acme"}[i%2],
			i*60_000_000, i*3_600_000_000, i*86_400_000_000, i*1_500_000, base, base+1)
		for n := range max(0, i-1) {
			f.exec(`INSERT INTO client_secrets VALUES ($1, $2, $3, $4)`, bytes.Repeat([]byte{byte(16*i + n)}, 32), id, base+n, []any{nil, base + 5}[n])
		}
	}
}

// export is the whole export.
func (s *server) export() string {
	s.t.Helper()
	var out bytes.Buffer
	if _, err := (Exporter{Store: s.Store, Actor: "cli", Progress: func(Exported) {}}).Run(s.t.Context(), &out); err != nil {
		s.t.Fatal(err)
	}
	return out.String()
}

// came is what an import came to, with the refusals by line.
type came struct {
	Imported
	refused map[int]string
	err     error
}

func (s *server) bring(text string, options ...func(*Importer)) came {
	s.t.Helper()
	got := came{refused: map[int]string{}}
	i := Importer{
		Store: s.Store, Actor: "cli", Progress: func(Imported) {},
		Refused: func(line int, why error) { got.refused[line] = explained(why) },
	}
	for _, option := range options {
		option(&i)
	}
	got.Imported, got.err = i.Run(s.t.Context(), strings.NewReader(text))
	return got
}

func dryRun(i *Importer) { i.Mode = DryRun }
func stop(i *Importer)   { i.OnFault = Stop }

// explained is an error as people see it.
func explained(err error) string {
	e, ok := errors.AsType[*watchword.Error](err)
	if !ok {
		return err.Error()
	}
	text := e.Message
	for _, f := range e.Fields {
		text += " " + f.Field + ": " + f.Message
	}
	return text
}

// want ends the test unless so many lines were new, here already and refused.
func (c came) want(t *testing.T, news, present, refused int) came {
	t.Helper()
	if c.err != nil || c.New != news || c.Present != present || c.Refused != refused {
		t.Fatalf("%d new, %d present, %d refused, %v; want %d, %d, %d\n%v", c.New, c.Present, c.Refused, c.err, news, present, refused, c.refused)
	}
	return c
}

// tables are those whose rows are taken along.
var tables = []string{"users", "emails", "identities", "accounts", "memberships", "invites", "features", "waitlist_entries", "clients", "client_secrets"}

func (s *server) rows() (all []string) {
	s.t.Helper()
	for _, table := range tables {
		for _, row := range storetest.Rows(s.t, s.engine, s.location, "SELECT * FROM "+table+" ORDER BY 1") {
			all = append(all, table+": "+row)
		}
	}
	return all
}

const aTime = "2024-01-02T03:04:05.000006Z"
