-- Claims are made where they are written: of the features that access tokens name,
-- those that the user is approved for in the account.
-- name: InsertSession :one
INSERT INTO sessions (id, user_id, client_id, client_authenticates, mode, remember, amr, auth_time, scope,
                      account_id, claim_role, claim_email, claim_email_verified, claims_since, generation,
                      key_id, nonce, ip, user_agent, created_at, rotated_at, idle_life, idle_expires_at, expires_at, features)
VALUES (@id, @user_id, @client_id, @client_authenticates, @mode, @remember, @amr, @auth_time, @scope,
        sqlc.narg(account_id), @claim_role, @claim_email, @claim_email_verified, 1, 1,
        @key_id, @nonce, @ip, @user_agent, @now, @now, @idle_life, @idle_expires_at, @expires_at,
    COALESCE((
        SELECT string_agg(f.name, ' ') FROM waitlist_entries e JOIN features f ON f.name = e.feature
        WHERE e.user_id = @user_id AND e.account_id = CAST(sqlc.narg(account_id) AS TEXT) AND e.status = 'approved' AND f.add_claim), ''))
RETURNING features;

-- The whole of a refresh where nothing is amiss. Any doubt and nothing comes
-- back; GetSession then tells why.
-- name: RotateSession :one
UPDATE sessions SET
    generation = generation + 1, rotated_at = CAST(@now AS BIGINT), key_id = @key_id,
    idle_expires_at = CASE WHEN CAST(@now AS BIGINT) + idle_life < expires_at THEN CAST(@now AS BIGINT) + idle_life ELSE expires_at END
WHERE sessions.id = @id AND generation = @generation AND nonce = @nonce
  AND revoked_at IS NULL AND idle_expires_at > @now AND expires_at > @now
  AND client_authenticates = @client_authenticated AND (CAST(@client_id AS TEXT) = '' OR client_id = @client_id)
  AND EXISTS (SELECT 1 FROM users u WHERE u.id = sessions.user_id AND u.status = 'active')
  AND CASE WHEN claim_email = ''
      THEN NOT EXISTS (SELECT 1 FROM emails e WHERE e.user_id = sessions.user_id AND e.is_primary)
      ELSE EXISTS (SELECT 1 FROM emails e WHERE e.user_id = sessions.user_id AND e.is_primary
                   AND e.address = claim_email AND (NOT claim_email_verified OR e.verified_at IS NOT NULL)) END
  AND (account_id IS NULL OR EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = sessions.user_id
                                     AND m.account_id = sessions.account_id AND m.role = claim_role))
RETURNING sessions.*,
    CAST(COALESCE((SELECT u.name FROM users u WHERE u.id = sessions.user_id), '') AS TEXT) AS user_name,
    CAST(COALESCE((SELECT u.picture FROM users u WHERE u.id = sessions.user_id), '') AS TEXT) AS user_picture,
    CAST(COALESCE((SELECT u.locale FROM users u WHERE u.id = sessions.user_id), '') AS TEXT) AS user_locale,
    CAST(COALESCE((SELECT u.created_at FROM users u WHERE u.id = sessions.user_id), 0) AS BIGINT) AS user_created_at,
    CAST(COALESCE((SELECT e.verified_at FROM emails e WHERE e.user_id = sessions.user_id AND e.is_primary), 0) AS BIGINT) AS email_verified_at,
    CAST(COALESCE((SELECT a.name FROM accounts a WHERE a.id = sessions.account_id), '') AS TEXT) AS account_name,
    CAST(COALESCE((SELECT a.slug FROM accounts a WHERE a.id = sessions.account_id), '') AS TEXT) AS account_slug;

-- A session with everything that decides whether it may go on.
-- name: GetSession :one
SELECT s.*, u.status AS user_status, u.name AS user_name, u.picture AS user_picture, u.locale AS user_locale,
       u.created_at AS user_created_at, u.administrator, u.last_account_id,
       CAST(COALESCE(e.address, '') AS TEXT) AS email, CAST(COALESCE(e.verified_at, 0) AS BIGINT) AS email_verified_at,
       CAST(COALESCE(m.role, '') AS TEXT) AS role,
       CAST(COALESCE(a.name, '') AS TEXT) AS account_name, CAST(COALESCE(a.slug, '') AS TEXT) AS account_slug
FROM sessions s
JOIN users u ON u.id = s.user_id
LEFT JOIN emails e ON e.user_id = s.user_id AND e.is_primary
LEFT JOIN memberships m ON m.user_id = s.user_id AND m.account_id = s.account_id
LEFT JOIN accounts a ON a.id = s.account_id
WHERE s.id = $1;

-- Fresh claims: the generation moves on and the grace of the old token ends.
-- name: SwitchSession :execrows
UPDATE sessions SET
    generation = generation + 1, claims_since = generation + 1, rotated_at = CAST(@now AS BIGINT), key_id = @key_id,
    idle_expires_at = CASE WHEN CAST(@now AS BIGINT) + idle_life < expires_at THEN CAST(@now AS BIGINT) + idle_life ELSE expires_at END,
    account_id = sqlc.narg(account_id), claim_role = @claim_role, claim_email = @claim_email,
    claim_email_verified = @claim_email_verified,
    features = COALESCE((
        SELECT string_agg(f.name, ' ') FROM waitlist_entries e JOIN features f ON f.name = e.feature
        WHERE e.user_id = sessions.user_id AND e.account_id = CAST(sqlc.narg(account_id) AS TEXT) AND e.status = 'approved' AND f.add_claim), '')
WHERE sessions.id = @id AND generation = @generation AND revoked_at IS NULL AND idle_expires_at > @now AND expires_at > @now;

-- name: RevokeSession :execrows
UPDATE sessions SET revoked_at = @now WHERE id = @id AND user_id = @user_id AND revoked_at IS NULL;

-- name: RevokeUserSessions :execrows
UPDATE sessions SET revoked_at = @now
WHERE user_id = @user_id AND id <> @except_id AND revoked_at IS NULL AND idle_expires_at > @now AND expires_at > @now;

-- What is sifted is read in steps, with a place where each ends: see sift.go.
-- name: SiftSessions :many
SELECT id, user_id, client_id, account_id, amr, created_at, rotated_at, idle_expires_at, expires_at, ip, user_agent
FROM sessions
WHERE user_id = @user_id AND id < CAST(@before AS TEXT) AND id >= CAST(@since AS TEXT)
  AND revoked_at IS NULL AND idle_expires_at > @now AND expires_at > @now
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: SkipSessions :one
SELECT id FROM sessions WHERE user_id = @user_id AND id < CAST(@before AS TEXT)
ORDER BY id DESC LIMIT 1 OFFSET CAST(@n AS BIGINT);

-- Live sessions by the server secret that their refresh tokens are sealed under,
-- and when the last of them ends if it is used no more.
-- name: CountSessionsBySecret :many
SELECT key_id, COUNT(*) AS live, CAST(MAX(CASE WHEN idle_expires_at < expires_at THEN idle_expires_at ELSE expires_at END) AS BIGINT) AS last_end
FROM sessions
WHERE revoked_at IS NULL AND idle_expires_at > @now AND expires_at > @now
GROUP BY key_id;

-- name: PurgeSessions :execrows
DELETE FROM sessions WHERE id IN (
    SELECT s.id FROM sessions s WHERE s.expires_at < @before OR s.revoked_at < @before LIMIT CAST(@n AS BIGINT));
