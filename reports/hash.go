package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"
	"strconv"

	"rollcall/schemas"
)

// hasher works out the hash of a report: SHA-256 over its parameters and canonical rows, without computed_at (RULES.md
// section 10). Two reports have one hash exactly when they answer one question with the same rows by the same rules;
// when they were made, when their days were judged, how rows were batched and in which shape they are written is
// left out.
//
// The canonical form is a text of lines that end in LF. A line is a word and its fields, each after one space. A number
// is decimal, an instant is milliseconds since the epoch, a date is year-month-day, a word of the schema stands for
// itself and nothing is "-". A free text t is its number of bytes, a colon, and t. A list is its length and its
// members.
//
//	rollcall-adherence-1
//	parameters FROM TO TEAMS SITES AGENTS ZONE AGAINST KNOWN_AT TEAMS_AS      lists sorted, each member once
//	day DAY AGENT NAME TEAM SITE ZONE STATE ABSENT ADHERENCE_REASON CONFORMANCE_REASON SCHEDULED IN TOLERATED OUT NEUTRAL
//	    IGNORED UNKNOWN OUTSIDE UNSCHEDULED_ON_QUEUE CONFORMANCE_SCHEDULED CONFORMANCE_ACTUAL RULES      one line
//	exception START END CATEGORY CODE KIND MS
//	part START END PRESENCE STATUS ROUTING SECONDARY IMPACT
//
// Days come in order of day and agent id, each followed by its exceptions, each of those by its parts. STATE is
// provisional or final: a restated day is final, for how it came to its figures is not what they are. RULES is a text:
// the SHA-256 in hex of [Rules].Text; or "policy " and the id of one that is not known.
type hasher struct {
	h   hash.Hash
	buf []byte
}

// newHasher begins with the parameters.
func newHasher(q *Query) *hasher {
	h := &hasher{h: sha256.New()}
	h.word("rollcall-adherence-1").line()
	h.word("parameters").field(q.From.String()).field(q.To.String()).list(q.Teams).list(q.Sites).list(q.Agents).
		text(q.Zone).field(q.Against).number(int64(q.KnownAt)).field(q.TeamsAs).line()
	return h
}

// Add takes the next day. rules are those that it was judged by.
func (h *hasher) Add(d *schemas.DayRow, rules *Rules) {
	absent := int64(0)
	if d.Absent {
		absent = 1
	}
	h.word("day").field(d.Day.String()).text(d.AgentID).text(d.Name).text(d.Team).text(d.Site).text(d.TimeZone).
		field(settled(d.State).String()).number(absent).field(d.AdherenceReason.String()).field(d.ConformanceReason.String())
	for _, ms := range d.Lengths() {
		h.number(*ms)
	}
	h.text(rules.digest).line()
	for i := range d.Exceptions {
		h.exception(&d.Exceptions[i])
	}
}

func (h *hasher) exception(e *schemas.Exception) {
	h.word("exception").number(int64(e.Start)).number(int64(e.End)).field(e.Category.String()).text(e.Code).
		field(e.Kind.String()).number(e.MS).line()
	for _, p := range e.Parts {
		h.word("part").number(int64(p.Start)).number(int64(p.End)).field(p.State.Presence.String()).
			field(p.State.Status.String()).field(p.State.Routing.String()).text(p.State.Secondary).
			field(p.Impact.String()).line()
	}
}

// Sum returns the hash of everything so far as 64 hex digits.
func (h *hasher) Sum() string { return hex.EncodeToString(h.h.Sum(nil)) }

func (h *hasher) word(w string) *hasher { h.buf = append(h.buf, w...); return h }

func (h *hasher) field(w string) *hasher {
	if w == "" {
		w = "-"
	}
	h.buf = append(append(h.buf, ' '), w...)
	return h
}

func (h *hasher) number(n int64) *hasher {
	h.buf = strconv.AppendInt(append(h.buf, ' '), n, 10)
	return h
}

func (h *hasher) text(t string) *hasher {
	h.number(int64(len(t)))
	h.buf = append(append(h.buf, ':'), t...)
	return h
}

func (h *hasher) list(members []string) *hasher {
	members = slices.Compact(slices.Sorted(slices.Values(members)))
	h.number(int64(len(members)))
	for _, m := range members {
		h.text(m)
	}
	return h
}

func (h *hasher) line() {
	h.buf = append(h.buf, '\n')
	_, _ = h.h.Write(h.buf) // a hash never fails
	h.buf = h.buf[:0]
}
