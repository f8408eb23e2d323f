-- One text for both engines: TEXT ids, BIGINT microseconds since 1970, BOOLEAN,
-- BYTEA, JSON as TEXT. No engine clock, no engine-made ids.

-- +goose Up
CREATE TABLE users (
    id               TEXT PRIMARY KEY,
    status           TEXT    NOT NULL,
    name             TEXT    NOT NULL,
    picture          TEXT    NOT NULL,
    locale           TEXT    NOT NULL,
    metadata         TEXT    NOT NULL,
    admin_metadata   TEXT    NOT NULL,
    administrator    BOOLEAN NOT NULL,
    password_hash    TEXT    NOT NULL, -- empty: none
    password_version BIGINT  NOT NULL, -- counts changes: the guard of every session start
    last_account_id  TEXT    NOT NULL, -- empty: none; the context of the next sign-in
    created_at       BIGINT  NOT NULL,
    updated_at       BIGINT  NOT NULL,
    last_sign_in_at  BIGINT
);

CREATE TABLE emails (
    id          TEXT PRIMARY KEY,
    user_id     TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address     TEXT    NOT NULL, -- canonical
    is_primary  BOOLEAN NOT NULL,
    exclusive   BOOLEAN NOT NULL, -- verified, or given at sign-up: nobody else's
    verified_at BIGINT,
    created_at  BIGINT  NOT NULL
);
-- Queries by address must repeat the predicate, or no engine uses these.
CREATE UNIQUE INDEX emails_exclusive ON emails (address) WHERE exclusive;
CREATE UNIQUE INDEX emails_primary ON emails (user_id) WHERE is_primary;
CREATE UNIQUE INDEX emails_user_address ON emails (user_id, address);

CREATE TABLE accounts (
    id         TEXT PRIMARY KEY,
    name       TEXT   NOT NULL,
    slug       TEXT   NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE memberships (
    id         TEXT PRIMARY KEY,
    account_id TEXT   NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role       TEXT   NOT NULL,
    joined_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX memberships_user ON memberships (user_id, account_id);
CREATE INDEX memberships_account ON memberships (account_id, id);

CREATE TABLE identities (
    id         TEXT PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider   TEXT   NOT NULL,
    issuer     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    email      TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX identities_subject ON identities (issuer, subject);
CREATE INDEX identities_user ON identities (user_id);

-- One row for each session and no table of refresh tokens: the live token is
-- computed from (id, generation, nonce) under the server secret. What a refresh
-- changes is in no index, so that Postgres can update the row in place (HOT).
CREATE TABLE sessions (
    id                   TEXT PRIMARY KEY,
    user_id              TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id            TEXT    NOT NULL,
    client_authenticates BOOLEAN NOT NULL, -- a confidential client's: refreshes at /oauth2/token only
    mode                 TEXT    NOT NULL,
    remember             TEXT    NOT NULL,
    amr                  TEXT    NOT NULL, -- space-separated
    auth_time            BIGINT  NOT NULL,
    scope                TEXT    NOT NULL,
    account_id           TEXT,             -- the claims: what the tokens say
    claim_role           TEXT    NOT NULL,
    claim_email          TEXT    NOT NULL, -- empty: none
    claim_email_verified BOOLEAN NOT NULL,
    claims_since         BIGINT  NOT NULL,
    generation           BIGINT  NOT NULL,
    key_id               TEXT    NOT NULL,
    nonce                BYTEA   NOT NULL,
    ip                   TEXT    NOT NULL,
    user_agent           TEXT    NOT NULL,
    created_at           BIGINT  NOT NULL,
    rotated_at           BIGINT  NOT NULL,
    idle_life            BIGINT  NOT NULL, -- microseconds that each refresh grants
    idle_expires_at      BIGINT  NOT NULL,
    expires_at           BIGINT  NOT NULL,
    revoked_at           BIGINT
);
CREATE INDEX sessions_user ON sessions (user_id, id);
CREATE INDEX sessions_end ON sessions (expires_at);
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE one_time_tokens (
    digest     BYTEA PRIMARY KEY,
    purpose    TEXT   NOT NULL,
    user_id    TEXT REFERENCES users (id) ON DELETE CASCADE,
    email_id   TEXT REFERENCES emails (id) ON DELETE CASCADE,
    client_id  TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    voided_at  BIGINT
);
CREATE INDEX one_time_tokens_user ON one_time_tokens (user_id, purpose);
CREATE INDEX one_time_tokens_end ON one_time_tokens (expires_at);

CREATE TABLE events (
    id         TEXT PRIMARY KEY, -- sorts by time
    type       TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    user_id    TEXT   NOT NULL, -- no foreign keys: the record outlives its subjects
    account_id TEXT   NOT NULL,
    session_id TEXT   NOT NULL,
    client_id  TEXT   NOT NULL,
    actor      TEXT   NOT NULL,
    ip         TEXT   NOT NULL,
    user_agent TEXT   NOT NULL,
    request_id TEXT   NOT NULL,
    data       TEXT   NOT NULL
);
CREATE INDEX events_user ON events (user_id, id) WHERE user_id <> '';
CREATE INDEX events_account ON events (account_id, id) WHERE account_id <> '';
CREATE INDEX events_type ON events (type, id);

CREATE TABLE jobs (
    id           TEXT PRIMARY KEY,
    kind         TEXT   NOT NULL,
    payload      BYTEA  NOT NULL, -- sealed: it may hold a live token
    run_at       BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    last_error   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL, -- after this nobody wants it done any more
    done_at      BIGINT,
    failed_at    BIGINT
);
CREATE INDEX jobs_due ON jobs (kind, run_at) WHERE done_at IS NULL AND failed_at IS NULL;
CREATE INDEX jobs_end ON jobs (expires_at);

-- sequence makes two nodes that both see no key, or both see one to be
-- replaced, agree: only one of them can insert the next.
CREATE TABLE signing_keys (
    id         TEXT PRIMARY KEY,
    sequence   BIGINT NOT NULL UNIQUE,
    algorithm  TEXT   NOT NULL,
    sealed     BYTEA  NOT NULL,
    created_at BIGINT NOT NULL, -- published from then on
    signs_at   BIGINT NOT NULL, -- signs from then on, until the next one does
    expires_at BIGINT           -- out of the key set: its last token is dead
);

CREATE TABLE api_keys (
    id           TEXT PRIMARY KEY,
    name         TEXT   NOT NULL,
    digest       BYTEA  NOT NULL UNIQUE,
    scopes       TEXT   NOT NULL, -- space-separated
    created_by   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    last_used_at BIGINT,
    revoked_at   BIGINT
);

-- +goose Down
DROP TABLE api_keys;
DROP TABLE signing_keys;
DROP TABLE jobs;
DROP TABLE events;
DROP TABLE one_time_tokens;
DROP TABLE sessions;
DROP TABLE identities;
DROP TABLE memberships;
DROP TABLE accounts;
DROP TABLE emails;
DROP TABLE users;
