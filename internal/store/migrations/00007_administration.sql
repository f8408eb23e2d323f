-- Waitlists, and what running the server needs.

-- +goose Up
CREATE TABLE features (
    name        TEXT PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE, -- sorts by when it was made
    title       TEXT    NOT NULL,
    description TEXT    NOT NULL,
    add_claim   BOOLEAN NOT NULL, -- access tokens of approved users name it
    closed_at   BIGINT,           -- nobody joins any more; who is in stays in
    created_at  BIGINT  NOT NULL,
    updated_at  BIGINT  NOT NULL
);

-- An entry lives as long as the membership that it was made in: whoever is taken
-- out of an account loses their place there, and who joins at that moment gets none.
CREATE TABLE waitlist_entries (
    id          TEXT PRIMARY KEY, -- sorts by when they joined
    feature     TEXT   NOT NULL REFERENCES features (name) ON DELETE CASCADE,
    account_id  TEXT   NOT NULL,
    user_id     TEXT   NOT NULL,
    status      TEXT   NOT NULL, -- waiting, approved
    joined_at   BIGINT NOT NULL,
    approved_at BIGINT,
    FOREIGN KEY (user_id, account_id) REFERENCES memberships (user_id, account_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX waitlist_entries_user ON waitlist_entries (user_id, account_id, feature);
CREATE INDEX waitlist_entries_feature ON waitlist_entries (feature, id);
CREATE INDEX waitlist_entries_status ON waitlist_entries (feature, status, id);
CREATE INDEX waitlist_entries_account ON waitlist_entries (account_id, feature, id);

-- The features that a session's access tokens name, space-separated: claims, and
-- made when they are.
ALTER TABLE sessions ADD COLUMN features TEXT NOT NULL DEFAULT '';

-- When a user who was deleted goes for good; NULL: not at all. Until then they can
-- be brought back.
ALTER TABLE users ADD COLUMN delete_at BIGINT;
CREATE INDEX users_delete ON users (delete_at) WHERE delete_at IS NOT NULL;

-- How often a member's role was changed: one that has come back is told from the one
-- that was read.
ALTER TABLE memberships ADD COLUMN role_changes BIGINT NOT NULL DEFAULT 0;

CREATE INDEX users_disabled ON users (id) WHERE status = 'disabled';

-- Names as they are searched by: folded, so that their beginning finds them. The
-- next step fills them.
ALTER TABLE users ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
CREATE INDEX users_name ON users (name_key, id) WHERE name_key <> '';
CREATE INDEX accounts_name ON accounts (name_key, id) WHERE name_key <> '';
-- Not of all addresses: whoever looks for the one who holds an address must not be
-- led through the claims to it, of which anybody can make many.
CREATE INDEX emails_claims ON emails (address, id) WHERE NOT exclusive;

-- Mails are listed by where they stand: few wait, and fewer fail, among the many
-- that are done.
CREATE INDEX jobs_waiting ON jobs (kind, id) WHERE done_at IS NULL AND failed_at IS NULL;
CREATE INDEX jobs_failed ON jobs (kind, id) WHERE failed_at IS NOT NULL AND done_at IS NULL;

-- Calls that make something and may be sent again: what came of the first.
CREATE TABLE idempotency_keys (
    digest     BYTEA PRIMARY KEY, -- of who calls, and their key
    request    BYTEA  NOT NULL,   -- what they ask for, digested under the server secret, behind its id
    resource   TEXT   NOT NULL,   -- the id of what was made
    sealed     BYTEA  NOT NULL,   -- what is shown once, such as a new secret; empty: nothing
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX idempotency_keys_end ON idempotency_keys (expires_at);

-- What an administrator asks of one user or account by type. What comes with a
-- sign-in is not in it: it would make each wait for two more pages.
CREATE INDEX events_user_type ON events (user_id, type, id)
    WHERE type <> 'session.started' AND type <> 'magic_link.requested';
CREATE INDEX events_account_type ON events (account_id, type, id)
    WHERE type <> 'session.started' AND type <> 'magic_link.requested';

-- What the statistics were when they were last taken: all nodes answer the same,
-- and days that are over are not counted again, of which events may be gone.
CREATE TABLE statistics (
    name     TEXT PRIMARY KEY,
    body     TEXT   NOT NULL, -- JSON; empty: never taken
    taken_at BIGINT NOT NULL,
    next_at  BIGINT NOT NULL  -- not to be taken again before
);
INSERT INTO statistics (name, body, taken_at, next_at) VALUES ('overview', '', 0, 0);

-- +goose Down
DROP TABLE statistics;
DROP INDEX events_account_type;
DROP INDEX events_user_type;
DROP TABLE idempotency_keys;
DROP INDEX jobs_failed;
DROP INDEX jobs_waiting;
DROP INDEX emails_claims;
DROP INDEX accounts_name;
DROP INDEX users_name;
ALTER TABLE accounts DROP COLUMN name_key;
ALTER TABLE users DROP COLUMN name_key;
DROP INDEX users_disabled;
ALTER TABLE memberships DROP COLUMN role_changes;
DROP INDEX users_delete;
ALTER TABLE users DROP COLUMN delete_at;
ALTER TABLE sessions DROP COLUMN features;
DROP TABLE waitlist_entries;
DROP TABLE features;
