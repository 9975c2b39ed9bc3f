package web

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"regexp"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// HelpTopic is a page of help: its name in the address, its title, and its text as Markdown, title included.
type HelpTopic struct{ Name, Title, Text string }

var helpNames = regexp.MustCompile("`rollcall help ([a-z]+)`")

// mountHelp adds /help, which lists the topics, and a page for each, for everybody who is signed in.
func (s *Server) mountHelp() error {
	index := HelpTopic{Title: "Help", Text: "# Help\n\n"}
	for _, t := range s.deps.Help {
		index.Text += fmt.Sprintf("- [%s](/help/%s)\n", t.Title, t.Name)
	}
	index.Text += "- [The rules by which days are judged](/rules)\n"
	var errs []error
	titles, texts := map[string]string{}, map[string]template.HTML{}
	for _, t := range append([]HelpTopic{index}, s.deps.Help...) {
		text, err := numbered(helpNames.ReplaceAllString(t.Text, "[$0](/help/$1)"))
		titles[t.Name], texts[t.Name] = t.Title, text
		errs = append(errs, err)
	}
	show := func(w http.ResponseWriter, r *http.Request) {
		topic := r.PathValue("topic")
		if titles[topic] == "" {
			s.Problem(w, r, schemas.NewProblem(http.StatusNotFound, "there is no such topic; /help lists all of them"))
			return
		}
		s.showText(w, r, titles[topic], "/help", texts[topic])
	}
	return errors.Join(append(errs, s.MountPage("GET /help", access.ActionSelf, show),
		s.MountPage("GET /help/{topic}", access.ActionSelf, show))...)
}
