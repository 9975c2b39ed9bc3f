package imports

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
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
	// EachDay returns the days that a revision of the schedule changed, agents in byte order; a day is good during the
	// call.
	EachDay(ctx context.Context, q imports.DiffQuery, yield func(*imports.ComparedDay) error) (imports.Ends, error)
	// Memberships returns the roster's rows, by agent and in order.
	Memberships(ctx context.Context) ([]schemas.Membership, error)
}

// PreviewLimits bound the uploaded files that wait to be applied.
type PreviewLimits struct {
	// Time is how long a file waits after it was last looked at.
	Time time.Duration
	// Most is how many files wait, MostOfOne how many of one person, MostBytes how long all are together. Whatever was
	// not looked at for longest goes first.
	Most, MostOfOne int
	MostBytes       int64
	// Patience is how long an upload waits for its preview before it shows the progress.
	Patience time.Duration
}

// DefaultPreviewLimits are bounds for files of at most so many bytes.
func DefaultPreviewLimits(mostBytes int64) PreviewLimits {
	return PreviewLimits{
		Time:      time.Hour,
		Most:      24,
		MostOfOne: 4,
		MostBytes: 4 * mostBytes,
		Patience:  1500 * time.Millisecond,
	}
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
	limit PreviewLimits
	// previews are the files that wait to be applied, receiving has room for those that come in at the same time.
	previews  *previews
	receiving chan struct{}
}

// MountPages adds the pages on which files are previewed, imported, compared and taken back.
func MountPages(s *web.Server, limits Limits, waiting PreviewLimits, plans Plans) error {
	if err := errors.Join(limits.Validate(), waiting.Validate()); err != nil {
		return err
	}
	s.AddNav(web.NavItem{Path: ownPath, Label: "Schedules", Action: access.ActionSeePlans})
	pages, err := s.Pages(assets, words)
	if err != nil {
		return err
	}
	pl := &planning{
		importRoutes: newRoutes(s, limits, plans),
		pages:        pages,
		plans:        plans,
		limit:        waiting,
		previews:     &previews{limits: waiting, now: s.Now},
		receiving:    make(chan struct{}, 2*limits.MostAtOnce),
	}
	upload := web.Route{
		Method:        http.MethodPost,
		Pattern:       ownPath + "/{kind}",
		Action:        access.ActionImport,
		Page:          true,
		MostBodyBytes: limits.MostBytes + fieldBytes,
		Handler:       pl.ofKind(pl.upload),
	}
	errs := []error{s.Mount(upload)}
	page := func(method, pattern string, action access.Action, handler http.HandlerFunc) {
		errs = append(errs, s.MountPage(method+" "+ownPath+pattern, action, handler))
	}
	see, do := access.ActionSeePlans, access.ActionImport
	page("GET", "", see, pl.ofKind(pl.showList))
	page("GET", "/{kind}", see, pl.ofKind(pl.showList))
	page("GET", "/templates/{kind}", do, pl.ofKind(pl.template))
	page("GET", "/previews/{id}", do, pl.ofPreview(pl.showPreview))
	page("GET", "/previews/{id}/problems", do, pl.ofPreview(pl.problems))
	page("POST", "/previews/{id}/apply", do, pl.ofPreview(pl.apply))
	page("POST", "/previews/{id}/again", do, pl.ofPreview(pl.again))
	page("POST", "/previews/{id}/discard", do, pl.ofPreview(pl.discard))
	page("GET", "/{kind}/{id}", see, pl.ofKind(pl.showDiff))
	page("GET", "/{kind}/{id}/undo", do, pl.ofKind(pl.showUndo))
	page("POST", "/{kind}/{id}/undo", do, pl.ofKind(pl.undoIt))
	return errors.Join(errs...)
}

// ofKind finds the kind that a request is about: schedules where it names none.
func (pl *planning) ofKind(do func(w http.ResponseWriter, r *http.Request, k kind) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		all, word := kinds(), cmp.Or(r.PathValue("kind"), "schedules")
		n := slices.IndexFunc(all, func(k kind) bool { return k.Path == word })
		if n < 0 {
			pl.refusePage(w, r, schemas.NewProblem(http.StatusNotFound,
				fmt.Sprintf("nothing is at %s; there are schedules, rosters, requirements, activities and statuses", r.URL.Path)))
			return
		}
		pl.refusePage(w, r, do(w, r, all[n]))
	}
}

// refusePage shows an error as a page, if there is one.
func (pl *planning) refusePage(w http.ResponseWriter, r *http.Request, err error) {
	if p := importProblemOf(err); p != nil {
		pl.Problem(w, r, p.Problem)
	} else if err != nil && r.Context().Err() == nil {
		pl.Fail(w, r, err)
	}
}

// kind is a kind of file that can be imported here.
type kind struct {
	files.Kind
	// Path is its word in paths, Label that of its tab, Names what it holds, in a sentence, Lone one thing of that.
	Path, Label, Names, Lone string
	// Dated says that a range of dates can be chosen.
	Dated bool
}

// kinds are the tabs, and what the API can import.
func kinds() []kind {
	return []kind{
		{files.Schedule, "schedules", "Schedules", "schedule", "agent-day", true},
		{files.Roster, "rosters", "Rosters", "roster", "agent", false},
		{files.Requirements, "requirements", "Requirements", "requirements", "interval", true},
		{files.Activities, "activities", "Activity codes", "activity codes", "code", false},
		{files.Statuses, "statuses", "Statuses", "secondary statuses", "status", false},
	}
}

// URL is the tab's page.
func (k kind) URL() string {
	if k.Kind == files.Schedule {
		return ownPath
	}
	return ownPath + "/" + k.Path
}

// Of is the page of one import of the kind.
func (k kind) Of(id string) string { return ownPath + "/" + k.Path + "/" + url.PathEscape(id) }

// plansPage is what the pages of imports show; each part fills its own.
type plansPage struct {
	web.Frame
	Kind  kind
	Kinds []kind
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
	Work        work
	Preview     *previewPage
	Diff        *diffPage
	Undo        *undoPage
}

// page begins a page.
func (pl *planning) page(r *http.Request, k kind, part, title string) *plansPage {
	p := web.PrincipalOf(r.Context())
	page := &plansPage{
		Frame:     pl.Frame(p, title, ownPath),
		Kind:      k,
		Kinds:     kinds(),
		Part:      part,
		Form:      url.Values{},
		MayImport: access.Allow(p, access.ActionImport, access.Somewhere()) == nil,
		MostMiB:   pl.limits.MostBytes >> 20,
		MostBytes: pl.limits.MostBytes,
	}
	page.Script, page.Style = "schedules", "schedules"
	return page
}

// show sends a page.
func (pl *planning) show(w http.ResponseWriter, status int, page *plansPage) error {
	pl.pages.Show(w, status, "schedules", page)
	return nil
}

// importRow is an import in words.
type importRow struct {
	*imports.Entry
	Path, Range, Counts, Changed string
	// Nothing says that nothing of it can be compared or taken back.
	Nothing bool
}

// firstListed is how many imports are listed at first.
const firstListed = 50

// showList does GET /schedules and its tabs: a form for a file, and the imports so far.
func (pl *planning) showList(w http.ResponseWriter, r *http.Request, k kind) error {
	page := pl.page(r, k, "list", k.Label)
	page.Done = pl.Flash(r)
	return pl.sendList(w, r, page, http.StatusOK)
}

// sendList fills in the list and sends the page.
func (pl *planning) sendList(w http.ResponseWriter, r *http.Request, page *plansPage, status int) error {
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
	return pl.show(w, status, page)
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
func rowOf(k kind, e *imports.Entry) importRow {
	row := importRow{
		Entry:   e,
		Path:    k.Of(e.ID),
		Counts:  counted(e.Rows, "row"),
		Changed: changes(e.Added, e.Changed, e.Removed),
		Nothing: e.Added+e.Changed+e.Removed == 0,
	}
	if !e.Range.Empty() {
		row.Range = dates(schemas.UTC.Date(e.Range.Start), schemas.UTC.Date(e.Range.End-1))
	}
	if r := e.Revision; r != nil {
		row.Counts = fmt.Sprintf("%s, %s", counted(r.Agents, "agent"), counted(r.Activities, "activity"))
		row.Changed += " of " + counted(r.DaysChanged+r.DaysRemoved+r.DaysUnchanged, "agent-day")
	}
	return row
}

// template does GET /schedules/templates/{kind}: a CSV file with examples.
func (pl *planning) template(w http.ResponseWriter, _ *http.Request, k kind) error {
	t, err := files.TemplateOf(k.Kind)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "template-"+k.Path+".csv"))
	return t.WriteCSV(w)
}
