package chstore

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/schemas"
)

// authority signs certificates of a test.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.cert, a.key = a.issue(t, "ca",
		&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

// issue writes name.pem and name.key.
func (a *authority) issue(t *testing.T, name string, c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	c.SerialNumber, c.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: name}
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer))
	private := must[[]byte](t)(x509.MarshalPKCS8PrivateKey(key))
	check(t, os.WriteFile(a.file(name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	check(t, os.WriteFile(a.file(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	return must[*x509.Certificate](t)(x509.ParseCertificate(der)), key
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// guard serves TLS with a certificate for 127.0.0.1 before addr, and demands a certificate of the authority. It returns
// where.
func (a *authority) guard(t *testing.T, addr string) string {
	t.Helper()
	a.issue(t, "server", &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	a.issue(t, "client", &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	trusted := x509.NewCertPool()
	trusted.AddCert(a.cert)
	l := must[net.Listener](t)(tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{
			must[tls.Certificate](t)(tls.LoadX509KeyPair(a.file("server.pem"), a.file("server.key")))},
		ClientAuth: tls.RequireAndVerifyClientCert,
		ClientCAs:  trusted,
		MinVersion: tls.VersionTLS12,
	}))
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go pass(c, addr)
		}
	}()
	return l.Addr().String()
}

// pass joins a client, once its handshake is done, with the server behind.
func pass(c net.Conn, addr string) {
	defer c.Close()
	if c.(*tls.Conn).Handshake() != nil {
		return
	}
	server, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(server, c); _ = server.(*net.TCPConn).CloseWrite() }()
	_, _ = io.Copy(c, server)
}

func open(t *testing.T, at Endpoint) *Store {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Endpoint, cfg.DialTimeout = Fixed(at), 20*time.Second
	s := must[*Store](t)(New(cfg))
	t.Cleanup(func() { check(t, s.Close()) })
	return s
}

// both writes and reads through both clients.
func both(t *testing.T, s *Store) {
	t.Helper()
	writeChanges(t, s, t0, change("ana", 0, "1", available))
	wantLines(t, factLines(t, s, FactQuery{}), "ana 0 available//")
}

// TestAuthoritiesAndCertificates connects to a server that is trusted by a file and demands a certificate.
func TestAuthoritiesAndCertificates(t *testing.T) {
	at := must[Endpoint](t)(newStore(t).cfg.endpoint(ctx))
	a := newAuthority(t)
	guarded := at
	guarded.Addr, guarded.Secure = a.guard(t, at.Addr), true
	known := guarded
	known.CAFile = a.file("ca.pem")
	welcome := known
	welcome.CertFile, welcome.KeyFile, welcome.Compress = a.file("client.pem"), a.file("client.key"), "lz4"
	both(t, open(t, welcome))
	blind := welcome
	blind.CAFile, blind.SkipVerify = "", true
	check(t, open(t, blind).ping(ctx))
	torn := welcome
	torn.CAFile = a.file("client.key")
	for name, at := range map[string]Endpoint{"an unknown authority": guarded, "no certificate of ours": known,
		"a torn file": torn} {
		s := open(t, at)
		if err := s.ping(ctx); !errors.Is(err, ErrTLS) || errors.Is(err, schemas.ErrUnavailable) {
			t.Errorf("%s: rows say %v", name, err)
		}
		if err := s.Facts(ctx, FactQuery{}, nil); !errors.Is(err, ErrTLS) {
			t.Errorf("%s: columns say %v", name, err)
		}
	}
	plain := at
	plain.Addr, plain.Secure = silent(t, "HTTP/1.1 400 Bad Request\r\n\r\n"), true
	if err := open(t, plain).ping(ctx); !errors.Is(err, ErrTLS) {
		t.Errorf("a server without TLS: %v", err)
	}
}

// silent answers every connection with the text and nothing else.
func silent(t *testing.T, text string) string {
	t.Helper()
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = c.Read(make([]byte, 1))
				_, _ = io.WriteString(c, text)
				_, _ = io.Copy(io.Discard, c)
			}()
		}
	}()
	return l.Addr().String()
}

// TestTheNextAddressAnswers: an address where nobody listens and one that takes connections without a word are passed
// over.
func TestTheNextAddressAnswers(t *testing.T) {
	at := must[Endpoint](t)(newStore(t).cfg.endpoint(ctx))
	for name, first := range map[string]string{"nobody listens": "127.0.0.1:1", "it says nothing": silent(t, "")} {
		several := at
		several.Addr, several.DialTimeout = first+","+at.Addr, 3*time.Second
		s := open(t, several)
		if err := s.ping(ctx); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		both(t, s)
		columns := open(t, several)
		if err := columns.Facts(ctx, FactQuery{}, func(string, []schemas.Fact) error { return nil }); err != nil {
			t.Errorf("%s: columns say %v", name, err)
		}
	}
	none := at
	none.Addr, none.Password = "127.0.0.1:1,127.0.0.1:2", "secret"
	err := open(t, none).ping(ctx)
	if !errors.Is(err, schemas.ErrUnavailable) || strings.Contains(err.Error(), "secret") ||
		strings.Contains(err.Error(), "\n") ||
		!strings.Contains(err.Error(), "127.0.0.1:1/") || !strings.Contains(err.Error(), "127.0.0.1:2/") {
		t.Errorf("no address answers: %v", err)
	}
}

// TestEachTroubleHasItsSentence asks a server for what it refuses.
func TestEachTroubleHasItsSentence(t *testing.T) {
	s := newStore(t)
	at := must[Endpoint](t)(s.cfg.endpoint(ctx))
	poor := at
	poor.Settings = "max_memory_usage=100000&max_untracked_memory=0"
	locked := at
	locked.Settings = "readonly=2"
	nowhere := at
	nowhere.Database = "nowhere"
	row := journalRow(schemas.JournalAccess, t0)
	changes := []schemas.Change{change("ana", 0, "1", available)}
	for name, c := range map[string]struct {
		at   Endpoint
		want error
		do   func(*Store) error
	}{
		"a user who may only read, rows": {locked, ErrReadOnly, func(s *Store) error { return s.WriteJournal(ctx, row) }},
		"a user who may only read, columns": {locked, ErrReadOnly,
			func(s *Store) error { return s.WriteChanges(ctx, row, changes) }},
		"a user who may not migrate": {locked, ErrReadOnly,
			func(s *Store) error { _, err := s.Migrate(ctx); return err }},
		"a right that is not granted": {at, ErrReadOnly,
			func(s *Store) error { return s.exec(ctx, statement{sql: "CREATE USER mallory"}) }},
		"another database, rows": {nowhere, ErrNoDatabase,
			func(s *Store) error { return s.WriteJournal(ctx, row) }},
		"another database, columns": {nowhere, ErrNoDatabase,
			func(s *Store) error { return s.WriteChanges(ctx, row, changes) }},
		"too little memory": {poor, ErrMemory, func(s *Store) error {
			return s.exec(ctx, statement{sql: "SELECT groupArray(number) FROM numbers(10000000)"})
		}},
		"too little memory, columns": {poor, ErrMemory, func(s *Store) error {
			return s.Facts(ctx, FactQuery{}, func(string, []schemas.Fact) error { return nil })
		}},
	} {
		if err := c.do(open(t, c.at)); !errors.Is(err, c.want) || errors.Is(err, schemas.ErrUnavailable) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	check(t, s.ping(ctx))
}
