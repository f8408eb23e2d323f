package client

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/idempotency"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// Applications administers the clients: those of the database are made, changed
// and deleted here, those of the settings are shown.
type Applications struct {
	Store    *store.Store
	Registry *Registry
	// Methods are the ways to sign in that a client may list.
	Methods []watchword.Method
	// PlainHTTP says whether addresses in the clear may be listed; zero: they may not.
	PlainHTTP watchword.PlainHTTP
	Keyring   *secret.Keyring // seals what is shown once, for a call that is sent again
	Random    io.Reader
}

// Source says where a client is kept.
type Source string

// The two.
const (
	SourceSettings Source = "settings"
	SourceDatabase Source = "database"
)

// Application is a client as administrators see it. In the database zero
// lifetimes and no audience are those that the settings have for all.
type Application struct {
	watchword.Client
	Source    Source
	CreatedAt time.Time // zero where the settings hold it
	UpdatedAt time.Time
}

// Revision is the state of the client. Its secrets are no part of it. That of one of
// the settings is empty: nobody changes it here.
func (a Application) Revision() watchword.Revision {
	if a.Source == SourceSettings {
		return ""
	}
	return watchword.RevisionOf(a.UpdatedAt)
}

// issued is a client with a secret that is shown this once.
type issued struct {
	Application
	key secret.String
}

// What can be refused besides fields.
var (
	ErrNotFound   = watchword.NewError(watchword.KindNotFound, "client_not_found", "There is no such client application.")
	ErrInSettings = watchword.NewError(watchword.KindConflict, "client_in_settings",
		"This client application is written in the server's settings and is changed there.")
	ErrNoSecret = watchword.NewError(watchword.KindConflict, "client_not_confidential",
		"A public client application has no secret.")
)

// Get is one client.
func (a Applications) Get(ctx context.Context, id watchword.ClientID) (Application, error) {
	if c, ok := a.Registry.inSettings(id); ok {
		return Application{Client: c, Source: SourceSettings}, nil
	}
	row, err := a.Store.Read().Client(ctx, id)
	if err != nil {
		return Application{}, notFound(err)
	}
	return application(row), nil
}

// List is a page of clients and the cursor of the next: first those of the
// settings, as they stand there, then those of the database, newest first.
//
// Error: watchword.ErrCursor.
func (a Applications) List(ctx context.Context, page watchword.Page) (list []Application, next string, err error) {
	settings, from := a.Registry.settings.Clients, page.Before
	at := slices.IndexFunc(settings, func(c watchword.Client) bool { return string(c.ID) == from })
	if _, err := watchword.IDToBytes(watchword.ClientID(from)); err != nil && at < 0 && from != "" {
		return nil, "", watchword.ErrCursor
	}
	if at >= 0 || from == "" {
		from = ""
		for _, c := range settings[at+1:] {
			list = append(list, Application{Client: c, Source: SourceSettings})
		}
	}
	if rest := page.OneMore().Limit - len(list); rest > 0 {
		// As many more as may be passed over: the settings win over a row of the same id.
		rows, err := a.Store.Read().Clients(ctx, watchword.Page{Before: from, Limit: rest + len(settings)})
		if err != nil {
			return nil, "", err
		}
		for _, row := range rows {
			if _, ok := a.Registry.inSettings(row.ID); !ok {
				list = append(list, application(row))
			}
		}
	}
	list, next = watchword.Cut(list, page, func(app Application) watchword.ClientID { return app.ID })
	return list, next, nil
}

// change runs act in a transaction that holds the row of a client of the
// database, in a wanted state, and has this node know what became of it.
func (a Applications) change(ctx context.Context, id watchword.ClientID, want watchword.Precondition, act func(*store.Conn, store.Client) error) error {
	if _, ok := a.Registry.inSettings(id); ok {
		return ErrInSettings
	}
	err := a.Store.Tx(ctx, func(c *store.Conn) error {
		row, err := c.LockClient(ctx, id)
		if err != nil {
			return notFound(err)
		}
		if err := want.Holds(application(row).Revision()); err != nil {
			return err
		}
		return act(c, row)
	})
	if err != nil {
		return err
	}
	a.reload(ctx)
	return nil
}

// shown is what a call that is answered with a secret makes, or has made before.
func (a Applications) shown(ctx context.Context, call idempotency.Call, create func(*store.Conn) (issued, error)) (Application, secret.String, error) {
	read := func(made idempotency.Made) (issued, error) {
		app, err := a.Get(ctx, watchword.ClientID(made.Resource))
		return issued{app, made.Secret}, err
	}
	got, err := idempotency.Once(ctx, a.Store, a.Keyring, call, read, func(c *store.Conn) (issued, idempotency.Made, error) {
		made, err := create(c)
		return made, idempotency.Made{Resource: string(made.ID), Secret: made.key}, err
	})
	if err != nil {
		return Application{}, secret.String{}, err
	}
	a.reload(ctx)
	return got.Application, got.key, nil
}

// reload comes after the change has been committed: that it fails, or that the
// caller has left, changes nothing about that. The next periodic one follows.
func (a Applications) reload(ctx context.Context) {
	_ = a.Registry.Reload(context.WithoutCancel(ctx))
}

// record writes what an administrator did to a client.
func record(ctx context.Context, c *store.Conn, by watchword.Administrator, typ watchword.EventType, id watchword.ClientID, data map[string]string) error {
	if data == nil {
		data = map[string]string{}
	}
	data["client"] = string(id)
	return event.Record(ctx, c, by.Origin, watchword.Event{Type: typ, Actor: by.Actor, Data: data})
}

func application(row store.Client) Application {
	return Application{Client: row.Client, Source: SourceDatabase, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}
}

func notFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return ErrNotFound.Because(err)
	}
	return err
}
