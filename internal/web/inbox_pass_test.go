package web

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"watchword/internal/secret"
	"watchword/internal/store/storetest"
)

func TestAnInboxPassIsForOneKeyAndHalfADay(t *testing.T) {
	t.Parallel()
	at := storetest.NewClock()
	pass := InboxPass{Keys: newKeyring(t, "a", ""), Now: at.Now, Public: mustURL(t, "http://devbox.example:8080")}
	w := httptest.NewRecorder()
	digest := secret.Digest(secret.NewString("wk_key"))
	if err := pass.Grant(w, digest); err != nil {
		t.Fatal(err)
	}
	cookie := w.Result().Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/dev" || cookie.Secure || cookie.MaxAge != 0 {
		t.Errorf("%+v", cookie)
	}
	sent := cookie.Name + "=" + cookie.Value
	if got, ok := pass.Digest(withCookies(sent)); !ok || !bytes.Equal(got, digest) {
		t.Errorf("%x, %t", got, ok)
	}
	other := InboxPass{Keys: newKeyring(t, "b", ""), Now: at.Now, Public: pass.Public}
	for name, ok := range map[string]bool{
		"none":             first(pass.Digest(withCookies())),
		"made up":          first(pass.Digest(withCookies(cookie.Name + "=x"))),
		"altered":          first(pass.Digest(withCookies(sent[:len(sent)-2] + "AA"))),
		"another server's": first(other.Digest(withCookies(sent))),
		"beside another":   first(pass.Digest(withCookies(sent, cookie.Name+"=x"))),
	} {
		if ok {
			t.Errorf("%s passes", name)
		}
	}
	at.Advance(12*time.Hour - time.Second)
	if _, ok := pass.Digest(withCookies(sent)); !ok {
		t.Error("it ends before its time")
	}
	at.Advance(time.Second)
	if _, ok := pass.Digest(withCookies(sent)); ok {
		t.Error("a copied cookie lives on")
	}
}

func first(_ []byte, ok bool) bool { return ok }

func TestAnInboxPassStaysOnTLSWhereThereIsSome(t *testing.T) {
	t.Parallel()
	pass := InboxPass{Keys: newKeyring(t, "a", ""), Now: storetest.NewClock().Now, Public: mustURL(t, "https://devbox.example")}
	w := httptest.NewRecorder()
	if err := pass.Grant(w, []byte("digest")); err != nil || !w.Result().Cookies()[0].Secure {
		t.Errorf("%v %v", w.Header(), err)
	}
}
