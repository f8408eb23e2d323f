package signin_test

import (
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/signin"
	"watchword/internal/store"
	"watchword/internal/upstream/upstreamtest"
)

// riding is a wish with an invite.
func (w *abroad) riding(provider string, i invited) signin.ProviderStart {
	in := w.to(provider)
	in.InviteToken = i.token
	return in
}

func TestAnInviteRidesAlong(t *testing.T) {
	for name, test := range map[string]struct {
		provider string
		reach    store.Reach
		verified bool
	}{
		"proven, mailed":          {"acme", store.ReachMailed, true},
		"proven, handed over":     {"acme", store.ReachHandedOver, true},
		"not proven, mailed":      {"forge", store.ReachMailed, true},
		"not proven, handed over": {"forge", store.ReachHandedOver, false},
	} {
		t.Run(name, func(t *testing.T) {
			onEachAbroad(t, func(w *abroad) {
				i := w.invite(w.team(), address, test.reach)
				w.exec("DELETE FROM jobs")
				w.SignUpMode = signin.SignUpInviteOnly
				r, err := w.come(w.riding(test.provider, i), ada())
				w.ok(err)
				g := r.Grant
				if !r.IsNewUser || g.User.EmailVerified != test.verified || g.Account.ID != i.account.ID || g.Role != watchword.RoleAdmin {
					w.Errorf("got %+v, %s in %+v", g.User, g.Role, g.Account)
				}
				if own, err := w.Store.Read().Memberships(w.Context(), g.User.ID, watchword.Page{Limit: 9}); err != nil || len(own) != 2 {
					w.Errorf("they are in %+v (%v)", own, err)
				}
				if n := len(w.mails()); n != map[bool]int{true: 0, false: 1}[test.verified] {
					w.Errorf("%d mails", n)
				}
				for _, typ := range []watchword.EventType{watchword.EventInviteAccepted, watchword.EventMemberJoined} {
					if e := w.events(typ); len(e) != 1 || e[0].UserID != g.User.ID || e[0].AccountID != i.account.ID {
						w.Errorf("%s: %+v", typ, e)
					}
				}
				as := ada() // it is used up
				as.Subject = "8"
				_, err = w.BeginProvider(w.Context(), w.riding(test.provider, i))
				w.is(err, account.ErrTokenUsed)
			})
		})
	}
}

func TestAnInviteRidesWithACode(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		i := w.invite(w.team(), address, store.ReachMailed)
		in := w.toCode("forge")
		in.InviteToken = i.token
		r, err := w.come(in, ada())
		w.ok(err)
		g, err := w.exchange(r.Code)
		w.ok(err)
		if g.Account.ID != i.account.ID || !g.User.EmailVerified {
			w.Errorf("got %+v in %+v", g.User, g.Account)
		}
	})
}

func TestAnInviteIsForItsAddressAlone(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		team := w.team()
		i := w.invite(team, "invited@example.com", store.ReachMailed)
		known := w.in("acme", ada())
		w.verifiedUser("owner@example.com")
		for name, as := range map[string]upstreamtest.User{
			"a new person":      {Subject: "1", Email: "other@example.com", EmailVerified: true},
			"without address":   {Subject: "2"},
			"a linked owner":    {Subject: "3", Email: "owner@example.com", EmailVerified: true},
			"a known user":      ada(),
			"a lookalike's tag": {Subject: "4", Email: "invited+x@example.com", EmailVerified: true},
		} {
			e := w.refuses(signin.ErrInviteMismatch, w.finishing(w.back(w.begin(w.riding("acme", i)), as)))
			if want := known.Grant.User.ID; (e.UserID == want) != (name == "a known user") {
				w.Errorf("%s: the event is %+v", name, e)
			}
		}
		// Somebody who brings another's address to a user of theirs is not that other.
		w.verifiedUser("invited@example.com")
		as := ada()
		as.Email = "invited@example.com"
		w.refuses(signin.ErrInviteMismatch, w.finishing(w.back(w.begin(w.riding("acme", i)), as)))
		w.refuses(signin.ErrLinkRequired, w.finishing(w.back(w.begin(w.riding("forge", i)), as)))
	})
}

// A mailed invite proves a mailbox, and never that a provider's person is the user
// who has it.
func TestAnInviteLinksNobody(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		team := w.team()
		for _, make1 := range []func(string) signin.Result{w.signUp, w.verifiedUser} {
			email := w.somewhere().IP + "@example.com"
			make1(email)
			for _, reach := range []store.Reach{store.ReachMailed, store.ReachHandedOver} {
				i := w.invite(team, email, reach)
				w.refuses(signin.ErrLinkRequired, w.finishing(w.back(w.begin(w.riding("forge", i)), stranger(email))))
			}
		}
	})
}

func TestAKnownUserTakesAnInviteAlong(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		team := w.team()
		// By the address that they have verified, whatever the provider says now.
		user := w.in("acme", ada()).Grant.User.ID
		moved := upstreamtest.User{Subject: "7", Email: "moved@example.com"}
		for _, reach := range []store.Reach{store.ReachMailed, store.ReachHandedOver} {
			if reach == store.ReachHandedOver {
				team = w.verifiedUser("boss2@example.com").Grant.Account
			}
			i := w.invite(team, address, reach)
			r, err := w.come(w.riding("acme", i), moved)
			w.ok(err)
			if r.Grant.User.ID != user || r.Grant.Account.ID != team.ID || r.IsNewUser {
				w.Errorf("got %+v in %+v", r.Grant.User, r.Grant.Account)
			}
			again := w.invite(team, address, reach)
			w.refuses(account.ErrAlreadyMember, w.finishing(w.back(w.begin(w.riding("acme", again)), moved)))
		}
		// By the one that the provider names, where it is nobody else's. It proves
		// nothing of it.
		unproven := w.in("forge", stranger("new@example.com")).Grant.User.ID
		r, err := w.come(w.riding("forge", w.invite(team, "new@example.com", store.ReachHandedOver)), stranger("new@example.com"))
		w.ok(err)
		if r.Grant.User.ID != unproven || r.Grant.Account.ID != team.ID || r.Grant.User.EmailVerified {
			w.Errorf("got %+v in %+v", r.Grant.User, r.Grant.Account)
		}
		// By one that was proven by the same way in.
		owner := w.signUp("owner@example.com").Grant.User.ID
		i := w.invite(team, "owner@example.com", store.ReachHandedOver)
		r, err = w.come(w.riding("acme", i), upstreamtest.User{Subject: "own", Email: "owner@example.com", EmailVerified: true})
		w.ok(err)
		if r.Grant.User.ID != owner || r.Grant.Account.ID != team.ID || r.IsNewUser {
			w.Errorf("got %+v in %+v", r.Grant.User, r.Grant.Account)
		}
	})
}

func TestAnInviteMayEndOnTheWay(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		team := w.team()
		w.in("acme", ada())
		for want, end := range map[error]func(i invited){
			account.ErrInviteRevoked: func(i invited) {
				w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error { return c.RevokeInvite(w.Context(), team.ID, i.id) }))
			},
			account.ErrTokenExpired: func(i invited) {
				w.exec("UPDATE invites SET expires_at = $1 WHERE id = $2", w.clock.Now().Add(-time.Second).UnixMicro(), string(i.id))
			},
			account.ErrTokenUsed: func(i invited) {
				w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error { return c.VoidInviteTokens(w.Context(), i.id) }))
			},
			account.ErrTokenInvalid: func(i invited) { w.exec("DELETE FROM invites WHERE id = $1", string(i.id)) },
			signin.ErrSignUpDisabled: func(invited) {
				w.SignUpMode = signin.SignUpClosed // which no invite passes
			},
		} {
			i := w.invite(team, "new@example.com", store.ReachMailed)
			back := w.back(w.begin(w.riding("acme", i)), upstreamtest.User{Subject: "9", Email: "new@example.com", EmailVerified: true})
			end(i)
			w.refuses(want, w.finishing(back))
			w.SignUpMode = signin.SignUpOpen
		}
	})
}

func TestOfManyWhoBringOneInviteOneJoins(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		team := w.team()
		i := w.invite(team, address, store.ReachMailed)
		var backs []signin.ProviderReturn
		for range 12 { // two people who both have the address, each again and again
			for _, subject := range []string{"7", "8"} {
				as := ada()
				as.Subject = subject
				backs = append(backs, w.back(w.begin(w.riding("acme", i)), as))
			}
		}
		won := w.atOnce(len(backs), account.ErrTokenUsed, func(node *world, n int) error {
			_, err := node.FinishProvider(w.Context(), backs[n])
			return err
		})
		if won != 1 || w.count("memberships WHERE account_id = '"+string(team.ID)+"'") != 2 || w.count("users") != 2 || w.count("identities") != 1 {
			w.Errorf("%d came in, %d users", won, w.count("users"))
		}
	})
}
