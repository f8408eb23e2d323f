package main

import (
	"context"
	"time"

	"watchword"
	"watchword/internal/client"
	"watchword/internal/idempotency"
)

// clientFlags are what can be said of a client when it is made and later.
type clientFlags struct {
	RedirectURI []string `sep:"none" placeholder:"URI" help:"Where people may be led back to; give it again for each."`
	Origin      []string `sep:"none" placeholder:"ORIGIN" help:"Whose pages may call; give it again for each."`
	Method      []string `placeholder:"METHOD" help:"Ways to sign in: password, magic_link, passkey, or a provider's id (all that are set up)."`

	AccessToken     span `placeholder:"10m" help:"How long its access tokens live."`
	RefreshIdle     span `placeholder:"168h" help:"How long a session lives without a refresh."`
	RefreshAbsolute span `placeholder:"720h" help:"How long a session lives at all."`
	RefreshShort    span `placeholder:"12h" help:"The same where the user asked not to be remembered."`
}

// lifetimes are those before, but for what was said.
func (f clientFlags) lifetimes(before watchword.Lifetimes) watchword.Lifetimes {
	for i, said := range []span{f.AccessToken, f.RefreshIdle, f.RefreshAbsolute, f.RefreshShort} {
		if said != 0 {
			*ownLifetimes(&before)[i].life = time.Duration(said)
		}
	}
	return before
}

type clientsCreateCommand struct {
	clientFlags
	Name     string               `required:"" help:"What it is called."`
	Type     watchword.ClientType `enum:"public,confidential" default:"public" placeholder:"TYPE" help:"public (apps and pages) or confidential (servers, which keep a secret) (public)."`
	Audience string               `placeholder:"TEXT" help:"Whom its access tokens are for (as the settings say)."`
}

// Help has the examples.
func (*clientsCreateCommand) Help() string {
	return `Running servers know it within five seconds.

Examples:

    watchword admin clients create --name "My app" --redirect-uri https://app.example.com/callback --origin https://app.example.com
    watchword admin clients create --name Backend --type confidential --redirect-uri https://api.example.com/callback --json`
}

// Run makes a client.
func (c *clientsCreateCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		app, key, err := a.clients.Create(ctx, watchword.Client{
			Name: c.Name, Type: c.Type, Audience: c.Audience, RedirectURIs: c.RedirectURI, Origins: c.Origin,
			Methods: typed[watchword.Method](c.Method), Lifetimes: c.lifetimes(watchword.Lifetimes{}),
		}, a.by, idempotency.Call{})
		if err != nil {
			return err
		}
		return a.showSecret(app, key)
	})
}

type clientsUpdateCommand struct {
	clientFlags
	ID       watchword.ClientID `arg:"" name:"CLIENT_ID" help:"Which: cli_…"`
	Name     *string            `placeholder:"TEXT" help:"What it is called."`
	Audience *string            `placeholder:"TEXT" help:"Whom its access tokens are for."`
	Clear    []string           `enum:"audience,redirect-uris,origins,methods,lifetimes" placeholder:"WHAT" help:"Take away: audience, redirect-uris, origins, methods, lifetimes."`
}

// Help has the examples.
func (*clientsUpdateCommand) Help() string {
	return `What is not named stays as it is; a list that is named takes the place of the one before. A client of the settings is changed there.

Examples:

    watchword admin clients update cli_0cq0a9h2m3k4e5r6t7y8w9x0z1 --name "Our app"
    watchword admin clients update cli_0cq0a9h2m3k4e5r6t7y8w9x0z1 --redirect-uri https://app.example.com/in --redirect-uri https://www.example.com/in
    watchword admin clients update cli_0cq0a9h2m3k4e5r6t7y8w9x0z1 --clear methods,lifetimes`
}

// Run changes a client.
func (c *clientsUpdateCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		before, err := a.clients.Get(ctx, c.ID)
		if err != nil {
			return err
		}
		after, err := a.clients.Update(ctx, c.ID, c.change(before), a.by, watchword.Precondition{})
		if err != nil {
			return err
		}
		return a.show(shownClientOf(after), clientRows(after))
	})
}

func (c *clientsUpdateCommand) change(before client.Application) client.Change {
	change := client.Change{Name: c.Name, Audience: c.Audience}
	lifetimes := before.Lifetimes
	for _, what := range c.Clear {
		switch what {
		case "audience":
			change.Audience = new(string)
		case "redirect-uris":
			change.RedirectURIs = &[]string{}
		case "origins":
			change.Origins = &[]string{}
		case "methods":
			change.Methods = &[]watchword.Method{}
		case "lifetimes":
			lifetimes = watchword.Lifetimes{}
		}
	}
	if lifetimes = c.lifetimes(lifetimes); lifetimes != before.Lifetimes {
		change.Lifetimes = &lifetimes
	}
	if c.RedirectURI != nil {
		change.RedirectURIs = &c.RedirectURI
	}
	if c.Origin != nil {
		change.Origins = &c.Origin
	}
	if c.Method != nil {
		methods := typed[watchword.Method](c.Method)
		change.Methods = &methods
	}
	return change
}

type clientsRotateCommand struct {
	ID         watchword.ClientID `arg:"" name:"CLIENT_ID" help:"Which: cli_…"`
	OlderLives *span              `xor:"older" placeholder:"24h" help:"How long the secret of before is good beside it, at most 30d (24h)."`
	RevokeOld  bool               `xor:"older" help:"The secret of before is good no more."`
}

// Help has the examples.
func (*clientsRotateCommand) Help() string {
	return `Examples:

    watchword admin clients rotate-secret cli_0cq0a9h2m3k4e5r6t7y8w9x0z1 --older-lives 7d
    watchword admin clients rotate-secret cli_0cq0a9h2m3k4e5r6t7y8w9x0z1 --revoke-old`
}

// Run rotates.
func (c *clientsRotateCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		lives := client.OlderSecretLife
		switch {
		case c.RevokeOld:
			lives = 0
		case c.OlderLives != nil:
			lives = time.Duration(*c.OlderLives)
		}
		app, key, err := a.clients.RotateSecret(ctx, c.ID, lives, a.by, idempotency.Call{})
		if err != nil {
			return err
		}
		return a.showSecret(app, key)
	})
}

type clientsDeleteCommand struct {
	confirmation
	ID watchword.ClientID `arg:"" name:"CLIENT_ID" help:"Which: cli_…"`
}

// Help has the examples.
func (*clientsDeleteCommand) Help() string {
	return `Running servers refuse it and its sessions within five seconds.

Example:

    watchword admin clients delete cli_0cq0a9h2m3k4e5r6t7y8w9x0z1 --yes`
}

// Run deletes.
func (c *clientsDeleteCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		app, err := a.clients.Get(ctx, c.ID)
		if err != nil {
			return err
		}
		if err := c.given(a.tool, "Client %s (%s) will be deleted and its sessions end.", app.ID, printable(app.Name)); err != nil {
			return err
		}
		if err := a.clients.Delete(ctx, c.ID, a.by, watchword.Precondition{}); err != nil {
			return err
		}
		return a.say(map[string]any{"id": app.ID, "state": "deleted"}, "Client %s is deleted.", app.ID)
	})
}
