package mail

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"rollcall/reports"
	"rollcall/schemas"
)

// newDefaults is the version of the rules that the upgrade to the default rules of December 2026 recorded for the
// organisation, by upgradeActor (schemas/migrations).
const (
	newDefaults  = "defaults-2026-12"
	upgradeActor = "upgrade"
)

// upgrade says when new default rules were recorded, and until when mails may have been made of days that were not yet
// judged by them. The zero value is for none, or for one so long ago that all mails are newer.
type upgrade struct{ at, until schemas.Instant }

// upgraded returns the upgrade, and whether days that it may have changed are still being judged: the mails wait until
// all of them have been left alone for a while, so that one mail says it all.
func (p *Mailer) upgraded(ctx context.Context) (u upgrade, wait bool, err error) {
	versions, err := p.deps.Days.Policies(ctx, 0)
	if err != nil {
		return u, false, err
	}
	i := slices.IndexFunc(versions, func(v schemas.PolicyVersion) bool { return v.ID == newDefaults })
	now := p.now()
	if i < 0 || now.Sub(versions[i].RecordedAt) > restatedFor {
		return u, false, nil
	}
	err = p.deps.Store.PendingJournal(ctx, func(row *schemas.JournalRow) error {
		wait = wait || ofUpgrade(row)
		return nil
	})
	if wait {
		p.upgrading = now
	}
	u = upgrade{at: versions[i].RecordedAt, until: max(versions[i].RecordedAt, p.upgrading)}
	if now.Sub(u.until) < schemas.DayMS { // later, a day that changes all the time holds up no other
		for day, at := range p.waiting {
			wait = wait || day < schemas.UTC.Date(u.at) && now.Sub(at) < quietFor
		}
	}
	return u, wait, err
}

func ofUpgrade(row *schemas.JournalRow) bool {
	return row.Kind == schemas.JournalPolicy && row.Actor == upgradeActor && row.Origin == upgradeActor
}

// upgradeMail is the one mail to a recipient about every day that an upgrade changed, whatever the subscription.
type upgradeMail struct {
	row            schemas.Delivery
	days           []upgradeDay
	scopes, footer []string
}

// upgradeDay is a day of a subscription in that mail.
type upgradeDay struct {
	day   schemas.Date
	scope string
	part  changePart
}

// upgradeMail returns the mail to which the change belongs; nil where it belongs to none, or the mail was made before.
func (r *restater) upgradeMail(ctx context.Context, c *change) (*upgradeMail, error) {
	if c.was.KnownAt > r.upgrade.until {
		return nil, nil
	}
	recipient := c.sent.last.Recipient
	if m, known := r.mails[recipient]; known {
		return m, nil
	}
	row := r.mailer.delivery(schemas.DeliveryRestatement, "", newDefaults, recipient)
	row.Subscription = c.sub.ID
	made, err := r.message(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	r.mails[recipient] = nil
	if made == nil {
		r.mails[recipient] = &upgradeMail{row: row}
	}
	return r.mails[recipient], nil
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

// toldBy is why the delivery of a day is skipped whose figures are in the mail about an upgrade.
const toldBy = "told in the mail about new default rules"

// addTo puts the change into the mail about an upgrade. The delivery of the day sends nothing: it names the mail by
// its Message-ID and holds the figures.
func (r *restater) addTo(ctx context.Context, m *upgradeMail, c *change) error {
	in := c.daily.Zone.Day(c.daily.Day) // what happened after the mail about the day is no reason
	in.End = max(in.End, min(c.was.KnownAt, around(c.daily).End))
	why, err := r.reasons(ctx, c.daily, c.was.KnownAt, in)
	if err != nil {
		return err
	}
	pages := r.mailer.pages()
	d := upgradeDay{day: c.daily.Day, scope: scopeName(c.daily), part: changePart{Link: pages.day(c.daily)}}
	const most = 20
	for i := range c.teams[:min(len(c.teams), most)] {
		t := &c.teams[i]
		d.part.List = append(d.part.List, lineOf(t, teamName(t.Team), pages.team(c.daily, t.Team), ""))
	}
	d.part.More = more(len(c.teams)-most, "teams", "")
	d.part.Note = noteOf(c, why)
	same := func(o upgradeDay) bool { return reflect.DeepEqual(o, d) }
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

func appendNew(list []string, words ...string) []string {
	for _, w := range words {
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
	others = slices.DeleteFunc(others, func(w string) bool { return w == upgradeWords })
	if text := reasonText(others); text != "" {
		notes = append(notes, "Other reasons: "+text+".")
	}
	return strings.Join(notes, " ")
}

// upgradeMails writes the mails about the upgrade.
func (r *restater) upgradeMails() error {
	for _, recipient := range slices.Sorted(maps.Keys(r.mails)) {
		m := r.mails[recipient]
		if m == nil {
			continue
		}
		if err := r.mailer.put(&m.row, upgradeMessage(m, r.upgrade.at), ""); err != nil {
			return err
		}
		r.rows = append(r.rows, m.row)
		r.queued++
	}
	return nil
}

// upgradeMessage writes the mail about the days that an upgrade changed.
func upgradeMessage(m *upgradeMail, at schemas.Instant) *Message {
	v := changeView{
		frame: frame{Heading: "Changed by new default rules", Footer: m.footer},
		Lead: "Rollcall was upgraded on " + longDate(schemas.UTC.Date(at)) + " and has new default rules since: leave is " +
			"not judged any more, and a deviation shorter than a second is no exception. These days were judged again, " +
			"and their figures differ from those that you were sent. Below, what was sent and what holds now.",
		Advice: "Your centre can keep the old rules: a planner sets them with the command “rollcall policy set” and " +
			"the old values, by which leave is judged and a deviation of any length is an exception. The days are then " +
			"judged by those rules again.",
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
