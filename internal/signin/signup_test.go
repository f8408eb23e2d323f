package signin_test

import (
	"errors"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/signin"
)

func TestASignUpMakesAUserWithAnAccount(t *testing.T) {
	onEach(t, func(w *world) {
		in := w.joining(" ADA@Example.COM ")
		in.Name, in.Locale = " Ada Lovelace ", "de-at"
		r, err := w.SignUp(w.Context(), in)
		w.ok(err)
		u := r.Grant.User
		if !r.IsNewUser || r.Device != (watchword.DeviceOwner{Address: address, UserID: u.ID, PasswordVersion: 1}) || r.Next != signin.NextVerifyEmail || u.Email != address || u.EmailVerified || u.Name != "Ada Lovelace" || u.Locale != "de-AT" || !u.HasPassword {
			w.Errorf("got %+v", r)
		}
		if r.Grant.Account.Name != "Ada Lovelace" || r.Grant.Role != watchword.RoleOwner || !strings.HasPrefix(r.Grant.Account.Slug, "ada-lovelace-") {
			w.Errorf("account: %+v", r.Grant.Account)
		}
		mails := w.mails()
		if len(mails) != 1 || mails[0].Template != mail.VerifyEmail || mails[0].UserID != u.ID || mails[0].Token == "" {
			w.Fatalf("mails: %+v", mails)
		}
		if n := w.count("one_time_tokens WHERE purpose = 'verify_email' AND user_id = '" + string(u.ID) + "'"); n != 1 {
			w.Errorf("%d tokens", n)
		}
		for _, typ := range []watchword.EventType{watchword.EventUserCreated, watchword.EventSessionStarted} {
			if e := w.events(typ); len(e) != 1 || e[0].UserID != u.ID || e[0].AccountID != r.Grant.Account.ID {
				w.Errorf("%s: %+v", typ, e)
			}
		}
		_, err = w.signIn(address, password)
		w.ok(err)
	})
}

func TestAnAccountIsNamedByWhatIsKnown(t *testing.T) {
	onEach(t, func(w *world) {
		for _, test := range []struct{ email, name, account, want string }{
			{"a@example.com", "Ada", "Engines", "Engines"}, {"b@example.com", "Ada", " ", "Ada"}, {"c.d@example.com", "", "", "c.d"},
		} {
			in := w.joining(test.email)
			in.Name, in.AccountName = test.name, test.account
			r, err := w.SignUp(w.Context(), in)
			w.ok(err)
			if r.Grant.Account.Name != test.want {
				w.Errorf("got %q, want %q", r.Grant.Account.Name, test.want)
			}
		}
	})
}

func TestATakenAddressIsRefusedBeforeTheHash(t *testing.T) {
	onEach(t, func(w *world) {
		w.signUp(address)
		hashes, users := w.Hasher.Stats().Done, w.count("users")
		_, err := w.SignUp(w.Context(), w.joining("Ada@EXAMPLE.com"))
		w.is(err, account.ErrEmailTaken)
		if w.Hasher.Stats().Done != hashes || w.count("users") != users {
			w.Error("it was hashed, or left a user")
		}
	})
}

func TestWhatASignUpRefusesItDoesNotWrite(t *testing.T) {
	onEach(t, func(w *world) {
		var e *watchword.Error
		for name, spoil := range map[string]func(*signin.SignUp){
			"weak password": func(in *signin.SignUp) { in.Password = secret.NewString("password12") },
			"no password":   func(in *signin.SignUp) { in.Password = secret.String{} },
			"own address":   func(in *signin.SignUp) { in.Password = secret.NewString("ada@example.com") },
			"address":       func(in *signin.SignUp) { in.Email = "ada@" },
			"name":          func(in *signin.SignUp) { in.Name = "Ada\u202e" },
			"account name":  func(in *signin.SignUp) { in.AccountName = strings.Repeat("a", 201) },
			"locale":        func(in *signin.SignUp) { in.Locale = "not a locale" },
		} {
			in := w.joining(address)
			spoil(&in)
			if _, err := w.SignUp(w.Context(), in); !errors.As(err, &e) || e.Kind != watchword.KindInvalid || len(e.Fields) == 0 {
				w.Errorf("%s: %v", name, err)
			}
		}
		for _, table := range []string{"users", "emails", "accounts", "jobs", "events WHERE user_id <> ''"} {
			if n := w.count(table); n != 0 {
				w.Errorf("%d rows in %s", n, table)
			}
		}
	})
}

func TestSignUpModes(t *testing.T) {
	onEach(t, func(w *world) {
		invited := w.joining(address)
		invited.InviteToken = secret.NewString("otk_made-up")
		for mode, want := range map[signin.SignUpMode][2]error{
			signin.SignUpOpen:       {nil, account.ErrTokenInvalid},
			signin.SignUpInviteOnly: {signin.ErrInviteRequired, account.ErrTokenInvalid},
			signin.SignUpClosed:     {signin.ErrSignUpDisabled, signin.ErrSignUpDisabled},
		} {
			w.SignUpMode = mode
			_, err := w.SignUp(w.Context(), w.joining(address))
			w.is(err, want[0])
			_, err = w.SignUp(w.Context(), invited)
			w.is(err, want[1])
		}
	})
}
