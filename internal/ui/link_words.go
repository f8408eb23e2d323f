package ui

import (
	"golang.org/x/text/language"

	"watchword/internal/account"
)

// words are what the pages behind mailed links say in one language.
type words struct {
	Lang     string
	Kinds    map[account.LinkKind]kindWords
	Made     map[waysIn]wording // asks as to an address that a user was made with
	Claimed  wording            // asks as to one that somebody has added to their user
	Disowned wording
	Refused  map[string]wording // by error code
	Failed   wording            // any other error
	NotMe    string
	Password string // label of the field
	Hint     string // below it
	Roles    map[string]string
}

// kindWords are those of one sort of link.
type kindWords struct {
	Ask    wording
	Button string
	Done   wording
}

// waysIn are how whoever has made a user comes in.
type waysIn string

const (
	byPassword waysIn = "password"
	byProvider waysIn = "provider"
	byBoth     waysIn = "both"
	byNeither  waysIn = "neither" // by a session or an invite alone
)

func waysOf(link account.LinkView) waysIn {
	switch elsewhere := len(link.Providers) > 0; {
	case link.HasPassword && elsewhere:
		return byBoth
	case link.HasPassword:
		return byPassword
	case elsewhere:
		return byProvider
	default:
		return byNeither
	}
}

// wording is a heading and a text. What stands in braces is put in by name.
type wording struct{ Title, Text string }

// wordsFor are those in the language that an Accept-Language header likes best.
func wordsFor(accept string) words {
	tags, _, _ := language.ParseAcceptLanguage(accept) // what makes no sense is none
	_, i, _ := language.NewMatcher([]language.Tag{language.English, language.German}).Match(tags...)
	if i == 1 {
		return german()
	}
	return english()
}

func english() words {
	return words{
		Lang: "en",
		Kinds: map[account.LinkKind]kindWords{
			account.LinkSignIn: {
				wording{"Sign in", "You are about to sign in as {address}. If you did not ask for that, just close this page."},
				"Sign in",
				wording{"You are signed in", "You can close this page and go back to where you came from."},
			},
			account.LinkInvite: {
				wording{"Join {account}", "{address} is invited to join {account} as {role}."},
				"Accept the invite",
				wording{"Welcome", "You have joined. You can close this page and go back to where you came from."},
			},
			account.LinkVerify: {
				wording{"Is this your address?", "An account was made for {address}. Confirm only if that was you: whoever made it stays in."},
				"Confirm",
				wording{"Your address is verified", "Thank you. You can close this page."},
			},
			account.LinkReset: {
				wording{"Choose a new password", "For the account of {address}. All its sessions will end."},
				"Set the password",
				wording{"Your password is changed", "All sessions have ended. Sign in with the new password."},
			},
		},
		Made: map[waysIn]wording{
			byPassword: {"Is this your address?", "An account with a password was made for {address}. Confirm only if that was you: whoever knows the password gets in."},
			byProvider: {"Is this your address?", "An account for {address} was made by signing in at {provider}. Confirm only if that was you: whoever has that account there gets in."},
			byBoth:     {"Is this your address?", "An account for {address} was made, with a password and with {provider}. Confirm only if that was you: whoever knows the password, or has that account there, gets in."},
		},
		Claimed:  wording{"Is this your address?", "Somebody has added {address} to their account. Confirm only if that was you: they could then sign in with it."},
		Disowned: wording{"It is gone", "Thank you. What somebody else had set up with your address was removed."},
		Refused: map[string]wording{
			"token_invalid":           {"This link does not work", "It is not complete, or not from us. Copy it whole from the mail, or ask for a new one."},
			"token_expired":           {"This link has expired", "Links work for a short time only. Ask for a new one."},
			"token_used":              {"This link does not work any more", "It was used before, or a newer one has taken its place. Ask for a new one."},
			"invite_revoked":          {"This invite was taken back", "Ask whoever invited you for a new one."},
			"signed_in_as_other_user": {"This invite is for somebody else", "You are signed in as another user. Sign out first, then open the link again."},
			"already_member":          {"You are a member already", "There is nothing left to accept. Just sign in."},
			"sign_in_required":        {"Sign in first", "This invite is for somebody who has an account. Sign in with it, then open the link again."},
			"user_disabled":           {"This account is disabled", "Ask whoever runs this service."},
			"signup_disabled":         {"No new accounts", "New accounts cannot be made here at the moment."},
			"rate_limited":            {"Too many attempts", "Wait a minute, then open the link again. It still works."},
			"cross_origin_refused":    {"This did not come from our page", "Open the link from the mail again."},
		},
		Failed:   wording{"Something went wrong", "Please try again in a moment. The link still works."},
		NotMe:    "This was not me",
		Password: "New password",
		Hint:     "At least {length} characters, and hard to guess.",
		Roles:    map[string]string{"owner": "owner", "admin": "administrator", "member": "member"},
	}
}

func german() words {
	return words{
		Lang: "de",
		Kinds: map[account.LinkKind]kindWords{
			account.LinkSignIn: {
				wording{"Anmelden", "Sie melden sich gleich als {address} an. Wollten Sie das nicht, schließen Sie diese Seite einfach."},
				"Anmelden",
				wording{"Sie sind angemeldet", "Sie können diese Seite schließen und dorthin zurückkehren, woher Sie kamen."},
			},
			account.LinkInvite: {
				wording{"{account} beitreten", "{address} ist eingeladen, {account} beizutreten, und zwar als {role}."},
				"Einladung annehmen",
				wording{"Willkommen", "Sie sind beigetreten. Sie können diese Seite schließen und dorthin zurückkehren, woher Sie kamen."},
			},
			account.LinkVerify: {
				wording{"Ist das Ihre Adresse?", "Für {address} wurde ein Konto angelegt. Bestätigen Sie nur, wenn Sie das waren: Wer es angelegt hat, bleibt darin."},
				"Bestätigen",
				wording{"Ihre Adresse ist bestätigt", "Vielen Dank. Sie können diese Seite schließen."},
			},
			account.LinkReset: {
				wording{"Neues Passwort wählen", "Für das Konto von {address}. Alle seine Sitzungen enden."},
				"Passwort setzen",
				wording{"Ihr Passwort ist geändert", "Alle Sitzungen sind beendet. Melden Sie sich mit dem neuen Passwort an."},
			},
		},
		Made: map[waysIn]wording{
			byPassword: {"Ist das Ihre Adresse?", "Für {address} wurde ein Konto mit einem Passwort angelegt. Bestätigen Sie nur, wenn Sie das waren: Wer das Passwort kennt, kommt hinein."},
			byProvider: {"Ist das Ihre Adresse?", "Für {address} wurde durch eine Anmeldung bei {provider} ein Konto angelegt. Bestätigen Sie nur, wenn Sie das waren: Wer sich dort so anmelden kann, kommt hinein."},
			byBoth:     {"Ist das Ihre Adresse?", "Für {address} wurde ein Konto angelegt, mit einem Passwort und mit {provider}. Bestätigen Sie nur, wenn Sie das waren: Wer das Passwort kennt oder sich dort so anmelden kann, kommt hinein."},
		},
		Claimed:  wording{"Ist das Ihre Adresse?", "Jemand hat {address} zu seinem Konto hinzugefügt. Bestätigen Sie nur, wenn Sie das waren: Man kann sich dann damit anmelden."},
		Disowned: wording{"Es ist weg", "Vielen Dank. Was jemand anderes mit Ihrer Adresse eingerichtet hatte, wurde entfernt."},
		Refused: map[string]wording{
			"token_invalid":           {"Dieser Link geht nicht", "Er ist unvollständig oder nicht von uns. Kopieren Sie ihn ganz aus der E-Mail, oder fordern Sie einen neuen an."},
			"token_expired":           {"Dieser Link ist abgelaufen", "Links gelten nur kurze Zeit. Fordern Sie einen neuen an."},
			"token_used":              {"Dieser Link geht nicht mehr", "Er wurde schon benutzt, oder ein neuerer hat ihn ersetzt. Fordern Sie einen neuen an."},
			"invite_revoked":          {"Diese Einladung wurde zurückgenommen", "Bitten Sie um eine neue."},
			"signed_in_as_other_user": {"Diese Einladung gilt jemand anderem", "Sie sind als jemand anderes angemeldet. Melden Sie sich erst ab, und öffnen Sie dann den Link noch einmal."},
			"already_member":          {"Sie sind schon Mitglied", "Es gibt nichts mehr anzunehmen. Melden Sie sich einfach an."},
			"sign_in_required":        {"Melden Sie sich erst an", "Diese Einladung gilt jemandem, der schon ein Konto hat. Melden Sie sich damit an, und öffnen Sie dann den Link noch einmal."},
			"user_disabled":           {"Dieses Konto ist gesperrt", "Wenden Sie sich an den Betreiber dieses Dienstes."},
			"signup_disabled":         {"Keine neuen Konten", "Zurzeit können hier keine neuen Konten angelegt werden."},
			"rate_limited":            {"Zu viele Versuche", "Warten Sie eine Minute, und öffnen Sie dann den Link noch einmal. Er gilt weiter."},
			"cross_origin_refused":    {"Das kam nicht von unserer Seite", "Öffnen Sie den Link aus der E-Mail noch einmal."},
		},
		Failed:   wording{"Etwas ist schiefgegangen", "Bitte versuchen Sie es gleich noch einmal. Der Link gilt weiter."},
		NotMe:    "Das war ich nicht",
		Password: "Neues Passwort",
		Hint:     "Mindestens {length} Zeichen, und schwer zu erraten.",
		Roles:    map[string]string{"owner": "Inhaber", "admin": "Administrator", "member": "Mitglied"},
	}
}
