package web

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"rollcall/schemas/access"
)

// Config says where and how the server listens.
type Config struct {
	// Listen is host:port; port 0 takes a free one.
	Listen string
	// TLSCert and TLSKey are files in PEM form; both or neither.
	TLSCert, TLSKey string
	// PublicURL is the address under which people reach the server; empty where that is Listen.
	PublicURL string
	// TrustedProxies are the addresses whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// SessionLife is how long a sign-in lasts.
	SessionLife time.Duration
	// MostStreams is how many live streams may be open at once; MostBodyBytes the longest body of a route that names no
	// limit of its own.
	MostStreams   int
	MostBodyBytes int64
	// RequestTime bounds reading a request and writing its answer, except of streams; StopTime bounds a stop.
	RequestTime, StopTime time.Duration
	// StreamEvery is the shortest time between two looks of one stream at the board, KeepAlive the longest silence.
	StreamEvery, KeepAlive time.Duration
	// ReminderLead is how long before a scheduled change an agent's page reminds of it; FeedSilent is after which silence
	// the administration calls a feed silent.
	ReminderLead, FeedSilent time.Duration
	// Rates limits requests by address and by credential.
	Rates access.RatesConfig
}

// DefaultConfig listens on this machine only. A sign-in lasts a long shift; two looks at the board are 250 ms apart.
func DefaultConfig() Config {
	return Config{
		Listen:        "127.0.0.1:8080",
		SessionLife:   12 * time.Hour,
		MostStreams:   1000,
		MostBodyBytes: 1 << 20,
		RequestTime:   time.Minute,
		StopTime:      5 * time.Second,
		StreamEvery:   250 * time.Millisecond,
		KeepAlive:     15 * time.Second,
		ReminderLead:  2 * time.Minute,
		FeedSilent:    2 * time.Minute,
		Rates:         access.DefaultRatesConfig(),
	}
}

// ParseProxies reads addresses and prefixes, such as 10.0.0.0/8.
func ParseProxies(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if a, e := netip.ParseAddr(s); err != nil && e == nil {
			p, err = a.Prefix(a.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q is neither an address nor a prefix such as 10.0.0.0/8", s)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// Validate says what cannot work. An address that other machines can reach is refused without TLS or a proxy in front.
func (c *Config) Validate() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("listen address %q is not host:port; write for instance 127.0.0.1:8080", c.Listen)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("certificate and key belong together; name both files or neither")
	}
	if !loopbackHost(host) && c.TLSCert == "" && len(c.TrustedProxies) == 0 {
		return fmt.Errorf("listen address %q can be reached from other machines; name a certificate and key, or the "+
			"trusted proxy in front",
			c.Listen)
	}
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" &&
		(err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")) {
		return fmt.Errorf("public URL %q is not a web address; write for instance https://rollcall.example.org", c.PublicURL)
	}
	return c.validateLimits()
}

func (c *Config) validateLimits() error {
	if min(c.SessionLife, c.RequestTime, c.StopTime, c.StreamEvery, c.KeepAlive, c.FeedSilent) <= 0 {
		return errors.New("session life, request time, stop time, stream interval, keep-alive and a feed's silence must be " +
			"positive")
	}
	if c.ReminderLead < 0 {
		return errors.New("the reminder's lead is negative; 0 switches reminders off")
	}
	if c.MostStreams < 1 || c.MostBodyBytes < 1 {
		return errors.New("the most streams and the most body bytes must be positive")
	}
	return c.Rates.Validate()
}

// loopbackHost says whether only this machine reaches the host.
func loopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// secure says whether browsers reach the server by HTTPS.
func (c *Config) secure() bool {
	return c.TLSCert != "" || strings.HasPrefix(c.PublicURL, "https://")
}

// exposed says that the listener can be reached from other machines without TLS, by its proxies only.
func (c *Config) exposed() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	return err == nil && !loopbackHost(host) && c.TLSCert == ""
}

// trusts says whether the address is a trusted proxy.
func (c *Config) trusts(a netip.Addr) bool {
	for _, p := range c.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
