-- name: GetIdempotencyKey :one
SELECT * FROM idempotency_keys WHERE digest = @digest;

-- A key that was used is left alone instead of failing: on Postgres a failure
-- would end the whole transaction.
-- name: InsertIdempotencyKey :execrows
INSERT INTO idempotency_keys (digest, request, resource, sealed, created_at, expires_at)
VALUES (@digest, @request, @resource, @sealed, @now, @expires_at)
ON CONFLICT (digest) DO NOTHING;

-- name: PurgeIdempotencyKeys :execrows
DELETE FROM idempotency_keys WHERE digest IN (
    SELECT k.digest FROM idempotency_keys k WHERE k.expires_at < @now LIMIT CAST(@n AS BIGINT));
