package imports

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/reports"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// upload does POST /schedules/{kind}: it keeps the file, begins its preview, and leads to it.
func (pl *planning) upload(w http.ResponseWriter, r *http.Request) error {
	kind, err := kindOf(r)
	if err != nil {
		return err
	}
	up, err := pl.receiveOne(w, r)
	if err != nil {
		return pl.listAgain(w, r, kind, err)
	}
	up.opt.Actor = web.PrincipalOf(r.Context()).Name
	p := pl.kept.add(web.PrincipalOf(r.Context()).ID, kind, up)
	defer pl.kept.release(p)
	pl.preview(r.Context(), p)
	pl.wait(r.Context(), p)
	http.Redirect(w, r, p.path(), http.StatusSeeOther) //nolint:gosec // always a page of this server
	return nil
}

// receiveOne reads the form of an upload, which has a time of its own.
func (pl *planning) receiveOne(w http.ResponseWriter, r *http.Request) (*upload, error) {
	select {
	case pl.receiving <- struct{}{}:
		defer func() { <-pl.receiving }()
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	rc := http.NewResponseController(w)
	until := pl.Now().Add(pl.limits.Time)
	if err := errors.Join(rc.SetReadDeadline(until), rc.SetWriteDeadline(until)); err != nil {
		return nil, err
	}
	up, err := pl.receive(r)
	if err == nil && up.in.Size == 0 {
		up.close()
		err = badForm("file", "is empty, or none was chosen")
	}
	return up, err
}

// listAgain shows the tab again, with what was wrong about a form.
func (pl *planning) listAgain(w http.ResponseWriter, r *http.Request, kind planKind, err error) error {
	bad := importProblemOf(err)
	if bad == nil {
		return err
	}
	page := pl.page(r, kind, "list", kind.Label)
	page.Wrong = sentence(bad.Detail)
	return pl.sendList(w, r, page, bad.Status)
}

// sentence begins with a capital letter.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	c, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(c)) + s[n:]
}

func (p *keptPreview) path() string { return ownPath + "/previews/" + p.id }

// wait lets a preview or import that takes little time end before the page is shown.
func (pl *planning) wait(ctx context.Context, p *keptPreview) {
	p.mu.Lock()
	finished := p.finished
	p.mu.Unlock()
	timer := time.NewTimer(pl.keep.Patience)
	defer timer.Stop()
	select {
	case <-finished:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// begin does work on a preview beside the requests. It says whether it could: not while other work on it goes on.
func (pl *planning) begin(ctx context.Context, p *keptPreview, to stage, phase string, do func(ctx context.Context)) bool {
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
	pl.kept.hold(p)
	pl.Go(func() {
		defer pl.kept.release(p)
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
func (pl *planning) preview(ctx context.Context, p *keptPreview) bool {
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
func (pl *planning) look(ctx context.Context, p *keptPreview, who access.Principal) error {
	list, err := pl.newList()
	if err != nil {
		return err
	}
	opt := p.up.opt
	opt.DryRun, opt.Problem = true, list.write
	opt.Progress = func(done, total int64) { p.tell("reading", done, total, pl.Now()) }
	opt.Judged = func(agents, of int) { p.tell("judging", int64(agents), int64(of), pl.Now()) }
	report, err := pl.plans.Import(ctx, p.kind.Kind, p.up.in, opt)
	if err == nil && access.Allow(who, access.ActionImport, access.Target{}) != nil {
		err = pl.allow(ctx, who, report)
	}
	var excerpts []files.Excerpt
	if err == nil {
		both := append(report.Problems[:len(report.Problems):len(report.Problems)], report.Warnings...)
		excerpts, err = files.Excerpts(ctx, p.up.in, opt, report.Encoding, both)
	}
	if whole := list.end(); err == nil {
		err = whole
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.list
	p.list, p.whole, p.listed, p.omitted = list.f, list.written, list.listed, list.omitted
	if old != nil {
		_ = old.Close() // it was only read
	}
	p.report, p.excerpts = nil, nil
	if err != nil {
		return err
	}
	p.report, p.excerpts = report, excerpts
	return nil
}

// why words an error for the person in front of the page; what is not theirs goes to the log.
func (pl *planning) why(err error, kind planKind) string {
	if p := importProblemOf(err); p != nil {
		return sentence(p.Detail)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("It took longer than %s and was given up; nothing was imported. Split the file, or use `rollcall import` on the machine itself.", web.Length(pl.limits.Time.Milliseconds()))
	}
	if !errors.Is(err, context.Canceled) {
		pl.Log().WithError(err).WithField("kind", kind.Kind).Error("a preview or import of a page failed")
	}
	return "Something went wrong here; nothing was imported. The log of the server says what. Try again in a moment."
}

// problemList writes every problem and warning of a file as CSV to disk, under no name.
type problemList struct {
	f       *os.File
	w       *csv.Writer
	size    *countedBytes
	written int64
	// listed counts the problems and warnings in it, omitted those for which there was no room.
	listed, omitted int
	err             error
}

// mostListBytes bounds the list of problems of one file.
const mostListBytes = 64 << 20

type countedBytes struct {
	w io.Writer
	n int64
}

func (c *countedBytes) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

func (pl *planning) newList() (*problemList, error) {
	if err := os.MkdirAll(pl.limits.Dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(pl.limits.Dir, "upload-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	l := &problemList{f: f, size: &countedBytes{w: f}}
	l.w = csv.NewWriter(l.size)
	l.err = l.w.Write([]string{"level", "file", "line", "column", "field", "message"})
	return l, nil
}

// write adds one problem or warning.
func (l *problemList) write(p files.Problem, warning bool) {
	if l.err != nil || l.size.n > mostListBytes {
		l.omitted++
		return
	}
	l.listed++
	level := "problem"
	if warning {
		level = "warning"
	}
	place := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	l.err = l.w.Write([]string{level, reports.SafeText(p.File), place(p.Line), place(p.Column), reports.SafeText(p.Field), reports.SafeText(p.Text())})
}

// end writes what is held back.
func (l *problemList) end() error {
	if l.omitted > 0 && l.err == nil {
		l.err = l.w.Write([]string{"omitted", "", "", "", "", fmt.Sprintf("%d more are not listed; correct these first", l.omitted)})
	}
	l.w.Flush()
	l.written = l.size.n
	return errors.Join(l.err, l.w.Error())
}

// errNoPreview says that a preview is not there for who asks.
func errNoPreview() error {
	return schemas.NewProblem(http.StatusNotFound, "this preview is not kept any more, or was never yours: files are kept for an hour after they were last "+
		"looked at, and not when the server starts again. Nothing was imported by it since; upload the file once more.")
}

// kept returns the preview that a request is about.
func (pl *planning) keptOf(r *http.Request) (*keptPreview, error) {
	if p := pl.kept.take(r.PathValue("id"), web.PrincipalOf(r.Context()).ID); p != nil {
		return p, nil
	}
	return nil, errNoPreview()
}

// showPreview does GET /schedules/previews/{id}: the progress, what an import would do, or what became of it.
func (pl *planning) showPreview(w http.ResponseWriter, r *http.Request) error {
	p, err := pl.keptOf(r)
	if err != nil {
		return err
	}
	defer pl.kept.release(p)
	at := p.at()
	if at == stageApplied {
		pl.applied(w, r, p)
		return nil
	}
	part := "preview"
	if at != stagePreviewed {
		part = "working"
	}
	page := pl.page(r, p.kind, part, "Preview")
	if page.Profiles, err = profilesOf(p.kind.Kind); err != nil {
		return err
	}
	p.mu.Lock()
	page.Form = p.up.form()
	page.Wrong = p.wrong
	page.Work = p.working(pl.Now())
	status := http.StatusOK
	if part == "preview" {
		page.Preview = p.words(r.URL.Query().Has("all"))
		if len(p.conflict) > 0 {
			status = http.StatusConflict
		}
	} else {
		page.Reload = 2
	}
	p.mu.Unlock()
	pl.pages.Show(w, status, "schedules", page)
	return nil
}

// applied leads to what was imported, and forgets the file.
func (pl *planning) applied(w http.ResponseWriter, r *http.Request, p *keptPreview) {
	p.mu.Lock()
	done := p.applied
	p.mu.Unlock()
	pl.kept.drop(p)
	if len(done.Journal) == 0 {
		pl.Done(w, r, p.kind.URL(), fmt.Sprintf("%s changes nothing: all of it is there already.", p.up.in.Name))
		return
	}
	said := fmt.Sprintf("%s is imported.", p.up.in.Name)
	if done.Rejected > 0 {
		said += fmt.Sprintf(" %s were left out.", counted(done.Rejected, "bad row"))
	}
	pl.Done(w, r, p.kind.Of(done.ID()), said)
}

// problems does GET /schedules/previews/{id}/problems: all of them as CSV.
func (pl *planning) problems(w http.ResponseWriter, r *http.Request) error {
	p, err := pl.keptOf(r)
	if err != nil {
		return err
	}
	defer pl.kept.release(p)
	p.mu.Lock()
	list, whole := p.list, p.whole
	busy := p.stop != nil
	p.mu.Unlock()
	if list == nil || busy {
		return schemas.NewProblem(http.StatusConflict, "the file is being read; wait for its preview")
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="problems.csv"`)
	_, err = io.Copy(w, io.NewSectionReader(list, 0, whole))
	return err
}

// apply does POST /schedules/previews/{id}/apply: the import, as it was previewed.
func (pl *planning) apply(w http.ResponseWriter, r *http.Request) error {
	p, err := pl.keptOf(r)
	if err != nil {
		return err
	}
	defer pl.kept.release(p)
	if err := r.ParseForm(); err != nil {
		return schemas.NewProblem(http.StatusBadRequest, "the form is damaged: "+err.Error())
	}
	p.mu.Lock()
	ready := p.report != nil && p.stage == stagePreviewed
	opt := p.up.opt
	if ready {
		opt.IfRevision = p.report.BaseRevision
	}
	p.mu.Unlock()
	if !ready {
		http.Redirect(w, r, p.path(), http.StatusSeeOther) //nolint:gosec // a page of this server, which says how it stands
		return nil
	}
	opt.DryRun, opt.AllowPartial = false, r.PostForm.Get("allow_partial") == "true"
	opt.Actor = web.PrincipalOf(r.Context()).Name
	opt.Progress = func(done, total int64) { p.tell("reading again", done, total, pl.Now()) }
	opt.Wrote = func(days, of int) { p.tell("writing", int64(days), int64(of), pl.Now()) }
	opt.Waiting = func() { p.tell("waiting", 0, 0, pl.Now()) }
	pl.begin(r.Context(), p, stageApplying, "reading again", func(ctx context.Context) { pl.write(ctx, p, opt) })
	pl.wait(r.Context(), p)
	http.Redirect(w, r, p.path(), http.StatusSeeOther) //nolint:gosec // always a page of this server
	return nil
}

// write imports the file and notes what became of that.
func (pl *planning) write(ctx context.Context, p *keptPreview, opt files.Options) {
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
	case report.Refused:
		p.wrong = fmt.Sprintf("Nothing was imported: the file has %s. Correct it and upload it again, or leave the bad rows out.", counted(report.ProblemCount, "problem"))
	default:
		p.stage, p.applied = stageApplied, report
	}
}

// again does POST /schedules/previews/{id}/again: another preview of the same file, read as the form says.
func (pl *planning) again(w http.ResponseWriter, r *http.Request) error {
	p, err := pl.keptOf(r)
	if err != nil {
		return err
	}
	defer pl.kept.release(p)
	if err := r.ParseForm(); err != nil {
		return schemas.NewProblem(http.StatusBadRequest, "the form is damaged: "+err.Error())
	}
	if r.PostForm.Has("read") {
		fresh := &upload{opt: files.Options{Actor: p.up.opt.Actor}}
		for _, name := range formFields {
			for _, value := range r.PostForm[name] {
				if err == nil {
					err = fresh.field(name, strings.TrimSpace(value))
				}
			}
		}
		if err == nil {
			err = fresh.opt.Validate()
		}
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
		pl.wait(r.Context(), p)
	}
	http.Redirect(w, r, p.path(), http.StatusSeeOther) //nolint:gosec // always a page of this server
	return nil
}

// detailOf words an error of a form.
func detailOf(err error) string {
	if p := importProblemOf(err); p != nil {
		return p.Detail
	}
	return err.Error()
}

// discard does POST /schedules/previews/{id}/discard: the file is forgotten.
func (pl *planning) discard(w http.ResponseWriter, r *http.Request) error {
	p, err := pl.keptOf(r)
	if err != nil {
		return err
	}
	defer pl.kept.release(p)
	pl.kept.drop(p)
	pl.Done(w, r, p.kind.URL(), fmt.Sprintf("%s is forgotten; nothing of it was imported.", p.up.in.Name))
	return nil
}
