package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/sirupsen/logrus"
	"github.com/xuri/excelize/v2"

	"rollcall/cmd/internal/app"
	"rollcall/cmd/internal/config"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// lookUp finds a value in JSON: texts bare, everything else as JSON.
func lookUp(text, path string) (string, error) {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return "", fmt.Errorf("%w in %s", err, text)
	}
	for step := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			found, ok := at[step]
			if !ok {
				return "", fmt.Errorf("%s: there is no %s in %s", path, step, text)
			}
			v = found
		case []any:
			if step == "len" {
				v = len(at)
				continue
			}
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(at) {
				return "", fmt.Errorf("%s: there is no element %s in %s", path, step, text)
			}
			v = at[i]
		default:
			return "", fmt.Errorf("%s: nothing lies below %v", path, v)
		}
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

// cmdCell looks at a cell of a workbook as a reader sees it and as a formula does.
func cmdCell(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 5 || len(args) == 6, "cell FILE SHEET NAME ROW TEXT [NUMBER]")
	row, err := strconv.Atoi(args[3])
	ts.Check(err)
	book, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer func() { ts.Check(book.Close()) }()
	at, err := cellUnder(book, args[1], args[2], row)
	ts.Check(err)
	shown, err := book.GetCellValue(args[1], at)
	ts.Check(err)
	if shown != args[4] {
		ts.Fatalf("%s!%s (%s) shows %q, want %q", args[1], at, args[2], shown, args[4])
	}
	if len(args) == 5 {
		return
	}
	raw, err := book.GetCellValue(args[1], at, excelize.Options{RawCellValue: true})
	ts.Check(err)
	kind, err := book.GetCellType(args[1], at)
	ts.Check(err)
	number, err := strconv.ParseFloat(raw, 64)
	ts.Check(err)
	want, err := strconv.ParseFloat(args[5], 64)
	ts.Check(err)
	if math.Abs(number-want) > 1e-12 || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		ts.Fatalf("%s!%s (%s) holds %q (type %d), want the number %s", args[1], at, args[2], raw, kind, args[5])
	}
}

// cellUnder returns the cell in the row'th row under the header of that name.
func cellUnder(book *excelize.File, sheet, name string, row int) (string, error) {
	rows, err := book.GetRows(sheet)
	if err != nil {
		return "", err
	}
	for i, cells := range rows {
		if c := slices.Index(cells, name); c >= 0 && len(cells) > 3 { // a title stands alone
			return excelize.CoordinatesToCellName(c+1, i+1+row)
		}
	}
	return "", fmt.Errorf("sheet %s has no column %q", sheet, name)
}

// configOf returns the configuration that the script's programs get from their environment.
func configOf(ts *testscript.TestScript) config.Config {
	c, err := config.Load("", []string{"ROLLCALL_STORE_DIR=" + ts.Getenv("ROLLCALL_STORE_DIR"),
		"ROLLCALL_STORE_ENGINE=" + ts.Getenv("ROLLCALL_STORE_ENGINE"), "ROLLCALL_STORE_URL=" +
			cmp.Or(ts.Getenv("ROLLCALL_STORE_URL"), config.Embedded)})
	ts.Check(err)
	return c
}

// cmdNewer makes the store look as if a later program had migrated it.
func cmdNewer(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 0, "newer")
	at, err := chstore.ParseURL(configOf(ts).Store.URL)
	ts.Check(err)
	ctx := context.Background()
	c, err := ch.Dial(ctx, ch.Options{Address: at.Addr, User: at.User, Password: at.Password, Database: at.Database})
	ts.Check(err)
	ts.Check(c.Do(ctx, ch.Query{
		Body: "INSERT INTO schema_migrations (version, name, checksum) VALUES ('209901010000', 'from_the_future', 'x')"}))
	ts.Check(c.Close())
}

// cmdChanges compares the store with a file, both in order.
func cmdChanges(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1, "changes FILE")
	got, err := storedChanges(configOf(ts))
	ts.Check(err)
	want := strings.Split(strings.TrimSpace(ts.ReadFile(args[0])), "\n")
	slices.Sort(want)
	if !slices.Equal(got, want) {
		ts.Fatalf("the store holds %d changes, want %d:\n%s\nwant\n%s", len(got), len(want), strings.Join(got, "\n"),
			strings.Join(want, "\n"))
	}
}

// storedChanges lists source, agent and instant of every status change in the store, sorted.
func storedChanges(c config.Config) (lines []string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	defer cancel()
	s, err := app.OpenStore(ctx, c, quiet(), func(string) {})
	if err != nil {
		return nil, err
	}
	err = s.Changes(ctx, chstore.FactQuery{}, func(c *schemas.Change) error {
		lines = append(lines, fmt.Sprintf("%s %s %s", c.Source, c.AgentID, c.At))
		return nil
	})
	slices.Sort(lines)
	if closed := s.Close(); err == nil {
		err = closed
	}
	return lines, err
}

// quiet logs nothing.
func quiet() *logrus.Logger {
	log := logrus.New()
	log.SetOutput(io.Discard)
	return log
}
