//go:build ui

package web_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// loaded is what the page has taken from the server, in bytes on the wire, and when something was first to be seen.
const loaded = `performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))` +
	`.reduce((n, e) => n + e.transferSize, 0)`

// TestUIBoardOfTenThousandIsSmall opens a board of 10,000 agents: less than a megabyte is sent, the table has the first
// rows of all, everybody can be found, and the counts are of everybody.
func TestUIBoardOfTenThousandIsSmall(t *testing.T) {
	h := newHouse(t, config())
	h.board.set(centre(10_000)...)
	b := window(t, 1280, 800, false)
	h.enter(b, "admin")
	b.until(`document.getElementById('total').textContent === '10002' && document.querySelectorAll('#rows tr').length ` +
		`=== 250`)
	b.do(chromedp.Navigate(h.url+"/"), chromedp.WaitReady(`#link[data-state=live]`))
	if sent := value[int](b, loaded); sent < 10_000 || sent > 1_000_000 {
		t.Errorf("%d bytes were sent", sent)
	} else { // a time is logged, not judged: it is the machine's, too
		t.Logf("%d bytes were sent; first paint after %.0f ms", sent,
			value[float64](b, `performance.getEntriesByName('first-contentful-paint')[0].startTime`))
	}
	got := value[string](b,
		`document.getElementById('agents').ariaRowCount + ' ' + document.querySelector('#rows tr').ariaRowIndex`)
	if got != "10003 2" {
		t.Errorf("a screen reader is read rows %s", got)
	}
	sum := value[int](b, `[...document.querySelectorAll('.groups b')].reduce((n, x) => n + Number(x.textContent), 0)`)
	if sum != 10_002 {
		t.Errorf("%d agents are counted", sum)
	}
	b.do(chromedp.SendKeys(`#find`, "a9999"))
	b.until(`document.getElementById('shown').textContent === '1' && document.querySelectorAll('#rows tr').length === 1 ` +
		`&& document.querySelector('tr[data-id=a9999]') !== null`)
	last := centre(10_000)[9999]
	last.Note = "here after all"
	h.board.set(last)
	b.until(`document.querySelector('tr[data-id=a9999] .note').textContent === 'here after all'`)
	value[string](b, `(() => { const f = document.getElementById('find'); f.value = ''; f.dispatchEvent(new `+
		`Event('input')); return ''; })()`)
	b.until(`document.querySelectorAll('#rows tr').length === 250`)
	value[int](b, `(() => { document.getElementById('more').scrollIntoView(); return 1; })()`)
	b.until(`document.querySelectorAll('#rows tr').length === 500`)
	b.do(chromedp.Focus(`#more button`), chromedp.KeyEvent("\r"))
	b.until(`document.querySelectorAll('#rows tr').length >= 750`)
}

// Without a script the page can have everybody.
func TestUIBoardWithoutAScriptHasEverybody(t *testing.T) {
	h := newHouse(t, config())
	h.board.set(centre(600)...)
	c := h.browser(t, "admin")
	_, some := h.get(t, c, "/")
	_, all := h.get(t, c, "/?all=1")
	if n := strings.Count(some, `<tr role="row" class="`); n != 251 ||
		!strings.Contains(some, `<a href="/?all=1">Show all 602 agents</a>`) {
		t.Errorf("the page has %d rows", n)
	}
	if n := strings.Count(all, `<tr role="row" class="`); n != 603 {
		t.Errorf("all are %d rows", n)
	}
}

// Pictures of 1,500 rows.
func TestUIPicturesOfManyRows(t *testing.T) {
	h := newHouse(t, config())
	h.board.set(centre(1500)...)
	for _, c := range []struct {
		name          string
		width, height int64
		dark          bool
	}{{"many-light", 1280, 800, false}, {"many-dark", 1280, 800, true}, {"many-phone", 390, 844, false}} {
		b := window(t, c.width, c.height, c.dark)
		h.enter(b, "admin")
		b.until(`document.getElementById('total').textContent === '1502'`)
		if value[bool](b, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
			t.Errorf("%s: the page is wider than the window", c.name)
		}
		b.picture(c.name)
	}
}
