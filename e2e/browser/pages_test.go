package browser

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
)

// view is a page as somebody sees it: in light or dark, narrow or wide, with
// JavaScript or without.
type view struct {
	Name       string   `json:"name"`
	Status     int      `json:"status"`
	Title      string   `json:"title"`
	Overflow   int      `json:"overflow"` // pixels to scroll sideways
	Background string   `json:"background"`
	Faint      []string `json:"faint"`    // texts that stand out too little from what is behind them
	Hidden     []string `json:"hidden"`   // parts that cannot be seen
	Dangling   []string `json:"dangling"` // links within the page that lead nowhere
	Unnamed    int      `json:"unnamed"`  // links and pictures without words
	Headings   []int    `json:"headings"` // their levels
	Pages      []string `json:"pages"`    // that it links to
	watched
}

// watched is what a page did.
type watched struct {
	Complaints []string `json:"complaints"` // errors of the console, violations of the CSP among them
	Requests   []string `json:"requests"`
}

// testPages looks at each page in every way. SCREENSHOTS names a folder in which
// people then find what was seen.
func testPages(t *testing.T, server string) {
	for _, path := range []string{"/docs", "/docs/errors"} {
		for _, link := range lookAt(t, server, path) {
			checkLink(t, server, link)
		}
	}
}

// lookAt looks at one page in every way, and returns the pages that it links to.
func lookAt(t *testing.T, server, path string) []string {
	t.Helper()
	var views []view
	drive(t, "pages.mjs", map[string]string{"url": server + path, "screenshots": os.Getenv("SCREENSHOTS")}, &views)
	backgrounds := map[string]bool{}
	for _, v := range views {
		checkView(t, server, path, v)
		backgrounds[v.Background] = true
	}
	if len(views) != 8 || len(backgrounds) != 2 {
		t.Errorf("%s: %d views with the backgrounds %v", path, len(views), backgrounds)
	}
	return views[0].Pages
}

func checkView(t *testing.T, server, path string, v view) {
	t.Helper()
	where := path + ", " + v.Name
	if v.Status != http.StatusOK || !strings.Contains(v.Title, "Watchword") {
		t.Errorf("%s: %d %q", where, v.Status, v.Title)
	}
	if v.Overflow > 0 {
		t.Errorf("%s: %d pixels to scroll sideways", where, v.Overflow)
	}
	if len(v.Complaints) > 0 {
		t.Errorf("%s: the browser complains: %q", where, v.Complaints)
	}
	if len(v.Faint) > 0 {
		t.Errorf("%s: too little contrast: %q", where, v.Faint)
	}
	if len(v.Hidden) > 0 || len(v.Dangling) > 0 || v.Unnamed > 0 {
		t.Errorf("%s: hidden %q, links to nowhere %q, %d without a name", where, v.Hidden, v.Dangling, v.Unnamed)
	}
	for i, level := range v.Headings {
		if i == 0 && level != 1 || i > 0 && (level == 1 || level > v.Headings[i-1]+1) {
			t.Errorf("%s: the headings skip a level: %v", where, v.Headings)
			break
		}
	}
	if foreign := slices.DeleteFunc(v.Requests, func(url string) bool { return strings.HasPrefix(url, server+"/") }); len(foreign) > 0 {
		t.Errorf("%s: asks other hosts: %q", where, foreign)
	}
}

func checkLink(t *testing.T, server, link string) {
	t.Helper()
	if !strings.HasPrefix(link, server+"/") {
		t.Errorf("a page links to another host: %s", link)
		return
	}
	response, err := http.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("a page links to %s: %d", link, response.StatusCode)
	}
}
