package session_test

import (
	"testing"
	"time"

	"watchword"
	"watchword/internal/session"
)

// staleness is what makes claims untrue, by hand, and what a switch then says.
var staleness = map[string]struct {
	change func(*world, person)
	fresh  func(*world, person) watchword.Claims
}{
	"the role changed": {
		func(w *world, p person) {
			w.exec("UPDATE memberships SET role = 'member' WHERE user_id = $1", string(p.id))
		},
		func(_ *world, p person) watchword.Claims {
			return watchword.Claims{AccountID: p.account, Role: watchword.RoleMember, Email: address, EmailVerified: true}
		},
	},
	"the membership is gone": {
		func(w *world, p person) { w.exec("DELETE FROM memberships WHERE user_id = $1", string(p.id)) },
		func(*world, person) watchword.Claims { return watchword.Claims{Email: address, EmailVerified: true} },
	},
	"the account is gone": {
		func(w *world, p person) { w.exec("DELETE FROM accounts WHERE id = $1", string(p.account)) },
		func(*world, person) watchword.Claims { return watchword.Claims{Email: address, EmailVerified: true} },
	},
	"the address changed": {
		func(w *world, p person) {
			w.exec("UPDATE emails SET address = 'new@example.com' WHERE user_id = $1", string(p.id))
		},
		func(_ *world, p person) watchword.Claims {
			return watchword.Claims{AccountID: p.account, Role: watchword.RoleOwner, Email: "new@example.com", EmailVerified: true}
		},
	},
	"the address is gone": {
		func(w *world, p person) { w.exec("DELETE FROM emails WHERE user_id = $1", string(p.id)) },
		func(_ *world, p person) watchword.Claims {
			return watchword.Claims{AccountID: p.account, Role: watchword.RoleOwner}
		},
	},
	"the address is no longer verified": {
		func(w *world, p person) {
			w.exec("UPDATE emails SET verified_at = NULL WHERE user_id = $1", string(p.id))
		},
		func(_ *world, p person) watchword.Claims {
			return watchword.Claims{AccountID: p.account, Role: watchword.RoleOwner, Email: address}
		},
	},
}

func TestStaleClaimsAreRefusedAndCanBeMadeAfresh(t *testing.T) {
	for name, test := range staleness {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(w *world) {
				p := w.person()
				test.change(w, p)
				for range 2 { // the token is not used up
					_, err := w.refresh(p.grant.RefreshToken)
					w.is(err, session.ErrClaimsStale)
				}
				if v := w.row(p.grant.Session.ID); v.Generation != 1 || !v.RevokedAt.IsZero() {
					w.Fatalf("a refused refresh changed the session: %+v", v)
				}
				g, err := w.Switch(w.Context(), session.Presented{Token: p.grant.RefreshToken}, "")
				w.ok(err)
				if want := test.fresh(w, p); w.row(g.Session.ID).Claims != want {
					w.Errorf("got  %+v\nwant %+v", w.row(g.Session.ID).Claims, want)
				}
				_, err = w.refresh(g.RefreshToken)
				w.ok(err)
			})
		})
	}
}

// The predecessor within its grace is no way around it either.
func TestStaleClaimsAreRefusedInTheGrace(t *testing.T) {
	for name, test := range staleness {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(w *world) {
				p := w.person()
				next, err := w.refresh(p.grant.RefreshToken)
				w.ok(err)
				test.change(w, p)
				_, err = w.refresh(p.grant.RefreshToken)
				w.is(err, session.ErrClaimsStale)
				_, err = w.Switch(w.Context(), session.Presented{Token: p.grant.RefreshToken}, "")
				w.is(err, session.ErrClaimsStale)
				_, err = w.Switch(w.Context(), session.Presented{Token: next.RefreshToken}, "")
				w.ok(err)
			})
		})
	}
}

func TestAnAddressThatBecameVerifiedMakesNothingStale(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		w.exec("UPDATE emails SET verified_at = NULL WHERE user_id = $1", string(p.id))
		g := w.signIn(p.id)
		w.exec("UPDATE emails SET verified_at = 1 WHERE user_id = $1", string(p.id))
		next, err := w.refresh(g.RefreshToken)
		w.ok(err)
		again, err := w.refresh(g.RefreshToken)
		w.ok(err)
		for _, g := range []session.Grant{next, again} {
			if a, err := w.Keys.OpenAccess(g.AccessToken); err != nil || a.EmailVerified {
				w.Errorf("the claim was made afresh by a refresh (%v)", err)
			}
			if !g.User.EmailVerified {
				w.Error("the user's live row does not say that the address is verified")
			}
		}
		fresh, err := w.Switch(w.Context(), session.Presented{Token: next.RefreshToken}, "")
		w.ok(err)
		if a, err := w.Keys.OpenAccess(fresh.AccessToken); err != nil || !a.EmailVerified {
			w.Errorf("fresh claims say that the address is unverified (%v)", err)
		}
	})
}

func TestTheGraceNeverCrossesAChangeOfClaims(t *testing.T) {
	onEach(t, func(w *world) {
		p := w.person()
		other := w.account(p.id, watchword.RoleMember)
		switched, err := w.Switch(w.Context(), session.Presented{Token: p.grant.RefreshToken}, other)
		w.ok(err)
		_, err = w.refresh(p.grant.RefreshToken)
		w.is(err, session.ErrClaimsStale)
		_, err = w.refresh(switched.RefreshToken) // the other tab goes on
		w.ok(err)
		w.clock.Advance(31 * time.Second)
		_, err = w.refresh(p.grant.RefreshToken)
		w.is(err, session.ErrRefreshReused)
	})
}
