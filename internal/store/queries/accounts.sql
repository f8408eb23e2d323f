-- name: InsertAccount :execrows
INSERT INTO accounts (id, name, slug, created_at, updated_at) VALUES (@id, @name, @slug, @now, @now)
ON CONFLICT (slug) DO NOTHING;

-- name: InsertMembership :exec
INSERT INTO memberships (id, account_id, user_id, role, joined_at) VALUES (@id, @account_id, @user_id, @role, @now);

-- name: GetMembership :one
SELECT m.id, m.role, m.joined_at, a.id AS account_id, a.name, a.slug, a.created_at
FROM memberships m JOIN accounts a ON a.id = m.account_id
WHERE m.user_id = @user_id AND m.account_id = @account_id;

-- The account in whose context a session starts where none is asked for: the
-- last used while its membership lasts, else the oldest.
-- name: GetDefaultMembership :one
SELECT m.id, m.role, m.joined_at, a.id AS account_id, a.name, a.slug, a.created_at
FROM memberships m JOIN accounts a ON a.id = m.account_id
WHERE m.user_id = @user_id
ORDER BY CASE WHEN m.account_id = CAST(@last_account_id AS TEXT) THEN 0 ELSE 1 END, m.joined_at, m.id
LIMIT 1;
