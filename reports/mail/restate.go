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
	rules, wait, err := p.rulesChanged(ctx)
	if err != nil || wait || len(quiet) == 0 {
		return 0, err
	}
	r := p.restater(subs, rules)
	for _, day := range quiet {
		if err := r.day(ctx, day); err != nil {
			return 0, err // the day waits for the next call
		}
	}
	if err := r.rulesMails(); err != nil {
		return 0, err
	}
	if err := r.write(ctx); err != nil {
		return 0, err
	}
	for _, day := range quiet {
		p.mailed[day] = p.waiting[day]
		delete(p.waiting, day)
	}
	return r.queued, nil
}

// sentMail is the newest mail of a day that a recipient of a subscription has got, with the first one of all.
type sentMail struct {
	last, first schemas.Delivery
}

type sentKey struct{ subscription, recipient string }

// lastSent finds the last mail of the day. A mail that is on its way counts; one in doubt does not.
func (r *restater) lastSent(ctx context.Context, day schemas.Date) (map[sentKey]*sentMail, error) {
	p := r.mailer
	rows, err := p.deps.Store.Deliveries(ctx, schemas.DeliveryQuery{Since: p.since(restatedFor), Day: day, Figures: true})
	if err != nil {
		return nil, err
	}
	out := map[sentKey]*sentMail{}
	for _, d := range slices.Backward(rows) { // the oldest first
		r.there[d.ID] = true
		if d.Figures != "" && d.State == schemas.DeliverySkipped { // another mail has said it
			id, _, _ := strings.Cut(d.MessageID, "@")
			m, err := r.message(ctx, id)
			if err != nil {
				return nil, err
			}
			if m != nil {
				d.State, d.CreatedAt = m.State, m.CreatedAt
			}
		}
		counts := d.State == schemas.DeliverySent || d.State == schemas.DeliveryQueued
		if !counts || d.Figures == "" {
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
	// there are the ids of the deliveries of the days that were looked at.
	there map[string]bool
	rules newRules
	// mails are those about new rules by recipient, nil where one was made before; messages are deliveries by id.
	mails    map[string]*rulesMail
	messages map[string]*schemas.Delivery
}

func (p *Mailer) restater(subs []schemas.Subscription, rules newRules) *restater {
	return &restater{
		maker:    p.maker(nil),
		subs:     subs,
		why:      map[string][]schemas.JournalRow{},
		there:    map[string]bool{},
		rules:    rules,
		mails:    map[string]*rulesMail{},
		messages: map[string]*schemas.Delivery{},
	}
}

// day makes the mails about one day.
func (r *restater) day(ctx context.Context, day schemas.Date) error {
	sent, err := r.lastSent(ctx, day)
	if err != nil {
		return err
	}
	for i := range r.subs {
		s := &r.subs[i]
		for _, recipient := range s.Recipients {
			m := sent[sentKey{s.ID, recipient}]
			if m == nil || s.Kind != schemas.SubscriptionDaily {
				continue
			}
			c, err := r.compare(ctx, s, m)
			if err == nil && c != nil {
				err = r.tell(ctx, c)
			}
			if err != nil {
				return fmt.Errorf("what has changed on %s for subscription %s: %w", day, s.ID, err)
			}
		}
	}
	return nil
}

// change is what is to be told to one recipient of a subscription about a day, and the delivery that tells it.
type change struct {
	sub           *schemas.Subscription
	sent          *sentMail
	daily         *reports.Daily
	was, is       reports.SentFigures
	teams, agents []reports.Restated
	row           schemas.Delivery
}

// compare returns what there is to say to one recipient; nil for nothing, and for what was said or tried before.
func (r *restater) compare(ctx context.Context, s *schemas.Subscription, m *sentMail) (*change, error) {
	scope, err := r.mailer.deps.Scope(s.OwnerID)
	if err != nil {
		return nil, nil //nolint:nilerr // an owner who may see nothing any more is sent nothing
	}
	c := &change{sub: s, sent: m}
	if err := json.Unmarshal([]byte(m.last.Figures), &c.was); err != nil {
		return nil, fmt.Errorf("read the figures that delivery %s has sent: %w", m.last.ID, err)
	}
	if c.daily, err = r.daily(ctx, s, m.last.Day, scope); err != nil {
		return nil, err
	}
	if c.daily.Provisional() {
		return nil, nil // it is looked at again when it has become final, which writes it anew
	}
	c.is = c.daily.Figures()
	c.teams, c.agents = reports.Restatements(&c.was, &c.is, r.mailer.cfg.Above)
	if len(c.teams)+len(c.agents) == 0 {
		return nil, nil
	}
	timeless := c.is
	timeless.KnownAt = 0
	figures, err := figuresText(timeless)
	if err != nil {
		return nil, err
	}
	c.row = r.mailer.delivery(schemas.DeliveryRestatement, s.ID, m.last.Day.String(), m.last.Recipient, m.last.ID,
		hashOf([]byte(figures)))
	if r.there[c.row.ID] {
		return nil, nil
	}
	c.row.Day = m.last.Day
	c.row.Figures, err = figuresText(c.is)
	return c, err
}

// tell makes the mail about a change, or adds it to the one about new rules.
func (r *restater) tell(ctx context.Context, c *change) error {
	m, err := r.rulesMail(ctx, c)
	if err != nil {
		return err
	}
	if m != nil {
		return r.addTo(ctx, m, c)
	}
	why, err := r.reasons(ctx, c.daily, c.was.KnownAt, around(c.daily))
	if err != nil {
		return err
	}
	message := changeMessage(c.daily, c.teams, c.agents, c.was.Provisional, why, r.mailer.pages(), r.mailer.footer(c.sub))
	if err := r.mailer.put(&c.row, message, c.sent.first.MessageID); err != nil {
		return err
	}
	r.rows = append(r.rows, c.row)
	r.queued++
	return nil
}

// around is the time of which what is written may change a day.
func around(d *reports.Daily) schemas.Interval {
	day := d.Zone.Day(d.Day)
	return schemas.Interval{Start: day.Start.Add(-schemas.DayMS), End: day.End.Add(schemas.DayMS)}
}

// reasons says, by agent, why results may have changed since an instant; the empty id is for everybody. What was
// written of an agent counts if it is about the time of in.
func (r *restater) reasons(ctx context.Context, d *reports.Daily, since schemas.Instant,
	in schemas.Interval) (map[string][]string, error) {
	around := around(d)
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
			if k < len(rows[i].Ranges) && rows[i].Ranges[k].Overlaps(in) {
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

// upgradeWords name an upgrade as a reason.
const upgradeWords = "new default rules since the upgrade"

// reasonWords says what a journal row is in a few words; empty for one that changes no day.
func reasonWords(row *schemas.JournalRow) string {
	if ofUpgrade(row) {
		return upgradeWords
	}
	words := reasonOf[row.Kind]
	if actor := reports.Shown(row.Actor, mostName); words != "" && actor != "" {
		words += " (" + actor + ")"
	}
	return words
}

// changeView is a mail about changes in words.
type changeView struct {
	frame
	// Lead says what has changed, Advice what can be done about it.
	Lead, Advice string
	Parts        []changePart
}

// changePart is a list of changes; More counts those that are not on it. Note says what else there is to say, Link
// leads to the day.
type changePart struct {
	Title, More, Note, Link string
	List                    []changeLine
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
			pages.agent(a.AgentID, d.Day), reasonText(slices.Concat(why[a.AgentID], why[""]))))
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

// reasonText joins the reasons why figures have changed; it names the first few.
func reasonText(list []string) string {
	const most = 3
	if len(list) > most {
		list = append(list[:most:most], "and more")
	}
	return strings.Join(list, ", ")
}
