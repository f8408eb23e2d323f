package session_test

import (
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/session"
)

func TestASwitchGivesClaimsOfTheOtherAccount(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		other := w.account(p.id, watchword.RoleMember)
		w.clock.Advance(time.Minute)
		g, err := w.Switch(w.Context(), session.Presented{Token: p.grant.RefreshToken}, other)
		w.ok(err)
		if a, err := w.Keys.OpenAccess(g.AccessToken); err != nil || a.AccountID != other || a.Role != watchword.RoleMember || a.SessionID != p.grant.Session.ID {
			w.Errorf("got %+v (%v)", a, err)
		}
		if g.Account.ID != other || g.Role != watchword.RoleMember {
			w.Errorf("got %+v as %q", g.Account, g.Role)
		}
		events := w.events(watchword.EventSessionSwitched)
		if len(events) != 1 || events[0].AccountID != other || events[0].SessionID != g.Session.ID {
			w.Errorf("events: %+v", events)
		}
		if next := w.signIn(p.id); next.Account.ID != other {
			w.Errorf("the next sign-in stands in %s, want the account last used", next.Account.ID)
		}
	})
}

func TestASwitchToAnAccountOfOthersChangesNothing(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		for _, strange := range []watchword.AccountID{"acc_none", "x"} {
			_, err := w.Switch(w.Context(), session.Presented{Token: p.grant.RefreshToken}, strange)
			w.is(err, session.ErrNotAMember)
		}
		if v := w.row(p.grant.Session.ID); v.Generation != 1 || v.Claims.AccountID != p.account {
			w.Errorf("got %+v", v)
		}
		_, err := w.refresh(p.grant.RefreshToken)
		w.ok(err)
	})
}

func TestASwitchByDefaultStaysThenTakesTheLastUsed(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		oldest, last := p.account, w.account(p.id, watchword.RoleMember)
		elsewhere := w.signIn(p.id)
		_, err := w.Switch(w.Context(), session.Presented{Token: elsewhere.RefreshToken}, last)
		w.ok(err)

		stays, err := w.Switch(w.Context(), session.Presented{Token: p.grant.RefreshToken}, "")
		w.ok(err)
		if stays.Account.ID != oldest {
			w.Errorf("it went to %s although it could stay in %s", stays.Account.ID, oldest)
		}
		third := w.account(p.id, watchword.RoleAdmin)
		_, err = w.Switch(w.Context(), session.Presented{Token: stays.RefreshToken}, third)
		w.ok(err)
		w.exec("DELETE FROM memberships WHERE account_id = $1", string(third))
		w.exec("UPDATE users SET last_account_id = $1", string(last))
		v := w.row(p.grant.Session.ID)
		lost, err := w.Switch(w.Context(), session.Presented{Token: w.seal(p.grant, v.Generation, v.Nonce)}, "")
		w.ok(err)
		if lost.Account.ID != last {
			w.Errorf("where the present account is gone it went to %s, want the last used %s", lost.Account.ID, last)
		}
	})
}

func TestASwitchHasTheGraceOfARefresh(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		other := w.account(p.id, watchword.RoleMember)
		presented := session.Presented{Token: p.grant.RefreshToken}
		first, err := w.Switch(w.Context(), presented, other)
		w.ok(err)
		w.clock.Advance(30 * time.Second)
		again, err := w.Switch(w.Context(), presented, other) // the other tab wanted the same
		w.ok(err)
		if !again.RefreshToken.Equal(first.RefreshToken) || !again.AccessToken.Equal(first.AccessToken) {
			w.Error("the predecessor got another successor")
		}
		_, err = w.Switch(w.Context(), presented, p.account) // and this one did not
		w.is(err, session.ErrClaimsStale)
		w.clock.Advance(time.Second)
		_, err = w.Switch(w.Context(), presented, other)
		w.is(err, session.ErrRefreshReused)
	})
}

func TestParallelSwitchesAreOne(t *testing.T) {
	onEach(t, func(w *world) {
		nodes, p := w.nodes(), w.person()
		other := w.account(p.id, watchword.RoleMember)
		var grants [20]session.Grant
		var wait sync.WaitGroup
		for i := range grants {
			wait.Go(func() {
				var err error
				if grants[i], err = nodes[i%len(nodes)].Switch(w.Context(), session.Presented{Token: p.grant.RefreshToken}, other); err != nil {
					w.Errorf("tab %d: %v", i, err)
				}
			})
		}
		wait.Wait()
		if got := w.row(p.grant.Session.ID).Generation; got != 2 || len(w.events(watchword.EventSessionSwitched)) != 1 {
			w.Fatalf("the session is at generation %d", got)
		}
		for i, g := range grants {
			if !g.RefreshToken.Equal(grants[0].RefreshToken) || !g.AccessToken.Equal(grants[0].AccessToken) {
				w.Errorf("tab %d got other tokens than tab 0", i)
			}
		}
	})
}
