package storetest

import (
	"errors"
	"sync"
	"time"

	"watchword"
	"watchword/internal/store"
)

var transactionChecks = map[string]func(*subject){
	"an error undoes a transaction":        checkRollback,
	"a panic undoes a transaction":         checkPanic,
	"a transaction sees one time":          checkOneTime,
	"a transaction reads what it wrote":    checkOwnWrites,
	"nobody sees what is not committed":    checkIsolation,
	"parallel transactions lose nothing":   checkParallelWrites,
	"a ping answers while the store lives": checkPing,
}

var errOnPurpose = errors.New("on purpose")

func checkRollback(s *subject) {
	ctx := s.Context()
	err := s.Tx(ctx, func(c *store.Conn) error {
		id, err := c.InsertUser(ctx, store.NewUser{Name: "Ada"})
		if err != nil {
			return err
		}
		if _, err := c.InsertEmail(ctx, watchword.Email{UserID: id, Address: "ada@example.com", Exclusive: true}); err != nil {
			return err
		}
		return errOnPurpose
	})
	s.is(err, errOnPurpose)
	_, err = s.Read().UserByAddress(ctx, "ada@example.com")
	s.is(err, store.ErrNotFound)
}

func checkPanic(s *subject) {
	ctx := s.Context()
	func() {
		defer func() { _ = recover() }()
		_ = s.Tx(ctx, func(c *store.Conn) error {
			if err := c.InsertEvent(ctx, watchword.Event{Type: "t"}); err != nil {
				s.Error(err)
			}
			panic("on purpose")
		})
	}()
	if list, _, err := s.Read().Events(ctx, watchword.EventFilter{}, watchword.Page{Limit: 1}); err != nil || len(list) != 0 {
		s.Errorf("got %+v (%v)", list, err)
	}
	s.user("ada@example.com") // the connection is free again
}

func checkOneTime(s *subject) {
	ctx := s.Context()
	s.ok(s.Tx(ctx, func(c *store.Conn) error {
		began := c.Now()
		for range 3 {
			s.clock.Advance(time.Second)
			if err := c.InsertEvent(ctx, watchword.Event{Type: "t"}); err != nil {
				return err
			}
		}
		if !c.Now().Equal(began) {
			s.Errorf("it is %v, and was %v", c.Now(), began)
		}
		return nil
	}))
	list, _, err := s.Read().Events(ctx, watchword.EventFilter{}, watchword.Page{Limit: 9})
	s.ok(err)
	for _, e := range list {
		if !e.At.Equal(list[0].At) {
			s.Errorf("events of one transaction at %v and %v", e.At, list[0].At)
		}
	}
}

func checkOwnWrites(s *subject) {
	ctx := s.Context()
	s.ok(s.Tx(ctx, func(c *store.Conn) error {
		id, err := c.InsertUser(ctx, store.NewUser{Name: "Ada"})
		if err != nil {
			return err
		}
		u, err := c.User(ctx, id)
		if u.Name != "Ada" {
			s.Errorf("got %+v", u)
		}
		return err
	}))
}

func checkIsolation(s *subject) {
	ctx := s.Context()
	s.ok(s.Tx(ctx, func(c *store.Conn) error {
		id, err := c.InsertUser(ctx, store.NewUser{Name: "Ada"})
		if err != nil {
			return err
		}
		_, err = s.Read().User(ctx, id) // does not wait for the writer, either
		s.is(err, store.ErrNotFound)
		return nil
	}))
}

func checkParallelWrites(s *subject) {
	ctx := s.Context()
	row := s.session(s.user("ada@example.com"), watchword.Claims{Email: "ada@example.com"})
	const writers, each = 8, 10
	var wait sync.WaitGroup
	for range writers {
		wait.Go(func() {
			for range each {
				err := s.Tx(ctx, func(c *store.Conn) error {
					if err := c.LockUser(ctx, row.UserID); err != nil {
						return err
					}
					v, err := c.Session(ctx, row.ID)
					if err != nil {
						return err
					}
					return c.SwitchSession(ctx, v.Session, v.Claims, "00c0ffee")
				})
				if err != nil {
					s.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if v, err := s.Read().Session(ctx, row.ID); err != nil || v.Generation != 1+writers*each {
		s.Errorf("generation %d (%v), want %d", v.Generation, err, 1+writers*each)
	}
}

func checkPing(s *subject) {
	s.ok(s.Ping(s.Context()))
	if len(s.Pools()) == 0 {
		s.Error("no pools to tell of")
	}
}
