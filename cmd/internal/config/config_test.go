package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/cmd/internal/config"
)

func load(t *testing.T, yaml string, environ ...string) (config.Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rollcall.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load(path, environ)
}

func TestFileThenEnvironment(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(secret, []byte("clickhouse://me:pw@db:9000/rollcall\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(t, "store:\n  dir: /a\n  url: file:"+secret+
		"\nhttp:\n  trusted_proxies: [10.0.0.0/8, 10.1.1.1]\n  listen: 0.0.0.0:80\n",
		"ROLLCALL_STORE_DIR=/b", "ROLLCALL_SETTLE=10m", "ROLLCALL_TEST_X=1", "HOME=/h")
	if err != nil {
		t.Fatal(err)
	}
	if c.Store.Dir != "/b" || c.Settle.String() != "10m0s" || len(c.HTTP.TrustedProxies) != 2 ||
		c.Store.URL != "clickhouse://me:pw@db:9000/rollcall" {
		t.Errorf("got %+v", c)
	}
	text, err := c.Print()
	if err != nil || strings.Contains(text, "pw") || !strings.Contains(text, "clickhouse://me:****@db:9000/rollcall") {
		t.Errorf("the secret is not masked: %s %v", text, err)
	}
}

func TestMistakesNameTheirPlaceAndARemedy(t *testing.T) {
	for _, c := range []struct{ yaml, env, want string }{
		{"store:\n  dri: x\n", "", ":2: unknown key store.dri; did you mean store.dir?"},
		{"stoer:\n  dir: x\n", "", ":1: unknown key stoer"},
		{"settle: soon\n", "", ":1: settle: \"soon\" is not a duration"},
		{"store: x\n", "", ":1: store: expected keys and values"},
		{"", "ROLLCALL_STORE_DRI=x", "ROLLCALL_STORE_DRI sets no key"},
		{"http:\n  listen: 0.0.0.0:8080\n", "", "can be reached from other machines"},
		{"http:\n  listen: '8080'\n", "", "is not host:port"},
		{"http:\n  tls_cert: a.pem\n", "", "belong together"},
		{"time_zone: Europe/Londn\n", "", "is not known"},
		{"store:\n  url: clickhouses://u:secret@x\n", "", "u:****@x"},
		{"feeds:\n  silent_after: 10ms\n", "", "feeds.silent_after: 10ms is too short"},
		{"log:\n  level: loud\n", "", "log.level"},
	} {
		_, err := load(t, c.yaml, c.env)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q %q: got %v, want %q", c.yaml, c.env, err, c.want)
		}
	}
}

func TestFeedsByName(t *testing.T) {
	c, err := load(t, "feeds:\n  silent_after: 90s\n  each:\n    - source: acd\n      silent_after: 10m\n    - source: "+
		"nightly\n      silent_after: 0s\n")
	if err != nil {
		t.Fatal(err)
	}
	if p := c.Feeds.Patience(); c.Feeds.SilentAfter != 90*time.Second || len(p) != 2 || p["acd"] != 10*time.Minute ||
		p["nightly"] != 0 {
		t.Errorf("feeds %+v", c.Feeds)
	}
	for text, say := range map[string]string{
		"feeds:\n  each:\n    - source: acd\n      silent_after: 5ms\n": "feeds.each[0].silent_after: 5ms is too short",
		"feeds:\n  each:\n    - silent_after: 5m\n":                     "feeds.each[0].source: is missing",
		"feeds:\n  each:\n    - source: acd\n    - source: acd\n":       `feeds.each[1].source: "acd" is there twice`,
		"feeds:\n  each:\n    - source: acd\n      silent: 5m\n":        "unknown key feeds.each[0].silent",
	} {
		if _, err := load(t, text); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %v, want %q", text, err, say)
		}
	}
}
