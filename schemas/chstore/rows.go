package chstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"rollcall/schemas"
)

// field is a column of a table with a pointer to where its value lies. A function that lists the fields of a row says
// so once; that serves writing and reading.
type field struct {
	column string
	at     any
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
		return (*dateCell)(p)
	case *int:
		return (*countCell)(p)
	case *[]string:
		return (*textsCell)(p)
	case enumeration:
		return enumCell{p}
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

// as is what the client has read of a column. Another type is an error: as a zero it would be a wrong figure.
func as[T any](v any) (T, error) {
	t, ok := v.(T)
	if !ok {
		return t, fmt.Errorf("the column holds %T, not %T", v, t)
	}
	return t, nil
}

// dateCell is a date in a column of Date32.
type dateCell schemas.Date

// Scan reads the date.
func (c *dateCell) Scan(v any) error {
	t, err := as[time.Time](v)
	*c = dateCell(schemas.MakeDate(t.Date()))
	return err
}

// Value writes the date.
func (c *dateCell) Value() (driver.Value, error) { return schemas.Date(*c).Time(), nil }

// countCell is a count in a column of UInt64.
type countCell int

// Scan reads the count.
func (c *countCell) Scan(v any) error {
	n, err := as[uint64](v)
	*c = countCell(n) //nolint:gosec // a count
	return err
}

// Value writes the count.
func (c *countCell) Value() (driver.Value, error) { return uint64(*c), nil } //nolint:gosec // a count

// textsCell is a list of texts in a column of Array(String); an empty one is nil.
type textsCell []string

// Scan reads the texts.
func (c *textsCell) Scan(v any) error {
	*c = nil
	if texts, _ := v.([]string); len(texts) > 0 {
		*c = texts
	}
	return nil
}

// Value writes the texts.
func (c *textsCell) Value() (driver.Value, error) { return []string(*c), nil }

// enumeration is a value of package schemas that has a name.
type enumeration interface {
	fmt.Stringer
	encoding.TextUnmarshaler
}

// enumCell is an enumeration in a column of Enum8, whose names are those of package schemas.
type enumCell struct{ enumeration }

// Scan reads the name.
func (c enumCell) Scan(v any) error {
	name, err := as[string](v)
	if err != nil {
		return err
	}
	return c.UnmarshalText([]byte(name))
}

// Value writes the name.
func (c enumCell) Value() (driver.Value, error) { return c.String(), nil }

var (
	_ sql.Scanner = (*dateCell)(nil)
	_ sql.Scanner = (*countCell)(nil)
	_ sql.Scanner = (*textsCell)(nil)
	_ sql.Scanner = enumCell{}
)

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

func insertBlock[T any](ctx context.Context, s *Store, table string, fields func(*T) []field, rows []T) error {
	var columns []string
	for _, f := range fields(&rows[0]) {
		columns = append(columns, f.column)
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"max_threads": 1})) // as oneThread
	batch, err := s.rows.PrepareBatch(ctx, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+")")
	if err != nil {
		return err
	}
	defer func() { _ = batch.Close() }() // after Send it does nothing
	values := make([]any, len(columns))
	for i := range rows {
		for k, f := range fields(&rows[i]) {
			if values[k], err = f.value(); err != nil {
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

// each reads the rows of a query one after the other, holding a connection meanwhile. A read that yield ends early is read
// to its end and thrown away: an embedded engine dies when a connection closes in the middle of an answer.
func each[T any](ctx context.Context, s *Store, q question, fields func(*T) []field, yield func(*T) error) error {
	rows, err := s.rows.Query(q.context(ctx), q.sql)
	if err != nil {
		return explain(ctx, err)
	}
	order, err := orderOf(rows.Columns(), fields(new(T)))
	for err != nil || rows.Next() {
		row := new(T)
		list, cells := fields(row), make([]any, len(order))
		for i, k := range order {
			cells[i] = list[k].cell()
		}
		if err == nil {
			err = rows.Scan(cells...)
		}
		if err == nil {
			err = yield(row)
		}
		if err != nil {
			_ = rows.Close()
			return stoppable(err)
		}
	}
	return explain(ctx, rows.Err())
}

// orderOf returns which field each column of a result is; a field that the query does not ask for is left as it is.
func orderOf(columns []string, fields []field) ([]int, error) {
	order := make([]int, len(columns))
	for i, c := range columns {
		order[i] = slices.IndexFunc(fields, func(f field) bool { return f.column == c })
		if order[i] < 0 {
			return nil, fmt.Errorf("column %s of the result is no field", c)
		}
	}
	return order, nil
}

// all reads the rows of a query into a slice, for tables that are small.
func all[T any](ctx context.Context, s *Store, q question, fields func(*T) []field) ([]T, error) {
	var out []T
	err := each(ctx, s, q, fields, func(row *T) error {
		out = append(out, *row)
		return nil
	})
	return out, err
}

// oneText reads a result of one column of text.
func oneText(line *string) []field { return []field{{"line", line}} }

// exec runs a statement without a result.
func (s *Store) exec(ctx context.Context, q question) error {
	return explain(ctx, s.rows.Exec(q.context(ctx), q.sql))
}
