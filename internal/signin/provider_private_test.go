package signin_test

import (
	"testing"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/signin"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/upstream/upstreamtest"
)

// privately is a world that tells nobody which addresses it knows: verified@ and
// unverified@example.com.
func privately(t *testing.T, test func(w *abroad)) {
	t.Helper()
	onEachAbroad(t, func(w *abroad) {
		w.verifiedUser("verified@example.com")
		w.signUp("unverified@example.com")
		w.exec("DELETE FROM jobs")
		w.Discovery = signin.DiscoveryPrivate
		test(w)
	})
}

// stranger is somebody whose address nothing proves.
func stranger(email string) upstreamtest.User { return upstreamtest.User{Subject: email, Email: email} }

var asked = []string{"new@example.com", "verified@example.com", "unverified@example.com"}

func TestAPrivateWayTellsNothingOfAnUnprovenAddress(t *testing.T) {
	privately(t, func(w *abroad) {
		for _, email := range asked {
			before := w.counts()
			r := w.in("forge", stranger(email))
			u := r.Grant.User
			if !r.IsNewUser || u.Email != email || u.EmailVerified || r.Next != signin.NextVerifyEmail || r.Binding.IsZero() || r.Device != (watchword.DeviceOwner{}) {
				w.Errorf("%s: got %+v", email, r)
			}
			if e := w.email(u.ID); e.Exclusive || !e.Primary || e.Verified() {
				w.Errorf("%s: it is %+v", email, e)
			}
			after := w.counts()
			for _, table := range []string{"users", "emails", "accounts", "memberships", "identities", "sessions", "one_time_tokens", "jobs"} {
				if after[table] != before[table]+1 {
					w.Errorf("%s: %d new rows in %s", email, after[table]-before[table], table)
				}
			}
			if m := w.letter(mail.VerifyEmail, email); m.UserID != u.ID {
				w.Errorf("%s: the mail is %+v", email, m)
			}
			// Nor the second time, nor by a code.
			if again := w.in("forge", stranger(email)); again.IsNewUser || again.Grant.User.ID != u.ID {
				w.Errorf("%s: got %+v", email, again)
			}
			come, err := w.come(w.toCode("forge"), stranger(email))
			w.ok(err)
			if g, err := w.exchange(come.Code); err != nil || g.User.ID != u.ID {
				w.Errorf("%s: got %+v (%v)", email, g.User, err)
			}
		}
	})
}

func TestAPrivateWayCostsAlikeForAll(t *testing.T) {
	privately(t, func(w *abroad) {
		if w.engine != store.Postgres {
			return
		}
		tapped, wire := storetest.Tap(w.TB, w.location)
		node := newNode(w.TB, w.engine, tapped, w.clock)
		node.Providers, node.Discovery = w.Providers, signin.DiscoveryPrivate
		costOf := func(email string) int64 {
			back := w.back(w.begin(w.to("forge")), stranger(email))
			before := wire.RoundTrips()
			_, err := node.FinishProvider(w.Context(), back)
			w.ok(err)
			return wire.RoundTrips() - before
		}
		for range 20 { // every connection knows its statements
			costOf(w.somewhere().IP + "@example.com")
		}
		unknown := costOf(asked[0])
		for _, email := range asked[1:] {
			if known := costOf(email); known != unknown {
				w.Errorf("an unknown address costs %d questions, %s costs %d", unknown, email, known)
			}
		}
	})
}

// Whoever reads the mailbox decides whose the address is.
func TestAPrivateClaimIsItsUsersOnceItIsProven(t *testing.T) {
	privately(t, func(w *abroad) {
		for _, email := range asked {
			user := w.in("forge", stranger(email)).Grant.User.ID
			_, err := w.Verify.Confirm(w.Context(), secret.NewString(w.letter(mail.VerifyEmail, email).Token), w.somewhere())
			if email == "verified@example.com" {
				w.is(err, account.ErrTokenUsed)
				continue
			}
			w.ok(err)
			if owner, err := w.Store.Read().UserByAddress(w.Context(), email); err != nil || owner != user {
				w.Errorf("%s is %s's (%v)", email, owner, err)
			}
		}
	})
}

func TestAProvenAddressIsNoSecretFromItsOwner(t *testing.T) {
	privately(t, func(w *abroad) {
		for _, email := range asked {
			w.in("forge", stranger(email)) // a claim is in nobody's way
			r := w.in("acme", upstreamtest.User{Subject: "own " + email, Email: email, EmailVerified: true})
			if r.IsNewUser != (email == "new@example.com") || !r.Grant.User.EmailVerified || r.Grant.User.Email != email {
				w.Errorf("%s: got %+v", email, r)
			}
		}
		if n := len(w.events(watchword.EventUserReclaimed)); n != 1 {
			w.Errorf("%d users were wiped, want the unverified one", n)
		}
	})
}

func TestPrivateRefusalsAreAlikeForAll(t *testing.T) {
	privately(t, func(w *abroad) {
		for _, mode := range []signin.SignUpMode{signin.SignUpClosed, signin.SignUpInviteOnly} {
			w.SignUpMode = mode
			for _, email := range asked {
				w.refuses(signin.ErrSignUpDisabled, w.finishing(w.back(w.begin(w.to("forge")), stranger(email))))
			}
		}
		w.SignUpMode, w.Verification = signin.SignUpOpen, signin.VerificationRequired
		for _, email := range asked {
			w.in("forge", stranger(email))
			w.refuses(signin.ErrEmailUnverified, w.finishing(w.back(w.begin(w.to("forge")), stranger(email))))
		}
	})
}

// Many accounts elsewhere that all claim one address must not fill its mailbox.
// That a mail was spared nobody learns.
func TestManyClaimsOfAnAddressMailItOnlySoOften(t *testing.T) {
	privately(t, func(w *abroad) {
		for _, email := range asked {
			before := len(w.mails())
			for _, n := range []string{"1", "2", "3", "4", "5", "6", "7"} {
				as := stranger(email)
				as.Subject += n
				if r := w.in("forge", as); r.Next != signin.NextVerifyEmail || r.Binding.IsZero() {
					w.Errorf("%s: claim %s is told %q, binding %q", email, n, r.Next, r.Binding.Reveal())
				}
			}
			if n := len(w.mails()) - before; n != 5 {
				w.Errorf("%s: %d mails", email, n)
			}
		}
	})
}

func TestAHandedOverInviteIsLeftForLaterUnderPrivateDiscovery(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		team := w.team()
		w.verifiedUser("verified@example.com")
		w.signUp("unverified@example.com")
		w.Discovery, w.SignUpMode = signin.DiscoveryPrivate, signin.SignUpInviteOnly
		for _, email := range asked {
			i := w.invite(team, email, store.ReachHandedOver)
			in := w.to("forge")
			in.InviteToken = i.token
			for _, first := range []bool{true, false} {
				r, err := w.come(in, stranger(email))
				w.ok(err)
				if r.IsNewUser != first || r.Grant.Account.ID == team.ID || r.Grant.User.EmailVerified || !w.token(i.token.Reveal()).Live(w.clock.Now()) {
					w.Errorf("%s: got %+v in %+v", email, r.Grant.User, r.Grant.Account)
				}
			}
		}
		// A mailed one is proof of the mailbox: its reader may know.
		i := w.invite(team, "mailed@example.com", store.ReachMailed)
		in := w.to("forge")
		in.InviteToken = i.token
		r, err := w.come(in, stranger("mailed@example.com"))
		w.ok(err)
		if !r.Grant.User.EmailVerified || r.Grant.Account.ID != team.ID || !w.email(r.Grant.User.ID).Exclusive {
			w.Errorf("got %+v in %+v", r.Grant.User, r.Grant.Account)
		}
		in.InviteToken = w.invite(team, "verified@example.com", store.ReachMailed).token
		as := stranger("verified@example.com")
		as.Subject = "another"
		w.refuses(signin.ErrLinkRequired, w.finishing(w.back(w.begin(in), as)))
	})
}
