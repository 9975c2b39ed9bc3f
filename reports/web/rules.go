package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"

	"rollcall/adherence"
	"rollcall/schemas/access"
)

// textPage is a page of text that the program carries.
type textPage struct {
	Frame
	Text template.HTML
}

// showText shows a text under a title; here is the page of the navigation that it belongs to.
func (s *Server) showText(w http.ResponseWriter, r *http.Request, title, here string, text template.HTML) {
	page := textPage{s.Frame(PrincipalOf(r.Context()), title, here), text}
	page.Style = "rules"
	s.pages.Show(w, http.StatusOK, "rules", page)
}

// mountRules adds the page of the rules by which days are judged, for everybody who is signed in. /rules#5.4 is rule 4
// of section 5.
func (s *Server) mountRules() error {
	text, err := numbered(adherence.RulesPage())
	if err != nil {
		return fmt.Errorf("read the rules: %w", err)
	}
	return s.MountPage("GET /rules", access.ActionSelf, func(w http.ResponseWriter, r *http.Request) {
		s.showText(w, r, "The rules", "/help", text)
	})
}

// numbered renders a Markdown page of the program itself; a heading that begins with a number has it as its id.
func numbered(text string) (template.HTML, error) {
	md := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	var b bytes.Buffer
	if err := md.Convert([]byte(text), &b,
		parser.WithContext(parser.NewContext(parser.WithIDs(headingIDs{})))); err != nil {
		return "", err
	}
	//nolint:gosec // the page is part of the program, and goldmark leaves out raw HTML
	return template.HTML(b.String()), nil
}

// headingIDs makes ids of headings: 5.4 of "5.4 Matches", fine-print of "Fine print".
type headingIDs struct{}

// Generate returns the id of a heading.
func (headingIDs) Generate(heading []byte, _ ast.NodeKind) []byte {
	number, _, _ := strings.Cut(string(heading), " ")
	if strings.Trim(number, "0123456789.") == "" {
		return []byte(strings.TrimSuffix(number, "."))
	}
	return []byte(strings.ToLower(strings.Join(strings.Fields(string(heading)), "-")))
}

// Put is not needed: headings of one page differ.
func (headingIDs) Put([]byte) {}
