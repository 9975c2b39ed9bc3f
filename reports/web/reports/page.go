package reports

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rollcall/reports/mail"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// reportsPage is what /reports shows.
type reportsPage struct {
	web.Frame
	Form         url.Values
	Presets      []web.Preset
	Teams, Sites []choiceOf
	Formats      []web.Choice
	// Lengths and Bys are the choices of a staffing report.
	Lengths, Bys []string
	Reports      []reportRow
	Pending      bool
	KeptFor      string
	Done, Wrong  string
	// Mails says that there are mails; Mail that a mail server is there.
	Mails, Mail   bool
	MailWrong     string
	MailForm      url.Values
	Subscriptions []mail.SubscriptionRow
}

// choiceOf is a team or site to choose.
type choiceOf struct {
	Name   string
	Chosen bool
}

// reportRow is a report in words.
type reportRow struct {
	ID, Name, About, State, Text, When, By, Size, File, Again string
	Progress                                                  int
	Pending, Failed                                           bool
}

// mountPage adds the page of reports: what is seen by GET, what is done by POST and then a redirect.
func (r *routes) mountPage() error {
	errs := []error{
		r.MountPage("GET /reports", access.ActionReport, func(w http.ResponseWriter, req *http.Request) {
			r.showReports(w, req, http.StatusOK, reportsPage{Form: req.URL.Query()})
		}),
		r.MountPage("POST /reports", access.ActionReport, r.askReport),
		r.MountPage("POST /reports/{id}/drop", access.ActionReport, r.dropReport),
	}
	if r.deps.Mails != nil {
		errs = append(errs,
			r.MountPage("POST /reports/subscriptions", access.ActionSubscribe, r.askSubscription),
			r.MountPage("POST /reports/subscriptions/{id}/end", access.ActionSubscribe, r.endSubscription))
	}
	return errors.Join(errs...)
}

// showReports shows the page; page holds what was sent to it and what was wrong with that.
func (r *routes) showReports(w http.ResponseWriter, req *http.Request, status int, page reportsPage) {
	p := web.PrincipalOf(req.Context())
	page.Frame = r.Frame(p, "Reports", "/reports")
	page.Style = "reports"
	page.Lengths, page.Bys = []string{"15", "30", "60"}, []string{"team", "site", "all"}
	teams, sites, err := r.deps.Reports.Parts(req.Context())
	if err != nil {
		r.StoreAway(w, req, err)
		return
	}
	today := schemas.UTC.Date(schemas.InstantOf(r.Now()))
	page.Presets = web.Presets(req.URL.Query(), today)
	page.defaults(today)
	page.choices(p, teams, sites)
	formats := r.deps.Reports.Formats(Kind(page.Form.Get("kind")))
	for _, f := range append(formats, r.deps.Reports.Formats(Staffing)...) { // html, for whoever chooses staffing then
		if c := (web.Choice{Value: f, Label: formatWords(f)}); !slices.Contains(page.Formats, c) {
			page.Formats = append(page.Formats, c)
		}
	}
	for _, j := range r.jobs.list(p) {
		row := r.row(&j)
		page.Reports, page.Pending = append(page.Reports, row), page.Pending || row.Pending
	}
	if page.KeptFor = r.keptFor(); page.Pending {
		page.Reload, page.Script = 3, "reports"
	}
	if page.Done == "" {
		page.Done = r.Flash(req)
	}
	if r.deps.Mails != nil {
		page.Mails, page.Mail = true, r.deps.Mails.Enabled()
		if page.Subscriptions, err = r.subscriptions(req.Context()); err != nil {
			r.StoreAway(w, req, err)
			return
		}
	}
	r.pages.Show(w, status, "reports", page)
}

// defaults fills what the form does not say: yesterday, adherence, a workbook.
func (p *reportsPage) defaults(today schemas.Date) {
	form := url.Values{"kind": {string(Adherence)}, "format": {"xlsx"}, "from": {(today - 1).String()},
		"to": {(today - 1).String()}, "against": {"current"},
		"teams_as": {"then"}, "interval_minutes": {"30"}, "by": {"team"}}
	for k, v := range p.Form {
		if len(v) > 0 && v[0] != "" {
			form[k] = v
		}
	}
	p.Form = form
	if p.MailForm == nil {
		p.MailForm = url.Values{"kind": {"daily"}, "at": {"06:30"}, "until": {"18:00"}, "every_minutes": {"60"},
			"time_zone": {"Europe/London"}}
	}
}

// choices fills the teams and sites that who asks may choose.
func (p *reportsPage) choices(who access.Principal, teams, sites []string) {
	scope := access.ScopeOf(who, access.ActionReport)
	pick := func(all, own []string, key string) []choiceOf {
		var out []choiceOf
		for _, n := range all {
			if scope.All || slices.Contains(own, n) {
				out = append(out, choiceOf{n, slices.Contains(p.Form[key], n)})
			}
		}
		return out
	}
	p.Teams, p.Sites = pick(teams, scope.Teams, "team"), pick(sites, scope.Sites, "site")
}

func formatWords(f string) string {
	switch f {
	case "xlsx":
		return "Excel workbook"
	case "html":
		return "web page with charts (staffing)"
	}
	return strings.ToUpper(f)
}

// row words a report.
func (r *routes) row(j *job) reportRow {
	v := reportRow{
		ID:       j.id,
		Name:     j.order.File(),
		About:    j.order.about(),
		State:    string(j.state),
		When:     web.Stamp(j.asked)[:16],
		By:       j.askedBy,
		Progress: j.progress(),
		Pending:  !j.over(),
		Failed:   j.state == stateFailed,
	}
	switch j.state {
	case stateWaiting:
		v.Text = "waits"
		if n := r.jobs.ahead(j.id); n > 0 {
			v.Text = fmt.Sprintf("waits behind %d", n)
		}
	case stateRunning:
		v.Text = fmt.Sprintf("%d %% made", v.Progress)
	case stateDone:
		v.Text, v.File, v.Size = fmt.Sprintf("%d agent-days", j.made.Days), reportPath(j.id)+"/file", bytesWords(j.bytes)
	case stateFailed:
		v.Text, v.Again = j.failure, "/reports?"+j.order.asked().Encode()
	case stateCancelled:
		v.Text, v.Again = "cancelled", "/reports?"+j.order.asked().Encode()
	}
	return v
}

// bytesWords words the length of a file.
func bytesWords(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1_000_000:
		return fmt.Sprintf("%d kB", (n+500)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// askReport begins a report that the form asks for.
func (r *routes) askReport(w http.ResponseWriter, req *http.Request) {
	f := req.PostForm
	kind := Kind(f.Get("kind"))
	if kind != Adherence && kind != Staffing {
		r.showReports(w, req, http.StatusUnprocessableEntity,
			reportsPage{Form: f, Wrong: "choose what the report is about: adherence or staffing"})
		return
	}
	f.Set("known_at", knownAtOf(f.Get("known_at")))
	wanted := requestOf(kind, f.Get("format"), f)
	j, err := r.begin(req.Context(), &wanted)
	var problem *schemas.Problem
	if errors.As(err, &problem) {
		r.showReports(w, req, problem.Status, reportsPage{Form: f, Wrong: problem.Detail})
		return
	}
	if err != nil {
		r.Answer(w, req, err)
		return
	}
	r.Done(w, req, "/reports#recent", j.order.File()+" is being made.")
}

// knownAtOf completes the local time of a form to an instant in UTC.
func knownAtOf(text string) string {
	switch len(text) {
	case len("2026-03-02T09:00"):
		return text + ":00Z"
	case len("2026-03-02T09:00:00"):
		return text + "Z"
	}
	return text
}

// dropReport cancels or forgets a report.
func (r *routes) dropReport(w http.ResponseWriter, req *http.Request) {
	if err := r.jobs.drop(web.PrincipalOf(req.Context()), req.PathValue("id")); err != nil {
		r.Answer(w, req, reportProblem(err))
		return
	}
	r.Done(w, req, "/reports#recent", "The report is gone.")
}

// askSubscription begins a subscription that the form asks for.
func (r *routes) askSubscription(w http.ResponseWriter, req *http.Request) {
	f := req.PostForm
	in, err := subscriptionOf(f)
	if err == nil {
		_, err = r.subscribe(req.Context(), in)
	}
	var problem *schemas.Problem
	switch {
	case errors.As(err, &problem):
		r.showReports(w, req, problem.Status, reportsPage{MailForm: f, MailWrong: problem.Detail})
	case err != nil:
		r.Answer(w, req, err)
	default:
		r.Done(w, req, "/reports#mails", "Subscribed: the first mail comes when it is due next.")
	}
}

// subscriptionOf reads the form of a subscription.
func subscriptionOf(f url.Values) (*subscriptionInput, error) {
	in := &subscriptionInput{}
	b := &in.Body
	b.Kind = schemas.SubscriptionKind(f.Get("kind"))
	b.Recipients = strings.FieldsFunc(f.Get("recipients"),
		func(c rune) bool { return strings.ContainsRune(" ,;\n\r\t", c) })
	b.Teams, b.Sites = web.NonEmpty(f["team"]), web.NonEmpty(f["site"])
	b.At, b.Until, b.TimeZone = f.Get("at"), f.Get("until"), f.Get("time_zone")
	b.SkipEmpty, b.NoWorkbook = f.Get("skip_empty") != "", f.Get("workbook") == ""
	var errs []error
	if b.Kind == schemas.SubscriptionDigest {
		var err error
		if b.EveryMinutes, err = strconv.Atoi(f.Get("every_minutes")); err != nil {
			errs = append(errs, fmt.Errorf("every %q minutes is no number", f.Get("every_minutes")))
		}
	}
	errs = append(errs, in.Resolve(nil)...)
	if err := errors.Join(errs...); err != nil {
		return nil, schemas.NewProblem(http.StatusUnprocessableEntity, err.Error())
	}
	return in, nil
}

// endSubscription ends a subscription.
func (r *routes) endSubscription(w http.ResponseWriter, req *http.Request) {
	if err := r.unsubscribe(req.Context(), req.PathValue("id")); err != nil {
		r.Answer(w, req, err)
		return
	}
	r.Done(w, req, "/reports#mails", "The subscription has ended.")
}
