package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/idempotency"
	"watchword/internal/waitlist"
)

// entryFilter says who of a waitlist is meant.
type entryFilter struct {
	Account watchword.AccountID `placeholder:"ACCOUNT_ID" help:"Only in this account (all)."`
	Status  string              `enum:",waiting,approved" default:"" placeholder:"STATUS" help:"Only those who are waiting, or approved (all)."`
}

func (f entryFilter) filter() watchword.WaitlistFilter {
	return watchword.WaitlistFilter{AccountID: f.Account, Status: watchword.WaitlistStatus(f.Status)}
}

type waitlistsEntriesCommand struct {
	listFlags
	entryFilter
	Feature watchword.FeatureName `arg:"" name:"FEATURE" help:"Of which."`
}

// Help has the examples.
func (*waitlistsEntriesCommand) Help() string {
	return `Examples:

    watchword admin waitlists entries beta-search --status waiting
    watchword admin waitlists entries beta-search --limit 0 --json`
}

// shownEntry is a place on a waitlist in JSON.
type shownEntry struct {
	ID         watchword.WaitlistEntryID `json:"id"`
	UserID     watchword.UserID          `json:"user_id"`
	Email      *string                   `json:"email"`
	Name       string                    `json:"name"`
	AccountID  watchword.AccountID       `json:"account_id"`
	Status     watchword.WaitlistStatus  `json:"status"`
	JoinedAt   *time.Time                `json:"joined_at"`
	ApprovedAt *time.Time                `json:"approved_at"`
}

// Run lists.
func (c *waitlistsEntriesCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		return listing[watchword.WaitlistEntry]{
			head: []string{"USER", "EMAIL", "NAME", "ACCOUNT", "STATUS", "JOINED", "APPROVED"},
			row: func(e watchword.WaitlistEntry) []string {
				return []string{
					string(e.User.ID), or(e.User.Email, nothing), e.User.Name, string(e.AccountID), string(e.Status),
					when(e.JoinedAt, ""), when(e.ApprovedAt, nothing),
				}
			},
			json: func(e watchword.WaitlistEntry) any {
				return shownEntry{
					e.ID, e.User.ID, orNull(e.User.Email), e.User.Name, e.AccountID, e.Status, moment(e.JoinedAt), moment(e.ApprovedAt),
				}
			},
			page: func(page watchword.Page) ([]watchword.WaitlistEntry, string, error) {
				return a.features.Entries(ctx, c.Feature, c.filter(), page)
			},
		}.print(a.tool, c.Limit)
	})
}

type waitlistsExportCommand struct {
	entryFilter
	Feature watchword.FeatureName `arg:"" name:"FEATURE" help:"Of which."`
}

// Help has the examples.
func (*waitlistsExportCommand) Help() string {
	return `In the order of the queue, as the API answers it with Accept: text/csv: an apostrophe stands before what a spreadsheet would take for a formula.

Examples:

    watchword admin waitlists export beta-search > beta-search.csv
    watchword admin waitlists export beta-search --status approved | cut -d, -f3`
}

// Run writes the file.
func (c *waitlistsExportCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		if a.json {
			return errors.New("an export is CSV: entries --json prints JSON")
		}
		if _, err := a.features.Get(ctx, c.Feature); err != nil {
			return err
		}
		file := csv.NewWriter(std.out)
		_ = file.Write(waitlist.FileHead())
		err := a.features.Export(ctx, c.Feature, c.filter(), func(list []watchword.WaitlistEntry) error {
			for _, e := range list {
				_ = file.Write(waitlist.FileLine(e))
			}
			file.Flush()
			return file.Error()
		})
		if err != nil {
			return fmt.Errorf("the file is not whole: %w", err)
		}
		return nil
	})
}

type waitlistsApproveCommand struct {
	Feature   watchword.FeatureName `arg:"" name:"FEATURE" help:"For which."`
	Count     *int                  `xor:"whom" required:"" placeholder:"N" help:"The first so many who wait."`
	Percent   *int                  `xor:"whom" required:"" placeholder:"N" help:"The first of those who wait: so many in a hundred."`
	User      []string              `xor:"whom" required:"" placeholder:"EMAIL|USER_ID" help:"These users, in all their accounts."`
	Account   []string              `xor:"whom" required:"" placeholder:"ACCOUNT_ID" help:"All who wait in these accounts."`
	EmailFile source                `xor:"whom" required:"" placeholder:"FILE" help:"Who has the addresses that stand in the file, one a line; - reads the standard input."`
	All       bool                  `xor:"whom" required:"" help:"All who wait now."`
}

// Help has the examples.
func (*waitlistsApproveCommand) Help() string {
	return `Exactly one of the flags says whom. Those who have verified their address are mailed: fifty at once, then fifty every five seconds. Of more than a thousand the others are approved by a running server. Nobody is approved or mailed twice.

Examples:

    watchword admin waitlists approve beta-search --count 100
    watchword admin waitlists approve beta-search --user ada@example.com,grace@example.com
    watchword admin waitlists approve beta-search --email-file chosen.txt
    watchword admin waitlists approve beta-search --all --json`
}

// Validate refuses nobody at all.
func (c *waitlistsApproveCommand) Validate() error {
	switch {
	case c.Count == nil && c.Percent == nil && c.User == nil && c.Account == nil && c.EmailFile == "" && !c.All:
		return errors.New("say whom: --count, --percent, --user, --account, --email-file or --all")
	case c.Count != nil && *c.Count < 1:
		return errors.New("--count must be at least 1")
	case c.Percent != nil && (*c.Percent < 1 || *c.Percent > 100):
		return errors.New("--percent must be from 1 to 100")
	default:
		return nil
	}
}

// Run approves.
func (c *waitlistsApproveCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.mailing(ctx, env, std, func(a administrator) error {
		cohorts, err := c.cohorts(ctx, a)
		if err != nil {
			return err
		}
		var all waitlist.Approval
		for _, cohort := range cohorts {
			done, err := a.features.Approve(ctx, a.by, c.Feature, cohort, idempotency.Call{})
			if err != nil {
				return err
			}
			all.Approved, all.Pending = all.Approved+done.Approved, all.Pending+done.Pending
		}
		if all.Pending > 0 {
			a.note("%d of them will be approved by a running server in the next minutes.", all.Pending)
		}
		return a.say(map[string]any{"approved": all.Approved, "pending": all.Pending}, "%d approved.", all.Approved)
	})
}

// cohorts are who is meant, in as many calls as it takes to name them.
func (c *waitlistsApproveCommand) cohorts(ctx context.Context, a administrator) ([]waitlist.Cohort, error) {
	switch {
	case c.EmailFile != "":
		return c.named(a.std)
	case c.User != nil:
		users := make([]watchword.UserID, len(c.User))
		for i, whom := range c.User {
			var err error
			if users[i], err = a.user(ctx, whom); err != nil {
				return nil, fmt.Errorf("%s: %s", printable(whom), explain(err))
			}
		}
		return []waitlist.Cohort{{Users: users}}, nil
	case c.Account != nil:
		return []waitlist.Cohort{{Accounts: typed[watchword.AccountID](c.Account)}}, nil
	default:
		return []waitlist.Cohort{{Count: c.Count, Percent: c.Percent, Everybody: c.All}}, nil
	}
}

// named are the addresses of the file.
func (c *waitlistsApproveCommand) named(std streams) (list []waitlist.Cohort, err error) {
	lines, err := c.EmailFile.lines(std)
	if err != nil {
		return nil, fmt.Errorf("read the addresses: %w", err)
	}
	addresses := make([]string, len(lines))
	for i, line := range lines {
		if addresses[i], err = account.CanonicalAddress(line); err != nil {
			return nil, fmt.Errorf("address %d of the file: %s", i+1, explain(err))
		}
	}
	for len(addresses) > 0 {
		n := min(len(addresses), waitlist.MaxNamed)
		list = append(list, waitlist.Cohort{Addresses: addresses[:n]})
		addresses = addresses[n:]
	}
	return list, nil
}
