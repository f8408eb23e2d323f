package ui

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword/internal/account"
	"watchword/internal/secret"
)

func TestWhatIsPutIntoATextStandsOut(t *testing.T) {
	t.Parallel()
	got := parts("For {address} as {role}.", map[string]string{"address": "{role}", "role": "owner"})
	want := []part{{Text: "For "}, {Text: "{role}", Stress: true}, {Text: " as "}, {Text: "owner", Stress: true}, {Text: "."}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Both languages say the same things, and put in only what there is.
func TestWordsAreCompleteInBothLanguages(t *testing.T) {
	t.Parallel()
	en, de := english(), german()
	for code := range en.Refused {
		if de.Refused[code].Title == "" || de.Refused[code].Text == "" {
			t.Errorf("German lacks %s", code)
		}
	}
	if len(en.Refused) != len(de.Refused) || len(en.Kinds) != len(de.Kinds) {
		t.Error("one language says more than the other")
	}
	values := map[string]bool{"{address}": true, "{account}": true, "{role}": true}
	for _, said := range []words{en, de} {
		for _, kind := range []account.LinkKind{account.LinkSignIn, account.LinkInvite, account.LinkVerify, account.LinkReset} {
			w := said.Kinds[kind]
			if w.Ask.Title == "" || w.Ask.Text == "" || w.Button == "" || w.Done.Title == "" || w.Done.Text == "" {
				t.Errorf("%s, %s: %+v", said.Lang, kind, w)
			}
			for _, name := range names.FindAllString(w.Ask.Text, -1) {
				if !values[name] || kind != account.LinkInvite && name != "{address}" {
					t.Errorf("%s, %s puts in %s", said.Lang, kind, name)
				}
			}
		}
		for _, ways := range []waysIn{byPassword, byProvider, byBoth} {
			text := said.Made[ways].Text
			put := names.FindAllString(text, -1)
			if said.Made[ways].Title == "" || !slices.Contains(put, "{address}") || slices.Contains(put, "{provider}") != (ways != byPassword) || len(put) > 2 {
				t.Errorf("%s, made by %s: %q", said.Lang, ways, text)
			}
			if password := map[string]string{"en": "password", "de": "Passwort"}[said.Lang]; strings.Contains(text, password) != (ways != byProvider) {
				t.Errorf("%s, made by %s: %q", said.Lang, ways, text)
			}
		}
		if said.Claimed.Text == "" || said.Disowned.Text == "" || said.Failed.Text == "" || said.NotMe == "" || said.Password == "" || said.Hint == "" || len(said.Roles) != 3 {
			t.Errorf("%s lacks something", said.Lang)
		}
	}
}

// Whoever confirms lets in whoever made the user: the page must say who that is.
func TestAPageSaysHowAUserWasMade(t *testing.T) {
	t.Parallel()
	pages := NewLinkPages(Branding{Name: "Watchword", Accent: "#000", OnAccent: "#fff"})
	for name, test := range map[string]struct {
		link  account.LinkView
		says  string
		lacks string
	}{
		"password":  {account.LinkView{HasPassword: true}, "knows the password gets in", "has that account"},
		"provider":  {account.LinkView{Providers: []string{"Forge"}}, "signing in at <strong>Forge</strong>", "password"},
		"providers": {account.LinkView{Providers: []string{"Acme", "Forge"}}, "<strong>Acme, Forge</strong>", "password"},
		"both":      {account.LinkView{HasPassword: true, Providers: []string{"Forge"}}, "knows the password, or has that account there", "signing in"},
		"neither":   {account.LinkView{}, "whoever made it stays in", "password"},
		"claimed":   {account.LinkView{Claimed: true}, "has added", "password"},
	} {
		test.link.Kind, test.link.Address = account.LinkVerify, "a•••@example.com"
		answer := httptest.NewRecorder()
		pages.Confirm(answer, httptest.NewRequest(http.MethodGet, "/auth/verify-email", http.NoBody), test.link, secret.NewString("token"))
		if page := answer.Body.String(); !strings.Contains(page, test.says) || strings.Contains(page, test.lacks) || !strings.Contains(page, "<strong>a•••@example.com</strong>") {
			t.Errorf("%s: %s", name, page)
		}
	}
}
