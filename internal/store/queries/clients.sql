-- name: InsertClient :exec
INSERT INTO clients (id, name, type, audience, redirect_uris, origins, methods, access_token, refresh_idle, refresh_absolute,
                     refresh_short, created_at, updated_at)
VALUES (@id, @name, @type, @audience, @redirect_uris, @origins, @methods, @access_token, @refresh_idle, @refresh_absolute,
        @refresh_short, @now, @now);

-- name: GetClient :one
SELECT * FROM clients WHERE id = $1;

-- Whoever changes a client or its secrets holds its row first: two who rotate at
-- once would leave three secrets alive.
-- name: LockClient :one
UPDATE clients SET updated_at = updated_at WHERE id = $1 RETURNING *;

-- name: UpdateClient :execrows
UPDATE clients SET name = @name, audience = @audience, redirect_uris = @redirect_uris, origins = @origins, methods = @methods,
    access_token = @access_token, refresh_idle = @refresh_idle, refresh_absolute = @refresh_absolute,
    refresh_short = @refresh_short,
    updated_at = CASE WHEN updated_at < CAST(@now AS BIGINT) THEN CAST(@now AS BIGINT) ELSE updated_at + 1 END
WHERE id = @id;

-- name: DeleteClient :execrows
DELETE FROM clients WHERE id = @id;

-- name: ListClients :many
SELECT * FROM clients WHERE id < CAST(@before AS TEXT) ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- All of them, for the registry that every node keeps.
-- name: AllClients :many
SELECT * FROM clients;

-- name: AllClientSecrets :many
SELECT client_id, digest, expires_at FROM client_secrets;

-- name: InsertClientSecret :exec
INSERT INTO client_secrets (digest, client_id, created_at) VALUES (@digest, @client_id, @now);

-- The newest secret is the one without an end.
-- name: ExpireClientSecret :exec
UPDATE client_secrets SET expires_at = @expires_at WHERE client_id = @client_id AND expires_at IS NULL;

-- name: DeleteOlderClientSecrets :exec
DELETE FROM client_secrets WHERE client_id = @client_id AND expires_at IS NOT NULL;

-- name: DeleteClientSecrets :exec
DELETE FROM client_secrets WHERE client_id = @client_id;

-- One batch of a client's sessions, from behind the last of the batch before.
-- name: RevokeClientSessions :many
UPDATE sessions SET revoked_at = @now
WHERE id IN (SELECT s.id FROM sessions s
             WHERE s.client_id = @client_id AND s.id > CAST(@after AS TEXT) AND s.revoked_at IS NULL
               AND s.idle_expires_at > @now AND s.expires_at > @now
             ORDER BY s.id LIMIT CAST(@n AS BIGINT))
RETURNING id;
