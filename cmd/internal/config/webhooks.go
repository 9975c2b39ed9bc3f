package config

import (
	"fmt"
	"slices"
	"time"

	"rollcall/reports/hooks"
)

// Webhook is one program that is notified of events (package hooks).
type Webhook struct {
	URL string `yaml:"url"`
	// Secret signs what is sent, at least 16 bytes. Secret.
	Secret string `yaml:"secret"`
	// Events and Teams narrow what it hears of; none means all.
	Events []string `yaml:"events"`
	Teams  []string `yaml:"teams"`
	// Delay is how long a run out of adherence must last before it is reported.
	Delay time.Duration `yaml:"delay"`
	// AllowPrivate lets the address be this host or in a private network.
	AllowPrivate bool `yaml:"allow_private"`
}

// Hooks returns the webhooks as package hooks wants them.
func (c *Config) Hooks() []hooks.Hook {
	var out []hooks.Hook
	for _, w := range c.Webhooks {
		h := hooks.Hook{URL: w.URL, Secret: w.Secret, Teams: w.Teams, Delay: w.Delay, AllowPrivate: w.AllowPrivate}
		for _, e := range w.Events {
			h.Events = append(h.Events, hooks.Event(e))
		}
		out = append(out, h)
	}
	return out
}

// validateWebhooks names each rule that a webhook breaks with its key.
func (c *Config) validateWebhooks() error {
	hc := hooks.DefaultConfig()
	hc.Hooks = c.Hooks()
	return hc.Validate()
}

// resolveWebhooks reads the secrets that are given as file:PATH.
func (c *Config) resolveWebhooks() error {
	for i := range c.Webhooks {
		secret, err := resolve(c.Webhooks[i].Secret)
		if err != nil {
			return fmt.Errorf("webhooks[%d].secret: %w", i, err)
		}
		c.Webhooks[i].Secret = secret
	}
	return nil
}

// maskWebhooks returns a copy without secrets.
func maskWebhooks(list []Webhook) []Webhook {
	list = slices.Clone(list)
	for i := range list {
		if list[i].Secret != "" {
			list[i].Secret = "****"
		}
	}
	return list
}
