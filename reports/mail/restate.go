package mail

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/reports"
	"rollcall/schemas"
)

// restatedFor is how long after it was mailed a day is looked at for changes.
const restatedFor = 35 * schemas.DayMS

// figuresText writes what a mail says in figures for the table.
func figuresText(t reports.SentFigures) (string, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("write down what a mail says: %w", err)
	}
	return string(text), nil
}

// restate makes the mails about days that were mailed and have changed since by more than the bounds. A day is left
// alone until nothing has been written about it for a while, and while it is provisional, so that one mail says it
// all.
func (p *Mailer) restate(ctx context.Context, subs []schemas.Subscription) (int, error) {
	now := p.now()
	// What was written in one go has one time, and may appear bit by bit: so the last hour is looked at again.
	changed, err := p.deps.Store.DaysJudged(ctx, schemas.UTC.Date(now.Add(-restatedFor)), p.looked.Add(-schemas.HourMS))
	if err != nil {
		return 0, err
	}
	for day, at := range changed {
		if at > p.mailed[day] {
			p.waiting[day] = max(p.waiting[day], at)
		}
		p.looked = max(p.looked, at)
	}
	quiet := slices.DeleteFunc(slices.Sorted(maps.Keys(p.waiting)),
		func(day schemas.Date) bool { return now.Sub(p.waiting[day]) < quietFor })
	r := &restater{maker: p.maker(nil), subs: subs, why: map[string][]schemas.JournalRow{}}
	for _, day := range quiet {
		sent, err := p.lastSent(ctx, day)
		if err != nil {
			return 0, err
		}
		if err := r.day(ctx, day, sent); err != nil {
			return 0, err // the day waits for the next call
		}
	}
	if err := r.write(ctx); err != nil {
		return 0, err
	}
	for _, day := range quiet {
		p.mailed[day] = p.waiting[day]
		delete(p.waiting, day)
	}
	return len(r.rows), nil
}

// sentMail is the newest mail of a day that a recipient of a subscription has got, with the first one of all.
type sentMail struct {
	last, first schemas.Delivery
}

type sentKey struct{ subscription, recipient string }

// lastSent finds the last mail of the day. A mail that is on its way counts; one in doubt does not.
func (p *Mailer) lastSent(ctx context.Context, day schemas.Date) (map[sentKey]*sentMail, error) {
	rows, err := p.deps.Store.Deliveries(ctx, schemas.DeliveryQuery{Since: p.since(restatedFor), Day: day, Told: true})
	if err != nil {
		return nil, err
	}
	out := map[sentKey]*sentMail{}
	for _, d := range slices.Backward(rows) { // the oldest first
		counts := d.State == schemas.DeliverySent || d.State == schemas.DeliveryQueued
		if !counts || d.Told == "" {
			continue
		}
		key := sentKey{d.Subscription, d.Recipient}
		if m := out[key]; m == nil {
			out[key] = &sentMail{d, d}
		} else if d.CreatedAt >= m.last.CreatedAt {
			m.last = d
		}
	}
	return out, nil
}

// restater makes the mails about changes.
type restater struct {
	*maker
	subs []schemas.Subscription
	// why are the journal rows about a day since an instant.
	why map[string][]schemas.JournalRow
}

// day makes the mails about one day.
func (r *restater) day(ctx context.Context, day schemas.Date, sent map[sentKey]*sentMail) error {
	for i := range r.subs {
		s := &r.subs[i]
		for _, recipient := range s.Recipients {
			m := sent[sentKey{s.ID, recipient}]
			if m == nil || s.Kind != schemas.SubscriptionDaily {
				continue
			}
			if err := r.compare(ctx, s, m); err != nil {
				return fmt.Errorf("what has changed on %s for subscription %s: %w", day, s.ID, err)
			}
		}
	}
	return nil
}

// compare makes the mail to one recipient, if there is something to say.
func (r *restater) compare(ctx context.Context, s *schemas.Subscription, m *sentMail) error {
	scope, err := r.mailer.deps.Scope(s.OwnerID)
	if err != nil {
		return nil //nolint:nilerr // an owner who may see nothing any more is sent nothing
	}
	var was reports.SentFigures
	if err := json.Unmarshal([]byte(m.last.Told), &was); err != nil {
		return fmt.Errorf("read the figures that delivery %s has sent: %w", m.last.ID, err)
	}
	daily, err := r.daily(ctx, s, m.last.Day, scope)
	if err != nil {
		return err
	}
	if daily.Provisional() {
		return nil // it is looked at again when it has become final, which writes it anew
	}
	is := daily.Figures()
	teams, agents := reports.Restatements(&was, &is, r.mailer.cfg.Above)
	if len(teams)+len(agents) == 0 {
		return nil
	}
	why, err := r.reasons(ctx, daily, was.KnownAt)
	if err != nil {
		return err
	}
	timeless := is
	timeless.KnownAt = 0
	figures, err := figuresText(timeless)
	if err != nil {
		return err
	}
	row := r.mailer.delivery(schemas.DeliveryRestatement, s.ID, m.last.Day.String(), m.last.Recipient, m.last.ID,
		hashOf([]byte(figures)))
	row.Day = m.last.Day
	if row.Told, err = figuresText(is); err != nil {
		return err
	}
	message := changeMessage(daily, teams, agents, was.Provisional, why, r.mailer.pages(), r.mailer.footer(s))
	if err := r.mailer.put(&row, message, m.first.MessageID); err != nil {
		return err
	}
	r.rows = append(r.rows, row)
	return nil
}

// reasons says, by agent, why results may have changed since an instant; the empty id is for everybody.
func (r *restater) reasons(ctx context.Context, d *reports.Daily, since schemas.Instant) (map[string][]string, error) {
	day := d.Zone.Day(d.Day)
	around := schemas.Interval{Start: day.Start.Add(-schemas.DayMS), End: day.End.Add(schemas.DayMS)}
	key := fmt.Sprint(since, around)
	rows, known := r.why[key]
	if !known {
		var err error
		if rows, err = r.mailer.deps.Store.Touching(ctx, since, around); err != nil {
			return nil, err
		}
		r.why[key] = rows
	}
	out := map[string][]string{}
	add := func(agent, words string) {
		if words != "" && !slices.Contains(out[agent], words) {
			out[agent] = append(out[agent], words)
		}
	}
	for i := range rows {
		words := reasonWords(&rows[i])
		if len(rows[i].Agents) == 0 {
			add("", words)
		}
		for k, agent := range rows[i].Agents {
			if k < len(rows[i].Ranges) && rows[i].Ranges[k].Overlaps(around) {
				add(agent, words)
			}
		}
	}
	return out, nil
}

// reasonOf says what a write of a kind did; other kinds change no day.
var reasonOf = map[schemas.JournalKind]string{
	schemas.JournalChanges:    "status changes came in later",
	schemas.JournalGaps:       "a gap of a feed was noted or taken back",
	schemas.JournalSchedule:   "the schedule changed",
	schemas.JournalRoster:     "the roster changed",
	schemas.JournalPolicy:     "the rules changed",
	schemas.JournalCorrection: "a correction was decided",
	schemas.JournalActivities: "an activity code got another meaning",
}

// reasonWords says what a journal row is in a few words; empty for one that changes no day.
func reasonWords(row *schemas.JournalRow) string {
	words := reasonOf[row.Kind]
	if actor := reports.Shown(row.Actor, mostName); words != "" && actor != "" {
		words += " (" + actor + ")"
	}
	return words
}

// changeView is a mail about changes in words.
type changeView struct {
	frame
	Lead  string
	Parts []changePart
}

// changePart is a list of changes; More counts those that are not on it.
type changePart struct {
	Title, More string
	List        []changeLine
}

type changeLine struct{ Name, Link, Was, Is, Why, Class string }

// mostChanges is how many agents a mail about changes lists.
const mostChanges = 20

// changeMessage writes the mail about changes.
func changeMessage(d *reports.Daily, teams, agents []reports.Restated, provisional bool, why map[string][]string,
	pages Pages, footer []string) *Message {
	v := changeView{Lead: "These figures differ from those that you were sent. Below, what was sent and what holds now, " +
		"and why."}
	v.frame = frame{Heading: "Changed: " + longDate(d.Day), Scope: scopeLine(d), Link: pages.day(d),
		LinkText: "Open the day", Footer: footer}
	if provisional {
		v.Lead = "The day was provisional when you were sent it. It is final now, and these figures differ."
	}
	ofTeams, ofAgents := changePart{Title: "Teams"}, changePart{Title: "Agents"}
	for i := range teams {
		t := &teams[i]
		ofTeams.List = append(ofTeams.List, lineOf(t, teamName(t.Team), pages.team(d, t.Team), ""))
	}
	for i := range agents[:min(len(agents), mostChanges)] {
		a := &agents[i]
		ofAgents.List = append(ofAgents.List, lineOf(a, cmp.Or(reports.Shown(a.Name, mostName), a.AgentID),
			pages.agent(a.AgentID, d.Day), reasonText(why, a.AgentID)))
	}
	ofAgents.More = more(len(agents)-mostChanges, "agents", "whose figures changed less")
	v.Parts = []changePart{ofTeams, ofAgents}
	subject := fmt.Sprintf("Changed: %s, %s", d.Day.Time().Format("Mon 2 January"), scopeName(d))
	if len(teams) == 1 { // a subject is shown on locked screens: it names no agent
		subject += fmt.Sprintf(": %s %s → %s", ofTeams.List[0].Name, ofTeams.List[0].Was, ofTeams.List[0].Is)
	}
	v.Title = reports.Shown(subject, mostSubject)
	v.Preheader = v.Lead
	return render("change", v.Title, v)
}

func lineOf(r *reports.Restated, name, link, why string) changeLine {
	l := changeLine{
		Name:  name,
		Link:  link,
		Was:   figureText(r.Was),
		Is:    figureText(r.Is),
		Why:   why,
		Class: "ink",
	}
	if r.Was != nil && r.Is != nil {
		l.Class = "good"
		if *r.Is < *r.Was {
			l.Class = "bad"
		}
	}
	return l
}

func figureText(v *float64) string {
	if v == nil {
		return "–"
	}
	return number(*v) + " %"
}

// reasonText says why an agent's figure has changed.
func reasonText(why map[string][]string, agent string) string {
	const most = 3
	list := slices.Concat(why[agent], why[""])
	if len(list) > most {
		list = append(list[:most:most], "and more")
	}
	return strings.Join(list, ", ")
}
