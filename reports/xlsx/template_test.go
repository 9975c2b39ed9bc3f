package xlsx_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"reflect"
	"testing"

	"rollcall/ingest/files"
	"rollcall/ingest/files/rows"
	"rollcall/reports/xlsx"
	"rollcall/schemas"
)

// TestTemplates: the template of every kind reads without a problem or a warning, as a workbook and as CSV, and both
// say the same.
func TestTemplates(t *testing.T) {
	ctx := context.Background()
	roster, err := files.TemplateOf(files.Roster)
	if err != nil {
		t.Fatal(err)
	}
	codes, err := files.TemplateOf(files.Activities)
	if err != nil {
		t.Fatal(err)
	}
	members, _, err := files.ReadRoster(ctx, csvOf(t, &roster), files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	activities, _, err := files.ReadActivityCodes(ctx, csvOf(t, &codes), files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	known := files.Known{Members: members, Codes: activities}
	for _, kind := range files.Kinds() {
		template, err := files.TemplateOf(kind)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := xlsx.WriteTemplate(&out, &template); err != nil {
			t.Fatal(err)
		}
		if dir := os.Getenv("ROLLCALL_KEEP_TEMPLATES"); dir != "" {
			if err := os.WriteFile(fmt.Sprintf("%s/%s.xlsx", dir, kind), out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		fromBook, book := readKind(t, kind, files.BytesInput("t.xlsx", out.Bytes()), known)
		fromText, text := readKind(t, kind, csvOf(t, &template), known)
		for _, r := range []*files.Report{book, text} {
			if r.ProblemCount+r.WarningCount+len(r.Unmapped) > 0 || r.Accepted != len(template.Examples) {
				t.Errorf("%s: %d of %d accepted, %v %v %v", r.File, r.Accepted, len(template.Examples), r.Problems, r.Warnings,
					r.Unmapped)
			}
		}
		if !reflect.DeepEqual(fromBook, fromText) || fromBook == nil {
			t.Errorf("%s: the workbook says %v, the CSV %v", kind, fromBook, fromText)
		}
	}
	if _, err := files.TemplateOf("x"); err == nil {
		t.Error("a template of nothing")
	}
}

func csvOf(t *testing.T, template *rows.Template) files.Input {
	t.Helper()
	var out bytes.Buffer
	if err := template.WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	return files.BytesInput("t.csv", out.Bytes())
}

// readKind reads a file and returns what it holds.
func readKind(t *testing.T, kind files.Kind, in files.Input, known files.Known) (rows any, report *files.Report) {
	t.Helper()
	ctx, err := context.Background(), error(nil)
	opt := files.Options{TimeZone: "Europe/London"}
	switch kind {
	case files.Roster:
		rows, report, err = files.ReadRoster(ctx, in, opt)
	case files.Activities:
		rows, report, err = files.ReadActivityCodes(ctx, in, opt)
	case files.Statuses:
		rows, report, err = files.ReadStatuses(ctx, in, opt)
	case files.Schedule:
		var plan *files.SchedulePlan
		if plan, report, err = files.ReadSchedule(ctx, in, opt, known); err == nil {
			var days []string
			for n := range plan.Agents() {
				for _, d := range plan.AgentDays(n, &files.PlannedDays{}) {
					for i := range d.Activities {
						d.Activities[i].Line = 0
					}
					days = append(days, fmt.Sprintf("%+v", d))
				}
			}
			rows = days
		}
	case files.Status:
		var changes []schemas.Change
		var file *files.StatusFile
		if file, report, err = files.CheckStatus(ctx, in, opt, known.Members, nil, 1_800_000_000_000); err == nil {
			err = file.Changes(ctx, func(batch []schemas.Change) error {
				changes = append(changes, batch...)
				return nil
			})
		}
		rows = changes
	case files.Gaps:
		rows, report, err = files.ReadGaps(ctx, in, opt, known)
	case files.Requirements:
		rows, report, err = files.ReadRequirements(ctx, in, opt, known)
	}
	if err != nil {
		t.Fatal(kind, err)
	}
	return rows, report
}
