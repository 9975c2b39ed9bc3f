package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"rollcall/cmd/internal/config"
	"rollcall/reports"
	"rollcall/reports/mail"
	"rollcall/reports/xlsx"
	"rollcall/schemas"
	"rollcall/schemas/access"
	"rollcall/schemas/chstore"
)

// mostDeliveries bounds how many deliveries are read at once.
const mostDeliveries = 100_000

// mailStore is the store as package mail sees it.
type mailStore struct{ *chstore.Store }

// Deliveries gives the deliveries of the query.
func (s mailStore) Deliveries(ctx context.Context, q schemas.DeliveryQuery) ([]schemas.Delivery, error) {
	q.Limit = mostDeliveries
	return s.Store.Deliveries(ctx, q)
}

// mostReasons bounds how many journal rows are looked at for the reasons of a change.
const mostReasons = 2000

// Touching gives the journal rows written after an instant whose range overlaps the time.
func (s mailStore) Touching(ctx context.Context, since schemas.Instant, in schemas.Interval) ([]schemas.JournalRow, error) {
	return s.JournalTouching(ctx, since, in, mostReasons)
}

// mailDays is the store as the daily mails read it: the answers of each moment.
type mailDays struct {
	config config.Config
	store  *chstore.Store
}

func (m mailDays) answers() (*Answers, error) { return NewAnswers(m.config, m.store) }

// Days yields the days of the query.
func (m mailDays) Days(ctx context.Context, q reports.Query, yield func(*schemas.DayRow) error) error {
	a, err := m.answers()
	if err != nil {
		return err
	}
	return a.Days(ctx, q, yield)
}

// Policies gives the policy versions known at the instant.
func (m mailDays) Policies(ctx context.Context, knownAt schemas.Instant) ([]schemas.PolicyVersion, error) {
	return m.store.Policies(ctx, knownAt)
}

// Feeds gives what every feed has said of itself by the instant.
func (m mailDays) Feeds(ctx context.Context, knownAt schemas.Instant) ([]schemas.Feed, error) {
	return m.store.Feeds(ctx, knownAt)
}

// JudgedAt gives the instant that the stored days take into account.
func (m mailDays) JudgedAt(ctx context.Context, q reports.Query) (schemas.Instant, error) {
	a, err := m.answers()
	if err != nil {
		return 0, err
	}
	return a.JudgedAt(ctx, q)
}

// Requirements yields the requirements of the teams, of all where none are named, in the time.
func (m mailDays) Requirements(ctx context.Context, teams []string, in schemas.Interval, knownAt schemas.Instant, yield func(*schemas.Requirement) error) error {
	return m.store.Requirements(ctx, chstore.RequirementQuery{Teams: teams, Within: in, KnownAt: knownAt}, yield)
}

// ActivityCodes gives the activity codes known at the instant.
func (m mailDays) ActivityCodes(ctx context.Context, knownAt schemas.Instant) ([]schemas.ActivityCode, error) {
	return m.store.ActivityCodes(ctx, knownAt)
}

// covered leaves out the days of teams and sites that the reader may not see.
type covered struct {
	mailDays
	covers func(team, site string) bool
}

// Days yields the days of the query that the reader may see.
func (c covered) Days(ctx context.Context, q reports.Query, yield func(*schemas.DayRow) error) error {
	return c.mailDays.Days(ctx, q, func(d *schemas.DayRow) error {
		if !c.covers(d.Team, d.Site) {
			return nil
		}
		return yield(d)
	})
}

// workbook writes the workbook of the query, of the teams and sites that covers allows.
func (m mailDays) workbook(ctx context.Context, q reports.Query, covers func(team, site string) bool) ([]byte, error) {
	a, err := m.answers()
	if err != nil {
		return nil, err
	}
	if q.Intervals, err = a.HasTimeline(ctx, q); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	book, err := xlsx.New(io.Writer(&out), xlsx.DefaultConfig())
	if err != nil {
		return nil, err
	}
	_, err = reports.WriteAdherence(ctx, covered{m, covers}, q, Now(), book)
	return out.Bytes(), errors.Join(err, book.Close())
}

// NewPost makes the post over the store and the outbox in store.dir, by the clock. board may be nil: then there are no digests.
func NewPost(c config.Config, s *chstore.Store, r *access.Register, board mail.Board, clock func() time.Time, log logrus.FieldLogger) (*mail.Mailer, error) {
	mc, err := c.Mail()
	if err != nil {
		return nil, err
	}
	days := mailDays{c, s}
	return mail.New(mc, mail.Deps{Store: mailStore{s}, Days: days, Outbox: mail.NewOutbox(filepath.Join(c.Store.Dir, "outbox")), Workbook: days.workbook,
		Scope: func(owner string) (access.Scope, error) { return scopeOf(r, owner) }, Board: board, Clock: clock, Log: log})
}

// scopeOf gives what the owner of a subscription may be told now.
func scopeOf(r *access.Register, owner string) (access.Scope, error) {
	p, ok := r.Owner(owner)
	if !ok {
		return access.Scope{}, fmt.Errorf("its owner %s has no account any more", owner)
	}
	if err := access.Allow(p, access.ActionSubscribe, access.Somewhere()); err != nil {
		return access.Scope{}, err
	}
	return access.ScopeOf(p, access.ActionSeeAdherence), nil
}

// DailyMail makes the mail of a day as a preview: of the teams and sites, all where none are named, in the zone.
func DailyMail(ctx context.Context, c config.Config, s *chstore.Store, day schemas.Date, teams, sites []string, zone schemas.Zone) (*mail.Message, error) {
	b, err := reports.ReadDaily(ctx, mailDays{c, s}, day, Now())
	if err != nil {
		return nil, err
	}
	mc, err := c.Mail()
	if err != nil {
		return nil, err
	}
	d := b.Daily(teams, sites, func(string, string) bool { return true }, zone)
	return mail.DailyMessage(d, mail.Pages{Public: mc.Public}, nil, "", []string{"This is a preview; nothing was sent."}), nil
}

// makePost prepares the mails.
func (d *Daemon) makePost() (err error) {
	d.post, err = NewPost(d.config, d.store, d.register, d.board, Clock, d.log)
	return err
}

// runPost sends mails once the daemon is ready.
func (d *Daemon) runPost(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-d.ready:
		return d.post.Run(ctx)
	}
}

// measurePost registers the figures of mails.
func (d *Daemon) measurePost(r *prometheus.Registry) {
	counter := func(name, help string, value func(mail.Stats) uint64) {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value(d.post.Stats())) }))
	}
	counter("rollcall_mail_sent_total", "mails that the mail server has taken", func(s mail.Stats) uint64 { return s.Sent })
	counter("rollcall_mail_failed_attempts_total", "attempts that failed and are followed by another", func(s mail.Stats) uint64 { return s.FailedAttempts })
	counter("rollcall_mail_refused_total", "mails that the mail server refuses for good", func(s mail.Stats) uint64 { return s.Refused })
	counter("rollcall_mail_in_doubt_total", "mails of which nobody knows whether they were taken", func(s mail.Stats) uint64 { return s.InDoubt })
	counter("rollcall_mail_given_up_total", "mails that were tried for too long", func(s mail.Stats) uint64 { return s.GivenUp })
	r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "rollcall_mail_alarms", Help: "mails that were due and did not go out"},
		func() float64 { return float64(d.post.Stats().Alarms) }))
}

// dailyJob gives the timing of the job that makes mails; without a mail server there is none.
func (d *Daemon) dailyJob() config.Job {
	if d.config.SMTP.Address == "" {
		return config.Job{}
	}
	return d.config.Jobs.Daily
}

// SaveLetter writes a mail as .html, .txt or .eml: whole, or not at all. Without smtp.from the mail is from nobody.
func SaveLetter(c config.Config, l *mail.Message, file string) error {
	text := l.HTML
	switch strings.ToLower(filepath.Ext(file)) {
	case ".txt":
		text = l.Text
	case ".eml":
		from := c.SMTP.From
		if from == "" {
			from = "Rollcall <rollcall@rollcall.invalid>"
		}
		raw, err := l.Bytes(mail.Envelope{From: from, To: "preview@rollcall.invalid", ID: newID() + "@rollcall.invalid", Date: Clock()})
		if err != nil {
			return err
		}
		text = string(raw)
	}
	return reports.ReplaceFile(file, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
