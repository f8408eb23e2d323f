package watchword_test

import (
	"errors"
	"testing"
	"time"

	"watchword"
)

func TestChangingAdministratorsNeedsTheScopeOrAFreshSignIn(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	for name, c := range map[string]struct {
		who  watchword.Administrator
		want error
	}{
		"nobody":               {watchword.Administrator{}, watchword.ErrAdminsScope},
		"key without":          {watchword.Administrator{Scopes: []watchword.Scope{watchword.ScopeUsersWrite}}, watchword.ErrAdminsScope},
		"key with":             {watchword.Administrator{Scopes: []watchword.Scope{watchword.ScopeAdminsWrite}}, nil},
		"user, just signed in": {watchword.Administrator{AuthTime: now}, nil},
		"user, in time":        {watchword.Administrator{AuthTime: now.Add(-watchword.FreshFor)}, nil},
		"user, too late":       {watchword.Administrator{AuthTime: now.Add(-watchword.FreshFor - 1)}, watchword.ErrFreshSignIn},
	} {
		if err := c.who.MayMakeAdministrators(now); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}
