-- name: GetStatistics :one
SELECT * FROM statistics WHERE name = @name;

-- Of all nodes and callers one takes them.
-- name: ClaimStatistics :execrows
UPDATE statistics SET next_at = @lease WHERE name = @name AND next_at <= CAST(@now AS BIGINT);

-- name: SaveStatistics :execrows
UPDATE statistics SET body = @body, taken_at = @now, next_at = @next_at WHERE name = @name AND taken_at <= CAST(@now AS BIGINT);

-- name: CountEvents :one
SELECT COUNT(*) FROM events WHERE type = @type AND id >= CAST(@since AS TEXT) AND id < CAST(@before AS TEXT);

-- The next so many users, and what is to be known of them: a whole installation
-- takes seconds, in which nobody is to hold one state of the database.
-- name: CountUsers :one
SELECT COUNT(*) AS users, CAST(COALESCE(MAX(counted.id), '') AS TEXT) AS last, CAST(COALESCE(SUM(counted.verified), 0) AS BIGINT) AS verified,
       CAST(COALESCE(SUM(CASE WHEN counted.seen >= CAST(@since_day AS BIGINT) THEN 1 ELSE 0 END), 0) AS BIGINT) AS active_day,
       CAST(COALESCE(SUM(CASE WHEN counted.seen >= CAST(@since_week AS BIGINT) THEN 1 ELSE 0 END), 0) AS BIGINT) AS active_week,
       CAST(COALESCE(SUM(CASE WHEN counted.seen >= CAST(@since_month AS BIGINT) THEN 1 ELSE 0 END), 0) AS BIGINT) AS active_month
FROM (
    SELECT u.id,
           CASE WHEN EXISTS (SELECT 1 FROM emails e WHERE e.user_id = u.id AND e.is_primary AND e.verified_at IS NOT NULL) THEN 1 ELSE 0 END AS verified,
           CASE WHEN u.last_sign_in_at >= CAST(@since_day AS BIGINT) THEN u.last_sign_in_at
                ELSE COALESCE((SELECT MAX(s.rotated_at) FROM sessions s WHERE s.user_id = u.id), u.last_sign_in_at, 0) END AS seen
    FROM users u WHERE u.id > CAST(@after AS TEXT) ORDER BY u.id LIMIT CAST(@n AS BIGINT)
) AS counted;

-- The next so many sessions, and how many of them are live.
-- name: CountSessions :one
SELECT COUNT(*) AS sessions, CAST(COALESCE(MAX(counted.id), '') AS TEXT) AS last, CAST(COALESCE(SUM(counted.live), 0) AS BIGINT) AS live
FROM (
    SELECT s.id, CASE WHEN s.revoked_at IS NULL AND s.idle_expires_at > CAST(@now AS BIGINT) AND s.expires_at > CAST(@now AS BIGINT) THEN 1 ELSE 0 END AS live
    FROM sessions s WHERE s.id > CAST(@after AS TEXT) ORDER BY s.id LIMIT CAST(@n AS BIGINT)
) AS counted;
