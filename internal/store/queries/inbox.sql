-- A mail is delivered at least once: its repetition changes nothing.
-- name: InsertInboxMessage :exec
INSERT INTO inbox_messages (id, recipient, subject, body_text, body_html, links, code, created_at)
VALUES (@id, @recipient, @subject, @body_text, @body_html, @links, @code, @now)
ON CONFLICT (id) DO NOTHING;

-- Two texts, not one with an optional filter: each has an index that gives it its
-- page without a scan.
-- name: ListInboxMessages :many
SELECT * FROM inbox_messages WHERE id < CAST(@before AS TEXT)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: ListInboxMessagesTo :many
SELECT * FROM inbox_messages WHERE recipient = @recipient AND id < CAST(@before AS TEXT)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: GetInboxMessage :one
SELECT * FROM inbox_messages WHERE id = @id;

-- name: ClearInbox :exec
DELETE FROM inbox_messages;

-- All but the newest: where there are fewer, the inner query gives nothing.
-- name: PruneInbox :exec
DELETE FROM inbox_messages WHERE id < (
    SELECT m.id FROM inbox_messages m ORDER BY m.id DESC LIMIT 1 OFFSET CAST(@keep AS BIGINT) - 1);
