package files

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"rollcall/ingest/files/profile"
)

// largeWorkbook writes a schedule of so many rows with dates, times and texts of its own in each row.
func largeWorkbook(tb testing.TB, rows int) Input {
	tb.Helper()
	f := excelize.NewFile()
	day, clock := "yyyy-mm-dd", "hh:mm"
	d, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &day})
	c, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &clock})
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		tb.Fatal(err)
	}
	head := []any{"agent_id", "activity", "date", "start_time", "end_time", "category", "paid", "description"}
	if err := w.SetRow("A1", head); err != nil {
		tb.Fatal(err)
	}
	for i := range rows {
		quarter := float64(i%32) / 96
		if err := w.SetRow(fmt.Sprintf("A%d", i+2),
			[]any{fmt.Sprintf("agent-%05d", i/320), "Phones", excelize.Cell{StyleID: d, Value: 46083 + i/32%10},
				excelize.Cell{StyleID: c, Value: 0.375 + quarter}, excelize.Cell{StyleID: c, Value: 0.375 + quarter + 1.0/96},
				"on_queue_work", true,
				fmt.Sprintf("row %d", i)}); err != nil {
			tb.Fatal(err)
		}
	}
	path := filepath.Join(tb.TempDir(), "large.xlsx")
	out, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	if _, err := f.WriteTo(out); err != nil {
		tb.Fatal(err)
	}
	if err := out.Close(); err != nil {
		tb.Fatal(err)
	}
	in, err := FileInput(path)
	if err != nil {
		tb.Fatal(err)
	}
	return in
}

// BenchmarkProfile reads, checks and dates an IEX export of 200,000 rows.
func BenchmarkProfile(b *testing.B) {
	var text strings.Builder
	text.WriteString("excdate|schedDate|TZ|custID|muID|tvID|acdID|logonID|activity|start|stop\n")
	for i := range 200_000 {
		at := i % 32 * 15
		fmt.Fprintf(&text, "03%02d2026|03%02d2026|UK|1|2|agent-%05d|77||Open|%02d:%02d|%02d:%02d\n", i/32%28+1, i/32%28+1,
			i/(32*28), 9+at/60, at%60,
			9+(at+15)/60, (at+15)%60)
	}
	p, err := profile.Find("iex", LayoutOf)
	if err != nil {
		b.Fatal(err)
	}
	in, start, rows := BytesInput("f.txt", []byte(text.String())), time.Now(), 0
	for b.Loop() {
		_, report, err := ReadSchedule(background, in, Options{Profile: p}, Known{})
		if err != nil || report.Accepted != 200_000 {
			b.Fatal(err, report.Read, report.Problems[:1])
		}
		rows += report.Read
	}
	b.ReportMetric(float64(rows)/time.Since(start).Seconds(), "rows/s")
}

// BenchmarkWorkbook reads, checks and dates a schedule of 200,000 rows. MiB is the memory taken from the system for it
// and for making the file.
func BenchmarkWorkbook(b *testing.B) {
	in := largeWorkbook(b, 200_000)
	runtime.GC()
	var before, after runtime.MemStats
	rows, start := 0, time.Now()
	for b.Loop() {
		runtime.ReadMemStats(&before)
		_, report, err := ReadSchedule(background, in, Options{TimeZone: "UTC"}, Known{})
		runtime.ReadMemStats(&after)
		if err != nil || report.Accepted != 200_000 {
			b.Fatal(err, report.Read, report.Problems[:1])
		}
		rows += report.Read
	}
	b.ReportMetric(float64(rows)/time.Since(start).Seconds(), "rows/s")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/(1<<20), "MiB-allocated")
	b.ReportMetric(float64(after.Sys)/(1<<20), "MiB")
}
