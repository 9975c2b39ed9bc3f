package reports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Maker makes reports (satisfied in cmd/internal/app).
type Maker interface {
	// Formats returns the suffixes that a kind can be written as, the usual one first.
	Formats(kind Kind) []string
	// Save writes the report to the file, whole or not at all. done is called with how much is done of how much.
	Save(ctx context.Context, o Order, file string, done func(done, of int)) (Made, error)
	// Stream writes a report of format csv or json as it is read. What is wrong before the first byte writes none.
	Stream(ctx context.Context, o Order, w io.Writer) error
	// Parts returns the teams and sites that there are, by name, for forms.
	Parts(ctx context.Context) (teams, sites []string, err error)
}

// reportView is a report as programs see it.
type reportView struct {
	ID        string           `json:"id"`
	Kind      Kind             `json:"kind" enum:"adherence,staffing"`
	Format    string           `json:"format"`
	State     jobState         `json:"state" enum:"waiting,running,done,failed,cancelled"`
	Progress  int              `json:"progress_percent" doc:"how much of it is made"`
	Ahead     int              `json:"ahead" doc:"of one that waits: how many are made before it"`
	From      schemas.Date     `json:"from"`
	To        schemas.Date     `json:"to"`
	Teams     []string         `json:"teams" doc:"what it is limited to, the asker's scope included"`
	Sites     []string         `json:"sites"`
	Agents    []string         `json:"agents"`
	TimeZone  string           `json:"time_zone" doc:"empty for each agent's own"`
	Against   string           `json:"against" doc:"current, as_published or as_known_at=T"`
	TeamsAs   string           `json:"teams_as" enum:"then,now"`
	AskedBy   string           `json:"asked_by"`
	AskedAt   schemas.Instant  `json:"asked_at"`
	StartedAt *schemas.Instant `json:"started_at"`
	EndedAt   *schemas.Instant `json:"ended_at"`
	KeptUntil *schemas.Instant `json:"kept_until" doc:"when the file is removed; sooner when the server is restarted or many more are made"`
	Error     string           `json:"error" doc:"why it could not be made; empty otherwise"`
	File      *string          `json:"file" doc:"where the finished file is"`
	Bytes     int64            `json:"bytes"`
	Days      int              `json:"days" doc:"agent-days in it"`
	Hash      string           `json:"hash" doc:"of an adherence report: the hash that rollcall report verify recomputes"`
}

type (
	reportInput  struct{ Body reportWish }
	reportOutput struct {
		Location string `header:"Location"`
		Body     reportView
	}
	reportsOutput struct {
		Body struct {
			Items []reportView `json:"items" doc:"one's own, the newest first; an admin sees everybody's"`
		}
	}
	reportID struct {
		ID string `path:"id" maxLength:"128" doc:"the report"`
	}
)

func (r *routes) mountJobs() {
	route := web.Route{Action: access.ActionReport}
	web.Serve(r.Server, route, huma.Operation{
		Method:        http.MethodPost,
		Path:          "/api/v1/reports",
		OperationID:   "make-report",
		Summary:       "Make a report",
		Tags:          []string{"reports"},
		DefaultStatus: http.StatusAccepted,
		Description: "Begins a job and does not wait for it: its Location says how far it is. " +
			"Where no team or site is named it is of everything that one may see.",
		Errors: []int{http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	},
		r.makeReport)
	web.Serve(r.Server, route, huma.Operation{
		Method:      http.MethodGet,
		Path:        "/api/v1/reports",
		OperationID: "list-reports",
		Summary:     "Reports that were asked for",
		Tags:        []string{"reports"},
		Description: "Those of this life of the server that are still kept.",
	},
		func(ctx context.Context, _ *struct{}) (*reportsOutput, error) {
			out := &reportsOutput{}
			out.Body.Items = []reportView{}
			for _, j := range r.jobs.list(web.PrincipalOf(ctx)) {
				out.Body.Items = append(out.Body.Items, r.view(&j))
			}
			return out, nil
		})
	web.Serve(r.Server, route, huma.Operation{
		Method:      http.MethodGet,
		Path:        "/api/v1/reports/{id}",
		OperationID: "get-report",
		Summary:     "How far a report is",
		Tags:        []string{"reports"},
		Errors:      []int{http.StatusNotFound, http.StatusGone},
	},
		func(ctx context.Context, in *reportID) (*reportOutput, error) {
			j, err := r.jobs.find(web.PrincipalOf(ctx), in.ID)
			return &reportOutput{reportPath(in.ID), r.view(&j)}, reportProblem(err)
		})
	web.Serve(r.Server, route, huma.Operation{
		Method:        http.MethodDelete,
		Path:          "/api/v1/reports/{id}",
		OperationID:   "drop-report",
		Summary:       "Cancel a report, or forget it",
		Tags:          []string{"reports"},
		DefaultStatus: http.StatusNoContent,
		Description:   "One that is not made yet is cancelled; the file of one that is made is removed.",
		Errors:        []int{http.StatusNotFound, http.StatusGone},
	},
		func(ctx context.Context, in *reportID) (*struct{}, error) {
			return nil, reportProblem(r.jobs.drop(web.PrincipalOf(ctx), in.ID))
		})
}

func reportPath(id string) string { return "/api/v1/reports/" + id }

// makeReport does POST /reports.
func (r *routes) makeReport(ctx context.Context, in *reportInput) (*reportOutput, error) {
	j, err := r.begin(ctx, &in.Body)
	if err != nil {
		return nil, err
	}
	return &reportOutput{reportPath(j.id), r.view(&j)}, nil
}

// begin checks a wish and begins its job.
func (r *routes) begin(ctx context.Context, w *reportWish) (job, error) {
	p := web.PrincipalOf(ctx)
	o, err := w.order(p, r.deps.Reports.Formats(w.Kind))
	if err != nil {
		return job{}, err
	}
	j, err := r.jobs.add(p, o)
	return j, reportProblem(err)
}

// reportProblem turns an error about a report into a problem document.
func reportProblem(err error) error {
	switch {
	case errors.Is(err, errTooMany):
		return schemas.NewProblem(http.StatusTooManyRequests, err.Error())
	case errors.Is(err, errGone):
		return schemas.NewProblem(http.StatusGone, err.Error())
	case errors.Is(err, errNone):
		return schemas.NewProblem(http.StatusNotFound, err.Error())
	}
	return err
}

func isDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func (r *routes) view(j *job) reportView {
	q := &j.order.Query
	v := reportView{
		ID:        j.id,
		Kind:      j.order.Kind,
		Format:    j.order.Format,
		State:     j.state,
		Progress:  j.progress(),
		From:      q.From,
		To:        q.To,
		Teams:     some(q.Teams),
		Sites:     some(q.Sites),
		Agents:    some(q.Agents),
		TimeZone:  q.Zone,
		Against:   q.AgainstText(),
		TeamsAs:   q.TeamsAs,
		AskedBy:   j.askedBy,
		AskedAt:   j.asked,
		StartedAt: web.OrNil(j.started),
		EndedAt:   web.OrNil(j.ended),
		Error:     j.failure,
		Bytes:     j.bytes,
		Days:      j.made.Days,
		Hash:      j.made.Hash,
	}
	if j.state == stateWaiting {
		v.Ahead = r.jobs.ahead(j.id)
	}
	if j.state == stateDone {
		file, until := reportPath(j.id)+"/file", j.ended.Add(r.jobs.limits.Keep.Milliseconds())
		v.File, v.KeptUntil = &file, &until
	}
	return v
}

// some returns a list that is never null.
func some(list []string) []string { return append([]string{}, list...) }

// mountFiles adds what huma does not send: files and streams.
func (r *routes) mountFiles() error {
	errs := []error{r.Mount(web.Route{
		Method:  http.MethodGet,
		Pattern: "/api/v1/reports/{id}/file",
		Action:  access.ActionReport,
		Stream:  true,
		Handler: http.HandlerFunc(r.sendFile),
		Doc:     r.fileDoc(),
	})}
	for _, kind := range []Kind{Adherence, Staffing} {
		for format, media := range streamMedia() {
			errs = append(errs, r.Mount(web.Route{
				Method:  http.MethodGet,
				Pattern: fmt.Sprintf("/api/v1/reports/%s.%s", kind, format),
				Action:  access.ActionReport,
				Stream:  true,
				Doc:     r.streamDoc(kind, format, media),
				Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
					r.sendStream(w, req, kind, format)
				}),
			}))
		}
	}
	return errors.Join(errs...)
}

// streamMedia returns the media types of the formats that are streamed.
func streamMedia() map[string]string {
	return map[string]string{"csv": "text/csv; charset=utf-8", "json": "application/json"}
}

// reportMedia returns the media types of all formats.
func reportMedia() map[string]string {
	m := streamMedia()
	m["xlsx"], m["html"] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/html; charset=utf-8"
	return m
}

// sendFile sends a finished file, as a download.
func (r *routes) sendFile(w http.ResponseWriter, req *http.Request) {
	j, err := r.jobs.find(web.PrincipalOf(req.Context()), req.PathValue("id"))
	if err != nil {
		r.Answer(w, req, reportProblem(err))
		return
	}
	if j.state != stateDone {
		text := fmt.Sprintf("the report is %s; its file is there when it is done", j.state)
		if j.failure != "" {
			text = "the report could not be made: " + j.failure
		}
		r.Answer(w, req, schemas.NewProblem(http.StatusConflict, text))
		return
	}
	f, err := os.Open(j.file)
	if err != nil {
		r.Answer(w, req, fmt.Errorf("open the file of report %s: %w", j.id, err))
		return
	}
	defer func() { _ = f.Close() }() // it was only read
	if err := http.NewResponseController(w).SetWriteDeadline(r.Now().Add(r.jobs.limits.Time)); err != nil {
		r.Answer(w, req, err)
		return
	}
	w.Header().Set("Content-Type", reportMedia()[j.order.Format])
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", j.order.File()))
	http.ServeContent(w, req, filepath.Base(j.file), j.ended.Time(), f)
}

// sendStream sends a report as it is made. A report that breaks off is cut off on the wire, so that nobody takes it for
// whole.
func (r *routes) sendStream(w http.ResponseWriter, req *http.Request, kind Kind, format string) {
	values := req.URL.Query()
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(parameters, key) {
			r.Answer(w, req, web.BadParameter(key, values.Get(key), "is not known here; "+web.Suggest(key, parameters)))
			return
		}
	}
	wish := requestOf(kind, format, values)
	o, err := wish.order(web.PrincipalOf(req.Context()), []string{"csv", "json"})
	if err != nil {
		r.Answer(w, req, err)
		return
	}
	select {
	case r.streaming <- struct{}{}:
		defer func() { <-r.streaming }()
	default:
		r.Answer(w, req, schemas.NewProblem(http.StatusTooManyRequests,
			"others are being sent reports now; try again in a moment, or POST /api/v1/reports"))
		return
	}
	ctx, cancel := context.WithTimeout(req.Context(), r.jobs.limits.Time)
	defer cancel()
	defer context.AfterFunc(r.jobs.life, cancel)()
	if err := http.NewResponseController(w).SetWriteDeadline(r.Now().Add(r.jobs.limits.Time)); err != nil {
		r.Answer(w, req, err)
		return
	}
	out := &begun{ResponseWriter: w, head: func(h http.Header) {
		h.Set("Content-Type", streamMedia()[format])
		h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", o.File()))
	}}
	err = r.deps.Reports.Stream(ctx, o, out)
	switch {
	case err == nil:
	case !out.sent:
		r.Answer(w, req, r.Unavailable(err, "a report could not be made"))
	default:
		if req.Context().Err() == nil {
			r.Log().WithError(err).Error("a report broke off while it was sent")
		}
		panic(http.ErrAbortHandler)
	}
}

// begun sends the headers with the first bytes, and these at once.
type begun struct {
	http.ResponseWriter
	head func(http.Header)
	sent bool
}

// Write passes on; the first bytes do not wait for more.
func (b *begun) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if b.sent {
		return b.ResponseWriter.Write(p)
	}
	b.sent = true
	b.head(b.Header())
	n, err := b.ResponseWriter.Write(p)
	if err == nil {
		err = http.NewResponseController(b.ResponseWriter).Flush()
	}
	return n, err
}

// fileDoc describes GET /reports/{id}/file.
func (r *routes) fileDoc() *huma.Operation {
	content := map[string]*huma.MediaType{"*/*": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}
	return &huma.Operation{
		OperationID: "get-report-file",
		Method:      http.MethodGet,
		Path:        "/api/v1/reports/{id}/file",
		Summary:     "The file of a finished report",
		Tags:        []string{"reports"},
		Parameters: []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"},
			Description: "the report"}},
		Responses: map[string]*huma.Response{"200": {Description: "The file, whole.", Content: content},
			"401": r.ProblemResponse("The token is missing or unknown."), "403": r.ProblemResponse("Not for this role."),
			"404": r.ProblemResponse("There is no such report, or it is somebody else's."),
			"409": r.ProblemResponse("It is not finished, or could not be made."),
			"410": r.ProblemResponse("It was asked for before the server was restarted.")},
	}
}

// streamDoc describes GET /reports/{kind}.{csv,json}.
func (r *routes) streamDoc(kind Kind, format, media string) *huma.Operation {
	path := fmt.Sprintf("/api/v1/reports/%s.%s", kind, format)
	text := func(name, about string, required bool) *huma.Param {
		return &huma.Param{Name: name, In: "query", Required: required, Description: about,
			Schema: &huma.Schema{Type: "string"}}
	}
	several := func(name, about string) *huma.Param {
		yes := true
		return &huma.Param{Name: name, In: "query", Description: about, Explode: &yes,
			Schema: &huma.Schema{Type: "array", Items: &huma.Schema{Type: "string"}}}
	}
	op := &huma.Operation{
		OperationID: fmt.Sprintf("stream-%s-%s", kind, format),
		Method:      http.MethodGet,
		Path:        path,
		Tags:        []string{"reports"},
		Summary:     fmt.Sprintf("A report of %s as %s, sent as it is made", kind, format),
		Description: "The first line comes at once. A report that breaks off ends without the end of the transfer, so that " +
			"no client takes it for whole.",
		Parameters: []*huma.Param{text("from", "first local date", true), text("to", "last local date, included", true),
			several("team", "only this team; may be given several times"),
			several("site", "only this site"), several("agent", "only this agent"),
			text("time_zone", "the zone in which times are shown", false),
			text("against", "current or as_published", false), text("known_at", "only what was recorded by then", false),
			text("teams_as", "then or now", false)},
		Responses: map[string]*huma.Response{"200": {Description: "The report.",
			Content: map[string]*huma.MediaType{media: {Schema: streamSchema(format)}}},
			"401": r.ProblemResponse("The token is missing or unknown."),
			"403": r.ProblemResponse("Not for this role, or beyond its scope."),
			"422": r.ProblemResponse("A parameter makes no sense."), "429": r.ProblemResponse("Too many are sent at once."),
			"503": r.ProblemResponse("The store does not answer.")},
	}
	if kind == Staffing {
		op.Parameters = append(op.Parameters, text("interval_minutes", "15, 30 or 60", false),
			text("by", "team, site or all", false))
	}
	return op
}

func streamSchema(format string) *huma.Schema {
	if format == "json" {
		return &huma.Schema{}
	}
	return &huma.Schema{Type: "string"}
}

// keptFor words how long files are kept.
func (r *routes) keptFor() string {
	return fmt.Sprintf("%.0f hours", r.jobs.limits.Keep.Round(time.Hour).Hours())
}
