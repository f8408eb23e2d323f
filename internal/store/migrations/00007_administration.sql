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

-- +goose Down
DROP TABLE idempotency_keys;
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
