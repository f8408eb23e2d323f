package account

import (
	"context"
	"time"

	"watchword"
	"watchword/internal/limit"
)

// MailLimits bounds the mails that strangers can have sent.
type MailLimits struct {
	Limiter    *limit.Limiter
	PerAddress limit.Rule // for each purpose
	PerIP      limit.Rule // for all purposes together
}

// MailInterval is how long at least lies between two mails of one purpose to one
// address: what resend_after says.
const MailInterval = time.Minute

// Take counts a mail of a purpose to a canonical address, known or not: the
// answer tells nothing of it. What is refused by one rule is not counted by the
// next.
func (m MailLimits) Take(ctx context.Context, purpose, address string, origin watchword.Origin) error {
	for _, step := range []struct {
		rule limit.Rule
		key  string
	}{
		{m.PerIP, limit.Network(origin)},
		{limit.Rule{Name: m.PerAddress.Name + "_interval", Count: 1, Per: MailInterval}, purpose + ":" + address},
		{m.PerAddress, purpose + ":" + address},
	} {
		if err := m.Limiter.Take(ctx, step.rule, step.key, origin); err != nil {
			return err
		}
	}
	return nil
}
