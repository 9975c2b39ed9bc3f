package batch

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"rollcall/schemas"
)

// Days judges what the request names, without a look at what is stored, and yields the days in the order of reports:
// day, then agent id by bytes. A row is valid during the call; an error of yield ends the reading and is returned.
// done, which may be nil, is called with the progress in agents.
//
// Agents are judged one after the other, so the days wait until all are judged: past a few MiB in a temporary file,
// with 24 bytes of each in memory.
func (b *Batch) Days(ctx context.Context, req Request, yield func(*schemas.DayRow) error,
	done func(agents, of int)) (err error) {
	req.Fresh = true
	var waiting []*spill
	var mu sync.Mutex
	open := func() Sink {
		p := &spill{dir: b.cfg.TempDir, words: map[string]int{}}
		mu.Lock()
		waiting = append(waiting, p)
		mu.Unlock()
		return p
	}
	defer func() {
		for _, p := range waiting {
			err = errors.Join(err, p.remove())
		}
	}()
	if _, err := b.Judge(ctx, req, open, done); err != nil {
		return err
	}
	return inOrder(ctx, waiting, yield)
}

// inOrder reads the days of all spills in order of day and agent.
func inOrder(ctx context.Context, spills []*spill, yield func(*schemas.DayRow) error) error {
	type place struct {
		placed
		spill int32
	}
	total := 0
	for _, p := range spills {
		total += len(p.index)
	}
	order := make([]place, 0, total)
	for i, p := range spills {
		for _, at := range p.index {
			order = append(order, place{at, int32(i)}) //nolint:gosec // one spill a worker
		}
		p.index = nil
	}
	slices.SortFunc(order, func(x, y place) int {
		if x.day != y.day {
			return cmp.Compare(x.day, y.day)
		}
		return cmp.Compare(spills[x.spill].list[x.agent], spills[y.spill].list[y.agent])
	})
	var row schemas.DayRow
	for i, at := range order {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := spills[at.spill].read(at.placed, &row); err != nil {
			return fmt.Errorf("reading judged days back: %w", err)
		}
		if err := yield(&row); err != nil {
			return err
		}
	}
	return nil
}

// spillAt is from how many bytes on a spill goes to its file.
const spillAt = 4 << 20

// spill is a Sink that holds days until they can be read in order. Texts that occur again and again are held once.
type spill struct {
	apart
	dir    string
	file   *os.File
	onDisk int64 // how many bytes the file has
	rest   []byte
	index  []placed
	words  map[string]int
	list   []string
	buf    []byte
}

// placed says where a day lies.
type placed struct {
	at    int64
	day   schemas.Date
	agent uint32 // in list
	size  uint32
}

// Append puts a day aside.
func (p *spill) Append(d *schemas.DayRow) error {
	e := codec{spill: p, out: p.rest}
	begin := len(p.rest)
	e.row(d)
	p.rest = e.out
	//nolint:gosec // agents and bytes of one day
	p.index = append(p.index,
		placed{p.onDisk + int64(begin), d.Day, uint32(p.words[d.AgentID]), uint32(len(p.rest) - begin)})
	if len(p.rest) < spillAt {
		return nil
	}
	return p.flush()
}

// flush moves what is in memory into the temporary file.
func (p *spill) flush() error {
	if p.file == nil {
		f, err := os.CreateTemp(p.dir, "rollcall-judged-")
		if err != nil {
			return fmt.Errorf("putting judged days aside: %w", err)
		}
		p.file = f
		_ = os.Remove(f.Name()) // where an open file can go, nothing is left behind even by a kill; else remove does it
	}
	n, err := p.file.Write(p.rest)
	p.onDisk += int64(n)
	p.rest = p.rest[:0]
	if err != nil {
		return fmt.Errorf("putting judged days aside: %w", err)
	}
	return nil
}

// remove ends the spill and its temporary file.
func (p *spill) remove() error {
	if p.file == nil {
		return nil
	}
	err := p.file.Close()
	if gone := os.Remove(p.file.Name()); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	p.file = nil
	return err
}

// read returns the day that lies at a place, using the row's memory.
func (p *spill) read(at placed, row *schemas.DayRow) error {
	p.buf = slices.Grow(p.buf[:0], int(at.size))[:at.size]
	if at.at >= p.onDisk {
		copy(p.buf, p.rest[at.at-p.onDisk:])
	} else if _, err := p.file.ReadAt(p.buf, at.at); err != nil {
		return err
	}
	d := codec{spill: p, in: bytes.NewReader(p.buf)}
	if d.row(row); d.err != nil {
		return d.err
	}
	if d.in.Len() > 0 {
		return fmt.Errorf("a judged day has %d bytes too many: %w", d.in.Len(), io.ErrUnexpectedEOF)
	}
	return nil
}
