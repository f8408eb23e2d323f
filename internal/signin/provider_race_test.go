package signin_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/signin"
	"watchword/internal/store"
	"watchword/internal/upstream/upstreamtest"
)

const crowd = 100

// backs are as many returns of one person.
func (w *abroad) backs(times int, provider string, as upstreamtest.User) (list []signin.ProviderReturn) {
	w.Helper()
	for range times {
		list = append(list, w.back(w.begin(w.to(provider)), as))
	}
	return list
}

// A hundred first sign-ins of one person, on two nodes at once, are one user.
func TestOfManyFirstSignInsOneMakesTheUser(t *testing.T) {
	for name, test := range map[string]struct {
		provider string
		email    string
	}{
		"proven": {"acme", address}, "unproven": {"forge", address}, "no address": {"forge", ""},
	} {
		t.Run(name, func(t *testing.T) {
			onEachAbroad(t, func(w *abroad) {
				backs := w.backs(crowd, test.provider, upstreamtest.User{Subject: "7", Email: test.email, EmailVerified: true})
				var mu sync.Mutex
				users, fresh := map[watchword.UserID]int{}, 0
				won := w.atOnce(crowd, nil, func(node *world, n int) error {
					r, err := node.FinishProvider(w.Context(), backs[n])
					mu.Lock()
					defer mu.Unlock()
					users[r.Grant.User.ID]++
					if r.IsNewUser {
						fresh++
					}
					return err
				})
				if won != crowd || len(users) != 1 || fresh != 1 {
					w.Errorf("%d came in, as %v, %d of them new", won, users, fresh)
				}
				mails := map[bool]int{true: 1, false: 0}[name == "unproven"]
				for table, want := range map[string]int{"users": 1, "accounts": 1, "memberships": 1, "identities": 1, "sessions": crowd, "one_time_tokens": mails, "jobs": mails} {
					if n := w.count(table); n != want {
						w.Errorf("%d rows in %s, want %d", n, table, want)
					}
				}
			})
		})
	}
}

// Many people who come with one address at once: where it is proven they are its
// one user, else the first has it.
func TestOfManyPeopleWithOneAddressOneMakesTheUser(t *testing.T) {
	for provider, want := range map[string]error{"acme": nil, "forge": signin.ErrLinkRequired} {
		t.Run(provider, func(t *testing.T) {
			onEachAbroad(t, func(w *abroad) {
				const people = 24
				var backs []signin.ProviderReturn
				for n := range people {
					as := ada()
					as.Subject = fmt.Sprint(n)
					backs = append(backs, w.back(w.begin(w.to(provider)), as))
				}
				won := w.atOnce(people, want, func(node *world, n int) error {
					_, err := node.FinishProvider(w.Context(), backs[n])
					return err
				})
				if all := map[bool]int{true: people, false: 1}[want == nil]; won != all || w.count("users") != 1 || w.count("identities") != all {
					w.Errorf("%d came in, %d users with %d identities", won, w.count("users"), w.count("identities"))
				}
			})
		})
	}
}

// Nobody who came in by what a wipe takes is in afterwards, however close it was.
func TestNoSignInByAProviderSurvivesAWipe(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		other := newNode(w.TB, w.engine, w.location, w.clock)
		for round := range 10 {
			as := stranger(fmt.Sprintf("user%d@example.com", round))
			squatter := w.in("forge", as).Grant
			_, m := w.sendLink(w.wishLink(as.Email))
			backs := w.backs(4, "forge", as)
			var come signin.Result
			var wait sync.WaitGroup
			for _, back := range backs {
				wait.Go(func() {
					if _, err := w.FinishProvider(w.Context(), back); err != nil && !errors.Is(err, signin.ErrLinkRequired) {
						w.Errorf("the squatter got %v", err)
					}
				})
			}
			wait.Go(func() {
				var err error
				if come, err = other.open(m); err != nil {
					w.Errorf("the link got %v", err)
				}
			})
			wait.Wait()
			if live := w.live(squatter.User.ID); len(live) != 1 || live[0] != come.Grant.Session.ID || len(w.identities(squatter.User.ID)) != 0 {
				w.Fatalf("%d sessions, want that of the link alone; identities %v", len(live), w.identities(squatter.User.ID))
			}
		}
	})
}

func TestNoSignInByAProviderSurvivesADisable(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		for round := range 10 {
			as := ada()
			as.Subject, as.Email = fmt.Sprint(round), fmt.Sprintf("user%d@example.com", round)
			user := w.in("acme", as).Grant.User.ID
			backs := w.backs(4, "acme", as)
			for _, subject := range []string{"a", "b"} { // by the address, too
				other := as
				other.Subject += subject
				backs = append(backs, w.back(w.begin(w.to("acme")), other))
			}
			var wait sync.WaitGroup
			for _, back := range backs {
				wait.Go(func() {
					if _, err := w.FinishProvider(w.Context(), back); err != nil && !errors.Is(err, signin.ErrUserDisabled) {
						w.Errorf("a sign-in got %v", err)
					}
				})
			}
			wait.Go(func() { w.disable(user) })
			wait.Wait()
			if n := len(w.live(user)); n != 0 {
				w.Fatalf("%d sessions survived", n)
			}
		}
	})
}

// An unlinking and a sign-in by what it takes agree: whoever came in did so before.
func TestASignInAndAnUnlinkingAgree(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		for round := range 8 {
			email := fmt.Sprintf("user%d@example.com", round)
			g := w.verifiedUser(email).Grant
			as := upstreamtest.User{Subject: fmt.Sprint(round), Email: email}
			way := w.beginLink("forge", g)
			linked, err := w.FinishProvider(w.Context(), w.back(way, as))
			w.ok(err)
			backs := w.backs(4, "forge", as)
			results := make([]error, len(backs))
			var wait sync.WaitGroup
			for n, back := range backs {
				wait.Go(func() { _, results[n] = w.FinishProvider(w.Context(), back) })
			}
			wait.Go(func() {
				w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) error {
					if err := c.LockUser(w.Context(), g.User.ID); err != nil {
						return err
					}
					return c.DeleteIdentity(w.Context(), g.User.ID, linked.Linked.ID)
				}))
			})
			wait.Wait()
			in := 0
			for _, err := range results {
				if err == nil {
					in++
				} else if !errors.Is(err, signin.ErrLinkRequired) {
					w.Errorf("got %v", err)
				}
			}
			if n := len(w.live(g.User.ID)); n != 1+in {
				w.Errorf("%d came in, %d sessions", in, n)
			}
		}
	})
}

// untilSomebodyWaits answers when somebody waits for a row of another's.
func (w *world) untilSomebodyWaits() {
	w.Helper()
	for w.count("pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0 {
		time.Sleep(time.Millisecond)
	}
}

// A user may be wiped while who comes in by their identity waits for their row.
func TestWhoWaitedForAUserLooksAgain(t *testing.T) {
	t.Parallel()
	storePostgres(t, func(world *world) {
		w := newAbroad(world)
		squatter := w.in("forge", stranger(address)).Grant.User.ID
		back := w.back(w.begin(w.to("forge")), stranger(address))
		came := make(chan error, 1)
		w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) error {
			if err := c.LockUser(w.Context(), squatter); err != nil {
				return err
			}
			go func() {
				_, err := w.FinishProvider(w.Context(), back)
				came <- err
			}()
			w.untilSomebodyWaits()
			return c.DeleteIdentities(w.Context(), squatter)
		}))
		w.is(<-came, signin.ErrLinkRequired)
		if n := len(w.live(squatter)); n != 1 {
			w.Errorf("%d sessions", n)
		}
	})
}

// The same for whoever is deleted.
func TestWhoWaitedForADeletedUserBecomesANewOne(t *testing.T) {
	t.Parallel()
	storePostgres(t, func(world *world) {
		w := newAbroad(world)
		for name, as := range map[string]upstreamtest.User{"by identity": ada(), "by address": {Subject: "8", Email: address, EmailVerified: true}} {
			first := w.in("acme", ada()).Grant.User.ID
			back := w.back(w.begin(w.to("acme")), as)
			r := w.comeWhileHeld(first, back, func(c *store.Conn) error { return c.DeleteUser(w.Context(), first) })
			if !r.IsNewUser || r.Grant.User.ID == first {
				w.Errorf("%s: got %+v", name, r.Grant.User)
			}
			w.exec("DELETE FROM users")
		}
	})
}

// An identity that somebody else links meanwhile is theirs.
func TestWhoWaitedForAnIdentityThatMovesIsItsNewUser(t *testing.T) {
	t.Parallel()
	storePostgres(t, func(world *world) {
		w := newAbroad(world)
		first := w.in("forge", stranger(address)).Grant.User.ID
		other := w.verifiedUser("other@example.com").Grant.User.ID
		list, err := w.Store.Read().Identities(w.Context(), first)
		w.ok(err)
		r := w.comeWhileHeld(first, w.back(w.begin(w.to("forge")), stranger(address)), func(c *store.Conn) error {
			if err := c.DeleteIdentities(w.Context(), first); err != nil {
				return err
			}
			moved := list[0]
			moved.UserID = other
			_, err := c.InsertIdentity(w.Context(), moved)
			return err
		})
		if r.Grant.User.ID != other || len(w.live(first)) != 1 {
			w.Errorf("in is %+v", r.Grant.User)
		}
	})
}

// An address that somebody else proves meanwhile is theirs.
func TestWhoWaitedForAnAddressThatMovesIsItsNewUser(t *testing.T) {
	t.Parallel()
	storePostgres(t, func(world *world) {
		w := newAbroad(world)
		first := w.signUp(address).Grant.User.ID
		other := w.verifiedUser("other@example.com").Grant.User.ID
		r := w.comeWhileHeld(first, w.back(w.begin(w.to("acme")), ada()), func(c *store.Conn) error {
			e := watchword.Email{UserID: other, Address: address}
			var err error
			if e.ID, err = c.InsertEmail(w.Context(), e); err != nil {
				return err
			}
			_, err = c.VerifyEmail(w.Context(), e)
			return err
		})
		if r.Grant.User.ID != other || len(w.identities(first)) != 0 || len(w.identities(other)) != 1 {
			w.Errorf("in is %+v, of the first one is linked %v", r.Grant.User, w.identities(first))
		}
	})
}

// comeWhileHeld has somebody come back while a user's row is held, and does
// something there once they wait for it.
func (w *abroad) comeWhileHeld(user watchword.UserID, back signin.ProviderReturn, do func(c *store.Conn) error) signin.ProviderResult {
	w.Helper()
	came := make(chan signin.ProviderResult, 1)
	w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) error {
		if err := c.LockUser(w.Context(), user); err != nil {
			return err
		}
		go func() {
			r, err := w.FinishProvider(w.Context(), back)
			if err != nil {
				w.Error(err)
			}
			came <- r
		}()
		w.untilSomebodyWaits()
		return do(c)
	}))
	return <-came
}
