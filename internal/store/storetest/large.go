package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"watchword"
	"watchword/internal/store"
)

// Size is how much Fill fills a database with.
type Size struct {
	Users  int // each with an address, an account of their own, a session, an invite and a place on a waitlist
	Events int
}

// Who and what of it tests ask for. People and accounts are numbered from 1.
const (
	BusyUser    = 7  // has a twentieth of all events, nearly all in their own account
	QuietUser   = 11 // has three events
	BusyAccount = 5  // has nearly a third of all events, a tenth of the invites and of the places; a hundredth of the users are in it

	CommonType = watchword.EventSessionStarted // of most events
	RareType   = watchword.EventMemberRemoved  // of one event in twenty-five thousand
)

// Filled is what Fill has made.
type Filled struct {
	Size
	rows, events int64 // when they began to be made, in steps
}

// How far apart in time rows are made. A step is a power of two that leaves the
// last characters of an identifier as they are, so that SQL can write the others.
const (
	rowShift   = 24 // 17 seconds: 200,000 are made in 39 days
	eventShift = 21 // 2 seconds: 1,000,000 in 24 days, 41,200 a day
)

const idAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// ID is the identifier of the n-th row with that prefix, such as usr_ or acc_.
func (f Filled) ID(prefix string, n int) string {
	text, step := prefix, f.rows+int64(n)
	for _, shift := range []int{27, 22, 17, 12, 7, 2} {
		text += idAlphabet[step>>shift&31:][:1]
	}
	return text + idAlphabet[step<<3&31:][:1] + fmt.Sprintf("00000%013d0", n)
}

// EventID is the identifier of the n-th event.
func (f Filled) EventID(n int) string {
	text := "evt_"
	for _, shift := range []int{30, 25, 20, 15, 10, 5, 0} {
		text += idAlphabet[(f.events+int64(n))>>shift&31:][:1]
	}
	return text + fmt.Sprintf("00000%013d0", n)
}

// EventTime is when the n-th event happened.
func (f Filled) EventTime(n int) time.Time {
	return time.UnixMicro((f.events + int64(n)) << eventShift).UTC()
}

// Fill fills an empty database with rows that were made up to now, by
// statements of its own: as many as a big installation has, in seconds.
func Fill(ctx context.Context, engine store.Engine, location string, size Size, now time.Time) (Filled, error) {
	f := Filled{
		Size: size,
		rows: now.UnixMicro()>>rowShift - int64(size.Users), events: now.UnixMicro()>>eventShift - int64(size.Events),
	}
	if err := migrate(ctx, engine, location); err != nil {
		return f, err
	}
	driver := map[store.Engine]string{store.SQLite: "sqlite", store.Postgres: "pgx"}[engine]
	if engine == store.SQLite {
		location = "file:" + location + "?_pragma=journal_mode(OFF)&_pragma=locking_mode(EXCLUSIVE)&_pragma=synchronous(OFF)&_pragma=cache_size(-100000)&_pragma=temp_store(MEMORY)"
	}
	db, err := sql.Open(driver, location)
	if err != nil {
		return f, err
	}
	db.SetMaxOpenConns(1) // the settings are the connection's
	return f, errors.Join(f.fill(ctx, engine, db, now), db.Close())
}

func (f Filled) fill(ctx context.Context, engine store.Engine, db *sql.DB, now time.Time) error {
	run := func(texts ...string) error {
		for _, text := range texts {
			if _, err := db.ExecContext(ctx, text); err != nil {
				return fmt.Errorf("%w: %s", err, text)
			}
		}
		return nil
	}
	// Indexes are quicker made of what is there than kept while it comes.
	indexes, err := indexesOf(ctx, engine, db)
	if err != nil {
		return err
	}
	if engine == store.Postgres {
		err = run("SET session_replication_role = replica", "SET statement_timeout = 0", "SET maintenance_work_mem = '256MB'", "SET synchronous_commit = off")
	}
	if err != nil {
		return err
	}
	for name := range indexes {
		if err := run("DROP INDEX " + name); err != nil {
			return err
		}
	}
	words := f.words(engine, now)
	for _, text := range fillTexts {
		if err := run(words.Replace(text)); err != nil {
			return err
		}
	}
	for _, text := range indexes {
		if err := run(text); err != nil {
			return err
		}
	}
	if engine == store.Postgres {
		return run("VACUUM (ANALYZE)")
	}
	return nil
}

// indexesOf are the statements that make the indexes, by name, without those that
// belong to a key.
func indexesOf(ctx context.Context, engine store.Engine, db *sql.DB) (map[string]string, error) {
	query := "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
	if engine == store.Postgres {
		query = `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND NOT EXISTS (
			SELECT 1 FROM pg_constraint WHERE conindid = format('%I.%I', schemaname, indexname)::regclass)`
	}
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	list := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, err
		}
		list[name] = text
	}
	return list, rows.Err()
}

// words are what the texts below say otherwise on each engine, or for each size.
func (f Filled) words(engine store.Engine, now time.Time) *strings.Replacer {
	const letter = "substr('0123456789abcdefghjkmnpqrstvwxyz', CAST(1 + ((STEP >> SHIFT) & 31) AS INTEGER), 1)"
	letters := func(step string, shifts ...string) string {
		var list []string
		for _, shift := range shifts {
			list = append(list, strings.NewReplacer("STEP", step, "SHIFT", shift).Replace(letter))
		}
		return strings.Join(list, " || ") + " || "
	}
	const number = "substr(CAST(10000000000000 + i AS TEXT), 2)"
	series, binary, natural := "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT i FROM n) AS numbers", "BLOB", "INTEGER"
	if engine == store.Postgres {
		series, binary, natural = "(SELECT CAST(i AS BIGINT) AS i FROM generate_series(1, $1) AS s(i)) AS numbers", "BYTEA", "BIGINT"
	}
	rows, events := fmt.Sprintf("(i + %d)", f.rows), fmt.Sprintf("(i + %d)", f.events)
	return strings.NewReplacer(
		"PEOPLE", strings.Replace(series, "$1", fmt.Sprint(f.Users), 1),
		"EVENTS", strings.Replace(series, "$1", fmt.Sprint(f.Events), 1),
		"HUNDREDS", strings.Replace(series, "$1", "500", 1),
		"ROWID", letters(rows, "27", "22", "17", "12", "7", "2")+
			"substr('08gr', 1 + CAST("+rows+" & 3 AS INTEGER), 1) || '00000' || "+number+" || '0'",
		"EVENTID", letters(events, "30", "25", "20", "15", "10", "5", "0")+"'00000' || "+number+" || '0'",
		"ROWTIME", "("+rows+" << "+fmt.Sprint(rowShift)+")", "EVENTTIME", "("+events+" << "+fmt.Sprint(eventShift)+")",
		"NUMBER", number, "BYTES", binary, "NATURAL", natural, "NOW", fmt.Sprint(now.UnixMicro()), "COUNT", fmt.Sprint(f.Users),
		"DAY", fmt.Sprint((24 * time.Hour).Microseconds()),
	)
}

// fillTexts make the rows. An id of a person is that of everything of theirs, but
// for its prefix.
var fillTexts = []string{
	`CREATE TABLE filling (i NATURAL PRIMARY KEY, id TEXT NOT NULL, t BIGINT NOT NULL)`,
	`INSERT INTO filling (i, id, t) SELECT i, ROWID, ROWTIME FROM PEOPLE`,
	`INSERT INTO users (id, status, name, picture, locale, metadata, admin_metadata, administrator, password_hash, password_version,
		last_account_id, created_at, updated_at, last_sign_in_at, name_key)
	SELECT 'usr_' || id, CASE WHEN i % 1000 = 0 THEN 'disabled' ELSE 'active' END, 'User ' || i, '', 'en', '{}', '{}', FALSE, '', 1,
		'acc_' || id, t, t, CASE WHEN i % 5 = 0 THEN NULL ELSE t END, 'user ' || i FROM filling`,
	`INSERT INTO emails (id, user_id, address, is_primary, exclusive, verified_at, created_at)
	SELECT 'eml_' || id, 'usr_' || id, CASE WHEN i % 10000 = 1 THEN 'other' ELSE 'user' END || NUMBER || '@example.com', TRUE, TRUE, CASE WHEN i % 4 > 0 THEN t END, t FROM filling`,
	`INSERT INTO emails (id, user_id, address, is_primary, exclusive, verified_at, created_at)
	SELECT 'eml_' || substr(id, 1, 25) || '4', 'usr_' || id, 'zz' || NUMBER || '@example.com', FALSE, FALSE, NULL, t FROM filling WHERE i % 20 = 0`,
	`INSERT INTO accounts (id, name, slug, created_at, updated_at, name_key)
	SELECT 'acc_' || id, 'Team ' || i, 'team-' || NUMBER, t, t, 'team ' || i FROM filling`,
	`INSERT INTO memberships (id, account_id, user_id, role, joined_at) SELECT 'mem_' || id, 'acc_' || id, 'usr_' || id, 'owner', t FROM filling`,
	`INSERT INTO memberships (id, account_id, user_id, role, joined_at)
	SELECT 'mem_' || substr(id, 1, 25) || '4', (SELECT 'acc_' || f.id FROM filling f WHERE f.i = 5), 'usr_' || id, 'member', t FROM filling WHERE i % 100 = 0`,
	`INSERT INTO identities (id, user_id, provider, issuer, subject, email, created_at)
	SELECT 'idn_' || id, 'usr_' || id, 'google', 'https://accounts.example.com', 's' || i, '', t FROM filling WHERE i % 2 = 0`,
	// A quarter has signed out; of the others a third comes back all the time.
	`INSERT INTO sessions (id, user_id, client_id, client_authenticates, mode, remember, amr, auth_time, scope, account_id, claim_role,
		claim_email, claim_email_verified, claims_since, generation, key_id, nonce, ip, user_agent, created_at, rotated_at, idle_life,
		idle_expires_at, expires_at, revoked_at)
	SELECT 'ses_' || id, 'usr_' || id, 'web', FALSE, 'both', 'long', 'pwd', t, '', 'acc_' || id, 'owner', 'user' || NUMBER || '@example.com',
		i % 4 > 0, 1, 1, 'k', CAST('0123456789abcdef' AS BYTES), '192.0.2.1', 'Mozilla/5.0', t,
		CASE WHEN i % 3 = 0 THEN NOW - i % 3000 * 100000000 ELSE t END, 7 * DAY,
		CASE WHEN i % 3 = 0 THEN NOW - i % 3000 * 100000000 ELSE t END + 7 * DAY, t + 30 * DAY, CASE WHEN i % 4 = 0 THEN t END FROM filling`,
	`INSERT INTO invites (id, account_id, address, role, deliver, invited_by, client_id, locale, redirect_uri, state, code_challenge,
		created_at, expires_at, accepted_at, accepted_by, revoked_at)
	SELECT 'inv_' || id, CASE WHEN i % 10 = 0 THEN (SELECT 'acc_' || f.id FROM filling f WHERE f.i = 5) ELSE 'acc_' || id END,
		'guest' || NUMBER || '@example.com', 'member', 'mail', 'usr_' || id, 'web', 'en', '', '', '', t, t + 7 * DAY,
		CASE WHEN i % 2 = 0 AND i % 1000 > 0 THEN t END, '', CASE WHEN i % 1000 = 0 THEN t END FROM filling`,
	`INSERT INTO features (name, id, title, description, add_claim, created_at, updated_at)
	SELECT CASE WHEN i = 1 THEN 'search' ELSE 'feature-' || i END, 'fea_' || id, '', '', FALSE, t, t FROM filling WHERE i <= 500`,
	`INSERT INTO waitlist_entries (id, feature, account_id, user_id, status, joined_at)
	SELECT 'wle_' || id, 'search', 'acc_' || id, 'usr_' || id, CASE WHEN i % 20 = 0 THEN 'approved' ELSE 'waiting' END, t FROM filling WHERE i % 100 > 0`,
	`INSERT INTO waitlist_entries (id, feature, account_id, user_id, status, joined_at)
	SELECT 'wle_' || id, 'search', (SELECT 'acc_' || f.id FROM filling f WHERE f.i = 5), 'usr_' || id,
		CASE WHEN i % (COUNT / 4) = 0 THEN 'approved' ELSE 'waiting' END, t FROM filling WHERE i % 100 = 0`,
	`INSERT INTO waitlist_entries (id, feature, account_id, user_id, status, joined_at)
	SELECT 'wle_' || substr(id, 1, 25) || '4', 'feature-2', 'acc_' || id, 'usr_' || id, 'waiting', t FROM filling WHERE i % (COUNT / 40) = 1`,
	`INSERT INTO jobs (id, kind, payload, run_at, locked_until, attempts, last_error, created_at, expires_at, done_at, failed_at, label)
	SELECT 'msg_' || id, CASE WHEN i % (COUNT / 40) = 3 THEN 'waitlist' ELSE 'mail' END, CAST('' AS BYTES), t, 0, 1, '', t, t + 7 * DAY, CASE WHEN i % 5000 > 1 THEN t END,
		CASE WHEN i % 5000 = 1 THEN t END, 'verify_email' FROM filling`,
	`INSERT INTO clients (id, name, type, audience, redirect_uris, origins, methods, access_token, refresh_idle, refresh_absolute,
		refresh_short, created_at, updated_at)
	SELECT 'cli_' || id, 'App ' || i, 'public', '', '', '', '', 0, 0, 0, 0, t, t FROM filling WHERE i <= 500`,
	`INSERT INTO api_keys (id, name, digest, scopes, created_by, created_at)
	SELECT 'key_' || id, 'Key ' || i, CAST('digest ' || i AS BYTES), 'users:read', '', t FROM filling WHERE i <= 2000`,
	`INSERT INTO events (id, type, at, user_id, account_id, session_id, client_id, actor, ip, user_agent, request_id, data)
	SELECT 'evt_' || e.id, e.type, e.t, 'usr_' || u.id, CASE WHEN e.busy THEN (SELECT 'acc_' || f.id FROM filling f WHERE f.i = 5) ELSE 'acc_' || u.id END,
		'ses_' || u.id, 'web', 'user:usr_' || u.id, '192.0.2.1', 'Mozilla/5.0',
		'5e17ec6a0aac764b00392dd5', '{"amr":"pwd"}'
	FROM (SELECT EVENTID AS id, EVENTTIME AS t,
			CASE WHEN i % 25000 = 0 THEN 'member.removed' WHEN i % 5 = 1 THEN 'sign_in.failed' WHEN i % 10 = 2 THEN 'session.ended'
				WHEN i % 50 = 3 THEN 'user.created' ELSE 'session.started' END AS type,
			i % 3 = 0 AND (i % 20 <> 7 OR i % 30000 = 27) AS busy,
			CASE WHEN i % 20 = 7 THEN 7 WHEN i IN (2, 3, 4) THEN 11 ELSE 12 + i * 7919 % (COUNT - 11) END AS person FROM EVENTS) AS e
	JOIN filling u ON u.i = e.person`,
	`DROP TABLE filling`,
}
