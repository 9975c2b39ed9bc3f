package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/sirupsen/logrus"

	"rollcall/cmd/internal/app"
	"rollcall/cmd/internal/config"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// exchange is a mail server that stops at a step until it is let go on.
type exchange struct {
	mu    sync.Mutex
	stop  string
	at    chan string
	goOn  chan struct{}
	taken [][]byte
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
	return len(x.taken)
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
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	v.mu.Lock()
	v.taken = append(v.taken, raw)
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

// The daemon is killed at each step of sending. What the server cannot have is sent by the next one, once; what it may
// have is in doubt, stays so, and is sent again only when people say so: never twice by itself.
func TestADaemonKilledWhileItSends(t *testing.T) {
	long(t, "processes are killed and started many times")
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

// last returns the newest mail, without the wrapping of its lines.
func (x *exchange) last(t *testing.T) string {
	t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(string(x.taken[len(x.taken)-1]))))
	if err != nil {
		text = x.taken[len(x.taken)-1] // the attachment is in base64; the text comes before it
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(string(text), "=\r\n", "")), " ")
}

// The worked day (RULES.md section 13) to its end, in the store: the mail of the day goes out, a late fact arrives, the
// day is judged again, and a second mail says what has changed and why; a third does not come.
func TestALateFactCorrectsAMailThatWasSent(t *testing.T) {
	x, address := newExchange(t)
	p := newProgram(t)
	text, err := os.ReadFile(p.config)
	if err == nil {
		text = append(text, "smtp:\n  address: "+address+"\n  security: none\n  from: rollcall@example.org\n"...)
		err = os.WriteFile(p.config, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	day := schemas.UTC.Date(app.Now()) - 3
	file := func(name, content string) string {
		path := filepath.Join(filepath.Dir(p.config), name)
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(content, "DAY", day.String())), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	complete := []string{"import", "status", "--source", "acd", "--complete-to", app.Now().String()}
	p.ok("import", "roster", file("roster.csv",
		"agent_id,name,team,site,time_zone,from\nana,Ana Ortiz,Billing,Leeds,UTC,2020-01-01\n"))
	p.ok("import", "schedule",
		file("schedule.csv", "agent_id,activity,start,end,category,shift\nana,Phones,DAYT09:00:00Z,DAYT10:30:00Z,"+
			"on_queue_work,s1\n"+
			"ana,Break,DAYT10:30:00Z,DAYT11:00:00Z,break,s1\nana,Huddle,DAYT11:00:00Z,DAYT12:00:00Z,meeting,s1\n"))
	p.ok(append(complete, file("status.csv",
		"agent_id,at,presence,status,routing\nana,DAYT08:58:00Z,available,off_queue,off_queue\nana,DAYT09:00:00Z,available,"+
			"available,idle\n"+
			"ana,DAYT10:45:00Z,away,break,off_queue\nana,DAYT12:00:00Z,offline,off_queue,off_queue\n"))...)
	p.ok("compute")

	c, err := config.Load(p.config, nil)
	if err != nil {
		t.Fatal(err)
	}
	log := logrus.New()
	log.SetOutput(io.Discard)
	store, err := app.OpenStore(t.Context(), c, log, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}()
	register, err := app.NewRegister(c, store.Store)
	if err != nil {
		t.Fatal(err)
	}
	var ahead time.Duration
	post, err := app.NewMailer(c, store.Store, register, nil, func() time.Time { return time.Now().Add(ahead) }, log)
	if err != nil {
		t.Fatal(err)
	}
	// An hour ago: the mail of the day before is not due while the test runs.
	p.ok("subscribe", "add", "--to", "kim@example.org", "--team", "Billing",
		"--at", time.Now().UTC().Add(-time.Hour).Format("15:04"), "--time-zone", "UTC", "--no-workbook")
	subs, err := post.Subscriptions(t.Context())
	if err != nil || len(subs) != 1 || subs[0].OwnerID != access.OperatorID {
		t.Fatalf("%+v %v", subs, err)
	}
	rows, err := post.Now(t.Context(), subs, day, false)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%+v %v", rows, err)
	}
	sendAll := func(ctx context.Context) {
		if _, err := post.Send(ctx); err != nil {
			t.Fatal(err)
		}
	}
	sendAll(t.Context())
	if got := x.last(t); !strings.Contains(got,
		"Ana Ortiz 58 %: took calls 15 min into the break, still on break during Huddle (60 min)") ||
		strings.Contains(got, "PROVISIONAL") {
		t.Fatalf("the mail says %s", got)
	}
	p.ok(append(complete, file("late.csv",
		"agent_id,at,presence,status,routing\nana,DAYT11:05:00Z,busy,meeting,off_queue\n"))...)
	p.ok("compute")
	for i, want := range []int64{0, 1, 0} {
		if n, err := post.Due(t.Context(), time.Time{}); err != nil || n != want {
			t.Fatalf("look %d: %d mails, want %d: %v", i, n, want, err)
		}
		ahead += 11 * time.Minute
	}
	sendAll(t.Context())
	if got := x.last(t); x.mails() != 2 || !strings.Contains(got, "Billing: 58.33 % → 88.89 %") ||
		!strings.Contains(got, "Ana Ortiz: 58.33 % → 88.89 %: status changes came in later") {
		t.Errorf("the server has %d mails, the last says %s", x.mails(), got)
	}
}
