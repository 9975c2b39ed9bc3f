package web_test

import (
	"strings"
	"testing"
)

// What the day page says of a verdict leads to the rule that decided it.
func TestThePageOfTheRulesHasAPlaceForEveryRule(t *testing.T) {
	h := newHouse(t, config())
	_, page := h.get(t, h.browser(t, "agent"), "/rules")
	for _, want := range []string{`<h2 id="5">5. Judging</h2>`, `<h3 id="5.4">5.4 Matches</h3>`, `<h3 id="fine-print">`,
		`<table>`,
		`<code>off_queue_equivalent</code>`, `/static/rules.css`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}
