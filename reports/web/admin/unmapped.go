package admin

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"rollcall/reports/web"
	"rollcall/schemas"
)

func (s *routes) fillUnmapped(page *adminPage, r *http.Request) error {
	list, err := s.deps.Store.Unmapped(r.Context())
	meanings, err2 := s.deps.Store.Meanings(r.Context())
	page.Presences, page.Statuses = web.PresenceChoices(), web.StatusChoices()
	page.Routings = web.Choices(schemas.RoutingOffQueue, schemas.RoutingNotResponding)
	page.Categories = web.Choices(schemas.CategoryOnQueueWork, schemas.CategoryUnscheduled-1)
	for _, u := range list {
		if u.Field == fieldActivity {
			page.Activities = append(page.Activities, u)
		} else {
			page.States = append(page.States, u)
		}
	}
	slices.SortFunc(meanings, func(a, b schemas.Meaning) int {
		return cmp.Or(cmp.Compare(b.RecordedAt, a.RecordedAt), strings.Compare(a.Text, b.Text))
	})
	page.Meanings = meanings
	return errors.Join(err, err2)
}

// meaningForm is the form in which a text gets its meaning, with what is chosen in it.
type meaningForm struct {
	Page                      *adminPage
	Row                       struct{ Field, Text string }
	Presence, Status, Routing string
	Verb                      string
}

// Choose returns the form of a text that has no meaning.
func (p adminPage) Choose(u Unmapped) meaningForm {
	f := meaningForm{Page: &p, Verb: "Map"}
	f.Row.Field, f.Row.Text = u.Field, u.Text
	return f
}

// Chosen returns the form of a text that has one; sent as it is, it reads again what was kept raw.
func (p adminPage) Chosen(m schemas.Meaning) meaningForm {
	f := p.Choose(Unmapped{Field: m.Field, Text: m.Text})
	f.Presence, f.Status, f.Routing, f.Verb = m.Presence.String(), m.Status.String(), m.Routing.String(), "Map again"
	return f
}

// fieldActivity is the Field of an activity code.
const fieldActivity = "activity"

// mapState sets the meaning of a state text.
func (s *routes) mapState(w http.ResponseWriter, r *http.Request) {
	m, err := meaningOf(r)
	if err != nil {
		s.show(w, r, "unmapped", http.StatusUnprocessableEntity, err.Error())
		return
	}
	row := s.Entry(r.Context(), schemas.JournalActivities, fmt.Sprintf("%s text %q means %s", m.Field, m.Text, m.Words()))
	m.RecordedAt = row.RecordedAt
	reread, err := s.deps.Store.MapState(r.Context(), m, row)
	what := fmt.Sprintf("%s means %s from now on.", m.Text, m.Words())
	if reread > 0 {
		what = fmt.Sprintf("%s means %s, from now on and in %d facts that were kept; their days are judged again.", m.Text,
			m.Words(), reread)
	}
	s.mapped(w, r, err, what)
}

// meaningOf reads the form: what a text of the field is to stand for.
func meaningOf(r *http.Request) (schemas.Meaning, error) {
	text, field, err := mapping(r, "field")
	m := schemas.Meaning{Field: field, Text: text}
	if err != nil {
		return m, err
	}
	if m.Presence, err = schemas.ParsePresence(r.PostForm.Get("presence")); err == nil {
		if m.Status, err = schemas.ParseStatus(r.PostForm.Get("status")); err == nil {
			m.Routing, err = schemas.ParseRouting(r.PostForm.Get("routing"))
		}
	}
	if err != nil {
		return m, err
	}
	if wrong := m.Check(); wrong != nil {
		return m, wrong
	}
	return m, nil
}

// mapActivity sets the category of an activity code.
func (s *routes) mapActivity(w http.ResponseWriter, r *http.Request) {
	text, to, err := mapping(r, "category")
	var category schemas.Category
	if err == nil {
		category, err = schemas.ParseScheduledCategory(to)
	}
	if err != nil {
		s.show(w, r, "unmapped", http.StatusUnprocessableEntity, err.Error())
		return
	}
	row := s.Entry(r.Context(), schemas.JournalActivities, fmt.Sprintf("activity code %q is %s", text, category))
	code := schemas.ActivityCode{Code: text, Category: category, Paid: r.PostForm.Get("paid") != "",
		CountsAsShrinkage: category != schemas.CategoryOnQueueWork, RecordedAt: row.RecordedAt}
	s.mapped(w, r, s.deps.Store.MapActivity(r.Context(), code, row),
		fmt.Sprintf("%s is %s in imports from now on.", text, web.Label(category)))
}

// mapping reads a text and what it is to mean.
func mapping(r *http.Request, key string) (text, to string, err error) {
	text = strings.TrimSpace(r.PostForm.Get("text"))
	if e := schemas.CheckID("text", text); e != nil {
		return "", "", e
	}
	return text, r.PostForm.Get(key), nil
}

func (s *routes) mapped(w http.ResponseWriter, r *http.Request, err error, what string) {
	if err != nil {
		s.StoreAway(w, r, err)
		return
	}
	s.Done(w, r, "/admin/unmapped", what)
}
