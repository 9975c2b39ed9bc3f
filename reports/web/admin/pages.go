package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"rollcall/reports"
	"rollcall/reports/web"
	"rollcall/scheduler"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Store is what the administration reads and writes besides credentials (the store and the scheduler).
type Store interface {
	Feeds(ctx context.Context) ([]schemas.Feed, error)
	// Overruled returns, by source, what did not count on the judged days from one on.
	Overruled(ctx context.Context, from schemas.Date) ([]schemas.OverruledSource, error)
	// Unmapped returns the state texts and activity codes that mean nothing to us, the most frequent first.
	Unmapped(ctx context.Context) ([]Unmapped, error)
	// MapState decides what a state text stands for, writes the journal row, and reads again the facts that have kept the
	// text raw: so many. Meanings returns what has been decided, secondary statuses included.
	MapState(ctx context.Context, m schemas.Meaning, row schemas.JournalRow) (reread int, err error)
	Meanings(ctx context.Context) ([]schemas.Meaning, error)
	// MapActivity sets the category that a code has from now on, and writes the journal row.
	MapActivity(ctx context.Context, c schemas.ActivityCode, row schemas.JournalRow) error
	Jobs() []scheduler.Status
	// JobRuns returns the last runs of a job, the last first.
	JobRuns(ctx context.Context, job string, limit int) ([]scheduler.Run, error)
	// RunJob begins a run and does not wait for it; scheduler.ErrRunning when it runs already.
	RunJob(job string) error
	// JournalPage returns journal rows, the newest first: of one kind ("" = all), older than the row of the key ("" =
	// none).
	JournalPage(ctx context.Context, kind schemas.JournalKind, beforeAt schemas.Instant, beforeID string,
		limit int) ([]schemas.JournalRow, error)
}

// Unmapped is a text that maps to nothing: Field is presence, status, routing or activity.
type Unmapped struct {
	Field, Text, Sources string
	Count                int64
	Last                 schemas.Instant
	// Category is that which the code has in the schedule; none for states.
	Category schemas.Category
}

// mountPages adds the pages of administration: what is seen by GET, what is done by POST and then a redirect.
func (s *routes) mountPages() error {
	errs := []error{
		s.MountPage("GET /admin", access.ActionAdminister, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/admin/users", http.StatusSeeOther)
		}),
		s.MountPage("POST /admin/users", access.ActionGrant, s.addUser),
		s.MountPage("POST /admin/users/{id}/disable", access.ActionGrant,
			func(w http.ResponseWriter, r *http.Request) { s.setDisabled(w, r, true) }),
		s.MountPage("POST /admin/users/{id}/enable", access.ActionGrant,
			func(w http.ResponseWriter, r *http.Request) { s.setDisabled(w, r, false) }),
		s.MountPage("POST /admin/users/{id}/password", access.ActionGrant, s.setPassword),
		s.MountPage("POST /admin/tokens", access.ActionGrant, s.addToken),
		s.MountPage("POST /admin/tokens/{id}/revoke", access.ActionGrant, s.revokeToken),
		s.MountPage("POST /admin/unmapped/state", access.ActionAdminister, s.mapState),
		s.MountPage("POST /admin/unmapped/activity", access.ActionAdminister, s.mapActivity),
		s.MountPage("POST /admin/jobs/{name}/run", access.ActionAdminister, s.runJobPage),
	}
	if s.deps.Webhooks != nil {
		errs = append(errs, s.MountPage("POST /admin/webhooks/{id}/replay", access.ActionAdminister, s.replayPage))
	}
	for _, t := range s.tabs() {
		errs = append(errs, s.MountPage("GET /admin/"+t.Path, t.Action,
			func(w http.ResponseWriter, r *http.Request) { s.show(w, r, t.Path, http.StatusOK, "") }))
	}
	return errors.Join(errs...)
}

// tabs lists the tabs of the administration.
func (s *routes) tabs() []web.NavItem {
	var out []web.NavItem
	for _, tab := range []string{"users", "tokens", "feeds", "unmapped", "jobs", "webhooks", "journal"} {
		item := web.NavItem{Path: tab, Label: web.Label(tab), Action: access.ActionAdminister}
		if tab == "users" || tab == "tokens" {
			item.Action = access.ActionGrant
		}
		if tab != "webhooks" || s.deps.Webhooks != nil {
			out = append(out, item)
		}
	}
	return out
}

// adminPage is what every page of the administration shows; each tab fills its own part.
type adminPage struct {
	web.Frame
	Tab  string
	Tabs []web.NavItem
	Now  time.Time
	// Done says what was done, Wrong what was not and why, Secret a new token; each once.
	Done, Wrong, Secret string
	Form                url.Values
	Roles               []schemas.Role
	Credentials         []credentialRow
	Feeds               []feedRow
	Overruled           []string
	States, Activities  []Unmapped
	Presences, Statuses []web.Choice
	Routings            []web.Choice
	Categories          []web.Choice
	Meanings            []schemas.Meaning
	Jobs                []jobRow
	Alarms              []schemas.Alarm
	Dead                []schemas.WebhookDelivery
	Journal             journalPage
}

// show shows a tab, and what was wrong with a form of it that was refused, with what was in the form.
func (s *routes) show(w http.ResponseWriter, r *http.Request, tab string, status int, wrong string) {
	page := adminPage{
		Frame:  s.Frame(web.PrincipalOf(r.Context()), web.Label(tab), "/admin"),
		Tab:    tab,
		Tabs:   s.tabs(),
		Now:    s.Now(),
		Wrong:  wrong,
		Form:   r.PostForm,
		Alarms: s.Alarms(),
	}
	err := map[string]func(*adminPage, *http.Request) error{
		"users":    s.fillCredentials,
		"tokens":   s.fillCredentials,
		"feeds":    s.fillFeeds,
		"unmapped": s.fillUnmapped,
		"jobs":     s.fillJobs,
		"webhooks": s.fillDead,
		"journal":  s.fillJournal,
	}[tab](&page, r)
	var problem *schemas.Problem
	switch {
	case errors.As(err, &problem):
		s.Problem(w, r, problem)
	case err != nil:
		s.StoreAway(w, r, err)
	default: // a page that cannot be shown leaves what is said once to the next
		page.Done, page.Secret = s.Flash(r), s.FlashSecret(r)
		s.pages.Show(w, status, "admin", page)
	}
}

// feedRow is a feed in words.
type feedRow struct {
	feedState
	Silent   bool
	Supplies string
}

func (s *routes) fillFeeds(page *adminPage, r *http.Request) error {
	feeds, overruled, err := s.feeds(r.Context())
	for _, f := range feeds {
		row := feedRow{f, f.Silent, cmp.Or(strings.Join(f.Fields, ", "), "whatever it sends")}
		if !f.watched && f.LastSeen != nil {
			row.Silent = s.Now().Sub(f.LastSeen.Time()) > s.Config().FeedSilent
		}
		page.Feeds = append(page.Feeds, row)
	}
	for _, o := range overruled {
		page.Overruled = append(page.Overruled, fmt.Sprintf("%s: %s about %s", cmp.Or(o.Source, "other sources"),
			reports.Counted(int(o.Changes), "change"), reports.Counted(int(o.Agents), "agent"))) //nolint:gosec // counts
	}
	return err
}

// jobRow is a job with its last runs.
type jobRow struct {
	scheduler.Status
	Runs []scheduler.Run
}

// runsShown is how many runs of a job the page shows.
const runsShown = 6

func (s *routes) fillJobs(page *adminPage, r *http.Request) error {
	for _, st := range s.deps.Store.Jobs() {
		runs, err := s.deps.Store.JobRuns(r.Context(), st.Name, runsShown)
		if err != nil {
			return err
		}
		page.Jobs = append(page.Jobs, jobRow{st, runs})
	}
	return nil
}

func (s *routes) runJobPage(w http.ResponseWriter, r *http.Request) {
	st, err := s.runJob(r.Context(), r.PathValue("name"))
	var problem *schemas.Problem
	switch {
	case errors.As(err, &problem):
		s.show(w, r, "jobs", problem.Status, web.Sentence(problem.Detail)+".")
	case err != nil:
		s.Fail(w, r, err)
	default:
		s.Done(w, r, "/admin/jobs", st.Name+" has begun.")
	}
}
