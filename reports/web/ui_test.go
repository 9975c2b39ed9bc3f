//go:build ui

package web_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"rollcall/schemas"
)

// window opens a headless browser; pictures of it are kept in the folder that ROLLCALL_PICTURES names.
func window(t *testing.T, width, height int64, dark bool) *tab {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("no-first-run", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.WindowSize(int(width), int(height)))
	if dark {
		opts = append(opts, chromedp.Flag("blink-settings", "preferredColorScheme=0"))
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, stopTab := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		stopTab()
		stop()
	})
	b := &tab{t, ctx}
	b.do(chromedp.EmulateViewport(width, height))
	return b
}

// tab is one open page.
type tab struct {
	*testing.T
	ctx context.Context
}

// do runs steps. The first step of a tab starts its browser, whose life hangs on the step's context: no time limit
// there.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	for i, step := range steps {
		if _, err := chromedp.Run(b.ctx, step); err != nil {
			b.Fatalf("step %d: %v", i+1, err)
		}
	}
}

// value evaluates an expression in the page.
func value[T any](b *tab, expression string) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return v
}

// picture keeps what the window shows.
func (b *tab) picture(name string) {
	b.Helper()
	dir := os.Getenv("ROLLCALL_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		b.Fatal(err)
	}
}

// arrive signs in through the form and stays where that leads.
func (h *house) arrive(b *tab, name string) {
	b.Helper()
	b.do(chromedp.Navigate(h.url+"/"), chromedp.WaitVisible(`input[name=password]`),
		chromedp.SendKeys(`input[name=name]`, name), chromedp.SendKeys(`input[name=password]`, password+"\r"),
		chromedp.WaitReady(`#link[data-state=live]`))
}

// enter signs in and goes to the board.
func (h *house) enter(b *tab, name string) {
	b.Helper()
	h.arrive(b, name)
	if !value[bool](b, `location.pathname === "/"`) {
		b.do(chromedp.Navigate(h.url + "/"))
	}
	b.do(chromedp.WaitVisible(`#board`), chromedp.WaitReady(`#link[data-state=live]`))
}

// until waits for a condition in the page, through documents that are still loading: an exception in the condition, say
// of an element that is not there yet, counts as not yet. It asks from outside, because the page's policy forbids
// scripts to make scripts.
func (b *tab) until(condition string) time.Duration {
	b.Helper()
	began := time.Now()
	for range time.Tick(20 * time.Millisecond) {
		holds, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](condition))
		if holds && err == nil {
			break
		}
		if time.Since(began) > time.Minute {
			b.Fatalf("never came true: %s (%v)", condition, err)
		}
	}
	return time.Since(began)
}

func TestUIBoardFollowsAChangeWithoutReload(t *testing.T) {
	h := newHouse(t, config())
	b := window(t, 1200, 700, false)
	h.enter(b, "supervisor")
	value[bool](b, `window.sameDocument = true`)
	first := value[string](b, `document.getElementById('rows').textContent`)
	if !strings.Contains(first, "Ana Ortiz") || !strings.Contains(first, "On queue") || strings.Contains(first, "Bob") {
		t.Fatalf("the board begins with %s", first)
	}
	back := agents()[0]
	back.Status, back.Routing, back.AdherenceState, back.Severe = schemas.StatusBreak, schemas.RoutingOffQueue,
		schemas.LiveInAdherence, false
	h.board.set(back)
	if took := b.until(`document.querySelector('tr[data-id=ana] .doing .what').textContent === 'Break' &&
		document.querySelector('tr[data-id=ana]').className.includes('in_adherence') &&
		document.querySelector('.groups a[data-group=in_adherence] b').textContent === '1'`); took > time.Second {
		t.Errorf("the change took %s", took)
	}
	carl := agents()[0]
	carl.AgentID, carl.Name = "carl", `<img src=x onerror="window.hacked=1">`
	h.board.set(carl)
	b.until(`document.querySelector('tr[data-id=carl]') !== null && document.getElementById('total').textContent === '2'`)
	carl.Team = "Sales"
	h.board.set(carl)
	b.until(`document.querySelector('tr[data-id=carl]') === null`)
	if !value[bool](b, `window.sameDocument === true && window.hacked === undefined`) {
		t.Error("the page was loaded again, or a name ran as a script")
	}
}

func TestUIBoardSaysThatItReconnects(t *testing.T) {
	h := newHouse(t, config())
	b := window(t, 900, 600, false)
	h.enter(b, "supervisor")
	h.stop(t)
	b.until(`document.getElementById('link').textContent.includes('reconnecting')`)
}

func TestUIFiltersWorkByKeyboard(t *testing.T) {
	h := newHouse(t, config())
	b := window(t, 900, 600, false)
	h.enter(b, "admin")
	b.do(chromedp.Focus(`.groups a[data-group=in_adherence]`), chromedp.KeyEvent("\r"))
	b.until(`!document.querySelector('tr[data-id=ana]') && document.querySelector('tr[data-id=bob]') !== null && ` +
		`location.search === '?show=in_adherence'`)
	b.do(chromedp.KeyEvent("\r"), chromedp.Focus(`#find`), chromedp.KeyEvent("ortiz"))
	b.until(`document.querySelector('tr[data-id=ana]') !== null && !document.querySelector('tr[data-id=bob]')`)
}

// The words of the page and of its script are the same: a snapshot changes nothing that the server rendered.
func TestUIScriptRendersWhatTheServerRendered(t *testing.T) {
	h := newHouse(t, config())
	h.board.set(centre(120)...)
	for _, role := range []string{"admin", "agent"} {
		b := window(t, 1200, 700, false)
		h.enter(b, role)
		texts := `JSON.stringify([...document.querySelectorAll('#rows tr')].map(tr => [tr.dataset.id, ` +
			`tr.className.replace(' fresh', ''),
			...[...tr.cells].filter(c => !c.querySelector('time')).map(c => c.textContent.trim().replace(/\s+/g, ' '))]))`
		before := value[string](b, texts)
		value[int](b, `for (const c of document.querySelectorAll('#rows .what')) c.textContent = 'old'; 1`)
		h.board.mu.Lock()
		h.board.life += "x" // every reader gets a snapshot
		h.board.mu.Unlock()
		h.board.set(agents()[1])
		b.until(`[...document.querySelectorAll('#rows .doing .what')].every(c => c.textContent !== 'old')`)
		if after := value[string](b, texts); before != after {
			t.Errorf("as %s the server renders\n%s\nthe script\n%s", role, before, after)
		}
	}
}

func TestUIPictures(t *testing.T) {
	h := newHouse(t, config())
	h.board.set(centre(64)...)
	for _, c := range []struct {
		name          string
		width, height int64
		dark          bool
		user          string
	}{{"light", 1280, 800, false, "admin"}, {"dark", 1280, 800, true, "admin"}, {"phone", 390, 844, false, "admin"},
		{"phone-dark", 390, 844, true, "admin"}, {"agent", 1000, 600, false, "agent"}} {
		b := window(t, c.width, c.height, c.dark)
		if c.name == "light" {
			b.do(chromedp.Navigate(h.url+"/"), chromedp.WaitVisible(`input[name=password]`))
			b.picture("login")
		}
		h.enter(b, c.user)
		if value[bool](b, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
			t.Errorf("%s: the page is wider than the window", c.name)
		}
		b.picture(c.name)
	}
}

// centre is a made-up contact centre at 10:40.
func centre(n int) []schemas.LiveAgent {
	rnd := rand.New(rand.NewPCG(7, 7))
	given := []string{"Ana", "Noor", "Tomasz", "Mei", "Ifeoma", "Lars", "Priya", "Jonas", "Aoife", "Yusuf", "Clara",
		"Dmitri", "Sofia", "Hamza", "Greta", "Luis"}
	family := []string{"Ortiz", "Haddad", "Kowalski", "Lin", "Okafor", "Nilsen", "Sharma", "Weber", "Byrne", "Demir",
		"Moreau", "Volkov", "Rossi", "Malik", "Lindqvist", "Vega"}
	teams := []string{"Billing", "Claims", "Retention", "Sales"}
	var out []schemas.LiveAgent
	for i := range n {
		ago := func(most int64) schemas.Instant { return morning.Add(-rnd.Int64N(most*schemas.MinuteMS) - 4000) }
		a := schemas.LiveAgent{
			AgentID:        fmt.Sprintf("a%03d", i),
			Name:           given[rnd.IntN(16)] + " " + family[rnd.IntN(16)],
			Team:           teams[rnd.IntN(4)],
			Site:           "Leeds",
			TimeZone:       "Europe/London",
			Presence:       schemas.PresenceAvailable,
			Status:         schemas.StatusAvailable,
			Routing:        schemas.RoutingIdle,
			AdherenceState: schemas.LiveInAdherence,
		}
		a.Since = schemas.LiveSince{Presence: ago(90), Status: ago(60), Routing: ago(5)}
		a.AdherenceSince = a.Since.Status
		a.Scheduled = &schemas.LiveActivity{Code: "Phones", Category: schemas.CategoryOnQueueWork, Start: ago(80),
			End: morning.Add(schemas.HourMS)}
		a.Next = &schemas.LiveActivity{Code: "Lunch", Category: schemas.CategoryMeal, Start: a.Scheduled.End,
			End: a.Scheduled.End.Add(schemas.HourMS)}
		switch k := rnd.IntN(20); {
		case k < 7:
			a.Routing = schemas.RoutingInteracting
		case k < 9:
			a.Scheduled.Code, a.Scheduled.Category, a.AdherenceState = "Break", schemas.CategoryBreak, schemas.LiveOutOfAdherence
			a.AdherenceSince = ago(14)
			a.Severe = morning.Sub(a.AdherenceSince) > 5*schemas.MinuteMS
		case k < 10:
			a.Status, a.Routing, a.Presence, a.AdherenceState, a.AdherenceSince = schemas.StatusMeal, schemas.RoutingOffQueue,
				schemas.PresenceAway, schemas.LiveOutOfAdherence, ago(4)
			a.Note = "Back in five, dentist on the phone"
		case k < 11:
			a.Presence, a.Status, a.Routing, a.AdherenceState = schemas.PresenceUnknown, schemas.StatusUnknown,
				schemas.RoutingUnknown, schemas.LiveUnknown
		case k < 12:
			a.Status, a.Secondary, a.Routing, a.Presence = schemas.StatusTraining, "Coaching", schemas.RoutingOffQueue,
				schemas.PresenceBusy
			a.Scheduled.Code, a.Scheduled.Category = "Coaching", schemas.CategoryTraining
		case k < 14:
			a.Presence, a.Status, a.Routing, a.AdherenceState, a.Scheduled, a.AdherenceSince = schemas.PresenceOffline,
				schemas.StatusOffQueue, schemas.RoutingOffQueue, schemas.LiveUnscheduled, nil, ago(600)
		case k < 15:
			a.AdherenceState, a.Routing = schemas.LiveExcused, schemas.RoutingOffQueue
			a.Status = schemas.StatusOffQueue
		case k < 16:
			a.Routing, a.AdherenceState, a.AdherenceSince = schemas.RoutingNotResponding, schemas.LiveOutOfAdherence, ago(2)
		}
		out = append(out, a)
	}
	return out
}
