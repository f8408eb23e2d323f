package api

import (
	"errors"
	"net/http"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/session"
	"watchword/internal/signin"
	"watchword/internal/web"
)

// Holder is who is signed in where a mailed link is opened: by bearer, or by the
// cookies, be the access token expired. It says how much that is worth. The error
// is a fault: whoever cannot be looked up is no stranger, for strangers are wiped.
func (a *API) Holder(r *http.Request) (account.Holder, error) {
	token, byBearer := web.Bearer(r)
	id, weak := a.signInSession(r), error(nil)
	if byBearer {
		who, ok := a.Sessions.IdentifyExpired(token)
		if !ok {
			return account.Holder{}, nil
		}
		id = who.SessionID
		_, weak = a.Sessions.Identify(token)
	} else if id != "" {
		weak = a.weakCookie(r, id)
	}
	if id == "" {
		return account.Holder{}, nil
	}
	live, err := a.Sessions.Live(r.Context(), session.Caller{SessionID: id})
	if errors.Is(err, session.ErrSessionRevoked) {
		return account.Holder{}, nil
	}
	if err != nil {
		return account.Holder{}, err
	}
	return account.Holder{UserID: live.UserID, SessionID: live.ID, Weak: weak}, nil
}

// weakCookie is why the session's cookies do not authenticate this call; nil where
// they do, as for every call that a cookie authenticates.
func (a *API) weakCookie(r *http.Request, id watchword.SessionID) error {
	access, ok := a.accessCookie(r)
	if !ok {
		return session.ErrTokenExpired
	}
	who, err := a.Sessions.Identify(access)
	if err != nil {
		return err
	}
	switch {
	case !unsafe(r.Method):
		return signin.ErrSignInRequired // a link was opened: by whomever
	case web.IsForm(r):
		return a.CrossOrigin.CheckOwnForm(r)
	}
	if err := a.CrossOrigin.Check(r, who.ClientID); err != nil {
		return err
	}
	return a.CSRF.Check(r, id)
}

// own says whether the browser holds a session of the user whom a verification is
// about, which is as good as having asked for the mail.
func (a *API) own(r *http.Request, kind account.LinkKind, link account.LinkView) (bool, error) {
	if kind != account.LinkVerify || link.UserID == "" {
		return false, nil
	}
	holder, err := a.Holder(r)
	return holder.UserID == link.UserID, err
}
