package mail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"rollcall/reports"
	"rollcall/schemas"
)

// Outcome counts what has become of the mails of one call of Send.
type Outcome struct {
	// Sent were taken, Waiting are tried again, Failed were refused, given up or are in doubt.
	Sent, Waiting, Failed int
}

// Send sends every queued mail whose time has come, once each, and notes what became of it. An error says that the
// store could not be read or written; what it did not take is noted on disk and written by the next call.
func (p *Mailer) Send(ctx context.Context) (Outcome, error) {
	var all Outcome
	if err := p.settle(ctx); err != nil {
		return all, err
	}
	queued, err := p.deps.Store.Deliveries(ctx,
		schemas.DeliveryQuery{Since: p.since(remembered), State: schemas.DeliveryQueued, Figures: true})
	if err != nil {
		return all, err
	}
	now := p.now()
	queued = slices.DeleteFunc(queued, func(d schemas.Delivery) bool { return d.NextAt > now || p.elsewhere(&d, now) })
	slices.Reverse(queued) // those that were due first come first
	if len(queued) == 0 {
		return all, nil
	}
	var next atomic.Int64
	var mu sync.Mutex
	group, inner := errgroup.WithContext(ctx)
	for range min(p.cfg.Connections, len(queued)) {
		group.Go(func() error {
			c := courier{mailer: p}
			defer c.close()
			for i := next.Add(1); i <= int64(len(queued)); i = next.Add(1) {
				d, err := c.carry(inner, queued[i-1])
				mu.Lock()
				all.count(d.State)
				mu.Unlock()
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	return all, group.Wait()
}

// elsewhere says that the mail lies in the outbox of another process, such as a command on another machine with the
// same store, which is to send it. After a while it is taken for lost.
func (p *Mailer) elsewhere(d *schemas.Delivery, now schemas.Instant) bool {
	return !p.deps.Outbox.Has(d.ID) && now.Sub(max(d.DueAt, d.CreatedAt)) < alarmAfter
}

func (o *Outcome) count(state schemas.DeliveryState) {
	switch state {
	case schemas.DeliverySent:
		o.Sent++
	case schemas.DeliveryQueued:
		o.Waiting++
	default:
		o.Failed++
	}
}

// courier sends mails over one connection, and over another when that one is of no use any more.
type courier struct {
	mailer *Mailer
	line   *session
	// down is why no connection could be made; the mails that follow are not tried.
	down error
}

func (c *courier) close() {
	if c.line != nil {
		c.line.close()
	}
}

// carry makes one attempt and notes what became of it, on disk first and then in the store.
func (c *courier) carry(ctx context.Context, d schemas.Delivery) (schemas.Delivery, error) {
	if ctx.Err() != nil {
		return d, ctx.Err()
	}
	err := c.attempt(ctx, &d)
	if err != nil && ctx.Err() != nil && kindOf(err) != faultDoubt {
		return d, ctx.Err() // the stop cut it off, nothing was sent
	}
	c.mailer.judge(&d, err)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrite) // an answer is noted even during a stop
	defer cancel()
	if err := c.mailer.write(ctx, &d); err != nil {
		return d, err
	}
	return d, c.mailer.deps.Outbox.Forget(d.ID)
}

// lastWrite bounds the note of an answer.
const lastWrite = 3 * time.Second

// attempt sends the mail; nil means that the server has taken it.
func (c *courier) attempt(ctx context.Context, d *schemas.Delivery) error {
	raw, err := c.mailer.deps.Outbox.Get(d.ID, d.Hash)
	if err != nil {
		return &fault{faultRefused, err}
	}
	if c.down != nil {
		return c.down
	}
	if c.line == nil {
		if c.line, err = open(ctx, &c.mailer.cfg.Server, c.mailer.deps.Dial); err != nil {
			c.down = err
			return err
		}
	}
	sender, err := c.mailer.cfg.sender()
	if err != nil {
		return &fault{faultServer, err}
	}
	box := c.mailer.deps.Outbox
	if err = c.line.send(ctx, sender, d.Recipient, raw, func() error { return box.markSending(d.ID) }); err == nil {
		return box.Sent(d.ID)
	}
	if k := kindOf(err); k == faultBroken || k == faultDoubt || k == faultServer {
		c.line.cut()
		c.line = nil
	}
	return err
}

// judge turns the outcome of an attempt into the delivery's next state.
func (p *Mailer) judge(d *schemas.Delivery, err error) {
	d.Attempts++
	d.NextAt, d.LastError = 0, ""
	if err == nil {
		d.State = schemas.DeliverySent
		p.figures.sent.Add(1)
		return
	}
	d.LastError = oneLine(err)
	log := p.deps.Log.WithField("delivery", d.ID).WithField("attempts", d.Attempts).WithError(err)
	switch kind := kindOf(err); {
	case kind == faultRefused:
		d.State = schemas.DeliveryRefused
		p.figures.refused.Add(1)
		log.Warn("a mail is refused")
	case kind == faultDoubt:
		d.State = schemas.DeliveryInDoubt
		p.figures.doubt.Add(1)
		log.Warn("a mail is in doubt")
	case p.now().Sub(max(d.DueAt, d.CreatedAt)) > giveUpAfter:
		d.State = schemas.DeliveryGivenUp
		p.figures.givenUp.Add(1)
		log.Warn("a mail is given up")
	default:
		d.NextAt = p.now().Add(wait(d.Attempts))
		p.figures.failed.Add(1)
		log.Info("a mail is tried again later")
	}
}

// wait returns the time after so many attempts.
func wait(attempts int) int64 {
	w := firstWait
	for i := 1; i < attempts && w < longestWait; i++ {
		w *= 2
	}
	return min(w, longestWait)
}

// oneLine makes an error fit for a table.
func oneLine(err error) string {
	const most = 500
	return reports.Shown(err.Error(), most)
}

// write notes a new version of a delivery.
func (p *Mailer) write(ctx context.Context, d *schemas.Delivery) error {
	d.Version++
	d.UpdatedAt = p.now()
	return p.deps.Store.WriteDeliveries(ctx, []schemas.Delivery{*d})
}

// recover turns what an earlier process was in the middle of into what is known of it: taken, or in doubt. Only the
// owner of the outbox may call it, before anything is sent.
func (p *Mailer) recover(ctx context.Context) error {
	sending, _, err := p.deps.Outbox.Marked()
	if err != nil {
		return err
	}
	return p.conclude(ctx, sending, func(d *schemas.Delivery) {
		d.State, d.LastError = schemas.DeliveryInDoubt,
			"rollcall ended between the last line of the mail and the server's answer"
		d.Attempts++
		p.figures.doubt.Add(1)
		p.deps.Log.WithField("delivery", d.ID).Warn("a mail is in doubt: rollcall ended while it was being sent")
	})
}

// settle notes in the store what the disk knows to be sent.
func (p *Mailer) settle(ctx context.Context) error {
	_, sent, err := p.deps.Outbox.Marked()
	if err != nil {
		return err
	}
	return p.conclude(ctx, sent, func(d *schemas.Delivery) {
		d.State, d.LastError, d.NextAt = schemas.DeliverySent, "", 0
		d.Attempts++
		p.figures.sent.Add(1)
	})
}

// conclude notes the outcome of queued deliveries and removes their markers. A marker whose delivery is not queued is
// left over.
func (p *Mailer) conclude(ctx context.Context, ids []string, how func(*schemas.Delivery)) error {
	if len(ids) == 0 {
		return nil
	}
	rows, err := p.deps.Store.Deliveries(ctx,
		schemas.DeliveryQuery{Since: p.since(remembered), State: schemas.DeliveryQueued, Figures: true})
	if err != nil {
		return err
	}
	for i := range rows {
		if slices.Contains(ids, rows[i].ID) {
			how(&rows[i])
			if err := p.write(ctx, &rows[i]); err != nil {
				return err
			}
		}
	}
	var errs []error
	for _, id := range ids {
		errs = append(errs, p.deps.Outbox.Forget(id))
	}
	return errors.Join(errs...)
}

// ErrNoDelivery says that there is no such delivery, ErrNotAgain that it is not one to be sent again.
var (
	ErrNoDelivery = errors.New("there is no such delivery")
	ErrNotAgain   = errors.New("is not to be sent again")
)

// Resend queues a delivery that is in doubt, was refused, given up or sent: the same bytes to the same recipient.
func (p *Mailer) Resend(ctx context.Context, id string) (*schemas.Delivery, error) {
	rows, err := p.deps.Store.Deliveries(ctx, schemas.DeliveryQuery{Since: p.since(remembered), ID: id, Figures: true})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || id == "" {
		return nil, fmt.Errorf("delivery %q: %w", id, ErrNoDelivery)
	}
	d := &rows[0]
	if d.State == schemas.DeliveryQueued || d.State == schemas.DeliveryFailed || d.State == schemas.DeliverySkipped {
		return nil, fmt.Errorf("delivery %s is %s and %w", id, d.State, ErrNotAgain)
	}
	if _, err := p.deps.Outbox.Get(d.ID, d.Hash); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("delivery %s %w: its mail is no longer in this outbox", id, ErrNotAgain)
		}
		return nil, err
	}
	d.State, d.NextAt, d.Attempts, d.LastError, d.CreatedAt = schemas.DeliveryQueued, 0, 0, "", p.now()
	if err := p.write(ctx, d); err != nil {
		return nil, err
	}
	p.wakeUp()
	return d, nil
}
