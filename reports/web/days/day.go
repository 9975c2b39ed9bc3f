package days

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rollcall/adherence"
	"rollcall/adherence/batch"
	"rollcall/ingest/decisions"
	"rollcall/reports"
	"rollcall/reports/web"
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
	// RuleAt is the place of the rule, of RULES.md, on the page of the rules, such as 5.4.
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
	page := dayPage{Frame: r.Frame(web.PrincipalOf(req.Context()), "Adherence", "/adherence"), AgentID: agent, Name: agent,
		Day: dayText, Ask: ask}
	page.Style, page.Script = "reports", "adherence"
	e, err := r.explanation(req.Context(), agent, dayText)
	var problem *schemas.Problem
	day, bad := schemas.ParseDate(dayText)
	switch {
	case err == nil:
		err = r.fillDay(req, &page, e)
	case errors.As(err, &problem) && problem.Status == http.StatusNotFound && bad == nil:
		page.Missing, status = "Nothing was scheduled on this day, and there was no work outside a schedule.",
			http.StatusNotFound
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
func (r *routes) fillDay(req *http.Request, page *dayPage, e *batch.Explanation) error {
	var m schemas.Membership
	if e.Member != nil {
		m = *e.Member
	}
	agent, zone := e.Day.AgentID, e.Zone
	page.Name, page.Place, page.Zone = cmp.Or(m.Name, agent), place(m.Team, m.Site), zone.Name()
	page.around(e.Day.Day)
	if m.Team != "" {
		page.Overall += "&" + url.Values{"team": {m.Team}}.Encode()
	}
	page.figures(e)
	steps := stretches(e)
	page.Steps = make([]dayStep, len(steps))
	for i := range steps {
		page.Steps[i] = stepOf(i, &steps[i], zone)
	}
	for i := range e.Day.Exceptions {
		page.Deviations = append(page.Deviations, deviationOn(i, &e.Day.Exceptions[i], steps, zone))
	}
	p := web.PrincipalOf(req.Context())
	target := access.Target{AgentID: agent, Team: m.Team, Site: m.Site}
	page.MayAsk = access.Allow(p, access.ActionAskCorrection, target) == nil
	page.MayDecide = access.Allow(p, access.ActionDecideCorrection, target) == nil
	units, err := r.correctionsOf(req.Context(), agent, steps)
	if err != nil {
		return r.answer(err)
	}
	for _, u := range units {
		page.Corrections = append(page.Corrections, correctionOf(u, zone, page.MayDecide))
	}
	page.Picture = pictureOf(&e.Day, steps, page.Deviations, units, zone)
	page.Done = r.Flash(req)
	page.ask(req, steps, zone)
	return nil
}

// ask fills the form: with what was sent, or with the stretch that a link names.
func (p *dayPage) ask(req *http.Request, steps []stretch, zone schemas.Zone) {
	if p.Ask.Open {
		return
	}
	v := req.URL.Query()
	p.Ask = dayAsk{From: v.Get("from"), To: v.Get("to"), Effect: "neutral", Open: v.Get("from") != ""}
	if p.Ask.From == "" && len(steps) > 0 {
		p.Ask.From, p.Ask.To = localMinute(zone, steps[0].Start), localMinute(zone, steps[len(steps)-1].End)
	}
}

// localMinute writes an instant as a form has it: 2026-03-02T09:00 on the clock of the zone.
func localMinute(zone schemas.Zone, t schemas.Instant) string {
	return zone.Format(t)[:len("2026-03-02T09:00")]
}

// figures words the numbers of the day.
func (p *dayPage) figures(e *batch.Explanation) {
	adherence := e.Day.Adherence()
	if v, ok := adherence.Value(); ok {
		p.Adherence = fmt.Sprintf("%.2f %%", v)
	} else if adherence.Reason != schemas.ReasonNone {
		_, why := reasonTexts(adherence.Reason)
		p.Why = "No adherence: " + why + "."
	}
	p.Figures = web.DayFigures(&e.Day, span)
	p.Note = e.Note
	if s := e.Stored; s != nil {
		p.State = s.State.String()
		if b := s.Before.JSON(); b != nil && b.AdherencePercent != nil {
			p.Before = fmt.Sprintf("It was %.2f %% before it was restated.", *b.AdherencePercent)
		}
	}
	p.Policy = policyWords(e.Policy)
	for _, source := range slices.Sorted(maps.Keys(e.CompleteUpTo)) {
		if at := e.CompleteUpTo[source]; at != nil {
			p.Feeds = append(p.Feeds, fmt.Sprintf("%s complete up to %s UTC", source, web.Stamp(*at)))
		} else {
			p.Feeds = append(p.Feeds, source+" has not said how far it is complete")
		}
	}
	for _, o := range e.Day.Overruled {
		p.Feeds = append(p.Feeds, overruledWords(o))
	}
}

// overruledWords says how many changes of a source did not count.
func overruledWords(o schemas.Overruled) string {
	return reports.Counted(int(o.Changes), "change") + " of " + schemas.SourceWords(o.Source) +
		" did not count, because another source is preferred and said something else"
}

// span returns a length as h:mm:ss, as the workbook does.
func span(ms int64) string {
	s := (ms + schemas.SecondMS/2) / schemas.SecondMS
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

func policyWords(p *schemas.PolicyVersion) string {
	if p == nil {
		return "the default rules"
	}
	return fmt.Sprintf("the rules of %s in force from %s (%s)", cmp.Or(place(p.Team, p.Site), "the organisation"), p.From,
		p.ID)
}

// stretch is a step of an explained day, or neighbours that people cannot tell apart: who is on queue takes one contact
// after the other.
type stretch struct {
	adherence.Step
	because string
	origin  schemas.Revision
	facts   []*schemas.Change
}

// plan names what was scheduled.
func (s *stretch) plan() string {
	if s.Activity == nil {
		return ""
	}
	return cmp.Or(s.Activity.Code, web.Label(s.Activity.Category))
}

// did names what was done.
func (s *stretch) did() string { return reports.StateWords(s.State) }

// stretches puts the steps of a day together.
func stretches(e *batch.Explanation) []stretch {
	var out []stretch
	for i := range e.Steps {
		s := stretch{Step: e.Steps[i], because: e.Because(&e.Steps[i])}
		if s.Activity != nil {
			s.origin = e.Revision(s.Activity)
		}
		for _, f := range s.Before {
			s.facts = append(s.facts, &e.Changes[f])
		}
		if n := len(out); n > 0 && out[n-1].alike(&s) {
			out[n-1].join(&s)
			continue
		}
		out = append(out, s)
	}
	return out
}

// alike says whether the next stretch goes on with the same for the same reason.
func (s *stretch) alike(next *stretch) bool {
	return s.End == next.Start && samePlan(s, next) && s.did() == next.did() && s.OnQueue == next.OnQueue &&
		s.Verdict == next.Verdict &&
		s.Kind == next.Kind && s.Rule == next.Rule && s.because == next.because && s.correction() == next.correction() &&
		slices.Equal(s.Gaps, next.Gaps)
}

// correction returns the id of the decision that covers the stretch; empty for none.
func (s *stretch) correction() string {
	if s.Correction == nil {
		return ""
	}
	return s.Correction.Unit()
}

// join takes the next stretch in, with the facts that it adds.
func (s *stretch) join(next *stretch) {
	for _, f := range next.facts {
		if !slices.Contains(s.facts, f) {
			s.facts = append(s.facts, f)
		}
	}
	s.End = next.End
}

// stepOf words one stretch.
func stepOf(i int, s *stretch, zone schemas.Zone) dayStep {
	v := dayStep{
		N:       i + 1,
		When:    clockRange(zone, s.Start, s.End),
		Length:  web.Length(s.End.Sub(s.Start)),
		Plan:    s.plan(),
		Did:     web.Label(s.did()),
		Verdict: verdictWord(s.Verdict),
		Class:   "v-" + web.VerdictClass(s.Verdict),
		Rule:    "section 6",
		RuleAt:  "6",
		Because: s.because,
	}
	if s.Rule != 0 {
		v.Rule, v.RuleAt = fmt.Sprintf("rule %d", s.Rule), fmt.Sprintf("5.%d", s.Rule)
	}
	if s.Kind != schemas.KindNone && (s.Verdict == schemas.VerdictOut || s.Verdict == schemas.VerdictOutside) {
		v.Kind = reports.Plain(s.Kind.String())
	}
	if s.origin.Origin != "" {
		v.Schedule = s.origin.Origin
		if s.Activity.Line > 0 {
			v.Schedule += fmt.Sprintf(", line %d", s.Activity.Line)
		}
	}
	for _, f := range s.facts {
		v.Facts = append(v.Facts, factWords(f, zone))
	}
	if s.Correction != nil {
		v.Marks = append(v.Marks, "corrected")
	}
	if len(s.Gaps) > 0 {
		v.Marks = append(v.Marks, "feed gap")
	}
	return v
}

// clockRange returns a stretch of the agent's clock; seconds only where there are some.
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
	return cmp.Or(map[schemas.Verdict]string{schemas.VerdictIn: "in", schemas.VerdictOut: "out",
		schemas.VerdictNone: "–"}[v], web.VerdictTitle(v))
}

// factWords says one status change: when, what it said, whose it is.
func factWords(f *schemas.Change, zone schemas.Zone) string {
	var said []string
	for _, w := range []string{f.Presence.String(), f.Status.String(), f.Routing.String(), f.Secondary} {
		if w != "" {
			said = append(said, reports.Plain(w))
		}
	}
	return fmt.Sprintf("%s %s (%s)", clockExact(zone, f.At), strings.Join(said, ", "), f.Source)
}

// deviationOn words one exception of the day.
func deviationOn(i int, x *schemas.Exception, steps []stretch, zone schemas.Zone) dayDeviation {
	d := dayDeviation{
		N:      i + 1,
		When:   clockRange(zone, x.Start, x.End),
		Length: web.Length(x.MS),
		Kind:   reports.Plain(x.Kind.String()),
		Words:  web.Deviation(x, zone, false),
		Impact: reports.ImpactWords(x.Parts),
	}
	d.Step = 1 + slices.IndexFunc(steps, func(s stretch) bool { return s.End > x.Start && s.Start < x.End })
	d.To = web.WithQuery(url.Values{}, "from", localMinute(zone, x.Start), "to", localMinute(zone, x.End)) + "#ask"
	return d
}

// correctionsOf lists the corrections and requests that touch the day.
func (r *routes) correctionsOf(ctx context.Context, agent string, steps []stretch) ([]*decisions.CorrectionUnit,
	error) {
	if len(steps) == 0 {
		return nil, nil
	}
	return r.deps.Decisions.Corrections(ctx,
		decisions.CorrectionFilter{Agents: []string{agent},
			Between: schemas.Interval{Start: steps[0].Start, End: steps[len(steps)-1].End}})
}

func correctionOf(u *decisions.CorrectionUnit, zone schemas.Zone, decides bool) dayCorrection {
	c := dayCorrection{
		ID:        u.ID,
		When:      clockRange(zone, u.From, u.To),
		Effect:    correctionWords(u.Effect),
		Reason:    u.Reason,
		Status:    u.Status.String(),
		Note:      u.Note,
		By:        cmp.Or(u.DecidedBy, u.RequestedBy),
		MayGrant:  decides && u.Status == schemas.CorrectionRequested,
		MayRevert: decides && u.Status == schemas.CorrectionGranted,
	}
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
	agent, f := req.PathValue("agent"), req.PostForm
	ask := dayAsk{From: f.Get("from"), To: f.Get("to"), Effect: f.Get("effect"), Reason: f.Get("reason"), Open: true}
	in := &addCorrectionInput{DryRun: f.Get("do") == "preview",
		Body: decisions.CorrectionDraft{Agents: []string{agent}, From: ask.From, To: ask.To, Effect: ask.Effect,
			Reason: ask.Reason}}
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
	return fmt.Sprintf("Adherence %s would become %s, exceptions %d would become %d.", percentOr(d.AdherenceBefore),
		percentOr(d.AdherenceAfter), d.ExceptionsBefore, d.ExceptionsAfter)
}

func percentOr(v *float64) string {
	if v == nil {
		return "without a figure"
	}
	return fmt.Sprintf("%.2f %%", *v)
}

// decideCorrection grants, refuses or reverts a correction.
func (r *routes) decideCorrection(w http.ResponseWriter, req *http.Request) {
	to, known := verdicts[req.PostForm.Get("do")]
	if !known {
		r.Problem(w, req, schemas.NewProblem(http.StatusUnprocessableEntity, "do is none of grant, refuse, revert"))
		return
	}
	if _, err := r.decide(req.Context(), req.PathValue("id"), to.status, req.PostForm.Get("note")); err != nil {
		r.Answer(w, req, err)
		return
	}
	r.Done(w, req, dayPath(req), to.done)
}
