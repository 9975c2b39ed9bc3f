package imports

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/ingest/imports"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Plans is what the pages of imports work with: the imports of the API, and what a diff is shown from.
type Plans interface {
	Ledger
	// EachDay returns the days that a revision of the schedule changed, agents in byte order; a day is good during the call.
	EachDay(ctx context.Context, q imports.DiffQuery, yield func(*imports.ComparedDay) error) (imports.Ends, error)
	// Memberships returns the roster's rows, by agent and in order.
	Memberships(ctx context.Context) ([]schemas.Membership, error)
}

// PreviewLimits bound the uploaded files that wait to be applied.
type PreviewLimits struct {
	// Time is how long a file is kept after it was last looked at.
	Time time.Duration
	// Most is how many files are kept, MostOfOne how many of one person, MostBytes how long all are together. Whatever was not
	// looked at for longest goes first.
	Most, MostOfOne int
	MostBytes       int64
	// Patience is how long an upload waits for its preview before it shows the progress.
	Patience time.Duration
}

// DefaultPreviewLimits are bounds for files of at most so many bytes.
func DefaultPreviewLimits(mostBytes int64) PreviewLimits {
	return PreviewLimits{Time: time.Hour, Most: 24, MostOfOne: 4, MostBytes: 4 * mostBytes, Patience: 1500 * time.Millisecond}
}

// Validate returns the first limit that cannot work.
func (l *PreviewLimits) Validate() error {
	if l.Time <= 0 || l.Most < 1 || l.MostOfOne < 1 || l.MostBytes < 1 || l.Patience < 0 {
		return fmt.Errorf("previews: limits above 0 are needed: %+v", *l)
	}
	return nil
}

//go:embed templates/*.html static/*
var assets embed.FS

// ownPath is where the pages are.
const ownPath = "/schedules"

// planning are the pages of imports.
type planning struct {
	*importRoutes
	pages *web.Pages
	plans Plans
	keep  PreviewLimits
	kept  *keptPreviews
	// receiving has room for the files that come in at the same time.
	receiving chan struct{}
}

// MountPages adds the pages on which files are previewed, imported, compared and taken back.
func MountPages(s *web.Server, limits Limits, keep PreviewLimits, plans Plans) error {
	if err := errors.Join(limits.Validate(), keep.Validate()); err != nil {
		return err
	}
	s.AddNav(web.NavItem{Path: ownPath, Label: "Schedules", Action: access.ActionSeePlans})
	pages, err := s.Pages(assets)
	if err != nil {
		return err
	}
	pl := &planning{&importRoutes{s, limits, plans, make(chan struct{}, limits.MostAtOnce)}, pages, plans, keep, newKeptPreviews(keep, s.Now),
		make(chan struct{}, 2*limits.MostAtOnce)}
	see, do := access.ActionSeePlans, access.ActionImport
	var errs []error
	page := func(method, pattern string, action access.Action, most int64, handler func(http.ResponseWriter, *http.Request) error) {
		errs = append(errs, s.Mount(web.Route{Method: method, Pattern: ownPath + pattern, Action: action, Page: true, MostBodyBytes: most,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := handler(w, r); err != nil {
					pl.refusePage(w, r, err)
				}
			})}))
	}
	page("GET", "", see, 0, pl.showList)
	page("GET", "/{kind}", see, 0, pl.showList)
	page("POST", "/{kind}", do, limits.MostBytes+fieldBytes, pl.upload)
	page("GET", "/templates/{kind}", do, 0, pl.template)
	page("GET", "/previews/{id}", do, 0, pl.showPreview)
	page("GET", "/previews/{id}/problems", do, 0, pl.problems)
	page("POST", "/previews/{id}/apply", do, fieldBytes, pl.apply)
	page("POST", "/previews/{id}/again", do, fieldBytes, pl.again)
	page("POST", "/previews/{id}/discard", do, fieldBytes, pl.discard)
	page("GET", "/{kind}/{id}", see, 0, pl.showDiff)
	page("GET", "/{kind}/{id}/undo", do, 0, pl.showUndo)
	page("POST", "/{kind}/{id}/undo", do, fieldBytes, pl.undoIt)
	return errors.Join(errs...)
}

// refusePage shows an error as a page.
func (pl *planning) refusePage(w http.ResponseWriter, r *http.Request, err error) {
	if p := importProblemOf(err); p != nil {
		pl.Problem(w, r, p.Problem)
		return
	}
	if r.Context().Err() == nil {
		pl.Fail(w, r, err)
	}
}

// planKind is a kind of file with its tab.
type planKind struct {
	// Path is its word in paths and in the API, Label that of its tab, Names what it holds, in a sentence.
	Path, Label, Names string
	Kind               files.Kind
	// Lone names one thing of a diff, Dated says that a range of dates can be chosen.
	Lone  string
	Dated bool
}

// planKinds are the tabs.
func planKinds() []planKind {
	return []planKind{
		{"schedules", "Schedules", "schedule", files.Schedule, "agent-day", true},
		{"rosters", "Rosters", "roster", files.Roster, "agent", false},
		{"requirements", "Requirements", "requirements", files.Requirements, "interval", true},
		{"activities", "Activity codes", "activity codes", files.Activities, "code", false},
	}
}

// URL is the tab's page.
func (k planKind) URL() string {
	if k.Kind == files.Schedule {
		return ownPath
	}
	return ownPath + "/" + k.Path
}

// Of is the page of one import of the kind.
func (k planKind) Of(id string) string {
	return ownPath + "/" + k.Path + "/" + url.PathEscape(id)
}

// kindOf finds the kind that a request is about; schedules where it names none.
func kindOf(r *http.Request) (planKind, error) {
	all := planKinds()
	word := r.PathValue("kind")
	if word == "" {
		return all[0], nil
	}
	if n := slices.IndexFunc(all, func(k planKind) bool { return k.Path == word }); n >= 0 {
		return all[n], nil
	}
	return planKind{}, schemas.NewProblem(http.StatusNotFound, fmt.Sprintf("nothing is at %s; there are schedules, rosters, requirements and activities", r.URL.Path))
}

// plansPage is what the pages of imports show; each part fills its own.
type plansPage struct {
	web.Frame
	Kind  planKind
	Kinds []planKind
	// Part is the part of the page: list, working, preview, diff or undo.
	Part        string
	Done, Wrong string
	MayImport   bool
	Form        url.Values
	Profiles    []web.Choice
	MostMiB     int64
	MostBytes   int64
	Imports     []importRow
	More        bool
	Work        workWords
	Preview     *previewWords
	Diff        *diffWords
	Undo        *undoWords
}

// page begins a page.
func (pl *planning) page(r *http.Request, kind planKind, part, title string) plansPage {
	p := web.PrincipalOf(r.Context())
	page := plansPage{Frame: pl.Frame(p, title, ownPath), Kind: kind, Kinds: planKinds(), Part: part, Form: url.Values{},
		MayImport: access.Allow(p, access.ActionImport, access.Somewhere()) == nil, MostMiB: pl.limits.MostBytes >> 20, MostBytes: pl.limits.MostBytes}
	page.Script, page.Style = "schedules", "schedules"
	return page
}

// importRow is an import in words.
type importRow struct {
	ID, When, Actor, Origin, Range, Counts, Changed string
	// Undoes and UndoneBy are other imports.
	Undoes   string
	UndoneBy []string
	Path     string
	// Nothing says that nothing of it can be compared or taken back.
	Nothing bool
}

// firstListed is how many imports are listed at first.
const firstListed = 50

// showList does GET /schedules and its tabs: a form for a file, and the imports so far.
func (pl *planning) showList(w http.ResponseWriter, r *http.Request) error {
	kind, err := kindOf(r)
	if err != nil {
		return err
	}
	page := pl.page(r, kind, "list", kind.Label)
	page.Done = pl.Flash(r)
	return pl.sendList(w, r, page, http.StatusOK)
}

// sendList fills in the list and sends the page.
func (pl *planning) sendList(w http.ResponseWriter, r *http.Request, page plansPage, status int) error {
	limit := firstListed
	if r.URL.Query().Has("all") {
		limit = mostListed
	}
	list, err := pl.plans.List(r.Context(), imports.ListQuery{Kind: page.Kind.Kind, Limit: limit + 1})
	if err != nil {
		return err
	}
	page.More = len(list) > limit
	for i := range list[:min(len(list), limit)] {
		page.Imports = append(page.Imports, rowOf(page.Kind, &list[i]))
	}
	if page.Profiles, err = profilesOf(page.Kind.Kind); err != nil {
		return err
	}
	pl.pages.Show(w, status, "schedules", page)
	return nil
}

// profilesOf lists the ready profiles of a kind.
func profilesOf(kind files.Kind) ([]web.Choice, error) {
	all, err := profile.Ready(files.LayoutOf)
	var out []web.Choice
	for _, p := range all {
		if p.Kind == string(kind) {
			out = append(out, web.Choice{Value: p.Name, Label: p.About})
		}
	}
	return out, err
}

// rowOf words an import.
func rowOf(kind planKind, e *imports.Entry) importRow {
	row := importRow{
		ID:       e.ID,
		When:     web.Stamp(e.RecordedAt),
		Actor:    e.Actor,
		Origin:   e.Origin,
		Undoes:   e.Undoes,
		UndoneBy: e.UndoneBy,
		Path:     kind.Of(e.ID),
		Counts:   counted(e.Rows, "row"),
		Nothing:  e.Added+e.Changed+e.Removed == 0,
	}
	if !e.Range.Empty() {
		row.Range = datesWords(schemas.UTC.Date(e.Range.Start), schemas.UTC.Date(e.Range.End-1))
	}
	row.Changed = changedWords(e.Added, e.Changed, e.Removed)
	if r := e.Revision; r != nil {
		row.Counts = fmt.Sprintf("%s, %s", counted(r.Agents, "agent"), counted(r.Activities, "activity"))
		row.Changed = dayChanges(r.DaysChanged, r.DaysRemoved)
	}
	return row
}

// dayChanges says how many agent-days of a schedule were changed and removed; empty where none were.
func dayChanges(changed, removed int) string {
	var parts []string
	if changed > 0 {
		parts = append(parts, counted(changed, "day")+" changed")
	}
	if removed > 0 {
		parts = append(parts, counted(removed, "day")+" removed")
	}
	return strings.Join(parts, ", ")
}

// changedWords says how many were added, changed and removed.
func changedWords(added, changed, removed int) string {
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{{added, "added"}, {changed, "changed"}, {removed, "removed"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	if len(parts) == 0 {
		return "nothing changed"
	}
	return strings.Join(parts, ", ")
}

// counted returns a number with its noun: 1 agent, 2,000 agents.
func counted(n int, noun string) string {
	if n != 1 {
		if word, ok := strings.CutSuffix(noun, "y"); ok && !strings.HasSuffix(noun, "day") {
			noun = word + "ie"
		}
		noun += "s"
	}
	return thousands(n) + " " + noun
}

// thousands writes a number with its thousands apart.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// datesWords names a range of dates, both included.
func datesWords(from, to schemas.Date) string {
	a, b := from.Time(), to.Time()
	switch {
	case from == to:
		return a.Format("Mon 2 Jan 2006")
	case a.Year() == b.Year() && a.Month() == b.Month():
		return a.Format("2") + "–" + b.Format("2 Jan 2006")
	case a.Year() == b.Year():
		return a.Format("2 Jan") + " – " + b.Format("2 Jan 2006")
	}
	return a.Format("2 Jan 2006") + " – " + b.Format("2 Jan 2006")
}

// template does GET /schedules/templates/{kind}: a CSV file with examples.
func (pl *planning) template(w http.ResponseWriter, r *http.Request) error {
	kind, err := kindOf(r)
	if err != nil {
		return err
	}
	t, err := files.TemplateOf(kind.Kind)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "template-"+kind.Path+".csv"))
	return t.WriteCSV(w)
}
