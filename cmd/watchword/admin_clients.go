package main

import (
	"context"
	"strings"
	"time"

	"watchword"
	"watchword/internal/client"
	"watchword/internal/secret"
)

type clientsCommand struct {
	List         clientsListCommand   `cmd:"" help:"List client applications: those of the settings, then those of the database."`
	Show         clientsShowCommand   `cmd:"" help:"Show a client application."`
	Create       clientsCreateCommand `cmd:"" help:"Make a client application, and print its secret if it has one."`
	Update       clientsUpdateCommand `cmd:"" help:"Change a client application."`
	RotateSecret clientsRotateCommand `cmd:"" help:"Give a confidential client application a new secret and print it."`
	Delete       clientsDeleteCommand `cmd:"" help:"Delete a client application and end its sessions."`
}

type clientsListCommand struct {
	listFlags
}

// Help has the examples.
func (*clientsListCommand) Help() string {
	return `Examples:

    watchword admin clients list
    watchword admin clients list --json | jq -r '.[] | select(.type == "confidential") | .id'`
}

// shownClient is a client in JSON.
type shownClient struct {
	ID           watchword.ClientID   `json:"id"`
	Name         string               `json:"name"`
	Type         watchword.ClientType `json:"type"`
	Source       client.Source        `json:"source"`
	Audience     *string              `json:"audience"` // null: as the settings say
	RedirectURIs []string             `json:"redirect_uris"`
	Origins      []string             `json:"origins"`
	Methods      []string             `json:"methods"`   // empty: all that are set up
	Lifetimes    map[string]string    `json:"lifetimes"` // those of its own
	CreatedAt    *time.Time           `json:"created_at"`
	UpdatedAt    *time.Time           `json:"updated_at"`
}

func shownClientOf(app client.Application) shownClient {
	lifetimes := map[string]string{}
	for _, one := range ownLifetimes(&app.Lifetimes) {
		if *one.life != 0 {
			lifetimes[one.name] = lifeText(*one.life)
		}
	}
	return shownClient{
		ID: app.ID, Name: app.Name, Type: app.Type, Source: app.Source, Audience: orNull(app.Audience),
		RedirectURIs: texts(app.RedirectURIs), Origins: texts(app.Origins), Methods: texts(app.Methods), Lifetimes: lifetimes,
		CreatedAt: moment(app.CreatedAt), UpdatedAt: moment(app.UpdatedAt),
	}
}

// ownLifetimes are those that a client may have of its own.
func ownLifetimes(l *watchword.Lifetimes) []struct {
	name string
	life *time.Duration
} {
	return []struct {
		name string
		life *time.Duration
	}{
		{"access_token", &l.AccessToken},
		{"refresh_idle", &l.RefreshIdle},
		{"refresh_absolute", &l.RefreshAbsolute},
		{"refresh_short", &l.RefreshShort},
	}
}

// Run lists.
func (c *clientsListCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		return listing[client.Application]{
			head: []string{"ID", "NAME", "TYPE", "KEPT IN", "CREATED", "REDIRECT URIS"},
			row: func(app client.Application) []string {
				return []string{
					string(app.ID), app.Name, string(app.Type), string(app.Source), when(app.CreatedAt, nothing), strings.Join(app.RedirectURIs, " "),
				}
			},
			json: func(app client.Application) any { return shownClientOf(app) },
			page: func(page watchword.Page) ([]client.Application, string, error) { return a.clients.List(ctx, page) },
		}.print(a.tool, c.Limit)
	})
}

type clientsShowCommand struct {
	ID watchword.ClientID `arg:"" name:"CLIENT_ID" help:"Which: cli_…, or as the settings name it."`
}

// Help has the examples.
func (*clientsShowCommand) Help() string {
	return `Example:

    watchword admin clients show web`
}

// Run shows.
func (c *clientsShowCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		app, err := a.clients.Get(ctx, c.ID)
		if err != nil {
			return err
		}
		return a.show(shownClientOf(app), clientRows(app))
	})
}

// clientRows are what people read of a client.
func clientRows(app client.Application) [][]string {
	rows := [][]string{
		{"id", string(app.ID)},
		{"name", app.Name},
		{"type", string(app.Type)},
		{"kept in", string(app.Source)},
		{"audience", or(app.Audience, "as the settings say")},
		{"methods", or(strings.Join(texts(app.Methods), ", "), "all that are set up")},
	}
	for _, uri := range app.RedirectURIs {
		rows = append(rows, []string{"redirect URI", uri})
	}
	for _, origin := range app.Origins {
		rows = append(rows, []string{"origin", origin})
	}
	for _, one := range ownLifetimes(&app.Lifetimes) {
		if *one.life != 0 {
			rows = append(rows, []string{strings.ReplaceAll(one.name, "_", " "), lifeText(*one.life)})
		}
	}
	if app.Source == client.SourceDatabase {
		rows = append(rows, []string{"created", when(app.CreatedAt, "")}, []string{"changed", when(app.UpdatedAt, "")})
	}
	return rows
}

// clientWithSecret is a client whose secret is shown this once, in JSON.
type clientWithSecret struct {
	Client shownClient `json:"client"`
	Secret *string     `json:"secret"` // null: a public client has none
}

// showSecret prints a client with its new secret, if it has one.
func (t tool) showSecret(app client.Application, key secret.String) error {
	rows := clientRows(app)
	if !key.IsZero() {
		rows = append(rows, []string{"secret", key.Reveal()})
		t.note("The secret is shown this once and never again: keep it now.")
	}
	return t.show(clientWithSecret{shownClientOf(app), orNull(key.Reveal())}, rows)
}
