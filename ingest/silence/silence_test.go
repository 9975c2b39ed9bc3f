package silence

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/ingest"
	"rollcall/schemas"
)

// tower is where a watch stands in a bubble: a store that has the newest version of each gap, and what the board
// knows.
type tower struct {
	mu     sync.Mutex
	began  schemas.Instant
	feeds  []schemas.Feed
	gaps   map[string]schemas.Gap
	facts  []schemas.AgentSource
	writes int
	full   bool
	silent map[string]schemas.Instant
	fallen int
	*Watch
}

func (s *tower) Feeds(_ context.Context, known schemas.Instant) ([]schemas.Feed, error) {
	return slices.DeleteFunc(slices.Clone(s.feeds), func(f schemas.Feed) bool { return f.LastSeen > known }), nil
}

func (s *tower) Gaps(context.Context, schemas.Interval, schemas.Instant) ([]schemas.Gap, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []schemas.Gap
	for _, g := range s.gaps {
		if !g.Retracted {
			out = append(out, g)
		}
	}
	return out, nil
}

func (s *tower) AgentSources(context.Context, schemas.Instant) ([]schemas.AgentSource, error) {
	return s.facts, nil
}

func (s *tower) accept(_ context.Context, b ingest.Batch) (ingest.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		return ingest.Receipt{}, ingest.ErrFull
	}
	ids := map[string]bool{}
	for _, g := range b.Gaps {
		if ids[g.ID] || g.Start >= g.End {
			return ingest.Receipt{}, fmt.Errorf("gap %+v comes twice or is none", g)
		}
		ids[g.ID] = true
		s.gaps[g.ID] = g
		s.writes++
	}
	return ingest.Receipt{}, nil
}

func (s *tower) hush(m map[string]schemas.Instant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = maps.Clone(m)
}

func (s *tower) fall(string, schemas.Instant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fallen++
}

// written returns how many records were stored.
func (s *tower) written() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

// fill makes the spool full, or empties it.
func (s *tower) fill(full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = full
}

// start begins another life of the daemon, in a bubble.
func (s *tower) start(t *testing.T, cfg Config) (stop func()) {
	t.Helper()
	log := logrus.New()
	log.SetOutput(io.Discard)
	var err error
	s.Watch, err = New(cfg, Deps{
		Store:    s,
		Accept:   s.accept,
		Log:      log,
		Clock:    time.Now,
		Silence:  s.hush,
		Supplies: func(source string) bool { return source != "mute" },
		Fell:     s.fall,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	synctest.Wait()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		s.hush(nil)
	}
}

// lines returns the gaps that count, by source, in seconds since the story began, joined where one goes on as another.
func (s *tower) lines() string {
	all, _ := s.Gaps(context.Background(), schemas.Interval{}, 0)
	slices.SortFunc(all, func(a, b schemas.Gap) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), cmp.Compare(a.Start, b.Start))
	})
	var out []string
	for i := 0; i < len(all); i++ {
		g := all[i]
		for i+1 < len(all) && all[i+1].Source == g.Source && all[i+1].Start == g.End {
			i++
			g.End = all[i].End
		}
		out = append(out, fmt.Sprintf("%s %d-%d", g.Source, g.Start.Sub(s.began)/1000, g.End.Sub(s.began)/1000))
	}
	return strings.Join(out, ", ")
}

func (s *tower) silence() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, source := range slices.Sorted(maps.Keys(s.silent)) {
		out = append(out, fmt.Sprintf("%s since %d", source, s.silent[source].Sub(s.began)/1000))
	}
	return strings.Join(out, ", ")
}

// show lets a feed show life, as the handlers and the store do.
func (s *tower) show(source string, complete schemas.Instant) {
	s.feeds = append(slices.DeleteFunc(s.feeds, func(f schemas.Feed) bool { return f.Source == source }),
		schemas.Feed{Source: source, LastSeen: schemas.InstantOf(time.Now())})
	if complete == 0 {
		s.Heartbeat(source)
	} else {
		s.Seen(source, complete)
	}
	synctest.Wait()
}

// after lets time pass.
func after(seconds int) {
	time.Sleep(time.Duration(seconds) * time.Second)
	synctest.Wait()
}

func inTower(t *testing.T, story func(*testing.T, *tower)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		story(t, &tower{began: schemas.InstantOf(time.Now()), gaps: map[string]schemas.Gap{}})
	})
}

func want(t *testing.T, s *tower, silence, gaps string) {
	t.Helper()
	if got := s.silence(); got != silence {
		t.Errorf("silent: %q, want %q", got, silence)
	}
	if got := s.lines(); got != gaps {
		t.Errorf("gaps: %q, want %q", got, gaps)
	}
}

// A feed falls silent, the gap grows by the minute, ends when it speaks, and is taken back as far as it says it is
// complete.
func TestASilentFeedLeavesAGap(t *testing.T) {
	inTower(t, func(t *testing.T, s *tower) {
		defer s.start(t, DefaultConfig())()
		s.show("acd", 0)
		s.show(schemas.SourceSelf, 0)
		s.show("file", 0)
		after(100)
		s.show("acd", 0)
		after(119)
		want(t, s, "", "")
		after(2)
		want(t, s, "acd since 100", "acd 100-220")
		after(50)
		want(t, s, "acd since 100", "acd 100-220")
		after(30)
		want(t, s, "acd since 100", "acd 100-280")
		s.show("acd", 0)
		want(t, s, "", "acd 100-301")
		if signs := s.Watch.Feeds(); len(signs) != 1 || signs[0].SilentSince != 0 ||
			signs[0].LastSeen != s.began.Add(301_000) {
			t.Errorf("signs %+v", signs)
		}
		s.show("acd", s.began.Add(200_000))
		want(t, s, "", "acd 200-301")
		s.show("acd", s.began.Add(150_000))
		want(t, s, "", "acd 200-301")
		s.show("acd", s.began.Add(301_000))
		want(t, s, "", "")
	})
}

// A completion that is itself the first sign ends the silence and takes back what it covers.
func TestACompletionEndsASilence(t *testing.T) {
	inTower(t, func(t *testing.T, s *tower) {
		defer s.start(t, DefaultConfig())()
		s.show("acd", 0)
		after(200)
		s.show("acd", s.began.Add(180_000))
		want(t, s, "", "acd 180-200")
		after(121)
		want(t, s, "acd since 200", "acd 180-320")
		s.show("acd", s.began.Add(321_000))
		want(t, s, "", "")
	})
}

// While the spool is full the board knows all the same, and the gap is stored later, whole.
func TestAFullSpoolDelaysTheGap(t *testing.T) {
	inTower(t, func(t *testing.T, s *tower) {
		defer s.start(t, DefaultConfig())()
		s.show("acd", 0)
		s.fill(true)
		after(200)
		want(t, s, "acd since 0", "")
		s.show("acd", 0)
		want(t, s, "", "")
		s.fill(false)
		after(1)
		want(t, s, "", "acd 0-200")
	})
}

// A feed of no agent makes nobody unknown, and one that is gone for good is not written about for ever.
func TestSilencesOfWhichNothingIsStored(t *testing.T) {
	inTower(t, func(t *testing.T, s *tower) {
		cfg := DefaultConfig()
		cfg.GivenUpAfter = 24 * time.Hour
		defer s.start(t, cfg)()
		s.show("acd", 0)
		s.show("mute", 0)
		after(23 * 3600)
		if n := s.written(); n > 300 {
			t.Errorf("%d records of one silent day", n)
		}
		all, _ := s.Gaps(t.Context(), schemas.Interval{}, 0)
		for _, g := range all {
			if g.End.Sub(g.Start) > 7*schemas.HourMS {
				t.Errorf("a record of %d s", g.End.Sub(g.Start)/1000)
			}
		}
		after(2 * 3600)
		before := s.written()
		after(3600)
		if s.written() != before || s.silence() != "acd since 0, mute since 0" || strings.Contains(s.lines(), "mute") {
			t.Errorf("%d records after it was given up; %s; %s", s.written()-before, s.silence(), s.lines())
		}
		s.show("acd", 0)
		want(t, s, "mute since 0", fmt.Sprintf("acd 0-%d", 26*3600))
	})
}

// The daemon was down: what it did not hear is a gap too, whether the feed speaks at once or not, and a silence goes on
// where it stood.
func TestASilenceAcrossARestart(t *testing.T) {
	for name, x := range map[string]struct {
		heartbeats int  // seconds after the beginning
		lived      int  // until the stop
		down       int  // seconds
		early      bool // the feed speaks before the watch has read the store
		silence    string
		gaps       string
	}{
		"too short to notice":        {60, 100, 60, false, "", ""},
		"nothing since":              {60, 100, 3600, false, "acd since 60", "acd 60-3700"},
		"spoke first":                {60, 100, 3600, true, "", "acd 60-3700"},
		"silent before":              {60, 300, 3600, false, "acd since 60", "acd 60-3900"},
		"silent before, spoke first": {60, 300, 3600, true, "", "acd 60-3900"},
	} {
		t.Run(name, func(t *testing.T) {
			inTower(t, func(t *testing.T, s *tower) {
				stop := s.start(t, DefaultConfig())
				s.show("acd", 0)
				after(x.heartbeats)
				s.show("acd", 0)
				after(x.lived - x.heartbeats)
				stop()
				after(x.down)
				if x.early {
					log := logrus.New()
					log.SetOutput(io.Discard)
					w, err := New(DefaultConfig(), Deps{
						Store:    s,
						Accept:   s.accept,
						Log:      log,
						Clock:    time.Now,
						Silence:  s.hush,
						Supplies: func(string) bool { return true },
					})
					if err != nil {
						t.Fatal(err)
					}
					w.Heartbeat("acd")
					ctx, cancel := context.WithCancel(t.Context())
					done := make(chan error)
					go func() { done <- w.Run(ctx) }()
					synctest.Wait()
					cancel()
					<-done
				} else {
					defer s.start(t, DefaultConfig())()
				}
				want(t, s, x.silence, x.gaps)
				if once := s.fallen == 1; once != (x.gaps != "" && name != "spoke first") {
					t.Errorf("%d times reported that it has fallen silent", s.fallen)
				}
			})
		})
	}
}

// A feed that is watched by name and only ever sent changes left no heartbeat: the gap of its silence says so, unless
// it has sent something since.
func TestAFeedWithoutHeartbeatsAcrossARestart(t *testing.T) {
	inTower(t, func(t *testing.T, s *tower) {
		byName := DefaultConfig()
		byName.Each = map[string]time.Duration{"acd": 2 * time.Minute}
		s.facts = []schemas.AgentSource{{AgentID: "ana", Source: "acd", Last: s.began},
			{AgentID: "ana", Source: "wfm", Last: s.began}}
		stop := s.start(t, byName)
		s.Seen("acd", 0)
		after(200)
		stop()
		after(100)
		stop = s.start(t, byName)
		want(t, s, "acd since 0", "acd 0-300")
		s.Seen("acd", 0)
		after(1)
		want(t, s, "", "acd 0-300")
		s.facts[0].Last = s.began.Add(300_000)
		stop()
		after(10)
		defer s.start(t, byName)()
		want(t, s, "", "acd 0-300")
	})
}

// Whose silence means something: a feed with a heartbeat, however it speaks afterwards, and one that is configured by
// name; a feed that only sends changes, or whose watch is switched off, may say nothing for as long as it likes.
func TestWhoseSilenceMeansSomething(t *testing.T) {
	inTower(t, func(t *testing.T, s *tower) {
		cfg := DefaultConfig()
		cfg.Each = map[string]time.Duration{"nightly": 0, "patient": 10 * time.Minute}
		defer s.start(t, cfg)()
		s.Heartbeat("acd")
		s.Heartbeat("nightly")
		for _, source := range []string{"acd", "changes", "patient", "nightly"} {
			s.Seen(source, 0)
		}
		s.Seen("completes", s.began)
		after(121)
		want(t, s, "acd since 0", "acd 0-120")
		s.Seen("acd", 0)
		after(480)
		want(t, s, "acd since 121, patient since 0", "acd 0-541, patient 0-600")
		s.Heartbeat("changes")
		after(121)
		if got := s.silence(); got != "acd since 121, changes since 601, patient since 0" {
			t.Errorf("after its first heartbeat: %s", got)
		}
	})
}

func TestWatchSettings(t *testing.T) {
	for _, c := range []func(*Config){
		func(c *Config) { c.SilentAfter = -1 }, func(c *Config) { c.SilentAfter = time.Millisecond },
		func(c *Config) { c.ExtendEvery = 0 }, func(c *Config) { c.LongestGap = 0 }, func(c *Config) { c.GivenUpAfter = 0 },
		func(c *Config) { c.Each = map[string]time.Duration{"acd": time.Millisecond} },
	} {
		cfg := DefaultConfig()
		c(&cfg)
		if cfg.Validate() == nil {
			t.Errorf("%+v is taken", cfg)
		}
	}
	if _, err := New(DefaultConfig(), Deps{}); err == nil {
		t.Error("a watch of nothing")
	}
	inTower(t, func(t *testing.T, s *tower) {
		cfg := DefaultConfig()
		cfg.SilentAfter = 0
		defer s.start(t, cfg)()
		s.Heartbeat("acd")
		after(3600)
		want(t, s, "", "")
	})
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}
