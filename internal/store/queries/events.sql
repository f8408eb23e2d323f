-- name: InsertEvent :exec
INSERT INTO events (id, type, at, user_id, account_id, session_id, client_id, actor, ip, user_agent, request_id, data)
VALUES (@id, @type, @at, @user_id, @account_id, @session_id, @client_id, @actor, @ip, @user_agent, @request_id, @data);

-- A text for each way to go, not one with optional filters: each has an index that
-- gives it its page without a scan, however many events there are.
-- name: ListEvents :many
SELECT * FROM events WHERE id < CAST(@before AS TEXT) AND id >= CAST(@since AS TEXT)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: ListEventsOfType :many
SELECT * FROM events WHERE type = @type AND id < CAST(@before AS TEXT) AND id >= CAST(@since AS TEXT)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: ListEventsOfUser :many
SELECT * FROM events WHERE user_id = @user_id AND user_id <> '' AND id < CAST(@before AS TEXT) AND id >= CAST(@since AS TEXT)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: ListEventsOfAccount :many
SELECT * FROM events WHERE account_id = @account_id AND account_id <> '' AND id < CAST(@before AS TEXT) AND id >= CAST(@since AS TEXT)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- Types that come with most sign-ins have no index together with a user or an
-- account: every sign-in would have to write it. These two texts are for the others.
-- They do not say that there is a user or account: SQLite would as soon go by the
-- indexes of all types, which are of those events.
-- name: ListRarerEventsOfUser :many
SELECT * FROM events
WHERE user_id = @user_id AND type = @type AND type <> 'session.started' AND type <> 'magic_link.requested'
  AND id < CAST(@before AS TEXT) AND id >= CAST(@since AS TEXT) AND (CAST(@account_id AS TEXT) = '' OR account_id = @account_id)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: ListRarerEventsOfAccount :many
SELECT * FROM events
WHERE account_id = @account_id AND type = @type AND type <> 'session.started' AND type <> 'magic_link.requested'
  AND id < CAST(@before AS TEXT) AND id >= CAST(@since AS TEXT)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- These two are sifted: see sift.go.
-- name: SiftEventsOfUser :many
SELECT * FROM events
WHERE user_id = @user_id AND user_id <> '' AND id < CAST(@before AS TEXT) AND id >= CAST(@since AS TEXT)
  AND (CAST(@type AS TEXT) = '' OR type = @type) AND (CAST(@account_id AS TEXT) = '' OR account_id = @account_id)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: SkipEventsOfUser :one
SELECT id FROM events WHERE user_id = @user_id AND user_id <> '' AND id < CAST(@before AS TEXT) AND id >= CAST(@since AS TEXT)
ORDER BY id DESC LIMIT 1 OFFSET CAST(@n AS BIGINT);

-- name: SiftEventsOfAccount :many
SELECT * FROM events
WHERE account_id = @account_id AND account_id <> '' AND id < CAST(@before AS TEXT) AND id >= CAST(@since AS TEXT)
  AND (CAST(@type AS TEXT) = '' OR type = @type)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: SkipEventsOfAccount :one
SELECT id FROM events WHERE account_id = @account_id AND account_id <> '' AND id < CAST(@before AS TEXT) AND id >= CAST(@since AS TEXT)
ORDER BY id DESC LIMIT 1 OFFSET CAST(@n AS BIGINT);

-- name: PurgeEvents :execrows
DELETE FROM events WHERE id IN (
    SELECT e.id FROM events e WHERE e.id < CAST(@before AS TEXT) ORDER BY e.id LIMIT CAST(@n AS BIGINT));

-- name: PurgeEventsOfType :execrows
DELETE FROM events WHERE id IN (
    SELECT e.id FROM events e WHERE e.type = @type AND e.id < CAST(@before AS TEXT) ORDER BY e.id LIMIT CAST(@n AS BIGINT));
