package transfer

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestAnExportGoesIntoAnEmptyServerOfEitherEngineAndComesOutTheSame(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, from store.Engine) {
		source := newServer(t, from)
		source.fill()
		export, rows := source.export(), source.rows()
		lines := strings.Count(export, "\n")
		storetest.OnEach(t, func(t *testing.T, to store.Engine) {
			target := newServer(t, to)
			target.bring(export, dryRun).want(t, lines-2, 0, 0)
			if n := len(target.rows()); n != 0 {
				t.Fatalf("a dry run wrote %d rows", n)
			}
			target.bring(export).want(t, lines-2, 0, 0)
			if again := target.export(); again != export {
				t.Errorf("it came out as\n%s\nwant\n%s", again, export)
			}
			// Columns that the format does not know yet would be lost on both ways.
			if got := target.rows(); !slices.Equal(got, rows) {
				t.Errorf("rows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(rows, "\n"))
			}
			target.bring(export).want(t, 0, lines-2, 0)
			target.bring(export, dryRun).want(t, 0, lines-2, 0)
			if n := target.count(watchword.EventDataImported); n != 1 {
				t.Errorf("%d events of an import of one batch and another of nothing", n)
			}
		})
	})
}

// count is how many events of a type there are.
func (s *server) count(typ watchword.EventType) int {
	s.t.Helper()
	list, _, err := s.Read().Events(s.t.Context(), watchword.EventFilter{Type: typ}, watchword.Page{Limit: 100})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range list {
		if e.Actor != "cli" {
			s.t.Errorf("%s has the actor %q", typ, e.Actor)
		}
	}
	return len(list)
}

func TestAnExportIsInOrderAndSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	s := newServer(t, store.SQLite)
	s.fill()
	export := s.export()
	lines := strings.Split(strings.TrimSuffix(export, "\n"), "\n")
	want := `{"type":"header","format":"watchword-export","version":1,"not_included":["api_keys","events","jobs","links_and_codes","sessions","signing_keys","settings"]}`
	if lines[0] != want || lines[len(lines)-1] != `{"type":"end"}` {
		t.Errorf("begins with %s and ends with %s", lines[0], lines[len(lines)-1])
	}
	place := map[string]int{}
	for i, k := range kinds() {
		place[string(k.typ)] = i
	}
	var keys []string
	for _, line := range lines[1 : len(lines)-1] {
		var typ, id string
		if _, rest, ok := strings.Cut(line, `{"type":"`); ok {
			typ, rest, _ = strings.Cut(rest, `","id":"`)
			id, _, _ = strings.Cut(rest, `"`)
		}
		keys = append(keys, string(rune('a'+place[typ]))+id)
	}
	if !slices.IsSorted(keys) || len(slices.Compact(keys)) != len(lines)-2 {
		t.Errorf("the lines are not in the order of types and ids: %v", keys)
	}
	if n := s.count(watchword.EventDataExported); n != 1 {
		t.Errorf("%d events of one export", n)
	}
}

func TestAnExportIsOfOneMoment(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := newServer(t, engine)
		s.fill()
		before := s.rows()
		var out strings.Builder
		e := Exporter{Store: s.Store, Actor: "cli", Progress: func(done Exported) {
			if done[TypeUser] > 0 && done[TypeEmail] == 0 { // the users are written, the rest is not
				s.exec("DELETE FROM users")
				s.exec("DELETE FROM accounts")
			}
		}}
		if _, err := e.Run(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		target := newServer(t, store.SQLite)
		if got := target.bring(out.String()); got.err != nil || got.Refused > 0 {
			t.Fatalf("%v, %v", got.err, got.refused)
		}
		if !slices.Equal(target.rows(), before) {
			t.Error("the export holds what was done while it was written")
		}
	})
}

func TestLinesThatCannotBeBroughtInAreNamedAndTheOthersAre(t *testing.T) {
	t.Parallel()
	one, two, ada := number("usr_", 1), number("usr_", 2), number("acc_", 1)
	user := func(id string, more ...string) string {
		return `{"type":"user","id":"` + id + `","status":"active","name":"CANARY","metadata":{},"admin_metadata":{},"password_version":1,"created_at":"` + aTime + `","updated_at":"` + aTime + `"` + strings.Join(more, "") + `}`
	}
	email := func(n byte, of, address string) string {
		return `{"type":"email","id":"` + number("eml_", n) + `","user_id":"` + of + `","address":"` + address + `","exclusive":true,"primary":true,"created_at":"` + aTime + `"}`
	}
	text := strings.Join([]string{
		`{"type":"header","format":"watchword-export","version":1}`,
		user(one),                          // 2
		user(two),                          // 3
		user(one, `,"administrator":true`), // 4: another user of the same id
		user(number("usr_", 3), `,"password_hash":"CANARY"`), // 5
		user("usr_CANARY"),                           // 6
		`{"type":"CANARY"}`,                          // 7
		`{"type":"user","CANARY":1}`,                 // 8
		`CANARY`,                                     // 9
		email(1, one, "ada@example.com"),             // 10
		email(2, two, "ada@example.com"),             // 11: somebody's
		email(3, number("usr_", 9), "b@example.com"), // 12: nobody's
		email(4, two, "CANARY@Example.com"),          // 13: not canonical
		email(5, one, "c@example.com"),               // 14: a second primary
		`{"type":"account","id":"` + ada + `","name":"","slug":"s","created_at":"` + aTime + `","updated_at":"` + aTime + `"}`,                                                          // 15
		`{"type":"account","id":"` + number("acc_", 2) + `","name":"","slug":"s","created_at":"` + aTime + `","updated_at":"` + aTime + `"}`,                                            // 16: the slug
		`{"type":"membership","id":"` + number("mem_", 1) + `","account_id":"` + ada + `","user_id":"` + one + `","role":"owner","joined_at":"` + aTime + `"}`,                          // 17
		`{"type":"membership","id":"` + number("mem_", 2) + `","account_id":"` + ada + `","user_id":"` + one + `","role":"owner","joined_at":"` + aTime + `"}`,                          // 18: a member
		`{"type":"membership","id":"` + number("mem_", 3) + `","account_id":"` + ada + `","user_id":"` + two + `","role":"king","joined_at":"` + aTime + `"}`,                           // 19
		`{"type":"waitlist_entry","id":"` + number("wle_", 1) + `","feature":"none","account_id":"` + ada + `","user_id":"` + one + `","status":"waiting","joined_at":"` + aTime + `"}`, // 20
		`{"type":"end"}`,
		user(number("usr_", 8)), // 22: behind the end
	}, "\n")
	wanted := map[int]string{
		4: "differs in administrator", 5: "password_hash: ", 6: "id: This is no identifier", 7: "type: ", 8: "not known here", 9: "not valid JSON",
		11: "address: Something else", 12: "user_id: What this names is not here", 13: "address: ", 14: "primary: Something else", 16: "slug: ",
		18: "user_id: Something else", 19: "role: ", 20: "feature: What this names", 22: "behind the end",
	}
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := newServer(t, engine)
		for _, mode := range [][]func(*Importer){{dryRun}, nil} {
			got := s.bring(text, mode...).want(t, 5, 0, len(wanted))
			for line, want := range wanted {
				said := got.refused[line]
				// In a dry run what stands in a line before is not told apart.
				if !strings.Contains(said, want) && !(len(mode) > 0 && strings.Contains(said, "A line before")) || strings.Contains(said, "CANARY") {
					t.Errorf("line %d: %q, want %q", line, said, want)
				}
			}
			if want := map[bool]int{true: 0, false: 5}[len(mode) > 0]; len(s.rows()) != want {
				t.Errorf("%d rows were written, want %d", len(s.rows()), want)
			}
		}
	})
}

func TestAnImportStopsAtTheFirstFaultWhereItIsAskedTo(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		source, target := newServer(t, store.SQLite), newServer(t, engine)
		source.fill()
		lines := strings.SplitAfter(source.export(), "\n")
		for name, bad := range map[string]string{
			"what cannot be read":    "{}\n",
			"what refers to nothing": `{"type":"email","id":"` + number("eml_", 77) + `","user_id":"` + number("usr_", 77) + `","address":"x@example.com","created_at":"` + aTime + "\"}\n",
			"what is taken":          `{"type":"account","id":"` + number("acc_", 77) + `","slug":"s-3","created_at":"` + aTime + `","updated_at":"` + aTime + "\"}\n",
		} {
			at := 1 + 20 + 36 + 20 + 10 // in the middle of the accounts
			got := target.bring(strings.Join(slices.Insert(slices.Clone(lines), at, bad), ""), stop)
			if !errors.Is(got.err, ErrStopped) || got.New != at-1 || len(got.refused) != 1 || got.refused[at+1] == "" || len(target.rows()) != at-1 {
				t.Errorf("%s: %d new, %v, %v, %d rows; want %d", name, got.New, got.err, got.refused, len(target.rows()), at-1)
			}
			target.exec("DELETE FROM users")
			target.exec("DELETE FROM accounts")
		}
	})
}

func TestAnImportThatWasCutOffGoesOn(t *testing.T) {
	t.Parallel()
	source := newServer(t, store.SQLite)
	source.fill()
	export := source.export()
	target := newServer(t, store.SQLite)
	half := export[:strings.Index(export, `{"type":"membership"`)]
	got := target.bring(half)
	if !errors.Is(got.err, ErrCutOff) || got.New == 0 {
		t.Fatalf("%d new, %v", got.New, got.err)
	}
	lines := strings.Count(export, "\n")
	target.bring(export).want(t, lines-2-got.New, got.New, 0)
	if target.export() != export {
		t.Error("the export of what was brought in by two goes is another")
	}
}

func TestWhatIsNoExportIsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, store.SQLite)
	for text, want := range map[string]error{
		"": ErrNoExport, "{}": ErrNoExport, `{"email":"a@example.com"}`: ErrNoExport, `{"type":"end"}`: ErrNoExport,
		`{"type":"header","format":"other","version":1}`:                            ErrNoExport,
		`{"type":"header","format":"watchword-export","version":0}`:                 ErrNoExport,
		`{"type":"header","format":"watchword-export","version":2}`:                 ErrNewerExport,
		`{"type":"header","format":"watchword-export","version":2,"new":["a"]}`:     ErrNewerExport,
		`{"type":"header","format":"watchword-export","version":1}`:                 ErrCutOff,
		`{"type":"header","format":"watchword-export","version":1}` + "\n{\"type\"": ErrCutOff,
	} {
		if got := s.bring(text); !errors.Is(got.err, want) {
			t.Errorf("%s: %v, want %v", text, got.err, want)
		}
	}
}

// Each of these would break something or open it, and no person's rule keeps it out.
func TestWhatNoRowMayHoldIsRefused(t *testing.T) {
	t.Parallel()
	user, account, times := number("usr_", 1), number("acc_", 1), `,"created_at":"`+aTime+`","updated_at":"`+aTime+`"`
	client := `{"type":"client","id":"` + number("cli_", 1) + `","client_type":"%","name":"a"` + times
	const digest = `{"digest":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","created_at":"` + aTime + `"}`
	email := `{"type":"email","id":"` + number("eml_", 1) + `","user_id":"` + user + `","created_at":"` + aTime + `","address":`
	userLine := `{"type":"user","id":"` + user + `","status":"active","password_version":1` + times
	for line, field := range map[string]string{
		userLine + `,"metadata":{},"admin_metadata":{}}`:                                                             "",
		userLine + `,"metadata":[],"admin_metadata":{}}`:                                                             "metadata",
		userLine + `,"metadata":{},"admin_metadata":{},"name":"\u0000"}`:                                             "name",
		userLine + `,"metadata":{},"admin_metadata":{},"password_hash":"$2b$31$` + strings.Repeat("a", 53) + `"}`:    "password_hash",
		`{"type":"user","id":"` + user + `","status":"king","password_version":0,"metadata":{},"admin_metadata":{}}`: "status password_version created_at updated_at",
		email + `"a@example.com","exclusive":true,"verified_at":"` + aTime + `"}`:                                    "",
		email + `"a@example.com","verified_at":"` + aTime + `"}`:                                                     "exclusive",
		email + `"a@b@c"}`: "address",
		`{"type":"account","id":"` + account + `","slug":"` + strings.Repeat("x", 1001) + `"` + times + `}`:                                                                                                                   "slug",
		`{"type":"account","id":"` + account + `","slug":"a","created_at":"1970-01-01T00:00:00Z","updated_at":"` + aTime + `"}`:                                                                                               "created_at",
		`{"type":"identity","id":"` + number("idn_", 1) + `","user_id":"` + user + `","issuer":"i","subject":"","created_at":"` + aTime + `"}`:                                                                                "subject",
		`{"type":"invite","id":"` + number("inv_", 1) + `","account_id":"` + account + `","address":"a@example.com","role":"","deliver":"mail"` + times[:len(`,"created_at":"`+aTime+`"`)] + `,"expires_at":"` + aTime + `"}`: "role",
		`{"type":"feature","id":"` + number("fea_", 1) + `","name":"Not A Name"` + times + `}`:                                                                                                                                "name",
		strings.Replace(client, "%", "confidential", 1) + `,"secrets":[` + digest + `]}`:                                                                                                                                      "",
		strings.Replace(client, "%", "public", 1) + `,"secrets":[` + digest + `]}`:                                                                                                                                            "secrets",
		strings.Replace(client, "%", "confidential", 1) + `,"secrets":[` + digest + `,` + digest + `]}`:                                                                                                                       "secrets",
		strings.Replace(client, "%", "confidential", 1) + `,"secrets":[{"digest":"AAAA","created_at":"` + aTime + `"}]}`:                                                                                                      "secrets[0].digest",
		strings.Replace(client, "%", "public", 1) + `,"redirect_uris":["javascript:alert(1)"]}`:                                                                                                                               "redirect_uris[0]",
		strings.Replace(client, "%", "public", 1) + `,"origins":["https://a.example/"]}`:                                                                                                                                      "origins[0]",
		strings.Replace(client, "%", "public", 1) + `,"methods":["a b"]}`:                                                                                                                                                     "methods[0]",
		strings.Replace(client, "%", "public", 1) + `,"lifetimes":{"access_token":"25h"}}`:                                                                                                                                    "lifetimes.access_token",
		strings.Replace(client, "%", "public", 1) + `,"lifetimes":{"refresh_idle":"forever"}}`:                                                                                                                                "lifetimes.refresh_idle",
	} {
		_, _, err := parse([]byte(line), kinds())
		var fields []string
		if e, ok := errors.AsType[*watchword.Error](err); ok {
			for _, f := range e.Fields {
				fields = append(fields, f.Field)
			}
		}
		if got := strings.Join(fields, " "); got != field || (err == nil) != (field == "") {
			t.Errorf("%s: %q, %v; want %q", line, got, err, field)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"type":"user","id":"usr_040000000000000000000000001","status":"active","metadata":{"a":[1]},"admin_metadata":{},"password_version":1,"password_hash":"` + bcryptHash + `","created_at":"` + aTime + `","updated_at":"` + aTime + `"}`,
		`{"type":"email","address":"a@example.com"}`, `{"type":"identity","subject":"\u0000"}`, `{"type":"membership"}`, `{"type":"invite","deliver":"mail"}`,
		`{"type":"account","slug":"a","created_at":"0001-01-01T00:00:00Z"}`, `{"type":"feature","name":"a"}`, `{"type":"waitlist_entry"}`,
		`{"type":"client","id":"cli_040000000000000000000000001","client_type":"confidential","redirect_uris":["https://a.example/"],"lifetimes":{"access_token":"5m"},"secrets":[{"digest":"AAAA"}]}`,
		`{"type":"end"}`, `{"type":1}`, `[]`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		typ, r, err := parse(text, kinds())
		if err != nil {
			if _, ok := errors.AsType[*watchword.Error](err); !ok {
				t.Fatalf("an error that is not ours: %v", err)
			}
			return
		}
		if typ == TypeEnd {
			return
		}
		once, err := encode(r)
		if err != nil {
			t.Fatal(err)
		}
		_, again, err := parse(once, kinds())
		if err != nil {
			t.Fatalf("%s is read and not read again: %v", once, err)
		}
		if names, err := difference(r, again); err != nil || names != "" {
			t.Errorf("%s comes back with another %s (%v)", once, names, err)
		}
	})
}
