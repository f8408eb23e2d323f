-- name: InsertJob :exec
INSERT INTO jobs (id, kind, label, token_digest, payload, run_at, locked_until, attempts, last_error, created_at, expires_at)
VALUES (@id, @kind, @label, @token_digest, @payload, @run_at, 0, 0, '', @now, @expires_at);

-- The outer condition repeats the inner one: of two workers that picked the same
-- row the second finds it locked, so each claim has exactly one holder.
-- name: ClaimJobs :many
UPDATE jobs SET locked_until = @lock_until, attempts = attempts + 1
WHERE jobs.id IN (
    SELECT j.id FROM jobs j
    WHERE j.kind = @kind AND j.run_at <= @now AND j.locked_until <= @now AND j.done_at IS NULL AND j.failed_at IS NULL
    ORDER BY j.run_at LIMIT CAST(@n AS BIGINT))
  AND jobs.locked_until <= @now AND jobs.done_at IS NULL AND jobs.failed_at IS NULL
RETURNING jobs.id, jobs.kind, jobs.payload, jobs.attempts, jobs.created_at, jobs.expires_at;

-- name: FinishJob :execrows
UPDATE jobs SET done_at = @now, payload = @empty WHERE id = @id AND done_at IS NULL;

-- name: RetryJob :execrows
UPDATE jobs SET run_at = @run_at, locked_until = 0, last_error = @last_error WHERE id = @id AND done_at IS NULL;

-- name: FailJob :execrows
UPDATE jobs SET failed_at = @now, last_error = @last_error WHERE id = @id AND done_at IS NULL AND failed_at IS NULL;

-- name: CountJobs :many
SELECT kind, COUNT(*) AS waiting, CAST(MIN(created_at) AS BIGINT) AS oldest
FROM jobs WHERE done_at IS NULL AND failed_at IS NULL GROUP BY kind;

-- What was parked and then erased is done: nobody needs to look at it.
-- name: CountFailedJobs :many
SELECT kind, COUNT(*) AS failed, CAST(MAX(failed_at) AS BIGINT) AS latest
FROM jobs WHERE failed_at IS NOT NULL AND done_at IS NULL GROUP BY kind;

-- Failed ones too: they can be tried again while they hold a payload.
-- name: ListSealedJobs :many
SELECT id, payload FROM jobs
WHERE id > CAST(@after AS TEXT) AND done_at IS NULL AND length(payload) > 0
ORDER BY id LIMIT CAST(@n AS BIGINT);

-- name: ResealJob :execrows
UPDATE jobs SET payload = @payload WHERE id = @id AND payload = @old_payload;

-- name: PurgeJobs :execrows
DELETE FROM jobs WHERE id IN (
    SELECT j.id FROM jobs j WHERE j.expires_at < @before LIMIT CAST(@n AS BIGINT));

-- Parked jobs lose their payload, too: it may hold a token.
-- name: EraseExpiredJobs :execrows
UPDATE jobs SET payload = @empty, failed_at = COALESCE(failed_at, @now),
    last_error = CASE WHEN failed_at IS NULL THEN 'expired' ELSE last_error END
WHERE id IN (
    SELECT j.id FROM jobs j WHERE j.expires_at < @now AND j.done_at IS NULL AND j.payload <> @empty
    LIMIT CAST(@n AS BIGINT));

-- A mail in the queue dies with the token that it carries.
-- name: EraseJobsOfDeadTokens :execrows
UPDATE jobs SET payload = @empty, done_at = @now
WHERE token_digest IS NOT NULL AND done_at IS NULL AND token_digest IN (
    SELECT t.digest FROM one_time_tokens t
    WHERE t.address = @address AND (t.used_at IS NOT NULL OR t.voided_at IS NOT NULL));

-- The same for all that is of one user, whatever address it was for.
-- name: EraseJobsOfDeadUserTokens :execrows
UPDATE jobs SET payload = @empty, done_at = @now
WHERE token_digest IS NOT NULL AND done_at IS NULL AND token_digest IN (
    SELECT t.digest FROM one_time_tokens t
    WHERE t.user_id = @user_id AND (t.used_at IS NOT NULL OR t.voided_at IS NOT NULL));

-- name: ListJobs :many
SELECT id, label, run_at, attempts, last_error, created_at, expires_at, done_at, failed_at
FROM jobs WHERE kind = @kind AND id < CAST(@before AS TEXT)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- Few wait and fewer fail among the many that are done: those have indexes of their own.
-- name: ListWaitingJobs :many
SELECT id, label, run_at, attempts, last_error, created_at, expires_at, done_at, failed_at
FROM jobs WHERE kind = @kind AND done_at IS NULL AND failed_at IS NULL AND id < CAST(@before AS TEXT)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: ListFailedJobs :many
SELECT id, label, run_at, attempts, last_error, created_at, expires_at, done_at, failed_at
FROM jobs WHERE kind = @kind AND failed_at IS NOT NULL AND done_at IS NULL AND id < CAST(@before AS TEXT)
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: SiftDoneJobs :many
SELECT id, label, run_at, attempts, last_error, created_at, expires_at, done_at, failed_at
FROM jobs WHERE kind = @kind AND id < CAST(@before AS TEXT) AND id >= CAST(@since AS TEXT) AND done_at IS NOT NULL
ORDER BY id DESC LIMIT CAST(@n AS BIGINT);

-- name: SkipJobs :one
SELECT id FROM jobs WHERE kind = @kind AND id < CAST(@before AS TEXT)
ORDER BY id DESC LIMIT 1 OFFSET CAST(@n AS BIGINT);

-- Once more, from the start: what was erased or has expired stays where it is, and
-- what somebody is at just now, who would else do it twice.
-- name: ReviveJob :execrows
UPDATE jobs SET failed_at = NULL, run_at = @now, locked_until = 0, attempts = 0
WHERE id = @id AND kind = @kind AND done_at IS NULL AND expires_at > @now AND length(payload) > 0
  AND (failed_at IS NOT NULL OR locked_until <= @now);

-- Mails that nobody may follow any more lose the token that they carry. Those of
-- an account, an address or a user go before the tokens do: they are found by them.
-- name: EraseJobsOfInvite :execrows
UPDATE jobs SET payload = @empty, done_at = @now
WHERE token_digest IS NOT NULL AND done_at IS NULL AND token_digest IN (
    SELECT t.digest FROM one_time_tokens t WHERE t.invite_id = @invite_id);

-- name: EraseJobsOfAccount :execrows
UPDATE jobs SET payload = @empty, done_at = @now
WHERE token_digest IS NOT NULL AND done_at IS NULL AND token_digest IN (
    SELECT t.digest FROM invites i JOIN one_time_tokens t ON t.invite_id = i.id WHERE i.account_id = @account_id);

-- name: EraseJobsOfEmail :execrows
UPDATE jobs SET payload = @empty, done_at = @now
WHERE token_digest IS NOT NULL AND done_at IS NULL AND token_digest IN (
    SELECT t.digest FROM one_time_tokens t WHERE t.email_id = @email_id);

-- name: EraseJobsOfUser :execrows
UPDATE jobs SET payload = @empty, done_at = @now
WHERE token_digest IS NOT NULL AND done_at IS NULL AND token_digest IN (
    SELECT t.digest FROM one_time_tokens t WHERE t.user_id = @user_id);
