package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/cmd/internal/app"
	"rollcall/ingest/simulate"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// envInt returns a number from the environment.
func envInt(tb testing.TB, name string, otherwise int) int {
	tb.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return n
}

// furnish fills the workshop's store with a made-up centre whose history ends now, and returns the teams of those
// who have never moved, by agent.
func (p workshop) furnish(tb testing.TB, agents, days int) map[string]string {
	tb.Helper()
	now := app.Now()
	c := simulate.DefaultConfig()
	c.Agents, c.Days, c.Until, c.Now, c.Dir = agents, days+2, schemas.UTC.Date(now)+2, now, filepath.Join(p.dir, "files")
	if _, err := simulate.Write(context.Background(), c); err != nil {
		tb.Fatal(err)
	}
	for _, kind := range []string{"roster", "activities", "schedule", "status", "gaps"} {
		if out, err := p.command("import", kind, filepath.Join(c.Dir, kind+".csv")).CombinedOutput(); err != nil {
			tb.Fatalf("import %s: %v\n%s", kind, err, out)
		}
	}
	text, err := os.ReadFile(filepath.Join(c.Dir, "roster.csv"))
	if err != nil {
		tb.Fatal(err)
	}
	teams, movers := map[string]string{}, []string{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		cells := strings.Split(line, ",")
		if _, moved := teams[cells[0]]; moved {
			movers = append(movers, cells[0])
		}
		teams[cells[0]] = cells[3]
	}
	for _, agent := range movers {
		delete(teams, agent)
	}
	return teams
}

// secrets makes a token for each specification.
func (p workshop) secrets(tb testing.TB, specs []access.Spec) []string {
	tb.Helper()
	ctx := context.Background()
	s, err := app.OpenStore(ctx, p.config(tb), quiet(), func(string) {})
	if err != nil {
		tb.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	}()
	r, err := app.NewRegister(p.config(tb), s.Store)
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for _, spec := range specs {
		secret, _, err := r.CreateToken(ctx, spec, access.Operator("bench"))
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, secret)
	}
	return out
}

// ready waits until the daemon says that it is.
func (d *daemon) ready(tb testing.TB) {
	tb.Helper()
	if err := eventually(func() bool {
		code, _, err := d.call("GET", "/readyz", "", "")
		return err == nil &&
			code == 200
	}); err != nil {
		tb.Fatalf("the daemon is never ready: %s", d.said.String())
	}
}

// peakMiB returns the most memory that the process has ever had, where the system says.
func peakMiB(tb testing.TB, pid int) float64 {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		tb.Logf("the memory of the daemon is not known: %v", err)
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.Atoi(kib)
	if err != nil {
		tb.Fatal(err)
	}
	return float64(n) / 1024
}

// The load of issue 4.
const (
	loadFeeds     = 4
	loadPerSecond = 2000
	loadWhole     = 10  // readers who see everybody
	loadTeams     = 190 // readers who see one team
	loadBatches   = 10  // a second and feed
	loadLate      = 10 * time.Second
)

// BenchmarkLoad is issue 4's load on `rollcall serve` as a process of its own: 2,000 changes a second in batches of 50
// from four feeds, 200 readers of the stream, of whom ten see everybody and the others one team each, and people who
// set their status by PUT. One op is the whole run. Every change counts from the moment before it was pushed to the
// moment at which a reader reads the event with it or with a later one of the same agent (sent every 250 ms at
// most); at the end every reader must show each of its agents' last change. ROLLCALL_LOAD_AGENTS (10000),
// ROLLCALL_LOAD_DAYS of history (2) and ROLLCALL_LOAD_SECONDS (15) change the size.
func BenchmarkLoad(b *testing.B) {
	p := newWorkshop(b)
	teams := p.furnish(b, envInt(b, "ROLLCALL_LOAD_AGENTS", 10_000), envInt(b, "ROLLCALL_LOAD_DAYS", 2))
	l := newLoad(b, p, teams)
	d := p.serve(b)
	d.ready(b)
	l.url = d.url
	for b.Loop() {
		l.run(b, time.Duration(envInt(b, "ROLLCALL_LOAD_SECONDS", 15))*time.Second)
	}
	if b.Failed() {
		return
	}
	l.report(b)
	b.ReportMetric(peakMiB(b, d.cmd.Process.Pid), "daemon-MiB")
	if err := d.stop(); err != nil {
		b.Error(err)
	}
	b.ReportMetric((d.cmd.ProcessState.UserTime() + d.cmd.ProcessState.SystemTime()).Seconds(), "daemon-cpu-s")
}

// load is what goes on outside of the daemon.
type load struct {
	url     string
	client  *http.Client
	feeds   []string // their tokens
	people  string   // the token that sets states by PUT
	readers []*loadReader
	agents  []string
	pushes  []pushed // one for each agent

	mu          sync.Mutex
	put, accept []time.Duration
}

// pushed is what was last pushed of one agent. Numbers grow by one with each change of the agent.
type pushed struct {
	mu    sync.Mutex
	last  int
	began []time.Time // of the changes 1, 2, ...
}

// loadReader is one stream.
type loadReader struct {
	token string
	whole bool
	team  string
	wants []int // the places of its agents in load.agents; nil for all
	mu    sync.Mutex
	seen  map[string]int // the number last read of each agent
	took  []time.Duration
}

func newLoad(b *testing.B, p workshop, teams map[string]string) *load {
	b.Helper()
	l := &load{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 300}}}
	var names []string
	for agent, team := range teams {
		l.agents = append(l.agents, agent)
		names = append(names, team)
	}
	slices.Sort(l.agents)
	slices.Sort(names)
	names = slices.Compact(names)
	l.pushes = make([]pushed, len(l.agents))
	specs := []access.Spec{{Name: "people", Role: schemas.RoleAdmin}}
	for i := range loadFeeds {
		specs = append(specs, access.Spec{Name: fmt.Sprint("feed-", i), Role: schemas.RoleFeed,
			Source: fmt.Sprint("acd-", i)})
	}
	for i := range loadWhole + loadTeams {
		r := &loadReader{whole: i < loadWhole, seen: map[string]int{}}
		spec := access.Spec{Name: fmt.Sprint("reader-", i), Role: schemas.RoleAdmin}
		if !r.whole {
			r.team = names[i%len(names)]
			spec.Role, spec.Teams = schemas.RoleSupervisor, []string{r.team}
		}
		for k, agent := range l.agents {
			if r.whole || teams[agent] == r.team {
				r.wants = append(r.wants, k)
			}
		}
		l.readers = append(l.readers, r)
		specs = append(specs, spec)
	}
	secrets := p.secrets(b, specs)
	l.people, l.feeds = secrets[0], secrets[1:1+loadFeeds]
	for i, r := range l.readers {
		r.token = secrets[1+loadFeeds+i]
	}
	return l
}

// run lets everybody work for a time and waits until every reader has read the last of everything.
func (l *load) run(b *testing.B, length time.Duration) {
	b.Helper()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var reading, working sync.WaitGroup
	open := make(chan error, len(l.readers))
	for _, r := range l.readers {
		reading.Go(func() { r.follow(ctx, l, open) })
	}
	for range l.readers {
		if err := <-open; err != nil {
			b.Fatal(err)
		}
	}
	end := time.Now().Add(length)
	for f := range l.feeds {
		working.Go(func() {
			if err := l.feed(f, end); err != nil {
				b.Error(err)
			}
		})
	}
	working.Go(func() {
		if err := l.person(end); err != nil {
			b.Error(err)
		}
	})
	working.Wait()
	lost := func(r *loadReader) bool { return r.missing(l) != "" }
	for late := time.Now().Add(loadLate); slices.ContainsFunc(l.readers, lost) && time.Now().Before(late); {
		time.Sleep(loadLate / 100)
	}
	for i, r := range l.readers {
		if lost(r) {
			b.Errorf("reader %d (team %q) never read %s", i, r.team, r.missing(l))
		}
	}
	stop()
	reading.Wait()
}

// ask makes one request with a body and says how long the answer took.
func (l *load) ask(method, path, token string, body []byte) (time.Duration, error) {
	began := time.Now()
	r, err := http.NewRequest(method, l.url+path, bytes.NewReader(body)) //nolint:noctx // ends with the daemon
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := l.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(answer.Body); err != nil {
		return 0, err
	}
	if answer.StatusCode != http.StatusOK || bytes.Contains(text.Bytes(), []byte(`"field"`)) {
		return 0, fmt.Errorf("%s %s answers %d %.300s", method, path, answer.StatusCode, text.Bytes())
	}
	return time.Since(began), nil
}

// reserved is how many agents the person sets and no feed reports.
const reserved = 100

// feed pushes its share until the end. Each feed reports its own agents, so that the numbers of an agent are in order.
func (l *load) feed(f int, end time.Time) error {
	tick := time.NewTicker(time.Second / loadBatches)
	defer tick.Stop()
	states := [][2]string{{"available", "idle"}, {"available", "interacting"}, {"available", "communicating"},
		{"break", "off_queue"}}
	k := reserved + f
	for n := 0; time.Now().Before(end); n++ {
		<-tick.C
		now := time.Now()
		var batch []map[string]string
		for range loadPerSecond / loadFeeds / loadBatches {
			u := &l.pushes[k]
			u.mu.Lock()
			u.last++
			u.began = append(u.began, now)
			s := states[(n+u.last)%len(states)]
			batch = append(batch, map[string]string{"agent_id": l.agents[k], "at": schemas.InstantOf(now).String(),
				"presence": "available",
				"status":   s[0], "routing": s[1], "note": fmt.Sprint("#", u.last, "#")})
			u.mu.Unlock()
			if k += loadFeeds; k >= len(l.agents) {
				k = reserved + f
			}
		}
		body, err := json.Marshal(batch)
		if err != nil {
			return err
		}
		took, err := l.ask("POST", "/api/v1/status-changes", l.feeds[f], body)
		if err != nil {
			return err
		}
		l.mu.Lock()
		l.accept = append(l.accept, took)
		l.mu.Unlock()
	}
	return nil
}

// person sets the state of one agent after the other, twenty a second.
func (l *load) person(end time.Time) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for n := 0; time.Now().Before(end); n++ {
		<-tick.C
		u := &l.pushes[n%reserved]
		u.mu.Lock()
		u.last++
		u.began = append(u.began, time.Now())
		body := fmt.Sprintf(`{"presence":"available","status":%q,"note":"#%d#"}`,
			[]string{"break", "available"}[n/reserved%2], u.last)
		u.mu.Unlock()
		took, err := l.ask("PUT", "/api/v1/agents/"+l.agents[n%reserved]+"/status", l.people, []byte(body))
		if err != nil {
			return err
		}
		l.put = append(l.put, took)
	}
	return nil
}

// follow reads a stream until ctx ends and says on open when its snapshot is there.
func (r *loadReader) follow(ctx context.Context, l *load, open chan<- error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, l.url+"/api/v1/live/stream", nil)
	if err != nil {
		open <- err
		return
	}
	q.Header.Set("Authorization", "Bearer "+r.token)
	answer, err := l.client.Do(q)
	if err != nil {
		open <- err
		return
	}
	defer answer.Body.Close()
	lines := bufio.NewReaderSize(answer.Body, 16<<10)
	place := map[string]int{}
	for _, k := range r.wants {
		place[l.agents[k]] = k
	}
	event := ""
	for {
		line, err := lines.ReadSlice('\n')
		for err == bufio.ErrBufferFull { //nolint:errorlint // ReadSlice returns it as it is; only the snapshot is so long
			line, err = lines.ReadSlice('\n')
		}
		if err != nil {
			return // the run is over; what a stream that broke off has not sent is missed in the end
		}
		if name, ok := bytes.CutPrefix(line, []byte("event: ")); ok {
			event = string(bytes.TrimSpace(name))
		}
		if event == "snapshot" && len(line) == 1 {
			open <- nil
		}
		if data, ok := bytes.CutPrefix(line, []byte("data: ")); ok && event == "agent" {
			r.note(l, place, data)
		}
	}
}

// note notes the number in an event, and how long each change that it brings has taken.
func (r *loadReader) note(l *load, place map[string]int, data []byte) {
	now := time.Now()
	agent, number := between(data, `"agent_id":"`, `"`), between(data, `"note":"#`, `#"`)
	k, ours := place[agent]
	n, err := strconv.Atoi(number)
	if err != nil || !ours {
		return // the clock alone has changed an agent that nothing was pushed of
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	u := &l.pushes[k]
	u.mu.Lock()
	for i := r.seen[agent]; i < n; i++ {
		r.took = append(r.took, now.Sub(u.began[i]))
	}
	u.mu.Unlock()
	r.seen[agent] = max(n, r.seen[agent])
}

func between(data []byte, before, after string) string {
	_, rest, _ := bytes.Cut(data, []byte(before))
	text, _, _ := bytes.Cut(rest, []byte(after))
	return string(text)
}

// missing names an agent of whom the reader has not read the last; "" when there is none.
func (r *loadReader) missing(l *load) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.wants {
		l.pushes[k].mu.Lock()
		last := l.pushes[k].last
		l.pushes[k].mu.Unlock()
		if got := r.seen[l.agents[k]]; got != last {
			return fmt.Sprintf("%s: change %d of %d", l.agents[k], got, last)
		}
	}
	return ""
}

// report returns the figures.
func (l *load) report(b *testing.B) {
	b.Helper()
	var all []time.Duration
	for _, r := range l.readers {
		all = append(all, r.took...)
	}
	count := 0
	for i := range l.pushes {
		count += l.pushes[i].last
	}
	b.ReportMetric(float64(count)/b.Elapsed().Seconds(), "changes/s")
	b.ReportMetric(float64(len(all))/b.Elapsed().Seconds(), "read/s")
	for _, x := range []struct {
		of   string
		took []time.Duration
	}{{"event", all}, {"push", l.accept}, {"put", l.put}} {
		slices.Sort(x.took)
		for _, part := range []int{50, 99} {
			b.ReportMetric(float64(x.took[len(x.took)*part/100].Microseconds())/1000, fmt.Sprintf("%s-p%d-ms", x.of, part))
		}
	}
}
