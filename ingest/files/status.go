package files

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"

	"rollcall/ingest"
	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Columns of status changes.
const (
	statusAgent = iota
	statusAt
	statusPresence
	statusStatus
	statusRouting
	statusSecondary
	statusNote
	statusID
	statusZone
	statusUntil
)

// statusReader turns rows into changes. The same file yields the same changes each time it is read.
type statusReader struct {
	*table
	source string
	now    schemas.Instant
	opt    *Options
	zones  *zones
	words  *ingest.Mapping
	meant  map[ingest.Texts]meaning
	recent *recentKeys
	// lasting holds the rows where they say when a state ended; else it is nil.
	lasting *lastingStates
	// yield is called for each good change; nil only checks.
	yield func(schemas.Change)
	// present are the texts of the present row that mean nothing.
	present []ingest.Unmapped
	// unmapped, strangers and conflicts are what is reported besides problems.
	unmapped  map[ingest.Unmapped]*unmappedText
	strangers map[string]bool
	lastAgent string
	conflicts []schemas.Finding
}

// meaning is what a combination of state texts stands for.
type meaning struct {
	change   schemas.Change
	unmapped []ingest.Unmapped
	err      *schemas.FieldError
}

// unmappedText is where a text that means nothing was seen.
type unmappedText struct {
	count, line int
	agent       string
	at          schemas.Instant
}

// Bounds of what is remembered of one file.
const (
	maxMeanings  = 1 << 14
	maxUnmapped  = 1000
	maxStrangers = 1000
	maxConflicts = 1000
)

func newStatusReader(opt *Options, members []schemas.Membership, words *ingest.Mapping,
	now schemas.Instant) *statusReader {
	opt.roster = members
	return &statusReader{
		source:    opt.Feed(),
		now:       now,
		opt:       opt,
		zones:     newZones(members, opt),
		words:     words,
		meant:     map[ingest.Texts]meaning{},
		unmapped:  map[ingest.Unmapped]*unmappedText{},
		strangers: map[string]bool{},
	}
}

// again makes ready for another reading of the same file; what the first found out about texts is retained.
func (s *statusReader) again(t *table) func() {
	s.table = t
	s.recent = newRecentKeys(s.recent)
	s.lastAgent = ""
	s.conflicts = s.conflicts[:0]
	if s.lasting = nil; t.at != nil && t.at[statusUntil] >= 0 {
		s.lasting = s.newLasting()
		s.lasting.yield = s.yield
	}
	for _, u := range s.unmapped {
		u.count = 0
	}
	return s.row
}

func (s *statusReader) row() {
	var c schemas.Change
	s.states(&c)
	c.Source, c.AgentID, c.ID = s.source, s.text(statusAgent), string(s.bytes(statusID))
	c.Note = s.free(statusNote)
	at, ok := s.instant(statusAt, s.zones, s.text(statusZone), c.AgentID)
	if c.At = at; !ok {
		c.At = s.now // the other fields are checked all the same
	}
	if e := c.Check(s.now); e != nil {
		s.problem(max(0, slices.Index(s.kind.Names(), e.Field)), "", "%s", e.Message)
	}
	end := openEnd
	if s.lasting != nil {
		end = s.until(c.At, ok, c.AgentID)
	}
	if s.bad || s.seen(&c, end) {
		return
	}
	s.notice(&c)
	switch {
	case s.lasting != nil:
		s.lasting.add(&c, end, s.rec.Line)
	case s.yield != nil:
		s.yield(c)
	}
}

// until reads when a state ended that began at the instant, if ok says that it is known; openEnd where the row does not
// say.
func (s *statusReader) until(start schemas.Instant, ok bool, agent string) schemas.Instant {
	if len(s.bytes(statusUntil)) == 0 {
		return openEnd
	}
	end, ended := s.instantAfter(statusUntil, s.zones, s.text(statusZone), agent, start)
	if ok && ended && end < start {
		s.problem(statusUntil, "exchange them, or is the date right?", "the state ends before it begins, at %s", start)
	}
	return end
}

// states reads the texts of the states and secondary status.
func (s *statusReader) states(c *schemas.Change) {
	texts := ingest.Texts{Presence: s.text(statusPresence), Status: s.text(statusStatus), Routing: s.text(statusRouting),
		Secondary: s.text(statusSecondary)}
	m, ok := s.meant[texts]
	if !ok {
		m.unmapped, m.err = s.words.Apply(&m.change, texts)
		if len(s.meant) < maxMeanings {
			s.meant[texts] = m
		}
	}
	if m.err != nil {
		s.problem(max(0, slices.Index(s.kind.Names(), m.err.Field)), "", "%s", m.err.Message)
		return
	}
	*c, s.present = m.change, m.unmapped
}

// notice remembers what was not understood.
func (s *statusReader) notice(c *schemas.Change) {
	for _, u := range s.present {
		seen := s.unmapped[u]
		if seen == nil {
			if len(s.unmapped) >= maxUnmapped {
				continue
			}
			seen = &unmappedText{line: s.rec.Line, agent: c.AgentID, at: c.At}
			s.unmapped[u] = seen
		}
		seen.count++
	}
	if c.AgentID != s.lastAgent {
		s.lastAgent = c.AgentID
		if len(s.zones.members[c.AgentID]) == 0 && len(s.strangers) < maxStrangers {
			s.strangers[c.AgentID] = true
		}
	}
}

// seen says whether the change came before. Without an id everything it says is its key; with one, other content under
// the same key is a conflict: the first receipt counts (RULES.md section 3).
func (s *statusReader) seen(c *schemas.Change, end schemas.Instant) bool {
	before, same := s.recent.add(c, end)
	if !before {
		return false
	}
	s.dup = true
	if !same && len(s.conflicts) < maxConflicts {
		s.warn(statusID, "the first row counts", "%q of %s at %s came before with other content", c.ID, c.AgentID, c.At)
		s.conflicts = append(s.conflicts, schemas.Finding{Kind: schemas.FindingConflict, Source: c.Source, AgentID: c.AgentID,
			At: c.At, Detail: fmt.Sprintf("id %q came again with other content in %s, line %d; the first receipt counts", c.ID,
				s.report.File, s.rec.Line)})
	}
	return true
}

// complete adds what was noticed to the report.
func (s *statusReader) complete(report *Report) {
	for u, seen := range s.unmapped {
		report.Unmapped = append(report.Unmapped, Unmapped{u.Field, u.Text, seen.count, seen.line})
	}
	slices.SortFunc(report.Unmapped, func(a, b Unmapped) int { return a.Line - b.Line })
	for _, id := range slices.Sorted(maps.Keys(s.strangers)) {
		report.Warn(rows.Problem{Field: "agent_id", Message: fmt.Sprintf("%q is not in the roster", id),
			Remedy: "the status changes are kept"})
	}
}

// findings are what was noticed, for the store.
func (s *statusReader) findings(file string, now schemas.Instant) []schemas.Finding {
	var all []schemas.Finding
	for u, seen := range s.unmapped {
		all = append(all, u.Finding(s.source, seen.agent, seen.at))
	}
	for _, id := range slices.Sorted(maps.Keys(s.strangers)) {
		all = append(all, schemas.Finding{Kind: schemas.FindingUnknownAgent, Source: s.source, AgentID: id,
			Detail: "status changes came of an agent that is not in the roster; first in " + file})
	}
	all = append(all, s.conflicts...)
	for i := range all {
		f := &all[i]
		f.RecordedAt = now
		if f.ID == "" {
			f.ID = schemas.HashID(f.Kind, f.Source, f.AgentID, f.At.String(), f.Detail)
		}
	}
	slices.SortFunc(all, func(a, b schemas.Finding) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// recentKeys remembers the keys of the last changes in sets of four, of which the hash picks one; in a full set the new
// key takes the place of one of the others in turn. So what came before is found within a bounded memory; copies that
// lie farther apart collapse in the store. Keys are compared by 128 bits of hash.
type recentKeys struct {
	seed1, seed2 maphash.Seed
	slots        []keySlot
	turn         int
}

// keySlot is a key in two hashes, and the content.
type keySlot struct{ key1, key2, content uint64 }

// recentSlots is how many keys are remembered, at most: 3 MiB of them. recentSet is how many share a place.
const (
	recentSlots = 1 << 17
	recentSet   = 4
)

// newRecentKeys remembers nothing yet, in the memory of those before.
func newRecentKeys(before *recentKeys) *recentKeys {
	if before == nil {
		return &recentKeys{seed1: maphash.MakeSeed(), seed2: maphash.MakeSeed(), slots: make([]keySlot, recentSlots)}
	}
	clear(before.slots)
	before.turn = 0
	return before
}

// changeKey is the key of a change; to that of one without an id everything else belongs that it says.
type changeKey struct {
	agent, id string
	at        schemas.Instant
}

// changeContent is all that a row says.
type changeContent struct {
	schemas.Change
	end schemas.Instant
}

// add remembers the change. It says whether its key came before, and whether with the same content.
func (r *recentKeys) add(c *schemas.Change, end schemas.Instant) (before, same bool) {
	k := changeKey{c.AgentID, c.ID, c.At}
	s := keySlot{maphash.Comparable(r.seed1, k), maphash.Comparable(r.seed2, k),
		maphash.Comparable(r.seed1, changeContent{*c, end})}
	first := s.key1 % (recentSlots / recentSet) * recentSet
	set := r.slots[first : first+recentSet]
	for i := range set {
		switch {
		case set[i].key1 == s.key1 && set[i].key2 == s.key2 && (c.ID != "" || set[i].content == s.content):
			return true, set[i].content == s.content
		case set[i] == keySlot{}:
			set[i] = s
			return false, false
		}
	}
	r.turn = (r.turn + 1) % recentSet
	set[r.turn] = s
	return false, false
}

// StatusFile is a file of status changes that was checked, and can be read again.
type StatusFile struct {
	in     Input
	opt    Options
	reader *statusReader
	found  *inspection
	pass   *pass
	report *Report
	// changes counts what the last reading made.
	changes int
}

// CheckStatus reads a file of status changes once, so that every problem of it is in the report. The roster finds
// agents that are not known and zones of local times; words maps state texts; now bounds the instants.
func CheckStatus(ctx context.Context, in Input, opt Options, roster []schemas.Membership, words *ingest.Mapping,
	now schemas.Instant) (*StatusFile, *Report, error) {
	f := &StatusFile{in: in, opt: opt, pass: &pass{total: 3 * in.Size, report: opt.Progress}}
	f.reader, f.report = newStatusReader(&f.opt, roster, words, now), newReport(Status, in, &f.opt)
	var err error
	if f.found, err = look(ctx, in, &f.opt, f.report, f.pass); err == nil && f.found != nil {
		err = f.read(ctx, f.report)
	}
	f.reader.complete(f.report)
	return f, f.report, err
}

// read reads every row once more.
func (f *StatusFile) read(ctx context.Context, report *Report) error {
	t, err := open(f.in, f.found, &f.opt, report, f.pass.read)
	if err != nil {
		return err
	}
	if err := t.each(ctx, f.reader.again(t)); err != nil {
		return err
	}
	if f.changes = report.Accepted; f.reader.lasting != nil {
		f.reader.lasting.finish()
		f.changes = f.reader.lasting.tally.changes
	}
	return f.reader.failure
}

// Count is how many changes the file makes: one for each good row or, where rows say when a state ended, as many as it
// takes.
func (f *StatusFile) Count() int { return f.changes }

// Changes reads the file again and yields the good changes, in the order of the file and in batches, which yield may
// keep. Sources and ids are set (an id made of the content where the row has none), ReceivedAt is not. A file that no
// longer says what it said when it was checked is an error, after what it says was yielded.
func (f *StatusFile) Changes(ctx context.Context, yield func([]schemas.Change) error) error {
	var batch []schemas.Change
	f.reader.yield = func(c schemas.Change) {
		if f.reader.failure != nil {
			return // states that end are made into changes after all rows, whatever became of a batch
		}
		if c.ID == "" {
			c.ID = c.ContentID()
		}
		if batch == nil {
			batch = make([]schemas.Change, 0, batchChanges)
		}
		if batch = append(batch, c); len(batch) == batchChanges {
			f.reader.failure, batch = yield(batch), nil
		}
	}
	opt := f.opt
	opt.Problem = nil // they were reported before
	second := newReport(Status, f.in, &opt)
	err := f.read(ctx, second)
	if err == nil && len(batch) > 0 {
		err = yield(batch)
	}
	if err == nil && second.Accepted != f.report.Accepted {
		err = fmt.Errorf("%s changed while it was imported: %d rows were good at first, then %d; import it again", f.in.Name,
			f.report.Accepted, second.Accepted)
	}
	return err
}

// Findings are what the file says that was not understood, for the store, recorded at the instant.
func (f *StatusFile) Findings(at schemas.Instant) []schemas.Finding {
	return f.reader.findings(f.in.Name, at)
}

// batchChanges is how many changes a batch holds.
const batchChanges = 50_000
