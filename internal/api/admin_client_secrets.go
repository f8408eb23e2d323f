package api

import (
	"context"
	"net/http"

	"watchword"
	"watchword/internal/client"
	"watchword/internal/secret"
)

// ClientWithSecret is a client with what is shown of it this once.
type ClientWithSecret struct {
	Client AdminClient `json:"client"`
	Secret *string     `json:"secret" example:"wcs_…" doc:"Shown now and never again; null: a public client has none."`
}

type clientWithSecretOutput struct {
	RevisionHeader
	Body ClientWithSecret
}

type adminCreateClientInput struct {
	CSRFHeader
	IdempotencyHeader
	Body struct {
		Name         string          `json:"name" minLength:"1" maxLength:"100" example:"Shop"`
		Type         string          `json:"type" enum:"public,confidential" doc:"Confidential is what keeps a secret: a program on a server, not one in a browser or on a phone."`
		Audience     string          `json:"audience,omitempty" maxLength:"255" doc:"Of its access tokens; default: that of all. Not the id of a client."`
		RedirectURIs []string        `json:"redirect_uris,omitempty" maxItems:"100" doc:"Where people come back to, exactly as written: https, http on a loopback address, or an app's own scheme (com.example.app:/in)."`
		Origins      []string        `json:"origins,omitempty" maxItems:"100" doc:"From which its pages call, as browsers send them."`
		Methods      []string        `json:"methods,omitempty" maxItems:"100" doc:"By which people sign in: password, magic_link, passkey, ids of providers. Default: all that are set up."`
		Lifetimes    ClientLifetimes `json:"lifetimes,omitempty"`
	}
}

func (a *API) mountAdminClientSecrets() {
	register(a, operation{
		id: "admin-create-client", method: http.MethodPost, path: "/admin/clients", tag: tagAdministration, status: http.StatusCreated,
		security: administrators(watchword.ScopeClientsWrite), summary: "Make a client application",
		description: "A confidential one is answered with its secret, which is stored as a digest and shown this once. This node knows the " +
			"client at once, others within five seconds. " + noteSecretAgain,
	}, a.adminCreateClient)
	register(a, operation{
		id: "admin-rotate-client-secret", method: http.MethodPost, path: "/admin/clients/{id}/rotate-secret", tag: tagAdministration,
		security: administrators(watchword.ScopeClientsWrite), summary: "Give a confidential client another secret",
		description: "The one before lives on for 24 hours, or ends now with revoke_old=true; one that was older still ends now. " +
			noteSecretAgain + " Without one a second call ends the secret that is in use.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, a.adminRotateClientSecret)
}

const noteSecretAgain = "Sent again with the same Idempotency-Key within a day, it answers the same secret."

func (a *API) adminCreateClient(ctx context.Context, in *adminCreateClientInput) (*clientWithSecretOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeClientsWrite)
	if err != nil {
		return nil, err
	}
	b := in.Body
	call, err := in.call(by.Actor, "admin-create-client", b)
	if err != nil {
		return nil, err
	}
	return clientWithSecret(a.Applications.Create(ctx, watchword.Client{
		Name: b.Name, Type: watchword.ClientType(b.Type), Audience: b.Audience, RedirectURIs: b.RedirectURIs, Origins: b.Origins,
		Methods: methodsOf(b.Methods), Lifetimes: b.Lifetimes.lifetimes(),
	}, by, call))
}

type rotateClientSecretInput struct {
	CSRFHeader
	IdempotencyHeader
	ClientPath
	RevokeOld bool `query:"revoke_old" doc:"End the present secret now: it has leaked."`
}

func (a *API) adminRotateClientSecret(ctx context.Context, in *rotateClientSecretInput) (*clientWithSecretOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeClientsWrite)
	if err != nil {
		return nil, err
	}
	call, err := in.call(by.Actor, "admin-rotate-client-secret", struct {
		ID        string
		RevokeOld bool
	}{in.ID, in.RevokeOld})
	if err != nil {
		return nil, err
	}
	olderLives := client.OlderSecretLife
	if in.RevokeOld {
		olderLives = 0
	}
	return clientWithSecret(a.Applications.RotateSecret(ctx, in.client(), olderLives, by, call))
}

func clientWithSecret(app client.Application, key secret.String, err error) (*clientWithSecretOutput, error) {
	if err != nil {
		return nil, err
	}
	return &clientWithSecretOutput{
		RevisionHeader: clientRevision(app), Body: ClientWithSecret{Client: adminClientOf(app), Secret: orNull(key.Reveal())},
	}, nil
}
