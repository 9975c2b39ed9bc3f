package chstore

import (
	"context"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/google/uuid"

	"rollcall/schemas"
)

//go:embed queries/*.sql
var queries embed.FS

// query gives the text of a file in queries with its -- where -- line replaced by the conditions.
func query(name string, conditions ...string) string {
	text, err := queries.ReadFile("queries/" + name + ".sql")
	if err != nil {
		panic(err) // a test asks for every name
	}
	where := ""
	if len(conditions) > 0 {
		where = "WHERE " + strings.Join(conditions, "\n  AND ")
	}
	return strings.Replace(string(text), "-- where --", where, 1)
}

// withColumns puts the names of columns, which are this package's own, in the place of -- columns --.
func withColumns(sql, columns string) string {
	return strings.Replace(sql, "-- columns --", columns, 1)
}

// params are the values of a query's {name:Type} placeholders.
type params map[string]string

// bind gives the parameters as the protocol wants them. A text goes as hexadecimal digits (write unhex({name:String})), so
// that no quoting can go wrong; a number goes as its digits.
func (p params) bind() []proto.Parameter {
	out := make([]proto.Parameter, 0, len(p))
	for _, key := range slices.Sorted(maps.Keys(p)) {
		out = append(out, proto.Parameter{Key: key, Value: "'" + p[key] + "'"})
	}
	return out
}

func (p params) text(key, value string) params {
	p[key] = fmt.Sprintf("%x", value)
	return p
}

func (p params) number(key string, value int64) params {
	p[key] = strconv.FormatInt(value, 10)
	return p
}

// cell is one column of a table of Ts while it is written or read.
type cell[T any] struct {
	name string
	data proto.Column
	put  func(*T)
	get  func(row *T, i int)
}

// column makes the cell of one column. A column says once where in a T its value lies; that serves writing and reading.
type column[T any] func() cell[T]

func text[T any](name string, of func(*T) *string) column[T] {
	return func() cell[T] {
		c := new(proto.ColStr)
		return cell[T]{name, c, func(t *T) { c.Append(*of(t)) }, func(t *T, i int) { *of(t) = c.Row(i) }}
	}
}

// fewText is text in a column of LowCardinality(String).
func fewText[T any, S ~string](name string, of func(*T) *S) column[T] {
	return func() cell[T] {
		c := new(proto.ColStr).LowCardinality()
		return cell[T]{name, c, func(t *T) { c.Append(string(*of(t))) }, func(t *T, i int) { *of(t) = S(c.Row(i)) }}
	}
}

func textList[T any](name string, of func(*T) *[]string) column[T] {
	return func() cell[T] {
		c := new(proto.ColStr).Array()
		return cell[T]{name, c, func(t *T) { c.Append(*of(t)) }, func(t *T, i int) { *of(t) = c.Row(i) }}
	}
}

func instant[T any](name string, of func(*T) *schemas.Instant) column[T] {
	return func() cell[T] {
		c := new(instants)
		return cell[T]{name, c, func(t *T) { c.add(*of(t)) }, func(t *T, i int) { *of(t) = c.at(i) }}
	}
}

func date[T any](name string, of func(*T) *schemas.Date) column[T] {
	return func() cell[T] {
		c := new(days)
		return cell[T]{name, c, func(t *T) { c.add(*of(t)) }, func(t *T, i int) { *of(t) = c.at(i) }}
	}
}

func flag[T any](name string, of func(*T) *bool) column[T] {
	return func() cell[T] {
		c := new(flags)
		return cell[T]{name, c, func(t *T) { c.add(*of(t)) }, func(t *T, i int) { *of(t) = c.at(i) }}
	}
}

func count[T any](name string, of func(*T) *int) column[T] {
	return func() cell[T] {
		c := new(proto.ColUInt64)
		return cell[T]{name, c, func(t *T) { c.Append(uint64(*of(t))) }, //nolint:gosec // a count
			func(t *T, i int) { *of(t) = int(c.Row(i)) }} //nolint:gosec // a count
	}
}

// enum is a column of Enum8, or of UInt8 for a set of bits.
func enum[T any, E ~uint8](name string, typ proto.ColumnType, of func(*T) *E) column[T] {
	return func() cell[T] {
		c := &words{of: typ}
		return cell[T]{name, c, func(t *T) { c.add(uint8(*of(t))) }, func(t *T, i int) { *of(t) = E(c.at(i)) }}
	}
}

// always is a column that has one UUID in every row: the id of the journal row.
func always[T any](name string, id uuid.UUID) column[T] {
	return func() cell[T] {
		c := new(proto.ColUUID)
		return cell[T]{name, c, func(*T) { c.Append(id) }, func(*T, int) {}}
	}
}

// uuidText is a column of UUID that a T holds as text, which was checked.
func uuidText[T any](name string, of func(*T) *string) column[T] {
	return func() cell[T] {
		c := new(proto.ColUUID)
		return cell[T]{name, c, func(t *T) {
			id, _ := uuid.Parse(*of(t))
			c.Append(id)
		}, func(t *T, i int) { *of(t) = c.Row(i).String() }}
	}
}

// insertLimit is the number of rows that one block may have and still become one part, so that it is there as a whole or not
// at all (the server's min_insert_block_size_rows is larger).
const insertLimit = 1_000_000

// insert writes the rows in one block, or in several when they are more than insertLimit.
func insert[T any](ctx context.Context, s *Store, table string, columns []column[T], rows []T) error {
	for block := range slices.Chunk(rows, insertLimit) {
		if err := insertBlock(ctx, s, table, columns, block); err != nil {
			return fmt.Errorf("insert %d rows into %s: %w", len(block), table, err)
		}
	}
	return nil
}

// oneThread is how a small block is inserted: to wake more threads for it cost the server more than the insert.
var oneThread = []ch.Setting{{Key: "max_threads", Value: "1", Important: true}}

func insertBlock[T any](ctx context.Context, s *Store, table string, columns []column[T], rows []T) error {
	var input proto.Input
	for _, make := range columns {
		c := make()
		for i := range rows {
			c.put(&rows[i])
		}
		input = append(input, proto.InputColumn{Name: c.name, Data: c.data})
	}
	return s.do(ctx, ch.Query{Body: input.Into(table), Input: input, Settings: oneThread})
}

// each reads the rows of a query one after the other. The row is used again for the next one, what it points to is not.
func each[T any](ctx context.Context, s *Store, sql string, p params, columns []column[T], yield func(*T) error) error {
	return eachOf(ctx, s, statement(sql, p), columns, yield)
}

// eachOf is each for a query that has more than parameters.
func eachOf[T any](ctx context.Context, s *Store, q ch.Query, columns []column[T], yield func(*T) error) error {
	cells := make([]cell[T], len(columns))
	results := make(proto.Results, len(columns))
	for k, make := range columns {
		cells[k] = make()
		results[k] = proto.ResultColumn{Name: cells[k].name, Data: cells[k].data}
	}
	q.Result = results
	return s.read(ctx, q, func(rows int) error {
		for i := range rows {
			var row T
			for k := range cells {
				cells[k].get(&row, i)
			}
			if err := yield(&row); err != nil {
				return err
			}
		}
		return nil
	})
}

// all reads the rows of a query into a slice, for tables that are small.
func all[T any](ctx context.Context, s *Store, sql string, p params, columns []column[T]) ([]T, error) {
	var out []T
	err := each(ctx, s, sql, p, columns, func(row *T) error {
		out = append(out, *row)
		return nil
	})
	return out, err
}

// statement is a query without a result.
func statement(sql string, p params) ch.Query { return ch.Query{Body: sql, Parameters: p.bind()} }
