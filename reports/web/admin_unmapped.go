package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"rollcall/schemas"
)

// unmappedRow is a text without a meaning, in words.
type unmappedRow struct {
	Unmapped
	Seen string
	// Mappable says that the page can give it one.
	Mappable bool
}

func (s *Server) showUnmapped(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	list, err := s.deps.Admin.Unmapped(r.Context())
	if err != nil {
		s.storeAway(w, r, err)
		return
	}
	page := s.adminPage(r, "unmapped", "Unmapped", wrong)
	page.Statuses = statusChoices()
	for c := schemas.CategoryOnQueueWork; c < schemas.CategoryUnscheduled; c++ {
		page.Categories = append(page.Categories, choice{Value: c.String(), Label: words(c)})
	}
	for _, u := range list {
		row := unmappedRow{Unmapped: u, Seen: when(u.Last), Mappable: u.Field == "status" || u.Field == fieldActivity}
		if u.Field == fieldActivity {
			page.Activities = append(page.Activities, row)
		} else {
			page.States = append(page.States, row)
		}
	}
	s.pages.show(w, status, "admin", page)
}

// fieldActivity is the Field of an activity code.
const fieldActivity = "activity"

// mapStatus makes a state text a secondary status of one of ours.
func (s *Server) mapStatus(w http.ResponseWriter, r *http.Request) {
	text, to, err := mapping(r, "status")
	var status schemas.Status
	if err == nil {
		status, err = schemas.ParseStatus(to)
	}
	if err == nil && (status == schemas.StatusNone || status == schemas.StatusUnknown) {
		err = errors.New("choose a status")
	}
	if err != nil {
		s.showUnmapped(w, r, http.StatusUnprocessableEntity, err.Error())
		return
	}
	row := s.entry(r, schemas.JournalActivities, PrincipalOf(r.Context()).Name, fmt.Sprintf("status text %q means %s", text, status))
	err = s.deps.Admin.MapStatus(r.Context(), schemas.SecondaryStatus{Secondary: text, Status: status, RecordedAt: row.RecordedAt}, row)
	s.mapped(w, r, err, fmt.Sprintf("%s means %s from now on.", text, words(status)))
}

// mapActivity gives an activity code its category.
func (s *Server) mapActivity(w http.ResponseWriter, r *http.Request) {
	text, to, err := mapping(r, "category")
	var category schemas.Category
	if err == nil {
		category, err = schemas.ParseScheduledCategory(to)
	}
	if err != nil {
		s.showUnmapped(w, r, http.StatusUnprocessableEntity, err.Error())
		return
	}
	row := s.entry(r, schemas.JournalActivities, PrincipalOf(r.Context()).Name, fmt.Sprintf("activity code %q is %s", text, category))
	code := schemas.ActivityCode{Code: text, Category: category, Paid: r.PostForm.Get("paid") != "",
		CountsAsShrinkage: category != schemas.CategoryOnQueueWork, RecordedAt: row.RecordedAt}
	s.mapped(w, r, s.deps.Admin.MapActivity(r.Context(), code, row), fmt.Sprintf("%s is %s in imports from now on.", text, words(category)))
}

// mapping reads a text and what it is to mean.
func mapping(r *http.Request, key string) (text, to string, err error) {
	if err := r.ParseForm(); err != nil {
		return "", "", errors.New("the form cannot be read; try again")
	}
	text = strings.TrimSpace(r.PostForm.Get("text"))
	if e := schemas.CheckID("text", text); e != nil {
		return "", "", e
	}
	return text, r.PostForm.Get(key), nil
}

func (s *Server) mapped(w http.ResponseWriter, r *http.Request, err error, what string) {
	if err != nil {
		s.storeAway(w, r, err)
		return
	}
	s.done(w, r, "/admin/unmapped", what)
}
