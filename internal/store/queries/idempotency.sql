-- name: GetIdempotencyKey :one
SELECT * FROM idempotency_keys WHERE digest = @digest;

-- A key that was used is left alone instead of failing: on Postgres a failure
-- would end the whole transaction. One that has expired makes room.
-- name: InsertIdempotencyKey :execrows
INSERT INTO idempotency_keys (digest, request, resource, sealed, created_at, expires_at)
VALUES (@digest, @request, @resource, @sealed, @now, @expires_at)
ON CONFLICT (digest) DO UPDATE SET
    request = excluded.request, resource = excluded.resource, sealed = excluded.sealed,
    created_at = excluded.created_at, expires_at = excluded.expires_at
WHERE idempotency_keys.expires_at <= excluded.created_at;

-- name: PurgeIdempotencyKeys :execrows
DELETE FROM idempotency_keys WHERE digest IN (
    SELECT k.digest FROM idempotency_keys k WHERE k.expires_at < @now LIMIT CAST(@n AS BIGINT));
