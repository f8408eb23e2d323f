-- Rows as they are, for the export and the import of everything: by id, in its
-- order, and back with ids and times of their own. What is in the way of a row
-- that is brought in makes it step back: on Postgres a failed statement would end
-- the batch.

-- name: ExportUsers :many
SELECT * FROM users WHERE id > CAST(@after AS TEXT) ORDER BY id LIMIT CAST(@n AS BIGINT);

-- name: ExportEmails :many
SELECT * FROM emails WHERE id > CAST(@after AS TEXT) ORDER BY id LIMIT CAST(@n AS BIGINT);

-- name: ExportIdentities :many
SELECT * FROM identities WHERE id > CAST(@after AS TEXT) ORDER BY id LIMIT CAST(@n AS BIGINT);

-- name: ExportAccounts :many
SELECT * FROM accounts WHERE id > CAST(@after AS TEXT) ORDER BY id LIMIT CAST(@n AS BIGINT);

-- name: ExportMemberships :many
SELECT * FROM memberships WHERE id > CAST(@after AS TEXT) ORDER BY id LIMIT CAST(@n AS BIGINT);

-- name: ExportInvites :many
SELECT * FROM invites WHERE id > CAST(@after AS TEXT) ORDER BY id LIMIT CAST(@n AS BIGINT);

-- name: ExportFeatures :many
SELECT * FROM features WHERE id > CAST(@after AS TEXT) ORDER BY id LIMIT CAST(@n AS BIGINT);

-- name: ExportWaitlistEntries :many
SELECT * FROM waitlist_entries WHERE id > CAST(@after AS TEXT) ORDER BY id LIMIT CAST(@n AS BIGINT);

-- name: ExportClients :many
SELECT * FROM clients WHERE id > CAST(@after AS TEXT) ORDER BY id LIMIT CAST(@n AS BIGINT);

-- name: ExportClientSecrets :many
SELECT * FROM client_secrets WHERE client_id = @client_id ORDER BY created_at, digest;

-- name: ReadUserRow :one
SELECT * FROM users WHERE id = @id;

-- name: ReadIdentity :one
SELECT * FROM identities WHERE id = @id;

-- name: ReadMembership :one
SELECT * FROM memberships WHERE id = @id;

-- name: ReadInvite :one
SELECT * FROM invites WHERE id = @id;

-- name: ReadFeature :one
SELECT * FROM features WHERE id = @id;

-- name: ReadFeatureByName :one
SELECT * FROM features WHERE name = @name;

-- name: ReadWaitlistEntry :one
SELECT * FROM waitlist_entries WHERE id = @id;

-- name: ReadAccountBySlug :one
SELECT * FROM accounts WHERE slug = @slug;

-- name: ReadClientOfSecret :one
SELECT client_id FROM client_secrets WHERE digest = @digest;

-- name: ImportUser :execrows
INSERT INTO users (id, status, name, name_key, picture, locale, metadata, admin_metadata, administrator, password_hash,
                   password_version, last_account_id, created_at, updated_at, last_sign_in_at, delete_at)
VALUES (@id, @status, @name, @name_key, @picture, @locale, @metadata, @admin_metadata, @administrator, @password_hash,
        @password_version, @last_account_id, @created_at, @updated_at, @last_sign_in_at, @delete_at)
ON CONFLICT DO NOTHING;

-- name: ImportEmail :execrows
INSERT INTO emails (id, user_id, address, is_primary, exclusive, verified_at, created_at)
VALUES (@id, @user_id, @address, @is_primary, @exclusive, @verified_at, @created_at)
ON CONFLICT DO NOTHING;

-- name: ImportIdentity :execrows
INSERT INTO identities (id, user_id, provider, issuer, subject, email, created_at)
VALUES (@id, @user_id, @provider, @issuer, @subject, @email, @created_at)
ON CONFLICT DO NOTHING;

-- name: ImportAccount :execrows
INSERT INTO accounts (id, name, name_key, slug, created_at, updated_at)
VALUES (@id, @name, @name_key, @slug, @created_at, @updated_at)
ON CONFLICT DO NOTHING;

-- name: ImportMembership :execrows
INSERT INTO memberships (id, account_id, user_id, role, joined_at)
VALUES (@id, @account_id, @user_id, @role, @joined_at)
ON CONFLICT DO NOTHING;

-- name: ImportInvite :execrows
INSERT INTO invites (id, account_id, address, role, deliver, invited_by, client_id, locale, redirect_uri, state, code_challenge,
                     created_at, expires_at, accepted_at, accepted_by, revoked_at)
VALUES (@id, @account_id, @address, @role, @deliver, @invited_by, @client_id, @locale, @redirect_uri, @state, @code_challenge,
        @created_at, @expires_at, @accepted_at, @accepted_by, @revoked_at)
ON CONFLICT DO NOTHING;

-- name: ImportFeature :execrows
INSERT INTO features (name, id, title, description, add_claim, closed_at, created_at, updated_at)
VALUES (@name, @id, @title, @description, @add_claim, @closed_at, @created_at, @updated_at)
ON CONFLICT DO NOTHING;

-- name: ImportWaitlistEntry :execrows
INSERT INTO waitlist_entries (id, feature, account_id, user_id, status, joined_at, approved_at)
VALUES (@id, @feature, @account_id, @user_id, @status, @joined_at, @approved_at)
ON CONFLICT DO NOTHING;

-- name: ImportClient :execrows
INSERT INTO clients (id, name, type, audience, redirect_uris, origins, methods, access_token, refresh_idle, refresh_absolute,
                     refresh_short, created_at, updated_at)
VALUES (@id, @name, @type, @audience, @redirect_uris, @origins, @methods, @access_token, @refresh_idle, @refresh_absolute,
        @refresh_short, @created_at, @updated_at)
ON CONFLICT DO NOTHING;

-- name: ImportClientSecret :execrows
INSERT INTO client_secrets (digest, client_id, created_at, expires_at)
VALUES (@digest, @client_id, @created_at, @expires_at)
ON CONFLICT DO NOTHING;
