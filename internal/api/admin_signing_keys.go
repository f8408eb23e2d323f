package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
	"watchword/internal/token"
)

// SigningKey is a key that signs access tokens, without the key itself.
type SigningKey struct {
	ID        string     `json:"id" doc:"The kid of tokens and of the key set."`
	Algorithm string     `json:"algorithm" example:"ES256"`
	Status    string     `json:"status" enum:"published,signing,retired" doc:"published: in the key set, to sign later. retired: signs no more, and stays in the set while its tokens may live."`
	CreatedAt time.Time  `json:"created_at" doc:"In the key set from then on."`
	SignsAt   time.Time  `json:"signs_at"`
	ExpiresAt *time.Time `json:"expires_at" doc:"When it leaves the key set; null while no other is to follow."`
}

type signingKeysOutput struct {
	Body struct {
		Data       []SigningKey `json:"data"`
		NextCursor *string      `json:"next_cursor"`
	}
}

type signingKeyOutput struct{ Body SigningKey }

func (a *API) mountAdminSigningKeys() {
	register(a, operation{
		id: "admin-list-signing-keys", method: http.MethodGet, path: "/admin/signing-keys", tag: tagAdministration,
		security: administrators(watchword.ScopeKeysRead), summary: "List the keys that sign access tokens",
		description: "Those in the key set, newest first.",
	}, a.listSigningKeys)
	register(a, operation{
		id: "admin-rotate-signing-keys", method: http.MethodPost, path: "/admin/signing-keys/rotate", tag: tagAdministration,
		security: administrators(watchword.ScopeKeysWrite), summary: "Make the next key that signs access tokens",
		description: "It is published at once and signs from signs_at on, when whoever keeps a copy of the key set has seen it; where such a " +
			"one waits already, it is answered and none is made. With now=true a new one signs as soon as each node has read it, within 20 " +
			"seconds, and programs with an older copy refuse its tokens until they fetch the set again. Earlier tokens stay good to their end.",
	}, a.rotateSigningKeys)
}

func (a *API) listSigningKeys(ctx context.Context, in *struct{ PageQuery }) (*signingKeysOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeKeysRead); err != nil {
		return nil, err
	}
	list, next, err := a.Keys.List(ctx, watchword.Page{Before: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &signingKeysOutput{}
	out.Body.Data, out.Body.NextCursor = make([]SigningKey, len(list)), orNull(next)
	for i, key := range list {
		out.Body.Data[i] = signingKeyOf(key)
	}
	return out, nil
}

func (a *API) rotateSigningKeys(ctx context.Context, in *struct {
	CSRFHeader
	Now bool `query:"now" doc:"Sign with it at once: the present key has leaked."`
},
) (*signingKeyOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeKeysWrite)
	if err != nil {
		return nil, err
	}
	when := token.RotateAhead
	if in.Now {
		when = token.RotateNow
	}
	key, err := a.Keys.Rotate(ctx, by, when)
	if err != nil {
		return nil, err
	}
	return &signingKeyOutput{Body: signingKeyOf(key)}, nil
}

func signingKeyOf(i token.Info) SigningKey {
	return SigningKey{
		ID: i.ID, Algorithm: i.Algorithm, Status: string(i.Status), CreatedAt: seconds(i.CreatedAt), SignsAt: seconds(i.SignsAt),
		ExpiresAt: secondsOrNull(i.ExpiresAt),
	}
}
