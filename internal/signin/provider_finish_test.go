package signin_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/signin"
	"watchword/internal/store"
	"watchword/internal/upstream"
	"watchword/internal/upstream/upstreamtest"
)

func TestAStateThatIsNoneIsRefused(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		way := w.begin(w.to("acme"))
		back := w.back(way, ada())
		for _, state := range []string{"", "x", secret.Generate(rand.Reader).Reveal(), string(w.flow(way).StateDigest)} {
			in := back
			in.State = secret.NewString(state)
			r, err := w.FinishProvider(w.Context(), in)
			w.is(err, signin.ErrStateInvalid)
			if r.Flow != nil || r.Return.RedirectURI != "" {
				w.Errorf("it leads back: %+v", r)
			}
		}
		if n := len(w.events(watchword.EventSignInFailed)); n != 0 {
			w.Errorf("%d events of states that nobody has made", n)
		}
		nowhere := back
		nowhere.Provider = "nobody"
		_, err := w.FinishProvider(w.Context(), nowhere)
		w.is(err, signin.ErrProviderNotFound)
	})
}

// Somebody's own answer of a provider, opened in another's browser, would sign
// that other in as them.
func TestAnotherBrowserCannotFinishAWay(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		back := w.back(w.begin(w.toCode("acme")), ada())
		foreign := w.begin(w.toCode("acme"))
		stolen := back
		stolen.Bound = w.back(foreign, ada()).Bound // a browser with a way of its own
		e := w.refuses(signin.ErrStateInvalid, func() error {
			r, err := w.FinishProvider(w.Context(), stolen)
			if r.Return.RedirectURI != "" || r.Client.ID != "" || r.Flow != nil {
				w.Errorf("a stranger learns %+v", r)
			}
			return err
		})
		if e.Data["method"] != "acme" || e.UserID != "" {
			w.Errorf("the event is %+v", e)
		}
		if n := w.at.Asked("/token"); n != 0 {
			w.Errorf("the provider was asked %d times", n)
		}
		_, err := w.FinishProvider(w.Context(), back) // and takes nothing from whoever began
		w.ok(err)
	})
}

func TestAWayIsGoneOnce(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		back := w.back(w.begin(w.toCode("acme")), ada())
		_, err := w.FinishProvider(w.Context(), back)
		w.ok(err)
		asked := w.at.Asked("/token")
		w.refuses(signin.ErrStateInvalid, func() error {
			r, err := w.FinishProvider(w.Context(), back)
			if r.Return.RedirectURI != callback || r.Provider != "Acme" || r.Client.ID != "web" || r.Flow == nil {
				w.Errorf("who reloads the page is not led back: %+v", r)
			}
			return err
		})
		// Nor does a new code of the provider revive an old state.
		again := w.back(w.begin(w.toCode("acme")), ada())
		again.State, again.Bound = back.State, back.Bound
		w.refuses(signin.ErrStateInvalid, w.finishing(again))
		// Nor does a new state revive an old code.
		fresh := w.back(w.begin(w.toCode("acme")), ada())
		fresh.Code = back.Code
		w.refuses(upstream.ErrProvider, w.finishing(fresh))
		if n := w.at.Asked("/token"); n != asked+1 {
			w.Errorf("the provider was asked %d times", n-asked)
		}
	})
}

func TestOfParallelReturnsOneComesIn(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		const times = 24
		back := w.back(w.begin(w.to("forge")), ada())
		bound := back.Bound
		var looked sync.WaitGroup
		looked.Add(times)
		back.Bound = func(digest []byte) bool { // each has found the way unused before the first goes on
			looked.Done()
			looked.Wait()
			return bound(digest)
		}
		won := w.atOnce(times, signin.ErrStateInvalid, func(node *world, _ int) error {
			_, err := node.FinishProvider(w.Context(), back)
			return err
		})
		if won != 1 || w.count("sessions") != 1 || w.at.Asked("/token") != 1 {
			w.Errorf("%d came in, %d sessions, the provider was asked %d times", won, w.count("sessions"), w.at.Asked("/token"))
		}
	})
}

func TestAWayLastsTenMinutes(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		late, last := w.back(w.begin(w.toCode("acme")), ada()), w.back(w.begin(w.toCode("acme")), ada())
		w.clock.Advance(10*time.Minute - time.Microsecond)
		_, err := w.FinishProvider(w.Context(), last)
		w.ok(err)
		w.clock.Advance(time.Microsecond)
		stolen := late
		stolen.Bound = func([]byte) bool { return false }
		w.refuses(signin.ErrStateInvalid, w.finishing(stolen))
		w.refuses(signin.ErrStateExpired, func() error {
			r, err := w.FinishProvider(w.Context(), late)
			if r.Return.State != "the client's state" || r.Flow == nil {
				w.Errorf("it does not lead back: %+v", r)
			}
			return err
		})
	})
}

// A provider that is not honest sends people back to another's callback, with
// what it got there.
func TestTheAnswerOfOneProviderIsNoneOfAnothers(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		for _, pair := range [][2]string{{"acme", "forge"}, {"forge", "acme"}, {"acme", "other"}} {
			back := w.back(w.begin(w.toCode(pair[0])), ada())
			mixed := back
			mixed.Provider = pair[1]
			if e := w.refuses(signin.ErrStateInvalid, w.finishing(mixed)); e.Data["method"] != pair[0] {
				w.Errorf("the event is %+v", e)
			}
			mixed = w.back(w.begin(w.toCode("acme")), ada())
			mixed.Issuer = "https://honest.example"
			w.refuses(upstream.ErrProvider, w.finishing(mixed))
		}
		if n := w.count("identities"); n != 0 {
			w.Errorf("%d identities", n)
		}
	})
}

func TestWhatWasTakenBackMeanwhileLeadsNobodyIn(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		lookup := w.Lookup
		for name, test := range map[string]struct {
			change func(*watchword.Client) bool
			want   *watchword.Error
		}{
			"the client":   {func(*watchword.Client) bool { return false }, signin.ErrStateInvalid},
			"the page":     {func(c *watchword.Client) bool { c.RedirectURIs = nil; return true }, account.ErrRedirectNotAllowed},
			"the provider": {func(c *watchword.Client) bool { c.Methods = []watchword.Method{"password"}; return true }, signin.ErrProviderNotFound},
		} {
			back := w.back(w.begin(w.toCode("acme")), ada())
			w.Lookup = func(ctx context.Context, id watchword.ClientID) (watchword.Client, bool, error) {
				c, ok, err := lookup(ctx, id)
				return c, test.change(&c) && ok, err
			}
			w.refuses(test.want, func() error {
				r, err := w.FinishProvider(w.Context(), back)
				if r.Return.RedirectURI != "" {
					w.Errorf("%s: it leads to %s", name, r.Return.RedirectURI)
				}
				return err
			})
			w.Lookup = lookup
		}
	})
}

func TestWhoTurnsAwayAtTheProviderIsLedBack(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		way := w.begin(w.toCode("acme"))
		sent, err := w.at.Cancel(way.AuthorizeURL)
		turned := w.with(way, sent, err)
		for said, want := range map[string]string{
			"access_denied": "access_denied", "login_required": "login_required", "consent_required": "consent_required",
			"interaction_required": "interaction_required", "account_selection_required": "account_selection_required",
			"temporarily_unavailable": "server_error", "<script>": "server_error", "invalid_request": "server_error",
		} {
			in := turned
			if said != "access_denied" {
				in = w.back(w.begin(w.toCode("acme")), ada())
				in.Error = said // whatever code comes with it
			}
			w.refuses(upstream.ErrProvider, func() error {
				r, err := w.FinishProvider(w.Context(), in)
				if r.Refusal != want || r.Return.RedirectURI != callback || r.Return.State != "the client's state" || r.Client.ID != "web" {
					w.Errorf("%s leads back with %+v", said, r)
				}
				return err
			})
			w.refuses(signin.ErrStateInvalid, w.finishing(in)) // used up
		}
		if n := w.at.Asked("/token"); n != 0 {
			w.Errorf("the provider was asked %d times", n)
		}
	})
}

func TestAProviderThatCannotBeBelievedLetsNobodyIn(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		for name, hooks := range map[string]upstreamtest.Hooks{
			"nonce":    {Claims: func(c map[string]any) { c["nonce"] = "another" }},
			"audience": {Claims: func(c map[string]any) { c["aud"] = "another" }},
			"issuer":   {Claims: func(c map[string]any) { c["iss"] = "https://another.example" }},
			"subject":  {Claims: func(c map[string]any) { c["sub"] = "" }},
			"userinfo": {Userinfo: func(a map[string]any) { a["sub"] = "8" }},
			"down": {Intercept: func(rw http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/token" {
					rw.WriteHeader(http.StatusBadGateway)
				}
				return r.URL.Path == "/token"
			}},
		} {
			back := w.back(w.begin(w.toCode("acme")), ada())
			w.at.Behave(hooks)
			if e := w.refuses(upstream.ErrProvider, w.finishing(back)); e.Data["method"] != "acme" {
				w.Errorf("%s: the event is %+v", name, e)
			}
			w.at.Behave(upstreamtest.Hooks{})
			w.refuses(signin.ErrStateInvalid, w.finishing(back)) // used up all the same
		}
		empty := w.back(w.begin(w.toCode("acme")), ada())
		asked := w.at.Asked("/token")
		empty.Code = secret.String{}
		w.refuses(upstream.ErrProvider, w.finishing(empty))
		if w.at.Asked("/token") != asked {
			w.Error("the provider was asked about no code")
		}
	})
}

// The provider is asked while nothing is held: a slow one must keep nobody from
// anything.
func TestTheWayIsUsedUpBeforeTheProviderIsAsked(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		way := w.begin(w.to("acme"))
		back := w.back(way, ada())
		var during []bool
		w.at.Behave(upstreamtest.Hooks{Token: func(map[string]any) {
			during = append(during, !w.flow(way).UsedAt.IsZero())
			if err := w.Store.Write(w.Context(), func(c *store.Conn) error { return c.InsertEvent(w.Context(), watchword.Event{Type: "x"}) }); err != nil {
				w.Error(err)
			}
		}})
		_, err := w.FinishProvider(w.Context(), back)
		w.ok(err)
		if !slices.Equal(during, []bool{true}) {
			w.Errorf("the way was used up: %v", during)
		}
	})
}

// A fault of ours is no refusal: it must neither look like one nor be counted as
// one.
func TestAFaultOfOursIsNoFailedSignIn(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		back := w.back(w.begin(w.toCode("acme")), ada())
		w.exec("ALTER TABLE identities RENAME TO gone")
		r, err := w.FinishProvider(w.Context(), back)
		w.is(err, store.ErrUnavailable)
		if n := len(w.events(watchword.EventSignInFailed)); n != 0 || r.Refusal != "" {
			w.Errorf("%d events, led back with %q", n, r.Refusal)
		}
	})
}

// Whoever is woken for nothing looks for jobs in vain, at each sign-in.
func TestTheQueueIsWokenWhereAMailWaits(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		owner := w.verifiedUser("owner@example.com")
		woken := 0
		w.Jobs.Wake = func() { woken++ }
		w.Verify.Jobs.Wake = w.Jobs.Wake
		grace := ada()
		grace.Subject, grace.Email = "8", "grace@example.com"
		its := ada()
		its.Subject, its.Email = "9", "owner@example.com"
		for _, test := range []struct {
			what  string
			mails int
			come  func() (signin.ProviderResult, error)
		}{
			{"a new address that nothing proves", 1, func() (signin.ProviderResult, error) { return w.come(w.to("forge"), ada()) }},
			{"somebody known", 0, func() (signin.ProviderResult, error) { return w.come(w.to("forge"), ada()) }},
			{"a new address that is proven", 0, func() (signin.ProviderResult, error) { return w.come(w.to("acme"), grace) }},
			{"an owner whose address is proven", 1, func() (signin.ProviderResult, error) { return w.come(w.toCode("acme"), its) }},
			{"an owner who links", 1, func() (signin.ProviderResult, error) {
				return w.FinishProvider(w.Context(), w.back(w.beginLink("forge", owner.Grant), its))
			}},
		} {
			woken = 0
			before := w.count("jobs")
			_, err := test.come()
			w.ok(err)
			if mails := w.count("jobs") - before; mails != test.mails || woken != test.mails {
				w.Errorf("%s: %d mails, woken %d times", test.what, mails, woken)
			}
		}
	})
}
