package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/reports/hooks"
)

func TestWebhooksAreAListOfSections(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("sixteen bytes or more\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(t, `
webhooks:
  - url: https://wall.example/rollcall
    secret: file:`+secret+`
    events: [agent.out_of_adherence, agent.back]
    teams: ["Billing, EU", Sales]
    delay: 5m
  - url: http://10.0.0.7:9000/
    secret: 0123456789abcdef
    allow_private: true
`)
	if err != nil {
		t.Fatal(err)
	}
	list := c.Webhooks
	if len(list) != 2 || list[0].Secret != "sixteen bytes or more" ||
		!slices.Equal(list[0].Events, []hooks.Event{hooks.EventOut, hooks.EventBack}) ||
		!slices.Equal(list[0].Teams, []string{"Billing, EU", "Sales"}) || list[0].Delay != 5*time.Minute ||
		list[0].AllowPrivate || !list[1].AllowPrivate {
		t.Errorf("got %+v", list)
	}
	text, err := c.Print()
	if err != nil || strings.Contains(text, "sixteen") || strings.Contains(text, "0123456789") ||
		!strings.Contains(text, "delay: 5m0s") {
		t.Errorf("printed %s %v", text, err)
	}
	if c.Webhooks[1].Secret != "0123456789abcdef" {
		t.Error("printing took the secret away")
	}
}

func TestMistakesInWebhooksNameTheirPlace(t *testing.T) {
	const good = "webhooks:\n  - url: https://wall.example\n    secret: 0123456789abcdef\n"
	for _, c := range []struct{ yaml, env, want string }{
		{good + "    dealy: 5m\n", "", ":4: unknown key webhooks[0].dealy; did you mean webhooks[0].delay?"},
		{good + "  - ulr: x\n", "", ":4: unknown key webhooks[1].ulr; did you mean webhooks[1].url?"},
		{good + "    delay: soon\n", "", ":4: webhooks[0].delay: \"soon\" is not a duration"},
		{good + "    allow_private: perhaps\n", "", ":4: webhooks[0].allow_private: \"perhaps\" is neither true nor false"},
		{good + "    events: [agent.bak]\n", "", `webhooks[0]: events: "agent.bak" is no event; did you mean "agent.back"?`},
		{good + "  - url: https://wall.example\n    secret: 0123456789abcdef\n", "",
			"webhooks[1]: url: is that of webhooks[0]"},
		{"webhooks:\n  - url: http://127.0.0.1/\n    secret: 0123456789abcdef\n", "",
			"webhooks[0]: url: 127.0.0.1 is this host; set allow_private: true"},
		{"webhooks:\n  - delay: -1s\n", "",
			"url: is missing; write for instance https://wall.example/rollcall\nwebhooks[0]: secret: has 0 bytes"},
		{"webhooks:\n  - url: https://wall.example\n", "", "webhooks[0]: secret: has 0 bytes"},
		{"webhooks:\n  - url: https://wall.example\n    secret: file:/not/there\n", "",
			"webhooks[0].secret: reading the secret"},
		{"store:\n  dir: [a, b]\n", "", ":2: store.dir: is one value, not a list"},
		{"webhooks: https://wall.example\n", "", ":1: webhooks: is a list of sections"},
		{"webhooks:\n  url: https://wall.example\n", "", ":1: unknown key webhooks"},
		{"webhooks:\n  - https://wall.example\n", "", ":2: webhooks[0]: expected keys and values"},
		{"", "ROLLCALL_WEBHOOKS=x", "webhooks: is a list of sections; write it into the file"},
	} {
		_, err := load(t, c.yaml, c.env)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "0123456789") {
			t.Errorf("%q %q:\n got %v\nwant %q", c.yaml, c.env, err, c.want)
		}
	}
}
