package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"watchword"
	"watchword/internal/apikey"
)

// ScopeName is a scope of the administration.
type ScopeName string

// Schema implements huma.SchemaProvider.
func (ScopeName) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, scope := range watchword.Scopes() {
		s.Enum = append(s.Enum, string(scope))
	}
	return s
}

// AdminAPIKey is a key of the administration, without the key itself.
type AdminAPIKey struct {
	ID         string      `json:"id" example:"key_…"`
	Name       string      `json:"name" example:"deploy"`
	Scopes     []ScopeName `json:"scopes"`
	Status     string      `json:"status" enum:"live,expired,revoked"`
	CreatedBy  string      `json:"created_by" example:"user:usr_…" doc:"user:…, key:…, cli, or dev for the key that a development server makes."`
	CreatedAt  time.Time   `json:"created_at"`
	ExpiresAt  *time.Time  `json:"expires_at" doc:"null: never."`
	LastUsedAt *time.Time  `json:"last_used_at" doc:"To the minute; null: never."`
	RevokedAt  *time.Time  `json:"revoked_at"`
}

type apiKeysOutput struct {
	Body struct {
		Data       []AdminAPIKey `json:"data"`
		NextCursor *string       `json:"next_cursor"`
	}
}

type createAPIKeyInput struct {
	CSRFHeader
	IdempotencyHeader
	Body struct {
		Name      string      `json:"name" minLength:"1" maxLength:"100" example:"deploy" doc:"What it is for."`
		Scopes    []ScopeName `json:"scopes" minItems:"1" maxItems:"32" uniqueItems:"true" doc:"What it may do; none includes another."`
		ExpiresAt *time.Time  `json:"expires_at,omitempty" doc:"Default: never."`
	}
}

type createdAPIKeyOutput struct {
	Body struct {
		APIKey AdminAPIKey `json:"api_key"`
		Secret string      `json:"secret" example:"wk_…" doc:"The key itself, shown now and never again."`
	}
}

func (a *API) mountAdminKeys() {
	register(a, operation{
		id: "admin-list-api-keys", method: http.MethodGet, path: "/admin/api-keys", tag: tagAdministration,
		security: administrators(watchword.ScopeKeysRead), summary: "List API keys",
		description: "Newest first, those that have expired or been revoked as well.",
	}, a.listAPIKeys)
	register(a, operation{
		id: "admin-create-api-key", method: http.MethodPost, path: "/admin/api-keys", tag: tagAdministration, status: http.StatusCreated,
		security: administrators(watchword.ScopeKeysWrite), summary: "Make an API key",
		description: "It is stored as a digest and shown this once. A key makes only keys whose scopes it has itself, and none that lives " +
			"longer; a signed-in administrator any, after a sign-in no older than ten minutes (403 insufficient_scope, " +
			"fresh_sign_in_required). It outlives whoever made it. " + noteSecretAgain,
	}, a.createAPIKey)
	register(a, operation{
		id: "admin-revoke-api-key", method: http.MethodDelete, path: "/admin/api-keys/{id}", tag: tagAdministration, status: http.StatusNoContent,
		security: administrators(watchword.ScopeKeysWrite), summary: "Revoke an API key", errors: []int{http.StatusNotFound},
		description: "At once, on every node. A key revokes itself and those whose scopes it has, so that a lesser key that has leaked shuts " +
			"nobody out; a signed-in administrator any, one with admins:write after a sign-in no older than ten minutes. Keys that it made stay.",
	}, a.revokeAPIKey)
}

func (a *API) listAPIKeys(ctx context.Context, in *struct{ PageQuery }) (*apiKeysOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeKeysRead); err != nil {
		return nil, err
	}
	page, err := pageOf(in.PageQuery, watchword.IDToBytes[watchword.KeyID])
	if err != nil {
		return nil, err
	}
	list, next, err := a.APIKeys.List(ctx, page)
	if err != nil {
		return nil, err
	}
	out := &apiKeysOutput{}
	out.Body.Data, out.Body.NextCursor = make([]AdminAPIKey, len(list)), orNull(next)
	for i, key := range list {
		out.Body.Data[i] = a.apiKeyOf(key.APIKey)
	}
	return out, nil
}

func (a *API) createAPIKey(ctx context.Context, in *createAPIKeyInput) (*createdAPIKeyOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeKeysWrite)
	if err != nil {
		return nil, err
	}
	call, err := in.call(by.Actor, "admin-create-api-key", in.Body)
	if err != nil {
		return nil, err
	}
	scopes := make([]watchword.Scope, len(in.Body.Scopes))
	for i, name := range in.Body.Scopes {
		scopes[i] = watchword.Scope(name)
	}
	made, key, err := a.APIKeys.Delegate(ctx, by, apikey.New{Name: in.Body.Name, Scopes: scopes, Expires: endOf(in.Body.ExpiresAt)}, call)
	if err != nil {
		return nil, err
	}
	out := &createdAPIKeyOutput{}
	out.Body.APIKey, out.Body.Secret = a.apiKeyOf(made), key.Reveal()
	return out, nil
}

// endOf is the end that was asked for, the zero time where none was. The year 1 is
// long past, and not never.
func endOf(asked *time.Time) time.Time {
	if asked == nil {
		return time.Time{}
	}
	if epoch := time.Unix(0, 0); asked.Before(epoch) {
		return epoch
	}
	return *asked
}

func (a *API) revokeAPIKey(ctx context.Context, in *struct {
	CSRFHeader
	AnyMatchHeader
	ID string `path:"id" maxLength:"64" example:"key_…"`
},
) (*struct{}, error) {
	by, err := a.administrator(ctx, watchword.ScopeKeysWrite)
	if err != nil {
		return nil, err
	}
	if err := ifAny(ctx); err != nil {
		return nil, err
	}
	return nil, a.APIKeys.RevokeAs(ctx, by, watchword.KeyID(in.ID))
}

func (a *API) apiKeyOf(k watchword.APIKey) AdminAPIKey {
	out := AdminAPIKey{
		ID: string(k.ID), Name: k.Name, Scopes: make([]ScopeName, len(k.Scopes)), Status: string(k.Status(a.Clock())), CreatedBy: k.CreatedBy,
		CreatedAt: seconds(k.CreatedAt), ExpiresAt: secondsOrNull(k.ExpiresAt), LastUsedAt: secondsOrNull(k.LastUsedAt),
		RevokedAt: secondsOrNull(k.RevokedAt),
	}
	for i, scope := range k.Scopes {
		out.Scopes[i] = ScopeName(scope)
	}
	return out
}
