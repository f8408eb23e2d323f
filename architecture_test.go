package watchword_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "watchword"

// The floors of the house, top to bottom. A package imports its own house (the
// folder named here and all below it) and houses of lower floors, nothing else
// of this module. The root package is the ground.
var floors = [][]string{
	{"cmd", "bench", "e2e"},
	{"internal/api", "internal/ui", "internal/oauth"},
	{"internal/signin", "internal/transfer"},
	{"internal/account", "internal/apikey", "internal/client", "internal/session", "internal/statistics", "internal/waitlist"},
	{"internal/delivery"},
	{"internal/event", "internal/idempotency"},
	{"internal/job", "internal/token"},
	{"internal/store", "internal/web", "internal/mail", "internal/upstream", "internal/limit"},
	{"internal/config"},
	{"internal/jsonlines", "internal/secret"},
	{"."},
}

// Reserved imports: only these houses may have them, whatever their floor. The
// top floor is free except where a rule says otherwise.
var reserved = []struct {
	prefixes []string
	houses   []string
	why      string
}{
	{
		[]string{"database/sql", "github.com/jackc/pgx", "modernc.org/sqlite", "github.com/pressly/goose"},
		[]string{"internal/store", "e2e"},
		"only the store speaks SQL and knows drivers",
	},
	{
		[]string{"net/http"},
		[]string{"internal/web", "internal/api", "internal/ui", "internal/oauth", "internal/upstream", "cmd", "bench", "e2e"},
		"journeys know nothing of HTTP; upstream is a client of it",
	},
	{
		[]string{"github.com/danielgtaylor/huma"},
		[]string{"internal/api"},
		"JSON operations are declared in api alone",
	},
	{
		[]string{module + "/internal/config"},
		[]string{"internal/config", "cmd"},
		"settings are handed down by cmd, never fetched",
	},
	{
		[]string{module + "/internal/store/storetest"},
		[]string{"internal/store", "bench", "e2e"},
		"it is for tests and measurements",
	},
	{
		[]string{module + "/internal/mail/mailtest", "github.com/emersion/go-smtp"},
		[]string{"internal/mail", "bench", "e2e"},
		"it is for tests and measurements",
	},
	{
		[]string{module + "/internal/upstream/upstreamtest"},
		[]string{"internal/upstream", "bench", "e2e"},
		"it is for tests and measurements",
	},
	{
		[]string{module + "/internal/store"},
		[]string{
			"internal/store", "internal/job", "internal/token", "internal/event", "internal/account", "internal/apikey",
			"internal/client", "internal/session", "internal/waitlist", "internal/signin", "internal/delivery", "internal/idempotency",
			"internal/statistics", "internal/transfer", "cmd", "bench", "e2e",
		},
		"handlers go through a journey",
	},
}

// houseOf is the house that a package of this module belongs to and its floor,
// counted from the top; the floor of a package that has no house is -1.
func houseOf(pkg string) (house string, floor int) {
	for floor, houses := range floors {
		for _, house := range houses {
			if hasAnyPrefix(pkg, []string{house}) {
				return house, floor
			}
		}
	}
	return "", -1
}

// local is a package's folder, if it is one of this module.
func local(importPath string) (folder string, ok bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

type listedPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func (p listedPackage) folder() string {
	folder, _ := local(p.ImportPath)
	return folder
}

// packages is what the go command says about this module's packages.
func packages(t *testing.T) []listedPackage {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	command.Stderr = t.Output()
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var listed []listedPackage
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p listedPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return listed
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		listed = append(listed, p)
	}
}

func TestImports(t *testing.T) {
	t.Parallel()
	listed := packages(t)
	t.Run("every package has a floor", func(t *testing.T) {
		for _, p := range listed {
			if _, floor := houseOf(p.folder()); floor < 0 {
				t.Errorf("%s stands on no floor: give it one in the table of this test and in docs/architecture.md", p.folder())
			}
		}
	})
	t.Run("go downwards", func(t *testing.T) {
		for _, p := range listed {
			checkDownwards(t, p)
		}
	})
	t.Run("respect what is reserved", func(t *testing.T) {
		for _, p := range listed {
			checkReserved(t, p)
		}
	})
	t.Run("of the root are of the standard library", func(t *testing.T) {
		for _, p := range listed {
			if p.folder() == "." {
				checkStandard(t, p)
			}
		}
	})
}

func checkDownwards(t *testing.T, p listedPackage) {
	t.Helper()
	for _, imported := range p.Imports {
		if to, ok := local(imported); ok && !mayImport(p.folder(), to) {
			t.Errorf("%s imports %s, which is not on a lower floor", p.folder(), to)
		}
	}
	for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
		if to, ok := local(imported); ok && !mayImport(p.folder(), to) && !isTestSupport(to) {
			t.Errorf("a test of %s imports %s, which is not on a lower floor", p.folder(), to)
		}
	}
}

func mayImport(from, to string) bool {
	fromHouse, fromFloor := houseOf(from)
	toHouse, toFloor := houseOf(to)
	return fromHouse == toHouse || toFloor > fromFloor
}

// Tests of any floor may have a real database, with the clock that goes with it,
// a real mail server, and a real provider to sign in at.
func isTestSupport(folder string) bool {
	return hasAnyPrefix(folder, []string{"internal/store/storetest", "internal/mail/mailtest", "internal/upstream/upstreamtest"})
}

func checkReserved(t *testing.T, p listedPackage) {
	t.Helper()
	house, _ := houseOf(p.folder())
	for _, rule := range reserved {
		if slices.Contains(rule.houses, house) {
			continue
		}
		for _, imported := range p.Imports {
			if hasAnyPrefix(imported, rule.prefixes) {
				t.Errorf("%s imports %s: %s", p.folder(), imported, rule.why)
			}
		}
	}
}

func checkStandard(t *testing.T, p listedPackage) {
	t.Helper()
	for _, imported := range p.Imports {
		// The first part of every path outside the standard library is a host.
		host, _, _ := strings.Cut(imported, "/")
		if _, ok := local(imported); ok || strings.Contains(host, ".") {
			t.Errorf("the root package imports %s: nouns need nothing", imported)
		}
	}
}

// hasAnyPrefix compares whole parts of paths.
func hasAnyPrefix(importPath string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool {
		return importPath == prefix || strings.HasPrefix(importPath, prefix+"/")
	})
}

func TestMayImport(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		from, to string
		want     bool
	}{
		{"internal/api", "internal/signin", true},
		{"internal/signin", "internal/api", false},
		{"internal/session", "internal/account", false}, // the same floor
		{"internal/store", "internal/store/internal/sqlgen", true},
		{"internal/store/storetest", "internal/store", true},
		{"internal/secret", ".", true},
		{".", "internal/secret", false},
		{"cmd/watchword", "internal/config", true},
	} {
		if got := mayImport(test.from, test.to); got != test.want {
			t.Errorf("may %s import %s: %t, want %t", test.from, test.to, got, test.want)
		}
	}
	if house, _ := houseOf("internal/storeroom"); house != "" {
		t.Errorf("a name that only begins like %s belongs to it", house)
	}
}

// Where goroutines may be started, and what for. Everything else calls, and
// leaves running to whoever has a Start and a Stop.
var goStatements = map[string]string{
	"cmd/watchword":            "runs the services and waits for a signal",
	"bench":                    "is a load",
	"internal/web":             "serves and drains",
	"internal/job":             "works off the queue",
	"internal/token":           "rotates keys on schedule",
	"internal/secret":          "hashes in a pool",
	"internal/limit":           "forgets old counters and watches Redis",
	"internal/store/storetest": "races callers against each other",
}

// Names that say nothing about what a package owns.
var emptyNames = []string{"util", "utils", "common", "helper", "helpers", "model", "models", "misc", "shared", "base"}

const maxLines = 400

func TestHouseRules(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{} // by folder, of packages written by hand
	for _, s := range sources(t) {
		if slices.Contains(emptyNames, s.file.Name.Name) {
			t.Errorf("%s: package %s is not named after what it owns", s.path, s.file.Name.Name)
		}
		if s.test || s.generated {
			continue
		}
		checkSource(t, s)
		documented[s.folder()] = documented[s.folder()] || path.Base(s.path) == "doc.go" && s.file.Doc != nil
	}
	for _, folder := range slices.Sorted(maps.Keys(documented)) {
		if !documented[folder] && !strings.HasPrefix(folder, "cmd/") {
			t.Errorf("%s has no doc.go that says what the package owns and what it refuses", folder)
		}
	}
}

func checkSource(t *testing.T, s source) {
	t.Helper()
	if s.lines > maxLines {
		t.Errorf("%s has %d lines, more than %d: it does more than one thing", s.path, s.lines, maxLines)
	}
	_, startsGoroutines := goStatements[s.folder()]
	// The clock of tests begins at the present: cookie jars go by the real one.
	readsClock := !strings.HasPrefix(s.path, "internal/") && s.folder() != "." || s.folder() == "internal/store/storetest"
	for node := range ast.Preorder(s.file) {
		line := s.positions.Position(node.Pos()).Line
		switch node := node.(type) {
		case *ast.FuncDecl:
			if node.Recv == nil && node.Name.Name == "init" {
				t.Errorf("%s:%d: init runs behind every caller's back", s.path, line)
			}
		case *ast.GoStmt:
			if !startsGoroutines {
				t.Errorf("%s:%d: a goroutine that nobody stops; services with Start and Stop are listed in this test", s.path, line)
			}
		case *ast.CallExpr:
			if name := called(node); !readsClock && slices.Contains(outside, name) {
				t.Errorf("%s:%d: %s: time and randomness are injected", s.path, line, name)
			}
		}
	}
}

// Calls that take time or randomness from the outside. Naming time.Now as the
// default of an injected clock is no call.
var outside = []string{"time.Now", "time.Since", "time.Until", "time.Sleep", "time.After", "rand.Read", "rand.Text"}

// called is the function that a call names with its package, if it does.
func called(call *ast.CallExpr) string {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if pkg, ok := selector.X.(*ast.Ident); ok {
		return pkg.Name + "." + selector.Sel.Name
	}
	return ""
}

type source struct {
	path            string // with slashes, from the root
	file            *ast.File
	positions       *token.FileSet
	lines           int
	test, generated bool
}

func (s source) folder() string { return path.Dir(s.path) }

// sources parses every Go file, whatever its build tags.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); name != "." && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(file) != ".go" {
			return nil
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		positions := token.NewFileSet()
		parsed, err := parser.ParseFile(positions, file, content, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		all = append(all, source{
			path: filepath.ToSlash(file), file: parsed, positions: positions,
			lines: bytes.Count(content, []byte("\n")),
			test:  strings.HasSuffix(file, "_test.go"), generated: ast.IsGenerated(parsed),
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
