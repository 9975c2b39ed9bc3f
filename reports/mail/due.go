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
	var dues []due
	for i := range subs {
		s := &subs[i]
		at, day, ok := lastDue(s, now)
		if s.Kind == schemas.SubscriptionDaily && ok && at >= now.Add(-p.cfg.CatchUp.Milliseconds()) {
			dues = append(dues, due{s, day, at, nil})
		}
	}
	if len(dues) == 0 {
		return 0, nil
	}
	made, err := p.made(ctx, schemas.DeliveryDaily)
	if err != nil {
		return 0, err
	}
	return p.makeDays(ctx, dues, made)
}

// due is a subscription whose day is to be mailed, to all its recipients or to some.
type due struct {
	sub        *schemas.Subscription
	day        schemas.Date
	at         schemas.Instant
	recipients []string
}

func (d *due) to() []string {
	if d.recipients != nil {
		return d.recipients
	}
	return d.sub.Recipients
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
	byID, err := p.made(ctx, schemas.DeliveryDaily)
	if err != nil {
		return nil, err
	}
	var dues []due
	for i := range subs {
		dues = append(dues, due{&subs[i], day, p.now(), nil})
	}
	m := &maker{mailer: p, made: byID, cache: dayCache{}}
	if again {
		m.again = p.now().String()
	}
	for i := range dues {
		if err := m.day(ctx, &dues[i]); err != nil {
			return nil, err
		}
	}
	if err := p.deps.Store.WriteDeliveries(ctx, m.rows); err != nil {
		return nil, err
	}
	p.wakeUp()
	return append(m.rows, m.before...), nil
}

// makeDays makes the mails of dues, every day read once, and writes their deliveries.
func (p *Mailer) makeDays(ctx context.Context, dues []due, byID map[string]*schemas.Delivery) (int, error) {
	m := &maker{mailer: p, made: byID, cache: dayCache{}}
	var errs []error
	for i := range dues {
		errs = append(errs, m.day(ctx, &dues[i]))
	}
	if len(m.rows) > 0 {
		errs = append(errs, p.deps.Store.WriteDeliveries(ctx, m.rows))
	}
	return m.queued, errors.Join(errs...)
}

// bookKey names a workbook that several mails attach.
type bookKey struct {
	day   schemas.Date
	scope string
}

// dayCache has the days and workbooks that several mails are made of.
type dayCache struct {
	books     map[schemas.Date]*reports.DailyData
	workbooks map[bookKey][]byte
}

// maker makes mails of days.
type maker struct {
	mailer *Mailer
	made   map[string]*schemas.Delivery
	again  string
	cache  dayCache
	rows   []schemas.Delivery
	before []schemas.Delivery
	queued int
}

// data reads a day, once.
func (m *maker) data(ctx context.Context, day schemas.Date) (*reports.DailyData, error) {
	if b := m.cache.books[day]; b != nil {
		return b, nil
	}
	b, err := reports.ReadDaily(ctx, m.mailer.deps.Days, day, m.mailer.now())
	if err != nil {
		return nil, err
	}
	if m.cache.books == nil {
		m.cache.books = map[schemas.Date]*reports.DailyData{}
	}
	m.cache.books[day] = b
	return b, nil
}

// day makes the mails of one due, as far as they are not made.
func (m *maker) day(ctx context.Context, d *due) error {
	var open []schemas.Delivery
	for _, r := range d.to() {
		words := []string{d.sub.ID, string(schemas.DeliveryDaily), d.day.String(), r}
		if m.again != "" {
			words = append(words, m.again)
		}
		row := schemas.Delivery{
			ID:           deliveryID(words...),
			Kind:         schemas.DeliveryDaily,
			Subscription: d.sub.ID,
			Day:          d.day,
			DueAt:        d.at,
			Recipient:    r,
			State:        schemas.DeliveryQueued,
			CreatedAt:    m.mailer.now(),
		}
		if old := m.made[row.ID]; old != nil {
			if old.State != schemas.DeliveryFailed {
				m.before = append(m.before, *old)
				continue
			}
			row.Version, row.DueAt, row.CreatedAt, row.Attempts = old.Version, old.DueAt, old.CreatedAt, old.Attempts
		}
		open = append(open, row)
	}
	if len(open) == 0 {
		return nil
	}
	err := m.fill(ctx, d, open)
	for i := range open {
		row := &open[i]
		row.Version++
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
func (m *maker) fill(ctx context.Context, d *due, rows []schemas.Delivery) error {
	skip := func(why string) {
		for i := range rows {
			rows[i].State, rows[i].LastError = schemas.DeliverySkipped, why
		}
	}
	scope, err := m.mailer.deps.Scope(d.sub.OwnerID)
	if err != nil {
		skip(oneLine(err))
		return nil
	}
	daily, err := m.daily(ctx, d.sub, d.day, scope)
	if err != nil {
		return fmt.Errorf("the daily mail of %s for subscription %s: %w", d.day, d.sub.ID, err)
	}
	if daily.Empty() && d.sub.SkipEmpty {
		skip("nothing was scheduled")
		return nil
	}
	file, without, err := m.workbook(ctx, d.sub, daily, scope)
	if err != nil {
		return fmt.Errorf("the workbook of %s for subscription %s: %w", d.day, d.sub.ID, err)
	}
	message := DailyMessage(daily, m.mailer.pages(), file, without, m.mailer.footer(d.sub))
	figures, err := figuresText(daily.Figures())
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].Told = figures
		if err := m.mailer.put(&rows[i], message, ""); err != nil {
			return err
		}
	}
	return nil
}

// daily picks what the subscription is about from the book of the day.
func (m *maker) daily(ctx context.Context, s *schemas.Subscription, day schemas.Date,
	scope access.Scope) (*reports.Daily, error) {
	b, err := m.data(ctx, day)
	if err != nil {
		return nil, err
	}
	zone, err := schemas.LoadZone(s.TimeZone)
	if err != nil {
		return nil, err
	}
	teams, sites := narrowed(s, scope)
	return b.Daily(teams, sites, covering(scope), zone), nil
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
	key := bookKey{d.Day, fmt.Sprintf("%q %q %v", s.Teams, s.Sites, scope)}
	data, known := m.cache.workbooks[key]
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
		if m.cache.workbooks == nil {
			m.cache.workbooks = map[bookKey][]byte{}
		}
		m.cache.workbooks[key] = data
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
	d.Subject, d.MessageID = l.Subject, d.ID+"@"+p.cfg.domain()
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
