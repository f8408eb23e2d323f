-- Everything about a signed-in caller in one round trip: one row for the
-- session and the user, then one for each address, membership, identity and place on a waitlist.
-- The columns mean what store.Profile says. In no order: sorting a handful of rows
-- here costs either engine more than all of the look-ups.
-- name: GetMe :many
SELECT CAST(0 AS BIGINT) AS kind, s.id, s.client_id AS a, s.amr AS b, s.mode AS c, CAST(COALESCE(s.account_id, '') AS TEXT) AS d,
       s.auth_time AS t1, CAST(CASE WHEN s.idle_expires_at < s.expires_at THEN s.idle_expires_at ELSE s.expires_at END AS BIGINT) AS t2,
       CAST(COALESCE(s.revoked_at, 0) AS BIGINT) AS t3, FALSE AS flag
FROM sessions s WHERE s.id = @session_id
UNION ALL
SELECT 1, u.id, u.name, u.picture, u.locale, u.metadata, u.created_at, CAST(COALESCE(u.last_sign_in_at, 0) AS BIGINT),
       CASE WHEN u.password_hash = '' THEN 0 ELSE 1 END, u.status = 'active'
FROM users u WHERE u.id = @user_id
UNION ALL
SELECT 2, e.id, e.address, '', '', '', e.created_at, CAST(COALESCE(e.verified_at, 0) AS BIGINT), 0, e.is_primary
FROM emails e WHERE e.user_id = @user_id
UNION ALL
SELECT 3, a.id, a.name, a.slug, m.role, m.id, m.joined_at, a.created_at, 0, FALSE
FROM memberships m JOIN accounts a ON a.id = m.account_id WHERE m.user_id = @user_id
UNION ALL
SELECT 4, i.id, i.provider, i.issuer, i.email, '', i.created_at, 0, 0, FALSE
FROM identities i WHERE i.user_id = @user_id
UNION ALL
SELECT 5, e.id, e.feature, e.status, '', '', e.joined_at, 0, 0, FALSE
FROM sessions s JOIN waitlist_entries e ON e.account_id = s.account_id WHERE s.id = @session_id AND e.user_id = @user_id;
