package silence

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/schemas"
)

// silencePrefix begins the ids of gaps that a watch has stored.
const silencePrefix = "silence-"

// silenceGap makes the gap of a silence. Its id is made of source and start, so that a longer version replaces it.
func silenceGap(source string, start, end schemas.Instant) schemas.Gap {
	return schemas.Gap{ID: silencePrefix + schemas.HashID(source, fmt.Sprint(int64(start))), Source: source, Start: start,
		End: end}
}

// extend begins, extends or ends the gap of a silence, and returns what is to be stored.
func (w *Watch) extend(f *watched, source string, now schemas.Instant) []schemas.Gap {
	silence := f.silence
	over := silence.End != 0
	switch {
	case silence.Start == 0:
		return nil
	case over:
		f.silence = schemas.Interval{}
	case now.Sub(silence.Start) > w.cfg.GivenUpAfter.Milliseconds():
		return nil
	default:
		silence.End = now
	}
	last := len(f.gaps) - 1
	switch {
	case !f.open && !w.deps.Supplies(source):
		return nil
	case !f.open:
		f.gaps = append(f.gaps, silenceGap(source, silence.Start, silence.End))
	case !over && silence.End.Sub(f.gaps[last].End) < w.pause(silence):
		return nil
	case f.gaps[last].End.Sub(f.gaps[last].Start) >= w.cfg.LongestGap.Milliseconds():
		f.gaps = append(f.gaps, silenceGap(source, f.gaps[last].End, silence.End))
	default:
		f.gaps[last].End = max(f.gaps[last].End, silence.End)
	}
	f.open = !over
	return []schemas.Gap{f.gaps[len(f.gaps)-1]}
}

// pause returns how long the gap of a silence stays as it is stored, in milliseconds.
func (w *Watch) pause(silence schemas.Interval) int64 {
	every := w.cfg.ExtendEvery.Milliseconds()
	return max(every, min(silence.End.Sub(silence.Start)/60, 15*schemas.MinuteMS))
}

// retract retracts what a completion covers of the gaps, and returns what is to be stored: a gap of which only the
// beginning is covered is retracted and continues as another.
func (f *watched) retract() []schemas.Gap {
	if f.complete == 0 || f.open {
		return nil
	}
	var remaining, write []schemas.Gap
	for _, g := range f.gaps {
		if f.complete <= g.Start {
			remaining = append(remaining, g)
			continue
		}
		rest := silenceGap(g.Source, f.complete, g.End)
		g.Retracted = true
		write = append(write, g)
		if f.complete < g.End {
			remaining, write = append(remaining, rest), append(write, rest)
		}
	}
	f.gaps = remaining
	return write
}

// newest returns the last of the gaps with one id each, since one batch has one recorded_at.
func newest(gaps []schemas.Gap) []schemas.Gap {
	var out []schemas.Gap
	for _, g := range gaps {
		if i := slices.IndexFunc(out, func(o schemas.Gap) bool { return o.ID == g.ID }); i >= 0 {
			out[i] = g
		} else {
			out = append(out, g)
		}
	}
	return out
}

// load starts from what the store knew about feeds before this start of the daemon. A feed that is watched by name and
// only sends changes has left no sign in the table of feeds: if it was silent before, its gaps and its last fact say
// so.
func (w *Watch) load(ctx context.Context) error {
	feeds, err := w.deps.Store.Feeds(ctx, w.started)
	if err != nil {
		return err
	}
	reach := schemas.Interval{Start: w.started.Add(-2 * w.cfg.GivenUpAfter.Milliseconds()),
		End: w.started.Add(schemas.HourMS)}
	gaps, err := w.deps.Store.Gaps(ctx, reach, 0)
	if err != nil {
		return err
	}
	sources, err := w.deps.Store.AgentSources(ctx, 0)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	prior := map[string]schemas.Instant{}
	for _, f := range feeds {
		if f.LastSeen != 0 && watchable(f.Source) {
			prior[f.Source] = f.LastSeen
			w.feed(f.Source).beats = true
		}
	}
	slices.SortFunc(gaps, func(a, b schemas.Gap) int { return cmp.Compare(a.Start, b.Start) })
	for _, g := range gaps {
		if strings.HasPrefix(g.ID, silencePrefix) {
			f := w.feed(g.Source)
			f.gaps = append(f.gaps, g)
		}
	}
	for _, s := range sources {
		if f, ok := w.feeds[s.Source]; ok && len(f.gaps) > 0 && s.Last < w.started {
			prior[s.Source] = max(prior[s.Source], s.Last)
		}
	}
	for source, seen := range prior {
		f := w.feed(source)
		w.resume(f, seen, w.silentAfter(source, f))
		if since := f.silent(); since != 0 && !f.open {
			w.fell(source, since)
		}
	}
	w.report()
	w.loaded = true
	return nil
}

// resume continues with a feed that was last seen before this start of the daemon: silent still, or until its first
// sign.
func (w *Watch) resume(f *watched, prior schemas.Instant, silentAfter time.Duration) {
	silence := schemas.Interval{Start: prior, End: f.first}
	until := f.first
	if f.first == 0 {
		f.seen, until = prior, w.now()
	}
	if silentAfter == 0 || until.Sub(prior) <= silentAfter.Milliseconds() {
		return
	}
	f.silence = silence
	// The last stored gap is of the same silence if nothing was seen since its chain of records began. Stored signs are a
	// little older than ours, and a silence is longer than that.
	if last := len(f.gaps) - 1; last >= 0 {
		began := last
		for began > 0 && f.gaps[began-1].End == f.gaps[began].Start {
			began--
		}
		f.open = prior < f.gaps[began].Start.Add(silentAfter.Milliseconds()/2) && prior < f.gaps[last].End
	}
}
