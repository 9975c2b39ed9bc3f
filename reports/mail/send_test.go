package mail

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"rollcall/schemas"
)

func TestEachRecipientGetsTheirOwnMail(t *testing.T) {
	o := newFixture(t, nil)
	o.store.subs = []schemas.Subscription{subscriptionTo("kim@example.org", "lee@example.org", "max@example.org")}
	if n := o.due(t); n != 3 || o.due(t) != 0 {
		t.Fatalf("%d mails were made", n)
	}
	before := o.store.get(t, "lee@example.org")
	raw, err := o.box.Get(before.ID, before.Hash)
	if err != nil || before.State != schemas.DeliveryQueued || before.Size != len(raw) {
		t.Fatalf("the delivery is %+v %v", before, err)
	}
	if out := o.sendAll(t); out != (Outcome{Sent: 3}) {
		t.Fatalf("got %+v", out)
	}
	mails := o.server.mails()
	if len(mails) != 3 || mails[1].to != "lee@example.org" || mails[1].from != "rollcall@example.org" ||
		!bytes.Equal(mails[1].raw, raw) {
		t.Fatalf("the server has %d mails", len(mails))
	}
	m := parse(t, mails[1].raw)
	if m.head.Get("To") != "<lee@example.org>" || m.head.Get("Message-Id") != "<"+before.MessageID+">" ||
		m.head.Get("Auto-Submitted") != "auto-generated" ||
		m.head.Get("List-Unsubscribe") != "<https://rollcall.example/reports>" ||
		!strings.HasSuffix(before.MessageID, "@example.org") {
		t.Errorf("the head is %v", m.head)
	}
	after := o.store.get(t, "lee@example.org")
	if after.State != schemas.DeliverySent || after.Attempts != 1 || after.LastError != "" || after.Hash != before.Hash ||
		after.MessageID != before.MessageID {
		t.Errorf("the delivery is %+v", after)
	}
	if _, err := o.box.Get(after.ID, after.Hash); err != nil {
		t.Errorf("the mail is gone: %v", err)
	}
	if err := o.Forget(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := o.box.Get(after.ID, after.Hash); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the mail is not forgotten: %v", err)
	}
	if _, err := o.Resend(t.Context(), after.ID); !errors.Is(err, ErrNotAgain) {
		t.Errorf("resending what is forgotten: %v", err)
	}
	if again := o.sendAll(t); again != (Outcome{}) {
		t.Errorf("sent twice: %+v", again)
	}
	if sending, sent, err := o.box.Marked(); len(sending)+len(sent) != 0 || err != nil {
		t.Errorf("markers are left: %v %v %v", sending, sent, err)
	}
}

// Every way in which a server may refuse, with what becomes of the mail, and what is said of it.
func TestEveryRefusal(t *testing.T) {
	greylisting := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1},
		Message: "come back in five minutes"}
	nobody := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	drop := func(c *smtp.Conn) error { return errors.Join(errors.New("cut"), c.Conn().Close()) }
	for name, c := range map[string]struct {
		play func(*mailServer)
		want schemas.DeliveryState
		says string
	}{
		"greylisting": {func(x *mailServer) { x.rcpt = func(string, int) error { return greylisting } },
			schemas.DeliveryQueued, "come back in five minutes"},
		"no such user": {func(x *mailServer) { x.rcpt = func(string, int) error { return nobody } }, schemas.DeliveryRefused,
			"no such user"},
		"closing": {func(x *mailServer) {
			x.rcpt = func(string, int) error { return &smtp.SMTPError{Code: 421, Message: "shutting down"} }
		}, schemas.DeliveryQueued, "shutting down"},
		"drops at the recipient": {func(x *mailServer) { x.rcpt = func(string, int) error { panic("drop") } },
			schemas.DeliveryQueued, "recipient"},
		"drops in the mail": {func(x *mailServer) { x.before = drop }, schemas.DeliveryInDoubt, ""},
		"drops after the mail": {func(x *mailServer) { x.after = drop }, schemas.DeliveryInDoubt,
			"did not say whether it has taken the mail"},
		"not now after the mail": {func(x *mailServer) { x.after = func(*smtp.Conn) error { return greylisting } },
			schemas.DeliveryQueued, "come back"},
		"spam": {func(x *mailServer) {
			x.after = func(*smtp.Conn) error { return &smtp.SMTPError{Code: 554, Message: "looks like spam"} }
		}, schemas.DeliveryRefused, "looks like spam"},
		"wants somebody signed in": {func(x *mailServer) { x.password = "secret" }, schemas.DeliveryQueued, "smtp.username"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newFixture(t, nil)
			o.store.subs = []schemas.Subscription{subscriptionTo("kim@example.org")}
			if name == "drops in the mail" {
				// Large enough that the server closes before the last line is written.
				o.days.rows = wide(4000)
				c.want = schemas.DeliveryQueued
			}
			o.server.play(func() { c.play(o.server) })
			o.due(t)
			o.sendAll(t)
			d := o.store.get(t, "kim@example.org")
			if d.State != c.want || !strings.Contains(d.LastError, c.says) || d.LastError == "" || d.Attempts != 1 ||
				(d.NextAt != 0) != (c.want == schemas.DeliveryQueued) {
				t.Fatalf("the delivery is %s after %d, next %v: %s", d.State, d.Attempts, d.NextAt, d.LastError)
			}
			if len(o.server.mails()) != 0 {
				t.Error("the server has a mail")
			}
			// What waits goes out when the server has come to its senses; what does not, does not.
			o.server.play(func() { o.server.rcpt, o.server.before, o.server.after, o.server.password = nil, nil, nil, "" })
			o.clock.add(2 * time.Minute)
			o.sendAll(t)
			got := o.server.mails()
			if want := c.want == schemas.DeliveryQueued; (len(got) == 1) != want {
				t.Fatalf("later the server has %d mails", len(got))
			}
			if len(got) == 1 && hashOf(got[0].raw) != d.Hash {
				t.Error("the second attempt sent other bytes")
			}
		})
	}
}

// wide are days whose mail is large: many teams.
func wide(n int) []schemas.DayRow {
	var rows []schemas.DayRow
	for i := range n {
		d := ana()
		d.AgentID, d.Team = fmt.Sprintf("a%04d", i), fmt.Sprintf("Team %04d", i)
		rows = append(rows, d)
	}
	return rows
}

// One who is refused costs nobody else their mail, and the connection goes on.
func TestOneOfManyIsRefused(t *testing.T) {
	o := newFixture(t, func(c *Config, _ *Deps, _ *fixture) { c.Connections = 1 })
	o.server.rcpt = func(to string, _ int) error {
		if to == "gone@example.org" {
			return &smtp.SMTPError{Code: 550, Message: "gone"}
		}
		return nil
	}
	o.store.subs = []schemas.Subscription{subscriptionTo("a@example.org", "gone@example.org", "b@example.org",
		"c@example.org")}
	o.due(t)
	if out := o.sendAll(t); out != (Outcome{Sent: 3, Failed: 1}) || len(o.server.mails()) != 3 {
		t.Errorf("got %+v and %d mails", out, len(o.server.mails()))
	}
	if err := o.look(t.Context()); err != nil || len(o.Alarms()) != 1 ||
		!strings.Contains(o.Alarms()[0].Text, "the mail of 2026-03-02 to gone@example.org is refused: ") {
		t.Errorf("the alarms are %+v %v", o.Alarms(), err)
	}
}

func TestAServerThatIsAwayOrSlowCostsATryAndNoMore(t *testing.T) {
	l := listen(t)
	address := l.Addr().String()
	hold := make(chan net.Conn, 10) // accepts and says nothing
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				close(hold)
				return
			}
			hold <- c
		}
	}()
	o := newFixture(t, func(c *Config, _ *Deps, _ *fixture) {
		c.Server.Address, c.Server.Timeout = address,
			50*time.Millisecond
	})
	o.store.subs = []schemas.Subscription{subscriptionTo("kim@example.org", "lee@example.org")}
	o.due(t)
	if out := o.sendAll(t); out != (Outcome{Waiting: 2}) {
		t.Errorf("slow: %+v", out)
	}
	slow := o.store.get(t, "kim@example.org")
	if !strings.Contains(slow.LastError, "mail server "+address) || !strings.Contains(slow.LastError, "timeout") {
		t.Errorf("slow: %s", slow.LastError)
	}
	_ = l.Close() // that is the test
	for c := range hold {
		_ = c.Close()
	}
	o.clock.add(2 * time.Minute)
	if out := o.sendAll(t); out != (Outcome{Waiting: 2}) {
		t.Errorf("away: %+v", out)
	}
	if d := o.store.get(t, "kim@example.org"); d.Attempts != 2 || !strings.Contains(d.LastError, "refused") {
		t.Errorf("away: %d attempts, %s", d.Attempts, d.LastError)
	}
	o.clock.add(13 * time.Hour)
	if out := o.sendAll(t); out != (Outcome{Failed: 2}) {
		t.Errorf("after half a day: %+v", out)
	}
	if d := o.store.get(t, "kim@example.org"); d.State != schemas.DeliveryGivenUp {
		t.Errorf("after half a day: %+v", d)
	}
}

func TestTLSAndSigningIn(t *testing.T) {
	secure, roots := certificate(t)
	for _, c := range []struct {
		name     string
		security Security
		trusted  bool
		password string
		plain    bool // the server offers no TLS
		says     string
	}{
		{"starttls", SecurityStartTLS, true, "secret", false, ""},
		{"tls", SecurityTLS, true, "secret", false, ""},
		{"starttls, unknown authority", SecurityStartTLS, false, "secret", false, "smtp.ca_file"},
		{"tls, unknown authority", SecurityTLS, false, "secret", false, "smtp.ca_file"},
		{"wrong password", SecurityStartTLS, true, "wrong", false, `refuses to sign "rollcall" in`},
		{"no STARTTLS on offer", SecurityStartTLS, true, "secret", true, "STARTTLS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newFixture(t, func(cfg *Config, _ *Deps, o *fixture) {
				l := listen(t)
				cfg.Server = Server{Address: l.Addr().String(), Security: c.security, Username: "rollcall", Password: c.password,
					Timeout: 5 * time.Second}
				if c.trusted {
					cfg.Server.Roots = roots
				}
				offered := secure
				if c.security == SecurityTLS {
					l = tls.NewListener(l, secure)
				}
				if c.plain {
					offered = nil
				}
				o.server = newMailServer(t, l, offered)
				o.server.password = "secret"
			})
			o.store.subs = []schemas.Subscription{subscriptionTo("kim@example.org")}
			o.due(t)
			out := o.sendAll(t)
			d := o.store.get(t, "kim@example.org")
			if c.says == "" {
				if out.Sent != 1 || len(o.server.signed) != 1 || o.server.signed[0] != "rollcall" {
					t.Errorf("%+v: %s", out, d.LastError)
				}
				return
			}
			if out.Waiting != 1 || !strings.Contains(d.LastError, c.says) || strings.Contains(d.LastError, c.password) ||
				len(o.server.mails()) != 0 {
				t.Errorf("%+v: %s", out, d.LastError)
			}
		})
	}
}

// What a process was in the middle of when it ended: distinguished by what lies on disk.
func TestWhatARestartKnows(t *testing.T) {
	o := newFixture(t, nil)
	o.store.subs = []schemas.Subscription{subscriptionTo("before@example.org", "doubt@example.org", "after@example.org")}
	o.due(t)
	doubt, after := o.store.get(t, "doubt@example.org"), o.store.get(t, "after@example.org")
	for _, err := range []error{o.box.markSending(doubt.ID), o.box.markSending(after.ID), o.box.Sent(after.ID)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	o.store.away = errors.New("the store is away")
	if err := o.recover(t.Context()); err == nil {
		t.Fatal("recovered without a store")
	}
	o.store.away = nil
	if err := o.recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out := o.sendAll(t); out != (Outcome{Sent: 1}) || len(o.server.mails()) != 1 ||
		o.server.mails()[0].to != "before@example.org" {
		t.Errorf("got %+v", out)
	}
	for recipient, want := range map[string]schemas.DeliveryState{"before@example.org": schemas.DeliverySent,
		"doubt@example.org": schemas.DeliveryInDoubt, "after@example.org": schemas.DeliverySent} {
		if d := o.store.get(t, recipient); d.State != want || d.Attempts != 1 {
			t.Errorf("%s is %s after %d", recipient, d.State, d.Attempts)
		}
	}
	if err := o.look(t.Context()); err != nil || len(o.Alarms()) != 1 ||
		!strings.Contains(o.Alarms()[0].Text, "rollcall report daily resend "+doubt.ID) {
		t.Errorf("the alarms are %+v %v", o.Alarms(), err)
	}
	// People decide: the same bytes, once.
	if _, err := o.Resend(t.Context(), doubt.ID); err != nil {
		t.Fatal(err)
	}
	if out := o.sendAll(t); out != (Outcome{Sent: 1}) || hashOf(o.server.mails()[1].raw) != doubt.Hash ||
		o.server.mails()[1].to != "doubt@example.org" {
		t.Errorf("resent: %+v", out)
	}
	if err := o.look(t.Context()); err != nil || len(o.Alarms()) != 0 {
		t.Errorf("the alarms are %+v %v", o.Alarms(), err)
	}
	if _, err := o.Resend(t.Context(), "5f0f4a52-9a0e-4c39-8b06-0c9f8a6f3b11"); !errors.Is(err, ErrNoDelivery) {
		t.Errorf("resending what is not there: %v", err)
	}
}

func TestAMailThatWasTouchedIsNotSent(t *testing.T) {
	o := newFixture(t, nil)
	o.store.subs = []schemas.Subscription{subscriptionTo("kim@example.org")}
	o.due(t)
	d := o.store.get(t, "kim@example.org")
	path, err := o.box.path(d.ID, mailFile)
	if err == nil {
		err = os.WriteFile(path, []byte("Subject: something else\r\n\r\n"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if out := o.sendAll(t); out != (Outcome{Failed: 1}) ||
		!strings.Contains(o.store.get(t, "kim@example.org").LastError, "not the one that was composed") {
		t.Errorf("got %+v", out)
	}
}

func TestTheOutboxHasOneSenderAndNoWayOut(t *testing.T) {
	dir := t.TempDir()
	one, other := NewOutbox(dir), NewOutbox(dir)
	release, err := one.take()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.take(); !errors.Is(err, errTaken) {
		t.Errorf("taken twice: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if release, err = other.take(); err != nil || release() != nil {
		t.Errorf("after the release: %v", err)
	}
	for _, id := range []string{"", "../../etc/passwd", "5f0f4a52-9a0e-4c39-8b06-0c9f8a6f3b11/..",
		"urn:uuid:5f0f4a52-9a0e-4c39-8b06-0c9f8a6f3b11/x"} {
		if _, err := one.Put(id, nil); err == nil {
			t.Errorf("a mail was written as %q", id)
		}
	}
	old := "5f0f4a52-9a0e-4c39-8b06-0c9f8a6f3b11"
	current := "5f0f4a52-9a0e-4c39-8b06-0c9f8a6f3b12"
	for _, id := range []string{old, current} {
		if _, err := one.Put(id, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := one.removeOld(time.Now().Add(48*time.Hour), []string{current}); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"+mailFile))
	if err != nil || len(left) != 1 || !strings.Contains(left[0], current) {
		t.Errorf("left are %v %v", left, err)
	}
}

// A mail that lies in the outbox of a command on another machine is left to that command; when nobody sends it, it is
// lost.
func TestAMailInAnotherOutboxIsLeftToItsOwner(t *testing.T) {
	o := newFixture(t, nil)
	o.store.subs = []schemas.Subscription{subscriptionTo("kim@example.org")}
	o.due(t)
	d := o.store.get(t, "kim@example.org")
	if err := os.Remove(filepath.Join(o.box.dir, d.ID+mailFile)); err != nil {
		t.Fatal(err)
	}
	if out := o.sendAll(t); out != (Outcome{}) || o.store.get(t, "kim@example.org").Version != d.Version {
		t.Errorf("somebody else's mail came to %+v", out)
	}
	o.clock.add(time.Hour)
	if out := o.sendAll(t); out != (Outcome{Failed: 1}) ||
		!strings.Contains(o.store.get(t, "kim@example.org").LastError, "no such file") {
		t.Errorf("a lost mail came to %+v", out)
	}
}
