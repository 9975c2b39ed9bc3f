package suggest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// proposalOf proposes how to read a text.
func proposalOf(tb testing.TB, text string, kind files.Kind, known Known, chosen map[string]string) (*Proposal, error) {
	tb.Helper()
	s, err := files.SampleOf(context.Background(), files.BytesInput("f.csv", []byte(text)), files.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return Propose(s, kind, known, chosen)
}

// choiceOf returns a choice of a proposal.
func choiceOf(p *Proposal, key string) Choice {
	for _, c := range p.Choices {
		if c.Key == key {
			return c
		}
	}
	return Choice{}
}

// TestDoubtfulDates: dates that can be read either way are told, and the reading is taken that lies closer together,
// else nearer to today; choosing the other one changes what is read.
func TestDoubtfulDates(t *testing.T) {
	const text = "Agent,Date,Start,End\nivy,11/02/2026,9:00,17:00\nivy,11/03/2026,9:00,17:00\n"
	p, err := proposalOf(t, text, files.Schedule, centre(), nil)
	if c := choiceOf(p, "dates"); err != nil || c.Value != "MM/DD/YYYY" || c.Sure != Likely {
		t.Errorf("two days of one week: %+v %v", c, err)
	}
	one, _, _ := strings.Cut(text, "ivy,11/03")
	p, err = proposalOf(t, one, files.Schedule, centre(), nil)
	if c := choiceOf(p, "dates"); err != nil || c.Value != "MM/DD/YYYY" || c.Sure != Guess || len(c.Options) != 2 ||
		!strings.Contains(c.Why, "11/02/2026 can be 2026-11-02 or 2026-02-11") {
		t.Errorf("one day: %+v %v", c, err)
	}
	p, err = proposalOf(t, one, files.Schedule, centre(), map[string]string{"dates": "DD/MM/YYYY"})
	if c := choiceOf(p, "dates"); err != nil || c.Sure != Chosen || p.Examples[0].Texts[2] != "2026-02-11" {
		t.Errorf("the other reading: %+v %v %v", c, p.Examples, err)
	}
}

// TestWhatNobodyCanKnowIsOpen: words without times, agents whom nobody knows, a zone that nobody says, states that say
// nothing.
func TestWhatNobodyCanKnowIsOpen(t *testing.T) {
	for _, c := range []struct {
		name, text string
		kind       files.Kind
		known      Known
		open       []string
		note       string
	}{
		{"words", "Agent,16/11/2026\nivy,F\njan,09:00-17:00\n", files.Schedule, centre(), []string{"word.F"}, ""},
		{"no roster", "Agent,16/11/2026\nivy,09:00-17:00\n", files.Schedule, Known{}, []string{"zone"},
			"the roster is empty"},
		{"strangers", "Agent,16/11/2026\nivy,09:00-17:00\nzoe,9-17\n", files.Schedule, centre(), nil,
			"not in the roster: 1 of 2 agents, such as zoe"},
		{"states", "agent,state,start\nivy,Zork,2026-11-16T09:00:00Z\n", files.Status, centre(), []string{"means.Zork"}, ""},
		{"columns", "Agent,Foo,Bar\nivy,a,b\n", files.Schedule, centre(), []string{"start"}, "not complete yet: start, end"},
		{"codes", "Agent,Activity,Start,End\nivy,Phones,2026-11-16T09:00:00Z,2026-11-16T10:00:00Z\n" +
			"ivy,Zork,2026-11-16T10:00:00Z,2026-11-16T11:00:00Z\n", files.Schedule, centre(), []string{"code.Zork"}, ""},
	} {
		p, err := proposalOf(t, c.text, c.kind, c.known, nil)
		said := c.note == "" || slices.ContainsFunc(p.Notes, func(n string) bool { return strings.Contains(n, c.note) })
		if err != nil || !slices.Equal(p.Open(), c.open) || !said {
			t.Errorf("%s: open %v, notes %q %v\n%s", c.name, p.Open(), p.Notes, err, p.Profile)
		}
	}
}

// TestImpossibleChoices: what cannot be chosen is said, with what was meant.
func TestImpossibleChoices(t *testing.T) {
	const text = "Agent,Date,Start,End\nivy,2026-11-16,9:00,17:00\n"
	for chosen, want := range map[string]string{
		"stert=Start": `nothing is to be chosen as "stert=Start" here; did you mean "start"?`,
		"start=Stert": `start cannot be "Stert"; did you mean "Start"?`,
		"shape=round": `shape cannot be "round"; possible are rows, grid, pairs, cell, weekly`,
		"kind=rota":   `kind cannot be "rota"`,
	} {
		key, value, _ := strings.Cut(chosen, "=")
		if _, err := proposalOf(t, text, "", centre(), map[string]string{key: value}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", chosen, err)
		}
	}
}

// TestOtherKinds: a roster with names in two columns, and activities whose categories are called otherwise.
func TestOtherKinds(t *testing.T) {
	p, err := Propose(sampleOf(t, "roster.csv"), "", Known{Today: schemas.MakeDate(2026, 11, 12)}, nil)
	if err != nil || p.Kind != files.Roster || len(p.Examples) != 2 ||
		strings.Join(p.Examples[1].Texts, "|") != "jan|Jan Král|jan@example.org|Billing|Brno|Mo Sa|2025-02-03" {
		t.Errorf("%v %+v", err, p)
	}
	p, err = proposalOf(t, "Activity,Type\nPhones,Inbound calls\nLunch,Meal break\nYoga,Zork\n", files.Activities, Known{},
		map[string]string{"means.Zork": "training"})
	if err != nil || len(p.Examples) != 3 || p.Examples[0].Texts[1] != "on_queue_work" ||
		p.Examples[1].Texts[1] != "meal" || p.Examples[2].Texts[1] != "training" {
		t.Errorf("%v %+v", err, p)
	}
}

// endless is a file of very many rows, which counts what is read of it.
type endless struct {
	at, read int64
	head     string
}

const endlessSize = 1 << 30

func (e *endless) Read(b []byte) (int, error) {
	n, err := e.ReadAt(b, e.at)
	e.at += int64(n)
	return n, err
}

func (e *endless) Close() error { return nil }

// ReadAt makes the text at a place: after the header, lines of one length.
func (e *endless) ReadAt(b []byte, at int64) (int, error) {
	const line = "agent1234,2026-11-16,09:00,17:00\n"
	for i := range b {
		switch place := at + int64(i); {
		case place >= endlessSize:
			e.read += int64(i)
			return i, io.EOF
		case place < int64(len(e.head)):
			b[i] = e.head[place]
		default:
			b[i] = line[(place-int64(len(e.head)))%int64(len(line))]
		}
	}
	e.read += int64(len(b))
	return len(b), nil
}

// TestALargeFileIsNotReadWhole: of a file of a gibibyte little is read, and the guess takes less than a second, with a
// roster of 5,000 agents.
func TestALargeFileIsNotReadWhole(t *testing.T) {
	known := centre()
	for n := range 5000 {
		known.Members = append(known.Members, schemas.Membership{AgentID: fmt.Sprintf("agent%d", n),
			Name: fmt.Sprintf("Agent Number %d", n), Email: fmt.Sprintf("a%d@example.org", n), TimeZone: "Europe/London"})
	}
	file := &endless{head: "Employee,Day,Begin,Finish\n"}
	in := files.Input{Name: "large.csv", Size: endlessSize, Open: func() (io.ReadCloser, error) { return file, nil }}
	began := time.Now()
	s, err := files.SampleOf(context.Background(), in, files.Options{})
	if err != nil || s.Whole || len(s.Tail) == 0 {
		t.Fatal(err)
	}
	p, err := Propose(s, "", known, nil)
	took := time.Since(began)
	if err != nil || p.Wrong > 0 || len(p.Examples) != mostExamples || p.Kind != files.Schedule {
		t.Errorf("%v %+v", err, p)
	}
	t.Logf("%d KiB were read in %s", file.read>>10, took)
	if file.read > 1<<20 {
		t.Errorf("%d KiB of it were read", file.read>>10)
	}
}

// FuzzPropose: whatever a file holds, there is a proposal whose profile can be read, or the file is refused; and what
// is proposed can be chosen.
func FuzzPropose(f *testing.F) {
	all, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for i, path := range all {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, i)
	}
	known := centre()
	f.Fuzz(func(t *testing.T, data []byte, n int) {
		s, err := files.SampleOf(context.Background(), files.BytesInput("f", data), files.Options{})
		if err != nil {
			var bad *rows.Problem
			if u := (*rows.Unusable)(nil); !errors.As(err, &u) && !errors.As(err, &bad) {
				t.Fatalf("%v", err)
			}
			return
		}
		kinds := append(files.Kinds(), "")
		p, err := Propose(s, kinds[max(n, 0)%len(kinds)], known, nil)
		if err != nil || p.Wrong > p.Read || p.Profile == "" && p.Read > 0 {
			t.Fatalf("%v %+v", err, p)
		}
		if p.Profile != "" {
			if _, err := profile.Parse("made", []byte(p.Profile), files.LayoutOf); err != nil {
				t.Fatalf("%v\n%s", err, p.Profile)
			}
		}
		if len(p.Choices) == 0 {
			return
		}
		c := p.Choices[max(n, 0)%len(p.Choices)]
		if again, err := Propose(s, p.Kind, known, map[string]string{c.Key: c.Value}); c.Value != "" &&
			(err != nil || again.Profile != p.Profile) {
			t.Fatalf("choosing %s = %q, which was proposed, changes it: %v\n%s\n%s", c.Key, c.Value, err, p.Profile,
				again.Profile)
		}
	})
}
