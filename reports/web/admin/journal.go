package admin

import (
	"fmt"
	"net/http"
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

// journalLine is one journal row; About names its agents.
type journalLine struct {
	*schemas.JournalRow
	About string
}

// journalKinds lists the kinds to filter by.
func journalKinds() []schemas.JournalKind {
	return []schemas.JournalKind{schemas.JournalAccess, schemas.JournalActivities, schemas.JournalChanges,
		schemas.JournalComplete,
		schemas.JournalCorrection, schemas.JournalErasure, schemas.JournalGaps, schemas.JournalJob, schemas.JournalPolicy,
		schemas.JournalProfile, schemas.JournalReport,
		schemas.JournalRequirement, schemas.JournalRoster, schemas.JournalSchedule}
}

// journalRows is how many rows one page holds.
const journalRows = 200

func (s *routes) fillJournal(page *adminPage, r *http.Request) error {
	q := r.URL.Query()
	kind := schemas.JournalKind(q.Get("kind"))
	at, id, ok := parseBefore(q.Get("before"))
	if !ok {
		return schemas.NewProblem(http.StatusUnprocessableEntity,
			"before is not the address of a page; begin with the newest")
	}
	rows, err := s.deps.Store.JournalPage(r.Context(), kind, at, id, journalRows)
	page.Journal = journalPage{Kind: kind, Kinds: journalKinds()}
	for i := range rows {
		page.Journal.Rows = append(page.Journal.Rows, journalLine{&rows[i], agentWords(rows[i].Agents)})
	}
	if n := len(rows); n == journalRows {
		before := fmt.Sprintf("%d.%s", int64(rows[n-1].RecordedAt), rows[n-1].ID)
		page.Journal.Next = "/admin/journal" + web.WithQuery(nil, "before", before, "kind", string(kind))
	}
	return err
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

// agentWords names the agents that a row is about.
func agentWords(agents []string) string {
	text := strings.Join(agents[:min(len(agents), agentsNamed)], ", ")
	if more := len(agents) - agentsNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
