-- What a caller's account has to do with a feature; no row where they are not in
-- the account.
-- name: GetStanding :one
SELECT m.id AS membership_id, CAST(COALESCE(f.name, '') AS TEXT) AS feature, CAST(COALESCE(f.closed_at, 0) AS BIGINT) AS closed_at,
       CAST(COALESCE(e.id, '') AS TEXT) AS entry_id, CAST(COALESCE(e.status, '') AS TEXT) AS status,
       CAST(COALESCE(e.joined_at, 0) AS BIGINT) AS joined_at
FROM memberships m
LEFT JOIN features f ON f.name = CAST(@feature AS TEXT)
LEFT JOIN waitlist_entries e ON e.user_id = m.user_id AND e.account_id = m.account_id AND e.feature = CAST(@feature AS TEXT)
WHERE m.user_id = @user_id AND m.account_id = @account_id;

-- Who joins holds their membership first: of two of their calls at once each would
-- count without the other.
-- name: LockMembership :one
UPDATE memberships SET role = role WHERE user_id = @user_id AND account_id = @account_id RETURNING id;

-- name: CountOwnEntries :one
SELECT COUNT(*) FROM waitlist_entries WHERE user_id = @user_id AND account_id = @account_id;

-- Only members join, and only what is open; of many who join at once one gets in.
-- name: InsertWaitlistEntry :execrows
INSERT INTO waitlist_entries (id, feature, account_id, user_id, status, joined_at)
SELECT @id, f.name, m.account_id, m.user_id, 'waiting', CAST(@now AS BIGINT)
FROM features f, memberships m
WHERE f.name = @feature AND f.closed_at IS NULL AND m.user_id = @user_id AND m.account_id = @account_id
ON CONFLICT (user_id, account_id, feature) DO NOTHING;

-- name: DeleteWaitlistEntry :execrows
DELETE FROM waitlist_entries WHERE user_id = @user_id AND account_id = @account_id AND feature = @feature;

-- name: ListOwnEntries :many
SELECT id, feature, status, joined_at FROM waitlist_entries
WHERE user_id = @user_id AND account_id = @account_id AND id < CAST(@before AS TEXT)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: InsertFeature :execrows
INSERT INTO features (name, id, title, description, add_claim, created_at, updated_at)
VALUES (@name, @id, @title, @description, @add_claim, @now, @now)
ON CONFLICT (name) DO NOTHING;

-- name: GetFeature :one
SELECT f.*, (SELECT COUNT(*) FROM waitlist_entries w WHERE w.feature = f.name AND w.status = 'waiting') AS waiting,
       (SELECT COUNT(*) FROM waitlist_entries a WHERE a.feature = f.name AND a.status = 'approved') AS approved
FROM features f WHERE f.name = @name;

-- name: ListFeatures :many
SELECT f.*, (SELECT COUNT(*) FROM waitlist_entries w WHERE w.feature = f.name AND w.status = 'waiting') AS waiting,
       (SELECT COUNT(*) FROM waitlist_entries a WHERE a.feature = f.name AND a.status = 'approved') AS approved
FROM features f WHERE f.id < CAST(@before AS TEXT)
ORDER BY f.id DESC LIMIT CAST(@n AS BIGINT);

-- Whoever changes a feature or approves its entries holds its row first. Those who
-- join do not wait for it: they refer to the row and change nothing in it.
-- name: LockFeature :one
UPDATE features SET updated_at = updated_at WHERE name = @name RETURNING *;

-- name: UpdateFeature :execrows
UPDATE features SET title = @title, description = @description, add_claim = @add_claim, closed_at = sqlc.narg(closed_at), updated_at = @updated_at
WHERE name = @name;

-- name: DeleteFeature :execrows
DELETE FROM features WHERE name = @name;

-- name: DeleteEntriesOfFeature :execrows
DELETE FROM waitlist_entries WHERE id IN (
    SELECT e.id FROM waitlist_entries e WHERE e.feature = @feature ORDER BY e.id LIMIT CAST(@n AS BIGINT));

-- How much room the names take up that access tokens may have to hold.
-- name: CountClaimNames :one
SELECT CAST(COALESCE(SUM(LENGTH(name) + 3), 0) AS BIGINT) AS characters FROM features WHERE add_claim;

-- A text for each filter: each has an index that gives it its page in the order of
-- the queue.
-- name: ListEntries :many
SELECT e.*, u.name AS user_name, CAST(COALESCE(p.address, '') AS TEXT) AS address
FROM waitlist_entries e JOIN users u ON u.id = e.user_id LEFT JOIN emails p ON p.user_id = e.user_id AND p.is_primary
WHERE e.feature = @feature AND e.id > CAST(@after AS TEXT)
ORDER BY e.id LIMIT CAST(@n AS BIGINT);

-- name: ListEntriesOfStatus :many
SELECT e.*, u.name AS user_name, CAST(COALESCE(p.address, '') AS TEXT) AS address
FROM waitlist_entries e JOIN users u ON u.id = e.user_id LEFT JOIN emails p ON p.user_id = e.user_id AND p.is_primary
WHERE e.feature = @feature AND e.status = @status AND e.id > CAST(@after AS TEXT)
ORDER BY e.id LIMIT CAST(@n AS BIGINT);

-- name: ListEntriesOfAccount :many
SELECT e.*, u.name AS user_name, CAST(COALESCE(p.address, '') AS TEXT) AS address
FROM waitlist_entries e JOIN users u ON u.id = e.user_id LEFT JOIN emails p ON p.user_id = e.user_id AND p.is_primary
WHERE e.account_id = @account_id AND e.feature = @feature AND e.id > CAST(@after AS TEXT)
ORDER BY e.id LIMIT CAST(@n AS BIGINT);

-- Sifted: see sift.go. Bounds for each column alone SQLite would as soon look up in
-- the index of the whole feature.
-- name: SiftEntriesOfAccount :many
SELECT e.*, u.name AS user_name, CAST(COALESCE(p.address, '') AS TEXT) AS address
FROM waitlist_entries e JOIN users u ON u.id = e.user_id LEFT JOIN emails p ON p.user_id = e.user_id AND p.is_primary
WHERE (e.account_id, e.feature, e.id) > (CAST(@account_id AS TEXT), CAST(@feature AS TEXT), CAST(@after AS TEXT))
  AND (e.account_id, e.feature, e.id) <= (CAST(@account_id AS TEXT), CAST(@feature AS TEXT), CAST(@until AS TEXT)) AND e.status = @status
ORDER BY e.account_id, e.feature, e.id LIMIT CAST(@n AS BIGINT);

-- name: SkipEntriesOfAccount :one
SELECT id FROM waitlist_entries WHERE account_id = @account_id AND feature = @feature AND id > CAST(@after AS TEXT)
ORDER BY id LIMIT 1 OFFSET CAST(@n AS BIGINT);

-- name: CountWaiting :one
SELECT COUNT(*) FROM waitlist_entries WHERE feature = @feature AND status = 'waiting';

-- How many wait in an account, up to one of them, and who is the last.
-- name: CountWaitingOfAccount :one
SELECT COUNT(*) AS waiting, CAST(COALESCE(MAX(id), '') AS TEXT) AS last FROM waitlist_entries
WHERE account_id = @account_id AND feature = @feature AND status = 'waiting' AND id <= CAST(@through AS TEXT);

-- The first n who wait, up to one of them: how many they are, and who is the last.
-- name: FindFirstWaiting :one
SELECT COUNT(*) AS waiting, CAST(COALESCE(MAX(ids.id), '') AS TEXT) AS last FROM (
    SELECT e.id FROM waitlist_entries e
    WHERE e.feature = @feature AND e.status = 'waiting' AND e.id <= CAST(@through AS TEXT)
    ORDER BY e.id LIMIT CAST(@n AS BIGINT)) ids;

-- The first who wait, up to one of them. What an approval must know: whom to tell,
-- and whether they may come in and have proven an address to be told at.
-- name: ApproveFirst :many
UPDATE waitlist_entries SET status = 'approved', approved_at = @now
WHERE waitlist_entries.status = 'waiting' AND waitlist_entries.id IN (
    SELECT e.id FROM waitlist_entries e
    WHERE e.feature = @feature AND e.status = 'waiting' AND e.id <= CAST(@through AS TEXT)
    ORDER BY e.id LIMIT CAST(@n AS BIGINT))
RETURNING waitlist_entries.id, waitlist_entries.user_id, waitlist_entries.account_id,
    EXISTS (SELECT 1 FROM emails p JOIN users u ON u.id = p.user_id
            WHERE p.user_id = waitlist_entries.user_id AND p.is_primary AND p.verified_at IS NOT NULL AND u.status = 'active') AS reachable;

-- name: ApproveAccount :many
UPDATE waitlist_entries SET status = 'approved', approved_at = @now
WHERE waitlist_entries.status = 'waiting' AND waitlist_entries.id IN (
    SELECT e.id FROM waitlist_entries e
    WHERE e.account_id = @account_id AND e.feature = @feature AND e.status = 'waiting' AND e.id <= CAST(@through AS TEXT)
    ORDER BY e.id LIMIT CAST(@n AS BIGINT))
RETURNING waitlist_entries.id, waitlist_entries.user_id, waitlist_entries.account_id,
    EXISTS (SELECT 1 FROM emails p JOIN users u ON u.id = p.user_id
            WHERE p.user_id = waitlist_entries.user_id AND p.is_primary AND p.verified_at IS NOT NULL AND u.status = 'active') AS reachable;

-- By way of the memberships: their keys and the feature are the whole key of an
-- entry. CROSS JOIN has SQLite keep to that order; it would look through all who
-- wait otherwise.
-- name: ApproveUser :many
UPDATE waitlist_entries SET status = 'approved', approved_at = @now
WHERE waitlist_entries.status = 'waiting' AND waitlist_entries.id IN (
    SELECT e.id FROM memberships m CROSS JOIN waitlist_entries e
    WHERE m.user_id = @user_id AND e.user_id = m.user_id AND e.account_id = m.account_id AND e.feature = @feature)
RETURNING waitlist_entries.id, waitlist_entries.user_id, waitlist_entries.account_id,
    EXISTS (SELECT 1 FROM emails p JOIN users u ON u.id = p.user_id
            WHERE p.user_id = waitlist_entries.user_id AND p.is_primary AND p.verified_at IS NOT NULL AND u.status = 'active') AS reachable;

-- Only addresses that are nobody else's: one that was merely added is a claim.
-- name: ApproveAddress :many
UPDATE waitlist_entries SET status = 'approved', approved_at = @now
WHERE waitlist_entries.status = 'waiting' AND waitlist_entries.id IN (
    SELECT e.id FROM emails x CROSS JOIN memberships m CROSS JOIN waitlist_entries e
    WHERE x.address = @address AND x.exclusive AND m.user_id = x.user_id
      AND e.user_id = m.user_id AND e.account_id = m.account_id AND e.feature = @feature)
RETURNING waitlist_entries.id, waitlist_entries.user_id, waitlist_entries.account_id,
    EXISTS (SELECT 1 FROM emails p JOIN users u ON u.id = p.user_id
            WHERE p.user_id = waitlist_entries.user_id AND p.is_primary AND p.verified_at IS NOT NULL AND u.status = 'active') AS reachable;
