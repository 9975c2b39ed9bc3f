package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"rollcall/ingest/files/profile"
	"rollcall/schemas"
)

// TestHundredThousandBadRows: of a file in which every row is bad the first problems are listed, all are counted, all
// can be had, and memory stays what it was.
func TestHundredThousandBadRows(t *testing.T) {
	const rows = 100_000
	text := "agent_id,activity,start,end,category\n" +
		strings.Repeat("ana,Phones,yesterday,2026-03-02T10:00:00Z,on_queue_work\n", rows)
	var reported, before, after int
	runtime.GC()
	before = heapInUse()
	_, report, err := ReadSchedule(background, BytesInput("f.csv", []byte(text)),
		Options{Problem: func(p Problem, warning bool) {
			if reported++; warning || p.File != "f.csv" || p.Line != reported+1 || p.Column != 12 || p.Field != "start" {
				t.Errorf("problem %d is %v", reported, p)
			}
		}}, Known{})
	after = heapInUse()
	if err != nil || report.ProblemCount != rows || report.Rejected != rows || report.Accepted != 0 ||
		len(report.Problems) != 1000 || reported != rows {
		t.Errorf("%v: %d problems, %d listed, %d reported", err, report.ProblemCount, len(report.Problems), reported)
	}
	if !report.Blocked(false) {
		t.Error("such a file is imported")
	}
	if grown := after - before; grown > 32<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

func heapInUse() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapInuse) //nolint:gosec // below 2^63
}

// TestHarmfulText: what breaks files on their way is reported where it is, and nothing of the file is imported.
func TestHarmfulText(t *testing.T) {
	const head, good = "code,category\n", "Phones,on_queue_work\n"
	for _, c := range []struct {
		name, text string
		accepted   int
		want       []string
	}{
		{"byte-order mark", "\xef\xbb\xbf" + head + good, 1, nil},
		{"byte-order mark twice", "\xef\xbb\xbf\xef\xbb\xbf" + head + good, 0,
			[]string{"f.csv:1: the column code is missing"}},
		{"NUL bytes", head + "Pho\x00nes,on_queue_work\n" + good, 1,
			[]string{`f.csv:2:1: the field holds a NUL byte ("Pho\x00nes"); was the file written completely, and as text?`}},
		{"a tail of NUL bytes", head + good + strings.Repeat("\x00", 4096), 1,
			[]string{"f.csv:3: the row has 1 fields; the header has 2 (the file ends here without an end of line: was it cut " +
				"off?)"}},
		{"cut in a row", head + good + "Lun", 1,
			[]string{"f.csv:3: the row has 1 fields; the header has 2 (the file ends here without an end of line: was it cut " +
				"off?)"}},
		{"cut in a quote", head + good + "\"Lunch,meal", 1,
			[]string{"f.csv:3:1: the quote that opens here is never closed; close it, or was the file cut off?"}},
		{"a quote that is never closed", head + "\"Phones,on_queue_work\n" + strings.Repeat(good, 5000), 5000,
			[]string{"f.csv:2:1: the quote that opens here is never closed; close it, or was the file cut off?"}},
		{"control characters", head + "Pho\x07nes,on_queue_work\n", 0, []string{"f.csv:2:1: code: "}},
		{"one endless line", head + strings.Repeat("x", 5<<20), 0,
			[]string{"f.csv:2:1: the line is longer than 65536 bytes; is it a line of a table?"}},
		{"only a mark", "\xef\xbb\xbf", 0, []string{"f.csv: the file is empty"}},
	} {
		codes, report, err := ReadActivityCodes(background, BytesInput("f.csv", []byte(c.text)), Options{})
		if c.accepted > 1 {
			c.accepted = 1 // the same row again is a duplicate
		}
		if err != nil || report.Accepted != c.accepted || len(codes) != c.accepted {
			t.Errorf("%s: %v: %d accepted", c.name, err, report.Accepted)
		}
		got := strings.Split(problems(report), "\n")
		for i, want := range c.want {
			if i >= len(got) || !strings.HasPrefix(got[i], want) {
				t.Errorf("%s: got\n%s\nwant\n%s", c.name, problems(report), strings.Join(c.want, "\n"))
				break
			}
		}
		if c.want == nil && report.ProblemCount > 0 || c.want != nil && !report.Blocked(false) {
			t.Errorf("%s: %d problems", c.name, report.ProblemCount)
		}
	}
}

// FuzzProfile: a profile of any text is read or refused with what is wrong, and no file makes a good one crash.
func FuzzProfile(f *testing.F) {
	all, err := profile.Ready(LayoutOf)
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range all {
		f.Add(p.Text, "excdate|schedDate|tvID|activity|start|stop\n03022026|03022026|ana|Open|09:00|10:00\n")
	}
	f.Add("kind: schedule\nheader: false\ncolumns: {agent_id: 1, activity: {join: [1, 2]}, start: {date: 2, time: 3}, "+
		"end: 4}\ndates: yymmdd\n", "ana;260302;0900;x\n")
	f.Add("kind: schedule\ncolumns: {agent_id: A}\ngrid: {activity: x, week: W, cells: {AL: {activity: y}}, breaks: "+
		"[{after: 1m, lasts: 24h, activity: z}]}\n", "A,W,Mon\nana,2026-03-02,9-17\n")
	f.Add("kind: schedule\nheader: 2\nfill: [A]\nends: Total\nrepeat: {from: F}\ncolumns: {agent_id: A}\ngrid: {"+
		"activity: x, inside: y, pairs: [{start: S, end: E}, {start: B, end: C, activity: z}], "+
		"cells: {F: 6-14, U: {activity: l}}}\n",
		"A,Mon,,F\n,S,E,\nana,9,17,2026-03-02\n,F,,2026-03-02\nTotal,,,\n")
	f.Add("kind: schedule\nrepeat: weekly\ncolumns: {agent_id: A, activity: {value: x}, date: {weekday: D}, "+
		"start_time: S, end_time: {length: L, in: hours}}\nrows: [{when: {L: 8}}, "+
		"{when: {not: {L: 8}}, activity: {value: y}}]\n",
		"A,D,S,L\nana,Mon-Fri,9:00,8\nbo,Sat,9:00,7:30\n")
	f.Add("kind: status\nitems: a.b\ninstants: unix\ncolumns: {agent_id: id, at: t, until: {column: e, length: l, in: "+
		"seconds}, status: s.n}\nbetween: {presence: offline}\n",
		`{"a":[{"id":"ana","b":[{"t":1793610000,"e":null,"l":60,"s":{"n":"break"}},{"t":1793610030,"s":{}}]}]}`)
	f.Fuzz(func(t *testing.T, yaml, text string) {
		p, err := profile.Parse("p", []byte(yaml), LayoutOf)
		wrong := (*profile.Error)(nil)
		if err != nil {
			if !errors.As(err, &wrong) || len(wrong.Problems) == 0 {
				t.Errorf("%v", err)
			}
			return
		}
		in, opt := BytesInput("f.csv", []byte(text)), Options{Profile: p, TimeZone: "UTC"}
		var report *Report
		switch Kind(p.Kind) {
		case Schedule:
			opt.From, opt.To = schemas.MakeDate(2026, 3, 2), schemas.MakeDate(2026, 3, 8)
			_, report, err = ReadSchedule(background, in, opt, Known{Members: crew})
		case Status:
			report, err = readStatus(in, opt, crew, now, func([]schemas.Change) error { return nil })
		default:
			return
		}
		if err != nil || report.Read != report.Accepted+report.Rejected+report.Duplicates {
			t.Errorf("%v: %d read, %d accepted, %d rejected", err, report.Read, report.Accepted, report.Rejected)
		}
	})
}

// TestSlowWorkbook: a workbook that comes as a stream without places is read too, if it is small.
func TestSlowWorkbook(t *testing.T) {
	data := byExcelize(t)
	in := Input{Name: "f.xlsx", Size: int64(len(data)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(bytes.NewReader(data))), nil
	}}
	_, report, err := ReadSchedule(background, in, Options{TimeZone: "UTC"}, Known{})
	if err != nil || report.Accepted != 2 {
		t.Error(err, fmt.Sprint(report))
	}
}

// FuzzSheetOfActivities: a sheet of any XML is read or refused, and every row is counted once.
func FuzzSheetOfActivities(f *testing.F) {
	f.Add([]byte(`<row r="1"><c r="A1" t="str"><v>code</v></c><c r="B1" t="str"><v>category</v></c></row><row r="2">`+
		`<c r="A2" s="1"><v>46083</v></c></row>`), []byte(partTexts), []byte(partStyles))
	f.Fuzz(func(t *testing.T, rows, texts, styles []byte) {
		data := book(t, string(rows),
			map[string]string{"xl/sharedStrings.xml": string(texts), "xl/styles.xml": string(styles)})
		_, report, err := ReadActivityCodes(background, BytesInput("f.xlsx", data), Options{})
		if err != nil || report.Read != report.Accepted+report.Rejected+report.Duplicates {
			t.Errorf("%v: %d read, %d accepted, %d rejected", err, report.Read, report.Accepted, report.Rejected)
		}
	})
}
