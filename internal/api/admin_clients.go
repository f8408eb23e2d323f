package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
	"watchword/internal/client"
)

// AdminClient is a client application as administrators see it.
type AdminClient struct {
	ID           string          `json:"id" example:"cli_…"`
	Name         string          `json:"name" example:"Shop"`
	Type         string          `json:"type" enum:"public,confidential"`
	Source       string          `json:"source" enum:"settings,database" doc:"Those of the settings are changed in watchword.yaml."`
	Audience     string          `json:"audience" doc:"Of its access tokens; empty: that of all."`
	RedirectURIs []string        `json:"redirect_uris"`
	Origins      []string        `json:"origins"`
	Methods      []string        `json:"methods" doc:"By which people sign in; empty: by all that are set up."`
	Lifetimes    ClientLifetimes `json:"lifetimes"`
	CreatedAt    *time.Time      `json:"created_at" doc:"null where the settings hold it, as is the next one."`
	UpdatedAt    *time.Time      `json:"updated_at"`
}

// ClientLifetimes are how long what a client is given lives.
type ClientLifetimes struct {
	AccessToken     int64 `json:"access_token,omitempty" minimum:"1" maximum:"86400" example:"600" doc:"In seconds, as the next ones; absent: as for all clients."`
	RefreshIdle     int64 `json:"refresh_idle,omitempty" minimum:"1" maximum:"34560000" doc:"How long a session lives that nobody refreshes."`
	RefreshAbsolute int64 `json:"refresh_absolute,omitempty" minimum:"1" maximum:"34560000" doc:"How long a session lives at the most."`
	RefreshShort    int64 `json:"refresh_short,omitempty" minimum:"1" maximum:"34560000" doc:"The same where the person asked not to be remembered."`
}

func (l ClientLifetimes) lifetimes() watchword.Lifetimes {
	return watchword.Lifetimes{
		AccessToken: time.Duration(l.AccessToken) * time.Second, RefreshIdle: time.Duration(l.RefreshIdle) * time.Second,
		RefreshAbsolute: time.Duration(l.RefreshAbsolute) * time.Second, RefreshShort: time.Duration(l.RefreshShort) * time.Second,
	}
}

type adminClientOutput struct {
	RevisionHeader
	Body AdminClient
}

type adminClientsOutput struct {
	Body struct {
		Data       []AdminClient `json:"data"`
		NextCursor *string       `json:"next_cursor"`
	}
}

// ClientPath names the client that an operation is about.
type ClientPath struct {
	ID string `path:"id" maxLength:"128" example:"cli_…"`
}

func (p ClientPath) client() watchword.ClientID { return watchword.ClientID(p.ID) }

type adminUpdateClientInput struct {
	CSRFHeader
	IfMatchHeader
	ClientPath
	Body struct {
		Name         *string          `json:"name,omitempty" minLength:"1" maxLength:"100" example:"Shop"`
		Audience     *string          `json:"audience,omitempty" maxLength:"255" doc:"Empty: that of all."`
		RedirectURIs *[]string        `json:"redirect_uris,omitempty" maxItems:"100" doc:"The whole list, as with the next ones."`
		Origins      *[]string        `json:"origins,omitempty" maxItems:"100"`
		Methods      *[]string        `json:"methods,omitempty" maxItems:"100" doc:"Empty: all that are set up."`
		Lifetimes    *ClientLifetimes `json:"lifetimes,omitempty" doc:"All of them: what is absent is as for all clients."`
	}
}

func (a *API) mountAdminClients() {
	register(a, operation{
		id: "admin-list-clients", method: http.MethodGet, path: "/admin/clients", tag: tagAdministration,
		security: administrators(watchword.ScopeClientsRead), summary: "List client applications",
		description: "First those of the settings, as they stand there, then those of the database, newest first.",
	}, a.adminListClients)
	register(a, operation{
		id: "admin-get-client", method: http.MethodGet, path: "/admin/clients/{id}", tag: tagAdministration,
		security: administrators(watchword.ScopeClientsRead), summary: "Read a client application", errors: []int{http.StatusNotFound},
		description: "The ETag names the state of what can be changed; the secrets are no part of it. One of the settings has none.",
	}, a.adminGetClient)
	register(a, operation{
		id: "admin-update-client", method: http.MethodPatch, path: "/admin/clients/{id}", tag: tagAdministration,
		security: administrators(watchword.ScopeClientsWrite), summary: "Change a client application",
		description: "Fields that are left out stay as they are, as does the type: a secret that others could have read makes no client " +
			"confidential. What was issued before keeps its end. " + noteClientsNodes,
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, a.adminUpdateClient)
	register(a, operation{
		id: "admin-delete-client", method: http.MethodDelete, path: "/admin/clients/{id}", tag: tagAdministration, status: http.StatusNoContent,
		security: administrators(watchword.ScopeClientsWrite), summary: "Delete a client application",
		description: "Its sessions end. " + noteClientsNodes,
		errors:      []int{http.StatusNotFound, http.StatusConflict},
	}, a.adminDeleteClient)
	a.mountAdminClientSecrets()
}

const noteClientsNodes = "This node knows at once, others within five seconds. Clients of the settings are changed there (409 client_in_settings)."

func (a *API) adminListClients(ctx context.Context, in *struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at the most."`
	Cursor string `query:"cursor" maxLength:"128" doc:"The next_cursor of the page before."`
},
) (*adminClientsOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeClientsRead); err != nil {
		return nil, err
	}
	list, next, err := a.Applications.List(ctx, watchword.Page{Before: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &adminClientsOutput{}
	out.Body.Data, out.Body.NextCursor = make([]AdminClient, len(list)), orNull(next)
	for i, app := range list {
		out.Body.Data[i] = adminClientOf(app)
	}
	return out, nil
}

func (a *API) adminGetClient(ctx context.Context, in *struct{ ClientPath }) (*adminClientOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeClientsRead); err != nil {
		return nil, err
	}
	return adminClientAnswer(a.Applications.Get(ctx, in.client()))
}

func (a *API) adminUpdateClient(ctx context.Context, in *adminUpdateClientInput) (*adminClientOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeClientsWrite)
	if err != nil {
		return nil, err
	}
	want, err := ifMatch(ctx)
	if err != nil {
		return nil, err
	}
	b := in.Body
	change := client.Change{Name: b.Name, Audience: b.Audience, RedirectURIs: b.RedirectURIs, Origins: b.Origins}
	if b.Methods != nil {
		methods := methodsOf(*b.Methods)
		change.Methods = &methods
	}
	if b.Lifetimes != nil {
		lifetimes := b.Lifetimes.lifetimes()
		change.Lifetimes = &lifetimes
	}
	return adminClientAnswer(a.Applications.Update(ctx, in.client(), change, by, want))
}

func (a *API) adminDeleteClient(ctx context.Context, in *struct {
	CSRFHeader
	IfMatchHeader
	ClientPath
},
) (*struct{}, error) {
	by, err := a.administrator(ctx, watchword.ScopeClientsWrite)
	if err != nil {
		return nil, err
	}
	want, err := ifMatch(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.Applications.Delete(ctx, in.client(), by, want)
}

func adminClientAnswer(app client.Application, err error) (*adminClientOutput, error) {
	if err != nil {
		return nil, err
	}
	return &adminClientOutput{RevisionHeader: clientRevision(app), Body: adminClientOf(app)}, nil
}

// clientRevision is of what can be changed here.
func clientRevision(app client.Application) RevisionHeader {
	if app.Source == client.SourceSettings {
		return RevisionHeader{}
	}
	return revisionHeader(app.Revision())
}

func adminClientOf(app client.Application) AdminClient {
	l := app.Lifetimes
	return AdminClient{
		ID: string(app.ID), Name: app.Name, Type: string(app.Type), Source: string(app.Source), Audience: app.Audience,
		RedirectURIs: textsOf(app.RedirectURIs), Origins: textsOf(app.Origins), Methods: textsOf(app.Methods),
		Lifetimes: ClientLifetimes{
			AccessToken: wholeSeconds(l.AccessToken), RefreshIdle: wholeSeconds(l.RefreshIdle),
			RefreshAbsolute: wholeSeconds(l.RefreshAbsolute), RefreshShort: wholeSeconds(l.RefreshShort),
		},
		CreatedAt: secondsOrNull(app.CreatedAt), UpdatedAt: secondsOrNull(app.UpdatedAt),
	}
}

func wholeSeconds(d time.Duration) int64 { return int64(d / time.Second) }

func methodsOf(texts []string) []watchword.Method {
	list := make([]watchword.Method, len(texts))
	for i, text := range texts {
		list[i] = watchword.Method(text)
	}
	return list
}
