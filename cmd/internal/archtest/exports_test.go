package archtest_test

import (
	"go/ast"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// exportedFor has what is exported though no other package uses it, and why.
var exportedFor = map[string]string{
	"adherence/batch.AgainstPublished": "a caller of Judge chooses it, as its tests do",
	"adherence/story.Error":            "callers take it from an error",
	"reports/web.Server.Routes":        "the tests of who may do what walk over all routes",
	"schemas/chstore.ErrMemory":        "callers compare errors with it",
	"schemas/chstore.ErrNoDatabase":    "callers compare errors with it",
	"schemas/chstore.ErrReadOnly":      "callers compare errors with it",
	"schemas/chstore.ErrTLS":           "callers compare errors with it",
}

// wellKnown are methods that the standard library and others call through interfaces of theirs. Every Config has a
// Validate, for whoever fills it.
var wellKnown = []string{
	"As", "Close", "Error", "Fire", "Format", "GetStatus", "GoString", "Is", "Len", "Less", "Levels", "MarshalJSON",
	"MarshalText", "MarshalYAML",
	"Next", "Read", "RoundTrip", "Scan", "ServeHTTP", "String", "Swap", "UnmarshalJSON", "UnmarshalText", "UnmarshalYAML",
	"Unwrap", "Validate", "Value", "Write", "WriteHeader",
}

// exports is what the files say of exported names, read without a type-check, which would cost minutes. A name is
// written "folder.Name" or "folder.Type.Method".
type exports struct {
	// declared has, for each exported name, what it shows to others: a signature, a type.
	declared map[string]ast.Node
	// enumOf has the type of a typed constant.
	enumOf map[string]string
	// used by another package.
	used map[string]bool
	// selected says in which folders a name is written behind a dot; templates are a folder of their own.
	selected map[string]map[string]bool
}

func TestNothingIsExportedThatNoOtherPackageUses(t *testing.T) {
	e := &exports{map[string]ast.Node{}, map[string]string{}, map[string]bool{}, map[string]map[string]bool{}}
	everySource(t, true, func(s *source) {
		if !s.test && s.file.Name.Name != "main" {
			e.declare(s)
		}
		e.use(s)
	})
	e.templates(t)
	e.settle()
	var found []string
	for name := range e.declared {
		if !e.used[name] && exportedFor[name] == "" {
			found = append(found, name)
		}
	}
	none(t, "unused exports", found)
	for name := range exportedFor {
		if e.used[name] || e.declared[name] == nil {
			t.Errorf("%s needs no exception any more", name)
		}
	}
}

// declare notes what the file exports.
func (e *exports) declare(s *source) {
	dir := path.Dir(s.path)
	for _, d := range s.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				recv := receiver(d.Recv.List[0].Type)
				name = recv + "." + name
				if !ast.IsExported(recv) {
					continue
				}
			}
			if d.Name.IsExported() {
				e.declared[dir+"."+name] = d.Type
			}
		case *ast.GenDecl:
			e.declareAll(dir, d)
		}
	}
}

// declareAll notes types, variables and constants. A constant without a type of its own has that of the one before.
func (e *exports) declareAll(dir string, d *ast.GenDecl) {
	enum := ""
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() {
				e.declared[dir+"."+spec.Name.Name] = spec.Type
			}
		case *ast.ValueSpec:
			if id, ok := spec.Type.(*ast.Ident); ok {
				enum = dir + "." + id.Name
			} else if spec.Values != nil {
				enum = ""
			}
			for _, id := range spec.Names {
				if !id.IsExported() {
					continue
				}
				name := dir + "." + id.Name
				e.declared[name] = spec
				if d.Tok == token.CONST {
					e.enumOf[name] = enum
				}
			}
		}
	}
}

func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.IndexListExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}

// use notes what the file names of other packages, what it selects, and what its interfaces ask for.
func (e *exports) use(s *source) {
	dir := path.Dir(s.path)
	imported := map[string]string{}
	for _, imp := range s.file.Imports {
		at := strings.Trim(imp.Path.Value, `"`)
		name := path.Base(at)
		if imp.Name != nil {
			name = imp.Name.Name
		}
		if folder, ours := strings.CutPrefix(at, "rollcall/"); ours {
			imported[name] = folder
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			e.selectName(dir, n.Sel.Name)
			if id, ok := n.X.(*ast.Ident); ok && imported[id.Name] != "" && imported[id.Name] != dir {
				e.used[imported[id.Name]+"."+n.Sel.Name] = true
			}
		case *ast.InterfaceType:
			for _, m := range n.Methods.List {
				for _, id := range m.Names {
					e.selectName("interface", id.Name)
				}
			}
		}
		return true
	})
}

func (e *exports) selectName(dir, name string) {
	if e.selected[name] == nil {
		e.selected[name] = map[string]bool{}
	}
	e.selected[name][dir] = true
}

// templates notes the names that templates ask of their data.
func (e *exports) templates(t *testing.T) {
	t.Helper()
	ask := regexp.MustCompile(`\.([A-Z]\w*)`)
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".html", ".tmpl", ".txt"}, filepath.Ext(path)) {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range ask.FindAllSubmatch(text, -1) {
			e.selectName("template", string(m[1]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// settle marks what goes with what is used: methods that are selected somewhere else or asked for by an interface or a
// template, the types that a used name shows, and the values of an enumeration.
func (e *exports) settle() {
	for name := range e.declared {
		dir, _, method := split(name)
		if method == "" {
			continue
		}
		by := maps.Clone(e.selected[method])
		delete(by, dir)
		if len(by) > 0 || slices.Contains(wellKnown, method) {
			e.used[name] = true
		}
	}
	for name := range maps.Clone(e.used) {
		if e.declared[name] != nil { // not in a generated file
			e.show(name)
		}
	}
	for name, enum := range e.enumOf {
		if e.used[enum] {
			e.used[name] = true
		}
	}
}

// split takes a name apart; method is empty for what is no method.
func split(name string) (dir, local, method string) {
	base, rest, _ := strings.Cut(path.Base(name), ".")
	local, method, _ = strings.Cut(rest, ".")
	return path.Join(path.Dir(name), base), local, method
}

// show marks the names of the same package that a used name shows to others.
func (e *exports) show(name string) {
	dir, _, _ := split(name)
	ast.Inspect(e.declared[name], func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			return len(n.Names) == 0 || n.Names[0].IsExported() || !fieldOfStruct(e.declared[name], n)
		case *ast.SelectorExpr:
			return false
		case *ast.Ident:
			if shown := dir + "." + n.Name; e.declared[shown] != nil && !e.used[shown] {
				e.used[shown] = true
				e.show(shown)
			}
		}
		return true
	})
}

// fieldOfStruct says that the field is one of a struct, not a parameter.
func fieldOfStruct(in ast.Node, f *ast.Field) (found bool) {
	ast.Inspect(in, func(n ast.Node) bool {
		if s, ok := n.(*ast.StructType); ok {
			found = found || slices.Contains(s.Fields.List, f)
		}
		return !found
	})
	return found
}
