package mail

import (
	"context"
	"fmt"
	"strings"

	"rollcall/schemas"
)

// alarmFor is how long what went wrong is an alarm; after that it is history.
const alarmFor = 3 * schemas.DayMS

// Alarms returns the mails that were due and did not go out, as the last look found them.
func (p *Mailer) Alarms() []schemas.Alarm {
	if a := p.alarms.Load(); a != nil {
		return *a
	}
	return nil
}

// look finds what an admin has to know of: mails that are late, refused, in doubt, given up, that could not be made, or
// that nobody has tried to make. A later success to the same recipient ends the alarm.
func (p *Mailer) look(ctx context.Context) error {
	subs, err := p.deps.Store.Subscriptions(ctx)
	if err != nil {
		return err
	}
	rows, err := p.deps.Store.Deliveries(ctx, schemas.DeliveryQuery{Since: p.since(alarmFor)})
	if err != nil {
		return err
	}
	now := p.now()
	late := now.Add(-alarmAfter)
	alarms := []schemas.Alarm{}
	known, made := map[string]bool{}, map[string]bool{}
	for i := range rows { // the newest first
		d := &rows[i]
		made[d.ID] = true
		key := d.Subscription + "\x00" + d.Recipient + "\x00" + string(d.Kind)
		if known[key] {
			continue
		}
		known[key] = d.State != schemas.DeliverySkipped
		if text := troubleOf(d, late); text != "" {
			alarms = append(alarms, schemas.Alarm{Kind: "mail", Subject: d.ID, Text: text, Since: max(d.DueAt, d.CreatedAt)})
		}
	}
	for i := range subs {
		s := &subs[i]
		due, day, ok := lastDue(s, now)
		if s.Kind != schemas.SubscriptionDaily || !ok || due > late || due < now.Add(-catchUp) {
			continue
		}
		for _, r := range s.Recipients {
			if id := deliveryID(s.ID, string(schemas.DeliveryDaily), day.String(), r); !made[id] {
				alarms = append(alarms, schemas.Alarm{Kind: "mail", Subject: id, Since: due,
					Text: fmt.Sprintf("the daily mail of %s to %s was due and has not been made", day, r)})
			}
		}
	}
	p.alarms.Store(&alarms)
	return nil
}

// troubleOf says in a sentence what is wrong with a delivery; empty where nothing is.
func troubleOf(d *schemas.Delivery, late schemas.Instant) string {
	resend := "send it with: rollcall report daily resend " + d.ID
	says := map[schemas.DeliveryState]string{
		schemas.DeliveryQueued:  strings.TrimSuffix("waits: "+d.LastError, ": "),
		schemas.DeliveryRefused: "is refused: " + d.LastError,
		schemas.DeliveryGivenUp: "is given up: " + d.LastError + "; " + resend,
		schemas.DeliveryInDoubt: "may or may not have arrived; ask, then " + resend,
		schemas.DeliveryFailed:  "cannot be made: " + d.LastError,
	}[d.State]
	if says == "" || d.State == schemas.DeliveryQueued && max(d.DueAt, d.CreatedAt) > late {
		return ""
	}
	return fmt.Sprintf("the mail of %s to %s %s", d.Day, d.Recipient, says)
}
