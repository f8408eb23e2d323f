package ui

import "slices"

// code explains a problem's code.
type code struct {
	Code     string
	Statuses []int // the first is the usual one
	Meaning  string
	Advice   string
}

// problemCodes are all codes that an answer can have, by status.
func problemCodes() []code { return slices.Concat(callerCodes(), objectCodes(), serverCodes()) }

// callerCodes are about what was sent, and by whom.
func callerCodes() []code {
	return []code{
		{"bad_request", []int{400}, "The request is not HTTP as this server reads it.", "Look at how the call is put together: its address, headers and length."},
		{"body_incomplete", []int{400}, "The connection ended before the whole body was there.", "Send it again."},
		{"connection_required", []int{400}, "At /oauth2/authorize: nobody said at which provider the person signs in.", "Name it in connection. POST /auth/login-methods lists the providers."},
		{"end_user_ip_invalid", []int{400}, "The header X-End-User-IP does not hold one IP address.", "Send one address without a port, or leave the header out."},
		{"invalid_grant", []int{400}, "At /oauth2/token: the code or the refresh token is not valid, has expired or was used before.", "Have the person sign in again."},
		{"invalid_request", []int{400}, "At /oauth2/token: a parameter is missing or given twice, or the body is no form. At /oauth2/userinfo: the access token is given twice.", "Look at RFC 6749, section 4.1.3, and RFC 6750, section 2."},
		{"malformed_form", []int{400}, "The body says that it is a form and is none.", "Encode it as application/x-www-form-urlencoded."},
		{"malformed_json", []int{400}, "The body is missing, is not valid UTF-8 JSON, holds a key twice, or goes on after its end.", "The detail names the place. Send exactly one JSON object."},
		{"oauth_state_expired", []int{400}, "The person took more than ten minutes at the provider.", "Have them begin again."},
		{"oauth_state_invalid", []int{400}, "Whoever came back from a provider did not begin there in this browser, or came back before. The cookie of the start may be missing.", "Have the person begin again. Where a page of yours fetches the address, it needs credentials: \"include\"."},
		{"pkce_required", []int{400}, "An authorization code was asked for without a PKCE challenge, or with another method than S256.", "Send code_challenge and code_challenge_method=S256. Libraries do it by themselves."},
		{"redirect_uri_not_allowed", []int{400}, "The redirect_uri is not on the client application's list.", "Add the exact string to the client's redirect_uris."},
		{"request_not_supported", []int{400}, "At /oauth2/authorize: the request comes with a request object, in request or request_uri.", "Put the parameters into the query."},
		{"token_conflict", []int{400}, "The body holds a refresh token of one session and the cookie that of another.", "Send one of the two. The server never mixes them."},
		{"token_invalid", []int{400}, "A token that came by link or mail is not one of ours.", "Use the link as it was sent; it may have been cut short."},
		{"unsupported_grant_type", []int{400}, "At /oauth2/token: the grant type is none of authorization_code and refresh_token.", "Use one of them."},
		{"unsupported_response_mode", []int{400}, "At /oauth2/authorize: response_mode is something else than query.", "Leave it out."},
		{"unsupported_response_type", []int{400}, "At /oauth2/authorize: response_type is something else than code.", "Send response_type=code."},

		{"api_key_invalid", []int{401}, "The API key is unknown, revoked or expired.", "Check that the whole key was sent. Make a new one if it is gone."},
		{"client_auth_required", []int{401}, "The session belongs to a client application that has a secret.", "Refresh it on the application's server, where the secret is, at /oauth2/token. POST /auth/switch-account takes the secret by HTTP Basic."},
		{"invalid_client", []int{401}, "The client application's id and secret in the Authorization header are not right.", "Check both. An older secret may have reached its end."},
		{"invalid_credentials", []int{401, 403}, "The address or the password is not right; which of them, nobody is told. 403 where a signed-in user gave a wrong current password.", "Ask the person to try again. The fifth wrong password in a row brings rate_limited."},
		{"refresh_token_expired", []int{401}, "The refresh token was not used in time, or the session has reached its end.", "Have the person sign in again."},
		{"refresh_token_invalid", []int{401}, "This is no refresh token of this server, or not one of the client that asks.", "Have the person sign in again. Check X-Client-Id."},
		{"refresh_token_missing", []int{401}, "There is no refresh token, neither in the body nor as a cookie. An access token does not do here.", "Send the refresh token. In a browser, call with credentials: \"include\"."},
		{"refresh_token_reused", []int{401}, "The refresh token was used before, longer ago than the grace for two tabs. Somebody may have stolen it, so the session was ended.", "Have the person sign in again. Store each new refresh token before using the next."},
		{"session_revoked", []int{401}, "The session has ended: by signing out, by a new password, or because the user was disabled or the client application deleted.", "Have the person sign in again."},
		{"sign_in_required", []int{401}, "The invite was handed over as a link and is for somebody who has an account.", "Have the person sign in, or refresh their session where its access token has expired, then open the link again."},
		{"token_expired", []int{401, 410}, "401: the access token has expired. 410: a mailed link or code has.", "Refresh the access token with POST /auth/refresh, then repeat the call. Ask for another mail."},
		{"unauthenticated", []int{401}, "The call needs a signed-in caller and names none, or the token is not one of ours.", "Send the access token as Authorization: Bearer, or the session's cookies."},

		{"cross_origin_refused", []int{403}, "A page of another origin made the call, and the client application does not list that origin.", "Add the origin to the client's origins."},
		{"csrf_invalid", []int{403}, "The X-CSRF-Token belongs to another browser, or to the time before the last sign-in or sign-out.", "Fetch a new one from GET /auth/csrf/token. The script of /auth/csrf/init does so by itself."},
		{"csrf_missing", []int{403}, "A cookie is what authenticates this call, and X-CSRF-Token is missing.", "Load the script of /auth/csrf/init in the page, or send the header yourself."},
		{"csrf_session_missing", []int{403}, "This browser has no CSRF session, or it is over.", "Begin one with GET /auth/csrf/init."},
		{"email_unverified", []int{403}, "The password is right and the address must be verified before it lets its user in; or a signed-in user did what needs a verified address, such as inviting.", "Ask the person to follow the link that was mailed to them. A refused sign-in mails a fresh one, within the limits for mails."},
		{"fresh_sign_in_required", []int{403}, "The operation needs a sign-in no older than ten minutes, and a refresh is none. In the administration that is what changes who is an administrator, or one's address, password or status, making an API key, and revoking one that may.", "Have the person sign in again, then repeat the call."},
		{"insufficient_role", []int{403}, "The caller's role in the account does not allow it: only owners and admins manage it, and nobody touches or grants a role above their own.", "Ask an owner of the account."},
		{"insufficient_scope", []int{403}, "The API key is valid and lacks the scope that the operation names, or one of the key that it is to make or revoke; or, at /oauth2/userinfo, the access token was not asked for with the scope openid.", "Make a key that has it. Add openid to the scope of the authorization request."},
		{"invite_required", []int{403}, "New users need an invite here.", "Send the invite_token of an invite."},
		{"method_not_offered", []int{403}, "The client application does not offer this way to sign in.", "Add it to the client's methods, or offer another."},
		{"no_account_context", []int{403}, "The call is about the account of the access token, which names none, or one that the user is no longer in.", "Ask POST /auth/switch-account for a token of another account."},
		{"not_a_member", []int{403}, "The user is not a member of the account that was asked for.", "Leave account_id out, or name an account from GET /auth/me."},
		{"not_an_administrator", []int{403}, "The caller is signed in and does not administer this server.", "Use an API key, or an administrator's session."},
		{"signup_disabled", []int{403}, "This server takes no new users.", "Offer sign-in only."},
		{"user_disabled", []int{403}, "An administrator has disabled the user. Only somebody is told who has shown to be them, by password, mailbox or provider.", "Send the person to whoever runs the service."},
		{"wrong_audience", []int{403}, "The access token is for the API that its client names as audience. The administration takes only tokens whose aud is the public URL of this server.", "Sign in at a client without an audience of its own, or use an API key."},
	}
}

// objectCodes are about what the call is about.
func objectCodes() []code {
	return []code{
		{"account_not_found", []int{404}, "The caller is in no such account. Whether there is one, strangers are not told; administrators are.", "Look at GET /accounts. Whoever was removed sees the account no more."},
		{"api_key_not_found", []int{404}, "There is no such live API key.", "Look at the list of keys."},
		{"client_not_found", []int{404}, "X-Client-Id, client_id or the path names no client application.", "Check the id against the list of clients, or leave the header out for the default client."},
		{"email_not_found", []int{404}, "The caller has no such address.", "Look at GET /auth/me."},
		{"identity_not_found", []int{404}, "The caller has no such link to a provider.", "Look at the identities of GET /auth/me."},
		{"invite_not_found", []int{404}, "The account has no such invite.", "Look at the account's invites."},
		{"mail_not_found", []int{404}, "There is no such mail that could be sent again.", "Look at the list of mails. What has expired must be asked for anew."},
		{"member_not_found", []int{404}, "The account has no such member, or not any more.", "Look at the account's members."},
		{"not_found", []int{404}, "There is nothing at this path, or no such thing that the caller may know of.", "Check the path and the ids in it."},
		{"provider_not_found", []int{404}, "There is no such provider, or the client application does not offer it.", "Look at POST /auth/login-methods. The ids are those of watchword.yaml."},
		{"session_not_found", []int{404}, "The caller has no such live session.", "Look at GET /auth/sessions."},
		{"unknown_feature", []int{404}, "There is no feature of this name.", "Check the name. An administrator makes features; under waitlist.open_features the first to join does."},
		{"user_not_found", []int{404}, "There is no such user.", "Check the id or the address."},

		{"method_not_allowed", []int{405}, "The path exists and does not take this method.", "The Allow header lists those that it takes."},

		{"account_link_required", []int{409}, "A user here has the address that the provider names, and the provider is no proof of it.", "Have the person sign in as they did before, then link the provider by POST /auth/identities."},
		{"address_unverified", []int{409}, "Only a verified address can become the primary one.", "Have the person follow the link that was mailed to the address, then repeat the call."},
		{"already_exists", []int{409}, "There is one already.", "Look it up instead of making it."},
		{"already_member", []int{409}, "The user, or the invited address, is a member of the account already.", "There is nothing to accept or to invite; sign in, or look at the account's members."},
		{"claims_stale", []int{409}, "The user's role, account or address has changed since the tokens were made. The refresh token is not used up.", "Get fresh ones from POST /auth/switch-account."},
		{"claims_too_long", []int{409}, "Access tokens cannot hold the names of more features: browsers keep no cookie of more than 4096 bytes.", "Take add_claim from another feature first, or give features shorter names."},
		{"client_in_settings", []int{409}, "The client application is written in watchword.yaml.", "Change it there, and restart the server."},
		{"client_not_confidential", []int{409}, "A public client application has no secret.", "Make a confidential one: the type of a client does not change."},
		{"email_already_added", []int{409}, "The caller has this address already, verified or not.", "Look at the emails of GET /auth/me."},
		{"email_already_verified", []int{409}, "The address is verified.", "Nothing is left to do."},
		{"email_primary", []int{409}, "The primary address cannot be removed.", "Make another verified address primary first."},
		{"email_taken", []int{409}, "A user has this address.", "Offer to sign in instead. In the administration: search for whose it is; who never proved it loses it to email_verified: true."},
		{"feature_closed", []int{409}, "The feature's waitlist takes nobody any more.", "Nothing helps but an administrator who opens it again. Whoever is on it stays."},
		{"idempotency_key_reused", []int{409}, "The Idempotency-Key was used within the last day, for another call.", "Make a new key for each thing that is to be made, and keep it only to send the same call again."},
		{"identity_taken", []int{409}, "A user here signs in by this identity at the provider.", "Have the person choose another account at the provider, or sign in by it."},
		{"invite_email_mismatch", []int{409}, "The invite is for another address than the one that signs up.", "Sign up with the invited address, or without the invite."},
		{"invite_not_pending", []int{409}, "The invite was accepted or revoked before.", "Make a new one where it is still wanted."},
		{"last_owner", []int{409}, "An account needs an owner who can come in, and this is its last (one who is disabled or to be deleted does not count): they cannot leave, be removed, take a lower role, or be deleted while others are in it.", "Make another member an owner, or delete the account. Administrators delete a user all the same with force=true."},
		{"last_sign_in_method", []int{409}, "The provider is the user's only way in.", "Have them set a password, verify an address, or link another provider first."},
		{"last_verified_email", []int{409}, "The only verified address cannot be removed.", "Verify another one first."},
		{"no_email", []int{409}, "The user has no email address, and the operation needs one.", "Ask the person to add one."},
		{"password_changed", []int{409}, "Somebody changed the password between the check of the old one and the change to the new one.", "Begin again with the password as it is now."},
		{"signed_in_as_other_user", []int{409}, "The invite is for somebody else than who is signed in. It is not used up.", "Have the person sign out first."},
		{"too_many_emails", []int{409}, "A user has at most ten addresses.", "Have the person remove one first."},
		{"too_many_waitlists", []int{409}, "A user is on at most 200 waitlists in an account.", "Have the person leave another first."},

		{"invite_revoked", []int{410}, "The invite was taken back.", "Ask for a new one."},
		{"token_used", []int{410}, "The link, token or code was used before, or something newer has taken its place, or its code was wrong five times.", "Ask for a new one."},

		{"precondition_failed", []int{412}, "What was to be changed has been changed since the caller read it: If-Match names an older state.", "Read it again, look whether the change is still right, then repeat it with the new ETag."},

		{"body_too_large", []int{413}, "The body is longer than 64 KiB.", "Send less."},
		{"unsupported_media_type", []int{415}, "The body is not what the operation takes, or does not say so.", "Send Content-Type: application/json, without compression."},
		{"misdirected_request", []int{421}, "The server does not answer under this host name. Under dev it answers only localhost and its public URL.", "Call it by its public URL, or start dev with --allow-remote."},

		{"password_too_weak", []int{422}, "The new password breaks the rules for passwords; errors says which.", "Show the messages to the person."},
		{"validation_failed", []int{422}, "Some fields break a rule; errors names each of them.", "Mend the fields. Their codes are explained below."},

		{"rate_limited", []int{429}, "Too many attempts, by this address, from this network, or in this session.", "Wait as many seconds as Retry-After says."},
	}
}

// serverCodes are about the server.
func serverCodes() []code {
	return []code{
		{"provider_error", []int{502}, "A provider is down, slow, or answered what cannot be believed; or the person did not sign in there and no redirect_uri was given.", "Have the person try again, or sign in another way. The server's log holds the reason, under the request_id."},

		{"busy", []int{503}, "More passwords are being checked than the server can check in a second.", "Try again after Retry-After. If it happens often, the server needs more processors."},
		{"draining", []int{503}, "The server is stopping, and /readyz says so.", "Send new calls to another node."},
		{"sealed_value_damaged", []int{503}, "Something in the database was altered or does not belong where it lies.", "Whoever runs the server finds the reason in its log, under the request_id."},
		{"secret_unknown", []int{503}, "Something in the database was sealed under a server secret that this server was not given.", "Whoever runs the server sets WATCHWORD_SECRET_PREVIOUS to the older secret."},
		{"stored_hash_unreadable", []int{503}, "A stored password hash is damaged.", "Whoever runs the server finds the reason in its log, under the request_id."},
		{"unavailable", []int{503}, "The server failed, or its database is away.", "Try again after Retry-After. If it stays so, report the request_id."},
	}
}

// commandCodes are never answered: the command line prints them.
func commandCodes() []code {
	return []code{
		{"behind_end", nil, "A line stands behind the end of an export.", "Look whether two exports were put into one file: import one after the other."},
		{"export_cut_off", nil, "The last line of an export is missing.", "Make the export again. What was read before is brought in."},
		{"hash_malformed", nil, "An imported password hash is not written as its format requires.", "Check how it was exported."},
		{"hash_too_costly", nil, "An imported password hash asks for more memory or time than is allowed.", "Have these users reset their password."},
		{"hash_unsupported", nil, "An imported password hash is of a format that cannot be verified.", "bcrypt, scrypt, PBKDF2 and Argon2 can."},
		{"import_stopped", nil, "A line of an import was refused, and the import was to stop there.", "Mend the line and run it again."},
		{"line_too_long", nil, "A line of an import is longer than 1 MiB.", "One line is one object; look whether a line break is missing."},
		{"malformed_line", nil, "A line of an import is not a JSON object.", "Correct the line; its number stands before the message."},
		{"newer_export", nil, "An export was made by a newer version.", "Run that version, or a newer one."},
		{"no_export", nil, "What is to be imported does not begin as an export does.", "Import what watchword admin export has made; users of other systems come in by import-users."},
		{"redis_url_invalid", nil, "The address of Redis does not look like redis://user:password@host:6379/0.", "Correct --redis; rediss:// is for TLS."},
		{"row_changed", nil, "What was in the way of a line of an import went at that moment.", "Run the import again."},
	}
}

// fieldCodes are the codes within errors, of one field each.
func fieldCodes() []code {
	return []code{
		{Code: "already_exists", Meaning: "A line of an import is here already and differs, or something else here has what only one can have."},
		{Code: "contains_personal", Meaning: "The password is made of the person's name or address, or of the product's name."},
		{Code: "duplicate", Meaning: "The same stands earlier in the list, or in an earlier line of the import."},
		{Code: "exactly_one", Meaning: "Several fields exclude each other, and exactly one of them is needed."},
		{Code: "invalid", Meaning: "The value does not have the form that is needed."},
		{Code: "invalid_address", Meaning: "A client application may not list this redirect URI or origin; the message says why."},
		{Code: "invalid_characters", Meaning: "The text holds control characters or invisible ones."},
		{Code: "invalid_email", Meaning: "This is not an email address."},
		{Code: "invalid_key", Meaning: "A given API key must begin with wk_ and have at least 8 characters."},
		{Code: "invalid_locale", Meaning: "This is not a language tag such as en or de-AT."},
		{Code: "invalid_name", Meaning: "An API key needs a name of at most 100 characters."},
		{Code: "invalid_scope", Meaning: "An API key needs scopes, each of them known."},
		{Code: "invalid_type", Meaning: "A value in a line of an import is of the wrong type."},
		{Code: "invalid_url", Meaning: "This is not an https URL of at most 2048 characters."},
		{Code: "malformed", Meaning: "This is not valid text."},
		{Code: "needs_classes", Meaning: "The password needs a lower-case letter, an upper-case one, a digit and another character. Only where the settings ask for that."},
		{Code: "not_allowed", Meaning: "The value is none of those that are allowed."},
		{Code: "not_found", Meaning: "What a line of an import names is not here. Its own line must come before, and be accepted."},
		{Code: "out_of_range", Meaning: "The number, the duration or the time is too small or too large."},
		{Code: "required", Meaning: "The field is missing."},
		{Code: "too_common", Meaning: "The password is one of those that are tried first."},
		{Code: "too_guessable", Meaning: "The password is long enough and still easy to guess."},
		{Code: "too_long", Meaning: "The value is too long."},
		{Code: "too_short", Meaning: "The value is too short."},
		{Code: "unknown_field", Meaning: "The operation takes no such field, or not in this spelling."},
		{Code: "wrong_type", Meaning: "The value is of another type than the field."},
	}
}
