package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
)

// fakeFlow is a way to the provider and back, and the code that it ends in.
type fakeFlow struct{ cookie, nonce, redirect, state, challenge, client, email string }

func (f *fake) authorize(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	if r.PathValue("provider") != providerID || asked.Get("response_type") != "code" || asked.Get("code_challenge_method") != "S256" {
		problem(w, http.StatusBadRequest, "malformed")
		return
	}
	state, flow := rand.Text(), fakeFlow{
		cookie: rand.Text(), nonce: rand.Text(), redirect: asked.Get("redirect_uri"), state: asked.Get("state"),
		challenge: asked.Get("code_challenge"), client: asked.Get("client_id"),
	}
	f.flows[state] = flow
	http.SetCookie(w, &http.Cookie{Name: "flow", Value: flow.cookie, Path: "/", HttpOnly: true})
	lead(w, "http://provider.example/authorize", url.Values{
		"state": {state}, "nonce": {flow.nonce}, "code_challenge": {challengeOf("the fake's")},
	})
}

func (f *fake) callback(w http.ResponseWriter, r *http.Request) {
	back := r.URL.Query()
	flow, ok := f.flows[back.Get("state")]
	delete(f.flows, back.Get("state"))
	given, readable := readCode(back.Get("code"))
	cookie, err := r.Cookie("flow")
	if !ok || err != nil || cookie.Value != flow.cookie || !readable || given.nonce != flow.nonce || given.challenge != challengeOf("the fake's") {
		problem(w, http.StatusBadRequest, "oauth_state_invalid")
		return
	}
	flow.email = personEmail(given.subject)
	f.people[flow.email] = true
	code := rand.Text()
	f.codes[code] = flow
	lead(w, flow.redirect, url.Values{"code": {code}, "state": {flow.state}, "iss": {"http://" + r.Host}})
}

func (f *fake) token(w http.ResponseWriter, r *http.Request) {
	flow, ok := f.codes[r.PostFormValue("code")]
	delete(f.codes, r.PostFormValue("code"))
	if !ok || r.PostFormValue("grant_type") != "authorization_code" || r.PostFormValue("client_id") != flow.client ||
		r.PostFormValue("redirect_uri") != flow.redirect || challengeOf(r.PostFormValue("code_verifier")) != flow.challenge {
		write(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	write(w, http.StatusOK, map[string]any{"access_token": "at-of-a-code", "refresh_token": "rt_of_a_code", "id_token": fakeID(flow.email)})
}

// fakeID is an ID token as far as one that is not verified matters.
func fakeID(email string) string {
	claims, _ := json.Marshal(map[string]string{"email": email})
	return "e30." + base64.RawURLEncoding.EncodeToString(claims) + ".e30"
}

func lead(w http.ResponseWriter, target string, query url.Values) {
	w.Header().Set("Location", target+"?"+query.Encode())
	w.WriteHeader(http.StatusSeeOther)
}
