package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"text/tabwriter"

	"rollcall/schemas/chstore"
)

// printRows prints rows as the --output flag says. JSON is one array of objects; CSV and table take their columns from
// the fields of the row's JSON. A table shows only the named columns; CSV and JSON show all.
func printRows[T any](w io.Writer, format string, rows iter.Seq2[T, error], tableColumns ...string) error {
	switch format {
	case "json":
		return printJSON(w, rows)
	case "csv":
		out := csv.NewWriter(w)
		return errors.Join(printCells(rows, nil, out.Write), flushed(out))
	case "table":
		out := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		write := func(cells []string) error {
			_, err := fmt.Fprintln(out, strings.Join(cells, "\t"))
			return err
		}
		return errors.Join(printCells(rows, tableColumns, write), out.Flush())
	}
	return badInputf("--output %q is none of table, json, csv", format)
}

// checkOutput refuses an unknown format before any work is done.
func (g *globals) checkOutput() error {
	return printRows(io.Discard, g.output, each([]struct{}{}))
}

func flushed(w *csv.Writer) error {
	w.Flush()
	return w.Error()
}

func printJSON[T any](w io.Writer, rows iter.Seq2[T, error]) error {
	lead := "["
	for row, err := range rows {
		if err != nil {
			return err
		}
		b, err := json.Marshal(row)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n%s", lead, b); err != nil {
			return err
		}
		lead = ","
	}
	if lead == "[" {
		_, err := fmt.Fprintln(w, "[]")
		return err
	}
	_, err := fmt.Fprintln(w, "\n]")
	return err
}

// printCells writes a line per row; see lines.
func printCells[T any](rows iter.Seq2[T, error], columns []string, write func([]string) error) error {
	l := lines{columns: columns, write: write}
	for row, err := range rows {
		if err == nil {
			err = l.print(row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lines writes rows as cells, below a header that comes with the first. Without columns all fields of that row are
// shown.
type lines struct {
	columns []string
	begun   bool
	write   func(cells []string) error
}

func (l *lines) print(row any) error {
	names, cells, err := fields(row)
	if err != nil {
		return err
	}
	if l.columns == nil {
		l.columns = names
	}
	if !l.begun {
		l.begun = true
		if err := l.write(l.columns); err != nil {
			return err
		}
	}
	line := make([]string, len(l.columns))
	for i, c := range l.columns {
		line[i] = cells[c]
	}
	return l.write(line)
}

// fields returns the names of the top-level fields of a row's JSON, in order, and their values as cells: texts bare,
// null empty, anything nested as JSON.
func fields(row any) ([]string, map[string]string, error) {
	b, err := json.Marshal(row)
	if err != nil {
		return nil, nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	if _, err := dec.Token(); err != nil {
		return nil, nil, err
	}
	var names []string
	cells := map[string]string{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, nil, err
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return nil, nil, err
		}
		text := string(v)
		if text == "null" {
			text = ""
		}
		if strings.HasPrefix(text, `"`) {
			if err := json.Unmarshal(v, &text); err != nil {
				return nil, nil, err
			}
		}
		names = append(names, fmt.Sprint(name))
		cells[fmt.Sprint(name)] = text
	}
	return names, cells, nil
}

// one turns a row into the sequence that printRows takes.
func one[T any](row T) iter.Seq2[T, error] { return each([]T{row}) }

// each turns a slice into the sequence that printRows takes.
func each[T any](rows []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// streamed turns what calls a function for each row into the sequence that printRows takes.
func streamed[T any](read func(func(T) error) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := read(func(row T) error {
			if !yield(row, nil) {
				return chstore.ErrStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, chstore.ErrStop) {
			var none T
			yield(none, err)
		}
	}
}
