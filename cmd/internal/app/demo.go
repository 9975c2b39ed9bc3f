package app

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

	"github.com/sirupsen/logrus"

	"rollcall/adherence/batch"
	"rollcall/cmd/internal/config"
	"rollcall/ingest"
	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/ingest/simulate"
	"rollcall/reports"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// DemoDir is the folder of the demonstration, never store.dir.
const DemoDir = "rollcall-demo"

// demoMark is the file by which the demonstration knows a folder as its own: it removes nothing without it.
const demoMark = ".made-by-rollcall-demo"

// Demo is a made-up contact centre that has been put into a store.
type Demo struct {
	Centre *simulate.Centre
	// Now is the instant at which the files end and the live feed begins.
	Now schemas.Instant
	// Report is yesterday's adherence; Workbook the file that holds it.
	Report   *reports.Adherence
	Workbook string
	// Mail is the file that holds the daily e-mail of yesterday.
	Mail    string
	SignIns []SignIn
	// Huddle is when the meeting starts that the player is reminded of; 0 for none.
	Huddle schemas.Instant
	// Player is the agent whom the sign-in of role agent is; the made-up feed leaves that one alone.
	Player string
}

// SignIn is an account of the demonstration.
type SignIn struct {
	Role           schemas.Role
	Name, Password string
	Sees           string
}

// demoSource is the feed of the demonstration.
const demoSource = "demo"

// MakeDemo makes the folder anew and fills it: files, store, results, workbook and accounts. step is called with what
// is done.
func MakeDemo(ctx context.Context, c config.Config, log logrus.FieldLogger, agents, days int,
	step func(format string, args ...any)) (*Demo, error) {
	if err := clearDemo(DemoDir); err != nil {
		return nil, err
	}
	now := Now()
	today := schemas.UTC.Date(now)
	cfg := simulate.DefaultConfig()
	cfg.Agents, cfg.Days, cfg.Until, cfg.Now = agents, days+3, today+2, now
	cfg.Source, cfg.Dir = demoSource, filepath.Join(DemoDir, "files")
	centre, err := simulate.NewCentre(cfg)
	if err != nil {
		return nil, err
	}
	w, err := simulate.Write(ctx, cfg)
	if err != nil {
		return nil, err
	}
	step("%s: %d agents, %d activities, %d status changes", cfg.Dir, agents, w.Schedule, w.Status)
	opened, err := OpenStore(ctx, c, log, func(msg string) { step("%s", msg) })
	if err != nil {
		return nil, err
	}
	d := &Demo{Centre: centre, Now: now, Workbook: filepath.Join(DemoDir, "adherence-"+(today-1).String()+".xlsx"),
		Mail: filepath.Join(DemoDir, "mail-"+(today-1).String()+".html")}
	err = d.fill(ctx, c, opened, cfg.Dir, today-1, step)
	return d, errors.Join(err, opened.Close())
}

// fill imports the files, judges, reports and makes the accounts.
func (d *Demo) fill(ctx context.Context, c config.Config, s *Opened, dir string, yesterday schemas.Date,
	step func(string, ...any)) error {
	start := Clock()
	if err := importDemo(ctx, s, dir, d.Now); err != nil {
		return err
	}
	step("imported in %.1f s", Clock().Sub(start).Seconds())
	b, err := NewBatch(c, s.Store)
	if err != nil {
		return err
	}
	start = Clock()
	sum, err := b.Compute(ctx, batch.Run{ID: newID(), Now: Now()}, Results(ctx, s.Store))
	if err != nil {
		return err
	}
	step("judged %d agent-days in %.1f s", sum.Days, Clock().Sub(start).Seconds())
	q := reports.Query{From: yesterday, To: yesterday, Against: reports.AgainstCurrent, TeamsAs: reports.TeamsThen}
	if d.Report, err = SaveReport(ctx, &Answers{Store: s.Store, Batch: b, Now: Now()}, q, d.Workbook); err != nil {
		return err
	}
	message, err := DailyMail(ctx, c, s.Store, yesterday, nil, nil, schemas.UTC)
	if err != nil {
		return err
	}
	if err := SaveMessage(c, message, d.Mail); err != nil {
		return err
	}
	return d.accounts(ctx, c, s)
}

// importDemo imports the files in the order in which they need each other.
func importDemo(ctx context.Context, s *Opened, dir string, now schemas.Instant) error {
	importer := imports.New(imports.Deps{Store: s.Store, Clock: Clock})
	for _, kind := range []files.Kind{files.Roster, files.Activities, files.Schedule, files.Status, files.Gaps} {
		in, err := files.FileInput(filepath.Join(dir, string(kind)+".csv"))
		if err != nil {
			return err
		}
		opt := files.Options{Actor: "demo"}
		if kind == files.Status {
			opt.Source, opt.CompleteTo = demoSource, now
		}
		r, err := importer.Import(ctx, kind, in, opt)
		if err != nil {
			return err
		}
		if r.ProblemCount > 0 {
			return fmt.Errorf("the made-up %s file has %d bad rows, the first: %s", kind, r.ProblemCount, r.Problems[0])
		}
	}
	return nil
}

// accounts makes one sign-in per role.
func (d *Demo) accounts(ctx context.Context, c config.Config, s *Opened) error {
	r, err := NewRegister(c, s.Store)
	if err != nil {
		return err
	}
	if err := r.Refresh(ctx); err != nil {
		return err
	}
	members, err := s.Memberships(ctx, 0)
	if err != nil || len(members) == 0 {
		return fmt.Errorf("reading the made-up roster: %w", err)
	}
	m, err := player(ctx, s.Store, members, d.Now)
	if err != nil {
		return err
	}
	d.Player = m.AgentID
	if d.Huddle, err = huddle(ctx, s.Store, m.AgentID, filepath.Join(DemoDir, "files"), Now()); err != nil {
		return err
	}
	for _, spec := range []struct {
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
		if _, err := r.AddUser(ctx, spec.Spec, password, access.Operator("demo")); err != nil {
			return err
		}
		d.SignIns = append(d.SignIns, SignIn{spec.Role, spec.Name, password, spec.sees})
	}
	return nil
}

// clearDemo removes what an earlier demonstration left. A folder that it did not make is an error.
func clearDemo(dir string) error {
	_, err := os.Stat(filepath.Join(dir, demoMark))
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := os.ReadDir(dir)
		if err == nil && len(entries) > 0 {
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
	return os.WriteFile(filepath.Join(dir, demoMark), []byte("rollcall demo removes and fills this folder.\n"), 0o600)
}

// Feed sends what the made-up agents go on doing, as a feed would, until ctx ends. It begins when the daemon is ready.
func (d *Demo) Feed(ctx context.Context, daemon *Daemon) error {
	select {
	case <-ctx.Done():
		return nil
	case <-daemon.ready:
	}
	live := d.Centre.Live(d.Now)
	change, due := live.Next()
	beat := Now()
	for {
		if at := min(due, beat); at > Now() {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(time.Until(at.Time())):
			}
		}
		b := ingest.Batch{Actor: "demo", Origin: "demo"}
		if beat <= Now() {
			b.Feeds = []schemas.Feed{{Source: demoSource, CompleteUpTo: beat, LastSeen: beat}}
			beat = Now().Add(demoBeat.Milliseconds())
		} else {
			change.Source = demoSource
			if change.AgentID != d.Player {
				b.Changes = []schemas.Change{change}
			}
			change, due = live.Next()
		}
		if len(b.Changes)+len(b.Feeds) == 0 {
			continue
		}
		if err := daemon.accept(ctx, b); err != nil {
			return err
		}
		if len(b.Feeds) > 0 {
			daemon.watch.Heartbeat(demoSource)
		} else {
			daemon.watch.Seen(demoSource, 0)
		}
	}
}

// demoBeat is how often the made-up feed says that it is there.
const demoBeat = 30 * time.Second

func (d *Daemon) accept(ctx context.Context, b ingest.Batch) error {
	_, err := d.spool.Accept(ctx, b)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // stopping
	}
	return err
}
