-- Signing in at other servers, and client applications that are not in the
-- settings.

-- +goose Up

-- A browser's way to a provider and back. Nothing in it opens anything: the state
-- and the cookie are digests, nonce and verifier are computed from the cookie
-- under the server secret.
CREATE TABLE provider_flows (
    state_digest   BYTEA PRIMARY KEY,
    provider       TEXT   NOT NULL,
    purpose        TEXT   NOT NULL, -- to sign in, or to link to a user
    binding        BYTEA  NOT NULL, -- digest of the cookie of the browser that began
    key_id         TEXT   NOT NULL, -- of the server secret that nonce and verifier are computed under
    user_id        TEXT REFERENCES users (id) ON DELETE CASCADE, -- to be linked to; NULL: to sign in
    session_id     TEXT   NOT NULL, -- in which linking was asked for
    client_id      TEXT   NOT NULL,
    redirect_uri   TEXT   NOT NULL,
    state          TEXT   NOT NULL, -- the client's own
    code_challenge TEXT   NOT NULL, -- empty: the answer is a session, not a code
    scope          TEXT   NOT NULL,
    nonce          TEXT   NOT NULL, -- the client's own
    invite_digest  BYTEA,           -- of the invite's token
    locale         TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    used_at        BIGINT
);
CREATE INDEX provider_flows_user ON provider_flows (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX provider_flows_end ON provider_flows (expires_at);

-- What an authorization code says of the ID token.
ALTER TABLE one_time_tokens ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE one_time_tokens ADD COLUMN nonce TEXT NOT NULL DEFAULT '';

CREATE TABLE clients (
    id               TEXT PRIMARY KEY,
    name             TEXT   NOT NULL,
    type             TEXT   NOT NULL,
    audience         TEXT   NOT NULL, -- empty: the public URL
    redirect_uris    TEXT   NOT NULL, -- space-separated, as are the next two
    origins          TEXT   NOT NULL,
    methods          TEXT   NOT NULL,
    access_token     BIGINT NOT NULL, -- lives this many microseconds; 0: as the settings say, here and below
    refresh_idle     BIGINT NOT NULL,
    refresh_absolute BIGINT NOT NULL,
    refresh_short    BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL
);

-- Two may live at once, while a new one is brought to where it is needed.
CREATE TABLE client_secrets (
    digest     BYTEA PRIMARY KEY,
    client_id  TEXT   NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT -- NULL: until it is taken back
);
CREATE INDEX client_secrets_client ON client_secrets (client_id);
-- And two at the most: whoever brings another gives this one its end.
CREATE UNIQUE INDEX client_secrets_newest ON client_secrets (client_id) WHERE expires_at IS NULL;

-- A client that is deleted takes its sessions along, however many others there are.
CREATE INDEX sessions_client ON sessions (client_id, id);

-- +goose Down
DROP INDEX sessions_client;
DROP TABLE client_secrets;
DROP TABLE clients;
ALTER TABLE one_time_tokens DROP COLUMN nonce;
ALTER TABLE one_time_tokens DROP COLUMN scope;
DROP TABLE provider_flows;
