-- What goes through a person's mailbox: tokens with codes, invites, the inbox of
-- development.

-- +goose Up
CREATE TABLE invites (
    id             TEXT PRIMARY KEY,
    account_id     TEXT   NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    address        TEXT   NOT NULL, -- canonical
    role           TEXT   NOT NULL,
    deliver        TEXT   NOT NULL, -- by mail, or as a link handed over by other means
    invited_by     TEXT   NOT NULL, -- the user; no foreign key: the invite outlives them
    client_id      TEXT   NOT NULL,
    locale         TEXT   NOT NULL,
    redirect_uri   TEXT   NOT NULL,
    state          TEXT   NOT NULL,
    code_challenge TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    accepted_at    BIGINT,
    accepted_by    TEXT   NOT NULL, -- empty: nobody yet
    revoked_at     BIGINT
);
CREATE INDEX invites_account ON invites (account_id, id);
CREATE INDEX invites_address ON invites (address);

-- Until now no mail was sent, so nobody holds a token of the old table.
DROP TABLE one_time_tokens;
CREATE TABLE one_time_tokens (
    digest         BYTEA PRIMARY KEY,
    purpose        TEXT    NOT NULL,
    login_id       TEXT UNIQUE,      -- names the token for its code; NULL: it has no code
    user_id        TEXT REFERENCES users (id) ON DELETE CASCADE, -- NULL: nobody has the address yet
    email_id       TEXT REFERENCES emails (id) ON DELETE CASCADE,
    invite_id      TEXT REFERENCES invites (id) ON DELETE CASCADE,
    address        TEXT    NOT NULL, -- that it proves, where it was mailed
    mailed         BOOLEAN NOT NULL, -- false: handed over by other means, it proves no mailbox
    client_id      TEXT    NOT NULL,
    binding        BYTEA,            -- digest of the cookie of the browser that asked
    code_mac       BYTEA,            -- keyed: a bare digest of six digits would be searched through
    key_id         TEXT    NOT NULL, -- of the server secret that keys code_mac
    tries          BIGINT  NOT NULL, -- wrong codes
    create_user    BOOLEAN NOT NULL,
    locale         TEXT    NOT NULL,
    redirect_uri   TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    code_challenge TEXT    NOT NULL,
    amr            TEXT    NOT NULL, -- of an authorization code: what was proven
    account_id     TEXT    NOT NULL, -- of an authorization code: the context asked for
    session_id     TEXT    NOT NULL, -- started by it; a second use ends that session
    created_at     BIGINT  NOT NULL,
    expires_at     BIGINT  NOT NULL,
    used_at        BIGINT,
    voided_at      BIGINT
);
CREATE INDEX one_time_tokens_user ON one_time_tokens (user_id, purpose);
CREATE INDEX one_time_tokens_email ON one_time_tokens (email_id);
CREATE INDEX one_time_tokens_invite ON one_time_tokens (invite_id);
CREATE INDEX one_time_tokens_address ON one_time_tokens (address, purpose);
CREATE INDEX one_time_tokens_end ON one_time_tokens (expires_at);

-- The name of a job's message, for people; and the token that it carries, so that
-- a mail in the queue dies with its token.
ALTER TABLE jobs ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN token_digest BYTEA;
CREATE INDEX jobs_token ON jobs (token_digest) WHERE token_digest IS NOT NULL;
CREATE INDEX jobs_kind ON jobs (kind, id);

-- Filled under dev alone.
CREATE TABLE inbox_messages (
    id         TEXT PRIMARY KEY,
    recipient  TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    body_text  TEXT   NOT NULL,
    body_html  TEXT   NOT NULL,
    links      TEXT   NOT NULL, -- a JSON list
    code       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX inbox_messages_recipient ON inbox_messages (recipient, id);

-- +goose Down
DROP TABLE inbox_messages;
DROP INDEX jobs_kind;
DROP INDEX jobs_token;
ALTER TABLE jobs DROP COLUMN token_digest;
ALTER TABLE jobs DROP COLUMN label;
DROP TABLE one_time_tokens;
DROP TABLE invites;
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
