// Package config reads what the person who runs Rollcall may set: the file rollcall.yaml, the environment, and the
// defaults beneath both.
//
// Nouns: [Config] with one section per part of the program; a key is its path, such as store.dir. Every key can also be
// given as ROLLCALL_<PATH> in the environment (store.dir is ROLLCALL_STORE_DIR), which goes before the file. A key that
// does not exist is an error with its line and the nearest key that does. Lists of sections (webhooks) are set in the
// file only; their keys are webhooks[0].url and so on. A value that starts with "file:" in a secret key is read from
// that file, without its last line break.
//
// Units: durations are written as Go durations ("30m"), addresses as host:port.
//
// # Why
//
// A mistyped key that is silently ignored is found weeks later, by its damage. Strictness costs one restart.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"rollcall/reports/hooks"
	"rollcall/schemas"
)

// Config is everything that can be set. The yaml tags are the keys.
type Config struct {
	Store Store `yaml:"store"`
	HTTP  HTTP  `yaml:"http"`
	// TimeZone is the IANA zone of agents without one in the roster; empty makes such local times an error.
	TimeZone string `yaml:"time_zone"`
	// Settle is how long after its end, and after its feeds are complete, a day becomes final (RULES.md section 10).
	Settle time.Duration `yaml:"settle"`
	Log    Log           `yaml:"log"`
	Jobs   Jobs          `yaml:"jobs"`
	// Retention says for how many days rows are stored.
	Retention Retention `yaml:"retention"`
	// Reminders are what an agent's own page says ahead of a scheduled change.
	Reminders Reminders `yaml:"reminders"`
	// Feeds says when a feed counts as silent.
	Feeds Feeds `yaml:"feeds"`
	// Imports bounds what the API takes, and names the folders that are watched.
	Imports Imports `yaml:"imports"`
	// Webhooks are notified of events. They can be set in the file only.
	Webhooks []hooks.Hook `yaml:"webhooks"`
	// SMTP says through which mail server mails go.
	SMTP SMTP `yaml:"smtp"`
}

// Reminders says how long before a scheduled change an agent is reminded of it; 0 switches that off.
type Reminders struct {
	Lead time.Duration `yaml:"lead"`
}

// Feeds says how long a feed may say nothing before it counts as silent and its agents as unknown.
type Feeds struct {
	// SilentAfter is for feeds that have ever sent a heartbeat; 0 watches none.
	SilentAfter time.Duration `yaml:"silent_after"`
	// Each is for single feeds, with heartbeats or without. It can be set in the file only.
	Each []Feed `yaml:"each"`
}

// Feed is one feed by its source; a SilentAfter of 0 never calls it silent.
type Feed struct {
	Source      string        `yaml:"source"`
	SilentAfter time.Duration `yaml:"silent_after"`
}

// Patience returns how long each feed that is configured by name may say nothing.
func (f *Feeds) Patience() map[string]time.Duration {
	out := map[string]time.Duration{}
	for _, one := range f.Each {
		out[one.Source] = one.SilentAfter
	}
	return out
}

func (f *Feeds) validate(bad func(key, format string, args ...any)) {
	check := func(key string, s time.Duration) {
		if s < 0 || s > 0 && s < time.Second {
			bad(key, "%s is too short; write how long a feed may say nothing, such as 2m, or 0", s)
		}
	}
	check("feeds.silent_after", f.SilentAfter)
	seen := map[string]bool{}
	for i, one := range f.Each {
		key := fmt.Sprintf("feeds.each[%d].", i)
		if e := schemas.CheckID("source", one.Source); e != nil {
			bad(key+"source", "%s", e.Message)
		} else if seen[one.Source] {
			bad(key+"source", "%q is there twice; write one entry for each feed", one.Source)
		}
		seen[one.Source] = true
		check(key+"silent_after", one.SilentAfter)
	}
}

// Store says where the data live.
type Store struct {
	// URL is "embedded" or clickhouse://user:pass@host:9000/db?secure=true. Secret.
	URL string `yaml:"url"`
	// Dir holds the embedded engine's data, the spool and the access file.
	Dir string `yaml:"dir"`
	// Engine is the path of the engine library or of a clickhouse program; empty looks in the user's cache folder.
	Engine string `yaml:"engine"`
}

// HTTP says how the daemon is reached.
type HTTP struct {
	Listen         string   `yaml:"listen"`
	TLSCert        string   `yaml:"tls_cert"`
	TLSKey         string   `yaml:"tls_key"`
	PublicURL      string   `yaml:"public_url"`
	TrustedProxies []string `yaml:"trusted_proxies"`
}

// Log says what is logged and how: level trace, debug, info, warn or error; format text or json.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Embedded is the store.url that means a ClickHouse started by Rollcall itself.
const Embedded = "embedded"

// Default returns the configuration of an empty file.
func Default() Config {
	return Config{
		Store:     Store{URL: Embedded, Dir: "./rollcall-data"},
		HTTP:      HTTP{Listen: "127.0.0.1:8080"},
		Settle:    30 * time.Minute,
		Log:       Log{Level: "info", Format: "text"},
		Jobs:      defaultJobs(),
		Reminders: Reminders{Lead: 2 * time.Minute},
		Feeds:     Feeds{SilentAfter: 2 * time.Minute},
		Imports:   Imports{MaxBytes: 512 << 20},
		SMTP:      defaultSMTP(),
	}
}

// Validate returns every rule that the values break, joined.
func (c *Config) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", key, fmt.Sprintf(format, args...)))
	}
	if c.Store.URL != Embedded && !strings.HasPrefix(c.Store.URL, "clickhouse://") {
		bad("store.url", "%q is neither %q nor clickhouse://user:pass@host:9000/db", mask(c.Store.URL), Embedded)
	}
	if c.Store.Dir == "" {
		bad("store.dir", "is empty; name the folder for data, such as ./rollcall-data")
	}
	if _, err := schemas.LoadZone(c.TimeZone); c.TimeZone != "" && err != nil {
		bad("time_zone", "%v", err)
	}
	if c.Settle < 0 {
		bad("settle", "%s is negative; write how long a day stays provisional, such as 30m", c.Settle)
	}
	if c.Reminders.Lead < 0 {
		bad("reminders.lead", "%s is negative; write how long before a change to remind of it, such as 2m, or 0",
			c.Reminders.Lead)
	}
	c.Feeds.validate(bad)
	c.HTTP.validate(bad)
	c.Log.validate(bad)
	c.Imports.validate(bad)
	c.Jobs.validate(bad)
	c.Retention.validate(bad)
	webhooks, smtp := hooks.DefaultConfig(), c.mail()
	webhooks.Hooks = c.Webhooks
	return errors.Join(append(errs, webhooks.Validate(), smtp.Validate())...)
}

func (h *HTTP) validate(bad func(key, format string, args ...any)) {
	host, _, err := net.SplitHostPort(h.Listen)
	if err != nil {
		bad("http.listen", "%q is not host:port; write for instance 127.0.0.1:8080", h.Listen)
	}
	if (h.TLSCert == "") != (h.TLSKey == "") {
		bad("http.tls_cert", "certificate and key belong together; set http.tls_cert and http.tls_key")
	}
	for _, p := range h.TrustedProxies {
		if _, err := netip.ParsePrefix(p); err != nil {
			if _, err = netip.ParseAddr(p); err != nil {
				bad("http.trusted_proxies", "%q is neither an address nor a prefix such as 10.0.0.0/8", p)
			}
		}
	}
	if err == nil && !loopback(host) && h.TLSCert == "" && len(h.TrustedProxies) == 0 {
		bad("http.listen", "%q can be reached from other machines; set http.tls_cert and http.tls_key, or name the proxy "+
			"in front in http.trusted_proxies", h.Listen)
	}
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

func (l *Log) validate(bad func(key, format string, args ...any)) {
	levels := []string{"trace", "debug", "info", "warn", "error"}
	if !slices.Contains(levels, l.Level) {
		bad("log.level", "%q is none of %s", l.Level, strings.Join(levels, ", "))
	}
	if formats := []string{"text", "json"}; !slices.Contains(formats, l.Format) {
		bad("log.format", "%q is none of %s", l.Format, strings.Join(formats, ", "))
	}
}

// Load reads the file at path, if path is not empty or the default file ./rollcall.yaml exists, then the environment
// (as os.Environ returns it), then resolves secrets and validates. An error names the key and, from a file, the line.
func Load(path string, environ []string) (Config, error) {
	c := Default()
	if path == "" {
		if v, ok := lookup(environ, "ROLLCALL_CONFIG"); ok {
			path = v
		} else if _, err := os.Stat(defaultFile); err == nil {
			path = defaultFile
		}
	}
	if path != "" {
		if err := readFile(&c, path); err != nil {
			return c, err
		}
	}
	if err := readEnviron(&c, environ); err != nil {
		return c, err
	}
	for key, value := range c.secrets {
		var err error
		if *value, err = resolve(*value); err != nil {
			return c, fmt.Errorf("%s: %w", key, err)
		}
	}
	return c, c.Validate()
}

// defaultFile is read when no file is named.
const defaultFile = "rollcall.yaml"

// secrets yields the values that may be given as file:PATH and are never shown, each with its key.
func (c *Config) secrets(yield func(key string, value *string) bool) {
	if !yield("store.url", &c.Store.URL) || !yield("smtp.password", &c.SMTP.Password) {
		return
	}
	for i := range c.Webhooks {
		if !yield(fmt.Sprintf("webhooks[%d].secret", i), &c.Webhooks[i].Secret) {
			return
		}
	}
}

// resolve reads a secret given as file:PATH.
func resolve(v string) (string, error) {
	path, ok := strings.CutPrefix(v, "file:")
	if !ok {
		return v, nil
	}
	b, err := os.ReadFile(path) //nolint:gosec // the operator names the file of their own secret
	if err != nil {
		return "", fmt.Errorf("reading the secret: %w", err)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// mask hides the password in a URL.
func mask(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	at := strings.LastIndex(rest, "@")
	if at < 0 {
		return url
	}
	user, _, secret := strings.Cut(rest[:at], ":")
	if secret {
		user += ":****"
	}
	return scheme + "://" + user + rest[at:]
}

// Print returns the configuration as YAML with secrets masked.
func (c Config) Print() (string, error) {
	c.Webhooks = slices.Clone(c.Webhooks)
	for key, value := range c.secrets {
		if key == "store.url" {
			*value = mask(*value)
		} else if *value != "" {
			*value = "****"
		}
	}
	b, err := yaml.Marshal(c)
	return string(b), err
}
