package mail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"rollcall/reports"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// deliveryID returns the id of the delivery that these words make up.
func deliveryID(words ...string) string {
	space := uuid.MustParse("0b0c3f5e-6f1d-4e7e-9a55-9a2a0f4d7c31")
	var key []byte
	for _, w := range words {
		key = fmt.Appendf(key, "%d:%s", len(w), w)
	}
	return uuid.NewSHA1(space, key).String()
}

// delivery begins a delivery that is due now. when, the recipient and what else is named distinguish it from the other
// ones of the subscription and kind.
func (p *Mailer) delivery(kind schemas.DeliveryKind, subscription, when, recipient string,
	more ...string) schemas.Delivery {
	now := p.now()
	return schemas.Delivery{
		ID:           deliveryID(append([]string{subscription, string(kind), when, recipient}, more...)...),
		Kind:         kind,
		Subscription: subscription,
		DueAt:        now,
		Recipient:    recipient,
		State:        schemas.DeliveryQueued,
		CreatedAt:    now,
		UpdatedAt:    now,
		Version:      1,
	}
}

// lastDue returns the newest instant, not after now, at which a daily subscription was due, and the local day before
// it, of which the mail is. A local time that a clock change skips is the first instant after; one that comes twice
// counts once. False where the subscription is younger.
func lastDue(s *schemas.Subscription, now schemas.Instant) (due schemas.Instant, day schemas.Date, ok bool) {
	zone, err := schemas.LoadZone(s.TimeZone)
	if err != nil {
		return 0, 0, false
	}
	today := zone.Date(now)
	for _, date := range []schemas.Date{today, today - 1, today - 2} {
		if due = instantAt(zone, date, s.At); due <= now {
			return due, date - 1, due >= s.RecordedAt
		}
	}
	return 0, 0, false
}

// instantAt returns the instant of a minute of a local date.
func instantAt(zone schemas.Zone, date schemas.Date, minute int) schemas.Instant {
	y, m, d := date.Parts()
	t := time.Date(y, m, d, minute/60, minute%60, 0, 0, zone.Location())
	if local := t.Hour()*60 + t.Minute(); local != minute%(24*60) {
		start, end := t.ZoneBounds() // skipped: package time gave one side of the hole
		if local > minute {
			return schemas.InstantOf(start)
		}
		return schemas.InstantOf(end)
	}
	return schemas.InstantOf(t)
}

// Due makes the mails that are due at this moment and have not been made: the days, what has changed in days that were
// mailed, and digests. It returns how many it has queued. The due time of the job says only that it is time to look. Of
// two calls the second does no harm.
func (p *Mailer) Due(ctx context.Context, _ time.Time) (int64, error) {
	if !p.cfg.Enabled() {
		return 0, nil
	}
	p.making.Lock()
	defer p.making.Unlock()
	subs, err := p.deps.Store.Subscriptions(ctx)
	if err != nil {
		return 0, err
	}
	days, errDays := p.dueDays(ctx, subs)
	changes, errChanges := p.restate(ctx, subs)
	digests, errDigests := p.digests(ctx, subs)
	n := days + changes + digests
	if n > 0 {
		p.wakeUp()
	}
	return int64(n), errors.Join(errDays, errChanges, errDigests)
}

// dueDays makes the daily mails that are due.
func (p *Mailer) dueDays(ctx context.Context, subs []schemas.Subscription) (int, error) {
	now := p.now()
	m := p.maker(nil)
	var errs []error
	for i := range subs {
		s := &subs[i]
		at, day, ok := lastDue(s, now)
		if s.Kind != schemas.SubscriptionDaily || !ok || at < now.Add(-catchUp) {
			continue
		}
		if m.made == nil {
			var err error
			if m.made, err = p.made(ctx, schemas.DeliveryDaily); err != nil {
				return 0, err
			}
		}
		errs = append(errs, m.day(ctx, s, day, at))
	}
	return m.queued, errors.Join(append(errs, m.write(ctx))...)
}

// made returns the deliveries of a kind that there are, by id.
func (p *Mailer) made(ctx context.Context, kind schemas.DeliveryKind) (map[string]*schemas.Delivery, error) {
	rows, err := p.deps.Store.Deliveries(ctx, schemas.DeliveryQuery{Since: p.since(madeMS), Kind: kind})
	if err != nil {
		return nil, err
	}
	byID := map[string]*schemas.Delivery{}
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
	}
	return byID, nil
}

// madeMS is how far back is looked for what was made already.
const madeMS = 5 * schemas.DayMS

// Now makes the mails of a day for the subscriptions, whatever the time of day is, and returns the deliveries: those
// that were made before as they are, where again is false, else anew beside them.
func (p *Mailer) Now(ctx context.Context, subs []schemas.Subscription, day schemas.Date,
	again bool) ([]schemas.Delivery, error) {
	p.making.Lock()
	defer p.making.Unlock()
	made, err := p.made(ctx, schemas.DeliveryDaily)
	if err != nil {
		return nil, err
	}
	m := p.maker(made)
	if again {
		m.again = []string{p.now().String()}
	}
	for i := range subs {
		if err := m.day(ctx, &subs[i], day, p.now()); err != nil {
			return nil, err
		}
	}
	if err := m.write(ctx); err != nil {
		return nil, err
	}
	p.wakeUp()
	return append(m.rows, m.before...), nil
}

// maker makes mails of days, each of which it reads once.
type maker struct {
	mailer *Mailer
	// made are the deliveries that there are, by id; again distinguishes those that are made anew from them.
	made      map[string]*schemas.Delivery
	again     []string
	days      map[schemas.Date]*reports.DailyData
	workbooks map[string][]byte
	// rows are the deliveries that were made, queued of them are to be sent; before are those that there were.
	rows, before []schemas.Delivery
	queued       int
}

func (p *Mailer) maker(made map[string]*schemas.Delivery) *maker {
	return &maker{mailer: p, made: made, days: map[schemas.Date]*reports.DailyData{}, workbooks: map[string][]byte{}}
}

// write stores the deliveries that were made.
func (m *maker) write(ctx context.Context) error {
	if len(m.rows) == 0 {
		return nil
	}
	return m.mailer.deps.Store.WriteDeliveries(ctx, m.rows)
}

// day makes the mails of a day that a subscription is due, as far as they are not made.
func (m *maker) day(ctx context.Context, s *schemas.Subscription, day schemas.Date, at schemas.Instant) error {
	var open []schemas.Delivery
	for _, r := range s.Recipients {
		row := m.mailer.delivery(schemas.DeliveryDaily, s.ID, day.String(), r, m.again...)
		row.Day, row.DueAt = day, at
		if old := m.made[row.ID]; old != nil {
			if old.State != schemas.DeliveryFailed {
				m.before = append(m.before, *old)
				continue
			}
			row.Version, row.DueAt, row.CreatedAt, row.Attempts = old.Version+1, old.DueAt, old.CreatedAt, old.Attempts
		}
		open = append(open, row)
	}
	if len(open) == 0 {
		return nil
	}
	err := m.fill(ctx, s, day, open)
	for i := range open {
		row := &open[i]
		row.UpdatedAt = m.mailer.now()
		if err != nil && row.State == schemas.DeliveryQueued {
			row.State, row.LastError = schemas.DeliveryFailed, oneLine(err)
			row.Attempts++
		}
		if row.State == schemas.DeliveryQueued {
			m.queued++
		}
	}
	m.rows = append(m.rows, open...)
	return err
}

// fill makes the mail, and puts the bytes for each recipient into the outbox.
func (m *maker) fill(ctx context.Context, s *schemas.Subscription, day schemas.Date, rows []schemas.Delivery) error {
	skip := func(why string) {
		for i := range rows {
			rows[i].State, rows[i].LastError = schemas.DeliverySkipped, why
		}
	}
	scope, err := m.mailer.deps.Scope(s.OwnerID)
	if err != nil {
		skip(oneLine(err))
		return nil
	}
	daily, err := m.daily(ctx, s, day, scope)
	if err != nil {
		return fmt.Errorf("the daily mail of %s for subscription %s: %w", day, s.ID, err)
	}
	if daily.Empty() && s.SkipEmpty {
		skip("nothing was scheduled")
		return nil
	}
	file, without, err := m.workbook(ctx, s, daily, scope)
	if err != nil {
		return fmt.Errorf("the workbook of %s for subscription %s: %w", day, s.ID, err)
	}
	message := DailyMessage(daily, m.mailer.pages(), file, without, m.mailer.footer(s))
	figures, err := figuresText(daily.Figures())
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].Figures = figures
		if err := m.mailer.put(&rows[i], message, ""); err != nil {
			return err
		}
	}
	return nil
}

// daily picks what the subscription is about from the data of the day.
func (m *maker) daily(ctx context.Context, s *schemas.Subscription, day schemas.Date,
	scope access.Scope) (*reports.Daily, error) {
	data := m.days[day]
	if data == nil {
		var err error
		if data, err = reports.ReadDaily(ctx, m.mailer.deps.Days, day, m.mailer.now()); err != nil {
			return nil, err
		}
		m.days[day] = data
	}
	zone, err := schemas.LoadZone(s.TimeZone)
	if err != nil {
		return nil, err
	}
	teams, sites := narrowed(s, scope)
	return data.Daily(teams, sites, covering(scope), zone), nil
}

// narrowed returns the teams and sites that a mail is about: those of the subscription, else those of its owner's
// scope, so that mail and workbook say of whom they are. A scope of teams and sites together has no such words.
func narrowed(s *schemas.Subscription, scope access.Scope) (teams, sites []string) {
	if len(s.Teams)+len(s.Sites) > 0 || scope.All || len(scope.Teams) > 0 && len(scope.Sites) > 0 {
		return s.Teams, s.Sites
	}
	return scope.Teams, scope.Sites
}

// covering returns the scope as the reports ask about it. A scope of one agent covers no team.
func covering(scope access.Scope) func(team, site string) bool {
	return func(team, site string) bool { return scope.Covers("", team, site) }
}

// workbook returns the file to attach, or why there is none.
func (m *maker) workbook(ctx context.Context, s *schemas.Subscription, d *reports.Daily, scope access.Scope) (*File,
	string, error) {
	p := m.mailer
	if s.NoWorkbook || p.deps.Workbook == nil || d.Empty() {
		return nil, "", nil
	}
	key := fmt.Sprintf("%s %q %q %v", d.Day, s.Teams, s.Sites, scope)
	data, known := m.workbooks[key]
	if !known {
		var err error
		q := reports.Query{
			From:    d.Day,
			To:      d.Day,
			Teams:   d.Teams,
			Sites:   d.Sites,
			Against: reports.AgainstCurrent,
			TeamsAs: reports.TeamsThen,
		}
		if data, err = p.deps.Workbook(ctx, q, covering(scope)); err != nil {
			return nil, "", err
		}
		m.workbooks[key] = data
	}
	if int64(len(data)) > p.cfg.AttachLimit {
		return nil, fmt.Sprintf("The workbook has %.1f MB, too many for a mail: get it here", float64(len(data))/1e6), nil
	}
	return &File{Name: "adherence-" + d.Day.String() + ".xlsx", Data: data}, "", nil
}

func (p *Mailer) pages() Pages { return Pages{Public: p.cfg.Public} }

// footer says why the mail comes and how to end that.
func (p *Mailer) footer(s *schemas.Subscription) []string {
	when := "every day at " + schemas.ClockText(s.At) + " (" + s.TimeZone + ")"
	if s.Kind == schemas.SubscriptionDigest {
		when = fmt.Sprintf("every %d minutes from %s to %s (%s), when somebody is", s.Every, schemas.ClockText(s.At),
			schemas.ClockText(s.Until), s.TimeZone)
	}
	lines := []string{"You get this because you are subscribed to it, " + when + "."}
	if p.cfg.Public != "" {
		return append(lines, "Change or end it: "+p.unsubscribe())
	}
	return append(lines, "To end it, ask the administrator of Rollcall (subscription "+s.ID+").")
}

func (p *Mailer) unsubscribe() string {
	if p.cfg.Public == "" {
		return ""
	}
	return p.cfg.Public + "/reports"
}

// put composes the mail of a delivery and puts it into the outbox. answers is the Message-ID of the mail that it is
// about.
func (p *Mailer) put(d *schemas.Delivery, l *Message, answers string) error {
	d.Subject, d.MessageID = l.Subject, p.messageID(d.ID)
	raw, err := l.Bytes(Envelope{
		From:        p.cfg.From,
		To:          d.Recipient,
		ID:          d.MessageID,
		Answers:     answers,
		Date:        p.deps.Clock(),
		Unsubscribe: p.unsubscribe(),
	})
	if err != nil {
		return err
	}
	d.Size = len(raw)
	d.Hash, err = p.deps.Outbox.Put(d.ID, raw)
	return err
}

// messageID returns the Message-ID of the mail of a delivery.
func (p *Mailer) messageID(delivery string) string { return delivery + "@" + p.cfg.domain() }
