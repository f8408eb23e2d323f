package store

import (
	"cmp"
	"context"
	"slices"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// The kinds of row that the query answers, in the order in which they are added.
const (
	meSession = iota
	meUser
	meEmail
	meMembership
	meIdentity
	meWaitlist
)

// Profile reads everything about a signed-in caller in one round trip.
// ErrNotFound: the session or the user is gone.
func (c *Conn) Profile(ctx context.Context, session watchword.SessionID, user watchword.UserID) (watchword.Profile, error) {
	rows, err := c.q.GetMe(c.bound(ctx), string(session), string(user))
	if err != nil {
		return watchword.Profile{}, translate("read me", err)
	}
	slices.SortFunc(rows, func(a, b sqlgen.GetMeRow) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	me := profile{Emails: []watchword.Email{}, Memberships: []watchword.Membership{}, Identities: []watchword.Identity{}, Waitlist: []watchword.WaitlistEntry{}}
	for _, row := range rows {
		me.add(row)
	}
	if me.User.ID == "" || me.Session.ID == "" {
		return watchword.Profile{}, ErrNotFound
	}
	return watchword.Profile(me), nil
}

// profile grows by a row at a time.
type profile watchword.Profile

func (me *profile) add(row sqlgen.GetMeRow) {
	switch row.Kind {
	case meSession:
		me.Session = watchword.Session{
			ID: watchword.SessionID(row.ID), ClientID: watchword.ClientID(row.A), AMR: splitWords[watchword.AMR](row.B),
			Mode: watchword.SessionMode(row.C), Claims: watchword.Claims{AccountID: watchword.AccountID(row.D)},
			AuthTime: at(row.T1), ExpiresAt: at(row.T2), RevokedAt: at(row.T3),
		}
	case meUser:
		me.User = watchword.User{
			ID: watchword.UserID(row.ID), Name: row.A, Picture: row.B, Locale: row.C, Metadata: row.D,
			CreatedAt: at(row.T1), LastSignInAt: at(row.T2), HasPassword: row.T3 != 0, Status: watchword.UserActive,
		}
		if !row.Flag {
			me.User.Status = watchword.UserDisabled
		}
	case meEmail:
		e := watchword.Email{
			ID: watchword.EmailID(row.ID), UserID: me.User.ID, Address: row.A, Primary: row.Flag,
			CreatedAt: at(row.T1), VerifiedAt: at(row.T2),
		}
		if e.Primary {
			me.User.Email, me.User.EmailVerified = e.Address, e.Verified()
		}
		me.Emails = append(me.Emails, e)
	case meMembership:
		me.Memberships = append(me.Memberships, watchword.Membership{
			ID: watchword.MembershipID(row.D), UserID: me.User.ID, Role: watchword.Role(row.C), JoinedAt: at(row.T1),
			Account: watchword.Account{ID: watchword.AccountID(row.ID), Name: row.A, Slug: row.B, CreatedAt: at(row.T2)},
		})
	case meIdentity:
		me.Identities = append(me.Identities, watchword.Identity{
			ID: watchword.IdentityID(row.ID), UserID: me.User.ID, Provider: row.A, Issuer: row.B, Email: row.C, CreatedAt: at(row.T1),
		})
	case meWaitlist:
		me.Waitlist = append(me.Waitlist, watchword.WaitlistEntry{
			ID: watchword.WaitlistEntryID(row.ID), Feature: watchword.FeatureName(row.A), AccountID: me.Session.Claims.AccountID,
			User: watchword.User{ID: me.User.ID}, Status: watchword.WaitlistStatus(row.B), JoinedAt: at(row.T1),
		})
	}
}
