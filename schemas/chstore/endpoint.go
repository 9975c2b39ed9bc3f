package chstore

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/ClickHouse/ch-go"
)

// DefaultDatabase is the database where an endpoint names none.
const DefaultDatabase = "rollcall"

// Endpoint says where a ClickHouse server listens for its native protocol and who logs on.
type Endpoint struct {
	// Addr is host:port.
	Addr           string
	User, Password string
	// Database is DefaultDatabase when empty.
	Database string
	// Secure asks for TLS; SkipVerify accepts any certificate.
	Secure, SkipVerify bool
}

// String shows the endpoint without its password.
func (e Endpoint) String() string { return fmt.Sprintf("%s@%s/%s", e.User, e.Addr, e.database()) }

func (e Endpoint) database() string {
	if e.Database == "" {
		return DefaultDatabase
	}
	return e.Database
}

// ParseURL reads clickhouse://user:pass@host:9000/db?secure=true (store.url). The port defaults to 9000, with
// secure=true to 9440; an unknown parameter is an error.
func ParseURL(raw string) (Endpoint, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return Endpoint{}, errors.New("store url cannot be read; write clickhouse://user:pass@host:9000/db?secure=true")
	}
	if u.Scheme != "clickhouse" || u.Hostname() == "" {
		return Endpoint{}, fmt.Errorf("store url %q names no server; write clickhouse://user:pass@host:9000/db?secure=true", u.Redacted())
	}
	e := Endpoint{User: u.User.Username()}
	e.Password, _ = u.User.Password()
	if len(u.Path) > 1 {
		e.Database = u.Path[1:]
	}
	for key, values := range u.Query() {
		if err := e.parameter(key, values[len(values)-1]); err != nil {
			return Endpoint{}, err
		}
	}
	port := u.Port()
	switch {
	case port == "" && e.Secure:
		port = "9440"
	case port == "":
		port = "9000"
	}
	e.Addr = net.JoinHostPort(u.Hostname(), port)
	return e, nil
}

func (e *Endpoint) parameter(key, value string) error {
	on, err := strconv.ParseBool(value)
	if err != nil {
		return fmt.Errorf("store url: %s=%s is neither true nor false", key, value)
	}
	switch key {
	case "secure":
		e.Secure = on
	case "skip_verify":
		e.SkipVerify = on
	default:
		return fmt.Errorf("store url: parameter %q is not known; secure and skip_verify are", key)
	}
	return nil
}

// Fixed gives an endpoint that never changes, for Config.Endpoint.
func Fixed(e Endpoint) func(context.Context) (Endpoint, error) {
	return func(context.Context) (Endpoint, error) { return e, nil }
}

// Config says how to reach the store.
type Config struct {
	// Endpoint is asked before every new connection, because an embedded engine that was restarted may listen elsewhere.
	// Its error means that the store is away for now.
	Endpoint func(ctx context.Context) (Endpoint, error)
	// MaxConns bounds the connections that are open at once; a call that needs another waits.
	MaxConns int
	// DialTimeout bounds making a connection, ReadTimeout the silence of a server at work.
	DialTimeout, ReadTimeout time.Duration
}

// DefaultConfig gives the configuration without its endpoint.
func DefaultConfig() Config {
	return Config{MaxConns: 16, DialTimeout: 5 * time.Second, ReadTimeout: 2 * time.Minute}
}

// Validate tells what is missing or cannot be.
func (c Config) Validate() error {
	switch {
	case c.Endpoint == nil:
		return errors.New("store: no endpoint is configured")
	case c.MaxConns < 2:
		return fmt.Errorf("store: %d connections are too few; at least 2 are needed", c.MaxConns)
	case c.DialTimeout <= 0 || c.ReadTimeout <= 0:
		return errors.New("store: timeouts must be longer than nothing")
	}
	return nil
}

func (c Config) options(e Endpoint) ch.Options {
	o := ch.Options{
		Address: e.Addr, User: e.User, Password: e.Password, ClientName: "rollcall",
		DialTimeout: c.DialTimeout, HandshakeTimeout: c.DialTimeout, ReadTimeout: c.ReadTimeout,
	}
	if e.Secure {
		host, _, _ := net.SplitHostPort(e.Addr)
		o.TLS = &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: e.SkipVerify} //nolint:gosec // asked for
	}
	return o
}
