-- What is changed here moves updated_at on, always: it tells whether somebody's copy
-- of a user is the newest, also when two changes fall into one microsecond.

-- name: InsertUser :exec
INSERT INTO users (id, status, name, name_key, picture, locale, metadata, admin_metadata, administrator,
                   password_hash, password_version, last_account_id, created_at, updated_at)
VALUES (@id, @status, @name, @name_key, @picture, @locale, @metadata, @admin_metadata, FALSE, @password_hash, 1, @last_account_id, @now, @now);

-- name: GetUser :one
SELECT u.id, u.status, u.name, u.picture, u.locale, u.metadata, u.admin_metadata, u.administrator,
       u.password_hash, u.password_version, u.last_account_id, u.created_at, u.updated_at, u.last_sign_in_at, u.delete_at,
       e.address, e.verified_at
FROM users u LEFT JOIN emails e ON e.user_id = u.id AND e.is_primary
WHERE u.id = $1;

-- name: GetLogin :one
SELECT u.id, u.status, u.password_hash, u.password_version, e.verified_at, e.id AS email_id
FROM emails e JOIN users u ON u.id = e.user_id
WHERE e.address = $1 AND e.exclusive;

-- The guard of every session start: nothing comes back when a reset, a wipe or a
-- disable committed after the credential was looked at.
-- name: MarkSignIn :one
UPDATE users SET last_sign_in_at = @now
WHERE id = @id AND password_version = @password_version AND status = 'active'
RETURNING last_account_id;

-- name: SetLastAccount :exec
UPDATE users SET last_account_id = @account_id WHERE id = @id AND last_account_id <> @account_id;

-- name: RehashPassword :execrows
UPDATE users SET password_hash = @new_hash WHERE id = @id AND password_hash = @old_hash;

-- name: SetPassword :execrows
UPDATE users SET password_hash = @password_hash, password_version = password_version + 1, updated_at = CASE WHEN updated_at < CAST(@now AS BIGINT) THEN CAST(@now AS BIGINT) ELSE updated_at + 1 END
WHERE id = @id AND password_version = @password_version AND status = 'active';

-- name: DeleteUser :execrows
DELETE FROM users WHERE id = @id;

-- Whoever is enabled is not deleted; who is to be deleted is disabled already.
-- name: SetUserStatus :execrows
UPDATE users SET status = @status, delete_at = NULL, updated_at = CASE WHEN updated_at < CAST(@now AS BIGINT) THEN CAST(@now AS BIGINT) ELSE updated_at + 1 END WHERE id = @id AND status <> @status;

-- name: SetAdministrator :execrows
UPDATE users SET administrator = @administrator, updated_at = CASE WHEN updated_at < CAST(@now AS BIGINT) THEN CAST(@now AS BIGINT) ELSE updated_at + 1 END WHERE id = @id AND administrator <> @administrator;

-- name: UpdateProfile :execrows
UPDATE users SET name = @name, name_key = @name_key, picture = @picture, locale = @locale, metadata = @metadata, updated_at = CASE WHEN updated_at < CAST(@now AS BIGINT) THEN CAST(@now AS BIGINT) ELSE updated_at + 1 END
WHERE id = @id AND status = 'active';

-- An address that is taken is left alone instead of failing: on Postgres a
-- failure would end the whole transaction, with all that an import has in it.
-- name: InsertEmail :execrows
INSERT INTO emails (id, user_id, address, is_primary, exclusive, verified_at, created_at)
VALUES (@id, @user_id, @address, @is_primary, @exclusive, sqlc.narg(verified_at), @now)
ON CONFLICT (address) WHERE exclusive DO NOTHING;

-- name: LockUser :one
UPDATE users SET updated_at = updated_at WHERE id = $1 RETURNING status;

-- name: FindUserByAddress :one
SELECT user_id FROM emails WHERE address = $1 AND exclusive;

-- name: GetEmail :one
SELECT * FROM emails WHERE id = @id;

-- Nobody else may hold the address exclusively: VerifyEmail finds nothing then.
-- name: VerifyEmail :execrows
UPDATE emails SET verified_at = COALESCE(verified_at, @now), exclusive = TRUE
WHERE emails.id = @id AND NOT EXISTS (
    SELECT 1 FROM emails o WHERE o.address = emails.address AND o.exclusive AND o.id <> emails.id);

-- Whoever gave the address at sign-up and never proved it gives way to one who did.
-- name: DisplaceUnproven :many
UPDATE emails SET exclusive = FALSE
WHERE address = @address AND exclusive AND verified_at IS NULL AND id <> @id
RETURNING id, user_id;

-- The hash goes, and with the version every guard of a session start under way.
-- The next session stands in an account of the user alone: a stranger may have let
-- them into one of theirs.
-- name: ClearPassword :execrows
UPDATE users SET password_hash = '', password_version = password_version + 1, updated_at = CASE WHEN updated_at < CAST(@now AS BIGINT) THEN CAST(@now AS BIGINT) ELSE updated_at + 1 END,
    last_account_id = COALESCE((
        SELECT m.account_id FROM memberships m
        WHERE m.user_id = users.id AND m.role = 'owner' AND NOT EXISTS (
            SELECT 1 FROM memberships o WHERE o.account_id = m.account_id AND o.user_id <> m.user_id)
        ORDER BY m.id LIMIT 1), '')
WHERE users.id = @id;

-- A reset replaces whatever there is.
-- name: ResetPassword :execrows
UPDATE users SET password_hash = @password_hash, password_version = password_version + 1, updated_at = CASE WHEN updated_at < CAST(@now AS BIGINT) THEN CAST(@now AS BIGINT) ELSE updated_at + 1 END
WHERE id = @id AND status = 'active';

-- name: DeleteIdentities :execrows
DELETE FROM identities WHERE user_id = @user_id;

-- name: DeleteOtherEmails :execrows
DELETE FROM emails WHERE user_id = @user_id AND id <> @id;

-- name: MakePrimary :execrows
UPDATE emails SET is_primary = TRUE WHERE id = @id AND user_id = @user_id;

-- name: ClearPrimary :execrows
UPDATE emails SET is_primary = FALSE WHERE user_id = @user_id AND is_primary AND id <> @id;

-- name: ListEmails :many
SELECT * FROM emails WHERE user_id = @user_id ORDER BY id;

-- name: DeleteEmail :execrows
DELETE FROM emails WHERE id = @id AND user_id = @user_id;

-- name: ListProviders :many
SELECT DISTINCT provider FROM identities WHERE user_id = @user_id ORDER BY provider;

-- How whoever holds an address can come in: a row for each identity, one without
-- a provider where there is none.
-- name: ListWaysIn :many
SELECT u.password_hash <> '' AS has_password, CAST(COALESCE(i.provider, '') AS TEXT) AS provider
FROM emails e JOIN users u ON u.id = e.user_id LEFT JOIN identities i ON i.user_id = u.id
WHERE e.address = $1 AND e.exclusive;

-- name: TouchUser :execrows
UPDATE users SET updated_at = CASE WHEN updated_at < CAST(@now AS BIGINT) THEN CAST(@now AS BIGINT) ELSE updated_at + 1 END WHERE id = @id;
