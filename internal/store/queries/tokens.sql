-- name: InsertOneTimeToken :exec
INSERT INTO one_time_tokens (digest, purpose, login_id, user_id, email_id, invite_id, address, mailed, client_id, binding,
    code_mac, key_id, tries, create_user, locale, redirect_uri, state, code_challenge, amr, account_id, scope, nonce, session_id, created_at, expires_at)
VALUES (@digest, @purpose, sqlc.narg(login_id), sqlc.narg(user_id), sqlc.narg(email_id), sqlc.narg(invite_id), @address, @mailed,
    @client_id, @binding, @code_mac, @key_id, 0, @create_user, @locale, @redirect_uri, @state, @code_challenge, @amr, @account_id, @scope, @nonce, '', @now, @expires_at);

-- name: GetOneTimeToken :one
SELECT * FROM one_time_tokens WHERE digest = @digest;

-- name: GetOneTimeTokenByLogin :one
SELECT * FROM one_time_tokens WHERE login_id = @login_id;

-- Of many uses at once exactly one gets the row back.
-- name: UseOneTimeToken :one
UPDATE one_time_tokens SET used_at = @now
WHERE digest = @digest AND purpose = @purpose AND used_at IS NULL AND voided_at IS NULL AND expires_at > @now
RETURNING *;

-- A try is counted before its code is looked at, and the last one allowed is the
-- token's last, too: whoever comes later finds it void.
-- name: TryCode :one
UPDATE one_time_tokens SET tries = tries + 1,
    voided_at = CASE WHEN tries + 1 >= CAST(@max_tries AS BIGINT) THEN CAST(@now AS BIGINT) ELSE voided_at END
WHERE login_id = @login_id AND purpose = @purpose AND used_at IS NULL AND voided_at IS NULL AND expires_at > @now
RETURNING *;

-- Only for the transaction that has just counted the try: the code was right.
-- name: UseTriedToken :execrows
UPDATE one_time_tokens SET tries = tries - 1, used_at = @now, voided_at = NULL
WHERE digest = @digest AND used_at IS NULL;

-- name: CountWrongCodes :one
SELECT CAST(COALESCE(SUM(tries), 0) AS BIGINT) AS tries FROM one_time_tokens
WHERE address = @address AND purpose = @purpose AND created_at > @since;

-- name: SetTokenSession :exec
UPDATE one_time_tokens SET session_id = @session_id WHERE digest = @digest;

-- name: VoidUserTokens :execrows
UPDATE one_time_tokens SET voided_at = @now
WHERE user_id = @user_id AND purpose <> 'invite' AND used_at IS NULL AND voided_at IS NULL;

-- A user without an address must not have those of all others like them voided.
-- name: VoidTokensOfPurpose :execrows
UPDATE one_time_tokens SET voided_at = @now
WHERE (address = @address AND address <> '' OR user_id = @user_id) AND purpose = @purpose AND used_at IS NULL AND voided_at IS NULL;

-- name: VoidAddressTokens :execrows
UPDATE one_time_tokens SET voided_at = @now
WHERE address = @address AND purpose <> 'invite' AND used_at IS NULL AND voided_at IS NULL;

-- name: VoidEmailTokens :execrows
UPDATE one_time_tokens SET voided_at = @now
WHERE email_id = @email_id AND used_at IS NULL AND voided_at IS NULL;

-- name: VoidInviteTokens :execrows
UPDATE one_time_tokens SET voided_at = @now
WHERE invite_id = @invite_id AND used_at IS NULL AND voided_at IS NULL;

-- name: PurgeOneTimeTokens :execrows
DELETE FROM one_time_tokens WHERE digest IN (
    SELECT t.digest FROM one_time_tokens t WHERE t.expires_at < @before LIMIT CAST(@n AS BIGINT));
