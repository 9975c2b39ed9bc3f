package hooks

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"rollcall/schemas"
)

// Event is what a webhook is notified of.
type Event string

// The events.
const (
	EventOut      Event = "agent.out_of_adherence"
	EventBack     Event = "agent.back"
	EventStatus   Event = "agent.status_changed"
	EventRoutable Event = "agent.routable_changed"
	EventSilent   Event = "feed.silent"
	EventAlarm    Event = "alarm.raised"
)

// Events lists every event in a fixed order.
func Events() []Event {
	return []Event{EventOut, EventBack, EventStatus, EventRoutable, EventSilent, EventAlarm}
}

// Hook is one webhook; the yaml tags are the keys of the configuration.
type Hook struct {
	// URL is where to send to, http or https; it is also the hook's name, so no two hooks have the same.
	URL string `yaml:"url"`
	// Secret is the key of the signature, at least 16 bytes.
	Secret string `yaml:"secret"`
	// Events are those that it gets; none means all.
	Events []Event `yaml:"events"`
	// Teams are those whose agents it is about; none means all. Feeds have no team.
	Teams []string `yaml:"teams"`
	// Delay is how long a run out of adherence must last before it is reported.
	Delay time.Duration `yaml:"delay"`
	// AllowPrivate lets the address be this host or in a private network.
	AllowPrivate bool `yaml:"allow_private"`
}

// leastSecret is how many bytes a secret has at least.
const leastSecret = 16

// Validate returns every rule that the hook breaks, each with its key, joined. The secret is in none of the texts.
func (h *Hook) Validate() error { return errors.Join(h.mistakes()...) }

func (h *Hook) mistakes() []error {
	var errs []error
	if err := h.validURL(); err != nil {
		errs = append(errs, err)
	}
	if len(h.Secret) < leastSecret {
		errs = append(errs, fmt.Errorf("secret: has %d bytes and needs %d; make one with: openssl rand -hex 32",
			len(h.Secret), leastSecret))
	}
	for _, e := range h.Events {
		if !slices.Contains(Events(), e) {
			errs = append(errs, fmt.Errorf("events: %q is no event%s", e, suggest(string(e))))
		}
	}
	if h.Delay < 0 {
		errs = append(errs, fmt.Errorf("delay: %s is negative; write how long a run must last, such as 5m", h.Delay))
	}
	return errs
}

func suggest(event string) string {
	var words []string
	for _, e := range Events() {
		words = append(words, string(e))
	}
	if near := schemas.Nearest(event, words); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return "; the events are " + strings.Join(words, ", ")
}

// validURL looks at the address as it is written; what its name resolves to is looked at with every connection.
func (h *Hook) validURL() error {
	u, err := url.Parse(h.URL)
	switch {
	case h.URL == "":
		return errors.New("url: is missing; write for instance https://wall.example/rollcall")
	case err != nil:
		return errors.New("url: cannot be read; write for instance https://wall.example/rollcall")
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return fmt.Errorf("url: %q is neither http://… nor https://…", u.Redacted())
	case u.User != nil:
		return fmt.Errorf("url: %q names a user; let the receiver check the signature instead", u.Redacted())
	case u.Fragment != "":
		return fmt.Errorf("url: %q has a part after #, which is never sent; leave it out", u.Redacted())
	case h.AllowPrivate:
		return nil
	}
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return fmt.Errorf("url: %q is this host; set allow_private: true if that is meant", u.Redacted())
	}
	if a, err := netip.ParseAddr(name); err == nil {
		if why := special(a); why != "" {
			return fmt.Errorf("url: %s is %s; set allow_private: true if that is meant", a, why)
		}
	}
	return nil
}

// wants says whether the hook gets the event for an agent of the team.
func (h *Hook) wants(e Event, team string) bool {
	if len(h.Events) > 0 && !slices.Contains(h.Events, e) {
		return false
	}
	return e == EventSilent || e == EventAlarm || len(h.Teams) == 0 || slices.Contains(h.Teams, team)
}

// Config says to whom events go, and how.
type Config struct {
	Hooks []Hook
	// Attempts is how often a delivery is tried before it is a dead letter.
	Attempts int
	// FirstWait is the time between the first two attempts, on average; each further one is twice as long, up to
	// LongestWait.
	FirstWait, LongestWait time.Duration
	// Timeout bounds one attempt.
	Timeout time.Duration
	// LookEvery is the time between two looks at the board at least.
	LookEvery time.Duration
	// RecordAgain is how long a store that was away is left alone.
	RecordAgain time.Duration
	// MostQueued bounds each hook's queue, MostWaiting the events that wait for the store.
	MostQueued, MostWaiting int
}

// DefaultConfig has no hooks; ten attempts take an hour on average.
func DefaultConfig() Config {
	return Config{
		Attempts:    10,
		FirstWait:   7 * time.Second,
		LongestWait: 30 * time.Minute,
		Timeout:     10 * time.Second,
		LookEvery:   250 * time.Millisecond,
		RecordAgain: time.Second,
		MostQueued:  10_000,
		MostWaiting: 10_000,
	}
}

// Validate returns every rule that the values break, joined.
func (c *Config) Validate() error {
	var errs []error
	known := map[string]int{}
	for i := range c.Hooks {
		for _, err := range c.Hooks[i].mistakes() {
			errs = append(errs, fmt.Errorf("webhooks[%d]: %w", i, err))
		}
		if first, twice := known[c.Hooks[i].URL]; twice {
			errs = append(errs, fmt.Errorf(
				"webhooks[%d]: url: is that of webhooks[%d]; join the two, or add a query such as ?for=wall", i, first))
		} else {
			known[c.Hooks[i].URL] = i
		}
	}
	if c.Attempts < 1 || c.MostQueued < 1 || c.MostWaiting < 1 {
		errs = append(errs, errors.New("attempts and bounds of queues must be at least 1"))
	}
	if c.FirstWait <= 0 || c.LongestWait < c.FirstWait || c.Timeout <= 0 || c.LookEvery <= 0 || c.RecordAgain <= 0 {
		errs = append(errs, errors.New("waits must be longer than 0, the longest not shorter than the first"))
	}
	return errors.Join(errs...)
}
