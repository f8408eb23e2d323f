-- name: InsertAccount :execrows
INSERT INTO accounts (id, name, name_key, slug, created_at, updated_at) VALUES (@id, @name, @name_key, @slug, @now, @now)
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

-- Whoever changes who is in an account, or what they may do there, holds its row
-- first: of two owners who leave at once each would count the other.
-- name: LockAccount :one
UPDATE accounts SET updated_at = updated_at WHERE id = $1 RETURNING id;

-- name: RenameAccount :execrows
UPDATE accounts SET name = @name, name_key = @name_key,
    updated_at = CASE WHEN updated_at < CAST(@now AS BIGINT) THEN CAST(@now AS BIGINT) ELSE updated_at + 1 END
WHERE id = @id;

-- name: DeleteAccount :execrows
DELETE FROM accounts WHERE id = @id;

-- name: ListMemberships :many
SELECT m.id, m.role, m.joined_at, a.id AS account_id, a.name, a.slug, a.created_at
FROM memberships m JOIN accounts a ON a.id = m.account_id
WHERE m.user_id = @user_id AND m.account_id < CAST(@before AS TEXT)
ORDER BY m.account_id DESC LIMIT CAST(@n AS BIGINT);

-- name: GetMember :one
SELECT m.id, m.user_id, m.role, m.role_changes, m.joined_at, u.name, CAST(COALESCE(e.address, '') AS TEXT) AS address
FROM memberships m JOIN users u ON u.id = m.user_id LEFT JOIN emails e ON e.user_id = m.user_id AND e.is_primary
WHERE m.id = @id AND m.account_id = @account_id;

-- name: ListMembers :many
SELECT m.id, m.user_id, m.role, m.role_changes, m.joined_at, u.name, CAST(COALESCE(e.address, '') AS TEXT) AS address
FROM memberships m JOIN users u ON u.id = m.user_id LEFT JOIN emails e ON e.user_id = m.user_id AND e.is_primary
WHERE m.account_id = @account_id AND m.id < CAST(@before AS TEXT)
ORDER BY m.id DESC LIMIT CAST(@n AS BIGINT);

-- Only what the list of members shows: the primary address, where it is the
-- member's own.
-- name: FindMemberByAddress :one
SELECT m.id FROM emails e JOIN memberships m ON m.user_id = e.user_id
WHERE e.address = @address AND e.exclusive AND e.is_primary AND m.account_id = @account_id;

-- An owner who can come in: one who is disabled, or to be deleted, looks after nothing.
-- name: FindOtherOwner :one
SELECT m.id FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.account_id = @account_id AND m.role = 'owner' AND m.id <> @except_id AND u.status = 'active' LIMIT 1;

-- name: FindOtherMember :one
SELECT id FROM memberships WHERE account_id = @account_id AND id <> @except_id LIMIT 1;

-- name: SetMemberRole :execrows
UPDATE memberships SET role = @role, role_changes = role_changes + 1 WHERE id = @id AND account_id = @account_id;

-- name: DeleteMembership :execrows
DELETE FROM memberships WHERE id = @id AND account_id = @account_id;

-- Who is to own an account whose last owner goes: one who can come in, else one who is
-- disabled and stays; an owner of before, else an admin; who has been in it the longest.
-- name: FindHeir :one
SELECT m.id, m.user_id, m.role, m.role_changes FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.account_id = @account_id AND m.id <> @except_id
ORDER BY CASE WHEN u.status = 'active' THEN 0 WHEN u.delete_at IS NULL THEN 1 ELSE 2 END,
    CASE m.role WHEN 'owner' THEN 0 WHEN 'admin' THEN 1 ELSE 2 END, m.id LIMIT 1;
