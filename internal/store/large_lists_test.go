//go:build !race

package store_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// list is one to be read, by way of a Conn.
type list struct {
	read   func(ctx context.Context, c *store.Conn, page watchword.Page) (n int, next string, err error)
	places map[string]string // where pages begin, by what they are called
	sifted bool
	sorted bool // it is short, and brought into its order afterwards
}

// turned is a list that says where its next page begins.
func turned[T any](places map[string]string, read func(context.Context, *store.Conn, watchword.Page) ([]T, string, error)) list {
	return list{places: places, read: func(ctx context.Context, c *store.Conn, page watchword.Page) (int, string, error) {
		list, next, err := read(ctx, c, page)
		return len(list), next, err
	}}
}

// plain is a list that does not.
func plain[T any](places map[string]string, read func(context.Context, *store.Conn, watchword.Page) ([]T, error)) list {
	return list{places: places, read: func(ctx context.Context, c *store.Conn, page watchword.Page) (int, string, error) {
		list, err := read(ctx, c, page.OneMore())
		return len(list), "", err
	}}
}

func (l list) siftedList() list {
	l.sifted = true
	return l
}

// rows are places of a list whose ids have that prefix and go from 1 to n.
func (w large) rows(prefix string, n int) map[string]string {
	return map[string]string{"first page": "", "in the middle": w.ID(prefix, n/2), "nearly last": w.ID(prefix, 10)}
}

func (w large) lists() map[string]list {
	all := map[string]list{}
	for _, some := range []map[string]list{w.simpleLists(), w.accountLists(), w.searches(), w.eventLists()} {
		for name, one := range some {
			all[name] = one
		}
	}
	return all
}

type (
	ctxT  = context.Context
	connT = *store.Conn
	pageT = watchword.Page
)

func (w large) simpleLists() map[string]list {
	user := func(n int) watchword.UserID { return watchword.UserID(w.ID("usr_", n)) }
	account := func(n int) watchword.AccountID { return watchword.AccountID(w.ID("acc_", n)) }
	lists := map[string]list{
		"users": turned(w.rows("usr_", w.Users), func(ctx ctxT, c connT, p pageT) ([]watchword.UserID, string, error) { return c.UserIDs(ctx, "", p) }),
		"users disabled": turned(w.rows("usr_", w.Users), func(ctx ctxT, c connT, p pageT) ([]watchword.UserID, string, error) {
			return c.UserIDs(ctx, watchword.UserDisabled, p)
		}),
		"users active": turned(w.rows("usr_", w.Users), func(ctx ctxT, c connT, p pageT) ([]watchword.UserID, string, error) {
			return c.UserIDs(ctx, watchword.UserActive, p)
		}).siftedList(),
		"user records": plain(map[string]string{"": ""}, func(ctx ctxT, c connT, p pageT) ([]watchword.UserRecord, error) {
			ids := make([]watchword.UserID, pageSize)
			for i := range ids {
				ids[i] = user(1 + i*w.Users/pageSize)
			}
			return c.UserRecords(ctx, ids)
		}),
		"accounts of a user": plain(w.rows("acc_", w.Users), func(ctx ctxT, c connT, p pageT) ([]watchword.Membership, error) {
			return c.Memberships(ctx, user(w.Users), p)
		}),
		"accounts": plain(w.rows("acc_", w.Users), func(ctx ctxT, c connT, p pageT) ([]watchword.Account, error) { return c.Accounts(ctx, p) }),
		"members": plain(w.rows("mem_", w.Users), func(ctx ctxT, c connT, p pageT) ([]watchword.Member, error) {
			return c.Members(ctx, account(storetest.BusyAccount), p)
		}),
		"members of an account": plain(w.rows("mem_", w.Users), func(ctx ctxT, c connT, p pageT) ([]watchword.Member, error) {
			return c.Members(ctx, account(w.Users/2), p)
		}),
		"sessions": turned(w.rows("ses_", w.Users), func(ctx ctxT, c connT, p pageT) ([]watchword.Session, string, error) {
			return c.AllSessions(ctx, p)
		}).siftedList(),
		"sessions of a user": turned(w.rows("ses_", w.Users), func(ctx ctxT, c connT, p pageT) ([]watchword.Session, string, error) {
			return c.Sessions(ctx, user(w.Users-1), p)
		}),
		"clients":  plain(w.rows("cli_", 500), func(ctx ctxT, c connT, p pageT) ([]store.Client, error) { return c.Clients(ctx, p) }),
		"API keys": plain(w.rows("key_", 2000), func(ctx ctxT, c connT, p pageT) ([]store.APIKey, error) { return c.APIKeys(ctx, p) }),
	}
	for _, kind := range []string{"mail", "waitlist"} {
		for _, status := range []store.JobStatus{"", store.JobFailed, store.JobWaiting, store.JobDone} {
			l := turned(w.rows("msg_", w.Users), func(ctx ctxT, c connT, p pageT) ([]store.ListedJob, string, error) {
				return c.Jobs(ctx, kind, status, p)
			})
			l.sifted = status == store.JobWaiting || status == store.JobDone
			lists["jobs "+kind+" "+string(status)] = l
		}
	}
	return lists
}

func (w large) accountLists() map[string]list {
	lists := map[string]list{}
	busy := watchword.AccountID(w.ID("acc_", storetest.BusyAccount))
	quiet := watchword.AccountID(w.ID("acc_", w.Users-1))
	for name, id := range map[string]watchword.AccountID{"": "", " of a busy account": busy, " of an account": quiet} {
		for _, status := range []watchword.InviteStatus{"", watchword.InvitePending, watchword.InviteAccepted, watchword.InviteRevoked, watchword.InviteExpired} {
			l := turned(w.rows("inv_", w.Users), func(ctx ctxT, c connT, p pageT) ([]watchword.Invite, string, error) {
				return c.Invites(ctx, watchword.InviteFilter{AccountID: id, Status: status}, p)
			})
			l.sifted = status != ""
			lists["invites "+string(status)+name] = l
		}
		for _, status := range []watchword.WaitlistStatus{"", watchword.WaitlistWaiting, watchword.WaitlistApproved} {
			l := turned(w.rows("wle_", w.Users), func(ctx ctxT, c connT, p pageT) ([]watchword.WaitlistEntry, string, error) {
				return c.Entries(ctx, "search", watchword.WaitlistFilter{AccountID: id, Status: status}, p)
			})
			l.sifted = status != "" && id != ""
			lists["waitlist "+string(status)+name] = l
			few := turned(w.rows("wle_", w.Users), func(ctx ctxT, c connT, p pageT) ([]watchword.WaitlistEntry, string, error) {
				return c.Entries(ctx, "feature-2", watchword.WaitlistFilter{AccountID: id, Status: status}, p)
			})
			few.sifted = l.sifted
			lists["waitlist of few "+string(status)+name] = few
		}
	}
	own := plain(map[string]string{"": ""}, func(ctx ctxT, c connT, p pageT) ([]watchword.WaitlistEntry, error) {
		return c.OwnEntries(ctx, watchword.UserID(w.ID("usr_", 1)), watchword.AccountID(w.ID("acc_", 1)), p)
	})
	own.sorted = true
	lists["own places"] = own
	return lists
}

func (w large) searches() map[string]list {
	lists := map[string]list{}
	hit := func(before, text string) store.Search {
		s := store.Search{Text: text, Limit: pageSize + 1}
		if key, id, ok := strings.Cut(before, "|"); ok {
			s.After = store.Hit{Key: key, ID: id}
		}
		return s
	}
	users := func(list []store.FoundUser, stopped store.Hit, err error) ([]store.FoundUser, string, error) {
		return list, stopped.Key, err
	}
	at := func(key, prefix string) map[string]string {
		return map[string]string{"first page": "", "in the middle": key + "|" + w.ID(prefix, w.Users/2), "of one": ""}
	}
	for _, status := range []watchword.UserStatus{"", watchword.UserActive, watchword.UserDisabled} {
		for name, text := range map[string]string{"many": "user", "one": "user0000000000777"} {
			places := at("user0000000100000@example.com", "eml_")
			l := turned(places, func(ctx ctxT, c connT, p pageT) ([]store.FoundUser, string, error) {
				return users(c.UsersByAddress(ctx, hit(p.Before, text), status))
			})
			l.sifted = status != ""
			lists["search by address "+name+" "+string(status)] = l
			lists["search by claim "+name+" "+string(status)] = turned(at("zz0000000100000@example.com", "eml_"), func(ctx ctxT, c connT, p pageT) ([]store.FoundUser, string, error) {
				return users(c.UsersByClaim(ctx, hit(p.Before, strings.Replace(text, "user", "zz", 1)), status))
			}).siftedList()
			lists["search by name "+name+" "+string(status)] = turned(at("user 5", "usr_"), func(ctx ctxT, c connT, p pageT) ([]store.FoundUser, string, error) {
				return users(c.UsersByName(ctx, hit(p.Before, "user"), text, status))
			}).siftedList()
		}
	}
	lists["accounts by slug"] = turned(at("team-0000000100000", "acc_"), func(ctx ctxT, c connT, p pageT) ([]store.FoundAccount, string, error) {
		list, stopped, err := c.AccountsBySlug(ctx, hit(p.Before, "team"))
		return list, stopped.Key, err
	})
	for _, slug := range []string{"team", "none"} {
		lists["accounts by name, not by "+slug] = turned(at("team 5", "acc_"), func(ctx ctxT, c connT, p pageT) ([]store.FoundAccount, string, error) {
			list, stopped, err := c.AccountsByName(ctx, hit(p.Before, "team"), slug)
			return list, stopped.Key, err
		}).siftedList()
	}
	return lists
}

func (w large) eventLists() map[string]list {
	lists := map[string]list{}
	users := map[string]int{"anybody": 0, "a busy user": storetest.BusyUser, "a quiet user": storetest.QuietUser, "a user": w.Users / 2}
	accounts := map[string]int{"any account": 0, "a busy account": storetest.BusyAccount, "their account": -1, "a quiet account": w.Users - 1}
	types := []watchword.EventType{"", storetest.CommonType, storetest.RareType, watchword.EventSignInFailed}
	times := map[string]watchword.EventFilter{
		"ever":       {},
		"of minutes": {Since: w.EventTime(w.Events / 3), Until: w.EventTime(w.Events / 3).Add(10 * time.Minute)},
		"of late":    {Since: w.EventTime(w.Events - w.Events/4)},
	}
	for who, user := range users {
		for where, account := range accounts {
			for _, typ := range types {
				for when, f := range times {
					f.Type = typ
					if user > 0 {
						f.UserID = watchword.UserID(w.ID("usr_", user))
					}
					if account < 0 {
						account = user
					}
					if account > 0 {
						f.AccountID = watchword.AccountID(w.ID("acc_", account))
					}
					l := turned(map[string]string{"first page": "", "in the middle": w.EventID(w.Events / 2), "nearly last": w.EventID(100)}, func(ctx ctxT, c connT, p pageT) ([]watchword.Event, string, error) {
						return c.Events(ctx, f, p)
					})
					common := typ == "" || typ == storetest.CommonType
					l.sifted = common && (f.UserID != "" && (f.AccountID != "" || typ != "") || f.AccountID != "" && typ != "")
					lists[strings.Join([]string{"events", string(typ), "of", who, "in", where, when}, " ")] = l
				}
			}
		}
	}
	return lists
}

// siftedList is one that is read to its end.
type siftedList struct {
	read  func(ctx ctxT, c connT, page pageT) (ids []string, next string, err error)
	want  string // selects the ids
	short bool   // it has pages that end early
}

func (w large) siftedLists() map[string]siftedList {
	now := w.s.Read().Now().UnixMicro()
	busy := w.ID("acc_", storetest.BusyAccount)
	user := w.ID("usr_", storetest.BusyUser)
	return map[string]siftedList{
		"live sessions": {func(ctx ctxT, c connT, p pageT) (ids []string, next string, err error) {
			list, next, err := c.AllSessions(ctx, p)
			return idsOf(list, func(s watchword.Session) string { return string(s.ID) }), next, err
		}, fmt.Sprintf("SELECT id FROM sessions WHERE revoked_at IS NULL AND idle_expires_at > %d AND expires_at > %d ORDER BY id DESC", now, now), true},
		"revoked invites": {func(ctx ctxT, c connT, p pageT) (ids []string, next string, err error) {
			list, next, err := c.Invites(ctx, watchword.InviteFilter{Status: watchword.InviteRevoked}, p)
			return idsOf(list, func(i watchword.Invite) string { return string(i.ID) }), next, err
		}, "SELECT id FROM invites WHERE revoked_at IS NOT NULL ORDER BY id DESC", true},
		"waiting mails": {func(ctx ctxT, c connT, p pageT) (ids []string, next string, err error) {
			list, next, err := c.Jobs(ctx, "mail", store.JobWaiting, p)
			return idsOf(list, func(j store.ListedJob) string { return string(j.ID) }), next, err
		}, "SELECT id FROM jobs WHERE kind = 'mail' AND done_at IS NULL AND failed_at IS NULL ORDER BY id DESC", false},
		"events of a user in an account": {func(ctx ctxT, c connT, p pageT) (ids []string, next string, err error) {
			list, next, err := c.Events(ctx, watchword.EventFilter{UserID: watchword.UserID(user), AccountID: watchword.AccountID(busy)}, p)
			return idsOf(list, func(e watchword.Event) string { return string(e.ID) }), next, err
		}, fmt.Sprintf("SELECT id FROM events WHERE user_id = '%s' AND account_id = '%s' ORDER BY id DESC", user, busy), true},
		"approved of an account": {func(ctx ctxT, c connT, p pageT) (ids []string, next string, err error) {
			filter := watchword.WaitlistFilter{AccountID: watchword.AccountID(busy), Status: watchword.WaitlistApproved}
			list, next, err := c.Entries(ctx, "search", filter, p)
			return idsOf(list, func(e watchword.WaitlistEntry) string { return string(e.ID) }), next, err
		}, fmt.Sprintf("SELECT id FROM waitlist_entries WHERE account_id = '%s' AND status = 'approved' ORDER BY id", busy), false},
		"disabled users by address": {w.foundBy("user", func(ctx ctxT, c connT, s store.Search) ([]store.FoundUser, store.Hit, error) {
			return c.UsersByAddress(ctx, s, watchword.UserDisabled)
		}), "SELECT e.user_id FROM users u JOIN emails e ON e.user_id = u.id WHERE u.status = 'disabled' AND e.exclusive ORDER BY e.address", true},
		"users by name": {w.foundBy("user", func(ctx ctxT, c connT, s store.Search) ([]store.FoundUser, store.Hit, error) {
			return c.UsersByName(ctx, s, "user", "")
		}), "SELECT u.id FROM users u JOIN emails e ON e.user_id = u.id WHERE e.address LIKE 'other%' ORDER BY u.name_key", true},
	}
}

func idsOf[T any](list []T, id func(T) string) (ids []string) {
	for _, one := range list {
		ids = append(ids, id(one))
	}
	return ids
}

// foundBy reads what a search finds, whose cursors are two texts.
func (w large) foundBy(text string, find func(ctxT, connT, store.Search) ([]store.FoundUser, store.Hit, error)) func(ctxT, connT, pageT) ([]string, string, error) {
	return func(ctx ctxT, c connT, p pageT) (ids []string, next string, err error) {
		s := store.Search{Text: text, Limit: p.Limit}
		s.After.Key, s.After.ID, _ = strings.Cut(p.Before, "|")
		list, stopped, err := find(ctx, c, s)
		if len(list) == p.Limit {
			stopped = list[len(list)-1].Hit
		}
		if stopped.Key != "" {
			next = stopped.Key + "|" + stopped.ID
		}
		return idsOf(list, func(u store.FoundUser) string { return string(u.UserID) }), next, err
	}
}
