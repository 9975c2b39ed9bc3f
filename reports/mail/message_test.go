package mail

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rollcall/reports"
	"rollcall/schemas"
)

var update = flag.Bool("update", false, "write the golden files anew")

const monday = schemas.Date(20514) // 2026-03-02

func at(s string) schemas.Instant {
	i, err := schemas.ParseInstant(s)
	if err != nil {
		panic(err)
	}
	return i
}

// memory yields days in memory.
type memory struct {
	rows     []schemas.DayRow
	required []schemas.Requirement
	policies []schemas.PolicyVersion
	feeds    []schemas.Feed
	fails    error
}

func (s *memory) Days(_ context.Context, q reports.Query, yield func(*schemas.DayRow) error) error {
	for _, r := range s.rows {
		if r.Day >= q.From && r.Day <= q.To {
			if err := yield(&r); err != nil {
				return err
			}
		}
	}
	return s.fails
}

func (s *memory) Requirements(_ context.Context, _ []string, _ schemas.Interval, _ schemas.Instant,
	yield func(*schemas.Requirement) error) error {
	for i := range s.required {
		if err := yield(&s.required[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *memory) Policies(context.Context, schemas.Instant) ([]schemas.PolicyVersion, error) {
	return s.policies, nil
}

func (s *memory) JudgedAt(context.Context, reports.Query) (schemas.Instant, error) {
	return at("2026-03-03T06:00:00Z"), nil
}

func (s *memory) ActivityCodes(context.Context, schemas.Instant) ([]schemas.ActivityCode, error) {
	return nil, nil
}

func (s *memory) Feeds(context.Context, schemas.Instant) ([]schemas.Feed, error) { return s.feeds, nil }

func state(p schemas.Presence, s schemas.Status, r schemas.Routing) schemas.State {
	return schemas.State{Presence: p, Status: s, Routing: r}
}

// ana is the worked day with its intervals.
func ana() schemas.DayRow {
	queue, pause := state(schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingIdle),
		state(schemas.PresenceAway, schemas.StatusBreak, schemas.RoutingOffQueue)
	nine, half, quarter, eleven, noon := at("2026-03-02T09:00:00Z"), at("2026-03-02T10:30:00Z"),
		at("2026-03-02T10:45:00Z"), at("2026-03-02T11:00:00Z"), at("2026-03-02T12:00:00Z")
	return schemas.DayRow{
		AgentDay: schemas.AgentDay{
			AgentID: "ana",
			Day:     monday,
			Sums: schemas.Sums{ScheduledMS: 10_800_000, InMS: 6_300_000, OutMS: 4_500_000, ConformanceScheduledMS: 5_400_000,
				ConformanceActualMS: 6_300_000},
			Activities: []schemas.Activity{{Start: nine, End: half, Code: "Phones", Category: schemas.CategoryOnQueueWork},
				{Start: half, End: eleven, Code: "Break", Category: schemas.CategoryBreak},
				{Start: eleven, End: noon, Code: "Huddle", Category: schemas.CategoryMeeting}},
			Intervals: []schemas.JudgedInterval{{Start: nine, End: half, State: queue, Verdict: schemas.VerdictIn,
				OnQueue: true},
				{Start: half, End: quarter, Activity: 1, State: queue, Verdict: schemas.VerdictOut, OnQueue: true},
				{Start: quarter, End: eleven, Activity: 1, State: pause, Verdict: schemas.VerdictIn},
				{Start: eleven, End: noon, Activity: 2, State: pause, Verdict: schemas.VerdictOut}},
			Exceptions: []schemas.Exception{
				{Start: half, End: quarter, Code: "Break", Category: schemas.CategoryBreak, Kind: schemas.KindLateChange,
					MS:    900_000,
					Parts: []schemas.Part{{Start: half, End: quarter, State: queue, Impact: schemas.ImpactPositive}}},
				{Start: eleven, End: noon, Code: "Huddle", Category: schemas.CategoryMeeting, Kind: schemas.KindLateChange,
					MS:    3_600_000,
					Parts: []schemas.Part{{Start: eleven, End: noon, State: pause, Impact: schemas.ImpactNeutral}}}},
		},
		Name:     "Ana Ortiz",
		Team:     "Billing",
		Site:     "Leeds",
		TimeZone: "Europe/London",
		State:    schemas.DayFinal,
		KnownAt:  at("2026-03-03T06:00:00Z"),
	}
}

func everybody(string, string) bool { return true }

func dailyOf(t testing.TB, s *memory, teams ...string) *reports.Daily {
	t.Helper()
	b, err := reports.ReadDaily(t.Context(), s, monday, at("2026-03-03T06:30:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := schemas.LoadZone("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return b.Daily(teams, nil, everybody, zone)
}

var pages = Pages{Public: "https://rollcall.example"}

func footer() []string {
	return []string{"You get this because you subscribed to it: every day at 06:30 (Europe/London).",
		"Change or end it: https://rollcall.example/reports"}
}

func envelope() Envelope {
	return Envelope{From: "Rollcall <rollcall@example.org>", To: "kim@example.org", ID: "d1@example.org",
		Date: at("2026-03-03T06:30:00Z").Time(), Unsubscribe: "https://rollcall.example/reports"}
}

// boundaries finds what is random in a mail.
var boundaries = regexp.MustCompile(`[0-9a-f]{60}`)

// golden compares with a file, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; look at it and run go test ./reports/mail -update\n%s", name, got)
	}
}

func TestTheMailOfTheWorkedDay(t *testing.T) {
	l := DailyMessage(dailyOf(t, &memory{rows: []schemas.DayRow{ana()}}, "Billing"), pages, nil, "", footer())
	if l.Subject != "Mon 2 March, Billing: adherence 58.33 % (target 90 %)" {
		t.Errorf("the subject is %q", l.Subject)
	}
	const why = "took calls 15 min into the break, still on break during Huddle (60 min)"
	if !strings.Contains(strings.Join(strings.Fields(l.Text), " "), "Ana Ortiz 58 %: "+why) ||
		!strings.Contains(l.HTML, tight(why)) {
		t.Errorf("the worked day (RULES.md section 13) does not read as it should:\n%s", l.Text)
	}
	golden(t, "worked-day.txt", []byte(l.Text))
	golden(t, "worked-day.html", []byte(l.HTML))
	raw, err := l.Bytes(envelope())
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "worked-day.eml", boundaries.ReplaceAll(raw, []byte("boundary")))
}

// centre is a day of several teams with everything that a mail can say, hostile names among it.
func centre() *memory {
	s := &memory{feeds: []schemas.Feed{{Source: "acd"}},
		policies: []schemas.PolicyVersion{{ID: "p", Rules: `{"target_percent":90}`}}}
	names := []string{"Ana Ortiz", "Bo Lindqvist", "Chidi Okafor", "Dana Weiß", "Émile Durand", "Farah Aziz", "עדי לוי",
		"Hana 花 🙂", "Ivo <b>Marsh</b>", "Jo\r\nBcc: all@example.org",
		"Kei Mori", "Lena Fischer", "Mo Haddad", "Nia Evans"}
	for w := range 5 {
		for i, name := range names {
			d := ana()
			d.AgentID, d.Name, d.Policy, d.Day = fmt.Sprintf("agent-%02d", i), name, "p", monday-schemas.Date(7*w)
			d.Team = []string{"Billing", "Sales", "Support"}[i%3]
			out := int64(i*7%11) * 900_000 / int64(w/2+1)
			d.ScheduledMS, d.OutMS, d.InMS = 28_800_000, out, 28_800_000-out
			if i%4 == 0 {
				d.Exceptions = d.Exceptions[1:]
			}
			switch i {
			case 11:
				d.Absent, d.AdherenceReason, d.ConformanceReason, d.Exceptions = true, schemas.ReasonAbsent, schemas.ReasonAbsent,
					nil
			case 12:
				d.UnknownMS, d.InMS, d.State = 5_400_000, d.InMS-5_400_000, schemas.DayProvisional
			}
			for k := range d.Intervals {
				d.Intervals[k].OnQueue = d.Intervals[k].OnQueue && i%3 != 1
			}
			s.rows = append(s.rows, d)
		}
	}
	for half := range 5 {
		for team, heads := range map[string]schemas.Decimal{"Billing": 6, "Sales": 3} {
			s.required = append(s.required,
				schemas.Requirement{Team: team, Start: at("2026-03-02T09:00:00Z").Add(int64(half) * 30 * schemas.MinuteMS),
					LengthMS: 30 * schemas.MinuteMS, Required: heads * schemas.DecimalOne})
		}
	}
	return s
}

func TestAMailWithEverything(t *testing.T) {
	l := DailyMessage(dailyOf(t, centre()), pages, nil, "The workbook is too large for a mail: ask for it here", footer())
	golden(t, "everything.txt", []byte(l.Text))
	golden(t, "everything.html", []byte(l.HTML))
	for _, wrong := range []string{"<b>Marsh", "NaN", "Inf", "%!", "ZgotmplZ", "\x00", "http://", "<img", "url("} {
		if strings.Contains(l.HTML, wrong) {
			t.Errorf("the mail contains %q", wrong)
		}
	}
	for line := range strings.SplitSeq(l.Text, "\n") {
		if columns(line) > textWidth && !strings.HasPrefix(line, "https://") {
			t.Errorf("a line is too long: %q", line)
		}
	}
}

func TestADayWithoutAnythingSaysSo(t *testing.T) {
	l := DailyMessage(dailyOf(t, &memory{}), pages, &File{Name: "x.xlsx"}, "", footer())
	if l.Subject != "Mon 2 March, all teams: nothing was scheduled" ||
		!strings.Contains(l.Text, "Nothing was scheduled on this day") || len(l.Files) != 0 {
		t.Errorf("%s\n%s", l.Subject, l.Text)
	}
}

// parsed is a mail as a reader takes it apart.
type parsed struct {
	head  netmail.Header
	parts map[string]string
}

func parse(t testing.TB, raw []byte) parsed {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("no mail: %v\n%s", err, raw)
	}
	p := parsed{m.Header, map[string]string{}}
	p.read(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return p
}

func (p *parsed) read(t testing.TB, kind, encoding string, body io.Reader) {
	t.Helper()
	media, values, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(media, "multipart/") {
		if encoding == "quoted-printable" {
			body = quotedprintable.NewReader(body)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		p.parts[media] = strings.ReplaceAll(string(text), "\r\n", "\n")
		return
	}
	r := multipart.NewReader(body, values["boundary"])
	for {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		p.read(t, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
	}
}

// Whatever a team or an agent is called, the mail has the headers that it is to have and no others.
func TestNamesReachNoHeader(t *testing.T) {
	for _, name := range []string{"Billing\r\nBcc: all@example.org\r\n\r\n<script>", strings.Repeat("長い名前", 10_000),
		"\u202eevil\u202c", "שכר", "🙂👩‍🚀", "=?utf-8?q?x?=", "\x00\x1b[31m", "a\nb"} {
		s := &memory{rows: []schemas.DayRow{ana()}}
		s.rows[0].Team, s.rows[0].Name, s.rows[0].Exceptions[0].Code = name, name, name
		l := DailyMessage(dailyOf(t, s, name), pages, &File{Name: "adherence-2026-03-02.xlsx", Data: []byte("PK")}, "",
			footer())
		raw, err := l.Bytes(envelope())
		if err != nil {
			t.Fatalf("%.20q: %v", name, err)
		}
		m := parse(t, raw)
		if len(m.head["To"]) != 1 || m.head.Get("To") != "<kim@example.org>" || m.head.Get("Bcc") != "" ||
			len(m.head["Subject"]) != 1 || m.head.Get("Message-Id") != "<d1@example.org>" {
			t.Errorf("%.20q: the head is %v", name, m.head)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.head.Get("Subject"))
		if err != nil || strings.ContainsAny(subject, "\r\n\x00\u202e") || len([]rune(subject)) > mostSubject {
			t.Errorf("%.20q: the subject is %q %v", name, subject, err)
		}
		if m.parts["text/plain"] != l.Text || m.parts["text/html"] != l.HTML ||
			m.parts["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"] == "" {
			t.Errorf("%.20q: the parts do not arrive as they were written", name)
		}
		if strings.Contains(l.HTML, "<script") || strings.ContainsAny(l.Text, "\x00\x1b\u202e") || len(l.HTML) > 60_000 {
			t.Errorf("%.20q: the mail shows it raw", name)
		}
		for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
				t.Fatalf("%.20q: a line of %d bytes: %.80q", name, len(line), line)
			}
		}
	}
}

func TestASenderThatIsNoMailboxIsAnError(t *testing.T) {
	e := envelope()
	e.From = "not a mailbox\r\nBcc: x@example.org"
	if _, err := (&Message{}).Bytes(e); err == nil || !strings.Contains(err.Error(), "sender") {
		t.Errorf("got %v", err)
	}
}
