// Package batch judges agent-days in bulk: it reads facts, schedules and rules in order of agent, hands each agent to
// the judge (package adherence), and hands the judged days to a [Sink] — the store, or memory for previews and
// verification.
//
// Nouns: a [Request] names dates and agents, the instant up to which inputs are taken into account (known_at) and the
// instant after which nothing is counted (as_of). [Batch.Compute] works out its requests from the journal: what was
// written since the last run, how far each write reaches, and how far the clock has moved (RULES.md section 10). An
// [Overlay] is what a judgement supposes besides what is stored; [Batch.Compare] judges days with and without it from
// one reading, [Batch.WhatIf] adds the difference up, and [Batch.Explain] says of one day why it was judged as it was.
//
// It stores nothing itself. Progress is saved after its effect: journal rows are marked as consumed when their days are
// on disk, so that a run that dies is simply repeated. Memory does not grow with the range: agents are streamed, in
// parallel over key ranges, and a day that has not changed is not written again, so that a second run changes no row.
//
// # Why
//
// There is one judge. A preview, a what-if and a proof all ask the same code with other inputs, and any figure can be
// recomputed from what was known at the time.
package batch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"rollcall/adherence"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// Store is what batch reads (satisfied by chstore.Store).
type Store interface {
	AgentIDs(ctx context.Context) ([]string, error)
	Circumstances(ctx context.Context, within schemas.Interval, knownAt schemas.Instant) (schemas.Circumstances, error)
	Facts(ctx context.Context, q chstore.FactQuery, yield func(agent string, facts []schemas.Fact) error) error
	OlderChanges(ctx context.Context, q chstore.FactQuery, yield func(*schemas.Change) error) error
	ScheduleDays(ctx context.Context, q chstore.ScheduleQuery,
		yield func(agent string, days []schemas.ScheduleDay) error) error
	DayHeads(ctx context.Context, q chstore.DayQuery, yield func(*chstore.DayHead) error) error
	DayRange(ctx context.Context) (first, last schemas.Date, ok bool, err error)
	NextFacts(ctx context.Context, touched []chstore.AgentRange, horizonMS int64,
		yield func(agent string, spans []chstore.FactSpan) error) error
	PendingJournal(ctx context.Context, yield func(*schemas.JournalRow) error) error
	ComputeRuns(ctx context.Context, limit int) ([]chstore.ComputeRun, error)
	Consume(ctx context.Context, run chstore.ComputeRun, journalIDs []string) error
	Erasing(ctx context.Context) (bool, error)
}

// Sink takes judged days, those of an agent one after the other and in order. Append copies what it needs for longer.
type Sink interface {
	Append(d *schemas.DayRow) error
	Delete(agent string, day schemas.Date, knownAt schemas.Instant) error
	Close() error
}

// Against is the name under which results judged by the current schedule are stored.
const Against = "current"

// Config says how a Batch works.
type Config struct {
	// Zone is that of agents whose roster row names none.
	Zone schemas.Zone
	// SettleMS is how long after its end, with complete feeds, a day becomes final, in milliseconds.
	SettleMS int64
	// KeepDays is for how many days results are stored; older days are judged by Compute no more, because what they were
	// judged by may be gone. 0 is for ever.
	KeepDays int
	// Workers is how many key ranges are judged at the same time.
	Workers int
	// ChunkAgents is how many agents one key range holds.
	ChunkAgents int
	// TempDir is the folder of the temporary files in which days wait for their order; empty for the machine's.
	TempDir string
}

// DefaultConfig suits two cores and a daemon of at most 512 MiB.
func DefaultConfig() Config {
	return Config{Zone: schemas.UTC, SettleMS: 30 * schemas.MinuteMS, Workers: 2, ChunkAgents: 5000}
}

// Validate returns the first setting that cannot work.
func (c Config) Validate() error {
	if c.Workers < 1 || c.ChunkAgents < 1 || c.SettleMS < 0 {
		return fmt.Errorf("batch: workers %d and chunk %d must be positive, settle %d ms not negative", c.Workers,
			c.ChunkAgents, c.SettleMS)
	}
	return nil
}

// Batch judges agent-days in bulk. It is safe for one run at a time; Compute refuses a second one.
type Batch struct {
	cfg     Config
	store   Store
	running sync.Mutex
}

// New makes a Batch; it does nothing yet.
func New(cfg Config, store Store) (*Batch, error) {
	return &Batch{cfg: cfg, store: store}, cfg.Validate()
}

// Request says what to judge.
type Request struct {
	// From and To are local dates of each agent, both included.
	From, To schemas.Date
	// Agents restricts to these, in any order; nil means everybody.
	Agents []string
	// Against is the schedule to judge by: Against, which "" stands for, or AgainstPublished, which must be Fresh.
	Against string
	// KnownAt restricts the inputs to what was recorded by then; 0 takes all that is there.
	KnownAt schemas.Instant
	// AsOf is the instant after which nothing is counted.
	AsOf schemas.Instant
	// Version is stored as the known_at of the rows: the instant of the run.
	Version schemas.Instant
	// Force writes days again that have not changed, because their name, team or policy may have.
	Force bool
	// Fresh judges without a look at the stored results: every day goes to the sink, nothing is deleted or restated.
	Fresh bool
	// Overlay, which may be nil, is supposed besides what is stored.
	Overlay *Overlay
}

// Summary counts what a run did.
type Summary struct {
	Agents    int `json:"agents"`
	Days      int `json:"days"`
	Written   int `json:"written"`
	Unchanged int `json:"unchanged"`
	Deleted   int `json:"deleted"`
	Restated  int `json:"restated"`
}

func (s *Summary) add(o Summary) {
	s.Agents += o.Agents
	s.Days += o.Days
	s.Written += o.Written
	s.Unchanged += o.Unchanged
	s.Deleted += o.Deleted
	s.Restated += o.Restated
}

// check refuses a request that would store what is not the current schedule's.
func (r Request) check() error {
	switch {
	case r.Against != "" && r.Against != Against && r.Against != AgainstPublished:
		return fmt.Errorf("judging against %q: it is none of %s, %s", r.Against, Against, AgainstPublished)
	case r.Against == AgainstPublished && !r.Fresh:
		return fmt.Errorf("judging against %s makes days that are not stored; ask for fresh ones", r.Against)
	}
	return nil
}

// Judge judges what the request names and hands the days to sinks that open makes, one for each worker. done, which may
// be nil, is called with the progress in agents. The summary adds up all workers.
func (b *Batch) Judge(ctx context.Context, req Request, open func() Sink, done func(agents, of int)) (Summary, error) {
	if err := req.check(); err != nil {
		return Summary{}, err
	}
	chunks, total, err := b.chunks(ctx, req)
	if err != nil || len(chunks) == 0 {
		return Summary{}, err
	}
	known, err := b.know(ctx, req.span(), req.KnownAt, req.Overlay)
	if err != nil {
		return Summary{}, err
	}
	return b.workers(ctx, chunks, total, done, func() *worker { return newWorker(b, known, req, open()) })
}

// workers judges the chunks, several at the same time, each with a worker of its own.
func (b *Batch) workers(ctx context.Context, chunks []chstore.Selection, total int, done func(agents, of int),
	start func() *worker) (Summary, error) {
	var sum Summary
	var mu sync.Mutex
	var taken atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range min(b.cfg.Workers, len(chunks)) {
		group.Go(func() (err error) {
			w := start()
			defer func() { err = errors.Join(err, w.sink.Close()) }()
			for i := taken.Add(1) - 1; i < int64(len(chunks)); i = taken.Add(1) - 1 {
				part, err := w.chunk(ctx, chunks[i])
				if err != nil {
					return err
				}
				mu.Lock()
				sum.add(part)
				if done != nil {
					done(sum.Agents, max(total, sum.Agents)) // some may be named by a schedule alone
				}
				mu.Unlock()
			}
			return nil
		})
	}
	err := group.Wait()
	return sum, err
}

// chunks cuts the agents of the request into key ranges, or into lists where the request names agents. The ranges hold
// everybody, also agents whom only a schedule names.
func (b *Batch) chunks(ctx context.Context, req Request) ([]chstore.Selection, int, error) {
	ids := slices.Clone(req.Agents)
	if req.Agents == nil {
		var err error
		if ids, err = b.store.AgentIDs(ctx); err != nil {
			return nil, 0, fmt.Errorf("reading the agents: %w", err)
		}
		ids = slices.AppendSeq(ids, maps.Keys(req.Overlay.overlaid()))
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var out []chstore.Selection
	for part := range slices.Chunk(ids, b.cfg.ChunkAgents) {
		if req.Agents != nil {
			out = append(out, chstore.Selection{Agents: part})
			continue
		}
		var sel chstore.Selection // the first range begins before all agents, the last ends after all
		if n := len(out); n > 0 {
			sel.FromAgent, out[n-1].ToAgent = part[0], part[0]
		}
		out = append(out, sel)
	}
	if req.Agents == nil && len(out) == 0 {
		out = append(out, chstore.Selection{})
	}
	return out, len(ids), nil
}

// know reads what is known besides facts and schedules, with what the overlay supposes.
func (b *Batch) know(ctx context.Context, within schemas.Interval, knownAt schemas.Instant,
	o *Overlay) (*adherence.Known, error) {
	c, err := b.store.Circumstances(ctx, within, knownAt)
	if err != nil {
		return nil, err
	}
	return adherence.Know(o.apply(c), b.cfg.Zone)
}

// span covers all instants at which a gap or a correction can matter for the requested dates in any zone: generously,
// since these tables are small.
func (r Request) span() schemas.Interval {
	const around = 40 * schemas.DayMS
	return schemas.Interval{Start: schemas.Instant(int64(r.From)*schemas.DayMS - around),
		End: schemas.Instant(int64(r.To)*schemas.DayMS + around)}
}
