package reports

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/schemas"
)

const monday = schemas.Date(20514) // 2026-03-02

// memory is a reader over rows in memory.
type memory struct {
	rows     []schemas.DayRow
	policies []schemas.PolicyVersion
	feeds    []schemas.Feed
	fails    error
}

func (s *memory) Days(_ context.Context, _ Query, yield func(*schemas.DayRow) error) error {
	for _, r := range s.rows { // a copy: what yield is given is valid only during the call
		if err := yield(&r); err != nil {
			return err
		}
		r = schemas.DayRow{Name: "spoiled"}
		_ = r
	}
	return s.fails
}

func (s *memory) Policies(context.Context, schemas.Instant) ([]schemas.PolicyVersion, error) {
	return s.policies, nil
}

func (s *memory) Feeds(context.Context, schemas.Instant) ([]schemas.Feed, error) { return s.feeds, nil }

func (s *memory) JudgedAt(context.Context, Query) (schemas.Instant, error) {
	return schemas.Instant(int64(monday+8) * schemas.DayMS), nil
}

func week() Query {
	return Query{From: monday, To: monday + 6, Against: AgainstCurrent, TeamsAs: TeamsThen}
}

func at(t *testing.T, s string) schemas.Instant {
	t.Helper()
	i, err := schemas.ParseInstant(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// ana is the worked day.
func ana(t *testing.T) schemas.DayRow {
	state := func(p schemas.Presence, s schemas.Status, r schemas.Routing) schemas.State {
		return schemas.State{Presence: p, Status: s, Routing: r}
	}
	first := schemas.Exception{
		Start:    at(t, "2026-03-02T10:30:00Z"),
		End:      at(t, "2026-03-02T10:45:00Z"),
		Code:     "Break",
		Category: schemas.CategoryBreak,
		Kind:     schemas.KindLateChange,
		MS:       900_000,
	}
	first.Parts = []schemas.Part{{Start: first.Start, End: first.End, Impact: schemas.ImpactPositive,
		State: state(schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingIdle)}}
	second := schemas.Exception{
		Start:    at(t, "2026-03-02T11:00:00Z"),
		End:      at(t, "2026-03-02T12:00:00Z"),
		Code:     "Huddle",
		Category: schemas.CategoryMeeting,
		Kind:     schemas.KindLateChange,
		MS:       3_600_000,
	}
	second.Parts = []schemas.Part{{Start: second.Start, End: second.End, Impact: schemas.ImpactNeutral,
		State: state(schemas.PresenceAway, schemas.StatusBreak, schemas.RoutingOffQueue)}}
	return schemas.DayRow{
		AgentDay: schemas.AgentDay{AgentID: "ana", Day: monday,
			Sums: schemas.Sums{ScheduledMS: 10_800_000, InMS: 6_300_000, OutMS: 4_500_000, ConformanceScheduledMS: 5_400_000,
				ConformanceActualMS: 6_300_000}, Exceptions: []schemas.Exception{first, second}},
		Name:       "Ana Ortiz",
		Team:       "Billing",
		Site:       "Leeds",
		TimeZone:   "Europe/London",
		State:      schemas.DayFinal,
		KnownAt:    at(t, "2026-03-03T06:00:00Z"),
		ComputedAt: at(t, "2026-03-03T06:00:01Z"),
	}
}

// absent is a day whose out time must not touch the team's percentage.
func absent(t *testing.T, agent string) schemas.DayRow {
	d := ana(t)
	d.AgentID, d.Name, d.Exceptions = agent, "Bo "+agent, nil
	d.Sums = schemas.Sums{ScheduledMS: 10_800_000, OutMS: 10_800_000, ConformanceScheduledMS: 5_400_000}
	d.Absent, d.AdherenceReason, d.ConformanceReason = true, schemas.ReasonAbsent, schemas.ReasonAbsent
	d.State = schemas.DayProvisional
	return d
}

func made(t *testing.T, s *memory, q Query, shape func(io.Writer) Writer) (*Adherence, string) {
	t.Helper()
	var out bytes.Buffer
	a, err := WriteAdherence(t.Context(), s, q, at(t, "2026-03-03T07:00:00Z"), shape(&out))
	if err != nil {
		t.Fatal(err)
	}
	return a, out.String()
}

func TestTheWorkedDayInEveryShape(t *testing.T) {
	s := &memory{rows: []schemas.DayRow{ana(t)}}
	a, text := made(t, s, week(), NewJSON)
	var doc struct {
		Days  []map[string]any
		Total map[string]any
		Hash  string
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, text)
	}
	if !strings.Contains(text,
		`"adherence_percent":58.33,"adherence_reason":null,"conformance_percent":116.67,"conformance_reason":null,`+
			`"coverage_percent":100,"scheduled_s":10800,"in_s":6300,"tolerated_s":0,"out_s":4500,`) {
		t.Errorf("the day does not read as in RULES.md section 12:\n%s", text)
	}
	if !strings.Contains(text,
		`{"start":"2026-03-02T10:30:00Z","end":"2026-03-02T10:45:00Z",`+
			`"scheduled_category":"break","kind":"late_change","seconds":900,`) {
		t.Errorf("the exception does not read as in RULES.md section 12:\n%s", text)
	}
	if doc.Total["adherence_percent"] != 58.33 || doc.Total["day"] != nil || doc.Hash != a.Hash || len(a.Hash) != 64 {
		t.Errorf("total %v, hash %q", doc.Total, doc.Hash)
	}

	_, text = made(t, s, week(), NewCSV)
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	col := func(row int, name string) string { return rows[row][slices.Index(rows[0], name)] }
	for name, want := range map[string]string{"record": "day", "adherence_percent": "58.33",
		"conformance_percent": "116.67",
		"scheduled_s":         "10800", "in_s": "6300", "out_s": "4500", "exception_count": "2", "start": "",
		"against": "current"} {
		if got := col(1, name); got != want {
			t.Errorf("day record, %s: got %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"record": "exception", "agent_id": "ana", "scheduled_s": "",
		"start": "2026-03-02T11:00:00Z",
		"end":   "2026-03-02T12:00:00Z", "scheduled_code": "Huddle", "seconds": "3600", "actual": "break",
		"impact": "neutral",
		"kind":   "late_change",
		"note":   "still on break during Huddle (60 min)"} {
		if got := col(3, name); got != want {
			t.Errorf("exception record, %s: got %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(text, "SHA-256,"+a.Hash) {
		t.Error("the CSV does not carry the hash")
	}
}

func TestTeamsAreQuotientsOfSumsAndLeaveOutWhatHasNone(t *testing.T) {
	short := ana(t) // 1 minute, all of it in: the mean of percentages would be 79 %
	short.AgentID, short.Exceptions, short.Policy = "cy", nil, "p1"
	short.Sums = schemas.Sums{ScheduledMS: 60_000, InMS: 60_000}
	short.ConformanceReason = schemas.ReasonNothingScheduledOnQueue
	sales := absent(t, "dee")
	sales.Team, sales.Site = "Sales", "Madrid"
	s := &memory{rows: []schemas.DayRow{ana(t), absent(t, "bo"), short, sales},
		policies: []schemas.PolicyVersion{{ID: "p1", Team: "Billing", From: monday,
			Rules: `{"target_percent":50,"credit_contact":true}`}}}
	a, text := made(t, s, week(), NewJSON)
	billing := a.Teams[0]
	if got := billing.Adherence().Text(); got != "58.56" { // (6300 + 60) / (10800 + 60)
		t.Errorf("adherence of the team is %s", got)
	}
	if got := billing.Conformance().Text(); got != "116.67" {
		t.Errorf("conformance of the team is %s", got)
	}
	if billing.LeftOut() != 1 || billing.Absent != 1 || billing.Agents != 3 || billing.Days != 3 ||
		billing.Exceptions != 2 {
		t.Errorf("the team counts %+v", billing)
	}
	if billing.Provisional != 1 || billing.Final != 2 || billing.Target != nil {
		t.Errorf("states and target of the team: %+v", billing)
	}
	empty := a.Teams[1]
	if p := empty.Adherence(); p.Reason != schemas.ReasonAbsent || empty.OutMS != 10_800_000 || empty.CountedMS != 0 {
		t.Errorf("the team of one absent agent: %+v, %+v", p, empty)
	}
	if !slices.Equal(a.Total.Sites, []string{"Leeds", "Madrid"}) || a.Total.Days != 4 {
		t.Errorf("everybody: %+v", a.Total)
	}
	if len(a.Rules) != 2 || a.Rules[0].Days != 3 ||
		string(a.Rules[1].Text) != `{"credit_contact":true,"exception_threshold":"1s",`+
			`"ignored_categories":["time_off","unavailable"],"target_percent":50}` {
		t.Errorf("rules: %+v", a.Rules)
	}
	if !strings.Contains(text, `"no_adherence":{"absent":1}`) ||
		!strings.Contains(text, `"adherence_percent":null,"adherence_reason":"absent"`) {
		t.Errorf("the document hides what was left out:\n%s", text)
	}
}

func TestAnEmptyReportSaysSo(t *testing.T) {
	a, text := made(t, &memory{}, week(), NewJSON)
	if !json.Valid([]byte(text)) || a.Total.Days != 0 || a.Total.Adherence().Reason != schemas.ReasonNoSchedule {
		t.Fatalf("%+v\n%s", a.Total, text)
	}
}

// The hash says that two reports say the same, and nothing else.
func TestHash(t *testing.T) {
	base := func() (*memory, Query) {
		return &memory{rows: []schemas.DayRow{ana(t), absent(t, "bo")}}, week()
	}
	hash := func(change func(*memory, *Query)) string {
		s, q := base()
		change(s, &q)
		a, _ := made(t, s, q, NewJSON)
		return a.Hash
	}
	same := hash(func(*memory, *Query) {})
	for name, change := range map[string]func(*memory, *Query){
		"judged later":         func(s *memory, _ *Query) { s.rows[0].ComputedAt++; s.rows[0].KnownAt++; s.rows[0].AsOf++ },
		"restated to the same": func(s *memory, _ *Query) { s.rows[0].State = schemas.DayRestated },
		"a policy that judged none": func(s *memory, _ *Query) {
			s.policies = []schemas.PolicyVersion{{ID: "x", Rules: `{"absent_counts":true}`}}
		},
		"the default rules by name": func(s *memory, _ *Query) {
			s.policies = []schemas.PolicyVersion{{ID: "x", Rules: `{"shift_gap":"120m"}`}}
			s.rows[0].Policy = "x"
		},
	} {
		if hash(change) != same {
			t.Errorf("%s: the hash changed", name)
		}
	}
	seen := map[string]string{same: "nothing"}
	for name, change := range map[string]func(*memory, *Query){
		"a millisecond":         func(s *memory, _ *Query) { s.rows[0].InMS-- },
		"an exception's end":    func(s *memory, _ *Query) { s.rows[0].Exceptions[1].End++ },
		"a part's secondary":    func(s *memory, _ *Query) { s.rows[0].Exceptions[1].Parts[0].State.Secondary = "Coaching" },
		"a missing exception":   func(s *memory, _ *Query) { s.rows[0].Exceptions = s.rows[0].Exceptions[:1] },
		"a name":                func(s *memory, _ *Query) { s.rows[0].Name = "Ana" },
		"text between fields":   func(s *memory, _ *Query) { s.rows[0].Name, s.rows[0].Team = "Ana OrtizB", "illing" },
		"a day less":            func(s *memory, _ *Query) { s.rows = s.rows[:1] },
		"no longer provisional": func(s *memory, _ *Query) { s.rows[1].State = schemas.DayFinal },
		"the range":             func(_ *memory, q *Query) { q.To++ },
		"the zone":              func(_ *memory, q *Query) { q.Zone = "UTC" },
		"a team":                func(_ *memory, q *Query) { q.Teams = []string{"Billing"} },
		"the rules": func(s *memory, _ *Query) {
			s.policies = []schemas.PolicyVersion{{ID: "x", Rules: `{"credit_contact":true}`}}
			s.rows[0].Policy = "x"
		},
	} {
		h := hash(change)
		if other, ok := seen[h]; ok {
			t.Errorf("changing %s gives the hash of changing %s", name, other)
		}
		seen[h] = name
	}
	lists := func(teams ...string) string {
		q := week()
		q.Teams = teams
		return newHasher(&q).Sum()
	}
	if lists("a", "b", "a") != lists("b", "a") || lists("ab") == lists("a", "b") {
		t.Error("a list is not hashed as a set of texts")
	}
}

// The hash of one small report, worked out outside Go from the canonical form in the comment of hasher.
func TestHashIsOfTheDocumentedText(t *testing.T) {
	text := "rollcall-adherence-1\n" +
		"parameters 2026-03-02 2026-03-08 0 0 0 0: current 0 then\n" +
		"day 2026-03-02 3:ana 9:Ana Ortiz 7:Billing 5:Leeds 13:Europe/London final 0 - - 10800000 6300000 0 4500000 0 0 0 " +
		"0 0 5400000 6300000 64:8922dfc77d9afa2b519c5b7c323a6b7b75bb1869e0d1acb464ba429f3e6d06b7\n" +
		"exception 1772447400000 1772448300000 break 5:Break late_change 900000\n" +
		"part 1772447400000 1772448300000 available available idle 0: positive\n" +
		"exception 1772449200000 1772452800000 meeting 6:Huddle late_change 3600000\n" +
		"part 1772449200000 1772452800000 away break off_queue 0: neutral\n"
	a, _ := made(t, &memory{rows: []schemas.DayRow{ana(t)}}, week(), NewJSON)
	sum := sha256.Sum256([]byte(text))
	if want := hex.EncodeToString(sum[:]); a.Hash != want {
		t.Fatalf("got %s, want %s", a.Hash, want)
	}
}

func TestRowsOutOfOrderAndFailuresAreErrors(t *testing.T) {
	next := ana(t)
	next.Day++
	for name, c := range map[string]struct {
		s    *memory
		q    Query
		says string
	}{
		"days backwards": {&memory{rows: []schemas.DayRow{next, ana(t)}}, week(),
			`agent "ana" on 2026-03-02 came after agent "ana" on 2026-03-03`},
		"a row twice": {&memory{rows: []schemas.DayRow{next, next}}, week(), "came after"},
		"the store": {&memory{fails: errors.New("store is away")}, week(),
			"days from 2026-03-02 to 2026-03-08: store is away"},
		"the policy": {&memory{policies: []schemas.PolicyVersion{{ID: "p9", Rules: `{"tolerances":{}}`}}}, week(),
			`policy "p9"`},
		"the range": {&memory{}, Query{From: 2, To: 1, Against: AgainstCurrent, TeamsAs: TeamsThen},
			"the range is empty"},
		"the words": {&memory{}, Query{Against: "published", TeamsAs: "today", Zone: "Europe/Lodnon"},
			`against "published" is not one of`},
	} {
		_, err := WriteAdherence(t.Context(), c.s, c.q, 0, NewJSON(io.Discard))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want an error that says %q", name, err, c.says)
		}
	}
}

// A report that fails half way leaves the file that was there, and nothing else in the folder.
func TestAFileIsReplacedWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "adherence.json")
	save := func(path string, from *memory) error {
		return ReplaceFile(path, func(w io.Writer) error {
			_, err := WriteAdherence(t.Context(), from, week(), 0, NewJSON(w))
			return err
		})
	}
	good := &memory{rows: []schemas.DayRow{ana(t)}}
	if err := save(path, good); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	torn := &memory{rows: []schemas.DayRow{ana(t)}, fails: errors.New("store is away")}
	if err = save(path, torn); err == nil ||
		!strings.Contains(err.Error(), "write "+path) {
		t.Fatalf("got %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Fatalf("the file changed: %v", err)
	}
	if err := save(filepath.Join(dir, "missing", "x.json"), good); err == nil {
		t.Fatal("a folder that does not exist took a file")
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Fatalf("the folder holds %v, %v", files, err)
	}
}

func TestTextsThatLookLikeFormulasStayTexts(t *testing.T) {
	d := ana(t)
	d.Name, d.Team, d.Site, d.Exceptions[0].Code = "=1+1", "@x", "\tLeeds", "-cmd|' /C calc'!A0"
	_, text := made(t, &memory{rows: []schemas.DayRow{d}}, week(), NewCSV)
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("cell %q can be taken for a formula", cell)
			}
		}
	}
	if !strings.Contains(text, ",'=1+1,'@x,'\tLeeds,") {
		t.Errorf("the texts are not what was typed behind an apostrophe:\n%s", text)
	}
}

func TestStatesInWords(t *testing.T) {
	for _, c := range []struct {
		state schemas.State
		want  string
	}{
		{schemas.State{Presence: schemas.PresenceOffline, Status: schemas.StatusAvailable, Routing: schemas.RoutingIdle},
			"offline"},
		{schemas.State{Presence: schemas.PresenceAvailable, Status: schemas.StatusAvailable,
			Routing: schemas.RoutingInteracting}, "on queue"},
		{schemas.State{Presence: schemas.PresenceAvailable, Status: schemas.StatusAvailable,
			Routing: schemas.RoutingOffQueue}, "available, off queue"},
		{schemas.State{Presence: schemas.PresenceAvailable, Status: schemas.StatusAvailable,
			Routing: schemas.RoutingNotResponding}, "not responding"},
		{schemas.State{Presence: schemas.PresenceAvailable, Status: schemas.StatusAvailable}, "on queue"},
		{schemas.State{Presence: schemas.PresenceBusy, Status: schemas.StatusTraining, Secondary: "Coaching"},
			"training (Coaching)"},
		{schemas.State{Presence: schemas.PresenceAvailable, Status: schemas.StatusUnknown}, "unknown"},
		{schemas.State{Presence: schemas.PresenceUnknown}, "unknown"},
		{schemas.State{Presence: schemas.PresenceAway}, "away"},
		{schemas.State{}, "unknown"},
		{schemas.State{Presence: schemas.PresenceAvailable, Status: schemas.StatusOffQueue, Routing: schemas.RoutingOffQueue},
			"off queue"},
	} {
		if got := StateWords(c.state); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.state, got, c.want)
		}
	}
	var parts []schemas.Part
	for i := range 12 {
		status := schemas.StatusBreak
		if i%2 == 1 {
			status = schemas.StatusMeal
		}
		parts = append(parts, schemas.Part{State: schemas.State{Status: status}, Impact: schemas.Impact(1 + i%3)})
	}
	if got := actualWords(parts); got != "break, then meal, then break, then meal, then more" {
		t.Errorf("twelve parts: %q", got)
	}
	if got := ImpactWords(parts); got != "negative, positive, neutral" {
		t.Errorf("impacts: %q", got)
	}
}

// Whatever the days, the teams add up to everybody, and the percentage is that of the sums.
func TestTeamsAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var s memory
		var num, den int64
		for i := range rapid.IntRange(0, 30).Draw(rt, "days") {
			d := schemas.DayRow{AgentDay: schemas.AgentDay{AgentID: fmt.Sprintf("a%02d", i), Day: monday}}
			d.Team = rapid.SampledFrom([]string{"", "A", "B"}).Draw(rt, "team")
			d.InMS, d.OutMS = rapid.Int64Range(0, 1e7).Draw(rt, "in"), rapid.Int64Range(0, 1e7).Draw(rt, "out")
			d.ToleratedMS, d.OutsideMS = rapid.Int64Range(0, 1e5).Draw(rt, "tolerated"),
				rapid.Int64Range(0, 1e5).Draw(rt, "outside")
			d.UnknownMS = rapid.Int64Range(0, 1e6).Draw(rt, "unknown")
			d.ScheduledMS = d.InMS + d.ToleratedMS + d.OutMS + d.UnknownMS
			switch {
			case rapid.Bool().Draw(rt, "absent"):
				d.Absent, d.AdherenceReason = true, schemas.ReasonAbsent
			case d.InMS+d.ToleratedMS+d.OutMS == 0:
				d.AdherenceReason = schemas.ReasonNoData
			default:
				num, den = num+d.InMS+d.ToleratedMS, den+d.InMS+d.ToleratedMS+d.OutMS+d.OutsideMS
			}
			s.rows = append(s.rows, d)
		}
		a, err := WriteAdherence(t.Context(), &s, week(), 0, NewJSON(io.Discard))
		if err != nil {
			rt.Fatal(err)
		}
		var days, left int
		var scheduled int64
		for _, g := range a.Teams {
			days, left, scheduled = days+g.Days, left+g.LeftOut(), scheduled+g.ScheduledMS
		}
		if days != a.Total.Days || left != a.Total.LeftOut() || scheduled != a.Total.ScheduledMS || days != len(s.rows) {
			rt.Fatalf("teams %+v, everybody %+v", a.Teams, a.Total)
		}
		if p := a.Total.Adherence(); p.Num != num || p.Den != den || (p.Reason == schemas.ReasonNone) != (den > 0) {
			rt.Fatalf("adherence is %+v, want %d/%d", p, num, den)
		}
	})
}
