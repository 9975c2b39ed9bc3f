package mail

import (
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strings"
	"time"

	"rollcall/reports"
	"rollcall/schemas"
)

// Config says through which server mails go, from whom, and what they say.
type Config struct {
	Server Server
	// From is the mailbox that mails come from, with or without a name.
	From string
	// Domains are those that recipients may be of; none means any.
	Domains []string
	// Public is the address of the pages, for links; empty for none.
	Public string
	// AttachLimit is how many bytes a workbook may have to be attached.
	AttachLimit int64
	Above       reports.RestateAbove
	// Connections is how many mails are sent at once.
	Connections int
}

// How long things take, in milliseconds.
const (
	alarmAfter  = 10 * schemas.MinuteMS // a mail is due, and not sent, before that is an alarm
	giveUpAfter = 12 * schemas.HourMS   // a mail is tried
	firstWait   = schemas.MinuteMS      // from the first attempt to the second; each further wait is twice as long
	longestWait = 30 * schemas.MinuteMS // between two attempts
	catchUp     = 20 * schemas.HourMS   // a daily mail is late and still made
	quietFor    = 10 * schemas.MinuteMS // a day is left alone before a mail says that it changed
	storedFor   = 30 * schemas.DayMS    // mails are stored after they were sent
)

// DefaultConfig has no server, so that nothing is sent.
func DefaultConfig() Config {
	return Config{
		Server:      Server{Security: SecurityStartTLS, Timeout: 30 * time.Second},
		AttachLimit: 5 << 20,
		Above:       reports.DefaultRestateAbove(),
		Connections: 4,
	}
}

// Enabled says whether there is a server to send through.
func (c *Config) Enabled() bool { return c.Server.Address != "" }

// Validate returns every rule that the values break, each with its key in the configuration, joined.
func (c *Config) Validate() error {
	if !c.Enabled() {
		return nil
	}
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("smtp."+key+": "+format, args...))
	}
	host, _, err := net.SplitHostPort(c.Server.Address)
	if err != nil || host == "" {
		bad("address", "%q is not host:port; write for instance mail.example.org:587", c.Server.Address)
	}
	switch c.Server.Security {
	case SecurityStartTLS, SecurityTLS:
	case SecurityNone:
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			bad("security", "none would send names and passwords in the clear to %s; write starttls or tls", host)
		}
	default:
		bad("security", "%q is not one of starttls, tls, none", c.Server.Security)
	}
	if (c.Server.Username == "") != (c.Server.Password == "") {
		bad("username", "name and password belong together; set smtp.username and smtp.password")
	}
	if c.Server.Timeout <= 0 {
		bad("timeout", "%s is not positive; write how long one step may take, such as 30s", c.Server.Timeout)
	}
	if _, err := c.sender(); err != nil {
		bad("from", "%w", err)
	}
	if c.AttachLimit < 0 {
		bad("attach_limit", "is negative; write how many bytes a workbook may have to be attached, such as 5000000, or 0")
	}
	if c.Above.Team < 0 || c.Above.Agent < 0 {
		bad("restate_above", "is negative; write from how many points on a change is mailed, such as 0.5")
	}
	return errors.Join(errs...)
}

// sender returns the bare address of From.
func (c *Config) sender() (string, error) {
	a, err := netmail.ParseAddress(c.From)
	if err != nil {
		return "", fmt.Errorf("%q is no mailbox; write for instance Rollcall <rollcall@example.org>", c.From)
	}
	return a.Address, schemas.CheckAddress(a.Address)
}

// domain returns what comes after the @ of the sender, for Message-IDs.
func (c *Config) domain() string {
	sender, err := c.sender()
	if err != nil {
		return "rollcall.invalid"
	}
	return sender[strings.LastIndex(sender, "@")+1:]
}

// Allows says why a recipient may not be written to; nil where they may.
func (c *Config) Allows(recipient string) error {
	if len(c.Domains) == 0 {
		return nil
	}
	domain := recipient[strings.LastIndex(recipient, "@")+1:]
	for _, d := range c.Domains {
		if strings.EqualFold(d, domain) {
			return nil
		}
	}
	return fmt.Errorf("recipients: %q is not of %s, which are the only ones that smtp.domains allows", recipient,
		strings.Join(c.Domains, ", "))
}
