package config

import (
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"time"

	"rollcall/reports"
	"rollcall/reports/mail"
)

// SMTP says through which mail server mails go, and from whom. Without an address none are sent.
type SMTP struct {
	// Address is host:port.
	Address string `yaml:"address"`
	// Security is starttls (default), tls, or none, for a server on this machine.
	Security string `yaml:"security"`
	// Username and Password sign in. Password is a secret.
	Username string `yaml:"username"`
	Password string `yaml:"password"`
	// CAFile holds the certificates, as PEM, that the server's own is checked against; empty for those of the system.
	CAFile string `yaml:"ca_file"`
	// From is the mailbox that mails come from, such as Rollcall <rollcall@example.org>.
	From string `yaml:"from"`
	// Domains are those that recipients may be of; none means any.
	Domains []string `yaml:"domains"`
	// Timeout bounds each step of talking to the server.
	Timeout time.Duration `yaml:"timeout"`
	// AttachLimit is how many bytes a workbook may have to be attached; a larger one is linked.
	AttachLimit int `yaml:"attach_limit"`
	// RestateAbove is by how many points a reported day must change for a mail to say so.
	RestateAbove RestateAbove `yaml:"restate_above"`
}

// RestateAbove are the points for a team's figure and for an agent's.
type RestateAbove struct {
	Team  float64 `yaml:"team"`
	Agent float64 `yaml:"agent"`
}

func defaultSMTP() SMTP {
	c := mail.DefaultConfig()
	return SMTP{Security: string(c.Server.Security), Timeout: c.Server.Timeout, AttachLimit: int(c.AttachLimit),
		RestateAbove: RestateAbove(c.Above)}
}

// Mail returns the section as package mail wants it. It reads the certificates.
func (c *Config) Mail() (mail.Config, error) {
	m := c.mail()
	if c.SMTP.CAFile == "" {
		return m, nil
	}
	pem, err := os.ReadFile(c.SMTP.CAFile)
	if err != nil {
		return m, fmt.Errorf("smtp.ca_file: %w", err)
	}
	m.Server.Roots = x509.NewCertPool()
	if !m.Server.Roots.AppendCertsFromPEM(pem) {
		return m, fmt.Errorf("smtp.ca_file: %s holds no certificate; it should hold PEM, beginning with -----BEGIN "+
			"CERTIFICATE-----", c.SMTP.CAFile)
	}
	return m, nil
}

func (c *Config) mail() mail.Config {
	s, m := &c.SMTP, mail.DefaultConfig()
	m.Server = mail.Server{Address: s.Address, Security: mail.Security(s.Security), Username: s.Username,
		Password: s.Password, Timeout: s.Timeout}
	m.From, m.Domains, m.AttachLimit, m.Above = s.From, s.Domains, int64(s.AttachLimit),
		reports.RestateAbove(s.RestateAbove)
	m.Public = strings.TrimRight(c.HTTP.PublicURL, "/")
	return m
}
