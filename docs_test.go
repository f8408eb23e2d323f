package watchword_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	// A path of the tree in code marks; one with a placeholder or a star is none.
	namedPath = regexp.MustCompile("`((?:bench|cmd|docs|e2e|internal|scripts)/[A-Za-z0-9_./-]*[A-Za-z0-9_/-])`")
	heading   = regexp.MustCompile(`(?m)^#+ +(.+)$`)
)

// documents are all pages that people read in the tree, by path.
func documents(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() != "." && strings.HasPrefix(entry.Name(), ".")) {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(file) != ".md" {
			return nil
		}
		text, err := os.ReadFile(file)
		pages[filepath.ToSlash(file)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

func TestLinksInDocumentsLeadSomewhere(t *testing.T) {
	t.Parallel()
	pages := documents(t)
	for page, text := range pages {
		for _, found := range markdownLink.FindAllStringSubmatch(text, -1) {
			if link := found[1]; !strings.Contains(link, "://") {
				checkLink(t, pages, page, link)
			}
		}
		for _, found := range namedPath.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.FromSlash(found[1])); err != nil {
				t.Errorf("%s names %s, which is not there", page, found[1])
			}
		}
	}
}

func checkLink(t *testing.T, pages map[string]string, page, link string) {
	t.Helper()
	file, anchor, _ := strings.Cut(link, "#")
	target := page
	if file != "" {
		target = path.Join(path.Dir(page), file)
	}
	if _, err := os.Stat(filepath.FromSlash(target)); err != nil {
		t.Errorf("%s links to %s, which is not there", page, link)
		return
	}
	if anchor == "" {
		return
	}
	for _, found := range heading.FindAllStringSubmatch(pages[target], -1) {
		if anchorOf(found[1]) == anchor {
			return
		}
	}
	t.Errorf("%s links to %s, and no heading there has that name", page, link)
}

// anchorOf is what renderers of Markdown make of a heading.
func anchorOf(heading string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r > 127:
			return r
		default:
			return -1
		}
	}, strings.ToLower(heading))
	return kept
}

func TestEveryDecisionIsInTheIndex(t *testing.T) {
	t.Parallel()
	pages := documents(t)
	index := pages["docs/decisions/README.md"]
	for page := range pages {
		name, ok := strings.CutPrefix(page, "docs/decisions/")
		if ok && name != "README.md" && !strings.Contains(index, "["+name[:4]+"]("+name+")") {
			t.Errorf("docs/decisions/README.md does not list %s", name)
		}
	}
}
