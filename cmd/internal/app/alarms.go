package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rollcall/schemas"
)

// alarms gives everything that an admin has to know of now, the oldest first; whoever can raise one is a line here.
func (d *Daemon) alarms() []schemas.Alarm {
	var out []schemas.Alarm
	for _, source := range []func() []schemas.Alarm{d.overdueJobs, d.post.Alarms, d.folders.Alarms, d.silentFeeds} {
		out = append(out, source()...)
	}
	slices.SortStableFunc(out, func(a, b schemas.Alarm) int { return cmp.Compare(a.Since, b.Since) })
	return out
}

// alarmFeed is the kind of the alarm of a silent feed.
const alarmFeed = "feed"

// silentFeeds gives an alarm for each feed that is silent now.
func (d *Daemon) silentFeeds() []schemas.Alarm { return feedAlarms(d.watch.Feeds(), Now()) }

// feedAlarms words the silences; their text stays the same while they last.
func feedAlarms(signs []schemas.FeedSign, now schemas.Instant) []schemas.Alarm {
	var out []schemas.Alarm
	for _, sign := range signs {
		if sign.SilentSince != 0 && sign.SilentSince <= now {
			out = append(out, schemas.Alarm{Kind: alarmFeed, Subject: sign.Source, Since: sign.SilentSince,
				Text: fmt.Sprintf("feed %q is silent: what it tells of agents is unknown, not held against them; see whether its program runs and reaches this server", sign.Source)})
		}
	}
	return out
}

// alarmsEvery is how often is looked for new alarms.
const alarmsEvery = 15 * time.Second

// runAlarms tells the log and the webhooks of each alarm once while it lasts, until ctx ends. Of a silent feed the watch has
// told both already, in its own event.
func (d *Daemon) runAlarms(ctx context.Context) error {
	look := time.NewTicker(alarmsEvery)
	defer look.Stop()
	told := map[schemas.Alarm]bool{}
	for {
		told = newAlarms(told, d.alarms(), func(a schemas.Alarm) {
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

// newAlarms calls tell with each alarm that is not told already, and gives those that are told now. An alarm whose text
// alone has changed is told already.
func newAlarms(told map[schemas.Alarm]bool, now []schemas.Alarm, tell func(schemas.Alarm)) map[schemas.Alarm]bool {
	next := map[schemas.Alarm]bool{}
	for _, a := range now {
		key := schemas.Alarm{Kind: a.Kind, Subject: a.Subject, Since: a.Since}
		if next[key] = true; !told[key] {
			tell(a)
		}
	}
	return next
}

// measureAlarms registers how many alarms there are.
func (d *Daemon) measureAlarms(r *prometheus.Registry) {
	r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "rollcall_alarms",
		Help: "what an admin has to know of now: overdue jobs, reports that could not be made or sent, files that could not be imported, silent feeds"}, func() float64 { return float64(len(d.alarms())) }))
}
