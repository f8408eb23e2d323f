package api

import (
	"context"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/secret"
	"watchword/internal/web"
)

// ClientHeader says which client application asks. It and its like are exported
// because huma looks into no embedded field that is not.
type ClientHeader struct {
	ClientID string `header:"X-Client-Id" maxLength:"128" doc:"Which client application asks; absent: the default one."`
}

// ModeHeader says how the tokens shall travel.
type ModeHeader struct {
	Mode string `header:"X-Session-Mode" enum:"both,token,cookie" doc:"How the tokens travel: in the body and as cookies (both, the default), in the body alone (token), as cookies alone (cookie). Kept with the session; later calls may narrow it, never widen it."`
}

func (h ModeHeader) mode() watchword.SessionMode {
	if h.Mode == "" {
		return watchword.SessionBoth
	}
	return watchword.SessionMode(h.Mode)
}

// asked is the mode that a later call asks for; empty: the session's own.
func (h ModeHeader) asked() watchword.SessionMode { return watchword.SessionMode(h.Mode) }

// UserIPHeader tells of a header that is read by userOrigin.
type UserIPHeader struct {
	EndUserIP string `header:"X-End-User-IP" doc:"The address of the user for whom a backend calls. It counts only with an API key that has users:write as the bearer, or with the credentials of a confidential client."`
}

// CSRFHeader is what a call needs that a cookie authenticates.
type CSRFHeader struct {
	CSRFToken string `header:"X-CSRF-Token" maxLength:"512" doc:"Needed where a cookie is what authenticates the call."`
}

// AcceptLanguageHeader says which languages the person likes.
type AcceptLanguageHeader struct {
	AcceptLanguage string `header:"Accept-Language" doc:"The language of mails to people who have not chosen one here."`
}

// IfMatchHeader is for calls that change what others may change at the same time:
// a.ifMatch reads it.
type IfMatchHeader struct {
	IfMatch string `header:"If-Match" doc:"The ETag of what is to be changed, as it was read: 412 says that it has been changed since. Without it, or with *, the change is made whatever there is."`
}

// ifMatch is what a call with an IfMatchHeader demands. huma knows one line of a
// header, and there may be several.
func ifMatch(ctx context.Context) (watchword.Precondition, error) { return web.IfMatch(requestOf(ctx)) }

// AnyMatchHeader is for calls that end what has no ETag: ifAny reads it.
type AnyMatchHeader struct {
	IfMatch string `header:"If-Match" doc:"There is no ETag of this: * is what it is in whatever state, and anything else is 412."`
}

// ifAny refuses a call with an AnyMatchHeader that names a state. A demand that is
// passed over in silence would be taken for granted.
func ifAny(ctx context.Context) error {
	want, err := ifMatch(ctx)
	if err == nil && !want.Any() {
		err = watchword.ErrPrecondition
	}
	return err
}

// RevisionHeader goes with what can be changed under an If-Match.
type RevisionHeader struct {
	ETag string `header:"ETag" doc:"Names the state that is answered. Send it as If-Match with a change."`
}

func revisionHeader(r watchword.Revision) RevisionHeader {
	return RevisionHeader{ETag: web.RevisionTag(r)}
}

// IdempotencyHeader is for calls that make something.
type IdempotencyHeader struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"128" pattern:"^[!-~]+$" doc:"Of the caller's own making, new for each thing to be made: at most 128 visible ASCII characters. The same call with the same key within a day makes nothing again and answers what was made then, as it is now. With the key of another call it is 409 idempotency_key_reused."`
}

// call is the call of an actor as one that may be sent again. operation, body and the
// secrets in the body tell it from others with its key.
func (h IdempotencyHeader) call(actor, operation string, body any, secrets ...secret.String) (idempotency.Call, error) {
	return idempotency.NewCall(actor, h.IdempotencyKey, operation, body, secrets...)
}
