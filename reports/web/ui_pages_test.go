//go:build ui

package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"

	"rollcall/adherence/live"
	"rollcall/ingest"
	"rollcall/ingest/httpin"
	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
	"rollcall/schemas/chstore"
)

// stage is a real live board over a small store in memory, with the real desk at which people change their status.
type stage struct {
	*live.Board
	facts []schemas.Fact
	acts  []schemas.Activity
	rules string
	// colleagues are Ana's in her team, with their facts.
	colleagues map[string][]schemas.Fact
}

func (s *stage) Circumstances(context.Context, schemas.Interval, schemas.Instant) (schemas.Circumstances, error) {
	c := schemas.Circumstances{
		Members: []schemas.Membership{{AgentID: "ana", Name: "Ana Ortiz", Team: "Billing", Site: "Leeds",
			TimeZone: "Europe/London",
			From:     schemas.MakeDate(2020, 1, 1)}}}
	for id := range s.colleagues {
		c.Members = append(c.Members,
			schemas.Membership{AgentID: id, Name: "Colleague " + id, Team: "Billing", Site: "Leeds",
				From: schemas.MakeDate(2020, 1, 1)})
	}
	if s.rules != "" {
		c.Policies = []schemas.PolicyVersion{{ID: "p", From: schemas.MakeDate(2020, 1, 1), Rules: s.rules}}
	}
	return c, nil
}

func (s *stage) Facts(_ context.Context, _ chstore.FactQuery, yield func(string, []schemas.Fact) error) error {
	for id, facts := range s.colleagues {
		if err := yield(id, facts); err != nil {
			return err
		}
	}
	return yield("ana", s.facts)
}

func (s *stage) OlderChanges(context.Context, chstore.FactQuery, func(*schemas.Change) error) error {
	return nil
}

func (s *stage) Notes(_ context.Context, _ chstore.FactQuery) ([]chstore.Note, error) {
	return nil, nil
}

func (s *stage) ScheduleDays(_ context.Context, _ chstore.ScheduleQuery,
	yield func(string, []schemas.ScheduleDay) error) error {
	return yield("ana", []schemas.ScheduleDay{{AgentID: "ana", Day: schemas.UTC.Date(s.acts[0].Start),
		Activities: s.acts}})
}

// Accept takes changes as the spool does.
func (s *stage) Accept(_ context.Context, b ingest.Batch) (ingest.Receipt, error) {
	s.Apply(uuid.NewString(), b.Changes)
	return ingest.Receipt{Accepted: len(b.Changes)}, nil
}

// act is an activity so many seconds from now; fact is a state since so many seconds ago.
func act(now schemas.Instant, from, to int64, code string, c schemas.Category) schemas.Activity {
	return schemas.Activity{Start: now.Add(from * 1000), End: now.Add(to * 1000), Code: code, Category: c, Shift: "s"}
}

func fact(now schemas.Instant, agoS int64, p schemas.Presence, st schemas.Status, r schemas.Routing) schemas.Fact {
	return schemas.Fact{At: now.Add(-agoS * 1000), Presence: p, Status: st, Routing: r}
}

// play opens the house on a stage.
func (s *stage) play(t *testing.T) *house {
	t.Helper()
	s.Board = live.New(live.DefaultConfig(), live.Deps{Store: s, Clock: time.Now})
	if err := s.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	desk, err := httpin.NewStatusSetter(httpin.Deps{Spool: s, Clock: time.Now,
		Mapping:   func() *ingest.Mapping { return nil },
		Principal: func(r *http.Request) access.Principal { return web.PrincipalOf(r.Context()) }}, s.Board)
	if err != nil {
		t.Fatal(err)
	}
	return newHouseOn(t, config(), s, func(h *house) error { h.live.Changes = desk; return nil })
}

// Scenario 2 of the source: during a contact the agent chooses break, with a warning because the schedule says
// otherwise; the supervisor sees it within a second, and a note is text, not markup. Then the agent comes back by
// keyboard alone.
func TestUIAnAgentTakesABreakAndTheSupervisorSeesIt(t *testing.T) {
	now := schemas.InstantOf(time.Now())
	s := &stage{acts: []schemas.Activity{act(now, -3600, 7200, "Phones", schemas.CategoryOnQueueWork)},
		facts: []schemas.Fact{fact(now, 3600, schemas.PresenceAvailable, schemas.StatusAvailable,
			schemas.RoutingInteracting)}}
	h := s.play(t)
	boss, ana := window(t, 1200, 700, false), window(t, 1200, 800, false)
	h.arrive(boss, "supervisor")
	h.arrive(ana, "agent")
	if path := value[string](ana, `location.pathname`); path != "/me" {
		t.Fatalf("an agent lands on %s", path)
	}
	ana.do(chromedp.Click(`label.s-break`))
	ana.until(`document.getElementById('advice').textContent.includes('Break does not fit it') && ` +
		`document.querySelector('input[value=away]').checked`)
	ana.picture("me-warning")
	ana.do(chromedp.SendKeys(`input[name=note]`, `<img src=x onerror="window.hacked=1">`), chromedp.Click(`#apply`))
	took := boss.until(`document.querySelector('tr[data-id=ana] .doing .what').textContent === 'Break'`)
	if took > time.Second {
		t.Errorf("the supervisor saw it after %s", took)
	}
	boss.until(`document.querySelector('tr[data-id=ana] .note').textContent.startsWith('<img') && window.hacked === ` +
		`undefined`)
	ana.until(`document.querySelector('.routable').textContent === 'Finish your contact; no new work will be offered.' ` +
		`&& document.getElementById('apply').disabled`)
	ana.until(`document.querySelector('#day .deviations .open') !== null && window.hacked === undefined`)
	ana.picture("me-contact")
	for range 30 {
		if value[bool](ana, `document.activeElement.name === 'status'`) {
			break
		}
		ana.do(chromedp.KeyEvent(kb.Tab))
	}
	ana.do(chromedp.KeyEvent(kb.ArrowLeft), chromedp.KeyEvent("\r"))
	boss.until(`document.querySelector('tr[data-id=ana] .doing .what').textContent === 'On queue' && ` +
		`document.querySelector('tr[data-id=ana]').className.includes('in_adherence')`)
	ana.until(`document.querySelector('.being b').textContent === 'On queue'`)
}

// A break ends and nothing happens but the clock: the agent turns out of adherence, then severe, on both pages; the
// agent is asked, and is back with one key.
func TestUIABreakOverrunTurnsRedByTheClockAlone(t *testing.T) {
	now := schemas.InstantOf(time.Now())
	s := &stage{rules: `{"severe_after":"3s"}`,
		acts: []schemas.Activity{act(now, -3600, -600, "Phones", schemas.CategoryOnQueueWork),
			act(now, -600, 12, "Tea", schemas.CategoryBreak),
			act(now, 12, 7200, "Phones", schemas.CategoryOnQueueWork)},
		facts: []schemas.Fact{fact(now, 3600, schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingIdle),
			fact(now, 600, schemas.PresenceAway, schemas.StatusBreak, schemas.RoutingIdle)}}
	h := s.play(t)
	boss, ana := window(t, 1200, 700, false), window(t, 390, 844, true)
	h.arrive(boss, "supervisor")
	h.arrive(ana, "agent")
	boss.until(`document.querySelector('tr[data-id=ana]').className.includes('in_adherence')`)
	ana.until(`document.getElementById('nudge').textContent.includes('Phones begins in') && ` +
		`document.getElementById('said').textContent !== ''`)
	ana.picture("me-reminder-phone-dark")
	boss.until(`document.querySelector('tr[data-id=ana]').className.includes('out_of_adherence')`)
	boss.until(`document.querySelector('tr[data-id=ana]').className.includes('severe')`)
	ana.until(`document.querySelector('#now.severe') !== null && ` +
		`document.getElementById('nudge').textContent.includes('Are you back?')`)
	ana.picture("me-overrun-phone-dark")
	ana.do(chromedp.Focus(`#nudge-do`), chromedp.KeyEvent("\r"))
	ana.until(`document.querySelector('#now.in_adherence') !== null && document.getElementById('nudge').hidden`)
	boss.until(`document.querySelector('tr[data-id=ana]').className.includes('in_adherence')`)
	if value[bool](ana, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
		t.Error("the page is wider than the window")
	}
}

func TestUISignInLandsOnThePageOfTheRole(t *testing.T) {
	h := newHouse(t, config())
	b := window(t, 900, 600, false)
	for role, want := range map[string]string{"agent": "/me My day,Colleagues", "supervisor": "/ Live board,Directory",
		"planner": "/ Live board,Directory",
		"manager": "/ Live board,Directory", "admin": "/ Live board,Directory,Administration"} {
		h.arrive(b, role)
		path, pages, _ := strings.Cut(want, " ")
		if got := value[string](b, `location.pathname`); got != path {
			t.Errorf("%s lands on %s", role, got)
		}
		got := value[string](b, `[...document.querySelectorAll('.top nav a')].map((a) => a.textContent).join(',')`)
		for _, page := range strings.Split(pages, ",") {
			if !strings.Contains(","+got+",", ","+page+",") {
				t.Errorf("%s has the pages %s, not %s", role, got, page)
			}
		}
		if role != "admin" && strings.Contains(got, "Administration") {
			t.Errorf("%s has the pages %s", role, got)
		}
		b.do(chromedp.Click(`.who summary`), chromedp.Click(`.who form[action="/logout"] button`),
			chromedp.WaitVisible(`input[name=password]`))
	}
}

func TestUITheDirectoryFollowsAndFinds(t *testing.T) {
	h := newHouse(t, config())
	b := window(t, 900, 600, false)
	h.arrive(b, "agent")
	b.do(chromedp.Navigate(h.url+"/directory"), chromedp.WaitReady(`#link[data-state=live]`))
	bob := agents()[1]
	bob.Presence, bob.Note = schemas.PresenceBusy, `<script>window.hacked=1</script>`
	h.board.set(bob)
	if took := b.until(`document.querySelector('[data-id=bob] .word').textContent === 'Busy' && ` +
		`document.querySelector('[data-id=bob] .note').textContent.startsWith('<script>')`); took > time.Second {
		t.Errorf("the change took %s", took)
	}
	carl := agents()[1]
	carl.AgentID, carl.Name, carl.Team, carl.Presence = "carl", "Carl <i>", "Billing", schemas.PresenceAvailable
	h.board.set(carl)
	b.until(`document.querySelector('section[data-team=Billing] .count').textContent === '2 of 2 available'`)
	b.do(chromedp.Focus(`#find`), chromedp.KeyEvent("stone"))
	b.until(`document.getElementById('shown').textContent === '1' && !document.querySelector('[data-id=bob]').hidden && ` +
		`window.hacked === undefined`)
}

// Every page in a wide window, in the dark and on a phone: nothing is wider than the window. The pictures are kept
// where ROLLCALL_PICTURES says.
func TestUIPagesFitTheirWindows(t *testing.T) {
	h := newHouse(t, config(), mountWebhooks)
	h.board.set(centre(60)...)
	for _, c := range []struct {
		name          string
		width, height int64
		dark          bool
	}{{"light", 1280, 800, false}, {"dark", 1280, 800, true}, {"phone", 390, 844, false},
		{"phone-dark", 390, 844, true}} {
		for role, paths := range map[string][]string{"agent": {"/me", "/directory", "/help", "/help/feeds", "/rules"},
			"admin": {"/admin/users", "/admin/tokens", "/admin/feeds", "/admin/unmapped", "/admin/jobs", "/admin/webhooks",
				"/admin/journal", "/bulk"}} {
			b := window(t, c.width, c.height, c.dark)
			h.arrive(b, role)
			for _, path := range paths {
				b.do(chromedp.Navigate(h.url+path), chromedp.WaitVisible(`#main h1`))
				if value[bool](b, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
					t.Errorf("%s is wider than the window, %s", path, c.name)
				}
				b.picture("page" + strings.ReplaceAll(path, "/", "-") + "-" + c.name)
			}
		}
	}
}
