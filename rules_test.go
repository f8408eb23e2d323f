package watchword_test

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watchword"
)

func TestRolesAreRanked(t *testing.T) {
	t.Parallel()
	ranked := []watchword.Role{watchword.RoleMember, watchword.RoleAdmin, watchword.RoleOwner}
	for i, role := range ranked {
		if !role.Valid() {
			t.Errorf("%s is no role", role)
		}
		for j, other := range ranked {
			if got := role.AtLeast(other); got != (i >= j) {
				t.Errorf("%s at least %s: %v", role, other, got)
			}
		}
	}
}

// What is no role has no power and cannot be had by anybody.
func TestWhatIsNoRoleIsNobodys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		other := watchword.Role(rapid.String().Filter(func(s string) bool { return !watchword.Role(s).Valid() }).Draw(t, "role"))
		for _, role := range []watchword.Role{watchword.RoleMember, watchword.RoleOwner, other, ""} {
			if other.AtLeast(role) || role.AtLeast(other) {
				t.Fatalf("%q and %q compare", other, role)
			}
		}
	})
}

func TestAModeOnlyNarrows(t *testing.T) {
	t.Parallel()
	modes := []watchword.SessionMode{watchword.SessionBoth, watchword.SessionToken, watchword.SessionCookie}
	for _, mode := range modes {
		for _, asked := range append(modes, "") {
			got := mode.Narrowed(asked)
			if got.Body() && !mode.Body() || got.Cookies() && !mode.Cookies() {
				t.Errorf("%s narrowed by %q is %s", mode, asked, got)
			}
			if mode == watchword.SessionBoth && asked != "" && got != asked {
				t.Errorf("both, asked for %s, is %s", asked, got)
			}
		}
	}
}

func TestAProfileLivesWithItsSessionAndUser(t *testing.T) {
	t.Parallel()
	now := time.Now()
	live := watchword.Profile{User: watchword.User{Status: watchword.UserActive}, Session: watchword.Session{ExpiresAt: now.Add(time.Second)}}
	if !live.Live(now) || live.Live(now.Add(time.Second)) {
		t.Error("it does not live until its end")
	}
	disabled, revoked := live, live
	disabled.User.Status = watchword.UserDisabled
	revoked.Session.RevokedAt = now
	if disabled.Live(now) || revoked.Live(now) || (watchword.Profile{}).Live(now) {
		t.Error("it lives without its user or session")
	}
}

func TestARefreshTokenEndsAtTheNearerEnd(t *testing.T) {
	t.Parallel()
	near, far := time.Now(), time.Now().Add(time.Hour)
	for _, s := range []watchword.Session{{IdleExpiresAt: near, ExpiresAt: far}, {IdleExpiresAt: far, ExpiresAt: near}} {
		if got := s.RefreshExpiresAt(); !got.Equal(near) {
			t.Errorf("got %v", got)
		}
	}
}

func TestScopesAreKnownAndTheirOwn(t *testing.T) {
	t.Parallel()
	all := watchword.Scopes()
	if slices.ContainsFunc(all, func(s watchword.Scope) bool { return !s.Valid() }) || watchword.Scope("users").Valid() || watchword.Scope("").Valid() {
		t.Error("a scope is unknown, or what is none is known")
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != len(watchword.Scopes()) {
		t.Error("a scope is there twice")
	}
}

func TestAClientOffersWhatItLists(t *testing.T) {
	t.Parallel()
	if !(watchword.Client{}).Offers(watchword.MethodPassword) {
		t.Error("a client that lists nothing offers all")
	}
	c := watchword.Client{Methods: []watchword.Method{watchword.MethodMagicLink}}
	if c.Offers(watchword.MethodPassword) || !c.Offers(watchword.MethodMagicLink) {
		t.Error("a client offers what it lists")
	}
}

func TestFeaturesHavePlainNames(t *testing.T) {
	t.Parallel()
	rule := regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.StringMatching(`[a-zA0-9._ä\n -]{0,4}`), rapid.StringMatching(`[a-z0-9][a-z0-9._-]{60,66}`), rapid.String()).Draw(t, "name")
		if got, want := watchword.FeatureName(name).Valid(), rule.MatchString(name); got != want {
			t.Errorf("%q: %t, want %t", name, got, want)
		}
	})
}
