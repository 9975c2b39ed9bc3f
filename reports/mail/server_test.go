package mail

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/sirupsen/logrus"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// arrived is a mail that the server has taken.
type arrived struct {
	from, to string
	raw      []byte
}

// mailServer is a real mail server. Each hook may refuse by an error; nil takes.
type mailServer struct {
	*smtp.Server
	mu     sync.Mutex
	taken  []arrived
	tried  int
	signed []string
	rcpt   func(to string, try int) error
	// before and after are called when the first byte, and when the whole mail has come.
	before, after func(c *smtp.Conn) error
	password      string
}

func (x *mailServer) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &serverSession{x: x, conn: c}, nil
}

// serverSession is one connection.
type serverSession struct {
	x        *mailServer
	conn     *smtp.Conn
	from, to string
	signedIn bool
}

func (v *serverSession) Reset()        { v.from, v.to = "", "" }
func (v *serverSession) Logout() error { return nil }

func (v *serverSession) AuthMechanisms() []string {
	if v.x.wants() == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (v *serverSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, password string) error {
		if password != v.x.wants() {
			return smtp.ErrAuthFailed
		}
		v.signedIn = true
		v.x.mu.Lock()
		defer v.x.mu.Unlock()
		v.x.signed = append(v.x.signed, name)
		return nil
	}), nil
}

func (v *serverSession) Mail(from string, _ *smtp.MailOptions) error {
	if v.x.wants() != "" && !v.signedIn {
		return &smtp.SMTPError{Code: 530, Message: "sign in first"}
	}
	v.from = from
	return nil
}

func (v *serverSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.x.mu.Lock()
	v.x.tried++
	try, hook := v.x.tried, v.x.rcpt
	v.x.mu.Unlock()
	if v.to != "" {
		return &smtp.SMTPError{Code: 554, Message: "one recipient per transaction"}
	}
	if hook != nil {
		if err := hook(to, try); err != nil {
			return err
		}
	}
	v.to = to
	return nil
}

// hooks returns what is played at the mail itself.
func (x *mailServer) hooks() (before, after func(*smtp.Conn) error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.before, x.after
}

// play changes what is played.
func (x *mailServer) play(how func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	how()
}

// wants returns the password that is asked for.
func (x *mailServer) wants() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.password
}

func (v *serverSession) Data(r io.Reader) error {
	before, after := v.x.hooks()
	if before != nil {
		if err := before(v.conn); err != nil {
			return err
		}
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if after != nil {
		if err := after(v.conn); err != nil {
			return err
		}
	}
	v.x.mu.Lock()
	defer v.x.mu.Unlock()
	v.x.taken = append(v.x.taken, arrived{v.from, v.to, raw})
	return nil
}

// mails returns what was taken, by recipient.
func (x *mailServer) mails() []arrived {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.SortedFunc(slices.Values(x.taken), func(a, b arrived) int { return compare(a.to, b.to) })
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// newMailServer starts a server on a listener.
func newMailServer(t testing.TB, l net.Listener, secure *tls.Config) *mailServer {
	t.Helper()
	x := &mailServer{}
	x.Server = smtp.NewServer(x)
	x.Domain, x.TLSConfig, x.AllowInsecureAuth, x.MaxRecipients = "mailServer.example", secure, false, 50
	x.ErrorLog = quiet{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = x.Serve(l) // it ends with Close
	}()
	t.Cleanup(func() {
		_ = x.Close() // it may have ended, or not have begun yet
		_ = l.Close()
		<-ended
	})
	return x
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// certificate makes one for 127.0.0.1, and the pool that trusts it.
func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	c := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "mailServer"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		MinVersion: tls.VersionTLS12}, pool
}

// memoryStore are the mailer's memoryStore in memory: of a delivery the highest version counts.
type memoryStore struct {
	mu         sync.Mutex
	subs       []schemas.Subscription
	deliveries map[string]schemas.Delivery
	judged     map[schemas.Date]schemas.Instant
	journal    []schemas.JournalRow
	pending    []schemas.JournalRow
	away       error
}

func newMemoryStore() *memoryStore {
	return &memoryStore{deliveries: map[string]schemas.Delivery{}, judged: map[schemas.Date]schemas.Instant{}}
}

func (s *memoryStore) Subscriptions(context.Context) ([]schemas.Subscription, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.subs), s.away
}

func (s *memoryStore) WriteSubscriptions(_ context.Context, row schemas.JournalRow, list []schemas.Subscription) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal = append(s.journal, row)
	for _, n := range list {
		s.subs = slices.DeleteFunc(s.subs, func(o schemas.Subscription) bool { return o.ID == n.ID })
		if !n.Ended {
			s.subs = append(s.subs, n)
		}
	}
	return s.away
}

func (s *memoryStore) Deliveries(_ context.Context, q schemas.DeliveryQuery) ([]schemas.Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []schemas.Delivery
	for _, d := range s.deliveries {
		if d.DueAt < q.Since || q.State != "" && d.State != q.State || q.Kind != "" && d.Kind != q.Kind || q.ID != "" &&
			d.ID != q.ID || q.Day != 0 && d.Day != q.Day {
			continue
		}
		if !q.Figures {
			d.Figures = ""
		}
		out = append(out, d)
	}
	slices.SortFunc(out, func(x, y schemas.Delivery) int {
		if x.DueAt != y.DueAt {
			return int(y.DueAt - x.DueAt)
		}
		return compare(y.ID, x.ID)
	})
	return out, s.away
}

func (s *memoryStore) WriteDeliveries(_ context.Context, rows []schemas.Delivery) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range rows {
		if old, ok := s.deliveries[d.ID]; s.away == nil && (!ok || d.Version > old.Version) {
			s.deliveries[d.ID] = d
		}
	}
	return s.away
}

func (s *memoryStore) DaysJudged(_ context.Context, from schemas.Date,
	after schemas.Instant) (map[schemas.Date]schemas.Instant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[schemas.Date]schemas.Instant{}
	for d, at := range s.judged {
		if d >= from && at > after {
			out[d] = at
		}
	}
	return out, s.away
}

func (s *memoryStore) Touching(context.Context, schemas.Instant, schemas.Interval) ([]schemas.JournalRow, error) {
	return s.journal, s.away
}

func (s *memoryStore) PendingJournal(_ context.Context, yield func(*schemas.JournalRow) error) error {
	for i := range s.pending {
		if err := yield(&s.pending[i]); err != nil {
			return err
		}
	}
	return s.away
}

func (s *memoryStore) set(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// get returns a delivery to a recipient.
func (s *memoryStore) get(t testing.TB, recipient string) schemas.Delivery {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.deliveries {
		if d.Recipient == recipient {
			return d
		}
	}
	t.Fatalf("nothing is on its way to %s", recipient)
	return schemas.Delivery{}
}

func allOf(string) (access.Scope, error) { return access.Scope{All: true}, nil }

var errGone = errors.New("kim is no longer signed up")

func silent() logrus.FieldLogger {
	l := logrus.New()
	l.SetOutput(io.Discard)
	return l
}

// clockAt is a clock that tests turn.
type clockAt struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clockAt) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clockAt) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// fixture is a mailer with everything around it.
type fixture struct {
	*Mailer
	store  *memoryStore
	days   *memory
	clock  *clockAt
	server *mailServer
	box    *Outbox
}

// subscriptionTo is the subscription of most tests.
func subscriptionTo(recipients ...string) schemas.Subscription {
	return schemas.Subscription{
		ID:         "s1",
		Kind:       schemas.SubscriptionDaily,
		OwnerID:    "kim",
		Recipients: recipients,
		At:         390,
		TimeZone:   "Europe/London",
	}
}

// newFixture makes a mailer whose server is in the clear on this machine; change may alter configuration and parts.
func newFixture(t testing.TB, change func(*Config, *Deps, *fixture)) *fixture {
	t.Helper()
	o := &fixture{store: newMemoryStore(), days: &memory{rows: []schemas.DayRow{ana()}},
		clock: &clockAt{t: at("2026-03-03T06:30:30Z").Time()}, box: NewOutbox(t.TempDir())}
	c := DefaultConfig()
	c.From, c.Server.Security, c.Server.Timeout, c.Public = "Rollcall <rollcall@example.org>", SecurityNone, 5*time.Second,
		"https://rollcall.example"
	d := Deps{
		Store:  o.store,
		Days:   o.days,
		Outbox: o.box,
		Scope:  allOf,
		Clock:  o.clock.now,
		Log:    silent(),
	}
	if change != nil {
		change(&c, &d, o)
	}
	if o.server == nil && c.Server.Address == "" {
		l := listen(t)
		c.Server.Address = l.Addr().String()
		o.server = newMailServer(t, l, nil)
	}
	var err error
	if o.Mailer, err = New(c, d); err != nil {
		t.Fatal(err)
	}
	return o
}

// due makes what is due.
func (o *fixture) due(t testing.TB) int64 {
	t.Helper()
	n, err := o.Due(t.Context(), o.clock.now())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// sendAll sends once.
func (o *fixture) sendAll(t testing.TB) Outcome {
	t.Helper()
	out, err := o.Send(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}
