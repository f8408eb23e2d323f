package job

import "time"

// Backoff is how long a job waits after so many attempts.
func (r *Runner) Backoff(attempts int64) time.Duration { return r.backoff(attempts) }

// ClaimFor is how long a node that died holds its jobs.
const ClaimFor = claimFor
