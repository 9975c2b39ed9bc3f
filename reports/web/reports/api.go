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
	reportInput  struct{ Body reportRequest }
	reportOutput struct {
		Location string `header:"Location"`
		Body     reportView
	}
	reportID struct {
		ID string `path:"id" maxLength:"128" doc:"the report"`
	}
)

func (r *routes) mountJobs() {
	report := web.Route{Action: access.ActionReport}
	web.Call(r.Server, "GET /api/v1/reports", "list-reports", report,
		func(ctx context.Context, _ *struct{}) (*web.List[reportView], error) {
			var out []reportView
			for _, j := range r.jobs.list(web.PrincipalOf(ctx)) {
				out = append(out, r.view(&j))
			}
			return web.ListOf(out), nil
		})
	web.Call(r.Server, "GET /api/v1/reports/{id}", "get-report", report,
		func(ctx context.Context, in *reportID) (*reportOutput, error) {
			j, err := r.jobs.find(web.PrincipalOf(ctx), in.ID)
			return &reportOutput{reportPath(in.ID), r.view(&j)}, reportProblem(err)
		})
	web.Call(r.Server, "DELETE /api/v1/reports/{id}", "drop-report", report,
		func(ctx context.Context, in *reportID) (*struct{}, error) {
			return nil, reportProblem(r.jobs.drop(web.PrincipalOf(ctx), in.ID))
		})
	report.Status = http.StatusAccepted
	web.Call(r.Server, "POST /api/v1/reports", "make-report", report,
		func(ctx context.Context, in *reportInput) (*reportOutput, error) {
			j, err := r.begin(ctx, &in.Body)
			return &reportOutput{reportPath(j.id), r.view(&j)}, err
		})
}

func reportPath(id string) string { return "/api/v1/reports/" + id }

// begin checks a request and begins its job.
func (r *routes) begin(ctx context.Context, w *reportRequest) (job, error) {
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

// streamParameters are the parameters of a report that is sent as it is made.
type streamParameters struct {
	From     string   `query:"from" required:"true" doc:"first local date"`
	To       string   `query:"to" required:"true" doc:"last local date, included"`
	Team     []string `query:"team,explode" doc:"only this team; may be given several times"`
	Site     []string `query:"site,explode" doc:"only this site; may be given several times"`
	Agent    []string `query:"agent,explode" doc:"only this agent; may be given several times"`
	TimeZone string   `query:"time_zone" doc:"the zone in which times are shown"`
	Against  string   `query:"against" doc:"current or as_published"`
	KnownAt  string   `query:"known_at" doc:"only what was recorded by then"`
	TeamsAs  string   `query:"teams_as" doc:"then or now"`
	Interval string   `query:"interval_minutes" doc:"of staffing: 15, 30 or 60"`
	By       string   `query:"by" doc:"of staffing: team, site or all"`
}

// The answers that huma does not send, for the description of the API.
type (
	anyFile string
	csvText string
)

type fileOutput struct {
	Body anyFile `format:"binary" contentMediaType:"application/octet-stream"`
}

// ContentType returns the media type of a file.
func (anyFile) ContentType(string) string { return "*/*" }

// ContentType returns the media type of CSV.
func (csvText) ContentType(string) string { return mediaTypes["csv"] }

// mediaTypes are those of the formats.
var mediaTypes = map[string]string{
	"csv":  "text/csv; charset=utf-8",
	"json": "application/json",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"html": "text/html; charset=utf-8",
}

// mountFiles adds files and streams.
func (r *routes) mountFiles() {
	route := web.Route{Action: access.ActionReport, Stream: true, Handler: http.HandlerFunc(r.sendFile)}
	web.Call[reportID, fileOutput](r.Server, "GET /api/v1/reports/{id}/file", "get-report-file", route, nil)
	for _, kind := range []Kind{Adherence, Staffing} {
		stream := func(format string) (string, string) {
			route.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				r.sendStream(w, req, kind, format)
			})
			return fmt.Sprintf("GET /api/v1/reports/%s.%s", kind, format), fmt.Sprintf("stream-%s-%s", kind, format)
		}
		pattern, id := stream("csv")
		web.Call[streamParameters, web.One[csvText]](r.Server, pattern, id, route, nil)
		pattern, id = stream("json")
		web.Call[streamParameters, web.One[any]](r.Server, pattern, id, route, nil)
	}
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
	w.Header().Set("Content-Type", mediaTypes[j.order.Format])
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
	wanted := requestOf(kind, format, values)
	o, err := wanted.order(web.PrincipalOf(req.Context()), []string{"csv", "json"})
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
		h.Set("Content-Type", mediaTypes[format])
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

// keptFor words how long files are kept.
func (r *routes) keptFor() string {
	return fmt.Sprintf("%.0f hours", r.jobs.limits.Keep.Round(time.Hour).Hours())
}
