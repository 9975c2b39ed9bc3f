// Package demo makes up a contact centre in a folder of its own and lets it go on working while a daemon shows it.
//
// Nouns: [Demo] is the centre once its files are imported, judged and reported ([Make]); the player is the agent whom
// somebody signs in as. [Demo.Feed] and [Demo.Route] are what the centre's own systems would push: the first what the
// other agents do, the second the player's routing.
//
// # Why
//
// Who meets Rollcall for the first time has no feed and no schedule at hand. The demonstration comes in by the same
// ways as theirs will: files are imported, changes are pushed.
package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/sirupsen/logrus"

	"rollcall/adherence/batch"
	"rollcall/cmd/internal/app"
	"rollcall/cmd/internal/config"
	"rollcall/ingest"
	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/ingest/simulate"
	"rollcall/reports"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Dir is the folder of the demonstration, never store.dir.
const Dir = "rollcall-demo"

// mark is the file by which the demonstration knows a folder as its own: it removes nothing without it.
const mark = ".made-by-rollcall-demo"

// source is the feed of the demonstration.
const source = "demo"

// Demo is a made-up contact centre that has been put into a store.
type Demo struct {
	centre *simulate.Centre
	// began is the instant at which the files end and the live feed begins.
	began  schemas.Instant
	player string
	// Report is yesterday's adherence; Workbook the file that holds it, Mail the file with yesterday's daily e-mail.
	Report         *reports.Adherence
	Workbook, Mail string
	SignIns        []SignIn
	// Huddle is when the meeting starts that the player is reminded of; 0 for none.
	Huddle schemas.Instant
}

// SignIn is an account of the demonstration.
type SignIn struct{ Name, Password, Sees string }

// Make makes the folder anew and fills it: files, store, results, workbook and accounts. step is called with what is
// done.
func Make(ctx context.Context, c config.Config, log logrus.FieldLogger, agents, days int,
	step func(format string, args ...any)) (*Demo, error) {
	if err := clearFolder(Dir); err != nil {
		return nil, err
	}
	d := &Demo{began: app.Now()}
	yesterday := schemas.UTC.Date(d.began) - 1
	d.Workbook = filepath.Join(Dir, "adherence-"+yesterday.String()+".xlsx")
	d.Mail = filepath.Join(Dir, "mail-"+yesterday.String()+".html")
	cfg := simulate.DefaultConfig()
	cfg.Agents, cfg.Days, cfg.Until, cfg.Now = agents, days+3, yesterday+3, d.began
	cfg.Source, cfg.Dir = source, filepath.Join(Dir, "files")
	var err error
	if d.centre, err = simulate.NewCentre(cfg); err != nil {
		return nil, err
	}
	w, err := simulate.Write(ctx, cfg)
	if err != nil {
		return nil, err
	}
	step("%s: %d agents, %d activities, %d status changes", cfg.Dir, agents, w.Schedule, w.Status)
	opened, err := app.OpenStore(ctx, c, log, func(msg string) { step("%s", msg) })
	if err != nil {
		return nil, err
	}
	return d, errors.Join(d.fill(ctx, c, opened, cfg.Dir, yesterday, step), opened.Close())
}

// fill imports the files in the order in which they need each other, judges, reports and makes the accounts.
func (d *Demo) fill(ctx context.Context, c config.Config, s *app.Opened, dir string, yesterday schemas.Date,
	step func(string, ...any)) error {
	start := app.Clock()
	for _, kind := range []files.Kind{files.Roster, files.Activities, files.Schedule, files.Status, files.Gaps} {
		in, err := files.FileInput(filepath.Join(dir, string(kind)+".csv"))
		if err == nil {
			err = d.load(ctx, s, kind, in)
		}
		if err != nil {
			return err
		}
	}
	step("imported in %.1f s", app.Clock().Sub(start).Seconds())
	b, err := app.NewBatch(c, s.Store)
	if err != nil {
		return err
	}
	start = app.Clock()
	sum, err := b.Compute(ctx, batch.Run{ID: uuid.NewString(), Now: app.Now()}, app.Results(ctx, s.Store))
	if err != nil {
		return err
	}
	step("judged %d agent-days in %.1f s", sum.Days, app.Clock().Sub(start).Seconds())
	q := reports.Query{From: yesterday, To: yesterday, Against: reports.AgainstCurrent, TeamsAs: reports.TeamsThen}
	if d.Report, err = app.SaveReport(ctx, &app.Answers{Store: s.Store, Batch: b}, q, d.Workbook); err != nil {
		return err
	}
	message, err := app.DailyMail(ctx, c, s.Store, yesterday, nil, nil, schemas.UTC)
	if err != nil {
		return err
	}
	return errors.Join(app.SaveMessage(c, message, d.Mail), d.accounts(ctx, c, s))
}

// load imports one file.
func (d *Demo) load(ctx context.Context, s *app.Opened, kind files.Kind, in files.Input) error {
	opt := imports.Options{Actor: "demo"}
	if kind == files.Status {
		opt.Source, opt.CompleteTo = source, d.began
	}
	r, err := imports.New(imports.Deps{Store: s.Store, Clock: app.Clock}).Import(ctx, kind, in, opt)
	if err == nil && r.ProblemCount > 0 {
		err = fmt.Errorf("the made-up %s file has %d bad rows, the first: %s", kind, r.ProblemCount, r.Problems[0])
	}
	return err
}

// accounts chooses the player and makes one sign-in per role.
func (d *Demo) accounts(ctx context.Context, c config.Config, s *app.Opened) error {
	r, err := app.NewRegister(c, s.Store)
	if err != nil {
		return err
	}
	if err := r.Refresh(ctx); err != nil {
		return err
	}
	m, err := d.cast(ctx, s)
	if err != nil {
		return err
	}
	for _, one := range []struct {
		access.Spec
		sees string
	}{
		{access.Spec{Name: "agent", Role: schemas.RoleAgent, AgentID: m.AgentID}, "is " + m.Name +
			", sees colleagues' presence"},
		{access.Spec{Name: "supervisor", Role: schemas.RoleSupervisor, Teams: []string{m.Team}}, "sees team " + m.Team},
		{access.Spec{Name: "planner", Role: schemas.RolePlanner, Teams: []string{access.Everything}}, "sees every team"},
		{access.Spec{Name: "manager", Role: schemas.RoleManager, Sites: []string{m.Site}}, "sees site " + m.Site},
		{access.Spec{Name: "admin", Role: schemas.RoleAdmin}, "sees everything"},
	} {
		password := strings.ToLower(rand.Text()[:12])
		if _, err := r.AddUser(ctx, one.Spec, password, access.Operator("demo")); err != nil {
			return err
		}
		d.SignIns = append(d.SignIns, SignIn{one.Name, password, one.sees})
	}
	return nil
}

// clearFolder removes what an earlier demonstration left. A folder that it did not make is an error.
func clearFolder(dir string) error {
	_, err := os.Stat(filepath.Join(dir, mark))
	if errors.Is(err, fs.ErrNotExist) {
		if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
			return fmt.Errorf("./%s holds files that no demonstration made; move them away or run the demo elsewhere", dir)
		}
	} else if err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("clearing the last demonstration: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, mark), []byte("rollcall demo removes and fills this folder.\n"), 0o600)
}

// heartbeat is how often the made-up feed says that it is there.
const heartbeat = 30 * time.Second

// Feed pushes what the made-up agents go on doing, but for the player, until ctx ends.
func (d *Demo) Feed(ctx context.Context, daemon *app.Daemon) error {
	live := d.centre.Live(d.began)
	change, due := live.Next()
	for beat := app.Now(); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Until(min(due, beat).Time())):
		}
		b := ingest.Batch{Actor: "demo", Origin: "demo"}
		if now := app.Now(); beat <= now {
			b.Feeds = []schemas.Feed{{Source: source, CompleteUpTo: beat, LastSeen: beat}}
			beat = now.Add(heartbeat.Milliseconds())
		} else {
			if change.Source = source; change.AgentID != d.player {
				b.Changes = []schemas.Change{change}
			}
			change, due = live.Next()
		}
		if len(b.Changes)+len(b.Feeds) == 0 {
			continue
		}
		if err := daemon.Push(ctx, b); err != nil {
			return err
		}
	}
}
