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

	"github.com/sirupsen/logrus"

	"rollcall/cmd/internal/config"
	"rollcall/reports"
	"rollcall/reports/mail"
	"rollcall/reports/xlsx"
	"rollcall/scheduler"
	"rollcall/schemas"
	"rollcall/schemas/access"
	"rollcall/schemas/chstore"
)

// mostDeliveries bounds how many deliveries are read at once.
const mostDeliveries = 100_000

// mailStore is the store as package mail sees it.
type mailStore struct{ *chstore.Store }

// Deliveries returns the deliveries of the query.
func (s mailStore) Deliveries(ctx context.Context, q schemas.DeliveryQuery) ([]schemas.Delivery, error) {
	q.Limit = mostDeliveries
	return s.Store.Deliveries(ctx, q)
}

// mostReasons bounds how many journal rows are looked at for the reasons of a change.
const mostReasons = 2000

// Touching returns the journal rows written after an instant whose range overlaps the time.
func (s mailStore) Touching(ctx context.Context, since schemas.Instant, in schemas.Interval) ([]schemas.JournalRow,
	error) {
	return s.JournalTouching(ctx, since, Now(), in, mostReasons)
}

// workbook makes the workbook of a query, with the days of the teams and sites that covers allows.
func (a *Answers) workbook(ctx context.Context, q reports.Query, covers func(team, site string) bool) ([]byte, error) {
	part := *a
	part.Covers = func(_, team, site string) bool { return covers(team, site) }
	var err error
	if q.Intervals, err = part.hasTimeline(ctx, q); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	book, err := xlsx.New(&out, xlsx.DefaultConfig())
	if err != nil {
		return nil, err
	}
	_, err = reports.WriteAdherence(ctx, &part, q, Now(), book)
	return out.Bytes(), errors.Join(err, book.Close())
}

// NewMailer makes the mailer over the store and the outbox in store.dir, by the clock. board may be nil: then there are
// no digests.
func NewMailer(c config.Config, s *chstore.Store, r *access.Register, board mail.Board, clock func() time.Time,
	log logrus.FieldLogger) (*mail.Mailer, error) {
	mc, err := c.Mail()
	if err != nil {
		return nil, err
	}
	days, err := NewAnswers(c, s)
	if err != nil {
		return nil, err
	}
	days.Now = 0 // a mail is of the moment at which it is made
	return mail.New(mc, mail.Deps{
		Store:    mailStore{s},
		Days:     days,
		Outbox:   mail.NewOutbox(filepath.Join(c.Store.Dir, "outbox")),
		Workbook: days.workbook,
		Scope:    func(owner string) (access.Scope, error) { return scopeOf(r, owner) },
		Board:    board,
		Clock:    clock,
		Log:      log,
	})
}

// scopeOf returns what the owner of a subscription may see now.
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
func DailyMail(ctx context.Context, c config.Config, s *chstore.Store, day schemas.Date, teams, sites []string,
	zone schemas.Zone) (*mail.Message, error) {
	days, err := NewAnswers(c, s)
	if err != nil {
		return nil, err
	}
	b, err := reports.ReadDaily(ctx, days, day, days.Now)
	if err != nil {
		return nil, err
	}
	mc, err := c.Mail()
	if err != nil {
		return nil, err
	}
	d := b.Daily(teams, sites, func(string, string) bool { return true }, zone)
	return mail.DailyMessage(d, mail.Pages{Public: mc.Public}, nil, "", []string{"This is a preview; nothing was sent."}),
		nil
}

// makeMail prepares the mails.
func (d *Daemon) makeMail() (err error) {
	d.mail, err = NewMailer(d.config, d.store, d.register, d.board, Clock, d.log)
	return err
}

// dailyJob returns the timing of the job that makes mails; without a mail server there is none.
func (d *Daemon) dailyJob() scheduler.Timing {
	if d.config.SMTP.Address == "" {
		return scheduler.Timing{}
	}
	return d.config.Jobs.Daily
}

// SaveMessage writes a mail as .html, .txt or .eml: whole, or not at all. Without smtp.from the sender is a
// placeholder.
func SaveMessage(c config.Config, m *mail.Message, file string) error {
	text := m.HTML
	switch strings.ToLower(filepath.Ext(file)) {
	case ".txt":
		text = m.Text
	case ".eml":
		from := c.SMTP.From
		if from == "" {
			from = "Rollcall <rollcall@rollcall.invalid>"
		}
		raw, err := m.Bytes(mail.Envelope{From: from, To: "preview@rollcall.invalid", ID: newID() + "@rollcall.invalid",
			Date: Clock()})
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
