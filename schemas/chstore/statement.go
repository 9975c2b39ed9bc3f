package chstore

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	chcolumn "github.com/ClickHouse/clickhouse-go/v2/lib/column"

	"rollcall/schemas"
)

//go:embed queries/*.sql
var queries embed.FS

// statement is a statement with the values of its {name:Type} placeholders and at most one external table. Both clients
// can ask it.
type statement struct {
	sql    string
	params map[string]string
	// external is a table that goes to the server with the statement.
	external external
}

type external struct {
	name    string
	columns []string
	types   []string
	rows    [][]any
}

// query returns the text of a file in queries with its -- where -- line replaced by the conditions.
func query(name string, conditions ...string) statement {
	text, err := queries.ReadFile("queries/" + name + ".sql")
	if err != nil {
		panic(err) // a test asks for every name
	}
	where := ""
	if len(conditions) > 0 {
		where = "WHERE " + strings.Join(conditions, "\n  AND ")
	}
	return statement{sql: strings.Replace(string(text), "-- where --", where, 1), params: map[string]string{}}
}

// put replaces comments such as -- table -- by this package's own words: put("table", "journal_store").
func (q statement) put(words ...string) statement {
	for ; len(words) > 1; words = words[2:] {
		q.sql = strings.ReplaceAll(q.sql, "-- "+words[0]+" --", words[1])
	}
	return q
}

// text binds {key:String}. It goes as hexadecimal digits (write unhex({key:String})), so that no quoting can go wrong.
func (q statement) text(key, value string) statement {
	q.params[key] = fmt.Sprintf("%x", value)
	return q
}

// number binds {key:Int64}.
func (q statement) number(key string, value int64) statement {
	q.params[key] = strconv.FormatInt(value, 10)
	return q
}

// knownAt binds {known_at:Int64}; 0 stands for everything known now.
func (q statement) knownAt(at schemas.Instant) statement { return q.number("known_at", int64(at)) }

// within binds {start:Int64} and {end:Int64}; an empty interval stands for all time.
func (q statement) within(v schemas.Interval) statement {
	if v.Empty() {
		v = schemas.Interval{Start: -1 << 62, End: 1 << 62}
	}
	return q.number("start", int64(v.Start)).number("end", int64(v.End))
}

// texts sends the values as an external table of one column.
func (q statement) texts(table, name string, values []string) statement {
	q.external = external{name: table, columns: []string{name}, types: []string{"String"}}
	for _, v := range values {
		q.external.rows = append(q.external.rows, []any{v})
	}
	return q
}

// context is the statement's for clickhouse-go.
func (q statement) context(ctx context.Context) context.Context {
	options := []clickhouse.QueryOption{clickhouse.WithParameters(q.params)}
	if q.external.name != "" {
		options = append(options, clickhouse.WithExternalTable(q.external.table()))
	}
	return clickhouse.Context(ctx, options...)
}

func (g external) table() *ext.Table {
	t, err := ext.NewTable(g.name)
	for i, name := range g.columns {
		err = cmp.Or(err, ext.Column(name, chcolumn.Type(g.types[i]))(t))
	}
	for _, row := range g.rows {
		err = cmp.Or(err, t.Append(row...))
	}
	if err != nil {
		panic(err) // types and values are this package's own
	}
	return t
}

// columns is the statement for ch-go, whose external table holds texts only.
func (q statement) columns() ch.Query {
	out := ch.Query{Body: q.sql}
	for _, key := range slices.Sorted(maps.Keys(q.params)) {
		out.Parameters = append(out.Parameters, proto.Parameter{Key: key, Value: "'" + q.params[key] + "'"})
	}
	if q.external.name != "" {
		texts := new(proto.ColStr)
		for _, row := range q.external.rows {
			texts.Append(fmt.Sprint(row[0]))
		}
		out.ExternalTable = q.external.name
		out.ExternalData = []proto.InputColumn{{Name: q.external.columns[0], Data: texts}}
	}
	return out
}
