-- name: ListSigningKeys :many
SELECT * FROM signing_keys ORDER BY sequence;

-- name: InsertSigningKey :exec
INSERT INTO signing_keys (id, sequence, algorithm, sealed, created_at, signs_at)
VALUES (@id, @sequence, @algorithm, @sealed, @now, @signs_at);

-- name: ExpireSigningKey :execrows
UPDATE signing_keys SET expires_at = @expires_at
WHERE id = @id AND (expires_at IS NULL OR expires_at > @expires_at);

-- name: ResealSigningKey :execrows
UPDATE signing_keys SET sealed = @sealed WHERE id = @id AND sealed = @old_sealed;

-- name: DeleteSigningKeys :execrows
DELETE FROM signing_keys WHERE expires_at < @now;

-- name: InsertAPIKey :exec
INSERT INTO api_keys (id, name, digest, scopes, created_by, created_at, expires_at)
VALUES (@id, @name, @digest, @scopes, @created_by, @now, sqlc.narg(expires_at));

-- name: GetAPIKey :one
SELECT * FROM api_keys WHERE digest = $1;

-- name: GetAPIKeyByID :one
SELECT * FROM api_keys WHERE id = $1;

-- name: LockAPIKey :one
UPDATE api_keys SET revoked_at = revoked_at WHERE id = $1 RETURNING *;

-- name: ListAPIKeys :many
SELECT * FROM api_keys WHERE id < CAST(@before AS TEXT) ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: RevokeAPIKey :execrows
UPDATE api_keys SET revoked_at = @now WHERE id = @id AND revoked_at IS NULL;

-- name: TouchAPIKey :exec
UPDATE api_keys SET last_used_at = @now WHERE id = @id;
