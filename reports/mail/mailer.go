package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/reports"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Store holds subscriptions and deliveries, and knows why days have changed.
type Store interface {
	Subscriptions(ctx context.Context) ([]schemas.Subscription, error)
	WriteSubscriptions(ctx context.Context, row schemas.JournalRow, list []schemas.Subscription) error
	// Deliveries returns those of the query, those that were due last first. Its Limit is the store's own.
	Deliveries(ctx context.Context, q schemas.DeliveryQuery) ([]schemas.Delivery, error)
	WriteDeliveries(ctx context.Context, rows []schemas.Delivery) error
	// DaysJudged returns the days from the first on of which a result was written after an instant, and when the last was.
	DaysJudged(ctx context.Context, from schemas.Date, after schemas.Instant) (map[schemas.Date]schemas.Instant, error)
	// Touching returns the journal rows written after since whose range overlaps the time, oldest first.
	Touching(ctx context.Context, since schemas.Instant, in schemas.Interval) ([]schemas.JournalRow, error)
	// PendingJournal yields the journal rows whose days have not been judged again.
	PendingJournal(ctx context.Context, yield func(*schemas.JournalRow) error) error
}

// Board is the live board, for digests.
type Board interface {
	Changes(since uint64) schemas.LiveChanges
}

// Deps are what a mailer works with. Board may be nil, so that there are no digests, and so may Workbook.
type Deps struct {
	Store  Store
	Days   reports.StaffingReader
	Outbox *Outbox
	// Workbook writes the workbook of a day, of the agents of the teams and sites that covers allows.
	Workbook func(ctx context.Context, q reports.Query, covers func(team, site string) bool) ([]byte, error)
	// Scope returns what the owner of a subscription may see now; an error where they may see nothing any more.
	Scope func(ownerID string) (access.Scope, error)
	Board Board
	// Dial connects to the mail server; nil is net.Dialer's.
	Dial  func(ctx context.Context, network, address string) (net.Conn, error)
	Clock func() time.Time
	Log   logrus.FieldLogger
}

// Mailer makes mails when they are due and sends them. Make it with New; its methods may be called from several
// goroutines.
type Mailer struct {
	cfg  Config
	deps Deps
	wake chan struct{}
	// making lets one call make mails at a time.
	making  sync.Mutex
	looked  schemas.Instant                  // DaysJudged was asked up to here
	waiting map[schemas.Date]schemas.Instant // days that changed and are not quiet yet
	mailed  map[schemas.Date]schemas.Instant // until when the changes of a day have been mailed
	slots   map[string]schemas.Instant       // the last digest slot of each subscription
	// judging is when days were last seen to wait for being judged by new rules, by when those were recorded.
	judging map[schemas.Instant]schemas.Instant
	alarms  atomic.Pointer[[]schemas.Alarm] // what an admin has to know of
	figures figures
}

// New returns a mailer that does nothing yet.
func New(c Config, d Deps) (*Mailer, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	if d.Dial == nil {
		d.Dial = (&net.Dialer{}).DialContext
	}
	return &Mailer{
		cfg:     c,
		deps:    d,
		wake:    make(chan struct{}, 1),
		waiting: map[schemas.Date]schemas.Instant{},
		mailed:  map[schemas.Date]schemas.Instant{},
		judging: map[schemas.Instant]schemas.Instant{},
		slots:   map[string]schemas.Instant{},
	}, nil
}

// Config returns the configuration.
func (p *Mailer) Config() Config { return p.cfg }

func (p *Mailer) now() schemas.Instant { return schemas.InstantOf(p.deps.Clock()) }

// wakeUp has the table looked at now.
func (p *Mailer) wakeUp() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// figures count what has become of mails.
type figures struct{ sent, failed, refused, doubt, givenUp atomic.Uint64 }

// Stats are figures since the start.
type Stats struct {
	// Sent counts mails that a server has taken, FailedAttempts those that are tried again; Refused, InDoubt and GivenUp
	// what their states say.
	Sent, FailedAttempts, Refused, InDoubt, GivenUp uint64
	// Alarms is how many there are now.
	Alarms int
}

// Stats returns the figures.
func (p *Mailer) Stats() Stats {
	f := &p.figures
	return Stats{f.sent.Load(), f.failed.Load(), f.refused.Load(), f.doubt.Load(), f.givenUp.Load(), len(p.Alarms())}
}

// pollEvery is how often the table is read for mails that others have queued, lookEvery for those that are late, and
// tidyEvery for old ones; lockAgain is how often the outbox of another process is asked for.
const (
	pollEvery = 5 * time.Second
	lookEvery = time.Minute
	tidyEvery = time.Hour
	lockAgain = 5 * time.Second
)

// Run sends what is queued until ctx ends, and looks for what is late. While another process sends from the outbox it
// waits.
func (p *Mailer) Run(ctx context.Context) error {
	if !p.cfg.Enabled() {
		<-ctx.Done()
		return nil
	}
	release, err := p.take(ctx)
	if err != nil || release == nil {
		return err
	}
	err = p.run(ctx)
	return errors.Join(err, release())
}

// take waits for the outbox; it returns nil when ctx ends first.
func (p *Mailer) take(ctx context.Context) (func() error, error) {
	for {
		release, err := p.deps.Outbox.take()
		if !errors.Is(err, errTaken) {
			return release, err
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-time.After(lockAgain):
		}
	}
}

func (p *Mailer) run(ctx context.Context) error {
	var looked, tidied time.Time
	recovered := false
	for {
		now := p.deps.Clock()
		var err error
		if !recovered {
			err = p.recover(ctx)
			recovered = err == nil
		}
		if recovered {
			_, err = p.Send(ctx)
		}
		if err == nil && now.Sub(looked) >= lookEvery {
			looked, err = now, p.look(ctx)
		}
		if err == nil && now.Sub(tidied) >= tidyEvery {
			tidied, err = now, p.tidy(ctx, p.since(storedFor).Time())
		}
		if err != nil && ctx.Err() == nil {
			p.deps.Log.WithError(err).Warn("mails wait: the store or the outbox does not answer")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-p.wake:
		case <-time.After(pollEvery):
		}
	}
}

// Forget removes the mails that were sent, so that nothing of a person who was erased is left in them. What is on its
// way or in doubt stays.
func (p *Mailer) Forget(ctx context.Context) error {
	const longest = 100 // years; whatever the clock of the files is
	return p.tidy(ctx, p.deps.Clock().AddDate(longest, 0, 0))
}

// tidy removes the mails from before an instant that will not be asked for again.
func (p *Mailer) tidy(ctx context.Context, before time.Time) error {
	waiting, err := p.waitingIDs(ctx)
	if err != nil {
		return err
	}
	return p.deps.Outbox.removeOld(before, waiting)
}

// Waiting counts the mails that are on their way or in doubt.
func (p *Mailer) Waiting(ctx context.Context) (int, error) {
	ids, err := p.waitingIDs(ctx)
	return len(ids), err
}

// waitingIDs returns the mails that are on their way or in doubt.
func (p *Mailer) waitingIDs(ctx context.Context) ([]string, error) {
	var ids []string
	for _, state := range []schemas.DeliveryState{schemas.DeliveryQueued, schemas.DeliveryInDoubt} {
		rows, err := p.deps.Store.Deliveries(ctx, schemas.DeliveryQuery{Since: p.since(remembered), State: state})
		if err != nil {
			return nil, err
		}
		for i := range rows {
			ids = append(ids, rows[i].ID)
		}
	}
	return ids, nil
}

// remembered is how far back queued and doubtful mails are looked for.
const remembered = 60 * schemas.DayMS

func (p *Mailer) since(ms int64) schemas.Instant { return p.now().Add(-ms) }
