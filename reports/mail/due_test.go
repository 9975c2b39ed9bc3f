package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"
	"go.uber.org/goleak"

	"rollcall/reports"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A subscription in London at half past six and at half past one, through both clock changes: once a day, the day
// before.
func TestOnceADayThroughTheClockChanges(t *testing.T) {
	for _, c := range []struct {
		at   int
		want []string
	}{
		{90, []string{"2026-03-28 01:30 is about 2026-03-27", "2026-03-29 02:00 is about 2026-03-28",
			"2026-03-30 01:30 is about 2026-03-29"}},
		{390, []string{"2026-03-28 06:30 is about 2026-03-27", "2026-03-29 06:30 is about 2026-03-28",
			"2026-03-30 06:30 is about 2026-03-29"}},
	} {
		var got []string
		seen := map[schemas.Date]bool{}
		zone, err := schemas.LoadZone("Europe/London")
		if err != nil {
			t.Fatal(err)
		}
		s := subscriptionTo("kim@example.org")
		s.At = c.at
		for now := at("2026-03-28T00:00:00Z"); now < at("2026-03-30T12:00:00Z"); now = now.Add(schemas.MinuteMS) {
			due, day, ok := lastDue(&s, now)
			if ok && !seen[day] && due == now {
				seen[day] = true
				got = append(got, due.Time().In(zone.Location()).Format("2006-01-02 15:04")+" is about "+day.String())
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("got %v, want %v", got, c.want)
		}
	}
	autumn, n := subscriptionTo("kim@example.org"), 0
	autumn.At = 90
	days := map[schemas.Date]bool{}
	for now := at("2026-10-24T12:00:00Z"); now < at("2026-10-26T12:00:00Z"); now = now.Add(schemas.MinuteMS) {
		if due, day, ok := lastDue(&autumn, now); ok && due == now {
			n++
			days[day] = true
		}
	}
	if n != 2 || len(days) != 2 {
		t.Errorf("in autumn it was due %d times for %d days", n, len(days))
	}
}

func TestWhatIsNotDueIsNotMade(t *testing.T) {
	o := newFixture(t, nil)
	late := subscriptionTo("late@example.org") // subscribed after today's was due
	late.ID, late.RecordedAt = "s2", at("2026-03-03T06:30:10Z")
	later := subscriptionTo("later@example.org")
	later.ID, later.At = "s3", 400
	o.store.subs = []schemas.Subscription{late, later}
	if n := o.due(t); n != 0 {
		t.Errorf("%d mails were made", n)
	}
	o.clock.add(10 * time.Minute)
	if n := o.due(t); n != 1 || o.store.get(t, "later@example.org").Day != monday {
		t.Errorf("ten minutes later %d mails were made", n)
	}
	o.clock.add(24 * time.Hour) // a day on which the daemon was down in the morning: today's only
	if n := o.due(t); n != 2 {
		t.Errorf("a day later %d mails were made", n)
	}
}

func TestEmptyDaysAndOwnersWhoAreGone(t *testing.T) {
	o := newFixture(t, func(_ *Config, d *Deps, _ *fixture) {
		d.Scope = func(owner string) (access.Scope, error) {
			switch owner {
			case "gone":
				return access.Scope{}, errGone
			case "sales":
				return access.Scope{Teams: []string{"Sales"}}, nil
			}
			return access.Scope{All: true}, nil
		}
	})
	sub := func(id, owner, to string, skip bool) schemas.Subscription {
		s := subscriptionTo(to)
		s.ID, s.OwnerID, s.SkipEmpty = id, owner, skip
		return s
	}
	o.store.subs = []schemas.Subscription{sub("1", "kim", "kim@example.org", true),
		sub("2", "gone", "gone@example.org", false),
		sub("3", "sales", "says@example.org", false), sub("4", "sales", "skips@example.org", true)}
	if n := o.due(t); n != 2 {
		t.Fatalf("%d mails were made", n)
	}
	for to, want := range map[string]string{
		"kim@example.org": "queued Mon 2 March, all teams: adherence 58.33 % (target 90 %)", "gone@example.org": "skipped ",
		"says@example.org": "queued Mon 2 March, Sales: nothing was scheduled", "skips@example.org": "skipped "} {
		if d := o.store.get(t, to); string(d.State)+" "+d.Subject != want {
			t.Errorf("to %s: %s %q %s", to, d.State, d.Subject, d.LastError)
		}
	}
	if d := o.store.get(t, "gone@example.org"); d.LastError != errGone.Error() {
		t.Errorf("the reason is %q", d.LastError)
	}
}

// A report that cannot be made is noted, is an alarm, and is made when it can be.
func TestAReportThatCannotBeMadeIsAnAlarm(t *testing.T) {
	o := newFixture(t, nil)
	o.store.subs = []schemas.Subscription{subscriptionTo("kim@example.org")}
	o.days.fails = errors.New("disk full")
	if _, err := o.Due(t.Context(), o.clock.now()); err == nil {
		t.Fatal("it was made")
	}
	if err := o.look(t.Context()); err != nil || len(o.Alarms()) != 1 ||
		!strings.Contains(o.Alarms()[0].Text, "cannot be made: ") || !strings.Contains(o.Alarms()[0].Text, "disk full") {
		t.Errorf("the alarms are %+v %v", o.Alarms(), err)
	}
	o.days.fails = nil
	if n := o.due(t); n != 1 || o.sendAll(t).Sent != 1 {
		t.Errorf("%d mails were made", n)
	}
	if err := o.look(t.Context()); err != nil || len(o.Alarms()) != 0 {
		t.Errorf("the alarms are %+v %v", o.Alarms(), err)
	}
}

// Nobody tries to make what is due: the watch says so within a quarter of an hour.
func TestAReportThatNobodyMakesIsAnAlarm(t *testing.T) {
	o := newFixture(t, nil)
	o.store.subs = []schemas.Subscription{subscriptionTo("kim@example.org")}
	if err := o.look(t.Context()); err != nil || len(o.Alarms()) != 0 {
		t.Errorf("at once the alarms are %+v %v", o.Alarms(), err)
	}
	o.clock.add(10 * time.Minute)
	if err := o.look(t.Context()); err != nil || len(o.Alarms()) != 1 ||
		!strings.Contains(o.Alarms()[0].Text, "was due and has not been made") {
		t.Errorf("the alarms are %+v %v", o.Alarms(), err)
	}
}

func TestTheWorkbookIsAttachedOrLinked(t *testing.T) {
	calls := 0
	book := func(limit int64) *fixture {
		o := newFixture(t, func(c *Config, d *Deps, _ *fixture) {
			c.AttachLimit = limit
			d.Workbook = func(_ context.Context, q reports.Query, covers func(team, site string) bool) ([]byte, error) {
				if calls++; q.From != monday || q.To != monday || !covers("Billing", "") {
					t.Errorf("the workbook is of %+v", q)
				}
				return []byte(strings.Repeat("x", 2_000_000)), nil
			}
		})
		o.store.subs = []schemas.Subscription{subscriptionTo("kim@example.org", "lee@example.org")}
		o.due(t)
		o.sendAll(t)
		return o
	}
	m := parse(t, book(3_000_000).server.mails()[0].raw)
	if len(m.parts) != 3 || !strings.Contains(strings.Join(strings.Fields(m.parts["text/plain"]), " "),
		"attached: adherence-2026-03-02.xlsx") {
		t.Errorf("the parts are %d: %s", len(m.parts), m.parts["text/plain"])
	}
	m = parse(t, book(1_000_000).server.mails()[0].raw)
	if len(m.parts) != 2 || !strings.Contains(m.parts["text/plain"],
		"The workbook has 2.0 MB, too many for a mail: get it here\nhttps://rollcall.example/reports?from=2026-03-02") {
		t.Errorf("the parts are %d: %s", len(m.parts), m.parts["text/plain"])
	}
	if calls != 2 {
		t.Errorf("the workbook was made %d times for two offices", calls)
	}
}

// The worked day (RULES.md section 13): a late fact arrives, the day is judged again, and a sent mail gets a correction
// that says why.
func TestADayThatWasMailedAndChangesIsMailedAgainOnce(t *testing.T) {
	o := newFixture(t, nil)
	bo := ana()
	bo.AgentID, bo.Name = "bo", "Bo Lindqvist"
	o.days.rows = append(o.days.rows, bo)
	o.store.subs = []schemas.Subscription{subscriptionTo("kim@example.org")}
	o.due(t)
	o.sendAll(t)
	judge := func(change func()) {
		o.clock.add(time.Hour)
		o.store.set(func() { change(); o.store.judged[monday] = o.now() })
	}
	judge(func() { o.days.rows[0].InMS, o.days.rows[0].OutMS = 6_400_000, 4_400_000 }) // less than two points
	o.clock.add(11 * time.Minute)
	if n := o.due(t); n != 0 { // an agent's figure by 0.93 points, the team's by 0.46: too little to be mailed
		t.Errorf("%d mails about too little", n)
	}
	before := len(o.server.mails())
	judge(func() {
		o.days.rows[0].InMS, o.days.rows[0].OutMS, o.days.rows[0].State = 9_600_000, 1_200_000, schemas.DayRestated
		o.store.journal = []schemas.JournalRow{{Kind: schemas.JournalChanges, Actor: "acd", Agents: []string{"ana"},
			Ranges: []schemas.Interval{{Start: at("2026-03-02T11:05:00Z"), End: at("2026-03-02T12:00:00Z")}}}}
	})
	if n := o.due(t); n != 0 {
		t.Errorf("mailed while it was still being judged: %d", n)
	}
	o.clock.add(11 * time.Minute)
	if n := o.due(t); n != 1 || o.due(t) != 0 {
		t.Fatalf("%d mails about the change", n)
	}
	o.sendAll(t)
	mails := o.server.mails()
	if len(mails) != before+1 {
		t.Fatalf("the server has %d mails", len(mails))
	}
	m := parse(t, mails[len(mails)-1].raw)
	first := parse(t, mails[0].raw)
	text := m.parts["text/plain"]
	if !strings.Contains(strings.Join(strings.Fields(text), " "),
		"Ana Ortiz: 58.33 % → 88.89 %: status changes came in later (acd)") || strings.Contains(text, "Bo Lindqvist") ||
		!strings.Contains(text, "Billing: 58.33 % → 73.61 %") {
		t.Errorf("the mail says\n%s", text)
	}
	if m.head.Get("In-Reply-To") != first.head.Get("Message-Id") || !strings.Contains(m.parts["text/html"], "88.89 %") {
		t.Errorf("it answers %s, the first was %s", m.head.Get("In-Reply-To"), first.head.Get("Message-Id"))
	}
	golden(t, "changed.txt", []byte(text))
	golden(t, "changed.html", []byte(m.parts["text/html"]))
}

// A day that was sent as provisional is mailed again when it is final, not each time something comes in.
func TestAProvisionalDayIsMailedAgainWhenItIsFinal(t *testing.T) {
	o := newFixture(t, nil)
	o.days.rows[0].State = schemas.DayProvisional
	o.store.subs = []schemas.Subscription{subscriptionTo("kim@example.org")}
	o.due(t)
	o.sendAll(t)
	if m := parse(t, o.server.mails()[0].raw); !strings.Contains(m.parts["text/plain"],
		"PROVISIONAL: 1 of 1 agent-day may still change") || !strings.Contains(m.head.Get("Subject"), "provisional") {
		t.Errorf("it does not say that it is provisional: %s", m.parts["text/plain"])
	}
	step := func(in int64, state schemas.DayState) int64 {
		o.clock.add(time.Hour)
		o.store.set(func() {
			o.days.rows[0].InMS, o.days.rows[0].OutMS, o.days.rows[0].State = in, 10_800_000-in, state
			o.store.judged[monday] = o.now()
		})
		o.clock.add(15 * time.Minute)
		return o.due(t)
	}
	if n := step(9_000_000, schemas.DayProvisional); n != 0 {
		t.Errorf("mailed while provisional: %d", n)
	}
	if n := step(9_600_000, schemas.DayFinal); n != 1 {
		t.Fatalf("%d mails when final", n)
	}
	o.sendAll(t)
	mails := o.server.mails()
	if m := parse(t, mails[len(mails)-1].raw); !strings.Contains(strings.Join(strings.Fields(m.parts["text/plain"]), " "),
		"The day was provisional when you were sent it. It is final now") {
		t.Errorf("it says %s", m.parts["text/plain"])
	}
}

// fixedBoard is a live board.
type fixedBoard []*schemas.LiveAgent

func (w fixedBoard) Changes(uint64) schemas.LiveChanges { return schemas.LiveChanges{Rows: w} }

func TestADigestSaysWhoIsOutNow(t *testing.T) {
	now := at("2026-03-03T06:30:30Z")
	o := newFixture(t, func(_ *Config, d *Deps, _ *fixture) {
		d.Board = fixedBoard{{
			AgentID:        "ana",
			Name:           "Ana Ortiz",
			Team:           "Billing",
			AdherenceState: schemas.LiveOutOfAdherence,
			AdherenceSince: now.Add(-12 * schemas.MinuteMS),
			Presence:       schemas.PresenceAway,
			Status:         schemas.StatusBreak,
			Scheduled: &schemas.LiveActivity{Code: "Huddle", Category: schemas.CategoryMeeting,
				End: now.Add(schemas.HourMS)},
		},
			{AgentID: "bo", Name: "Bo", Team: "Billing", AdherenceState: schemas.LiveInAdherence},
			{AgentID: "cy", Name: "Cy", Team: "Sales", AdherenceState: schemas.LiveOutOfAdherence}}
		d.Scope = func(string) (access.Scope, error) { return access.Scope{Teams: []string{"Billing"}}, nil }
	})
	s := subscriptionTo("kim@example.org")
	s.Kind, s.At, s.Until, s.Every = schemas.SubscriptionDigest, 360, 1080, 30
	o.store.subs = []schemas.Subscription{s}
	if n := o.due(t); n != 1 || o.due(t) != 0 {
		t.Fatalf("%d digests", n)
	}
	o.sendAll(t)
	m := parse(t, o.server.mails()[0].raw)
	golden(t, "digest.txt", []byte(m.parts["text/plain"]))
	golden(t, "digest.html", []byte(m.parts["text/html"]))
	if m.head.Get("Subject") != "1 agent out of adherence at 06:30" ||
		!strings.Contains(m.parts["text/plain"], "Ana Ortiz (Billing) 12 min: break; scheduled: Huddle until 07:30") ||
		strings.Contains(m.parts["text/plain"], "Cy") {
		t.Errorf("the digest says %s", m.parts["text/plain"])
	}
	o.clock.add(10 * time.Minute)
	if n := o.due(t); n != 0 {
		t.Errorf("%d digests between two slots", n)
	}
	o.clock.add(20 * time.Minute)
	if n := o.due(t); n != 1 {
		t.Errorf("%d digests half an hour later", n)
	}
}

// pipeListener is a listener within the process, so that a whole day of waiting takes no time.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (p *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipeListener) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 25} }

func (p *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A server that says "later" for hours is asked after one minute, two, four, and so on up to half an hour, then gets
// the mail.
func TestTheWaitsBetweenAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
		began := time.Now()
		var tries []string
		o := newFixture(t, func(c *Config, d *Deps, o *fixture) {
			c.Server.Address, d.Dial, d.Clock = "127.0.0.1:25", l.dial, time.Now
			o.server = newMailServer(t, l, nil)
			o.server.rcpt = func(_ string, try int) error {
				tries = append(tries, time.Since(began).Round(10*time.Second).String())
				if try <= 7 {
					return &smtp.SMTPError{Code: 451, Message: "greylisted"}
				}
				return nil
			}
		})
		o.store.subs = []schemas.Subscription{{ID: "s", Kind: schemas.SubscriptionDaily,
			Recipients: []string{"kim@example.org"}, TimeZone: "UTC"}}
		o.days.rows[0].Day = schemas.UTC.Date(schemas.InstantOf(time.Now())) - 1
		o.due(t)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- o.Run(ctx) }()
		time.Sleep(15 * time.Minute)
		synctest.Wait()
		if len(o.Alarms()) != 1 || !strings.Contains(o.Alarms()[0].Text, "waits: ") {
			t.Errorf("after a quarter of an hour the alarms are %+v", o.Alarms())
		}
		time.Sleep(4 * time.Hour)
		synctest.Wait()
		if got, want := strings.Join(tries, " "), "0s 1m0s 3m0s 7m10s 15m10s 31m10s 1h1m10s 1h31m10s"; len(tries) != 8 {
			t.Errorf("tried at %s, want about %s", got, want)
		}
		if d := o.store.get(t, "kim@example.org"); d.State != schemas.DeliverySent || d.Attempts != 8 ||
			len(o.Alarms()) != 0 {
			t.Errorf("the delivery is %s after %d; alarms %v", d.State, d.Attempts, o.Alarms())
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		_ = o.server.Close() // within the bubble
		_ = l.Close()
	})
}

func TestSubscriptionsAreCheckedAndJournaled(t *testing.T) {
	o := newFixture(t, func(c *Config, _ *Deps, _ *fixture) { c.Domains = []string{"example.org"} })
	for name, change := range map[string]func(*schemas.Subscription){
		"no recipient": func(s *schemas.Subscription) { s.Recipients = nil },
		"a header": func(s *schemas.Subscription) {
			s.Recipients = []string{"kim@example.org\r\nBcc: x@example.org"}
		},
		"a name":         func(s *schemas.Subscription) { s.Recipients = []string{"Kim <kim@example.org>"} },
		"two in one":     func(s *schemas.Subscription) { s.Recipients = []string{"kim@example.org,lee@example.org"} },
		"twice":          func(s *schemas.Subscription) { s.Recipients = []string{"kim@example.org", "kim@example.org"} },
		"another domain": func(s *schemas.Subscription) { s.Recipients = []string{"kim@elsewhere.example"} },
		"no zone":        func(s *schemas.Subscription) { s.TimeZone = "Mars/Olympus" },
		"no time":        func(s *schemas.Subscription) { s.At = 1440 },
		"another kind":   func(s *schemas.Subscription) { s.Kind = "weekly" },
		"a digest too often": func(s *schemas.Subscription) {
			s.Kind, s.Until, s.Every = schemas.SubscriptionDigest, 1000,
				1
		},
		"a digest backwards": func(s *schemas.Subscription) {
			s.Kind, s.Until, s.Every = schemas.SubscriptionDigest, 100,
				30
		},
	} {
		s := subscriptionTo("kim@example.org")
		change(&s)
		if _, err := o.Subscribe(t.Context(), s, By{"kim", "test"}); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	made, err := o.Subscribe(t.Context(), subscriptionTo("kim@example.org"), By{"kim", "192.0.2.1"})
	if err != nil || made.ID == "s1" || made.RecordedAt != o.now() {
		t.Fatalf("%+v %v", made, err)
	}
	if err := o.Unsubscribe(t.Context(), made.ID, By{"kim", "192.0.2.1"}); err != nil || len(o.store.subs) != 0 ||
		len(o.store.journal) != 2 || o.store.journal[1].Actor != "kim" {
		t.Errorf("%v; left are %v", err, o.store.subs)
	}
	if err := o.Unsubscribe(t.Context(), made.ID, By{}); !errors.Is(err, ErrNoSubscription) {
		t.Errorf("ended twice: %v", err)
	}
}
