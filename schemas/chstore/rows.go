package chstore

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"rollcall/schemas"
)

// field is a column of a table with a pointer to where its value lies. A list of the fields of a row serves writing and
// reading.
type field struct {
	column string
	at     any
}

var wordEnd = regexp.MustCompile(`([a-z])([A-Z])`)

// fieldsOf lists the fields of a struct. A column is called as the tag ch says, or like its field (StartedAt is
// started_at). An interval has two columns, a list of them two of lists, an array of instants one for each.
func fieldsOf[T any](row *T) (list []field) {
	v := reflect.ValueOf(row).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		names := strings.Split(cmp.Or(f.Tag.Get("ch"), strings.ToLower(wordEnd.ReplaceAllString(f.Name, "${1}_$2"))), ",")
		places := []any{v.Field(i).Addr().Interface()}
		switch at := places[0].(type) {
		case *schemas.Interval:
			places = []any{&at.Start, &at.End}
		case *[]schemas.Interval:
			places = []any{edges(at, func(v *schemas.Interval) *schemas.Instant { return &v.Start }),
				edges(at, func(v *schemas.Interval) *schemas.Instant { return &v.End })}
		case *[3]schemas.Instant:
			places = []any{&at[0], &at[1], &at[2]}
		}
		for k, name := range names {
			list = append(list, field{name, places[k]})
		}
	}
	return list
}

// cell returns what the client reads a column into.
func (f field) cell() any {
	switch p := f.at.(type) {
	case *schemas.Instant:
		return (*int64)(p)
	case *schemas.Decimal:
		return (*int64)(p)
	case *schemas.Fields:
		return (*uint8)(p)
	case *schemas.Date:
		return newCell(func() any { return p.Time() }, func(t time.Time) { *p = schemas.MakeDate(t.Date()) })
	case *int:
		//nolint:gosec // a count
		return newCell(func() any { return uint64(*p) }, func(n uint64) { *p = int(n) })
	case *[]string:
		return newCell(func() any { return *p }, func(texts []string) { *p = append([]string(nil), texts...) })
	case enumeration:
		return cell[string]{func() any { return p.String() },
			func(name string) error { return p.UnmarshalText([]byte(name)) }}
	}
	if p := reflect.ValueOf(f.at); p.Kind() == reflect.Pointer && p.Elem().Kind() == reflect.String {
		return p.Convert(reflect.TypeFor[*string]()).Interface()
	}
	return f.at
}

// value returns what the client writes into a column.
func (f field) value() (any, error) {
	switch p := f.cell().(type) {
	case *string:
		return *p, nil // a pointer would be a text of its own in every row of a LowCardinality column
	case driver.Valuer:
		return p.Value()
	default:
		return p, nil
	}
}

// enumeration is a value of package schemas that has a name; the columns of Enum8 have the same names.
type enumeration interface {
	fmt.Stringer
	encoding.TextUnmarshaler
}

// cell turns the client's C into a value of ours, and back.
type cell[C any] struct {
	get func() any
	set func(C) error
}

func newCell[C any](get func() any, set func(C)) cell[C] {
	return cell[C]{get, func(c C) error { set(c); return nil }}
}

// edges is one edge of each of the intervals, in a column of Array(DateTime64).
func edges(list *[]schemas.Interval, of func(*schemas.Interval) *schemas.Instant) cell[[]time.Time] {
	return newCell(func() any {
		out := make([]int64, len(*list))
		for i := range out {
			out[i] = int64(*of(&(*list)[i]))
		}
		return out
	}, func(edges []time.Time) {
		if *list == nil && len(edges) > 0 {
			*list = make([]schemas.Interval, len(edges))
		}
		for i := range *list {
			*of(&(*list)[i]) = schemas.InstantOf(edges[i])
		}
	})
}

// Scan takes what the client has read. Another type is an error: as a zero it would be a wrong figure.
func (c cell[C]) Scan(v any) error {
	t, ok := v.(C)
	if !ok {
		return fmt.Errorf("the column holds %T, not %T", v, t)
	}
	return c.set(t)
}

// Value returns what the client writes.
func (c cell[C]) Value() (driver.Value, error) { return c.get(), nil }

// insertLimit is the number of rows that one block may have and still become one part, so that it is there as a whole
// or not at all (the server's min_insert_block_size_rows is larger).
const insertLimit = 1_000_000

// insert writes the rows in one block, or in several when they are more than insertLimit.
func insert[T any](ctx context.Context, s *Store, table string, fields func(*T) []field, rows []T) error {
	for block := range slices.Chunk(rows, insertLimit) {
		if err := insertBlock(ctx, s, table, fields, block); err != nil {
			return fmt.Errorf("insert %d rows into %s: %w", len(block), table, explain(ctx, err))
		}
	}
	return nil
}

var errNoID = errors.New("a row has no id; its id says which row a later one replaces")

func insertBlock[T any](ctx context.Context, s *Store, table string, fields func(*T) []field, rows []T) error {
	var row T
	list := fields(&row)
	var columns []string
	for _, f := range list {
		columns = append(columns, f.column)
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"max_threads": 1})) // as factInsert
	batch, err := s.rows.PrepareBatch(ctx, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+")")
	if err != nil {
		return err
	}
	defer func() { _ = batch.Close() }() // after Send it does nothing
	values := make([]any, len(columns))
	for _, row = range rows {
		for k, f := range list {
			if values[k], err = f.value(); f.column == "id" && values[k] == "" {
				err = errNoID
			}
			if err != nil {
				_ = batch.Abort() // the first error says more
				return err
			}
		}
		if err := batch.Append(values...); err != nil {
			return err
		}
	}
	return batch.Send()
}

// each reads the rows of a query one after the other, holding a connection meanwhile; doing stands before an error. All
// rows share one place. A read that yield ends early is read to its end and thrown away: an embedded engine dies when a
// connection closes in the middle of an answer.
func each[T any](ctx context.Context, s *Store, doing string, q statement, fields func(*T) []field,
	yield func(*T) error) error {
	return wrap(doing, read(ctx, s, q, fields, yield))
}

func read[T any](ctx context.Context, s *Store, q statement, fields func(*T) []field, yield func(*T) error) error {
	rows, err := s.rows.Query(q.context(ctx), q.sql)
	if err != nil {
		return explain(ctx, err)
	}
	var row, none T
	cells, err := cellsOf(rows.Columns(), fields(&row))
	for err == nil && rows.Next() {
		row = none
		if err = rows.Scan(cells...); err == nil {
			err = yield(&row)
		}
	}
	if err != nil {
		_ = rows.Close()
		return stoppable(err)
	}
	return explain(ctx, rows.Err())
}

// cellsOf returns where each column of a result goes; a field that the query does not ask for is left as it is.
func cellsOf(columns []string, fields []field) ([]any, error) {
	cells := make([]any, len(columns))
	for i, c := range columns {
		k := slices.IndexFunc(fields, func(f field) bool { return f.column == c })
		if k < 0 {
			return nil, fmt.Errorf("column %s of the result is no field", c)
		}
		cells[i] = fields[k].cell()
	}
	return cells, nil
}

// all reads the rows of a query into a slice, for tables that are small.
func all[T any](ctx context.Context, s *Store, doing string, q statement, fields func(*T) []field) ([]T, error) {
	var out []T
	err := each(ctx, s, doing, q, fields, func(row *T) error {
		out = append(out, *row)
		return nil
	})
	return out, err
}

// oneText reads a result of one column of text.
func oneText(line *string) []field { return []field{{"line", line}} }

// exec runs a statement without a result.
func (s *Store) exec(ctx context.Context, q statement) error {
	return explain(ctx, s.rows.Exec(q.context(ctx), q.sql))
}
