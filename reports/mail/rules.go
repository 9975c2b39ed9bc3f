package mail

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"rollcall/reports"
	"rollcall/schemas"
)

// upgradeActor records the versions of the rules that an upgrade to new default rules brings (schemas/migrations).
const upgradeActor = "upgrade"

// newRules are versions of the rules that were set of late and reach back to days that may have been mailed: the newest
// is the last.
type newRules []newVersion

// newVersion is one of them. Mails may have been made of days that were not yet judged by it until the instant until.
type newVersion struct {
	schemas.PolicyVersion
	until schemas.Instant
}

// rulesToldFor is how long after days were judged by new rules a change is taken to come from them.
const rulesToldFor = schemas.DayMS

// rulesChanged returns the rules that were set of late, and whether days that they may have changed are still being
// judged: the mails wait until all of them have been left alone for a while, so that one mail says it all.
func (p *Mailer) rulesChanged(ctx context.Context) (list newRules, wait bool, err error) {
	now := p.now()
	err = p.deps.Store.PendingJournal(ctx, func(row *schemas.JournalRow) error {
		if row.Kind == schemas.JournalPolicy {
			p.judging[row.RecordedAt], wait = now, true
		}
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	versions, err := p.deps.Days.Policies(ctx, 0)
	if err != nil {
		return nil, false, err
	}
	for _, v := range versions {
		n := newVersion{v, max(v.RecordedAt, p.judging[v.RecordedAt])}
		if v.From < schemas.UTC.Date(v.RecordedAt) && now.Sub(n.until) < rulesToldFor {
			list = append(list, n)
		}
	}
	slices.SortStableFunc(list, func(a, b newVersion) int { return cmp.Compare(a.RecordedAt, b.RecordedAt) })
	for day, at := range p.waiting {
		wait = wait || len(list) > 0 && day < schemas.UTC.Date(list[len(list)-1].RecordedAt) && now.Sub(at) < quietFor
	}
	return list, wait, nil
}

// behind returns those that may be behind a change: they are in force on the day, for what has changed, and were not
// known when the mail was made.
func (list newRules) behind(c *change) (out newRules) {
	for _, v := range list {
		ofTeam := func(r reports.Restated) bool { return v.Team == "" || r.Team == v.Team }
		if c.was.KnownAt <= v.until && v.From <= c.daily.Day &&
			(v.Site == "" || len(c.sub.Sites) == 0 || slices.Contains(c.sub.Sites, v.Site)) &&
			(slices.ContainsFunc(c.teams, ofTeam) || slices.ContainsFunc(c.agents, ofTeam)) {
			out = append(out, v)
		}
	}
	return out
}

// ofUpgrade reports whether a row is of the rules that an upgrade has brought.
func ofUpgrade(row *schemas.JournalRow) bool {
	return row.Kind == schemas.JournalPolicy && row.Actor == upgradeActor && row.Origin == upgradeActor
}

// rulesMail is the one mail to a recipient about every day that new rules changed, whatever the subscription.
type rulesMail struct {
	row            schemas.Delivery
	rules          newRules
	days           []rulesDay
	scopes, footer []string
}

// rulesDay is a day of a subscription in that mail.
type rulesDay struct {
	day   schemas.Date
	scope string
	part  changePart
}

// rulesMail returns the mail to which the change belongs; nil where it belongs to none, or the mail was made before.
func (r *restater) rulesMail(ctx context.Context, c *change) (*rulesMail, error) {
	behind := r.rules.behind(c)
	if behind == nil {
		return nil, nil
	}
	recipient := c.sent.last.Recipient
	m, known := r.mails[recipient]
	if !known {
		row := r.mailer.delivery(schemas.DeliveryRestatement, "", r.rules[len(r.rules)-1].ID, recipient)
		row.Subscription = c.sub.ID
		made, err := r.message(ctx, row.ID)
		if err != nil {
			return nil, err
		}
		if made == nil {
			m = &rulesMail{row: row}
		}
		r.mails[recipient] = m
	}
	if m != nil {
		m.rules = appendNew(m.rules, behind...)
	}
	return m, nil
}

// message returns a delivery by its id; nil where there is none.
func (r *restater) message(ctx context.Context, id string) (*schemas.Delivery, error) {
	if d, known := r.messages[id]; known {
		return d, nil
	}
	rows, err := r.mailer.deps.Store.Deliveries(ctx, schemas.DeliveryQuery{Since: r.mailer.since(remembered), ID: id})
	if err != nil {
		return nil, err
	}
	r.messages[id] = nil
	if len(rows) > 0 {
		r.messages[id] = &rows[0]
	}
	return r.messages[id], nil
}

// toldBy is why the delivery of a day is skipped whose figures are in the mail about new rules.
const toldBy = "told in the mail about new rules"

// addTo puts the change into the mail about new rules. The delivery of the day sends nothing: it names the mail by
// its Message-ID and holds the figures.
func (r *restater) addTo(ctx context.Context, m *rulesMail, c *change) error {
	in := c.daily.Zone.Day(c.daily.Day) // what happened after the mail about the day is no reason
	in.End = max(in.End, min(c.was.KnownAt, around(c.daily).End))
	why, err := r.reasons(ctx, c.daily, c.was.KnownAt, in)
	if err != nil {
		return err
	}
	pages := r.mailer.pages()
	d := rulesDay{day: c.daily.Day, scope: scopeName(c.daily), part: changePart{Link: pages.day(c.daily)}}
	const most = 20
	for i := range c.teams[:min(len(c.teams), most)] {
		t := &c.teams[i]
		d.part.List = append(d.part.List, lineOf(t, teamName(t.Team), pages.team(c.daily, t.Team), ""))
	}
	d.part.More = more(len(c.teams)-most, "teams", "")
	d.part.Note = noteOf(c, why)
	same := func(o rulesDay) bool { return reflect.DeepEqual(o, d) }
	if !slices.ContainsFunc(m.days, same) { // two subscriptions may be about the same
		m.days = append(m.days, d)
	}
	m.scopes = appendNew(m.scopes, d.scope)
	m.footer = appendNew(m.footer, r.mailer.footer(c.sub)...)
	m.row.Day = d.day
	c.row.State, c.row.LastError, c.row.MessageID = schemas.DeliverySkipped, toldBy, r.mailer.messageID(m.row.ID)
	r.rows = append(r.rows, c.row)
	return nil
}

// appendNew appends what is not on the list yet.
func appendNew[T comparable](list []T, more ...T) []T {
	for _, w := range more {
		if !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}

// noteOf says of how many agents the figure changed, and what else may have changed the day.
func noteOf(c *change, why map[string][]string) string {
	var notes []string
	if n := len(c.agents); n > 0 {
		notes = append(notes, "The adherence of "+reports.Counted(n, "agent")+" changed.")
	}
	if c.was.Provisional {
		notes = append(notes, "The day was provisional when you were sent it.")
	}
	var others []string
	for _, agent := range append(slices.Sorted(maps.Keys(c.is.Agents)), "") {
		others = appendNew(others, why[agent]...)
	}
	others = slices.DeleteFunc(others,
		func(w string) bool { return w == upgradeWords || strings.HasPrefix(w, reasonOf[schemas.JournalPolicy]) })
	if text := reasonText(others); text != "" {
		notes = append(notes, "Other reasons: "+text+".")
	}
	return strings.Join(notes, " ")
}

// rulesMails writes the mails about new rules.
func (r *restater) rulesMails() error {
	for _, recipient := range slices.Sorted(maps.Keys(r.mails)) {
		m := r.mails[recipient]
		if m == nil {
			continue
		}
		if err := r.mailer.put(&m.row, rulesMessage(m), ""); err != nil {
			return err
		}
		r.rows = append(r.rows, m.row)
		r.queued++
	}
	return nil
}

// rulesMessage writes the mail about the days that new rules changed.
func rulesMessage(m *rulesMail) *Message {
	v := changeView{frame: frame{Heading: "Changed by new rules", Footer: m.footer}}
	for i := range m.rules {
		v.Lead += m.rules[i].words() + " "
	}
	v.Lead += "These days were judged again, and their figures differ from those that you were sent. Below, what was " +
		"sent and what holds now."
	if len(m.rules) == 1 && m.rules[0].Actor == upgradeActor {
		v.Heading = "Changed by new default rules"
		v.Advice = "Your centre can keep the old rules: a planner sets them with the command “rollcall policy set” and " +
			"the old values, by which leave is judged and a deviation of any length is an exception. The days are then " +
			"judged by those rules again."
	}
	days := map[schemas.Date]bool{}
	for i := range m.days {
		d := &m.days[i]
		days[d.day] = true
		d.part.Title = longDate(d.day)
		if len(m.scopes) > 1 {
			d.part.Title += ", " + d.scope
		}
		v.Parts = append(v.Parts, d.part)
	}
	about := reports.Counted(len(days), "day")
	v.Scope = reports.Shown(about+" · "+strings.Join(m.scopes, "; "), mostScopeLen)
	v.Title = reports.Shown(fmt.Sprintf("%s: %s, %s", v.Heading, about, strings.Join(m.scopes, "; ")), mostSubject)
	v.Preheader = v.Lead
	return render("change", v.Title, v)
}

// words say who set a version of the rules, for whom, and when.
func (v *newVersion) words() string {
	when := longDate(schemas.UTC.Date(v.RecordedAt))
	if v.Actor == upgradeActor {
		return "Rollcall was upgraded on " + when + " and has new default rules since: leave is not judged any more, and a " +
			"deviation shorter than a second is no exception."
	}
	whose := ""
	if place := strings.Join(slices.DeleteFunc([]string{v.Team, v.Site}, func(s string) bool { return s == "" }),
		", "); place != "" {
		whose = " of " + reports.Shown(place, mostName)
	}
	return fmt.Sprintf("On %s %s changed the rules%s.", when, reports.Shown(v.Actor, mostName), whose)
}
