package admin

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"rollcall/reports/web"
	"rollcall/schemas"
)

// journalPage is a page of the journal.
type journalPage struct {
	Kind  schemas.JournalKind
	Kinds []schemas.JournalKind
	Rows  []journalLine
	// Next is the address of the older rows; empty when these are the last.
	Next string
}

// journalLine is one journal row in words.
type journalLine struct{ At, Kind, Actor, Origin, About, Detail string }

// journalKinds lists the kinds to filter by.
func journalKinds() []schemas.JournalKind {
	return []schemas.JournalKind{schemas.JournalAccess, schemas.JournalActivities, schemas.JournalChanges,
		schemas.JournalComplete,
		schemas.JournalCorrection, schemas.JournalErasure, schemas.JournalGaps, schemas.JournalJob, schemas.JournalPolicy,
		schemas.JournalReport,
		schemas.JournalRequirement, schemas.JournalRoster, schemas.JournalSchedule}
}

// journalRows is how many rows one page holds.
const journalRows = 200

func (s *routes) showJournal(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	kind := schemas.JournalKind(q.Get("kind"))
	at, id, ok := parseBefore(q.Get("before"))
	if !ok {
		s.Problem(w, r, schemas.NewProblem(http.StatusUnprocessableEntity,
			"before is not the address of a page; begin with the newest"))
		return
	}
	rows, err := s.deps.Store.JournalPage(r.Context(), kind, at, id, journalRows)
	if err != nil {
		s.StoreAway(w, r, err)
		return
	}
	page := s.adminPage(r, "journal", "Journal", "")
	page.Journal = journalPage{Kind: kind, Kinds: journalKinds()}
	for i := range rows {
		page.Journal.Rows = append(page.Journal.Rows, lineOf(&rows[i]))
	}
	if n := len(rows); n == journalRows {
		older := url.Values{"before": {fmt.Sprintf("%d.%s", int64(rows[n-1].RecordedAt), rows[n-1].ID)}}
		if kind != "" {
			older.Set("kind", string(kind))
		}
		page.Journal.Next = "/admin/journal?" + older.Encode()
	}
	s.pages.Show(w, http.StatusOK, "admin", page)
}

// parseBefore reads the key of the last row of the page before; nothing begins with the newest.
func parseBefore(text string) (schemas.Instant, string, bool) {
	if text == "" {
		return 0, "", true
	}
	ms, id, found := strings.Cut(text, ".")
	at, err := strconv.ParseInt(ms, 10, 64)
	return schemas.Instant(at), id, found && err == nil && at > 0 && len(id) == len("00000000-0000-0000-0000-000000000000")
}

// agentsNamed is how many agents a line of the journal names.
const agentsNamed = 3

func lineOf(row *schemas.JournalRow) journalLine {
	about := strings.Join(row.Agents[:min(len(row.Agents), agentsNamed)], ", ")
	if more := len(row.Agents) - agentsNamed; more > 0 {
		about += fmt.Sprintf(" and %d more", more)
	}
	return journalLine{web.Stamp(row.RecordedAt), strings.ReplaceAll(string(row.Kind), "_", " "), row.Actor, row.Origin,
		about, row.Detail}
}
