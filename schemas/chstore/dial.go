package chstore

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/clickhouse-go/v2"

	"rollcall/schemas"
)

// clientName is how the server's logs name this program.
const clientName = "rollcall"

// rowOptions are the endpoint in the words of clickhouse-go; the connection is made by [Endpoint.dial].
func (e Endpoint) rowOptions(o clickhouse.Options) clickhouse.Options {
	o.Auth = clickhouse.Auth{Database: e.database(), Username: e.User, Password: e.Password}
	o.DialTimeout, o.ReadTimeout = e.DialTimeout, e.ReadTimeout
	o.Settings = clickhouse.Settings{}
	for name, value := range e.settings() {
		o.Settings[name] = value
	}
	if method, ok := map[string]clickhouse.CompressionMethod{
		"lz4": clickhouse.CompressionLZ4, "zstd": clickhouse.CompressionZSTD,
	}[e.Compress]; ok {
		o.Compression = &clickhouse.Compression{Method: method}
	}
	return o
}

// columnOptions are the endpoint in the words of ch-go.
func (e Endpoint) columnOptions(dialer ch.Dialer) ch.Options {
	o := ch.Options{
		Database:         e.database(),
		User:             e.User,
		Password:         e.Password,
		ClientName:       clientName,
		Dialer:           dialer,
		DialTimeout:      e.DialTimeout,
		HandshakeTimeout: e.DialTimeout,
		ReadTimeout:      e.ReadTimeout,
		Compression:      map[string]ch.Compression{"lz4": ch.CompressionLZ4, "zstd": ch.CompressionZSTD}[e.Compress],
	}
	for name, value := range e.settings() {
		o.Settings = append(o.Settings, ch.Setting{Key: name, Value: value, Important: true})
	}
	return o
}

func (e Endpoint) settings() map[string]string {
	values, _ := url.ParseQuery(e.Settings) // what cannot be read is no setting
	out := map[string]string{}
	for name := range values {
		out[name] = values.Get(name)
	}
	return out
}

// addresses are tried in turn, beginning with the one that answered last.
type addresses struct{ first atomic.Int64 }

// each calls try for one address after the other until one succeeds or answers that it refuses us.
func (a *addresses) each(ctx context.Context, e Endpoint, try func(ctx context.Context, addr string) error) error {
	all := strings.Split(e.Addr, ",")
	begin := int(a.first.Load())
	var failed error
	for i := range all {
		n := (begin + i) % len(all)
		limited, cancel := context.WithTimeout(ctx, e.DialTimeout)
		err := try(limited, all[n])
		cancel()
		if err == nil {
			a.first.Store(int64(n))
			return nil
		}
		at := e
		at.Addr = all[n]
		err = fmt.Errorf("connect to %s: %w", at, err)
		if failed == nil {
			failed = err
		} else {
			failed = fmt.Errorf("%w; %w", failed, err)
		}
		//nolint:errorlint // one of ours
		if kind := kindOf(err); ctx.Err() != nil || kind != nil && kind != schemas.ErrUnavailable {
			break
		}
	}
	return explain(ctx, failed)
}

// next makes another address the first to be tried.
func (a *addresses) next() { a.first.Add(1) }

// dial connects to one address, over TLS where the endpoint asks for it. A silence longer than longest ends the
// connection, unless that is 0; farewells counts the connections that are closed and not gone.
func (e Endpoint) dial(ctx context.Context, addr string, longest time.Duration,
	farewells *sync.WaitGroup) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		conn = &gentleConn{TCPConn: tcp, longest: longest, farewells: farewells}
	}
	if !e.Secure {
		return conn, nil
	}
	cfg, err := e.tlsConfig(addr)
	if err == nil {
		secure := tls.Client(conn, cfg)
		if err = secure.HandshakeContext(ctx); err == nil {
			return secure, nil
		}
	}
	_ = conn.Close() // the first error says more
	return nil, err
}

// tlsConfig reads the files anew for every connection, so that a renewed certificate counts.
func (e Endpoint) tlsConfig(addr string) (*tls.Config, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	//nolint:gosec // asked for
	cfg := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: e.SkipVerify}
	if e.CAFile != "" {
		text, err := os.ReadFile(e.CAFile)
		if err != nil {
			return nil, fmt.Errorf("%w (read ca_file: %w)", ErrTLS, err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%w (ca_file %s holds no certificate in PEM)", ErrTLS, e.CAFile)
		}
	}
	if e.CertFile != "" {
		ours, err := tls.LoadX509KeyPair(e.CertFile, e.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("%w (read cert_file and key_file: %w)", ErrTLS, err)
		}
		cfg.Certificates = []tls.Certificate{ours}
	}
	return cfg, nil
}

// gentleConn bounds every silence of the server, unless longest is 0: the client of rows would bound the whole of an
// answer, which may take as long as it needs while it comes. It is closed so that the server sees an end and no error:
// an embedded engine dies of a connection that is reset in the middle of an answer.
type gentleConn struct {
	*net.TCPConn
	longest   time.Duration
	farewells *sync.WaitGroup

	mu     sync.Mutex
	until  time.Time // the deadline of whoever asked; zero for none
	closed bool      // from now on the deadline is that of the farewell
}

// farewell is how long a server may go on answering on a connection that is closed.
const farewell = 5 * time.Second

// Close ends what is sent, and reads what the server still sends until it has seen that.
func (c *gentleConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.closed = true
	err := errors.Join(c.TCPConn.SetReadDeadline(time.Unix(1, 0)), c.CloseWrite()) // whoever reads, stops
	c.farewells.Go(func() {
		_ = c.TCPConn.SetReadDeadline(time.Now().Add(farewell)) //nolint:forbidigo // a deadline of the network
		_, _ = io.Copy(io.Discard, c.TCPConn)
		_ = c.TCPConn.Close()
	})
	if errors.Is(err, syscall.ENOTCONN) {
		return nil // the server was faster
	}
	return err
}

// SetDeadline keeps the caller's deadline.
func (c *gentleConn) SetDeadline(t time.Time) error {
	return c.whileOpen(func() error {
		c.until = t
		return c.TCPConn.SetDeadline(t)
	})
}

// SetReadDeadline only takes deadlines away where Read sets them.
func (c *gentleConn) SetReadDeadline(t time.Time) error {
	return c.whileOpen(func() error {
		if c.longest == 0 || t.IsZero() {
			return c.TCPConn.SetReadDeadline(t)
		}
		return nil
	})
}

// Read waits for at most the longest silence.
func (c *gentleConn) Read(p []byte) (int, error) {
	err := c.whileOpen(func() error {
		if c.longest == 0 {
			return nil
		}
		deadline := time.Now().Add(c.longest) //nolint:forbidigo // a deadline of the network
		if !c.until.IsZero() && c.until.Before(deadline) {
			deadline = c.until
		}
		return c.TCPConn.SetReadDeadline(deadline)
	})
	if err != nil {
		return 0, err
	}
	return c.TCPConn.Read(p)
}

// whileOpen sets deadlines, but not after Close: the clients take theirs away when a query ends, and a server that
// hangs would then hold the connection for ever.
func (c *gentleConn) whileOpen(set func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	return set()
}
