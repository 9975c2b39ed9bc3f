package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"testing"

	"rollcall/ingest/files"
)

// wire gathers answers as programs read them, with ids and instants of the present replaced by stable words.
type wire struct {
	testing.TB
	out bytes.Buffer
	ids map[string]string
}

// Ids, instants of the present and the problems of files are not what the test is about.
var (
	wireWords = regexp.MustCompile(`"(problems|warnings)":\[[^]]*\],"(\w+)":\d+`)
	wireID    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	wireNow   = regexp.MustCompile(`2026-03-10T1[2-9]:[0-9:.]+Z`)
)

func (w *wire) add(what string, v any) {
	w.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		w.Fatal(err)
	}
	b = wireNow.ReplaceAll(wireWords.ReplaceAll(b, []byte(`"$1":"…","$2":"…"`)), []byte("NOW"))
	b = wireID.ReplaceAllFunc(b, func(id []byte) []byte {
		if w.ids[string(id)] == "" {
			w.ids[string(id)] = fmt.Sprintf("ID%d", len(w.ids)+1)
		}
		return []byte(w.ids[string(id)])
	})
	fmt.Fprintf(&w.out, "%s\n%s\n", what, b)
}

// TestAnswersStayAsProgramsReadThem: what imports, previews, lists, differences, undos and conflicts of each kind say
// to programs is byte for byte what it was. ROLLCALL_GOLDEN=1 writes down what they say now.
func TestAnswersStayAsProgramsReadThem(t *testing.T) {
	c, w := newPlanned(t), &wire{TB: t, ids: map[string]string{}}
	for _, k := range []struct {
		kind         files.Kind
		first, later string
	}{
		{files.Roster, "agent_id,name,team,time_zone\nana,Ana,Billing,UTC\n",
			"agent_id,name,team,time_zone,from\nana,Ana,Sales,UTC,2026-03-01\ndan,Dan,Sales,UTC,2026-03-01\n"},
		{files.Activities, "code,category\nPhones,on_queue_work\n", "code,category\nPhones,training\nLunch,meal\n"},
		{files.Statuses, "secondary,status\nCoaching,training\n", "secondary,status\nCoaching,meeting\n"},
		{files.Requirements, "team,start,required\nSales,2026-03-02T09:00Z,2\nSales,2026-03-02T09:30Z,2\n",
			"team,start,required\nSales,2026-03-02T09:00Z,3\nSales,2026-03-02T09:30Z,2.5\n"},
		{files.Schedule, "agent_id,activity,category,date,start_time,end_time\n" +
			"ana,Phones,on_queue_work,2026-03-02,09:00,12:00\nbo,Phones,on_queue_work,2026-03-03,09:00,12:00\n",
			"agent_id,activity,category,date,start_time,end_time\nana,Phones,on_queue_work,2026-03-02,10:00,12:00\n" +
				"ana,Lunch,meal,2026-03-02,12:00,13:00\n"},
		{files.Gaps, "source,from,to\nacd,2026-03-02T09:00Z,2026-03-02T10:00Z\n", "source,from,to\nacd,x,y\n"},
		{files.Status, "agent_id,at,status\nana,2026-03-02T09:00Z,break\n", "agent_id,at,status\nana,x,lunch\n"},
	} {
		w.kind(c, k.kind, k.first, k.later)
	}
	list, err := c.ledger.List(background, ListQuery{})
	if err != nil {
		t.Fatal(err)
	}
	w.add("list of all kinds", list)
	const golden = "testdata/wire.golden"
	if os.Getenv("ROLLCALL_GOLDEN") != "" {
		if err := os.WriteFile(golden, w.out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, wanted := bytes.Split(w.out.Bytes(), []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range max(len(got), len(wanted)) {
		if i >= len(got) || i >= len(wanted) || !bytes.Equal(got[i], wanted[i]) {
			t.Fatalf("line %d of %d is otherwise: %s\nwant: %s", i+1, len(wanted), got[min(i, len(got)-1)],
				wanted[min(i, len(wanted)-1)])
		}
	}
}

// kind imports two files of a kind, and asks for everything that can be asked about them.
func (w *wire) kind(c *planned, kind files.Kind, first, later string) {
	w.Helper()
	do := func(what, text string, opt Options) *Result {
		w.Helper()
		opt.Actor = "pia"
		r, err := c.ledger.Import(background, kind, files.BytesInput("f.csv", []byte(text)), opt)
		if err != nil {
			w.Fatal(err)
		}
		w.add(string(kind)+": "+what, r)
		return r
	}
	base := do("preview", first, Options{DryRun: true}).BaseRevision
	do("import", first, Options{})
	do("the same again, previewed", first, Options{DryRun: true})
	do("later, previewed", later, Options{DryRun: true})
	made := do("later", later, Options{})
	do("refused, previewed", "nonsense\n1\n", Options{DryRun: true})
	do("refused", "nonsense\n1\n", Options{})
	if base == "" {
		return
	}
	_, err := c.ledger.Import(background, kind, files.BytesInput("f.csv", []byte(first)), Options{IfRevision: base})
	var conflict *Conflict
	if !errors.As(err, &conflict) {
		w.Fatalf("%s: %v", kind, err)
	}
	w.add(string(kind)+": conflict", conflict)
	ask := func(what string, v any, err error) {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
		w.add(string(kind)+": "+what, v)
	}
	one, err := c.ledger.Find(background, kind, made.ID())
	ask("find", one, err)
	diff, err := c.ledger.Diff(background, kind, made.ID())
	ask("diff", diff, err)
	for _, dry := range []bool{true, false} {
		u, err := c.ledger.Undo(background, UndoOrder{Kind: kind, Import: made.ID(), Actor: "pia", DryRun: dry})
		ask(fmt.Sprintf("undo, dry run %t", dry), u, err)
	}
	list, err := c.ledger.List(background, ListQuery{Kind: kind})
	ask("list", list, err)
}
