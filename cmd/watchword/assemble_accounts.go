package main

import (
	"io"

	"watchword/internal/account"
	"watchword/internal/config"
	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/mail"
)

// accounts are the journeys of what users belong to and are reached by.
type accounts struct {
	accounts account.Accounts
	invites  account.Invites
	emails   account.Emails
}

func (s *server) newAccounts(cfg config.Config, random io.Reader, jobs job.Queue, throttled *limit.Throttled) accounts {
	mails := account.MailLimits{
		Limiter: s.limiter, Throttled: throttled,
		PerAddress: rule("mail_per_address", cfg.Limits.MailPerAddress), PerIP: rule("mail_per_ip", cfg.Limits.MailPerIP),
	}
	return accounts{
		accounts: account.Accounts{Store: s.store, Limiter: s.limiter, Random: random},
		invites: account.Invites{
			Store: s.store, Jobs: jobs, Mails: mails, Links: mail.Links{PublicURL: cfg.PublicURL}, Life: cfg.Lifetimes.Invite, Random: random,
		},
		emails: account.Emails{
			Store: s.store, Jobs: jobs,
			Verification: account.Verification{Store: s.store, Jobs: jobs, Mails: mails, Life: cfg.Lifetimes.Verification, Random: random},
		},
	}
}
