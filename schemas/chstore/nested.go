package chstore

import (
	"github.com/ClickHouse/ch-go/proto"

	"rollcall/schemas"
)

// column is a column of Ts in ch-go's form. It says once where in a T its value lies; that serves writing and reading.
type column[T any] struct {
	name string
	data elements
	put  func(*T)
	get  func(row *T, i int)
}

func instant[T any](name string, of func(*T) *schemas.Instant) column[T] {
	c := new(instants)
	return column[T]{name, c, func(t *T) { c.add(*of(t)) }, func(t *T, i int) { *of(t) = c.at(i) }}
}

func date[T any](name string, of func(*T) *schemas.Date) column[T] {
	c := new(days)
	return column[T]{name, c, func(t *T) { c.add(*of(t)) }, func(t *T, i int) { *of(t) = c.at(i) }}
}

func flag[T any](name string, of func(*T) *bool) column[T] {
	c := new(flags)
	return column[T]{name, c, func(t *T) { c.add(*of(t)) }, func(t *T, i int) { *of(t) = c.at(i) }}
}

// enum is a column of Enum8.
func enum[T any, E ~uint8](name string, typ proto.ColumnType, of func(*T) *E) column[T] {
	c := &words{of: typ}
	return column[T]{name, c, func(t *T) { c.add(uint8(*of(t))) }, func(t *T, i int) { *of(t) = E(c.at(i)) }}
}

// text is a column of String; what is read shares strings.
func text[T any](name string, share *sharing, of func(*T) *string) column[T] {
	c := new(proto.ColStr)
	return column[T]{name, c, func(t *T) { c.Append(*of(t)) }, func(t *T, i int) { *of(t) = share.text(c.RowBytes(i)) }}
}

// lowText is a column of LowCardinality(String).
func lowText[T any](name string, share *sharing, of func(*T) *string) column[T] {
	c := &lowTexts{}
	c.read.share, c.read.Index = share, &c.read.index
	return column[T]{name, c, func(t *T) { c.add(*of(t)) }, func(t *T, i int) { *of(t) = c.read.text(i) }}
}

type integer interface {
	~int | ~int32 | ~int64 | ~uint32 | ~uint64
}

// number is a column of whole numbers, as wide as data makes it.
func number[T any, V, S integer, C interface {
	elements
	Append(S)
	Row(int) S
}](name string, data C, of func(*T) *V) column[T] {
	return column[T]{name, data, func(t *T) { data.Append(S(*of(t))) }, func(t *T, i int) { *of(t) = V(data.Row(i)) }}
}

// block is the columns of Ts while they are written or read.
type block[T any] []column[T]

func (b block[T]) add(t *T) {
	for i := range b {
		b[i].put(t)
	}
}

func (b block[T]) get(t *T, i int) {
	for k := range b {
		b[k].get(t, i)
	}
}

func (b block[T]) rows() int { return b[0].data.Rows() }

func (b block[T]) reset() {
	for i := range b {
		b[i].data.Reset()
	}
}

func (b block[T]) input() (in proto.Input) {
	for _, c := range b {
		in = append(in, proto.InputColumn{Name: c.name, Data: c.data})
	}
	return in
}

func (b block[T]) results() (out proto.Results) {
	for _, c := range b {
		out = append(out, proto.ResultColumn{Name: c.name, Data: c.data})
	}
	return out
}

// nested are the columns of a nested group of Es, of which each T has a list.
func nested[T, E any](group string, of func(*T) *[]E, columns ...column[E]) []column[T] {
	out := make([]column[T], len(columns))
	for k, c := range columns {
		out[k] = listOf(group+"."+c.name, of, c, k == 0)
	}
	return out
}

// listOf is a column of lists. Of the columns that fill one list the first makes it.
func listOf[T, E any](name string, of func(*T) *[]E, c column[E], first bool) column[T] {
	lists := newList(c.data)
	put := func(t *T) {
		in := *of(t)
		for i := range in {
			c.put(&in[i])
		}
		lists.end()
	}
	get := func(t *T, i int) {
		from, to := lists.bounds(i)
		into := of(t)
		if first {
			*into = append((*into)[:0], make([]E, to-from)...)
		}
		for n := from; n < to; n++ {
			c.get(&(*into)[n-from], n)
		}
	}
	return column[T]{name, lists, put, get}
}

// itself is the place of a value that is a whole row.
func itself[T any](t *T) *T { return t }
