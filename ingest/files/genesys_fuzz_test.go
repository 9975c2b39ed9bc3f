package files

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"rollcall/ingest/files/genesys"
	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// FuzzGenesys: a file of any bytes yields a report whose counts add up, and nothing is taken from what is not JSON.
func FuzzGenesys(f *testing.F) {
	f.Add(uint8(0), []byte(searchResult))
	f.Add(uint8(0), []byte(importBody))
	f.Add(uint8(0), zipped(f, importBody))
	f.Add(uint8(1), []byte(`{"userDetails":[{"userId":"u1","primaryPresence":[{"startTime":"2026-03-23T08:58:00Z",`+
		`"endTime":"2026-03-23T08:59:00Z","systemPresence":"ON_QUEUE"},{"startTime":"2026-03-23T09:58:00Z"}],`+
		`"routingStatus":null}]}`))
	f.Add(uint8(2), []byte(`[{"id":"0","category":"OnQueueWork","secondaryPresences":[{"id":"p"}]}]`))
	f.Add(uint8(3), []byte(`{"entities":[{"secondaryPresences":[{"id":"p"},3],"category":"Meal"},{"category":7}]}`))
	kinds := []Kind{Schedule, Status, Activities, Statuses}
	f.Fuzz(func(t *testing.T, k uint8, data []byte) {
		kind := kinds[int(k)%len(kinds)]
		var lines []string
		var report *Report
		if kind == Schedule { // whose days may be very many
			_, r, err := ReadSchedule(background, BytesInput("week.json", data), Options{}, london)
			if report = r; err != nil || r.Read != r.Accepted+r.Rejected+r.Duplicates {
				t.Fatalf("%v, read %d of %d + %d + %d", err, r.Read, r.Accepted, r.Rejected, r.Duplicates)
			}
		} else {
			lines, report = read(t, kind, data, Options{}, london)
		}
		if report.ProblemCount < len(report.Problems) || report.Rejected > report.ProblemCount || report.Rejected < 0 ||
			report.Accepted < 0 {
			t.Errorf("%d rows accepted, %d rejected, %d problems, %d listed", report.Accepted, report.Rejected,
				report.ProblemCount, len(report.Problems))
		}
		if kind != Schedule && len(lines) != report.Accepted {
			t.Errorf("%d rows accepted, %d given", report.Accepted, len(lines))
		}
		if genesys.Find(string(kind), data) == genesys.Kind(kind) && report.Accepted > 0 && report.Encoding == rows.UTF8 &&
			!json.Valid(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))) {
			t.Errorf("%d rows were taken from what is not JSON", report.Accepted)
		}
		for _, p := range report.Problems {
			if p.Line < 0 || p.Column < 0 || p.Message == "" {
				t.Errorf("a problem without place or message: %v", p)
			}
		}
	})
}

// generated is a file that is made while it is read.
func generated(write func(io.Writer)) Input {
	return Input{Name: "week.json", Open: func() (io.ReadCloser, error) {
		r, w := io.Pipe()
		go func() {
			b := &halted{w: w}
			write(b)
			_ = w.Close() // a pipe
		}()
		return r, nil
	}}
}

// halted writes until nobody reads any more.
type halted struct {
	w   *io.PipeWriter
	err error
}

func (h *halted) Write(b []byte) (int, error) {
	if h.err == nil {
		_, h.err = h.w.Write(b)
	}
	return len(b), nil
}

// TestGenesysIsBounded: what is too much for an export is reported within little time and memory: a million activities
// of one agent, a text that never ends, and a list in a list in a list.
func TestGenesysIsBounded(t *testing.T) {
	row := bytes.Repeat([]byte(`{"activityCodeId":"0","startDate":"2026-03-23T09:00:00Z","lengthMinutes":1},`), 1000)
	for _, c := range []struct {
		name, want string
		write      func(io.Writer)
	}{
		{"a million activities of one agent", "has more than 100000 rows; the rest is left out: is it one agent?",
			func(w io.Writer) {
				_, _ = io.WriteString(w, `{"agentSchedules":[{"userId":"u1","shifts":[{"activities":[`)
				for range 1000 {
					_, _ = w.Write(row)
				}
				_, _ = io.WriteString(w, `{}]}]}]}`)
			}},
		{"a text without end", "is longer than 65536 bytes", func(w io.Writer) {
			_, _ = io.WriteString(w, `{"agentSchedules":[{"userId":"`)
			for range 1000 {
				_, _ = w.Write(bytes.Repeat([]byte("a"), 1<<16))
			}
		}},
		{"lists in lists", "nested more than 64 deep", func(w io.Writer) {
			_, _ = io.WriteString(w, `{"agentSchedules":`)
			for range 1000 {
				_, _ = w.Write(bytes.Repeat([]byte("["), 1<<16))
			}
		}},
	} {
		start := time.Now()
		_, report, err := ReadSchedule(background, generated(c.write), Options{}, london)
		if err != nil || !strings.Contains(problems(report), c.want) {
			t.Errorf("%s: %v %.400s", c.name, err, problems(report))
		}
		if d := time.Since(start); d > 30*time.Second {
			t.Errorf("%s took %s", c.name, d)
		}
		var m runtime.MemStats
		runtime.GC()
		if runtime.ReadMemStats(&m); m.HeapInuse > 200<<20 {
			t.Errorf("%s: %d MiB are held", c.name, m.HeapInuse>>20)
		}
	}
}

// BenchmarkGenesysSchedule reads a million activities of 20,000 agents.
func BenchmarkGenesysSchedule(b *testing.B) {
	const agents, shifts = 20_000, 5
	var members []schemas.Membership
	for a := range agents {
		members = append(members, schemas.Membership{AgentID: fmt.Sprint("agent-", a), TimeZone: "Europe/London"})
	}
	file := &bytes.Buffer{}
	file.WriteString(`{"result":{"agentSchedules":[`)
	for a := range agents {
		if a > 0 {
			file.WriteByte(',')
		}
		fmt.Fprintf(file, `{"user":{"id":"agent-%d"},"shifts":[`, a)
		for s := range shifts {
			if s > 0 {
				file.WriteByte(',')
			}
			fmt.Fprintf(file, `{"id":"s","activities":[{"activityCodeId":"0","startDate":"2026-03-%02dT09:00:00.000Z",`+
				`"lengthMinutes":480,"description":"","paid":true}`, 2+s)
			for n := range 9 {
				fmt.Fprintf(file, `,{"activityCodeId":"brk","startDate":"2026-03-%02dT%02d:30:00.000Z","lengthMinutes":10,`+
					`"description":"","paid":false}`, 2+s, 9+n%8)
			}
			file.WriteString(`]}`)
		}
		file.WriteString(`]}`)
	}
	file.WriteString(`]},"status":"Complete"}`)
	in := BytesInput("week.json", file.Bytes())
	known := Known{Members: members, Codes: london.Codes}
	rows, start := 0, time.Now()
	for b.Loop() {
		_, report, err := ReadSchedule(background, in, Options{}, known)
		if err != nil || report.Read != agents*shifts*10 {
			b.Fatal(err, report.Read, report.Problems)
		}
		rows += report.Read
	}
	b.ReportMetric(float64(rows)/time.Since(start).Seconds(), "rows/s")
	b.ReportMetric(float64(in.Size)/(1<<20), "file-MiB")
}
