package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"rollcall/reports/web"
	"rollcall/scheduler"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Store is what the administration reads and writes besides credentials (the store and the scheduler).
type Store interface {
	Feeds(ctx context.Context) ([]schemas.Feed, error)
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
	// Category is that which the schedule gave the code; none for states.
	Category schemas.Category
}

// mountPages adds the pages of administration: what is seen by GET, what is done by POST and then a redirect.
func (s *routes) mountPages() error {
	return errors.Join(
		s.MountPage("GET /admin", access.ActionAdminister, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/admin/users", http.StatusSeeOther)
		}),
		s.MountPage("GET /admin/users", access.ActionGrant,
			func(w http.ResponseWriter, r *http.Request) { s.showUsers(w, r, http.StatusOK, "") }),
		s.MountPage("POST /admin/users", access.ActionGrant, s.addUser),
		s.MountPage("POST /admin/users/{id}/disable", access.ActionGrant,
			func(w http.ResponseWriter, r *http.Request) { s.setDisabled(w, r, true) }),
		s.MountPage("POST /admin/users/{id}/enable", access.ActionGrant,
			func(w http.ResponseWriter, r *http.Request) { s.setDisabled(w, r, false) }),
		s.MountPage("POST /admin/users/{id}/password", access.ActionGrant, s.setPassword),
		s.MountPage("GET /admin/tokens", access.ActionGrant,
			func(w http.ResponseWriter, r *http.Request) { s.showTokens(w, r, http.StatusOK, "") }),
		s.MountPage("POST /admin/tokens", access.ActionGrant, s.addToken),
		s.MountPage("POST /admin/tokens/{id}/revoke", access.ActionGrant, s.revokeToken),
		s.MountPage("GET /admin/feeds", access.ActionAdminister, s.showFeeds),
		s.MountPage("GET /admin/unmapped", access.ActionAdminister,
			func(w http.ResponseWriter, r *http.Request) { s.showUnmapped(w, r, http.StatusOK, "") }),
		s.MountPage("POST /admin/unmapped/state", access.ActionAdminister, s.mapState),
		s.MountPage("POST /admin/unmapped/activity", access.ActionAdminister, s.mapActivity),
		s.MountPage("GET /admin/jobs", access.ActionAdminister,
			func(w http.ResponseWriter, r *http.Request) { s.showJobs(w, r, http.StatusOK, "") }),
		s.MountPage("POST /admin/jobs/{name}/run", access.ActionAdminister, s.runJob),
		s.MountPage("GET /admin/journal", access.ActionAdminister, s.showJournal),
	)
}

// adminPage is what every page of the administration shows; each tab fills its own part.
type adminPage struct {
	web.Frame
	Tab  string
	Tabs []web.NavItem
	// Done says what was done, Wrong what was not and why, Secret a new token; each once.
	Done, Wrong, Secret string
	Form                url.Values
	Roles               []schemas.Role
	Credentials         []credentialRow
	Feeds               []feedRow
	States, Activities  []unmappedRow
	Presences, Statuses []web.Choice
	Routings            []web.Choice
	Categories          []web.Choice
	Meanings            []meaningRow
	Jobs                []jobRow
	Alarms              []alarmRow
	Dead                []deadRow
	Journal             journalPage
}

// tabs lists the tabs of the administration.
func tabs(webhooks bool) []web.NavItem {
	var out []web.NavItem
	for _, tab := range []string{"users", "tokens", "feeds", "unmapped", "jobs", "webhooks", "journal"} {
		if tab != "webhooks" || webhooks {
			out = append(out, web.NavItem{Path: tab, Label: web.Label(tab)})
		}
	}
	return out
}

// adminPage begins a page of the administration.
func (s *routes) adminPage(r *http.Request, tab, title, wrong string) adminPage {
	p := adminPage{Frame: s.Frame(web.PrincipalOf(r.Context()), title, "/admin"), Tab: tab, Wrong: wrong, Form: r.PostForm,
		Tabs: tabs(s.deps.Webhooks != nil)}
	p.Done, p.Secret = s.Flash(r), s.FlashSecret(r)
	now := schemas.InstantOf(s.Now())
	for _, a := range s.Alarms() {
		p.Alarms = append(p.Alarms, alarmRow{a.Text, web.Ago(a.Since, now)})
	}
	return p
}

// alarmRow is an alarm in words.
type alarmRow struct{ Text, Since string }

// feedRow is a feed in words.
type feedRow struct {
	Source, Fields, LastSeen, Ago, CompleteUpTo, Behind string
	Silent                                              bool
}

func (s *routes) showFeeds(w http.ResponseWriter, r *http.Request) {
	feeds, err := s.deps.Store.Feeds(r.Context())
	if err != nil {
		s.StoreAway(w, r, err)
		return
	}
	now := schemas.InstantOf(s.Now())
	page := s.adminPage(r, "feeds", "Feeds", "")
	signs := map[string]schemas.FeedSign{}
	for _, sign := range s.Signs() {
		signs[sign.Source] = sign
	}
	for _, f := range feeds {
		sign, watched := signs[f.Source]
		f.LastSeen = max(f.LastSeen, sign.LastSeen) // changes and snapshots are signs, too
		row := feedRow{
			Source:       f.Source,
			LastSeen:     web.Stamp(f.LastSeen),
			Ago:          web.Ago(f.LastSeen, now),
			CompleteUpTo: web.Stamp(f.CompleteUpTo),
			Silent:       f.LastSeen != 0 && now.Sub(f.LastSeen) > s.Config().FeedSilent.Milliseconds(),
			Fields:       cmp.Or(strings.Join(web.FieldNames(f.Fields), ", "), "as told"),
		}
		if watched {
			row.Silent = sign.SilentSince != 0
		}
		if f.CompleteUpTo != 0 {
			row.Behind = web.Ago(f.CompleteUpTo, now)
		}
		page.Feeds = append(page.Feeds, row)
	}
	s.pages.Show(w, http.StatusOK, "admin", page)
}

// jobRow is a job with its last runs in words.
type jobRow struct {
	Name, Cron, Zone, Next, Running, Overdue string
	Runs                                     []runRow
}

type runRow struct {
	Due, Took, Outcome, Error string
	Rows                      int64
	Manual                    bool
}

// runsShown is how many runs of a job the page shows.
const runsShown = 6

func (s *routes) showJobs(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	page := s.adminPage(r, "jobs", "Jobs", wrong)
	for _, st := range s.deps.Store.Jobs() {
		row := jobRow{Name: st.Name, Cron: st.Cron, Zone: st.Zone, Next: web.StampTime(st.Next)}
		if !st.RunningSince.IsZero() {
			row.Running = "running for " + web.Length(s.Now().Sub(st.RunningSince).Milliseconds())
		}
		if !st.Next.IsZero() {
			row.Next = st.Next.Format("2006-01-02 15:04 MST")
		}
		if !st.OverdueSince.IsZero() {
			row.Overdue = "overdue since " + st.OverdueSince.Format("2006-01-02 15:04 MST")
		}
		runs, err := s.deps.Store.JobRuns(r.Context(), st.Name, runsShown)
		if err != nil {
			s.StoreAway(w, r, err)
			return
		}
		for _, run := range runs {
			row.Runs = append(row.Runs, runRow{
				Due:     web.StampTime(run.Due),
				Took:    web.Length(run.Ended.Sub(run.Started).Milliseconds()),
				Outcome: string(run.Outcome),
				Error:   run.Error,
				Rows:    run.Rows,
				Manual:  run.Manual,
			})
		}
		page.Jobs = append(page.Jobs, row)
	}
	s.pages.Show(w, status, "admin", page)
}

func (s *routes) runJob(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	known := false
	for _, st := range s.deps.Store.Jobs() {
		known = known || st.Name == name
	}
	if !known {
		s.showJobs(w, r, http.StatusNotFound, fmt.Sprintf("There is no job %q.", name))
		return
	}
	if err := s.deps.Store.RunJob(name); errors.Is(err, scheduler.ErrRunning) {
		s.showJobs(w, r, http.StatusConflict, fmt.Sprintf("%s runs already.", name))
		return
	} else if err != nil {
		s.Fail(w, r, fmt.Errorf("run job %s: %w", name, err))
		return
	}
	s.Note(r.Context(), schemas.JournalJob, fmt.Sprintf("job %s asked for", name))
	s.Done(w, r, "/admin/jobs", fmt.Sprintf("%s has begun.", name))
}
