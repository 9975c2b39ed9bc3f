package web

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strings"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// HelpTopic is a page of help: its name in the address, its title, and its text as Markdown, title included.
type HelpTopic struct{ Name, Title, Text string }

var helpNames = regexp.MustCompile("`rollcall help ([a-z]+)`")

// mountHelp adds /help, which lists the topics, and a page for each, for everybody who is signed in.
func (s *Server) mountHelp() error {
	index := &strings.Builder{}
	fmt.Fprint(index, "# Help\n\n")
	texts := map[string]template.HTML{}
	var errs []error
	for _, t := range s.deps.Help {
		fmt.Fprintf(index, "- [%s](/help/%s)\n", t.Title, t.Name)
		text, err := numbered(helpNames.ReplaceAllString(t.Text, "[$0](/help/$1)"))
		texts[t.Name] = text
		errs = append(errs, err)
	}
	fmt.Fprint(index, "- [The rules by which days are judged](/rules)\n")
	list, err := numbered(index.String())
	texts[""] = list
	show := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, found := texts[r.PathValue("topic")]
		if !found {
			s.Problem(w, r, schemas.NewProblem(http.StatusNotFound, "there is no such topic; /help lists all of them"))
			return
		}
		page := rulesPage{s.Frame(PrincipalOf(r.Context()), "Help", "/help"), text}
		page.Style = "rules"
		s.pages.Show(w, http.StatusOK, "rules", page)
	})
	for _, pattern := range []string{"/help", "/help/{topic}"} {
		route := Route{Method: http.MethodGet, Pattern: pattern, Action: access.ActionSelf, Page: true, Handler: show}
		errs = append(errs, s.Mount(route))
	}
	return errors.Join(append(errs, err)...)
}
