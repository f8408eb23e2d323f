package signin_test

import (
	"errors"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/signin"
	"watchword/internal/store"
)

// invitee is who an invite's address belongs to.
type invitee string

const (
	newInvitee        invitee = "new"
	unverifiedInvitee invitee = "unverified"
	verifiedInvitee   invitee = "verified"
	disabledInvitee   invitee = "disabled"
)

// presence is who is signed in in the browser that accepts.
type presence string

const (
	absent     presence = "nobody"
	self       presence = "the user"
	another1   presence = "somebody else"
	selfBefore presence = "the user, until a moment ago"
)

func TestWhoMayAcceptAnInvite(t *testing.T) {
	mailed, handed := store.ReachMailed, store.ReachHandedOver
	for _, c := range []struct {
		reach store.Reach
		who   invitee
		in    presence
		want  error
	}{
		{mailed, newInvitee, absent, nil},
		{mailed, newInvitee, another1, signin.ErrSignedInAsOther},
		{mailed, unverifiedInvitee, absent, nil},
		{mailed, unverifiedInvitee, self, nil},
		{mailed, unverifiedInvitee, another1, signin.ErrSignedInAsOther},
		{mailed, verifiedInvitee, absent, nil},
		{mailed, verifiedInvitee, self, nil},
		{mailed, verifiedInvitee, another1, signin.ErrSignedInAsOther},
		{mailed, disabledInvitee, absent, signin.ErrUserDisabled},
		{mailed, disabledInvitee, another1, signin.ErrSignedInAsOther},
		{handed, newInvitee, absent, nil},
		{handed, newInvitee, another1, signin.ErrSignedInAsOther},
		{handed, unverifiedInvitee, absent, signin.ErrSignInRequired},
		{handed, unverifiedInvitee, self, nil},
		{handed, unverifiedInvitee, selfBefore, signin.ErrSignInRequired},
		{handed, unverifiedInvitee, another1, signin.ErrSignedInAsOther},
		{handed, verifiedInvitee, absent, signin.ErrSignInRequired},
		{handed, verifiedInvitee, self, nil},
		{handed, verifiedInvitee, selfBefore, signin.ErrSignInRequired},
		{handed, verifiedInvitee, another1, signin.ErrSignedInAsOther},
		{handed, disabledInvitee, absent, signin.ErrSignInRequired},
		{handed, disabledInvitee, selfBefore, signin.ErrSignInRequired},
	} {
		t.Run(string(c.reach)+", "+string(c.who)+", "+string(c.in), func(t *testing.T) {
			onEach(t, func(w *world) { w.checkAccept(c.reach, c.who, c.in, c.want) })
		})
	}
}

// invitedAs makes the user of an invite's address, and says who is signed in.
func (w *world) invitedAs(who invitee, in presence) (user watchword.UserID, holder account.Holder) {
	w.Helper()
	switch who {
	case unverifiedInvitee:
		g := w.signUp(address).Grant
		user, holder = g.User.ID, holding(g)
	case verifiedInvitee, disabledInvitee:
		g := w.verifiedUser(address).Grant
		user, holder = g.User.ID, holding(g)
	case newInvitee:
	}
	if in == selfBefore {
		w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) error {
			_, err := c.RevokeSessions(w.Context(), user, "")
			return err
		}))
	}
	if who == disabledInvitee {
		w.disable(user)
	}
	switch in {
	case absent:
		holder = nobody
	case another1:
		holder = holding(w.verifiedUser("eve@example.com").Grant)
	case self, selfBefore:
	}
	return user, holder
}

func (w *world) checkAccept(reach store.Reach, who invitee, in presence, want error) {
	w.Helper()
	user, holder := w.invitedAs(who, in)
	i := w.invite(w.team(), address, reach)
	before := w.count("sessions")
	r, err := w.accept(i, holder)
	if want != nil {
		w.is(err, want)
		row, err := w.Store.Read().Invite(w.Context(), i.id)
		w.ok(err)
		if row.Status(w.clock.Now()) != watchword.InvitePending || !w.token(i.token.Reveal()).Live(w.clock.Now()) ||
			w.count("sessions") != before || len(w.events(watchword.EventUserReclaimed)) != 0 {
			w.Error("a refusal has used something up")
		}
		return
	}
	w.ok(err)
	u := r.Grant.User
	if user != "" && u.ID != user || r.Grant.Account.ID != i.account.ID || r.Grant.Role != watchword.RoleAdmin || u.Email != address {
		w.Errorf("got %+v", r)
	}
	row, err := w.Store.Read().Invite(w.Context(), i.id)
	w.ok(err)
	if row.Status(w.clock.Now()) != watchword.InviteAccepted || row.AcceptedBy != u.ID {
		w.Errorf("the invite: %+v", row)
	}
	wiped := who == unverifiedInvitee && reach == store.ReachMailed && in == absent
	if u.EmailVerified != (reach == store.ReachMailed || who == verifiedInvitee) || r.IsNewUser != (who == newInvitee) ||
		u.HasPassword != (who != newInvitee && !wiped) || len(w.events(watchword.EventUserReclaimed)) != map[bool]int{true: 1}[wiped] {
		w.Errorf("got %+v", r)
	}
	if (r.Next == signin.NextSetPassword) == u.HasPassword {
		w.Errorf("next is %q", r.Next)
	}
	if own := w.count("accounts") - 1; who == newInvitee && own != map[store.Reach]int{store.ReachHandedOver: 1}[reach] {
		w.Errorf("they got %d accounts besides the one that asked for them", own)
	}
	for _, typ := range []watchword.EventType{watchword.EventInviteAccepted, watchword.EventMemberJoined} {
		if list := w.events(typ); len(list) != 1 || list[0].UserID != u.ID || list[0].AccountID != i.account.ID {
			w.Errorf("%s: %+v", typ, list)
		}
	}
	w.dead(i.token.Reveal())
	_, err = w.accept(i, holding(r.Grant))
	w.is(err, account.ErrTokenUsed)
}

// Whoever handed the invite over may have opened it themselves: the owner of the
// mailbox must not find themselves at work in a stranger's account.
func TestWhoProvesTheMailboxOfAHandedOverInviteStartsInTheirOwnAccount(t *testing.T) {
	onEach(t, func(w *world) {
		i := w.invite(w.team(), address, store.ReachHandedOver)
		r, err := w.accept(i, nobody)
		w.ok(err)
		if r.Grant.Account.ID != i.account.ID {
			w.Fatalf("got %+v", r.Grant)
		}
		_, m := w.sendLink(w.wishLink(address))
		come, err := w.open(m)
		w.ok(err)
		g := come.Grant
		if g.User.ID != r.Grant.User.ID || g.Account.ID == i.account.ID || g.Role != watchword.RoleOwner {
			w.Errorf("got %+v", g)
		}
	})
}

func TestWhatBecameOfAnInviteIsSaid(t *testing.T) {
	onEach(t, func(w *world) {
		team := w.team()
		revoked := w.invite(team, address, store.ReachMailed)
		w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error { return c.RevokeInvite(w.Context(), team.ID, revoked.id) }))
		_, err := w.accept(revoked, nobody)
		w.is(err, account.ErrInviteRevoked)
		_, err = w.accept(invited{token: secret.NewString("otk_made-up")}, nobody)
		w.is(err, account.ErrTokenInvalid)
		i := w.invite(team, address, store.ReachMailed)
		elsewhere := w.opening()
		elsewhere.ClientID = "other"
		_, err = w.AcceptInvite(w.Context(), i.token, elsewhere)
		w.is(err, account.ErrTokenInvalid)
		w.clock.Advance(7 * 24 * time.Hour)
		_, err = w.accept(i, nobody)
		w.is(err, account.ErrTokenExpired)
		if w.count("users") != 1 {
			w.Error("somebody was made")
		}
	})
}

func TestAMemberIsToldSoAndNothingIsUsedUp(t *testing.T) {
	onEach(t, func(w *world) {
		team := w.team()
		first, second := w.invite(team, address, store.ReachMailed), w.invite(team, address, store.ReachMailed)
		_, err := w.accept(first, nobody)
		w.ok(err)
		_, err = w.accept(second, nobody)
		w.is(err, account.ErrAlreadyMember)
		if !w.token(second.token.Reveal()).Live(w.clock.Now()) || w.count("memberships") != 2 {
			w.Error("it was used up")
		}
	})
}

func TestOfManyAcceptsOfAnInviteOneWins(t *testing.T) {
	for _, who := range []invitee{newInvitee, unverifiedInvitee, verifiedInvitee} {
		t.Run(string(who), func(t *testing.T) {
			onEach(t, func(w *world) {
				w.invitedAs(who, absent)
				i := w.invite(w.team(), address, store.ReachMailed)
				tokens := []secret.String{i.token, w.again(i, address, store.ReachMailed), w.again(i, address, store.ReachMailed)}
				won := w.atOnce(60, account.ErrTokenUsed, func(node *world, n int) error {
					_, err := node.accept(invited{token: tokens[n%3]}, nobody)
					return err
				})
				if won != 1 || w.count("users") != 2 || w.count("memberships WHERE role = 'admin'") != 1 {
					w.Errorf("%d won; %d users", won, w.count("users"))
				}
				for _, token := range tokens {
					w.dead(token.Reveal())
				}
			})
		})
	}
}

func TestOfManyInvitesIntoOneAccountEachUserComesInOnce(t *testing.T) {
	onEach(t, func(w *world) {
		team := w.team()
		var tokens []secret.String
		for range 3 {
			tokens = append(tokens, w.invite(team, address, store.ReachMailed).token)
		}
		won := w.atOnce(12, account.ErrTokenUsed, func(node *world, n int) error {
			_, err := node.accept(invited{token: tokens[n%3]}, nobody)
			if errors.Is(err, account.ErrAlreadyMember) {
				err = account.ErrTokenUsed
			}
			return err
		})
		if won != 1 || w.count("users") != 2 || w.count("memberships WHERE role = 'admin'") != 1 {
			w.Errorf("%d won; %d users", won, w.count("users"))
		}
	})
}

func TestInvitesPassInviteOnlyAndNotClosed(t *testing.T) {
	onEach(t, func(w *world) {
		team := w.team()
		w.verifiedUser("known@example.com")
		w.SignUpMode = signin.SignUpClosed
		i := w.invite(team, address, store.ReachMailed)
		_, err := w.accept(i, nobody)
		w.is(err, signin.ErrSignUpDisabled)
		_, err = w.accept(w.invite(team, "known@example.com", store.ReachMailed), nobody) // nobody is made
		w.ok(err)
		w.SignUpMode = signin.SignUpInviteOnly
		_, err = w.accept(i, nobody)
		w.ok(err)
	})
}

func TestAnInviteLeadsBackWithACode(t *testing.T) {
	onEach(t, func(w *world) {
		i := w.invite(w.team(), address, store.ReachMailed)
		w.exec("UPDATE one_time_tokens SET redirect_uri = 'https://app.example.com/cb', state = 's', code_challenge = 'c' WHERE purpose = 'invite'")
		in := w.opening()
		in.Back = signin.BackToClient
		r, err := w.AcceptInvite(w.Context(), i.token, in)
		w.ok(err)
		code := w.token(r.Code.Reveal())
		if code.AccountID != i.account.ID || code.UserID == "" || r.Return.State != "s" || r.Next != signin.NextSetPassword {
			w.Errorf("got %+v, code %+v", r, code)
		}
	})
}

func TestASignUpWithAnInvite(t *testing.T) {
	for _, reach := range []store.Reach{store.ReachMailed, store.ReachHandedOver} {
		for _, mode := range []signin.SignUpMode{signin.SignUpOpen, signin.SignUpInviteOnly} {
			t.Run(string(reach)+", "+string(mode), func(t *testing.T) {
				onEach(t, func(w *world) {
					team := w.team()
					w.SignUpMode = mode
					i := w.invite(team, address, reach)
					in := w.joining("eve@example.com")
					in.InviteToken = i.token
					_, err := w.SignUp(w.Context(), in)
					w.is(err, signin.ErrInviteMismatch)
					in = w.joining("ADA@example.com")
					in.InviteToken = i.token
					r, err := w.SignUp(w.Context(), in)
					w.ok(err)
					if r.Grant.Account.ID != team.ID || r.Grant.Role != watchword.RoleAdmin || r.Grant.User.EmailVerified != (reach == store.ReachMailed) || w.count("accounts") != 2 {
						w.Errorf("got %+v", r.Grant)
					}
					if (r.Next == signin.NextVerifyEmail) == r.Grant.User.EmailVerified {
						w.Errorf("next is %q", r.Next)
					}
					w.dead(i.token.Reveal())
					again := w.joining("ada@example.com")
					again.InviteToken = i.token
					_, err = w.SignUp(w.Context(), again)
					w.is(err, account.ErrTokenUsed)
					w.SignUpMode = signin.SignUpClosed
					closed := w.joining("new@example.com")
					closed.InviteToken = w.invite(team, "new@example.com", reach).token
					_, err = w.SignUp(w.Context(), closed)
					w.is(err, signin.ErrSignUpDisabled)
				})
			})
		}
	}
}

func TestOfSignUpsAndAcceptsOfOneInviteOneWins(t *testing.T) {
	onEach(t, func(w *world) {
		i := w.invite(w.team(), address, store.ReachMailed)
		won := w.atOnce(10, account.ErrTokenUsed, func(node *world, n int) error {
			if n%2 == 0 {
				_, err := node.accept(i, nobody)
				return err
			}
			in := node.joining(address)
			in.Origin = watchword.Origin{IP: "192.0.2." + string(rune('1'+n))}
			in.InviteToken = i.token
			_, err := node.SignUp(node.Context(), in)
			if errors.Is(err, account.ErrEmailTaken) {
				err = account.ErrTokenUsed
			}
			return err
		})
		if won != 1 || w.count("users") != 2 || w.count("memberships WHERE role = 'admin'") != 1 {
			w.Errorf("%d won; %d users", won, w.count("users"))
		}
	})
}

func TestAPrivateSignUpWithAnInvite(t *testing.T) {
	onEach(t, func(w *world) {
		team := w.team()
		w.signUp("known@example.com")
		w.Discovery = signin.DiscoveryPrivate
		// A mailed one proves the mailbox: there is nothing left to hide from its reader.
		in := w.joining(address)
		in.InviteToken = w.invite(team, address, store.ReachMailed).token
		r, err := w.SignUp(w.Context(), in)
		w.ok(err)
		if r.Grant.Account.ID != team.ID || !r.Grant.User.EmailVerified {
			w.Errorf("got %+v", r.Grant)
		}
		in = w.joining("known@example.com")
		in.InviteToken = w.invite(team, "known@example.com", store.ReachMailed).token
		_, err = w.SignUp(w.Context(), in)
		w.is(err, account.ErrEmailTaken)
		// One that was handed over proves none: all are told the same.
		for email, users := range map[string]int{"new@example.com": 1, "known@example.com": 0} {
			before := w.count("users")
			in := w.joining(email)
			i := w.invite(team, email, store.ReachHandedOver)
			in.InviteToken = i.token
			_, err := w.SignUp(w.Context(), in)
			w.is(err, signin.ErrCheckEmail)
			for _, j := range w.jobs("sign_up") {
				w.ok(w.FinishSignUp(w.Context(), j))
			}
			// The invite is left alone: used up, it would tell whoever made it that the
			// address was free.
			if got := w.count("users") - before; got != users || !w.token(i.token.Reveal()).UsedAt.IsZero() {
				w.Errorf("%s: %d users were made", email, got)
			}
		}
	})
}

// A code begins a session anew: it must not make a fresh one of a held one.
func TestAHandedOverInviteGivesNoCodeForAHeldSession(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.verifiedUser(address).Grant
		w.clock.Advance(time.Hour)
		i := w.invite(w.team(), address, store.ReachHandedOver)
		w.exec("UPDATE one_time_tokens SET redirect_uri = 'https://app.example.com/cb', code_challenge = 'c' WHERE purpose = 'invite'")
		in := w.opening()
		in.Back, in.Holder = signin.BackToClient, holding(ada)
		r, err := w.AcceptInvite(w.Context(), i.token, in)
		w.ok(err)
		if !r.Code.IsZero() || !r.Grant.Session.AuthTime.Equal(ada.Session.AuthTime) || r.Grant.Session.ExpiresAt.After(ada.Session.ExpiresAt) {
			w.Errorf("got %+v", r)
		}
		// What was proven is what the record says, too: a password, and no link.
		for _, e := range w.events(watchword.EventSessionStarted) {
			if e.SessionID == r.Grant.Session.ID && e.Data["amr"] != string(watchword.AMRPassword) {
				w.Errorf("recorded: %+v", e)
			}
		}
	})
}
