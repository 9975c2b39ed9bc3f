package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

//go:embed templates/*.html
var templateFiles embed.FS

// pages are the templates: each page inside the common frame.
type pages struct{ byName map[string]*template.Template }

// loadPages reads every template, so that a broken one is noticed at start.
func loadPages() (*pages, error) {
	p := &pages{map[string]*template.Template{}}
	for _, name := range []string{"board", "login", "problem", "me", "directory", "admin", "bulk", "schedules", "adherence", "day", "reports"} {
		t, err := template.New("frame.html").Funcs(template.FuncMap{"words": words}).
			ParseFS(templateFiles, "templates/frame.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("read page %s: %w", name, err)
		}
		p.byName[name] = t
	}
	return p, nil
}

// frame is what the frame around every page shows.
type frame struct {
	Title string
	// User and Role are of who is signed in; empty for nobody. Person says that a person is, not a program.
	User, Role string
	Person     bool
	// Nav are the pages to go to, Here the one of them that is shown.
	Nav  []navItem
	Here string
	// Script and Style say that the page has the script, and the style sheet, of that name. Reload is the number of seconds after
	// which a browser without scripts asks for the page again; 0 for never.
	Script, Style string
	Reload        int
}

// frameOf gives the frame of a page that the principal asked for.
func frameOf(title string, p access.Principal) frame {
	return frame{Title: title, User: p.Name, Role: string(p.Role), Person: p.User, Nav: navOf(p)}
}

// at says which page of the navigation this is.
func (f frame) at(path string) frame {
	f.Here = path
	return f
}

// part sends a part of a page, for a script that puts it in its place.
func (p *pages) part(w http.ResponseWriter, name, part string, data any) {
	var b bytes.Buffer
	if err := p.byName[name].ExecuteTemplate(&b, part, data); err != nil {
		panic(fmt.Errorf("show part %s of page %s: %w", part, name, err))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = b.WriteTo(w) // the reader is gone
}

// show sends a page, whole or not at all.
func (p *pages) show(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := p.byName[name].Execute(&b, data); err != nil {
		panic(fmt.Errorf("show page %s: %w", name, err))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // the reader is gone
}

// problem sends a problem as a page.
func (p *pages) problem(w http.ResponseWriter, f frame, problem *schemas.Problem) {
	p.show(w, problem.Status, "problem", struct {
		frame
		Problem *schemas.Problem
	}{f, problem})
}

// words turns a word of the domain into English: off_queue into Off queue.
func words(v any) string {
	s := strings.ReplaceAll(fmt.Sprint(v), "_", " ")
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
