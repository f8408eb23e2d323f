package ui

import (
	"cmp"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/web"
)

// kinds are the names under which sources give an error its kind.
var kinds = map[string]watchword.Kind{
	"KindFault": watchword.KindFault, "KindMalformed": watchword.KindMalformed,
	"KindUnauthenticated": watchword.KindUnauthenticated, "KindForbidden": watchword.KindForbidden,
	"KindNotFound": watchword.KindNotFound, "KindConflict": watchword.KindConflict, "KindGone": watchword.KindGone,
	"KindTooLarge": watchword.KindTooLarge, "KindUnsupported": watchword.KindUnsupported,
	"KindInvalid": watchword.KindInvalid, "KindLimited": watchword.KindLimited,
	"KindUnavailable": watchword.KindUnavailable, "KindUpstream": watchword.KindUpstream,
	"KindPrecondition": watchword.KindPrecondition,
}

// Kinds that only the HTTP layer knows.
var httpKinds = map[string]int{"kindMethodNotAllowed": 405, "kindMisdirected": 421}

// found are the codes that the sources of the product make errors with.
type found struct {
	problems map[string][]int // their statuses
	fields   map[string]bool
}

// collect reads every source of the product.
func collect(t *testing.T) found {
	t.Helper()
	f := found{problems: map[string][]int{}, fields: map[string]bool{}}
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); path != "." && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" || name == "bench" || name == "e2e") {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || path == "errors.go" {
			return nil
		}
		text, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		positions := token.NewFileSet()
		file, err := parser.ParseFile(positions, path, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for node := range ast.Preorder(file) {
			f.note(t, positions, node)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// note takes a code from the few forms in which sources give one.
func (f found) note(t *testing.T, positions *token.FileSet, node ast.Node) {
	t.Helper()
	at := positions.Position(node.Pos())
	switch n := node.(type) {
	case *ast.CallExpr:
		switch name(n.Fun) {
		case "NewError":
			f.problem(t, at, n.Args[0], n.Args[1])
		case "InvalidField":
			f.field(t, at, n.Args[1])
			f.problems["validation_failed"] = []int{422}
		case "brokenRule":
			f.field(t, at, n.Args[0])
		}
	case *ast.CompositeLit:
		switch name(n.Type) {
		case "fieldRule":
			f.field(t, at, n.Elts[1])
		case "FieldError":
			f.field(t, at, valueOf(n, "Code"))
		case "Error":
			f.problem(t, at, valueOf(n, "Kind"), valueOf(n, "Code"))
		}
		if list, ok := n.Type.(*ast.ArrayType); ok && name(list.Elt) == "fieldRule" {
			for _, element := range n.Elts {
				f.field(t, at, element.(*ast.CompositeLit).Elts[1])
			}
		}
	}
}

func (f found) problem(t *testing.T, at token.Position, kind, code ast.Expr) {
	t.Helper()
	text, ok := literal(code)
	if !ok {
		t.Errorf("%s: a code that is no literal cannot be listed for callers", at)
		return
	}
	status, ok := httpKinds[name(kind)]
	if !ok {
		k, known := kinds[name(kind)]
		if !known {
			t.Errorf("%s: kind %s is not known to this test", at, name(kind))
		}
		status = web.NewProblem(context.Background(), watchword.NewError(k, text, "")).Status
	}
	if !slices.Contains(f.problems[text], status) {
		f.problems[text] = append(f.problems[text], status)
	}
}

// field takes literals alone: a function that is given the code is looked for by
// its name, and fails the test here as long as it is not.
func (f found) field(t *testing.T, at token.Position, code ast.Expr) {
	t.Helper()
	if text, ok := literal(code); ok {
		f.fields[text] = true
		return
	}
	passedOn := []string{"code", "Code"} // the parameter of brokenRule; the rule of a fieldRule
	if !slices.Contains(passedOn, name(code)) {
		t.Errorf("%s: a field's code that is no literal cannot be listed for callers", at)
	}
}

func valueOf(literal *ast.CompositeLit, key string) ast.Expr {
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok && name(pair.Key) == key {
			return pair.Value
		}
	}
	return nil
}

// name is the last name of an identifier or a selector.
func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	default:
		return ""
	}
}

func literal(e ast.Expr) (string, bool) {
	basic, ok := e.(*ast.BasicLit)
	if !ok || basic.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(basic.Value)
	return text, err == nil
}

func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	made := collect(t)
	explained := map[string][]int{}
	for _, c := range problemCodes() {
		explained[c.Code] = c.Statuses
	}
	printed := map[string]bool{}
	for _, c := range commandCodes() {
		printed[c.Code] = true
	}
	for code, statuses := range made.problems {
		slices.Sort(statuses)
		if listed, ok := explained[code]; !printed[code] && (!ok || !slices.Equal(statuses, listed)) {
			t.Errorf("%s is made with status %v, and codes.go says %v", code, statuses, listed)
		}
		delete(explained, code)
		delete(printed, code)
	}
	for code := range explained {
		t.Errorf("codes.go explains %s, which nothing makes", code)
	}
	for code := range printed {
		t.Errorf("codes.go explains %s, which nothing prints", code)
	}
}

func TestEveryFieldCodeIsExplained(t *testing.T) {
	t.Parallel()
	made := collect(t).fields
	for _, c := range fieldCodes() {
		if !made[c.Code] {
			t.Errorf("codes.go explains %s, which nothing makes", c.Code)
		}
		delete(made, c.Code)
	}
	for code := range made {
		t.Errorf("codes.go does not explain the field code %s", code)
	}
}

func TestProblemsLinkToTheirExplanation(t *testing.T) {
	t.Parallel()
	html, err := renderErrors()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range slices.Concat(problemCodes(), commandCodes()) {
		link := web.NewProblem(context.Background(), watchword.NewError(watchword.KindMalformed, c.Code, "")).Type
		page, anchor, _ := strings.Cut(link, "#")
		if page != "/docs/errors" || strings.Count(string(html), ` id="`+anchor+`"`) != 1 || seen[c.Code] {
			t.Errorf("%s does not lead to one place", link)
		}
		seen[c.Code] = true
		if c.Meaning == "" || c.Advice == "" {
			t.Errorf("%s is not explained", c.Code)
		}
	}
}

func TestCodesAreInOrder(t *testing.T) {
	t.Parallel()
	usual := func(c code) int { return append(c.Statuses, 0)[0] }
	for _, list := range [][]code{problemCodes(), commandCodes(), fieldCodes()} {
		for i := range list[1:] {
			a, b := list[i], list[i+1]
			if cmp.Or(cmp.Compare(usual(a), usual(b)), cmp.Compare(a.Code, b.Code)) >= 0 {
				t.Errorf("%s stands before %s", a.Code, b.Code)
			}
		}
	}
}
