package signin_test

import (
	"slices"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/mail"
	"watchword/internal/session"
	"watchword/internal/signin"
	"watchword/internal/store"
	"watchword/internal/upstream/upstreamtest"
)

// linking is a signed-in user's wish to link a provider.
func (w *abroad) linking(provider string, g session.Grant) signin.LinkStart {
	from := w.somewhere()
	return signin.LinkStart{
		Caller: account.Caller{UserID: g.User.ID, Session: g.Session.ID, Origin: from}, Provider: provider, Client: web(),
		Return: account.Return{RedirectURI: callback, State: "x"}, Origin: from,
	}
}

func (w *abroad) beginLink(provider string, g session.Grant) trip {
	w.Helper()
	d, err := w.BeginLink(w.Context(), w.linking(provider, g))
	w.ok(err)
	return trip{provider, d}
}

func TestAnOwnerLinksAProvider(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		g := w.verifiedUser("owner@example.com").Grant
		w.exec("DELETE FROM jobs")
		before := w.count("sessions")
		for _, provider := range []string{"forge", "acme"} { // its address is another, and proves nothing here
			way := w.beginLink(provider, g)
			if f := w.flow(way); f.Purpose != store.FlowLink || f.UserID != g.User.ID || f.SessionID != g.Session.ID || f.CodeChallenge != "" {
				w.Errorf("the way is %+v", f)
			}
			r, err := w.FinishProvider(w.Context(), w.back(way, ada()))
			w.ok(err)
			if r.Linked == nil || r.Linked.Provider != provider || r.Linked.Subject != "7" || r.Linked.UserID != g.User.ID || r.Linked.ID == "" || r.Linked.CreatedAt.IsZero() ||
				!r.Grant.RefreshToken.IsZero() || !r.Code.IsZero() || r.Return.RedirectURI != callback || r.Return.State != "x" || r.Flow == nil {
				w.Errorf("got %+v", r)
			}
		}
		if !slices.Equal(w.identities(g.User.ID), []string{"forge", "acme"}) && !slices.Equal(w.identities(g.User.ID), []string{"acme", "forge"}) {
			w.Errorf("linked: %v", w.identities(g.User.ID))
		}
		if e := w.email(g.User.ID); e.Address != "owner@example.com" || w.count("sessions") != before || w.count("users") != 1 {
			w.Errorf("the address is %+v, %d sessions", e, w.count("sessions"))
		}
		mails := w.mails()
		if len(mails) != 2 || mails[0].Template != mail.IdentityLinked || mails[0].UserID != g.User.ID || mails[0].IP == "" {
			w.Errorf("mails: %+v", mails)
		}
		linked := w.events(watchword.EventIdentityLinked)
		if len(linked) != 2 || linked[0].SessionID != g.Session.ID || linked[0].Actor != "user:"+string(g.User.ID) {
			w.Errorf("events: %+v", linked)
		}
		// Again is as well, and nobody is told twice.
		r, err := w.FinishProvider(w.Context(), w.back(w.beginLink("acme", g), ada()))
		w.ok(err)
		if r.Linked == nil || r.Linked.Provider != "acme" || len(w.mails()) != 2 || len(w.events(watchword.EventIdentityLinked)) != 2 {
			w.Errorf("got %+v", r)
		}
		for _, provider := range []string{"acme", "forge"} {
			if r := w.in(provider, ada()); r.Grant.User.ID != g.User.ID || r.IsNewUser {
				w.Errorf("%s leads to %+v", provider, r.Grant.User)
			}
		}
	})
}

func TestLinkingNeedsAnOwnerWhoIsThere(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		unproven, owner, nameless := w.signUp("unproven@example.com").Grant, w.verifiedUser("owner@example.com").Grant, w.in("acme", upstreamtest.User{Subject: "n"}).Grant
		other := w.verifiedUser("other@example.com").Grant
		ended := w.verifiedUser("ended@example.com").Grant
		w.ok(w.Sessions.SignOut(w.Context(), session.Caller{UserID: ended.User.ID, SessionID: ended.Session.ID}, session.SignOutThis, w.somewhere()))
		for name, test := range map[string]struct {
			in   signin.LinkStart
			want error
		}{
			"an unproven address": {w.linking("acme", unproven), account.ErrEmailUnverified},
			"no address":          {w.linking("acme", nameless), account.ErrNoEmail},
			"an ended session":    {w.linking("acme", ended), account.ErrUserGone},
			"another's session": {func() signin.LinkStart {
				in := w.linking("acme", owner)
				in.Caller.Session = other.Session.ID
				return in
			}(), account.ErrUserGone},
			"no such provider": {w.linking("nobody", owner), signin.ErrProviderNotFound},
			"one not offered": {func() signin.LinkStart {
				in := w.linking("acme", owner)
				in.Client.Methods = []watchword.Method{"forge"}
				return in
			}(), signin.ErrProviderNotFound},
			"a foreign page": {func() signin.LinkStart {
				in := w.linking("acme", owner)
				in.Return.RedirectURI = "https://evil.example"
				return in
			}(), account.ErrRedirectNotAllowed},
			"a state with NUL": {func() signin.LinkStart {
				in := w.linking("acme", owner)
				in.Return.State = "\x00"
				return in
			}(), watchword.InvalidField("", "", "")},
		} {
			_, err := w.BeginLink(w.Context(), test.in)
			if !sameCode(err, test.want) {
				w.Errorf("%s: got %v, want %v", name, err, test.want)
			}
		}
		w.beginLink("acme", owner)
		w.clock.Advance(10*time.Minute + time.Second)
		_, err := w.BeginLink(w.Context(), w.linking("acme", owner))
		w.is(err, account.ErrFreshSignIn)
		if n := w.count("provider_flows WHERE purpose = 'link'"); n != 1 {
			w.Errorf("%d ways were begun", n)
		}
	})
}

// Between departure and return the session may end, and with it the wish.
func TestALinkEndsWithTheSessionThatAskedForIt(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		for name, test := range map[string]struct {
			end  func(g session.Grant)
			want error
		}{
			"sign-out": {func(g session.Grant) {
				w.ok(w.Sessions.SignOut(w.Context(), session.Caller{UserID: g.User.ID, SessionID: g.Session.ID}, session.SignOutThis, w.somewhere()))
			}, session.ErrSessionRevoked},
			"disable": {func(g session.Grant) { w.disable(g.User.ID) }, session.ErrSessionRevoked},
			"a disable that ends no session": {func(g session.Grant) {
				w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error { return c.SetStatus(w.Context(), g.User.ID, watchword.UserDisabled) }))
			}, signin.ErrUserDisabled},
			"an address that is proven no more": {func(g session.Grant) {
				w.exec("UPDATE emails SET verified_at = NULL WHERE user_id = $1", string(g.User.ID))
			}, account.ErrEmailUnverified},
			"no address any more": {func(g session.Grant) { w.exec("DELETE FROM emails WHERE user_id = $1", string(g.User.ID)) }, account.ErrNoEmail},
			"deletion": {func(g session.Grant) {
				w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error { return c.DeleteUser(w.Context(), g.User.ID) }))
			}, nil},
		} {
			g := w.verifiedUser(w.somewhere().IP + "@example.com").Grant
			back := w.back(w.beginLink("acme", g), ada())
			test.end(g)
			if test.want == nil { // the way has gone with the user
				_, err := w.FinishProvider(w.Context(), back)
				w.is(err, signin.ErrStateInvalid)
				continue
			}
			if e := w.refuses(test.want, w.finishing(back)); e.UserID != g.User.ID {
				w.Errorf("%s: the event is %+v", name, e)
			}
		}
		if n := w.count("identities"); n != 0 {
			w.Errorf("%d were linked", n)
		}
	})
}

func TestAnIdentityIsOneUsers(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		first := w.in("acme", ada()).Grant.User.ID
		g := w.verifiedUser("owner@example.com").Grant
		w.refuses(signin.ErrIdentityTaken, w.finishing(w.back(w.beginLink("acme", g), ada())))
		if r := w.in("acme", ada()); r.Grant.User.ID != first {
			w.Errorf("got %+v", r.Grant.User)
		}
		// A browser that did not ask for the link makes none.
		back := w.back(w.beginLink("acme", g), upstreamtest.User{Subject: "8"})
		foreign := back
		foreign.Bound = func([]byte) bool { return false }
		w.refuses(signin.ErrStateInvalid, w.finishing(foreign))
		_, err := w.FinishProvider(w.Context(), back)
		w.ok(err)
		w.refuses(signin.ErrStateInvalid, w.finishing(back))
	})
}

// Nor where somebody signs up by the provider at the same time.
func TestOfManyWhoWantAnIdentityOneGetsIt(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		var backs []signin.ProviderReturn
		for range 6 {
			g := w.verifiedUser(w.somewhere().IP + "@example.com").Grant
			backs = append(backs, w.back(w.beginLink("acme", g), ada()), w.back(w.begin(w.to("acme")), ada()))
		}
		linked := make([]bool, len(backs))
		w.atOnce(len(backs), signin.ErrIdentityTaken, func(node *world, n int) error {
			r, err := node.FinishProvider(w.Context(), backs[n])
			linked[n] = r.Linked != nil
			return err
		})
		owner, err := w.Store.Read().IdentityOf(w.Context(), w.at.Issuer(), "7")
		w.ok(err)
		links := 0
		for _, one := range linked {
			if one {
				links++
			}
		}
		if w.count("identities") != 1 || links > 1 || w.count("users") != 7-links {
			w.Errorf("%d links, %d users, it is %s's", links, w.count("users"), owner.UserID)
		}
		for _, id := range w.live(owner.UserID) {
			if v, err := w.Store.Read().Session(w.Context(), id); err != nil || v.UserID != owner.UserID {
				w.Errorf("a session of %s (%v)", v.UserID, err)
			}
		}
	})
}
