package account_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/limit"
	"watchword/internal/store"
)

func TestAProfileChangeTouchesWhatItNames(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.ada()
		name, picture, locale := "Ada", "https://example.com/ada.png", "EN-gb"
		for _, change := range []account.ProfileChange{
			{Name: &name}, {Picture: &picture}, {Locale: &locale}, {Metadata: []byte(`{ "theme":"dark" }`)}, {},
		} {
			_, err := w.profiles.Change(w.Context(), ada, change, watchword.Origin{})
			w.ok(err)
		}
		u, err := w.store.Read().User(w.Context(), ada)
		w.ok(err)
		if u.Name != "Ada" || u.Picture != picture || u.Locale != "en-GB" || u.Metadata != `{"theme":"dark"}` || u.Email != "ada@example.com" {
			w.Errorf("got %+v", u)
		}
		none := ""
		after, err := w.profiles.Change(w.Context(), ada, account.ProfileChange{Picture: &none, Metadata: []byte("{}")}, watchword.Origin{})
		w.ok(err)
		if after.Picture != "" || after.Metadata != "{}" || after.Name != "Ada" {
			w.Errorf("got %+v", after)
		}
		if n := len(w.events(watchword.EventUserUpdated)); n != 6 {
			w.Errorf("%d events", n)
		}
	})
}

// Who may change without end fills the audit record.
func TestOneUserMayChangeTheProfileSoOften(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.ada()
		bob, err := w.create(account.NewUser{Address: "bob@example.com", Name: "Bob"}, "")
		w.ok(err)
		change := func(id watchword.UserID, name string) error {
			_, err := w.profiles.Change(w.Context(), id, account.ProfileChange{Name: &name}, watchword.Origin{})
			return err
		}
		for range 120 {
			w.ok(change(ada, "Ada"))
		}
		w.is(change(ada, "Ada King"), limit.ErrLimited)
		u, err := w.store.Read().User(w.Context(), ada)
		w.ok(err)
		if u.Name != "Ada" {
			w.Error("a refused change was made")
		}
		w.ok(change(bob.UserID, "Bob"))
		w.clock.Advance(time.Hour)
		w.ok(change(ada, "Ada King"))
	})
}

func TestAProfileRefusesWhatWouldHarmItsReaders(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.ada()
		before, err := w.store.Read().User(w.Context(), ada)
		w.ok(err)
		text := func(s string) *string { return &s }
		for name, change := range map[string]account.ProfileChange{
			"plain http":      {Picture: text("http://example.com/a.png")},
			"script":          {Picture: text("javascript:alert(1)")},
			"data":            {Picture: text("data:text/html,x")},
			"no host":         {Picture: text("https:///a.png")},
			"relative":        {Picture: text("//example.com/a.png")},
			"password in URL": {Picture: text("https://user:secret@example.com/a.png")},
			"long URL":        {Picture: text("https://example.com/" + strings.Repeat("a", 2048))},
			"line in URL":     {Picture: text("https://example.com/\n")},
			"name":            {Name: text("Ada\x00")},
			"locale":          {Locale: text("nonsense here")},
			"large metadata":  {Metadata: []byte(`{"x":"` + strings.Repeat("a", 16<<10) + `"}`)},
			"one of several":  {Name: text("Fine"), Picture: text("ftp://example.com")},
			"broken metadata": {Metadata: []byte(`{"x":`)},
		} {
			_, err := w.profiles.Change(w.Context(), ada, change, watchword.Origin{})
			var e *watchword.Error
			if !errors.As(err, &e) || e.Kind != watchword.KindInvalid {
				w.Errorf("%s: %v", name, err)
			}
		}
		if after, err := w.store.Read().User(w.Context(), ada); err != nil || after != before {
			w.Errorf("got %+v (%v)", after, err)
		}
	})
}

func TestParallelProfileChangesLoseNothing(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.ada()
		name, picture, locale := "Ada", "https://example.com/ada.png", "en-GB"
		changes := []account.ProfileChange{{Name: &name}, {Picture: &picture}, {Locale: &locale}, {Metadata: []byte(`{"a":"b"}`)}}
		var wait sync.WaitGroup
		for _, change := range changes {
			wait.Go(func() {
				if _, err := w.profiles.Change(w.Context(), ada, change, watchword.Origin{}); err != nil {
					w.Error(err)
				}
			})
		}
		wait.Wait()
		u, err := w.store.Read().User(w.Context(), ada)
		w.ok(err)
		if u.Name != name || u.Picture != picture || u.Locale != locale || u.Metadata != `{"a":"b"}` {
			w.Errorf("got %+v", u)
		}
	})
}

func TestTheProfileOfADisabledUserStays(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.ada()
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.SetStatus(w.Context(), ada, watchword.UserDisabled) }))
		name := "Other"
		for _, id := range []watchword.UserID{ada, "usr_nobody"} {
			_, err := w.profiles.Change(w.Context(), id, account.ProfileChange{Name: &name}, watchword.Origin{})
			w.is(err, account.ErrUserGone)
		}
	})
}
