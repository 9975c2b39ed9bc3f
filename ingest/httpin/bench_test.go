package httpin

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/ingest/spool"
	"rollcall/schemas"
)

// bodies makes n batches of 1,000 different changes, as feeds send them.
func bodies(n int) [][]byte {
	out := make([][]byte, n)
	status := []string{"available", "break", "meal", "meeting", "off_queue"}
	at := receipt.Add(-schemas.HourMS)
	for i := range out {
		var b bytes.Buffer
		for j := range 1000 {
			k := i*1000 + j
			sep := byte(',')
			if j == 0 {
				sep = '['
			}
			fmt.Fprintf(&b, `%c{"agent_id":"agent-%05d","at":"%s","presence":"available","status":"%s","routing":"idle"}`,
				sep, k%20_000, at.Add(int64(k)), status[k%5])
		}
		b.WriteByte(']')
		out[i] = b.Bytes()
	}
	return out
}

// taker is a store that takes everything and stores nothing.
type taker struct{}

func (taker) WriteChanges(context.Context, schemas.JournalRow, []schemas.Change) error { return nil }
func (taker) WriteGaps(context.Context, schemas.JournalRow, []schemas.Gap) error       { return nil }
func (taker) WriteFeeds(context.Context, schemas.JournalRow, []schemas.Feed) error     { return nil }
func (taker) WriteFindings(context.Context, []schemas.Finding) error                   { return nil }

// BenchmarkPush posts batches of 1,000 changes over loopback, the spool on a real disk and draining, from one client
// and from four.
func BenchmarkPush(b *testing.B) {
	const batches = 400 // twice the window of recent keys, so that a second round is not a round of duplicates
	sent := bodies(batches)
	for _, clients := range []int{1, 4} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			log := logrus.New()
			log.SetOutput(io.Discard)
			spool, err := spool.New(spool.DefaultConfig(b.TempDir()), spool.Deps{Sink: taker{}, Log: log, Clock: time.Now})
			if err == nil {
				err = spool.Open()
			}
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(b.Context())
			done := make(chan error)
			go func() { done <- spool.Run(ctx) }()
			web := httptest.NewServer(server(b, spool, feed, nil))
			var next atomic.Int64
			push := func() {
				body := sent[next.Add(1)%batches]
				r, err := http.Post(web.URL+"/api/v1/status-changes", "application/json", bytes.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				io.Copy(io.Discard, r.Body)
				r.Body.Close()
				if r.StatusCode != http.StatusOK {
					b.Error(r.Status)
				}
			}
			if clients == 1 {
				for b.Loop() {
					push()
				}
			} else {
				b.SetParallelism(clients / 2)
				b.RunParallel(func(p *testing.PB) {
					for p.Next() {
						push()
					}
				})
			}
			b.ReportMetric(float64(spool.Stats().Accepted)/b.Elapsed().Seconds(), "changes/s")
			web.Close()
			cancel()
			if err := <-done; err != nil {
				b.Error(err)
			}
			spool.Close()
		})
	}
}
