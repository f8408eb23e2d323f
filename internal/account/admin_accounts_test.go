package account_test

import (
	"slices"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
)

func TestAnAdministratorRenamesAndDeletesAnyAccount(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		seen, err := w.admin().Account(w.Context(), ada.own)
		w.ok(err)
		want := watchword.InRevisions(seen.Revision())
		same, err := w.admin().RenameAccount(w.Context(), w.usersKey(), ada.own, want, of(seen.Name))
		if err != nil || same != seen {
			w.Errorf("the same name: %+v (%v)", same, err)
		}
		after, err := w.admin().RenameAccount(w.Context(), w.usersKey(), ada.own, want, of(" Engines "))
		if err != nil || after.Name != "Engines" || after.Slug != seen.Slug || after.Revision() == seen.Revision() {
			w.Errorf("got %+v (%v)", after, err)
		}
		_, err = w.admin().RenameAccount(w.Context(), w.usersKey(), ada.own, want, of("Mills"))
		w.is(err, watchword.ErrPrecondition)
		w.is(w.admin().DeleteAccount(w.Context(), w.usersKey(), ada.own, want), watchword.ErrPrecondition)
		if e := w.events(watchword.EventAccountUpdated); len(e) != 1 || e[0].Actor != "key:key_users" || e[0].AccountID != ada.own {
			w.Errorf("got %+v", e)
		}
		w.invite(ada, wish(ada.own, "new@example.com", watchword.RoleMember))
		w.ok(w.admin().DeleteAccount(w.Context(), w.usersKey(), ada.own, watchword.InRevisions(after.Revision())))
		if len(w.mails()) != 0 {
			w.Error("an invite is still to be mailed")
		}
		if got := w.record(ada.UserID); len(got.Memberships) != 0 {
			w.Errorf("got %+v", got.Memberships)
		}
		_, err = w.admin().RenameAccount(w.Context(), w.usersKey(), ada.own, watchword.Precondition{}, of("x"))
		w.is(err, account.ErrNoAccount)
		w.is(w.admin().DeleteAccount(w.Context(), w.usersKey(), ada.own, watchword.Precondition{}), account.ErrNoAccount)
	})
}

func TestAnAdministratorChangesWhoIsInAnAccount(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob := w.person("ada"), w.person("bob")
		in := account.NewMember{UserID: bob.UserID, Role: watchword.RoleAdmin, Call: w.call("member")}
		made, err := w.admin().AddMember(w.Context(), w.usersKey(), ada.own, in)
		if err != nil || made.Role != watchword.RoleAdmin || made.User.Email != "bob@example.com" {
			w.Fatalf("got %+v (%v)", made, err)
		}
		again, err := w.admin().AddMember(w.Context(), w.usersKey(), ada.own, in)
		if err != nil || again != made {
			w.Errorf("repeated: %+v (%v)", again, err)
		}
		w.told(watchword.EventMemberJoined, "key:key_users", bob.UserID)
		in.Call = w.call("another")
		_, err = w.admin().AddMember(w.Context(), w.usersKey(), ada.own, in)
		w.is(err, account.ErrIsMember)
		in.UserID = "usr_x"
		_, err = w.admin().AddMember(w.Context(), w.usersKey(), ada.own, in)
		w.is(err, account.ErrUserNotFound)
		_, err = w.admin().AddMember(w.Context(), w.usersKey(), "acc_x", in)
		w.is(err, account.ErrNoAccount)

		invite := w.invite(bob, wish(ada.own, "new@example.com", watchword.RoleAdmin))
		seen := watchword.InRevisions(made.Revision())
		after, err := w.admin().SetMemberRole(w.Context(), w.usersKey(), ada.own, made.ID, seen, watchword.RoleMember)
		if err != nil || after.Role != watchword.RoleMember {
			w.Errorf("got %+v (%v)", after, err)
		}
		if w.status(invite.ID) != watchword.InviteRevoked {
			w.Error("an invite that the member could make no longer stands")
		}
		_, err = w.admin().SetMemberRole(w.Context(), w.usersKey(), ada.own, made.ID, seen, watchword.RoleOwner)
		w.is(err, watchword.ErrPrecondition)
		w.is(w.admin().RemoveMember(w.Context(), w.usersKey(), ada.own, made.ID, seen), watchword.ErrPrecondition)
		w.told(watchword.EventMemberRoleChanged, "key:key_users", bob.UserID)
		// A role that has come back is not the one that was read.
		after, err = w.admin().SetMemberRole(w.Context(), w.usersKey(), ada.own, made.ID, watchword.InRevisions(after.Revision()), made.Role)
		w.ok(err)
		w.is(w.admin().RemoveMember(w.Context(), w.usersKey(), ada.own, made.ID, seen), watchword.ErrPrecondition)
		if read, err := w.admin().Member(w.Context(), ada.own, made.ID); err != nil || read.Revision() != after.Revision() {
			w.Errorf("read %+v, answered %+v (%v)", read, after, err)
		}

		own := w.membership(ada, ada.own).ID
		_, err = w.admin().SetMemberRole(w.Context(), w.usersKey(), ada.own, own, watchword.Precondition{}, watchword.RoleMember)
		w.is(err, account.ErrLastOwner)
		w.is(w.admin().RemoveMember(w.Context(), w.usersKey(), ada.own, own, watchword.Precondition{}), account.ErrLastOwner)
		w.is(w.admin().RemoveMember(w.Context(), w.usersKey(), bob.own, made.ID, watchword.Precondition{}), account.ErrMemberNotFound)
		w.ok(w.admin().RemoveMember(w.Context(), w.usersKey(), ada.own, made.ID, watchword.InRevisions(after.Revision())))
		w.told(watchword.EventMemberRemoved, "key:key_users", bob.UserID)
		list, next, err := w.admin().Members(w.Context(), ada.own, watchword.Page{Limit: 9})
		if err != nil || next != "" || len(list) != 1 || list[0].ID != own {
			w.Errorf("got %+v %q (%v)", list, next, err)
		}
		_, _, err = w.admin().Members(w.Context(), "acc_x", watchword.Page{Limit: 9})
		w.is(err, account.ErrNoAccount)
	})
}

func TestAnAdministratorRevokesAnyInvite(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		invite := w.invite(ada, wish(ada.own, "new@example.com", watchword.RoleMember))
		pending := watchword.InviteFilter{AccountID: ada.own, Status: watchword.InvitePending}
		if list, _, err := w.admin().Invites(w.Context(), pending, watchword.Page{Limit: 9}); err != nil || len(list) != 1 || list[0].ID != invite.ID {
			w.Errorf("got %+v (%v)", list, err)
		}
		w.ok(w.admin().RevokeInvite(w.Context(), w.usersKey(), invite.ID))
		if w.status(invite.ID) != watchword.InviteRevoked || len(w.mails()) != 0 {
			w.Error("it still stands, or is still to be mailed")
		}
		if e := w.events(watchword.EventInviteRevoked); len(e) != 1 || e[0].Actor != "key:key_users" {
			w.Errorf("got %+v", e)
		}
		w.is(w.admin().RevokeInvite(w.Context(), w.usersKey(), invite.ID), account.ErrInviteNotPending)
		w.is(w.admin().RevokeInvite(w.Context(), w.usersKey(), "inv_x"), account.ErrNoInvite)
	})
}

func TestAccountsAreFoundPageAfterPage(t *testing.T) {
	onEach(t, func(w *world) {
		var want []watchword.AccountID
		for _, name := range []string{"Engines", "engines", "ENGINES two"} {
			w.clock.Advance(time.Second)
			made, err := w.create(account.NewUser{AccountName: name}, "")
			w.ok(err)
			want = append(want, made.Account.ID)
		}
		renamed := want[0] // found by its slug, others like it by slug, too
		_, err := w.admin().RenameAccount(w.Context(), w.usersKey(), renamed, watchword.Precondition{}, of("Mills"))
		w.ok(err)
		w.clock.Advance(time.Second)
		other, err := w.create(account.NewUser{AccountName: "Looms"}, "")
		w.ok(err)
		_, err = w.admin().RenameAccount(w.Context(), w.usersKey(), other.Account.ID, watchword.Precondition{}, of("Engines at last"))
		w.ok(err)
		want = append(want, other.Account.ID)
		for _, limit := range []int{1, 2, 3, 4, 9} {
			var got []watchword.AccountID
			page := watchword.Page{Limit: limit}
			for {
				list, next, err := w.admin().Accounts(w.Context(), "Engines", page)
				w.ok(err)
				for _, one := range list {
					got = append(got, one.ID)
				}
				if page.Before = next; next == "" {
					break
				}
			}
			if len(got) != len(want) || got[len(got)-1] != other.Account.ID { // slugs have random endings
				w.Errorf("in pages of %d: got %v, want %v", limit, got, want)
			}
			slices.Sort(got)
			if sorted := slices.Sorted(slices.Values(want)); !slices.Equal(got, sorted) {
				w.Errorf("in pages of %d: got %v, want %v", limit, got, sorted)
			}
		}
		if list, _, err := w.admin().Accounts(w.Context(), string(renamed), watchword.Page{Limit: 9}); err != nil || len(list) != 1 || list[0].Name != "Mills" {
			w.Errorf("got %+v (%v)", list, err)
		}
		all, next, err := w.admin().Accounts(w.Context(), "", watchword.Page{Limit: 2})
		if err != nil || len(all) != 2 || all[0].ID != other.Account.ID || next != string(all[1].ID) {
			w.Errorf("got %+v %q (%v)", all, next, err)
		}
		for _, cursor := range []string{"x", "MAAA", "usr_00000000000000000000000000"} {
			if _, _, err := w.admin().Accounts(w.Context(), "", watchword.Page{Before: cursor, Limit: 2}); watchword.KindOf(err) != watchword.KindInvalid {
				w.Errorf("%q: %v", cursor, err)
			}
		}
	})
}
