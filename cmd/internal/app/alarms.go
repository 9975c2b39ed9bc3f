package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"rollcall/schemas"
)

// alarms returns everything that an admin has to know now, the oldest first.
func (d *Daemon) alarms() []schemas.Alarm {
	var out []schemas.Alarm
	for _, c := range d.components() {
		if c.alarms != nil {
			out = append(out, c.alarms()...)
		}
	}
	slices.SortStableFunc(out, func(a, b schemas.Alarm) int { return cmp.Compare(a.Since, b.Since) })
	return out
}

// alarmFeed is the kind of the alarm of a silent feed.
const alarmFeed = "feed"

// silentFeeds returns an alarm for each feed that is silent now.
func (d *Daemon) silentFeeds() []schemas.Alarm { return feedAlarms(d.watch.Feeds(), Now()) }

// feedAlarms puts the silences into sentences, which stay the same while they last.
func feedAlarms(signs []schemas.FeedHealth, now schemas.Instant) []schemas.Alarm {
	var out []schemas.Alarm
	for _, sign := range signs {
		if sign.SilentSince != 0 && sign.SilentSince <= now {
			out = append(out, schemas.Alarm{Kind: alarmFeed, Subject: sign.Source, Since: sign.SilentSince,
				Text: fmt.Sprintf("feed %q is silent: what it reports of agents is unknown, not held against them; "+
					"see whether its program runs and reaches this server", sign.Source)})
		}
	}
	return out
}

// alarmsEvery is how often new alarms are looked for.
const alarmsEvery = 15 * time.Second

// runAlarms reports each alarm once while it lasts to the log and the webhooks, until ctx ends. A silent feed has been
// reported to both already, as an event of its own.
func (d *Daemon) runAlarms(ctx context.Context) error {
	look := time.NewTicker(alarmsEvery)
	defer look.Stop()
	reported := map[schemas.Alarm]bool{}
	for {
		reported = newAlarms(reported, d.alarms(), func(a schemas.Alarm) {
			if a.Kind == alarmFeed {
				return
			}
			d.log.WithField("kind", a.Kind).WithField("subject", a.Subject).WithField("since", a.Since.String()).Error(a.Text)
			d.hooks.Alarm(a)
		})
		select {
		case <-look.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// newAlarms calls report with each alarm that was not reported yet, and returns those that are reported now. An alarm
// of which only the text has changed was reported.
func newAlarms(reported map[schemas.Alarm]bool, now []schemas.Alarm,
	report func(schemas.Alarm)) map[schemas.Alarm]bool {
	next := map[schemas.Alarm]bool{}
	for _, a := range now {
		key := schemas.Alarm{Kind: a.Kind, Subject: a.Subject, Since: a.Since}
		if next[key] = true; !reported[key] {
			report(a)
		}
	}
	return next
}
