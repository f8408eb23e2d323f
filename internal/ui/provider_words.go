package ui

import "golang.org/x/text/language"

// providerWords are what the pages at the end of a way to a provider say in one
// language. {provider} and {client} are put in by name.
type providerWords struct {
	Lang      string
	Provider  string // where no name is known
	SignedIn  wording
	Linked    wording
	Cancelled wording
	Refused   map[string]wording // by error code
	Failed    wording            // any other error
	Back      string
}

func providerWordsFor(accept string) providerWords {
	tags, _, _ := language.ParseAcceptLanguage(accept) // what makes no sense is none
	_, i, _ := language.NewMatcher([]language.Tag{language.English, language.German}).Match(tags...)
	if i == 1 {
		return providerGerman()
	}
	return providerEnglish()
}

func providerEnglish() providerWords {
	return providerWords{
		Lang: "en", Provider: "the provider", Back: "Back to {client}",
		SignedIn:  wording{"You are signed in", "You can close this page and go back to where you came from."},
		Linked:    wording{"It is linked", "From now on you can sign in with {provider} as well. You can close this page."},
		Cancelled: wording{"You did not sign in", "You turned back at {provider}. Nothing has changed."},
		Refused: map[string]wording{
			"oauth_state_invalid":      {"Please begin again", "This sign-in was begun in another browser, or is over. Go back to where you came from and begin again."},
			"oauth_state_expired":      {"That took too long", "For your safety a sign-in must be done within ten minutes. Go back to where you came from and begin again."},
			"account_link_required":    {"You have an account already", "There is an account with this email address. Sign in to it the way you did before; there you can link {provider}."},
			"identity_taken":           {"Linked to another account", "Somebody else here signs in with this account of {provider}. Sign out there and choose another, or sign in with it here."},
			"invite_email_mismatch":    {"This invite is for another address", "Sign in at {provider} with the address that was invited, or ask for an invite to the other one."},
			"already_member":           {"You are a member already", "There is nothing left to accept. Just sign in."},
			"token_invalid":            {"This invite does not work", "It is not complete, or not from us. Open the link from the mail again, or ask for a new invite."},
			"token_expired":            {"This invite has expired", "Ask whoever invited you for a new one."},
			"token_used":               {"This invite was used before", "If that was you, just sign in. Else ask for a new one."},
			"invite_revoked":           {"This invite was taken back", "Ask whoever invited you for a new one."},
			"sign_in_required":         {"Sign in first", "This invite is for somebody who has an account. Sign in with it, then open the invite again."},
			"signup_disabled":          {"No new accounts", "New accounts cannot be made here at the moment, or need an invite."},
			"user_disabled":            {"This account is disabled", "Ask whoever runs this service."},
			"email_unverified":         {"Verify your address first", "We have sent you a mail with a link. Open it, then sign in again. If none comes, sign in again later: there will be another."},
			"session_revoked":          {"Your session has ended", "Sign in again, then link {provider} once more."},
			"unauthenticated":          {"Your session has ended", "Sign in again, then link {provider} once more."},
			"provider_error":           {"{provider} could not sign you in", "It is not answering as it should. Try again in a moment, or sign in another way."},
			"provider_not_found":       {"There is no such provider here", "Go back to where you came from, and choose another way to sign in."},
			"client_not_found":         {"This address does not work", "The application that sent you here is not known. Tell whoever runs it."},
			"redirect_uri_not_allowed": {"This address does not work", "The application that sent you here asked for a way back that is not its own. Tell whoever runs it."},
			"connection_required":      {"This address does not work", "The application that sent you here did not say where you sign in. Tell whoever runs it."},
			"pkce_required":            {"This address does not work", "The application that sent you here left out a protection that is needed. Tell whoever runs it."},
			"rate_limited":             {"Too many attempts", "Wait a minute, then begin again."},
		},
		Failed: wording{"Something went wrong", "Please go back to where you came from and begin again in a moment."},
	}
}

func providerGerman() providerWords {
	return providerWords{
		Lang: "de", Provider: "der Anbieter", Back: "Zurück zu {client}",
		SignedIn:  wording{"Sie sind angemeldet", "Sie können diese Seite schließen und dorthin zurückkehren, woher Sie kamen."},
		Linked:    wording{"Es ist verknüpft", "Ab jetzt können Sie sich auch so anmelden: {provider}. Sie können diese Seite schließen."},
		Cancelled: wording{"Sie haben sich nicht angemeldet", "Sie haben die Anmeldung abgebrochen ({provider}). Es hat sich nichts geändert."},
		Refused: map[string]wording{
			"oauth_state_invalid":      {"Bitte beginnen Sie noch einmal", "Diese Anmeldung begann in einem anderen Browser oder ist vorbei. Gehen Sie dorthin zurück, woher Sie kamen, und beginnen Sie neu."},
			"oauth_state_expired":      {"Das hat zu lange gedauert", "Zu Ihrer Sicherheit muss eine Anmeldung binnen zehn Minuten fertig sein. Gehen Sie dorthin zurück, woher Sie kamen, und beginnen Sie neu."},
			"account_link_required":    {"Sie haben schon ein Konto", "Zu dieser E-Mail-Adresse gibt es ein Konto. Melden Sie sich dort so an wie bisher; dann können Sie diesen Weg verknüpfen: {provider}."},
			"identity_taken":           {"Mit einem anderen Konto verknüpft", "Jemand anderes meldet sich hier damit an ({provider}). Wählen Sie dort ein anderes Konto, oder melden Sie sich hier damit an."},
			"invite_email_mismatch":    {"Diese Einladung gilt einer anderen Adresse", "Melden Sie sich mit der eingeladenen Adresse an ({provider}), oder lassen Sie die andere einladen."},
			"already_member":           {"Sie sind schon Mitglied", "Es gibt nichts mehr anzunehmen. Melden Sie sich einfach an."},
			"token_invalid":            {"Diese Einladung geht nicht", "Sie ist unvollständig oder nicht von uns. Öffnen Sie den Link aus der E-Mail noch einmal, oder bitten Sie um eine neue."},
			"token_expired":            {"Diese Einladung ist abgelaufen", "Bitten Sie um eine neue."},
			"token_used":               {"Diese Einladung wurde schon benutzt", "Waren Sie das, melden Sie sich einfach an. Sonst bitten Sie um eine neue."},
			"invite_revoked":           {"Diese Einladung wurde zurückgenommen", "Bitten Sie um eine neue."},
			"sign_in_required":         {"Melden Sie sich erst an", "Diese Einladung gilt jemandem, der schon ein Konto hat. Melden Sie sich damit an, und öffnen Sie dann die Einladung noch einmal."},
			"signup_disabled":          {"Keine neuen Konten", "Zurzeit können hier keine neuen Konten angelegt werden, oder es braucht eine Einladung."},
			"user_disabled":            {"Dieses Konto ist gesperrt", "Wenden Sie sich an den Betreiber dieses Dienstes."},
			"email_unverified":         {"Bestätigen Sie erst Ihre Adresse", "Wir haben Ihnen eine E-Mail mit einem Link geschickt. Öffnen Sie ihn, und melden Sie sich dann noch einmal an. Kommt keine, melden Sie sich später noch einmal an: Dann schicken wir eine neue."},
			"session_revoked":          {"Ihre Sitzung ist beendet", "Melden Sie sich wieder an, und verknüpfen Sie dann noch einmal: {provider}."},
			"unauthenticated":          {"Ihre Sitzung ist beendet", "Melden Sie sich wieder an, und verknüpfen Sie dann noch einmal: {provider}."},
			"provider_error":           {"Die Anmeldung ging nicht", "Die Gegenseite antwortet nicht, wie sie soll ({provider}). Versuchen Sie es gleich noch einmal, oder melden Sie sich anders an."},
			"provider_not_found":       {"Diesen Anbieter gibt es hier nicht", "Gehen Sie dorthin zurück, woher Sie kamen, und wählen Sie einen anderen Weg."},
			"client_not_found":         {"Diese Adresse geht nicht", "Die Anwendung, die Sie hierher geschickt hat, ist nicht bekannt. Sagen Sie es ihrem Betreiber."},
			"redirect_uri_not_allowed": {"Diese Adresse geht nicht", "Die Anwendung, die Sie hierher geschickt hat, nennt einen Rückweg, der nicht ihrer ist. Sagen Sie es ihrem Betreiber."},
			"connection_required":      {"Diese Adresse geht nicht", "Die Anwendung, die Sie hierher geschickt hat, sagt nicht, wo Sie sich anmelden. Sagen Sie es ihrem Betreiber."},
			"pkce_required":            {"Diese Adresse geht nicht", "Der Anwendung, die Sie hierher geschickt hat, fehlt ein nötiger Schutz. Sagen Sie es ihrem Betreiber."},
			"rate_limited":             {"Zu viele Versuche", "Warten Sie eine Minute, und beginnen Sie dann neu."},
		},
		Failed: wording{"Etwas ist schiefgegangen", "Gehen Sie bitte dorthin zurück, woher Sie kamen, und beginnen Sie gleich noch einmal."},
	}
}
