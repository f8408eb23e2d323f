package main

import (
	"context"
	"strconv"
	"time"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/waitlist"
)

type waitlistsCommand struct {
	List    waitlistsListCommand    `cmd:"" help:"List features and how many wait for them."`
	Create  waitlistsCreateCommand  `cmd:"" help:"Make a feature that users can wait for."`
	Update  waitlistsUpdateCommand  `cmd:"" help:"Change a feature."`
	Close   waitlistsCloseCommand   `cmd:"" help:"Let nobody join any more; who is on the waitlist stays."`
	Open    waitlistsOpenCommand    `cmd:"" help:"Let users join a closed waitlist again."`
	Delete  waitlistsDeleteCommand  `cmd:"" help:"Delete a feature and its waitlist."`
	Entries waitlistsEntriesCommand `cmd:"" help:"List who is on a waitlist, in the order of the queue."`
	Export  waitlistsExportCommand  `cmd:"" help:"Write a whole waitlist as CSV."`
	Approve waitlistsApproveCommand `cmd:"" help:"Approve those who wait, and mail them."`
}

type waitlistsListCommand struct {
	listFlags
}

// Help has the examples.
func (*waitlistsListCommand) Help() string {
	return `Examples:

    watchword admin waitlists list
    watchword admin waitlists list --json | jq '.[] | {feature, waiting}'`
}

// shownFeature is a feature in JSON.
type shownFeature struct {
	Feature     watchword.FeatureName `json:"feature"`
	Title       string                `json:"title"`
	Description string                `json:"description"`
	AddClaim    bool                  `json:"add_claim"`
	Closed      bool                  `json:"closed"`
	Waiting     int64                 `json:"waiting"`
	Approved    int64                 `json:"approved"`
	CreatedAt   *time.Time            `json:"created_at"`
	ClosedAt    *time.Time            `json:"closed_at"`
}

func shownFeatureOf(f watchword.Feature) shownFeature {
	return shownFeature{
		f.Name, f.Title, f.Description, f.AddClaim, !f.ClosedAt.IsZero(), f.Waiting, f.Approved, moment(f.CreatedAt), moment(f.ClosedAt),
	}
}

func doorOf(f watchword.Feature) waitlist.Door {
	if f.ClosedAt.IsZero() {
		return waitlist.DoorOpen
	}
	return waitlist.DoorClosed
}

// Run lists.
func (c *waitlistsListCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		return listing[watchword.Feature]{
			head: []string{"FEATURE", "TITLE", "WAITLIST", "WAITING", "APPROVED", "IN TOKENS", "CREATED"},
			row: func(f watchword.Feature) []string {
				return []string{
					string(f.Name), f.Title, string(doorOf(f)), strconv.FormatInt(f.Waiting, 10), strconv.FormatInt(f.Approved, 10),
					inTokens(f), when(f.CreatedAt, ""),
				}
			},
			json: func(f watchword.Feature) any { return shownFeatureOf(f) },
			page: func(page watchword.Page) ([]watchword.Feature, string, error) { return a.features.List(ctx, page) },
		}.print(a.tool, c.Limit)
	})
}

func inTokens(f watchword.Feature) string {
	if f.AddClaim {
		return "yes"
	}
	return "no"
}

type waitlistsCreateCommand struct {
	Feature     watchword.FeatureName `arg:"" name:"FEATURE" help:"Its name, for programs: lower-case letters, digits, dots, - and _."`
	Title       string                `placeholder:"TEXT" help:"What people call it; mails name it so."`
	Description string                `placeholder:"TEXT" help:"What it is."`
	AddClaim    bool                  `help:"Access tokens of approved users name it."`
}

// Help has the examples.
func (*waitlistsCreateCommand) Help() string {
	return `Example:

    watchword admin waitlists create beta-search --title "Beta search" --add-claim`
}

// Run makes a feature.
func (c *waitlistsCreateCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		in := waitlist.NewFeature{Name: c.Feature, Title: c.Title, Description: c.Description, AddClaim: c.AddClaim}
		made, err := a.features.Create(ctx, a.by, in, idempotency.Call{})
		if err != nil {
			return err
		}
		return a.say(shownFeatureOf(made), "Users can wait for %s now.", made.Name)
	})
}

type waitlistsUpdateCommand struct {
	Feature     watchword.FeatureName `arg:"" name:"FEATURE" help:"Which."`
	Title       *string               `placeholder:"TEXT" help:"What people call it."`
	Description *string               `placeholder:"TEXT" help:"What it is."`
	AddClaim    *bool                 `negatable:"" help:"Access tokens of approved users name it, or do so no more."`
}

// Help has the examples.
func (*waitlistsUpdateCommand) Help() string {
	return `What is not named stays as it is.

Examples:

    watchword admin waitlists update beta-search --title "Search, new"
    watchword admin waitlists update beta-search --no-add-claim`
}

// Run changes a feature.
func (c *waitlistsUpdateCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		change := waitlist.Change{Title: c.Title, Description: c.Description, AddClaim: c.AddClaim}
		return a.changeFeature(ctx, c.Feature, change, "is changed")
	})
}

func (a administrator) changeFeature(ctx context.Context, name watchword.FeatureName, change waitlist.Change, now string) error {
	after, err := a.features.Update(ctx, a.by, name, change, watchword.Precondition{})
	if err != nil {
		return err
	}
	return a.say(shownFeatureOf(after), "%s %s.", after.Name, now)
}

func (a administrator) setDoor(ctx context.Context, name watchword.FeatureName, door waitlist.Door) error {
	return a.changeFeature(ctx, name, waitlist.Change{Door: &door}, "is "+string(door))
}

type waitlistsCloseCommand struct {
	Feature watchword.FeatureName `arg:"" name:"FEATURE" help:"Which."`
}

// Help has the examples.
func (*waitlistsCloseCommand) Help() string {
	return `Example:

    watchword admin waitlists close beta-search`
}

// Run closes.
func (c *waitlistsCloseCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error { return a.setDoor(ctx, c.Feature, waitlist.DoorClosed) })
}

type waitlistsOpenCommand struct {
	Feature watchword.FeatureName `arg:"" name:"FEATURE" help:"Which."`
}

// Help has the examples.
func (*waitlistsOpenCommand) Help() string {
	return `Example:

    watchword admin waitlists open beta-search`
}

// Run opens.
func (c *waitlistsOpenCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error { return a.setDoor(ctx, c.Feature, waitlist.DoorOpen) })
}

type waitlistsDeleteCommand struct {
	confirmation
	Feature watchword.FeatureName `arg:"" name:"FEATURE" help:"Which."`
}

// Help has the examples.
func (*waitlistsDeleteCommand) Help() string {
	return `A long waitlist is closed at once, and a running server deletes it piece by piece. A feature of the settings comes back at the next start.

Example:

    watchword admin waitlists delete beta-search --yes`
}

// Run deletes.
func (c *waitlistsDeleteCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.mailing(ctx, env, std, func(a administrator) error {
		f, err := a.features.Get(ctx, c.Feature)
		if err != nil {
			return err
		}
		entries := f.Waiting + f.Approved
		if err := c.given(a.tool, "%s and the %d entries of its waitlist will be deleted.", f.Name, entries); err != nil {
			return err
		}
		if err := a.features.Delete(ctx, a.by, c.Feature, watchword.Precondition{}); err != nil {
			return err
		}
		return a.say(map[string]any{"feature": f.Name, "entries": entries, "state": "deleted"}, "%s is deleted.", f.Name)
	})
}
