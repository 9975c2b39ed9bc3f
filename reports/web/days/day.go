package days

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"rollcall/reports/web"
	"slices"
	"strings"

	"rollcall/adherence/batch"
	"rollcall/ingest/decisions"
	"rollcall/reports"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// dayPage is what /adherence/{agent}/{day} shows.
type dayPage struct {
	web.Frame
	AgentID, Name, Place, Zone         string
	Day, DayWords, Prev, Next, Overall string
	// Missing says why there is nothing to show.
	Missing                     string
	Adherence, Why, State, Note string
	Before                      string
	Figures                     []web.Figure
	Picture                     dayPicture
	Deviations                  []dayDeviation
	Steps                       []dayStep
	Policy                      string
	Feeds                       []string
	Corrections                 []dayCorrection
	MayAsk, MayDecide           bool
	Ask                         dayAsk
	Done                        string
}

// dayAsk is a correction as the form has it, with what it would change.
type dayAsk struct {
	From, To, Effect, Reason, Wrong string
	// Preview is what the judge says of it; empty before it was asked.
	Preview  string
	Warnings []string
	Open     bool
}

// dayDeviation is one exception in words.
type dayDeviation struct {
	N                                     int
	When, Length, Kind, Words, Impact, To string
	Step                                  int
}

// dayStep is one stretch with its reason, down to facts, schedule and policy.
type dayStep struct {
	N                                      int
	When, Length, Plan, Did, Verdict, Kind string
	Class, Rule, Because, Schedule         string
	// RuleAt is the place of the rule on the page of the rules, such as 5.4.
	RuleAt string
	Facts  []string
	Marks  []string
}

// dayCorrection is a correction of the day.
type dayCorrection struct {
	ID, When, Effect, Reason, Status, By, Note string
	MayGrant, MayRevert                        bool
}

// showDay shows one day of one agent.
func (r *routes) showDay(w http.ResponseWriter, req *http.Request, status int, ask dayAsk) {
	agent, dayText := req.PathValue("agent"), req.PathValue("day")
	page := dayPage{Frame: r.Frame(web.PrincipalOf(req.Context()), "Adherence", "/adherence"), AgentID: agent, Name: agent, Day: dayText, Ask: ask}
	page.Style, page.Script = "reports", "adherence"
	out, err := r.explain(req.Context(), &explainInput{Agent: agent, Day: dayText})
	var problem *schemas.Problem
	day, bad := schemas.ParseDate(dayText)
	switch {
	case err == nil:
		err = r.fillDay(req, &page, out.Body)
	case errors.As(err, &problem) && problem.Status == http.StatusNotFound && bad == nil:
		page.Missing, status = "Nothing was scheduled on this day, and there was no work outside a schedule.", http.StatusNotFound
		if a, ok := r.deps.Agents.Agent(agent); ok {
			page.Name, page.Place = a.Name, place(a.Team, a.Site)
		}
		page.around(day)
		err = nil
	}
	if err != nil {
		r.Answer(w, req, err)
		return
	}
	r.pages.Show(w, status, "day", page)
}

func place(team, site string) string {
	return strings.Join(web.NonEmpty([]string{team, site}), ", ")
}

// around fills the words of the date and the ways to other days.
func (p *dayPage) around(day schemas.Date) {
	p.DayWords = day.Time().Format("Monday, 2 January 2006")
	p.Title = p.Name + ", " + p.Day
	p.Prev, p.Next = web.DayPath(p.AgentID, day-1), web.DayPath(p.AgentID, day+1)
	p.Overall = "/adherence?" + url.Values{"from": {(day - 6).String()}, "to": {day.String()}}.Encode()
}

// fillDay words an explained day.
func (r *routes) fillDay(req *http.Request, page *dayPage, e *batch.Explained) error {
	zone, err := schemas.LoadZone(cmp.Or(e.TimeZone, "UTC"))
	if err != nil {
		return fmt.Errorf("zone of %s: %w", e.AgentID, err)
	}
	page.Name, page.Place, page.Zone = cmp.Or(e.AgentName, e.AgentID), place(e.Team, e.Site), zone.Name()
	page.around(e.Day)
	if e.Team != "" {
		page.Overall += "&" + url.Values{"team": {e.Team}}.Encode()
	}
	page.figures(e)
	steps, err := stretches(e)
	if err != nil {
		return err
	}
	page.Steps = make([]dayStep, len(steps))
	for i := range steps {
		page.Steps[i] = stepOf(i, &steps[i], zone)
	}
	for i := range e.Exceptions {
		page.Deviations = append(page.Deviations, deviationOn(i, &e.Exceptions[i], steps, zone))
	}
	p := web.PrincipalOf(req.Context())
	target := access.Target{AgentID: e.AgentID, Team: e.Team, Site: e.Site}
	page.MayAsk = access.Allow(p, access.ActionAskCorrection, target) == nil
	page.MayDecide = access.Allow(p, access.ActionDecideCorrection, target) == nil
	units, err := r.correctionsOf(req.Context(), e.AgentID, steps)
	if err != nil {
		return r.answer(err)
	}
	for _, u := range units {
		page.Corrections = append(page.Corrections, correctionOf(u, zone, page.MayDecide))
	}
	page.Picture = pictureOf(e, steps, page.Deviations, units, zone)
	page.Done = r.Flash(req)
	page.ask(req, steps)
	return nil
}

// ask fills the form: with what was sent, or with the stretch that a link names.
func (p *dayPage) ask(req *http.Request, steps []stretch) {
	if p.Ask.Open {
		return
	}
	v := req.URL.Query()
	p.Ask = dayAsk{From: v.Get("from"), To: v.Get("to"), Effect: "neutral", Open: v.Get("from") != ""}
	if p.Ask.From == "" && len(steps) > 0 {
		p.Ask.From, p.Ask.To = steps[0].From[:16], steps[len(steps)-1].To[:16]
	}
}

// figures words the numbers of the day.
func (p *dayPage) figures(e *batch.Explained) {
	if e.AdherencePercent != nil {
		p.Adherence = fmt.Sprintf("%.2f %%", *e.AdherencePercent)
	} else if e.AdherenceReason != nil {
		p.Why = "No adherence: " + reasonWords(*e.AdherenceReason) + "."
	}
	if e.ConformancePercent != nil {
		p.Figures = append(p.Figures, web.Figure{Word: "conformance", Value: fmt.Sprintf("%.2f %%", *e.ConformancePercent)})
	}
	if e.CoveragePercent != nil {
		p.Figures = append(p.Figures, web.Figure{Word: "coverage", Value: fmt.Sprintf("%.2f %%", *e.CoveragePercent)})
	}
	for _, f := range []struct {
		word string
		s    schemas.Seconds
	}{{"scheduled", e.ScheduledS}, {"as scheduled", e.InS}, {"tolerated", e.ToleratedS}, {"out", e.OutS}, {"excused", e.NeutralS}, {"not judged", e.IgnoredS},
		{"unknown", e.UnknownS}, {"outside the schedule", e.OutsideS}} {
		if f.s > 0 {
			p.Figures = append(p.Figures, web.Figure{Word: f.word, Value: span(int64(f.s))})
		}
	}
	p.Note = e.Note
	if s := e.Stored; s != nil {
		p.State = s.State.String()
		if s.Before != nil && s.Before.AdherencePercent != nil {
			p.Before = fmt.Sprintf("It was %.2f %% before it was restated.", *s.Before.AdherencePercent)
		}
	}
	p.Policy = policyWords(&e.Policy)
	for _, source := range slices.Sorted(maps.Keys(e.CompleteUpTo)) {
		if at := e.CompleteUpTo[source]; at != nil {
			p.Feeds = append(p.Feeds, fmt.Sprintf("%s complete up to %s UTC", source, web.Stamp(*at)))
		} else {
			p.Feeds = append(p.Feeds, source+" has not said how far it is complete")
		}
	}
}

// span gives a length as h:mm:ss, as the workbook does.
func span(ms int64) string {
	s := (ms + schemas.SecondMS/2) / schemas.SecondMS
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

func policyWords(p *batch.PolicyUsed) string {
	if p.ID == "" {
		return "the default rules"
	}
	of := place(p.Team, p.Site)
	text := "the rules of " + cmp.Or(of, "the organisation")
	if p.From != nil {
		text += " in force from " + p.From.String()
	}
	return text + " (" + p.ID + ")"
}

// stretch is an explained interval with its instants.
type stretch struct {
	*batch.ExplainedInterval
	Start, End schemas.Instant
}

func (s *stretch) state() schemas.State {
	return schemas.State{Presence: s.Presence, Status: s.Status, Routing: s.Routing, Secondary: s.Secondary}
}

// plan names what was scheduled.
func (s *stretch) plan() string {
	if s.ScheduledCategory == schemas.CategoryUnscheduled {
		return ""
	}
	return cmp.Or(s.ScheduledCode, web.Label(s.ScheduledCategory))
}

// stretches reads the instants of the intervals, and puts neighbours together that people cannot tell apart: who is on queue
// takes one contact after the other.
func stretches(e *batch.Explained) ([]stretch, error) {
	var out []stretch
	for i := range e.Intervals {
		v := &e.Intervals[i]
		from, err := schemas.ParseInstant(v.From)
		to, err2 := schemas.ParseInstant(v.To)
		if err := errors.Join(err, err2); err != nil {
			return nil, fmt.Errorf("read the times of %s on %s: %w", e.AgentID, e.Day, err)
		}
		s := stretch{v, from, to}
		if n := len(out); n > 0 && out[n-1].alike(&s) {
			out[n-1].join(&s)
			continue
		}
		out = append(out, s)
	}
	return out, nil
}

// alike says whether the next stretch goes on with the same for the same reason.
func (s *stretch) alike(next *stretch) bool {
	return s.End == next.Start && samePlan(s, next) && reports.StateWords(s.state()) == reports.StateWords(next.state()) && s.OnQueue == next.OnQueue &&
		s.Verdict == next.Verdict && s.Kind == next.Kind && s.Rule == next.Rule && s.Because == next.Because && s.Correction == next.Correction &&
		slices.Equal(s.Gaps, next.Gaps)
}

// join takes the next stretch in, with the facts that it adds.
func (s *stretch) join(next *stretch) {
	v := *s.ExplainedInterval
	v.Before = slices.Clone(v.Before)
	for _, f := range next.Before {
		if !slices.ContainsFunc(v.Before, func(g batch.FactUsed) bool { return g.ID == f.ID && g.Source == f.Source && g.At == f.At }) {
			v.Before = append(v.Before, f)
		}
	}
	v.To, v.Seconds, v.After = next.To, v.Seconds+next.Seconds, next.After
	s.ExplainedInterval, s.End = &v, next.End
}

// stepOf words one stretch.
func stepOf(i int, s *stretch, zone schemas.Zone) dayStep {
	v := dayStep{N: i + 1, When: clockRange(zone, s.Start, s.End), Length: web.Length(s.End.Sub(s.Start)), Plan: s.plan(), Did: web.Label(reports.StateWords(s.state())),
		Verdict: verdictWord(s.Verdict), Class: "v-" + web.VerdictClass(s.Verdict), Rule: ruleWords(s.Rule), RuleAt: ruleAt(s.Rule), Because: s.Because}
	if s.Kind != schemas.KindNone && (s.Verdict == schemas.VerdictOut || s.Verdict == schemas.VerdictOutside) {
		v.Kind = reports.Plain(s.Kind.String())
	}
	if s.File != "" {
		v.Schedule = s.File
		if s.Line > 0 {
			v.Schedule = fmt.Sprintf("%s, line %d", s.File, s.Line)
		}
	}
	for i := range s.Before {
		v.Facts = append(v.Facts, factWords(&s.Before[i], zone))
	}
	if s.Correction != "" {
		v.Marks = append(v.Marks, "corrected")
	}
	if len(s.Gaps) > 0 {
		v.Marks = append(v.Marks, "feed gap")
	}
	return v
}

// clockRange gives a stretch of the agent's clock; seconds only where there are some.
func clockRange(zone schemas.Zone, from, to schemas.Instant) string {
	return clockExact(zone, from) + "–" + clockExact(zone, to)
}

func clockExact(zone schemas.Zone, t schemas.Instant) string {
	if int64(t)%schemas.MinuteMS == 0 {
		return web.Clock(zone, t)
	}
	return t.Time().In(zone.Location()).Format("15:04:05")
}

// verdictWord says in a word what the judge says.
func verdictWord(v schemas.Verdict) string {
	switch v {
	case schemas.VerdictIn:
		return "in"
	case schemas.VerdictOut:
		return "out"
	case schemas.VerdictNone:
		return "–"
	case schemas.VerdictTolerated, schemas.VerdictOutside, schemas.VerdictNeutral, schemas.VerdictIgnored, schemas.VerdictUnknown:
	}
	return web.VerdictTitle(v)
}

func ruleWords(rule string) string {
	return strings.TrimPrefix(rule, "domain ")
}

// ruleAt returns the place of a rule on the page of the rules.
func ruleAt(rule string) string {
	if number, ok := strings.CutPrefix(rule, "domain rule "); ok {
		return "5." + number
	}
	return strings.TrimPrefix(rule, "domain section ")
}

// factWords tells one status change: when, what it said, whose it is.
func factWords(f *batch.FactUsed, zone schemas.Zone) string {
	var said []string
	for _, w := range []string{f.Presence.String(), f.Status.String(), f.Routing.String(), f.Secondary} {
		if w != "" {
			said = append(said, reports.Plain(w))
		}
	}
	return fmt.Sprintf("%s %s (%s)", clockExact(zone, f.At), strings.Join(said, ", "), f.Source)
}

// deviationOn words one exception of the day.
func deviationOn(i int, x *schemas.ExceptionJSON, steps []stretch, zone schemas.Zone) dayDeviation {
	e := schemas.Exception{Start: x.Start, End: x.End, Category: x.ScheduledCategory, Kind: x.Kind, MS: int64(x.Seconds)}
	d := dayDeviation{N: i + 1, When: clockRange(zone, x.Start, x.End), Length: web.Length(e.MS), Kind: reports.Plain(x.Kind.String())}
	for k := range steps {
		s := &steps[k]
		if s.End <= x.Start || s.Start >= x.End {
			continue
		}
		if d.Step == 0 {
			d.Step, e.Code = k+1, s.ScheduledCode
		}
		part := schemas.Part{Start: s.Start, End: s.End, State: s.state()}
		for _, p := range x.Parts {
			if p.Start < s.End && p.End > s.Start {
				part.Impact = p.Impact
			}
		}
		e.Parts = append(e.Parts, part)
	}
	d.Words = web.Deviation(&e, zone, false)
	d.Impact = reports.ImpactWords(e.Parts)
	d.To = web.WithQuery(url.Values{}, "from", zone.Format(x.Start)[:16], "to", zone.Format(x.End)[:16]) + "#ask"
	return d
}

// correctionsOf lists the corrections and requests that touch the day.
func (r *routes) correctionsOf(ctx context.Context, agent string, steps []stretch) ([]*decisions.CorrectionUnit, error) {
	if len(steps) == 0 {
		return nil, nil
	}
	return r.deps.Decisions.Corrections(ctx, decisions.CorrectionFilter{Agents: []string{agent}, Between: schemas.Interval{Start: steps[0].Start, End: steps[len(steps)-1].End}})
}

func correctionOf(u *decisions.CorrectionUnit, zone schemas.Zone, decides bool) dayCorrection {
	c := dayCorrection{ID: u.ID, When: clockRange(zone, u.From, u.To), Effect: correctionWords(u.Effect), Reason: u.Reason, Status: u.Status.String(), Note: u.Note,
		By: cmp.Or(u.DecidedBy, u.RequestedBy), MayGrant: decides && u.Status == schemas.CorrectionRequested, MayRevert: decides && u.Status == schemas.CorrectionGranted}
	if u.RequestedBy != "" && u.DecidedBy != "" {
		c.By = fmt.Sprintf("%s, asked for by %s", u.DecidedBy, u.RequestedBy)
	}
	return c
}

func correctionWords(e schemas.Effect) string {
	if e == schemas.EffectIn {
		return "counts as adhering"
	}
	return "leaves the sums"
}

// askCorrection does the form: a preview, a request, or a correction at once.
func (r *routes) askCorrection(w http.ResponseWriter, req *http.Request) {
	if err := req.ParseForm(); err != nil {
		r.Problem(w, req, schemas.NewProblem(http.StatusBadRequest, "the form cannot be read: "+err.Error()))
		return
	}
	agent, f := req.PathValue("agent"), req.PostForm
	ask := dayAsk{From: f.Get("from"), To: f.Get("to"), Effect: f.Get("effect"), Reason: f.Get("reason"), Open: true}
	in := &addCorrectionInput{DryRun: f.Get("do") == "preview", Body: correctionBody{Agents: []string{agent}, From: ask.From, To: ask.To, Effect: ask.Effect, Reason: ask.Reason}}
	if in.DryRun && in.Body.Reason == "" {
		in.Body.Reason = "preview"
	}
	out, err := r.addCorrection(req.Context(), in)
	var problem *schemas.Problem
	switch {
	case errors.As(err, &problem) && problem.Status != http.StatusForbidden:
		ask.Wrong = problem.Detail
		r.showDay(w, req, problem.Status, ask)
	case err != nil:
		r.Answer(w, req, err)
	case in.DryRun:
		ask.Preview, ask.Warnings = effectOn(out.Body.Affected), out.Body.Warnings
		r.showDay(w, req, http.StatusOK, ask)
	default:
		said := "The correction counts from now on."
		if out.Body.Correction.Status == schemas.CorrectionRequested {
			said = "Your supervisor is asked for the correction; it counts once it is granted."
		}
		r.Done(w, req, dayPath(req), said)
	}
}

func dayPath(req *http.Request) string {
	return "/adherence/" + url.PathEscape(req.PathValue("agent")) + "/" + url.PathEscape(req.PathValue("day"))
}

// effectOn says what a correction would change of one agent.
func effectOn(rows []batch.DifferenceJSON) string {
	if len(rows) == 0 || rows[0].ChangedDays == 0 {
		return "It would change nothing: no judged day comes out otherwise."
	}
	d := &rows[0]
	return fmt.Sprintf("Adherence %s would become %s, exceptions %d would become %d.", percentOr(d.AdherenceBefore), percentOr(d.AdherenceAfter), d.ExceptionsBefore, d.ExceptionsAfter)
}

func percentOr(v *float64) string {
	if v == nil {
		return "without a figure"
	}
	return fmt.Sprintf("%.2f %%", *v)
}

// decideCorrection grants, refuses or reverts a correction.
func (r *routes) decideCorrection(w http.ResponseWriter, req *http.Request) {
	if err := req.ParseForm(); err != nil {
		r.Problem(w, req, schemas.NewProblem(http.StatusBadRequest, "the form cannot be read: "+err.Error()))
		return
	}
	var to schemas.CorrectionStatus
	said := ""
	switch req.PostForm.Get("do") {
	case "grant":
		to, said = schemas.CorrectionGranted, "Granted: it counts from now on."
	case "refuse":
		to, said = schemas.CorrectionRefused, "Refused."
	case "revert":
		to, said = schemas.CorrectionReverted, "Taken back: it counts no longer."
	default:
		r.Problem(w, req, schemas.NewProblem(http.StatusUnprocessableEntity, "do is none of grant, refuse, revert"))
		return
	}
	in := &decideInput{ID: req.PathValue("id")}
	in.Body = &struct {
		Note string `json:"note,omitempty" doc:"why, for who asked"`
	}{req.PostForm.Get("note")}
	if _, err := r.decide(req.Context(), in, to); err != nil {
		r.Answer(w, req, err)
		return
	}
	r.Done(w, req, dayPath(req), said)
}
