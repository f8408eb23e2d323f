package signin_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"watchword"
	"watchword/internal/limit"
	"watchword/internal/signin"
)

// refused is the wait that a limited sign-in is told, 0 if it was let through.
func (w *world) refused(in signin.ByPassword) time.Duration {
	w.Helper()
	_, err := w.Password(context.Background(), in)
	if err == nil || errors.Is(err, signin.ErrInvalidCredentials) {
		return 0
	}
	w.is(err, limit.ErrLimited)
	var e *watchword.Error
	if !errors.As(err, &e) || e.Kind != watchword.KindLimited {
		w.Fatalf("got %v", err)
	}
	return e.RetryAfter
}

func TestWrongPasswordsInARowMakeAnAddressWait(t *testing.T) {
	onEach(t, func(w *world) {
		w.signUp(address)
		for _, email := range []string{address, "nobody@example.com"} { // known or not
			for i := range 5 {
				if wait := w.refused(w.wish(email, another)); wait != 0 {
					w.Fatalf("%s: wrong password %d was refused", email, i+1)
				}
			}
			for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900} {
				want *= time.Second
				hashes := w.Hasher.Stats().Done
				if wait := w.refused(w.wish(email, password)); wait != want { // the right one, too
					w.Fatalf("%s: told to wait %v, want %v", email, wait, want)
				}
				if w.Hasher.Stats().Done != hashes {
					w.Fatal("a refused sign-in was hashed")
				}
				w.clock.Advance(want)
				if wait := w.refused(w.wish(email, another)); wait != 0 {
					w.Fatalf("%s: refused after its wait, for %v", email, wait)
				}
			}
		}
	})
}

func TestASuccessEndsTheRow(t *testing.T) {
	onEach(t, func(w *world) {
		w.signUp(address)
		for range 4 {
			w.refused(w.wish(address, another))
		}
		_, err := w.signIn(address, password)
		w.ok(err)
		for i := range 5 {
			if wait := w.refused(w.wish(address, another)); wait != 0 {
				w.Errorf("wrong password %d after a success was refused", i+1)
			}
		}
	})
}

func TestNobodyElsesSuccessEndsTheRow(t *testing.T) {
	onEach(t, func(w *world) {
		w.signUp(address)
		w.signUp("eve@example.com")
		for range 5 {
			w.refused(w.wish(address, another))
		}
		_, err := w.signIn("eve@example.com", password)
		w.ok(err)
		if w.refused(w.wish(address, password)) == 0 {
			w.Error("the success of another user ended the wait")
		}
	})
}

func TestAKnownBrowserHasACounterOfItsOwn(t *testing.T) {
	onEach(t, func(w *world) {
		owner := w.signUp(address).Device
		atHome := func(password string) signin.ByPassword {
			in := w.wish(address, password)
			in.Device = func(asked watchword.DeviceOwner) string {
				if asked != owner {
					w.Errorf("asked for the device of %+v", asked)
				}
				return "a browser"
			}
			return in
		}
		for range 5 {
			w.refused(w.wish(address, another)) // a stranger
		}
		if w.refused(w.wish(address, password)) == 0 {
			t.Fatal("the stranger may go on")
		}
		if w.refused(atHome(password)) != 0 {
			w.Error("a stranger has locked the owner out")
		}
		if w.refused(w.wish(address, password)) == 0 {
			w.Error("the owner's success lets the stranger go on")
		}
		for range 5 {
			w.refused(atHome(another))
		}
		if w.refused(atHome(password)) == 0 {
			w.Error("a known browser may guess for ever")
		}
	})
}

func TestANetworkMayTrySoOften(t *testing.T) {
	for name, test := range map[string]struct{ first, second, other string }{
		"IPv4": {"192.0.2.1", "192.0.2.1", "192.0.2.2"},
		"IPv6": {"2001:db8:0:1::1", "2001:db8:0:1:ffff::9", "2001:db8:0:2::1"}, // by /64
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(w *world) {
				from := func(ip, email string) signin.ByPassword {
					in := w.wish(email, another)
					in.Origin.IP = ip
					return in
				}
				for i := range 10 {
					ip := []string{test.first, test.second}[i%2]
					if wait := w.refused(from(ip, w.somewhere().IP+"@example.com")); wait != 0 {
						w.Fatalf("attempt %d was refused", i+1)
					}
				}
				hashes := w.Hasher.Stats().Done
				if wait := w.refused(from(test.first, address)); wait != time.Minute {
					w.Errorf("told to wait %v", wait)
				}
				if w.Hasher.Stats().Done != hashes {
					w.Error("a refused sign-in was hashed")
				}
				if w.refused(from(test.other, address)) != 0 {
					w.Error("another network was refused")
				}
				sums := w.Limiter.Throttled().Drain()
				if len(sums) != 1 || sums[0].Rule != "sign_in" || sums[0].Count != 1 || sums[0].Key != limit.IPKey(netip.MustParseAddr(test.first)) {
					w.Errorf("throttled: %+v", sums)
				}
			})
		})
	}
}

// One line an hour for a flood from one network, however many addresses it has.
func TestThrottledAttemptsAreSummedUpByNetwork(t *testing.T) {
	onEach(t, func(w *world) {
		for range 5 {
			w.refused(w.wish(address, another))
		}
		for _, ip := range []string{"2001:db8::1", "2001:db8::2", "2001:db8::3"} {
			in := w.wish(address, another)
			in.Origin.IP = ip
			if w.refused(in) == 0 {
				w.Fatal("it was let through")
			}
		}
		if sums := w.Limiter.Throttled().Drain(); len(sums) != 1 || sums[0].Count != 3 || sums[0].Rule != "wrong_password" {
			w.Errorf("got %+v", sums)
		}
	})
}

func TestANetworkMaySignUpSoOften(t *testing.T) {
	onEach(t, func(w *world) {
		join := func() error {
			in := w.joining(w.somewhere().IP + "@example.com")
			in.Origin.IP = "192.0.2.1"
			_, err := w.SignUp(w.Context(), in)
			return err
		}
		for range 10 {
			w.ok(join())
		}
		hashes := w.Hasher.Stats().Done
		w.is(join(), limit.ErrLimited)
		if w.Hasher.Stats().Done != hashes {
			w.Error("a refused sign-up was hashed")
		}
		w.clock.Advance(time.Hour)
		w.ok(join())
	})
}
