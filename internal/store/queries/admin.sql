-- Lists of the administration. Each is a walk along one index, from where the page
-- before ended: what is found by a search comes in the order of what it was found by.

-- name: ListUserIDs :many
SELECT id FROM users WHERE id < CAST(@before AS TEXT) ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- What is sifted is read in steps, with a place where each ends: see sift.go.
-- name: SiftUserIDs :many
SELECT id FROM users WHERE id < CAST(@before AS TEXT) AND id >= CAST(@since AS TEXT) AND status = @status
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: SkipUserIDs :one
SELECT id FROM users WHERE id < CAST(@before AS TEXT) ORDER BY id DESC LIMIT 1 OFFSET CAST(@n AS BIGINT);

-- Few among many: they have an index of their own.
-- name: ListDisabledUserIDs :many
SELECT id FROM users WHERE status = 'disabled' AND id < CAST(@before AS TEXT)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- A search goes through the addresses that are somebody's, then the mere claims,
-- then the names, and finds each user once. There is one lower bound to each: of
-- two SQLite takes either, and would read all pages before. OFFSET 0 keeps Postgres from reading all
-- that is found by the way before, for each page, to find out who was.

-- name: SearchUsersByAddress :many
SELECT e.address, e.id, e.user_id
FROM emails e JOIN users u ON u.id = e.user_id
WHERE e.exclusive AND (e.address, e.id) > (CAST(@after AS TEXT), CAST(@after_id AS TEXT))
  AND (e.address, e.id) <= (CAST(@until AS TEXT), CAST(@until_id AS TEXT))
  AND (CAST(@status AS TEXT) = '' OR u.status = @status)
  AND NOT EXISTS (SELECT 1 FROM emails o WHERE o.user_id = e.user_id AND o.exclusive
                  AND o.address >= CAST(@floor AS TEXT) AND o.address < e.address LIMIT 1 OFFSET 0)
ORDER BY e.address LIMIT CAST(@n AS BIGINT);

-- name: SkipAddresses :one
SELECT address, id FROM emails
WHERE exclusive AND (address, id) > (CAST(@after AS TEXT), CAST(@after_id AS TEXT)) AND (address, id) <= (CAST(@until AS TEXT), CAST(@until_id AS TEXT))
ORDER BY address LIMIT 1 OFFSET CAST(@n AS BIGINT);

-- name: SearchUsersByClaim :many
SELECT e.address, e.id, e.user_id
FROM emails e JOIN users u ON u.id = e.user_id
WHERE NOT e.exclusive AND (e.address, e.id) > (CAST(@after AS TEXT), CAST(@after_id AS TEXT))
  AND (e.address, e.id) <= (CAST(@until AS TEXT), CAST(@until_id AS TEXT))
  AND (CAST(@status AS TEXT) = '' OR u.status = @status)
  AND NOT EXISTS (SELECT 1 FROM emails o WHERE o.user_id = e.user_id
                  AND o.address >= CAST(@floor AS TEXT) AND o.address < CAST(@ceiling AS TEXT)
                  AND (o.exclusive OR o.address < e.address) LIMIT 1 OFFSET 0)
ORDER BY e.address, e.id LIMIT CAST(@n AS BIGINT);

-- name: SkipClaims :one
SELECT address, id FROM emails
WHERE NOT exclusive AND (address, id) > (CAST(@after AS TEXT), CAST(@after_id AS TEXT)) AND (address, id) <= (CAST(@until AS TEXT), CAST(@until_id AS TEXT))
ORDER BY address, id LIMIT 1 OFFSET CAST(@n AS BIGINT);

-- name: SearchUsersByName :many
SELECT u.name_key, u.id
FROM users u
WHERE u.name_key <> '' AND (u.name_key, u.id) > (CAST(@after AS TEXT), CAST(@after_id AS TEXT))
  AND (u.name_key, u.id) <= (CAST(@until AS TEXT), CAST(@until_id AS TEXT))
  AND (CAST(@status AS TEXT) = '' OR u.status = @status)
  AND NOT EXISTS (SELECT 1 FROM emails o WHERE o.user_id = u.id
                  AND o.address >= CAST(@address_floor AS TEXT) AND o.address < CAST(@address_ceiling AS TEXT) LIMIT 1 OFFSET 0)
ORDER BY u.name_key, u.id LIMIT CAST(@n AS BIGINT);

-- name: SkipUserNames :one
SELECT name_key, id FROM users
WHERE name_key <> '' AND (name_key, id) > (CAST(@after AS TEXT), CAST(@after_id AS TEXT)) AND (name_key, id) <= (CAST(@until AS TEXT), CAST(@until_id AS TEXT))
ORDER BY name_key, id LIMIT 1 OFFSET CAST(@n AS BIGINT);

-- The users of a page in one round trip: @ids are their identifiers one after the
-- other, each of 30 characters. Neither engine takes a list the way the other does.
-- CROSS JOIN has SQLite begin with them.
-- name: ListUsersByID :many
WITH RECURSIVE ids(id, rest) AS (
    SELECT CAST('' AS TEXT), CAST(@ids AS TEXT)
    UNION ALL
    SELECT substr(rest, 1, 30), substr(rest, 31) FROM ids WHERE rest <> ''
)
SELECT u.id, u.status, u.name, u.picture, u.locale, u.metadata, u.admin_metadata, u.administrator,
       CAST(CASE WHEN u.password_hash = '' THEN 0 ELSE 1 END AS BIGINT) AS has_password, u.created_at, u.updated_at,
       u.last_sign_in_at, u.delete_at
FROM ids CROSS JOIN users u WHERE u.id = ids.id;

-- name: ListEmailsByUser :many
WITH RECURSIVE ids(id, rest) AS (
    SELECT CAST('' AS TEXT), CAST(@ids AS TEXT)
    UNION ALL
    SELECT substr(rest, 1, 30), substr(rest, 31) FROM ids WHERE rest <> ''
)
SELECT e.* FROM ids CROSS JOIN emails e WHERE e.user_id = ids.id;

-- name: ListIdentitiesByUser :many
WITH RECURSIVE ids(id, rest) AS (
    SELECT CAST('' AS TEXT), CAST(@ids AS TEXT)
    UNION ALL
    SELECT substr(rest, 1, 30), substr(rest, 31) FROM ids WHERE rest <> ''
)
SELECT i.* FROM ids CROSS JOIN identities i WHERE i.user_id = ids.id;

-- name: ListMembershipsByUser :many
WITH RECURSIVE ids(id, rest) AS (
    SELECT CAST('' AS TEXT), CAST(@ids AS TEXT)
    UNION ALL
    SELECT substr(rest, 1, 30), substr(rest, 31) FROM ids WHERE rest <> ''
)
SELECT m.user_id, m.id, m.role, m.joined_at, a.id AS account_id, a.name, a.slug, a.created_at
FROM ids CROSS JOIN memberships m JOIN accounts a ON a.id = m.account_id WHERE m.user_id = ids.id;

-- name: UpdateUser :execrows
UPDATE users SET name = @name, name_key = @name_key, picture = @picture, locale = @locale, metadata = @metadata,
    admin_metadata = @admin_metadata,
    updated_at = CASE WHEN updated_at < CAST(@now AS BIGINT) THEN CAST(@now AS BIGINT) ELSE updated_at + 1 END
WHERE id = @id;

-- name: ReplacePassword :execrows
UPDATE users SET password_hash = @password_hash, password_version = password_version + 1,
    updated_at = CASE WHEN updated_at < CAST(@now AS BIGINT) THEN CAST(@now AS BIGINT) ELSE updated_at + 1 END
WHERE id = @id;

-- name: ScheduleDeletion :execrows
UPDATE users SET status = 'disabled', delete_at = @delete_at,
    updated_at = CASE WHEN updated_at < CAST(@now AS BIGINT) THEN CAST(@now AS BIGINT) ELSE updated_at + 1 END
WHERE id = @id;

-- name: ListUsersToDelete :many
SELECT id FROM users WHERE delete_at IS NOT NULL AND delete_at <= @now ORDER BY delete_at LIMIT CAST(@n AS BIGINT);

-- name: GetAccount :one
SELECT * FROM accounts WHERE id = @id;

-- name: ListAccounts :many
SELECT * FROM accounts
WHERE id < CAST(@before AS TEXT) ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: SearchAccountsBySlug :many
SELECT * FROM accounts
WHERE (slug, id) > (CAST(@after AS TEXT), CAST(@after_id AS TEXT)) AND slug < CAST(@ceiling AS TEXT)
ORDER BY slug LIMIT CAST(@n AS BIGINT);

-- Those that were not found by their slug.
-- name: SearchAccountsByName :many
SELECT * FROM accounts
WHERE name_key <> '' AND (name_key, id) > (CAST(@after AS TEXT), CAST(@after_id AS TEXT))
  AND (name_key, id) <= (CAST(@until AS TEXT), CAST(@until_id AS TEXT))
  AND NOT (slug >= CAST(@slug_floor AS TEXT) AND slug < CAST(@slug_ceiling AS TEXT))
ORDER BY name_key, id LIMIT CAST(@n AS BIGINT);

-- name: SkipAccountNames :one
SELECT name_key, id FROM accounts
WHERE name_key <> '' AND (name_key, id) > (CAST(@after AS TEXT), CAST(@after_id AS TEXT)) AND (name_key, id) <= (CAST(@until AS TEXT), CAST(@until_id AS TEXT))
ORDER BY name_key, id LIMIT 1 OFFSET CAST(@n AS BIGINT);

-- name: SiftAllSessions :many
SELECT id, user_id, client_id, account_id, amr, created_at, rotated_at, idle_expires_at, expires_at, ip, user_agent
FROM sessions
WHERE id < CAST(@before AS TEXT) AND id >= CAST(@since AS TEXT) AND revoked_at IS NULL AND idle_expires_at > @now AND expires_at > @now
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: SkipAllSessions :one
SELECT id FROM sessions WHERE id < CAST(@before AS TEXT) ORDER BY id DESC LIMIT 1 OFFSET CAST(@n AS BIGINT);

-- name: ListAllInvites :many
SELECT * FROM invites WHERE id < CAST(@before AS TEXT) ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: SiftAllInvites :many
SELECT i.* FROM invites i
WHERE i.id < CAST(@before AS TEXT) AND i.id >= CAST(@since AS TEXT)
  AND CAST(@status AS TEXT) = CASE
      WHEN i.accepted_at IS NOT NULL THEN 'accepted' WHEN i.revoked_at IS NOT NULL THEN 'revoked'
      WHEN i.expires_at <= CAST(@now AS BIGINT) THEN 'expired' ELSE 'pending' END
ORDER BY i.id DESC LIMIT CAST(@n AS BIGINT);

-- name: SkipAllInvites :one
SELECT id FROM invites WHERE id < CAST(@before AS TEXT) ORDER BY id DESC LIMIT 1 OFFSET CAST(@n AS BIGINT);

-- name: SiftInvites :many
SELECT i.* FROM invites i
WHERE i.account_id = @account_id AND i.id < CAST(@before AS TEXT) AND i.id >= CAST(@since AS TEXT)
  AND CAST(@status AS TEXT) = CASE
      WHEN i.accepted_at IS NOT NULL THEN 'accepted' WHEN i.revoked_at IS NOT NULL THEN 'revoked'
      WHEN i.expires_at <= CAST(@now AS BIGINT) THEN 'expired' ELSE 'pending' END
ORDER BY i.id DESC LIMIT CAST(@n AS BIGINT);

-- name: SkipInvites :one
SELECT id FROM invites WHERE account_id = @account_id AND id < CAST(@before AS TEXT)
ORDER BY id DESC LIMIT 1 OFFSET CAST(@n AS BIGINT);

-- An address becomes its user's alone without being proven, as at a sign-up.
-- name: HoldEmail :execrows
UPDATE emails SET exclusive = TRUE
WHERE emails.id = @id AND NOT EXISTS (
    SELECT 1 FROM emails o WHERE o.address = emails.address AND o.exclusive AND o.id <> emails.id);
