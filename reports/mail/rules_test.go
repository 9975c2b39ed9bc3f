package mail

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/schemas"
)

// upgradedStore is a fixture with an upgrade: three days of two teams were mailed to two people, then new default rules
// were recorded.
type upgradedStore struct {
	*fixture
	at schemas.Instant
}

// rowOf returns the row of an agent's day, to be changed.
func (o *upgradedStore) rowOf(agent string, day schemas.Date) *schemas.DayRow {
	for i := range o.days.rows {
		if r := &o.days.rows[i]; r.AgentID == agent && r.Day == day {
			return r
		}
	}
	return nil
}

// in sets how long an agent was in adherence, of three hours, and that the day was judged.
func (o *upgradedStore) in(agent string, day schemas.Date, ms int64) {
	r := o.rowOf(agent, day)
	r.InMS, r.OutMS, r.State = ms, 10_800_000-ms, schemas.DayRestated
	o.store.judged[day] = o.now()
}

// newDefaults is the version of the rules that the upgrade recorded.
const newDefaults = "defaults-2026-12"

func upgradeRow(at schemas.Instant) schemas.JournalRow {
	return schemas.JournalRow{RecordedAt: at, Actor: upgradeActor, Origin: upgradeActor, Kind: schemas.JournalPolicy}
}

func newUpgradedStore(t *testing.T) *upgradedStore {
	o := &upgradedStore{fixture: newFixture(t, nil)}
	o.days.rows = nil
	for day := monday; day < monday+3; day++ {
		a, b := ana(), ana()
		b.AgentID, b.Name, b.Team, a.Day, b.Day = "bo", "Bo Lindqvist", "Sales", day, day
		o.days.rows = append(o.days.rows, a, b)
	}
	all, sales := subscriptionTo("kim@example.org"), subscriptionTo("lee@example.org")
	sales.ID, sales.Teams = "s2", []string{"Sales"}
	o.store.subs = []schemas.Subscription{all, sales}
	for range 3 {
		if n := o.due(t); n != 2 {
			t.Fatalf("%d mails of a day", n)
		}
		o.sendAll(t)
		o.clock.add(24 * time.Hour)
	}
	o.clock.add(-12 * time.Hour)
	o.at = o.now()
	o.days.policies = []schemas.PolicyVersion{{ID: "", Rules: "{}", Actor: upgradeActor},
		{ID: newDefaults, Rules: "{}", RecordedAt: o.at, Actor: upgradeActor}}
	o.store.journal = []schemas.JournalRow{upgradeRow(o.at)}
	o.store.pending = o.store.journal
	return o
}

// judgeAgain judges two of the days by the new rules, one after the other, while mails are looked for.
func (o *upgradedStore) judgeAgain(t *testing.T) {
	t.Helper()
	o.clock.add(time.Minute)
	o.store.set(func() {
		o.in("ana", monday, 9_600_000)
		o.in("bo", monday, 7_200_000)
		o.store.journal = append(o.store.journal, schemas.JournalRow{Kind: schemas.JournalSchedule, Actor: "kim",
			Agents: []string{"ana"}, Ranges: []schemas.Interval{{Start: at("2026-03-02T10:00:00Z"),
				End: at("2026-03-02T11:00:00Z")}}},
			schemas.JournalRow{Kind: schemas.JournalChanges, Actor: "acd", Agents: []string{"bo"}, // a later day as it came
				Ranges: []schemas.Interval{{Start: at("2026-03-05T09:00:00Z"), End: at("2026-03-05T10:00:00Z")}}})
	})
	o.clock.add(15 * time.Minute)
	if n := o.due(t); n != 0 {
		t.Errorf("%d mails while days wait to be judged by the new rules", n)
	}
	o.store.set(func() {
		o.in("bo", monday+1, 9_000_000)
		o.store.pending = nil
	})
	o.clock.add(5 * time.Minute)
	if n := o.due(t); n != 0 {
		t.Errorf("%d mails while a day was judged just now", n)
	}
	o.clock.add(6 * time.Minute)
}

// last returns the newest mail to somebody, its text on one line, and how many they have.
func (o *upgradedStore) last(t *testing.T, to string) (m parsed, text string, count int) {
	for _, mail := range o.server.mails() {
		if mail.to == to {
			m = parse(t, mail.raw)
			count++
		}
	}
	return m, strings.Join(strings.Fields(m.parts["text/plain"]), " "), count
}

// Two people were mailed three days, and new default rules change two of them: each gets one mail about both. What
// changes later is mailed alone, and compared with that mail.
func TestAnUpgradeIsToldInOneMail(t *testing.T) {
	o := newUpgradedStore(t)
	o.judgeAgain(t)
	if n := o.due(t); n != 2 || o.due(t) != 0 {
		t.Fatalf("%d mails about the upgrade", n)
	}
	if out := o.sendAll(t); out != (Outcome{Sent: 2}) {
		t.Fatalf("got %+v", out)
	}
	m, text, count := o.last(t, "kim@example.org")
	for _, want := range []string{"upgraded on Thursday 5 March 2026", "leave is not judged any more",
		"“rollcall policy set” and the old values",
		"MONDAY 2 MARCH 2026 Billing: 58.33 % → 88.89 % Sales: 58.33 % → 66.67 % The adherence of 2 agents changed. " +
			"Other reasons: the schedule changed (kim). https://rollcall.example/adherence?from=2026-03-02",
		"TUESDAY 3 MARCH 2026 Sales: 58.33 % → 83.33 % The adherence of 1 agent changed. " +
			"https://rollcall.example/adherence?from=2026-03-03"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, m.parts["text/plain"])
		}
	}
	if subject := m.head.Get("Subject"); count != 4 || strings.Contains(text, "WEDNESDAY") ||
		strings.Contains(text, "Bo ") || subject != "Changed by new default rules: 2 days, all teams" {
		t.Errorf("mail %d: %s\n%s", count, subject, text)
	}
	golden(t, "upgrade.txt", []byte(m.parts["text/plain"]))
	golden(t, "upgrade.html", []byte(m.parts["text/html"]))
	if _, text, count := o.last(t, "lee@example.org"); count != 4 || strings.Contains(text, "Billing") ||
		strings.Contains(text, "Other reasons") || !strings.Contains(text, "Sales: 58.33 % → 66.67 %") {
		t.Errorf("mail %d to one who sees only Sales:\n%s", count, text)
	}
	o.restart(t)
	if n := o.due(t); n != 0 {
		t.Errorf("%d mails after a restart", n)
	}

	o.clock.add(time.Hour)
	late := schemas.JournalRow{Kind: schemas.JournalChanges, Actor: "acd", Agents: []string{"ana"},
		Ranges: []schemas.Interval{{Start: at("2026-03-02T11:05:00Z"), End: at("2026-03-02T12:00:00Z")}}}
	o.store.set(func() { o.in("ana", monday, 10_800_000); o.store.journal = []schemas.JournalRow{late} })
	o.clock.add(11 * time.Minute)
	if n := o.due(t); n != 1 || o.sendAll(t).Sent != 1 {
		t.Fatalf("%d mails about a late fact", n)
	}
	m, text, count = o.last(t, "kim@example.org")
	if !strings.Contains(text, "Billing: 88.89 % → 100 %") || strings.Contains(text, "Sales") || count != 5 ||
		!strings.Contains(text, "Ana Ortiz: 88.89 % → 100 %: status changes came in later (acd)") ||
		!strings.HasPrefix(text, "Changed: Monday 2 March 2026") || m.head.Get("In-Reply-To") == "" {
		t.Errorf("mail %d about a late fact:\n%s", count, text)
	}
}

// restart has another mailer look at everything again.
func (o *upgradedStore) restart(t *testing.T) {
	t.Helper()
	p, err := New(o.cfg, o.deps)
	if err != nil {
		t.Fatal(err)
	}
	o.Mailer = p
}

// A mail about an upgrade that is in doubt is not made again, neither whole nor day by day; a day that changes after it
// is compared with what is known to have been told.
func TestAnUpgradeThatMayNotHaveBeenToldIsNotToldAgain(t *testing.T) {
	o := newUpgradedStore(t)
	o.store.subs = o.store.subs[:1]
	o.judgeAgain(t)
	if n := o.due(t); n != 1 {
		t.Fatalf("%d mails about the upgrade", n)
	}
	d := o.store.deliveries[o.delivery(schemas.DeliveryRestatement, "", newDefaults, "kim@example.org").ID]
	if err := o.box.markSending(d.ID); err != nil {
		t.Fatal(err)
	}
	o.restart(t)
	if err := o.recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := o.due(t); n != 0 || o.store.deliveries[d.ID].State != schemas.DeliveryInDoubt {
		t.Errorf("%d mails although one is in doubt", n)
	}
	o.clock.add(time.Hour)
	o.store.set(func() { o.in("ana", monday, 10_800_000) })
	o.clock.add(11 * time.Minute)
	if n := o.due(t); n != 1 || o.sendAll(t).Sent != 1 {
		t.Fatalf("%d mails about a late fact", n)
	}
	if _, text, _ := o.last(t, "kim@example.org"); !strings.Contains(text, "Billing: 58.33 % → 100 %") ||
		!strings.Contains(text, upgradeWords) {
		t.Errorf("it says\n%s", text)
	}
	if _, err := o.Resend(t.Context(), d.ID); err != nil || o.sendAll(t).Sent != 1 {
		t.Errorf("people cannot have it sent again: %v", err)
	}
}

// Who has two subscriptions gets one mail about the upgrade, with what both are about.
func TestTwoSubscriptionsAreToldOfAnUpgradeInOneMail(t *testing.T) {
	o := newUpgradedStore(t)
	again := o.store.subs[0]
	again.ID = "s3"
	o.store.subs[1].Recipients = again.Recipients
	o.store.subs = append(o.store.subs, again) // the same once more
	for _, d := range slices.Collect(maps.Values(o.store.deliveries)) {
		if d.Recipient = "kim@example.org"; d.Subscription == "s1" {
			d.Subscription = again.ID
		}
		d.ID = o.delivery(d.Kind, d.Subscription, d.Day.String(), d.Recipient).ID
		o.store.deliveries[d.ID] = d
	}
	o.judgeAgain(t)
	if n := o.due(t); n != 1 || o.sendAll(t).Sent != 1 {
		t.Fatalf("%d mails about the upgrade", n)
	}
	m, text, _ := o.last(t, "kim@example.org")
	if strings.Count(text, "MONDAY 2 MARCH 2026, ALL TEAMS") != 1 ||
		strings.Count(text, "MONDAY 2 MARCH 2026, SALES") != 1 {
		t.Errorf("it says\n%s", m.parts["text/plain"])
	}
	if n := o.due(t); n != 0 {
		t.Errorf("%d more mails", n)
	}
}

// A mail that was made after the upgrade, of a day that was not yet judged by the new rules, belongs to the days that
// the upgrade changed.
func TestADayThatIsMailedDuringAnUpgradeIsToldWithTheOthers(t *testing.T) {
	o := newUpgradedStore(t)
	o.store.subs = o.store.subs[:1]
	last := ana()
	last.Day = monday + 3
	o.days.rows = append(o.days.rows, last)
	o.store.judged[monday] = o.now()
	o.clock.add(12 * time.Hour)
	if n := o.due(t); n != 1 || o.sendAll(t).Sent != 1 {
		t.Fatalf("%d mails of the day", n)
	}
	o.clock.add(time.Minute)
	o.store.set(func() {
		o.in("ana", monday, 9_600_000)
		o.in("ana", monday+3, 9_600_000)
		o.store.pending = nil
	})
	o.clock.add(11 * time.Minute)
	if n := o.due(t); n != 1 || o.sendAll(t).Sent != 1 {
		t.Fatalf("%d mails about the upgrade", n)
	}
	_, text, _ := o.last(t, "kim@example.org")
	if !strings.Contains(text, "MONDAY 2 MARCH 2026 Billing: 58.33 % → 88.89 %") ||
		!strings.Contains(text, "THURSDAY 5 MARCH 2026 Billing: 58.33 % → 88.89 %") {
		t.Errorf("it says\n%s", text)
	}
}

// set records a version of the rules by somebody, for a team or for everybody, which is not judged by yet.
func (o *upgradedStore) set(id, team string, from schemas.Date) {
	o.days.policies = append(o.days.policies,
		schemas.PolicyVersion{
			ID:         id,
			Team:       team,
			From:       from,
			Rules:      "{}",
			RecordedAt: o.now(),
			Actor:      "kim",
		})
	o.store.pending = []schemas.JournalRow{{RecordedAt: o.now(), Actor: "kim", Kind: schemas.JournalPolicy}}
}

// After the mail about the upgrade a planner sets the old rules back: that is one mail too, not one for each day.
func TestRulesThatAreSetBackAreToldInOneMail(t *testing.T) {
	o := newUpgradedStore(t)
	o.judgeAgain(t)
	if n := o.due(t); n != 2 || o.sendAll(t).Sent != 2 {
		t.Fatalf("%d mails about the upgrade", n)
	}
	o.clock.add(2 * time.Hour)
	o.store.set(func() { o.set("old", "", 1) })
	if n := o.due(t); n != 0 {
		t.Errorf("%d mails while days wait to be judged by the rules that were set back", n)
	}
	o.clock.add(15 * time.Minute)
	o.store.set(func() {
		o.in("ana", monday, 6_300_000)
		o.in("bo", monday, 6_300_000)
		o.in("bo", monday+1, 6_300_000)
		o.store.pending = nil
	})
	o.clock.add(11 * time.Minute)
	if n := o.due(t); n != 2 || o.sendAll(t).Sent != 2 {
		t.Fatalf("%d mails about the rules that were set back", n)
	}
	m, text, count := o.last(t, "kim@example.org")
	for _, want := range []string{"On Thursday 5 March 2026 kim changed the rules. These days were judged again",
		"MONDAY 2 MARCH 2026 Billing: 88.89 % → 58.33 % Sales: 66.67 % → 58.33 %",
		"TUESDAY 3 MARCH 2026 Sales: 83.33 % → 58.33 %"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, m.parts["text/plain"])
		}
	}
	if count != 5 || strings.Contains(text, "upgraded") || strings.Contains(text, "can keep the old rules") ||
		m.head.Get("Subject") != "Changed by new rules: 2 days, all teams" {
		t.Errorf("mail %d: %s\n%s", count, m.head.Get("Subject"), text)
	}
	o.restart(t)
	if n := o.due(t); n != 0 {
		t.Errorf("%d mails after a restart", n)
	}
}

// New rules are the reason only of what they may have changed: not of another team's day, not of a day before they are
// in force, and not of what comes days later.
func TestNewRulesAreNotBlamedForWhatTheyDidNotChange(t *testing.T) {
	for name, set := range map[string]func(o *upgradedStore){
		"of another team":   func(o *upgradedStore) { o.set("v", "Sales", 1) },
		"from a later day":  func(o *upgradedStore) { o.set("v", "", monday+1) },
		"from tomorrow on":  func(o *upgradedStore) { o.set("v", "", monday+4) },
		"set two days ago":  func(o *upgradedStore) { o.set("v", "", 1); o.clock.add(50 * time.Hour) },
		"that are from now": func(o *upgradedStore) { o.set("v", "", schemas.UTC.Date(o.now())) },
	} {
		t.Run(name, func(t *testing.T) {
			o := newUpgradedStore(t)
			o.store.subs, o.days.policies, o.store.pending, o.store.journal = o.store.subs[:1], nil, nil, nil
			set(o)
			o.store.pending = nil
			o.clock.add(time.Minute)
			o.store.set(func() { o.in("ana", monday, 9_600_000) })
			o.clock.add(11 * time.Minute)
			o.due(t)
			o.sendAll(t)
			var changed []string
			for _, mail := range o.server.mails() {
				if text := parse(t, mail.raw).parts["text/plain"]; strings.HasPrefix(text, "Changed") {
					changed = append(changed, text)
				}
			}
			if len(changed) != 1 || !strings.HasPrefix(changed[0], "Changed: Monday 2 March 2026") {
				t.Errorf("mails about changes: %q", changed)
			}
		})
	}
}
