package archtest_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// The sizes that nothing may exceed.
const (
	mostFileLines     = 600
	mostColumns       = 120 // a tab counts as one
	mostFunctionLines = 100
	usualLines        = 40 // nine functions of ten are shorter
	mostFieldsInLine  = 5
)

// source is one Go file of the house that people wrote.
type source struct {
	path  string // from the top folder
	text  []byte
	file  *ast.File
	test  bool
	lines int
}

// top is the top folder as the tests see it.
var top = filepath.Join("..", "..", "..")

var fileSet = token.NewFileSet()

// at names a place.
func (s *source) at(n ast.Node) string { return fmt.Sprintf("%s:%d", s.path, lineOf(n.Pos())) }

func lineOf(p token.Pos) int { return fileSet.Position(p).Line }

var sources = sync.OnceValues(func() (all []*source, err error) {
	err = filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(fileSet, path, text, parser.ParseComments)
		if err != nil || ast.IsGenerated(file) {
			return err
		}
		path, err = filepath.Rel(top, path)
		all = append(all, &source{filepath.ToSlash(path), text, file, strings.HasSuffix(path, "_test.go"),
			bytes.Count(text, []byte("\n"))})
		return err
	})
	return all, err
})

// everySource calls f with every file; with the tests only where they are asked for.
func everySource(t *testing.T, tests bool, f func(*source)) {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if tests || !s.test {
			f(s)
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	var found []string
	everySource(t, true, func(s *source) {
		if s.lines > mostFileLines {
			found = append(found, fmt.Sprintf("%s has %d lines; at most %d", s.path, s.lines, mostFileLines))
		}
	})
	none(t, "long files", found)
}

// Data cannot be wrapped: a line wholly inside a raw string of a test (a document, expected output) and a line with a
// struct tag may be longer.
func TestLinesAreShort(t *testing.T) {
	var found []string
	everySource(t, true, func(s *source) {
		data := dataLines(s)
		for i, line := range strings.Split(string(s.text), "\n") {
			if n := utf8.RuneCountInString(line); n > mostColumns && !data[i+1] {
				found = append(found, fmt.Sprintf("%s:%d has %d columns; at most %d", s.path, i+1, n, mostColumns))
			}
		}
	})
	none(t, "long lines", found)
}

// dataLines has the numbers of the lines that are data.
func dataLines(s *source) map[int]bool {
	data := map[int]bool{}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			for line := lineOf(n.Pos()) + 1; s.test && line < lineOf(n.End()); line++ {
				data[line] = true
			}
		case *ast.Field:
			if n.Tag != nil {
				data[lineOf(n.Tag.Pos())] = true
			}
		}
		return true
	})
	return data
}

func TestFunctionsAreShort(t *testing.T) {
	var found, over []string
	count := 0
	everySource(t, false, func(s *source) {
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			count++
			n := lineOf(f.End()) - lineOf(f.Pos()) + 1
			what := fmt.Sprintf("%s: %s has %d lines", s.at(f), f.Name.Name, n)
			if n > mostFunctionLines {
				found = append(found, fmt.Sprintf("%s; at most %d", what, mostFunctionLines))
			}
			if n >= usualLines {
				over = append(over, what)
			}
		}
	})
	none(t, "long functions", found)
	if len(over)*10 > count {
		t.Errorf("%d of %d functions have %d lines or more; at most one in ten may:\n%s", len(over), count, usualLines,
			strings.Join(over, "\n"))
	}
}

// A literal of many fields is read as a table: a field a line. Rows of a table in a test may stay one line each.
func TestLiteralsOfManyFieldsHaveAFieldALine(t *testing.T) {
	var found []string
	everySource(t, true, func(s *source) {
		rows := map[ast.Node]bool{}
		ast.Inspect(s.file, func(n ast.Node) bool {
			c, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			_, list := c.Type.(*ast.ArrayType)
			_, named := c.Type.(*ast.MapType)
			for _, e := range c.Elts {
				if pair, ok := e.(*ast.KeyValueExpr); ok {
					e = pair.Value
				}
				if ref, ok := e.(*ast.UnaryExpr); ok {
					e = ref.X
				}
				rows[e] = s.test && (list || named)
			}
			if !rows[c] && crowded(c) {
				found = append(found, s.at(c)+": a literal of more than 5 fields has several in one line")
			}
			return true
		})
	})
	none(t, "crowded literals", found)
}

// crowded says that a literal of many named fields has two of them in one line.
func crowded(c *ast.CompositeLit) bool {
	if len(c.Elts) <= mostFieldsInLine {
		return false
	}
	lines := map[int]bool{}
	for _, e := range c.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		if _, ok := pair.Key.(*ast.Ident); !ok {
			return false
		}
		lines[lineOf(pair.Pos())] = true
	}
	return len(lines) < len(c.Elts)
}

func TestPackagesIntroduceThemselvesAndNoneIsTooLarge(t *testing.T) {
	lines, documented, all := map[string]int{}, map[string]bool{}, 0
	everySource(t, false, func(s *source) {
		dir := path.Dir(s.path)
		lines[dir] += s.lines
		all += s.lines
		documented[dir] = documented[dir] || s.file.Doc.Text() != ""
	})
	for dir, n := range lines {
		if !documented[dir] {
			t.Errorf("package %s has no comment; write in doc.go what it is for", dir)
		}
		if n*4 > all {
			t.Errorf("package %s has %d of the %d lines of the house; at most a quarter", dir, n, all)
		}
	}
}

// none fails when there are findings.
func none(t *testing.T, rule string, found []string) {
	t.Helper()
	if len(found) == 0 {
		return
	}
	slices.Sort(found)
	t.Errorf("%s:\n%s", rule, strings.Join(found, "\n"))
}
