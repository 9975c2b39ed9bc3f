package httpin

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/adherence/live"
	"rollcall/ingest"
	"rollcall/ingest/spool"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// void is a store that is away: what is accepted waits on disk.
type void struct{}

func (void) WriteChanges(context.Context, schemas.JournalRow, []schemas.Change) error { return nil }
func (void) WriteGaps(context.Context, schemas.JournalRow, []schemas.Gap) error       { return nil }
func (void) WriteFeeds(context.Context, schemas.JournalRow, []schemas.Feed) error     { return nil }
func (void) WriteFindings(context.Context, []schemas.Finding) error                   { return nil }

// BenchmarkPutStatus is PUT /agents/{id}/status on a board of 10,000 agents, with the real spool and its fsync, while a
// feed brings 2,000 changes a second in batches of 100. Issue 4 asks for p99 under 50 ms.
func BenchmarkPutStatus(b *testing.B) {
	var who roster
	for i := range 10_000 {
		who = append(who, schemas.Membership{AgentID: fmt.Sprint("agent-", i), Team: fmt.Sprint("team-", i%100),
			From: schemas.MakeDate(2026, 1, 1)})
	}
	board := live.New(live.DefaultConfig(), live.Deps{Store: who, Clock: time.Now})
	log := logrus.New()
	spool, err := spool.New(spool.DefaultConfig(b.TempDir()),
		spool.Deps{Sink: void{}, Log: log, Clock: time.Now, OnDurable: board.Apply})
	if err != nil {
		b.Fatal(err)
	}
	if err := spool.Open(); err != nil {
		b.Fatal(err)
	}
	defer spool.Close()
	if err := board.Rebuild(b.Context()); err != nil {
		b.Fatal(err)
	}
	setter, err := NewStatusSetter(Deps{Spool: spool, Clock: time.Now,
		Mapping: func() *ingest.Mapping { return nil },
		Principal: func(*http.Request) access.Principal {
			return access.Principal{Name: "op", Role: schemas.RoleAdmin}
		}}, board)
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /agents/{id}/status", setter.PutStatus)
	ctx, stop := context.WithCancel(b.Context())
	fed := make(chan struct{})
	go func() { defer close(fed); feedOn(ctx, spool) }()
	var took []time.Duration
	i := 0
	for b.Loop() {
		body := []string{`{"status":"break"}`, `{"presence":"available","status":"available"}`}[i%2]
		r := httptest.NewRequest("PUT", fmt.Sprintf("/agents/agent-%d/status", i*7919%10_000), strings.NewReader(body))
		w := httptest.NewRecorder()
		began := time.Now()
		mux.ServeHTTP(w, r)
		took = append(took, time.Since(began))
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
		i++
	}
	stop()
	<-fed
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// feedOn pushes 100 changes every 50 ms until ctx ends.
func feedOn(ctx context.Context, spool Spool) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		batch := ingest.Batch{Actor: "acd", Origin: "api"}
		for range 100 {
			batch.Changes = append(batch.Changes,
				schemas.Change{Source: "acd", AgentID: fmt.Sprint("agent-", n%10_000), At: schemas.InstantOf(time.Now()),
					Routing: schemas.RoutingIdle})
			n++
		}
		if _, err := spool.Accept(ctx, batch); err != nil && ctx.Err() == nil {
			panic(err)
		}
	}
}
