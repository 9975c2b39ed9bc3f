package chstore

import (
	"slices"
	"unsafe"

	"github.com/ClickHouse/ch-go/proto"

	"rollcall/schemas"
)

// column is a column of Ts in ch-go's form. It says once where in a T its value lies; that serves writing and reading.
// It takes many rows at once, because a call for each value would cost more than the value.
type column[T any] struct {
	name string
	data elements
	put  func(rows []T)
	// get reads the rows of a block from one on.
	get func(rows []T, from int)
}

// place is where in a T a V lies. It is found once, of a T that is thrown away.
type place[T, V any] uintptr

func placeOf[T, V any](of func(*T) *V) place[T, V] {
	t := new(T)
	//nolint:gosec // of returns the address of a field
	return place[T, V](uintptr(unsafe.Pointer(of(t))) - uintptr(unsafe.Pointer(t)))
}

func (p place[T, V]) in(t *T) *V {
	return (*V)(unsafe.Add(unsafe.Pointer(t), uintptr(p))) //nolint:gosec // placeOf has seen a V there
}

type integer interface {
	~uint8 | ~int | ~int32 | ~int64 | ~uint32 | ~uint64
}

// whole is a column of whole numbers; data is the column that has the values.
func whole[T any, V, S integer, C ~[]S](name string, values *C, data elements, of func(*T) *V) column[T] {
	at := placeOf(of)
	put := func(rows []T) {
		for i := range rows {
			*values = append(*values, S(*at.in(&rows[i])))
		}
	}
	get := func(rows []T, from int) {
		for i, v := range (*values)[from : from+len(rows)] {
			*at.in(&rows[i]) = V(v)
		}
	}
	return column[T]{name, data, put, get}
}

// number is a column of whole numbers, as wide as data makes it.
func number[T any, V, S integer, C ~[]S, P interface {
	*C
	elements
}](name string, data P, of func(*T) *V) column[T] {
	return whole(name, (*C)(data), data, of)
}

func instant[T any](name string, of func(*T) *schemas.Instant) column[T] {
	c := new(instants)
	return whole(name, &c.ColInt64, c, of)
}

func date[T any](name string, of func(*T) *schemas.Date) column[T] {
	c := new(days)
	return whole(name, &c.ColInt32, c, of)
}

// enum is a column of Enum8.
func enum[T any, E ~uint8](name string, typ proto.ColumnType, of func(*T) *E) column[T] {
	c := &words{of: typ}
	return whole(name, &c.ColUInt8, c, of)
}

func flag[T any](name string, of func(*T) *bool) column[T] {
	at, c := placeOf(of), new(proto.ColBool)
	put := func(rows []T) {
		for i := range rows {
			*c = append(*c, *at.in(&rows[i]))
		}
	}
	get := func(rows []T, from int) {
		for i := range rows {
			*at.in(&rows[i]) = (*c)[from+i]
		}
	}
	return column[T]{name, c, put, get}
}

// text is a column of String; what is read shares strings.
func text[T any](name string, share *sharing, of func(*T) *string) column[T] {
	at, c := placeOf(of), new(proto.ColStr)
	put := func(rows []T) {
		for i := range rows {
			c.Append(*at.in(&rows[i]))
		}
	}
	get := func(rows []T, from int) {
		for i := range rows {
			*at.in(&rows[i]) = share.text(c.RowBytes(from + i))
		}
	}
	return column[T]{name, c, put, get}
}

// lowText is a column of LowCardinality(String).
func lowText[T any](name string, share *sharing, of func(*T) *string) column[T] {
	at, c := placeOf(of), &lowTexts{}
	c.read.share, c.read.Index = share, &c.read.index
	put := func(rows []T) {
		for i := range rows {
			c.add(*at.in(&rows[i]))
		}
	}
	get := func(rows []T, from int) {
		for i := range rows {
			*at.in(&rows[i]) = c.read.text(from + i)
		}
	}
	return column[T]{name, c, put, get}
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
	at, lists := placeOf(of), newList(c.data)
	put := func(rows []T) {
		for i := range rows {
			list := *at.in(&rows[i])
			c.put(list)
			lists.end(len(list))
		}
	}
	get := func(rows []T, from int) {
		for i := range rows {
			begin, end := lists.bounds(from + i)
			into := at.in(&rows[i])
			if first {
				*into = slices.Grow((*into)[:0], end-begin)[:end-begin]
			}
			c.get(*into, begin)
		}
	}
	return column[T]{name, lists, put, get}
}

// itself is the place of a value that is a whole row.
func itself[T any](t *T) *T { return t }

// block is the columns of Ts while they are written or read.
type block[T any] []column[T]

func (b block[T]) put(rows ...T) {
	for i := range b {
		b[i].put(rows)
	}
}

// rowsAtOnce is how many rows of a block are read together.
const rowsAtOnce = 256

// each reads the block's rows one after the other. They share the room of buffer.
func (b block[T]) each(rows int, buffer *[]T, yield func(*T) error) error {
	if n := min(rowsAtOnce, rows) - len(*buffer); n > 0 {
		*buffer = append(*buffer, make([]T, n)...)
	}
	for from := 0; from < rows; from += rowsAtOnce {
		some := (*buffer)[:min(rowsAtOnce, rows-from)]
		for i := range b {
			b[i].get(some, from)
		}
		for i := range some {
			if err := yield(&some[i]); err != nil {
				return err
			}
		}
	}
	return nil
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
