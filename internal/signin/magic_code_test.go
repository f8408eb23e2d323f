package signin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/limit"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/signin"
)

func TestACodeSignsInTheTabThatAsked(t *testing.T) {
	onEach(t, func(w *world) {
		sent, m := w.sendLink(w.wishLink(address))
		r, err := w.try(sent, m.Code)
		w.ok(err)
		if !r.IsNewUser || !r.Grant.User.EmailVerified || w.token(m.Token).SessionID != r.Grant.Session.ID || w.token(m.Token).Tries != 0 {
			w.Errorf("got %+v", r)
		}
		_, err = w.try(sent, m.Code)
		w.is(err, account.ErrTokenUsed)
		_, err = w.open(m)
		w.is(err, account.ErrTokenUsed)
	})
}

func TestALinkThatWasUsedEndsItsCode(t *testing.T) {
	onEach(t, func(w *world) {
		sent, m := w.sendLink(w.wishLink(address))
		_, err := w.open(m)
		w.ok(err)
		_, err = w.try(sent, m.Code)
		w.is(err, account.ErrTokenUsed)
		_, err = w.try(sent, wrong(m.Code))
		w.is(err, account.ErrTokenUsed)
	})
}

func TestFiveWrongCodesEndCodeAndLink(t *testing.T) {
	onEach(t, func(w *world) {
		sent, m := w.sendLink(w.wishLink(address))
		for range 5 {
			_, err := w.try(sent, wrong(m.Code))
			w.is(err, account.ErrTokenInvalid)
		}
		_, err := w.try(sent, m.Code)
		w.is(err, account.ErrTokenUsed)
		_, err = w.open(m)
		w.is(err, account.ErrTokenUsed)
		if failed := w.events(watchword.EventSignInFailed); len(failed) != 5 || failed[0].Data["method"] != "code" {
			w.Errorf("events: %+v", failed)
		}
	})
}

func TestTheFifthCodeMayBeRight(t *testing.T) {
	onEach(t, func(w *world) {
		sent, m := w.sendLink(w.wishLink(address))
		for range 4 {
			_, err := w.try(sent, wrong(m.Code))
			w.is(err, account.ErrTokenInvalid)
		}
		_, err := w.try(sent, m.Code)
		w.ok(err)
		if tries := w.token(m.Token).Tries; tries != 4 {
			w.Errorf("%d wrong tries are counted", tries)
		}
	})
}

func TestOfManyGuessesAtOnceFiveCount(t *testing.T) {
	onEach(t, func(w *world) {
		w.verifiedUser(address)
		sent, m := w.sendLink(w.wishLink(address))
		w.atOnce(100, account.ErrTokenInvalid, func(node *world, _ int) error {
			if _, err := node.try(sent, wrong(m.Code)); err != nil && err.Error() != "" && !isUsed(err) {
				return err
			}
			return nil
		})
		if row := w.token(m.Token); row.Tries != 5 || row.VoidedAt.IsZero() {
			w.Errorf("got %+v", row)
		}
		if n := len(w.events(watchword.EventSignInFailed)); n != 5 {
			w.Errorf("%d codes were compared", n)
		}
		_, err := w.try(sent, m.Code)
		w.is(err, account.ErrTokenUsed)
	})
}

func TestOfManyRightCodesAtOnceOneWins(t *testing.T) {
	onEach(t, func(w *world) {
		sent, m := w.sendLink(w.wishLink(address))
		won := w.atOnce(100, account.ErrTokenUsed, func(node *world, n int) error {
			if n%4 == 0 { // and links between them
				_, err := node.open(m)
				return err
			}
			_, err := node.try(sent, m.Code)
			return err
		})
		if won != 1 || w.count("users") != 1 || w.count("sessions") != 1 {
			w.Errorf("%d won; %d users, %d sessions", won, w.count("users"), w.count("sessions"))
		}
	})
}

func TestTwentyWrongCodesADayLeaveAnAddressItsLinks(t *testing.T) {
	onEach(t, func(w *world) {
		w.verifiedUser(address)
		guess := func(times int, want error) (signin.LinkSent, mail.Message) {
			sent, m := w.sendLink(w.wishLink(address))
			for range times {
				_, err := w.try(sent, wrong(m.Code))
				w.is(err, want)
			}
			return sent, m
		}
		_, m := guess(5, account.ErrTokenInvalid)
		end := w.token(m.Token).CreatedAt.Add(24 * time.Hour) // of the first one's day
		for range 3 {
			guess(5, account.ErrTokenInvalid)
		}
		w.clock.Advance(time.Hour)
		sent, m := guess(0, nil)
		w.Limiter.Throttled().Drain()
		for range 6 { // the right one, too; and trying on makes no link void
			_, err := w.try(sent, m.Code)
			w.is(err, limit.ErrLimited)
			if e, _ := errors.AsType[*watchword.Error](err); !w.clock.Now().Add(e.RetryAfter).Equal(end) {
				w.Errorf("to be tried again after %v", e.RetryAfter)
			}
		}
		noted := 0
		for _, sum := range w.Limiter.Throttled().Drain() {
			if sum.Rule == "wrong_code" && sum.Key != "" {
				noted += sum.Count
			}
		}
		if noted != 6 {
			w.Errorf("%d refusals are noted", noted)
		}
		if n := len(w.events(watchword.EventSignInFailed)); n != 20 {
			w.Errorf("%d codes were compared", n)
		}
		_, err := w.open(m)
		w.ok(err)
		other, to := w.sendLink(w.wishLink("eve@example.com"))
		_, err = w.try(other, to.Code)
		w.ok(err)
		w.clock.Advance(end.Sub(w.clock.Now()) - time.Minute)
		sent, m = guess(0, nil) // a minute later, which is when it was said to be time
		_, err = w.try(sent, m.Code)
		w.ok(err)
	})
}

func TestACodeIsForOneClientAndOneLogin(t *testing.T) {
	onEach(t, func(w *world) {
		sent, m := w.sendLink(w.wishLink(address))
		elsewhere := w.opening()
		elsewhere.ClientID = "other"
		_, err := w.MagicCode(w.Context(), sent.LoginID, w.wish("", m.Code).Password, elsewhere)
		w.is(err, account.ErrTokenInvalid)
		if w.token(m.Token).Tries != 1 {
			w.Error("another client may guess for nothing")
		}
		for _, login := range []string{"", "lgn_made-up", sent.LoginID + "x", strings.Repeat("x", 10_000), sent.LoginID[:len(sent.LoginID)-1]} {
			_, err := w.try(signin.LinkSent{LoginID: login}, m.Code)
			w.is(err, account.ErrTokenInvalid)
		}
		second, _ := w.sendLink(w.wishLink("eve@example.com"))
		_, err = w.try(second, m.Code) // a code of another login
		w.is(err, account.ErrTokenInvalid)
		for _, code := range []string{"", " " + m.Code, m.Code + "0", m.Code[1:], "otk_"} {
			if code == m.Code {
				continue
			}
			again, _ := w.sendLink(w.wishLink(w.somewhere().IP + "@example.com"))
			_, err := w.try(again, code)
			w.is(err, account.ErrTokenInvalid)
		}
		_, err = w.try(sent, m.Code)
		w.ok(err)

		late, lateMail := w.sendLink(w.wishLink("late@example.com"))
		w.clock.Advance(10 * time.Minute)
		_, err = w.try(late, lateMail.Code)
		w.is(err, account.ErrTokenExpired)
	})
}

func TestCodesAreCountedByNetwork(t *testing.T) {
	onEach(t, func(w *world) {
		in := w.opening()
		for n := range 11 {
			_, err := w.MagicCode(w.Context(), "lgn_made-up", w.wish("", "123456").Password, in)
			w.is(err, map[bool]error{true: account.ErrTokenInvalid, false: limit.ErrLimited}[n < 10])
		}
	})
}

func TestACodeIsTakenAsPeoplePasteIt(t *testing.T) {
	onEach(t, func(w *world) {
		sent, err := w.SendMagicLink(w.Context(), signin.MagicLinkRequest{Email: address, Newcomers: signin.NewcomersCreated, Client: web(), Origin: w.somewhere()})
		w.ok(err)
		code := w.mails()[0].Code
		r, err := w.MagicCode(w.Context(), sent.LoginID, secret.NewString(" "+code[:3]+" "+code[3:]+"\n"), signin.Arrival{Mode: watchword.SessionBoth, Origin: w.somewhere()})
		w.ok(err)
		if r.Grant.User.Email != address {
			w.Errorf("got %+v", r.Grant.User)
		}
	})
}
