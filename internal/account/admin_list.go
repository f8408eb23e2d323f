package account

import (
	"context"
	"strings"

	"watchword"
	"watchword/internal/store"
)

// Find is the user who has an id, or an address that is theirs. Whether there is
// one of an id is found out by what is done next.
//
// ErrUserNotFound: nobody has this address.
func (a Administration) Find(ctx context.Context, whom string) (watchword.UserID, error) {
	return find(ctx, a.Store.Read(), strings.TrimSpace(whom))
}

// Users is a page of users and the cursor of the next: newest first, or where
// somebody is searched for in the order of what they were found by.
func (a Administration) Users(ctx context.Context, f watchword.UserFilter, page watchword.Page) (list []watchword.UserRecord, next string, err error) {
	ids, next, err := a.userIDs(ctx, f, page)
	if err != nil {
		return nil, "", err
	}
	list, err = a.Store.Read().UserRecords(ctx, ids)
	return list, next, err
}

func (a Administration) userIDs(ctx context.Context, f watchword.UserFilter, page watchword.Page) (list []watchword.UserID, next string, err error) {
	c, text := a.Store.Read(), strings.TrimSpace(f.Text)
	if text == "" {
		if err := checkCursor(page, watchword.IDToBytes[watchword.UserID]); err != nil {
			return nil, "", err
		}
		return c.UserIDs(ctx, f.Status, page)
	}
	id := watchword.UserID(text)
	if _, err := watchword.IDToBytes(id); err == nil {
		user, err := c.User(ctx, id)
		if watchword.KindOf(err) == watchword.KindNotFound || err == nil && f.Status != "" && user.Status != f.Status {
			return nil, "", nil
		}
		return []watchword.UserID{id}, "", err
	}
	address := addressKey(text)
	found, next, err := search(page, func(u store.FoundUser) store.Hit { return u.Hit },
		way[store.FoundUser]{address, func(q store.Search) ([]store.FoundUser, store.Hit, error) { return c.UsersByAddress(ctx, q, f.Status) }},
		way[store.FoundUser]{address, func(q store.Search) ([]store.FoundUser, store.Hit, error) { return c.UsersByClaim(ctx, q, f.Status) }},
		way[store.FoundUser]{store.NameKey(text), func(q store.Search) ([]store.FoundUser, store.Hit, error) {
			return c.UsersByName(ctx, q, address, f.Status)
		}},
	)
	for _, one := range found {
		list = append(list, one.UserID)
	}
	return list, next, err
}

// addressKey is a whole address as it is stored, or the beginning of one as far as
// that can be known.
func addressKey(text string) string {
	if address, err := CanonicalAddress(text); err == nil {
		return address
	}
	return fold(text)
}

// checkCursor refuses a page that goes on from what is no identifier of its list.
func checkCursor[ID ~string](page watchword.Page, read func(ID) ([watchword.IDBytes]byte, error)) error {
	if page.Before == "" {
		return nil
	}
	if _, err := read(ID(page.Before)); err != nil {
		return watchword.ErrCursor
	}
	return nil
}

// Accounts is a page of accounts and the cursor of the next: newest first, or the
// one with an id, or those whose slug or name begins with the text.
func (a Administration) Accounts(ctx context.Context, text string, page watchword.Page) (list []watchword.Account, next string, err error) {
	c, text := a.Store.Read(), strings.TrimSpace(text)
	if text == "" {
		if err := checkCursor(page, watchword.IDToBytes[watchword.AccountID]); err != nil {
			return nil, "", err
		}
		if list, err = c.Accounts(ctx, page.OneMore()); err != nil {
			return nil, "", err
		}
		list, next = watchword.Cut(list, page, func(one watchword.Account) watchword.AccountID { return one.ID })
		return list, next, nil
	}
	id := watchword.AccountID(text)
	if _, err := watchword.IDToBytes(id); err == nil {
		one, err := c.Account(ctx, id)
		if watchword.KindOf(err) == watchword.KindNotFound {
			return nil, "", nil
		}
		return []watchword.Account{one}, "", err
	}
	slug := strings.ToLower(text)
	found, next, err := search(page, func(one store.FoundAccount) store.Hit { return one.Hit },
		way[store.FoundAccount]{slug, func(q store.Search) ([]store.FoundAccount, store.Hit, error) { return c.AccountsBySlug(ctx, q) }},
		way[store.FoundAccount]{store.NameKey(text), func(q store.Search) ([]store.FoundAccount, store.Hit, error) { return c.AccountsByName(ctx, q, slug) }},
	)
	for _, one := range found {
		list = append(list, one.Account)
	}
	return list, next, err
}
