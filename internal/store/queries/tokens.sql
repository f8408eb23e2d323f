-- name: InsertOneTimeToken :exec
INSERT INTO one_time_tokens (digest, purpose, user_id, email_id, client_id, created_at, expires_at)
VALUES (@digest, @purpose, sqlc.narg(user_id), sqlc.narg(email_id), @client_id, @now, @expires_at);

-- name: PurgeOneTimeTokens :execrows
DELETE FROM one_time_tokens WHERE digest IN (
    SELECT t.digest FROM one_time_tokens t WHERE t.expires_at < @before LIMIT CAST(@n AS BIGINT));
