package web_test

import (
	"strings"
	"testing"
)

// A topic of help is a page under its own title, to which the menu leads, and what it says of other topics leads to
// them.
func TestTopicsOfHelpArePages(t *testing.T) {
	h := newHouse(t, config())
	b := h.browser(t, "agent")
	for path, want := range map[string]string{
		"/help":       `<a href="/help/feeds">Feeds</a>`,
		"/help/feeds": `<a href="/help/files"><code>rollcall help files</code></a>`,
	} {
		if _, page := h.get(t, b, path); !strings.Contains(page, want) {
			t.Errorf("%s has no %s:\n%s", path, want, page)
		}
	}
	for path, want := range map[string]string{"/me": `<a href="/help">Help</a>`,
		"/help/feeds": "<title>Feeds · Rollcall"} {
		if _, page := h.get(t, b, path); !strings.Contains(page, want) {
			t.Errorf("%s has no %s:\n%s", path, want, page)
		}
	}
}
