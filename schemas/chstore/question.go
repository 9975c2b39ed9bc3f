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

// question is a statement with the values of its {name:Type} placeholders and at most one external table. Both clients
// can ask it.
type question struct {
	sql    string
	params map[string]string
	given  given
}

// given is a table that goes to the server with a question.
type given struct {
	name    string
	columns []string
	types   []string
	rows    [][]any
}

// query returns the text of a file in queries with its -- where -- line replaced by the conditions.
func query(name string, conditions ...string) question {
	text, err := queries.ReadFile("queries/" + name + ".sql")
	if err != nil {
		panic(err) // a test asks for every name
	}
	where := ""
	if len(conditions) > 0 {
		where = "WHERE " + strings.Join(conditions, "\n  AND ")
	}
	return question{sql: strings.Replace(string(text), "-- where --", where, 1), params: map[string]string{}}
}

// put replaces comments such as -- table -- by this package's own words: put("table", "journal_store").
func (q question) put(words ...string) question {
	for ; len(words) > 1; words = words[2:] {
		q.sql = strings.ReplaceAll(q.sql, "-- "+words[0]+" --", words[1])
	}
	return q
}

// text binds {key:String}. It goes as hexadecimal digits (write unhex({key:String})), so that no quoting can go wrong.
func (q question) text(key, value string) question {
	q.params[key] = fmt.Sprintf("%x", value)
	return q
}

// number binds {key:Int64}.
func (q question) number(key string, value int64) question {
	q.params[key] = strconv.FormatInt(value, 10)
	return q
}

// knownAt binds {known_at:Int64}; 0 stands for everything known now.
func (q question) knownAt(at schemas.Instant) question { return q.number("known_at", int64(at)) }

// within binds {start:Int64} and {end:Int64}; an empty interval stands for all time.
func (q question) within(v schemas.Interval) question {
	if v.Empty() {
		v = schemas.Interval{Start: -1 << 62, End: 1 << 62}
	}
	return q.number("start", int64(v.Start)).number("end", int64(v.End))
}

// texts sends the values as an external table of one column.
func (q question) texts(table, name string, values []string) question {
	q.given = given{name: table, columns: []string{name}, types: []string{"String"}}
	for _, v := range values {
		q.given.rows = append(q.given.rows, []any{v})
	}
	return q
}

// context is the question's for clickhouse-go.
func (q question) context(ctx context.Context) context.Context {
	options := []clickhouse.QueryOption{clickhouse.WithParameters(q.params)}
	if q.given.name != "" {
		options = append(options, clickhouse.WithExternalTable(q.given.table()))
	}
	return clickhouse.Context(ctx, options...)
}

func (g given) table() *ext.Table {
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

// columns is the question for ch-go, whose external table holds texts only.
func (q question) columns() ch.Query {
	out := ch.Query{Body: q.sql}
	for _, key := range slices.Sorted(maps.Keys(q.params)) {
		out.Parameters = append(out.Parameters, proto.Parameter{Key: key, Value: "'" + q.params[key] + "'"})
	}
	if q.given.name != "" {
		texts := new(proto.ColStr)
		for _, row := range q.given.rows {
			texts.Append(fmt.Sprint(row[0]))
		}
		out.ExternalTable = q.given.name
		out.ExternalData = []proto.InputColumn{{Name: q.given.columns[0], Data: texts}}
	}
	return out
}
