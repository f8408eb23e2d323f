package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestCallersWhoNameTheTagAreSparedTheBody(t *testing.T) {
	t.Parallel()
	body := []byte(`{"a":1}`)
	tag := ETag(body)
	for _, c := range []struct {
		name   string
		lines  []string
		spared bool
	}{
		{"none", nil, false},
		{"the tag", []string{tag}, true},
		{"a weak one", []string{"W/" + tag}, true},
		{"any", []string{"*"}, true},
		{"among others", []string{`"x", ` + tag + ` ,"y"`}, true},
		{"in a second line", []string{`"x"`, "\t" + tag}, true},
		{"after a comma in another", []string{`"x,y",` + tag}, true},
		{"another", []string{`"x"`}, false},
		{"the tag of another body", []string{ETag([]byte(`{"a":2}`))}, false},
		{"without its quotes", []string{tag[1 : len(tag)-1]}, false},
		{"within another", []string{`"x` + tag[1:]}, false},
		{"weak in lower case", []string{"w/" + tag}, false},
		{"empty", []string{""}, false},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r, w := httptest.NewRequest(method, "/", nil), httptest.NewRecorder()
			r.Header["If-None-Match"] = c.lines
			ServeTagged(w, r, body)
			status, text, media := http.StatusOK, string(body), "application/json"
			if c.spared {
				status, text, media = http.StatusNotModified, "", ""
			}
			h := w.Header()
			if w.Code != status || w.Body.String() != text || h.Get("Content-Type") != media {
				t.Errorf("%s %s: %d %q %q", method, c.name, w.Code, h.Get("Content-Type"), w.Body)
			}
			if h.Get("ETag") != tag || h.Get("Cache-Control") != "private, no-cache" || h.Get("Vary") != "Origin, X-Client-Id" {
				t.Errorf("%s %s: %v", method, c.name, h)
			}
		}
	}
}

func TestTagsAreOfTheBodyAlone(t *testing.T) {
	t.Parallel()
	one, same, other := ETag([]byte("a")), ETag([]byte("a")), ETag([]byte("b"))
	if one != same || one == other || len(one) != 18 || one[0] != '"' || one[17] != '"' {
		t.Errorf("%s %s %s", one, same, other)
	}
}

func FuzzTheTagIsFoundAmongAnyOthers(f *testing.F) {
	tag := ETag([]byte("a"))
	f.Add("", "")
	f.Add(`"x,y"`, `W/"z"`)
	f.Fuzz(func(t *testing.T, before, after string) {
		if !names([]string{before + "," + tag + "," + after}, tag) {
			t.Errorf("not found between %q and %q", before, after)
		}
	})
}
