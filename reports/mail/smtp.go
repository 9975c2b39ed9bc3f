package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Security is how the connection to the mail server is protected.
type Security string

// The values of Security.
const (
	SecurityStartTLS Security = "starttls" // begins in the clear and must turn to TLS before anything is said
	SecurityTLS      Security = "tls"      // TLS from the first byte
	SecurityNone     Security = "none"     // in the clear: for a server on this machine only
)

// Server is the mail server that takes the mails.
type Server struct {
	// Address is host:port; empty where no mail is sent.
	Address  string
	Security Security
	// Username and Password sign in; an empty name does not.
	Username, Password string
	// Roots are the certificates that the server's own is checked against; nil for those of the system.
	Roots *x509.CertPool
	// Timeout bounds each step but the last answer, which may take ten times as long: giving up there leaves a mail in
	// doubt.
	Timeout time.Duration
}

// fault says what an attempt failed of, and what that means for the mail.
type fault struct {
	kind faultKind
	err  error
}

type faultKind int

const (
	faultServer  faultKind = iota // the server cannot be reached or used: no mail can be sent now
	faultBroken                   // the connection broke before the server had the whole mail
	faultLater                    // the server says: not now
	faultRefused                  // the server says: never
	faultDoubt                    // it is unknown whether the server has taken the mail
)

// Error says what happened, and what may help.
func (f *fault) Error() string { return f.err.Error() }

// Unwrap returns the cause.
func (f *fault) Unwrap() error { return f.err }

// kindOf returns the kind of an error of this file.
func kindOf(err error) faultKind {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.kind
	}
	return faultBroken
}

// session is one connection on which mails are sent one after the other.
type session struct {
	server *Server
	client *smtp.Client
	// used says that a mail was sent on it.
	used bool

	mu   sync.Mutex
	conn net.Conn
}

// hold remembers the connection, so that it can be cut from elsewhere.
func (x *session) hold(conn net.Conn) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.conn = conn
}

// open connects, turns to TLS and signs in. Every error is a *fault.
func open(ctx context.Context, s *Server,
	dial func(ctx context.Context, network, address string) (net.Conn, error)) (*session, error) {
	host, portText, err := net.SplitHostPort(s.Address)
	if err != nil {
		return nil, &fault{faultServer, fmt.Errorf("mail server %q: %w", s.Address, err)}
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, &fault{faultServer, fmt.Errorf("mail server %q: the port is no number", s.Address)}
	}
	x := &session{server: s}
	secure := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: s.Roots}
	options := []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(s.Timeout), gomail.WithTLSConfig(secure),
		gomail.WithoutSMTPUTF8(),
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			x.hold(conn)
			if s.Security == SecurityTLS {
				wrapped := tls.Client(conn, secure)
				return wrapped, wrapped.HandshakeContext(ctx)
			}
			return conn, nil
		})}
	policy := gomail.NoTLS
	if s.Security == SecurityStartTLS {
		policy = gomail.TLSMandatory
	}
	options = append(options, gomail.WithTLSPolicy(policy))
	if s.Username != "" {
		options = append(options, gomail.WithUsername(s.Username), gomail.WithPassword(s.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain,
				gomail.SMTPAuthLogin))
	}
	client, err := gomail.NewClient(host, options...)
	if err == nil {
		stop := context.AfterFunc(ctx, x.cut)
		x.client, err = client.DialToSMTPClientWithContext(ctx)
		stop()
	}
	if err != nil {
		x.cut()
		return nil, &fault{faultServer, explain(s, err)}
	}
	return x, nil
}

// explain adds what may help to an error of connecting.
func explain(s *Server, err error) error {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, name := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	switch answer, ok := errors.AsType[*textproto.Error](err); {
	case unknown:
		return fmt.Errorf("mail server %s: %w; name its authority in smtp.ca_file", s.Address, err)
	case name || invalid:
		return fmt.Errorf("mail server %s: its certificate does not fit: %w", s.Address, err)
	case ok && (answer.Code == 535 || answer.Code == 534):
		return fmt.Errorf("mail server %s refuses to sign %q in: %w; look at smtp.username and smtp.password", s.Address,
			s.Username, err)
	}
	return fmt.Errorf("mail server %s: %w", s.Address, err)
}

// cut ends the connection at once.
func (x *session) cut() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.conn != nil {
		_ = x.conn.Close() // whatever was wrong with it is reported elsewhere
	}
}

// close says goodbye.
func (x *session) close() {
	_ = x.client.UpdateDeadline(time.Second) // a server that does not say goodbye is left
	_ = x.client.Quit()
	x.cut()
}

// chunk is how much of a mail is sent under one time limit.
const chunk = 64 << 10

// send makes one transaction with one recipient. before is called when only the last line of the mail is missing; where
// it fails the mail is not sent. Every error is a *fault; after one that broke the connection the session is of no use.
func (x *session) send(ctx context.Context, from, to string, raw []byte, before func() error) error {
	stop := context.AfterFunc(ctx, x.cut)
	defer stop()
	if x.used {
		if err := x.step(x.client.Reset); err != nil {
			return &fault{faultBroken, fmt.Errorf("begin another mail: %w", err)}
		}
	}
	x.used = true
	if err := x.step(func() error { return x.client.Mail("<" + from + ">") }); err != nil {
		return answered(fmt.Errorf("the server does not take the sender %s: %w", from, err))
	}
	if err := x.step(func() error { return x.client.Rcpt("<" + to + ">") }); err != nil {
		return answered(fmt.Errorf("the server does not take the recipient %s: %w", to, err))
	}
	var data io.WriteCloser
	err := x.step(func() (err error) { data, err = x.client.Data(); return err })
	if err != nil {
		return answered(fmt.Errorf("the server does not take the mail: %w", err))
	}
	for rest := raw; len(rest) > 0; {
		piece := rest[:min(chunk, len(rest))]
		rest = rest[len(piece):]
		if err := x.step(func() error { _, err := data.Write(piece); return err }); err != nil {
			return &fault{faultBroken, fmt.Errorf("the connection broke within the mail: %w", err)}
		}
	}
	if err := before(); err != nil {
		x.cut() // a mail without its last line is none
		return &fault{faultBroken, err}
	}
	if err := x.client.UpdateDeadline(10 * x.server.Timeout); err != nil {
		return &fault{faultDoubt, fmt.Errorf("the connection broke at the end of the mail: %w", err)}
	}
	return ended(data.Close())
}

// step does one thing under the time limit.
func (x *session) step(do func() error) error {
	if err := x.client.UpdateDeadline(x.server.Timeout); err != nil {
		return err
	}
	return do()
}

// The answers that speak of the connection and not of the mail.
const (
	answerClosing    = 421
	answerNeedsTLS   = 530
	answerNotAllowed = 538
)

// answered turns what went wrong before the end of the mail into a fault.
func answered(err error) error {
	switch answer, ok := errors.AsType[*textproto.Error](err); {
	case !ok, answer.Code == answerClosing:
		return &fault{faultBroken, err}
	case answer.Code == answerNeedsTLS, answer.Code == answerNotAllowed:
		return &fault{faultServer, fmt.Errorf("%w; look at smtp.security, smtp.username and smtp.password", err)}
	case answer.Code >= 500:
		return &fault{faultRefused, err}
	}
	return &fault{faultLater, err}
}

// ended turns what came after the last line into a fault; without an answer the outcome is unknown.
func ended(err error) error {
	switch answer, ok := errors.AsType[*textproto.Error](err); {
	case err == nil:
		return nil
	case !ok:
		return &fault{faultDoubt, fmt.Errorf("the server did not say whether it has taken the mail: %w", err)}
	case answer.Code >= 500:
		return &fault{faultRefused, fmt.Errorf("the server does not take the mail: %w", err)}
	}
	return &fault{faultLater, fmt.Errorf("the server does not take the mail: %w", err)}
}
