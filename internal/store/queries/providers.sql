-- name: InsertProviderFlow :exec
INSERT INTO provider_flows (state_digest, provider, purpose, binding, key_id, user_id, session_id, client_id, redirect_uri, state,
    code_challenge, scope, nonce, invite_digest, locale, created_at, expires_at)
VALUES (@state_digest, @provider, @purpose, @binding, @key_id, sqlc.narg(user_id), @session_id, @client_id, @redirect_uri, @state,
    @code_challenge, @scope, @nonce, sqlc.narg(invite_digest), @locale, @now, @expires_at);

-- name: GetProviderFlow :one
SELECT * FROM provider_flows WHERE state_digest = @state_digest;

-- Of many who come back with one state at once exactly one goes on.
-- name: UseProviderFlow :execrows
UPDATE provider_flows SET used_at = @now
WHERE state_digest = @state_digest AND used_at IS NULL AND expires_at > @now;

-- name: PurgeProviderFlows :execrows
DELETE FROM provider_flows WHERE state_digest IN (
    SELECT f.state_digest FROM provider_flows f WHERE f.expires_at < @before LIMIT CAST(@n AS BIGINT));

-- name: FindIdentity :one
SELECT * FROM identities WHERE issuer = @issuer AND subject = @subject;

-- name: ListIdentities :many
SELECT * FROM identities WHERE user_id = @user_id ORDER BY id;

-- An identity that is somebody's is left alone instead of failing: on Postgres a
-- failure would end the whole transaction.
-- name: InsertIdentity :execrows
INSERT INTO identities (id, user_id, provider, issuer, subject, email, created_at)
VALUES (@id, @user_id, @provider, @issuer, @subject, @email, @now)
ON CONFLICT (issuer, subject) DO NOTHING;

-- name: DeleteIdentity :execrows
DELETE FROM identities WHERE id = @id AND user_id = @user_id;
