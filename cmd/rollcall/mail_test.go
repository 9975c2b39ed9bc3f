package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// exchange is a mail server that stops at a step until it is let go on.
type exchange struct {
	mu    sync.Mutex
	stop  string
	at    chan string
	goOn  chan struct{}
	taken int
}

// step is where the server stops, once, if it was asked to.
func (x *exchange) step(name string) {
	x.mu.Lock()
	stop := x.stop == name
	if stop {
		x.stop = ""
	}
	x.mu.Unlock()
	if stop {
		x.at <- name
		<-x.goOn
	}
}

func (x *exchange) mails() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.taken
}

func (x *exchange) NewSession(*smtp.Conn) (smtp.Session, error) {
	x.step("hello")
	return &visit{x}, nil
}

type visit struct{ *exchange }

func (v *visit) Reset()                               {}
func (v *visit) Logout() error                        { return nil }
func (v *visit) Mail(string, *smtp.MailOptions) error { v.step("sender"); return nil }
func (v *visit) Rcpt(string, *smtp.RcptOptions) error { v.step("recipient"); return nil }
func (v *visit) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	v.mu.Lock()
	v.taken++
	v.mu.Unlock()
	v.step("the end of the mail")
	return nil
}

func newExchange(t *testing.T) (*exchange, string) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	x := &exchange{at: make(chan string), goOn: make(chan struct{})}
	s := smtp.NewServer(x)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Serve(l) // it ends with Close
	}()
	t.Cleanup(func() {
		_ = s.Close()
		_ = l.Close()
		<-ended
	})
	return x, l.Addr().String()
}

// sentMail is a row of `report daily deliveries`.
type sentMail struct {
	ID, State, Recipient string
	Attempts             int
}

// The daemon is killed at each step of sending. What the server cannot have is sent by the next one, once; what it may have
// is in doubt, stays so, and is sent again only when people say so: never twice by itself.
func TestADaemonKilledWhileItSends(t *testing.T) {
	t.Parallel()
	x, address := newExchange(t)
	p := newWorkshop(t)
	yaml := "smtp:\n  address: " + address + "\n  security: none\n  from: Rollcall <rollcall@example.org>\n"
	if err := os.WriteFile(filepath.Join(p.dir, "rollcall.yaml"), []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	d := p.serve(t)
	ready := func() bool {
		code, _, err := d.call("GET", "/readyz", "", "")
		return err == nil && code == 200
	}
	deliveries := func() map[string]sentMail {
		var rows []sentMail
		out, err := p.command("report", "daily", "deliveries", "-o", "json").Output()
		if err == nil {
			err = json.Unmarshal(out, &rows)
		}
		if err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		byName := map[string]sentMail{}
		for _, r := range rows {
			byName[r.Recipient] = r
		}
		return byName
	}
	want := 0
	for i, step := range []string{"hello", "sender", "recipient", "the end of the mail"} {
		if err := eventually(ready); err != nil {
			t.Fatal(d.said.String())
		}
		to := fmt.Sprintf("kim%d@example.org", i)
		x.mu.Lock()
		x.stop = step
		x.mu.Unlock()
		send := p.command("report", "daily", "--send", "--to", to)
		if err := send.Start(); err != nil {
			t.Fatal(err)
		}
		if at := <-x.at; at != step {
			t.Fatalf("stopped at %s", at)
		}
		d.kill()
		x.goOn <- struct{}{}
		_ = send.Wait() // it has lost its daemon
		d = p.serve(t)
		if err := eventually(ready); err != nil {
			t.Fatal(d.said.String())
		}
		want++
		state := "sent"
		if step == "the end of the mail" {
			state = "in_doubt"
		}
		if err := eventually(func() bool { return deliveries()[to].State == state }); err != nil {
			t.Fatalf("killed at %s: %+v", step, deliveries()[to])
		}
		if n := x.mails(); n != want {
			t.Fatalf("killed at %s: the server has %d mails, want %d", step, n, want)
		}
	}
	doubtful := deliveries()["kim3@example.org"]
	if out, err := p.command("report", "daily", "resend", doubtful.ID, "-o", "json").CombinedOutput(); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if got := deliveries()["kim3@example.org"]; got.State != "sent" || x.mails() != want+1 {
		t.Errorf("resent: %+v, the server has %d mails", got, x.mails())
	}
	if err := d.stop(); err != nil {
		t.Error(err)
	}
}
