package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"strings"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

//go:embed templates/*.html static/*
var ownFiles embed.FS

// shell is the template around every page.
const shell = "frame.html"

// Pages are templates, each a page inside the common frame, by name.
type Pages struct{ byName map[string]*template.Template }

// Pages reads the pages of a feature from templates/*.html in its files, so that a broken one is noticed at start, and
// adds a route for each of its style sheets and scripts, static/*. Templates may call the feature's own functions. Call
// it before Run.
func (s *Server) Pages(feature fs.FS, own ...template.FuncMap) (*Pages, error) {
	names, err := fs.Glob(feature, "templates/*.html")
	if err != nil {
		return nil, err
	}
	words := template.FuncMap{"words": Label, "stamp": stamp, "took": took,
		"ago": func(t schemas.Instant) string { return ago(t, schemas.InstantOf(s.deps.Now())) }}
	for _, more := range own {
		maps.Copy(words, more)
	}
	p := &Pages{map[string]*template.Template{}}
	for _, name := range names {
		t, err := template.New(shell).Funcs(words).ParseFS(ownFiles, "templates/"+shell)
		if err == nil {
			t, err = t.ParseFS(feature, name)
		}
		if err != nil {
			return nil, fmt.Errorf("read page %s: %w", name, err)
		}
		p.byName[strings.TrimSuffix(path.Base(name), ".html")] = t
	}
	return p, s.mountStatic(feature)
}

// Frame is what the frame around every page shows.
type Frame struct {
	Title string
	// User and Role are of who is signed in; empty for nobody. Person says that a person is, not a program.
	User, Role string
	Person     bool
	// Nav are the pages to go to, Here the one of them that is shown.
	Nav  []NavItem
	Here string
	// Script and Style say that the page has the script, and the style sheet, of that name. Reload is the number of
	// seconds after which a browser without scripts asks for the page again; 0 for never.
	Script, Style string
	Reload        int
}

// Frame returns the frame of a page that the principal asked for; here is the page of the navigation that it belongs
// to, empty for none.
func (s *Server) Frame(p access.Principal, title, here string) Frame {
	return Frame{
		Title:  title,
		User:   p.Name,
		Role:   string(p.Role),
		Person: p.User,
		Nav:    s.navOf(p),
		Here:   here,
	}
}

// Part sends a part of a page, for a script that puts it in its place.
func (p *Pages) Part(w http.ResponseWriter, name, part string, data any) {
	var b bytes.Buffer
	if err := p.byName[name].ExecuteTemplate(&b, part, data); err != nil {
		panic(fmt.Errorf("show part %s of page %s: %w", part, name, err))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = b.WriteTo(w) // the reader is gone
}

// Show sends a page, whole or not at all.
func (p *Pages) Show(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := p.byName[name].Execute(&b, data); err != nil {
		panic(fmt.Errorf("show page %s: %w", name, err))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // the reader is gone
}

// problem sends a problem as a page.
func (p *Pages) problem(w http.ResponseWriter, f Frame, problem *schemas.Problem) {
	p.Show(w, problem.Status, "problem", struct {
		Frame
		Problem *schemas.Problem
	}{f, problem})
}
