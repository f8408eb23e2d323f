-- name: InsertInvite :exec
INSERT INTO invites (id, account_id, address, role, deliver, invited_by, client_id, locale, redirect_uri, state, code_challenge,
    created_at, expires_at, accepted_by)
VALUES (@id, @account_id, @address, @role, @deliver, @invited_by, @client_id, @locale, @redirect_uri, @state, @code_challenge,
    @now, @expires_at, '');

-- name: GetInvite :one
SELECT i.*, a.name AS account_name, a.slug AS account_slug, a.created_at AS account_created_at,
       CAST(COALESCE(u.name, '') AS TEXT) AS inviter_name
FROM invites i JOIN accounts a ON a.id = i.account_id LEFT JOIN users u ON u.id = i.invited_by
WHERE i.id = @id;

-- name: ListInvites :many
SELECT * FROM invites WHERE account_id = @account_id AND id < CAST(@before AS TEXT)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: LockInvite :execrows
UPDATE invites SET expires_at = expires_at WHERE id = @id;

-- Of many who accept at once exactly one changes the row.
-- name: AcceptInvite :execrows
UPDATE invites SET accepted_at = @now, accepted_by = @user_id
WHERE id = @id AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > @now;

-- name: RevokeInvite :execrows
UPDATE invites SET revoked_at = @now
WHERE id = @id AND account_id = @account_id AND accepted_at IS NULL AND revoked_at IS NULL;

-- name: ExtendInvite :execrows
UPDATE invites SET expires_at = @expires_at
WHERE id = @id AND account_id = @account_id AND accepted_at IS NULL AND revoked_at IS NULL;

-- What somebody has offered and may offer no longer; an empty role stands for all.
-- name: RevokeInvitesBy :many
UPDATE invites SET revoked_at = @now
WHERE account_id = @account_id AND invited_by = @user_id AND (CAST(@role AS TEXT) = '' OR role = @role)
  AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > @now
RETURNING id;
