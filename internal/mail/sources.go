package mail

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

//go:embed templates
var builtIn embed.FS

// english is the language in which every letter can be written.
const english = "en"

// The files of a folder of templates beside those of the letters.
const (
	layoutFile = "layout" // how letters look; one for all languages
	wordsFile  = "words"  // what letters of a language have in common
)

// templates are all letters there are.
func templates() []Template {
	return []Template{
		VerifyEmail, MagicLink, ResetPassword, ResetNoPassword, Welcome, Invite, AccountExists,
		RefreshReused, PasswordChange, EmailChanged, IdentityLinked, IdentityUnlinked, WaitlistApproved,
	}
}

// source is the text of a file and the name that faults give it.
type source struct {
	name, text string
}

// folder is a place that templates come from: the embedded one or the operator's.
type folder struct {
	files fs.FS
	shown func(name string) string
}

func embedded() folder {
	files, err := fs.Sub(builtIn, "templates")
	if err != nil {
		panic(err) // the name is a constant
	}
	return folder{files, func(name string) string { return builtInMark + name }}
}

// builtInMark tells the names of our files from those of the operator's.
const builtInMark = "built-in "

func isBuiltIn(name string) bool { return strings.HasPrefix(name, builtInMark) }

func operators(dir string) folder {
	return folder{os.DirFS(dir), func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }}
}

// read answers a file, if there is one of that name.
func (f folder) read(name string) (source, bool, error) {
	text, err := fs.ReadFile(f.files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return source{}, false, nil
	}
	return source{f.shown(name), string(text)}, err == nil, err
}

// locales are the languages that the folder has subfolders for, and what in it
// is none of ours: a template with a mistyped name would quietly never be used.
func (f folder) locales() ([]string, []Fault) {
	var locales []string
	var faults []Fault
	entries, err := fs.ReadDir(f.files, ".")
	if err != nil {
		return nil, []Fault{{File: f.shown("."), Message: reasonOf(err)}}
	}
	for _, entry := range entries {
		name := entry.Name()
		switch {
		case hidden(name):
		case f.isFolder(name):
			if tag, err := language.Parse(name); err != nil || tag.String() != name {
				faults = append(faults, Fault{File: f.shown(name), Message: "is not named after a language, such as en or pt-BR"})
				continue
			}
			locales = append(locales, name)
			faults = append(faults, f.strangers(name)...)
		case !slices.Contains([]string{layoutFile + ".html", layoutFile + ".txt"}, name):
			faults = append(faults, Fault{File: f.shown(name), Message: "is not a template: here are layout.html, layout.txt and a folder for each language"})
		}
	}
	return locales, faults
}

// strangers are the files of a language's folder that no letter uses.
func (f folder) strangers(locale string) []Fault {
	entries, err := fs.ReadDir(f.files, locale)
	if err != nil {
		return []Fault{{File: f.shown(locale), Message: reasonOf(err)}}
	}
	var faults []Fault
	for _, entry := range entries {
		name := entry.Name()
		extension := path.Ext(name)
		known := name == wordsFile+".txt" ||
			(extension == ".html" || extension == ".txt") && slices.Contains(templates(), Template(strings.TrimSuffix(name, extension)))
		if !known && !hidden(name) {
			faults = append(faults, Fault{File: f.shown(path.Join(locale, name)), Message: "is not the name of a template"})
		}
	}
	return faults
}

// hidden says whether a file is none of the operator's: volumes of Kubernetes
// have such beside the links to what is in them.
func hidden(name string) bool { return strings.HasPrefix(name, ".") }

// isFolder follows links, which volumes are made of.
func (f folder) isFolder(name string) bool {
	info, err := fs.Stat(f.files, name)
	return err == nil && info.IsDir()
}

// reasonOf is why a file could not be read, without its name.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return "cannot be read: " + err.Error()
}
