package imports

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/reports"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// upload does POST /schedules/{kind}: it takes the file, begins its preview, and leads to it.
func (pl *planning) upload(w http.ResponseWriter, r *http.Request, k kind) error {
	up, err := pl.receiveOne(w, r)
	if err != nil {
		return pl.listAgain(w, r, k, err)
	}
	up.opt.Actor = web.PrincipalOf(r.Context()).Name
	p := pl.previews.add(web.PrincipalOf(r.Context()).ID, k, up)
	defer pl.previews.release(p)
	pl.preview(r.Context(), p)
	return pl.follow(w, r, p)
}

// receiveOne reads the form of an upload, which has a time of its own.
func (pl *planning) receiveOne(w http.ResponseWriter, r *http.Request) (*upload, error) {
	done, err := pl.room(w, r, pl.receiving)
	if err != nil {
		return nil, err
	}
	defer done()
	up, err := pl.receive(r)
	if err == nil && up.in.Size == 0 {
		up.close()
		err = badForm("file", "is empty, or none was chosen")
	}
	return up, err
}

// listAgain shows the tab again, with what was wrong about a form.
func (pl *planning) listAgain(w http.ResponseWriter, r *http.Request, k kind, err error) error {
	bad := importProblemOf(err)
	if bad == nil {
		return err
	}
	page := pl.page(r, k, "list", k.Label)
	page.Wrong = sentence(bad.Detail)
	return pl.sendList(w, r, page, bad.Status)
}

func (p *preview) path() string { return ownPath + "/previews/" + p.id }

// follow leads to the page of a preview, after a moment in which short work ends.
func (pl *planning) follow(w http.ResponseWriter, r *http.Request, p *preview) error {
	p.mu.Lock()
	finished := p.finished
	p.mu.Unlock()
	select {
	case <-finished:
	case <-time.After(pl.limit.Patience):
	case <-r.Context().Done():
	}
	http.Redirect(w, r, p.path(), http.StatusSeeOther) //nolint:gosec // always a page of this server
	return nil
}

// begin does work on a preview beside the requests. It says whether it could: not while other work on it goes on.
func (pl *planning) begin(ctx context.Context, p *preview, to stage, phase string, do func(ctx context.Context)) bool {
	p.mu.Lock()
	if p.stop != nil {
		p.mu.Unlock()
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pl.limits.Time)
	finished := make(chan struct{})
	p.stage, p.phase, p.done, p.of, p.began = to, phase, 0, 0, pl.Now()
	p.wrong, p.conflict, p.stop, p.finished = "", nil, cancel, finished
	p.mu.Unlock()
	pl.previews.use(p)
	pl.Go(func() {
		defer pl.previews.release(p)
		defer close(finished)
		defer cancel()
		pl.alone(ctx, cancel, do)
		p.mu.Lock()
		p.stop = nil
		p.mu.Unlock()
	})
	return true
}

// alone does work when there is room for it; the end of the server ends it.
func (pl *planning) alone(ctx context.Context, cancel context.CancelFunc, do func(ctx context.Context)) {
	defer context.AfterFunc(pl.Life(), cancel)()
	select {
	case pl.busy <- struct{}{}:
		defer func() { <-pl.busy }()
	case <-ctx.Done():
	}
	do(ctx)
}

// preview begins to read the file and to compare it with the store.
func (pl *planning) preview(ctx context.Context, p *preview) bool {
	who := web.PrincipalOf(ctx)
	return pl.begin(ctx, p, stageReading, "reading", func(ctx context.Context) {
		err := pl.look(ctx, p, who)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.stage = stagePreviewed
		if err != nil {
			p.wrong = pl.why(err, p.kind)
		}
	})
}

// look previews the file.
func (pl *planning) look(ctx context.Context, p *preview, who access.Principal) error {
	list, err := pl.newList()
	if err != nil {
		return err
	}
	opt := p.up.opt
	opt.DryRun, opt.Problem = true, list.add
	opt.Progress = func(done, total int64) { p.progress("reading", done, total, pl.Now()) }
	opt.Judged = func(agents, of int) { p.progress("judging", int64(agents), int64(of), pl.Now()) }
	report, err := pl.plans.Import(ctx, p.kind.Kind, p.up.in, opt)
	if err == nil && access.Allow(who, access.ActionImport, access.Target{}) != nil {
		err = pl.allow(ctx, who, report)
	}
	var excerpts []files.Excerpt
	if err == nil {
		both := append(report.Problems[:len(report.Problems):len(report.Problems)], report.Warnings...)
		excerpts, err = files.Excerpts(ctx, p.up.in, opt.Options, report.Encoding, both)
	}
	err = cmp.Or(err, list.end())
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.problems != nil {
		_ = p.problems.file.Close() // it was only read
	}
	p.problems, p.report, p.excerpts = list, nil, nil
	if err == nil {
		p.report, p.excerpts = report, excerpts
	}
	return err
}

// why words an error for the person in front of the page; what is not theirs goes to the log.
func (pl *planning) why(err error, kind kind) string {
	if p := importProblemOf(err); p != nil {
		return sentence(p.Detail)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("It took longer than %s and was given up; nothing was imported. Split the file, or use "+
			"`rollcall import` on the machine itself.", web.Length(pl.limits.Time.Milliseconds()))
	}
	if !errors.Is(err, context.Canceled) {
		pl.Log().WithError(err).WithField("kind", kind.Kind).Error("a preview or import of a page failed")
	}
	return "Something went wrong here; nothing was imported. The log of the server says what. Try again in a moment."
}

// problemList writes every problem and warning of a file as CSV to disk, under no name.
type problemList struct {
	file *os.File
	w    *csv.Writer
	// listed counts the problems and warnings in it, and bytes theirs; omitted those for which there was no room.
	listed, bytes, omitted int
	err                    error
}

// mostListBytes bounds the list of problems of one file.
const mostListBytes = 64 << 20

func (pl *planning) newList() (*problemList, error) {
	f, err := pl.unnamedFile()
	l := &problemList{file: f, w: csv.NewWriter(f)}
	l.err = l.w.Write([]string{"level", "file", "line", "column", "field", "message"})
	return l, err
}

// add writes one problem or warning.
func (l *problemList) add(p files.Problem, warning bool) {
	if l.err != nil || l.bytes > mostListBytes {
		l.omitted++
		return
	}
	place := func(n int) string { return strings.TrimPrefix(strconv.Itoa(n), "0") } // empty for no line, no column
	row := []string{"problem", reports.SafeText(p.File), place(p.Line), place(p.Column), reports.SafeText(p.Field),
		reports.SafeText(p.Text())}
	if warning {
		row[0] = "warning"
	}
	l.listed++
	l.bytes += len(strings.Join(row, ",")) + 1
	l.err = l.w.Write(row)
}

// end writes what is held back.
func (l *problemList) end() error {
	if l.omitted > 0 && l.err == nil {
		l.err = l.w.Write([]string{"omitted", "", "", "", "",
			fmt.Sprintf("%d more are not listed; correct these first", l.omitted)})
	}
	l.w.Flush()
	return cmp.Or(l.err, l.w.Error())
}

// ofPreview finds the preview that a request is about.
func (pl *planning) ofPreview(do func(w http.ResponseWriter, r *http.Request, p *preview) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := pl.previews.take(r.PathValue("id"), web.PrincipalOf(r.Context()).ID)
		if p == nil {
			pl.Problem(w, r, schemas.NewProblem(http.StatusNotFound, "this preview is not kept any more, or was never yours: "+
				"files are kept for an hour after they were last looked at, and not when the server starts again. Nothing was "+
				"imported by it since; upload the file once more."))
			return
		}
		defer pl.previews.release(p)
		p.mu.Lock()
		at, applied := p.stage, p.applied
		p.mu.Unlock()
		if at == stageApplied { // also for who goes back to the preview
			pl.done(w, r, p, applied)
			return
		}
		pl.refusePage(w, r, do(w, r, p))
	}
}

// showPreview does GET /schedules/previews/{id}: the progress, or what an import would do.
func (pl *planning) showPreview(w http.ResponseWriter, r *http.Request, p *preview) error {
	p.mu.Lock()
	at := p.stage
	p.mu.Unlock()
	part := "preview"
	if at != stagePreviewed {
		part = "working"
	}
	page := pl.page(r, p.kind, part, "Preview")
	var err error
	if page.Profiles, err = profilesOf(p.kind.Kind); err != nil {
		return err
	}
	p.mu.Lock()
	page.Form = p.up.said
	page.Wrong = p.wrong
	status := http.StatusOK
	if part == "preview" {
		page.Preview = p.page(r.URL.Query().Has("all"))
		if len(p.conflict) > 0 {
			status = http.StatusConflict
		}
	} else {
		page.Work, page.Reload = p.working(pl.Now()), 2
	}
	p.mu.Unlock()
	return pl.show(w, status, page)
}

// done leads to what was imported, and closes the file.
func (pl *planning) done(w http.ResponseWriter, r *http.Request, p *preview, done *imports.Result) {
	before := pl.previews.settle(p)
	if len(done.Journal) == 0 {
		pl.Done(w, r, p.kind.URL(), fmt.Sprintf("%s changes nothing: all of it is there already.", p.up.in.Name))
		return
	}
	said := fmt.Sprintf("%s is imported.", p.up.in.Name)
	if before {
		said = fmt.Sprintf("%s has been imported already; this is what it changed.", p.up.in.Name)
	}
	if done.Rejected > 0 {
		said += fmt.Sprintf(" %s were left out.", counted(done.Rejected, "bad row"))
	}
	if done.Schedule != nil && done.Schedule.Removals.Text() != "" {
		said += " Taken away: " + done.Schedule.Removals.Text() + "."
	}
	pl.Done(w, r, p.kind.Of(done.ID()), said)
}

// problems does GET /schedules/previews/{id}/problems: all of them as CSV.
func (pl *planning) problems(w http.ResponseWriter, _ *http.Request, p *preview) error {
	p.mu.Lock()
	list, busy := p.problems, p.stop != nil
	p.mu.Unlock()
	if list == nil || busy {
		return schemas.NewProblem(http.StatusConflict, "the file is being read; wait for its preview")
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="problems.csv"`)
	_, err := io.Copy(w, io.NewSectionReader(list.file, 0, math.MaxInt64))
	return err
}

// apply does POST /schedules/previews/{id}/apply: the import, as it was previewed.
func (pl *planning) apply(w http.ResponseWriter, r *http.Request, p *preview) error {
	p.mu.Lock()
	ready := p.report != nil && p.stage == stagePreviewed
	opt := p.up.opt
	if ready {
		opt.IfRevision = p.report.BaseRevision
	}
	p.mu.Unlock()
	if ready {
		opt.DryRun, opt.AllowPartial = false, r.PostForm.Get("allow_partial") == "true"
		opt.AllowRemovals = r.PostForm.Get("allow_removals") == "true"
		opt.Actor = web.PrincipalOf(r.Context()).Name
		opt.Progress = func(done, total int64) { p.progress("reading again", done, total, pl.Now()) }
		opt.Wrote = func(days, of int) { p.progress("writing", int64(days), int64(of), pl.Now()) }
		opt.Waiting = func() { p.progress("waiting", 0, 0, pl.Now()) }
		pl.begin(r.Context(), p, stageApplying, "reading again", func(ctx context.Context) { pl.write(ctx, p, opt) })
	}
	return pl.follow(w, r, p) // to the page, which also says why it is not ready
}

// write imports the file and notes what became of that.
func (pl *planning) write(ctx context.Context, p *preview, opt imports.Options) {
	report, err := pl.plans.Import(ctx, p.kind.Kind, p.up.in, opt)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage = stagePreviewed
	var c *imports.Conflict
	switch {
	case errors.As(err, &c):
		p.conflict = conflictRows(p.kind, c)
	case err != nil:
		p.wrong = pl.why(err, p.kind)
	case report.RemovalsRefused:
		p.wrong = "Nothing was imported: " + removalsRefused(report.Schedule) +
			". Tick that it is meant, or choose the dates."
	case report.Refused:
		p.wrong = fmt.Sprintf("Nothing was imported: the file has %s. Correct it and upload it again, or leave the bad "+
			"rows out.", counted(report.ProblemCount, "problem"))
	default:
		p.stage, p.applied = stageApplied, report
	}
}

// again does POST /schedules/previews/{id}/again: another preview of the same file, read as the form says.
func (pl *planning) again(w http.ResponseWriter, r *http.Request, p *preview) error {
	var err error
	if r.PostForm.Has("read") {
		fresh := &upload{opt: imports.Options{Actor: p.up.opt.Actor}, said: url.Values{}}
		for _, name := range formFields {
			for _, value := range r.PostForm[name] {
				err = cmp.Or(err, fresh.field(name, strings.TrimSpace(value)))
			}
		}
		err = cmp.Or(err, fresh.opt.Validate(schemas.InstantOf(pl.Now())))
		p.mu.Lock()
		switch {
		case p.stop != nil: // another preview is at work
		case err != nil:
			p.wrong = sentence(detailOf(err))
		default:
			p.up.opt, p.up.said = fresh.opt, fresh.said
		}
		p.mu.Unlock()
	}
	if err == nil {
		pl.preview(r.Context(), p)
	}
	return pl.follow(w, r, p)
}

// detailOf words an error of a form.
func detailOf(err error) string {
	if p := importProblemOf(err); p != nil {
		return p.Detail
	}
	return err.Error()
}

// discard does POST /schedules/previews/{id}/discard: the file is forgotten.
func (pl *planning) discard(w http.ResponseWriter, r *http.Request, p *preview) error {
	pl.previews.drop(p)
	pl.Done(w, r, p.kind.URL(), fmt.Sprintf("%s is forgotten; nothing of it was imported.", p.up.in.Name))
	return nil
}

// work is the progress of a preview or an import.
type work struct {
	File, Doing, Rate string
	Done, Of          int64
}

// working words the progress.
func (p *preview) working(now time.Time) work {
	w := work{File: p.up.in.Name, Done: p.done, Of: p.of}
	took := now.Sub(p.began)
	left := ""
	if p.done > 0 && p.of > p.done && took > time.Second {
		left = fmt.Sprintf(", about %s left",
			web.Length(int64(float64(took.Milliseconds())*float64(p.of-p.done)/float64(p.done))))
	}
	of := func(noun string) string {
		return fmt.Sprintf("%s of %s%s", thousands(int(p.done)), counted(int(p.of), noun), left)
	}
	switch p.phase {
	case "judging":
		w.Doing, w.Rate = "Working out the effect on adherence", of("agent")
	case "writing":
		w.Doing, w.Rate = "Writing", of("agent-day")
	case "waiting":
		w.Doing = "Waiting for another import to end"
	case "reading again":
		w.Doing = "Importing: reading the file"
	default:
		w.Doing = "Reading and checking the file"
	}
	switch s := took.Seconds(); {
	case w.Rate != "" || p.of == 0:
	case p.done >= p.of:
		w.Doing, w.Rate = "Comparing with what is there", "the file is read"
	case s > 0.5:
		w.Rate = fmt.Sprintf("%.1f MiB/s%s", float64(p.done)/(1<<20)/s, left)
	}
	return w
}

// previewPage is what an import would do.
type previewPage struct {
	Path, File string
	// Result is nil where there is no preview.
	Result *imports.Result
	// Partial says that the good rows can be imported without the bad ones; Removing that the import has to be ticked
	// because it removes more than it schedules.
	Partial, Removing  bool
	Apply              string
	Problems, Warnings problems
	Schedule           *scheduleChange
	Changes            *change
	Effect             *effect
	Conflict           []conflictRow
	// Listed is how many problems and warnings the CSV file lists; 0 for all.
	Listed int
}

// page shows the preview. The caller holds the preview's lock.
func (p *preview) page(all bool) *previewPage {
	r := p.report
	w := &previewPage{Path: p.path(), File: p.up.in.Name, Conflict: p.conflict, Result: r, Apply: "Import"}
	if r == nil {
		return w
	}
	w.Partial = r.Refused && !r.RemovalsRefused && r.Accepted > 0 && r.Written > 0
	w.Removing = r.Schedule.Removing()
	if r.Schedule != nil {
		w.Apply = "Import " + counted(r.Written, "agent-day")
	}
	bad := min(len(r.Problems), len(p.excerpts))
	w.Problems = problemsOf("problem", r.Problems, r.ProblemCount, p.excerpts[:bad], all)
	w.Warnings = problemsOf("warning", r.Warnings, r.WarningCount, p.excerpts[bad:], all)
	if p.problems.omitted > 0 {
		w.Listed = p.problems.listed
	}
	w.Schedule, w.Effect = scheduleChangeOf(r.Schedule, all), effectOf(r.Effect)
	w.Changes = changeOf(&r.Change, nil, all)
	return w
}
