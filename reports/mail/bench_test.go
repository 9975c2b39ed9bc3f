package mail

import (
	"fmt"
	"testing"

	"rollcall/schemas"
)

// Five hundred subscriptions of fifty teams over 1,500 agents, made and sent to a server on this machine: issue 6
// allows 60 s.
func BenchmarkFiveHundredDailyMails(b *testing.B) {
	var rows []schemas.DayRow
	for w := range 5 {
		for i := range 1500 {
			d := ana()
			d.AgentID, d.Name, d.Team, d.Day = fmt.Sprintf("a%04d", i), fmt.Sprintf("Agent %04d", i),
				fmt.Sprintf("Team %02d", i%50), monday-schemas.Date(7*w)
			rows = append(rows, d)
		}
	}
	for b.Loop() {
		o := newFixture(b, func(c *Config, d *Deps, o *fixture) { o.days.rows = rows })
		for i := range 500 {
			s := subscriptionTo(fmt.Sprintf("reader-%03d@example.org", i))
			s.ID, s.Teams = fmt.Sprint("s", i), []string{fmt.Sprintf("Team %02d", i%50)}
			o.store.subs = append(o.store.subs, s)
		}
		if n := o.due(b); n != 500 {
			b.Fatalf("%d mails were made", n)
		}
		if out := o.sendAll(b); out.Sent != 500 {
			b.Fatalf("%+v", out)
		}
	}
	b.ReportMetric(500/b.Elapsed().Seconds()*float64(b.N), "mails/s")
}
