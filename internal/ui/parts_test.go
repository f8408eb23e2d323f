package ui

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword/internal/account"
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
		if said.Claimed.Text == "" || said.Disowned.Text == "" || said.Failed.Text == "" || said.NotMe == "" || said.Password == "" || said.Hint == "" || len(said.Roles) != 3 {
			t.Errorf("%s lacks something", said.Lang)
		}
	}
}
