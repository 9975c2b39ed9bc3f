package live

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// full gives a board of n agents.
func full(n int) *shelf {
	b := newShelf()
	for i := range n {
		b.set(schemas.LiveAgent{
			AgentID:  fmt.Sprintf("agent-%05d", i),
			Name:     fmt.Sprintf("Agent Number %d", i),
			Team:     fmt.Sprintf("Team %d", i%100),
			Site:     "Leeds",
			TimeZone: "Europe/London",
			Presence: schemas.PresenceAvailable,
			Status:   schemas.StatusAvailable,
			Routing:  schemas.RoutingIdle,
			Routable: true,
			Scheduled: &schemas.LiveActivity{Code: "Phones", Category: schemas.CategoryOnQueueWork,
				Start: 1_772_442_000_000, End: 1_772_452_000_000},
			AdherenceState: schemas.LiveInAdherence,
			AdherenceSince: 1_772_442_000_000 + schemas.Instant(i),
		})
	}
	return b
}

// One snapshot of 10,000 agents to one reader.
func BenchmarkSnapshotOf10000(b *testing.B) {
	board := full(10_000)
	rd := newReader(board, access.Principal{Role: schemas.RoleAdmin}, Filter{}, nil)
	rd.out = bufio.NewWriter(io.Discard)
	b.ReportAllocs()
	for b.Loop() {
		if err := rd.snapshot(); err != nil {
			b.Fatal(err)
		}
	}
}

// One look at the board at which 500 of 10,000 agents changed, as 2,000 changes a second bring about, by a reader who
// sees one team of a hundred.
func BenchmarkTell500ChangesToOneTeam(b *testing.B) {
	board := full(10_000)
	rd := newReader(board, access.Principal{Role: schemas.RoleSupervisor, Teams: []string{"Team 7"}}, Filter{}, nil)
	rd.out = bufio.NewWriter(io.Discard)
	if err := rd.snapshot(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		rd.version = 9_500
		if err := rd.send(); err != nil {
			b.Fatal(err)
		}
	}
}

// The page of 10,000 agents as the server makes it.
func BenchmarkBoardPageOf10000(b *testing.B) {
	s, err := web.New(web.DefaultConfig(), web.Deps{Now: time.Now, Log: logrus.New(), Metrics: prometheus.NewRegistry()})
	if err != nil {
		b.Fatal(err)
	}
	pages, err := s.Pages(assets)
	if err != nil {
		b.Fatal(err)
	}
	board := full(10_000)
	b.ReportAllocs()
	for b.Loop() {
		page := boardPage{Groups: adherenceGroups(), AsOf: 1_772_445_000_000}
		page.fill(views(access.Principal{Role: schemas.RoleAdmin}, &Filter{}, board.Changes(0).Rows))
		pages.Show(nowhere{}, http.StatusOK, "board", page)
	}
}

// nowhere is an answer that nobody reads.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) WriteHeader(int)             {}
