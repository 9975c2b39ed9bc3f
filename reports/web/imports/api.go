package imports

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Ledger does imports, lists them and takes them back (satisfied by imports.Ledger).
type Ledger interface {
	// Import reads and checks a file and, unless it is a dry run, writes what differs.
	Import(ctx context.Context, kind files.Kind, in files.Input, opt imports.Options) (*imports.Result, error)
	// List returns imports, newest first; Find one of them.
	List(ctx context.Context, q imports.ListQuery) ([]imports.Entry, error)
	Find(ctx context.Context, kind files.Kind, id string) (*imports.Entry, error)
	// Diff says what an import changed, Undo takes it back.
	Diff(ctx context.Context, kind files.Kind, id string) (*imports.Diff, error)
	Undo(ctx context.Context, o imports.UndoOrder) (*imports.Undone, error)
	// Touched returns the agents and teams that a result of these concerns.
	Touched(ctx context.Context, t imports.Touching) ([]access.Target, error)
}

// Limits bound imports.
type Limits struct {
	// Dir is where files lie while they are read; it is made when it is needed.
	Dir string
	// MostBytes is the longest file, Time how long reading one and importing it may take, MostAtOnce how many run at
	// once.
	MostBytes  int64
	Time       time.Duration
	MostAtOnce int
}

// Validate returns the first limit that cannot work.
func (l *Limits) Validate() error {
	if l.Dir == "" || l.MostBytes < 1 || l.Time <= 0 || l.MostAtOnce < 1 {
		return fmt.Errorf("imports: a folder, and limits above 0, are needed: %+v", *l)
	}
	return nil
}

// importRoutes are the calls about imports.
type importRoutes struct {
	*web.Server
	limits  Limits
	imports Ledger
	busy    chan struct{}
}

func newRoutes(s *web.Server, limits Limits, ledger Ledger) *importRoutes {
	return &importRoutes{s, limits, ledger, make(chan struct{}, limits.MostAtOnce)}
}

// Mount adds the calls of the API about imports.
func Mount(s *web.Server, limits Limits, ledger Ledger) error {
	if err := limits.Validate(); err != nil {
		return err
	}
	r := newRoutes(s, limits, ledger)
	var errs []error
	for _, k := range kinds() {
		mount := func(verb, method, path string, most int64, do answer) {
			path = "/api/v1/" + k.Path + "/imports" + path
			errs = append(errs, s.Mount(web.Route{
				Method:        method,
				Pattern:       path,
				Action:        access.ActionImport,
				MostBodyBytes: most,
				Doc:           r.doc(k, verb, method, path),
				Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
					v, err := do(w, req, k.Kind)
					if err != nil {
						r.refuseImport(w, req, err)
						return
					}
					w.Header().Set("Content-Type", "application/json")
					_ = json.NewEncoder(w).Encode(v) // the reader is gone
				}),
			}))
		}
		mount("import", http.MethodPost, "", limits.MostBytes+fieldBytes, r.take)
		mount("list", http.MethodGet, "", 0, r.list)
		mount("get", http.MethodGet, "/{id}", 0, r.find)
		mount("diff", http.MethodGet, "/{id}/diff", 0, r.diff)
		mount("undo", http.MethodPost, "/{id}/undo", 0, r.undo)
	}
	return errors.Join(errs...)
}

// answer does what a request asks for and returns the answer.
type answer func(w http.ResponseWriter, req *http.Request, kind files.Kind) (any, error)

// take does POST .../imports.
func (r *importRoutes) take(w http.ResponseWriter, req *http.Request, kind files.Kind) (any, error) {
	done, err := r.room(w, req, r.busy)
	if err != nil {
		return nil, err
	}
	defer done()
	dry, err := dryRun(req)
	if err != nil {
		return nil, err
	}
	up, err := r.receive(req)
	if err != nil {
		return nil, err
	}
	defer up.close()
	p := web.PrincipalOf(req.Context())
	up.opt.Actor, up.opt.DryRun = p.Name, dry
	if err := r.inScope(req.Context(), p, kind, up); err != nil {
		return nil, err
	}
	report, err := r.imports.Import(req.Context(), kind, up.in, up.opt)
	if err == nil && report.Refused && !dry {
		return nil, &refusedImport{report}
	}
	return report, err
}

// room waits until there is room for a request, which then has the time of an import; done makes room again.
func (r *importRoutes) room(w http.ResponseWriter, req *http.Request, busy chan struct{}) (done func(), err error) {
	select {
	case busy <- struct{}{}:
		done = func() { <-busy }
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	rc := http.NewResponseController(w)
	until := r.Now().Add(r.limits.Time)
	if err = errors.Join(rc.SetReadDeadline(until), rc.SetWriteDeadline(until)); err != nil {
		done()
	}
	return done, err
}

// inScope asks whether whoever may not import everything may import this: what a dry run says is touched must all be
// theirs. The import is then bound to the state that the dry run saw.
func (r *importRoutes) inScope(ctx context.Context, p access.Principal, kind files.Kind, up *upload) error {
	if access.Allow(p, access.ActionImport, access.Target{}) == nil {
		return nil
	}
	opt := up.opt
	opt.DryRun = true
	report, err := r.imports.Import(ctx, kind, up.in, opt)
	if err != nil {
		return err
	}
	if up.opt.IfRevision == "" {
		up.opt.IfRevision = report.BaseRevision
	}
	return r.allow(ctx, p, report)
}

// allow asks whether everything that the result touches is in the scope of who asks.
func (r *importRoutes) allow(ctx context.Context, p access.Principal, t imports.Touching) error {
	touched, err := r.imports.Touched(ctx, t)
	if err != nil {
		return err
	}
	if err := web.AllowAll(p, access.ActionImport, touched); err != nil {
		return web.Forbidden(err)
	}
	return nil
}

// mostListed bounds a list of imports.
const mostListed = 1000

// list does GET .../imports.
func (r *importRoutes) list(_ http.ResponseWriter, req *http.Request, kind files.Kind) (any, error) {
	limit := 100
	if text := req.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostListed {
			return nil, web.BadParameter("limit", text, fmt.Sprintf("is no number from 1 to %d", mostListed))
		}
		limit = n
	}
	items, err := r.imports.List(req.Context(), imports.ListQuery{Kind: kind, Limit: limit})
	return map[string]any{"items": items}, err
}

// find does GET .../imports/{id}.
func (r *importRoutes) find(_ http.ResponseWriter, req *http.Request, kind files.Kind) (any, error) {
	return r.imports.Find(req.Context(), kind, req.PathValue("id"))
}

// diff does GET .../imports/{id}/diff.
func (r *importRoutes) diff(_ http.ResponseWriter, req *http.Request, kind files.Kind) (any, error) {
	d, err := r.imports.Diff(req.Context(), kind, req.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return d, r.allow(req.Context(), web.PrincipalOf(req.Context()), d)
}

// undo does POST .../imports/{id}/undo.
func (r *importRoutes) undo(_ http.ResponseWriter, req *http.Request, kind files.Kind) (any, error) {
	var body struct {
		IfRevision string `json:"if_revision,omitempty"`
	}
	if req.ContentLength != 0 {
		decode := json.NewDecoder(req.Body)
		decode.DisallowUnknownFields()
		if err := decode.Decode(&body); err != nil {
			return nil, schemas.NewProblem(http.StatusBadRequest,
				fmt.Sprintf("the body is no JSON object with at most if_revision: %v", err))
		}
	}
	p := web.PrincipalOf(req.Context())
	dry, err := dryRun(req)
	if err != nil {
		return nil, err
	}
	return r.allowedUndo(req.Context(), p, imports.UndoOrder{Kind: kind, Import: req.PathValue("id"),
		IfRevision: body.IfRevision, Actor: p.Name, DryRun: dry})
}

// allowedUndo does an undo of which a dry run touches nothing beyond the scope of who asks. What was allowed is what is
// done: an import in between is a conflict.
func (r *importRoutes) allowedUndo(ctx context.Context, p access.Principal, o imports.UndoOrder) (*imports.Undone,
	error) {
	dry := o.DryRun
	o.DryRun = true
	plan, err := r.imports.Undo(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := r.allow(ctx, p, plan); err != nil || dry {
		return plan, err
	}
	o.DryRun, o.IfRevision = false, cmp.Or(o.IfRevision, plan.BaseRevision)
	return r.imports.Undo(ctx, o)
}

// dryRun reads ?dry_run and refuses any other parameter.
func dryRun(req *http.Request) (bool, error) {
	q := req.URL.Query()
	for name := range q {
		if name != "dry_run" {
			return false, web.BadParameter(name, q.Get(name),
				"is no parameter here; the only one is dry_run, the rest are fields of the form")
		}
	}
	text := q.Get("dry_run")
	if text == "" {
		return false, nil
	}
	dry, err := strconv.ParseBool(text)
	if err != nil {
		return false, web.BadParameter("dry_run", text, "is neither true nor false")
	}
	return dry, nil
}

// refusedImport says that nothing was written because of what the file says.
type refusedImport struct{ report *imports.Result }

func (e *refusedImport) Error() string {
	if e.report.RemovalsRefused {
		return e.report.File + ": nothing was imported: " + removalsRefused(e.report.Schedule) +
			"; with allow_removals it is imported as it is"
	}
	return fmt.Sprintf("%s has %d problems; nothing was imported", e.report.File, e.report.ProblemCount)
}

// removalsRefused says why an import is refused that would remove more than it schedules.
func removalsRefused(c *imports.ScheduleChange) string {
	return fmt.Sprintf("it schedules %s and would leave %s with nothing: %s",
		counted(c.Totals.DaysChanged+c.Totals.DaysUnchanged, "agent-day"), thousands(c.Totals.DaysRemoved),
		c.Removals.Text())
}

// removalsType is the type of the problem that an import would remove more than it schedules.
const removalsType = "urn:rollcall:problem:removals"

// importProblem is a problem document with what an import knows besides.
type importProblem struct {
	*schemas.Problem
	ProblemCount int             `json:"problem_count,omitempty"`
	Report       *imports.Result `json:"report,omitempty"`
	Conflict     any             `json:"conflict,omitempty"`
}

// refuseImport answers an error of an import.
func (r *importRoutes) refuseImport(w http.ResponseWriter, req *http.Request, err error) {
	p := importProblemOf(err)
	if p == nil {
		if req.Context().Err() == nil {
			r.Fail(w, req, err)
		}
		return
	}
	w.Header().Set("Content-Type", schemas.ProblemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the reader is gone
}

// importProblemOf returns the document of an error that is the asker's; nil for others.
func importProblemOf(err error) *importProblem {
	var refused *refusedImport
	var problem *schemas.Problem
	var conflict *imports.Conflict
	var unknown *imports.UnknownError
	var noProfile *imports.ProfileError
	var tooLong *http.MaxBytesError
	status := func(code int) *importProblem { return &importProblem{Problem: schemas.NewProblem(code, err.Error())} }
	switch {
	case errors.As(err, &refused) && refused.report.RemovalsRefused:
		p := status(http.StatusConflict)
		p.Type, p.Title, p.Report = removalsType, "Removals are not allowed", refused.report
		return p
	case errors.As(err, &refused):
		p := status(http.StatusUnprocessableEntity)
		p.Report, p.ProblemCount = refused.report, refused.report.ProblemCount
		for _, f := range refused.report.Problems {
			p.Errors = append(p.Errors, schemas.ProblemDetail{
				Location: fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column), Message: f.String()})
		}
		return p
	case errors.As(err, &problem):
		return &importProblem{Problem: problem}
	case errors.As(err, &conflict):
		p := status(http.StatusConflict)
		p.Conflict = conflict
		return p
	case errors.As(err, &unknown):
		return status(http.StatusNotFound)
	case errors.As(err, &noProfile):
		return &importProblem{Problem: schemas.NewProblem(http.StatusUnprocessableEntity, noProfile.Message)}
	case errors.Is(err, imports.ErrNothingToUndo):
		return status(http.StatusConflict)
	case errors.As(err, &tooLong):
		p := status(http.StatusRequestEntityTooLarge)
		p.Detail = fmt.Sprintf("the file has more than %d bytes; split it, or raise imports.max_bytes",
			tooLong.Limit-fieldBytes)
		return p
	}
	return nil
}
